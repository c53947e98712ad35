"""The data graph in a store, for SPARQL-based constraints: loaded when a query needs it, queried within a time limit.

Focus nodes and constants are put in a graph of their own, and every query is rewritten to join with it. There are four
ways to run a SELECT query, of which the first that is right for the query is taken:

- *by joins* of the graph's columns (`joins`), without the store;
- *for all nodes*: the query finds its focus nodes itself, and its solutions are filtered by them;
- *node by node*: the query counts or cuts across focus nodes, and is run for each of them;
- *by row*: all focus nodes are joined with the query at once, and each solution has the row of its focus node.

Literals reach a query, and come back, as they are written in the data (`sparql.literals`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.data_graph import EncodedGraph
from glocal_rdf.shacl.sparql.loading import StoreLoader
from glocal_rdf.shacl.sparql.prebinding import SHAPES_GRAPH, Group
from glocal_rdf.shacl.sparql.query_plans import QueryPlan
from glocal_rdf.shacl.sparql.query_runner import QueryRunner
from glocal_rdf.shacl.sparql.touched_triples import TouchedTriples
from glocal_rdf.sparql.joins.unsupported import UnsupportedError
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.sparql.execution.process import StoreProcess
    from glocal_rdf.sparql.joins.groups import JoinEngine

__all__ = ["QueryRow", "SparqlStore"]

_THIS, _VALUE, _BOUND = "<urn:x-shacl:this>", "<urn:x-shacl:value>", "<urn:x-shacl:bound>"
_FOCUS = "urn:x-shacl:focus:"
_ROW = "urn:x-shacl:row:"
_CONSTANT = "urn:x-shacl:variable:"
_CURRENT_ROW = "<urn:x-shacl:row-of-the-focus-node>"
MAX_SUBMITTED = 500
"""The number of queries that are submitted at once where one is run for each focus node."""


@dataclass(frozen=True, slots=True)
class QueryRow:
    """One solution of a query: the focus node as a number and as a term, and the other values by variable."""

    focus: int
    this: str
    values: Mapping[str, str]


class SparqlStore:
    """Data, shapes and focus nodes, to be queried."""

    def __init__(
        self,
        shapes: Triples,
        ontology: Triples | None,
        time_limit: float,
        store: StoreProcess | None = None,
        touched: Collection[TouchedTriples] = (),
    ) -> None:
        """Keep what may have to be loaded; nothing is loaded yet.

        Args:
            shapes: The shapes graph, which a query may read as `$shapesGraph`.
            ontology: A graph of which rdfs:subClassOf is used.
            time_limit: The seconds that one constraint may take.
            store: A store that has the data and the class hierarchy, where there is one.
            touched: The triples that each of the queries touches.
        """
        self._shapes = shapes
        self._limit = time_limit
        self._runner = QueryRunner(time_limit)
        self._loader = StoreLoader(ontology, store, touched, self._runner)
        self._graphs = 0
        self._shapes_loaded = False
        self._joins: JoinEngine | None = None

    def select(
        self, plan: QueryPlan, graph: EncodedGraph, focus: pl.Series, where: str
    ) -> Callable[[], list[QueryRow]]:
        """Start a SELECT query for every focus node, and return what waits for its solutions.

        Args:
            plan: The query.
            graph: The data graph.
            focus: The focus nodes, each once.
            where: The constraint's name for messages.
        """
        solved = self._join(plan, graph, focus)
        if solved is not None:
            return lambda: solved
        if _finds_focus_nodes(plan):
            self._loader.provide(plan, graph, focus)
            return self._for_all_nodes(plan, graph, focus, where)
        self._loader.provide(plan, graph, focus, focus)
        if plan.query.needs_each_node({"this"}):
            return self._node_by_node(plan, graph, focus, where)
        return self._by_row(plan, graph, focus, where)

    def _join(self, plan: QueryPlan, graph: EncodedGraph, focus: pl.Series) -> list[QueryRow] | None:
        """Evaluate a query by joins of columns; None where the store has to."""
        if not plan.joins:
            return None
        if self._joins is None:
            from glocal_rdf.shacl.sparql.numbered_graph import NumberedGraph  # noqa: PLC0415 - only shapes with SPARQL
            from glocal_rdf.sparql.joins.groups import JoinEngine  # noqa: PLC0415 - only shapes with SPARQL need it

            self._joins = JoinEngine(NumberedGraph(graph), frozenset({"this"}))
        try:
            found = self._joins.solve(plan.query.tree, focus)
        except UnsupportedError:
            return None
        rows = found.with_columns(graph.text(found["this"]).alias("this")).iter_rows(named=True)
        return [
            QueryRow(number, row["this"], {name: term for name, term in row.items() if term is not None})
            for number, row in zip(found["this"], rows, strict=True)
        ]

    def _for_all_nodes(
        self, plan: QueryPlan, graph: EncodedGraph, focus: pl.Series, where: str
    ) -> Callable[[], list[QueryRow]]:
        """Run a query that finds its focus nodes itself, and filter its solutions by them."""
        pending = self._runner.submit(self._loader.store, self._bind(plan, graph, None, rows=False), where)

        def finish() -> list[QueryRow]:
            found = pending.wait()
            numbers = dict(zip(graph.text(focus), focus, strict=True)) if found else {}
            return [QueryRow(numbers[row["this"]], row["this"], row) for row in found if row["this"] in numbers]

        return finish

    def _node_by_node(
        self, plan: QueryPlan, graph: EncodedGraph, focus: pl.Series, where: str
    ) -> Callable[[], list[QueryRow]]:
        """Run a query once for each focus node."""
        queries = self._bind_each(plan, graph, focus.to_frame("focus").with_row_index("row"))

        def finish() -> list[QueryRow]:
            solutions = self._run_each(queries, where)
            nodes = zip(focus, graph.text(focus), strict=True)
            return [
                QueryRow(number, this, {**row, "this": this})
                for (number, this), rows in zip(nodes, solutions, strict=True)
                for row in rows
            ]

        return finish

    def _by_row(
        self, plan: QueryPlan, graph: EncodedGraph, focus: pl.Series, where: str
    ) -> Callable[[], list[QueryRow]]:
        """Run a query joined with all focus nodes; each solution has the row of its focus node."""
        query = self._bind(plan, graph, focus.to_frame("focus"), rows=True)
        pending = self._runner.submit(self._loader.store, query, where)

        def finish() -> list[QueryRow]:
            solutions = pending.wait()
            names = dict(zip(focus, graph.text(focus), strict=True)) if solutions else {}
            found = []
            for row in solutions:
                number = _row_number(row.pop(plan.query.row[1:]))
                found.append(QueryRow(number, names[number], {**row, "this": names[number]}))
            return found

        return finish

    def ask(self, plan: QueryPlan, graph: EncodedGraph, pairs: pl.DataFrame, where: str) -> pl.DataFrame:
        """Return the pairs of `focus` and `value` for which an ASK query is true.

        Where the query does not use `$this`, only the column `value` is returned.

        Args:
            plan: The query.
            graph: The data graph.
            pairs: The columns `focus` and `value`.
            where: The constraint's name for messages.
        """
        columns = ["focus", "value"] if "this" in plan.query.variables else ["value"]
        rows = pairs.select(columns).unique().with_row_index("row")
        nodes = pl.concat([rows[c].rename("node") for c in columns]).unique()
        self._loader.provide(plan, graph, None, nodes)
        if plan.query.needs_each_node({"this", "value"}):
            queries = self._bind_each(plan, graph, rows)
            numbers = [number for number, found in enumerate(self._run_each(queries, where)) if found]
        else:
            query = self._bind(plan, graph, rows, rows=True)
            solutions = self._runner.submit(self._loader.store, query, where).wait()
            numbers = [_row_number(row[plan.query.row[1:]]) for row in solutions]
        good = pl.DataFrame({"row": pl.Series(numbers, dtype=rows["row"].dtype)})
        return rows.join(good, on="row", how="semi").select(columns)

    def _bind(self, plan: QueryPlan, graph: EncodedGraph, pairs: pl.DataFrame | None, *, rows: bool) -> str:
        """Load focus nodes (none where `pairs` is None) and constants, and return the query that joins with them."""
        if pairs is not None and "row" not in pairs.columns:
            pairs = pairs.with_columns(row=pl.col("focus"))
        name, roles, used = self._load_bindings(plan, graph, pairs)

        def bind(group: Group) -> str:
            if group.outermost:
                return _lookup(name, plan.query.row, roles, used)
            if group.in_exists:
                return ""
            constants = [k for k in used if k in group.mentions]
            return _lookup(name, "[]", roles if not group.mentions.isdisjoint(roles) else {}, constants)

        return self._rewrite(plan, bind, plan.query.row if rows else "")

    def _bind_each(self, plan: QueryPlan, graph: EncodedGraph, pairs: pl.DataFrame) -> Iterator[str]:
        """Load focus nodes and constants, and yield the query for each of them, with all its groups joined."""
        name, roles, used = self._load_bindings(plan, graph, pairs)
        query = self._rewrite(plan, partial(_always, _lookup(name, _CURRENT_ROW, roles, used)), "(1 AS ?yes)")
        return (query.replace(_CURRENT_ROW, f"<{_ROW}{number}>") for number in pairs["row"])

    def _run_each(self, queries: Iterator[str], where: str) -> Iterator[list[dict[str, str]]]:
        """Run many queries of one constraint, some at a time; together they may take about as long as one."""
        end = time.monotonic() + self._limit
        while part := list(islice(queries, MAX_SUBMITTED)):
            yield from self._runner.run_all(self._loader.store, part, where)
            if time.monotonic() > end:
                raise ShapesError.at(
                    where,
                    f"its query took longer than {self._limit:g} seconds",
                    "make it simpler, or raise the time limit",
                )

    def _load_bindings(
        self, plan: QueryPlan, graph: EncodedGraph, pairs: pl.DataFrame | None
    ) -> tuple[str, dict[str, str], list[str]]:
        """Load focus nodes and constants into a new graph.

        Returns:
            The graph's name, the predicates of focus and value nodes by variable, and the constants that are used.
        """
        pairs = pl.DataFrame() if pairs is None else pairs
        if plan.query.uses_graphs and not self._shapes_loaded:
            self._loader.load(self._shapes.frame, SHAPES_GRAPH[1:-1])
            self._shapes_loaded = True
        self._graphs += 1
        name = f"{_FOCUS}{self._graphs}"
        roles = {v: p for c, v, p in (("focus", "this", _THIS), ("value", "value", _VALUE)) if c in pairs.columns}
        parts = [
            pairs.select(
                subject=pl.concat_str(pl.lit(f"<{_ROW}"), pl.col("row").cast(pl.String), pl.lit(">")),
                predicate=pl.lit(predicate),
                object=graph.text(pairs["focus" if variable == "this" else variable]),
            )
            for variable, predicate in roles.items()
        ]
        used = {k: v for k, v in plan.constants.items() if k in plan.query.variables}
        parts += [
            pl.DataFrame({"subject": [f"<{_CONSTANT}{k}>"], "predicate": [_BOUND], "object": [v]})
            for k, v in used.items()
        ]
        if parts:
            self._loader.load(pl.concat(parts), name)
        return name, roles, list(used)

    def _rewrite(self, plan: QueryPlan, bind: Callable[[Group], str], row: str) -> str:
        row = row if plan.query.form == "ASK" or row.startswith("?") else ""
        insertions = plan.touched.hiding if self._loader.hides_marks else ()
        return plan.prologue + plan.query.rewrite(bind, row, insertions)

    def close(self) -> None:
        """End the store, or remove from one that was given what was loaded into it."""
        self._loader.close([_FOCUS + str(number + 1) for number in range(self._graphs)] + [SHAPES_GRAPH[1:-1]])


def _finds_focus_nodes(plan: QueryPlan) -> bool:
    """Return whether a query finds its focus nodes itself, since a pattern in it has `$this` as subject."""
    query, touched = plan.query, plan.touched
    known = touched.predicates is not None
    return known and touched.required and not query.needs_each_node({"this"}) and not query.mentions_this_inside


def _always(lookup: str, _: Group) -> str:
    return lookup


def _lookup(graph: str, row: str, roles: Mapping[str, str], constants: Iterable[str]) -> str:
    """Return the pattern that looks up pre-bound values in a graph; the empty text where there are none."""
    lines = [f"{row} {' ; '.join(f'{p} ?{v}' for v, p in roles.items())} ."] if roles else []
    lines += [f"<{_CONSTANT}{k}> {_BOUND} ?{k} ." for k in constants]
    return f"GRAPH <{graph}> {{ {' '.join(lines)} }}" if lines else ""


def _row_number(row: str) -> int:
    return int(row.removeprefix(f"<{_ROW}").removesuffix(">"))
