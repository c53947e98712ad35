"""Turns the bytes of a delimited file into columns of text, with the line and the row that each record came from.

In steps, each on whole columns (Model for Tabular Data, section 8):

1. The bytes are cut into chunks that end with a record, so a file of any size needs the memory of a chunk.
2. A chunk is cut into lines. Where quotes stay open over a line's end, lines are joined to records.
3. Records that are comments or blank are set aside; records with stray quotes or a wrong number of cells are reported.
4. What is left is well formed, and Polars reads it.

Dialects beyond that (delimiters of several characters, a backslash as escape, other line terminators) go through
`scanner.py`, which gives the same columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NoReturn

import polars as pl

from glocal_rdf.csvw.description import Dialect
from glocal_rdf.csvw.findings import Findings
from glocal_rdf.csvw.scanner import Record, scan, trim
from glocal_rdf.csvw.streams import leading_text, read_chunks
from glocal_rdf.errors import TableError

CHUNK: Final = 64 << 20
MAX_COLUMNS: Final = 16_384


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
    """Reads one delimited file; `head` is known after construction, `batches` may be run through once."""

    stream: BinaryIO
    dialect: Dialect
    findings: Findings
    expected: int | None = None
    chunk: int = CHUNK
    head: Head = field(init=False)
    width: int | None = field(init=False, default=None)
    comments: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._chunks = read_chunks(self.stream, self.dialect, self.findings, self.chunk)
        self._rest, self._line = next(self._chunks, (b"", 1))
        self._row = 1
        self._source_row = 1
        if b"\r" in self._rest and b"\n" not in self._rest and "\r" not in self.dialect.line_terminators:
            mend = 'save it with LF, or set "lineTerminators" in the dialect'
            self.findings.stop("", "has lines that end with CR alone", mend, line=1)
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
        data, line = self._rest, self._line
        self._rest = b""
        while True:
            batch = self._parse(data, line) if data else None
            if batch is not None and batch.cells.height:
                yield batch
            following = next(self._chunks, None)
            if following is None:
                return
            data, line = following

    # --- head

    def _read_head(self) -> Head:
        d = self.dialect
        titles: list[list[str]] = []
        comments: list[str] = []
        wanted, skipped, consumed = d.header_rows, 0, 0
        if d.skip_rows or wanted:
            text = leading_text(self._rest, self.findings)
            for record in scan(text, d, self._line):
                if record.fault and "never closes" in record.fault:
                    self.findings.stop("", record.fault, "close it with another one", line=record.line)
                if skipped < d.skip_rows:
                    skipped += 1
                    comments.append(self._comment(record.text))
                elif d.comment_prefix and record.text.startswith(d.comment_prefix):
                    comments.append(self._comment(record.text))
                elif wanted:
                    self._check(record)
                    wanted -= 1
                    self._add_titles(titles, record)
                if skipped == d.skip_rows and not wanted:
                    consumed += 1
                    break
                consumed += 1
            self._drop(text, consumed)
        if titles:
            self.width = len(titles)
        cut = titles[d.skip_columns :]
        self.comments = [c for c in comments if c]
        return Head(tuple(tuple(t) for t in cut), tuple(self.comments))

    def _drop(self, text: str, count: int) -> None:
        """Leave out the records of the head from the bytes that are still to be read."""
        at, line = 0, self._line
        for number, record in enumerate(scan(text, self.dialect, self._line)):
            if number == count:
                line = record.line
                break
            at += len(record.text.encode())
            for ender in sorted(self.dialect.line_terminators, key=len, reverse=True):
                if self._rest.startswith(ender.encode(), at):
                    at += len(ender.encode())
                    break
        else:
            at = len(self._rest)
        self._rest, self._line = self._rest[at:], line
        self._source_row += count

    def _add_titles(self, titles: list[list[str]], record: Record) -> None:
        if len(record.cells) > MAX_COLUMNS:
            what = f"has {len(record.cells)} columns; the most that is read is {MAX_COLUMNS}"
            self.findings.stop("", what, line=record.line)
        for index, cell in enumerate(record.cells):
            if index == len(titles):
                titles.append([])
            if cell:
                titles[index].append(cell)

    def _comment(self, text: str) -> str:
        prefix = self.dialect.comment_prefix
        if prefix and text.startswith(prefix):
            text = text.removeprefix(prefix)
        return trim(text, "true")

    def _check(self, record: Record) -> None:
        if record.fault:
            self.findings.error(
                "quote", record.fault, "put the cell in quotes and double the quotes inside", line=record.line
            )

    # --- data

    def _parse(self, data: bytes, line: int) -> Batch | None:
        parsed = self._parse_columns(data, line) if self._simple else self._parse_records(data, line)
        if parsed is None:
            return None
        cells, lines, rows = parsed
        if self.dialect.skip_columns:
            cells = cells.select(cells.columns[self.dialect.skip_columns :])
        cells = cells.rename({name: str(i) for i, name in enumerate(cells.columns)})
        batch = Batch(cells, lines, rows, self._row)
        self._row += cells.height
        return batch

    def _parse_columns(self, data: bytes, line: int) -> tuple[pl.DataFrame, pl.Series, pl.Series] | None:
        d = self.dialect
        records = _records(data, line, d.quote)
        if records is None:
            self._stop_at_quotes(data, line)
        records = records.with_columns(
            row=pl.int_range(self._source_row, self._source_row + records.height, dtype=pl.Int64)
        )
        self._source_row += records.height
        whole = records.height
        if d.comment_prefix:
            records = records.filter(~pl.col("text").str.starts_with(d.comment_prefix))
        records = self._without_blanks(records)
        records = self._well_formed(records)
        if not records.height:
            return None
        body = data if records.height == whole else ("\n".join(records["text"].to_list()) + "\n").encode()
        cells = pl.read_csv(
            body,
            has_header=False,
            separator=d.delimiter,
            quote_char=d.quote,
            infer_schema=False,
            new_columns=[str(i) for i in range(self.width or 1)],
        )
        if cells.height != records.height:
            what = f"reads as {cells.height} records where {records.height} were expected"
            self.findings.stop("", what, "check its quotation marks", line=line)
        cells = trim_cells(cells.select(pl.all().fill_null("")), d.trim)
        return cells, records["line"], records["row"]

    def _stop_at_quotes(self, data: bytes, line: int) -> NoReturn:
        """Report the stray quotes of a chunk in which they do not come in pairs."""
        for record in scan(data.decode(), self.dialect, line):
            if "never closes" in record.fault:
                self.findings.stop("quote", record.fault, "close it with another one", line=record.line)
            self._check(record)
        raise TableError(*self.findings.all())

    def _without_blanks(self, records: pl.DataFrame) -> pl.DataFrame:
        """Leave out blank rows if the dialect says so, and the blank lines that end many files."""
        blank = records["text"].str.len_bytes() == 0
        if not blank.any():
            if self.dialect.skip_blank_rows and self.dialect.delimiter.strip():
                empty = rf"^[\s{_class(self.dialect.delimiter)}{_class(self.dialect.quote or '')}]*$"
                return records.filter(~pl.col("text").str.contains(empty))
            return records
        if self.dialect.skip_blank_rows:
            return self._without_blanks(records.filter(~blank))
        if (self.width or 1) > 1 or self.expected not in (None, 1):
            last = records.height - (~blank).reverse().arg_max() if not blank.all() else 0  # type: ignore[operator]
            return records.head(last)
        return records

    def _well_formed(self, records: pl.DataFrame) -> pl.DataFrame:
        """Report records with stray quotes or a wrong number of cells; keep the others."""
        d = self.dialect
        delimiter = d.delimiter
        counts = records["text"].str.count_matches(delimiter, literal=True)
        faulty: pl.Series | None = None
        if d.quote is not None:
            quote, q, s = d.quote, _class(d.quote), _class(delimiter)
            at = records["text"].str.contains(quote, literal=True).arg_true()
            if at.len():
                shape = rf"(?s)^(?:[^{q}{s}]*{s}|{q}(?:[^{q}]|{q}{q})*{q}{s})*(?:[^{q}{s}]*|{q}(?:[^{q}]|{q}{q})*{q})$"
                marked = records["text"].gather(at)
                good = marked.str.contains(shape)
                bare = marked.str.replace_all(rf"(?s){q}[^{q}]*{q}", "")
                counts = counts.scatter(at, bare.str.count_matches(delimiter, literal=True))
                if not good.all():
                    faulty = pl.repeat(value=False, n=records.height, eager=True).scatter(at, ~good)
        if self.width is None:
            self.width = int(counts[0]) + 1 if counts.len() else 1
            if self.width > MAX_COLUMNS:
                self.findings.stop("", f"has {self.width} columns; the most that is read is {MAX_COLUMNS}", line=1)
        wrong = counts + 1 != self.width
        if faulty is not None:
            wrong = wrong | faulty
        if not wrong.any():
            return records
        at = wrong.arg_true().head(Findings.MOST)
        for place in at:
            line = records["line"][place]
            if faulty is not None and faulty[place]:
                self._check(next(scan(records["text"][place], d, line)))
            else:
                self._report_width(line, 0 if records["text"][place] == "" else counts[place] + 1)
        return records.filter(~wrong)

    def _report_width(self, line: int, count: int) -> None:
        width = self.width or 1
        if not count:
            mend = 'remove it, or set "skipBlankRows" in the dialect'
            self.findings.error("width", f"is blank where {width} cells are expected", mend, line=line)
            return
        cells = "1 cell" if count == 1 else f"{count} cells"
        mend = "complete the row" if count < width else "put cells that hold the delimiter in quotes"
        self.findings.error("width", f"has {cells} where {width} are expected", mend, line=line)

    def _parse_records(self, data: bytes, line: int) -> tuple[pl.DataFrame, pl.Series, pl.Series] | None:
        d = self.dialect
        kept: list[tuple[str, ...]] = []
        lines: list[int] = []
        rows: list[int] = []
        wrong: list[tuple[int, int]] = []  # not told at once: blank lines that end a file are no rows
        for record in scan(data.decode(), d, line):
            row = self._source_row
            self._source_row += 1
            if d.comment_prefix and record.text.startswith(d.comment_prefix):
                continue
            if d.skip_blank_rows and not any(record.cells):
                continue
            self._check(record)
            if self.width is None:
                self.width = len(record.cells)
            if len(record.cells) != self.width:
                wrong.append((record.line, len(record.cells) if record.text else 0))
                continue
            for number, count in wrong:
                self._report_width(number, count)
            wrong.clear()
            kept.append(record.cells)
            lines.append(record.line)
            rows.append(row)
        for number, count in wrong:
            if count:
                self._report_width(number, count)
        if not kept:
            return None
        names = [str(i) for i in range(self.width or 1)]
        cells = pl.DataFrame(kept, schema=dict.fromkeys(names, pl.String), orient="row")
        return cells, pl.Series("line", lines, pl.Int64), pl.Series("row", rows, pl.Int64)


def _records(data: bytes, first_line: int, quote: str | None) -> pl.DataFrame | None:
    """Cut into records: columns `text` and `line`; None if a quote stays open."""
    separator = next((chr(c) for c in range(1, 32) if c not in (9, 10, 13) and bytes([c]) not in data), "\x7f")
    lines = pl.read_csv(
        data, has_header=False, separator=separator, quote_char=None, infer_schema=False, new_columns=["text"]
    ).select(pl.col("text").fill_null(""))
    lines = lines.with_columns(line=pl.int_range(first_line, first_line + lines.height, dtype=pl.Int64))
    if quote is None or quote.encode() not in data:
        return lines
    open_after = lines["text"].str.count_matches(quote, literal=True).cum_sum() % 2 == 1
    if not open_after.any():
        return lines
    if open_after[-1]:
        return None
    starts = ~open_after.shift(1, fill_value=False)
    numbered = lines.with_columns(record=starts.cum_sum(), split=open_after | ~starts)
    joined = (
        numbered.filter("split")
        .group_by("record", maintain_order=True)
        .agg(pl.col("text").str.join("\n"), pl.col("line").first())
    )
    return (
        pl.concat([numbered.filter(~pl.col("split")).select("record", "text", "line"), joined])
        .sort("record")
        .drop("record")
    )


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


def _class(character: str) -> str:
    """Write a character so that it stands for itself in a character class."""
    return f"\\x{{{ord(character):x}}}" if character else ""
