"""Property pair constraints: sh:equals, sh:disjoint, sh:lessThan, sh:lessThanOrEquals (SHACL, section 4.5).

https://www.w3.org/TR/shacl/#core-components-property-pairs
"""

from __future__ import annotations

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints.component import IRI, Component
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.shacl.data_graph import MAX_PAIRS, Pairs
from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.xsd.ordering import compare, keys_of

__all__ = ["COMPONENTS"]


def _other_values(context: ConstraintContext) -> Pairs:
    return context.graph.evaluate_path(Path("predicate", context.constraint.value), context.focus)


def _equals(context: ConstraintContext) -> pl.DataFrame:
    other, own = _other_values(context).frame, context.pairs.frame
    here = own.join(other, on=["focus", "value"], how="anti")
    there = other.join(own, on=["focus", "value"], how="anti")
    return pl.concat([here, there])


def _disjoint(context: ConstraintContext) -> pl.DataFrame:
    others = _other_values(context)
    shared = context.pairs.filter(context.graph.mask(others.value)[context.pairs.value])
    if not len(shared):
        return context.no_violations()
    return shared.frame.join(others.frame, on=["focus", "value"], how="semi")


def _less_than(context: ConstraintContext, *, or_equal: bool) -> pl.DataFrame:
    """Compare every value with every value of the other property; each pair that does not hold is a result."""
    pairs, others = context.pairs.frame, _other_values(context).frame.rename({"value": "other"})
    counted = pairs.group_by("focus").len("here").join(others.group_by("focus").len("there"), on="focus")
    if int(counted.select((pl.col("here").cast(pl.Int64) * pl.col("there")).sum()).item()) > MAX_PAIRS:
        raise ShapesError.at(
            context.where,
            f"its sh:{context.constraint.component.parameter} compares more than {MAX_PAIRS:,} pairs of values",
            "limit the number of values with sh:maxCount first",
        )
    both = pairs.join(others, on="focus")
    if both.is_empty():
        return context.no_violations()
    values = pl.concat([both["value"], both["other"].rename("value")]).unique()
    keys = pl.concat([values.to_frame("value"), keys_of(context.graph.text(values))], how="horizontal")
    left = both.select("value").join(keys, on="value", how="left", maintain_order="left").drop("value")
    right = both.select(value="other").join(keys, on="value", how="left", maintain_order="left").drop("value")
    return both.filter(~compare(left, right, or_equal=or_equal)).select("focus", "value")


COMPONENTS = (
    Component(
        "equals",
        "4.5.1",
        IRI,
        _equals,
        translatable("{path} and {expected} must have the same values; only one of them has {value}"),
        single=False,
        reads="property",
    ),
    Component(
        "disjoint",
        "4.5.2",
        IRI,
        _disjoint,
        translatable("{value} must not also be a value of {expected}"),
        single=False,
        reads="property",
    ),
    Component(
        "lessThan",
        "4.5.3",
        IRI,
        lambda context: _less_than(context, or_equal=False),
        translatable("{value} is not less than every value of {expected}"),
        single=False,
        on_node_shapes=False,
        reads="property",
    ),
    Component(
        "lessThanOrEquals",
        "4.5.4",
        IRI,
        lambda context: _less_than(context, or_equal=True),
        translatable("{value} is greater than a value of {expected}"),
        single=False,
        on_node_shapes=False,
        reads="property",
    ),
)
