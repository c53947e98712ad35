"""Loads the rows of one sheet as text, exactly, with the datatype that each column has in the workbook.

The reader of fastexcel gives each column one type, and what does not fit it is lost; as text, numbers are rounded, and
dates have another form. So a sheet is loaded once, by the types of its columns, where these hold every cell
(`tallies`), and otherwise twice: as text, and by its types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.spreadsheets.dates import duration_or_date_text, stamp_text, time_text
from glocal_rdf.csvw.spreadsheets.heads import pack_rows
from glocal_rdf.csvw.spreadsheets.numbers import exact_text, has_numbers, number_text
from glocal_rdf.csvw.spreadsheets.packages import Workbook

__all__ = ["SheetLoader"]

_STAMP: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?$"
_OPTIONS: Final[dict[str, Any]] = {"header_row": None}


@dataclass
class SheetLoader:
    """Loads one sheet.

    `fastexcel` is the module, `book` the workbook that it opened from `data`, and `workbook` what is known of it.
    `index` and `sheet` are the position and name of the sheet, and `skipped` is how many rows come before its data.
    `kinds` are the datatypes of the columns, complete when the sheet is loaded.
    """

    fastexcel: Any
    book: Any
    data: bytes
    workbook: Workbook
    index: int
    skipped: int
    problems: ProblemCollector
    kinds: list[str] = field(default_factory=list)

    @property
    def sheet(self) -> str:
        """The name of the sheet."""
        name: str = self.book.sheet_names[self.index]
        return name

    def load(self, *, typed: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the rows up to the header and the others, as text; without `typed`, dates are not read by column."""
        loaded = self._load_once() if typed else None
        return loaded if loaded is not None else self._load_twice(typed=typed)

    def _other_sheets(self) -> str:
        others = [f"#sheet={n}" for i, n in enumerate(self.book.sheet_names) if i != self.index]
        return f"choose one of {', '.join(others[:20])}" if others else ""

    def _load_once(self) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """Return header and rows, loaded by the types of the columns, or None where these do not hold every cell."""
        if self.workbook.tally is None:
            return None
        try:
            values = self.book.load_sheet(
                self.index, skip_rows=self.skipped, schema_sample_rows=None, **_OPTIONS
            ).to_polars()
        except self.fastexcel.UnsupportedColumnTypeCombinationError:
            return None
        if not values.width or not values.height or not self.workbook.tally.agrees(values):
            return None
        head = self._load_head(values.columns) if self.skipped else values.head(0)
        if head is None:
            return None
        columns = []
        for i, column in enumerate(values.get_columns()):
            text = number_text(column) if _is_number(column) else _own_text(column)
            kind, written = self._column(i, text, column)
            self.kinds.append(kind)
            columns.append(written.alias(column.name))
        return head.cast(pl.String), pl.DataFrame(columns)

    def _load_head(self, columns: list[str]) -> pl.DataFrame | None:
        """Return the rows of the header alone, with all digits of their numbers, or None."""
        if self.workbook.head is None:
            return None
        packed = pack_rows(self.data, self.workbook.part, self.workbook.head, self.skipped, len(columns))
        if packed is None:
            return None
        try:
            book = self.fastexcel.read_excel(packed)
            texts, numbers = (
                book.load_sheet(self.sheet, skip_rows=0, dtypes=kind, **_OPTIONS).to_polars().head(self.skipped)
                for kind in ("string", "float")
            )
        except self.fastexcel.FastExcelError:
            return None
        if (texts.height, texts.columns) != (self.skipped, columns):
            return None
        return pl.DataFrame([exact_text(texts[c], numbers[c]) for c in columns])

    def _load_twice(self, *, typed: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return header and rows, loaded as text and once more by their types, since each alone can lose something."""
        texts = self.book.load_sheet(self.index, skip_rows=0, dtypes="string", **_OPTIONS).to_polars()
        texts = texts.select(pl.all().cast(pl.String))
        if not texts.width or not texts.height:
            self.problems.fail("", f"the sheet {self.sheet!r} is empty", self._other_sheets())
        body = texts.slice(self.skipped)
        if body.height and typed:
            body = self._by_column(body)
        exact = self._load_head(texts.columns) if self.skipped else None
        return texts.head(self.skipped) if exact is None else exact, body

    def _by_column(self, body: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with dates, times and durations in the form of their columns."""

        def load(wanted: dict[int, str] | None = None) -> list[pl.Series]:
            """Return some columns, or all, loaded as a type or as what they are found to be ("").

            Columns have names here: their numbers count from the first of the sheet, wherever its cells begin. The
            others are text, as the reader looks for the types of all, and refuses a mixture with durations in any.
            """
            wanted = dict.fromkeys(range(body.width), "") if wanted is None else wanted
            types = {name: wanted.get(i, "string") for i, name in enumerate(body.columns)}
            options = {"dtypes": {n: t for n, t in types.items() if t}, "skip_rows": self.skipped, **_OPTIONS}
            names = [body.columns[i] for i in wanted]
            found = self.book.load_sheet(self.index, use_columns=names, schema_sample_rows=None, **options).to_polars()
            if found.height != body.height:
                self.problems.fail("", "is not a spreadsheet that can be read: its rows are uneven", "save it again")
            columns: list[pl.Series] = found.select(names).get_columns()
            return columns

        stamped = [i for i, name in enumerate(body.columns) if body[name].str.contains(_STAMP).any()]
        try:
            values = load()
        except self.fastexcel.UnsupportedColumnTypeCombinationError:
            # Durations beside other cells: the columns that may have them are read one by one.
            values = load(dict.fromkeys(range(body.width), "") | dict.fromkeys(stamped, "datetime"))
            for i in stamped:
                try:
                    [values[i]] = load({i: ""})
                except self.fastexcel.UnsupportedColumnTypeCombinationError:
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
            kind, written = self._column(i, body[name], found)
            if i in mixed or _is_number(values[i]):
                written = exact_text(written, exact[i])
            self.kinds.append(kind)
            columns.append(written.alias(name))
        return pl.DataFrame(columns)

    def _column(self, place: int, text: pl.Series, values: pl.Series) -> tuple[str, pl.Series]:
        """Return the datatype of a column ("" where cells differ), and its values in the lexical form of that."""
        whole = not (values.is_null() & text.is_not_null()).any()
        dtype = values.dtype
        if dtype == pl.Duration:
            written, pure = duration_or_date_text(values)
            return ("dayTimeDuration" if whole and pure else ""), _over(written, text)
        if dtype == pl.Time:
            return ("time" if whole else ""), _over(time_text(values), text)
        if dtype in (pl.Datetime, pl.Date):
            kind, written, odd = stamp_text(values, since_1904=self.workbook.since_1904)
            for row in odd:
                what = f"column {place + 1}: {written[row]!r} is a time without a date, where other cells have a date"
                self.problems.error("times", what, "give it a date", line=self.skipped + 1 + row)
            return (kind if whole and not odd else ""), _over(written, text)
        if dtype == pl.Boolean:
            return ("boolean" if whole else ""), text
        if dtype.is_numeric():
            plain = not text.str.contains("^(?:true|false)$").any()
            return ("number" if whole and plain else ""), text
        return ("string" if dtype == pl.String else ""), text


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
