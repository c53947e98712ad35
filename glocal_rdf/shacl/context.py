"""What a check works on: the validation with what it knows so far, and one constraint with its value nodes.

Whether nodes conform to a shape that another one refers to (`sh:node`, `sh:not`, …) is found out in the same way as
for a shape with a target, for all nodes at once, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.shacl.data_graph import ID, EncodedGraph, Pairs, ids_of
from glocal_rdf.shacl.shapes.model import Constraint, Shape, ShapesGraph
from glocal_rdf.shacl.shapes.targets import focus_nodes

if TYPE_CHECKING:
    from glocal_rdf.shacl.sparql.query_plans import QueryPlan
    from glocal_rdf.shacl.sparql.store import SparqlStore

__all__ = ["ConstraintContext", "ValidationContext", "ValueNodes"]

_NO_VIOLATIONS = pl.DataFrame(schema={"focus": ID, "value": ID})


class ValueNodes:
    """The value nodes of a shape's focus nodes (SHACL, section 2.1.3): pairs of both, and each value once."""

    def __init__(self, graph: EncodedGraph, shape: Shape, focus: pl.Series) -> None:
        """Evaluate the shape's path; the value node of a node shape is the focus node itself."""
        self._graph = graph
        self._same = shape.path is None
        self.pairs = (
            Pairs(focus, focus.rename("value")) if shape.path is None else graph.evaluate_path(shape.path, focus)
        )

    @cached_property
    def distinct(self) -> pl.Series:
        """Each value node once."""
        return self.pairs.value if self._same else self._graph.distinct(self.pairs.value)


@dataclass(frozen=True)
class ConstraintContext:
    """What one constraint is checked on.

    Attributes:
        validation: The validation that the check is a part of.
        shape: The shape that has the constraint.
        constraint: The constraint.
        index: Its position in the shape's constraints.
        focus: The focus nodes, each once.
        nodes: Their value nodes.
    """

    validation: ValidationContext
    shape: Shape
    constraint: Constraint
    index: int
    focus: pl.Series
    nodes: ValueNodes

    @property
    def graph(self) -> EncodedGraph:
        """The data graph."""
        return self.validation.graph

    @property
    def pairs(self) -> Pairs:
        """The pairs of focus node and value node."""
        return self.nodes.pairs

    @property
    def values(self) -> pl.Series:
        """Each value node once."""
        return self.nodes.distinct

    @property
    def where(self) -> str:
        """The shape's IRI for messages, or that of the shape that it is a part of, with its path."""
        named = self.validation.shapes.named_shape(self.shape.term)
        return f"{named} / {self.shape.path}" if self.shape.path and named != self.shape.term else named

    def no_violations(self) -> pl.DataFrame:
        """Return the frame without a row."""
        return _NO_VIOLATIONS

    def violations_of_focus(self, focus: pl.Series) -> pl.DataFrame:
        """Return the violations of focus nodes, without a value."""
        if focus.is_empty():
            return _NO_VIOLATIONS
        return pl.DataFrame({"focus": focus, "value": pl.Series([None], dtype=ID).new_from_index(0, len(focus))})

    def violations_of_values(self, values: pl.Series) -> pl.DataFrame:
        """Return the pairs whose value node is one of `values`."""
        if values.is_empty():
            return _NO_VIOLATIONS
        return self.pairs.filter(self.graph.mask(values)[self.pairs.value]).frame

    def violations_where(self, mask: pl.Series) -> pl.DataFrame:
        """Return the pairs that a mask, with a boolean for each pair, selects."""
        return self.pairs.filter(mask).frame if mask.any() else _NO_VIOLATIONS

    def violations_unless(self, holds: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
        """Return the pairs whose value does not pass a test, which is made once for each distinct value.

        Args:
            holds: Returns for the terms of the distinct values, in their order, whether each passes; null is no pass.
        """
        if self.values.is_empty():
            return _NO_VIOLATIONS
        good = holds(self.graph.text(self.values))
        if good.all(ignore_nulls=False):
            return _NO_VIOLATIONS
        return self.violations_of_values(self.values.filter(~good.fill_null(value=False)))


@dataclass
class ValidationContext:
    """One validation: the graph, the shapes, and the nodes of which it is known whether they conform.

    Attributes:
        graph: The data graph.
        shapes: The shapes.
        queries: The queries of SPARQL-based constraints, by shape and position of the constraint.
        store: The store that these queries run on.
    """

    graph: EncodedGraph
    shapes: ShapesGraph
    queries: Mapping[tuple[str, int], QueryPlan]
    store: SparqlStore
    _known: dict[str, tuple[pl.Series, pl.Series]] = field(default_factory=dict)
    _counted: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def targets(self) -> dict[str, pl.Series]:
        """The focus nodes of every shape that has a target and is not deactivated, by shape."""
        return {s.term: focus_nodes(self.graph, s) for s in self.shapes.targeted if not s.deactivated}

    def nonconforming(self, shape: str, nodes: pl.Series) -> pl.Series:
        """Return those of `nodes` (each once) that do not conform to a shape."""
        known = self._known.get(shape)
        if known is None:
            failed = self._find_nonconforming(self.shapes.shapes[shape], nodes)
            if shape not in self.shapes.reused:
                return failed
            self._known[shape] = self.graph.mask(nodes), self.graph.mask(failed)
            return failed
        checked, fails = known
        fresh = nodes.filter(~checked[nodes])
        if len(fresh):
            fails |= self.graph.mask(self._find_nonconforming(self.shapes.shapes[shape], fresh))
            self._known[shape] = checked | self.graph.mask(fresh), fails
        return nodes.filter(fails[nodes])

    def count_conforming(self, shapes: tuple[str, ...], nodes: pl.Series) -> pl.Series:
        """Return for each of `nodes` (each once) the number of the shapes that it conforms to."""
        wanted = nodes.rename("node").to_frame()
        known = self._counted.get(shapes)
        fresh = wanted if known is None else wanted.join(known, on="node", how="anti")
        if known is None or fresh.height:
            new, count = fresh["node"], pl.Series([0]).new_from_index(0, fresh.height)
            for shape in shapes:
                count += (~self.graph.mask(self.nonconforming(shape, new))[new]).cast(pl.Int64)
            found = fresh.with_columns(count=count)
            known = found if known is None else pl.concat([known, found])
            self._counted[shapes] = known
        return wanted.join(known, on="node", how="left", maintain_order="left")["count"]

    def _find_nonconforming(self, shape: Shape, nodes: pl.Series) -> pl.Series:
        failed = ids_of(())
        for context in self.constraints(shape, nodes):
            if shape.path is None and len(failed):
                # One violation is enough: what has one need not be checked on, and the values are the focus nodes.
                left = nodes.filter(~self.graph.mask(failed)[nodes]).rename("focus")
                if left.is_empty():
                    break
                context = replace(context, focus=left, nodes=ValueNodes(self.graph, shape, left))  # noqa: PLW2901
            rows = context.constraint.component.violations(context)
            if rows.height:
                failed = pl.concat([failed, rows["focus"]])
        return self.graph.distinct(failed)

    def constraints(self, shape: Shape, focus: pl.Series) -> Iterator[ConstraintContext]:
        """Yield each constraint of a shape with what it is checked on; none where the shape is deactivated."""
        if shape.deactivated or not shape.constraints or focus.is_empty():
            return
        focus = focus.rename("focus")
        nodes = ValueNodes(self.graph, shape, focus)
        for index, constraint in enumerate(shape.constraints):
            yield ConstraintContext(self, shape, constraint, index, focus, nodes)
