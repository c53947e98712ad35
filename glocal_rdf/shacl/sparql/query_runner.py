"""Asks a store, which runs in a process of its own, several queries at a time, each within a time limit.

The store is loaded and asked beside the columns. A query is asked when all has been loaded that was to be loaded before
it. One that takes too long is ended with the process, and what else was asked is then asked again of another.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

import polars as pl

from glocal_rdf.errors import InputError, Problem, QueryError, ShapesError

if TYPE_CHECKING:
    from glocal_rdf.sparql.execution.process import Pending, StoreProcess

__all__ = ["Answers", "Asker", "blame"]


class Answers:
    """The answers of a query, on their way: each the terms that were selected, by variable."""

    def __init__(self, pending: Pending, where: str) -> None:
        """Keep what was asked, and for which constraint."""
        self._pending = pending
        self._where = where

    def wait(self, limit: float | None = None) -> list[dict[str, str]]:
        """Give the answers. Raise ShapesError if the query is wrong, or takes longer than the limit in seconds."""
        try:
            found = self._pending.wait(limit)
            names = found.variables
            return [{n: t for n, t in zip(names, row, strict=True) if t is not None} for row in found.rows()]
        except QueryError as error:
            raise blame(error, self._where) from error


class Asker:
    """Asks queries in the order in which they come, a few at a time."""

    def __init__(self, limit: float) -> None:
        """Take the seconds that one query may take."""
        self._limit = limit
        self._asked: WeakSet[Pending] = WeakSet()

    def load(self, store: StoreProcess, frame: pl.DataFrame, graph: str | None = None) -> None:
        """Load triples into a store, meanwhile; what is asked from now on is asked when they are there."""
        store.load(frame, graph)

    def ask(self, store: StoreProcess, text: str, where: str) -> Answers:
        """Ask a query, and go on. Raise ShapesError if it does what no query may do."""
        try:
            pending = store.submit(text, limit=self._limit, graphs=None)
        except QueryError as error:
            raise blame(error, where) from error
        self._asked.add(pending)
        return Answers(pending, where)

    def finish(self) -> None:
        """Wait until all that was asked is answered; what went wrong is raised where the answers are waited for."""
        for pending in list(self._asked):
            with suppress(QueryError, InputError):
                pending.wait()
        self._asked.clear()

    def ask_each(self, store: StoreProcess, texts: list[str], where: str) -> list[list[dict[str, str]]]:
        """Ask queries of one constraint, which together may take as long as one."""
        end = time.monotonic() + self._limit
        return [a.wait(max(0.0, end - time.monotonic())) for a in [self.ask(store, text, where) for text in texts]]


def blame(error: QueryError, where: str) -> ShapesError:
    """Say of which constraint a query went wrong, at which line and column of the query, once for each problem."""
    found = []
    for problem in error.problems:
        place = problem.where.removeprefix("query").lstrip(":, ")
        hint = problem.hint
        if hint.startswith("write PREFIX"):
            hint = f"declare it with sh:prefixes, or {hint}"
        found.append(Problem(where, f"query, {place}: {problem.what}" if place else f"its query {problem.what}", hint))
    return ShapesError.of(found)
