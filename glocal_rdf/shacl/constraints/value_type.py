"""Value type constraints: sh:class, sh:datatype, sh:nodeKind (SHACL, section 4.1).

https://www.w3.org/TR/shacl/#core-components-value-type
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import polars as pl

from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints.component import IRI, NODE_KIND, Component
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.shacl.terms import shacl_name
from glocal_rdf.xsd.datatypes import is_well_typed

__all__ = ["COMPONENTS"]


def _class(context: ConstraintContext) -> pl.DataFrame:
    graph = context.graph
    return context.violations_where(~graph.mask(graph.instances(context.constraint.value))[context.pairs.value])


def _datatype(context: ConstraintContext) -> pl.DataFrame:
    return context.violations_unless(lambda terms: is_well_typed(terms, context.constraint.value))


def _node_kind(context: ConstraintContext) -> pl.DataFrame:
    allowed = shacl_name(context.constraint.value).lower()
    iri, blank = (mask[context.pairs.value] for mask in (context.graph.iris, context.graph.blanks))
    kinds = {"iri": iri, "blanknode": blank, "literal": ~(iri | blank)}
    return context.violations_where(reduce(or_, (mask for kind, mask in kinds.items() if kind not in allowed)))


COMPONENTS = (
    Component(
        "class",
        "4.1.1",
        IRI,
        _class,
        translatable("{value} is not a {expected}"),
        single=False,
    ),
    Component(
        "datatype",
        "4.1.2",
        IRI,
        _datatype,
        translatable("{value} is not a valid {expected}"),
    ),
    Component(
        "nodeKind",
        "4.1.3",
        NODE_KIND,
        _node_kind,
        translatable("{value} is not a {expected}"),
    ),
)
