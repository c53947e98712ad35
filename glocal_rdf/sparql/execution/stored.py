"""A graph in a store that is kept in a folder: written once, and then opened to read by any number of processes.

Opening one takes a hundredth of a second for any size, where loading takes one for each few thousand triples. Literals
and blank nodes are as in a store in memory (`process.py`): literals that the engine would rewrite are written under
private datatypes, and `Forms` says which there are.

A folder that cannot be read (damaged, or removed meanwhile) fails with the first query; the graph is then taken from
elsewhere, by a function that is given.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from glocal_rdf.errors import StoredGraphError
from glocal_rdf.lazy import pl
from glocal_rdf.sparql.execution.process import TIMEOUT, StoreProcess
from glocal_rdf.sparql.literals.forms import Forms
from glocal_rdf.triples.formats.ntriples import write_ntriples

if TYPE_CHECKING:
    import pyoxigraph

    from glocal_rdf.sparql.execution.results import Result

__all__ = ["StoreWriter", "StoredGraph"]

BLOCK: Final = 1 << 20
"""How many triples of a frame are written at once."""

MAX_BUFFERED: Final = 32 << 20
"""How many bytes of triples are collected, to be written at once."""

MAX_FILES: Final = 16
"""How many files of a store the engine opens at once with the folder; a store of more is written into fewer first."""

MOST_FILES: Final = 2_000
"""How many files a store may have at all: about 130 GB."""


class StoredGraph(StoreProcess):
    """A store in a folder, opened to read with the first query; or, where that fails, another one."""

    def __init__(self, folder: Path, forms: Forms, fallback: Callable[[], StoreProcess]) -> None:
        """Keep what is needed; nothing is opened yet.

        Args:
            folder: The folder of the store.
            forms: The forms of its literals, as `StoreWriter` found them.
            fallback: Makes the store to query where the folder cannot be read.
        """
        super().__init__(str(folder))
        self.folder = folder
        self._forms = forms
        self._fallback = fallback
        self._other: StoreProcess | None = None

    @property
    def forms(self) -> Forms:
        """The forms of its literals."""
        return self._forms

    def load(self, frame: pl.DataFrame, graph: str | None = None) -> None:  # noqa: ARG002
        """Refuse to load: the folder is only read."""
        raise TypeError("a store that is kept in a folder is only read")

    def query(
        self,
        text: str,
        *,
        limit: float = TIMEOUT,
        prefixes: Mapping[str, str] | None = None,
        graphs: Sequence[str] | None = (),
    ) -> Result:
        """Ask a query, and return the answer: from the other store where the folder cannot be read.

        Args:
            text: The query.
            limit: The seconds that it may take.
            prefixes: Prefixes that need no declaration in it.
            graphs: The named graphs that it sees; None for all.
        """
        if self._other is None:
            try:
                return super().query(text, limit=limit, prefixes=prefixes, graphs=graphs)
            except StoredGraphError:
                self._other = self._fallback()
        return self._other.query(text, limit=limit, prefixes=prefixes, graphs=graphs)

    def close(self) -> None:
        """End the process; later queries fail."""
        super().close()
        if self._other is not None:
            self._other.close()


class StoreWriter:
    """Writes graphs into a new store in a folder, several blocks at a time; to be used as a context manager.

    Triples are added in their order, since of the forms of a language tag the first is its main form.
    """

    def __init__(self, folder: Path) -> None:
        """Make the store in an empty folder.

        Raises:
            OSError: Where it cannot be written.
        """
        import pyoxigraph  # noqa: PLC0415 - few commands write a store

        self.forms = Forms()
        self._folder = folder
        self._store: pyoxigraph.Store | None = pyoxigraph.Store(str(folder))
        self._threads = max(1, min(os.cpu_count() or 1, 4))
        self._pool = ThreadPoolExecutor(self._threads)
        self._jobs: list[Future[None]] = []
        self._lines: list[bytes] = []
        self._blank_lines: list[bytes] = []

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for what is being written, and close the store."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._store = None

    def load(self, frame: pl.DataFrame, graph: str | None = None) -> None:
        """Add triples (the first three columns) to the default graph or a named one.

        Raises:
            OSError: Where it cannot be written.
        """
        self.forms = self.forms.extended(frame.to_series(2))
        encoded = self.forms.encode(frame)
        for start in range(0, encoded.height, BLOCK):
            self._add(encoded.slice(start, BLOCK), graph)

    def load_lines(self, lines: bytes, frame: pl.DataFrame) -> None:
        """Add triples to the default graph as `load` does, where their canonical N-Triples are at hand."""
        self.forms = self.forms.extended(frame.to_series(2))
        encoded = self.forms.encode(frame)
        if encoded is frame and b"_:" not in lines:
            self._lines.append(lines)
            self._flush()
        else:
            self._add(encoded, None)

    def finish(self) -> None:
        """Wait until all is written.

        Raises:
            OSError: Also where the store has too many files to be opened at once.
        """
        self._flush()
        for job in self._jobs:
            job.result()
        self._jobs.clear()
        if self._store is not None and self._count_files() > MAX_FILES:
            self._store.optimize()
            if self._count_files() > MOST_FILES:
                raise OSError("the store has more files than a process opens")

    def _count_files(self) -> int:
        return sum(1 for _ in self._folder.glob("*.sst"))

    def _add(self, frame: pl.DataFrame, graph: str | None) -> None:
        subject, predicate, obj = frame.columns[:3]
        frame = frame.select(subject=subject, predicate=predicate, object=obj)
        if graph is not None:
            frame = frame.with_columns(graph=pl.lit(graph if graph.startswith("_:") else f"<{graph}>"))
        blank = pl.any_horizontal(pl.col(name).str.starts_with("_:") for name in frame.columns if name != "predicate")
        for which, lines in ((~blank, self._lines), (blank, self._blank_lines)):
            part = frame.filter(which)
            if part.height:
                lines.append(write_ntriples(part))
        if sum(map(len, self._lines)) + sum(map(len, self._blank_lines)) > MAX_BUFFERED:
            self._flush()

    def _flush(self) -> None:
        """Let what was added be written."""
        for lines, write in ((self._lines, self._write), (self._blank_lines, self._write_blank)):
            if lines:
                # No more blocks than threads are in memory.
                while len(self._jobs) > self._threads:
                    self._jobs.pop(0).result()
                self._jobs.append(self._pool.submit(write, b"".join(lines)))
                lines.clear()

    def _write(self, quads: bytes) -> None:
        import pyoxigraph  # noqa: PLC0415

        if self._store is not None:
            self._store.bulk_load(quads, pyoxigraph.RdfFormat.N_QUADS, lenient=True)

    def _write_blank(self, quads: bytes) -> None:
        import pyoxigraph  # noqa: PLC0415

        if self._store is not None:
            # To load text would give blank nodes new labels.
            self._store.bulk_extend(pyoxigraph.parse(quads, pyoxigraph.RdfFormat.N_QUADS, lenient=True))
