"""What a store is like, found out when it is opened by a few queries that every store answers at once.

1. Where its statements are: in the default graph alone, in named graphs alone, in both apart, or in named graphs that
   are the default graph together (as in Virtuoso). Statements of named graphs beside a default graph are what other
   sources say.
2. Whether it has claims (rdf:subject, rdf:predicate, rdf:object), mappings (SSSOM) and properties with an inverse.
3. What describes the dataset, and how the IRIs of its things begin: as it states it (void:uriSpace), or counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from glocal_rdf.errors import EndpointError, QueryError
from glocal_rdf.namespaces import DCAT, DCTERMS, OWL, RDF, RDF_TYPE, SSSOM, VOID, term
from glocal_rdf.serve.source.asking import Row, Session, is_iri_term
from glocal_rdf.triples import terms

__all__ = ["REIFICATION", "Layout", "explore", "find_space"]

REIFICATION: Final = (
    *(term(RDF, part) for part in ("subject", "predicate", "object")),
    *(term(OWL, f"annotated{part}") for part in ("Source", "Property", "Target")),
)
"""The properties that lead from a claim or a mapping to what it states."""

_SUBJECT: Final = term(RDF, "subject")
_SAMPLE: Final = 2_000
_SHARES: Final = (0.95, 0.5)
"""The shares of things whose IRIs begin alike, for that to be the space: the first that some beginning has."""

_SAMPLED: Final = 20
_SAMPLED_GRAPHS: Final = 10
_LOOKING: Final = 5.0
"""The seconds that looking for named graphs may take."""

_MOST_INVERSES: Final = 100_000


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a store is like.

    Attributes:
        named: Whether its statements are in named graphs alone, and its default graph is empty.
        beside: Whether named graphs say something beside the default graph.
        claims: Whether it has claims.
        mappings: Whether it has mappings.
        inverses: The properties that state the same the other way round, by property.
        dataset: The term of what describes the dataset; empty where nothing or several do.
        space: How the IRIs of its things begin; empty where that is not known.
    """

    named: bool = False
    beside: bool = False
    claims: bool = False
    mappings: bool = False
    inverses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    dataset: str = ""
    space: str = ""

    def within(self, patterns: str, key: str) -> str:
        """Return triple patterns so that they are looked for where the statements are.

        Args:
            patterns: Patterns of one or more triples, which are in one graph.
            key: What tells these patterns from others of the query.

        Examples:
            >>> Layout(named=True).within("?s ?p ?o .", "a")
            'GRAPH ?in_a { ?s ?p ?o . }'
        """
        return f"GRAPH ?in_{key} {{ {patterns} }}" if self.named else patterns

    @property
    def distinct(self) -> str:
        """The word for results that several graphs may have."""
        return "DISTINCT " if self.named else ""


def explore(session: Session, space: str | None = None, graphs: Sequence[str] | None = None) -> Layout:
    """Find out what a store is like.

    Args:
        session: Asks the store.
        space: How the IRIs of its things begin, where that is given.
        graphs: The terms of its named graphs, where they are known.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    default = bool(session.select("SELECT ?s { ?s ?p ?o } LIMIT 1"))
    sample = _sample_graphs(session, _list_graphs(session) if graphs is None else graphs)
    named = bool(sample)
    beside = default and named and not _includes(session, sample)
    layout = Layout(named=named and not default, beside=beside)
    claim = layout.within(f"?c {_SUBJECT} ?s ; {REIFICATION[1]} ?p ; {REIFICATION[2]} ?o .", "c")
    mapping = layout.within(f"?m {RDF_TYPE} {term(SSSOM, 'Mapping')} .", "m")
    dataset, stated = _describe(session, layout)
    if space is None:
        space = stated or find_space(_sample_things(session, layout))
    return Layout(
        named=layout.named,
        beside=beside,
        claims=bool(session.select(f"SELECT ?c {{ {claim} }} LIMIT 1")),
        mappings=bool(session.select(f"SELECT ?m {{ {mapping} }} LIMIT 1")),
        inverses=_list_inverses(session, layout),
        dataset=dataset,
        space=space,
    )


def find_space(iris: Iterable[str]) -> str:
    """Return how most IRIs begin, up to a slash or `#`: the longest such beginning that enough of them have.

    Args:
        iris: The IRIs of things.

    Examples:
        >>> find_space(["http://e.org/id/a", "http://e.org/id/b", "http://e.org/x"])
        'http://e.org/'
        >>> find_space(["http://e.org/a", "http://e.org/b", "urn:x"]), find_space(["urn:a", "urn:b"])
        ('http://e.org/', '')
    """
    counts: Counter[str] = Counter()
    total = 0
    for iri in iris:
        total += 1
        start = iri.find("//") + 2
        if start > 1:
            counts.update(iri[: at + 1] for at in range(start, len(iri) - 1) if iri[at] in "/#")
    for share in _SHARES:
        if enough := [one for one, number in counts.items() if number >= share * total]:
            return max(enough, key=lambda one: (len(one), one))
    return ""


def _list_graphs(session: Session) -> Sequence[str] | None:
    """Return the terms of some named graphs; None where they cannot be listed without their statements.

    To list them takes no time where a store does it (an empty pattern matches once in each graph: SPARQL 1.1, section
    18.6). Not every store does.
    """
    try:
        rows = session.select(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ }} }} LIMIT {_SAMPLED_GRAPHS}", _LOOKING)
    except (QueryError, EndpointError):
        return None
    return [one for (one,) in rows if one] or None


def _sample_graphs(session: Session, graphs: Sequence[str] | None) -> Sequence[Row]:
    """Return some statements of named graphs, without those of blank nodes where there are others."""
    if graphs is None:
        try:
            return session.select(f"SELECT ?g ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} }} LIMIT {_SAMPLED}", _LOOKING)
        except QueryError:
            # To look for named graphs where there are none may take a walk through all statements.
            return ()
    found: list[Row] = []
    for graph in graphs[:_SAMPLED_GRAPHS]:
        if is_iri_term(graph):
            rows = session.select(f"SELECT ?s ?p ?o {{ GRAPH {graph} {{ ?s ?p ?o }} }} LIMIT {_SAMPLED}")
            found += [(graph, *row) for row in rows]
    return found


def _includes(session: Session, sample: Sequence[Row]) -> bool:
    """Return whether the default graph has some statements of named graphs: it is then taken for their union."""
    rows = [row[1:] for row in sample if all(map(is_iri_term, row[1:]))][:_SAMPLED]
    if not rows:
        return False
    values = " ".join(f"({' '.join(str(one) for one in row)})" for row in rows)
    found = session.select(f"SELECT DISTINCT ?s ?p ?o {{ VALUES (?s ?p ?o) {{ {values} }} ?s ?p ?o }}")
    return len(found) >= len(set(rows))


def _describe(session: Session, layout: Layout) -> tuple[str, str]:
    """Return what describes the dataset, and how its things' IRIs begin as that states it; empty where not known."""
    pattern = layout.within("?d a ?kind .", "d")
    title = layout.within(f"?d {term(DCTERMS, 'title')} ?title .", "t")
    space = layout.within(f"?d {term(VOID, 'uriSpace')} ?space .", "u")
    kinds = f"{term(VOID, 'Dataset')} {term(DCAT, 'Dataset')}"
    query = (
        f"SELECT DISTINCT ?d ?space {{ VALUES ?kind {{ {kinds} }} {pattern} {title} OPTIONAL {{ {space} }} }} LIMIT 50"
    )
    rows = [row for row in session.select(query) if is_iri_term(row[0])]
    with_space = [row for row in rows if row[1]]
    chosen = {row[0]: row[1] for row in with_space or rows}
    if len(chosen) != 1:
        return "", ""
    [(dataset, stated)] = chosen.items()
    text = (stated[1:-1] if stated.startswith("<") else terms.unquote(stated)) if stated else ""
    return str(dataset), text if is_iri_term(f"<{text}>") else ""


def _sample_things(session: Session, layout: Layout) -> list[str]:
    """Return the IRIs of some things: of some classes, and some of each."""
    classes = session.select(
        f"SELECT DISTINCT ?c {{ {{ SELECT ?c {{ {layout.within('?s a ?c .', 's')} }} LIMIT 20000 }} }} LIMIT 20"
    )
    found: list[str] = []
    for (kind,) in classes:
        if is_iri_term(kind):
            pattern = layout.within(f"?s a {kind} .", "s")
            rows = session.select(f"SELECT ?s {{ {pattern} }} LIMIT {_SAMPLE // 20}")
            found += [row[0][1:-1] for row in rows if row[0] and is_iri_term(row[0])]
    return found


def _list_inverses(session: Session, layout: Layout) -> Mapping[str, frozenset[str]]:
    inverse = layout.within(f"?a {term(OWL, 'inverseOf')} ?b .", "i")
    symmetric = layout.within(f"?a a {term(OWL, 'SymmetricProperty')} .", "y")
    either = f"{{ {inverse} }} UNION {{ {symmetric} BIND(?a AS ?b) }}"
    rows = session.select(f"SELECT DISTINCT ?a ?b {{ {either} }} LIMIT {_MOST_INVERSES + 1}")
    if len(rows) > _MOST_INVERSES:
        what = f"states more than {_MOST_INVERSES:,} inverse or symmetric properties"
        raise QueryError.at("the source", what, "leave statements out that are not an ontology's")
    found: dict[str, set[str]] = {}
    for one, other in rows:
        if one and other and is_iri_term(one) and is_iri_term(other):
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {one: frozenset(others) for one, others in found.items()}
