"""Writes the numbers of spreadsheets as they are: a spreadsheet's reader rounds their text to nine decimals.

Only cells whose text is not the number itself are written anew, so that text cells such as 1.50 or 007 stay.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import polars as pl

_NUMBER: Final = r"^-?[0-9]+(?:\.[0-9]+)?$"


def has_numbers(text: pl.Series) -> bool:
    """Tell whether any cell is written like a number."""
    return bool(text.str.contains(_NUMBER).any())


def write_exactly(text: pl.Series, values: pl.Series) -> pl.Series:
    """Write the cells anew whose text is a number other than their value; the value reads back as it was stored."""
    numbers = values.cast(pl.Float64)
    rounded = text.str.contains(_NUMBER) & (text.cast(pl.Float64, strict=False) != numbers) & numbers.is_finite()
    if not rounded.any():
        return text
    odd = numbers.filter(rounded.fill_null(value=False)).unique()
    written = [_decimal(n) for n in odd.to_list()]
    exact = numbers.replace_strict(odd, written, default=None, return_dtype=pl.String)
    return pl.select(pl.when(rounded).then(exact).otherwise(text).alias(text.name)).to_series()


def _decimal(number: float) -> str:
    """Write a number with the fewest digits that read back as it is, and without an exponent."""
    shown = format(Decimal(repr(number)), "f")
    return shown.removesuffix(".0")
