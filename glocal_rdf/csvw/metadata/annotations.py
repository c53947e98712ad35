"""Reads common properties and notes, whose values are JSON-LD with restrictions.

Metadata Vocabulary for Tabular Data, sections 5.8 and 6.1: https://www.w3.org/TR/tabular-metadata/#common-properties
"""

from __future__ import annotations

from typing import Any, Final

from glocal_rdf.csvw.metadata.model import Annotations
from glocal_rdf.csvw.metadata.prefixed_names import prefix_hint
from glocal_rdf.csvw.metadata.properties import Reading, is_absolute, is_common, is_language, read_id, show
from glocal_rdf.csvw.metadata.vocabulary import PREFIXES
from glocal_rdf.triples import iris

__all__ = ["read_annotation", "read_annotations"]

MAX_DEPTH: Final = 40


def read_annotation(reading: Reading, value: object, depth: int = 0) -> Any:
    """Return the value of a common property or note, checked and normalized (sections 5.8.2 and 6).

    Args:
        reading: The context.
        value: The value in the document.
        depth: How deep it is nested, which is bounded.
    """
    if depth > MAX_DEPTH:
        reading.error(f"is nested more than {MAX_DEPTH} deep")
        return None
    if isinstance(value, list):
        return [read_annotation(reading, item, depth + 1) for item in value]
    if isinstance(value, str):
        return {"@value": value} | ({"@language": reading.language} if reading.language else {})
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        _check_value_object(reading, value)
        kind = value.get("@type")
        return dict(value) | ({"@type": reading.expand(kind) or iris.encode(kind)} if isinstance(kind, str) else {})
    normalized: dict[str, Any] = {}
    for name, item in value.items():
        inner = reading.inside(name)
        if name == "@id":
            normalized[name] = read_id(reading, item, strict=True)
        elif name == "@type":
            _check_types(reading, item)
            normalized[name] = _expanded_types(reading, item)
        elif name == "@language":
            inner.error("is used without @value", "give an object with @value and @language")
        elif name.startswith("@"):
            inner.error("is not permitted in a common property", "only @id, @type, @value and @language are")
        elif ":" not in name:
            hint = 'write [{"@value": "…", "@language": "' + name + '"}]' if is_language(name) else ""
            inner.error("is neither a prefixed name nor an absolute URL", hint)
        elif name.startswith("_:"):
            inner.error("is a blank node")
        else:
            found = inner.iri(name)
            if found is not None:
                read = read_annotation(inner, item, depth + 1)
                normalized[found] = [*_as_list(normalized[found]), *_as_list(read)] if found in normalized else read
    return normalized


def _check_value_object(reading: Reading, value: dict[str, Any]) -> None:
    """Report what is wrong with a value object of JSON-LD."""
    reading = reading.inside("@value")
    others = set(value) - {"@value", "@type", "@language"}
    if others:
        reading.error(f"is used with {', '.join(sorted(others))}", "only @type or @language may be used with it")
    if "@type" in value and "@language" in value:
        reading.error("has both @type and @language", "keep one")
    if not isinstance(value["@value"], str | int | float | bool):
        reading.error(f"{show(value['@value'])} is not a string, number or boolean")
    if "@type" in value:
        _check_types(reading, value["@type"], single=True)
    language = value.get("@language")
    if language is not None and not (isinstance(language, str) and is_language(language)):
        reading.error(f"{show(language)} is not a language tag (BCP 47)")


def _check_types(reading: Reading, value: object, single: bool = False) -> None:
    """Report the types of a value that are not terms, prefixed names or URLs."""
    reading = reading.inside("@type")
    for item in value if isinstance(value, list) and not single else [value]:
        if not isinstance(item, str):
            reading.error(f"{show(item)} is not a string")
        elif item.startswith("_:"):
            reading.error(f"{item!r} is a blank node")
        elif reading.expand(item) is None and not is_absolute(item):
            what = f"{show(item)} is neither a term, a prefixed name nor an absolute URL"
            reading.error(
                what, prefix_hint(item.partition(":")[0], [*PREFIXES, *reading.prefixes]) if ":" in item else ""
            )


def _expanded_types(reading: Reading, value: object) -> object:
    found = [
        reading.expand(v) or iris.encode(v)
        for v in (value if isinstance(value, list) else [value])
        if isinstance(v, str)
    ]
    return found if isinstance(value, list) else (found or [""])[0]


def read_annotations(reading: Reading, description: dict[str, Any]) -> Annotations:
    """Return all common properties of a description object, by their IRIs."""
    found: Annotations = {}
    for name, value in description.items():
        if is_common(name, reading.prefixes):
            iri = reading.inside(name).iri(name)
            if iri is not None:
                read = read_annotation(reading.inside(name), value)
                # Two names may stand for one property, as dc:title and dcterms:title do.
                found[iri] = [*_as_list(found[iri]), *_as_list(read)] if iri in found else read
    return found


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
