"""Logical constraints: sh:not, sh:and, sh:or, sh:xone (SHACL, section 4.6).

https://www.w3.org/TR/shacl/#core-components-logical
"""

from __future__ import annotations

import polars as pl

from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints.component import SHAPE, Component, list_of
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.shacl.data_graph import ids_of

__all__ = ["COMPONENTS"]


def _not(context: ConstraintContext) -> pl.DataFrame:
    values = context.values
    nonconforming = context.validation.nonconforming(context.constraint.value, values)
    return context.violations_of_values(values.filter(~context.graph.mask(nonconforming)[values]))


def _and(context: ConstraintContext) -> pl.DataFrame:
    """Check with each shape only the values that conform to those before it."""
    left, bad = context.values, context.graph.mask(ids_of(()))
    for shape in context.constraint.values:
        nonconforming = context.graph.mask(context.validation.nonconforming(shape, left))
        bad |= nonconforming
        left = left.filter(~nonconforming[left])
    return context.pairs.filter(bad[context.pairs.value]).frame


def _or(context: ConstraintContext) -> pl.DataFrame:
    """Check with each shape only the values that conform to none of those before it."""
    left = context.values
    for shape in context.constraint.values:
        if left.is_empty():
            break
        left = context.validation.nonconforming(shape, left)
    return context.violations_of_values(left)


def _xone(context: ConstraintContext) -> pl.DataFrame:
    """Count the shapes of the list that each value conforms to; a shape that is listed twice counts twice."""
    values = context.values
    count = pl.Series([0]).new_from_index(0, len(values))
    for shape in context.constraint.values:
        nonconforming = context.validation.nonconforming(shape, values)
        count += (~context.graph.mask(nonconforming)[values]).cast(pl.Int64)
    return context.violations_of_values(values.filter(count != 1))


COMPONENTS = (
    Component(
        "not",
        "4.6.1",
        SHAPE,
        _not,
        translatable("{value} must not conform to {expected}"),
        single=False,
    ),
    Component(
        "and",
        "4.6.2",
        list_of(SHAPE),
        _and,
        translatable("{value} does not conform to all of {expected}"),
        single=False,
    ),
    Component(
        "or",
        "4.6.3",
        list_of(SHAPE),
        _or,
        translatable("{value} conforms to none of {expected}"),
        single=False,
    ),
    Component(
        "xone",
        "4.6.4",
        list_of(SHAPE),
        _xone,
        translatable("{value} does not conform to exactly one of {expected}"),
        single=False,
    ),
)
