"""Shape-based constraints: sh:node, sh:property, sh:qualifiedMinCount, sh:qualifiedMaxCount (SHACL, section 4.7).

https://www.w3.org/TR/shacl/#core-components-shape
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints.cardinality import too_few, too_many
from glocal_rdf.shacl.constraints.component import BOOLEAN, INTEGER, SHAPE, Component, Parameter
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.shacl.data_graph import Pairs
from glocal_rdf.shacl.terms import is_true, sh

if TYPE_CHECKING:
    from glocal_rdf.shacl.shapes.description import ShapeDescription

__all__ = ["COMPONENTS"]


def _node(context: ConstraintContext) -> pl.DataFrame:
    nonconforming = context.validation.nonconforming(context.constraint.value, context.values)
    return context.violations_of_values(nonconforming)


def _qualified(context: ConstraintContext) -> Pairs:
    """Return the pairs whose value conforms to the qualified shape, and to none of its sibling shapes."""
    siblings = context.constraint.further["siblings"]
    shapes = context.constraint.further["qualifiedValueShape"]
    values, own = context.values, len(shapes) - len(siblings)
    good = context.graph.mask(values)
    for shape in shapes[:own]:
        good &= ~context.graph.mask(context.validation.nonconforming(shape, values))
    if siblings:
        # All siblings share one count, so that many of them take no quadratic time.
        count = context.validation.count_conforming(tuple(sorted(shapes)), values)
        good &= context.graph.mask(values.filter(count == own))
    return context.pairs.filter(good[context.pairs.value])


def _read_qualified(shape: ShapeDescription, _: str) -> Mapping[str, tuple[str, ...]] | None:
    """Read the qualified shape and its sibling shapes; a count without a shape declares no constraint."""
    inner = shape.values("qualifiedValueShape")
    if not inner:
        return None
    siblings: set[str] = set()
    if any(map(is_true, shape.values("qualifiedValueShapesDisjoint"))):
        for parent in shape.index.subjects(sh("property"), shape.term):
            for prop in shape.index.values(parent, sh("property")):
                siblings.update(shape.index.values(prop, sh("qualifiedValueShape")))
    siblings.difference_update(inner)
    return {"qualifiedValueShape": (*inner, *sorted(siblings)), "siblings": tuple(sorted(siblings))}


_QUALIFIED_PARAMETERS = (
    Parameter("qualifiedValueShape", SHAPE, on_node_shapes=False),
    Parameter("qualifiedValueShapesDisjoint", BOOLEAN),
)

COMPONENTS = (
    Component(
        "node",
        "4.7.1",
        SHAPE,
        _node,
        translatable("{value} does not conform to {expected}"),
        single=False,
    ),
    # Its results are those of the property shape, so that it has no message; a node conforms as with sh:node.
    Component("property", "4.7.2", SHAPE, _node, single=False, nested=True),
    Component(
        "qualifiedMinCount",
        "4.7.3",
        INTEGER,
        lambda context: too_few(context, _qualified(context)),
        translatable("{path} has too few values of the required form, fewer than {expected}"),
        further=_QUALIFIED_PARAMETERS,
        read=_read_qualified,
    ),
    Component(
        "qualifiedMaxCount",
        "4.7.3",
        INTEGER,
        lambda context: too_many(context, _qualified(context)),
        translatable("{path} has too many values of the required form, more than {expected}"),
        further=_QUALIFIED_PARAMETERS,
        read=_read_qualified,
    ),
)
