"""Parses the chunks of a delimited file, by columns where the dialect allows it, or else record by record.

Both parsers return the same cells. The one by columns takes a delimiter and a quotation mark of one ASCII character
each, and lines that end with LF or CRLF:

1. Lines are joined to records where a cell in quotes goes on (`records`). A record that does not end in the chunk is
   given back, and stands at the start of the next one.
2. Records that are comments or blank are set aside; records with stray quotes or a wrong number of cells are reported
   and left out. All are counted.
3. What remains is well formed, and Polars parses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import polars as pl

from glocal_rdf.csvw.accounts import RowCounts
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.bad_records import BadRecords
from glocal_rdf.csvw.tables.batches import trim_cells
from glocal_rdf.csvw.tables.records import Records, Shapes, escape_class, join_by_cells, join_by_parity, keep_mark
from glocal_rdf.csvw.tables.streams import Chunk, Chunks
from glocal_rdf.csvw.tables.tokenizer import Record, scan, spaces_of

__all__ = ["MAX_COLUMNS", "ColumnParser", "Parsed", "ParserState", "RecordParser", "is_simple"]

MAX_COLUMNS: Final = 16_384
_LONG_TAIL: Final = 64 << 10


class Parsed(NamedTuple):
    """The rows of a chunk: their cells, and for each row its line and its number in the file."""

    cells: pl.DataFrame
    lines: pl.Series
    source_rows: pl.Series


@dataclass
class ParserState:
    """What the parsers of one file share.

    `expected` is the number of columns that its description has, `longest` the most bytes that a record may have,
    `width` the number of columns of the file, once it is known, and `source_row` the number of the next record.
    """

    dialect: Dialect
    problems: ProblemCollector
    chunks: Chunks
    longest: int
    expected: int | None = None
    width: int | None = None
    source_row: int = 1
    counts: RowCounts = field(default_factory=RowCounts)

    def __post_init__(self) -> None:
        self.bad_records = BadRecords(self.dialect, self.problems, self.counts)

    def check_width(self, width: int, line: int, *, whole: bool = True) -> None:
        """Refuse a record with too many cells.

        Args:
            width: How many it has.
            line: The line that it begins at.
            whole: Whether it was read to its end; it may have more otherwise.

        Raises:
            TableError: Where it has too many.
        """
        if width > MAX_COLUMNS:
            what = f"has {'' if whole else 'more than '}{width} columns; the most that is read is {MAX_COLUMNS}"
            self.problems.fail("", what, line=line)

    def is_comment(self, record: Record) -> bool:
        """Return whether a record is a comment."""
        prefix = self.dialect.comment_prefix
        return prefix is not None and record.text.startswith(prefix)

    def is_skipped(self, record: Record) -> bool:
        """Return whether a record is a comment, or a blank row that the dialect skips."""
        return self.is_comment(record) or (self.dialect.skip_blank_rows and not any(record.cells))


def is_simple(dialect: Dialect) -> bool:
    """Return whether files of a dialect can be parsed by columns."""
    d = dialect
    return (
        len(d.delimiter) == 1
        and d.delimiter.isascii()
        and (d.quote is None or (len(d.quote) == 1 and d.quote.isascii() and d.escape == d.quote))
        and set(d.line_terminators) <= {"\r\n", "\n"}
        and "\n" in d.line_terminators
    )


class _Marks(NamedTuple):
    """What is found in the records of a chunk: comments, the delimiters of each, and stray quotation marks."""

    comments: pl.Series | None
    delimiters: pl.Series
    faulty: pl.Series | None


@dataclass
class ColumnParser:
    """Parses chunks by columns."""

    state: ParserState

    def __post_init__(self) -> None:
        self.dialect = self.state.dialect
        self._shapes = Shapes(self.dialect)

    def parse(self, chunk: Chunk) -> Parsed | None:
        """Return the rows of a chunk, or None if it has none; a record that does not end in it is given back."""
        state, d = self.state, self.dialect
        records, marks = self._split(chunk)
        rows = pl.int_range(state.source_row, state.source_row + records.text.len(), dtype=pl.Int64, eager=True)
        state.source_row += records.text.len()
        keep = self._classify(records, marks, chunk) if rows.len() else None
        if records.open_lines:
            end = records.end
            line = chunk.line + chunk.data.count(b"\n", 0, end)
            if chunk.last:
                state.bad_records.fail_at_open_quote(chunk.data[end:], line)
            state.chunks.give_back(chunk.data[end:], line)
        text, lines = records.text, records.line
        if keep is not None:
            text, lines, rows = text.filter(keep), lines.filter(keep), rows.filter(keep)
        if not text.len():
            return None
        state.counts.read += text.len()
        body = chunk.data[: records.end] if keep is None else records.body(keep)
        if d.spaced_quotes:
            body = self._without_spaces(body)
        cells = pl.read_csv(
            keep_mark(body),
            has_header=False,
            separator=d.delimiter,
            quote_char=d.quote,
            infer_schema=False,
            new_columns=[str(i) for i in range(state.width or 1)],
        )
        if cells.height != text.len():
            what = f"reads as {cells.height} records where {text.len()} were expected"
            state.problems.fail("", what, "check its quotation marks", line=chunk.line)
        return Parsed(trim_cells(cells.select(pl.all().fill_null("")), d.trim), lines, rows)

    def _split(self, chunk: Chunk) -> tuple[Records, _Marks]:
        """Return the records of a chunk and what is found in them; stray quotation marks are followed cell by cell."""
        records = join_by_parity(chunk.data, chunk.line, self.dialect)
        marks = self._find_marks(records)
        if marks.faulty is not None or self._is_doubtful(records, marks.comments, chunk):
            records = join_by_cells(chunk.data, chunk.line, self.dialect, self._shapes)
            marks = self._find_marks(records)
        longest = self.state.longest
        if len(chunk.data) > longest:
            long_at = (records.text.str.len_bytes() > longest).arg_true()
            if long_at.len():
                self.state.chunks.fail_at_length(records.line[long_at[0]])
        return records, marks

    def _is_doubtful(self, records: Records, comments: pl.Series | None, chunk: Chunk) -> bool:
        """Return whether records that are joined by parity may be wrong: a long one at the end, a comment of lines."""
        if records.spans is None and not records.open_lines:
            return False
        tail = len(chunk.data) - records.end if records.open_lines else 0
        if tail and (chunk.last or tail > _LONG_TAIL or not records.text.len() or self._starts_comment(records)):
            return True
        return comments is not None and bool((comments & records.several_lines).any())

    def _starts_comment(self, records: Records) -> bool:
        prefix = self.dialect.comment_prefix
        return prefix is not None and records.data.startswith(prefix.encode(), records.end)

    def _find_marks(self, records: Records) -> _Marks:
        """Return which records are comments, how many delimiters each has, and which have quotes out of place."""
        d, text = self.dialect, records.text
        comments: pl.Series | None = None
        if d.comment_prefix:
            comments = text.str.starts_with(d.comment_prefix)
            comments = comments if comments.any() else None
        delimiters = text.str.count_matches(d.delimiter, literal=True)
        if d.quote is None:
            return _Marks(comments, delimiters, None)
        has_quote = text.str.contains(d.quote, literal=True)
        at = (has_quote if comments is None else has_quote & ~comments).arg_true()
        if not at.len():
            return _Marks(comments, delimiters, None)
        q = escape_class(d.quote)
        quoted = text.gather(at)
        good = quoted.str.contains(self._shapes.record)
        bare = quoted.str.replace_all(rf"(?s){q}[^{q}]*{q}", "")
        delimiters = delimiters.scatter(at, bare.str.count_matches(d.delimiter, literal=True))
        if good.all():
            return _Marks(comments, delimiters, None)
        return _Marks(comments, delimiters, pl.repeat(value=False, n=text.len(), eager=True).scatter(at, ~good))

    def _classify(self, records: Records, marks: _Marks, chunk: Chunk) -> pl.Series | None:
        """Return which records are rows to convert (None: all); count and report the others."""
        state, d, text = self.state, self.dialect, records.text
        found = text.str.contains(self._empty_row) if d.skip_blank_rows else text.str.len_bytes() == 0
        blank = found if found.any() else None
        passed = _either(marks.comments, marks.faulty, blank)
        if state.width is None:
            self._find_width(records, marks.delimiters, passed, chunk)
        width = state.width or 1
        if marks.comments is not None:
            state.counts.comments += int(marks.comments.sum())
        held = blank
        if blank is not None and d.skip_blank_rows:
            state.counts.blank += int(blank.sum())
            held = None
        elif blank is not None and state.width == 1 and state.expected in (None, 1):
            # A blank line is a row with one empty cell.
            held, passed = None, _either(marks.comments, marks.faulty)
        cells = marks.delimiters + 1
        wrong: pl.Series | None = cells != width if passed is None else (cells != width) & ~passed
        if wrong is not None and not wrong.any():
            wrong = None
        state.bad_records.report(
            records,
            cells,
            width,
            blank=held,
            wrong=wrong,
            faulty=marks.faulty,
            comments=marks.comments,
            candidates=text.len() - (0 if passed is None else int(passed.sum())),
            last=chunk.last,
        )
        dropped = _either(passed, wrong)
        return None if dropped is None else ~dropped

    def _find_width(self, records: Records, delimiters: pl.Series, passed: pl.Series | None, chunk: Chunk) -> None:
        """Set the number of columns of a file without a header to that of its first row."""
        state = self.state
        first = 0 if passed is None else (~passed).arg_max() or 0
        if passed is None or not passed[first]:
            state.width = int(delimiters[first]) + 1
            state.check_width(state.width, records.line[first])
        elif chunk.last and not state.counts.read:
            state.width = 1

    @cached_property
    def _empty_row(self) -> str:
        """The pattern of a row whose cells are all empty."""
        d = self.dialect
        q, s = escape_class(d.quote or ""), escape_class(d.delimiter)
        space = rf"[\s--{s}]*" if d.trim == "true" else ""
        cell = f"{space}(?:{q}{space}{q}{space})?" if q else space
        return f"^(?:{cell}{s})*{cell}$"

    def _without_spaces(self, body: bytes) -> bytes:
        """Return the text without white space around cells in quotes."""
        quote = (self.dialect.quote or "").encode()
        spaces = [s.encode() for s in spaces_of(self.dialect)]
        if not quote or not any(s + quote in body or quote + s in body for s in spaces):
            return body
        text = pl.Series([body.decode()]).str.replace_all(self._shapes.spaced, "${1}${2}")
        return str(text.item()).encode()


@dataclass
class RecordParser:
    """Parses chunks record by record, for every dialect."""

    state: ParserState

    def parse(self, chunk: Chunk) -> Parsed | None:
        """Return the rows of a chunk, or None if it has none; a record that does not end in it is given back."""
        state = self.state
        kept: list[tuple[str, ...]] = []
        lines: list[int] = []
        rows: list[int] = []
        text = chunk.data.decode()
        used = 0
        for record in scan(text, state.dialect, chunk.line):
            if not record.ended and not chunk.last:
                state.chunks.give_back(text[used:].encode(), record.line)
                break
            used = record.stop
            row = state.source_row
            state.source_row += 1
            if self._is_row(record):
                kept.append(record.cells)
                lines.append(record.line)
                rows.append(row)
        if not kept:
            return None
        state.counts.read += len(kept)
        names = [str(i) for i in range(state.width or 1)]
        cells = pl.DataFrame(kept, schema=dict.fromkeys(names, pl.String), orient="row")
        return Parsed(cells, pl.Series("line", lines, pl.Int64), pl.Series("row", rows, pl.Int64))

    def _is_row(self, record: Record) -> bool:
        """Return whether a record is a row to convert; count and report it if it is not."""
        state, bad = self.state, self.state.bad_records
        if state.is_comment(record):
            state.counts.comments += 1
            return False
        if 4 * len(record.text) > state.longest and len(record.text.encode()) > state.longest:
            state.chunks.fail_at_length(record.line)
        if record.fault:
            if record.never_closes:
                bad.fail_at_open_quote(record.text.encode(), record.line)
            bad.report_quotes(record, state.width or 1)
            return False
        if state.dialect.skip_blank_rows and not any(record.cells):
            state.counts.blank += 1
            return False
        if not record.text and ((state.width or 1) > 1 or state.expected not in (None, 1)):
            bad.hold_blank(record.line)
            return False
        if state.width is None:
            state.width = len(record.cells)
            state.check_width(state.width, record.line)
        if len(record.cells) != state.width:
            bad.report_width(record.line, len(record.cells), state.width, record.text)
            return False
        bad.flush_blanks(state.width)
        return True


def _either(*masks: pl.Series | None) -> pl.Series | None:
    """Return where any of the masks holds; None where there is no mask."""
    found: pl.Series | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found
