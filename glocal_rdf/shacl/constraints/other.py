"""Other constraints: sh:closed, sh:hasValue, sh:in (SHACL, section 4.8).

https://www.w3.org/TR/shacl/#core-components-others
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints.component import ANY_TERM, BOOLEAN, IRI, Component, Parameter, list_of
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.shacl.terms import is_iri, is_literal, is_true, lexical, sh
from glocal_rdf.spelling import within_one_edit

if TYPE_CHECKING:
    from glocal_rdf.shacl.shapes.description import ShapeDescription
    from glocal_rdf.shacl.shapes.model import Constraint

__all__ = ["COMPONENTS"]

MAX_CHOICES = 1_000
"""The number of members of sh:in up to which a misspelt value is compared with each."""


def _closed(context: ConstraintContext) -> pl.DataFrame:
    """Find triples of a value node whose predicate is not allowed; that predicate is the result's path."""
    allowed = context.graph.ids(context.constraint.further["allowed"])
    statements = context.graph.frame.filter(~pl.col("p").is_in(allowed.implode()))
    found = context.pairs.frame.join(statements, left_on="value", right_on="s")
    return found.select("focus", value="o", path="p")


def _read_allowed(shape: ShapeDescription, closed: str) -> Mapping[str, tuple[str, ...]] | None:
    """Read the predicates that a closed shape allows: the paths of its property shapes, and sh:ignoredProperties."""
    if not is_true(closed):
        return None
    found = [path for inner in shape.values("property") for path in shape.index.values(inner, sh("path"))]
    for head in shape.values("ignoredProperties"):
        found.extend(shape.members(head))
    return {"allowed": tuple(sorted({term for term in found if is_iri(term)}))}


def _has_value(context: ConstraintContext) -> pl.DataFrame:
    wanted = context.graph.id(context.constraint.value)
    having = context.pairs.focus.filter(context.pairs.value == wanted)
    return context.violations_of_focus(context.focus.filter(~context.graph.mask(having)[context.focus]))


def _in(context: ConstraintContext) -> pl.DataFrame:
    members = context.graph.ids(context.constraint.values)
    return context.violations_where(~context.graph.mask(members)[context.pairs.value])


def _suggest_member(value: str, constraint: Constraint) -> str | None:
    """Suggest the only member of the list that is of the same kind as a value and one edit away from it."""
    if len(constraint.values) > MAX_CHOICES:
        return None
    near = [
        member
        for member in constraint.values
        if _are_same_kind(value, member) and within_one_edit(lexical(value), lexical(member))
    ]
    return near[0] if len(near) == 1 else None


def _are_same_kind(value: str, member: str) -> bool:
    """Return whether two terms are both IRIs, or literals of one datatype and language."""
    if is_literal(value) and is_literal(member):
        return value[value.rindex('"') :] == member[member.rindex('"') :]
    return is_iri(value) and is_iri(member)


COMPONENTS = (
    Component(
        "closed",
        "4.8.1",
        BOOLEAN,
        _closed,
        translatable("{path} is not allowed here; its value is {value}"),
        further=(Parameter("ignoredProperties", list_of(IRI)),),
        read=_read_allowed,
        shows_value=False,
        reads="everything",
    ),
    Component(
        "hasValue",
        "4.8.2",
        ANY_TERM,
        _has_value,
        translatable("{path} lacks the value {expected}"),
        single=False,
    ),
    Component(
        "in",
        "4.8.3",
        list_of(ANY_TERM),
        _in,
        translatable("{value} is not one of {expected}"),
        suggest=_suggest_member,
    ),
)
