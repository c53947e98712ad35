"""Finds the Frictionless description of a file, in a data package, a resource or a schema beside it.

Data Package, Data Resource, Table Schema (versions 1 and 2): https://datapackage.org/standard/data-package/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from glocal_rdf.errors import GlocalError, InputError, Problem
from glocal_rdf.files import read_bytes

__all__ = ["TableSchema", "find_table_schema"]

MAX_BYTES: Final = 32 << 20
MAX_FILES: Final = 200


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The schema of a table: the file that it is in, the schema itself, the resource and its package, if any.

    `others` are the paths of the other resources of the package by their names.
    """

    path: Path
    schema: Mapping[str, Any]
    resource: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)


def find_table_schema(table: Path, headers: Sequence[str]) -> tuple[TableSchema | None, tuple[Problem, ...]]:
    """Return the schema of a table that is described beside it, and warnings of files that cannot be read.

    The first that names the file is used: `datapackage.json`, `*.resource.json`, `FILE.schema.json`, and `schema.json`
    if its fields are the headers of the table.

    Args:
        table: The file.
        headers: The headers of its columns.
    """
    problems: list[Problem] = []
    for path in _candidates(table):
        try:
            document = _read(path)
            found = _schema_of(path, document, table, headers)
        except GlocalError as error:
            problems += [Problem(p.where, p.what, "it is ignored", "frictionless", "warning", str(path))
                         for p in error.problems]  # fmt: skip
            continue
        if found is not None:
            return found, tuple(problems)
    return None, tuple(problems)


def _candidates(table: Path) -> Iterator[Path]:
    """Yield the files that may describe a table, those that are there."""
    folder = table.parent
    named = [folder / "datapackage.json"]
    try:
        named += sorted(folder.glob("*.resource.json"))[:MAX_FILES]
    except OSError:
        return
    named += [folder / f"{table.name}.schema.json", folder / f"{table.stem}.schema.json", folder / "schema.json"]
    yield from (path for path in dict.fromkeys(named) if path.is_file())


def _read(path: Path) -> Any:
    try:
        return json.loads(read_bytes(path, MAX_BYTES).decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError.at(path, "is not JSON in UTF-8") from error


def _schema_of(path: Path, document: Any, table: Path, headers: Sequence[str]) -> TableSchema | None:
    """Return the schema of a table in a document, or None if the document does not describe the table."""
    if not isinstance(document, dict):
        return None
    resources = document.get("resources")
    if isinstance(resources, list):
        known = [r for r in resources if isinstance(r, dict)]
        others = {str(r.get("name", "")): _paths(r)[0] for r in known if _paths(r)}
        for resource in known:
            if _names(resource, path, table):
                shared = {k: document[k] for k in ("licenses",) if k in document}
                return _of_resource(path, {**shared, **resource}, others)
        return None
    if "path" in document:
        return _of_resource(path, document, {}) if _names(document, path, table) else None
    fields = [str(f.get("name", "")) for f in _fields(document)]
    if not fields:
        return None
    if path.name != "schema.json" or set(fields) <= set(headers):
        return TableSchema(path, document)
    return None


def _of_resource(path: Path, resource: Mapping[str, Any], others: Mapping[str, str]) -> TableSchema | None:
    schema = resource.get("schema")
    if isinstance(schema, str):
        if "://" in schema or not (path.parent / schema).resolve().is_relative_to(path.parent.resolve()):
            raise InputError.at(path, f"its schema {schema!r} is not a file of the folder")
        schema = _read(path.parent / schema)
    return TableSchema(path, schema if isinstance(schema, dict) else {}, resource, others)


def _names(resource: Mapping[str, Any], path: Path, table: Path) -> bool:
    """Return whether a resource has a file among its paths."""
    for found in _paths(resource):
        file = path.parent / found
        if "://" not in found and file.exists() and file.samefile(table):
            return True
    return False


def _paths(resource: Mapping[str, Any]) -> list[str]:
    found = resource.get("path")
    return [p for p in (found if isinstance(found, list) else [found]) if isinstance(p, str)]


def _fields(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = schema.get("fields")
    return [f for f in found if isinstance(f, dict)] if isinstance(found, list) else []
