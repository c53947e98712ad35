"""Writes the triples of any number of batches as N-Triples, each once, in bounded memory.

A triple can stand in two batches only if its subject does. So no triple is compared before it is known which subjects
do, and mostly none is:

1. Batches are written to a draft: the file of the result itself, if that can be read and changed, or else a temporary
   one. A hash of every subject is kept with the number of its batch.
2. Subjects whose hash is in two batches are doubtful. If there is none, the draft is the result. Equal subjects have
   equal hashes, so that none is missed; different ones with equal hashes only make more to compare.
3. The lines of doubtful subjects are read from the draft and compared as text, part by part. Of equal lines, the first
   is kept: no line is dropped because of a hash.
4. The draft is copied without the lines that are dropped, or moved together in its place.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import polars as pl

from glocal_rdf.csvw.rdf.row_order import OrderedTriples
from glocal_rdf.csvw.tables.records import split_lines
from glocal_rdf.spill import FrameLog, Partitions, Spill, naming_the_folder
from glocal_rdf.triples.formats.ntriples import stream_ntriples

__all__ = ["Draft"]

_STEP: Final = 8
"""How many batches have what is found of them in one part."""

_IN_MEMORY: Final = 16 << 20
"""How many bytes a temporary draft may have in memory."""


@dataclass
class Draft:
    """The lines of a result; `progress` is called with their number as it grows, and in the end."""

    sink: BinaryIO
    spill: Spill
    progress: Callable[[int], None] | None = None
    lines: int = 0
    _ends: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._in_place = self.sink.seekable() and self.sink.readable()
        self._ends.append(self.sink.tell() if self._in_place else 0)
        self._file: BinaryIO = self.sink if self._in_place else io.BytesIO()
        self._segments = FrameLog(self.spill)
        self._subjects = Partitions(self.spill, ["subject"])

    def add(self, batch: OrderedTriples) -> None:
        """Write the triples of a batch, in which none stands twice.

        Raises:
            OutputError: Where the temporary files cannot be written.
        """
        number = len(self._segments)
        self._subjects.add(
            batch.segments.select(pl.col("subject").drop_nulls().unique(), pl.lit(number, pl.UInt32).alias("batch"))
        )
        self._segments.append(batch.segments)
        with self._naming_the_file():
            stream_ntriples(batch.frame, self._file)
            self._ends.append(self._file.tell())
            self._leave_memory()
        self.lines += batch.frame.height
        if self.progress is not None:
            self.progress(self.lines)

    def finish(self) -> None:
        """Write the result to the sink.

        Raises:
            OutputError: Where the temporary files cannot be written.
        """
        end = self._copy_to_sink(self._find_repeated_lines())
        if self._in_place:
            self.sink.seek(end)
            self.sink.truncate()
        else:
            self._file.close()
        if self.progress is not None:
            self.progress(self.lines)

    def _leave_memory(self) -> None:
        """Move a temporary draft that has grown from memory to a file."""
        held = self._file
        if self._in_place or not isinstance(held, io.BytesIO) or self.spill.limit is None or held.tell() <= _IN_MEMORY:
            return
        self._file = self.spill.new_path().open("w+b")
        self._file.write(held.getbuffer())

    def _naming_the_file(self) -> contextlib.AbstractContextManager[None]:
        """Name the temporary folder where its file fails; whoever opened the sink names that."""
        return contextlib.nullcontext() if self._in_place else naming_the_folder()

    def _find_repeated_lines(self) -> Partitions:
        """Return the lines to drop, by the number of their batch and their place in it."""
        doubtful = Partitions(self.spill, ["batch"], step=_STEP)
        for subjects in self._subjects:
            doubtful.add(subjects.filter(pl.col("subject").is_duplicated()))
        compared = Partitions(self.spill, ["line"])
        for part in doubtful:
            for number, subjects in _by_batch(part):
                compared.add(self._lines_of(number, subjects["subject"]))
        dropped = Partitions(self.spill, ["batch"], step=_STEP)
        for lines in compared:
            again = lines.sort("batch", "at").filter(~pl.col("line").is_first_distinct())
            dropped.add(again.select("batch", "at"))
        return dropped

    def _lines_of(self, number: int, subjects: pl.Series) -> pl.DataFrame:
        """Return the lines of a batch that have doubtful subjects, with their places."""
        segments = self._segments[number]
        wanted = segments.select(pl.col("subject").is_in(subjects.implode()).fill_null(value=False).repeat_by("lines"))
        mask = wanted.to_series().explode()
        lines = split_lines(self._read(number))
        return pl.DataFrame(
            {
                "line": lines.filter(mask),
                "batch": pl.repeat(number, int(mask.sum()), dtype=pl.UInt32, eager=True),
                "at": mask.arg_true(),
            }
        )

    def _copy_to_sink(self, dropped: Partitions) -> int:
        """Write the draft without the lines that are dropped; return where it ends."""
        copied = 0
        end = self._ends[0]
        moved = not self._in_place
        for part in dropped:
            for number, lines in _by_batch(part):
                end = self._copy(range(copied, number), end, moved=moved)
                moved, copied = True, number + 1
                self.lines -= lines.height
                end = self._put(_without(self._read(number), lines["at"]), end)
        return self._copy(range(copied, len(self._segments)), end, moved=moved)

    def _copy(self, batches: range, end: int, *, moved: bool) -> int:
        """Write batches unchanged at the end of the sink, if they are not there already; return its new end."""
        if not moved:
            return self._ends[batches.stop]
        for number in batches:
            end = self._put(self._read(number), end)
        return end

    def _put(self, text: bytes, end: int) -> int:
        """Write a text at the end of the sink; return its new end."""
        if self._in_place:
            self.sink.seek(end)
        self.sink.write(text)
        return end + len(text)

    def _read(self, number: int) -> bytes:
        """Return the text of a batch."""
        with self._naming_the_file():
            self._file.seek(self._ends[number])
            return self._file.read(self._ends[number + 1] - self._ends[number])


def _without(text: bytes, places: pl.Series) -> bytes:
    """Return a text without the lines at some places."""
    lines = split_lines(text)
    kept = pl.repeat(value=True, n=lines.len(), eager=True).scatter(places, False)
    rest: str = lines.filter(kept).str.join("\n").item()
    return rest.encode() + b"\n" if kept.any() else b""


def _by_batch(part: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield the rows of each batch, in the order of their numbers."""
    for (number,), rows in sorted(part.partition_by("batch", as_dict=True).items()):
        yield int(number), rows
