"""Says which resources a store knows, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from glocal_rdf.namespaces import DCTERMS, FOAF, RDFS_LABEL, SCHEMA, SCHEMA_HTTPS, SKOS, term
from glocal_rdf.serve.source.asking import Session, is_iri_term, list_values
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.selecting import Triple, as_triples, fetch_each

__all__ = ["NAMES", "describe_terms", "find_described", "is_known"]

NAMES: Final = (
    term(SKOS, "prefLabel"),
    RDFS_LABEL,
    term(DCTERMS, "title"),
    term(SCHEMA_HTTPS, "name"),
    term(SCHEMA, "name"),
    term(FOAF, "name"),
)
"""The properties by which things are named."""

MOST_NAMES: Final = 20_000
"""How many names of one thing are looked at."""


def is_known(session: Session, layout: Layout, thing: str) -> bool:
    """Return whether the store says anything of a thing.

    Args:
        session: Asks the store.
        layout: What the store is like.
        thing: The thing, a term.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    patterns = [layout.within(f"{thing} ?p ?o .", "a"), layout.within(f"?s ?p {thing} .", "l")]
    patterns += [f"GRAPH ?g {{ {thing} ?p ?o }}"] if layout.beside else []
    return any(session.select(f"SELECT ?p {{ {pattern} }} LIMIT 1") for pattern in patterns)


def describe_terms(
    session: Session, layout: Layout, mentioned: Sequence[str], languages: Sequence[str] = ("en",)
) -> tuple[frozenset[str], list[Triple]]:
    """Return which of some resources the store has statements about, and their names.

    Args:
        session: Asks the store.
        layout: What the store is like.
        mentioned: The resources, as terms.
        languages: The languages of the names; what has no name in these is named in any.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    described = find_described(session, layout, mentioned)
    names: list[Triple] = []
    if layout.beside:
        # A graph of another source describes itself.
        for values in list_values(one for one in mentioned if one not in described):
            own = f"VALUES ?p {{ {' '.join(NAMES)} }} GRAPH ?t {{ ?t ?p ?o }}"
            names += as_triples(session.select(f"SELECT ?t ?p ?o {{ VALUES ?t {{ {values} }} {own} }}"))
    # By VALUES for both, some engines would walk through all names of the store.
    named_by = f"FILTER(?p IN ({', '.join(NAMES)}))"
    short = dict.fromkeys(["en", *(one.partition("-")[0] for one in languages if one.replace("-", "").isalnum())])
    matches = " || ".join(f'LANGMATCHES(LANG(?o), "{one}")' for one in short)
    in_these = f'{named_by} FILTER(LANG(?o) = "" || {matches})'
    found, _ = fetch_each(session, layout, sorted(described), in_these, MOST_NAMES)
    named = {one for one, _, _ in found}
    in_any, left_out = fetch_each(session, layout, sorted(described - named), named_by, MOST_NAMES)
    names += [*found, *in_any]
    for one in left_out:  # It has too many names to look at all, and is called by one of them.
        pattern = layout.within(f"{one} ?p ?o .", "n")
        rows = session.select(f"SELECT ?p ?o {{ {pattern} {named_by} }} LIMIT 1") if is_iri_term(one) else []
        names += as_triples((one, predicate, value) for predicate, value in rows)
    return described | {one for one, _, _ in names}, names


def find_described(session: Session, layout: Layout, mentioned: Sequence[str]) -> frozenset[str]:
    """Return which of some resources the store has statements about.

    Args:
        session: Asks the store.
        layout: What the store is like.
        mentioned: The resources, as terms.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    exists = layout.within("?t ?p ?o .", "e")
    found: set[str] = set()
    for values in list_values(mentioned):
        rows = session.select(f"SELECT ?t {{ VALUES ?t {{ {values} }} FILTER EXISTS {{ {exists} }} }}")
        found |= {str(one) for (one,) in rows}
    return frozenset(found)
