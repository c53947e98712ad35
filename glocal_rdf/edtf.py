r"""Reads dates in the Extended Date/Time Format (EDTF), whole columns of them: what is exact in them, and their years.

A date is written as the Library of Congress and ISO 8601-2 write it, at levels 0 to 2, without the time of day:

    2004-06-11   2004-06   2004        a day, a month, a year
    199X   2004-XX   15XX-12-25        digits that are not known
    2004-06~   1984?   2004-06-%11     approximate, uncertain, both
    2001-21   Y-170000002   1950S2     a season, a year of more than four digits, two significant digits
    1970/1985   1970/   ../2010        an interval; its end is not known, or it has none
    [1667,1670..1672]   {1960,1961}    one of several, or all of them

1. A text is taken apart into pairs of dates: a date is a pair of itself, an interval one pair, a set a pair for each
   member.
2. Each different date is read once, by one regular expression for all: year, month, day and what qualifies them. A day
   must be in the calendar as far as its month and year are known.
3. A date is exact where all its digits are given and nothing qualifies it. The years of a text are the first and the
   last that its digits allow: `199X` is 1990 to 1999. Uncertain and approximate dates are not widened, because nobody
   says by how much.

https://www.loc.gov/standards/datetime/
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import XSD

__all__ = ["HINT", "read_dates"]

HINT: Final = "write a date of EDTF, such as 2004-06-11, 2004-06, 2004, 199X, 2004~ or 1970/1985"
"""What to do about a text that is not a date."""

_MARK = "[?~%]?"
_YEAR = "-?[0-9X]{4}(?:S[1-9][0-9]?)?|Y-?[1-9][0-9]{4,}(?:S[1-9][0-9]?)?|Y-?[1-9][0-9]*E[1-9][0-9]?(?:S[1-9][0-9]?)?"
_MONTH = "0[1-9X]|1[0-2X]|X[0-9X]|2[1-9]|3[0-9]|4[01]"
_DAY = "0[1-9X]|[12][0-9X]|3[01X]|X[0-9X]"
_DATE = f"^{_MARK}(?<year>{_YEAR}){_MARK}(?:-{_MARK}(?<month>{_MONTH}){_MARK}(?:-{_MARK}(?<day>{_DAY}){_MARK})?)?$"
_SET = r"^(?:\[.+\]|\{.+\})$"
_LAST_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def read_dates(texts: pl.Series) -> pl.DataFrame:
    """Read a column of dates.

    Args:
        texts: The texts, without white space around them.

    Returns:
        A row for each text, with the columns `form` ("date", "interval" or "set"; null where the text is not EDTF),
        `exact` (a date as a typed literal, null where it is not exact), `start` and `end` (the same for the two sides
        of an interval), `inexact` (whether anything in it is not exact), `first_year` and `last_year` (null where they
        are not known), and `fault` (what is wrong, where `form` is null).

    Examples:
        >>> found = read_dates(pl.Series(["199X", "1970/", "2004-02-30"]))
        >>> found["form"].to_list(), found["first_year"].to_list(), found["last_year"].to_list()
        (['date', 'interval', None], [1990, 1970, None], [1999, None, None])
        >>> read_dates(pl.Series([], dtype=pl.String)).height
        0
    """
    wanted = texts.rename("text").to_frame().with_row_index("n")
    found = _read_distinct(wanted["text"].unique())
    return wanted.join(found, on="text", how="left").sort("n").drop("n", "text")


def _read_distinct(texts: pl.Series) -> pl.DataFrame:
    """Read texts that differ; the result has them in the column `text`."""
    pairs = _take_apart(texts)
    dates = _read_single_dates(pl.concat([pairs["a"], pairs["b"]]).unique())
    for side in ("a", "b"):
        pairs = pairs.join(dates.select(pl.all().name.prefix(f"{side}_")), left_on=side, right_on=f"{side}_text")
    open_ = {side: pl.col(side).is_in(["", ".."]) for side in ("a", "b")}
    a, b, form = pl.col("a_valid"), pl.col("b_valid"), pl.col("form")
    first, last = pl.col("at") == 0, pl.col("at") == pl.col("members") - 1
    # Only an interval has an unknown side, which is empty; only the ends of a set are open.
    sides = (
        pl.when(form == "date").then(a)
        .when(form == "interval").then((a | open_["a"]) & (b | open_["b"]) & (a | b))
        .otherwise((a | (pl.col("a") == "") & first) & (b | (pl.col("b") == "") & last) & (a | b))
    )  # fmt: skip
    ordered = (pl.col("a_low") <= pl.col("b_high")).fill_null(value=True)
    inexact = (a & pl.col("a_exact").is_null()) | (b & pl.col("b_exact").is_null()) | (form == "set")
    calendar = (pl.col("a_fault") == "day").fill_null(value=False) | (pl.col("b_fault") == "day").fill_null(value=False)
    checked = pairs.with_columns(sides=sides & pl.col("whole"), ordered=ordered, inexact=inexact, calendar=calendar)
    grouped = checked.group_by("text").agg(
        pl.col("form").first(),
        good=pl.col("sides").all() & pl.col("ordered").all(),
        sides=pl.col("sides").all(),
        calendar=pl.col("calendar").any(),
        exact=pl.col("a_exact").first(),
        end=pl.col("b_exact").first(),
        inexact=pl.col("inexact").any(),
        first_year=pl.when(pl.col("a_first").null_count() == 0).then(pl.col("a_first").min()),
        last_year=pl.when(pl.col("b_last").null_count() == 0).then(pl.col("b_last").max()),
    )
    good, date, interval = pl.col("good"), pl.col("form") == "date", pl.col("form") == "interval"
    fault = (
        pl.when(good).then(None)
        .when(pl.col("calendar")).then(pl.lit("has a day that is not in the calendar"))
        .when(pl.col("sides")).then(pl.lit("ends before it starts"))
        .otherwise(pl.lit("is not a date (EDTF)"))
    )  # fmt: skip
    return grouped.select(
        "text",
        form=pl.when(good).then("form"),
        exact=pl.when(good & date).then("exact"),
        start=pl.when(good & interval).then("exact"),
        end=pl.when(good & interval).then("end"),
        inexact=good & pl.col("inexact"),
        first_year=pl.when(good).then("first_year"),
        last_year=pl.when(good).then("last_year"),
        fault=fault,
    )


def _take_apart(texts: pl.Series) -> pl.DataFrame:
    """Take texts apart into pairs of dates, `a` and `b`.

    Returns:
        A row for each pair, with the `text`, its `form`, the position of the pair (`at`), how many `members` there are,
        and `whole`: whether the text has as many parts as its form allows.
    """
    text = pl.col("text")
    form = (
        pl.when(text.str.contains(_SET)).then(pl.lit("set"))
        .when(text.str.contains("/", literal=True)).then(pl.lit("interval"))
        .otherwise(pl.lit("date"))
    )  # fmt: skip
    frame = texts.rename("text").to_frame().drop_nulls().with_columns(form=form)
    inside = text.str.slice(1, text.str.len_chars() - 2).str.split(",")
    members = pl.when(pl.col("form") == "set").then(inside).otherwise(pl.concat_list(text))
    frame = frame.with_columns(member=members, members=members.list.len())
    frame = frame.with_columns(at=pl.int_ranges(0, pl.col("members"))).explode("member", "at")
    by = pl.when(pl.col("form") == "set").then(pl.lit("..")).otherwise(pl.lit("/"))
    sides = pl.col("member").str.split(by)
    count = sides.list.len()
    whole = pl.when(pl.col("form") == "interval").then(count == 2).otherwise(count <= 2)
    return frame.with_columns(a=sides.list.first(), b=sides.list.last(), whole=whole)


def _read_single_dates(texts: pl.Series) -> pl.DataFrame:
    """Read dates that are neither intervals nor sets.

    Returns:
        For each `text`: `valid`, `exact` (a typed literal or null), `first` and `last` (years), `low` and `high`
        (numbers by which dates are ordered), and `fault` ("day" where only the day is wrong).
    """
    text = pl.col("text")
    frame = texts.rename("text").to_frame().with_columns(text.str.extract_groups(_DATE).alias("g")).unnest("g")
    frame = _find_years(frame)
    month, day = (pl.col(name).cast(pl.Int64, strict=False) for name in ("month", "day"))
    long = pl.col("year").str.contains("^Y|S")
    matched = pl.col("year").is_not_null() & ~(long & pl.col("month").is_not_null())
    season = (month > 12).fill_null(value=False)
    number = pl.col("first")
    leap = (number % 4 == 0) & ((number % 100 != 0) | (number % 400 == 0))
    known = pl.col("first") == pl.col("last")
    last_day = month.replace_strict(list(range(1, 13)), _LAST_DAYS, default=31, return_dtype=pl.Int64)
    last_day = last_day - ((month == 2) & known & ~leap).fill_null(value=False).cast(pl.Int64)
    in_calendar = (day <= last_day).fill_null(value=True)
    shaped = matched & pl.col("counted") & ~(season & pl.col("day").is_not_null())
    exact = ~text.str.contains("[?~%XS]") & ~season
    datatype = (
        pl.when(pl.col("day").is_not_null()).then(pl.lit("date"))
        .when(pl.col("month").is_not_null()).then(pl.lit("gYearMonth"))
        .otherwise(pl.lit("gYear"))
    )  # fmt: skip
    digits = pl.when(long).then(pl.col("first").cast(pl.String)).otherwise(text)
    literal = pl.concat_str(pl.lit('"'), digits, pl.lit(f'"^^<{XSD}'), datatype, pl.lit(">"))
    calendar_month = pl.when(~season).then(month)
    return frame.select(
        "text",
        valid=shaped & in_calendar,
        exact=pl.when(shaped & in_calendar & exact).then(literal),
        first="first",
        last="last",
        low=pl.col("first") * 10_000 + calendar_month.fill_null(0) * 100 + day.fill_null(0),
        high=pl.col("last") * 10_000 + calendar_month.fill_null(99) * 100 + day.fill_null(99),
        fault=pl.when(shaped & ~in_calendar).then(pl.lit("day")),
    )


def _find_years(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the years that the digits in the column `year` allow (`first`, `last`), and whether they can be (`counted`).

    Both are null where no digit is known.
    """
    year = pl.col("year").str.strip_prefix("Y")
    negative = year.str.starts_with("-")
    parts = year.str.strip_prefix("-").str.extract_groups(
        "^(?<digits>[0-9X]+)(?:E(?<zeros>[0-9]+))?(?:S(?<known>.+))?$"
    )
    frame = frame.with_columns(parts.alias("p"), negative=negative).unnest("p")
    zeros = pl.col("zeros").cast(pl.Int64, strict=False).fill_null(0)
    # Ten thousand million years are enough, and keep all sums within 64 bits.
    small = (pl.col("digits").str.len_chars() + zeros) <= 11
    scale = pl.lit(10, pl.Int64).pow(pl.when(small).then(zeros).otherwise(0))
    lowest, highest = (
        pl.when(small).then(pl.col("digits").str.replace_all("X", digit)).cast(pl.Int64, strict=False) * scale
        for digit in "09"
    )
    frame = frame.with_columns(small=small, lowest=lowest, highest=highest)
    length = pl.col("lowest").cast(pl.String).str.len_chars().cast(pl.Int64)
    length = pl.max_horizontal(length, pl.col("digits").str.len_chars().cast(pl.Int64))
    known = pl.col("known").cast(pl.Int64, strict=False)
    spread = pl.lit(10, pl.Int64).pow(pl.when(known <= length).then(length - known).otherwise(0))
    rounded = pl.col("lowest") - pl.col("lowest") % spread
    frame = frame.with_columns(
        lowest=pl.when(known.is_not_null()).then(rounded).otherwise("lowest"),
        highest=pl.when(known.is_not_null()).then(rounded + spread - 1).otherwise("highest"),
        counted=pl.col("small") & (known <= length).fill_null(value=True) & ~(negative & (pl.col("highest") == 0)),
    )
    short = pl.col("year").str.starts_with("Y") & (pl.col("lowest") < 10_000)
    frame = frame.with_columns(counted=pl.col("counted") & ~short)
    unknown = pl.col("digits").str.contains("^X+$")
    signed = pl.when("negative").then(-pl.col("highest")).otherwise("lowest")
    signed_last = pl.when("negative").then(-pl.col("lowest")).otherwise("highest")
    return frame.with_columns(first=pl.when(~unknown).then(signed), last=pl.when(~unknown).then(signed_last))
