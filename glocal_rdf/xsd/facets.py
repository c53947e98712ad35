"""Bounds of datatypes: the order that XML Schema gives the values of one datatype, for facets such as minInclusive.

It is the order of `ordering`, whose keys are compared a column at a time, with what SPARQL does not order: durations of
months and seconds together. Of these one is less than another only where it ends earlier from each of the four moments
that XML Schema names, since a month has 28 to 31 days. Not all values can be compared: NaN is neither less nor greater
than any number, and a time without a zone may be in any. Such a value is not within a bound.

XML Schema 1.1 Part 2, sections 2.2.3, 3.3.6 and 4.3.7 to 4.3.10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Final, Literal

import polars as pl

from glocal_rdf.xsd.datatypes import is_valid
from glocal_rdf.xsd.ordering import DECIMALS, TIMES, compare, days_from_march, keys_of_texts

__all__ = ["DURATIONS", "FLOATS", "NUMBERS", "ORDERED", "Relation", "is_within", "order_key"]

Relation = Literal["<", "<=", ">", ">="]

FLOATS: Final = frozenset({"double", "float"})
NUMBERS: Final = DECIMALS | FLOATS
DURATIONS: Final = frozenset({"duration", "dayTimeDuration", "yearMonthDuration"})
ORDERED: Final = NUMBERS | DURATIONS | frozenset(TIMES)
"""The datatypes whose values have an order."""

_HOLDS: Mapping[Relation, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_STARTS = ((1696, 9), (1697, 2), (1903, 3), (1903, 7))
"""The years and months by which durations are compared."""

_MEAN_MONTH = Decimal(2_629_746)
"""Seconds in a twelfth of the mean year of the Gregorian calendar."""


def is_within(texts: pl.Series, name: str, relation: Relation, bound: str) -> pl.Series:
    """Return for each text whether its value is surely in a relation to a bound.

    Args:
        texts: Texts in the lexical space of the datatype; those that are not in it are not compared, and pass.
        name: The local name of a datatype in `ORDERED`.
        relation: What the value is to be: `<` the bound, and so on.
        bound: The text of the bound, a value of the datatype.

    Returns:
        Booleans, null where the text is null.

    Examples:
        >>> is_within(pl.Series(["5", "12", None, "x"]), "integer", "<=", "10").to_list()
        [True, False, None, True]
        >>> is_within(pl.Series(["P1M", "P27D", "P30D"]), "duration", ">=", "P28D").to_list()
        [True, False, True]
        >>> is_within(pl.Series(["2024-01-03", "2024-01-01"]), "date", ">", "2024-01-01Z").to_list()
        [True, False]

    https://www.w3.org/TR/xmlschema11-2/#order
    """
    if name in NUMBERS and not texts.str.contains("^.{16,}|[^0-9.+-]").any():
        kind = pl.Float32 if name == "float" else pl.Float64
        numbers = texts.cast(kind, strict=False)
        if numbers.null_count() == texts.null_count():
            limit = pl.Series([bound.replace("INF", "inf")]).cast(kind)[0]
            found: pl.Series = _HOLDS[relation](numbers, limit)
            return found
    distinct = texts.drop_nulls().unique()
    valid = is_valid(distinct, name)
    values = distinct.filter(valid)
    if name in DURATIONS:
        limits = _ends(bound)
        holds = _HOLDS[relation]
        within = pl.Series([all(map(holds, _ends(text), limits)) for text in values], dtype=pl.Boolean)
    else:
        left, right = keys_of_texts(values, name), keys_of_texts(pl.Series([bound]), name)
        right = right.gather(pl.zeros(len(values), dtype=pl.UInt32, eager=True))
        if relation in {">", ">="}:
            left, right = right, left
        within = compare(left, right, or_equal=relation.endswith("="))
    answers = dict(zip(values, within, strict=True))
    return texts.replace_strict(
        distinct, [answers.get(text, True) for text in distinct], default=None, return_dtype=pl.Boolean
    )


@dataclass(frozen=True, slots=True)
class _Duration:
    months: int
    seconds: Decimal


def order_key(name: str, text: str) -> Decimal | None:
    """Return a number that orders the values of a datatype, such as bounds of one description, among themselves.

    Durations are ordered by their mean length, and times without a zone as if they were in UTC.

    Args:
        name: The local name of a datatype in `ORDERED`.
        text: A text.

    Returns:
        The number, or None where the text is not a value of the datatype, or NaN.

    Examples:
        >>> order_key("date", "2024-02-29") < order_key("date", "2024-03-01"), order_key("date", "2023-02-29") is None
        (True, True)
    """
    if not is_valid(pl.Series([text]), name)[0] or text == "NaN":
        return None
    if name in NUMBERS:
        return Decimal(text.replace("INF", "Infinity"))
    if name in DURATIONS:
        duration = _read_duration(text)
        return duration.months * _MEAN_MONTH + duration.seconds
    key = keys_of_texts(pl.Series([text]), name).row(0, named=True)
    return None if key["seconds"] is None else Decimal(key["seconds"]) + Decimal(f"0.{key['text'] or '0'}")


def _read_duration(text: str) -> _Duration:
    date, _, time = text.partition("T")
    months, seconds = 0, Decimal(0)
    for number, unit in re.findall(r"([0-9]+)([YMD])", date):
        if unit == "D":
            seconds += Decimal(number) * 86_400
        else:
            months += int(number) * (12 if unit == "Y" else 1)
    for number, unit in re.findall(r"([0-9.]+)([HMS])", time):
        seconds += Decimal(number) * {"H": 3600, "M": 60, "S": 1}[unit]
    return _Duration(-months, -seconds) if text.startswith("-") else _Duration(months, seconds)


def _ends(text: str) -> list[Decimal]:
    """Return the seconds until a duration ends, from each of the four moments by which durations are compared."""
    duration = _read_duration(text)
    found = []
    for year, month in _STARTS:
        years, later = divmod(month - 1 + duration.months, 12)
        days = days_from_march(year + years, later + 1, 1) - days_from_march(year, month, 1)
        found.append(Decimal(days) * 86_400 + duration.seconds)
    return found
