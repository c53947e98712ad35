"""Evaluates the groups of a query: patterns, OPTIONAL, UNION, VALUES, BIND, and filters.

Each part is joined with the solutions so far. By the specification a group in braces is evaluated by itself and joined
afterwards: where that could make a difference (a filter in it that names a variable from outside, an OPTIONAL in it)
the store evaluates the query. Within EXISTS the values of the solution outside stand everywhere, so it makes none.

https://www.w3.org/TR/sparql11-query/#sparqlAlgebra
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from glocal_rdf.lazy import pl
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.scope import mentioned
from glocal_rdf.sparql.joins.expressions import Conditions
from glocal_rdf.sparql.joins.graphs import TermGraph
from glocal_rdf.sparql.joins.patterns import Pattern, PatternMatcher, keep_rows, list_patterns
from glocal_rdf.sparql.joins.unsupported import UnsupportedError
from glocal_rdf.triples.terms import literal

__all__ = ["JoinEngine"]

_THIS = "this"
_ROW = "#row"
_SMALL = 5_000
"""Up to how many rows a condition is evaluated for each, and not once for each combination of values."""


class JoinEngine:
    """Evaluates queries on one graph."""

    def __init__(self, graph: TermGraph, prebound: frozenset[str] = frozenset()) -> None:
        """Take the graph.

        Args:
            graph: The graph.
            prebound: The variables that have their value in every group.
        """
        self._prebound = prebound
        self._patterns = PatternMatcher(graph)
        self._conditions = Conditions(graph, self._exists)
        self._graph = graph
        self._names = count()

    def solve(self, query: tree.Query, focus: pl.Series) -> pl.DataFrame:
        """Return the solutions of a SELECT query that `fits_joins`.

        Args:
            query: The query.
            focus: The focus nodes, each once, as values of the graph.

        Returns:
            The column `this` of the focus nodes, as values of the graph, and one for each variable that is selected
            besides: terms, null where there is no value.

        Raises:
            UnsupportedError: The query, or a value that it meets, needs the store.
        """
        if query.where is None:
            raise UnsupportedError
        needed = frozenset({_THIS}).union(*map(mentioned, query.selection)) if query.distinct else None
        rows = self._group(query.where, focus.rename(_THIS).to_frame(), needed, inside=False)
        columns = [rows[_THIS]]
        for item in query.selection:
            if isinstance(item, tree.Alias):
                columns.append(self._conditions.bind(item.expression, rows).rename(item.variable.name))
            elif isinstance(item, tree.Var) and item.name != _THIS:
                columns.append(self._conditions.bind(item, rows).rename(item.name))
        found = pl.DataFrame(columns)
        if query.distinct:
            found = found.unique(maintain_order=True)
        if found.is_empty():
            return found
        return found.with_columns(self._write(found[name]).alias(name) for name in found.columns if name != _THIS)

    def construct(self, query: tree.Query) -> pl.DataFrame:
        """Return what a CONSTRUCT query that `fits_construction` makes, each triple at least once.

        Args:
            query: The query.

        Returns:
            The columns `subject`, `predicate` and `object`. What is not a triple, as it has a literal as subject, is
            left out.

        Raises:
            UnsupportedError: A value that the query meets needs the store.
        """
        if query.where is None or query.template is None:
            raise UnsupportedError
        needed = frozenset(mentioned(query.template))
        rows = self._group(query.where, pl.DataFrame({_ROW: [0]}), needed, inside=False)
        made = []
        for triple in query.template.triples:
            parts = (triple.subject, triple.predicate, triple.object)
            columns = [self._write(self._conditions.bind(part, rows)) for part in parts]
            frame = pl.DataFrame(columns, schema=["subject", "predicate", "object"]).drop_nulls()
            subject, predicate = pl.col("subject"), pl.col("predicate")
            made.append(frame.filter(~subject.str.starts_with('"') & predicate.str.starts_with("<")))
        return pl.concat(made)

    def _write(self, values: pl.Series) -> pl.Series:
        """Write terms, and texts that were computed, as terms."""
        if values.dtype == self._graph.kind:
            return self._graph.text(values)
        return values.to_frame("text").select(literal(pl.col("text")).alias(values.name)).to_series()

    def _group(
        self, group: tree.Group, rows: pl.DataFrame, needed: frozenset[str] | None, *, inside: bool
    ) -> pl.DataFrame:
        """Join solutions with those of a group.

        Args:
            group: The group.
            rows: The solutions outside of it.
            needed: The variables whose values are needed outside, where it makes no difference how many solutions have
                the same; None where it does, as each solution is a result.
            inside: Whether it is within EXISTS.
        """
        if rows.is_empty():
            return rows
        filters = [c for e in group.elements if isinstance(e, tree.Filter) for c in _conjuncts(e.condition)]
        waiting = _Filters(filters, frozenset(_in_scope(group)) | frozenset(rows.columns))
        rows = self._filter(waiting, rows)
        patterns: list[Pattern] = []
        for at, element in enumerate(group.elements):
            if isinstance(element, tree.Triples):
                patterns += list_patterns(element.triples, self._names)
            elif not isinstance(element, tree.Filter):
                rows = self._match(patterns, waiting, rows, _add_mentioned(needed, filters, group.elements[at:]))
                patterns = []
                if rows.is_empty():
                    return rows
                others = _add_mentioned(needed, (*group.elements[:at], *group.elements[at + 1 :]))
                rows = self._filter(waiting, self._element(element, rows, others, inside=inside))
        rows = self._match(patterns, waiting, rows, _add_mentioned(needed, filters))
        return self._filter(waiting, rows, last=True)

    def _match(
        self, patterns: list[Pattern], waiting: _Filters, rows: pl.DataFrame, needed: frozenset[str] | None
    ) -> pl.DataFrame:
        left = list(patterns)
        while left and not rows.is_empty():
            chosen, local = self._patterns.choose(left, rows, needed)
            left = [one for one in left if one not in chosen]
            rows = self._filter(waiting, self._patterns.join(rows, chosen, local))
        return rows

    def _element(
        self, element: tree.Element, rows: pl.DataFrame, needed: frozenset[str] | None, *, inside: bool
    ) -> pl.DataFrame:
        match element:
            case tree.Optional(group=group):
                return self._optional(group, rows, needed, inside=inside)
            case tree.Union(groups=groups):
                for group in groups:
                    if not inside:
                        _check_alone(group, self._prebound)
                return _unite([self._group(group, rows, needed, inside=inside) for group in groups])
            case tree.Bind(expression=expression, variable=variable):
                if variable.name in rows.columns:
                    raise UnsupportedError
                return rows.with_columns(self._conditions.bind(expression, rows).alias(variable.name))
            case tree.Values():
                return self._patterns.join_values(rows, element)
        raise UnsupportedError

    def _optional(
        self, group: tree.Group, rows: pl.DataFrame, needed: frozenset[str] | None, *, inside: bool
    ) -> pl.DataFrame:
        """Extend each solution by those of a group, and keep it as it is where there are none."""
        row = f"{_ROW}{next(self._names)}"
        numbered = rows.with_row_index(row)
        found = self._group(group, numbered, needed, inside=inside)
        added = [name for name in found.columns if name not in numbered.columns]
        return numbered.join(found.select(row, *added), on=row, how="left", maintain_order="left").drop(row)

    def _exists(self, group: tree.Group, rows: pl.DataFrame) -> pl.Series:
        """Return for each row whether a group has a solution with its values."""
        if rows.is_empty():
            return pl.Series([], dtype=pl.Boolean)
        shared = sorted(mentioned(group) & set(rows.columns))
        if any(rows[name].null_count() for name in shared):
            raise UnsupportedError
        if not shared:
            there = self._group(group, pl.DataFrame({_ROW: [0]}), frozenset(), inside=True).height > 0
            return pl.Series([there]).new_from_index(0, rows.height)
        seeds = rows.select(shared).unique()
        found = self._group(group, seeds, frozenset(shared), inside=True)
        if found.is_empty():
            return pl.Series([False]).new_from_index(0, rows.height)
        known = found.select(*shared, found=pl.lit(value=True)).unique()
        joined = rows.select(shared).join(known, on=shared, how="left", maintain_order="left")
        return joined["found"].is_not_null()

    def _filter(self, waiting: _Filters, rows: pl.DataFrame, *, last: bool = False) -> pl.DataFrame:
        """Apply the filters whose variables have values in every row; all, where the group is at its end."""
        if rows.is_empty():
            return rows
        bound = frozenset(name for name in rows.columns if not rows[name].null_count())
        for condition in waiting.take(bound, every=last):
            names = sorted(mentioned(condition) & set(rows.columns))
            if not names or rows.height <= _SMALL or self._graph.kind == pl.String:
                rows = keep_rows(rows, self._conditions.holds(condition, rows))
                continue
            distinct = rows.select(names).unique()
            keep = self._conditions.holds(condition, distinct)
            if keep.sum() < len(keep):
                rows = rows.join(
                    keep_rows(distinct, keep), on=names, how="semi", nulls_equal=True, maintain_order="left"
                )
        return rows


class _Filters:
    """The filters of a group that have not been applied yet."""

    def __init__(self, conditions: list[tree.Node], scope: frozenset[str]) -> None:
        self._left = [(condition, frozenset(mentioned(condition)) & scope) for condition in conditions]

    def take(self, bound: frozenset[str], *, every: bool) -> list[tree.Node]:
        """Return, and forget, the filters whose variables are bound."""
        ready = [condition for condition, needed in self._left if every or needed <= bound]
        self._left = [] if every else [one for one in self._left if not one[1] <= bound]
        return ready


def _conjuncts(condition: tree.Node) -> Iterator[tree.Node]:
    """Yield the conditions that have to hold together."""
    if isinstance(condition, tree.Operation) and set(condition.operators) == {"&&"}:
        for operand in condition.operands:
            yield from _conjuncts(operand)
    else:
        yield condition


def _add_mentioned(needed: frozenset[str] | None, *nodes: Iterable[tree.Node]) -> frozenset[str] | None:
    """Return what is needed, with the variables that nodes mention."""
    return None if needed is None else needed.union(*(mentioned(node) for those in nodes for node in those))


def _in_scope(group: tree.Group) -> Iterator[str]:
    """Yield the variables that a group gives values to."""
    for element in group.elements:
        match element:
            case tree.Triples():
                yield from mentioned(element)
            case tree.Bind(variable=variable):
                yield variable.name
            case tree.Values(variables=variables):
                yield from (variable.name for variable in variables)
            case tree.Optional(group=inner):
                yield from _in_scope(inner)
            case tree.Union(groups=groups):
                for inner in groups:
                    yield from _in_scope(inner)


def _unite(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the solutions of several groups.

    Raises:
        UnsupportedError: A variable has terms in one of them, and texts that were computed in another.
    """
    kinds: dict[str, pl.DataType] = {}
    for part in parts:
        for name, kind in part.schema.items():
            if kinds.setdefault(name, kind) != kind:
                raise UnsupportedError
    return pl.concat(parts, how="diagonal")


def _check_alone(group: tree.Group, prebound: frozenset[str]) -> None:
    """Check that a group in braces has the same solutions by itself as with those outside.

    Raises:
        UnsupportedError: It has an OPTIONAL, or names a variable in a filter or BIND that only the outside binds.
    """
    own = {*_in_scope(group), *prebound}
    for element in group.elements:
        if isinstance(element, tree.Optional) or (
            isinstance(element, tree.Filter | tree.Bind) and not mentioned(element) <= own
        ):
            raise UnsupportedError
        if isinstance(element, tree.Union):
            for inner in element.groups:
                _check_alone(inner, prebound)
