"""Checks shapes by the syntax rules of SHACL: those of each component's parameters, and those of shapes themselves.

The rules are those of the Recommendation's shapes for shapes graphs and of its table of syntax rules. Only shapes
that a target leads to are checked; the others are not used.

https://www.w3.org/TR/shacl/#shacl-shacl, https://www.w3.org/TR/shacl/#syntax-rules
"""

from __future__ import annotations

from collections.abc import Iterable

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.shacl.constraints import registry
from glocal_rdf.shacl.constraints.component import BOOLEAN, IRI, Parameter, ValueRule
from glocal_rdf.shacl.shapes.misspellings import find_misspelt_parameters
from glocal_rdf.shacl.terms import is_blank, is_string, language_tag, sh
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["check_boolean", "check_shape"]

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
    """Yield a problem for every value of a property, given by its local name, that is not a boolean."""
    for value in index.values(node, sh(name)):
        if error := Parameter(name, BOOLEAN).syntax_error(value):
            yield Problem(where, *error)


def _check_values(index: TripleIndex, term: str, where: str, parameter: Parameter) -> Iterable[Problem]:
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
