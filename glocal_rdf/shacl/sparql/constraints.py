"""The checks of SPARQL-based constraints and of components with SPARQL validators (SHACL, sections 5 and 6).

Each query is run once for all focus nodes: they are put in a graph of the store, and every group of the query that
mentions a pre-bound variable is joined with them (`prebinding`). Only then is Oxigraph loaded.

https://www.w3.org/TR/shacl/#sparql-constraints
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints.component import ANY_TERM, Component, ValueRule
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.shacl.data_graph import ID
from glocal_rdf.shacl.sparql.prebinding import fill_template
from glocal_rdf.shacl.terms import is_blank, is_literal, is_true, lexical, text_of

if TYPE_CHECKING:
    from glocal_rdf.shacl.shapes.description import ShapeDescription
    from glocal_rdf.shacl.sparql.query_plans import QueryPlan
    from glocal_rdf.shacl.sparql.store import QueryRow

__all__ = ["COMPONENTS", "CUSTOM"]

_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "focus": ID,
    "value": pl.String,
    "as_path": pl.String,
    "messages": pl.List(pl.Struct({"text": pl.String, "lang": pl.String})),
}


def _start(context: ConstraintContext) -> Callable[[], pl.DataFrame]:
    """Start the query of a constraint, and return what waits for the rows that violate it."""
    plan = context.validation.queries.get((context.shape.term, context.index))
    if plan is None or context.focus.is_empty():
        return lambda: _frame([])
    value = context.constraint.value
    where = f"{context.where} / {plan.query.form}" + ("" if is_blank(value) else f" of {value}")
    if plan.query.form == "ASK":
        return partial(_rows_of_ask, context, plan, where)
    pending = context.validation.store.select(plan, context.graph, context.focus, where)
    return lambda: _frame([_row_of_solution(context, plan, solution, where) for solution in pending()])


def _rows_of_ask(context: ConstraintContext, plan: QueryPlan, where: str) -> pl.DataFrame:
    """Return the value nodes for which an ASK query is false (SHACL, section 6.2.3)."""
    if not len(context.pairs):
        return _frame([])
    pairs = context.pairs.frame
    good = context.validation.store.ask(plan, context.graph, pairs, where)
    bad = pairs.join(good, on=good.columns, how="anti")
    if not plan.messages:
        return bad
    text = context.graph.text
    return _frame(
        [
            {"focus": focus, "value": value, "messages": _messages(plan, {"this": this, "value": value})}
            for focus, value, this in zip(bad["focus"], text(bad["value"]), text(bad["focus"]), strict=True)
        ]
    )


def _row_of_solution(context: ConstraintContext, plan: QueryPlan, row: QueryRow, where: str) -> dict[str, object]:
    """Return the violation for a solution of a SELECT query (SHACL, section 5.3.2)."""
    if is_true(row.values.get("failure", "")):
        what = f"its query reports a failure for {row.values.get('this', '')}"
        raise ShapesError.at(where, what, "see what binds ?failure in the query")
    path = row.values.get("path")
    value = row.values.get("value")
    if value is None and context.shape.path is None:
        value = row.this
    return {
        "focus": row.focus,
        "value": value,
        "as_path": path if path is not None and path.startswith("<") else None,
        "messages": _messages(plan, row.values),
    }


def _messages(plan: QueryPlan, values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the message that a solution has, or those of the author with the values filled in (section 5.3.2)."""
    found = values.get("message")
    texts = (found,) if found and is_literal(found) else plan.messages
    if not texts:
        return []
    names = {**plan.names, **{k: lexical(v) for k, v in values.items()}}
    pairs = (text_of(t) for t in texts if is_literal(t))
    return [{"text": fill_template(text, names), "lang": lang} for text, lang in pairs]


def _frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_COLUMNS)


def _read(shape: ShapeDescription, node: str) -> Mapping[str, tuple[str, ...]] | None:
    return None if shape.calls_function(node) else {}


COMPONENTS = (
    Component(
        "sparql",
        "5.1",
        ValueRule("a constraint", "describe it with sh:select", lambda term: not is_literal(term)),
        message=translatable("{value} violates a constraint written in SPARQL"),
        single=False,
        read=_read,
        start=_start,
        shows_value=False,
        is_source=True,
    ),
)

CUSTOM = Component("custom", "6", ANY_TERM, single=False, start=_start)
"""What every component has in common that a shapes graph declares; it gets the IRI that is declared."""
