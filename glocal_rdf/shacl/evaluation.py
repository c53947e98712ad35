"""Evaluates shapes on a graph, each shape once for all its focus nodes together (SHACL, sections 3.4 and 3.6).

1. Shapes are put in order, so that a shape comes after those that have it as `sh:property`.
2. Each shape gets its focus nodes: its targets, and the value nodes of the shapes that have it as `sh:property`, with
   the number of ways that lead to each, since each way is a result of its own.
3. Its path is evaluated, and each constraint selects the pairs of focus node and value node that violate it.
4. Checks that run in another process are started, and their rows fetched when all others are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from glocal_rdf.shacl.context import ConstraintContext, ValidationContext
from glocal_rdf.shacl.data_graph import Pairs
from glocal_rdf.shacl.shapes.model import Shape, ShapesGraph

__all__ = ["Violations", "evaluate"]

MAX_TIMES = 2**40
_ONCE = pl.Series([1], dtype=pl.Int64)


@dataclass(frozen=True)
class Violations:
    """What violates one constraint of one shape.

    Attributes:
        shape: The shape.
        index: The position of the constraint in the shape.
        rows: The rows of the check, and `times`: how many results each is.
    """

    shape: Shape
    index: int
    rows: pl.DataFrame


def evaluate(validation: ValidationContext) -> Iterator[Violations]:
    """Validate the targets of every shape, and the value nodes of their property shapes.

    https://www.w3.org/TR/shacl/#validation-definition
    """
    focus_of: dict[str, list[pl.DataFrame]] = {}
    started: list[tuple[ConstraintContext, Callable[[], pl.DataFrame], pl.DataFrame]] = []
    for term, nodes in validation.targets.items():
        focus_of.setdefault(term, []).append(
            pl.DataFrame({"focus": nodes, "times": _ONCE.new_from_index(0, len(nodes))})
        )
    for shape in _in_order(validation.shapes):
        parts = focus_of.pop(shape.term, [])
        if not parts:
            continue
        times = parts[0]
        if len(parts) > 1:
            times = pl.concat(parts).group_by("focus").agg(pl.col("times").sum().clip(upper_bound=MAX_TIMES))
        for context in validation.constraints(shape, times["focus"]):
            component = context.constraint.component
            if component.nested:
                inner = times if shape.path is None else _times_of_values(context.pairs, times)
                focus_of.setdefault(context.constraint.value, []).append(inner)
            elif component.start is not None:
                started.append((context, component.start(context), times))
            else:
                yield from _violations(context, component.violations(context), times)
    for context, finish, times in started:
        yield from _violations(context, finish(), times)


def _violations(context: ConstraintContext, rows: pl.DataFrame, times: pl.DataFrame) -> Iterator[Violations]:
    if rows.height:
        counted = rows.join(times, on="focus", maintain_order="left")
        yield Violations(context.shape, context.index, counted)


def _times_of_values(pairs: Pairs, times: pl.DataFrame) -> pl.DataFrame:
    """Return the value nodes as `focus`, with the sum of the `times` of the focus nodes that lead to each."""
    counted = pairs.frame.join(times, on="focus").group_by("value")
    return counted.agg(pl.col("times").sum().clip(upper_bound=MAX_TIMES)).rename({"value": "focus"})


def _in_order(shapes: ShapesGraph) -> list[Shape]:
    """Return the shapes so that each comes after every shape that has it as sh:property; there are no cycles."""
    nested = {s.term: [c.value for c in s.constraints if c.component.nested] for s in shapes.shapes.values()}
    waiting = dict.fromkeys(shapes.shapes, 0)
    for inner in nested.values():
        for term in inner:
            waiting[term] += 1
    ready = sorted((t for t, n in waiting.items() if not n), reverse=True)
    out: list[Shape] = []
    while ready:
        shape = ready.pop()
        out.append(shapes.shapes[shape])
        for term in nested[shape]:
            waiting[term] -= 1
            if not waiting[term]:
                ready.append(term)
    return out
