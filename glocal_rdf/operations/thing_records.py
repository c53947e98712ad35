"""Names a thing in JSON: with the same keys in the output of every command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from glocal_rdf.namespaces import shorten

__all__ = ["name_thing"]


def name_thing(
    iri: str, names: Mapping[str, str], classes: Iterable[str], prefixes: Mapping[str, str]
) -> dict[str, Any]:
    """Return the members of a JSON object that name a thing.

    Args:
        iri: The IRI of the thing.
        names: Its preferred names by language tag.
        classes: The IRIs of its classes.
        prefixes: Namespaces by prefix.

    Examples:
        >>> name_thing("https://example.org/id/a", {"en": "A"}, [], {"ex": "https://example.org/id/"})
        {'id': 'ex:a', 'iri': 'https://example.org/id/a', 'names': {'en': 'A'}, 'classes': []}
    """
    return {"id": shorten(iri, prefixes), "iri": iri, "names": dict(names), "classes": list(classes)}
