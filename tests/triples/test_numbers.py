"""Reading in blocks: the same triples, in the same order, and the same errors as when a parser reads the whole text."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from glocal_rdf.errors import InputError
from glocal_rdf.files import cut_lines, read_lines
from glocal_rdf.triples import Triples, graph
from glocal_rdf.triples.formats import ntriples, reader
from glocal_rdf.triples.formats.ntriples import number_lines, split_lines
from glocal_rdf.triples.numbers import table
from glocal_rdf.triples.numbers.numbering import number_frames

XSD = "http://www.w3.org/2001/XMLSchema#"
LINES = [
    '<http://e.org/s> <http://e.org/p> "Taipei" .',
    '<http://e.org/s> <http://e.org/p> "臺北 (Taipei) < > . # \\"x\\" \\n"@zh-Hant .',
    f'<http://e.org/s> <http://e.org/q> "12.50"^^<{XSD}decimal> .',
    "<http://e.org/s> <http://e.org/r> <http://e.org/城市/1?a=b#c> .",
    "_:b0 <http://e.org/r> _:b1 .",
    "<urn:x:a> <http://e.org/r> _:b0 .",
    '<urn:x:a> <http://e.org/p> "" .',
    '<urn:x:a> <http://e.org/p> "\\u0001\\u007F\\uFFFE" .',
    "# a comment",
    "",
]
PIECES = [
    *(b"\r", b"\n", b"\r\n", b"\0", b"\xef\xbb\xbf", b" ", b"  ", b"\t", b" # a comment", b"#", b".", b'"', b"\\"),
    *(b"\\u0041", b"\\u00e9", b"\\U0001F600", b"\\uD800", b"\\uDC00", b"\xed\xa0\x80", b"\xff", b"\xc3", b"<", b">"),
    *(
        b"@en",
        b"@EN",
        b"@x-y",
        b"^^<http://www.w3.org/2001/XMLSchema#string>",
        b"_:",
        b"\xe2\x80\xa8",
        b"\x85",
        b"\x0c",
    ),
    *(b"<a>", b"<http://e.org/g>", b"%", b"%41", b"[", b"\xef\xbf\xbe", b"--ltr"),
]


def damage(text: bytes, chance: random.Random) -> bytes:
    """Change a text at one to three places."""
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        at, kind = chance.randrange(len(text) + 1), chance.randrange(5)
        if kind < 2:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind == 2:
            text = text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]
        elif kind == 3:
            text = text[:at] + text[at + chance.randrange(1, 6) :]
        else:
            text = text[:at]
    return text


def read(path: Path) -> list[tuple[str, str, str]] | str:
    """Read a file; return the error where there is one."""
    try:
        return Triples.read(path).frame.rows()
    except InputError as error:
        return str(error)


def check_damaged(seed: int, cases: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, path = random.Random(seed), folder / "data.nt"
    canonical = refused = 0
    for case in range(cases):
        text = "\n".join(chance.choices(LINES, k=chance.randrange(1, 8))).encode() + b"\n"
        text = damage(text, chance) if case else text
        path.write_bytes(text)
        with monkeypatch.context() as patch:
            patch.setattr(graph, "number_file", lambda *_: None)
            patch.setattr(
                reader,
                "split_lines",
                lambda data, *, trusted=False: split_lines(data, trusted=trusted) if trusted else None,
            )
            expected = read(path)
            patch.undo()
            patch.setattr(reader, "BLOCK", chance.choice([1, 40, 200, 1 << 20]))
            patch.setattr(ntriples, "BLOCK", chance.choice([1, 40, 1 << 20]))
            assert read(path) == expected, text
            assert isinstance(expected, str) or set(Triples.parse(text, "nt")) == set(expected), text
            canonical += reader.number_file(path, None) is not None
            refused += isinstance(expected, str)
    assert canonical > cases / 50, "some of the damaged texts are canonical still"
    assert refused > cases / 5


def test_damaged_lines_are_read_as_a_parser_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_damaged(1, 150, tmp_path, monkeypatch)


@pytest.mark.slow
def test_more_damaged_lines_are_read_as_a_parser_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_damaged(2, 1500, tmp_path, monkeypatch)


def test_triples_are_numbered_in_the_order_of_the_file_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "data.nt"
    path.write_text("# one\n\n<x:a> <x:p> <x:b> .\r\n<x:b> <x:p> <x:a> .\n<x:a> <x:p> <x:b> .\n", encoding="utf-8")
    read_graph = Triples.read(path)
    assert read_graph.number().terms.to_list() == ["<x:a>", "<x:b>", "<x:p>"]
    assert read_graph.number().rows.rows() == [(0, 2, 1), (1, 2, 0)]
    assert len(read_graph) == 2
    assert list(read_graph) == [("<x:a>", "<x:p>", "<x:b>"), ("<x:b>", "<x:p>", "<x:a>")]
    assert read_graph == Triples(read_graph.frame)
    assert len(read_graph.number(["<x:q>"])) == len(Triples(read_graph.frame).number(["<x:q>"])) == 0


@pytest.mark.parametrize("most", [1 << 64, 1])
def test_triples_are_kept_once_whether_or_not_a_number_holds_them(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_MAX_KEY", most)
    chance = random.Random(1)
    for size in (0, 1, 5, 300):
        triples = [tuple(f"<x:{chance.randrange(6)}>" for _ in range(3)) for _ in range(size)]
        frame = pl.DataFrame(triples, schema=["subject", "predicate", "object"], orient="row").cast(pl.String)
        assert number_frames([frame]).distinct().to_frame().rows() == list(dict.fromkeys(triples))


@pytest.mark.parametrize(
    "line",
    ['"a" <x:p> "a" .', "_:a _:a _:a .", '<x:a> "a" "a" .', f'<x:a> <x:p> "a"^^<{XSD}string> .', "<x:a> <x:p> .", "x"],
)
def test_terms_that_stand_where_they_may_not_are_left_to_the_parser(line: str) -> None:
    assert number_lines([b'<x:a> <x:p> "a" .\n<x:a> <x:p> _:a .\n', line.encode()]) is None


def test_a_file_is_read_in_blocks_of_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "data.nt"
    text = b"\xef\xbb\xbf1\n22\n\n" + 3 * b"3" + b"\n" + 5000 * b"4" + b"\n5"
    path.write_bytes(text)
    for size in (3, 4, 5, 7, 100, 10_000):
        blocks = list(read_lines(path, size))
        assert b"".join(blocks) == text[3:]
        assert all(block.endswith(b"\n") for block in blocks[:-1])
    assert list(cut_lines(text[3:], 3)) == [b"1\n22\n", b"\n333\n", 5000 * b"4" + b"\n", b"5"]
    assert list(cut_lines(b"", 3)) == []
