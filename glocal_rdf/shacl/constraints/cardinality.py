"""Cardinality constraints: sh:minCount, sh:maxCount (SHACL, section 4.2).

https://www.w3.org/TR/shacl/#core-components-count
"""

from __future__ import annotations

import polars as pl

from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints.component import INTEGER, Component
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.shacl.data_graph import Pairs

__all__ = ["COMPONENTS", "too_few", "too_many"]


def too_few(context: ConstraintContext, pairs: Pairs) -> pl.DataFrame:
    """Return the focus nodes that have fewer pairs than the constraint's number."""
    least = context.constraint.number
    if least <= 0:
        return context.no_violations()
    enough = pairs.focus
    if least > 1:
        enough = pairs.frame.group_by("focus").len().filter(pl.col("len") >= least)["focus"]
    return context.violations_of_focus(context.focus.filter(~context.graph.mask(enough)[context.focus]))


def too_many(context: ConstraintContext, pairs: Pairs) -> pl.DataFrame:
    """Return the focus nodes that have more pairs than the constraint's number."""
    most = context.constraint.number
    # Where each focus node stands once, none has two values.
    if len(pairs) <= most or (most > 0 and context.graph.mask(pairs.focus).sum() == len(pairs)):
        return context.no_violations()
    return context.violations_of_focus(pairs.frame.group_by("focus").len().filter(pl.col("len") > most)["focus"])


COMPONENTS = (
    Component(
        "minCount",
        "4.2.1",
        INTEGER,
        lambda context: too_few(context, context.pairs),
        translatable("{path} has too few values, fewer than {expected}"),
        on_node_shapes=False,
    ),
    Component(
        "maxCount",
        "4.2.2",
        INTEGER,
        lambda context: too_many(context, context.pairs),
        translatable("{path} has too many values, more than {expected}"),
        on_node_shapes=False,
    ),
)
