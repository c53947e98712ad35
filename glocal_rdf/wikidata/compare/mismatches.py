"""Writes what is different for the Mismatch Finder, by the rules of its validator; what it would refuse is reported.

https://github.com/wmde/wikidata-mismatch-finder/blob/main/docs/UserGuide.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from glocal_rdf.errors import Problem
from glocal_rdf.wikidata.compare.outcomes import Comparison, Outcome
from glocal_rdf.wikidata.compare.report import write_csv
from glocal_rdf.wikidata.entities.model import (
    GREGORIAN,
    JULIAN,
    ItemValue,
    PointValue,
    QuantityValue,
    StringValue,
    TextValue,
    TimeValue,
    Value,
    show_value,
)

__all__ = ["COLUMNS", "MISMATCHES", "write_mismatches"]

COLUMNS: Final = (
    "item_id",
    "statement_guid",
    "property_id",
    "wikidata_value",
    "meta_wikidata_value",
    "external_value",
    "external_url",
    "type",
)
MISMATCHES: Final[tuple[Outcome, ...]] = ("different",)
"""The outcomes that are theirs to look at; what they lack is for a batch, with its reference."""

LIMIT: Final = 1500
"""How many characters a value or an address may have."""

SIZE: Final = 10 * 1000 * 1000
"""How many bytes a file may have."""

_ITEM: Final = re.compile(r"Q[0-9]{1,11}")
_GUID: Final = re.compile(r"Q[0-9]+\$[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)
_URL: Final = re.compile(r"https?://[^\s/?#.]+\.[^\s]+")


def write_mismatches(
    comparisons: Iterable[Comparison], address: Callable[[Comparison], str]
) -> tuple[list[str], tuple[Problem, ...]]:
    """Write the comparisons that are different, as files that the Mismatch Finder takes.

    Args:
        comparisons: The comparisons.
        address: Returns the web address of our evidence for one; empty where there is none.

    Returns:
        The files, each within the limit of its size; and what was left out, with the reason.
    """
    rows: list[dict[str, str]] = []
    problems: list[Problem] = []
    for one in comparisons:
        if one.outcome not in MISMATCHES or one.theirs is None or one.ours is None or one.ours.value is None:
            continue
        row = {
            "item_id": one.theirs.id.partition("$")[0].upper(),
            "statement_guid": one.theirs.id,
            "property_id": one.property,
            "wikidata_value": _write_value(one.theirs.value),
            "meta_wikidata_value": _calendar_of(one.theirs.value),
            "external_value": _write_value(one.ours.value, show=True),
            "external_url": address(one),
            "type": "statement",
        }
        faults = [one.ours.withheld] if one.ours.withheld else list(_find_faults(row))
        if faults:
            problems.append(Problem(f"{one.item} {one.property}", "; ".join(faults), "", "mismatch"))
        else:
            rows.append(row)
    return list(_split(rows)), tuple(problems)


def _find_faults(row: dict[str, str]) -> Iterator[str]:
    """Yield why the Mismatch Finder would refuse a row."""
    if not _ITEM.fullmatch(row["item_id"]):
        yield "the statement is not of an item"
    if not _GUID.fullmatch(row["statement_guid"]) or len(row["statement_guid"]) > 100:
        yield "the identifier of the statement is not one"
    if not row["wikidata_value"]:
        yield "their value cannot be written"
    if not row["external_value"]:
        yield "our value cannot be written"
    if row["external_url"] and not _URL.fullmatch(row["external_url"]):
        yield "the address of our evidence is not one of the web"
    for name in ("wikidata_value", "external_value", "external_url"):
        if len(row[name]) > LIMIT:
            yield f"{name} has more than {LIMIT:,} characters"


def _write_value(value: Value, *, show: bool = False) -> str:
    """Write a value as the parser of a Wikibase reads it; with `show` items by their name, for people."""
    match value:
        case ItemValue(number, label):
            return (f"{label} ({number})" if label else number) if show else number
        case TimeValue():
            return show_value(value).removesuffix(" (Julian)")
        case QuantityValue(amount):
            return str(amount)
        case PointValue(latitude, longitude):
            return f"{latitude}, {longitude}"
        case TextValue(text) | StringValue(text):
            return text
    return ""


def _calendar_of(value: Value) -> str:
    """Return the item of the calendar of a date; the validator refuses it for any other value."""
    return value.calendar if isinstance(value, TimeValue) and value.calendar in {GREGORIAN, JULIAN} else ""


def _split(rows: list[dict[str, str]]) -> Iterator[str]:
    """Yield files that are within the limit of their size."""
    while rows:
        count = len(rows)
        while len((text := write_csv(rows[:count], COLUMNS)).encode()) > SIZE:
            count = count // 2
        yield text
        rows = rows[count:]
