"""Loads an Oxigraph store and asks it several queries at a time, each within a time limit.

Oxigraph works without holding Python up, so that it loads and answers beside the columns. A query is asked when all has
been loaded that was to be loaded before it. One that takes too long cannot be stopped: it is left behind, in a thread
that does not keep the process alive.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

from glocal_rdf.errors import GlocalError, ShapesError

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Answers", "Asker", "Functions"]

_WORKERS = 2
Functions = dict[
    "pyoxigraph.NamedNode",
    Callable[..., "pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple | None"],
]
"""Functions of our own that queries may call."""


class Answers:
    """The answers of a query, on their way: each the terms that were selected, by variable."""

    def __init__(
        self,
        store: pyoxigraph.Store,
        text: str,
        where: str,
        limit: float,
        functions: Functions | None = None,
        loaded: Future[None] | None = None,
    ) -> None:
        """Keep what is asked; nothing is asked yet, and nothing will be before `loaded` is done."""
        self._loaded = loaded
        self._functions = functions
        self._store = store
        self._text = text
        self._where = where
        self._limit = limit
        self._rows: list[dict[str, str]] = []
        self._error: Exception | None = RuntimeError("it did not end")
        self._begun = threading.Event()
        self._done = threading.Event()

    def run(self) -> None:
        """Ask, and note the answers or the error."""
        try:
            if self._loaded is not None:
                self._loaded.result()
            self._begun.set()
            found = cast("pyoxigraph.QuerySolutions", self._store.query(self._text, custom_functions=self._functions))
            names = [v.value for v in found.variables]
            self._rows += [{n: str(t) for n, t in zip(names, s, strict=True) if t is not None} for s in found]
            self._error = None
        except (GlocalError, SyntaxError, ValueError, OSError, RuntimeError, MemoryError) as error:
            self._error = error
        finally:
            self._begun.set()
            self._done.set()

    def wait(self, limit: float | None = None) -> list[dict[str, str]]:
        """Give the answers. Raise ShapesError if the query is wrong, or takes longer than the limit in seconds."""
        self._begun.wait()
        if not self._done.wait(self._limit if limit is None else limit):
            raise ShapesError.at(
                self._where,
                f"its query took longer than {self._limit:g} seconds",
                "make it simpler, or raise the time limit",
            )
        if isinstance(self._error, GlocalError):
            raise self._error
        if self._error is not None:
            reason = " ".join(str(self._error).split())
            raise ShapesError.at(self._where, f"its query cannot be asked: {reason}", "mend the query") from self._error
        return self._rows


class Asker:
    """Asks queries in the order in which they come, a few at a time."""

    def __init__(self, limit: float) -> None:
        """Take the seconds that one query may take."""
        self._limit = limit
        self.functions: Functions | None = None
        self._waiting: queue.SimpleQueue[Answers | None] = queue.SimpleQueue()
        self._workers = 0
        self._loader = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def load(self, job: Callable[[], None]) -> None:
        """Let a store be loaded, one job after the other; what is asked from now on is asked when it is done."""
        before = self._last

        def load() -> None:
            if before is not None:
                before.result()
            job()

        self._last = self._loader.submit(load)

    def ask(self, store: pyoxigraph.Store, text: str, where: str) -> Answers:
        """Ask a query, and go on."""
        answers = Answers(store, text, where, self._limit, self.functions, self._last)
        if self._workers < _WORKERS:
            self._workers += 1
            threading.Thread(target=self._work, daemon=True).start()
        self._waiting.put(answers)
        return answers

    def ask_each(self, store: pyoxigraph.Store, texts: list[str], where: str) -> list[list[dict[str, str]]]:
        """Ask queries of one constraint, which together may take as long as one."""
        end = time.monotonic() + self._limit
        return [a.wait(max(0.0, end - time.monotonic())) for a in [self.ask(store, text, where) for text in texts]]

    def close(self) -> None:
        """Let the workers end when they have nothing more to ask."""
        for _ in range(self._workers):
            self._waiting.put(None)
        self._workers = 0
        self._loader.shutdown()

    def _work(self) -> None:
        while (answers := self._waiting.get()) is not None:
            answers.run()
