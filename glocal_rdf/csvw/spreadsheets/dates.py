"""Writes dates, times and durations of spreadsheets as XML Schema does, a column at a time.

A spreadsheet has only points in time: a time of day is one on the day before its first date, and a date is a midnight.
So what a cell means depends on the other cells of its column.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl

__all__ = ["duration_or_date_text", "duration_text", "header_text", "stamp_text", "time_text"]

_DAY_ZERO: Final = dt.date(1899, 12, 31)
_DAY_ZERO_1904: Final = dt.date(1904, 1, 1)
_FIRST_DATE: Final = 10_000


def header_text(text: pl.Expr) -> pl.Expr:
    """Return the expression of points in time in headers: midnights as dates, others with a T."""
    return text.str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00$", "$1").str.replace(
        r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)$", "${1}T$2"
    )


def duration_text(values: pl.Series) -> pl.Series:
    """Return durations as xsd:dayTimeDuration, in hours, minutes and seconds: PT26H15M."""
    unit = getattr(values.dtype, "time_unit", "us") or "us"
    per_second = {"ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    places = {"ms": 3, "us": 6, "ns": 9}[unit]
    frame = values.to_physical().cast(pl.Int64).to_frame("n").with_columns(a=pl.col("n").abs())
    whole = pl.col("a") // per_second
    part = (pl.col("a") % per_second).cast(pl.String).str.zfill(places).str.strip_chars_end("0")
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    shown = pl.concat_str(
        pl.when(pl.col("n") < 0).then(pl.lit("-PT")).otherwise(pl.lit("PT")),
        _unit(hours, "H"),
        _unit(minutes, "M"),
        pl.when((part != "") | (seconds != 0) | (pl.col("a") == 0))
        .then(
            pl.concat_str(
                seconds.cast(pl.String),
                pl.when(part != "").then(pl.concat_str(pl.lit("."), part)).otherwise(pl.lit("")),
                pl.lit("S"),
            )
        )
        .otherwise(pl.lit("")),
    )
    return frame.select(pl.when(pl.col("n").is_not_null()).then(shown).alias(values.name)).to_series()


def duration_or_date_text(values: pl.Series) -> tuple[pl.Series, bool]:
    """Return durations, with those of the length of a date as dates, and whether there are no dates.

    In a column with both, the reader of spreadsheets returns dates as durations since the first day.
    """
    dates = (values > dt.timedelta(days=_FIRST_DATE)).fill_null(value=False)
    if not dates.any():
        return duration_text(values), True
    shown = (pl.lit(dt.datetime(1899, 12, 30)) + pl.col("v")).dt.to_string("%Y-%m-%dT%H:%M:%S")
    frame = pl.DataFrame({"v": values, "t": duration_text(values), "d": dates})
    written = frame.select(pl.when("d").then(shown.str.strip_suffix("T00:00:00")).otherwise("t")).to_series()
    return written, False


def _unit(number: pl.Expr, letter: str) -> pl.Expr:
    return pl.when(number > 0).then(pl.concat_str(number.cast(pl.String), pl.lit(letter))).otherwise(pl.lit(""))


def time_text(values: pl.Series) -> pl.Series:
    """Return times of day as xsd:time, with a fraction of seconds only where there is one."""
    if not (values.dt.nanosecond() != 0).any():
        return values.dt.to_string("%H:%M:%S")
    return values.dt.to_string("%H:%M:%S%.f").str.replace(r"(\.[0-9]*[1-9])0+$", "$1").str.replace(r"\.0+$", "")


def stamp_text(values: pl.Series, *, since_1904: bool = False) -> tuple[str, pl.Series, list[int]]:
    """Return the datatype of a column of points in time, and its values in the lexical form of that.

    The last of the result are the rows of times of day in a column where other cells have a date.
    """
    zero = _DAY_ZERO_1904 if since_1904 else _DAY_ZERO
    stamps = values.cast(pl.Datetime("ms"))
    days, times = stamps.dt.date(), stamps.dt.time()
    at_zero = (days == zero).fill_null(value=False)
    known = days.drop_nulls()
    if known.is_empty():
        return "", values.cast(pl.String), []
    if (known == zero).all():
        return "time", time_text(times), []
    if at_zero.any() and (known < dt.date(zero.year + 1, 3, 1)).all():
        return "dayTimeDuration", duration_text(stamps - dt.datetime.combine(zero, dt.time())), []
    if (times.drop_nulls() == dt.time()).all():
        return "date", days.cast(pl.String), []
    frame = pl.DataFrame({"d": days.cast(pl.String), "t": time_text(times), "z": at_zero})
    written = frame.select(pl.when("z").then("t").otherwise(pl.concat_str("d", pl.lit("T"), "t"))).to_series()
    return "dateTime", written, at_zero.arg_true().to_list()
