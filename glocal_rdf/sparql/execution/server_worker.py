"""Evaluates the queries of a server, one at a time, in a process of its own that is ended where one takes too much.

This is a program, started by `worker_start.py`; requests come from stdin, answers go to stdout, as messages of the form
that `worker.py` describes. All that a hostile query could make expensive happens here, reading it too.

    do      with                                                        bytes
    open    folder, forms, graphs, prefixes, memory                     none; answered by `ready` or `failed`
    query   results, truth, graph, default, named, prefixes, base,      the query
            rows, size

The answer to a query is any number of messages `part`, and then `done` or `failed`. The first one names the form of the
query, the format of the answer, and whether the same query may have another answer the next time. Only what fails
before the first part has a status of HTTP; an answer that fails later is not whole, and whoever gets it must know.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox

from glocal_rdf.errors import GlocalError
from glocal_rdf.sparql.execution.graph_writers import write_graph
from glocal_rdf.sparql.execution.row_writers import ROW_WRITERS, TRUTHS, UnwritableError
from glocal_rdf.sparql.execution.worker import HEAD, find_stack, give_up_rights, read_bytes, write_bytes
from glocal_rdf.sparql.grammar.mentions import order_variables
from glocal_rdf.sparql.grammar.tokens import calls_service, declared_prefixes, used_prefixes
from glocal_rdf.sparql.literals import functions
from glocal_rdf.sparql.literals.forms import Forms, forms_from_json
from glocal_rdf.sparql.literals.rewriting import rewrite_query
from glocal_rdf.sparql.literals.rewritten import Rewritten
from glocal_rdf.sparql.messages import explain_failure
from glocal_rdf.sparql.policy import check_form, check_graphs, check_query, may_vary

__all__ = ["main"]

_PART: Final = 1 << 16
"""From how many bytes on a part is sent."""

_DELAY: Final = 0.05
"""After how many seconds one is sent that has fewer."""

_NICE: Final = 2
"""By how much pages go before queries, where both wait for a processor."""

_SHOWN: Final = 1_000
"""How many characters of an error are sent."""


class _RefusedError(Exception):
    """An answer that is not given, with its status of HTTP."""

    def __init__(self, status: int, what: str, hint: str) -> None:
        super().__init__(what)
        self.status = status
        self.problem = ["query", what, hint]


class _Answer:
    """The answer to one query, as it is written: sends parts of it, and counts what it has.

    One thread writes it; another one sends what has waited long enough, since the next row may take its time.
    """

    def __init__(self, target: int, request: Mapping[str, Any]) -> None:
        self.about: dict[str, Any] = {}
        self._target = target
        self._rows, self._size = request["rows"], request["size"]
        self._counted = 0
        self._parts: list[bytes] = []
        self._waiting = 0
        self._since = 0.0
        self._lock = threading.Lock()

    def count_row(self) -> None:
        """Count one row more.

        Raises:
            _RefusedError: Where there are too many.
        """
        self._counted += 1
        if self._counted > self._rows:
            raise _RefusedError(403, f"has more than {self._rows:,} rows", "add a LIMIT to it, or ask for less")

    def write(self, data: bytes) -> None:
        """Add to the answer.

        Raises:
            _RefusedError: Where it is too long.
        """
        self._size -= len(data)
        if self._size < 0:
            raise _RefusedError(403, "answers with too many bytes", "add a LIMIT to it, or ask for less")
        with self._lock:
            self._since = self._since or time.monotonic()
            self._parts.append(data)
            self._waiting += len(data)
            if self._waiting >= _PART:
                self._send("part")

    def send_waiting(self) -> None:
        """Send what has waited long enough."""
        with self._lock:
            if self._parts and time.monotonic() - self._since > _DELAY:
                self._send("part")

    def send(self, state: str, **more: Any) -> None:
        """Send what was added, and what became of the query."""
        with self._lock:
            self._send(state, **more)

    def _send(self, state: str, **more: Any) -> None:
        data = b"".join(self._parts)
        head = json.dumps({"state": state, **self.about, **more}).encode()
        write_bytes(self._target, HEAD.pack(len(head), len(data)) + head + data)
        self._parts, self._waiting, self._since, self.about = [], 0, 0.0, {}


class _Store:
    """The store, and what is known of its data."""

    def __init__(self, setup: Mapping[str, Any]) -> None:
        self._store = ox.Store.read_only(setup["folder"])
        self._forms: Forms = forms_from_json(setup["forms"])
        self._graphs = frozenset(setup["graphs"])
        self._prefixes: dict[str, str] = setup["prefixes"]
        self._rewrite = lru_cache(maxsize=100)(self._rewrite_anew)
        self._aggregates = functions.aggregates()

    def answer(self, request: Mapping[str, Any], text: str, out: _Answer) -> None:
        """Evaluate a query.

        Args:
            request: How it is evaluated and written.
            text: The query.
            out: What the answer is written to.

        Raises:
            GlocalError: For a mistake in the query.
            _RefusedError: Where it is not answered for another reason.
            UnwritableError: Where the format cannot hold the answer.
            OSError: And other errors of the engine.
        """
        try:
            check_query(text)
        except GlocalError:
            if calls_service(text) is None:
                raise
            raise _RefusedError(403, "SERVICE would call another server", "leave it out, or ask that server") from None
        form = check_form(text)
        chosen = bool(request["default"] or request["named"])
        if chosen:
            self._check_chosen(request)
        else:
            check_graphs(text, self._graphs)
        kind = "results" if form == "SELECT" else "truth" if form == "ASK" else "graph"
        name = request[kind]
        if name is None:
            raise _RefusedError(406, f"{form} has no answer in what Accept names", _HINTS[kind])
        out.about = {"form": form, "format": name, "volatile": may_vary(text)}
        rewritten = self._rewrite(text, tuple(request["prefixes"].items()))
        prefixes = self._prefixes | request["prefixes"]
        found = self._query(request, rewritten, prefixes, chosen=chosen)
        tags = rewritten.forms.tags
        if isinstance(found, ox.QueryBoolean):
            out.write(TRUTHS[name][bool(found)].encode())
        elif isinstance(found, ox.QuerySolutions):
            _write_rows(found, text, ROW_WRITERS[name](tags), out)
        else:
            named = {prefix: prefixes[prefix] for prefix in used_prefixes(text) if prefix in prefixes}
            named |= request["prefixes"] | declared_prefixes(text)
            write_graph(_count(found, out), name, out.write, tags=tags, prefixes=named)

    def _check_chosen(self, request: Mapping[str, Any]) -> None:
        for graph in (*request["default"], *request["named"]):
            if graph not in self._graphs:
                names = ", ".join(f"<{name}>" for name in sorted(self._graphs)[:5]) or "none"
                what = f"there is no graph <{graph[:200]}>"
                raise _RefusedError(400, what, f"nothing is fetched; the named graphs are: {names}")

    def _rewrite_anew(self, text: str, prefixes: tuple[tuple[str, str], ...]) -> Rewritten:
        return rewrite_query(text, self._forms, self._prefixes | dict(prefixes))

    def _query(self, request: Mapping[str, Any], query: Rewritten, prefixes: dict[str, str], *, chosen: bool) -> Any:
        return self._store.query(
            query.text,
            base_iri=request["base"] or None,
            prefixes=prefixes,
            default_graph=[ox.NamedNode(graph) for graph in request["default"]] if chosen else None,
            named_graphs=[ox.NamedNode(graph) for graph in request["named"]] if chosen else None,
            custom_functions=functions.functions(query.forms.tags) if query.calls else None,
            custom_aggregate_functions=self._aggregates if query.calls else None,
        )

    def explain(self, error: Exception, text: str) -> tuple[int, list[list[str]]]:
        """Return the status of HTTP for an error, and what is wrong, as problems."""
        if isinstance(error, _RefusedError):
            return error.status, [error.problem]
        if isinstance(error, UnwritableError):
            return 406, [["query", f"has an answer that cannot be written: {error}", ""]]
        if isinstance(error, MemoryError):
            return 503, [["query", "takes too much memory", "make it simpler, or ask for less"]]
        known = error
        if not isinstance(error, GlocalError):
            known = explain_failure(type(error).__name__, str(error), text, self._prefixes)
        problems = [[one.where[:_SHOWN], one.what[:_SHOWN], one.hint[:_SHOWN]] for one in known.problems]  # type: ignore[attr-defined]
        # The engine finds a function that there is not when it evaluates the query.
        mistake = isinstance(error, GlocalError | SyntaxError) or "is not supported" in str(error)
        return 400 if mistake else 500, problems[:1] if mistake else _FAILED


_FAILED: Final = [["query", "could not be answered: the engine failed", "make it simpler, or try again"]]
_HINTS: Final = {
    "results": "it has JSON, XML, CSV and TSV",
    "truth": "it has JSON and XML",
    "graph": "it has Turtle, N-Triples, JSON-LD and RDF/XML",
}


def _write_rows(found: ox.QuerySolutions, text: str, writer: Any, out: _Answer) -> None:
    names = [variable.value for variable in found.variables]
    order = order_variables(text, names)
    out.write(writer.start([names[at] for at in order]).encode())
    straight = order == list(range(len(names)))
    for solution in found:
        out.count_row()
        terms = list(solution)
        out.write(writer.row(terms if straight else [terms[at] for at in order]).encode())
    out.write(writer.end().encode())


def _count(triples: Any, out: _Answer) -> Any:
    for triple in triples:
        out.count_row()
        yield triple


class _Server:
    """The process: takes requests, and answers them one after the other."""

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target
        self._requests: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
        self._store: _Store | None = None
        self._current: _Answer | None = None
        self._busy = threading.Event()

    def serve(self) -> None:
        """Read requests until there are no more, while a thread with a large stack answers them."""
        threading.Thread(target=self._look, daemon=True).start()
        threading.stack_size(find_stack())
        threading.Thread(target=self._work, daemon=True).start()
        while len(head := read_bytes(self._source, HEAD.size)) == HEAD.size:
            length, size = HEAD.unpack(head)
            self._requests.put((json.loads(read_bytes(self._source, length)), read_bytes(self._source, size)))

    def _look(self) -> None:
        """Look at the answer that is written now and then."""
        while self._busy.wait():
            time.sleep(_DELAY)
            current = self._current
            try:
                if current is not None:
                    current.send_waiting()
            except OSError:
                return  # Nobody reads the answer.

    def _work(self) -> None:
        while True:
            request, data = self._requests.get()
            out = _Answer(self._target, {"rows": 0, "size": 0, **request})
            try:
                if request["do"] == "open":
                    self._open(request, out)
                else:
                    self._current = out
                    self._busy.set()
                    self._answer(request, data, out)
                    self._busy.clear()
                    self._current = None
            except OSError:
                return  # Nobody reads the answer.

    def _open(self, request: Mapping[str, Any], out: _Answer) -> None:
        try:
            self._store = _Store(request)
        except (OSError, RuntimeError, ValueError) as error:
            out.send("failed", status=500, problems=[["graph", f"cannot be read: {error}", "build it again"]])
            return
        give_up_rights(request["memory"] + _measure_memory(), request["folder"])
        out.send("ready")

    def _answer(self, request: Mapping[str, Any], data: bytes, out: _Answer) -> None:
        text = ""
        if self._store is None:
            out.send("failed", status=500, problems=_FAILED)
            return
        try:
            text = data.decode()
            self._store.answer(request, text, out)
        except Exception as error:
            if isinstance(error, BrokenPipeError):
                raise
            status, problems = self._store.explain(error, text)
            out.send("failed", status=status, problems=problems)
            return
        out.send("done")


def _measure_memory() -> int:
    """Measure how many bytes of addresses the process has: most of them are the stack, which is hardly ever used."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to import
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 2 << 30


def main() -> None:
    """Serve the process that started this one until it closes our stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    # What some errors alone import is imported now: later no file can be opened.
    explain_failure("SyntaxError", "error at 1:7: ", "ASK { x:y", {"y": "urn:y"})
    _Server(0, 1).serve()
