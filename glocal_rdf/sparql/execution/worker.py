"""Evaluates SPARQL in a process of its own, which can be killed: requests come from stdin, answers go to stdout.

This is a program, started by `process.py`. It imports the standard library and pyoxigraph alone, so that it starts in
a few hundredths of a second. A message, either way, is eight bytes (two numbers: the lengths of what follows), a JSON
object, and bytes:

    do      with                                bytes
    load    graph (an IRI, or null), labelled   N-Triples; the last `labelled` bytes are triples with blank nodes
    unload  graph                               N-Triples to take out; none for the whole graph
    query   id, prefixes, graphs, tags          the query; `tags` are not null where it calls our functions

A query is answered in two messages: that it has begun, and its result. Loads are done one after the other, and
a query waits for those that came before it. The process ends when its stdin does.

The store is in memory, or in a folder that is opened to read (then nothing is loaded or unloaded). Before the first
request the process gives up the right to open anything (no file, no socket): whatever a query holds,
it reaches no network. It gives up core dumps, and takes no more memory than `find_memory_limit` says.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import IO, Any, cast

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat

from glocal_rdf.sparql.literals import functions

__all__ = [
    "HEAD",
    "LIMIT",
    "find_files_to_open",
    "find_memory_limit",
    "find_stack",
    "give_up_rights",
    "main",
    "read_bytes",
    "write_bytes",
]

OPENED_AT_ONCE = 16
"""How many files of a store the engine opens at once with the folder."""

HEAD = struct.Struct(">IQ")
"""The lengths of a message's JSON and of its bytes."""

LIMIT = 256 * 1024 * 1024
"""How many bytes one answer may have, the same as an endpoint's."""

_STACK = 512 * 1024 * 1024
"""How deep the engine's stack may grow: enough for ten times the nesting that the policy allows."""

_LEAST_MEMORY = 2 * 1024**3


GraphName = NamedNode | BlankNode | DefaultGraph


class _TooLargeError(Exception):
    """The answer has more than `LIMIT` bytes."""


class _Bounded:
    """A file in memory that takes no more than `LIMIT` bytes."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        """Keep some bytes."""
        self._size += len(data)
        if self._size > LIMIT:
            raise _TooLargeError
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Have nothing to do."""


class _Load:
    """Something that changes the store: when it is done, and what went wrong."""

    def __init__(self, job: Callable[[], None], before: _Load | None) -> None:
        self.job = job
        self.before = before
        self.done = threading.Event()
        self.error = ""

    def run(self) -> None:
        if self.before is not None:
            self.error = self.before.error
        try:
            if not self.error:
                self.job()
        except MemoryError:
            self.error = "TooLong"
        except (OSError, RuntimeError, SyntaxError, ValueError) as error:
            self.error = f"{type(error).__name__}: {error}"
        self.before = None
        self.done.set()


class Worker:
    """A store, and the threads that load it and ask it."""

    def __init__(self, source: int, target: int, threads: int, folder: str = "") -> None:
        self._source = source
        self._target = target
        self._broken = ""
        self._store = self._open(folder) if folder else pyoxigraph.Store()
        self._last: _Load | None = None
        self._loads: queue.SimpleQueue[_Load] = queue.SimpleQueue()
        self._queries: queue.SimpleQueue[tuple[dict[str, Any], str, _Load | None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        threading.stack_size(find_stack())
        for job in (self._load, *[self._ask] * threads):
            threading.Thread(target=job, daemon=True).start()

    def _open(self, folder: str) -> pyoxigraph.Store:
        """Open a store to read. Where that fails every query does, and its answer says that the folder is why."""
        try:
            return pyoxigraph.Store.read_only(folder)
        except (OSError, RuntimeError, ValueError) as error:
            self._broken = str(error)
            return pyoxigraph.Store()

    def serve(self) -> None:
        """Read requests until there are no more."""
        while len(head := read_bytes(self._source, HEAD.size)) == HEAD.size:
            length, size = HEAD.unpack(head)
            request = json.loads(read_bytes(self._source, length))
            data = read_bytes(self._source, size)
            if request["do"] == "query":
                self._queries.put((request, data.decode(), self._last))
            else:
                job = {"load": self._add, "unload": self._remove}[request["do"]]
                self._last = _Load(partial(job, request, data), self._last)
                self._loads.put(self._last)

    def _load(self) -> None:
        while True:
            self._loads.get().run()

    def _ask(self) -> None:
        while True:
            request, text, load = self._queries.get()
            if load is not None:
                load.done.wait()
            self._send({"id": request["id"], "state": "begun"})
            reply, parts = (
                self._answer(request, text) if load is None or not load.error else _failed("load", load.error)
            )
            self._send({"id": request["id"], **reply}, parts)

    def _answer(self, request: dict[str, Any], text: str) -> tuple[dict[str, Any], list[bytes]]:
        """Evaluate a query.

        Args:
            request: The request: its number, options and limits.
            text: The query.

        Returns:
            The reply, and the answer in pieces.
        """
        if self._broken:
            return _failed("OSError", self._broken)
        graphs, tags = request["graphs"], request["tags"]
        out = _Bounded()
        file = cast("IO[bytes]", out)
        reply: dict[str, Any] = {"state": "done"}
        try:
            answer = self._store.query(
                text,
                prefixes=request["prefixes"],
                named_graphs=None if graphs is None else [_name_graph(graph) for graph in graphs],
                custom_functions=None if tags is None else functions.functions(tags),
                custom_aggregate_functions=None if tags is None else functions.aggregates(),
            )
            if isinstance(answer, QueryBoolean):
                return reply | {"form": "ASK", "truth": bool(answer)}, []
            if isinstance(answer, QueryTriples):
                answer.serialize(file, format=RdfFormat.N_TRIPLES)
                return reply | {"form": "CONSTRUCT"}, out.parts
            reply |= {"form": "SELECT", "variables": [variable.value for variable in answer.variables]}
            answer.serialize(file, format=QueryResultsFormat.TSV)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to this query and to no other
            return _failed(type(error).__name__, str(error))
        return reply, out.parts

    def _add(self, request: dict[str, Any], data: bytes) -> None:
        graph = _name_graph(request["graph"])
        cut = len(data) - request["labelled"]
        if cut:
            self._store.load(data[:cut], RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
        if request["labelled"]:
            # To load text would give blank nodes new labels.
            self._store.bulk_extend(self._quads(data[cut:], graph))

    def _remove(self, request: dict[str, Any], data: bytes) -> None:
        graph = _name_graph(request["graph"])
        for quad in self._quads(data, graph):
            self._store.remove(quad)
        if not data:
            self._store.remove_graph(graph)

    @staticmethod
    def _quads(data: bytes, graph: GraphName) -> Iterable[pyoxigraph.Quad]:
        found = pyoxigraph.parse(data, RdfFormat.N_TRIPLES, lenient=True)
        return (pyoxigraph.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in found)

    def _send(self, reply: dict[str, Any], parts: Iterable[bytes] = ()) -> None:
        data = b"".join(parts)
        head = json.dumps(reply).encode()
        with self._lock:
            write_bytes(self._target, HEAD.pack(len(head), len(data)) + head)
            write_bytes(self._target, data)


def _name_graph(name: str | None) -> Any:
    """Make the name of a graph: an IRI, a blank node `_:label`, or none for the default graph."""
    if name is None:
        return DefaultGraph()
    return BlankNode(name[2:]) if name.startswith("_:") else NamedNode(name)


def _failed(error: str, message: str) -> tuple[dict[str, Any], list[bytes]]:
    return {"state": "failed", "error": error, "message": message[:10_000]}, []


def read_bytes(source: int, size: int) -> bytes:
    """Read so many bytes; fewer where there are no more."""
    parts: list[bytes] = []
    while size and (part := os.read(source, min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def write_bytes(target: int, data: bytes) -> None:
    """Write all bytes."""
    view = memoryview(data)
    while view:
        view = view[os.write(target, view[: 1 << 20]) :]


def find_stack() -> int:
    """Find the largest stack that a thread gets here."""
    size = _STACK
    while size > 1 << 24:
        try:
            threading.stack_size(size)
            probe = threading.Thread(target=int)
            probe.start()
            probe.join()
        except (RuntimeError, ValueError):
            size //= 2
        else:
            return size
    return 0


def find_memory_limit() -> int:
    """Find how many bytes of memory the process may take: three quarters of what the machine or the container has.

    Never less than 2 GiB, and 2 GiB more for stacks, which are reserved and hardly ever used.
    """
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(name, encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to import
                found += [int(word) for word in [file.read().strip()] if word.isdigit()]
        except OSError:
            continue
    return max(_LEAST_MEMORY, min(found) * 3 // 4) + _LEAST_MEMORY


def find_files_to_open(folder: str) -> int:
    """Find how many descriptors a process may need that has opened the store in a folder: 0 where none is opened later.

    The engine opens the first files of a store at once, and others when a query first reads them. Of a store with more
    than these the rest stay allowed, one for each file.

    Args:
        folder: The folder.
    """
    files = sum(1 for name in os.listdir(folder) if name.endswith(".sst"))  # noqa: PTH208 - pathlib is slow to import
    later = files - OPENED_AT_ONCE
    if later <= 0:
        return 0
    # Those that are free are anywhere between others, so that they are taken to find the highest.
    probes: list[int] = []
    with suppress(OSError):
        while len(probes) <= later:
            probes.append(os.open(os.devnull, os.O_RDONLY))
    for probe in probes:
        os.close(probe)
    return max(probes, default=0) + 1 + (later + 1 - len(probes))


def give_up_rights(memory: int = 0, folder: str = "") -> None:
    """Drop the rights that a query must never have: files, sockets, core dumps, all memory; not on Windows.

    Args:
        memory: How many bytes of addresses the process may have; by default what `find_memory_limit` says.
        folder: The folder of the store that the process has opened; empty for one in memory.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write("1000")  # Where memory runs out, this process is ended, and not the one that sent the query.
    except OSError:
        pass
    files = 0
    with suppress(OSError):
        files = find_files_to_open(folder) if folder else 0
    limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, files)]
    with suppress(OSError, ValueError):
        limits.insert(0, (resource.RLIMIT_AS, memory or find_memory_limit()))
    for name, limit in limits:
        hard = resource.getrlimit(name)[1]
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(name, (bound, bound))
        except (OSError, ValueError):
            continue


def main(threads: int, folder: str = "") -> None:
    """Serve the process that started this one until it closes our stdin, from the store in a folder if there is one."""
    # Ctrl-C is for the process that started this one, which then ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(0, 1, threads, folder)
    give_up_rights(folder=folder)
    worker.serve()
