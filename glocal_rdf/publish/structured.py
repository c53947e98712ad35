"""What a page is about for search engines: one block of JSON-LD in the terms of schema.org."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glocal_rdf.namespaces import DCTERMS, OWL, RDF_TYPE, RDFS_LABEL, SCHEMA, SCHEMA_HTTPS, SKOS, iri_of, term
from glocal_rdf.publish.about import safe_link
from glocal_rdf.publish.showing import split_literal

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Site
    from glocal_rdf.publish.statements.facts import Facts

__all__ = ["describe_for_search"]

_KINDS: Final = {
    "class": "DefinedTerm",
    "property": "DefinedTerm",
    "concept": "DefinedTerm",
    "scheme": "DefinedTermSet",
    "ontology": "DefinedTermSet",
    "dataset": "Dataset",
    "source": "Dataset",
}
_TEXTS: Final = (
    ("name", (term(SKOS, "prefLabel"), RDFS_LABEL)),
    ("alternateName", (term(SKOS, "altLabel"),)),
    ("description", (term(SKOS, "definition"), term(DCTERMS, "description"), term(SCHEMA, "description"))),
)
_SAME: Final = (term(SKOS, "exactMatch"), term(OWL, "sameAs"))


def describe_for_search(site: Site, resource: str, kind: str, facts: Facts) -> dict[str, object]:
    """Return what is known of a resource, in the terms of schema.org that search engines read.

    Args:
        site: The site.
        resource: The resource, a term.
        kind: Its kind (see `resources.KINDS`).
        facts: What is known of it.
    """
    described: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": _KINDS.get(kind) or _find_type(facts),
        "@id": iri_of(resource),
    }
    for name, predicates in _TEXTS:
        values = [
            fact.value
            for predicate in predicates
            for fact in facts.stated.get(predicate, ())
            if fact.plain and fact.value.startswith('"')
        ]
        if values:
            described[name] = [_write_text(value) for value in dict.fromkeys(values)]
    if "name" not in described:
        described["name"] = site.name_of(resource, site.languages[0])
    links = [
        fact.value[1:-1]
        for predicate in _SAME
        for fact in facts.stated.get(predicate, ())
        if fact.plain and fact.value.startswith("<") and safe_link(fact.value[1:-1])
    ]
    if links:
        described["sameAs"] = list(dict.fromkeys(links))
    if address := site.document_of(site.addresses[resource]):
        described["mainEntityOfPage"] = address
    return described


def _find_type(facts: Facts) -> str:
    """Return the type in schema.org; the most special one cannot be known, so the first of those that are stated."""
    types = [fact for fact in facts.stated.get(RDF_TYPE, ()) if fact.plain]
    names = [
        (fact.origin == "rule", fact.value[1:-1].removeprefix(namespace))
        for fact in types
        for namespace in (SCHEMA, SCHEMA_HTTPS)
        if fact.value.startswith(f"<{namespace}")
    ]
    general = {"CreativeWork", "Organization", "Place", "Thing"}
    names.sort(key=lambda one: (one[1] in general, *one))
    return names[0][1] if names else "Thing"


def _write_text(literal: str) -> object:
    text, tag, _ = split_literal(literal)
    return {"@value": text, "@language": tag} if tag else text
