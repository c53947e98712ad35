"""Reads our terms as values of a Wikibase: dates, numbers, texts with their language, addresses."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from glocal_rdf.namespaces import EDTF, XSD
from glocal_rdf.triples import terms
from glocal_rdf.wikidata.entities.model import GREGORIAN, QuantityValue, StringValue, TextValue, TimeValue, Value

__all__ = ["UnfitError", "code_language", "read_literal", "read_time_literal"]

_DATE: Final = re.compile(r"(-?[0-9]{4,12})(?:-([0-9]{2})(?:-([0-9]{2}))?)?(?:T[0-9:.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_DECADE: Final = re.compile(r"([0-9]{3})X")
_CENTURY: Final = re.compile(r"([0-9]{2})XX")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATES: Final = frozenset({f"{XSD}{name}" for name in ("date", "gYear", "gYearMonth", "dateTime")} | {f"{EDTF}EDTF"})
_NUMBER_NAMES: Final = (
    *("decimal", "integer", "long", "int", "short", "byte", "double", "float"),
    *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
    *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
)
_NUMBERS: Final = frozenset(f"{XSD}{name}" for name in _NUMBER_NAMES)
_CODES: Final = {
    "zh-hant-tw": "zh-tw",
    "zh-hant-hk": "zh-hk",
    "zh-hant-mo": "zh-mo",
    "zh-hans-cn": "zh-cn",
    "zh-hans-sg": "zh-sg",
}
"""Tags of BCP 47 whose codes in MediaWiki are others than the tags in small letters."""


class UnfitError(ValueError):
    """A term cannot be a value of a Wikibase; the message completes the sentence about it."""


def code_language(tag: str) -> str:
    """Return the code of MediaWiki for a language tag.

    Examples:
        >>> code_language("zh-Hant"), code_language("zh-Hant-TW"), code_language("en")
        ('zh-hant', 'zh-tw', 'en')
    """
    return _CODES.get(tag.lower(), tag.lower())


def read_literal(literal: str, datatype: str, unit: str = "") -> Value:
    """Read a literal as the value of a property.

    Args:
        literal: The literal, as a term.
        datatype: The datatype of the property; empty where it is not known.
        unit: The item of the unit of numbers.

    Raises:
        UnfitError: Where it cannot be a value of the property.

    Examples:
        >>> read_literal('"2004-05"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>', "time").precision
        10
        >>> read_literal('"臺北市"@zh-Hant', "monolingualtext")
        TextValue(text='臺北市', lang='zh-hant')
    """
    text, kind = terms.unquote(literal), _datatype_of(literal)
    if tag := _tag_of(literal):
        if datatype not in {"", "monolingualtext"}:
            raise UnfitError(f"it is a text in a language, and the property is of {datatype}")
        return TextValue(_one_line(text), code_language(tag))
    if datatype == "monolingualtext":
        raise UnfitError("it is a text without a language")
    if kind in _DATES and datatype in {"", "time"}:
        return read_time_literal(text)
    if kind in _NUMBERS and datatype in {"", "quantity"}:
        if not _NUMBER.fullmatch(text) or len(text) > 100:
            raise UnfitError(f"{text[:40]!r} is not a decimal number")
        return QuantityValue(Decimal(text), unit)
    if datatype in {"time", "quantity", "globe-coordinate", "wikibase-item"}:
        raise UnfitError(f"its datatype does not fit the property, which is of {datatype}")
    if kind in _DATES | _NUMBERS and datatype not in {"string", "external-id"}:
        raise UnfitError(f"its datatype does not fit the property, which is of {datatype}")
    return StringValue(_one_line(text))


def read_time_literal(text: str) -> TimeValue:
    """Read a date of XML Schema or EDTF that is exact, or the digits of a decade or century.

    Raises:
        UnfitError: Where it is not exact otherwise, or is not a date.

    Examples:
        >>> read_time_literal("2004-05-01").day, read_time_literal("199X").precision
        (1, 8)
    """
    if found := _DATE.fullmatch(text):
        year, month, day = (int(part) if part else 0 for part in found.groups())
        if month > 12 or day > 31 or (found[2] and not month) or (found[3] and not day):
            raise UnfitError(f"{text!r} is not a date")
        return TimeValue(year, month, day, 11 if day else 10 if month else 9, GREGORIAN)
    if found := _DECADE.fullmatch(text):
        return TimeValue(int(found[1]) * 10, precision=8)
    if found := _CENTURY.fullmatch(text):
        # 19XX are the years 1900 to 1999, and the 20th century is 1901 to 2000.
        raise UnfitError(f"the years {text} are not a century as Wikibase counts them")
    raise UnfitError(f"the date {text[:40]} is not exact")


def _one_line(text: str) -> str:
    """Return a text as Wikibase keeps strings: trimmed, with single spaces in the place of line breaks."""
    return " ".join(text.split())


def _datatype_of(literal: str) -> str:
    return literal.rpartition('"^^<')[2][:-1] if '"^^<' in literal else f"{XSD}string"


def _tag_of(literal: str) -> str:
    end = literal.rpartition('"')[2]
    return end.removeprefix("@") if end.startswith("@") else ""
