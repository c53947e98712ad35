"""Counts of values: sh:minCount, sh:maxCount, and the qualified counts (SHACL, sections 4.2 and 4.7.3)."""

from __future__ import annotations

import polars as pl

from glocal_rdf.shacl.data_graph import Pairs
from glocal_rdf.shacl.evaluation import Check, Scope

__all__ = ["CHECKS"]


def _min_count(scope: Scope) -> pl.DataFrame:
    return _too_few(scope, scope.pairs, scope.constraint.number)


def _max_count(scope: Scope) -> pl.DataFrame:
    return _too_many(scope, scope.pairs, scope.constraint.number)


def _qualified_min(scope: Scope) -> pl.DataFrame:
    return _too_few(scope, _qualified(scope), scope.constraint.number)


def _qualified_max(scope: Scope) -> pl.DataFrame:
    return _too_many(scope, _qualified(scope), scope.constraint.number)


def _qualified(scope: Scope) -> Pairs:
    """Keep the pairs whose value conforms to the qualified shape, and to none of its siblings."""
    siblings = scope.constraint.others["siblings"]
    shapes = scope.constraint.others["qualifiedValueShape"]
    values, own = scope.values(), len(shapes) - len(siblings)
    good = scope.graph.bits(values)
    for term in shapes[:own]:
        good &= ~scope.graph.bits(scope.run.failing(term, values))
    if siblings:
        # All siblings share one count, so that many of them take no quadratic time.
        good &= scope.graph.bits(values.filter(scope.run.count_conforming(tuple(sorted(shapes)), values) == own))
    return scope.pairs.keep(good[scope.pairs.value])


def _too_few(scope: Scope, pairs: Pairs, least: int) -> pl.DataFrame:
    if least <= 0:
        return scope.none()
    enough = pairs.focus
    if least > 1:
        enough = pairs.frame.group_by("focus").len().filter(pl.col("len") >= least)["focus"]
    return scope.without_value(scope.focus.filter(~scope.graph.bits(enough)[scope.focus]))


def _too_many(scope: Scope, pairs: Pairs, most: int) -> pl.DataFrame:
    # Where each focus node stands once, none has two values.
    if len(pairs) <= most or (most > 0 and scope.graph.bits(pairs.focus).sum() == len(pairs)):
        return scope.none()
    return scope.without_value(pairs.frame.group_by("focus").len().filter(pl.col("len") > most)["focus"])


CHECKS: dict[str, Check] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "qualifiedMinCount": _qualified_min,
    "qualifiedMaxCount": _qualified_max,
}
