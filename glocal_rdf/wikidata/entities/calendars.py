"""Writes days of the Julian calendar in the Gregorian one, and back."""

from __future__ import annotations

from glocal_rdf.wikidata.entities.model import GREGORIAN, JULIAN, TimeValue

__all__ = ["convert_date"]


def convert_date(time: TimeValue, calendar: str) -> TimeValue:
    """Write a day in another calendar; what is less exact than a day stays as it is.

    Args:
        time: The date.
        calendar: GREGORIAN or JULIAN.

    Examples:
        >>> convert_date(TimeValue(1582, 10, 5, 11, JULIAN), GREGORIAN).day
        15
    """
    known = {GREGORIAN, JULIAN}
    if time.precision < 11 or time.calendar == calendar or {time.calendar, calendar} - known:
        return time
    number = _day_number(time.year, time.month, time.day, julian=time.calendar == JULIAN)
    return TimeValue(*_date_of(number, julian=calendar == JULIAN), time.precision, calendar)


def _day_number(year: int, month: int, day: int, *, julian: bool) -> int:
    """Return the Julian day number of a date (Richards' algorithm, Explanatory Supplement, 15.11)."""
    shift = (14 - month) // 12
    y, m = year + 4800 - shift, month + 12 * shift - 3
    number = day + (153 * m + 2) // 5 + 365 * y + y // 4
    return number - 32083 if julian else number - y // 100 + y // 400 - 32045


def _date_of(number: int, *, julian: bool) -> tuple[int, int, int]:
    """Return the date of a Julian day number."""
    if julian:
        b, c = 0, number + 32082
    else:
        a = number + 32044
        b = (4 * a + 3) // 146097
        c = a - 146097 * b // 4
    d = (4 * c + 3) // 1461
    e = c - 1461 * d // 4
    m = (5 * e + 2) // 153
    return 100 * b + d - 4800 + m // 10, m + 3 - 12 * (m // 10), e - (153 * m + 2) // 5 + 1
