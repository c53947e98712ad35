"""Checks shapes by the syntax rules of SHACL: those of each component's parameters, and those of shapes themselves.

The rules are those of the Recommendation's shapes for shapes graphs and of its table of syntax rules. Only shapes
that a target leads to are checked; the others are not used. Shapes that refer to themselves (section 3.4.3), or are
nested too deeply to be followed, are refused too.

https://www.w3.org/TR/shacl/#shacl-shacl, https://www.w3.org/TR/shacl/#syntax-rules
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.shacl.constraints import registry
from glocal_rdf.shacl.constraints.component import BOOLEAN, IRI, Parameter, ValueRule
from glocal_rdf.shacl.shapes.misspellings import find_misspelt_parameters
from glocal_rdf.shacl.terms import is_blank, is_iri, is_string, language_tag, sh, shorten
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["MAX_DEPTH", "check_boolean", "check_recursion", "check_shape"]

MAX_DEPTH = 200
MAX_CYCLE_SHOWN = 10

_TARGET_NODE = ValueRule("an IRI or a literal", "write an IRI or a literal", lambda term: not is_blank(term))
_MESSAGE = ValueRule(
    "a text", "write a string, with or without a language", lambda term: is_string(term) or bool(language_tag(term))
)
_OF_SHAPES = (
    Parameter("targetNode", _TARGET_NODE, single=False),
    Parameter("targetClass", IRI, single=False),
    Parameter("targetSubjectsOf", IRI, single=False),
    Parameter("targetObjectsOf", IRI, single=False),
    Parameter("severity", IRI),
    Parameter("message", _MESSAGE, single=False),
    Parameter("deactivated", BOOLEAN),
)
"""What shapes have besides the parameters of components (SHACL, section 2.1)."""

_PARAMETERS = (*_OF_SHAPES, *registry.PARAMETERS.values())


def check_shape(index: TripleIndex, term: str, where: str) -> Iterable[Problem]:
    """Yield a problem for every syntax rule that a shape breaks.

    Args:
        index: The shapes graph.
        term: The shape.
        where: Its name for messages.
    """
    yield from find_misspelt_parameters(index, term, where)
    predicates = index.predicates_of(term)
    for parameter in _PARAMETERS:
        if sh(parameter.name) in predicates:
            yield from _check_values(index, term, where, parameter)
    for constraint in index.values(term, sh("sparql")):
        yield from check_boolean(index, constraint, "deactivated", f"{where} / sh:sparql")
    yield from _check_kind(index, term, where)


def check_boolean(index: TripleIndex, node: str, name: str, where: str) -> Iterable[Problem]:
    """Yield a problem for every value of a property, given by its local name, that is not a boolean.

    Args:
        index: The shapes graph.
        node: The subject of the property.
        name: The local name of the property.
        where: The shape's name for messages.
    """
    for value in index.values(node, sh(name)):
        if error := Parameter(name, BOOLEAN).syntax_error(value):
            yield Problem(where, *error)


def _check_values(index: TripleIndex, term: str, where: str, parameter: Parameter) -> Iterable[Problem]:
    """Check the number of values of a parameter, and each value or member of its list."""
    values = index.values(term, sh(parameter.name))
    if parameter.single and len(values) > 1:
        yield Problem(where, f"sh:{parameter.name} has {len(values)} values", "leave one")
    for value in values:
        try:
            members = index.members(value, where) if parameter.value.is_list else [value]
        except ShapesError:
            continue  # reported when the list is read
        for member in members:
            if error := parameter.syntax_error(member):
                yield Problem(where, *error)


def _check_kind(index: TripleIndex, term: str, where: str) -> Iterable[Problem]:
    """Check that property shapes have one path and node shapes none (SHACL, sections 2.2 and 2.3)."""
    paths = index.values(term, sh("path"))
    if len(paths) > 1:
        yield Problem(where, f"sh:path has {len(paths)} values", "leave one, or write one sh:alternativePath")
    if paths:
        if index.subjects(sh("node"), term) or index.is_instance(term, sh("NodeShape")):
            yield Problem(where, "it is used as a node shape and has sh:path", "remove sh:path, or use sh:property")
        return
    # A shape without triples is missing from the graph, which is reported as such.
    is_property_shape = index.subjects(sh("property"), term) or index.is_instance(term, sh("PropertyShape"))
    if is_property_shape and index.predicates_of(term):
        yield Problem(where, "a property shape needs sh:path", "write the path, or make it a node shape")
    for parameter in registry.PARAMETERS.values():
        if not parameter.on_node_shapes and index.values(term, sh(parameter.name)):
            yield Problem(where, f"sh:{parameter.name} is used on a node shape", "move it to a property shape")


def check_recursion(references: Mapping[str, Sequence[str]], index: TripleIndex) -> None:
    """Check that no shape refers to itself, directly or through others.

    Args:
        references: The shapes that each shape refers to.
        index: The shapes graph, to name shapes without an IRI.

    Raises:
        ShapesError: There is a cycle, which the error names, or shapes are nested too deeply to be followed.
    """
    depth: dict[str, int] = {}
    for start in references:
        trail: list[str] = []
        on_trail: set[str] = set()
        todo: list[tuple[str, bool]] = [(start, True)]
        while todo:
            term, entering = todo.pop()
            if not entering:
                depth[term] = 1 + max((depth[inner] for inner in references.get(term, ())), default=0)
                on_trail.discard(trail.pop())
                if depth[term] > MAX_DEPTH:
                    raise ShapesError.at(term, f"shapes are nested deeper than {MAX_DEPTH} levels", "nest them less")
                continue
            if term in on_trail:
                cycle = [*trail[trail.index(term) :], term]
                raise ShapesError.at(
                    next((t for t in cycle if is_iri(t)), term),
                    "the shape refers to itself: " + " -> ".join(_label(index, t) for t in _cut(cycle)),
                    "SHACL leaves recursive shapes undefined; break the cycle, or write it as a path such as p*",
                )
            if term in depth:
                continue
            trail.append(term)
            on_trail.add(term)
            todo.append((term, False))
            todo.extend((inner, True) for inner in references.get(term, ()))


def _cut(cycle: Sequence[str]) -> Sequence[str]:
    """Leave out the middle of a long cycle."""
    return cycle if len(cycle) <= MAX_CYCLE_SHOWN else [*cycle[: MAX_CYCLE_SHOWN - 1], "…", cycle[-1]]


def _label(index: TripleIndex, term: str) -> str:
    path = index.value(term, sh("path"))
    return f"{term} (sh:path {shorten(path)})" if is_blank(term) and path and is_iri(path) else term
