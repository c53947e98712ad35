"""A file that is read in pieces has the triples, and the mistakes, of the file that is read whole."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.reader import read_pieces

LINES = [
    "<urn:a> <urn:p> <urn:b> .",
    '<urn:a> <urn:p> "é\\n\\u00e9"@EN-gb .',
    "# a comment",
    "",
    '<urn:a>  <urn:p>\t"x"^^<http://www.w3.org/2001/XMLSchema#string>. # odd',
    "_:b1 <urn:p> _:b1 .",
    '<urn:é> <urn:p> "臺北" .',
    "<urn:a> <urn:p> <urn:b> .",
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [1, 30, 64, 1000])
def test_pieces_have_the_triples_of_the_whole(tmp_path: Path, size: int, end: str) -> None:
    file = tmp_path / "a.nt"
    file.write_bytes(b"\xef\xbb\xbf" + end.join(LINES * 3).encode())
    frames = list(read_pieces(file, size))
    assert len(frames) > 1 or size == 1000
    assert Triples(pl.concat(frames)) == Triples.read(file)


def test_named_graphs_are_read_into_one(tmp_path: Path) -> None:
    file = tmp_path / "a.nq"
    file.write_text("<urn:a> <urn:p> <urn:b> <urn:g> .\n<urn:a> <urn:p> <urn:c> .\n", encoding="utf-8")
    assert Triples(pl.concat(read_pieces(file, 10))) == Triples.read(file)


@pytest.mark.parametrize(
    "text",
    [
        b"<urn:a> <urn:p> <urn:b> .\n" * 9 + b"<urn:a> <urn:p> .\n" + b"<urn:a> <urn:p> <urn:b> .\n" * 9 + b"<x> .\n",
        b"<urn:a> <urn:p> <urn:b> .\n" * 9 + b'<urn:a> <urn:p> "\xff" .\n',
        b"<urn:a> <urn:p> <urn:b> .\n" * 9 + b"\xef\xbb\xbf<urn:a> <urn:p> <urn:b> .\n",
    ],
    ids=["syntax", "encoding", "byte-order-mark"],
)
@pytest.mark.parametrize("size", [26, 40])
def test_mistakes_have_the_places_that_they_have_in_the_whole(tmp_path: Path, text: bytes, size: int) -> None:
    file = tmp_path / "a.nt"
    file.write_bytes(text)
    with pytest.raises(InputError) as whole:
        Triples.read(file)
    with pytest.raises(InputError) as pieces:
        list(read_pieces(file, size))
    assert str(pieces.value) == str(whole.value)
