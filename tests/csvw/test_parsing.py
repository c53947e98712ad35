"""Delimited text is cut into the cells that its writer meant, by either reader, in chunks of any size."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.delimited import TableReader
from glocal_rdf.errors import TableError

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8) | st.sampled_from(
    ['"', '""', ",", "\n", '",', ',"\n"', " x ", "#", "北京", "", "a\nb", "'"]
)
TABLES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=12))


def read(data: bytes, dialect: Dialect, chunk: int = 1 << 20) -> tuple[list[tuple[str, ...]], list[int], list[int]]:
    """Return the cells of a file without header, with the line and source row of each record."""
    problems = ProblemCollector("t.csv")
    reader = TableReader(io.BytesIO(data), dialect, problems, None, chunk)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    numbers: list[int] = []
    for batch in reader.batches():
        rows += batch.cells.rows()
        lines += batch.lines.to_list()
        numbers += batch.source_rows.to_list()
    assert not problems.items, [str(p) for p in problems.items]
    return rows, lines, numbers


def write(rows: list[list[str]], **options: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, **({"lineterminator": "\n"} | options)).writerows(rows)
    return out.getvalue().encode()


BARE = Dialect(header_rows=0, trim="false")
# The same dialect, and yet one that only the general reader takes.
GENERAL = Dialect(header_rows=0, trim="false", line_terminators=("\r\n", "\n", "\x1e\x1e"))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_what_was_written_is_read(rows: list[list[str]]) -> None:
    for terminator in ("\n", "\r\n"):
        cells, lines, numbers = read(write(rows, lineterminator=terminator), BARE)
        assert cells == [tuple(r) for r in rows]
        assert numbers == list(range(1, len(rows) + 1))
        expected, line = [], 1
        for row in rows:
            expected.append(line)
            line += 1 + "".join(row).count("\n")
        assert lines == expected


@settings(max_examples=100, deadline=None)
@given(TABLES)
def test_both_readers_agree(rows: list[list[str]]) -> None:
    assume(not any("\x1e\x1e" in cell for row in rows for cell in row))  # a line of the other dialect
    data = write(rows)
    assert read(data, BARE) == read(data, GENERAL)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(TABLES, st.integers(1, 60))
def test_chunks_of_any_size_give_the_same(rows: list[list[str]], size: int) -> None:
    data = write(rows)
    assert read(data, BARE, size) == read(data, BARE)


@settings(max_examples=60, deadline=None)
@given(TABLES, st.sampled_from(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "gb18030"]))
def test_any_encoding_is_read(rows: list[list[str]], encoding: str) -> None:
    data = write(rows).decode().encode(encoding)
    assert read(data, Dialect(header_rows=0, trim="false", encoding=encoding))[0] == [tuple(r) for r in rows]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text('ab",\n\r #', max_size=40).map(str.encode), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, simple: bool) -> None:
    try:
        reader = TableReader(io.BytesIO(data), Dialect() if simple else GENERAL, ProblemCollector("t.csv"))
        widths = {batch.cells.width for batch in reader.batches()}
    except TableError as error:
        told = {p.where.split(":")[0] for p in error.problems}
        widths = set()
    else:
        told = {"t.csv"}
    assert len(widths) <= 1
    assert told == {"t.csv"}


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("a;'b;''c'\n", Dialect(delimiter=";", quote="'", escape="'", header_rows=0), [("a", "b;'c")]),
        ('a,"b\\"c"\n', Dialect(escape="\\", header_rows=0), [("a", 'b"c')]),
        ("a::b|c::d|", Dialect(delimiter="::", line_terminators=("|",), header_rows=0), [("a", "b"), ("c", "d")]),
        ('a,"b\n', Dialect(quote=None, escape=None, header_rows=0), [("a", '"b')]),
        ("skip\nme,too\nh\n1\n", Dialect(skip_rows=2), [("1",)]),
        ("x,h\nx,1\n", Dialect(skip_columns=1), [("1",)]),
        ("#c\nh\n#c\n1\n", Dialect(comment_prefix="#"), [("1",)]),
        ("h,k\n\n1,2\n,\n\n", Dialect(skip_blank_rows=True), [("1", "2")]),
        ("h,k\n1,2\n\n\n", Dialect(), [("1", "2")]),
        ("h\n1\n\n2\n", Dialect(), [("1",), ("",), ("2",)]),
        ("h\n 1 \n", Dialect(), [("1",)]),
        ("h\n 1 \n", Dialect(trim="start"), [("1 ",)]),
        ("h\n 1 \n", Dialect(trim="end"), [(" 1",)]),
        ("h\n 1 \n", Dialect(trim="false"), [(" 1 ",)]),
    ],
)
def test_dialects(text: str, dialect: Dialect, expected: list[tuple[str, ...]]) -> None:
    assert read(text.encode(), dialect)[0] == expected


def test_several_header_rows_are_several_titles() -> None:
    reader = TableReader(io.BytesIO(b"a,b\nc,\n1,2\n"), Dialect(header_rows=2), ProblemCollector("t.csv"))
    assert reader.head.titles == (("a", "c"), ("b",))
    [batch] = reader.batches()
    assert (batch.cells.rows(), batch.lines.to_list(), batch.source_rows.to_list()) == ([("1", "2")], [3], [3])
