"""The model of a Wikibase: entities, statements with rank, qualifiers and references, and the values of each datatype.

https://www.mediawiki.org/wiki/Wikibase/DataModel
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from glocal_rdf.addresses import quoted

__all__ = [
    "GREGORIAN",
    "JULIAN",
    "PRECISIONS",
    "Entity",
    "ItemValue",
    "NoValue",
    "OtherValue",
    "PointValue",
    "QuantityValue",
    "Rank",
    "Snak",
    "Statement",
    "StringValue",
    "TextValue",
    "TimeValue",
    "Value",
    "fits_datatype",
    "show_value",
]

Rank = Literal["preferred", "normal", "deprecated"]

GREGORIAN: Final = "Q1985727"
"""The proleptic Gregorian calendar, as Wikidata numbers it; other Wikibases refer to the same item."""

JULIAN: Final = "Q1985786"
"""The proleptic Julian calendar."""

PRECISIONS: Final[Mapping[int, str]] = {
    0: "billion years", 6: "millennium", 7: "century", 8: "decade", 9: "year", 10: "month", 11: "day",
    12: "hour", 13: "minute", 14: "second",
}  # fmt: skip
"""What the numbers of precisions mean that are in use."""


@dataclass(frozen=True, slots=True)
class ItemValue:
    """An item or another entity; of ours that has none, the identifier is empty.

    Attributes:
        id: Its identifier.
        label: What it is called, for people.
    """

    id: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class TimeValue:
    """A date.

    Attributes:
        year: The year; 0 is the one before the year 1 (ISO 8601).
        month: The month, 0 where it is not known.
        day: The day, 0 where it is not known.
        precision: How exact it is: 9 a year, 10 a month, 11 a day.
        calendar: The calendar that it is written in: GREGORIAN or JULIAN.
    """

    year: int
    month: int = 0
    day: int = 0
    precision: int = 9
    calendar: str = GREGORIAN


@dataclass(frozen=True, slots=True)
class TextValue:
    """A text in a language.

    Attributes:
        text: The text.
        lang: The language, by its code in the Wikibase.
    """

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class StringValue:
    """A string, web address or identifier."""

    text: str


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """A number, with its unit and bounds.

    Attributes:
        amount: The number.
        unit: The identifier of the item of its unit; empty where it has none.
        lower: The lower bound, if one is given.
        upper: The upper bound, if one is given.
    """

    amount: Decimal
    unit: str = ""
    lower: Decimal | None = None
    upper: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PointValue:
    """A place on a globe.

    Attributes:
        latitude: In degrees.
        longitude: In degrees.
        precision: In degrees; 0 where none is given.
        globe: The identifier of the item of the globe.
    """

    latitude: float
    longitude: float
    precision: float = 0.0
    globe: str = "Q2"


@dataclass(frozen=True, slots=True)
class NoValue:
    """That there is a value which is not known (`somevalue`), or no value (`novalue`)."""

    kind: Literal["somevalue", "novalue"]


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A value of a datatype that is not compared, as it was written.

    Attributes:
        datatype: The datatype.
        text: The value.
    """

    datatype: str
    text: str


Value = ItemValue | TimeValue | TextValue | StringValue | QuantityValue | PointValue | NoValue | OtherValue


@dataclass(frozen=True, slots=True)
class Snak:
    """A property with a value: of a qualifier or a reference.

    Attributes:
        property: The identifier of the property.
        value: The value.
    """

    property: str
    value: Value


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement.

    Attributes:
        id: Its identifier: that of its entity, `$`, and a UUID.
        property: The identifier of the property.
        value: The value.
        rank: Its rank.
        qualifiers: What qualifies it.
        references: Its references, each with its parts.
        datatype: The datatype of the property, where it is known.
    """

    id: str
    property: str
    value: Value
    rank: Rank = "normal"
    qualifiers: tuple[Snak, ...] = ()
    references: tuple[tuple[Snak, ...], ...] = ()
    datatype: str = ""

    def qualifier(self, *properties: str) -> tuple[Value, ...]:
        """Return the values of the qualifiers with one of some properties."""
        return tuple(snak.value for snak in self.qualifiers if snak.property in properties)


@dataclass(frozen=True, slots=True)
class Entity:
    """An item or a property.

    Attributes:
        id: Its identifier.
        labels: Its labels, by language.
        descriptions: Its descriptions, by language.
        aliases: Its aliases, by language.
        statements: Its statements.
        datatype: The datatype of a property; empty for an item.
        revision: The number of its revision; empty where it is not known.
        modified: When it was changed; empty where it is not known.
        redirect: The identifier that was asked for, where that is a redirect to this entity; else empty.
    """

    id: str
    labels: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    datatype: str = ""
    revision: str = ""
    modified: str = ""
    redirect: str = ""

    def by_property(self, number: str) -> tuple[Statement, ...]:
        """Return the statements with a property."""
        return tuple(one for one in self.statements if one.property == number)


def fits_datatype(value: Value, datatype: str) -> bool:
    """Decide whether a value can be one of a property with a datatype.

    Args:
        value: The value.
        datatype: The datatype.

    Examples:
        >>> fits_datatype(StringValue("Q5"), "wikibase-item"), fits_datatype(StringValue("a"), "commonsMedia")
        (False, True)
    """
    match value:
        case ItemValue():
            return datatype.startswith("wikibase-")
        case TimeValue():
            return datatype == "time"
        case TextValue():
            return datatype == "monolingualtext"
        case QuantityValue():
            return datatype == "quantity"
        case PointValue():
            return datatype == "globe-coordinate"
        case StringValue(text):
            if datatype == "url":
                return text.startswith(("http://", "https://", "ftp://", "mailto:"))
            others = {"time", "monolingualtext", "quantity", "globe-coordinate"}
            return datatype not in others and not datatype.startswith("wikibase-")
        case NoValue():
            return True
    return False


def show_value(value: Value) -> str:
    """Write a value for people, without control characters.

    Examples:
        >>> show_value(TimeValue(2004, 5, 0, 10)), show_value(TimeValue(1990, precision=8))
        ('2004-05', '1990s')
        >>> show_value(QuantityValue(Decimal("12.50"), "Q712226")), show_value(TextValue("臺北", "zh-hant"))
        ('12.50 Q712226', '臺北 (zh-hant)')
    """
    match value:
        case ItemValue(number, label):
            text = f"{label} ({number})" if label and number else number or label
        case TimeValue():
            text = _show_time(value)
        case TextValue(text, lang):
            text = f"{text} ({lang})"
        case QuantityValue(amount, unit, lower, upper):
            bounds = f" [{lower}, {upper}]" if lower is not None and upper is not None else ""
            text = f"{amount}{bounds} {unit}".rstrip()
        case PointValue(latitude, longitude):
            text = f"{latitude:g}, {longitude:g}"
        case NoValue(kind):
            text = {"somevalue": "unknown value", "novalue": "no value"}[kind]
        case StringValue(text) | OtherValue(_, text):
            pass
    return quoted(text)


def _show_time(value: TimeValue) -> str:
    year = f"{value.year:04d}" if value.year >= 0 else f"-{-value.year:04d}"
    calendar = " (Julian)" if value.calendar == JULIAN else ""
    if value.precision >= 11:
        return f"{year}-{value.month:02d}-{value.day:02d}{calendar}"
    if value.precision == 10:
        return f"{year}-{value.month:02d}{calendar}"
    if value.precision == 9:
        return year + calendar
    if value.precision == 8:
        return f"{value.year // 10 * 10}s{calendar}"
    return f"{year} ({PRECISIONS.get(value.precision, f'precision {value.precision}')}){calendar}"
