"""Follows shapes: what each looks at from its focus nodes, through its path and to the shapes that it refers to."""

from __future__ import annotations

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.shacl.reach.automaton import FOCUS, Automaton, Reach
from glocal_rdf.shacl.reach.queries import UnboundedQueryError, follow_query
from glocal_rdf.shacl.shapes.description import name_shape
from glocal_rdf.shacl.shapes.model import Constraint, Shape
from glocal_rdf.shacl.validation import PreparedShapes

__all__ = ["find_reach"]


def find_reach(shapes: PreparedShapes) -> Reach:
    """Find how far shapes look from their focus nodes.

    Args:
        shapes: The shapes.

    Returns:
        The steps; queries that they do not hold for are `refused`.

    Raises:
        ShapesError: A query is malformed.

    Examples:
        >>> from glocal_rdf.shacl import prepare
        >>> from glocal_rdf.triples import Triples
        >>> text = '''PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://e.org/>
        ... ex:S sh:targetClass ex:City ; sh:property [ sh:path ex:country ; sh:class ex:Country ] .'''
        >>> reach = find_reach(prepare(Triples.parse(text, "turtle")))
        >>> [(step.source, step.predicate, step.target) for step in reach.steps if step.predicate != RDF_TYPE]
        [(0, '<http://e.org/country>', 1)]
        >>> reach.depth
        2

    https://www.w3.org/TR/shacl/#validation-definition
    """
    return _Follower(shapes).follow()


class _Follower:
    """Follows each shape once; shapes do not refer to themselves."""

    def __init__(self, shapes: PreparedShapes) -> None:
        self._shapes = shapes
        self._automaton = Automaton()
        self._starts: dict[str, int] = {}
        self._refused: list[Problem] = []
        self._looking_up: dict[str, None] = {}

    def follow(self) -> Reach:
        for shape in self._shapes.read.targeted:
            for kind, term in shape.targets:
                if kind == "targetClass":
                    self._automaton.add_step(FOCUS, RDF_TYPE)
                elif kind in {"targetSubjectsOf", "targetObjectsOf"}:
                    self._automaton.add_step(FOCUS, term, backward=kind == "targetObjectsOf")
            self._automaton.link(FOCUS, self._start_of(shape.term))
        return self._automaton.finish(tuple(self._refused), tuple(self._looking_up))

    def _start_of(self, term: str) -> int:
        """Return the state of the focus nodes of a shape."""
        if term not in self._starts:
            self._starts[term] = self._automaton.add_state()
            shape = self._shapes.read.shapes.get(term)
            if shape is not None and not shape.deactivated:
                self._follow_shape(shape, self._starts[term])
        return self._starts[term]

    def _follow_shape(self, shape: Shape, start: int) -> None:
        end = start if shape.path is None else self._automaton.add_path(shape.path, start)
        for position, constraint in enumerate(shape.constraints):
            component = constraint.component
            if component.start is not None:
                self._follow_query(shape, position, constraint, start, end)
            if component.reads == "everything":
                self._automaton.add_step(end, None)
            elif component.reads == "property":
                for value in constraint.values:
                    self._automaton.add_step(start, value)
            elif component.parameter == "class":
                self._automaton.add_step(end, RDF_TYPE)
            for inner in constraint.shapes:
                self._automaton.link(end, self._start_of(inner))

    def _follow_query(self, shape: Shape, position: int, constraint: Constraint, start: int, end: int) -> None:
        plan = self._shapes.queries.get((shape.term, position))
        if plan is None:
            return
        states = {"this": start} | ({"value": end} if plan.query.form == "ASK" else {})
        name = name_shape(self._shapes.read.index, shape.term)
        where = f"{name} / {'sh:sparql' if constraint.component.is_source else constraint.component.iri}"
        try:
            if follow_query(plan, states, self._automaton):
                self._looking_up[where] = None
        except UnboundedQueryError as error:
            hint = "connect each pattern with $this by variables of patterns that must match"
            self._refused.append(Problem(where, f"its query may look at any triple: {error}", hint, kind="reach"))
