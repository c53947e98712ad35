"""A graph in a store that runs in a process of its own: queries end at their time limit, and a crash is one line.

The engine is native code. It cannot be interrupted, a query that is nested deeply enough ends its process, and one that
is large enough takes all memory. So no process of ours evaluates SPARQL: it starts another (`worker.py`), sends graphs
and queries over a pipe, and reads answers. What was loaded is remembered (the frames, which their owners hold anyway),
so that a process which had to be killed is started again for the next query.

Every query passes `policy.check_query` first, wherever it comes from.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from glocal_rdf.errors import TIMED_OUT, GlocalError, InputError, Problem, QueryError, StoredGraphError
from glocal_rdf.lazy import pl
from glocal_rdf.sparql.execution.requests import HEAD, Load, Query, encode, explain, read_bytes, undoes
from glocal_rdf.sparql.execution.results import Result, name_end
from glocal_rdf.sparql.execution.worker_start import start_worker
from glocal_rdf.sparql.literals.forms import Forms
from glocal_rdf.sparql.literals.rewritten import Rewritten, stays_as_it_is
from glocal_rdf.sparql.policy import check_query

__all__ = ["TIMEOUT", "Pending", "StoreProcess"]

TIMEOUT = 60.0
"""How many seconds a query may take where nobody says otherwise."""

_THREADS = 2
_SLICE = 0.2
"""A wait is cut into pieces of so many seconds, since Windows handles Ctrl-C only in between."""

_REMEMBERED = 100
"""How many rewritten queries are remembered."""


class Pending:
    """The answer to a query, on its way."""

    def __init__(self, owner: _Connection, query: Query) -> None:
        """Keep the query and the connection that evaluates it."""
        self._owner = owner
        self._query = query

    def wait_for_start(self) -> None:
        """Wait until the query is evaluated, or has failed before."""
        self._owner.wait(self._query, start_only=True)

    def wait(self, limit: float | None = None) -> Result:
        """Return the answer.

        Args:
            limit: The seconds from now on, where there are fewer than the query has.

        Raises:
            QueryError: Where the query is wrong, takes too long, answers with too much, or ends the process.
            InputError: Where the graph cannot be loaded.
        """
        return self._owner.wait(self._query, limit)


class StoreProcess:
    """A store in a process of its own, which is started with the first load or query and ends with this object."""

    def __init__(self, folder: str = "") -> None:
        """Have an empty store, or the one in a folder, only to read; nothing is started yet."""
        self._connection = _Connection(folder)
        self._forms = Forms()
        self._known: tuple[Forms, dict[str, Rewritten]] = (self._forms, {})
        self._finalizer = weakref.finalize(self, self._connection.close)

    def load(self, frame: pl.DataFrame, graph: str | None = None) -> None:
        """Load triples into the default graph or a named one, meanwhile.

        Blank nodes keep their labels, and literals the form in which they are written, whatever the engine makes of
        them. Queries that are submitted later are evaluated when this has been loaded.

        Args:
            frame: A frame whose first three columns are terms.
            graph: The IRI of a named graph; None for the default graph.
        """
        self._forms = self._forms.extended(frame.to_series(2))
        self._connection.change(Load("load", graph, frame, self._forms))

    def unload(self, graph: str | None, frame: pl.DataFrame | None = None) -> None:
        """Take triples out of a graph, or the whole graph.

        Args:
            graph: The IRI of a named graph; None for the default graph.
            frame: The frame, as it was loaded; None for all of the graph.
        """
        forms = self._forms if frame is None else self._forms.extended(frame.to_series(2))
        self._connection.change(Load("unload", graph, frame, forms))

    def submit(
        self,
        text: str,
        *,
        limit: float = TIMEOUT,
        prefixes: Mapping[str, str] | None = None,
        graphs: Sequence[str] | None = (),
    ) -> Pending:
        """Ask a query, and go on.

        Args:
            text: The query.
            limit: The seconds that it may take.
            prefixes: Prefixes that need no declaration in it.
            graphs: The IRIs of the named graphs that it sees, where it names none itself (`FROM`); None for all that
                were loaded.

        Raises:
            QueryError: Where the query does what none may do.
        """
        check_query(text)
        rewritten = self._rewrite(text, dict(prefixes or {}))
        return Pending(self._connection, self._connection.ask(rewritten, limit, dict(prefixes or {}), graphs))

    def query(
        self,
        text: str,
        *,
        limit: float = TIMEOUT,
        prefixes: Mapping[str, str] | None = None,
        graphs: Sequence[str] | None = (),
    ) -> Result:
        """Ask a query, and return the answer.

        Args:
            text: The query.
            limit: The seconds that it may take.
            prefixes: Prefixes that need no declaration in it.
            graphs: The named graphs that it sees, as for `submit`.

        Raises:
            QueryError: Where the query is wrong or not permitted, takes too long, answers with too much, or ends the
                process.
            InputError: Where the graph cannot be loaded.
        """
        return self.submit(text, limit=limit, prefixes=prefixes, graphs=graphs).wait()

    def _rewrite(self, text: str, prefixes: Mapping[str, str]) -> Rewritten:
        """Rewrite a query for the forms of the literals that were loaded, once where rules are applied in rounds."""
        forms = self._forms
        if stays_as_it_is(text, forms):
            return Rewritten(text, False, forms)
        from glocal_rdf.sparql.literals.rewriting import rewrite_query  # noqa: PLC0415 - the parser takes time to import

        known, rewritten = self._known
        if known is not forms:
            if known != forms:
                rewritten.clear()
            self._known = (forms, rewritten)
        if prefixes:
            return rewrite_query(text, forms, prefixes)
        if len(rewritten) >= _REMEMBERED:
            rewritten.clear()
        if text not in rewritten:
            rewritten[text] = rewrite_query(text, forms, prefixes)
        return rewritten[text]

    def close(self) -> None:
        """End the process; later queries fail."""
        self._finalizer()


class _Connection:
    """What a store process is to its threads: they hold this and not the owner, so that it ends when its owner does."""

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._changed = threading.Condition()
        self._log: dict[int, Load | Query] = {}
        self._running: dict[int, Query] = {}
        self._number = 0
        self._process: _Process | None = None
        self._threads = _THREADS
        self._closed = False
        self._stopped: list[_Process] = []

    def change(self, load: Load) -> None:
        with self._changed:
            self._number += 1
            if load.do == "unload":
                gone = [n for n, old in self._log.items() if isinstance(old, Load) and undoes(load, old)]
                for number in gone:
                    del self._log[number]
                if self._process is not None:
                    self._process.send(load)
                return
            # A process that is started now is sent what the log holds, so that the log gets the load after that.
            process = self._start()
            self._log[self._number] = load
            process.send(load)

    def ask(
        self, rewritten: Rewritten, limit: float, prefixes: Mapping[str, str], graphs: Sequence[str] | None
    ) -> Query:
        with self._changed:
            self._number += 1
            query = Query(self._number, rewritten, prefixes, graphs, limit)
            process = self._start()
            self._log[self._number] = query
            process.send(query)
            return query

    def wait(self, query: Query, limit: float | None = None, *, start_only: bool = False) -> Result:
        """Wait for the answer of a query, or until it is evaluated.

        Args:
            query: The query.
            limit: The seconds from now on, where there are fewer than the query has.
            start_only: Whether to return as soon as the query is evaluated.
        """
        end = None if limit is None else time.monotonic() + limit
        try:
            with self._changed:
                while not query.done and not (start_only and query.begun is not None):
                    now = time.monotonic()
                    left = self._expire(now)
                    if end is not None and query.begun is not None and now >= end and not query.done:
                        self._end(query)
                        continue
                    if not query.done:
                        self._changed.wait(min(left, _SLICE, _SLICE if end is None else max(end - now, 0.001)))
        except BaseException:
            # Ctrl-C, mostly: nobody waits for the answer any more.
            with self._changed:
                self._forget(query)
                self._stop()
            raise
        if query.error is not None:
            raise query.error
        return query.result or Result("SELECT")

    def _expire(self, now: float) -> float:
        """End the queries whose time is over; return in how many seconds the next one's will be."""
        left = {number: query.limit - (now - (query.begun or now)) for number, query in self._running.items()}
        for number in [number for number, seconds in left.items() if seconds <= 0]:
            self._end(self._running[number])
            return 0.001
        return min(left.values(), default=_SLICE)

    def _forget(self, query: Query) -> None:
        self._log.pop(query.number, None)
        self._running.pop(query.number, None)

    def _end(self, query: Query) -> None:
        """Kill the process for the sake of one query; the others are submitted again."""
        what = f"took longer than {query.limit:g} seconds"
        query.error = QueryError(Problem("query", what, "make it simpler, or raise the time limit", TIMED_OUT))
        self._forget(query)
        self._stop()
        self._ask_again()
        self._changed.notify_all()

    def _ask_again(self) -> None:
        """Start another process where there is something left to ask."""
        if any(isinstance(entry, Query) for entry in self._log.values()):
            self._start()

    def _start(self) -> _Process:
        """Start a process with what was loaded and the queries that are not answered yet, unless one runs."""
        if self._closed:
            raise QueryError.at("query", "cannot be evaluated: the store was closed", "build the graph again")
        if self._process is None or self._process.owner != os.getpid():
            for query in self._running.values():
                query.begun = None
            self._running.clear()
            self._process = _Process(self, list(self._log.values()), self._threads, self._folder)
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            self._stopped = [old for old in self._stopped if old.is_at_work()]
            self._stopped.append(process)

    def close(self) -> None:
        """End the process, and wait for the threads that serve it.

        This runs when Python ends, too. Polars fails where Python ends while a thread of ours still writes a frame.
        """
        with self._changed:
            self._closed = True
            self._fail_all(QueryError.at("query", "was not answered: the store was closed", "ask it again"))
            self._stop()
            stopped, self._stopped = self._stopped, []
        for process in stopped:
            process.join()

    def receive(self, process: _Process, reply: Mapping[str, Any], data: bytes) -> None:
        """Take a message of the process."""
        with self._changed:
            query = self._log.get(reply["id"])
            if process is not self._process or not isinstance(query, Query):
                return
            if reply["state"] == "begun":
                query.begun = time.monotonic()
                self._running[query.number] = query
            else:
                self._forget(query)
                if reply["state"] == "done":
                    variables = tuple(reply.get("variables", ()))
                    query.result = Result(reply["form"], variables, reply.get("truth"), data, query.rewritten.forms)
                else:
                    query.error = explain(reply["error"], reply["message"], query)
            self._changed.notify_all()

    def lose(self, process: _Process, code: int | None) -> None:
        """Learn that a process has ended that nobody had ended: name the query that it died of."""
        with self._changed:
            if process is not self._process:
                return
            self._process = None
            self._stopped.append(process)
            running = list(self._running.values())
            if self._folder:
                self._fail_all(StoredGraphError.at("graph", f"cannot be read: {name_end(code)}", "build it again"))
            elif not running:
                self._fail_all(InputError.at("graph", f"cannot be loaded: {name_end(code)}", "ask a smaller graph"))
            elif len(running) == 1:
                query = running[0]
                query.error = QueryError.at("query", f"cannot be evaluated: {name_end(code)}", "simplify it")
                self._forget(query)
            # Where two were evaluated, they are submitted again, one after the other.
            self._threads = 1
            self._ask_again()
            self._changed.notify_all()

    def _fail_all(self, error: GlocalError) -> None:
        for entry in list(self._log.values()):
            if isinstance(entry, Query):
                entry.error = error
                self._forget(entry)
        self._changed.notify_all()


class _Process:
    """One process, with a thread that writes to it and one that reads from it."""

    def __init__(self, connection: _Connection, entries: list[Load | Query], threads: int, folder: str) -> None:
        self.owner = os.getpid()
        self._connection = connection
        self._outbox: queue.SimpleQueue[Load | Query | None] = queue.SimpleQueue()
        for entry in entries:
            self._outbox.put(entry)
        self._process = start_worker(threads, folder)
        self._ends = [threading.Thread(target=job, daemon=True) for job in (self._write, self._read)]
        for end in self._ends:
            end.start()

    def send(self, entry: Load | Query) -> None:
        """Let something be written, in its turn."""
        self._outbox.put(entry)

    def kill(self) -> None:
        """End the process at once."""
        self._outbox.put(None)
        if self.owner == os.getpid():
            self._process.kill()
            self._process.wait()

    def is_at_work(self) -> bool:
        """Return whether one of the threads still runs."""
        return any(end.is_alive() for end in self._ends)

    def join(self) -> None:
        """Wait until both threads have ended, after `kill`."""
        if self.owner == os.getpid():
            for end in self._ends:
                if end is not threading.current_thread() and end.is_alive():
                    end.join()

    def _write(self) -> None:
        pipe = self._process.stdin
        if pipe is None:
            return
        with pipe:
            while (entry := self._outbox.get()) is not None:
                try:
                    for part in encode(entry):
                        view = memoryview(part)
                        while view:
                            view = view[pipe.write(view) or 0 :]
                except OSError:
                    return  # The process has ended, which the other thread notices.
                except KeyboardInterrupt:
                    return  # Polars raises it in every thread that it works for; the main thread has it too.

    def _read(self) -> None:
        pipe = self._process.stdout
        if pipe is None:
            return
        with pipe:
            while len(head := read_bytes(pipe.fileno(), HEAD)) == HEAD:
                length, size = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
                reply, data = read_bytes(pipe.fileno(), length), read_bytes(pipe.fileno(), size)
                if len(reply) < length or len(data) < size:
                    break
                self._connection.receive(self, json.loads(reply), data)
        self._outbox.put(None)
        self._connection.lose(self, self._process.wait())
