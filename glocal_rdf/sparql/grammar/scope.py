"""Says which variables of a query are in scope, and refuses what the grammar's notes forbid (SPARQL 1.1, 18.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

from glocal_rdf.sparql.grammar import tree

__all__ = ["check_scope", "is_grouped", "mentioned", "visible_variables"]

Fail = Callable[[int, str], NoReturn]


def visible_variables(query: tree.Query) -> list[str]:
    """List the variables in scope where a query ends, each once, in the order in which they come in its text.

    For a query that is not a subquery, with `SELECT *`, these are what it gives (section 18.2.1).
    """
    names = _in_scope(query.where.elements) if query.where is not None else iter(())
    given = (variable.name for variable in query.values.variables) if query.values is not None else iter(())
    return list(dict.fromkeys((*names, *given)))


def mentioned(node: tree.Node) -> set[str]:
    """Name every variable that stands anywhere in a node."""
    return {part.name for part in tree.walk(node) if isinstance(part, tree.Var)}


def _in_scope(elements: Iterable[tree.Element]) -> Iterator[str]:
    for element in elements:
        yield from _of_element(element)


def _of_element(element: tree.Element) -> Iterator[str]:
    """Yield the variables that an element of a group brings into scope."""
    match element:
        case tree.Triples():
            yield from (part.name for part in tree.walk(element) if isinstance(part, tree.Var))
        case tree.Bind():
            yield element.variable.name
        case tree.Values():
            yield from (variable.name for variable in element.variables)
        case tree.SubSelect(query=query):
            yield from _selected(query)
        case tree.Union(groups=groups):
            for group in groups:
                yield from _in_scope(group.elements)
        case tree.Optional(group=group):
            yield from _in_scope(group.elements)
        case tree.Graph(name=name, group=group) | tree.Service(name=name, group=group):
            if isinstance(name, tree.Var):
                yield name.name
            yield from _in_scope(group.elements)
        case tree.Filter() | tree.Minus():
            return


def _selected(query: tree.Query) -> Iterator[str]:
    if query.star:
        yield from visible_variables(query)
    for item in query.selection:
        if isinstance(item, tree.Var):
            yield item.name
        elif isinstance(item, tree.Alias):
            yield item.variable.name


def check_scope(query: tree.Query, fail: Fail) -> None:
    """Refuse a variable that gets a second value, and a selection that GROUP BY does not allow (notes 12 and 13).

    Args:
        query: The query.
        fail: Raises the error for a position and what is wrong there.
    """
    for part in tree.walk(query):
        if isinstance(part, tree.Query):
            _check_selection(part, fail)
        elif isinstance(part, tree.Group):
            _check_binds(part, fail)


def _check_binds(group: tree.Group, fail: Fail) -> None:
    seen: set[str] = set()
    for element in group.elements:
        if isinstance(element, tree.Bind) and element.variable.name in seen:
            name = element.variable.name
            fail(element.variable.start, f"BIND gives ?{name} a value, which has one in this group already")
        seen.update(_of_element(element))


def _check_selection(query: tree.Query, fail: Fail) -> None:
    """Refuse a variable that is selected twice, or that GROUP BY does not allow."""
    grouped = is_grouped(query)
    known = set(visible_variables(query))
    if grouped and query.star and query.form == "SELECT":
        fail(query.start, "SELECT * cannot stand with GROUP BY or an aggregate")
    allowed = {
        item.variable.name if isinstance(item, tree.Alias) else getattr(item, "name", "") for item in query.group_by
    }
    for item in query.selection:
        if isinstance(item, tree.Alias):
            name = item.variable.name
            if name in known and not grouped:
                fail(item.variable.start, f"AS gives ?{name} a value, which has one already")
            for free in _free(item.expression):
                if grouped and query.form == "SELECT" and free.name not in allowed:
                    fail(free.start, f"?{free.name} is neither in GROUP BY nor in an aggregate")
            if name in allowed:
                fail(item.variable.start, f"AS gives ?{name} a value, which has one already")
            known.add(name)
            allowed.add(name)
        elif isinstance(item, tree.Var) and grouped and query.form == "SELECT" and item.name not in allowed:
            fail(item.start, f"?{item.name} is neither in GROUP BY nor in an aggregate")


def is_grouped(query: tree.Query) -> bool:
    """Return whether a query groups its solutions: by GROUP BY, or with an aggregate."""
    if query.group_by:
        return True
    expressions: list[tree.Node] = [item.expression for item in query.selection if isinstance(item, tree.Alias)]
    expressions += [*query.having, *(condition.expression for condition in query.order_by)]
    return bool(query.having) or any(_has_aggregate(expression) for expression in expressions)


def _has_aggregate(node: tree.Node) -> bool:
    if isinstance(node, tree.Aggregate):
        return True
    return not isinstance(node, tree.Exists) and any(_has_aggregate(part) for part in tree.children(node))


def _free(node: tree.Node) -> Iterator[tree.Var]:
    """Yield the variables of an expression that stand outside of aggregates and patterns."""
    if isinstance(node, tree.Var):
        yield node
    elif not isinstance(node, tree.Aggregate | tree.Exists):
        for part in tree.children(node):
            yield from _free(part)
