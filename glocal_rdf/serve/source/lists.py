"""Long lists of a store, page by page: its classes and graphs, the things of a class, what leads to a thing.

A list is sorted by the store as long as it is short enough for that; a longer one comes in the store's own order, in
which a store that does not change returns it each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import OWL, RDF, RDFS, term
from glocal_rdf.serve.source.asking import Row, Session, is_iri_term
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.neighbourhood import Triple, leading_pattern, read_number, select_sorted

__all__ = [
    "MOST_CLASSES",
    "PER_PAGE",
    "Counted",
    "Part",
    "count_classes",
    "count_graphs",
    "count_properties",
    "list_instances",
    "list_leading",
    "list_terms",
    "list_values_of",
]

PER_PAGE: Final = 500
"""How many things are on a page of a list."""

MOST_CLASSES: Final = 500
"""How many classes, properties or graphs are listed: those that most things have."""

MOST_TERMS: Final = 5_000
"""How many terms of the vocabulary are listed."""

MOST_SKIPPED: Final = 1_000_000
"""How far a list goes: a store walks through all that is skipped."""


@dataclass(frozen=True)
class Counted:
    """A resource with how many there are of it.

    Attributes:
        term: The class, the property or the graph.
        number: How many; None where they could not be counted in time.
    """

    term: str
    number: int | None


@dataclass(frozen=True)
class Part:
    """A page of a list.

    Attributes:
        items: Its terms.
        total: How many the whole list has; None where they could not be counted in time.
        more: Whether a page follows.
    """

    items: Sequence[str]
    total: int | None
    more: bool


def count_classes(session: Session, layout: Layout) -> Sequence[Counted]:
    """Count the things of each class, most frequent first; without numbers where that takes too long.

    Args:
        session: Asks the store.
        layout: What the store is like.

    Raises:
        QueryError: Where not even the classes can be listed in time.
        EndpointError: Where the store does not answer as it should.
    """
    count = "COUNT(DISTINCT ?s)" if layout.named else "COUNT(*)"
    return _count(session, layout, "?s a ?c .", count)


def count_properties(session: Session, layout: Layout, kind: str = "") -> Sequence[Counted]:
    """Count the statements of each property, most frequent first; without numbers where that takes too long.

    Args:
        session: Asks the store.
        layout: What the store is like.
        kind: The term of a class, to whose things those are limited; empty for any.

    Raises:
        QueryError: Where not even the properties can be listed in time.
        EndpointError: Where the store does not answer as it should.
    """
    return _count(session, layout, f"{f'?s a {kind} . ' if kind else ''}?s ?c ?o .", "COUNT(*)")


def _count(session: Session, layout: Layout, patterns: str, count: str) -> Sequence[Counted]:
    pattern = layout.within(patterns, "c")
    try:
        rows = session.select(
            f"SELECT ?c ({count} AS ?n) {{ {pattern} }} GROUP BY ?c ORDER BY DESC(?n) ?c LIMIT {MOST_CLASSES}",
            session.left() * 0.7,
        )
        return [Counted(one, read_number(number)) for one, number in rows if one and is_iri_term(one)]
    except QueryError:
        rows = session.select(f"SELECT DISTINCT ?c {{ {pattern} }} LIMIT {MOST_CLASSES}")
        return [Counted(one, None) for (one,) in rows if one and is_iri_term(one)]


def count_graphs(session: Session) -> Sequence[Counted]:
    """Count the statements of each named graph, the largest first; without numbers where that takes too long.

    Args:
        session: Asks the store.

    Raises:
        QueryError: Where not even the graphs can be listed in time.
        EndpointError: Where the store does not answer as it should.
    """
    pattern = "GRAPH ?g { ?s ?p ?o }"
    try:
        rows = session.select(
            f"SELECT ?g (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY ?g ORDER BY DESC(?n) ?g LIMIT {MOST_CLASSES}",
            session.left() * 0.7,
        )
        return [Counted(one, read_number(number)) for one, number in rows if one and is_iri_term(one)]
    except QueryError:
        rows = session.select(f"SELECT DISTINCT ?g {{ {pattern} }} LIMIT {MOST_CLASSES}")
        return [Counted(one, None) for (one,) in rows if one and is_iri_term(one)]


def list_instances(session: Session, layout: Layout, kind: str, number: int) -> Part:
    """List things of a class.

    Args:
        session: Asks the store.
        layout: What the store is like.
        kind: The class, a term.
        number: The number of the page, from 1.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    pattern = f"{layout.within(f'?s a {kind} .', 's')} FILTER(isIRI(?s))"
    return _list(session, layout, "?s", pattern, number)


def list_leading(session: Session, layout: Layout, thing: str, predicate: str, number: int) -> Part:
    """List what leads to a thing by a property.

    Args:
        session: Asks the store.
        layout: What the store is like.
        thing: The thing, a term.
        predicate: The property, a term.
        number: The number of the page, from 1.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    return _list(session, layout, "?s", leading_pattern(layout, thing, predicate), number)


def list_values_of(session: Session, layout: Layout, thing: str, predicate: str, number: int) -> Part:
    """List the values of a thing for a property; blank nodes, which have no address, are not among them.

    Args:
        session: Asks the store.
        layout: What the store is like.
        thing: The thing, a term.
        predicate: The property, a term.
        number: The number of the page, from 1.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    pattern = f"{layout.within(f'{thing} {predicate} ?s .', 's')} FILTER(!isBlank(?s))"
    return _list(session, layout, "?s", pattern, number)


def _list(session: Session, layout: Layout, variable: str, pattern: str, number: int) -> Part:
    skipped = (number - 1) * PER_PAGE
    if skipped > MOST_SKIPPED:
        return Part((), None, False)
    count = f"COUNT(DISTINCT {variable})" if layout.named else "COUNT(*)"
    total: int | None
    try:
        [(counted,)] = session.select(f"SELECT ({count} AS ?n) {{ {pattern} }}", session.left() / 2)
        total = read_number(counted)
    except (QueryError, ValueError):
        total = None
    items = select_sorted(session, layout, variable, pattern, total, PER_PAGE + 1, skipped)
    more = len(items) > PER_PAGE and skipped + PER_PAGE <= MOST_SKIPPED
    return Part(items[:PER_PAGE], total, more)


def list_terms(session: Session, layout: Layout) -> tuple[Sequence[Triple], bool]:
    """List the classes and properties that the store describes, with those above them.

    Args:
        session: Asks the store.
        layout: What the store is like.

    Returns:
        The statements of their kinds and of what is above them, and whether these are all.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    kinds = [term(OWL, f"{name}Property") for name in ("Object", "Datatype", "Annotation")]
    kinds += [term(OWL, "Class"), term(RDFS, "Class"), term(RDF, "Property")]
    pattern = layout.within("?s a ?o .", "t")
    own = f"VALUES ?o {{ {' '.join(kinds)} }} {pattern} BIND({term(RDF, 'type')} AS ?p) FILTER(isIRI(?s))"
    query = f"SELECT DISTINCT ?s ?p ?o {{ {own} }}"
    found = _read(session.select(f"{query} ORDER BY ?s ?o LIMIT {MOST_TERMS + 1}"))
    above = f"{term(RDFS, 'subClassOf')} {term(RDFS, 'subPropertyOf')}"
    links = layout.within("?s ?p ?o .", "a")
    query = f"SELECT DISTINCT ?s ?p ?o {{ VALUES ?p {{ {above} }} {links} FILTER(isIRI(?s) && isIRI(?o)) }}"
    return [*found[:MOST_TERMS], *_read(session.select(f"{query} LIMIT {MOST_TERMS * 2}"))], len(found) <= MOST_TERMS


def _read(rows: Sequence[Row]) -> list[Triple]:
    return [(one, predicate, other) for one, predicate, other in rows if one and predicate and other]
