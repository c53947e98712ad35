"""Terms of the Glocal ontology, and the IRIs of the things that a project describes.

The engines (`csvw`, `shacl`) implement W3C Recommendations for any data and do not import this module.
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.namespaces import Term, term

__all__ = ["BUNDLED_SPACE", "DOCUMENT", "GLOCAL", "HELD_BY", "PASSAGE", "SOURCE_GRAPH", "glocal", "short_id"]

GLOCAL: Final = "https://w3id.org/glocal/ontology#"

BUNDLED_SPACE: Final = "https://w3id.org/glocal/id/"
"""The beginning of the IRIs of the things in the bundled dataset."""


def glocal(name: str) -> Term:
    """Make the term for a name of the Glocal ontology.

    >>> glocal("heldBy")
    '<https://w3id.org/glocal/ontology#heldBy>'
    """
    return term(GLOCAL, name)


DOCUMENT: Final = glocal("Document")
PASSAGE: Final = glocal("Passage")
HELD_BY: Final = glocal("heldBy")
SOURCE_GRAPH: Final = glocal("SourceGraph")


def short_id(iri: str) -> str:
    """Shorten the IRI of a thing to kind and slug, as tables write it; any other IRI stays as it is.

    >>> short_id("https://w3id.org/glocal/id/place/taipei"), short_id("http://schema.org/name")
    ('place/taipei', 'http://schema.org/name')
    """
    return iri.partition("/id/")[2] or iri
