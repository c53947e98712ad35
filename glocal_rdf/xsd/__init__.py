"""XML Schema datatypes: lexical spaces, ordering, and the two dialects of regular expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.xsd.datatypes import is_valid, is_well_typed
    from glocal_rdf.xsd.ordering import compare

__all__ = [
    "compare",
    "is_valid",
    "is_well_typed",
]

__getattr__ = importer(
    __name__,
    {
        "compare": "ordering",
        "is_valid": "datatypes",
        "is_well_typed": "datatypes",
    },
)
