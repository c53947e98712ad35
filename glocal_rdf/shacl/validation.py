"""Validates data against shapes: the one door of this engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from glocal_rdf.shacl.graph import Graph
from glocal_rdf.shacl.nodes import Nodes
from glocal_rdf.shacl.report import Result, ValidationReport
from glocal_rdf.shacl.shapes import Shape, ShapesGraph, read_shapes
from glocal_rdf.shacl.targets import focus_nodes
from glocal_rdf.triples import Triples

__all__ = ["validate"]

Engine = Literal["columns", "pyshacl"]


def validate(
    data: Triples,
    shapes: Triples,
    *,
    ontology: Triples | None = None,
    engine: Engine = "pyshacl",
    max_results: int | None = None,
) -> ValidationReport:
    """Validate `data` against `shapes` (SHACL, section 3).

    Of `ontology` the class hierarchy (rdfs:subClassOf) is used; what it says of other things is not validated.
    `engine` is `columns`, ours, or `pyshacl`, the second opinion. At most `max_results` results are listed; the
    report's `total` and `conforms` count them all. `owl:imports` is not followed.

    Raises ShapesError where the shapes are malformed, recursive, or use what is neither SHACL Core nor SHACL-SPARQL.
    """
    shapes_graph = read_shapes(Nodes(shapes))
    graph = Graph(data, _constants(shapes_graph), _predicates(shapes_graph), ontology)
    reached = {s.term: len(focus_nodes(graph, s)) for s in shapes_graph.targeted if not s.deactivated}
    from glocal_rdf.shacl.pyshacl_engine import find_results  # noqa: PLC0415 - slow to import

    conforms, results = find_results(data, shapes, ontology)
    return _report(shapes_graph, conforms, results, reached, max_results, engine)


def _report(  # noqa: PLR0917
    shapes: ShapesGraph,
    conforms: bool,
    results: Iterable[Result],
    reached: dict[str, int],
    max_results: int | None,
    engine: str,
) -> ValidationReport:
    every = sorted(results, key=lambda r: (r.shape, r.component, str(r.path or ""), r.focus, r.value or ""))
    return ValidationReport(
        conforms=conforms,
        results=tuple(_complete(r, shapes.shapes.get(r.shape)) for r in every[:max_results]),
        reached=reached,
        shapes=shapes.describe(),
        total=len(every),
        engine=engine,
    )


def _complete(result: Result, shape: Shape | None) -> Result:
    """Add what another engine does not tell: the author's messages in their languages, and the parameter."""
    if shape is None:
        return result
    asked = dict.fromkeys(c.expected for c in shape.constraints if c.component == result.component)
    messages = result.messages if result.constraint else shape.messages
    return replace(result, expected=" / ".join(asked), messages=messages)


def _constants(shapes: ShapesGraph) -> set[str]:
    """Gather every term of the shapes that may be asked of the data."""
    out: set[str] = set()
    for shape in shapes.shapes.values():
        out.update(term for _, term in shape.targets)
        if shape.path is not None:
            out.update(shape.path.predicates)
        for constraint in shape.constraints:
            out.update(constraint.values)
            for values in constraint.others.values():
                out.update(values)
    return out


def _predicates(shapes: ShapesGraph) -> set[str] | None:
    """Gather every predicate that the shapes look at; none stands for all."""
    out: set[str] = set()
    for shape in shapes.shapes.values():
        out.update(term for _, term in shape.targets)
        if shape.path is not None:
            out.update(shape.path.predicates)
        for constraint in shape.constraints:
            if constraint.name == "closed":
                return None
            out.update(constraint.values)
    return out
