"""Finds out whether a query is one that joins can evaluate, and which terms of the data it names.

That is a SELECT without aggregates, subqueries and named graphs, whose expressions compare terms and texts. What
depends on the values that are met is decided when they are (`UnsupportedError`).
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.sparql.grammar import tree

__all__ = ["FUNCTIONS", "fits_joins", "named_terms"]

FUNCTIONS: Final = frozenset(
    {"BOUND", "CONCAT", "CONTAINS", "ISBLANK", "ISIRI", "ISLITERAL", "ISURI", "LANG", "STR", "STRAFTER", "STRENDS"}
    | {"STRBEFORE", "STRSTARTS"}
)
"""The built-in functions that are evaluated on columns."""

_NODES: Final = (
    tree.Alias,
    tree.Bind,
    tree.BlankNode,
    tree.Exists,
    tree.Filter,
    tree.Group,
    tree.Iri,
    tree.Literal,
    tree.Operation,
    tree.Optional,
    tree.Path,
    tree.Triple,
    tree.Triples,
    tree.Unary,
    tree.Union,
    tree.Var,
)


def fits_joins(query: tree.Query) -> bool:
    """Return whether joins may evaluate a query that is evaluated for all focus nodes at once.

    Args:
        query: The query.
    """
    if query.form != "SELECT" or query.star or query.where is None or query.distinct == "REDUCED":
        return False
    if query.group_by or query.having or query.order_by or query.values is not None:
        return False
    return all(map(_is_selectable, query.selection)) and all(
        _fits(node) for part in (*query.selection, query.where) for node in tree.walk(part)
    )


def _is_selectable(item: tree.Node) -> bool:
    return isinstance(item, tree.Var) or (
        isinstance(item, tree.Alias) and isinstance(item.expression, tree.Var | tree.Iri)
    )


def _fits(node: tree.Node) -> bool:
    match node:
        case tree.Call(function=str(name)):
            return name in FUNCTIONS
        case tree.Triple():
            return not isinstance(node.subject, tree.Literal) and not isinstance(node.object, tree.Literal)
        case tree.Bind(expression=expression):
            return isinstance(expression, tree.Var)
        case tree.Path(operator=operator):
            return operator != "!"
        case tree.Unary(operator=operator):
            return operator == "!"
        case tree.Union(lateral=lateral):
            return not lateral
        case tree.Group(elements=elements):
            nested = [one for one in elements if isinstance(one, tree.Optional)]
            return not any(isinstance(inner, tree.Optional) for one in nested for inner in tree.walk(one.group))
    return isinstance(node, _NODES)


def named_terms(query: tree.Query) -> frozenset[str]:
    """Return the IRIs that a query names, as terms.

    Args:
        query: The query.
    """
    return frozenset(f"<{node.value}>" for node in tree.walk(query) if isinstance(node, tree.Iri))
