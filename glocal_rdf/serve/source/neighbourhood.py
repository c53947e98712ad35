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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import DCTERMS, FOAF, OA, OWL, PROV, RDF, RDFS_LABEL, SCHEMA, SCHEMA_HTTPS, SKOS, term
from glocal_rdf.serve.source.asking import Row, Session, is_iri_term, list_values
from glocal_rdf.serve.source.layout import REIFICATION, Layout
from glocal_rdf.vocabulary import glocal

__all__ = [
    "MOST_LISTED",
    "NAMES",
    "Incoming",
    "Neighbourhood",
    "describe_terms",
    "fetch_neighbourhood",
    "find_subject",
    "is_known",
    "leading_pattern",
    "list_incoming",
    "read_number",
    "select_sorted",
]

Triple = tuple[str, str, str]

MOST_LISTED: Final = 100
"""How many things that lead to a thing by one property are in its neighbourhood."""

MOST_VALUES: Final = 500
"""How many values of one property, where a thing has more than `MOST_STATEMENTS` statements."""

MOST_STATEMENTS: Final = 2_000
MOST_CLAIMS: Final = 20_000
"""How many statements about claims of one thing are fetched."""

MOST_SORTED: Final = 20_000
"""Up to how many terms are sorted, so that those listed first are the same in every store."""

_DEPTH: Final = 4
_COUNTING: Final = 5.0
"""The seconds that counting may take: without a count a page says that there are more."""

NAMES: Final = (
    term(SKOS, "prefLabel"),
    RDFS_LABEL,
    term(DCTERMS, "title"),
    term(SCHEMA_HTTPS, "name"),
    term(SCHEMA, "name"),
    term(FOAF, "name"),
)
_SUBJECT: Final = term(RDF, "subject")
_OBJECT: Final = term(RDF, "object")
_SOURCE: Final = term(PROV, "wasDerivedFrom")
_HAS_SOURCE: Final = term(OA, "hasSource")
_CONTRADICTS: Final = glocal("contradicts")


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
        complete: Whether all claims about it are here.
    """

    thing: str
    statements: Sequence[Triple] = ()
    context: Sequence[Triple] = ()
    names: Sequence[Triple] = ()
    described: frozenset[str] = frozenset()
    incoming: Mapping[str, Incoming] = field(default_factory=dict)
    shortened: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Sequence[Triple] = ()
    complete: bool = True

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
    statements, shortened = _fetch_statements(session, layout, thing)
    elsewhere = _fetch_elsewhere(session, thing) if layout.beside else []
    incoming = list_incoming(session, layout, thing, statements)
    if not (statements or elsewhere or incoming):
        return Neighbourhood(thing=thing)
    claims, against, complete = _fetch_claims(session, layout, thing) if layout.claims else ([], [], True)
    mappings = _fetch_mappings(session, layout, thing) if layout.mappings else []
    every = [*statements, *claims, *against, *mappings, *elsewhere]
    mentioned = {one for triple in every for one in triple if one.startswith("<")}
    mentioned |= {one for several in incoming.values() for one in several.things} | set(incoming)
    mentioned |= {f"{one[:-1].partition('#')[0]}>" for one in mentioned if "#char=" in one}
    mentioned.add(thing)
    described, names = describe_terms(session, layout, sorted(mentioned), languages)
    return Neighbourhood(
        thing=thing,
        statements=[*statements, *claims, *mappings],
        context=against,
        names=names,
        described=described,
        incoming=incoming,
        shortened=shortened,
        elsewhere=elsewhere,
        complete=complete,
    )


def _triples(rows: Iterable[Row]) -> list[Triple]:
    """Keep the solutions that are triples."""
    return [
        (subject, predicate, value)
        for subject, predicate, value in rows
        if subject and predicate and value and predicate.startswith("<") and not subject.startswith('"')
    ]


def _fetch_statements(session: Session, layout: Layout, thing: str) -> tuple[list[Triple], Mapping[str, int]]:
    """Return the statements about a thing with those of its blank nodes, and the counts of those that are shortened."""
    pattern = layout.within(f"{thing} ?p ?o .", "a")
    rows = session.select(f"SELECT {layout.distinct}?p ?o {{ {pattern} }} LIMIT {MOST_STATEMENTS + 1}")
    shortened: dict[str, int] = {}
    if len(rows) > MOST_STATEMENTS:
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
    plain = [row for row in rows if not (row[1] or "").startswith("_:")]
    statements = _triples((thing, *row) for row in plain)
    if len(plain) < len(rows):
        statements += _fetch_blank_nodes(session, layout, thing)
    return statements, shortened


def _fetch_blank_nodes(session: Session, layout: Layout, thing: str) -> list[Triple]:
    """Return the statements that lead to blank nodes, and what these state, in one answer: their labels fit."""
    deeper = ""
    for depth in range(_DEPTH, 1, -1):
        step = layout.within(f"?o{depth - 1} ?p{depth} ?o{depth} .", f"b{depth}")
        deeper = f"OPTIONAL {{ {step} FILTER(isBlank(?o{depth - 1})) {deeper} }}"
    first = layout.within(f"{thing} ?p1 ?o1 .", "b1")
    variables = " ".join(f"?p{depth} ?o{depth}" for depth in range(1, _DEPTH + 1))
    query = f"SELECT {layout.distinct}{variables} {{ {first} FILTER(isBlank(?o1)) {deeper} }} LIMIT {MOST_CLAIMS}"
    found: dict[Triple, None] = {}
    for row in session.select(query):
        subject: str | None = thing
        for predicate, value in zip(row[::2], row[1::2], strict=True):
            if not (subject and predicate and value):
                break
            found[subject, predicate, value] = None
            subject = value
    return _triples(found)


def _fetch_elsewhere(session: Session, thing: str) -> list[Triple]:
    rows = session.select(
        f"SELECT DISTINCT ?g ?p ?o {{ GRAPH ?g {{ {thing} ?p ?o }} }} ORDER BY ?g ?p ?o LIMIT {MOST_STATEMENTS}"
    )
    return [(graph, predicate, value) for graph, predicate, value in rows if graph and predicate and value]


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
    rows = session.select(f"SELECT {layout.distinct}?p ?s {{ {pattern} }} LIMIT {MOST_STATEMENTS + 1}")
    stated = {(predicate, value) for subject, predicate, value in statements if subject == thing}
    if len(rows) <= MOST_STATEMENTS:
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
    for predicate, number in _count_incoming(session, layout, thing, rows).items():
        own = leading_pattern(layout, thing, predicate)
        things = select_sorted(session, layout, "?s", own, number, MOST_LISTED)
        exact = number is not None and predicate in layout.inverses
        if things:
            total = _count(session, layout, own, number or 0) if exact else number
            found[predicate] = Incoming(things, total)
    return found


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
        return sorted(one for (one,) in rows if one)[skipped : skipped + most]
    return [one for (one,) in session.select(f"{query} LIMIT {most} OFFSET {skipped}") if one]


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
            min(_COUNTING, session.left() / 2),
        )
    except QueryError:
        known = sorted({str(row[0]) for row in rows if is_iri_term(row[0])})
        return dict.fromkeys(known, None)
    return {one: read_number(number) for one, number in counted if one and is_iri_term(one)}


def _count(session: Session, layout: Layout, pattern: str, known: int) -> int:
    count = "COUNT(DISTINCT ?s)" if layout.named else "COUNT(*)"
    rows = session.select(f"SELECT ({count} AS ?n) {{ {pattern} }}")
    return read_number(rows[0][0]) if rows else known


def read_number(literal: str | None) -> int:
    """Read the number of a count; 0 for what is not one.

    Args:
        literal: The literal.
    """
    text = (literal or "").partition('"')[2].partition('"')[0]
    return int(text) if text.isdecimal() else 0


def _fetch_claims(session: Session, layout: Layout, thing: str) -> tuple[list[Triple], list[Triple], bool]:
    """Return the claims about a thing and those read from it, what contradicts them, and whether these are all."""
    about = layout.within(f"?c {_SUBJECT} {thing} . ?c ?p ?o .", "c")
    claims = session.select(f"SELECT {layout.distinct}?c ?p ?o {{ {about} }} LIMIT {MOST_CLAIMS + 1}")
    passages = layout.within(f"?c {_HAS_SOURCE} {thing} . ?c ?p ?o .", "s")
    cited = session.select(f"SELECT {layout.distinct}?c ?p ?o {{ {passages} }} LIMIT {MOST_CLAIMS + 1}")
    read: Sequence[Row] = ()
    if cited:
        from_it = layout.within(f"?x {_HAS_SOURCE} {thing} .", "x")
        theirs = layout.within(f"?c {_SOURCE} ?x ; {_SUBJECT} ?of ; ?p ?o .", "c")
        read = session.select(f"SELECT DISTINCT ?c ?p ?o {{ {from_it} {theirs} }} LIMIT {MOST_CLAIMS + 1}")
    own = _triples(claims)
    others = {value for _, predicate, value in own if predicate == _CONTRADICTS} - {one for one, _, _ in own}
    against: list[Triple] = []
    for values in list_values(sorted(others)):
        pattern = layout.within("?c ?p ?o .", "g")
        against += _triples(session.select(f"SELECT DISTINCT ?c ?p ?o {{ VALUES ?c {{ {values} }} {pattern} }}"))
    complete = max(len(claims), len(cited), len(read)) <= MOST_CLAIMS
    return [*own, *_triples(cited)], [*against, *_triples(read)], complete


def _fetch_mappings(session: Session, layout: Layout, thing: str) -> list[Triple]:
    pattern = layout.within(f"?m {term(OWL, 'annotatedSource')} {thing} . ?m ?p ?o .", "m")
    return _triples(session.select(f"SELECT {layout.distinct}?m ?p ?o {{ {pattern} }} LIMIT {MOST_CLAIMS}"))


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
    described: set[str] = set()
    names: list[Triple] = []
    for values in list_values(mentioned):
        exists = layout.within("?t ?p ?o .", "e")
        rows = session.select(f"SELECT ?t {{ VALUES ?t {{ {values} }} FILTER EXISTS {{ {exists} }} }}")
        described |= {str(one) for (one,) in rows}
    if layout.beside:
        # A graph of another source describes itself.
        for values in list_values(one for one in mentioned if one not in described):
            own = f"VALUES ?p {{ {' '.join(NAMES)} }} GRAPH ?t {{ ?t ?p ?o }}"
            names += _triples(session.select(f"SELECT ?t ?p ?o {{ VALUES ?t {{ {values} }} {own} }}"))
    for values in list_values(sorted(described)):
        pattern = layout.within("?t ?p ?o .", "n")
        # By VALUES for both, some engines would walk through all names of the store.
        named_by = f"FILTER(?p IN ({', '.join(NAMES)}))"
        query = f"SELECT DISTINCT ?t ?p ?o {{ VALUES ?t {{ {values} }} {pattern} {named_by}"
        short = dict.fromkeys(["en", *(one.partition("-")[0] for one in languages if one.replace("-", "").isalnum())])
        matches = " || ".join(f'LANGMATCHES(LANG(?o), "{one}")' for one in short)
        found = _triples(session.select(f'{query} FILTER(LANG(?o) = "" || {matches}) }}'))
        names += found
        named = {one for one, _, _ in found}
        for others in list_values(one for one in values.split() if one not in named):
            wanted = query.replace(values, others)
            names += _triples(session.select(f"{wanted} }} LIMIT {MOST_CLAIMS}"))
    return frozenset(described) | {one for one, _, _ in names}, names
