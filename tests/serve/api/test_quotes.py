"""Quotes: only of documents at hand, in the version that was cited, whose licence permits that others have the text."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from glocal_rdf.operations.document_texts import MAX_QUOTE, DocumentTexts, permits_copies
from glocal_rdf.triples import Triples

TEXT = "Port Alder joined in 1990.\n" + "x" * 3000
GRAPH = """@prefix dct: <http://purl.org/dc/terms/> . @prefix oa: <http://www.w3.org/ns/oa#> .
@prefix : <https://e.example/#> .
<https://e.example/d> dct:identifier "d.txt" ; :sha256 "{checksum}" ; :characters {size} {licence} .
<https://e.example/d#char=0,10> oa:hasSource <https://e.example/d> ; oa:hasSelector <https://e.example/s1> .
<https://e.example/s1> oa:start 0 ; oa:end 10 .
<https://e.example/d#char=0,{size}> oa:hasSource <https://e.example/d> ; oa:hasSelector <https://e.example/s2> .
<https://e.example/s2> oa:start 0 ; oa:end {size} .
"""
CC_BY = "https://creativecommons.org/licenses/by/4.0/"


def texts(
    folder: Path | None, licence: str = CC_BY, checksum: str = sha256(TEXT.encode()).hexdigest()
) -> DocumentTexts:
    stated = f"; dct:license <{licence}>" if licence else ""
    graph = GRAPH.format(checksum=checksum, size=len(TEXT), licence=stated)
    return DocumentTexts(Triples.parse(graph, "turtle"), folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "d.txt").write_bytes(TEXT.encode())
    return tmp_path


def test_a_passage_is_quoted_with_the_licence_and_a_long_one_is_shortened(folder: Path) -> None:
    found = texts(folder)
    quote = found.quote("https://e.example/d#char=0,10")
    assert quote is not None
    assert (quote.text, quote.shortened, quote.licence) == ("Port Alder", False, CC_BY)
    whole = found.quote(f"https://e.example/d#char=0,{len(TEXT)}")
    assert whole is not None
    assert (whole.text, whole.shortened) == (TEXT[:MAX_QUOTE], True)
    read = found.read("https://e.example/d")
    assert read is not None
    assert read.text == TEXT


@pytest.mark.parametrize(
    "licence", ["", "https://creativecommons.org/licenses/by-nc/4.0/", "https://example.org/all-rights-reserved"]
)
def test_without_a_licence_that_permits_it_nothing_is_given(folder: Path, licence: str) -> None:
    found = texts(folder, licence)
    assert found.quote("https://e.example/d#char=0,10") is None
    assert found.read("https://e.example/d") is None
    assert found.places["https://e.example/d#char=0,10"].end == 10


def test_another_version_of_the_document_is_not_quoted(folder: Path) -> None:
    found = texts(folder, checksum="0" * 64)
    assert found.quote("https://e.example/d#char=0,10") is None
    assert found.read("https://e.example/d") is None


def test_a_document_that_is_not_at_hand_is_not_quoted(tmp_path: Path) -> None:
    for where in (None, tmp_path):
        found = texts(where)
        assert found.quote("https://e.example/d#char=0,10") is None
        assert found.read("https://e.example/d") is None


@pytest.mark.parametrize(
    ("licence", "permitted"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", True),
        ("http://creativecommons.org/licenses/by-sa/3.0/tw/", True),
        ("https://creativecommons.org/licenses/by-nd/4.0/deed.en", True),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/", False),
        ("https://opendatacommons.org/licenses/odbl/1-0/", True),
        ("https://data.gov.tw/license", True),
        ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", True),
        ("https://evil.example/?https://creativecommons.org/licenses/by/4.0/", False),
        ("https://creativecommons.org.evil.example/licenses/by/4.0/", False),
    ],
)
def test_licences_that_permit_to_give_a_text_on(licence: str, permitted: bool) -> None:
    assert permits_copies(licence) is permitted
