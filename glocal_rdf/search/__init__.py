"""Search: things found by their labels and by words in their descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.search.fulltext import Found, How, search_things
    from glocal_rdf.search.labels import normalize_name, preferred_labels, resolve_name, resolve_name_or_raise

__all__ = [
    "Found",
    "How",
    "normalize_name",
    "preferred_labels",
    "resolve_name",
    "resolve_name_or_raise",
    "search_things",
]

__getattr__ = importer(
    __name__,
    {
        "Found": "fulltext",
        "How": "fulltext",
        "resolve_name": "labels",
        "normalize_name": "labels",
        "preferred_labels": "labels",
        "resolve_name_or_raise": "labels",
        "search_things": "fulltext",
    },
    {
        "find_things": "resolve_name",
        "fold": "normalize_name",
        "name_things": "preferred_labels",
        "name_things_or_fail": "resolve_name_or_raise",
    },
)
