"""Counts of values: sh:minCount, sh:maxCount, and the qualified counts (SHACL, sections 4.2 and 4.7.3)."""

from __future__ import annotations

import polars as pl

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


def _qualified(scope: Scope) -> pl.DataFrame:
    """Keep the pairs whose value conforms to the qualified shape, and to none of its siblings."""
    siblings = scope.constraint.others["siblings"]
    shapes = scope.constraint.others["qualifiedValueShape"]
    values = scope.values()
    good = values.to_frame("value")
    for term in shapes[: len(shapes) - len(siblings)]:
        good = good.join(scope.run.failing(term, values).to_frame("value"), on="value", how="anti")
    for term in siblings:
        failing = scope.run.failing(term, values)
        good = good.join(failing.to_frame("value"), on="value", how="semi")
    return scope.pairs.join(good, on="value", how="semi")


def _too_few(scope: Scope, pairs: pl.DataFrame, least: int) -> pl.DataFrame:
    if least <= 0:
        return scope.none()
    enough = pairs if least == 1 else pairs.group_by("focus").len().filter(pl.col("len") >= least)
    lacking = scope.focus.to_frame("focus").join(enough, on="focus", how="anti")
    return scope.without_value(lacking["focus"])


def _too_many(scope: Scope, pairs: pl.DataFrame, most: int) -> pl.DataFrame:
    if pairs.height <= most:
        return scope.none()
    return scope.without_value(pairs.group_by("focus").len().filter(pl.col("len") > most)["focus"])


CHECKS: dict[str, Check] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "qualifiedMinCount": _qualified_min,
    "qualifiedMaxCount": _qualified_max,
}
