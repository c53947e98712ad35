"""Guesses numbers: only where the cells leave one reading, and the column does not look like one of codes.

A mark between digits is one of groups only where every group has three digits and some cell has two groups, or a
decimal mark as well. A comma or point with three digits behind it may be either, and is left as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.guess.results import EXAMPLES, Answer, Doubt, DoubtKind
from glocal_rdf.csvw.guess.words import CODES, COORDINATES, IDENTIFIERS, LISTS, words_of

_SPACES: Final = " \u00a0\u202f\u2009"
_APOSTROPHES: Final = "'\u2019"
_NUMBER: Final = rf"^[+\-−]?(?:[0-9][0-9.,{_SPACES}{_APOSTROPHES}]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_MONEY: Final = (
    r"(?i)^[+\-−]?(?:(?:US|NT|HK|A|C|NZ)?[$€£¥₩₹₽₺฿]|\b(?:CHF|EUR|USD|GBP|JPY|TWD|NTD|SEK|NOK|DKK|PLN|CZK|HUF|Fr\.?|Rs\.?))\s?"
    r"[+\-−]?[0-9][0-9.,'’\s]*(?:[.,]?[-–—]+)?$"
    r"|^[+\-−]?[0-9][0-9.,'’\s]*(?:[.,][-–—]+)?\s?(?:[$€£¥₩₹₽₺฿元]|CHF|EUR|USD|GBP|JPY|TWD|NTD|SEK|NOK|DKK|PLN|CZK|HUF|kr\.?|zł|Kč|Ft)$"
)
_UNIT: Final = r"^[+\-−]?[0-9][0-9.,]*\s?(?P<unit>[°µ\p{L}][\p{L}/²³°0-9]{0,7}|°)$"


def guess_number(title: str, values: pl.Series, delimiter: str, *, exact: bool = False) -> Answer | None:
    """Return what the values say about numbers, or None if they are none.

    `exact`: the file itself says that they are numbers, as spreadsheets do.
    """
    if values.str.contains(_NUMBER).all():
        return _judge(title, values, delimiter, exact=exact)
    if values.str.contains(r"[%‰]$").all():
        return _judge_percent(title, values, delimiter)
    return _judge_mixed(title, values)


def _doubt(kind: DoubtKind, title: str, reason: str, hint: str, values: Iterable[str]) -> Answer:
    return Answer(None, Doubt(kind, reason, hint, title, tuple(dict.fromkeys(values))[:EXAMPLES]))


def _code(title: str, reason: str, values: pl.Series) -> Answer:
    hint = 'set "datatype" to a number type only if the cells are quantities'
    return _doubt("code", title, f"{reason}: kept as text, as codes and phone numbers are", hint, values)


def _ambiguous(title: str, values: pl.Series, mark: str) -> Answer:
    called = "comma" if mark == "," else "point"
    reason = f"the {called} may be a decimal mark or one of thousands"
    return _doubt("number", title, reason, _formats(mark), values)


def _formats(mark: str) -> str:
    other = "." if mark == "," else ","
    decimal = '"decimal"' if mark == "." else '{"base": "decimal", "format": {"decimalChar": ","}}'
    return (
        f'set "datatype" to {decimal} if decimal, '
        f'or to {{"base": "decimal", "format": {{"decimalChar": "{other}", "groupChar": "{mark}"}}}} if thousands'
    )


def _judge(title: str, values: pl.Series, delimiter: str, *, exact: bool) -> Answer:
    words = words_of(title)

    def having(pattern: str) -> pl.Series:
        return values.filter(values.str.contains(pattern))

    if not exact:
        for pattern, reason in (
            (r"^\+", "has a plus sign"),
            (r"^-?0[0-9]", "has leading zeros"),
            ("^−", "has a minus sign that is not the hyphen (U+2212)"),
        ):
            if not (found := having(pattern)).is_empty():
                return _code(title, reason, found)
        if words & CODES:
            return _code(title, "is headed like codes", values)
    if values.str.contains("[eE]").any():
        return _judge_exponents(title, values, having("[eE]"), exact=exact)
    marks = [m for m in (",", ".", *_SPACES, *_APOSTROPHES) if values.str.contains(m, literal=True).any()]
    if not marks:
        return _judge_whole(title, words, values, exact=exact)
    if marks == ["."] and exact:
        return Answer("decimal")
    if set(marks) <= {",", "."}:
        if len(marks) == 2:
            return _judge_two_marks(title, values)
        return _judge_points(title, values) if marks == ["."] else _judge_commas(title, words, values, delimiter)
    return _judge_spaces(title, values, marks)


def _judge_whole(title: str, words: frozenset[str], values: pl.Series, *, exact: bool) -> Answer:
    """Judge digits alone: whole numbers, or identifiers and phone numbers."""
    if exact:
        return Answer("integer")
    lengths = values.str.len_chars()
    if words & IDENTIFIERS and lengths.n_unique() > 1 and lengths.max() <= 18:  # type: ignore[operator]
        numbers = values.cast(pl.Int64)
        span = int(numbers.max()) - int(numbers.min()) + 1  # type: ignore[arg-type]
        if span > 3 * values.len() + 100:
            return _code(title, "has identifiers of several widths", values)
    if lengths.min() == lengths.max() and int(lengths[0]) >= 9 and values.len() > 1:
        return _code(title, f"has {lengths[0]} digits in every cell", values)
    if int(lengths.max()) > 18:  # type: ignore[arg-type]
        return _code(title, "has more digits than a count", values.filter(lengths > 18))
    return Answer("integer")


def _judge_exponents(title: str, values: pl.Series, found: pl.Series, *, exact: bool) -> Answer:
    """Judge numbers with an exponent: without a point and a sign, 1E5 is a code as well."""
    plain = r"^-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
    certain = found.str.contains(r"\.[0-9]+[eE]|[eE][+-]")
    pointed = values.str.contains(".", literal=True).any()
    if values.str.contains(plain).all() and (exact or (certain.all() and pointed)):
        return Answer("double")
    return _code(title, "has an E between digits", found)


def _judge_points(title: str, values: pl.Series) -> Answer:
    pointed = values.filter(values.str.contains(".", literal=True))
    if pointed.str.contains(r"\..*\.").any():
        return _judge_groups(title, values, ".", "")
    if not values.str.contains(r"^-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)$").all():
        return _doubt(
            "number", title, "has points without digits behind them", "keep it as text, or correct them", values
        )
    grouped = pointed.str.contains(r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$").all()
    if grouped and not words_of(title) & COORDINATES:
        return _ambiguous(title, pointed, ".")
    return Answer("decimal")


def _judge_commas(title: str, words: frozenset[str], values: pl.Series, delimiter: str) -> Answer:
    found = values.filter(values.str.contains(",", literal=True))
    if words & LISTS:
        return _list(title, found)
    if found.str.contains(",.*,").any():
        return _judge_groups(title, values, ",", "")
    if not values.str.contains("^-?(?:0|[1-9][0-9]*)(?:,[0-9]+)?$").all():
        return _doubt(
            "number", title, "has commas without digits around them", "keep it as text, or correct them", found
        )
    if found.str.contains("^-?[1-9][0-9]{0,2},[0-9]{3}$").all():
        return _ambiguous(title, found, ",")
    if delimiter == ",":
        # Two codes in quotes look the same: only prices and the like, written to the same place, are certain.
        places = found.str.extract(",([0-9]+)$")
        alike = found.len() == values.len() and places.str.len_chars().n_unique() == 1
        certain = (alike and places.str.contains("^0.|.0$").any()) or found.str.contains("^-?0,").any()
        if not certain:
            reason = "the comma may be a decimal mark or part two codes"
            decimal = '{"base": "decimal", "format": {"decimalChar": ","}}'
            hint = f'set "datatype" to {decimal} if decimal, or "separator": "," if codes'
            return _doubt("number", title, reason, hint, found)
    return Answer({"base": "decimal", "format": {"decimalChar": ","}})


def _list(title: str, found: pl.Series) -> Answer:
    return _doubt("list", title, "looks like lists of numbers or codes", 'set "separator": "," if they are', found)


def _judge_groups(title: str, values: pl.Series, mark: str, decimal: str) -> Answer:
    """Judge numbers with groups of three digits, of which some cell has two."""
    g = re.escape(mark)
    tail = rf"(?:{re.escape(decimal)}[0-9]+)?" if decimal else ""
    grouped = rf"[1-9][0-9]{{0,2}}(?:{g}[0-9]{{3}})+"
    if not values.str.contains(rf"^-?(?:{grouped}|0|[1-9][0-9]{{0,2}}){tail}$").all():
        if mark == "," and values.str.contains("^[0-9]+(?:,[0-9]+)*$").all():
            return _list(title, values.filter(values.str.contains(",", literal=True)))
        shown = (
            values.to_frame("v")
            .with_columns(s=pl.col("v").str.replace_all("[0-9]+", "0"))
            .unique("s", keep="first", maintain_order=True)["v"]
        )
        reason, hint = "numbers are written in several ways", "write all of them alike, as 1234567.5"
        return _doubt("number", title, reason, hint, shown)
    found = values.filter(values.str.contains(mark, literal=True))
    if not decimal and _looks_like_lists(found, mark):
        return _list(title, found) if mark == "," else _code(title, f"looks like codes parted by {mark!r}", found)
    other = decimal or ("." if mark != "." else ",")
    base = "decimal" if decimal else "integer"
    return Answer({"base": base, "format": {"decimalChar": other, "groupChar": mark}})


def _looks_like_lists(found: pl.Series, mark: str) -> bool:
    """Tell whether groups look like codes: in order in every cell, and the same ones in several cells."""
    groups = found.to_frame("v").with_row_index("i").select("i", g=pl.col("v").str.split(mark)).explode("g")
    if groups["g"].str.starts_with("0").any():
        return False
    ordered = groups.with_columns(n=pl.col("g").cast(pl.Int64)).select(
        (pl.col("n").diff().over("i").fill_null(1) > 0).all()
    )
    return bool(ordered.item()) and groups.select("g", "i").unique().height > groups["g"].n_unique()


def _judge_two_marks(title: str, values: pl.Series) -> Answer:
    """Judge numbers with commas and points: which of them stands last is the decimal mark."""
    head = "(?:[1-9][0-9]{{0,2}}(?:{g}[0-9]{{3}})+|0|[1-9][0-9]*)"
    for mark, decimal in ((",", "."), (".", ",")):
        g, d = re.escape(mark), re.escape(decimal)
        both = values.str.contains(rf"{g}.*{d}")
        twice = values.str.contains(rf"{g}.*{g}")
        if values.str.contains(rf"^-?{head.format(g=g)}(?:{d}[0-9]+)?$").all() and (both.any() or twice.any()):
            return Answer({"base": "decimal", "format": {"decimalChar": decimal, "groupChar": mark}})
    shown = [
        *values.filter(values.str.contains(",", literal=True)).head(1),
        *values.filter(values.str.contains(".", literal=True)).head(2),
    ]
    reason, hint = "numbers are written with commas and with points", "write all of them alike, as 1234567.5"
    return _doubt("number", title, reason, hint, shown)


def _judge_spaces(title: str, values: pl.Series, marks: list[str]) -> Answer:
    """Judge numbers whose groups are parted by spaces or apostrophes."""
    parting = [m for m in marks if m not in {",", "."}]
    decimals = [m for m in marks if m in {",", "."}]
    shapes = values.str.replace_all("[0-9]", "0")
    if len(parting) == 1 and len(decimals) < 2:
        g = re.escape(parting[0])
        d = re.escape(decimals[0]) if decimals else "x"
        shape = rf"^-?(?:[1-9][0-9]{{0,2}}(?:{g}[0-9]{{3}})+|0|[1-9][0-9]*)(?:{d}[0-9]+)?$"
        pointed = values.filter(values.str.contains(d))
        both = pointed.str.contains(g).any() or not pointed.str.contains(rf"^-?[1-9][0-9]{{0,2}}{d}[0-9]{{3}}$").all()
        phones = not decimals and shapes.n_unique() == 1 and values.len() > 1 and len(shapes[0]) >= 11
        twice = values.str.contains(rf"{g}.*{g}").any() or (bool(decimals) and pointed.str.contains(g).any())
        if values.str.contains(shape).all() and both | (not decimals) and not phones:
            if not twice and not decimals and _looks_like_lists(values.filter(values.str.contains(g)), parting[0]):
                return _code(title, "looks like codes parted by spaces", values)
            decimal = decimals[0] if decimals else ","
            base = "decimal" if decimals else "integer"
            return Answer({"base": base, "format": {"decimalChar": decimal, "groupChar": parting[0]}})
        if phones:
            return _code(title, "has groups of digits of the same widths in every cell", values)
    kept = (
        values.to_frame("v")
        .with_columns(s=shapes.str.replace_all("0+", "0"))
        .unique("s", keep="first", maintain_order=True)["v"]
    )
    reason, hint = "numbers are written in several ways", "write all of them alike, as 1234567.5"
    return _doubt("number", title, reason, hint, kept)


def _judge_percent(title: str, values: pl.Series, delimiter: str) -> Answer | None:
    sign = values[0][-1]
    bare = values.str.strip_suffix(sign)
    if bare.str.contains("[%‰]").any() or not bare.str.contains(_NUMBER).all():
        return _doubt(
            "number", title, "holds percent signs beside other text", "write the cells alike, as 12.5%", values
        )
    answer = _judge(title, bare, delimiter, exact=False)
    found: Any = answer.datatype
    if found in ("integer", "decimal") or found == {"base": "decimal", "format": {"decimalChar": ","}}:
        mark = "." if isinstance(found, str) else ","
        places = int(bare.str.extract(r"[.,]([0-9]+)$").str.len_chars().max() or 0)  # type: ignore[arg-type]
        pattern = "#0" + (mark + "#" * places if places else "") + sign
        written: Any = pattern if mark == "." else {"pattern": pattern, "decimalChar": ",", "groupChar": "."}
        return Answer({"base": "decimal", "format": written})
    hint = 'set "datatype" with a "format" such as "#0.##%"'
    return _doubt("number", title, "holds percentages whose form is not certain", hint, values)


def _judge_mixed(title: str, values: pl.Series) -> Answer | None:
    """Doubt about a column of amounts of money, of numbers with units, or of numbers beside other text."""
    money = values.str.contains(_MONEY)
    numbers = values.str.contains(_NUMBER) | values.str.contains("^[0-9][0-9.,]*%$")
    if money.any() and (money | numbers).sum() >= 0.5 * values.len():
        hint = "keep amounts and currencies in columns of their own"
        return _doubt("money", title, "holds amounts of money, which are kept as text", hint, values.filter(money))
    units = values.str.extract(_UNIT)
    if units.drop_nulls().n_unique() == 1 and units.null_count() == 0 and (values.len() > 1 or " " in values[0]):
        hint = "put the unit into the header, and keep the numbers alone"
        return _doubt(
            "unit", title, f"holds numbers with {units[0]!r} behind them, which are kept as text", hint, values
        )
    brackets = values.str.contains(r"^\([0-9][0-9.,]*\)$|^[0-9][0-9.,]*-$")
    if (numbers | brackets).all() and brackets.any():
        hint = "write negative numbers with a hyphen before them"
        return _doubt("number", title, "holds numbers in brackets or with a sign behind", hint, values.filter(brackets))
    count = int(numbers.sum())
    if values.len() > 1 and count >= 0.5 * values.len():
        others = values.filter(~numbers)
        reason = f"holds numbers, and {others.len()} other different texts"
        return _doubt("mixed", title, reason, 'add the texts to "null", or correct them', others)
    if (
        values.str.contains("^[A-Za-z]?[0-9]+(?:[,;/|][0-9]+)+$").any()
        and values.str.contains(r"^[0-9]+(?:\s?[,;/|]\s?[0-9]+)*$").all()
    ):
        mark = next(m for m in ",;/|" if values.str.contains(m, literal=True).any())
        reason, hint = "looks like lists of numbers or codes", f'set "separator": "{mark}" if they are'
        return _doubt("list", title, reason, hint, values.filter(values.str.contains(mark, literal=True)))
    return None
