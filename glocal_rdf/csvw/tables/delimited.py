"""Turns the bytes of a delimited file into columns of text, with the line and the row that each record came from.

In steps, each on whole columns (Model for Tabular Data, section 8):

1. The bytes are cut into chunks that end with a line, so a file of any size needs the memory of a chunk.
2. A chunk is cut into lines, and lines are joined to records where a cell in quotes goes on (`records.py`). A record
   that does not end in the chunk is given back, and stands at the start of the next one.
3. Records that are comments or blank are set aside; records with stray quotes or a wrong number of cells are reported
   and left out. All are counted.
4. What is left is well formed, and Polars reads it.

Dialects beyond that (delimiters of several characters, a backslash as escape, other line terminators) go through
`scanner.py`, which gives the same columns.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import BinaryIO, Final

import polars as pl

from glocal_rdf.csvw.accounts import RowCounts
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.bad_records import Faults, refuse_bare_returns
from glocal_rdf.csvw.tables.records import Records, Shapes, escape_class, join_by_cells, join_by_parity
from glocal_rdf.csvw.tables.streams import MAX_RECORD, Chunk, Chunks
from glocal_rdf.csvw.tables.tokenizer import Record, scan, spaces_of, trim

CHUNK: Final = 64 << 20
MAX_COLUMNS: Final = 16_384
_WINDOW: Final = 1 << 20
_TAIL: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the data: titles for each column of the file, and comments."""

    titles: tuple[tuple[str, ...], ...]
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records: columns named "0", "1", … of text without nulls, and for each record its line and source row."""

    cells: pl.DataFrame
    lines: pl.Series
    source_rows: pl.Series
    first_row: int


@dataclass
class TableReader:
    """Reads one delimited file; `head` is known after construction, `batches` may be run through once.

    `expected` is the number of columns that its description has. `chunk` is about how many bytes are read at once,
    `longest` the most that one record may have. `counts` is complete when the last batch was taken.
    """

    stream: BinaryIO
    dialect: Dialect
    problems: ProblemCollector
    expected: int | None = None
    chunk: int = CHUNK
    longest: int = MAX_RECORD
    head: Head = field(init=False)
    width: int | None = field(init=False, default=None)
    comments: list[str] = field(init=False, default_factory=list)
    counts: RowCounts = field(init=False, default_factory=RowCounts)

    def __post_init__(self) -> None:
        self._chunks = Chunks(self.stream, self.dialect, self.problems, self.chunk, self.longest)
        self._faults = Faults(self.dialect, self.problems, self.counts)
        self._shapes = Shapes(self.dialect)
        self._row = 1
        self._first: Chunk | None = None
        self._source_row = 1
        self.head = self._read_head()

    @property
    def _simple(self) -> bool:
        d = self.dialect
        return (
            len(d.delimiter) == 1
            and d.delimiter.isascii()
            and (d.quote is None or (len(d.quote) == 1 and d.quote.isascii() and d.escape == d.quote))
            and set(d.line_terminators) <= {"\r\n", "\n"}
            and "\n" in d.line_terminators
        )

    def batches(self) -> Iterator[Batch]:
        """Yield the data, chunk by chunk."""
        chunk, self._first = self._first, None
        chunk = chunk or self._chunks.take()
        while chunk is not None:
            batch = self._parse(chunk)
            if batch is not None and batch.cells.height:
                yield batch
            chunk = self._chunks.take()
        self._faults.end_blanks()

    # --- head

    def _read_head(self) -> Head:
        """Read the rows before the data, from as much of the file as they need."""
        d = self.dialect
        chunk = self._chunks.take()
        if chunk is None:
            return Head((), ())
        if "\r" not in d.line_terminators:
            refuse_bare_returns(chunk.data[:_WINDOW], d, self.problems)
        records, used = self._leading(chunk, min(_WINDOW, len(chunk.data)))
        while used < 0:
            self._chunks.give_back(chunk.data, chunk.line)
            chunk = self._chunks.take() or chunk
            records, used = self._leading(chunk, min(_WINDOW, len(chunk.data)))
        titles = self._take_head(records)
        self._source_row += len(records)
        line = chunk.line + self._chunks.count_lines(chunk.data[:used])
        self._first = Chunk(chunk.data[used:], line, chunk.last) if used < len(chunk.data) else None
        if titles:
            self.width = len(titles)
        if titles == [[]] and d.delimiter in chunk.data[used : used + _WINDOW].decode("utf-8", "replace"):
            hint = 'remove it, or set "skipBlankRows": true in the dialect'
            self.problems.fail("", "has a blank line where its header is expected", hint, line=records[-1].line)
        self.comments = [c for c in self.comments if c]
        return Head(tuple(tuple(t) for t in titles[d.skip_columns :]), tuple(self.comments))

    def _leading(self, chunk: Chunk, window: int) -> tuple[list[Record], int]:
        """Return the records of the head and their length in bytes; -1 where the chunk ends before they do."""
        d = self.dialect
        whole = chunk.last and window == len(chunk.data)
        text = codecs.getincrementaldecoder("utf-8")().decode(chunk.data[:window])
        plain = replace(d, quote=None, escape=None)
        found: list[Record] = []
        skipped = titled = at = 0
        line = chunk.line
        while at < len(text) and (skipped < d.skip_rows or titled < d.header_rows):
            record = next(scan(text, d, line, at))
            if record.fault and skipped < d.skip_rows and (record.ended or whole or window >= _WINDOW):
                # A row that is skipped may be any text: its quotation marks mean nothing then.
                record = next(scan(text, plain, line, at))
            self._check_width(len(record.cells), line, whole=record.ended or whole)
            if not record.ended and not whole:
                break
            found.append(record)
            line += self._chunks.count_lines(text[at : record.stop].encode())
            at = record.stop
            if skipped < d.skip_rows:
                skipped += 1
            elif not self._passed_over(record):
                titled += 1
        if whole or (skipped == d.skip_rows and titled == d.header_rows):
            return found, len(text[:at].encode())
        if window < len(chunk.data):
            return self._leading(chunk, min(8 * window, len(chunk.data)))
        return [], -1

    def _passed_over(self, record: Record) -> bool:
        d = self.dialect
        return self._is_comment(record) or (d.skip_blank_rows and not any(record.cells))

    def _is_comment(self, record: Record) -> bool:
        prefix = self.dialect.comment_prefix
        return prefix is not None and record.text.startswith(prefix)

    def _take_head(self, records: list[Record]) -> list[list[str]]:
        """Return the titles of each column; count what else stands in the head."""
        counts = self.counts
        titles: list[list[str]] = []
        for record in records:
            if counts.skipped < self.dialect.skip_rows:
                counts.skipped += 1
                self.comments.append(self._comment(record.text))
            elif self._is_comment(record):
                counts.comments += 1
                self.comments.append(self._comment(record.text))
            elif self._passed_over(record):
                counts.blank += 1
            else:
                counts.header += 1
                self._faults.report_header(record)
                self._add_titles(titles, record)
        return titles

    def _add_titles(self, titles: list[list[str]], record: Record) -> None:
        self._check_width(len(record.cells), record.line)
        for index, cell in enumerate(record.cells):
            if index == len(titles):
                titles.append([])
            if trim(cell, "true"):
                titles[index].append(cell)

    def _check_width(self, width: int, line: int, *, whole: bool = True) -> None:
        if width > MAX_COLUMNS:
            what = f"has {'' if whole else 'more than '}{width} columns; the most that is read is {MAX_COLUMNS}"
            self.problems.fail("", what, line=line)

    def _comment(self, text: str) -> str:
        prefix = self.dialect.comment_prefix
        if prefix and text.startswith(prefix):
            text = text.removeprefix(prefix)
        return trim(text, "true")

    # --- data

    def _parse(self, chunk: Chunk) -> Batch | None:
        bare_feeds = self.dialect.line_terminators == ("\n",) and b"\r\n" in chunk.data
        parsed = self._parse_columns(chunk) if self._simple and not bare_feeds else self._parse_records(chunk)
        if parsed is None:
            return None
        cells, lines, rows = parsed
        if self.dialect.skip_columns:
            cells = cells.select(cells.columns[self.dialect.skip_columns :])
        cells = cells.rename({name: str(i) for i, name in enumerate(cells.columns)})
        batch = Batch(cells, lines, rows, self._row)
        self._row += cells.height
        return batch

    def _parse_columns(self, chunk: Chunk) -> tuple[pl.DataFrame, pl.Series, pl.Series] | None:
        d = self.dialect
        records, comments, counts, faulty = self._split(chunk)
        rows = pl.int_range(self._source_row, self._source_row + records.text.len(), dtype=pl.Int64, eager=True)
        self._source_row += records.text.len()
        keep = self._classify(records, comments, counts, faulty, chunk) if rows.len() else None
        if records.open_lines:
            end = records.end
            line = chunk.line + chunk.data.count(b"\n", 0, end)
            if chunk.last:
                self._faults.stop_at_open(chunk.data[end:], line)
            self._chunks.give_back(chunk.data[end:], line)
        text, lines = records.text, records.line
        if keep is not None:
            text, lines, rows = text.filter(keep), lines.filter(keep), rows.filter(keep)
        if not text.len():
            return None
        self.counts.read += text.len()
        body = chunk.data[: records.end] if keep is None else records.body(keep)
        if d.spaced_quotes:
            body = self._without_spaces(body)
        cells = pl.read_csv(
            body,
            has_header=False,
            separator=d.delimiter,
            quote_char=d.quote,
            infer_schema=False,
            new_columns=[str(i) for i in range(self.width or 1)],
        )
        if cells.height != text.len():
            what = f"reads as {cells.height} records where {text.len()} were expected"
            self.problems.fail("", what, "check its quotation marks", line=chunk.line)
        return trim_cells(cells.select(pl.all().fill_null("")), d.trim), lines, rows

    def _split(self, chunk: Chunk) -> tuple[Records, pl.Series | None, pl.Series, pl.Series | None]:
        """Return the records of a chunk, and what `_look_at` says of them; stray quotation marks are followed."""
        records = join_by_parity(chunk.data, chunk.line, self.dialect)
        comments, counts, faulty = self._look_at(records)
        whole = records.spans is None and not records.open_lines
        if not whole:
            tail = len(chunk.data) - records.end if records.open_lines else 0
            long = tail and (chunk.last or tail > _TAIL or not records.text.len() or self._starts_comment(records))
            crossed = comments is not None and (comments & records.several_lines).any()
            if long or crossed:
                faulty = pl.Series([True])
        if faulty is not None:
            records = join_by_cells(chunk.data, chunk.line, self.dialect, self._shapes)
            comments, counts, faulty = self._look_at(records)
        if len(chunk.data) > self.longest:
            long_at = (records.text.str.len_bytes() > self.longest).arg_true()
            if long_at.len():
                self._chunks.stop_at_length(records.line[long_at[0]])
        return records, comments, counts, faulty

    def _starts_comment(self, records: Records) -> bool:
        prefix = self.dialect.comment_prefix
        return prefix is not None and records.data.startswith(prefix.encode(), records.end)

    def _look_at(self, records: Records) -> tuple[pl.Series | None, pl.Series, pl.Series | None]:
        """Return which records are comments, how many delimiters each has, and which have quotes out of place."""
        d, text = self.dialect, records.text
        comments: pl.Series | None = None
        if d.comment_prefix:
            comments = text.str.starts_with(d.comment_prefix)
            comments = comments if comments.any() else None
        counts = text.str.count_matches(d.delimiter, literal=True)
        if d.quote is None:
            return comments, counts, None
        has_quote = text.str.contains(d.quote, literal=True)
        at = (has_quote if comments is None else has_quote & ~comments).arg_true()
        if not at.len():
            return comments, counts, None
        q = escape_class(d.quote)
        marked = text.gather(at)
        good = marked.str.contains(self._shapes.record)
        bare = marked.str.replace_all(rf"(?s){q}[^{q}]*{q}", "")
        counts = counts.scatter(at, bare.str.count_matches(d.delimiter, literal=True))
        if good.all():
            return comments, counts, None
        return comments, counts, pl.repeat(value=False, n=text.len(), eager=True).scatter(at, ~good)

    def _classify(
        self,
        records: Records,
        comments: pl.Series | None,
        counts: pl.Series,
        faulty: pl.Series | None,
        chunk: Chunk,
    ) -> pl.Series | None:
        """Return which records are rows to convert (None: all); count and report the others."""
        d, text = self.dialect, records.text
        found = text.str.contains(self._empty_row) if d.skip_blank_rows else text.str.len_bytes() == 0
        blank = found if found.any() else None
        passed = _either(comments, faulty, blank)
        if self.width is None:
            first = 0 if passed is None else (~passed).arg_max() or 0
            if passed is None or not passed[first]:
                self.width = int(counts[first]) + 1
                self._check_width(self.width, records.line[first])
            elif chunk.last and not self.counts.read:
                self.width = 1
        width = self.width or 1
        if comments is not None:
            self.counts.comments += int(comments.sum())
        held = blank
        if blank is not None and d.skip_blank_rows:
            self.counts.blank += int(blank.sum())
            held = None
        elif blank is not None and self.width == 1 and self.expected in (None, 1):
            held, passed = None, _either(comments, faulty)  # a blank line is a row with one empty cell
        cells = counts + 1
        wrong: pl.Series | None = cells != width if passed is None else (cells != width) & ~passed
        if wrong is not None and not wrong.any():
            wrong = None
        self._faults.report(
            records,
            cells,
            width,
            blank=held,
            wrong=wrong,
            faulty=faulty,
            comments=comments,
            candidates=text.len() - (0 if passed is None else int(passed.sum())),
            last=chunk.last,
        )
        dropped = _either(passed, wrong)
        return None if dropped is None else ~dropped

    @cached_property
    def _empty_row(self) -> str:
        """A row whose cells are all empty."""
        d = self.dialect
        q, s = escape_class(d.quote or ""), escape_class(d.delimiter)
        space = rf"[\s--{s}]*" if d.trim == "true" else ""
        cell = f"{space}(?:{q}{space}{q}{space})?" if q else space
        return f"^(?:{cell}{s})*{cell}$"

    def _without_spaces(self, body: bytes) -> bytes:
        """Remove white space around cells in quotes."""
        quote = (self.dialect.quote or "").encode()
        spaces = [s.encode() for s in spaces_of(self.dialect)]
        if not quote or not any(s + quote in body or quote + s in body for s in spaces):
            return body
        text = pl.Series([body.decode()]).str.replace_all(self._shapes.spaced, "${1}${2}")
        return str(text.item()).encode()

    def _parse_records(self, chunk: Chunk) -> tuple[pl.DataFrame, pl.Series, pl.Series] | None:
        d = self.dialect
        kept: list[tuple[str, ...]] = []
        lines: list[int] = []
        rows: list[int] = []
        text = chunk.data.decode()
        used = 0
        for record in scan(text, d, chunk.line):
            if not record.ended and not chunk.last:
                self._chunks.give_back(text[used:].encode(), record.line)
                break
            used = record.stop
            row = self._source_row
            self._source_row += 1
            if self._is_comment(record):
                self.counts.comments += 1
                continue
            if 4 * len(record.text) > self.longest and len(record.text.encode()) > self.longest:
                self._chunks.stop_at_length(record.line)
            if record.fault:
                if record.never_closes:
                    self._faults.stop_at_open(record.text.encode(), record.line)
                self._faults.report_quotes(record, self.width or 1)
                continue
            if d.skip_blank_rows and not any(record.cells):
                self.counts.blank += 1
                continue
            if not record.text and ((self.width or 1) > 1 or self.expected not in (None, 1)):
                self._faults.hold_blank(record.line)
                continue
            if self.width is None:
                self.width = len(record.cells)
                self._check_width(self.width, record.line)
            if len(record.cells) != self.width:
                self._faults.report_width(record.line, len(record.cells), self.width, record.text)
                continue
            self._faults.flush_blanks(self.width)
            kept.append(record.cells)
            lines.append(record.line)
            rows.append(row)
        if not kept:
            return None
        self.counts.read += len(kept)
        names = [str(i) for i in range(self.width or 1)]
        cells = pl.DataFrame(kept, schema=dict.fromkeys(names, pl.String), orient="row")
        return cells, pl.Series("line", lines, pl.Int64), pl.Series("row", rows, pl.Int64)


def _either(*masks: pl.Series | None) -> pl.Series | None:
    """Return where any of the masks holds; None where there is no mask."""
    found: pl.Series | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def trim_cells(cells: pl.DataFrame, mode: str) -> pl.DataFrame:
    """Strip white space from all cells as the dialect's `trim` flag says."""
    match mode:
        case "true":
            return cells.select(pl.all().str.strip_chars())
        case "start":
            return cells.select(pl.all().str.strip_chars_start())
        case "end":
            return cells.select(pl.all().str.strip_chars_end())
        case _:
            return cells
