"""Writes the numbers of spreadsheets exactly: the reader of spreadsheets rounds their text to nine decimals.

Only cells whose text is not the number itself are written again, so that text cells such as 1.50 or 007 are kept.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import polars as pl

__all__ = ["exact_text", "has_numbers", "number_text"]

_NUMBER: Final = r"^-?[0-9]+(?:\.[0-9]+)?$"
_MILLION: Final = 1e6
_MOST_WHOLE: Final = 1e15


def has_numbers(text: pl.Series) -> bool:
    """Return whether the text of any cell is a number."""
    return bool(text.str.contains(_NUMBER).any())


def number_text(values: pl.Series) -> pl.Series:
    """Return numbers as text, as `exact_text` does, where the text that the reader would round is not at hand.

    Below a million, nine decimals are fifteen digits or fewer, so that a text with nine decimals that reads back as the
    number is its shortest one.
    """
    if values.dtype.is_integer():
        return values.cast(pl.String)
    shortest = values.cast(pl.String)
    whole = values == values.round()
    odd = (
        ((values.abs() >= _MILLION) & ~whole) | (values.abs() >= _MOST_WHOLE) | shortest.str.contains("e", literal=True)
    )
    shortest = shortest.str.strip_suffix(".0")
    if not odd.any():
        return shortest
    numbers = values.filter(odd.fill_null(value=False)).unique()
    written = [_rounded(n) for n in numbers.to_list()]
    exact = values.replace_strict(numbers, written, default=None, return_dtype=pl.String)
    return pl.select(pl.when(odd).then(exact).otherwise(shortest).alias(values.name)).to_series()


def _rounded(number: float) -> str:
    """Return a number with up to nine decimals, or with the fewest digits where it would not read back the same."""
    text = f"{number:.9f}".rstrip("0").rstrip(".")
    return text if float(text) == number else _decimal(number)


def exact_text(text: pl.Series, values: pl.Series) -> pl.Series:
    """Return the text of cells, exact where it is a number other than the value: it reads back as it was stored."""
    numbers = values.cast(pl.Float64)
    rounded = text.str.contains(_NUMBER) & (text.cast(pl.Float64, strict=False) != numbers) & numbers.is_finite()
    if not rounded.any():
        return text
    odd = numbers.filter(rounded.fill_null(value=False)).unique()
    written = [_decimal(n) for n in odd.to_list()]
    exact = numbers.replace_strict(odd, written, default=None, return_dtype=pl.String)
    return pl.select(pl.when(rounded).then(exact).otherwise(text).alias(text.name)).to_series()


def _decimal(number: float) -> str:
    """Return a number with the fewest digits that read back the same, and without an exponent."""
    shown = format(Decimal(repr(number)), "f")
    return shown.removesuffix(".0")
