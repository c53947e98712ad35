"""Keeps rows that may be more than fit into memory: in memory up to a limit, and beyond it in a temporary folder.

1. A `Spill` counts what its stores hold in memory. When that is more than its limit, all of them write to files.
2. A `FrameLog` is a store that returns its frames in the order in which they were added, or one by its number.
3. A `Partitions` is a store that returns rows of equal values together: they are spread over files by a hash of these
   values, so that each file is a small part of all rows. A file that is too large still is spread once more, by
   another hash. Rows that have one value cannot be spread: group them before you add them.

The folder is a `HeldFolder`: it is removed with the spill, or by the next one after a kill.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from glocal_rdf.errors import OutputError
from glocal_rdf.lazy import pl
from glocal_rdf.temporary import HeldFolder

__all__ = ["FrameLog", "Partitions", "Spill"]

MEMORY: Final = 24 << 20
"""How many bytes the stores of a spill hold before they write to files."""

PARTS: Final = 64
MAX_DEPTH: Final = 4
"""How often rows are spread by another hash at most: more often would not help, as they have the same value."""


class Spill:
    """The memory of some stores, and the folder of their files, which is made when it is first needed."""

    def __init__(self, limit: int | None = MEMORY) -> None:
        """Start without a folder.

        Args:
            limit: How many bytes the stores hold in memory; None: they never write to files.
        """
        self.limit = limit
        self._held = 0
        self._stores: list[FrameLog | Partitions] = []
        self._folder: HeldFolder | None = None
        self._files = 0

    def join(self, store: FrameLog | Partitions) -> None:
        """Count what a store holds from now on."""
        self._stores.append(store)

    def leave(self, store: FrameLog | Partitions, size: int) -> None:
        """Count a store no longer, which held some bytes."""
        self._stores = [other for other in self._stores if other is not store]
        self._held -= size

    def hold(self, size: int) -> None:
        """Count bytes that a store holds more, and let all stores write to files where they are too many.

        Args:
            size: How many.

        Raises:
            OutputError: Where the files cannot be written.
        """
        self._held += size
        if self.limit is not None and self._held > self.limit:
            for store in tuple(self._stores):
                store.flush()
            self._held = 0

    def new_path(self) -> Path:
        """Return the path of a file that is not there yet.

        Raises:
            OutputError: Where there is no folder for it.
        """
        if self._folder is None:
            with naming_the_folder():
                self._folder = HeldFolder("glocal-spill-")
        self._files += 1
        return self._folder.path / str(self._files)

    def close(self) -> None:
        """Remove the folder; nothing that was stored can be read any more."""
        self._stores.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


@contextlib.contextmanager
def naming_the_folder() -> Iterator[None]:
    """Turn an error of the system into one that names the folder of temporary files.

    Raises:
        OutputError: Where the system reports an error.
    """
    try:
        yield
    except OSError as error:
        place = tempfile.tempdir or "the temporary folder"
        reason = str(error.strerror or error).partition(" (os error ")[0]  # as errors raised outside of Python end
        what = f"cannot hold temporary files ({reason})"
        raise OutputError.at(place, what, "make room, or name another folder with TMPDIR") from error


class FrameLog:
    """Frames of one schema, in the order in which they were added."""

    def __init__(self, spill: Spill) -> None:
        """Start without frames."""
        self._spill = spill
        self._held: list[pl.DataFrame] = []
        self._size = 0
        self._file = _File(spill)
        spill.join(self)

    def __len__(self) -> int:
        """Return how many frames there are."""
        return len(self._file.blobs) + len(self._held)

    def append(self, frame: pl.DataFrame) -> None:
        """Add a frame.

        Raises:
            OutputError: Where it cannot be written.
        """
        size = int(frame.estimated_size())
        self._held.append(frame)
        self._size += size
        self._spill.hold(size)

    def flush(self) -> None:
        """Write what is held in memory to the file."""
        for frame in self._held:
            self._file.append(frame)
        self._held, self._size = [], 0

    def remove(self) -> None:
        """Give up all frames, and their file."""
        self._spill.leave(self, self._size)
        self._file.remove()
        self._held, self._size = [], 0

    def __getitem__(self, number: int) -> pl.DataFrame:
        """Return the frame of a number, from 0."""
        stored = len(self._file.blobs)
        return self._file.read(number) if number < stored else self._held[number - stored]

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Yield all frames; none may be added meanwhile."""
        yield from (self[number] for number in range(len(self)))


class Partitions:
    """Rows of one schema, those of equal values together."""

    def __init__(self, spill: Spill, by: Sequence[str], *, step: int = 0, depth: int = 0) -> None:
        """Start without rows.

        Args:
            spill: Counts what is held.
            by: The columns whose values decide which rows are together.
            step: If it is not 0, there is one column, of whole numbers from 0, and a part has the rows of that many
                numbers, part after part in their order; otherwise the order of the parts means nothing.
            depth: How often the rows were spread before.
        """
        self._spill, self._by, self._step, self._depth = spill, list(by), step, depth
        self._held: list[pl.DataFrame] = []
        self._size = 0
        self._files: dict[int, _File] = {}
        spill.join(self)

    def add(self, frame: pl.DataFrame) -> None:
        """Add rows.

        Raises:
            OutputError: Where they cannot be written.
        """
        if not frame.height:
            return
        size = int(frame.estimated_size())
        self._held.append(frame)
        self._size += size
        self._spill.hold(size)

    def flush(self) -> None:
        """Write what is held in memory to the files."""
        if not self._held:
            return
        frame = pl.concat(self._held)
        self._held, self._size = [], 0
        part = pl.col(self._by[0]) // self._step if self._step else pl.struct(self._by).hash(self._depth) % PARTS
        parts = frame.with_columns(part.cast(pl.Int64).alias(" part")).partition_by(
            " part", maintain_order=True, include_key=False, as_dict=True
        )
        for (number,), rows in parts.items():
            self._files.setdefault(number, _File(self._spill)).append(rows)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Yield all rows, part by part, each part in the order in which its rows were added; then they are gone."""
        if not self._files:
            if self._held:
                frame = pl.concat(self._held)
                yield frame.sort(self._by, maintain_order=True) if self._step else frame
        else:
            self.flush()
            for _, file in sorted(self._files.items()):
                yield from self._read(file)
                file.remove()
        self._spill.leave(self, self._size)
        self._held, self._size, self._files = [], 0, {}

    def _read(self, file: _File) -> Iterator[pl.DataFrame]:
        limit = self._spill.limit
        if self._step or self._depth == MAX_DEPTH or limit is None or file.size <= limit:
            yield pl.concat(file)
            return
        again = Partitions(self._spill, self._by, depth=self._depth + 1)
        for frame in file:
            again.add(frame)
        yield from again


class _File:
    """Frames in a file, each as a stream of Arrow."""

    def __init__(self, spill: Spill) -> None:
        """Start without a file."""
        self._spill = spill
        self._path: Path | None = None
        self.blobs: list[tuple[int, int]] = []
        """Where each frame starts, and how long it is."""
        self.size = 0

    def append(self, frame: pl.DataFrame) -> None:
        """Write a frame behind the others.

        Raises:
            OutputError: Where that fails.
        """
        if self._path is None:
            self._path = self._spill.new_path()
        blob = io.BytesIO()
        frame.write_ipc_stream(blob, compression="lz4")
        with naming_the_folder(), self._path.open("ab") as file:
            file.write(blob.getbuffer())
        self.blobs.append((self.size, blob.tell()))
        self.size += blob.tell()

    def read(self, number: int) -> pl.DataFrame:
        """Return the frame of a number, from 0.

        Raises:
            OutputError: Where that fails.
        """
        assert self._path is not None  # noqa: S101 - there is a frame
        start, length = self.blobs[number]
        with naming_the_folder(), self._path.open("rb") as file:
            file.seek(start)
            return pl.read_ipc_stream(io.BytesIO(file.read(length)))

    def __iter__(self) -> Iterator[pl.DataFrame]:
        yield from (self.read(number) for number in range(len(self.blobs)))

    def remove(self) -> None:
        """Remove the file."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
