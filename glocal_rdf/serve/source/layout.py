"""What a store is like, found out when it is opened by a few queries that every store answers at once.

1. Where its statements are: in the default graph alone, in named graphs alone, in both apart, or in named graphs that
   are the default graph together (as in Virtuoso). Statements of named graphs beside a default graph are what other
   sources say.
2. Whether it has claims (rdf:subject, rdf:predicate, rdf:object), mappings (SSSOM) and properties with an inverse.
3. What describes the dataset, and how the IRIs of its things begin: as it states it (void:uriSpace), or counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from glocal_rdf.namespaces import DCAT, DCTERMS, OWL, RDF, RDF_TYPE, SSSOM, VOID, term
from glocal_rdf.serve.source.asking import Session, is_iri_term
from glocal_rdf.triples import terms

__all__ = ["REIFICATION", "Layout", "explore", "find_space"]

REIFICATION: Final = (
    *(term(RDF, part) for part in ("subject", "predicate", "object")),
    *(term(OWL, f"annotated{part}") for part in ("Source", "Property", "Target")),
)
"""The properties that lead from a claim or a mapping to what it states."""

_SUBJECT: Final = term(RDF, "subject")
_SAMPLE: Final = 2_000
_SHARE: Final = 0.5
"""The share of things whose IRIs begin alike, for that to be the space."""

_MOST_INVERSES: Final = 5_000


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


def explore(session: Session, space: str | None = None) -> Layout:
    """Find out what a store is like.

    Args:
        session: Asks the store.
        space: How the IRIs of its things begin, where that is given.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    default = bool(session.select("SELECT ?s { ?s ?p ?o } LIMIT 1"))
    sample = session.select("SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?s) && isIRI(?o)) } LIMIT 20")
    named = bool(sample) or bool(session.select("SELECT ?g { GRAPH ?g { ?s ?p ?o } } LIMIT 1"))
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


def find_space(iris: Iterable[str], share: float = _SHARE) -> str:
    """Return how most IRIs begin, up to a slash or `#`: the longest such beginning that enough of them have.

    Args:
        iris: The IRIs of things.
        share: The share of them that it has to have.

    Examples:
        >>> find_space(["http://e.org/id/a", "http://e.org/id/b", "http://e.org/x"])
        'http://e.org/id/'
        >>> find_space(["http://e.org/a", "urn:x"], share=0.6), find_space([])
        ('', '')
    """
    counts: Counter[str] = Counter()
    total = 0
    for iri in iris:
        total += 1
        start = iri.find("//") + 2
        if start > 1:
            counts.update(iri[: at + 1] for at in range(start, len(iri) - 1) if iri[at] in "/#")
    enough = [one for one, number in counts.items() if number >= share * total]
    return max(enough, key=lambda one: (len(one), one), default="")


def _includes(session: Session, sample: Iterable[tuple[str | None, ...]]) -> bool:
    """Return whether the default graph has some statements of named graphs: it is then taken for their union."""
    rows = [row[1:] for row in sample if all(map(is_iri_term, row[1:]))]
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
    query = f"SELECT DISTINCT ?a ?b {{ {{ {inverse} }} UNION {{ {symmetric} BIND(?a AS ?b) }} }} LIMIT {_MOST_INVERSES}"
    found: dict[str, set[str]] = {}
    for one, other in session.select(query):
        if one and other and is_iri_term(one) and is_iri_term(other):
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {one: frozenset(others) for one, others in found.items()}
