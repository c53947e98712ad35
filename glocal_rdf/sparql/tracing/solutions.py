"""Finds, for each row of an answer, the solutions behind it, and the triples that each solution rests on.

1. The query is asked again, with all variables of its pattern (`patterns`) and without DISTINCT, LIMIT and ORDER, for
   the values of the rows alone.
2. A row rests on the solutions that have its values; with GROUP BY or an aggregate, on all solutions of its group.
   Where several rows are alike and none was left out by DISTINCT, each has one solution.
3. The triple patterns with the values of a solution are its triples. Subqueries and EXISTS are traced in the same way,
   for the values that the solutions have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from glocal_rdf.errors import QueryError
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import selected_variables
from glocal_rdf.sparql.grammar.scope import is_grouped
from glocal_rdf.sparql.tracing.patterns import Child, Pattern, Scope, write

__all__ = ["Edge", "Match", "Row", "Solution", "Tracer"]

Row = tuple[str | None, ...]
Edge = tuple[str, str, str, str]
"""Subject, predicate, object and graph of a triple; the graph is empty for the default graph."""

Evaluate = Callable[[str], list[Row]]
FindWays = Callable[[tree.Path, str, Iterable[tuple[str, str]]], Mapping[tuple[str, str], tuple[Edge, ...]]]

MAX_VALUES = 2_000
"""How many rows a query is restricted to at most; more are asked without restriction."""


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A triple pattern with the triples that it matched: one, or the edges of a path."""

    pattern: Pattern
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A solution of a scope.

    Attributes:
        scope: The scope.
        bindings: The values of its variables, as terms.
        matches: Its triple patterns with their triples.
        parts: The solutions of subqueries and EXISTS that it rests on.
    """

    scope: Scope
    bindings: Mapping[str, str]
    matches: tuple[Match, ...]
    parts: tuple[Solution, ...]


class Tracer:
    """Finds solutions in one graph, or in one dataset."""

    def __init__(self, evaluate: Evaluate, find_ways: FindWays) -> None:
        """Keep what a query is evaluated with.

        Args:
            evaluate: Evaluates a SELECT query, and returns its rows.
            find_ways: Returns the edges of a path that repeats, in a graph, by the nodes that they join.
        """
        self._evaluate = evaluate
        self._find_ways = find_ways

    def rows(self, scope: Scope, variables: Sequence[str], rows: Sequence[Row]) -> list[tuple[Solution, ...]]:
        """Return the solutions behind each row of a query or subquery.

        Args:
            scope: The scope of the query.
            variables: The variables of the rows.
            rows: The rows of the answer.

        Raises:
            QueryError: Where the solutions of a row cannot be found again.
        """
        query = scope.query
        if query is None or not rows:
            return [() for _ in rows]
        named, keys = self._find_keys(query, scope, variables, rows)
        wanted = [key for found in keys for key in found]
        by_key: dict[Row, list[Mapping[str, str]]] = defaultdict(list)
        for key, bindings in self._solutions(scope, named, wanted):
            by_key[key].append(bindings)
        single = not is_grouped(query) and not query.distinct
        taken: dict[Row, int] = defaultdict(int)
        chosen: list[list[Mapping[str, str]]] = []
        for row, found in zip(rows, keys, strict=True):
            behind = [bindings for key in found for bindings in by_key.get(key, ())]
            if not behind and not (is_grouped(query) and not query.group_by):
                shown = " ".join(f"?{name}={value}" for name, value in zip(variables, row, strict=True))
                raise QueryError.at(
                    "query", f"the solutions behind a row cannot be found again: {shown[:200]}", "simplify the query"
                )
            if single:
                behind = [behind[taken[row] % len(behind)]]
                taken[row] += 1
            chosen.append(behind)
        finished = iter(self._finish(scope, [bindings for behind in chosen for bindings in behind]))
        return [tuple(next(finished) for _ in behind) for behind in chosen]

    def _find_keys(
        self, query: tree.Query, scope: Scope, variables: Sequence[str], rows: Sequence[Row]
    ) -> tuple[list[tuple[str, str]], list[list[Row]]]:
        """Say by which values the solutions of a row are found.

        Args:
            query: The query.
            scope: Its scope.
            variables: The variables of the rows.
            rows: The rows.

        Returns:
            The names of the values with the expressions that give them (empty for a variable of the pattern), and for
            each row its values; a row may stand for several groups.
        """
        if not is_grouped(query):
            written = {
                item.variable.name: write(item.expression, query.text)
                for item in query.selection
                if isinstance(item, tree.Alias)
            }
            return [(name, written.get(name, "")) for name in variables], [[row] for row in rows]
        named = []
        for number, item in enumerate(query.group_by):
            if isinstance(item, tree.Var):
                named.append((item.name, ""))
            elif isinstance(item, tree.Alias):
                named.append((item.variable.name, write(item.expression, query.text)))
            else:
                named.append((f"{_free_prefix(scope)}key{number}", write(item, query.text)))
        places = {name: at for at, name in enumerate(variables)}
        if all(name in places for name, _ in named):
            return named, [[tuple(row[places[name]] for name, _ in named)] for row in rows]
        # The groups of a row are found by asking for their keys too.
        items = [write(item, query.text) for item in query.selection]
        groups = " ".join(f"({text} AS ?{name})" if text else f"?{name}" for name, text in named)
        having = " ".join(f"({write(condition, query.text)})" for condition in query.having)
        hidden = [name for name, _ in named if name not in places]
        text = (
            f"SELECT {' '.join(items)} {' '.join(f'?{name}' for name in hidden)} WHERE {scope.group} GROUP BY {groups}"
        )
        names = [*selected_variables(query), *hidden]
        by_row: dict[Row, list[Row]] = defaultdict(list)
        for found in self._evaluate(f"{text} HAVING {having}" if having else text):
            values = dict(zip(names, found, strict=True))
            by_row[tuple(values[name] for name in variables)].append(tuple(values[name] for name, _ in named))
        keys: list[list[Row]] = []
        taken: dict[Row, int] = defaultdict(int)
        for row in rows:
            groups_of = by_row.get(row, [])
            if groups_of and not query.distinct:
                groups_of = [groups_of[taken[row] % len(groups_of)]]
                taken[row] += 1
            keys.append(groups_of)
        return named, keys

    def _solutions(
        self, scope: Scope, named: Sequence[tuple[str, str]], wanted: Sequence[Row]
    ) -> list[tuple[Row, Mapping[str, str]]]:
        """Evaluate the pattern of a scope.

        Args:
            scope: The scope.
            named: The names of values with the expressions that give them; empty for a variable.
            wanted: The values that are looked for.

        Returns:
            Each solution that has such values, with them.
        """
        given = [name for name, expression in named if not expression and name in scope.variables]
        places = [at for at, (name, _) in enumerate(named) if name in given]
        rows = [tuple(row[at] for at in places) for row in wanted]
        columns = [f"?{name}" for name in scope.variables]
        columns += [f"({text} AS ?{name})" for name, text in named if text]
        # With no variable at all, a solution is still one.
        columns = columns or ["(true AS ?traced)"]
        values = write_values(given, rows)
        rest = scope.group.removeprefix(scope.opening)
        pattern = f"{scope.opening}{values} {rest}" if scope.opening else f"{{ {values} {rest} }}"
        text = f"SELECT {' '.join(columns)} WHERE {pattern}"
        names = [*scope.variables, *(name for name, text in named if text)]
        known = set(wanted)
        found = []
        for row in self._evaluate(text):
            bound = dict(zip(names, row, strict=False))
            key = tuple(bound.get(name) for name, _ in named)
            if key in known:
                found.append((key, {name: term for name, term in bound.items() if term is not None}))
        return sorted(found, key=lambda pair: sorted(pair[1].items()))

    def _finish(self, scope: Scope, found: Sequence[Mapping[str, str]]) -> list[Solution]:
        """Find the triples of solutions, and the solutions of the scopes within."""
        ways = [self._find(pattern, found) for pattern in scope.patterns]
        parts: list[list[Solution]] = [[] for _ in found]
        for child in scope.children:
            for at, solutions in self._child(child, found):
                parts[at] += solutions
        finished = []
        for at, bindings in enumerate(found):
            matches = tuple(
                Match(pattern, edges)
                for pattern, find in zip(scope.patterns, ways, strict=True)
                if all(marker in bindings for marker in pattern.markers) and (edges := find(bindings)) is not None
            )
            finished.append(Solution(scope, bindings, matches, tuple(parts[at])))
        return finished

    def _find(
        self, pattern: Pattern, found: Sequence[Mapping[str, str]]
    ) -> Callable[[Mapping[str, str]], tuple[Edge, ...] | None]:
        """Return a function that gives the triples of a pattern for a solution."""
        if pattern.path is None:
            return lambda bindings: (
                (
                    _bind(pattern.subject, bindings),
                    _bind(pattern.predicate, bindings),
                    _bind(pattern.object, bindings),
                    _bind(pattern.graph, bindings),
                ),
            )
        path = pattern.path
        pairs: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        for bindings in found:
            if all(marker in bindings for marker in pattern.markers):
                ends = (_bind(pattern.subject, bindings), _bind(pattern.object, bindings))
                pairs[_bind(pattern.graph, bindings)][ends] = None
        known = {graph: self._find_ways(path, graph, ends) for graph, ends in pairs.items()}

        def find(bindings: Mapping[str, str]) -> tuple[Edge, ...]:
            ends = (_bind(pattern.subject, bindings), _bind(pattern.object, bindings))
            way = known[_bind(pattern.graph, bindings)].get(ends)
            if way is None:
                raise QueryError.at("query", f"the edges from {ends[0]} to {ends[1]} cannot be found", "simplify it")
            return way

        return find

    def _child(self, child: Child, found: Sequence[Mapping[str, str]]) -> Iterable[tuple[int, tuple[Solution, ...]]]:
        """Return the solutions of a scope within, by the places of the solutions that rest on them."""
        where = [at for at, bindings in enumerate(found) if all(marker in bindings for marker in child.markers)]
        by_names: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at in where:
            by_names[tuple(name for name in child.shared if child.every or name in found[at])].append(at)
        for names, places in by_names.items():
            rows = list(dict.fromkeys(tuple(found[at].get(name) for name in names) for at in places))
            if child.scope.query is not None:
                traced = dict(zip(rows, self.rows(child.scope, names, rows), strict=True))
            else:
                traced = self._examples(child.scope, names, rows)
            for at in places:
                solutions = traced.get(tuple(found[at].get(name) for name in names), ())
                if not solutions and child.needed and not child.every:
                    raise QueryError.at(
                        "query", "what an EXISTS rests on cannot be found", "write its pattern without inner groups"
                    )
                yield at, solutions

    def all_solutions(self, scope: Scope, variables: Sequence[str], rows: Sequence[Row]) -> dict[Row, list[Solution]]:
        """Return every solution of a pattern with some values, by these.

        Args:
            scope: The scope of the pattern.
            variables: The variables that have values.
            rows: Their values.
        """
        found: dict[Row, list[Solution]] = defaultdict(list)
        for start in range(0, len(rows), MAX_VALUES):
            solutions = self._solutions(scope, [(name, "") for name in variables], rows[start : start + MAX_VALUES])
            for (key, _), solution in zip(solutions, self._finish(scope, [b for _, b in solutions]), strict=True):
                found[key].append(solution)
        return found

    def _examples(self, scope: Scope, names: tuple[str, ...], rows: Sequence[Row]) -> dict[Row, tuple[Solution, ...]]:
        """Return one solution of an EXISTS for each row."""
        first: dict[Row, Mapping[str, str]] = {}
        named = [(name, "") for name in names]
        # Filters of the group see the values, so that they are always given.
        for start in range(0, len(rows), MAX_VALUES):
            for key, bindings in self._solutions(scope, named, rows[start : start + MAX_VALUES]):
                first.setdefault(key, bindings)
        finished = self._finish(scope, list(first.values()))
        return {key: (solution,) for key, solution in zip(first, finished, strict=True)}


def _bind(part: str, bindings: Mapping[str, str]) -> str:
    return bindings[part[1:]] if part.startswith("?") else part


def _free_prefix(scope: Scope) -> str:
    """Return a beginning that no variable of a scope has."""
    prefix = "key_"
    while any(name.startswith(prefix) for name in scope.variables):
        prefix += "_"
    return prefix


def write_values(names: Sequence[str], rows: Sequence[Row]) -> str:
    """Write a VALUES clause for the columns in which each row has a value that can be written in a query.

    Examples:
        >>> write_values(["a", "b"], [("<urn:a>", None), ("<urn:a>", "<urn:b>")])
        'VALUES (?a) { (<urn:a>) }'
        >>> write_values(["a"], [("_:b",)])
        ''
    """
    kept = [
        at for at in range(len(names)) if all(row[at] is not None and not str(row[at]).startswith("_:") for row in rows)
    ]
    lines = dict.fromkeys(" ".join(str(row[at]) for at in kept) for row in rows)
    if not kept or not rows or len(lines) > MAX_VALUES:
        return ""
    return f"VALUES ({' '.join(f'?{names[at]}' for at in kept)}) {{ {' '.join(f'({line})' for line in lines)} }}"
