"""Finds out which triples a query can touch, so that no others are loaded to answer it.

The triple patterns of its tree are looked at. Where a verb is a variable, or a path may have no step between two other
nodes than `$this`, any triple may be touched.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from glocal_rdf.shacl.sparql.prebinding import Query
from glocal_rdf.shacl.terms import FIRST, REST
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.matching import triples_of

__all__ = ["ABSENT", "MARK", "Touched", "scan_query"]

MARK = "<urn:x-shacl:node>"
"""The predicate of triples that only say that a node is there, for paths that may have no step."""

ABSENT = "<urn:x-shacl:absent>"
"""The graph of those triples whose object no triple of the data has."""


@dataclass(frozen=True)
class Touched:
    """The triples that a query names, and what else of its patterns matters for loading.

    `predicates` are those that it names, or none where any triple may be touched. `about_this` are predicates that
    only ever follow `$this`. `required` says that the query's outermost group has a pattern `$this predicate …` before
    any expression is evaluated, so that `$this` cannot be but a subject of that predicate. `ends` are the terms and
    variables at the ends of paths that may have no step (`p*`, `p?`), as in Turtle; `free` says that both ends of one
    are variables that are not bound beforehand, so that it leads from every node to itself. `hide` are texts to put
    in, by position, with which no pattern of the query sees a triple whose predicate is MARK.
    """

    predicates: frozenset[str] | None
    about_this: frozenset[str] = frozenset()
    required: bool = False
    ends: frozenset[str] = frozenset()
    free: bool = False
    hide: tuple[tuple[int, str], ...] = ()


@dataclass
class _Found:
    """What has been found so far."""

    text: str
    bound: Collection[str]
    about_this: set[str] = field(default_factory=set)
    about_others: set[str] = field(default_factory=set)
    anything: bool = False
    free: bool = False
    ends: set[str] = field(default_factory=set)
    hide: dict[tuple[int, str], None] = field(default_factory=dict)


def scan_query(query: Query, bound: Collection[str] = ("this",)) -> Touched:
    """Give the triples that a query can touch; `bound` are the variables that have a value beforehand."""
    found = _Found(query.text, bound)
    for node in tree.walk(query.tree):
        if isinstance(node, tree.Group):
            for triple in triples_of(node):
                _note_triple(found, triple, node)
        elif isinstance(node, tree.Collection) and node.items:
            found.about_others.update((FIRST, REST))
        elif isinstance(node, tree.TripleTerm):
            found.anything = True
        elif isinstance(node, tree.Path) and node.operator == "!":
            _note_negated(found, node)
    return Touched(
        None if found.anything else frozenset(found.about_this | found.about_others),
        frozenset(found.about_this - found.about_others),
        _is_required(query.tree.where),
        frozenset(found.ends),
        found.free,
        tuple(found.hide),
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


def _note_triple(found: _Found, triple: tree.Triple, group: tree.Group) -> None:
    verb = triple.predicate
    if isinstance(verb, tree.Var):
        found.anything = True
        found.hide[group.start + 1, f" FILTER (?{verb.name} != {MARK}) "] = None
        return
    simple = isinstance(verb, tree.Iri) and _is_this(triple.subject)
    named = {f"<{node.value}>" for node in tree.walk(verb) if isinstance(node, tree.Iri)}
    (found.about_this if simple else found.about_others).update(named)
    if any(isinstance(node, tree.Path) and node.operator in {"*", "?"} for node in tree.walk(verb)):
        # A path without a step leads from a term to itself, though no triple has it.
        found.ends.update(_end(found, node) for node in (triple.subject, triple.object) if _is_named(node))
        ends = (triple.subject, triple.object)
        if not any(isinstance(end, tree.Var) and end.name in found.bound for end in ends):
            found.anything = True
            free = [end for end in ends if isinstance(end, tree.Var)]
            if free and not any(isinstance(end, tree.Iri | tree.Literal) for end in ends):
                found.free = True
                unseen = f"GRAPH {ABSENT} {{ [] {MARK} ?{free[0].name} }}"
                found.hide[group.start + 1, f" FILTER NOT EXISTS {{ {unseen} }} "] = None


def _is_named(node: tree.Node) -> bool:
    return isinstance(node, tree.Var | tree.Iri | tree.Literal)


def _end(found: _Found, node: tree.Node) -> str:
    if isinstance(node, tree.Var):
        return f"?{node.name}"
    if isinstance(node, tree.Iri):
        return f"<{node.value}>"
    text = found.text[node.start : node.end]
    if not isinstance(node, tree.Literal) or node.short:
        return text.lower()
    end = f"@{node.language}" if node.language else f"^^<{node.datatype}>"
    return text[: max(text.rfind('"'), text.rfind("'")) + 1] + end


def _note_negated(found: _Found, path: tree.Path) -> None:
    """Note a negated property set, which any other predicate may fit."""
    found.anything = True
    sides = {isinstance(part, tree.Path) for part in path.parts}
    marks = [f"{'^' if back else ''}{MARK}" for back in sorted(sides)]
    if not marks:
        return
    several = found.text[path.start + 1 : path.parts[0].start].rstrip().endswith("(")
    start, end = path.parts[0].start, path.parts[-1].end
    found.hide[start, f"{'' if several else '('}{'|'.join(marks)}|"] = None
    if not several:
        found.hide[end, ")"] = None
