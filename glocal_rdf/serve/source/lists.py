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
from glocal_rdf.serve.source.asking import Session, is_iri_term
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.neighbourhood import leading_pattern
from glocal_rdf.serve.source.selecting import (
    SURE,
    Triple,
    count_rows,
    fetch_each,
    read_number,
    select_some,
    select_sorted,
)

__all__ = [
    "MOST_CLASSES",
    "PER_PAGE",
    "Counted",
    "Part",
    "Tally",
    "Terms",
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

MOST_GRAPHS: Final = 100_000
"""How many named graphs are listed where all are wanted."""

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
        ends: How many of a longer list can be listed, where this is the last page of these; else 0.
        blank: How many blank nodes are left out, which have no address; None where they could not be counted in time.
    """

    items: Sequence[str]
    total: int | None
    more: bool
    ends: int = 0
    blank: int | None = 0


@dataclass(frozen=True)
class Tally:
    """Classes, properties or graphs, counted.

    Attributes:
        items: Those with most, at most so many.
        total: How many there are; None where there are more, and nobody counted.
    """

    items: tuple[Counted, ...] = ()
    total: int | None = 0

    @property
    def has_all(self) -> bool:
        """Whether all are here."""
        return self.total == len(self.items)


@dataclass(frozen=True)
class Terms:
    """Classes and properties that a store describes.

    Attributes:
        triples: The statements of their kinds, and of what is above them.
        number: How many terms these are about.
        total: How many there are; None where there are more, and nobody counted.
    """

    triples: Sequence[Triple]
    number: int
    total: int | None

    @property
    def has_all(self) -> bool:
        """Whether all are here."""
        return self.total == self.number


def count_classes(session: Session, layout: Layout) -> Tally:
    """Count the things of each class, most frequent first; without numbers where that takes too long.

    Args:
        session: Asks the store.
        layout: What the store is like.

    Raises:
        QueryError: Where not even the classes can be listed in time.
        EndpointError: Where the store does not answer as it should.
    """
    count = "COUNT(DISTINCT ?s)" if layout.named else "COUNT(*)"
    return _count(session, layout.within("?s a ?c .", "c"), count, MOST_CLASSES)


def count_properties(session: Session, layout: Layout, kind: str = "") -> Tally:
    """Count the statements of each property, most frequent first; without numbers where that takes too long.

    Args:
        session: Asks the store.
        layout: What the store is like.
        kind: The term of a class, to whose things those are limited; empty for any.

    Raises:
        QueryError: Where not even the properties can be listed in time.
        EndpointError: Where the store does not answer as it should.
    """
    return _count(
        session, layout.within(f"{f'?s a {kind} . ' if kind else ''}?s ?c ?o .", "c"), "COUNT(*)", MOST_CLASSES
    )


def _count(session: Session, pattern: str, count: str, most: int) -> Tally:
    """Count what a pattern has for each term of `?c`."""
    try:
        rows = session.select(
            f"SELECT ?c ({count} AS ?n) {{ {pattern} }} GROUP BY ?c ORDER BY DESC(?n) ?c LIMIT {most + 1}",
            session.left() * 0.7,
        )
        counted = [Counted(one, read_number(number)) for one, number in rows if one and is_iri_term(one)]
    except QueryError:
        rows = session.select(f"SELECT DISTINCT ?c {{ {pattern} }} LIMIT {most + 1}")
        counted = [Counted(one, None) for (one,) in rows if one and is_iri_term(one)]
    if len(rows) <= most and len(rows) < SURE:
        return Tally(tuple(counted), len(counted))
    every = f"SELECT DISTINCT ?c {{ {pattern} FILTER(isIRI(?c)) }}"
    return Tally(tuple(counted[:most]), count_rows(session, every))


def count_graphs(session: Session, most: int) -> Tally:
    """Count the statements of each named graph, the largest first; without numbers where that takes too long.

    Args:
        session: Asks the store.
        most: How many graphs are returned at most.

    Raises:
        QueryError: Where not even the graphs can be listed in time.
        EndpointError: Where the store does not answer as it should.
    """
    return _count(session, "GRAPH ?c { ?s ?p ?o }", "COUNT(*)", most)


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
    every = layout.within(f"?s a {kind} .", "s")
    return _list(session, layout, every, f"{every} FILTER(isIRI(?s))", number)


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
    every = layout.within(f"?s {predicate} {thing} .", "l")
    return _list(session, layout, every, leading_pattern(layout, thing, predicate), number)


def list_values_of(session: Session, layout: Layout, thing: str, predicate: str, number: int) -> Part:
    """List the values of a thing for a property.

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
    every = layout.within(f"{thing} {predicate} ?s .", "s")
    return _list(session, layout, every, f"{every} FILTER(!isBlank(?s))", number)


def _list(session: Session, layout: Layout, every: str, pattern: str, number: int) -> Part:
    """List what a pattern has for `?s`, and count the blank nodes that the pattern of everything has besides."""
    skipped = (number - 1) * PER_PAGE
    if skipped > MOST_SKIPPED:
        return Part((), None, False)
    count = "COUNT(DISTINCT ?s)" if layout.named else "COUNT(*)"
    total: int | None
    try:
        [(counted,)] = session.select(f"SELECT ({count} AS ?n) {{ {pattern} }}", session.left() / 2)
        total = read_number(counted)
    except (QueryError, ValueError):
        total = None
    items = select_sorted(session, layout, "?s", pattern, total, PER_PAGE + 1, skipped)
    follows, reach = len(items) > PER_PAGE, skipped + PER_PAGE
    ends = reach if follows and reach > MOST_SKIPPED else 0
    blank = count_rows(session, f"SELECT DISTINCT ?s {{ {every} FILTER(isBlank(?s)) }}")
    return Part(items[:PER_PAGE], total, follows and not ends, ends, blank)


def list_terms(session: Session, layout: Layout) -> Terms:
    """List the classes and properties that the store describes, with those above them.

    Args:
        session: Asks the store.
        layout: What the store is like.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    kinds = [term(OWL, f"{name}Property") for name in ("Object", "Datatype", "Annotation")]
    kinds += [term(OWL, "Class"), term(RDFS, "Class"), term(RDF, "Property")]
    pattern = f"VALUES ?o {{ {' '.join(kinds)} }} {layout.within('?s a ?o .', 't')} FILTER(isIRI(?s))"
    rows, total = select_some(session, "DISTINCT ?s", pattern, MOST_TERMS)
    listed = sorted(one for (one,) in rows if one)
    of_kind = f"?p = {term(RDF, 'type')} && ?o IN ({', '.join(kinds)})"
    above = ", ".join(term(RDFS, name) for name in ("subClassOf", "subPropertyOf"))
    found, left_out = fetch_each(session, layout, listed, f"FILTER(({of_kind}) || (?p IN ({above}) && isIRI(?o)))")
    return Terms(found, len(listed) - len(left_out), total)
