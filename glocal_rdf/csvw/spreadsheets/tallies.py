"""Counts the cells of a sheet's XML by kind, so that what a reader of spreadsheets made of them can be checked.

The reader of fastexcel gives each column one type, and what does not fit it is lost: `n/a` in a column of numbers is
null, `true` there is 1, and a number in a column of text is rounded. Where the columns of each type hold exactly as
many values as the XML has cells of that kind, nothing was lost, and the sheet need not be read a second time as text.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, Self

import polars as pl

__all__ = ["Tally", "is_plain"]

_RARE: Final = ":c|<!|<f|:f|\"[ed]\"|'[bdes]'|tr[\"']|=[\"']&"
_ODD: Final = _RARE + '|<c(?:[^ ]| (?:[^r]|r(?:[^=]|=(?:[^"]|"(?:[^A-Z]|[A-Z][^0-9])))))'
_TYPED: Final = r"""<c\b[^<>]*\bt\s*=\s*["'][^"'<>]*["']"""
_UNSEEN: Final = r"<[^<>\s/]*:c[\s/>]|<!"
_TEXTS: Final = frozenset({'="s"', 'str"', 'Str"'})
"""How the kinds of cells end that hold text: s, str and inlineStr."""
_BOOLEAN: Final = '="b"'
_ERROR: Final = '="e"'
_NUMBER: Final = '="n"'
_DAY: Final = 86_400_000
_FIRST: Final = (dt.date(1, 1, 1) - dt.date(1970, 1, 1)).days * _DAY
_LAST: Final = (dt.date(9999, 12, 31) - dt.date(1970, 1, 1)).days * _DAY
_LONGEST: Final = 2_900_000 * _DAY


def is_plain(xml: pl.Series) -> bool:
    """Return whether all cells of a piece of XML are written `<c r="A1"`, in the columns A to Z, without anything rare.

    Rare are formulas, errors, text in place, comments, prefixes and other spellings of attributes.
    """
    return not xml.str.contains(_ODD)[0]


@dataclass(frozen=True)
class Tally:
    """How many cells hold text, a truth value, or a number; points in time and durations are numbers too."""

    texts: int = 0
    booleans: int = 0
    numbers: int = 0

    @classmethod
    def of_plain(cls, chunk: bytes) -> Self:
        """Return the tally of a piece of rows that is plain, where only kinds are written "s" or "b"."""
        texts, booleans = chunk.count(b'"s"'), chunk.count(b'"b"')
        return cls(texts, booleans, chunk.count(b"</v") - texts - booleans)

    @classmethod
    def of(cls, chunk: bytes, xml: pl.Series) -> Self | None:
        """Return the tally of a piece, however it is written; None where a cell is of an unknown kind."""
        found = xml.str.extract_all(_TYPED).explode().str.tail(4).value_counts().rows()
        kinds: dict[str | None, int] = dict(found)
        if kinds.keys() - _TEXTS - {_BOOLEAN, _ERROR, _NUMBER, None} or xml.str.contains(_UNSEEN)[0]:
            return None
        texts = sum(kinds.get(kind, 0) for kind in _TEXTS)
        booleans = kinds.get(_BOOLEAN, 0)
        values = chunk.count(b"</v") + chunk.count(b"</is") - kinds.get(_ERROR, 0)
        return cls(texts, booleans, values - texts - booleans)

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of two pieces together."""
        return Tally(self.texts + other.texts, self.booleans + other.booleans, self.numbers + other.numbers)

    def __sub__(self, other: Tally) -> Tally:
        """Return the tally without that of a piece."""
        return Tally(self.texts - other.texts, self.booleans - other.booleans, self.numbers - other.numbers)

    def agrees(self, values: pl.DataFrame) -> bool:
        """Return whether every cell is in a column of its own kind, and none was lost.

        A NaN can only be a text that looks like one. Points in time and durations that are not written with a year of
        four digits are not looked at here.
        """
        texts = booleans = numbers = 0
        for column in values.get_columns():
            held = column.len() - column.null_count()
            if column.dtype == pl.String:
                texts += held
            elif column.dtype == pl.Boolean:
                booleans += held
            elif column.dtype.is_numeric() or column.dtype in (pl.Datetime, pl.Duration):
                numbers += held
                if not _is_usual(column):
                    return False
            else:
                return False
        return (texts, booleans, numbers) == (self.texts, self.booleans, self.numbers)


def _is_usual(column: pl.Series) -> bool:
    if column.dtype.is_numeric():
        return bool(column.is_finite().all())
    least: Any = column.to_physical().min()
    most: Any = column.to_physical().max()
    low, high = (0, _LONGEST) if column.dtype == pl.Duration else (_FIRST, _LAST)
    return getattr(column.dtype, "time_unit", "") == "ms" and (least is None or low <= least <= most < high)
