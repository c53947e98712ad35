"""Value range constraints: sh:minExclusive, sh:minInclusive, sh:maxExclusive, sh:maxInclusive (SHACL, section 4.3).

Values are compared as by the operators `<` and `<=` of SPARQL; a value that cannot be compared violates the constraint.

https://www.w3.org/TR/shacl/#core-components-range
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints.component import LITERAL, Component
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.xsd.ordering import compare, keys_of

__all__ = ["COMPONENTS"]


def _above(context: ConstraintContext, *, or_equal: bool) -> pl.DataFrame:
    return _compare(context, lambda bounds, values: compare(bounds, values, or_equal=or_equal))


def _below(context: ConstraintContext, *, or_equal: bool) -> pl.DataFrame:
    return _compare(context, lambda bounds, values: compare(values, bounds, or_equal=or_equal))


def _compare(context: ConstraintContext, holds: Callable[[pl.DataFrame, pl.DataFrame], pl.Series]) -> pl.DataFrame:
    """Return the pairs whose value does not hold against the bound, both as keys to compare."""
    bound = keys_of(pl.Series([context.constraint.value]))

    def holds_for(terms: pl.Series) -> pl.Series:
        bounds = pl.DataFrame([key.new_from_index(0, len(terms)) for key in bound])
        return holds(bounds, keys_of(terms))

    return context.violations_unless(holds_for)


COMPONENTS = (
    Component(
        "minExclusive",
        "4.3.1",
        LITERAL,
        lambda context: _above(context, or_equal=False),
        translatable("{value} is not greater than {expected}"),
    ),
    Component(
        "minInclusive",
        "4.3.2",
        LITERAL,
        lambda context: _above(context, or_equal=True),
        translatable("{value} is not at least {expected}"),
    ),
    Component(
        "maxExclusive",
        "4.3.3",
        LITERAL,
        lambda context: _below(context, or_equal=False),
        translatable("{value} is not less than {expected}"),
    ),
    Component(
        "maxInclusive",
        "4.3.4",
        LITERAL,
        lambda context: _below(context, or_equal=True),
        translatable("{value} is not at most {expected}"),
    ),
)
