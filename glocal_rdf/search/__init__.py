"""Search: things found by their labels and by words in their descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.search.fulltext import Found, How, search_things
    from glocal_rdf.search.labels import find_things, fold, name_things, name_things_or_fail

__all__ = [
    "Found",
    "How",
    "find_things",
    "fold",
    "name_things",
    "name_things_or_fail",
    "search_things",
]

__getattr__ = importer(
    __name__,
    {
        "Found": "fulltext",
        "How": "fulltext",
        "find_things": "labels",
        "fold": "labels",
        "name_things": "labels",
        "name_things_or_fail": "labels",
        "search_things": "fulltext",
    },
)
