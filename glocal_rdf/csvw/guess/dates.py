"""Infers dates and times, with their format in CSV on the Web (Model, section 6.4.4).

A date that may be read day first or month first is not decided, nor is what only resembles a date.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.guess.results import MAX_EXAMPLES, Doubt, DoubtKind, Inference
from glocal_rdf.csvw.guess.words import DATES, DURATIONS, MONTHS, TIMES, YEARS, words_of
from glocal_rdf.csvw.metadata.model import Datatype
from glocal_rdf.csvw.values import datatypes

__all__ = ["examples_of", "guess_date", "holds", "unread"]

_ZONE: Final = "Z|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2}"
_CLOCK: Final = rf"(?P<time>[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)(?P<part>\.[0-9]+)?(?P<zone> ?(?:{_ZONE}))?"
_STAMP: Final = (
    rf"^(?P<a>[0-9]{{1,4}})(?P<s>[-/.])(?P<b>[0-9]{{1,2}})(?P<r>[-/.])(?P<c>[0-9]{{1,4}})(?:(?P<t>[T ]){_CLOCK})?$"
)
_TIME: Final = rf"^{_CLOCK}$"
_MONTH_NAMES: Final = (
    r"(?i)\b(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|janv|févr|mars|avril|juin|juil|août|déc"
    r"|enero|abril|agosto|gennaio|luglio|dicembre)\p{L}*\.?\b"
)
_LOOSE: Final = (
    r"^[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}(?:[T ,].*)?$|^[0-9]{4}[-/](?:0?[1-9]|1[0-2])$"
    r"|^(?:0?[1-9]|1[0-2])[-/][0-9]{4}$|^(?:民國|民国|令和|平成|昭和|大正|明治)?(?:[0-9]{1,4}|元)年[0-9]{1,2}月.*$"
    r"|^[0-9]{1,2}月[0-9]{1,2}日.*$|^[12][0-9]{3}$"
)
_POINTED_MONTH: Final = r"^(?:18|19|20)[0-9]{2}\.(?:0?[1-9]|1[0-2])$|^(?:0?[1-9]|1[0-2])\.(?:18|19|20)[0-9]{2}$"
"""A month and a year with a point between, or a decimal number."""

_MONTH_AND_DAY: Final = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_MINGUO: Final = (
    r"^(?:民國|民国)?\s?(?P<year>[01]?[0-9]{2})\s?[-/.年]\s?(?:0?[1-9]|1[0-2])\s?[-/.月]\s?"
    r"(?:0?[1-9]|[12][0-9]|3[01])\s?日?(?:\s.*)?$"
)
"""A date of the calendar of the Republic of China: 112/03/05 is 2023-03-05."""


def examples_of(values: pl.Series) -> tuple[str, ...]:
    """Return the first values, as examples."""
    return tuple(values.head(MAX_EXAMPLES).to_list())


def holds(datatype: Any, values: pl.Series) -> bool:
    """Return whether all values are of a datatype, given as in metadata."""
    return unread(datatype, values.head(100)).is_empty() and unread(datatype, values).is_empty()


def unread(datatype: Any, values: pl.Series) -> pl.Series:
    """Return the values that are not of a date datatype, given as in metadata."""
    base, form = (datatype, None) if isinstance(datatype, str) else (datatype["base"], datatype.get("format"))
    read = datatypes.reader(Datatype(base, format=form))
    if read is None:
        return values.clear()
    return values.to_frame("v").filter(read(pl.col("v")).is_null()).to_series()


def guess_date(title: str, values: pl.Series) -> Inference | None:
    """Return the inference if the values are dates or times, or resemble them; None otherwise."""
    for base in ("date", "dateTime"):
        if holds(base, values):
            return Inference(base)
    if (minguo := _doubt_minguo(title, values)) is not None:
        return minguo
    if values.str.contains(_STAMP).all():
        return _infer_stamps(title, values)
    if values.str.contains(_TIME).all():
        return _infer_times(title, values)
    if values.str.contains("^[12][0-9]{3}$").all():
        return Inference("gYear") if YEARS.are_in(title) else None
    if values.str.contains("^[12][0-9]{3}[-/][0-9]{2}$").all():
        first, second = (values.str.slice(at, 2).cast(pl.Int32) for at in (2, 5))
        if ((first + 1) % 100 == second).all():
            reason, hint = "may be months or pairs of years", 'set "datatype": "gYearMonth" if they are months'
            return Inference(None, _doubt("date", title, reason, hint, values))
        if holds("gYearMonth", values):
            return Inference("gYearMonth")
    if values.str.contains("^[0-9]{2,8}$").all():
        return _infer_digits(title, values)
    if values.str.contains(r"^-?P(?:[0-9]|T[0-9])").all() and holds("duration", values):
        return Inference("duration")
    return _infer_loose(title, values)


def _infer_digits(title: str, values: pl.Series) -> Inference | None:
    """Return the inference for digits that may be dates, months or years without marks between; None otherwise."""
    if values.str.contains("^(?:19|20)[0-9]{6}$").all():
        form = {"base": "date", "format": "yyyyMMdd"}
        if not holds(form, values):
            return None
        if DATES.are_in(title) or any(w.endswith(("date", "datum")) for w in words_of(title)):
            return Inference(form)
        reason, hint = "may be dates (yyyyMMdd) or codes", 'set "datatype" to {"base": "date", "format": "yyyyMMdd"}'
        return Inference(None, _doubt("date", title, reason, f"{hint} if they are dates", values))
    if not (DATES.are_in(title) or MONTHS.are_in(title) or YEARS.are_in(title)):
        return None
    hint = "write them as YYYY-MM-DD, YYYY-MM or YYYY"
    for pattern, reason in (
        ("^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])$", "may be months (yyyyMM)"),
        (f"^[01]?[0-9]{{2}}{_MONTH_AND_DAY}$", "may be dates of the calendar of the Republic of China (112 is 2023)"),
        ("^[01]?[0-9]{2}(?:0[1-9]|1[0-2])$", "may be months of the calendar of the Republic of China (112 is 2023)"),
    ):
        if values.str.contains(pattern).all() and (DATES.are_in(title) or MONTHS.are_in(title)):
            return Inference(None, _doubt("date", title, reason, hint, values))
    if title.endswith(("年", "年度", "年份")) and values.str.contains("^(?:[3-9][0-9]|1[0-4][0-9])$").all():
        reason = "may be years of the calendar of the Republic of China (112 is 2023)"
        return Inference(None, _doubt("date", title, reason, hint, values))
    return None


def _doubt_minguo(title: str, values: pl.Series) -> Inference | None:
    """Return a doubt where years have three digits, or two as well, as in the calendar of the Republic of China."""
    if not values.str.contains(_MINGUO).all():
        return None
    years = values.str.extract(_MINGUO, 1).cast(pl.Int32)
    if not ((years >= 100).any() or values.str.contains("年").all()) or (years > 150).any():
        return None
    reason = "may be dates of the calendar of the Republic of China (112 is 2023)"
    return Inference(None, _doubt("date", title, reason, "write them as YYYY-MM-DD", values))


def _doubt(kind: DoubtKind, title: str, reason: str, hint: str, values: Iterable[str]) -> Doubt:
    return Doubt(kind, reason, hint, title, tuple(dict.fromkeys(values))[:MAX_EXAMPLES])


def _infer_stamps(title: str, values: pl.Series) -> Inference | None:
    """Return the inference for values of three numbers with marks between, and maybe a time."""
    parts = values.str.extract_groups(_STAMP).struct.unnest().with_columns(v=values)
    parts = parts.with_columns(
        form=pl.concat_str(
            pl.when(pl.col("a").str.len_chars() == 4)
            .then(pl.lit("ymd"))
            .when(pl.col("c").str.len_chars() == 4)
            .then(pl.lit("xy"))
            .otherwise(pl.lit("short")),
            pl.col("s"),
            pl.col("r"),
            pl.col("t").fill_null(""),
            pl.when(pl.col("time").is_null())
            .then(pl.lit(""))
            .otherwise(pl.col("time").str.count_matches(":").cast(pl.String)),
            pl.when(pl.col("zone").is_null())
            .then(pl.lit(""))
            .otherwise(pl.col("zone").str.replace_all("[0-9]", "0").str.replace(r"[+-]", "+")),
        )
    )
    if (parts["s"] != parts["r"]).any() or _never_dates(parts):
        return None
    forms = parts["form"].unique(maintain_order=True)
    if forms.len() > 1:
        each = parts.unique("form", keep="first", maintain_order=True)["v"]
        reason, hint = f"dates are written in {forms.len()} forms", "write all of them as YYYY-MM-DD"
        return Inference(None, _doubt("date", title, reason, hint, each))
    form, sep = forms[0], parts["s"][0]
    if form.startswith("short"):
        hint = "write four digits of the year, as in YYYY-MM-DD"
        return Inference(None, _doubt("date", title, "dates have years of two digits", hint, values))
    if form.startswith("ymd"):
        order = (
            "yyyy-MM-dd"
            if (parts["b"].str.len_chars() == 2).all() and (parts["c"].str.len_chars() == 2).all()
            else "yyyy-M-d"
        )
        order = order.replace("-", sep)
    else:
        first, second = (int(parts[n].cast(pl.Int32).max() or 0) for n in "ab")  # type: ignore[arg-type]
        if first <= 12 and second <= 12:
            reason = (
                f"dates may be day first or month first: no part is above 12 (d{sep}M{sep}yyyy or M{sep}d{sep}yyyy)"
            )
            hint = 'set "datatype" to {"base": "date", "format": …} with the right one'
            return Inference(None, _doubt("date", title, reason, hint, values))
        if first > 12 and second > 12:
            shown = [
                *parts.filter(pl.col("a").cast(pl.Int32) > 12)["v"].head(1),
                *parts.filter(pl.col("b").cast(pl.Int32) > 12)["v"].head(1),
            ]
            reason, hint = "some dates are day first and some month first", "write all of them as YYYY-MM-DD"
            return Inference(None, _doubt("date", title, reason, hint, shown))
        order = f"d{sep}M{sep}yyyy" if first > 12 else f"M{sep}d{sep}yyyy"
    base = "date"
    if parts["t"][0] is not None:
        base, order = "dateTime", order + parts["t"][0] + _clock_format(parts)
    datatype: Any = {"base": base, "format": order}
    if order == "yyyy-MM-dd" or (base == "dateTime" and holds("dateTime", values)):
        datatype = base
    return _checked(title, datatype, values, "date")


def _never_dates(parts: pl.DataFrame) -> bool:
    """Return whether the numbers cannot be days and months, as in part numbers."""
    ymd = parts["a"].str.len_chars() == 4
    last = parts["c"].str.len_chars()
    day = pl.select(pl.when(ymd).then(parts["c"]).otherwise(parts["a"]).cast(pl.Int32)).to_series()
    month = parts["b"].cast(pl.Int32)
    lengths = (parts["a"].str.len_chars() == 3) | (ymd & last.is_in([3, 4])) | (~ymd & last.is_in([1, 3]))
    if lengths.any():
        return True
    high = (day > 31) | (month > 31) | ((day > 12) & (month > 12)) | (day == 0) | (month == 0)
    return bool(high.sum() > parts.height / 2)


def _clock_format(parts: pl.DataFrame) -> str:
    """Return the format of the time of day that all rows have."""
    hours = "HH" if parts["time"].str.contains("^[0-9]{2}:").all() else "H"
    form = f"{hours}:mm" + (":ss" if parts["time"][0].count(":") == 2 else "")
    if parts["part"].null_count() < parts.height:
        form += "." + "S" * (int(parts["part"].str.len_chars().max() or 2) - 1)  # type: ignore[arg-type]
    zone = parts["zone"].drop_nulls()
    if not zone.is_empty():
        symbol = "XXX" if zone.str.contains(":").any() else "XX" if zone.str.contains("[0-9]{4}").any() else "X"
        form += (" " if zone[0].startswith(" ") else "") + symbol
    return form


def _infer_times(title: str, values: pl.Series) -> Inference | None:
    """Return the inference for values with the form of a time of day."""
    parts = values.str.extract_groups(_TIME).struct.unnest()
    colons = parts["time"].str.count_matches(":")
    if colons.n_unique() > 1:
        reason, hint = "times are written with and without seconds", "write all of them as hh:mm:ss"
        return Inference(
            None, _doubt("time", title, reason, hint, values.gather([colons.arg_min() or 0, colons.arg_max() or 0]))
        )
    over = parts["time"].str.extract("^([0-9]+)").cast(pl.Int32) > 23
    if over.any() or DURATIONS.are_in(title):
        shown = values.filter(over) if over.any() else values
        reason, hint = "may be durations, not times of day", "write durations as PT26H15M (xsd:duration)"
        return Inference(None, _doubt("time", title, reason, hint, shown))
    clock = TIMES.are_in(title) or values.str.contains("^0[0-9]:|:[0-9]{2}:").any()
    if not clock and not values.str.contains(":[0-5][05]$").all():
        reason, hint = "may be times of day, scores or ratios", 'set "datatype" to {"base": "time", "format": "H:mm"}'
        return Inference(None, _doubt("time", title, reason, f"{hint} if they are times", values))
    if holds("time", values):
        return Inference("time")
    return _checked(title, {"base": "time", "format": _clock_format(parts)}, values, "time")


def _checked(title: str, datatype: Any, values: pl.Series, kind: DoubtKind) -> Inference:
    """Return a datatype if all values are of it, or a doubt that shows those that are not."""
    wrong = unread(datatype, values)
    if wrong.is_empty():
        return Inference(datatype)
    form = datatype if isinstance(datatype, str) else datatype["format"]
    reason = f"{wrong.len()} of {values.len()} different cells are not a {kind} of the form {form}"
    return Inference(None, _doubt(kind, title, reason, "correct them, or keep the column as text", wrong))


def _infer_loose(title: str, values: pl.Series) -> Inference | None:
    """Return a doubt if most values resemble dates, in forms of several kinds or with names of months."""
    named = values.str.contains(_MONTH_NAMES) & values.str.contains("[0-9]")
    loose = values.str.contains(_LOOSE)
    loose = (
        loose | values.str.contains(_POINTED_MONTH) if (loose | values.str.contains(_POINTED_MONTH)).all() else loose
    )
    halves = values.str.contains(r"(?i)[0-9]:[0-9]{2}(?::[0-9]{2})?\s?[ap]\.?m\.?$")
    count = int((named | loose | halves).sum())
    if not count or count < 0.5 * values.len() or values.str.contains("^[12][0-9]{3}$").sum() == count:
        return None
    if not named.any() and not halves.any() and not values.filter(loose).str.contains("[-/.年月]").any():
        return None
    if halves.sum() == values.len():
        reason, hint = "times are written with AM and PM", "write them as hh:mm:ss of 24 hours"
    elif named.sum() == values.len():
        reason, hint = "dates are written with names of months", "write them as YYYY-MM-DD"
    else:
        shapes = values.str.replace_all(r"\p{L}+", "a").str.replace_all("[0-9]+", "0").unique(maintain_order=True)
        reason, hint = (
            (
                f"dates are written in {shapes.len()} forms, or mixed with other text"
                if shapes.len() > 1
                else "looks like dates, but the form is not certain"
            ),
            "write all of them as YYYY-MM-DD",
        )
        shown = values.to_frame("v").with_columns(
            f=pl.col("v").str.replace_all(r"\p{L}+", "a").str.replace_all("[0-9]+", "0")
        )
        return Inference(
            None, _doubt("date", title, reason, hint, shown.unique("f", keep="first", maintain_order=True)["v"])
        )
    return Inference(None, _doubt("date", title, reason, hint, values))
