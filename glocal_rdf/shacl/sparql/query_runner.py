"""Runs queries on a store, which is a process of its own, several at a time, each within a time limit.

The store is loaded and queried while the columns are evaluated. A query runs when all has been loaded that was to be
loaded before it. One that takes too long is ended with the process, and the others are run again by another.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

from glocal_rdf.errors import InputError, Problem, QueryError, ShapesError

if TYPE_CHECKING:
    from glocal_rdf.sparql.execution.process import Pending, StoreProcess

__all__ = ["PendingQuery", "QueryRunner", "locate_error"]


class PendingQuery:
    """A query that was submitted."""

    def __init__(self, pending: Pending, where: str) -> None:
        """Keep the query, and the name of its constraint for messages."""
        self._pending = pending
        self._where = where

    def wait(self, limit: float | None = None) -> list[dict[str, str]]:
        """Return the solutions, each as terms by variable.

        Args:
            limit: The seconds to wait; None waits as long as the query may take.

        Raises:
            ShapesError: The query is wrong, or takes too long.
        """
        try:
            found = self._pending.wait(limit)
            names = found.variables
            return [{n: t for n, t in zip(names, row, strict=True) if t is not None} for row in found.rows()]
        except QueryError as error:
            raise locate_error(error, self._where) from error


class QueryRunner:
    """Runs queries in the order in which they are submitted, a few at a time."""

    def __init__(self, limit: float) -> None:
        """Take the seconds that one query may take."""
        self._limit = limit
        self._submitted: WeakSet[Pending] = WeakSet()

    def submit(self, store: StoreProcess, query: str, where: str) -> PendingQuery:
        """Submit a query without waiting for it.

        Args:
            store: The store.
            query: The query.
            where: The constraint's name for messages.

        Raises:
            ShapesError: The query uses what no query may use.
        """
        try:
            pending = store.submit(query, limit=self._limit, graphs=None)
        except QueryError as error:
            raise locate_error(error, where) from error
        self._submitted.add(pending)
        return PendingQuery(pending, where)

    def finish(self) -> None:
        """Wait for all queries; an error of one is raised where its solutions are waited for."""
        for pending in list(self._submitted):
            with suppress(QueryError, InputError):
                pending.wait()
        self._submitted.clear()

    def run_all(self, store: StoreProcess, queries: list[str], where: str) -> list[list[dict[str, str]]]:
        """Run the queries of one constraint, which together may take as long as one, and return their solutions.

        Args:
            store: The store.
            queries: The queries.
            where: The constraint's name for messages.
        """
        end = time.monotonic() + self._limit
        pending = [self.submit(store, query, where) for query in queries]
        return [query.wait(max(0.0, end - time.monotonic())) for query in pending]


def locate_error(error: QueryError, where: str) -> ShapesError:
    """Return the error of a query as one of the constraint `where`, with the line and column in the query."""
    found = []
    for problem in error.problems:
        place = problem.where.removeprefix("query").lstrip(":, ")
        hint = problem.hint
        if hint.startswith("write PREFIX"):
            hint = f"declare it with sh:prefixes, or {hint}"
        found.append(Problem(where, f"query, {place}: {problem.what}" if place else f"its query {problem.what}", hint))
    return ShapesError.of(found)
