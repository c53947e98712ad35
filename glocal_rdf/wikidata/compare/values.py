"""Decides how two values stand to each other: equal, one more precise, different, or not comparable.

Dates are compared at the coarser of their precisions, in the calendar of the coarser one; texts after Unicode NFKC;
web addresses without their scheme and last slash; quantities within bounds; points within their precision.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from glocal_rdf.wikidata.entities.calendars import convert_date
from glocal_rdf.wikidata.entities.model import (
    ItemValue,
    NoValue,
    OtherValue,
    PointValue,
    QuantityValue,
    StringValue,
    TextValue,
    TimeValue,
    Value,
)

__all__ = ["Relation", "normalize_address", "normalize_text", "relate", "relate_times"]

Relation = Literal["equal", "ours-finer", "theirs-finer", "different", "conflict"]

_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_NEAR: Final = 0.01
"""Degrees, about a kilometre, within which two points are one place."""

_LANGUAGES: Final = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant", "zh-cn": "zh-hans", "zh-sg": "zh-hans"}


def relate(ours: Value, theirs: Value) -> Relation:
    """Decide how our value stands to theirs; `conflict` where they are not of one kind.

    Examples:
        >>> relate(TimeValue(2004), TimeValue(2004, 5, 1, 11)), relate(StringValue("a"), ItemValue("Q1"))
        ('theirs-finer', 'conflict')
        >>> relate(StringValue("http://uclg.org/"), StringValue("https://uclg.org"))
        'equal'
    """
    if isinstance(theirs, NoValue):
        if isinstance(ours, NoValue):
            return "equal" if ours == theirs else "different"
        return "ours-finer" if theirs.kind == "somevalue" else "different"
    match ours, theirs:
        case NoValue(kind), _:
            return "theirs-finer" if kind == "somevalue" else "different"
        case ItemValue(one), ItemValue(other):
            return "equal" if one and one == other else "different"
        case TimeValue(), TimeValue():
            return relate_times(ours, theirs)
        case StringValue(one), StringValue(other):
            return "equal" if _same_strings(one, other) else "different"
        case TextValue(one, lang), TextValue(other, tag):
            same = normalize_text(one) == normalize_text(other) and _language(lang) == _language(tag)
            return "equal" if same else "different"
        case QuantityValue(), QuantityValue():
            return "equal" if _same_quantities(ours, theirs) else "different"
        case PointValue(), PointValue():
            return "equal" if _same_points(ours, theirs) else "different"
        case OtherValue(), OtherValue():
            return "equal" if ours == theirs else "different"
    return "conflict"


def normalize_text(text: str) -> str:
    """Write a text in the form in which texts are compared.

    Examples:
        >>> normalize_text("  ＵＣＬＧ\u00a0World ")
        'UCLG World'
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())


def normalize_address(address: str) -> str:
    """Write a web address in the form in which addresses are compared.

    Examples:
        >>> normalize_address("HTTP://Example.org:80/A%20b/"), normalize_address("https://example.org/?a=1")
        ('example.org/A b', 'example.org/?a=1')
    """
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return address.strip()
    shown = "" if port in {None, 80, 443} else f":{port}"
    path = unquote(parts.path) if parts.query or parts.fragment else unquote(parts.path).rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    return normalize_text(host + shown + path + query + (f"#{parts.fragment}" if parts.fragment else ""))


def relate_times(ours: TimeValue, theirs: TimeValue) -> Relation:
    """Decide how two dates stand to each other, at the coarser precision.

    Args:
        ours: Our date.
        theirs: Theirs.

    Examples:
        >>> from glocal_rdf.wikidata.entities.model import JULIAN
        >>> october, november = TimeValue(1917, 10, 25, 11, JULIAN), TimeValue(1917, 11, 7, 11)
        >>> relate_times(october, november), relate_times(october, TimeValue(1917, 11, 0, 10))
        ('equal', 'ours-finer')
        >>> relate_times(TimeValue(1990, precision=8), TimeValue(1995))
        'theirs-finer'
    """
    if ours.precision == theirs.precision:
        same = _cut(convert_date(ours, theirs.calendar), theirs.precision) == _cut(theirs, theirs.precision)
        return "equal" if same else "different"
    coarse, fine = sorted((ours, theirs), key=lambda one: one.precision)
    if _cut(convert_date(fine, coarse.calendar), coarse.precision) != _cut(coarse, coarse.precision):
        return "different"
    return "ours-finer" if fine is ours else "theirs-finer"


def _cut(time: TimeValue, precision: int) -> tuple[int, ...]:
    """Return what of a date is known at a precision."""
    if precision >= 11:
        return time.year, time.month, time.day
    if precision == 10:
        return time.year, time.month
    if precision == 9:
        return (time.year,)
    if precision == 8:
        return (time.year // 10,)
    if precision in {6, 7}:  # the 20th century is 1901 to 2000
        return (-(-time.year // (100 if precision == 7 else 1000)),)
    return (round(time.year / 10 ** (9 - precision)),)


def _same_strings(one: str, other: str) -> bool:
    if _WEB.match(one.strip()) and _WEB.match(other.strip()):
        return normalize_address(one) == normalize_address(other)
    return normalize_text(one) == normalize_text(other)


def _same_quantities(ours: QuantityValue, theirs: QuantityValue) -> bool:
    if ours.unit != theirs.unit:
        return False
    return _within(ours.amount, theirs) or _within(theirs.amount, ours)


def _within(amount: Decimal, bounds: QuantityValue) -> bool:
    lower = bounds.amount if bounds.lower is None else bounds.lower
    upper = bounds.amount if bounds.upper is None else bounds.upper
    return lower <= amount <= upper


def _same_points(ours: PointValue, theirs: PointValue) -> bool:
    if ours.globe != theirs.globe:
        return False
    near = max(ours.precision, theirs.precision, _NEAR)
    east = abs(ours.longitude - theirs.longitude) % 360
    east = min(east, 360 - east) * math.cos(math.radians(min(abs(ours.latitude), 90)))
    return abs(ours.latitude - theirs.latitude) <= near and east <= near


def _language(tag: str) -> str:
    return _LANGUAGES.get(tag.lower(), tag.lower())
