"""Reads the JSON Schemas of the package, so that tests can check what the commands write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

import glocal_rdf

FOLDER = Path(glocal_rdf.__file__).parent / "schemas"
SCHEMAS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))
}
_REGISTRY = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values())  # type: ignore[var-annotated]


def find_faults(name: str, instance: Any) -> list[str]:
    """List where a JSON value breaks the schema with a name."""
    validator = Draft202012Validator(SCHEMAS[name], registry=_REGISTRY, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]


def list_parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a JSON value, the outermost first."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from list_parts(part)
