"""Reads spreadsheets and Parquet files as if they were delimited text, through Polars' readers.

A sheet's first rows are the header as the dialect says; a Parquet file brings its column names. Values become text as
XML Schema writes them: dates as 2026-11-21, true and false, numbers without a thousands mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from glocal_rdf.csvw.access import Resource
from glocal_rdf.csvw.description import Dialect
from glocal_rdf.csvw.findings import Findings
from glocal_rdf.csvw.parsing import Batch, Head, trim_cells

_SHEETS = (".xlsx", ".xls", ".xlsb", ".ods")


def is_sheet(url: str) -> bool:
    """Tell by its name whether a file is a spreadsheet or a Parquet file."""
    return url.partition("#")[0].partition("?")[0].lower().endswith((*_SHEETS, ".parquet"))


@dataclass
class SheetReader:
    """Reads one sheet (the first, or the one named by `#sheet=NAME` in its address) or one Parquet file."""

    resource: Resource
    dialect: Dialect
    findings: Findings
    head: Head = field(init=False)
    width: int | None = field(init=False, default=None)
    comments: list[str] = field(init=False, default_factory=list)
    kinds: list[str] = field(init=False, default_factory=list)
    unread: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        if urlsplit(self.resource.url).path.lower().endswith(".parquet"):
            frame, skipped = self._read_parquet(), 0
            titles = [(name,) for name in frame.columns]
            self._first_line = 2
        else:
            frame = self._read_sheet()
            skipped = self.dialect.skip_rows + self.dialect.header_rows
            header = frame.slice(self.dialect.skip_rows, self.dialect.header_rows)
            titles = [tuple(t for t in header[c].to_list() if t) for c in header.columns] if header.height else []
            self._first_line = skipped + 1
        self.width = frame.width
        self.head = Head(tuple(titles[self.dialect.skip_columns :]), ())
        self._frame = frame.slice(skipped)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows as one batch."""
        cells = self._frame
        lines = pl.int_range(self._first_line, self._first_line + cells.height, eager=True, dtype=pl.Int64)
        blank = (
            cells.select(pl.all_horizontal(pl.all() == "")).to_series()
            if cells.width
            else pl.Series([], dtype=pl.Boolean)
        )
        if blank.any():
            cells, lines = cells.filter(~blank), lines.filter(~blank)
        cells = cells.select(cells.columns[self.dialect.skip_columns :])
        cells = cells.rename({name: str(i) for i, name in enumerate(cells.columns)})
        if cells.height:
            yield Batch(cells, lines, lines, 1)

    def _read_parquet(self) -> pl.DataFrame:
        try:
            frame = pl.read_parquet(self.resource.stream)
        except (pl.exceptions.PolarsError, OSError) as error:
            self.findings.stop("", f"is no Parquet file: {str(error).splitlines()[0]}")
        return self._as_text(frame)

    def _read_sheet(self) -> pl.DataFrame:
        try:
            fastexcel = import_module("fastexcel")
        except ImportError:
            self.findings.stop("", "is a spreadsheet, which needs one more package", "pip install 'glocal-rdf[sheets]'")
        options: dict[str, Any] = {"header_row": None, "skip_rows": 0, "dtypes": "string"}
        fragment = urlsplit(self.resource.url).fragment
        try:
            book = fastexcel.read_excel(self.resource.stream.read())
            sheet = book.load_sheet(fragment.removeprefix("sheet=") if fragment.startswith("sheet=") else 0, **options)
        except (fastexcel.FastExcelError, ValueError, OSError) as error:
            self.findings.stop("", f"is no spreadsheet that can be read: {str(error).splitlines()[0]}")
        # A sheet knows only points in time: midnight is written as the date that it stands for.
        at_midnight = pl.all().str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00$", "$1")
        return self._as_text(sheet.to_polars().select(pl.all().cast(pl.String)).select(at_midnight)).select(
            pl.all().str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})$", "${1}T$2")
        )

    def _as_text(self, frame: pl.DataFrame) -> pl.DataFrame:
        exprs = []
        for name, dtype in frame.schema.items():
            if isinstance(dtype, pl.List | pl.Struct | pl.Array | pl.Object):
                self.findings.stop("", f"column {name!r} holds {dtype}, which is no cell of a table")
            column = pl.col(name)
            if dtype == pl.Datetime:
                column = column.dt.to_string("iso:strict").str.replace(r"\.0+", "")
            elif dtype == pl.Binary:
                column = column.bin.encode("base64")
            exprs.append(column.cast(pl.String).fill_null(""))
        return trim_cells(frame.select(exprs), self.dialect.trim)
