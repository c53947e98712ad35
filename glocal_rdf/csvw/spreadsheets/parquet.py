"""Reads Parquet files: columns with names and types, whose values become text in the lexical forms of XML Schema."""

from __future__ import annotations

from typing import BinaryIO, Final

import polars as pl

from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.spreadsheets.dates import duration_text

__all__ = ["read_parquet"]

MAX_VALUES: Final = 100_000_000
"""How many values a file may have, unless it is about as large as they are."""


def read_parquet(stream: BinaryIO, problems: ProblemCollector) -> tuple[pl.DataFrame, list[str]]:
    """Return the cells of a Parquet file as text, and the datatypes of its columns.

    Raises:
        TableError: Where it is not one, is too large, or has columns of lists or structs.
    """
    try:
        rows = pl.scan_parquet(stream).select(pl.len()).collect().item()
        width = len(pl.read_parquet_schema(stream))
        size = stream.seek(0, 2)
        if rows * width > MAX_VALUES and rows * width > 1000 * size:
            what = f"claims {rows:,} rows and {width:,} columns in {size:,} bytes, too many to be read"
            problems.fail("", what, "save it again")
        stream.seek(0)
        frame = pl.read_parquet(stream)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        problems.fail("", f"is not a Parquet file: {str(error).splitlines()[0]}")
    return _as_text(frame, problems)


def _as_text(frame: pl.DataFrame, problems: ProblemCollector) -> tuple[pl.DataFrame, list[str]]:
    """Return columns in the lexical forms of XML Schema, and their datatypes."""
    nested = [n for n, t in frame.schema.items() if isinstance(t, pl.List | pl.Struct | pl.Array | pl.Object)]
    if nested:
        called = ", ".join(f"{n!r} ({_name_of(frame.schema[n])})" for n in nested[:5])
        more = f" and {len(nested) - 5} more" if len(nested) > 5 else ""
        what = f"column{'s' if len(nested) > 1 else ''} {called}{more} cannot be read as cells of a table"
        problems.fail("", what, "save lists and structs as text, or leave them out")
    exprs, kinds = [], []
    for name, dtype in frame.schema.items():
        kind, text = _text_of(pl.col(name), dtype)
        kinds.append(kind)
        exprs.append(text.fill_null("").alias(name))
        if kind == "string" and (frame[name].cast(pl.String) == "").any() and frame[name].null_count():
            what = "has empty texts beside nulls, and both are read as no value"
            problems.warning("nulls", what, 'set "null" in its description if they differ', column=name)
    return frame.select(exprs), kinds


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
