"""Reads schemas, columns and keys (Metadata Vocabulary for Tabular Data, sections 5.5 and 5.6)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from glocal_rdf.csvw.metadata.annotations import read_annotations
from glocal_rdf.csvw.metadata.inherited import NAMES as INHERITED
from glocal_rdf.csvw.metadata.inherited import read_inherited
from glocal_rdf.csvw.metadata.model import Column, ForeignKey, Inherited, Schema, Titles
from glocal_rdf.csvw.metadata.properties import (
    Reading,
    check_type,
    read_array,
    read_boolean,
    read_id,
    read_link,
    read_references,
    read_titles,
    show,
    warn_unknown,
)
from glocal_rdf.spelling import did_you_mean

__all__ = ["name_from_titles", "read_schema"]

_SCHEMA = frozenset({"@id", "@type", "columns", "foreignKeys", "primaryKey", "rowTitles"})
_COLUMN = frozenset({"@id", "@type", "name", "suppressOutput", "titles", "virtual"})
SPECIAL_VARIABLES = frozenset({"_row", "_sourceRow", "_column", "_sourceColumn", "_name"})
_NAME = re.compile(r"(?:[A-Za-z0-9]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*")


def read_schema(reading: Reading, document: dict[str, Any], above: Inherited, skipped: int = 0) -> Schema:
    """Return the schema that a description holds.

    Args:
        reading: The context.
        document: The description.
        above: The inherited properties of the table.
        skipped: How many columns of the file come before its first.
    """
    warn_unknown(reading, document, _SCHEMA | INHERITED)
    identifier = read_id(reading, document["@id"]) if "@id" in document else None
    if "@type" in document:
        check_type(reading, document["@type"], "Schema")
    inherited = read_inherited(reading, document, above)
    columns = _read_columns(reading, document, inherited, skipped)
    return Schema(
        columns=columns,
        primary_key=_references(reading, "primaryKey", document, columns),
        row_titles=_references(reading, "rowTitles", document, columns),
        foreign_keys=_read_foreign_keys(reading, document, columns),
        id=identifier,
        annotations=read_annotations(reading, document),
    )


def _read_columns(reading: Reading, document: dict[str, Any], above: Inherited, skipped: int) -> tuple[Column, ...]:
    """Return the columns of a schema; names must differ, and virtual columns come last."""
    columns: list[Column] = []
    virtual = False
    if "columns" not in document:
        return ()
    for index, item in enumerate(read_array(reading, "columns", document["columns"])):
        inner = reading.inside(f"columns[{index}]")
        if not isinstance(item, dict):
            inner.warning(f"{show(item)} is not a column description")
            continue
        column = _read_column(inner, item, above, len(columns) + 1, skipped)
        if virtual and not column.virtual:
            inner.error("follows a virtual column", "put virtual columns last")
        virtual = virtual or column.virtual
        if column.named and any(c.named and c.name == column.name for c in columns):
            inner.error(f"there are two columns with the name {column.name!r}", "give each its own")
        columns.append(column)
    return tuple(columns)


def _read_column(reading: Reading, document: dict[str, Any], above: Inherited, number: int, skipped: int) -> Column:
    """Return a column (section 5.6)."""
    warn_unknown(reading, document, _COLUMN | INHERITED)
    identifier = read_id(reading, document["@id"]) if "@id" in document else None
    if "@type" in document:
        check_type(reading, document["@type"], "Column")
    titles = read_titles(reading, "titles", document["titles"]) if "titles" in document else {}
    virtual = read_boolean(reading, "virtual", document["virtual"]) if "virtual" in document else False
    suppress = (
        read_boolean(reading, "suppressOutput", document["suppressOutput"]) if "suppressOutput" in document else False
    )
    name = _read_name(reading, document["name"]) if "name" in document else None
    return Column(
        name=name if name is not None else name_from_titles(titles, number, reading.language),
        number=number,
        source_number=0 if virtual else number + skipped,
        inherited=read_inherited(reading, document, above),
        titles=titles,
        virtual=virtual,
        suppress_output=suppress,
        id=identifier,
        annotations=read_annotations(reading, document),
        named=name is not None,
    )


def _read_name(reading: Reading, value: object) -> str | None:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    what = f"{show(value)} is not a name that URI templates can use: write letters, digits, _ and ., and no _ first"
    if reading.strict or not isinstance(value, str) or not value or value in SPECIAL_VARIABLES:
        reading.inside("name").warning(what)
        return None
    reading.inside("name").warning(what, "it is kept, and percent-encoded in templates and IRIs")
    return _as_name(reading, value)


def _as_name(reading: Reading, reference: str) -> str:
    """Return the name of a column as it is kept: percent-encoded where URI templates cannot use it as it is."""
    return reference if reading.strict or _NAME.fullmatch(reference) else _encode_name(reference)


def name_from_titles(titles: Titles, number: int, language: str | None = None) -> str:
    """Return the name of a column that has none: its first title, percent-encoded, or its number (section 5.6).

    Args:
        titles: The titles by language.
        number: The number of the column, from 1.
        language: The default language, whose titles come first.
    """
    for code in (language or "und", "und"):
        if titles.get(code):
            return _encode_name(titles[code][0])
    for code, texts in titles.items():
        if language and code.split("-")[0].lower() == language.split("-")[0].lower():
            return _encode_name(texts[0])
    return f"_col.{number}"


def _encode_name(title: str) -> str:
    """Return a title percent-encoded as the name of a variable of RFC 6570, which cannot hold - and ~."""
    return quote(title, safe="").replace("-", "%2D").replace("~", "%7E")


def _references(reading: Reading, name: str, document: dict[str, Any], columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Return the primary key or the row titles; a name that no column has makes the property invalid."""
    if name not in document:
        return ()
    found = read_references(reading, name, document[name])
    if not any(not c.virtual for c in columns) and not reading.strict:
        return found
    found = tuple(_as_name(reading, r) for r in found)
    names = {c.name for c in columns if c.named}
    for reference in found:
        if reference not in names:
            hint = did_you_mean(reference, names, "it is ignored")
            reading.inside(name).warning(f"there is no column with the name {reference!r}", hint)
            return ()
    return found


def _read_foreign_keys(
    reading: Reading, document: dict[str, Any], columns: tuple[Column, ...]
) -> tuple[ForeignKey, ...]:
    """Return the foreign keys of a schema (section 5.5.2.1), with their targets not looked up yet."""
    keys: list[ForeignKey] = []
    names = {c.name for c in columns if c.named}
    if "foreignKeys" not in document:
        return ()
    for index, item in enumerate(read_array(reading, "foreignKeys", document["foreignKeys"])):
        inner = reading.inside(f"foreignKeys[{index}]")
        if not isinstance(item, dict):
            inner.warning(f"{show(item)} is not a foreign key definition")
            continue
        for extra in item.keys() - {"columnReference", "reference"}:
            inner.error(f"{extra!r} is not permitted", "only columnReference and reference are")
        here = read_references(inner, "columnReference", item.get("columnReference"))
        here = tuple(_as_name(reading, r) for r in here)
        for name in here:
            if name not in names and (names or reading.strict):
                listed = f"the columns are {', '.join(sorted(names)[:20])}"
                inner.error(f"there is no column with the name {name!r}", did_you_mean(name, names, listed))
        target = item.get("reference")
        if not isinstance(target, dict):
            inner.inside("reference").warning(
                f"{show(target)} is not an object", "it counts as an object without properties"
            )
            target = {}
        key = _read_reference(inner.inside("reference"), target, here)
        if key is not None:
            keys.append(key)
    return tuple(keys)


def _read_reference(reading: Reading, target: dict[str, Any], here: tuple[str, ...]) -> ForeignKey | None:
    """Return the foreign key of the columns `here` to what a reference names, or None where it is not valid."""
    for extra in target.keys() - {"resource", "schemaReference", "columnReference"}:
        reading.error(f"{extra!r} is not permitted", "only resource, schemaReference and columnReference are")
    resource = read_link(reading, "resource", target["resource"]) if "resource" in target else None
    schema = read_link(reading, "schemaReference", target["schemaReference"]) if "schemaReference" in target else None
    if (resource is None) == (schema is None):
        reading.error("does not name exactly one of resource and schemaReference")
        return None
    there = read_references(reading, "columnReference", target.get("columnReference"))
    there = tuple(_as_name(reading, r) for r in there)
    if not here or not there or len(here) != len(there):
        reading.error("does not name as many columns as refer to it")
        return None
    return ForeignKey(here, resource, schema, there)
