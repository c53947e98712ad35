"""Finds which triples a query can match, so that it is evaluated again for those alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF_FIRST, RDF_REST
from glocal_rdf.sparql.grammar import tree

__all__ = ["Pattern", "find_patterns", "may_match", "triples_of"]

_CHANGING = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """Triples that a pattern of a query can match.

    Attributes:
        predicates: The predicates that they have, as terms; None for any.
        object: The object that they have, as a term; None for any.
    """

    predicates: frozenset[str] | None
    object: str | None = None


def find_patterns(query: tree.Query) -> list[Pattern]:
    """List what the triple patterns of a query can match, wherever they stand in it, also in FILTER NOT EXISTS.

    Examples:
        >>> from glocal_rdf.sparql.grammar.queries import parse_query
        >>> find_patterns(parse_query("ASK { ?s a <urn:c> }"))[0].object
        '<urn:c>'
    """
    if query.where is None:
        return [Pattern(None)]
    found: list[Pattern] = []
    for node in tree.walk(query.where):
        if isinstance(node, tree.Group):
            found += map(_read_triple, triples_of(node))
        elif isinstance(node, tree.Collection) and node.items:
            found.append(Pattern(frozenset({RDF_FIRST, RDF_REST})))
        elif isinstance(node, tree.TripleTerm | tree.Service | tree.Graph):
            found.append(Pattern(None))
        elif isinstance(node, tree.Call) and node.function in _CHANGING:
            # Its value differs each time that it is evaluated.
            found.append(Pattern(None))
    return found


def triples_of(group: tree.Group) -> Iterator[tree.Triple]:
    """Yield the triple patterns of a group, those in `[ … ]` included, but none of inner groups."""
    for element in group.elements:
        if isinstance(element, tree.Triples):
            yield from (node for node in tree.walk(element) if isinstance(node, tree.Triple))


def _read_triple(triple: tree.Triple) -> Pattern:
    verb = triple.predicate
    if isinstance(verb, tree.Iri):
        end = triple.object
        return Pattern(frozenset({f"<{verb.value}>"}), f"<{end.value}>" if isinstance(end, tree.Iri) else None)
    # A path without a step leads from every node to itself, and a negated set holds every other predicate.
    if isinstance(verb, tree.Var) or any(
        isinstance(node, tree.Path) and node.operator in {"*", "?", "!"} for node in tree.walk(verb)
    ):
        return Pattern(None)
    return Pattern(frozenset(f"<{node.value}>" for node in tree.walk(verb) if isinstance(node, tree.Iri)))


def may_match(patterns: list[Pattern], triples: pl.DataFrame) -> bool:
    """Return whether a pattern can match one of some triples.

    Args:
        patterns: The patterns.
        triples: The columns `predicate` and `object`.
    """
    if triples.is_empty() or any(pattern.predicates is None for pattern in patterns):
        return not triples.is_empty()
    known = set(triples["predicate"].unique())
    for pattern in patterns:
        predicates = known & (pattern.predicates or frozenset())
        if predicates and pattern.object is None:
            return True
        if (
            predicates
            and not triples.filter(
                pl.col("predicate").is_in(sorted(predicates)), pl.col("object") == pattern.object
            ).is_empty()
        ):
            return True
    return False
