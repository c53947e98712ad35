"""Reads a shapes graph: its shapes with their targets, paths and constraints (SHACL, sections 2 and 3.1).

1. Shapes with a target are found: explicit targets, and shapes that are classes.
2. Every shape is read that these lead to; the others are not used.
3. All that is malformed is raised in one error.
"""

from __future__ import annotations

from collections.abc import Iterable

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.namespaces import OWL_CLASS, RDFS_CLASS, local_name
from glocal_rdf.shacl.constraints.component import Component
from glocal_rdf.shacl.constraints.registry import COMPONENTS
from glocal_rdf.shacl.shapes.custom_components import custom_constraints, read_custom_components
from glocal_rdf.shacl.shapes.description import ReadingProblems, ShapeDescription, name_shape
from glocal_rdf.shacl.shapes.functions import list_functions
from glocal_rdf.shacl.shapes.misspellings import find_misspelt_targets, list_unknown_terms
from glocal_rdf.shacl.shapes.model import Constraint, Shape, ShapesGraph
from glocal_rdf.shacl.shapes.paths import Path, read_path
from glocal_rdf.shacl.shapes.syntax_rules import check_recursion, check_shape
from glocal_rdf.shacl.shapes.unsupported import list_annotations, list_unsupported
from glocal_rdf.shacl.shapes.unused_shapes import list_unused_shapes
from glocal_rdf.shacl.shapes.vocabulary import SHAPE_CLASSES, TARGETS
from glocal_rdf.shacl.terms import is_iri, is_literal, is_true, lexical, sh, text_of
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["read_shapes"]

MAX_EXPECTED_SHOWN = 10
"""The number of members of a list that a message shows."""


def read_shapes(index: TripleIndex) -> ShapesGraph:
    """Read every shape that a target leads to, and find what has no effect or is not supported.

    Raises:
        ShapesError: The shapes graph is malformed; the error has every problem.
    """
    reader = _Reader(index)
    problems = reader.problems
    problems.errors.extend(find_misspelt_targets(index))
    roots = reader.roots()
    for root in roots:
        reader.read(root)
    if problems.errors:
        raise ShapesError.of(_unique(problems.errors))
    check_recursion({s.term: [i for c in s.constraints for i in c.shapes] for s in reader.shapes.values()}, index)
    active = {s.term for s in reader.shapes.values() if not s.deactivated}
    warnings = [*list_unknown_terms(index), *list_unused_shapes(index, reader.shapes), *problems.warnings]
    warnings += list_annotations(index)
    return ShapesGraph(
        index,
        reader.shapes,
        tuple(reader.shapes[root] for root in roots),
        tuple(_unique(warnings)),
        tuple(_unique([*list_unsupported(index, active), *problems.unsupported])),
    )


def _unique(problems: Iterable[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


class _Reader:
    """Reads one shape after the other."""

    def __init__(self, index: TripleIndex) -> None:
        self.index = index
        self.problems = ReadingProblems()
        self.shapes: dict[str, Shape] = {}
        self._functions = list_functions(index)
        self._custom = read_custom_components(index, self.problems)
        self._implicit = {
            s
            for meta in (RDFS_CLASS, OWL_CLASS)
            for s in index.instances(meta)
            if any(index.is_instance(s, sh(name)) for name in SHAPE_CLASSES)
        }

    def roots(self) -> list[str]:
        """Return the shapes that have a target, in order of their terms."""
        explicit = {s for name in TARGETS for s, _ in self.index.pairs(sh(name))}
        return sorted(explicit | self._implicit)

    def read(self, root: str) -> None:
        """Read a shape and all that it leads to, without recursion, since shapes may be nested deeply."""
        todo = [root]
        while todo:
            term = todo.pop()
            if term not in self.shapes and not is_literal(term):
                shape = self._shape(term)
                self.shapes[term] = shape
                todo.extend(i for c in shape.constraints for i in c.shapes)

    def _shape(self, term: str) -> Shape:
        """Read one shape, without the shapes that it refers to."""
        index, where = self.index, name_shape(self.index, term)
        shape = ShapeDescription(index, term, where, self.problems, self._functions)
        self.problems.errors.extend(check_shape(index, term, where))
        path: Path | None = None
        paths = shape.values("path")
        if len(paths) == 1:
            try:
                path = read_path(index, paths[0], where)
            except ShapesError as error:
                shape.report_error(error)
        targets = [(name, o) for name in TARGETS for o in sorted(shape.values(name))]
        if term in self._implicit:
            targets.append(("targetClass", term))
            if not is_iri(term):
                shape.report("a shape that is a class must have an IRI", "give it one")
        return Shape(
            term=term,
            path=path,
            targets=tuple(dict.fromkeys(targets)),
            severity=index.value(term, sh("severity")) or sh("Violation"),
            messages=tuple(text_of(m) for m in sorted(shape.values("message")) if is_literal(m)),
            deactivated=any(map(is_true, shape.values("deactivated"))),
            constraints=(*_constraints(shape), *custom_constraints(shape, self._custom)),
        )


def _constraints(shape: ShapeDescription) -> Iterable[Constraint]:
    """Yield the constraints of a shape that are of the components of SHACL itself."""
    predicates = shape.index.predicates_of(shape.term)
    has_path = sh("path") in predicates
    for component in COMPONENTS:
        if sh(component.parameter) not in predicates or not (has_path or component.on_node_shapes):
            continue
        for value in sorted(shape.values(component.parameter)):
            further = component.read(shape, value) if component.read else {}
            if further is not None and (values := _values(shape, component, value)) is not None:
                expected = _expected(values) if component.shows_value else ""
                yield Constraint(component, values, expected, further)


def _values(shape: ShapeDescription, component: Component, value: str) -> tuple[str, ...] | None:
    """Return the value of a parameter, or the members of its list; None, and report it, where that is malformed."""
    if not component.value.is_list:
        return (value,)
    try:
        return tuple(shape.index.members(value, shape.where))
    except ShapesError as error:
        shape.report_error(error)
        return None


def _expected(values: tuple[str, ...]) -> str:
    """Return values as text for messages.

    Examples:
        >>> _expected(("<http://example.org/a>", '"b"'))
        'a, b'
    """
    texts = [lexical(v) if is_literal(v) else local_name(v) for v in values[:MAX_EXPECTED_SHOWN]]
    return ", ".join(texts) + (" …" if len(values) > MAX_EXPECTED_SHOWN else "")
