"""Reports the records of a delimited file that cannot be rows, and counts them by cause.

Each is reported with its line, up to the limit of `ProblemCollector`; a fault that all rows share is reported once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NoReturn

import polars as pl

from glocal_rdf.csvw.accounts import BLANK, QUOTES, TOO_FEW, TOO_MANY, RowCounts
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.dialect_checks import DELIMITER_NAMES, other_delimiter
from glocal_rdf.csvw.tables.records import Records, escape_class
from glocal_rdf.csvw.tables.tokenizer import NEVER_CLOSES, Record, scan

__all__ = ["BadRecords"]

_AS_TEXT_HINT: Final = 'set "quoteChar": null in the dialect if quotation marks are text in this file'
MAX_WIDTH_COMPARED: Final = 50
"""Up to how many cells in a row its lines are compared with rows."""


@dataclass
class BadRecords:
    """The records of one file that are not rows, reported and counted in `counts`.

    Blank lines are held until it is known whether rows follow: those that end a file are not rows. `cut`: the records
    are those of a part of the file, which does not know what all rows share.
    """

    dialect: Dialect
    problems: ProblemCollector
    counts: RowCounts
    cut: bool = False
    _blanks: list[int] = field(default_factory=list)
    _more_blanks: int = 0
    _common_count: int = 0

    def report(
        self,
        records: Records,
        cells: pl.Series,
        width: int,
        *,
        blank: pl.Series | None,
        wrong: pl.Series | None,
        faulty: pl.Series | None,
        comments: pl.Series | None,
        candidates: int,
        last: bool,
    ) -> None:
        """Report and count the records of a chunk that are left out.

        Args:
            records: All records of the chunk.
            cells: How many cells each has.
            width: How many each should have.
            blank: Which are blank, if any; so for the other masks.
            wrong: Which have another number of cells.
            faulty: Which have quotation marks out of place.
            comments: Which are comments.
            candidates: How many records are neither comments nor blank.
            last: Whether this is the last chunk of the file.
        """
        self._warn_of_joined_lines(records, width)
        held = 0 if blank is None else _trailing(blank if comments is None else blank | comments)
        rows = records.text.len() - held
        if self._blanks and rows and (comments is None or not comments.head(rows).all()):
            self.flush_blanks(width)
        if blank is not None and held:
            for line in records.line.tail(held).filter(blank.tail(held)):
                self.hold_blank(line)
        if blank is None and wrong is None and faulty is None:
            return
        no = pl.lit(value=False)
        causes = (
            pl.select(
                pl.when(no if blank is None else blank)
                .then(pl.lit(BLANK))
                .when(no if faulty is None else faulty)
                .then(pl.lit(QUOTES))
                .when((no if wrong is None else wrong) & (cells < width))
                .then(pl.lit(TOO_FEW))
                .when(no if wrong is None else wrong)
                .then(pl.lit(TOO_MANY))
                .alias("cause")
            )
            .to_series()
            .head(rows)
        )
        first = not self.counts.read and not self.cut
        for cause, count in causes.drop_nulls().value_counts().iter_rows():
            self._leave_out(cause, count)
        places = causes.is_not_null().arg_true()
        common = places.len() == candidates and first
        if wrong is not None and self._report_common_fault(
            records, cells, width, places, causes, common=common, last=last
        ):
            return
        for place in places.head(ProblemCollector.LIMIT_PER_KIND):
            if causes[place] == QUOTES:
                self._add_quotes_error_at(records, place)
            else:
                count = 0 if causes[place] == BLANK else cells[place]
                self._add_width_error(records.line[place], count, width, records.text[place])
        self.problems.count_unlisted("width", "", places.len() - ProblemCollector.LIMIT_PER_KIND)

    def report_quotes(self, record: Record, width: int) -> None:
        """Report and count a record with a quotation mark out of place."""
        self.flush_blanks(width)
        self._leave_out(QUOTES, 1)
        self._add_quotes_error(record)

    def report_header(self, record: Record) -> None:
        """Report a quotation mark out of place in a header, which is used as it is."""
        if record.never_closes:
            self.fail_at_open_quote(record.text.encode(), record.line)
        if record.fault:
            self._add_quotes_error(record)

    def report_width(self, line: int, count: int, width: int, text: str) -> None:
        """Report one record with a wrong number of cells.

        Args:
            line: The line that it begins at.
            count: How many cells it has.
            width: How many it should have.
            text: The record, as written.
        """
        self.flush_blanks(width)
        self._leave_out(TOO_FEW if count < width else TOO_MANY, 1)
        self._add_width_error(line, count, width, text)

    def fail_at_open_quote(self, data: bytes, line: int) -> NoReturn:
        """Stop at a quotation mark that stays open to the end of the file.

        Raises:
            TableError: Always.
        """
        last = line + len(data.decode().splitlines()) - 1
        lines = f"; lines {line} to {last} cannot be read" if last > line else ""
        self.problems.fail("quote", NEVER_CLOSES + lines, f"close it with another one, or {_AS_TEXT_HINT}", line=line)

    def hold_blank(self, line: int) -> None:
        """Hold a blank line until it is known whether rows follow."""
        if len(self._blanks) < ProblemCollector.LIMIT_PER_KIND:
            self._blanks.append(line)
        else:
            self._more_blanks += 1

    def flush_blanks(self, width: int) -> None:
        """Report the blank lines that are held, since rows follow."""
        if not self._blanks:
            return
        self._leave_out(BLANK, len(self._blanks) + self._more_blanks)
        for line in self._blanks:
            self._add_width_error(line, 0, width, "")
        self.problems.count_unlisted("width", "", self._more_blanks)
        self._blanks, self._more_blanks = [], 0

    def end_blanks(self) -> None:
        """Count the blank lines that are held as the end of the file."""
        self.counts.blank += len(self._blanks) + self._more_blanks
        self._blanks, self._more_blanks = [], 0

    def _leave_out(self, cause: str, count: int) -> None:
        self.counts.read += count
        self.counts.left_out[cause] += count

    def _add_quotes_error_at(self, records: Records, place: int) -> None:
        record = next(scan(records.text[place], self.dialect, records.line[place]))
        spans = 1 if records.spans is None else records.spans[place]
        self._add_quotes_error(record, spans)

    def _add_quotes_error(self, record: Record, spans: int = 1) -> None:
        """Add the error for a quotation mark out of place; the record has `spans` lines."""
        spans = max(spans, record.text.count("\n") + 1)
        what = record.fault
        if spans > 1:
            what += f"; lines {record.line} to {record.line + spans - 1} are left out"
        quote = re.escape(self.dialect.quote or "")
        hint = "put the cell in quotes and double the quotes inside"
        if re.search(rf"(?:^|: ['\"])\s+{quote}", record.fault) and not self.dialect.spaced_quotes:
            hint = 'remove the space before the quotation mark, or set "skipInitialSpace": true in the dialect'
        self.problems.error("quote", what, f"{hint}, or {_AS_TEXT_HINT}", line=record.line)

    def _add_width_error(self, line: int, count: int, width: int, text: str) -> None:
        """Add the error for a record with `count` cells instead of `width`, or for a blank line."""
        if not count:
            hint = 'remove it, or set "skipBlankRows" in the dialect'
            self.problems.error("width", f"is blank where {_cells(width, 'cell')} expected", hint, line=line)
            return
        hint = "complete the row" if count < width else "put cells that hold the delimiter in quotes"
        if count > width and text.endswith(self.dialect.delimiter):
            hint = "remove the delimiter at its end, or put cells that hold the delimiter in quotes"
        cells = "1 cell" if count == 1 else f"{count} cells"
        self.problems.error("width", f"has {cells} where {_cells(width)} expected", hint, line=line)

    def _report_common_fault(
        self,
        records: Records,
        cells: pl.Series,
        width: int,
        places: pl.Series,
        causes: pl.Series,
        *,
        common: bool,
        last: bool,
    ) -> bool:
        """Report once that all rows of a file have the same wrong number of cells; return whether they have."""
        count, rows = int(cells[places[0]]), places.len()
        if causes.is_in([BLANK, QUOTES]).any() or cells.gather(places).n_unique() > 1:
            return False
        if self._common_count:
            return count == self._common_count
        if not common or rows < 2:
            return False
        self._common_count = count
        texts = records.text.gather(places)
        number = f"all {rows:,} rows have" if last else "the rows have"
        what = f"{number} {count} {'cell' if count == 1 else 'cells'} where {_cells(width)} expected"
        hint = "make the header and the rows agree"
        if count == width + 1 and texts.str.ends_with(self.dialect.delimiter).all():
            hint = "each ends with a delimiter: remove it, or let the header end with one too"
        elif other := other_delimiter(texts[0], self.dialect.delimiter, anywhere=width == 1):
            hint = f'if they are separated by {DELIMITER_NAMES[other]}, set "delimiter" in the dialect'
        self.problems.error("width", what, hint, line=records.line[places[0]])
        return True

    def _warn_of_joined_lines(self, records: Records, width: int) -> None:
        """Warn of rows whose lines may be rows of their own: each has a first cell and the delimiters of a row."""
        if records.spans is None or not 1 < width <= MAX_WIDTH_COMPARED:
            return
        at = (records.spans > (2 if width > 2 else 3)).arg_true()
        if not at.len():
            return
        s = escape_class(self.dialect.delimiter)
        line = rf"[^{s}\n]+(?:{s}[^{s}\n]*){{{width - 1}}}"
        alike = records.text.gather(at).str.contains(rf"^{line}(?:\n{line})+$")
        places = at.filter(alike)
        for place in places.head(ProblemCollector.LIMIT_PER_KIND):
            start, spans = records.line[place], records.spans[place]
            what = f"lines {start} to {start + spans - 1} are one row, by their quotation marks, and look like {spans}"
            self.problems.warning("quote", what, f"if they are rows, {_AS_TEXT_HINT}", line=start)
        self.problems.count_unlisted("quote", "", places.len() - ProblemCollector.LIMIT_PER_KIND, "warning")


def _trailing(mask: pl.Series) -> int:
    """Return for how many records at the end a mask holds."""
    return mask.len() if mask.all() else (~mask).reverse().arg_max() or 0


def _cells(width: int, noun: str = "") -> str:
    if width == 1:
        return f"1 {noun} is" if noun else "1 is"
    return f"{width} {noun}s are" if noun else f"{width} are"
