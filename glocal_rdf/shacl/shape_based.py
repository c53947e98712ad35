"""Shapes built of shapes: sh:node, sh:not, sh:and, sh:or, sh:xone; and sh:closed (SHACL, sections 4.6 to 4.8)."""

from __future__ import annotations

import polars as pl

from glocal_rdf.shacl.evaluation import Check, Scope, broken_by_value

__all__ = ["CHECKS"]


def _node(scope: Scope) -> pl.DataFrame:
    return broken_by_value(scope, scope.run.failing(scope.constraint.value, scope.values()))


def _not(scope: Scope) -> pl.DataFrame:
    values = scope.values()
    failing = scope.run.failing(scope.constraint.value, values)
    return broken_by_value(scope, values.filter(~values.is_in(failing.implode())))


def _fewest(scope: Scope) -> pl.DataFrame:
    """Count to how many shapes of the list each value conforms; a shape that stands twice counts twice."""
    values = scope.values()
    frame = values.to_frame("value").with_columns(conforms=pl.lit(0, pl.Int64))
    for term in scope.constraint.values:
        failing = scope.run.failing(term, values).implode()
        frame = frame.with_columns(conforms=pl.col("conforms") + (~pl.col("value").is_in(failing)).cast(pl.Int64))
    count = pl.col("conforms")
    holds = {"and": count == len(scope.constraint.values), "or": count > 0, "xone": count == 1}[scope.constraint.name]
    return broken_by_value(scope, frame.filter(~holds)["value"])


def _closed(scope: Scope) -> pl.DataFrame:
    """Find statements about a value node whose predicate is not allowed; that predicate is the result's path."""
    allowed = scope.graph.ids(scope.constraint.others["allowed"])
    statements = scope.graph.frame.filter(~pl.col("p").is_in(allowed.implode()))
    found = scope.pairs.join(statements, left_on="value", right_on="s")
    return found.select("focus", value="o", path="p")


CHECKS: dict[str, Check] = {
    "node": _node,
    "not": _not,
    "and": _fewest,
    "or": _fewest,
    "xone": _fewest,
    "closed": _closed,
}
