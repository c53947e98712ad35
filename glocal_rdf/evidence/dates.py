"""Compares dates in EDTF with those that a text has: what the text must have for each form.

    2004   2004-06   2004-06-11    the date, or a finer one
    199X   19XX   1950S2           the decade or century, or a year in it
    2004-XX   2004-06-XX           the year, or the month
    156X-12-25                     that day of a year in the decade
    2004-06~   2004-06%            the date, and a word that makes it approximate (約, 左右, about, circa)
    2004-06?                       the date: whether it is certain, a text leaves to its readers
    2001-21   2001-33   2001-40    the season, quarter or half of that year
    1970/1985   1970/   ../2010    both ends, as far as they are known
    [..2005]   {1960,1961}         all dates that are named

https://www.loc.gov/standards/datetime/
"""

from __future__ import annotations

import re
from typing import Final

from glocal_rdf.evidence.values import Date, Values

__all__ = ["has_date", "list_ends"]

_SIGNIFICANT = re.compile(r"S\d+")
_APPROXIMATE: Final = "~%"
_FIRST_SEASON: Final = 21
"""The first number in the place of a month that is a part of a year: 21 to 24 are the seasons, then those of a
hemisphere, quarters, thirds and halves."""

_AGAIN: Final = 4
"""After how many numbers the seasons are numbered again, by hemisphere."""

_QUARTERS: Final = 33


def has_date(values: Values, date: str) -> bool:
    """Return whether a text has a date, at its precision or at a finer one.

    Args:
        values: What the text has.
        date: A date as XML Schema writes it, or as EDTF does.

    Examples:
        >>> from glocal_rdf.evidence.values import read_values
        >>> text = read_values("自1990年代起，至2004年6月")
        >>> [has_date(text, date) for date in ("2004", "2004-06", "2004-07", "199X", "1990/2004-06", "2004-06-01")]
        [True, True, False, True, True, False]
        >>> has_date(text, "2004-06~"), has_date(read_values("約於2004年6月"), "2004-06~"), has_date(text, "../..")
        (False, True, False)
    """
    ends = list_ends(date)
    return bool(ends) and all(_has_one(values, end) for end in ends)


def list_ends(date: str) -> list[str]:
    """List the single dates that a date in EDTF names: itself, or the ends or members that are known.

    Examples:
        >>> list_ends("1970/.."), list_ends("[1667,1670..1672~]"), list_ends("2004-06")
        (['1970'], ['1667', '1670', '1672~'], ['2004-06'])
    """
    return [end for end in (part.strip("[]{} ") for part in re.split(r"/|\.\.|,", date)) if end]


def _has_one(values: Values, date: str) -> bool:
    plain = _write_digits(date)
    if not plain or not set(plain) <= set("0123456789X-"):
        return False
    year, *rest = plain.removeprefix("-").split("-")
    found = _find(values, year, rest)
    if set(date) & set(_APPROXIMATE):
        return any(one in values.approximate for one in found)
    return bool(found)


def _write_digits(date: str) -> str:
    """Write a date without what qualifies it, and with `X` for digits that are not significant."""
    found = _SIGNIFICANT.search(date)
    plain = _SIGNIFICANT.sub("", date).translate({ord(mark): None for mark in "~?%"})
    if not found:
        return plain
    kept = int(found[0][1:])
    return plain[:kept] + "X" * (len(plain) - kept)


def _find(values: Values, year: str, rest: list[str]) -> list[Date | tuple[int, str, int]]:
    """List what a text has of a date."""
    if rest and rest[0].isdigit() and int(rest[0]) >= _FIRST_SEASON:
        return [one for one in values.parts if _fits(one[0], year) and _is_part(one[1], one[2], int(rest[0]))]
    known = [part for part in rest if part.strip("X")]
    dates: list[Date | tuple[int, str, int]] = []
    for one in values.dates:
        if len(one) > len(known) and all(_fits(*pair) for pair in zip(one, [year, *rest], strict=False)):
            dates.append(one)
    if not known:
        first, last = int(year.replace("X", "0")), int(year.replace("X", "9"))
        dates += [
            period
            for period in values.periods
            if ("X" in year and first <= period[0] and period[1] <= last) or ("X" not in year and first in period)
        ]
    return dates


def _fits(number: int, digits: str) -> bool:
    """Return whether a number has the digits that are known."""
    written = str(number).zfill(len(digits))
    return len(written) == len(digits) and all(one in ("X", other) for one, other in zip(digits, written, strict=True))


def _is_part(kind: str, number: int, code: int) -> bool:
    """Return whether a part of a year is what EDTF has by a code."""
    if code < _QUARTERS:
        return kind == "season" and number == (code - _FIRST_SEASON) % _AGAIN + 1
    first = {"quarter": _QUARTERS, "third": 37, "half": 40}.get(kind)
    return first is not None and code == first + number - 1
