"""Writes what a reconciliation service answers: its manifest, candidates, suggestions, previews, values of properties.

The identifier of a thing is its IRI without the beginning that the IRIs of the dataset's things share: `place/taipei`;
that of a class or a property is its IRI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any, Final

from glocal_rdf.namespaces import XSD
from glocal_rdf.serve.api.answers import Answers
from glocal_rdf.serve.api.model import Candidate, ClassInfo, DatasetInfo, Resource, Value
from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.serve.reconciliation.queries import Extension

__all__ = ["Identifiers", "describe_service", "extend", "flyout", "preview", "propose", "suggest", "write_candidates"]

BATCH: Final = 50
"""How many queries clients are asked to send at once."""

PREVIEW: Final = (430, 300)
MAX_SHOWN: Final = 8
MAX_SUGGESTED: Final = 20
_ANY_IRI: Final = "http://www.ietf.org/rfc/rfc3986"
_INTEGERS: Final = frozenset(
    f"{XSD}{name}"
    for name in (
        *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "negativeInteger"),
        *("nonPositiveInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
)
_DECIMALS: Final = frozenset(f"{XSD}{name}" for name in ("decimal", "double", "float"))
_MOMENT: Final = re.compile(
    r"-?\d{4,}-(?:1[0-2]|0[1-9])-(?:3[01]|0[1-9]|[12]\d)T(?:2[0-3]|[01]\d):[0-5]\d:[0-5]\d(?:\.\d+)?"
    r"(?:Z|[+-](?:2[0-3]|[01]\d):[0-5]\d)?"
)


class Identifiers:
    """The identifiers of things, and their IRIs."""

    def __init__(self, space: str) -> None:
        """Take the beginning of the IRIs of the things; empty where they have none in common."""
        self.space = space

    def shorten(self, iri: str) -> str:
        """Return the identifier of a thing.

        Examples:
            >>> Identifiers("https://example.org/id/").shorten("https://example.org/id/place/taipei")
            'place/taipei'
        """
        return (iri.removeprefix(self.space) if self.space else iri) or iri

    def expand(self, identifier: str) -> str:
        """Return the IRI of a thing.

        Examples:
            >>> ids = Identifiers("https://example.org/id/")
            >>> ids.expand("place/taipei"), ids.expand("http://www.wikidata.org/entity/Q1867")
            ('https://example.org/id/place/taipei', 'http://www.wikidata.org/entity/Q1867')
        """
        absolute = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", identifier)
        return identifier if absolute or not self.space else self.space + identifier


def describe_service(dataset: DatasetInfo, kinds: Sequence[ClassInfo], public: str) -> dict[str, Any]:
    """Return the manifest.

    Args:
        dataset: What is served.
        kinds: The classes of things.
        public: The public address of the server, ending in `/`.

    https://reconciliation-api.github.io/specs/0.2/
    """
    root = public.rstrip("/")

    def suggests(kind: str) -> dict[str, str]:
        return {
            "service_url": root,
            "service_path": f"/reconcile/suggest/{kind}",
            "flyout_service_url": root,
            "flyout_service_path": f"/reconcile/flyout/{kind}?id=${{id}}",
        }

    return {
        "versions": ["0.2"],
        "name": dataset.title,
        "identifierSpace": dataset.space or _ANY_IRI,
        "schemaSpace": _ANY_IRI,
        "documentation": f"{root}/api/",
        "defaultTypes": [{"id": one.iri, "name": one.label} for one in kinds[:MAX_SHOWN]],
        "view": {"url": f"{root}/reconcile/view?id={{{{id}}}}"},
        "preview": {"url": f"{root}/reconcile/preview?id={{{{id}}}}", "width": PREVIEW[0], "height": PREVIEW[1]},
        "suggest": {kind: suggests(kind) for kind in ("entity", "type", "property")},
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/reconcile/properties"},
            "property_settings": [
                {
                    "name": "limit",
                    "label": "Limit",
                    "type": "number",
                    "default": 0,
                    "help_text": "How many values are given at most; 0 for all.",
                }
            ],
        },
        "batchSize": BATCH,
    }


def write_candidates(found: Sequence[Candidate], identifiers: Identifiers) -> dict[str, Any]:
    """Return the result of one query.

    Args:
        found: Its candidates.
        identifiers: The identifiers of things.
    """
    return {
        "result": [
            {
                "id": identifiers.shorten(one.iri),
                "name": one.label,
                "description": one.description,
                "type": _list_kinds(one.classes),
                "score": one.score,
                "match": one.match,
                "features": [{"id": feature.id, "value": feature.value} for feature in one.features],
            }
            for one in found
        ]
    }


def _list_kinds(kinds: Sequence[Resource]) -> list[dict[str, str]]:
    return [{"id": kind.iri, "name": kind.label} for kind in kinds]


def suggest(
    answers: Answers,
    kind: str,
    prefix: str,
    identifiers: Identifiers,
    lang: str,
    *,
    cursor: int,
    limit: int,
    within: str,
) -> dict[str, Any]:
    """Suggest things, classes or properties while somebody types.

    Args:
        answers: What answers.
        kind: `entity`, `type` or `property`.
        prefix: What was typed.
        identifiers: The identifiers of things.
        lang: The language of names.
        cursor: How many of the first are left out.
        limit: How many are wanted.
        within: A class, by which things and properties are limited; empty for any.
    """
    limit = min(limit, MAX_SUGGESTED)
    if kind != "entity":
        listed = answers.classes(lang) if kind == "type" else answers.properties(lang, within)
        hits = _rank_named(listed, prefix)[cursor : cursor + limit]
        return {"result": [{"id": one.iri, "name": one.label, "description": one.description} for one in hits]}
    exact = identifiers.expand(prefix.strip())
    named = answers.thing(exact, lang, limit=1) if prefix.strip() and not cursor else None
    page = answers.search(prefix, lang, kinds=(within,) if within else (), offset=cursor, limit=limit)
    found: list[dict[str, Any]] = []
    for one in (*((named,) if named and named.names else ()), *page.items):
        if identifiers.shorten(one.iri) in (known["id"] for known in found):
            continue
        also = ", ".join(name for name in dict.fromkeys(one.names.values()) if name != one.label)
        found.append(
            {
                "id": identifiers.shorten(one.iri),
                "name": one.label,
                "description": also,
                "notable": _list_kinds(one.classes),
            }
        )
    return {"result": found[:limit]}


def _rank_named(listed: Sequence[ClassInfo], prefix: str) -> list[ClassInfo]:
    """Return the classes or properties that have a text in their name or IRI, those that begin with it first."""
    wanted = prefix.strip().casefold()

    def place(one: ClassInfo) -> int:
        names = [one.label.casefold(), one.id.casefold(), one.id.partition(":")[2].casefold(), one.iri.casefold()]
        if wanted in names:
            return 0
        if any(name.startswith(wanted) for name in names):
            return 1
        return 2 if any(wanted in name for name in names) else 3

    return sorted((one for one in listed if place(one) < 3), key=place)


def propose(answers: Answers, kind: str, lang: str, limit: int) -> dict[str, Any]:
    """Propose properties of things of a class, the most frequent first.

    Args:
        answers: What answers.
        kind: The class; empty for any.
        lang: The language of names.
        limit: How many are wanted.
    """
    listed = answers.properties(lang, kind)[:limit]
    return {"type": kind, "limit": limit, "properties": [{"id": one.iri, "name": one.label} for one in listed]}


def extend(answers: Answers, request: Extension, identifiers: Identifiers, lang: str) -> dict[str, Any]:
    """Return the values of properties of things.

    Args:
        answers: What answers.
        request: What is asked.
        identifiers: The identifiers of things.
        lang: The language of names.

    https://reconciliation-api.github.io/specs/0.2/
    """
    names = {one.iri: one.label for one in answers.properties(lang)}
    wanted = dict(request.properties)
    iris = {one: identifiers.expand(one) for one in request.ids}
    found = answers.values(tuple(iris.values()), tuple(wanted), lang)
    rows = {
        one: {
            name: [_write_value(value, identifiers) for value in found.get(iri, {}).get(name, ())[: limit or None]]
            for name, limit in wanted.items()
        }
        for one, iri in iris.items()
    }
    return {"meta": [{"id": name, "name": names.get(name, name)} for name in wanted], "rows": rows}


def _write_value(value: Value, identifiers: Identifiers) -> dict[str, Any]:
    """Write a value: a thing of the dataset by identifier and name, a number where none of it is lost, or a text."""
    if value.type == "iri" and value.label and value.value.startswith(identifiers.space):
        return {"id": identifiers.shorten(value.value), "name": value.label}
    if value.datatype in _INTEGERS and re.fullmatch(r"[+-]?\d{1,15}", value.value):
        return {"int": int(value.value)}
    if value.datatype in _DECIMALS and (number := _read_number(value.value)) is not None:
        return {"float": number}
    if value.datatype == f"{XSD}dateTime" and _MOMENT.fullmatch(value.value):
        return {"date": value.value}
    return {"str": value.value}


def _read_number(text: str) -> float | None:
    """Return a number as JSON has it; None where it would be another one."""
    try:
        exact = Decimal(text)
        number = float(text)
        return number if exact.is_finite() and Decimal(repr(number)) == exact else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def preview(answers: Answers, iri: str, lang: str) -> str:
    """Return a small page about a thing, which others may show in a frame.

    Args:
        answers: What answers.
        iri: The IRI of the thing.
        lang: The language of names.

    Raises:
        ProblemError: Where nothing is stated about it.
    """
    return (
        f'<!doctype html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">'
        f"<title>{escape(iri)}</title></head><body>{_describe_thing(answers, iri, lang)}</body></html>\n"
    )


def _describe_thing(answers: Answers, iri: str, lang: str) -> str:
    """Return a thing, class or property as HTML: its name, classes and some facts.

    Args:
        answers: What answers.
        iri: Its IRI.
        lang: The language of names.

    Raises:
        ProblemError: Where nothing is stated about it.
    """
    found = answers.thing(iri, lang, limit=60)
    if found is None:
        raise ProblemError("not-found", "nothing is stated about it; search for another name")
    shown: dict[str, dict[str, None]] = {}
    for fact in found.facts.items:
        if fact.subject.iri == iri and fact.holds and fact.origin not in ("rule", "ontology"):
            texts = shown.setdefault(fact.predicate.label, {})
            texts[fact.object.label or fact.object.value] = None
    rows = "".join(
        f"<dt>{escape(name)}</dt>" + "".join(f"<dd>{escape(text[:200])}</dd>" for text in list(texts)[:4])
        for name, texts in list(shown.items())[:MAX_SHOWN]
    )
    kinds = escape(", ".join(kind.label for kind in found.classes))
    return f"<h1>{escape(found.label)}</h1><p>{kinds} <code>{escape(found.id)}</code></p><dl>{rows}</dl>"


def flyout(answers: Answers, identifier: str, iri: str, lang: str) -> Mapping[str, str]:
    """Return a small preview of something that was suggested.

    Args:
        answers: What answers.
        identifier: Its identifier, as it was suggested.
        iri: Its IRI.
        lang: The language of names.

    Raises:
        ProblemError: Where nothing is stated about it.
    """
    return {"id": identifier, "html": _describe_thing(answers, iri, lang)}
