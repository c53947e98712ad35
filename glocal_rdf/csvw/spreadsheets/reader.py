"""Reads spreadsheets and Parquet files as if they were delimited text, through the readers of fastexcel and Polars.

A sheet's first rows are the header, as many as the dialect sets; a Parquet file has column names. Values become text in
the lexical forms of XML Schema. Whether a cell is a date or a time depends on its column: cells that are all times of
day are times, and dates without a time are dates only where no other cell of the column has a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final
from urllib.parse import unquote

import polars as pl

from glocal_rdf.csvw.accounts import RowCounts
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.spreadsheets.dates import header_text
from glocal_rdf.csvw.spreadsheets.packages import MAX_FILE, Workbook
from glocal_rdf.csvw.spreadsheets.parquet import read_parquet
from glocal_rdf.csvw.spreadsheets.sheet_loader import SheetLoader
from glocal_rdf.csvw.spreadsheets.workbooks import inspect_sheet, open_workbook
from glocal_rdf.csvw.tables.batches import Batch, Head, trim_cells
from glocal_rdf.csvw.tables.resources import Resource, file_name
from glocal_rdf.errors import InputError, TableError
from glocal_rdf.triples import iris

__all__ = ["SheetReader"]

_SHEET: Final = "sheet="


@dataclass
class SheetReader:
    """Reads one sheet (the first, or the one named by `#sheet=NAME` in its address) or one Parquet file.

    `kinds` are the datatypes that columns have in the file: "string" for text, "number", "" where cells differ, or
    the name of a datatype. `sheet` is the one that is read, and `unread` are the others that hold anything; `merged`
    are its merged cells ("F4:G4"). Without
    `typed`, dates are not read by column, which is enough to find the header. `counts` is complete when the batch
    was taken.
    """

    resource: Resource
    dialect: Dialect
    problems: ProblemCollector
    typed: bool = True
    head: Head = field(init=False)
    width: int | None = field(init=False, default=None)
    comments: list[str] = field(init=False, default_factory=list)
    kinds: list[str] = field(init=False, default_factory=list)
    sheet: str = field(init=False, default="")
    unread: tuple[str, ...] = field(init=False, default=())
    merged: tuple[str, ...] = field(init=False, default=())
    counts: RowCounts = field(init=False, default_factory=RowCounts)

    def __post_init__(self) -> None:
        """Read the file, and separate its header from its rows."""
        self._keep_blank = file_name(self.resource).lower().endswith(".parquet")
        if self._keep_blank:
            frame, self.kinds = read_parquet(self.resource.stream, self.problems)
            frame, skipped = trim_cells(frame, self.dialect.trim), 0
            titles = [(name,) for name in frame.columns]
            self._first_line = 2
        else:
            skipped = self.dialect.skip_rows + self.dialect.header_rows
            frame = self._read_sheet(skipped)
            header = frame.slice(self.dialect.skip_rows, self.dialect.header_rows)
            titles = [tuple(t for t in header[c].to_list() if t) for c in header.columns] if header.height else []
            self._first_line = skipped + 1
        self.width = frame.width or None
        self.head = Head(tuple(titles[self.dialect.skip_columns :]), ())
        self.kinds = self.kinds[self.dialect.skip_columns :]
        self._frame = frame.slice(skipped)
        if not self._keep_blank:
            self.counts.header = min(self.dialect.header_rows, max(frame.height - self.dialect.skip_rows, 0))
            self.counts.skipped = min(self.dialect.skip_rows, frame.height)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows as one batch; rows of a sheet without any cell are left out."""
        cells = self._frame
        lines = pl.int_range(self._first_line, self._first_line + cells.height, eager=True, dtype=pl.Int64)
        blank = (
            cells.select(pl.all_horizontal(pl.all() == "")).to_series()
            if cells.width and not self._keep_blank
            else pl.Series([], dtype=pl.Boolean)
        )
        if blank.any():
            cells, lines = cells.filter(~blank), lines.filter(~blank)
            self.counts.blank = int(blank.sum())
        self.counts.read = cells.height
        cells = cells.select(cells.columns[self.dialect.skip_columns :])
        cells = cells.rename({name: str(i) for i, name in enumerate(cells.columns)})
        if cells.height:
            yield Batch(cells, lines, lines, 1)

    def first_rows(self, count: int) -> list[tuple[str, ...]]:
        """Return the first rows after the header, those without any cell included."""
        return [tuple(row) for row in self._frame.head(count).rows()]

    def _read_sheet(self, skipped: int) -> pl.DataFrame:
        """Return all rows of a sheet as text; `skipped` are those up to its header, which is read as it is."""
        try:
            fastexcel = import_module("fastexcel")
        except ImportError:
            self.problems.fail("", "is a spreadsheet, which needs one more package", "pip install 'glocal-rdf[sheets]'")
        for name in ("fastexcel", "calamine"):
            # Their messages on empty columns belong in a log, and not on stderr.
            logging.getLogger(name).addHandler(logging.NullHandler())
        data = self.resource.stream.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            self.problems.fail("", f"is larger than {MAX_FILE >> 30} GiB", "save it as CSV")
        try:
            workbook = open_workbook(data)
            book = fastexcel.read_excel(data)
            index = self._choose(book.sheet_names)
            self.sheet = chosen = book.sheet_names[index]
            inspect_sheet(data, workbook, chosen, index, skipped)
            loader = SheetLoader(fastexcel, book, data, workbook, index, skipped, self.problems)
            head, body = loader.load(typed=self.typed)
            self.kinds = loader.kinds
        except TableError:
            raise
        except InputError as error:
            self.problems.fail("", error.problems[0].what)
        except (fastexcel.FastExcelError, ValueError, OSError) as error:
            self.problems.fail("", f"is not a spreadsheet that can be read: {str(error).splitlines()[0]}")
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            self.problems.fail("", "is not a spreadsheet that can be read: it is damaged", "save it again")
        self._report(workbook, chosen, book.sheet_names, skipped)
        head = head.select(header_text(pl.col(c)).alias(c) for c in head.columns)
        return trim_cells(pl.concat([head, body]).select(pl.all().fill_null("")), self.dialect.trim)

    def _choose(self, names: list[str]) -> int:
        """Return the place of the sheet that the address names, or the first."""
        fragment = unquote(iris.split(self.resource.url)[4] or "")
        listed = ", ".join(f"#sheet={n}" for n in names[:20])
        if not names:
            self.problems.fail("", "has no sheet with cells")
        if not fragment:
            return 0
        if not fragment.startswith(_SHEET):
            self.problems.fail("", f"#{fragment} does not name a sheet", f"choose one of {listed}")
        name = fragment.removeprefix(_SHEET)
        if name not in names:
            self.problems.fail("", f"has no sheet {name!r}", f"choose one of {listed}")
        return names.index(name)

    def _report(self, workbook: Workbook, chosen: str, names: list[str], skipped: int) -> None:
        """Report what is lost or doubtful in the sheet, and the sheets that are not read."""
        for cell, value, read in workbook.errors:
            what = f"cell {cell} holds the error {value} of a formula, and is read as {repr(read) if read else 'empty'}"
            self.problems.error("formula", what, "correct the formula", line=_row(cell), value=value)
        for cell in workbook.uncalculated:
            what = f"cell {cell} holds a formula that was never calculated, and is read as empty"
            hint = "open the file in a spreadsheet program and save it"
            self.problems.error("formula", what, hint, line=_row(cell))
        if workbook.doubtful_formulas:
            what = "all its formulas have the value 0, as if they had never been calculated"
            self.problems.warning("formula", what, "open the file in a spreadsheet program and save it")
        self.merged = tuple(workbook.merged)
        merged = [m for m in workbook.merged if _row(m.rpartition(":")[2]) > skipped]
        if merged:
            listed = ", ".join(merged[:5]) + (" …" if len(merged) > 5 else "")
            what = f"has merged cells ({listed}), of which only the first holds the value"
            self.problems.warning("merged", what, "unmerge them and fill in the others")
        if not workbook.seen:
            what = "formulas that failed cannot be distinguished from empty cells in this format"
            self.problems.warning("formula", what, "save it as .xlsx")
        if chosen in workbook.hidden:
            self.problems.warning("sheets", f"the sheet {chosen!r}, which is read, is hidden", "")
        self.unread = tuple(n for n in names if n != chosen and n not in workbook.empty)
        if self.unread and not (iris.split(self.resource.url)[4] or ""):
            listed = ", ".join(f"{n!r}{' (hidden)' if n in workbook.hidden else ''}" for n in self.unread[:20])
            what = f"only the sheet {chosen!r} is read, and not {listed}"
            self.problems.warning("sheets", what, "name a sheet with #sheet=NAME")


def _row(cell: str) -> int:
    digits = "".join(c for c in cell if c.isdigit())
    return int(digits) if digits else 0
