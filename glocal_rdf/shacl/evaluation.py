"""Carries out shapes on a graph, each shape once for all its focus nodes together (SHACL, sections 3.4 and 3.6).

1. Shapes are put in order, so that a shape comes after those that have it as `sh:property`.
2. Each shape gets its focus nodes: its targets, and the value nodes of the shapes that have it as `sh:property`, with
   the number of times it is reached, since each time is a result of its own.
3. Its value nodes are found by its path, and each constraint picks out the pairs of focus node and value that break it.
4. Whether nodes conform to a shape that another refers to (`sh:node`, `sh:not`, …) is found in the same way, and
   remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.shacl.data_graph import ID, Graph, Pairs, ids_of
from glocal_rdf.shacl.shapes.reader import Constraint, Shape, ShapesGraph
from glocal_rdf.shacl.shapes.targets import focus_nodes

if TYPE_CHECKING:
    from glocal_rdf.shacl.sparql.constraints import Prepared
    from glocal_rdf.shacl.sparql.store import Store

__all__ = ["FINDINGS", "Begin", "Check", "Finding", "Run", "Scope", "broken_by_value", "findings"]

FINDINGS = {"focus": ID, "value": ID}
_NOTHING = pl.DataFrame(schema=FINDINGS)
_MANY = 2**40


@dataclass(frozen=True)
class Scope:
    """What one constraint looks at: a shape's focus nodes and their value nodes."""

    run: Run
    shape: Shape
    constraint: Constraint
    focus: pl.Series
    pairs: Pairs
    values: Callable[[], pl.Series]

    @property
    def graph(self) -> Graph:
        """The data graph."""
        return self.run.graph

    @property
    def where(self) -> str:
        """The shape as a reader knows it: by its IRI, or by that of the shape which it is a part of, and its path."""
        described = self.run.shapes.described
        term, seen = self.shape.term, set[str]()
        while term.startswith("_:") and term not in seen:
            seen.add(term)
            term = described[term].parent or term
        path = f" / {self.shape.path}" if self.shape.path and term != self.shape.term else ""
        return f"{term}{path}"

    def none(self) -> pl.DataFrame:
        """Give the answer that nothing is broken."""
        return _NOTHING

    def without_value(self, focus: pl.Series) -> pl.DataFrame:
        """Give an answer that names focus nodes alone."""
        if focus.is_empty():
            return _NOTHING
        return pl.DataFrame({"focus": focus, "value": pl.Series([None], dtype=ID).new_from_index(0, len(focus))})


Check = Callable[[Scope], pl.DataFrame]
"""Finds what breaks a constraint: rows of `focus` and `value` (null where there is none).

Further columns are a matter of the constraint: `path`, a predicate in place of the shape's path; `message`.
"""

Begin = Callable[[Scope], Callable[[], pl.DataFrame]]
"""Begins a check that takes its time; what it gives waits for the rows."""


@dataclass(frozen=True)
class Finding:
    """The rows that break one constraint of one shape; `times` says how often each counts."""

    shape: Shape
    constraint: Constraint
    rows: pl.DataFrame


@dataclass
class Run:
    """One validation: the graph, the shapes, and what is known so far of which nodes conform to what."""

    graph: Graph
    shapes: ShapesGraph
    checks: Mapping[str, Check]
    slow: Mapping[str, Begin]
    queries: Mapping[tuple[str, int], Prepared]
    store: Store
    _known: dict[str, tuple[pl.Series, pl.Series]] = field(default_factory=dict)
    _counted: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def targets(self) -> dict[str, pl.Series]:
        """Give the focus nodes of every shape that has a target and is not deactivated."""
        return {s.term: focus_nodes(self.graph, s) for s in self.shapes.targeted if not s.deactivated}

    def failing(self, term: str, nodes: pl.Series) -> pl.Series:
        """Give those of `nodes` (each once) that do not conform to the shape `term`."""
        checked, failed = self._known.get(term, (ids_of(()), ids_of(())))
        fresh = nodes if checked.is_empty() else nodes.filter(~self.graph.bits(checked)[nodes])
        if len(fresh):
            found = self._find_failing(self.shapes.shapes[term], fresh)
            checked, failed = pl.concat([checked, fresh]), pl.concat([failed, found])
            self._known[term] = checked, failed
            if len(checked) == len(nodes):
                return failed
        return nodes.filter(self.graph.bits(failed)[nodes])

    def count_conforming(self, terms: tuple[str, ...], nodes: pl.Series) -> pl.Series:
        """Count for each of `nodes` (each once) to how many of the shapes `terms` it conforms."""
        asked = nodes.rename("node").to_frame()
        known = self._counted.get(terms)
        fresh = asked if known is None else asked.join(known, on="node", how="anti")
        if known is None or fresh.height:
            new, count = fresh["node"], pl.Series([0]).new_from_index(0, fresh.height)
            for term in terms:
                count += (~self.graph.bits(self.failing(term, new))[new]).cast(pl.Int64)
            found = fresh.with_columns(count=count)
            known = found if known is None else pl.concat([known, found])
            self._counted[terms] = known
        return asked.join(known, on="node", how="left", maintain_order="left")["count"]

    def _find_failing(self, shape: Shape, nodes: pl.Series) -> pl.Series:
        failed = ids_of(())
        for scope in self.scopes(shape, nodes):
            if scope.constraint.name == "property":
                rows = broken_by_value(scope, self.failing(scope.constraint.value, scope.values()))
            else:
                rows = self.checks[scope.constraint.name](scope)
            if rows.height:
                failed = pl.concat([failed, rows["focus"]])
        return self.graph.distinct(failed)

    def scopes(self, shape: Shape, focus: pl.Series) -> Iterator[Scope]:
        """Give each constraint of a shape with what it looks at."""
        if shape.deactivated or not shape.constraints or focus.is_empty():
            return
        focus = focus.rename("focus")
        own = Pairs(focus, focus.rename("value"))
        pairs = own if shape.path is None else self.graph.walk(shape.path, focus)
        found: list[pl.Series] = []

        def values() -> pl.Series:
            if not found:
                found.append(pairs.value if shape.path is None else self.graph.distinct(pairs.value))
            return found[0]

        for constraint in shape.constraints:
            yield Scope(self, shape, constraint, focus, pairs, values)


def broken_by_value(scope: Scope, bad: pl.Series) -> pl.DataFrame:
    """Give the pairs whose value is one of `bad`."""
    if bad.is_empty():
        return scope.none()
    return scope.pairs.keep(scope.graph.bits(bad)[scope.pairs.value]).frame


def findings(run: Run) -> Iterator[Finding]:
    """Validate every targeted shape, and the property shapes that they lead to."""
    waiting: dict[str, list[pl.DataFrame]] = {}
    begun: list[tuple[Scope, Callable[[], pl.DataFrame], pl.DataFrame]] = []
    for term, nodes in run.targets.items():
        waiting.setdefault(term, []).append(nodes.rename("focus").to_frame().with_columns(times=pl.lit(1, pl.Int64)))
    for shape in _in_order(run.shapes):
        reached = waiting.pop(shape.term, [])
        if not reached:
            continue
        times = reached[0]
        if len(reached) > 1:
            times = pl.concat(reached).group_by("focus").agg(pl.col("times").sum().clip(upper_bound=_MANY))
        for scope in run.scopes(shape, times["focus"]):
            if scope.constraint.name == "property":
                inner = times if shape.path is None else _times_of_values(scope.pairs, times)
                waiting.setdefault(scope.constraint.value, []).append(inner)
                continue
            if scope.constraint.name in run.slow:
                begun.append((scope, run.slow[scope.constraint.name](scope), times))
                continue
            rows = run.checks[scope.constraint.name](scope)
            if rows.height:
                yield Finding(shape, scope.constraint, rows.join(times, on="focus", maintain_order="left"))
    for scope, finish, times in begun:
        rows = finish()
        if rows.height:
            yield Finding(scope.shape, scope.constraint, rows.join(times, on="focus", maintain_order="left"))


def _times_of_values(pairs: Pairs, times: pl.DataFrame) -> pl.DataFrame:
    counted = pairs.frame.join(times, on="focus").group_by("value").agg(pl.col("times").sum().clip(upper_bound=_MANY))
    return counted.rename({"value": "focus"})


def _in_order(shapes: ShapesGraph) -> list[Shape]:
    """Order shapes so that each comes after every shape that has it as sh:property; there are no circles."""
    before: dict[str, int] = dict.fromkeys(shapes.shapes, 0)
    for shape in shapes.shapes.values():
        for constraint in shape.constraints:
            if constraint.name == "property":
                before[constraint.value] += 1
    ready = sorted((t for t, n in before.items() if not n), reverse=True)
    out: list[Shape] = []
    while ready:
        shape = shapes.shapes[ready.pop()]
        out.append(shape)
        for constraint in shape.constraints:
            if constraint.name == "property":
                before[constraint.value] -= 1
                if not before[constraint.value]:
                    ready.append(constraint.value)
    return out
