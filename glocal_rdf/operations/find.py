"""Finds the things of a build's data that words mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glocal_rdf.dataset import Build
from glocal_rdf.operations.thing_records import name_thing
from glocal_rdf.search.fulltext import Found, search_things
from glocal_rdf.search.labels import normalize_name

__all__ = ["find", "to_record"]


def find(built: Build, words: str, limit: int = 10) -> tuple[Found, ...]:
    """Find things by words in their names, descriptions or definitions, in any language.

    Terms of the ontology are not searched.

    Args:
        built: The build to search.
        words: The words to find.
        limit: How many things are returned at most.

    Returns:
        The things, most likely first.

    Raises:
        QueryError: Where SQLite has no full-text search.
    """
    return search_things(built.stated.union(built.truthy), words, normalize_name, limit)


def to_record(found: Found, prefixes: Mapping[str, str]) -> dict[str, Any]:
    """Return a thing that was found as a JSON object."""
    return {
        **name_thing(found.thing, found.names, found.classes, prefixes),
        "how": found.how,
        "matched": found.matched,
        "property": found.property,
        "similarity": found.similarity,
        "likeness": found.similarity,  # its name up to version 1 of the schema
    }
