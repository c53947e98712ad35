"""Writes answers as JSON, and describes that JSON by JSON Schema: both from the dataclasses of `model`.

A member that may be None or an empty text, and is, is left out of the JSON; lists, numbers and truths are always there.
The schema names these as required. The descriptions are those of the docstrings.

https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from functools import cache
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["Schemas", "to_json"]

_ENTRY: Final = re.compile(r"    (\w+): (.+)")
_SIMPLE: Final[Mapping[Any, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def to_json(answer: Any) -> Any:
    """Return an answer as what JSON is made of.

    Args:
        answer: A dataclass of `model`, or a list or mapping of such.

    Examples:
        >>> from glocal_rdf.serve.api.model import Value
        >>> to_json(Value(type="literal", value="Taipei", lang="en"))
        {'type': 'literal', 'value': 'Taipei', 'lang': 'en'}
    """
    if is_dataclass(answer) and not isinstance(answer, type):
        members = ((name, getattr(answer, name), default) for name, default in _members(type(answer)))
        return {
            name: to_json(value) for name, value, default in members if default not in (None, "") or value != default
        }
    if isinstance(answer, Mapping):
        return {name: to_json(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [to_json(one) for one in answer]
    return answer


@cache
def _members(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, one.default) for one in fields(kind))


class Schemas:
    """The schemas of answers, each by its name; those that others refer to are collected on the way."""

    def __init__(self, base: str = "#/components/schemas/") -> None:
        """Begin without any.

        Args:
            base: What stands before the name of a schema in a reference to it.
        """
        self._base = base
        self.named: dict[str, dict[str, Any]] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a type, which for a dataclass is a reference to a named one.

        Args:
            kind: The type: a dataclass, a tuple or mapping of such, or a simple type.
        """
        if kind in _SIMPLE:
            return {"type": _SIMPLE[kind]}
        origin, inner = get_origin(kind), get_args(kind)
        if is_dataclass(origin) or (origin is None and is_dataclass(kind)):
            return {"$ref": self._base + self._describe(kind)}
        if origin is Literal:
            return {"type": "string", "enum": list(inner)}
        if origin in (Union, UnionType):
            [one] = [part for part in inner if part is not NoneType]
            return self.of(one)
        if origin is tuple:
            return {"type": "array", "items": self.of(inner[0])}
        return {"type": "object", "additionalProperties": self.of(inner[1])}

    def _describe(self, kind: Any) -> str:
        """Describe a dataclass, and return its name."""
        bare: Any = get_origin(kind) or kind
        filled = dict(zip(getattr(bare, "__parameters__", ()), get_args(kind), strict=True))
        name: str = bare.__name__.removesuffix("Info") + "".join(one.__name__ for one in filled.values())
        if name in self.named:
            return name
        self.named[name] = {}
        doc = getdoc(bare) or ""
        texts = {found[1]: found[2] for line in doc.splitlines() if (found := _ENTRY.match(line))}
        hints = get_type_hints(bare)
        properties = {}
        for one in fields(bare):
            schema = self.of(_fill(hints[one.name], filled))
            text = texts.get(one.name)
            # A reference may have a description beside it since OpenAPI 3.1.
            properties[one.name] = {**schema, "description": text} if text else schema
        self.named[name] = {
            "type": "object",
            "description": doc.split("\n\n")[0].replace("\n", " "),
            "properties": properties,
            "required": [one.name for one in fields(bare) if _is_required(one)],
            "additionalProperties": False,
        }
        return name


def _fill(hint: Any, filled: Mapping[Any, Any]) -> Any:
    """Write the types for the variables of a generic dataclass."""
    variables = getattr(hint, "__parameters__", ())
    return hint[tuple(filled[one] for one in variables)] if variables else hint


def _is_required(one: Field[Any]) -> bool:
    return one.default not in (None, "")
