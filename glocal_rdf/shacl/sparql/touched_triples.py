"""Finds the triples that a query can touch, so that no others are loaded to run it.

The triple patterns of its tree are examined. Where a predicate is a variable, or a path without a step may connect
other nodes than `$this`, the query may touch any triple.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from glocal_rdf.namespaces import RDF_FIRST, RDF_REST
from glocal_rdf.shacl.sparql.prebinding import Query
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.matching import triples_of

__all__ = ["ABSENT", "MARK", "TouchedTriples", "scan_query"]

MARK = "<urn:x-shacl:node>"
"""The predicate of triples that only mark a node as present, for paths that may have no step."""

ABSENT = "<urn:x-shacl:absent>"
"""The graph of the marks whose node no triple of the data has."""


@dataclass(frozen=True)
class TouchedTriples:
    """The triples that a query can touch, and what else of its patterns matters for loading.

    Attributes:
        predicates: The predicates that the query names; None where it may touch any triple.
        of_this: The predicates that only have `$this` as subject.
        required: Whether the outermost group has a pattern `$this predicate …` before any expression is evaluated, so
            that `$this` must be a subject of that predicate.
        ends: The terms and variables at the ends of paths that may have no step (`p*`, `p?`), as in Turtle.
        unbound_ends: Whether both ends of such a path are variables that are not pre-bound, so that the path leads from
            every node to itself.
        hiding: Texts to insert in the query, with their positions, so that no pattern matches a triple with MARK.
    """

    predicates: frozenset[str] | None
    of_this: frozenset[str] = frozenset()
    required: bool = False
    ends: frozenset[str] = frozenset()
    unbound_ends: bool = False
    hiding: tuple[tuple[int, str], ...] = ()


@dataclass
class _Scan:
    """What has been found so far in a query."""

    text: str
    bound: Collection[str]
    of_this: set[str] = field(default_factory=set)
    of_others: set[str] = field(default_factory=set)
    anything: bool = False
    unbound_ends: bool = False
    ends: set[str] = field(default_factory=set)
    hiding: dict[tuple[int, str], None] = field(default_factory=dict)


def scan_query(query: Query, bound: Collection[str] = ("this",)) -> TouchedTriples:
    """Return the triples that a query can touch.

    Args:
        query: The query.
        bound: The variables that are pre-bound.
    """
    scan = _Scan(query.text, bound)
    for node in tree.walk(query.tree):
        if isinstance(node, tree.Group):
            for triple in triples_of(node):
                _scan_triple(scan, triple, node)
        elif isinstance(node, tree.Collection) and node.items:
            scan.of_others.update((RDF_FIRST, RDF_REST))
        elif isinstance(node, tree.TripleTerm):
            scan.anything = True
        elif isinstance(node, tree.Path) and node.operator == "!":
            _scan_negated_set(scan, node)
    return TouchedTriples(
        None if scan.anything else frozenset(scan.of_this | scan.of_others),
        frozenset(scan.of_this - scan.of_others),
        _is_required(query.tree.where),
        frozenset(scan.ends),
        scan.unbound_ends,
        tuple(scan.hiding),
    )


def _is_this(node: tree.Node) -> bool:
    return isinstance(node, tree.Var) and node.name == "this"


def _is_required(group: tree.Group | None) -> bool:
    for element in group.elements if group is not None else ():
        if isinstance(element, tree.Bind | tree.SubSelect):
            return False
        if isinstance(element, tree.Triples) and any(
            _is_this(triple.subject) and isinstance(triple.predicate, tree.Iri) for triple in element.triples
        ):
            return True
    return False


def _scan_triple(scan: _Scan, triple: tree.Triple, group: tree.Group) -> None:
    """Add a triple pattern of a group: its predicates, and the ends of a path that may have no step."""
    predicate = triple.predicate
    if isinstance(predicate, tree.Var):
        scan.anything = True
        scan.hiding[group.start + 1, f" FILTER (?{predicate.name} != {MARK}) "] = None
        return
    simple = isinstance(predicate, tree.Iri) and _is_this(triple.subject)
    named = {f"<{node.value}>" for node in tree.walk(predicate) if isinstance(node, tree.Iri)}
    (scan.of_this if simple else scan.of_others).update(named)
    if any(isinstance(node, tree.Path) and node.operator in {"*", "?"} for node in tree.walk(predicate)):
        # A path without a step leads from a node to itself, though no triple has it.
        scan.ends.update(_end(scan, node) for node in (triple.subject, triple.object) if _is_named(node))
        ends = (triple.subject, triple.object)
        if not any(isinstance(end, tree.Var) and end.name in scan.bound for end in ends):
            scan.anything = True
            free = [end for end in ends if isinstance(end, tree.Var)]
            if free and not any(isinstance(end, tree.Iri | tree.Literal) for end in ends):
                scan.unbound_ends = True
                unseen = f"GRAPH {ABSENT} {{ [] {MARK} ?{free[0].name} }}"
                scan.hiding[group.start + 1, f" FILTER NOT EXISTS {{ {unseen} }} "] = None


def _is_named(node: tree.Node) -> bool:
    return isinstance(node, tree.Var | tree.Iri | tree.Literal)


def _end(scan: _Scan, node: tree.Node) -> str:
    """Return the end of a path as Turtle has it, or a variable with its question mark."""
    if isinstance(node, tree.Var):
        return f"?{node.name}"
    if isinstance(node, tree.Iri):
        return f"<{node.value}>"
    text = scan.text[node.start : node.end]
    if not isinstance(node, tree.Literal) or node.short:
        return text.lower()
    end = f"@{node.language}" if node.language else f"^^<{node.datatype}>"
    return text[: max(text.rfind('"'), text.rfind("'")) + 1] + end


def _scan_negated_set(scan: _Scan, path: tree.Path) -> None:
    """Add a negated property set, which any other predicate may match."""
    scan.anything = True
    sides = {isinstance(part, tree.Path) for part in path.parts}
    marks = [f"{'^' if back else ''}{MARK}" for back in sorted(sides)]
    if not marks:
        return
    several = scan.text[path.start + 1 : path.parts[0].start].rstrip().endswith("(")
    start, end = path.parts[0].start, path.parts[-1].end
    scan.hiding[start, f"{'' if several else '('}{'|'.join(marks)}|"] = None
    if not several:
        scan.hiding[end, ")"] = None
