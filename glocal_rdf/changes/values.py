"""Finds literals that differ only in how their value is written: `12.50` and `12.5`, `@zh-hant` and `@zh-Hant`."""

from __future__ import annotations

import polars as pl

from glocal_rdf.triples import terms
from glocal_rdf.xsd.ordering import compare, keys_of

__all__ = ["are_same_values"]


def are_same_values(old: pl.Series, new: pl.Series) -> pl.Series:
    """Return row by row whether two terms are literals of the same value that are written in different ways.

    Numbers, times and truth values are compared by value within one datatype, texts in Unicode's normal form C, and
    language tags without regard to case.

    Args:
        old: Terms in N-Triples syntax, or null.
        new: As many of them.
    """
    rows = pl.DataFrame({"old": old, "new": new}).with_row_index("row")
    literals = rows.filter(
        pl.col("old").str.starts_with('"') & pl.col("new").str.starts_with('"') & (pl.col("old") != pl.col("new"))
    )
    alike = literals.filter(terms.datatype(pl.col("old")) == terms.datatype(pl.col("new")))
    typed = alike.filter(~pl.col("old").str.ends_with('"') & (terms.language(pl.col("old")).is_null()))
    found: list[int] = []
    if len(typed):
        left, right = keys_of(typed["old"]), keys_of(typed["new"])
        equal = compare(left, right, or_equal=True) & compare(right, left, or_equal=True)
        found += typed.filter(equal)["row"].to_list()
    texts = alike.filter(pl.col("old").str.ends_with('"') | terms.language(pl.col("old")).is_not_null()).select(
        "row",
        old=terms.value(pl.col("old")).str.normalize("NFC"),
        new=terms.value(pl.col("new")).str.normalize("NFC"),
        old_tag=terms.language(pl.col("old")).str.to_lowercase(),
        new_tag=terms.language(pl.col("new")).str.to_lowercase(),
    )
    same = (pl.col("old") == pl.col("new")) & pl.col("old_tag").eq_missing(pl.col("new_tag"))
    found += texts.filter(same)["row"].to_list()
    return rows.select(same=pl.col("row").is_in(found))["same"]
