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
from typing import Any, Final
from urllib.parse import unquote

import polars as pl

from glocal_rdf.csvw.accounts import RowCounts
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.spreadsheets.dates import (
    duration_or_date_text,
    duration_text,
    header_text,
    stamp_text,
    time_text,
)
from glocal_rdf.csvw.spreadsheets.heads import pack_rows
from glocal_rdf.csvw.spreadsheets.numbers import exact_text, has_numbers, number_text
from glocal_rdf.csvw.spreadsheets.packages import MAX_FILE, Workbook
from glocal_rdf.csvw.spreadsheets.workbooks import inspect_sheet, open_workbook
from glocal_rdf.csvw.tables.batches import Batch, Head, trim_cells
from glocal_rdf.csvw.tables.resources import Resource, file_name
from glocal_rdf.errors import InputError, TableError
from glocal_rdf.triples import iris

_SHEET: Final = "sheet="
MAX_VALUES: Final = 100_000_000
_STAMP: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?$"
_OPTIONS: Final[dict[str, Any]] = {"header_row": None}
_EMPTY: Final = "is empty"


@dataclass
class SheetReader:
    """Reads one sheet (the first, or the one named by `#sheet=NAME` in its address) or one Parquet file.

    `kinds` are the datatypes that columns have in the file: "string" for text, "number", "" where cells differ, or
    the name of a datatype. `sheet` is the one that is read, and `unread` are the others that hold anything. Without
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
    counts: RowCounts = field(init=False, default_factory=RowCounts)

    def __post_init__(self) -> None:
        self._keep_blank = file_name(self.resource).lower().endswith(".parquet")
        if self._keep_blank:
            frame, skipped = self._read_parquet(), 0
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

    def _read_parquet(self) -> pl.DataFrame:
        """Return the cells of a Parquet file as text. Raises TableError where it is not one, or is too large."""
        try:
            rows = pl.scan_parquet(self.resource.stream).select(pl.len()).collect().item()
            width = len(pl.read_parquet_schema(self.resource.stream))
            size = self.resource.stream.seek(0, 2)
            if rows * width > MAX_VALUES and rows * width > 1000 * size:
                what = f"claims {rows:,} rows and {width:,} columns in {size:,} bytes, too many to be read"
                self.problems.fail("", what, "save it again")
            self.resource.stream.seek(0)
            frame = pl.read_parquet(self.resource.stream)
        except (pl.exceptions.PolarsError, OSError, ValueError) as error:
            self.problems.fail("", f"is not a Parquet file: {str(error).splitlines()[0]}")
        return self._as_text(frame)

    def _as_text(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the columns of a Parquet file in the lexical forms of XML Schema."""
        nested = [n for n, t in frame.schema.items() if isinstance(t, pl.List | pl.Struct | pl.Array | pl.Object)]
        if nested:
            called = ", ".join(f"{n!r} ({_name_of(frame.schema[n])})" for n in nested[:5])
            more = f" and {len(nested) - 5} more" if len(nested) > 5 else ""
            what = f"column{'s' if len(nested) > 1 else ''} {called}{more} cannot be read as cells of a table"
            self.problems.fail("", what, "save lists and structs as text, or leave them out")
        exprs = []
        for name, dtype in frame.schema.items():
            kind, text = _text_of(pl.col(name), dtype)
            self.kinds.append(kind)
            exprs.append(text.fill_null("").alias(name))
            if kind == "string" and (frame[name].cast(pl.String) == "").any() and frame[name].null_count():
                what = "has empty texts beside nulls, and both are read as no value"
                self.problems.warning("nulls", what, 'set "null" in its description if they differ', column=name)
        return trim_cells(frame.select(exprs), self.dialect.trim)

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
            loaded = self._load_once(fastexcel, book, index, skipped, data, workbook) if self.typed else None
            if loaded is None:
                loaded = self._load_twice(fastexcel, book, index, skipped, data, workbook, chosen)
            head, body = loaded
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

    def _others(self, names: list[str], index: int) -> str:
        others = [f"#sheet={n}" for i, n in enumerate(names) if i != index]
        return f"choose one of {', '.join(others[:20])}" if others else ""

    def _load_once(
        self, fastexcel: Any, book: Any, index: int, skipped: int, data: bytes, workbook: Workbook
    ) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """Return header and rows, loaded by the types of the columns, or None where these do not hold every cell."""
        if workbook.tally is None:
            return None
        try:
            values = book.load_sheet(index, skip_rows=skipped, schema_sample_rows=None, **_OPTIONS).to_polars()
        except fastexcel.UnsupportedColumnTypeCombinationError:
            return None
        if not values.width or not values.height or not workbook.tally.agrees(values):
            return None
        head = self._load_head(fastexcel, skipped, data, workbook, values.columns) if skipped else values.head(0)
        if head is None:
            return None
        columns = []
        for i, column in enumerate(values.get_columns()):
            text = number_text(column) if _is_number(column) else _own_text(column)
            kind, written = self._column(i, text, column, workbook, skipped)
            self.kinds.append(kind)
            columns.append(written.alias(column.name))
        return head.cast(pl.String), pl.DataFrame(columns)

    def _load_head(
        self, fastexcel: Any, skipped: int, data: bytes, workbook: Workbook, columns: list[str]
    ) -> pl.DataFrame | None:
        """Return the rows of the header alone, with all digits of their numbers, or None."""
        if workbook.head is None:
            return None
        packed = pack_rows(data, workbook.part, workbook.head, skipped, len(columns))
        if packed is None:
            return None
        try:
            book = fastexcel.read_excel(packed)
            texts, numbers = (
                book.load_sheet(self.sheet, skip_rows=0, dtypes=kind, **_OPTIONS).to_polars().head(skipped)
                for kind in ("string", "float")
            )
        except fastexcel.FastExcelError:
            return None
        if (texts.height, texts.columns) != (skipped, columns):
            return None
        return pl.DataFrame([exact_text(texts[c], numbers[c]) for c in columns])

    def _load_twice(
        self, fastexcel: Any, book: Any, index: int, skipped: int, data: bytes, workbook: Workbook, chosen: str
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return header and rows, loaded as text and once more by their types, since each alone can lose something."""
        texts = book.load_sheet(index, skip_rows=0, dtypes="string", **_OPTIONS).to_polars()
        texts = texts.select(pl.all().cast(pl.String))
        if not texts.width or not texts.height:
            self.problems.fail("", f"the sheet {chosen!r} {_EMPTY}", self._others(book.sheet_names, index))
        body = texts.slice(skipped)
        if body.height and self.typed:
            body = self._by_column(fastexcel, book, index, skipped, body, workbook)
        exact = self._load_head(fastexcel, skipped, data, workbook, texts.columns) if skipped else None
        return texts.head(skipped) if exact is None else exact, body

    def _by_column(
        self, fastexcel: Any, book: Any, index: int, skipped: int, body: pl.DataFrame, workbook: Workbook
    ) -> pl.DataFrame:
        """Return the rows with dates, times and durations in the form of their columns."""

        def load(wanted: dict[int, str] | None = None) -> list[pl.Series]:
            """Return some columns, or all, loaded as a type or as what they are found to be ("").

            Columns have names here: their numbers count from the first of the sheet, wherever its cells begin. The
            others are text, as the reader looks for the types of all, and refuses a mixture with durations in any.
            """
            wanted = dict.fromkeys(range(body.width), "") if wanted is None else wanted
            types = {name: wanted.get(i, "string") for i, name in enumerate(body.columns)}
            options = {"dtypes": {n: t for n, t in types.items() if t}, "skip_rows": skipped, **_OPTIONS}
            names = [body.columns[i] for i in wanted]
            found = book.load_sheet(index, use_columns=names, schema_sample_rows=None, **options).to_polars()
            if found.height != body.height:
                self.problems.fail("", "is not a spreadsheet that can be read: its rows are uneven", "save it again")
            columns: list[pl.Series] = found.select(names).get_columns()
            return columns

        stamped = [i for i, name in enumerate(body.columns) if body[name].str.contains(_STAMP).any()]
        try:
            values = load()
        except fastexcel.UnsupportedColumnTypeCombinationError:
            # Durations beside other cells: the columns that may have them are read one by one.
            values = load(dict.fromkeys(range(body.width), "") | dict.fromkeys(stamped, "datetime"))
            for i in stamped:
                try:
                    [values[i]] = load({i: ""})
                except fastexcel.UnsupportedColumnTypeCombinationError:
                    [values[i]] = load({i: "duration"})
        texts = [i for i in stamped if values[i].dtype == pl.String]
        if texts:
            for i, column in zip(texts, load(dict.fromkeys(texts, "datetime")), strict=True):
                values[i] = column
        mixed = [i for i, name in enumerate(body.columns) if not _is_number(values[i]) and has_numbers(body[name])]
        exact = dict(enumerate(values))
        if mixed:
            exact |= zip(mixed, load(dict.fromkeys(mixed, "float")), strict=True)
        columns = []
        for i, name in enumerate(body.columns):
            found = values[i].set(~body[name].str.contains(_STAMP), None) if i in stamped else values[i]
            kind, written = self._column(i, body[name], found, workbook, skipped)
            if i in mixed or _is_number(values[i]):
                written = exact_text(written, exact[i])
            self.kinds.append(kind)
            columns.append(written.alias(name))
        return pl.DataFrame(columns)

    def _column(
        self, place: int, text: pl.Series, values: pl.Series, workbook: Workbook, skipped: int
    ) -> tuple[str, pl.Series]:
        """Return the datatype of a column ("" where cells differ), and its values in the lexical form of that."""
        whole = not (values.is_null() & text.is_not_null()).any()
        dtype = values.dtype
        if dtype == pl.Duration:
            written, pure = duration_or_date_text(values)
            return ("dayTimeDuration" if whole and pure else ""), _over(written, text)
        if dtype == pl.Time:
            return ("time" if whole else ""), _over(time_text(values), text)
        if dtype in (pl.Datetime, pl.Date):
            kind, written, odd = stamp_text(values, since_1904=workbook.since_1904)
            for row in odd:
                what = f"column {place + 1}: {written[row]!r} is a time without a date, where other cells have a date"
                self.problems.error("times", what, "give it a date", line=skipped + 1 + row)
            return (kind if whole and not odd else ""), _over(written, text)
        if dtype == pl.Boolean:
            return ("boolean" if whole else ""), text
        if dtype.is_numeric():
            plain = not text.str.contains("^(?:true|false)$").any()
            return ("number" if whole and plain else ""), text
        return ("string" if dtype == pl.String else ""), text

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


def _over(written: pl.Series, text: pl.Series) -> pl.Series:
    """Return written values, or the text of the cells where there are none."""
    return pl.select(pl.coalesce(written.alias("a"), text.alias("b"))).to_series()


def _is_number(values: pl.Series) -> bool:
    return values.dtype.is_numeric()


def _own_text(values: pl.Series) -> pl.Series:
    """Return the text of values of which no cell has another kind; points in time become text by their column."""
    if values.dtype in (pl.String, pl.Boolean):
        return values.cast(pl.String)
    return pl.repeat(None, values.len(), dtype=pl.String, eager=True)


def _row(cell: str) -> int:
    digits = "".join(c for c in cell if c.isdigit())
    return int(digits) if digits else 0


def _name_of(dtype: pl.DataType) -> str:
    return {pl.List: "lists", pl.Array: "lists", pl.Struct: "structs"}.get(type(dtype), "objects")


def _text_of(column: pl.Expr, dtype: pl.DataType) -> tuple[str, pl.Expr]:
    """Return the datatype that a column of Parquet has in XML Schema, and its values in their lexical form."""
    text = column.cast(pl.String)
    if dtype == pl.Datetime:
        return "dateTime", _short_seconds(column.dt.to_string("iso:strict")).str.strip_prefix("+")
    if dtype == pl.Date:
        return "date", text.str.strip_prefix("+")
    if dtype == pl.Time:
        return "time", _short_seconds(column.dt.to_string("%H:%M:%S%.f"))
    if dtype == pl.Duration:
        return "dayTimeDuration", column.map_batches(duration_text, return_dtype=pl.String)
    if dtype == pl.Binary:
        return "base64Binary", column.bin.encode("base64")
    if dtype == pl.Boolean:
        return "boolean", text
    if dtype.is_float():
        shown = text.replace({"inf": "INF", "-inf": "-INF", "nan": "NaN"})
        return "double", pl.when(column.is_nan()).then(pl.lit("NaN")).otherwise(shown)
    if dtype.is_integer():
        return "integer", text
    return ("decimal", text) if dtype.is_decimal() else ("string", text)


def _short_seconds(text: pl.Expr) -> pl.Expr:
    """Return text without the zeros that end a fraction of seconds."""
    return text.str.replace(r"(\.[0-9]*[1-9])0+($|[Z+-])", "${1}${2}").str.replace(r"\.0+($|[Z+-])", "${1}")
