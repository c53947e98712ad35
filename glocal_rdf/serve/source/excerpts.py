"""Excerpts of a store about several things at once: their statements, classes, definitions, and claims about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import PROV, RDF, RDF_TYPE, SKOS, term
from glocal_rdf.serve.source.asking import Session, is_iri_term
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.selecting import Triple, fetch_each, read_number, select_some
from glocal_rdf.vocabulary import glocal

__all__ = ["count_documents", "fetch_contradictions", "fetch_statements", "find_classes", "find_definitions"]

MOST_STATEMENTS: Final = 50_000
"""How many statements about some two hundred things are fetched."""

MOST_CONTRADICTIONS: Final = 2_000
MOST_DOCUMENTS: Final = 1_000
_SUBJECT, _PREDICATE = term(RDF, "subject"), term(RDF, "predicate")


def fetch_statements(
    session: Session, layout: Layout, things: Sequence[str], predicates: Sequence[str] = ()
) -> list[Triple]:
    """Return statements about things, but those that lead to blank nodes.

    Args:
        session: Asks the store.
        layout: What the store is like.
        things: The things, as terms.
        predicates: The properties, as terms; all by default.

    Raises:
        QueryError: Where the store takes too long, and where one thing has more statements than are fetched.
        EndpointError: Where it does not answer as it should.
    """
    wanted = [one for one in dict.fromkeys(predicates) if is_iri_term(one)]
    if predicates and not wanted:
        return []
    only = f"FILTER(?p IN ({', '.join(wanted)}))" if wanted else ""
    known = [one for one in things if is_iri_term(one)]
    found, left_out = fetch_each(session, layout, known, f"{only} FILTER(!isBlank(?o))", MOST_STATEMENTS)
    if left_out:
        what = f"would have to read more than {MOST_STATEMENTS:,} statements about {left_out[0]}"
        raise QueryError.at("query", what, "ask for less, or by SPARQL")
    return found


def find_classes(session: Session, layout: Layout, things: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the classes of things, sorted.

    Args:
        session: Asks the store.
        layout: What the store is like.
        things: The things, as terms.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    found: dict[str, set[str]] = {}
    for thing, _, kind in fetch_statements(session, layout, things, [RDF_TYPE]):
        if is_iri_term(kind):
            found.setdefault(thing, set()).add(kind)
    return {thing: sorted(several) for thing, several in found.items()}


def find_definitions(session: Session, layout: Layout, things: Sequence[str], lang: str) -> Mapping[str, str]:
    """Return the definitions of things, literals, in a language if there is one in it.

    Args:
        session: Asks the store.
        layout: What the store is like.
        things: The things, as terms.
        lang: The language.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    found: dict[str, str] = {}
    for thing, _, text in sorted(fetch_statements(session, layout, things, [term(SKOS, "definition")])):
        if text.startswith('"') and (thing not in found or text.endswith(f'"@{lang}')):
            found[thing] = text
    return found


def fetch_contradictions(session: Session, layout: Layout) -> tuple[list[Triple], int, int | None]:
    """Return the claims that contradict one another, with what of that the store states itself.

    Args:
        session: Asks the store.
        layout: What the store is like.

    Returns:
        Their statements, how many pairs of claims these are, and how many there are; None where nobody counted.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    link = layout.within(f"?c {glocal('contradicts')} ?d .", "d")
    rows, total = select_some(session, "DISTINCT ?c ?d", link, MOST_CONTRADICTIONS)
    claims = sorted({one for row in rows for one in row if one})
    found = fetch_statements(session, layout, claims)
    about = {value for _, predicate, value in found if predicate == _SUBJECT}
    said = {value for _, predicate, value in found if predicate == _PREDICATE}
    every = [*found, *fetch_statements(session, layout, sorted(about), sorted(said))] if said else found
    return every, sum(all(map(is_iri_term, row)) for row in rows), total


def count_documents(session: Session, layout: Layout) -> tuple[Mapping[str, int], int | None]:
    """Count the claims that were read from each document, by its term.

    Args:
        session: Asks the store.
        layout: What the store is like.

    Returns:
        The counts, and how many documents there are; None where nobody counted.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    pattern = layout.within(f"?c {_SUBJECT} ?s ; {term(PROV, 'wasDerivedFrom')} ?x .", "d")
    document = 'BIND(IRI(STRBEFORE(CONCAT(STR(?x), "#"), "#")) AS ?d)'
    grouped = f"{{ SELECT ?d (COUNT(DISTINCT ?c) AS ?n) {{ {pattern} {document} }} GROUP BY ?d }}"
    rows, total = select_some(session, "?d ?n", grouped, MOST_DOCUMENTS)
    counts = {one: read_number(number) for one, number in rows if one and is_iri_term(one)}
    return dict(sorted(counts.items())), total
