"""Terms of the Glocal ontology and those of a project that stand for them, and the IRIs of a project's things.

A project may state documents and claims in the terms of the Glocal ontology, or in terms of its own that have the same
names in a namespace that its ontology prefers. Every command takes one as the other.

The engines (`csvw`, `shacl`) implement W3C Recommendations for any data and do not import this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from glocal_rdf.namespaces import RDF_TYPE, Term, term

if TYPE_CHECKING:
    from glocal_rdf.triples import Triples

__all__ = [
    "APPLIES_TO",
    "BOUND",
    "BUNDLED_SPACE",
    "CLAIM",
    "END",
    "GLOCAL",
    "HELD_BY",
    "MAPPING_SLOTS",
    "NARROWING",
    "ORDER",
    "QUANTITY",
    "SOURCE_GRAPH",
    "START",
    "find_terms",
    "glocal",
    "short_id",
]

GLOCAL: Final = "https://w3id.org/glocal/ontology#"

MAPPING_SLOTS: Final = "https://w3id.org/glocal/schemas/mapping#"
"""The properties of the extension slots of our mapping sets (SSSOM)."""

BUNDLED_SPACE: Final = "https://w3id.org/glocal/id/"
"""The beginning of the IRIs of the things in the bundled dataset."""


def glocal(name: str) -> Term:
    """Make the term for a name of the Glocal ontology.

    Examples:
        >>> glocal("heldBy")
        '<https://w3id.org/glocal/ontology#heldBy>'
    """
    return term(GLOCAL, name)


APPLIES_TO: Final = "appliesTo"
BOUND: Final = "bound"
CLAIM: Final = "Claim"
END: Final = "end"
HELD_BY: Final = "heldBy"
ORDER: Final = "order"
QUANTITY: Final = "quantity"
START: Final = "start"
NARROWING: Final = (APPLIES_TO, BOUND, HELD_BY, QUANTITY)
"""The qualifiers without which a claim would say more than its source: what it states is stated only with them."""

SOURCE_GRAPH: Final = "SourceGraph"


def find_terms(name: str, ontology: Triples, namespaces: Iterable[str]) -> tuple[Term, ...]:
    """Find the terms that stand for a term of the Glocal ontology: those of a project, and that term itself, last.

    Args:
        name: The name of the term.
        ontology: The ontology of the project.
        namespaces: The namespaces that the ontology prefers for its terms.

    Examples:
        >>> from glocal_rdf.triples import Triples
        >>> own = Triples.parse("<urn:x#heldBy> a <http://www.w3.org/2002/07/owl#ObjectProperty> .", "turtle")
        >>> find_terms("heldBy", own, ["urn:x#"])
        ('<urn:x#heldBy>', '<https://w3id.org/glocal/ontology#heldBy>')
    """
    wanted = [term(namespace, name) for namespace in namespaces if namespace != GLOCAL]
    declared = set(ontology.match(predicate=RDF_TYPE).frame["subject"]) if wanted else set()
    return (*(one for one in wanted if one in declared), glocal(name))


def short_id(iri: str, space: str = "") -> str:
    """Shorten the IRI of a thing to kind and slug, as tables write it; any other IRI stays as it is.

    Args:
        iri: The IRI.
        space: How the IRIs of a project's things begin; without it, they begin with anything up to `/id/`.

    Examples:
        >>> short_id("https://w3id.org/glocal/id/place/taipei"), short_id("http://schema.org/name")
        ('place/taipei', 'http://schema.org/name')
        >>> short_id("https://example.org/things/place/taipei", "https://example.org/things/")
        'place/taipei'
    """
    if space:
        return iri.removeprefix(space) or iri
    return iri.partition("/id/")[2] or iri
