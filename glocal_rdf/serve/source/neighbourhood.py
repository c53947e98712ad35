"""The neighbourhood of a thing in a store: what is stated of it, what leads to it, its claims, and names of all these.

1. Its statements, with what blank nodes among them state; of a property with very many values the first, and the count.
2. What leads to it: by property the first, and the count. Claims and mappings lead to what they state, and are left
   out; so is a statement that the thing makes itself the other way round (owl:inverseOf).
3. The claims about it with their qualifiers, the claims that contradict them, and where the thing is a document, the
   claims that were read from its passages.
4. Of everything that is mentioned: whether the store describes it, and its names.

Blank nodes have labels within one answer only, so that whatever they state is fetched with what leads to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import OA, OWL, RDF, term
from glocal_rdf.serve.source.asking import Row, Session, is_iri_term
from glocal_rdf.serve.source.claims import Parts, fetch_claims, fetch_mappings
from glocal_rdf.serve.source.layout import REIFICATION, Layout
from glocal_rdf.serve.source.naming import describe_terms, find_described
from glocal_rdf.serve.source.selecting import (
    COUNTING,
    Cut,
    Triple,
    as_triples,
    read_number,
    select_some,
    select_sorted,
)

__all__ = [
    "MOST_LISTED",
    "Incoming",
    "Neighbourhood",
    "fetch_data",
    "fetch_neighbourhood",
    "find_subject",
    "leading_pattern",
    "list_incoming",
]

MOST_LISTED: Final = 100
"""How many things that lead to a thing by one property are in its neighbourhood."""

MOST_VALUES: Final = 500
"""How many values of one property, where a thing has more than `MOST_STATEMENTS` statements."""

MOST_STATEMENTS: Final = 2_000
MOST_CLAIMS: Final = 20_000
"""How many statements about claims of one thing are fetched."""

MOST_WHOLE: Final = 100_000
"""How many statements of each kind (its own, those of claims, …) the data about a thing may have."""

_DEPTHS: Final = (4, 8, 16, 32)
"""How deep blank nodes are followed, where less is not enough."""

_SUBJECT: Final = term(RDF, "subject")
_LEADING: Final = frozenset({_SUBJECT, term(OWL, "annotatedSource"), term(OA, "hasSource")})
"""The properties that lead from a claim, a mapping or a passage to what it is described with."""


@dataclass(frozen=True)
class Incoming:
    """What leads to a thing by one property.

    Attributes:
        things: The first of the things, as terms.
        number: How many there are; None where they could not be counted in time.
    """

    things: Sequence[str]
    number: int | None


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """What a store says of a thing.

    Attributes:
        thing: The thing, a term.
        statements: The statements of the main graph about it, with those of blank nodes, claims and mappings.
        context: The claims that contradict its own, and those that were read from it, where it is a document.
        names: The names of what is mentioned.
        described: What of all that is mentioned the store has statements about.
        incoming: What leads to it, by property.
        shortened: Of which properties not all values are here, with how many there are.
        elsewhere: What named graphs beside the default graph say of it: the graph, property and value.
        cuts: What else is not here as a whole.
    """

    thing: str
    statements: Sequence[Triple] = ()
    context: Sequence[Triple] = ()
    names: Sequence[Triple] = ()
    described: frozenset[str] = frozenset()
    incoming: Mapping[str, Incoming] = field(default_factory=dict)
    shortened: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Sequence[Triple] = ()
    cuts: Sequence[Cut] = ()

    @property
    def has_all(self) -> bool:
        """Whether all of its own statements, claims and mappings are here, which are the data about it."""
        return not self.shortened and all(cut.part == "elsewhere" for cut in self.cuts)

    @property
    def known(self) -> bool:
        """Whether the store says anything of the thing."""
        return bool(self.statements or self.incoming or self.elsewhere)


def fetch_neighbourhood(
    session: Session, layout: Layout, thing: str, languages: Sequence[str] = ("en",)
) -> Neighbourhood:
    """Fetch the neighbourhood of a thing.

    Args:
        session: Asks the store.
        layout: What the store is like.
        thing: The thing, the term of an IRI that may stand in a query.
        languages: The languages in which what is mentioned is named.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    statements, shortened, cuts = _fetch_statements(session, layout, thing)
    elsewhere, cut_elsewhere = _fetch_elsewhere(session, thing) if layout.beside else ([], [])
    incoming = list_incoming(session, layout, thing, statements)
    if not (statements or elsewhere or incoming):
        return Neighbourhood(thing=thing)
    claims = fetch_claims(session, layout, thing, MOST_CLAIMS) if layout.claims else Parts()
    mappings = fetch_mappings(session, layout, thing, MOST_CLAIMS) if layout.mappings else Parts()
    every = [*statements, *claims.own, *claims.context, *mappings.own, *elsewhere]
    mentioned = _list_mentioned(thing, every)
    mentioned |= {one for several in incoming.values() for one in several.things} | set(incoming)
    described, names = describe_terms(session, layout, sorted(mentioned), languages)
    return Neighbourhood(
        thing=thing,
        statements=[*statements, *claims.own, *mappings.own],
        context=claims.context,
        names=names,
        described=described,
        incoming=incoming,
        shortened=shortened,
        elsewhere=elsewhere,
        cuts=[*cuts, *claims.cuts, *mappings.cuts, *cut_elsewhere],
    )


def fetch_data(session: Session, layout: Layout, thing: str) -> Neighbourhood:
    """Fetch the data about a thing: its statements, claims and mappings, many more of them, and names of nothing.

    Args:
        session: Asks the store.
        layout: What the store is like.
        thing: The thing, the term of an IRI that may stand in a query.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    pattern = layout.within(f"{thing} ?p ?o .", "a")
    rows, total = select_some(session, f"{layout.distinct}?p ?o", pattern, MOST_WHOLE)
    cuts = [] if total == len(rows) else [Cut("statements", len(rows), total)]
    statements, nested = _follow(session, layout, thing, rows, MOST_WHOLE)
    claims = fetch_claims(session, layout, thing, MOST_WHOLE) if layout.claims else Parts()
    mappings = fetch_mappings(session, layout, thing, MOST_WHOLE) if layout.mappings else Parts()
    every = [*statements, *claims.own, *claims.context, *mappings.own]
    # Where something is described on a page: with its thing, or as a part of a document.
    owners = {value for _, predicate, value in every if predicate in _LEADING}
    owners |= {f"{one.partition('#')[0]}>" for one, _, _ in every if "#" in one}
    needed = {one for one in _list_mentioned(thing, every) if one in owners or "#char=" in one or one == thing}
    return Neighbourhood(
        thing=thing,
        statements=[*statements, *claims.own, *mappings.own],
        context=claims.context,
        described=find_described(session, layout, sorted(needed)),
        cuts=[*cuts, *nested, *claims.cuts, *mappings.cuts],
    )


def _list_mentioned(thing: str, triples: Sequence[Triple]) -> set[str]:
    mentioned = {one for triple in triples for one in triple if one.startswith("<")} | {thing}
    return mentioned | {f"{one[:-1].partition('#')[0]}>" for one in mentioned if "#char=" in one}


def _fetch_statements(
    session: Session, layout: Layout, thing: str
) -> tuple[list[Triple], Mapping[str, int], Sequence[Cut]]:
    """Return the statements about a thing with those of its blank nodes, and the counts of those that are shortened."""
    pattern = layout.within(f"{thing} ?p ?o .", "a")
    rows, total = select_some(session, f"{layout.distinct}?p ?o", pattern, MOST_STATEMENTS, exact=False)
    shortened: dict[str, int] = {}
    if total != len(rows):
        count = "COUNT(DISTINCT ?o)" if layout.named else "COUNT(*)"
        counted = session.select(f"SELECT ?p ({count} AS ?n) {{ {pattern} }} GROUP BY ?p ORDER BY ?p")
        found: list[Row] = []
        for predicate, number in counted:
            if predicate is None or not is_iri_term(predicate):
                continue
            several = read_number(number)
            one = layout.within(f"{thing} {predicate} ?o .", "a")
            values = select_sorted(session, layout, "?o", one, several, MOST_VALUES)
            found += [(predicate, value) for value in values]
            if several > len(values):
                shortened[predicate] = several
        rows = found
    statements, cuts = _follow(session, layout, thing, rows, MOST_CLAIMS)
    return statements, shortened, cuts


def _follow(
    session: Session, layout: Layout, thing: str, rows: Sequence[Row], most: int
) -> tuple[list[Triple], Sequence[Cut]]:
    """Return statements about a thing with those of the blank nodes that they lead to, and what of these is cut."""
    plain = [row for row in rows if not (row[1] or "").startswith("_:")]
    statements = as_triples((thing, *row) for row in plain)
    if len(plain) == len(rows):
        return statements, []
    for depth in _DEPTHS:
        found, cuts, ends = _fetch_blank_nodes(session, layout, thing, depth, most)
        if cuts or ends:
            break
    return [*statements, *found], cuts if cuts or ends else [Cut("nested", len(found), None)]


def _fetch_blank_nodes(
    session: Session, layout: Layout, thing: str, depth: int, most: int
) -> tuple[list[Triple], list[Cut], bool]:
    """Return the statements that lead to blank nodes, and what these state, in one answer: their labels fit.

    Returns:
        The statements, what of them is cut, and whether the deepest blank nodes have been described.
    """
    deeper = ""
    for level in range(depth, 1, -1):
        step = layout.within(f"?o{level - 1} ?p{level} ?o{level} .", f"b{level}")
        deeper = f"OPTIONAL {{ {step} FILTER(isBlank(?o{level - 1})) {deeper} }}"
    first = layout.within(f"{thing} ?p1 ?o1 .", "b1")
    variables = " ".join(f"?p{level} ?o{level}" for level in range(1, depth + 1))
    pattern = f"{first} FILTER(isBlank(?o1)) {deeper}"
    rows, total = select_some(session, f"{layout.distinct}{variables}", pattern, most)
    found: dict[Triple, None] = {}
    for row in rows:
        subject: str | None = thing
        for predicate, value in zip(row[::2], row[1::2], strict=True):
            if not (subject and predicate and value):
                break
            found[subject, predicate, value] = None
            subject = value
    described = {subject for subject, _, _ in found}
    deepest = {row[-1] for row in rows if (row[-1] or "").startswith("_:")}
    return as_triples(found), [] if total == len(rows) else [Cut("nested", len(rows), total)], deepest <= described


def _fetch_elsewhere(session: Session, thing: str) -> tuple[list[Triple], list[Cut]]:
    rows, total = select_some(session, "DISTINCT ?g ?p ?o", f"GRAPH ?g {{ {thing} ?p ?o }}", MOST_STATEMENTS)
    found = sorted((graph, predicate, value) for graph, predicate, value in rows if graph and predicate and value)
    return found, [] if total == len(rows) else [Cut("elsewhere", len(rows), total)]


def list_incoming(session: Session, layout: Layout, thing: str, statements: Sequence[Triple]) -> Mapping[str, Incoming]:
    """Return what leads to a thing, by property.

    Args:
        session: Asks the store.
        layout: What the store is like.
        thing: The thing.
        statements: What it states itself.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    pattern = leading_pattern(layout, thing)
    rows, all_of_them = select_some(session, f"{layout.distinct}?p ?s", pattern, MOST_STATEMENTS, exact=False)
    stated = {(predicate, value) for subject, predicate, value in statements if subject == thing}
    if all_of_them == len(rows):
        groups: dict[str, list[str]] = {}
        for predicate, subject in rows:
            if (
                predicate
                and subject
                and not any((one, subject) in stated for one in layout.inverses.get(predicate, ()))
            ):
                groups.setdefault(predicate, []).append(subject)
        return {one: Incoming(sorted(several)[:MOST_LISTED], len(several)) for one, several in sorted(groups.items())}
    found: dict[str, Incoming] = {}
    for predicate, counted in _count_incoming(session, layout, thing, rows).items():
        own = leading_pattern(layout, thing, predicate)
        exact = counted is not None and predicate in layout.inverses
        number = _count(session, layout, own, counted or 0) if exact else counted
        things = select_sorted(session, layout, "?s", own, number, MOST_LISTED)
        if things:
            found[predicate] = Incoming(things, number)
    return found


def leading_pattern(layout: Layout, thing: str, predicate: str = "?p") -> str:
    """Return the pattern of what leads to a thing (`?s`) by a property (`?p`, or one that is given).

    Args:
        layout: What the store is like.
        thing: The thing.
        predicate: The property.
    """
    parts = [layout.within(f"?s {predicate} {thing} .", "l"), "FILTER(isIRI(?s))"]
    if predicate == "?p":
        parts.append(f"FILTER(?p NOT IN ({', '.join(REIFICATION)}))")
    if layout.claims:
        parts.append(f"FILTER NOT EXISTS {{ {layout.within(f'?s {_SUBJECT} ?claimed .', 'k')} }}")
    for other in sorted(layout.inverses.get(predicate, ())):
        parts.append(f"FILTER NOT EXISTS {{ {layout.within(f'{thing} {other} ?s .', 'v')} }}")
    return " ".join(parts)


def _count_incoming(session: Session, layout: Layout, thing: str, rows: Sequence[Row]) -> Mapping[str, int | None]:
    """Return how many statements lead to a thing by property; None by those that are known where counting fails."""
    count = "COUNT(DISTINCT ?s)" if layout.named else "COUNT(*)"
    try:
        counted = session.select(
            f"SELECT ?p ({count} AS ?n) {{ {leading_pattern(layout, thing)} }} GROUP BY ?p ORDER BY ?p",
            min(COUNTING, session.left() / 2),
        )
    except QueryError:
        known = sorted({str(row[0]) for row in rows if is_iri_term(row[0])})
        return dict.fromkeys(known, None)
    return {one: read_number(number) for one, number in counted if one and is_iri_term(one)}


def _count(session: Session, layout: Layout, pattern: str, known: int) -> int:
    count = "COUNT(DISTINCT ?s)" if layout.named else "COUNT(*)"
    rows = session.select(f"SELECT ({count} AS ?n) {{ {pattern} }}")
    return read_number(rows[0][0]) if rows else known


def find_subject(session: Session, layout: Layout, part: str) -> str | None:
    """Return what a claim or a mapping is about, which it is described with; None where a thing is neither.

    Args:
        session: Asks the store.
        layout: What the store is like.
        part: The claim or mapping, a term.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    leads = f"{_SUBJECT} {term(OWL, 'annotatedSource')}"
    rows = session.select(f"SELECT ?s {{ VALUES ?p {{ {leads} }} {layout.within(f'{part} ?p ?s .', 's')} }} LIMIT 1")
    return rows[0][0] if rows and is_iri_term(rows[0][0]) else None
