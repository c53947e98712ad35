"""Shapes built of shapes: sh:node, sh:not, sh:and, sh:or, sh:xone; and sh:closed (SHACL, sections 4.6 to 4.8)."""

from __future__ import annotations

import polars as pl

from glocal_rdf.shacl.data_graph import ids_of
from glocal_rdf.shacl.evaluation import Check, Scope, broken_by_value

__all__ = ["CHECKS"]


def _node(scope: Scope) -> pl.DataFrame:
    return broken_by_value(scope, scope.run.failing(scope.constraint.value, scope.values()))


def _not(scope: Scope) -> pl.DataFrame:
    values = scope.values()
    failing = scope.run.failing(scope.constraint.value, values)
    return broken_by_value(scope, values.filter(~scope.graph.bits(failing)[values]))


def _and(scope: Scope) -> pl.DataFrame:
    """Ask of each shape only the values that conform to those before."""
    left, bad = scope.values(), scope.graph.bits(ids_of(()))
    for term in scope.constraint.values:
        failing = scope.graph.bits(scope.run.failing(term, left))
        bad |= failing
        left = left.filter(~failing[left])
    return scope.pairs.keep(bad[scope.pairs.value]).frame


def _or(scope: Scope) -> pl.DataFrame:
    """Ask of each shape only the values that conform to none of those before."""
    left = scope.values()
    for term in scope.constraint.values:
        left = scope.run.failing(term, left)
    return broken_by_value(scope, left)


def _xone(scope: Scope) -> pl.DataFrame:
    """Count to how many shapes of the list each value conforms; a shape that stands twice counts twice."""
    values = scope.values()
    count = pl.Series([0]).new_from_index(0, len(values))
    for term in scope.constraint.values:
        count += (~scope.graph.bits(scope.run.failing(term, values))[values]).cast(pl.Int64)
    return broken_by_value(scope, values.filter(count != 1))


def _closed(scope: Scope) -> pl.DataFrame:
    """Find statements about a value node whose predicate is not allowed; that predicate is the result's path."""
    allowed = scope.graph.ids(scope.constraint.others["allowed"])
    statements = scope.graph.frame.filter(~pl.col("p").is_in(allowed.implode()))
    found = scope.pairs.frame.join(statements, left_on="value", right_on="s")
    return found.select("focus", value="o", path="p")


CHECKS: dict[str, Check] = {
    "node": _node,
    "not": _not,
    "and": _and,
    "or": _or,
    "xone": _xone,
    "closed": _closed,
}
