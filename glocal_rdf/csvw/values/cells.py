"""Parses the cells of a table into values, a column at a time (Model for Tabular Data, section 6.4).

For each column: white space is normalized as the datatype requires, empty cells take the default, null values become
null, lists are split, and what remains is read by the datatype. A step is skipped where no cell needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from glocal_rdf.csvw.metadata.model import Column, Datatype
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.values import datatypes
from glocal_rdf.csvw.values.built_in_datatypes import DATATYPES, WhiteSpace, canonical_name, is_kind_of
from glocal_rdf.csvw.values.numbers import canonical_decimals

__all__ = ["Values", "canonical", "canonical_lists", "is_blank", "parse_cells", "title_of"]


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one column.

    `text` holds lexical forms, null for null. `valid` is None where all are of the datatype; where it is False, the
    text is the unchanged cell, a string. For lists, `text` has one entry for each item and `rows` its row, from 0;
    `lists` has the items of each row.
    """

    column: Column
    text: pl.Series
    valid: pl.Series | None = None
    rows: pl.Series | None = None
    lists: pl.Series | None = None


def parse_cells(batch: Batch, columns: Sequence[Column], problems: ProblemCollector) -> list[Values]:
    """Return the values of all columns, virtual ones included; problems are added by cell.

    Args:
        batch: The rows.
        columns: The columns.
        problems: Takes what is wrong.

    https://www.w3.org/TR/tabular-data-model/#parsing-cells
    """
    present = [c for c in columns if not c.virtual]
    normalized = _normalize(batch, present)
    parsed = [_parse_column(c, s, batch, problems) for c, s in zip(present, normalized, strict=True)]
    height = batch.cells.height
    for column in (c for c in columns if c.virtual):
        filled = pl.Series(str(column.number), [column.inherited.default], dtype=pl.String).new_from_index(0, height)
        parsed.append(_parse_column(column, _fill(column, filled), batch, problems, quiet=True))
    return parsed


def _normalize(batch: Batch, columns: Sequence[Column]) -> list[pl.Series]:
    """Return the cells of each column with normalized white space and defaults (steps 1 to 3)."""
    if not columns:
        return []
    cells = batch.cells
    names = [cells.columns[i] if i < cells.width else None for i in range(len(columns))]
    spaced = cells.select(
        pl.col(name).str.contains(r"[\t\r\n]" if _white_space(c) == "replace" else r"\s").any().alias(name)
        for c, name in zip(columns, names, strict=True)
        if name is not None and _white_space(c) != "preserve"
    )
    flags = spaced.row(0, named=True) if spaced.width else {}
    out = []
    for column, name in zip(columns, names, strict=True):
        if name is None:
            series = pl.Series(str(column.number), [""], dtype=pl.String).new_from_index(0, cells.height)
        else:
            series = cells[name]
            if flags.get(name):
                series = series.str.replace_all(r"[\t\r\n]", " ")
                if _white_space(column) == "collapse":
                    series = series.str.strip_chars().str.replace_all(r"\s{2,}", " ")
        out.append(_fill(column, series))
    return out


def _fill(column: Column, series: pl.Series) -> pl.Series:
    default = column.inherited.default
    if default and column.inherited.separator is None:
        return series.replace("", default)
    return series


def _base(column: Column) -> str:
    return canonical_name(column.inherited.datatype.base)


def _white_space(column: Column) -> WhiteSpace:
    return DATATYPES[_base(column)].white_space


def _parse_column(
    column: Column, cells: pl.Series, batch: Batch, problems: ProblemCollector, *, quiet: bool = False
) -> Values:
    """Return the values of one column; `quiet` for a virtual one, whose cells are not in the file."""
    if column.inherited.separator is not None:
        return _parse_lists(column, cells, batch, problems)
    is_null = cells.is_in(list(column.inherited.null)) if column.inherited.null != ("",) else cells == ""
    text = cells
    if is_null.any():
        text = cells.to_frame("t").select(pl.when(~is_null).then(pl.col("t"))).to_series()
        if column.inherited.required and not quiet:
            _report(
                problems, column, batch, cells, is_null, None, "required", "is empty, and must not be", "fill it in"
            )
    text, valid = _read(column, text, batch, problems, None)
    return Values(column, text, valid)


def _parse_lists(column: Column, cells: pl.Series, batch: Batch, problems: ProblemCollector) -> Values:
    """Return the values of a column with a separator (steps 4 to 7)."""
    inherited = column.inherited
    assert inherited.separator is not None  # noqa: S101 - the caller has looked
    if inherited.default:
        cells = cells.replace("", inherited.default)
    empty = cells == ""
    if inherited.required and empty.any():
        _report(problems, column, batch, cells, empty, None, "required", "is empty, and must not be", "fill it in")
    frame = cells.to_frame("t").with_row_index("row")
    nulls = list(inherited.null)
    frame = frame.filter(~empty & ~cells.is_in(nulls))
    items = frame.with_columns(pl.col("t").str.split(inherited.separator)).explode("t")
    if _base(column) not in {"string", "anyAtomicType"}:
        items = items.with_columns(pl.col("t").str.strip_chars())
    if inherited.default:
        items = items.with_columns(pl.col("t").replace("", inherited.default))
    items = items.filter(~pl.col("t").is_in(nulls))
    text, valid = _read(column, items["t"], batch, problems, items["row"])
    grouped = items.select("row", t=text).group_by("row", maintain_order=True).agg("t")
    rows = pl.DataFrame({"row": pl.Series(range(cells.len()), dtype=items.schema["row"])})
    is_null = cells.is_in([n for n in nulls if n]) if any(nulls) else pl.repeat(value=False, n=cells.len(), eager=True)
    lists = (
        rows.join(grouped, on="row", how="left", maintain_order="left")
        .select(pl.when(~is_null).then(pl.col("t").fill_null(pl.lit([], dtype=pl.List(pl.String)))))
        .to_series()
    )
    return Values(column, text, valid, items["row"], lists)


def _read(
    column: Column, text: pl.Series, batch: Batch, problems: ProblemCollector, rows: pl.Series | None
) -> tuple[pl.Series, pl.Series | None]:
    """Return texts as values of the datatype (steps 8 and 9), and which are valid; report the others."""
    datatype = column.inherited.datatype
    read, checks = datatypes.reader(datatype), datatypes.checks(datatype)
    valid: pl.Series | None = None
    value = text
    if read is not None:
        frame = text.to_frame("t")
        value = frame.select(read(pl.col("t"))).to_series()
        if value.null_count() != text.null_count():
            valid = value.is_not_null() | text.is_null()
            wrong = ~valid
            what, hint = _datatype_message(datatype)
            _report(problems, column, batch, text, wrong, rows, "datatype", what, hint)
    for check in checks:
        frame = value.to_frame("v")
        holds = frame.select(check.holds(pl.col("v"))).to_series().fill_null(value=True)
        if valid is not None:
            holds = holds | ~valid | value.is_null()
        if not holds.all():
            _report(problems, column, batch, text, ~holds, rows, "constraint", check.message, "")
            valid = holds if valid is None else valid & holds
    if valid is not None:
        value = pl.select(pl.when(valid).then(value).otherwise(text).alias(text.name)).to_series()
    return value, valid


def _datatype_message(datatype: Datatype) -> tuple[str, str]:
    """Return what is wrong with a cell that is not of a datatype, and the hint."""
    base = canonical_name(datatype.base)
    if datatype.number is not None and datatype.number.pattern is not None:
        return f"is not a number of the form {datatype.number.pattern}", ""
    if datatype.format is not None:
        return f"is not of the form {datatype.format}", ""
    noun = DATATYPES[base].noun or f"a value of {base}"
    return f"is not {noun} (xsd:{base})", DATATYPES[base].hint


def _report(
    problems: ProblemCollector,
    column: Column,
    batch: Batch,
    cells: pl.Series,
    wrong: pl.Series,
    rows: pl.Series | None,
    kind: str,
    what: str,
    hint: str,
) -> None:
    """Report the cells for which a mask holds, by line, up to the limit."""
    count = int(wrong.sum())
    at = (rows.filter(wrong) if rows is not None else wrong.arg_true()).head(ProblemCollector.LIMIT_PER_KIND)
    lines = batch.lines.gather(at)
    for line, value in zip(lines, cells.filter(wrong).head(ProblemCollector.LIMIT_PER_KIND), strict=True):
        message = f"{_short(value)} {what}"
        if kind == "required":
            message = f"{_short(value)} counts as empty, and must not be" if value else what
        problems.error(kind, message, hint, line=line, column=title_of(column), value=value or "")
    problems.count_unlisted(kind, title_of(column), count - len(lines))


def title_of(column: Column) -> str:
    """Return what a column is called in messages: its name, or the title that the name was made of."""
    if column.named:
        return column.name
    return next((texts[0] for texts in column.titles.values() if texts), column.name)


def _short(value: str | None) -> str:
    text = value or ""
    return repr(text if len(text) <= 80 else text[:77] + "...")


def is_blank(values: Values) -> pl.Series:
    """Return which cells are null, empty, or a list without items."""
    if values.lists is not None:
        return values.lists.list.len().fill_null(0) == 0
    return (values.text == "").fill_null(value=True)


def canonical(values: Values) -> pl.Series:
    """Return the values, or items, as templates use them: numbers in canonical form (Metadata, section 5.1.3).

    A cell that is not of the datatype is a string, and is not changed.
    """
    base = values.column.inherited.datatype.base
    if not is_kind_of(base, "decimal"):
        return values.text
    text = canonical_decimals(values.text)
    if values.valid is None or text is values.text:
        return text
    return pl.select(pl.when(values.valid).then(text).otherwise(values.text).alias(text.name)).to_series()


def canonical_lists(values: Values, lists: pl.Series) -> pl.Series:
    """Return the lists of a column with their items as templates use them."""
    items = canonical(values)
    if items is values.text or values.rows is None:
        return lists
    grouped = pl.DataFrame({"row": values.rows, "t": items}).group_by("row", maintain_order=True).agg("t")
    order = pl.int_range(lists.len(), eager=True).cast(values.rows.dtype).alias("row").to_frame()
    found = order.join(grouped, on="row", how="left", maintain_order="left")["t"]
    return pl.select(pl.coalesce(found, lists).alias(lists.name)).to_series()
