"""Passages are found by their text, named by RFC 5147, and verified against the documents."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from glocal_rdf import Build
from glocal_rdf.documents import (
    Document,
    cite,
    list_documents,
    list_passages,
    read_document,
    read_passages,
    verify_passages,
)
from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples, terms

IRI = "https://example.org/id/document/d"


def document(text: str) -> Document:
    return Document(IRI, Path("d.txt"), text, sha256(text.encode()).hexdigest())


def test_a_text_is_found_wherever_it_stands() -> None:
    found = cite(document("城市聯盟與城市"), "城市")
    assert [(c.start, c.end, c.iri) for c in found] == [(0, 2, IRI + "#char=0,2"), (5, 7, IRI + "#char=5,7")]


def test_positions_count_characters_and_not_bytes_or_code_units() -> None:
    [found] = cite(document("𠀀é台北"), "台北")
    assert (found.start, found.end) == (2, 4)


def test_a_name_broken_over_lines_is_found_with_its_break() -> None:
    [found] = cite(document("定\n居在 生活"), "定居在生活")
    assert found.text == "定\n居在 生活"
    assert found.sha256 == sha256("定\n居在 生活".encode()).hexdigest()


def test_an_exact_text_wins_over_one_with_other_white_space() -> None:
    assert [c.start for c in cite(document("a b ab"), "ab")] == [4]


@pytest.mark.parametrize(
    ("text", "told"), [("", "is empty"), ("  ", "is empty"), ("高雄", "does not have the text '高雄'")]
)
def test_a_text_that_is_not_there_is_told(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        cite(document("台北"), text)


def test_line_ends_count_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "d.txt"
    path.write_bytes("一\r\n二".encode())
    [found] = cite(read_document(path, IRI), "二")
    assert (found.start, found.line) == (3, 2)


def test_a_document_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.txt"
    path.write_bytes("台北".encode("big5"))
    with pytest.raises(InputError, match=r"d\.txt: is not UTF-8 \(byte 0\)"):
        read_document(path, IRI)


def test_a_missing_document_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_document(tmp_path / "none.txt", IRI)


def graph(text: str, start: int, end: int, *, checksum: str = "", iri: str = "") -> Triples:
    document_sum = sha256(text.encode()).hexdigest()
    passage_sum = checksum or sha256(text[start:end].encode()).hexdigest()
    return Triples.parse(
        f"""@prefix g: <https://w3id.org/glocal/ontology#> . @prefix oa: <http://www.w3.org/ns/oa#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        <{IRI}> a g:Document ; <http://purl.org/dc/terms/identifier> "d.txt" ; g:characters {len(text)} ;
          g:sha256 "{document_sum}"^^xsd:hexBinary .
        <{iri or f"{IRI}#char={start},{end}"}> a g:Passage ; oa:hasSource <{IRI}> ; oa:hasSelector <{IRI}/s> ;
          g:sha256 "{passage_sum}"^^xsd:hexBinary .
        <{IRI}/s> oa:start {start} ; oa:end {end} .""",
        "turtle",
    )


TEXT = "台北與高雄"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (graph(TEXT, 0, 2), None),
        (graph(TEXT, 0, 2, checksum="0" * 64), "another text than was cited"),
        (graph(TEXT, 3, 9), "lies outside its document (3 to 9)"),
        (graph(TEXT, 2, 2), "lies outside its document (2 to 2)"),
        (graph(TEXT, 0, 2, iri=f"{IRI}#char=0,3"), "named otherwise than its positions"),
        (graph(TEXT + "！", 0, 2), "its checksum differs"),
    ],
)
def test_a_passage_is_where_it_is_said_to_be(tmp_path: Path, given: Triples, told: str | None) -> None:
    (tmp_path / "d.txt").write_text(TEXT, encoding="utf-8")
    problems = verify_passages(given, tmp_path)
    assert len(problems) == (told is not None)
    assert all(told is not None and told in str(problem) for problem in problems)


def test_a_missing_document_is_one_problem_and_its_passages_others(tmp_path: Path) -> None:
    assert [p.what.split(" ")[0] for p in verify_passages(graph(TEXT, 0, 2), tmp_path)] == ["no", "is"]


def test_every_passage_of_the_dataset_is_where_it_is_said_to_be(built: Build, documents: Path) -> None:
    assert len(list_documents(built.stated)) == 4
    assert len(list_passages(built.stated)) > 400
    assert not verify_passages(built.stated, documents)


def test_every_name_as_written_occurs_in_its_passage(built: Build, documents: Path) -> None:
    texts = {iri: "".join(citation.text.split()) for iri, citation in read_passages(built.stated, documents).items()}
    skos = "http://www.w3.org/2004/02/skos/core#"
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    named = {
        claim
        for kind in ("prefLabel", "altLabel", "hiddenLabel")
        for claim, _, _ in built.stated.match(predicate=f"<{rdf}predicate>", object=f"<{skos}{kind}>")
    }
    objects = {
        claim: terms.unquote(o) for claim, _, o in built.stated.match(predicate=f"<{rdf}object>") if claim in named
    }
    sources: dict[str, list[str]] = {}
    for claim, _, passage in built.stated.match(predicate="<http://www.w3.org/ns/prov#wasDerivedFrom>"):
        sources.setdefault(claim, []).append(passage[1:-1])
    assert len(objects) > 300
    absent = [
        (claim, name)
        for claim, name in objects.items()
        if claim in sources  # the curators' names are in no document
        and not any("".join(name.split()) in texts[passage] for passage in sources[claim])
    ]
    assert not absent


def test_every_wording_as_written_occurs_in_its_passage(built: Build, documents: Path) -> None:
    texts = {iri: "".join(citation.text.split()) for iri, citation in read_passages(built.stated, documents).items()}
    written = {
        claim: "".join(terms.unquote(o).split())
        for claim, _, o in built.stated.match(predicate="<https://w3id.org/glocal/ontology#asWritten>")
    }
    sources: dict[str, str] = {}
    for claim, _, passage in built.stated.match(predicate="<http://www.w3.org/ns/prov#wasDerivedFrom>"):
        sources[claim] = sources.get(claim, "") + texts.get(passage[1:-1], "")
    assert len(written) > 50
    assert not [(claim, wording) for claim, wording in written.items() if wording not in sources[claim]]
