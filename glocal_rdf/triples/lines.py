"""N-Triples in columns: canonical lines are split and checked whole, without touching one triple at a time."""

from __future__ import annotations

import polars as pl

from glocal_rdf.triples import terms

__all__ = ["SCHEMA", "join_lines", "split_lines"]

SCHEMA = pl.Schema({"subject": pl.String(), "predicate": pl.String(), "object": pl.String()})

_SIMPLE_IRI = f"<(?:{terms.SIMPLE_IRI})>"
_SUBJECT = f"^(?:{_SIMPLE_IRI}|{terms.SIMPLE_BLANK})$"
_PREDICATE = f"^{_SIMPLE_IRI}$"
_OBJECT = (
    f"^(?:{_SIMPLE_IRI}|{terms.CANONICAL_TEXT}(?:@{terms.SIMPLE_LANGUAGE}|\\^\\^{_SIMPLE_IRI})?|{terms.SIMPLE_BLANK})$"
)
_NEVER_WRITTEN = f"^^<{terms.STRING}>"


def split_lines(data: bytes, *, trusted: bool = False) -> pl.DataFrame | None:
    """Split canonical N-Triples into three columns; None when any line is anything else, and a parser must look.

    Blank lines and lines that are comments are left out. `trusted` lines, written by a serializer, are not checked.
    """
    try:
        lines = pl.read_csv(
            data,
            has_header=False,
            separator="\0",
            quote_char=None,
            comment_prefix="#",
            schema={"line": pl.String()},
        )
    except pl.exceptions.NoDataError:
        return pl.DataFrame(schema=SCHEMA)
    except pl.exceptions.ComputeError:
        return None
    parts = pl.col("line").str.splitn(" ", 3).struct
    frame = (
        lines.lazy()
        .filter(pl.col("line").is_not_null())
        .select(
            parts.field("field_0").alias("subject"),
            parts.field("field_1").alias("predicate"),
            parts.field("field_2").alias("rest"),
        )
        .with_columns(pl.col("rest").str.strip_suffix(" .").alias("object"))
        .collect()
    )
    if not trusted and not _is_canonical(frame):
        return None
    return frame.select("subject", "predicate", "object")


def _is_canonical(frame: pl.DataFrame) -> bool:
    """Say whether every row is a triple in the one form that the parser would have given it."""
    if frame.is_empty():
        return True
    checks = frame.lazy().select(
        pl.col("subject").str.contains(_SUBJECT).all(),
        pl.col("predicate").unique().str.contains(_PREDICATE).all(),
        (
            pl.col("object").str.contains(_OBJECT).all()
            & ~pl.col("object").str.ends_with(_NEVER_WRITTEN).any()
            & pl.col("rest").str.ends_with(" .").all()
        ).alias("object"),
    )
    # A missing part is null, and `all` skips nulls.
    whole = frame.null_count().sum_horizontal().item() == 0
    return whole and all(checks.collect().row(0))


def join_lines(frame: pl.DataFrame) -> pl.Series:
    """Write each triple as a line of N-Triples, without its end."""
    return frame.select(
        pl.concat_str("subject", pl.lit(" "), "predicate", pl.lit(" "), "object", pl.lit(" .")).alias("line")
    ).to_series()
