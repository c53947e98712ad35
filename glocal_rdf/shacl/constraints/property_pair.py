"""Values of one property against those of another: sh:equals, sh:disjoint, sh:lessThan (SHACL, section 4.5)."""

from __future__ import annotations

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.data_graph import MOST_PAIRS, Pairs
from glocal_rdf.shacl.evaluation import Check, Scope
from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.xsd.ordering import compare, keys_of

__all__ = ["CHECKS"]


def _others(scope: Scope) -> Pairs:
    return scope.graph.walk(Path("predicate", scope.constraint.value), scope.focus)


def _equals(scope: Scope) -> pl.DataFrame:
    other, own = _others(scope).frame, scope.pairs.frame
    here = own.join(other, on=["focus", "value"], how="anti")
    there = other.join(own, on=["focus", "value"], how="anti")
    return pl.concat([here, there])


def _disjoint(scope: Scope) -> pl.DataFrame:
    others = _others(scope)
    shared = scope.pairs.keep(scope.graph.bits(others.value)[scope.pairs.value])
    return shared.frame.join(others.frame, on=["focus", "value"], how="semi") if len(shared) else scope.none()


def _less_than(scope: Scope) -> pl.DataFrame:
    """Compare every value with every value of the other property; each pair that fails is a result."""
    pairs, others = scope.pairs.frame, _others(scope).frame.rename({"value": "other"})
    counted = pairs.group_by("focus").len("here").join(others.group_by("focus").len("there"), on="focus")
    if int(counted.select((pl.col("here").cast(pl.Int64) * pl.col("there")).sum()).item()) > MOST_PAIRS:
        raise ShapesError.at(
            scope.where,
            f"it compares more than {MOST_PAIRS:,} pairs of values",
            "bound the number of values first",
        )
    both = pairs.join(others, on="focus")
    if both.is_empty():
        return scope.none()
    values = pl.concat([both["value"], both["other"].rename("value")]).unique()
    keys = pl.concat([values.to_frame("value"), keys_of(scope.graph.text(values))], how="horizontal")
    left = both.select("value").join(keys, on="value", how="left", maintain_order="left").drop("value")
    right = both.select(value="other").join(keys, on="value", how="left", maintain_order="left").drop("value")
    holds = compare(left, right, or_equal=scope.constraint.name == "lessThanOrEquals")
    return both.filter(~holds).select("focus", "value")


CHECKS: dict[str, Check] = {
    "equals": _equals,
    "disjoint": _disjoint,
    "lessThan": _less_than,
    "lessThanOrEquals": _less_than,
}
