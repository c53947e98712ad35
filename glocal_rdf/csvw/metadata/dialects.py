"""Reads dialect descriptions (Metadata Vocabulary for Tabular Data, section 5.9)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.metadata.properties import (
    Reading,
    check_type,
    read_boolean,
    read_count,
    read_id,
    show,
    warn_unknown,
)
from glocal_rdf.csvw.tables.encodings import codec_name

__all__ = ["read_dialect"]

_NAMES = frozenset(
    {
        "commentPrefix",
        "delimiter",
        "doubleQuote",
        "encoding",
        "header",
        "headerRowCount",
        "lineTerminators",
        "quoteChar",
        "skipBlankRows",
        "skipColumns",
        "skipInitialSpace",
        "skipRows",
        "trim",
        "@id",
        "@type",
    }
)
_TRIMS = ("true", "false", "start", "end")


def read_dialect(reading: Reading, value: dict[str, Any], default: Dialect | None = None) -> Dialect:
    """Return the dialect that a description sets, with defaults for what it leaves out.

    Args:
        reading: The context.
        value: The dialect description.
        default: The dialect whose values stand for what is left out.
    """
    dialect = default or Dialect(comment_prefix="#")
    warn_unknown(reading, value, _NAMES)
    if "@id" in value:
        read_id(reading, value["@id"])
    if "@type" in value:
        check_type(reading, value["@type"], "Dialect")
    changes: dict[str, Any] = {}
    if "commentPrefix" in value:
        changes["comment_prefix"] = _text(reading, "commentPrefix", value, dialect.comment_prefix, nullable=True)
    if "delimiter" in value:
        changes["delimiter"] = _text(reading, "delimiter", value, dialect.delimiter)
    if "encoding" in value:
        changes["encoding"] = _encoding(reading, value["encoding"], dialect.encoding)
    if "lineTerminators" in value:
        changes["line_terminators"] = _terminators(reading, value["lineTerminators"], dialect.line_terminators)
    for name, key in (("skipRows", "skip_rows"), ("skipColumns", "skip_columns")):
        if name in value:
            changes[key] = read_count(reading, name, value[name], getattr(dialect, key))
    if "skipBlankRows" in value:
        changes["skip_blank_rows"] = read_boolean(reading, "skipBlankRows", value["skipBlankRows"])
    return replace(
        dialect,
        **changes,
        **_quotes(reading, value, dialect),
        **_headers(reading, value, dialect),
        **_trim(reading, value),
    )


def _quotes(reading: Reading, value: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    quote, escape = dialect.quote, dialect.escape
    if "quoteChar" in value:
        quote = _text(reading, "quoteChar", value, dialect.quote, nullable=True)
        escape = quote
    if "doubleQuote" in value and not read_boolean(reading, "doubleQuote", value["doubleQuote"], default=True):
        escape = "\\"
    return {"quote": quote, "escape": escape if quote is not None else None}


def _headers(reading: Reading, value: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    rows = dialect.header_rows
    if "header" in value:
        rows = 1 if read_boolean(reading, "header", value["header"], default=True) else 0
    if "headerRowCount" in value:
        rows = read_count(reading, "headerRowCount", value["headerRowCount"], 1) or 0
    return {"header_rows": rows}


def _trim(reading: Reading, value: dict[str, Any]) -> dict[str, Any]:
    """Return what is trimmed; if that is the start of a cell, white space may come before its quotation mark."""
    if "trim" in value:
        found = value["trim"]
        if isinstance(found, bool):
            found = str(found).lower()
        if not isinstance(found, str) or found not in _TRIMS:
            reading.inside("trim").warning(f"{show(found)} is not one of true, false, start, end", "true is used")
            found = "true"
        return {"trim": found, "spaced_quotes": found in {"true", "start"}}
    if "skipInitialSpace" in value:
        skips = read_boolean(reading, "skipInitialSpace", value["skipInitialSpace"])
        return {"trim": "start" if skips else "false", "spaced_quotes": skips}
    return {}


def _text(
    reading: Reading, name: str, value: dict[str, Any], default: str | None, *, nullable: bool = False
) -> str | None:
    """Return a property that is a string which is not empty; `nullable` if it may be null."""
    found = value[name]
    if (isinstance(found, str) and found) or (nullable and found is None):
        return found
    if found == "" and nullable:
        reading.inside(name).warning("is empty", "it counts as null: there is none")
        return None
    reading.inside(name).warning(
        "is empty" if found == "" else f"{show(found)} is not a string", f"{default!r} is used"
    )
    return default


def _encoding(reading: Reading, found: object, default: str) -> str:
    if isinstance(found, str):
        if codec_name(found) is not None:
            return found
        reading.inside("encoding").warning(f"the encoding {show(found)} is unknown", f"{default!r} is used")
        return default
    reading.inside("encoding").warning(f"{show(found)} is not a string", f"{default!r} is used")
    return default


def _terminators(reading: Reading, found: object, default: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(found, str) and found:
        return (found,)
    if isinstance(found, list) and found and all(isinstance(f, str) and f for f in found):
        return tuple(found)
    reading.inside("lineTerminators").warning(f"{show(found)} is neither a string nor an array of strings")
    return default
