"""Infers numbers: only where the cells can be read in one way, and the column does not look like one of codes.

A mark between digits separates groups only where every group has three digits and some cell has two groups, or a
decimal mark as well. A comma or point with three digits after it may be either, and is left undecided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.guess.results import MAX_EXAMPLES, Doubt, DoubtKind, Inference
from glocal_rdf.csvw.guess.words import CODES, COORDINATES, IDENTIFIERS, LISTS, QUANTITIES, words_of

__all__ = ["guess_number"]

_SPACES: Final = " \u00a0\u202f\u2009"
_APOSTROPHES: Final = "'\u2019"
_NUMBER: Final = rf"^[+\-−]?(?:[0-9][0-9.,{_SPACES}{_APOSTROPHES}]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_MONEY: Final = (
    r"(?i)^[+\-−]?(?:(?:US|NT|HK|A|C|NZ)?[$€£¥₩₹₽₺฿]|\b(?:CHF|EUR|USD|GBP|JPY|TWD|NTD|SEK|NOK|DKK|PLN|CZK|HUF|Fr\.?|Rs\.?))\s?"
    r"[+\-−]?[0-9][0-9.,'’\s]*(?:[.,]?[-–—]+)?$"
    r"|^[+\-−]?[0-9][0-9.,'’\s]*(?:[.,][-–—]+)?\s?(?:[$€£¥₩₹₽₺฿元]|CHF|EUR|USD|GBP|JPY|TWD|NTD|SEK|NOK|DKK|PLN|CZK|HUF|kr\.?|zł|Kč|Ft)$"
)
_UNIT: Final = r"^[+\-−]?[0-9][0-9.,]*\s?(?P<unit>[°µ\p{L}][\p{L}/²³°0-9]{0,7}|°)$"


def guess_number(title: str, values: pl.Series, delimiter: str, *, exact: bool = False) -> Inference | None:
    """Return the inference if the values are numbers, or resemble them; None otherwise.

    Args:
        title: The title of the column.
        values: The values that are not blank.
        delimiter: The delimiter of the file, which is not a decimal mark.
        exact: Whether they are numbers in the file, as in spreadsheets.
    """
    if values.str.contains(_NUMBER).all():
        return _infer_plain(title, values, delimiter, exact=exact)
    if values.str.contains(r"[%‰]$").all():
        return _infer_percent(title, values, delimiter)
    return _infer_mixed(title, values)


def _doubt(kind: DoubtKind, title: str, reason: str, hint: str, values: Iterable[str]) -> Inference:
    return Inference(None, Doubt(kind, reason, hint, title, tuple(dict.fromkeys(values))[:MAX_EXAMPLES]))


def _code(title: str, reason: str, values: pl.Series) -> Inference:
    hint = 'set "datatype" to a number type only if the cells are quantities'
    return _doubt("code", title, f"{reason}: kept as text, as codes and phone numbers are", hint, values)


def _ambiguous(title: str, values: pl.Series, mark: str) -> Inference:
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


def _infer_plain(title: str, values: pl.Series, delimiter: str, *, exact: bool) -> Inference:
    """Return the inference for values of digits, marks and exponents; codes are kept as text."""

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
    if CODES.are_in(title) and not (exact and values.str.contains("[.eE]").any()):
        return _code(title, "has a header of codes", values)
    if values.str.contains("[eE]").any():
        return _infer_exponents(title, values, having("[eE]"), exact=exact)
    marks = [m for m in (",", ".", *_SPACES, *_APOSTROPHES) if values.str.contains(m, literal=True).any()]
    if not marks:
        return _infer_whole(title, values, exact=exact)
    if marks == ["."] and exact:
        return Inference("decimal")
    if set(marks) <= {",", "."}:
        if len(marks) == 2:
            return _infer_two_marks(title, values)
        return _infer_points(title, values) if marks == ["."] else _infer_commas(title, values, delimiter)
    return _infer_spaces(title, values, marks)


def _infer_whole(title: str, values: pl.Series, *, exact: bool) -> Inference:
    """Return the inference for digits alone: whole numbers, or identifiers and phone numbers."""
    if exact:
        return Inference("integer")
    lengths = values.str.len_chars()
    if IDENTIFIERS.are_in(title) and lengths.n_unique() > 1 and lengths.max() <= 18:  # type: ignore[operator]
        numbers = values.cast(pl.Int64)
        span = int(numbers.max()) - int(numbers.min()) + 1  # type: ignore[arg-type]
        if span > 3 * values.len() + 100:
            return _code(title, "has identifiers of several widths", values)
    alike = lengths.min() == lengths.max() and int(lengths[0]) >= 9 and values.len() > 1
    if (alike or lengths.min() >= 11) and not QUANTITIES.are_in(title):  # type: ignore[operator]
        return _code(
            title, f"has {int(lengths[0])} digits in every cell" if alike else "has eleven digits and more", values
        )
    if int(lengths.max()) > 18:  # type: ignore[arg-type]
        return _code(title, "has more digits than a count", values.filter(lengths > 18))
    return Inference("integer")


def _infer_exponents(title: str, values: pl.Series, found: pl.Series, *, exact: bool) -> Inference:
    """Return the inference for numbers with an exponent; without a point or a sign, as 1E5, they may be codes."""
    plain = r"^-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
    certain = found.str.contains(r"\.[0-9]+[eE]|[eE][+-]")
    pointed = values.str.contains(".", literal=True).any()
    if values.str.contains(plain).all() and (exact or (certain.all() and pointed)):
        return Inference("double")
    return _code(title, "has an E between digits", found)


def _infer_points(title: str, values: pl.Series) -> Inference:
    """Return the inference for numbers with points, and no other mark."""
    pointed = values.filter(values.str.contains(".", literal=True))
    if pointed.str.contains(r"\..*\.").any():
        return _infer_groups(title, values, ".", "")
    if not values.str.contains(r"^-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)$").all():
        return _doubt(
            "number", title, "has points without digits behind them", "keep it as text, or correct them", values
        )
    grouped = pointed.str.contains(r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$").all()
    if grouped and not COORDINATES.are_in(title):
        return _ambiguous(title, pointed, ".")
    return Inference("decimal")


def _infer_commas(title: str, values: pl.Series, delimiter: str) -> Inference:
    """Return the inference for numbers with commas, and no other mark."""
    found = values.filter(values.str.contains(",", literal=True))
    if LISTS.are_in(title):
        return _list(title, found)
    if found.str.contains(",.*,").any():
        return _infer_groups(title, values, ",", "")
    if not values.str.contains("^-?(?:0|[1-9][0-9]*)(?:,[0-9]+)?$").all():
        return _doubt(
            "number", title, "has commas without digits around them", "keep it as text, or correct them", found
        )
    if found.str.contains("^-?[1-9][0-9]{0,2},[0-9]{3}$").all() and not _are_degrees(title, found):
        # In Chinese, Japanese and Korean the decimal mark is the point.
        if QUANTITIES.are_in(title) and re.search("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]", title):
            return _infer_groups(title, values, ",", "")
        return _ambiguous(title, found, ",")
    if delimiter == ",":
        # Two codes in quotes look the same: only prices and the like, written to the same place, are certain.
        places = found.str.extract(",([0-9]+)$")
        alike = found.len() == values.len() and places.str.len_chars().n_unique() == 1
        certain = (alike and places.str.contains("^0.|.0$").any()) or found.str.contains("^-?0,").any()
        if not certain:
            reason = "the comma may be a decimal mark or separate two codes"
            decimal = '{"base": "decimal", "format": {"decimalChar": ","}}'
            hint = f'set "datatype" to {decimal} if decimal, or "separator": "," if codes'
            return _doubt("number", title, reason, hint, found)
    return Inference({"base": "decimal", "format": {"decimalChar": ","}})


def _are_degrees(title: str, found: pl.Series) -> bool:
    """Return whether numbers with a comma are degrees of a coordinate, which have no thousands."""
    whole = found.str.extract("^-?([0-9]+)").cast(pl.Int64)
    return COORDINATES.are_in(title) and not words_of(title) & {"x", "y"} and bool((whole <= 180).all())


def _list(title: str, found: pl.Series) -> Inference:
    return _doubt("list", title, "looks like lists of numbers or codes", 'set "separator": "," if they are', found)


def _infer_groups(title: str, values: pl.Series, mark: str, decimal: str) -> Inference:
    """Return the inference for numbers with groups of three digits, of which some cell has two."""
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
        return _list(title, found) if mark == "," else _code(title, f"looks like codes separated by {mark!r}", found)
    other = decimal or ("." if mark != "." else ",")
    base = "decimal" if decimal else "integer"
    return Inference({"base": base, "format": {"decimalChar": other, "groupChar": mark}})


def _looks_like_lists(found: pl.Series, mark: str) -> bool:
    """Return whether groups look like codes: in order in every cell, and the same ones in several cells."""
    groups = found.to_frame("v").with_row_index("i").select("i", g=pl.col("v").str.split(mark)).explode("g")
    if groups["g"].str.starts_with("0").any():
        return False
    ordered = groups.with_columns(n=pl.col("g").cast(pl.Int64)).select(
        (pl.col("n").diff().over("i").fill_null(1) > 0).all()
    )
    return bool(ordered.item()) and groups.select("g", "i").unique().height > groups["g"].n_unique()


def _infer_two_marks(title: str, values: pl.Series) -> Inference:
    """Return the inference for numbers with commas and points: the one that comes last is the decimal mark."""
    head = "(?:[1-9][0-9]{{0,2}}(?:{g}[0-9]{{3}})+|0|[1-9][0-9]*)"
    for mark, decimal in ((",", "."), (".", ",")):
        g, d = re.escape(mark), re.escape(decimal)
        both = values.str.contains(rf"{g}.*{d}")
        twice = values.str.contains(rf"{g}.*{g}")
        if values.str.contains(rf"^-?{head.format(g=g)}(?:{d}[0-9]+)?$").all() and (both.any() or twice.any()):
            return Inference({"base": "decimal", "format": {"decimalChar": decimal, "groupChar": mark}})
    shown = [
        *values.filter(values.str.contains(",", literal=True)).head(1),
        *values.filter(values.str.contains(".", literal=True)).head(2),
    ]
    reason, hint = "numbers are written with commas and with points", "write all of them alike, as 1234567.5"
    return _doubt("number", title, reason, hint, shown)


def _infer_spaces(title: str, values: pl.Series, marks: list[str]) -> Inference:
    """Return the inference for numbers whose groups are separated by spaces or apostrophes."""
    separators = [m for m in marks if m not in {",", "."}]
    decimals = [m for m in marks if m in {",", "."}]
    shapes = values.str.replace_all("[0-9]", "0")
    if len(separators) == 1 and len(decimals) < 2:
        g = re.escape(separators[0])
        d = re.escape(decimals[0]) if decimals else "x"
        shape = rf"^-?(?:[1-9][0-9]{{0,2}}(?:{g}[0-9]{{3}})+|0|[1-9][0-9]*)(?:{d}[0-9]+)?$"
        pointed = values.filter(values.str.contains(d))
        both = pointed.str.contains(g).any() or not pointed.str.contains(rf"^-?[1-9][0-9]{{0,2}}{d}[0-9]{{3}}$").all()
        phones = not decimals and shapes.n_unique() == 1 and values.len() > 1 and len(shapes[0]) >= 11
        twice = values.str.contains(rf"{g}.*{g}").any() or (bool(decimals) and pointed.str.contains(g).any())
        if values.str.contains(shape).all() and both | (not decimals) and not phones:
            if not twice and not decimals and _looks_like_lists(values.filter(values.str.contains(g)), separators[0]):
                return _code(title, "looks like codes separated by spaces", values)
            decimal = decimals[0] if decimals else ","
            base = "decimal" if decimals else "integer"
            return Inference({"base": base, "format": {"decimalChar": decimal, "groupChar": separators[0]}})
        if phones:
            return _code(title, "has groups of digits of the same widths in every cell", values)
    kept = (
        values.to_frame("v")
        .with_columns(s=shapes.str.replace_all("0+", "0"))
        .unique("s", keep="first", maintain_order=True)["v"]
    )
    reason, hint = "numbers are written in several ways", "write all of them alike, as 1234567.5"
    return _doubt("number", title, reason, hint, kept)


def _infer_percent(title: str, values: pl.Series, delimiter: str) -> Inference | None:
    """Return the inference for numbers with a percent or per mille sign."""
    sign = values[0][-1]
    bare = values.str.strip_suffix(sign)
    if bare.str.contains("[%‰]").any() or not bare.str.contains(_NUMBER).all():
        return _doubt(
            "number", title, "holds percent signs mixed with other text", "write the cells alike, as 12.5%", values
        )
    inference = _infer_plain(title, bare, delimiter, exact=False)
    found: Any = inference.datatype
    if found in ("integer", "decimal") or found == {"base": "decimal", "format": {"decimalChar": ","}}:
        mark = "." if isinstance(found, str) else ","
        places = int(bare.str.extract(r"[.,]([0-9]+)$").str.len_chars().max() or 0)  # type: ignore[arg-type]
        pattern = "#0" + (mark + "#" * places if places else "") + sign
        written: Any = pattern if mark == "." else {"pattern": pattern, "decimalChar": ",", "groupChar": "."}
        return Inference({"base": "decimal", "format": written})
    hint = 'set "datatype" with a "format" such as "#0.##%"'
    return _doubt("number", title, "holds percentages whose form is not certain", hint, values)


def _infer_mixed(title: str, values: pl.Series) -> Inference | None:
    """Return a doubt about amounts of money, numbers with units, and numbers mixed with other text."""
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
