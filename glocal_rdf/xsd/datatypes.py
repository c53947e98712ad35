"""Which texts a datatype allows: the lexical spaces of XML Schema 1.1, a column at a time (SHACL, section 4.1.2)."""

from __future__ import annotations

import polars as pl

from glocal_rdf.triples.terms import unescape

__all__ = ["KNOWN", "NAME_CHAR", "NAME_START", "is_valid", "is_well_typed"]

XSD = "http://www.w3.org/2001/XMLSchema#"
LANG_STRING = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"


def xsd(name: str) -> str:
    """Return a datatype of XML Schema as a term."""
    return f"<{XSD}{name}>"


_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_FLOAT = r"(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN)"
_INTEGER = r"[+-]?[0-9]+"
_SECONDS = r"[0-9]+(?:\.[0-9]+)?S"
_TIME_PART = rf"T(?:[0-9]+H(?:[0-9]+M)?(?:{_SECONDS})?|[0-9]+M(?:{_SECONDS})?|{_SECONDS})"
_DATE_PART = "(?:[0-9]+Y(?:[0-9]+M)?(?:[0-9]+D)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)"
NAME_START = (
    r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}"
    r"\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
)
NAME_CHAR = NAME_START + r".0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}-"
_B64 = r"[A-Za-z0-9+/] ?"

_PATTERNS: dict[str, str] = {
    "boolean": "true|false|1|0",
    "decimal": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
    "integer": _INTEGER,
    "double": _FLOAT,
    "float": _FLOAT,
    "date": rf"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}",
    "time": rf"{_TIME}{_ZONE}",
    "dateTime": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE[:-1]}",
    "gYear": rf"{_YEAR}{_ZONE}",
    "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": rf"--{_MONTH}{_ZONE}",
    "gDay": rf"---{_DAY}{_ZONE}",
    "gMonthDay": rf"--(?:{_MONTH}-(?:0[1-9]|[12][0-9])|(?:0[13-9]|1[0-2])-30|(?:0[13578]|1[02])-31){_ZONE}",
    "duration": rf"-?P(?:{_DATE_PART}(?:{_TIME_PART})?|{_TIME_PART})",
    "dayTimeDuration": rf"-?P(?:[0-9]+D(?:{_TIME_PART})?|{_TIME_PART})",
    "yearMonthDuration": r"-?P(?:[0-9]+Y(?:[0-9]+M)?|[0-9]+M)",
    "hexBinary": "(?:[0-9A-Fa-f]{2})*",
    "base64Binary": rf"(?:(?:{_B64}){{4}})*(?:(?:{_B64}){{2}}[AEIMQUYcgkosw048] ?=|{_B64}[AQgw] ?= ?=)?",
    "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "Name": rf"[{NAME_START}][{NAME_CHAR}]*",
    "NCName": rf"[{NAME_START[1:]}][{NAME_CHAR[1:]}]*",
    "NMTOKEN": rf"[{NAME_CHAR}]+",
}
_RANGES: dict[str, tuple[int | None, int | None]] = {
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
KNOWN = frozenset((*_PATTERNS, *_RANGES))
"""The local names of the XML Schema datatypes whose texts are tested."""


def is_well_typed(terms: pl.Series, datatype: str) -> pl.Series:
    """Tell of each term whether it is a literal of `datatype` (a term) whose text the datatype allows."""
    if datatype == xsd("string"):
        return terms.str.ends_with('"')
    if datatype == LANG_STRING:
        return terms.str.contains('"@[A-Za-z0-9-]+$')
    suffix = f'"^^{datatype}'
    typed = terms.str.ends_with(suffix)
    name = datatype[len(XSD) + 1 : -1] if datatype.startswith("<" + XSD) else ""
    if name not in KNOWN or not typed.any():
        return typed
    inner = terms.str.strip_suffix(suffix).str.slice(1)
    if name in {"normalizedString", "token"}:
        inner = inner.to_frame("text").select(unescape(pl.col("text")))["text"]
    return typed & is_valid(inner, name)


def is_valid(texts: pl.Series, name: str) -> pl.Series:
    """Tell of each text whether it is in the lexical space of an XML Schema datatype, named without its namespace."""
    if name in _RANGES:
        return texts.str.contains(f"^(?:{_INTEGER})$") & _is_within(texts, *_RANGES[name])
    fits = texts.str.contains(rf"^(?:{_PATTERNS[name]})$")
    return fits & _is_day(texts) if name in {"date", "dateTime", "dateTimeStamp"} else fits


def _is_within(texts: pl.Series, low: int | None, high: int | None) -> pl.Series:
    """Compare whole numbers by sign, count of digits, and digits, so that none is too large."""
    frame = texts.to_frame("text").with_columns(
        negative=pl.col("text").str.starts_with("-"), digits=pl.col("text").str.strip_chars_start("+-0")
    )
    zero = pl.col("digits") == ""
    negative = pl.col("negative") & ~zero

    def longer(bound: int) -> pl.Expr:
        """Tell whether the digits are a larger number than those of the bound."""
        digits = str(abs(bound))
        size = pl.col("digits").str.len_bytes()
        return (size > len(digits)) | ((size == len(digits)) & (pl.col("digits") > digits))

    fits = pl.lit(value=True)
    if low is not None:
        fits &= ~(negative & longer(low)) if low < 0 else ~negative & ~(zero if low > 0 else pl.lit(value=False))
    if high is not None:
        fits &= negative | ~longer(high) if high >= 0 else negative
    if high == 0:
        fits &= negative | zero
    return frame.select(fits.alias("fits"))["fits"]


def _is_day(texts: pl.Series) -> pl.Series:
    """Refuse days that their month has not."""
    wrong = texts.str.contains(r"^-?[0-9]{4,}-(?:02-3|(?:04|06|09|11)-31)")
    leap = texts.str.contains(r"^-?[0-9]{4,}-02-29")
    if leap.any():
        # Four digits tell: 10,000 years are 25 times the 400 after which the calendar repeats.
        year = texts.str.extract(r"^-?[0-9]*([0-9]{4})-02-29", 1).cast(pl.Int32)
        wrong |= leap & ~((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)))
    return ~wrong
