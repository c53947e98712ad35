"""Reads and checks values of the built-in and derived datatypes, a column at a time.

Metadata Vocabulary, section 5.11; Model for Tabular Data, sections 4.6 and 6.4; lexical forms of XML Schema 1.1 part 2.
`reader` returns the expression from text to the lexical form of a value, null where the text is not one. `checks`
returns each facet by itself, so that a message can name the one that is not satisfied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.metadata.model import Datatype
from glocal_rdf.csvw.metadata.vocabulary import ALIASES, is_kind_of
from glocal_rdf.csvw.values.dates import DATE_TYPES, date_reader
from glocal_rdf.csvw.values.numbers import number_reader
from glocal_rdf.errors import InputError
from glocal_rdf.xsd.regex_ecmascript import compile_pattern, matches

Reader = Callable[[pl.Expr], pl.Expr]

_ZONE: Final = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR: Final = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})"
_DAY: Final = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))"
)
_TIME: Final = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_LEAP: Final = rf"^{_YEAR}-02-29"
_NAME_START: Final = (
    r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}"
    r"\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
)
_NAME: Final = _NAME_START + r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"
_NC_START, _NC = _NAME_START.removeprefix(":"), _NAME.removeprefix(":")
_SIGNED: Final = "[+-]?[0-9]+"

_SHAPES: Final = {
    "boolean": "true|false|1|0",
    "decimal": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
    "integer": _SIGNED,
    "nonNegativeInteger": r"\+?[0-9]+|-0+",
    "positiveInteger": r"\+?0*[1-9][0-9]*",
    "nonPositiveInteger": r"-[0-9]+|\+?0+",
    "negativeInteger": r"-0*[1-9][0-9]*",
    "double": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN",
    "date": f"{_YEAR}-{_DAY}{_ZONE}",
    "dateTime": f"{_YEAR}-{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": f"{_YEAR}-{_DAY}T{_TIME}{_ZONE.removesuffix('?')}",
    "time": _TIME + _ZONE,
    "gYear": _YEAR + _ZONE,
    "gYearMonth": f"{_YEAR}-(?:0[1-9]|1[0-2]){_ZONE}",
    "gMonth": f"--(?:0[1-9]|1[0-2]){_ZONE}",
    "gMonthDay": f"--{_DAY}{_ZONE}",
    "gDay": f"---(?:0[1-9]|[12][0-9]|3[01]){_ZONE}",
    "duration": r"-?P(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?",
    "dayTimeDuration": r"-?P(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?",
    "yearMonthDuration": r"-?P(?:[0-9]+Y)?(?:[0-9]+M)?",
    "hexBinary": "(?:[0-9A-Fa-f]{2})*",
    "base64Binary": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?",
    "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "Name": f"[{_NAME_START}][{_NAME}]*",
    "NCName": f"[{_NC_START}][{_NC}]*",
    "NMTOKEN": f"[{_NAME}]+",
    "QName": f"(?:[{_NC_START}][{_NC}]*:)?[{_NC_START}][{_NC}]*",
}
_ZONED: Final = re.compile(r"[0-9](Z|[+-][0-9]{2}:[0-9]{2})$")
_FARTHEST_ZONE: Final = 14 * 3600
_SHAPES["float"] = _SHAPES["double"]

# Integers of a fixed size: the Polars type that holds just them.
_SIZES: Final = {
    "long": pl.Int64(),
    "int": pl.Int32(),
    "short": pl.Int16(),
    "byte": pl.Int8(),
    "unsignedLong": pl.UInt64(),
    "unsignedInt": pl.UInt32(),
    "unsignedShort": pl.UInt16(),
    "unsignedByte": pl.UInt8(),
}
_ORDERED: Final = DATE_TYPES | {"duration", "dayTimeDuration", "yearMonthDuration"}

# What a value of the type is called in messages, and the hint.
NOUNS: Final = {
    "gYear": ("a year", "write four digits"),
    "gYearMonth": ("a year and month", "write YYYY-MM"),
    "date": ("a date", "write YYYY-MM-DD"),
    "dateTime": ("a date and time", "write YYYY-MM-DDThh:mm:ss"),
    "time": ("a time", "write hh:mm:ss"),
    "integer": ("a whole number", "write digits only"),
    "nonNegativeInteger": ("a whole number from 0", "write digits only"),
    "positiveInteger": ("a whole number from 1", "write digits only"),
    "decimal": ("a number", "write digits with a decimal point"),
    "double": ("a number", "write digits with a decimal point"),
    "boolean": ("true or false", "write true or false"),
    "duration": ("a duration", "write it as P1Y2M3DT4H5M6S"),
}


def is_numeric(base: str) -> bool:
    """Return whether a built-in datatype is one of numbers."""
    base = ALIASES.get(base, base)
    return is_kind_of(base, "decimal") or base in {"double", "float"}


def is_ordered(base: str) -> bool:
    """Return whether bounds make sense: numbers, dates, times, durations."""
    return is_numeric(base) or ALIASES.get(base, base) in _ORDERED


def is_text(base: str) -> bool:
    """Return whether all text is a value: the strings, and types without a lexical form of their own."""
    base = ALIASES.get(base, base)
    return base not in _SHAPES and base not in _SIZES


def check_format(datatype: Datatype) -> None:
    """Raise InputError if the format of a datatype cannot be used with its base."""
    if datatype.number is not None:
        _number_reader(datatype)
    elif datatype.format is not None:
        base = ALIASES.get(datatype.base, datatype.base)
        if base == "boolean":
            _boolean_words(datatype.format)
        elif base in DATE_TYPES:
            date_reader(base, datatype.format)
        else:
            compile_pattern(datatype.format)


def reader(datatype: Datatype) -> Reader | None:
    """Return the expression from text to lexical form, null where the text is not a value; None if all text is."""
    base = ALIASES.get(datatype.base, datatype.base)
    if datatype.number is not None:
        number = _number_reader(datatype)
        return lambda text: _validated(number(text), base)
    if datatype.format is not None and base == "boolean":
        yes, no = _boolean_words(datatype.format)
        return lambda text: pl.when(text == yes).then(pl.lit("true")).when(text == no).then(pl.lit("false"))
    if datatype.format is not None and base in DATE_TYPES:
        date = date_reader(base, datatype.format)
        return lambda text: _validated(date(text), base)
    pattern = datatype.format
    if pattern is None and is_text(base):
        return None
    if pattern is None:
        return lambda text: _validated(text, base)
    return lambda text: pl.when(matches(text, pattern)).then(text if is_text(base) else _validated(text, base))


def _number_reader(datatype: Datatype) -> Reader:
    base = ALIASES.get(datatype.base, datatype.base)
    assert datatype.number is not None  # noqa: S101 - both callers have looked
    return number_reader(datatype.number, whole=is_kind_of(base, "integer"), exact=is_kind_of(base, "decimal"))


def _boolean_words(form: str) -> tuple[str, str]:
    yes, bar, no = form.partition("|")
    if not bar or not yes or not no or "|" in no or yes == no:
        raise InputError(f"{form!r} does not name a true and a false value, as in 'Y|N'")
    return yes, no


def _validated(text: pl.Expr, base: str) -> pl.Expr:
    """Return the expression of the text where it is in the lexical space of a built-in datatype, null elsewhere."""
    if base in _SIZES:
        small = text.str.strip_prefix("+").cast(_SIZES[base], strict=False).is_not_null()
        return pl.when(text.str.contains(f"^(?:{_SIGNED})$") & (small | text.str.contains("^-0+$"))).then(text)
    if base == "boolean":
        return (
            pl.when(text.is_in(["true", "1"]))
            .then(pl.lit("true"))
            .when(text.is_in(["false", "0"]))
            .then(pl.lit("false"))
        )
    if base == "base64Binary":
        return pl.when(text.str.replace_all(" ", "", literal=True).str.contains(f"^(?:{_SHAPES[base]})$")).then(text)
    if base not in _SHAPES:
        return text
    good = text.str.contains(f"^(?:{_SHAPES[base]})$")
    if is_kind_of(base, "duration"):
        good = good & text.str.contains("[YMDHS]$") & text.str.contains("[0-9]")
    elif base in {"date", "dateTime", "dateTimeStamp"}:
        year = text.str.extract(r"^-?([0-9]+)-").str.slice(-4).cast(pl.Int32, strict=False)
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        good = good & (~text.str.contains(_LEAP) | leap)
    return pl.when(good).then(text)


@dataclass(frozen=True, slots=True)
class Check:
    """A facet: the message where it is not satisfied, and the expression of whether a lexical form satisfies it."""

    message: str
    holds: Reader


def checks(datatype: Datatype) -> list[Check]:
    """Return the constraints of a derived datatype, other than its format (sections 4.6.1 and 4.6.2 of the Model)."""
    found: list[Check] = []
    base = ALIASES.get(datatype.base, datatype.base)
    size = _length_of(base)
    if (exact := datatype.length) is not None:
        found.append(Check(f"is not {exact} long", lambda v: size(v) == exact))
    if (least := datatype.min_length) is not None:
        found.append(Check(f"is shorter than {least}", lambda v: size(v) >= least))
    if (most := datatype.max_length) is not None:
        found.append(Check(f"is longer than {most}", lambda v: size(v) <= most))
    for bound, message, holds in (
        (datatype.min_inclusive, "is less than {}", lambda a, b: a >= b),
        (datatype.max_inclusive, "is greater than {}", lambda a, b: a <= b),
        (datatype.min_exclusive, "is not greater than {}", lambda a, b: a > b),
        (datatype.max_exclusive, "is not less than {}", lambda a, b: a < b),
    ):
        if bound is not None:
            found.append(Check(message.format(bound), _comparison(base, bound, holds)))
    return found


def _length_of(base: str) -> Reader:
    if base == "hexBinary":
        return lambda v: v.str.len_bytes() // 2
    if base == "base64Binary":
        return lambda v: v.str.replace_all("[ =]", "").str.len_bytes() * 3 // 4
    return lambda v: v.str.len_chars()


def _comparison(base: str, bound: str, holds: Callable[[Any, Any], Any]) -> Reader:
    """Return the expression of whether values are within a bound.

    Whole columns are compared as floats where that is exact, and other values once per distinct value.
    """
    found = _Bound(order_of(base, bound), bool(_ZONED.search(bound)), _lengths(base, bound))
    limit = found.key

    def compare(texts: pl.Series) -> pl.Series:
        if is_numeric(base) and not texts.str.contains("^.{16,}|[^0-9.+-]").any():
            numbers = texts.cast(pl.Float64, strict=False)
            if numbers.null_count() == texts.null_count():
                compared: pl.Series = holds(numbers, float(limit))
                return compared
        distinct = texts.drop_nulls().unique()
        answers = [_is_within(base, text, found, holds) for text in distinct]
        return texts.replace_strict(
            distinct, pl.Series(answers, dtype=pl.Boolean), default=None, return_dtype=pl.Boolean
        )

    return lambda v: v.map_batches(compare, return_dtype=pl.Boolean, is_elementwise=True)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A bound: its key in the order of values, whether it has a time zone, and its lengths if it is a duration."""

    key: Any
    zoned: bool
    lengths: Sequence[Decimal]


def _is_within(base: str, text: str, bound: _Bound, holds: Callable[[Any, Any], Any]) -> bool:
    """Return whether a value is surely within a bound: not all values are ordered (XML Schema part 2, section 2.2.3).

    NaN is neither less nor greater than any number, a month has 28 to 31 days, and a time without a zone may be in any.
    A text that is not a value is reported as that, and passes.
    """
    key = order_of(base, text)
    if key is None:
        return text != "NaN"
    if bound.lengths:
        return all(holds(k, b) for k, b in zip(_lengths(base, text), bound.lengths, strict=True))
    if not is_numeric(base) and bool(_ZONED.search(text)) != bound.zoned:
        return all(
            holds(key + shift, bound.key) and key + shift != bound.key for shift in (-_FARTHEST_ZONE, _FARTHEST_ZONE)
        )
    return bool(holds(key, bound.key))


def order_of(base: str, text: str) -> Any:
    """Return a key that orders values of one datatype as XML Schema does, or None if the text is not a value of it."""
    base = ALIASES.get(base, base)
    valid = pl.select(_validated(pl.lit(text), base)).item()
    if valid is None:
        return None
    if is_numeric(base):
        special = {"INF": "Infinity", "+INF": "Infinity", "-INF": "-Infinity"}
        try:
            number = Decimal(special.get(text, text))
        except InvalidOperation:
            return None
        return None if number.is_nan() else number
    if is_kind_of(base, "duration"):
        return _seconds_of_duration(text)
    return _seconds_of_date(text)


def _parts_of_duration(text: str) -> tuple[int, Decimal]:
    """Return the months and the seconds of a duration."""
    date, _, time = text.partition("T")
    months, seconds = 0, Decimal(0)
    for number, unit in re.findall(r"([0-9]+)([YMD])", date):
        if unit == "D":
            seconds += Decimal(number) * 86_400
        else:
            months += int(number) * (12 if unit == "Y" else 1)
    for number, unit in re.findall(r"([0-9.]+)([HMS])", time):
        seconds += Decimal(number) * {"H": 3600, "M": 60, "S": 1}[unit]
    return (-months, -seconds) if text.startswith("-") else (months, seconds)


def _seconds_of_duration(text: str) -> Decimal:
    months, seconds = _parts_of_duration(text)
    return months * Decimal(2_629_746) + seconds


def _lengths(base: str, text: str) -> list[Decimal]:
    """Return the seconds of a duration from each of the four months by which XML Schema compares (part 2, 3.3.6)."""
    if not is_kind_of(base, "duration"):
        return []
    months, seconds = _parts_of_duration(text)
    found = []
    for year, month in ((1696, 9), (1697, 2), (1903, 3), (1903, 7)):
        years, later = divmod(month - 1 + months, 12)
        found.append(Decimal(_days(year + years, later + 1, 1) - _days(year, month, 1)) * 86_400 + seconds)
    return found


def _seconds_of_date(text: str) -> Decimal:
    zone = _ZONED.search(text)
    body = text[: zone.start(1)] if zone else text
    date, _, time = body.partition("T") if "T" in body else ("", "", body) if ":" in body else (body, "", "")
    year, month, day = 0, 1, 1
    if found := re.fullmatch(r"(-?[0-9]{4,})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", date):
        year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    elif found := re.fullmatch(r"--(-|[0-9]{2})(?:-?([0-9]{2}))?", date):
        year, month, day = 2000, int(found[1]) if found[1] != "-" else 1, int(found[2] or 1)
    seconds = Decimal(_days(year, month, day)) * 86_400
    if time:
        hour, minute, second = time.split(":")
        seconds += int(hour) * 3600 + int(minute) * 60 + Decimal(second)
    if zone and zone[1] != "Z":
        offset = int(zone[1][1:3]) * 3600 + int(zone[1][4:6]) * 60
        seconds -= offset if zone[1][0] == "+" else -offset
    return seconds


def _days(year: int, month: int, day: int) -> int:
    """Return the days from 1 March of the year 0 in the proleptic Gregorian calendar."""
    year -= month <= 2
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 1
