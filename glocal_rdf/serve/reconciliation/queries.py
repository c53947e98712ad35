"""Reads what clients of a reconciliation service send: batches of queries, and requests for values of properties.

It is JSON from anybody: what is nested deeply, not of its form or too large is refused with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from glocal_rdf.serve.api.model import ReconcileQuery
from glocal_rdf.serve.api.problems import ProblemError

__all__ = ["MAX_BATCH", "Extension", "read_extension", "read_json", "read_queries"]

MAX_BATCH: Final = 200
"""How many queries a batch may have."""

MAX_IDS: Final = 500
"""For how many things values may be asked at once."""

MAX_PROPERTIES: Final = 50
MAX_VALUES: Final = 100
MAX_TEXT: Final = 2000
MAX_CANDIDATES: Final = 50
_USUAL: Final = 5
_QUERY: Final = frozenset({"query", "type", "limit", "properties", "type_strict"})
_STRICT: Final = ("any", "all", "should")


@dataclass(frozen=True, slots=True)
class Extension:
    """A request for values of properties.

    Attributes:
        ids: The identifiers of things.
        properties: The identifiers of properties, each with how many values are wanted at most; 0 for all.
    """

    ids: tuple[str, ...]
    properties: tuple[tuple[str, int], ...]


def read_json(text: str) -> Any:
    """Read JSON from anybody.

    Args:
        text: The text.

    Raises:
        ProblemError: Where it is not JSON, has a name twice, a number that JSON does not have, or is nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_read_object)
    except RecursionError as error:
        raise ProblemError("wrong-body", "the JSON is nested too deeply") from error
    except ValueError as error:
        raise ProblemError("wrong-body", f"this is not JSON: {str(error)[:120]}") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def read_queries(record: Any, lang: str, expand: Callable[[str], str]) -> dict[str, ReconcileQuery]:
    """Read a batch of queries.

    Args:
        record: The batch: queries by what the client calls them.
        lang: The language of the names.
        expand: Returns the IRI for an identifier of the service.

    Raises:
        ProblemError: Where it is not of the form of a batch.

    https://reconciliation-api.github.io/specs/0.2/
    """
    batch = _check(record, dict, "queries")
    if len(batch) > MAX_BATCH:
        raise ProblemError("too-large", f"the batch has {len(batch)} queries; send at most {MAX_BATCH} at once")
    return {name: _read_query(f"queries.{name[:40]}", query, lang, expand) for name, query in batch.items()}


def _read_query(where: str, record: Any, lang: str, expand: Callable[[str], str]) -> ReconcileQuery:
    if isinstance(record, str):
        record = {"query": record}  # The form of a single query that clients of version 0.1 may send.
    query = _check(record, dict, where)
    unknown = sorted(query.keys() - _QUERY)
    if unknown:
        raise ProblemError(
            "wrong-body", f"{where} has no member {unknown[0][:40]!r}; it takes {', '.join(sorted(_QUERY))}"
        )
    text = _read_text(query.get("query", ""), f"{where}.query").strip()
    listed = _check(query.get("properties", []), list, f"{where}.properties")
    properties = tuple(
        _read_property(f"{where}.properties[{at}]", one, expand)
        for at, one in enumerate(_few(listed, MAX_PROPERTIES, where))
    )
    if not text and not properties:
        raise ProblemError("wrong-body", f"{where} has neither query nor properties")
    kinds = query.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else _check(kinds, list, f"{where}.type")
    strict = query.get("type_strict", "should" if isinstance(query.get("type"), str) else "any")
    if strict not in _STRICT:
        raise ProblemError("wrong-body", f"{where}.type_strict is not one of {', '.join(_STRICT)}")
    limit = query.get("limit", _USUAL)
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise ProblemError("wrong-body", f"{where}.limit is not a positive whole number")
    return ReconcileQuery(
        text=text,
        lang=lang,
        types=tuple(_read_id(one, f"{where}.type") for one in _few(kinds, MAX_PROPERTIES, where) if one),
        types_must=cast("Literal['any', 'all', 'should']", strict),
        limit=min(limit, MAX_CANDIDATES),
        properties=properties,
    )


def _read_property(where: str, record: Any, expand: Callable[[str], str]) -> tuple[str, tuple[str, ...]]:
    given = _check(record, dict, where)
    if "pid" not in given or "v" not in given:
        raise ProblemError("wrong-body", f"{where} lacks {'pid' if 'pid' not in given else 'v'}")
    values = given["v"] if isinstance(given["v"], list) else [given["v"]]
    return _read_id(given["pid"], f"{where}.pid"), tuple(
        _read_value(one, f"{where}.v", expand) for one in _few(values, MAX_VALUES, where)
    )


def _read_value(value: Any, where: str, expand: Callable[[str], str]) -> str:
    """Read a value as a text: that of a text, a number, a truth, or the IRI of a thing."""
    if isinstance(value, Mapping):
        return expand(_read_id(value.get("id"), f"{where}.id"))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return _read_text(value, where)


def read_extension(record: Any) -> Extension:
    """Read a request for values.

    Args:
        record: The request.

    Raises:
        ProblemError: Where it is not of the form of one, or has a setting that is not known.

    https://reconciliation-api.github.io/specs/0.2/
    """
    request = _check(record, dict, "extend")
    ids = _few(_check(request.get("ids"), list, "extend.ids"), MAX_IDS, "extend.ids")
    listed = _few(_check(request.get("properties"), list, "extend.properties"), MAX_PROPERTIES, "extend.properties")
    properties = []
    for at, one in enumerate(listed):
        where = f"extend.properties[{at}]"
        given = _check(one, dict, where)
        settings = _check(given.get("settings") or {}, dict, f"{where}.settings")
        unknown = sorted(settings.keys() - {"limit"})
        if unknown:
            raise ProblemError("wrong-body", f"{where}.settings has no setting {unknown[0][:40]!r}; it takes limit")
        limit = settings.get("limit") or 0
        limit = int(limit) if isinstance(limit, str) and limit.isdecimal() and len(limit) < 10 else limit
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
            raise ProblemError("wrong-body", f"{where}.settings.limit is not a whole number")
        properties.append((_read_id(given.get("id"), f"{where}.id"), limit))
    return Extension(tuple(_read_id(one, "extend.ids") for one in ids), tuple(properties))


def _check(value: Any, kind: type, where: str) -> Any:
    if not isinstance(value, kind):
        raise ProblemError("wrong-body", f"{where} is not {'an object' if kind is dict else 'a list'}")
    return value


def _few(values: list[Any], most: int, where: str) -> list[Any]:
    if len(values) > most:
        raise ProblemError("too-large", f"{where} has a list of {len(values)}; send at most {most}")
    return values


def _read_text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ProblemError("wrong-body", f"{where} is not a text")
    if len(value) > MAX_TEXT:
        raise ProblemError("too-large", f"{where} has more than {MAX_TEXT} characters")
    return value.encode(errors="replace").decode()


def _read_id(value: Any, where: str) -> str:
    text = _read_text(value, where)
    if not text:
        raise ProblemError("wrong-body", f"{where} is empty")
    return text
