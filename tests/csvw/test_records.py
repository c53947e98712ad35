"""Every record of a file is read, or named and counted: against Python's own csv module, in chunks of any size."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glocal_rdf
from glocal_rdf.csvw.accounts import RowCounts
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.delimited import TableReader
from glocal_rdf.csvw.tables.tokenizer import trim
from glocal_rdf.errors import Problem, TableError

EXACT = Dialect(trim="false")
GENERAL = Dialect(trim="false", line_terminators=("\r\n", "\n", "\x1e\x1e"))


class Pipe(io.BytesIO):
    """A stream that hands out a few bytes at a time, as a pipe may."""

    few = 3

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.few if size is None or size < 0 else min(size, self.few))


@dataclass
class Found:
    """What was read from a file, and what was said of it."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    counts: RowCounts
    problems: list[Problem]

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.level == "error"]


def read(data: bytes, dialect: Dialect = EXACT, *, stream: type[io.BytesIO] = io.BytesIO, **options: Any) -> Found:
    problems = ProblemCollector("t.csv")
    reader = TableReader(stream(data), dialect, problems, **options)
    rows: list[list[str]] = []
    lines: list[int] = []
    for batch in reader.batches():
        assert batch.first_row == len(rows) + 1
        rows += [list(r) for r in batch.cells.rows()]
        lines += batch.lines.to_list()
    counts = reader.counts
    assert counts.read == len(rows) + counts.left_out.total()
    return Found([t[0] if t else "" for t in reader.head.titles], rows, lines, counts, list(problems.all()))


def titles_of(header: list[str]) -> list[str]:
    """Return the titles of a header: a cell of white space alone has none (Model, section 8)."""
    return [cell if trim(cell, "true") else "" for cell in header]


def by_python(data: bytes, delimiter: str = ",") -> list[list[str]]:
    """Read with the csv module."""
    return list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))


CELLS = st.text(st.sampled_from('ab,"\n #;ü'), max_size=6) | st.sampled_from(
    ["x" * 300, '"', '""', "\r\n", "a\r\nb", ",\n,", "\n\n", "", "北京", '",', "#", "\n1,2"]
)
WELL_FORMED = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2, max_size=12)
)


def write(rows: list[list[str]], end: str, quoting: Any = csv.QUOTE_MINIMAL) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    WELL_FORMED,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(1, 200),
    st.sampled_from([io.BytesIO, Pipe]),
)
def test_well_formed_tables_are_read_as_the_csv_module_reads_them(
    rows: list[list[str]], end: str, quoting: Any, chunk: int, stream: type[io.BytesIO]
) -> None:
    data = write(rows, end, quoting)
    header, *expected = by_python(data)
    for dialect in (EXACT, GENERAL):
        found = read(data, dialect, chunk=chunk, stream=stream)
        assert (found.header, found.rows, found.errors) == (titles_of(header), expected, [])
        assert (found.counts.read, found.counts.header, found.counts.left_out) == (len(expected), 1, {})


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(WELL_FORMED, st.integers(0, 3), st.integers(1, 100), st.booleans())
def test_preambles_comments_and_blank_lines_are_passed_over_and_counted(
    rows: list[list[str]], skipped: int, chunk: int, blank: bool
) -> None:
    lines = [line for row in rows for line in (b'# a "note\n', b"\n" * blank, write([row], "\n", csv.QUOTE_ALL))]
    data = b'Report of "all\n' * skipped + b"".join(lines) + b"\n" * 3
    dialect = replace(EXACT, skip_rows=skipped, comment_prefix="#", skip_blank_rows=True)
    kept = [row for row in rows[1:] if any(row)]
    for same in (dialect, replace(dialect, line_terminators=GENERAL.line_terminators)):
        found = read(data, same, chunk=chunk)
        if any(rows[0]):
            assert found.header == titles_of(rows[0])
            assert found.rows == kept
            assert found.counts.blank == (len(rows) if blank else 0) + 3 + len(rows) - 1 - len(kept)
        assert found.errors == []
        assert (found.counts.skipped, found.counts.comments) == (skipped, len(rows))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.text('ab,"\n#', max_size=60), st.integers(1, 40))
def test_any_text_gives_the_same_in_chunks_and_by_either_reader(text: str, chunk: int) -> None:
    data = f"h,k\n{text}".encode()

    def outcome(dialect: Dialect, **options: Any) -> object:
        try:
            found = read(data, dialect, **options)
        except TableError as error:
            return str(error.problems[-1])
        return found.rows, found.lines, found.counts

    for dialect in (EXACT, replace(EXACT, comment_prefix="#"), replace(EXACT, skip_blank_rows=True)):
        whole = outcome(dialect)
        assert outcome(dialect, chunk=chunk) == whole
        assert outcome(replace(dialect, line_terminators=GENERAL.line_terminators), chunk=chunk) == whole


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["a,b", 'a,5"', '"a,b"c,d', '"x\ny",z', "1", "1,2,3", "", '"a"b,c', " ,"]), max_size=12)
)
def test_every_line_is_read_or_named(lines: list[str]) -> None:
    data = "\n".join(["h,k", *lines, "last,row"]).encode()
    found = read(data)
    named: set[int] = set()
    for problem in found.problems:
        span = re.search(r"lines (\d+) to (\d+) are left out", problem.what)
        named |= set(range(int(span[1]), int(span[2]) + 1)) if span else {problem.row}
    kept: set[int] = set()
    for line, row in zip(found.lines, found.rows, strict=True):
        kept |= set(range(line, line + 1 + sum(cell.count("\n") for cell in row)))
    if not any(p.what.startswith("all ") for p in found.problems):
        assert kept | named == set(range(2, data.count(b"\n") + 2))


@pytest.mark.parametrize("size", [(1 << 20) - 8, 1 << 20, (1 << 20) + 1, 3 << 20])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_first_record_of_any_length_is_read(size: int, quoted: bool) -> None:
    cell = "x" * size
    data = f"a,b\n1,{chr(34) * quoted}{cell}{chr(34) * quoted}\n2,y\n3,z\n".encode()
    assert read(data).rows == [["1", cell], ["2", "y"], ["3", "z"]]
    assert read(data, chunk=1000).rows == [["1", cell], ["2", "y"], ["3", "z"]]


def test_a_header_of_any_length_is_read() -> None:
    title = "t" * (2 << 20)
    found = read(f'"{title}\n{title}",b\n1,2\n'.encode(), chunk=5000)
    assert (found.header, found.rows, found.lines) == ([f"{title}\n{title}", "b"], [["1", "2"]], [3])


@pytest.mark.parametrize("dialect", [EXACT, GENERAL])
@pytest.mark.parametrize("cell", ["x" * 5000, '"' + "x\n" * 2500 + '"'])
def test_a_record_beyond_the_bound_is_an_error_with_its_line(dialect: Dialect, cell: str) -> None:
    data = f"a,b\n1,2\n3,{cell}\n5,6\n".encode()
    assert len(read(data, dialect, chunk=100, longest=6000).rows) == 3
    for chunk in (100, 1 << 20):
        with pytest.raises(TableError, match=r"^t.csv:3: has a record that is longer than 4000 bytes"):
            read(data, dialect, chunk=chunk, longest=4000)


def test_a_quotation_mark_swallows_no_line_in_silence() -> None:
    found = read(b'h,k\n1,5"\n2,ok\n"3\n4,ok\n5,x"y\n6,ok\n')
    assert found.rows == [["2", "ok"], ["6", "ok"]]
    first, second = map(str, found.problems)
    assert first.startswith("t.csv:2: a quotation mark stands inside a cell that is not quoted: '5\"'; put the cell")
    assert '"quoteChar": null' in first
    assert second.startswith("t.csv:4: text follows a closing quotation mark: 'y'; lines 4 to 6 are left out;")
    assert found.counts.left_out == {"stray quotation marks": 2}


def test_an_open_quotation_mark_names_the_lines_that_it_would_take() -> None:
    with pytest.raises(TableError, match=r"^t.csv:3: a quotation mark opens .* never closes; lines 3 to 5 cannot be"):
        read(b'h,k\n1,2\n"3,4\n5,6\n7,8\n')


def test_rows_that_look_like_several_are_warned_of() -> None:
    found = read(b'h,k,l\n1,2,"3\n4,5,6\n7,8,9"\n')
    [problem] = found.problems
    assert (problem.level, found.counts.read) == ("warning", 1)
    assert problem.what.startswith("lines 2 to 4 are one row, by their quotation marks, and look like 3")


def test_a_fault_of_all_rows_is_one_line_and_of_some_rows_one_each() -> None:
    [problem] = read(b"a,b\n" + b"1,2,\n" * 5).problems
    assert str(problem).startswith("t.csv:2: all 5 rows have 3 cells where 2 are expected; each ends with a delimiter")
    [problem] = read(b"a,b\n" + b"1;2\n" * 5).problems
    assert str(problem).endswith('if they are separated by semicolons, set "delimiter" in the dialect')
    [problem] = read(b"a;b\n" + b"1,5;2\n" * 5).problems
    assert str(problem).endswith('if they are separated by semicolons, set "delimiter" in the dialect')
    some = read(b"a,b\n1,2\n1,2,\n1\n")
    assert [p.row for p in some.problems] == [3, 4]
    assert some.problems[0].hint.startswith("remove the delimiter at its end")
    assert some.counts.left_out == {"too many cells": 1, "too few cells": 1}


def test_a_blank_line_before_the_header_is_named_or_skipped() -> None:
    with pytest.raises(TableError, match=r"^t.csv:1: has a blank line where its header is expected; .*skipBlankRows"):
        read(b"\n\na,b\n1,2\n")
    found = read(b"\n\na,b\n1,2\n", replace(EXACT, skip_blank_rows=True))
    assert (found.header, found.rows, found.counts.blank) == (["a", "b"], [["1", "2"]], 2)


def test_a_thousand_faults_are_listed_and_the_rest_counted() -> None:
    found = read(b"a,b\n1,2\n" + b"1\n" * 5000)
    assert (len(found.problems), found.counts.left_out) == (1001, {"too few cells": 5000})
    assert str(found.problems[-1]) == "t.csv: and 4000 more like these"


def test_line_ends_inside_quotes_stay_when_other_records_are_left_out() -> None:
    for other in (b"\r\n", b"#c\r\n", b"1\r\n", b"1,2,3\r\n", b'1,2"\r\n'):
        data = b'a,b\r\n"x\r\ny",1\r\n"x\ny",2\r\n' + other + b'"x\r\r\ny",3\r\n'
        found = read(data, replace(EXACT, comment_prefix="#"))
        assert found.rows == [["x\r\ny", "1"], ["x\ny", "2"], ["x\r\r\ny", "3"]]


@pytest.mark.parametrize(
    "data",
    [b"a,b\r1,2\r3,4", b'a,b\r1,"x\ny"\r2,z\r', b'a,b\r1,"x\n\ny"\r', b"a,b\r1,2\r\n", b"a\r1\r2\r"],
)
def test_lines_that_end_with_cr_alone_are_named_once(data: bytes) -> None:
    with pytest.raises(TableError, match=r"^t.csv:1: has lines that end with CR alone; .*lineTerminators"):
        read(data)


def test_lines_that_end_with_cr_alone_are_read_where_the_dialect_says_so() -> None:
    found = read(b'a,b\r1,"x\ny"\r2,z\r' * 1, Dialect(line_terminators=("\r",)), chunk=4)
    assert (found.rows, found.lines) == ([["1", "x\ny"], ["2", "z"]], [2, 3])


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_a_quotation_mark_after_a_space_opens_a_cell_where_spaces_are_trimmed(chunk: int) -> None:
    data = b'id, n\n1, "a, b"\n2, c\n3 , "say ""x, ""y" \n"4", "p\r\n, q"\r\n'
    expected = [["1", "a, b"], ["2", "c"], ["3", 'say "x, "y'], ["4", "p\r\n, q"]]
    for dialect in (
        Dialect(spaced_quotes=True),
        Dialect(spaced_quotes=True, line_terminators=GENERAL.line_terminators),
    ):
        found = read(data, dialect, chunk=chunk)
        assert (found.rows, found.problems) == (expected, [])
    bare = read(data, Dialect(), chunk=chunk)
    assert 'set "skipInitialSpace": true' in bare.problems[0].hint


def test_an_escape_character_counts_outside_of_quotes_too() -> None:
    dialect = Dialect(escape="\\")
    assert read(b'a,b\n5\\" pipe,x\\,y\n"q\\"r",z\n', dialect).rows == [['5" pipe', "x,y"], ['q"r', "z"]]


def patterns_of(path: Path) -> Iterator[tuple[int, str]]:
    """The string literals of a file that may be regular expressions; what an f-string puts in counts as a letter."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(v.value if isinstance(v, ast.Constant) else "x" for v in node.values)  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def is_possessive(pattern: str) -> bool:
    """Tell whether a pattern has a possessive quantifier or an atomic group."""
    plain = re.sub(r"\\.", "x", pattern, flags=re.DOTALL)
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "x", plain)
    return re.search(r"(?:[*?+]|\{\d+(?:,\d*)?\})\+|\(\?>", plain) is not None


@pytest.mark.slow
def test_no_pattern_needs_a_python_that_matches_possessive_groups_rightly() -> None:
    """Before Python 3.11.5 `(?:…)*+` and `(?>…)` match wrongly."""
    assert is_possessive("(?:(?!x).)*+")
    assert is_possessive("(?>a)b")
    assert not is_possessive("(?:[*+]|\\*+)(?:a)+")
    for path in Path(glocal_rdf.__file__).parent.rglob("*.py"):
        for line, pattern in patterns_of(path):
            assert "(?" not in pattern or not is_possessive(pattern), f"{path.name}:{line}"
