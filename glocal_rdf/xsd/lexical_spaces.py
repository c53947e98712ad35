r"""Lexical spaces: the texts that each datatype of XML Schema allows, as one regular expression a datatype.

The expressions are written for Rust's engine, which Polars uses (`\x{C0}` is a character). Those of booleans, numbers,
dates, times and durations are the same to Python's `re`. They match a whole text when they are anchored. White space is
not collapsed before: that is for those who read texts from tables or files.

XML Schema 1.1 Part 2, sections 3.3 and 3.4: https://www.w3.org/TR/xmlschema11-2/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["INTEGERS", "LEXICAL_SPACES", "NAME_CHAR", "NAME_LETTERS", "NAME_START", "NC_CHAR", "NC_START"]

NAME_LETTERS: Final = (
    r"A-Za-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}"
    r"\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
)
"""The letters that names of XML and of Turtle (`PN_CHARS_BASE`) may begin with, as the inside of a class."""

_NAME_MORE: Final = r"0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}\-"
NC_START: Final = f"{NAME_LETTERS}_"
"""What a name without a colon may begin with (Namespaces in XML 1.0, section 4)."""

NC_CHAR: Final = f"{NC_START}.{_NAME_MORE}"
NAME_START: Final = f":{NC_START}"
"""What a name may begin with (XML 1.0, section 2.3)."""

NAME_CHAR: Final = f":{NC_CHAR}"

_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_YEAR = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})"
# The last four digits tell: 10,000 years are 25 times the 400 after which the calendar repeats.
_LEAP_YEAR = (
    r"-?(?:[1-9][0-9]*)?(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"  # 2024, 2000
)
_MONTH = "(?:0[1-9]|1[0-2])"
_LONG_MONTHS = "(?:0[13-9]|1[0-2])-(?:0[1-9]|[12][0-9]|30)|(?:0[13578]|1[02])-31"
_DATE = f"(?:{_YEAR}-(?:{_LONG_MONTHS}|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_DECIMAL = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_FLOAT = rf"[+-]?{_DECIMAL}(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN"
_SECONDS = r"[0-9]+(?:\.[0-9]+)?S"
_TIME_PART = rf"T(?:[0-9]+H(?:[0-9]+M)?(?:{_SECONDS})?|[0-9]+M(?:{_SECONDS})?|{_SECONDS})"
_DATE_PART = "(?:[0-9]+Y(?:[0-9]+M)?(?:[0-9]+D)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)"
_BASE64 = "[A-Za-z0-9+/] ?"


def _up_to(bound: int) -> str:
    """Write the expression of the whole numbers from 0 to a bound, with zeros before them.

    Examples:
        >>> _up_to(127)
        '0*(?:[0-9]{1,2}|[0-0][0-9]{2}|1[0-1][0-9]{1}|12[0-6]|127)'
    """
    digits = str(bound)
    less = [
        f"{digits[:at]}[0-{int(digit) - 1}]" + (f"[0-9]{{{len(digits) - at - 1}}}" if at + 1 < len(digits) else "")
        for at, digit in enumerate(digits)
        if digit != "0"
    ]
    return f"0*(?:{'|'.join([f'[0-9]{{1,{len(digits) - 1}}}', *less, digits])})"


def _signed(bits: int) -> str:
    return rf"\+?{_up_to(2 ** (bits - 1) - 1)}|-{_up_to(2 ** (bits - 1))}"


def _unsigned(bits: int) -> str:
    return rf"\+?{_up_to(2**bits - 1)}|-0+"


LEXICAL_SPACES: Final[Mapping[str, str]] = {
    "boolean": "true|false|1|0",
    "decimal": rf"[+-]?{_DECIMAL}",
    "integer": "[+-]?[0-9]+",
    "nonNegativeInteger": r"\+?[0-9]+|-0+",
    "positiveInteger": r"\+?0*[1-9][0-9]*",
    "nonPositiveInteger": r"-[0-9]+|\+?0+",
    "negativeInteger": "-0*[1-9][0-9]*",
    "long": _signed(64),
    "int": _signed(32),
    "short": _signed(16),
    "byte": _signed(8),
    "unsignedLong": _unsigned(64),
    "unsignedInt": _unsigned(32),
    "unsignedShort": _unsigned(16),
    "unsignedByte": _unsigned(8),
    "double": _FLOAT,
    "float": _FLOAT,
    "date": f"{_DATE}{_ZONE}?",
    "time": f"{_TIME}{_ZONE}?",
    "dateTime": f"{_DATE}T{_TIME}{_ZONE}?",
    "dateTimeStamp": f"{_DATE}T{_TIME}{_ZONE}",
    "gYear": f"{_YEAR}{_ZONE}?",
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}?",
    "gMonth": f"--{_MONTH}{_ZONE}?",
    "gMonthDay": f"--(?:{_LONG_MONTHS}|02-(?:0[1-9]|[12][0-9])){_ZONE}?",
    "gDay": f"---(?:0[1-9]|[12][0-9]|3[01]){_ZONE}?",
    "duration": f"-?P(?:{_DATE_PART}(?:{_TIME_PART})?|{_TIME_PART})",
    "dayTimeDuration": f"-?P(?:[0-9]+D(?:{_TIME_PART})?|{_TIME_PART})",
    "yearMonthDuration": "-?P(?:[0-9]+Y(?:[0-9]+M)?|[0-9]+M)",
    "hexBinary": "(?:[0-9A-Fa-f]{2})*",
    "base64Binary": rf"(?:(?:{_BASE64}){{4}})*(?:(?:{_BASE64}){{2}}[AEIMQUYcgkosw048] ?=|{_BASE64}[AQgw] ?= ?=)?",
    "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "Name": f"[{NAME_START}][{NAME_CHAR}]*",
    "NCName": f"[{NC_START}][{NC_CHAR}]*",
    "NMTOKEN": f"[{NAME_CHAR}]+",
    "QName": f"(?:[{NC_START}][{NC_CHAR}]*:)?[{NC_START}][{NC_CHAR}]*",
}
"""The expression of each datatype by its name. What is not here (`string`, `anyURI`) allows every text."""

INTEGERS: Final = frozenset({
    "integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger", "long", "int", "short",
    "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
})  # fmt: skip
"""`integer` and the datatypes that are derived from it."""
