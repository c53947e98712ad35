"""Finds out whether a query is one that joins can evaluate, and which terms of the data it names.

That is a SELECT or CONSTRUCT without aggregates, subqueries and named graphs, whose expressions compare terms and
texts. What depends on the values that are met is decided when they are (`UnsupportedError`).
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.joins.patterns import write_term

__all__ = ["FUNCTIONS", "fits_construction", "fits_joins", "named_terms"]

FUNCTIONS: Final = frozenset(
    {"BOUND", "COALESCE", "CONCAT", "CONTAINS", "ISBLANK", "ISIRI", "ISLITERAL", "ISNUMERIC", "ISURI", "LANG", "LCASE"}
    | {"REGEX", "REPLACE", "STR", "STRAFTER", "STRBEFORE", "STRENDS", "STRSTARTS", "UCASE"}
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
    tree.Values,
    tree.Var,
)


def fits_joins(query: tree.Query) -> bool:
    """Return whether joins may evaluate a query that is evaluated for all focus nodes at once.

    Args:
        query: The query.
    """
    if query.form != "SELECT" or query.star or query.distinct == "REDUCED" or not _has_only_groups(query):
        return False
    return all(map(_is_selectable, query.selection)) and all(
        _fits(node) for item in query.selection for node in tree.walk(item)
    )


def fits_construction(query: tree.Query) -> bool:
    """Return whether joins may evaluate a query that makes triples of its variables and of IRIs.

    Args:
        query: The query.
    """
    if query.form != "CONSTRUCT" or query.template is None or query.dataset or not _has_only_groups(query):
        return False
    if query.limit is not None or query.offset is not None:
        return False
    return all(
        isinstance(part, tree.Var | tree.Iri)
        for triple in query.template.triples
        for part in (triple.subject, triple.predicate, triple.object)
    )


def _has_only_groups(query: tree.Query) -> bool:
    """Return whether the solutions of a query are those of its group, which joins may evaluate."""
    if query.where is None or query.group_by or query.having or query.order_by or query.values is not None:
        return False
    return all(map(_fits, tree.walk(query.where)))


def _is_selectable(item: tree.Node) -> bool:
    return isinstance(item, tree.Var) or (
        isinstance(item, tree.Alias) and isinstance(item.expression, tree.Var | tree.Iri)
    )


def _fits(node: tree.Node) -> bool:
    match node:
        case tree.Call(function=str(name)):
            return name in FUNCTIONS
        case tree.Triple():
            # Tags of languages are the same whatever their case, so that the store compares them.
            tagged = isinstance(node.object, tree.Literal) and bool(node.object.language)
            return not isinstance(node.subject, tree.Literal) and not tagged
        case tree.Bind(expression=expression):
            return isinstance(expression, tree.Var | tree.Iri | tree.Call)
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
    """Return the IRIs that a query names, and the literals in its patterns, as terms.

    Args:
        query: The query.
    """
    nodes = list(tree.walk(query))
    objects = [node.object for node in nodes if isinstance(node, tree.Triple)]
    return frozenset(
        [write_term(node) for node in nodes if isinstance(node, tree.Iri)]
        + [write_term(node) for node in objects if isinstance(node, tree.Literal)]
    )
