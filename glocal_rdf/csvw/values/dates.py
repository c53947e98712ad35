"""Reads dates and times written by a date format pattern of UAX 35.

Model for Tabular Data, section 6.4.4. A pattern is turned into one regular expression whose groups are the fields; the
fields, put together again, are the date as XML Schema writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import polars as pl

from glocal_rdf.csvw.values.built_in_datatypes import DATATYPES, canonical_name
from glocal_rdf.errors import InputError

__all__ = ["date_reader"]

Reader = Callable[[pl.Expr], pl.Expr]

# The fields by their symbols: group name, and the expression of what they may hold.
_FIELDS: Final = {
    "yyyy": ("year", "[0-9]{4}"),
    "MM": ("month", "[0-9]{2}"),
    "M": ("month", "[0-9]{1,2}"),
    "dd": ("day", "[0-9]{2}"),
    "d": ("day", "[0-9]{1,2}"),
    "HH": ("hour", "[0-9]{2}"),
    "H": ("hour", "[0-9]{1,2}"),
    "mm": ("minute", "[0-9]{2}"),
    "ss": ("second", "[0-9]{2}"),
    "X": ("zone", r"Z|[+-][0-9]{2}(?:[0-9]{2})?"),
    "XX": ("zone", r"Z|[+-][0-9]{4}"),
    "XXX": ("zone", r"Z|[+-][0-9]{2}:[0-9]{2}"),
    "x": ("zone", r"[+-][0-9]{2}(?:[0-9]{2})?"),
    "xx": ("zone", r"[+-][0-9]{4}"),
    "xxx": ("zone", r"[+-][0-9]{2}:[0-9]{2}"),
}

_OPTIONAL: Final = {"second", "fraction", "zone"}


def date_reader(base: str, pattern: str) -> Reader:
    """Return the expression from dates written by a pattern to their lexical form, null where they do not match.

    Whether the day exists is checked by the datatype.

    Raises:
        InputError: For a pattern that is not recognised, or lacks a field that the datatype needs.
    """
    base = canonical_name(base)
    regex, fields = _parse(pattern)
    needs = set(DATATYPES[base].fields)
    if not needs <= fields or not fields <= needs | _OPTIONAL or ("second" in fields and "hour" not in needs):
        raise InputError(f"{pattern!r} is not a pattern for {base}: it needs {', '.join(sorted(needs))}")

    def read(text: pl.Expr) -> pl.Expr:
        parts = text.str.extract_groups(regex)

        def part(name: str, width: int = 2) -> pl.Expr:
            return parts.struct.field(name).str.zfill(width)

        pieces: list[pl.Expr] = []
        if "year" in needs:
            pieces.append(part("year", 4))
        if "month" in needs:
            pieces += [pl.lit("-" if "year" in needs else "--"), part("month")]
        if "day" in needs:
            pieces += [pl.lit("-" if "month" in needs else "---"), part("day")]
        if "hour" in needs:
            pieces += [pl.lit("T")] if "day" in needs else []
            pieces += [part("hour"), pl.lit(":"), part("minute"), pl.lit(":")]
            pieces.append(part("second") if "second" in fields else pl.lit("00"))
            if "fraction" in fields:
                pieces.append(parts.struct.field("fraction").fill_null(""))
        if "zone" in fields:
            pieces.append(_zone(parts.struct.field("zone")))
        return pl.concat_str(pieces)

    return read


def _zone(zone: pl.Expr) -> pl.Expr:
    """Return the expression of a time zone with a colon and minutes."""
    plain = zone.str.replace(":", "", literal=True)
    hours, minutes = plain.str.slice(0, 3), plain.str.slice(3, 2)
    return (
        pl.when(zone == "Z")
        .then(zone)
        .otherwise(pl.concat_str(hours, pl.lit(":"), pl.when(minutes == "").then(pl.lit("00")).otherwise(minutes)))
    )


def _parse(pattern: str) -> tuple[str, set[str]]:
    """Return the regular expression of a pattern, and the fields that it has."""
    regex, fields = "", set[str]()
    for match in re.finditer(
        r"(?P<zone> ?[Xx]+$)|\.?(?P<fraction>S+)|(?P<field>([A-Za-z])\4*)|(?P<mark>.)", pattern, re.DOTALL
    ):
        if match["mark"]:
            if match["mark"] not in "-/.: ,":
                raise InputError(f"{pattern!r} is not a date format: {match['mark']!r} is not recognised")
            regex += re.escape(match["mark"])
            continue
        if match["field"] == "T" and "day" in fields:
            regex += "T"
            continue
        if match["fraction"]:
            name, held = "fraction", rf"\.[0-9]{{1,{len(match['fraction'])}}}"
            if "second" not in fields or not match.group().startswith("."):
                raise InputError(
                    f"{pattern!r} is not a date format: S stands for fractions of a second, after ss and a point"
                )
            regex += f"(?P<{name}>{held})?"
        else:
            symbol = (match["zone"] or match["field"]).strip()
            if symbol not in _FIELDS:
                raise InputError(f"{pattern!r} is not a date format: {symbol!r} is not recognised")
            name, held = _FIELDS[symbol]
            regex += (" " if match.group().startswith(" ") else "") + f"(?P<{name}>{held})"
        if name in fields:
            raise InputError(f"{pattern!r} is not a date format: it has the {name} twice")
        fields.add(name)
    return f"^{regex}$", fields
