"""Fetches what may be more than fits, and says how much of it there is: what is cut is never taken for the whole.

Many answers are counted as well: stores have limits of their own on the rows of an answer, and do not say when one ends
it (Virtuoso's ResultSetMaxRows).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from glocal_rdf.errors import QueryError
from glocal_rdf.serve.source.asking import BATCH, Row, Session, is_iri_term
from glocal_rdf.serve.source.layout import Layout

__all__ = [
    "COUNTING",
    "MOST_SORTED",
    "SURE",
    "Cut",
    "CutPart",
    "Triple",
    "as_triples",
    "count_rows",
    "fetch_each",
    "read_number",
    "select_some",
    "select_sorted",
]

Triple = tuple[str, str, str]

CutPart = Literal["statements", "nested", "claims", "passages", "readings", "against", "mappings", "elsewhere"]
"""What of a thing may be cut: its statements, what blank nodes state, the claims about it, its passages, the claims
that were read from these, those that contradict its own, its mappings, and what other graphs say of it."""

MOST_SORTED: Final = 20_000
"""Up to how many terms are sorted, so that those listed first are the same in every store."""

COUNTING: Final = 5.0
"""The seconds that counting may take: without a count it is said that there are more."""

SURE: Final = 1_000
"""An answer of fewer rows is whole: no store is known that ends answers there."""


@dataclass(frozen=True)
class Cut:
    """Something that is not here as a whole.

    Attributes:
        part: What it is.
        number: How many of it are here.
        total: How many there are; None where they could not be counted in time.
    """

    part: CutPart
    number: int
    total: int | None


def as_triples(rows: Iterable[Row]) -> list[Triple]:
    """Keep the solutions that are triples.

    Args:
        rows: The solutions, of three terms.
    """
    return [
        (subject, predicate, value)
        for subject, predicate, value in rows
        if subject and predicate and value and predicate.startswith("<") and not subject.startswith('"')
    ]


def read_number(literal: str | None) -> int:
    """Read the number of a count; 0 for what is not one.

    Args:
        literal: The literal.
    """
    text = (literal or "").partition('"')[2].partition('"')[0]
    return int(text) if text.isdecimal() else 0


def count_rows(session: Session, query: str) -> int | None:
    """Count the solutions of a query; None where that takes too long.

    Args:
        session: Asks the store.
        query: A SELECT query without LIMIT.

    Raises:
        EndpointError: Where the store does not answer as it should.
    """
    try:
        rows = session.select(f"SELECT (COUNT(*) AS ?n) {{ {{ {query} }} }}", min(COUNTING, session.left() / 2))
    except QueryError:
        return None
    return read_number(rows[0][0]) if rows else None


def select_some(
    session: Session, variables: str, pattern: str, most: int, *, exact: bool = True
) -> tuple[Sequence[Row], int | None]:
    """Return solutions, and how many there are: just as many where these are all; None where nobody knows.

    Args:
        session: Asks the store.
        variables: What is selected.
        pattern: The pattern.
        most: How many are returned at most.
        exact: Whether more than these are counted; who counts them in another way need not.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    query = f"SELECT {variables} {{ {pattern} }}"
    rows = session.select(f"{query} LIMIT {most + 1}")
    if len(rows) <= most and len(rows) < SURE:
        return rows, len(rows)
    if len(rows) > most and not exact:
        return rows[:most], None
    total = count_rows(session, query)
    return rows[:most], None if total is None else max(total, len(rows))


def select_sorted(
    session: Session, layout: Layout, variable: str, pattern: str, number: int | None, most: int, skipped: int = 0
) -> list[str]:
    """Return a part of the terms that a pattern has for a variable, sorted where there are not very many.

    A store sorts slowly: it looks up the texts of terms again and again. They are sorted here.

    Args:
        session: Asks the store.
        layout: What the store is like.
        variable: The variable, with its mark.
        pattern: The pattern.
        number: How many terms there are; None where that is not known.
        most: How many are returned.
        skipped: How many come before these.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    query = f"SELECT {layout.distinct}{variable} {{ {pattern} }}"
    if number is not None and number <= MOST_SORTED:
        rows = session.select(f"{query} LIMIT {MOST_SORTED}")
        # A store that returns fewer than it counted has ended the answer: what is first of these is not known.
        if len(rows) >= number:
            return sorted(one for (one,) in rows if one)[skipped : skipped + most]
    return [one for (one,) in session.select(f"{query} LIMIT {most} OFFSET {skipped}") if one]


def fetch_each(
    session: Session, layout: Layout, things: Sequence[str], condition: str = "", most: int = 20_000
) -> tuple[list[Triple], list[str]]:
    """Return the statements about things, of each all or none, and those of which there are none here.

    Args:
        session: Asks the store.
        layout: What the store is like.
        things: The things, as terms; those that cannot stand in a query are left out.
        condition: A pattern or filter for `?p` and `?o`.
        most: How many statements are fetched at once.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    every = list(dict.fromkeys(things))
    known = [one for one in every if is_iri_term(one)]
    found: list[Triple] = []
    left_out = [one for one in every if not is_iri_term(one)]
    todo = [known[start : start + BATCH] for start in range(0, len(known), BATCH)]
    todo.reverse()
    while todo:
        some = todo.pop()
        pattern = f"VALUES ?t {{ {' '.join(some)} }} {layout.within('?t ?p ?o .', 'x')} {condition}"
        rows, total = select_some(session, "DISTINCT ?t ?p ?o", pattern, most, exact=False)
        if total == len(rows):
            found += as_triples(rows)
        elif len(some) == 1:
            left_out += some
        else:
            half = len(some) // 2
            todo += [some[half:], some[:half]]
    return found, left_out
