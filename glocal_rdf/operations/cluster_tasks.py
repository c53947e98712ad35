"""The tasks of a conversion of tables on a cluster, as functions that run on its workers."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import polars as pl

from glocal_rdf.cluster import storage
from glocal_rdf.cluster.spill import Spill, Spilled
from glocal_rdf.csvw.metadata.model import Dialect, Table
from glocal_rdf.csvw.parts.cutting import Block, scan_block
from glocal_rdf.csvw.parts.key_rows import KEY_ROWS, find_faults, lay_out_keys
from glocal_rdf.csvw.parts.part_job import PartJob, PartResult, PreparedTable, count_rows
from glocal_rdf.csvw.rdf.blocks import Block as TripleBlock
from glocal_rdf.csvw.rdf.deduplication import join_blocks
from glocal_rdf.csvw.results import Mode
from glocal_rdf.csvw.tables.batches import FilePart
from glocal_rdf.csvw.tables.resources import Resource
from glocal_rdf.errors import TableError
from glocal_rdf.operations.csvw import Lists

__all__ = [
    "ANSWERS",
    "PartAnswer",
    "PartGroup",
    "PartTask",
    "TableFile",
    "convert_part",
    "count_part",
    "find_in_bucket",
    "read_keys",
    "read_known",
    "run_bundle",
    "scan_file",
]


@dataclass(frozen=True)
class TableFile:
    """The file of a table: where the workers find it, how it is called, and what is known of how it was sent."""

    address: str
    url: str
    name: str
    size: int
    path: str | None = None
    content_type: str = ""
    language: str = ""

    def open(self, start: int = 0, stop: int | None = None) -> Resource:
        """Open the file, or a range of it."""
        if stop is None:
            stream = storage.open_stream(self.address)
        else:
            stream = cast("BinaryIO", io.BytesIO(storage.read_range(self.address, start, stop)))
        path = None if self.path is None else Path(self.path)
        return Resource(self.url, self.name, stream, path, self.content_type, language=self.language)


@dataclass(frozen=True)
class PartGroup:
    """What all tasks of a conversion need: the tables, their files, and how they are converted."""

    files: dict[int, TableFile]
    prepared: dict[int, PreparedTable]
    tables: tuple[Table, ...]
    names: dict[int, frozenset[str]]
    mode: Mode
    lists: Lists
    strict: bool


PartTask = tuple[int, FilePart | None]
"""What one task converts: a part of the table at a position, or the whole (None)."""


@lru_cache(4)
def load_group(packed: bytes) -> PartGroup:
    """Return what all tasks need, once in a process."""
    return cast("PartGroup", pickle.loads(packed))  # noqa: S301 - which the session's own process has pickled


@dataclass(frozen=True)
class PartAnswer:
    """What one task has made: its result, and the files in which it kept triples and keys."""

    place: int
    result: PartResult
    spilled: Spilled
    keys: str = ""
    key_rows: int = 0


ANSWERS: Final = {"number": pl.Int64(), "answer": pl.Binary()}


def run_bundle(function: Callable[[Any], Any], bundle: tuple[int, list[Any]]) -> Iterator[pl.DataFrame]:
    """Yield the answers to some tasks with their numbers; it runs on workers."""
    first, tasks = bundle
    answers = [pickle.dumps(function(task)) for task in tasks]
    numbers = pl.int_range(first, first + len(tasks), dtype=pl.Int64, eager=True)
    yield pl.DataFrame({"number": numbers, "answer": answers}, schema=ANSWERS)


def scan_file(task: tuple[int, TableFile, Dialect, int, int]) -> tuple[int, Block | None]:
    """Return the position of a table, and what a block of its file reports."""
    place, file, dialect, start, stop = task
    begin, data = storage.read_lines(file.address, start, stop)
    return place, scan_block(data, begin, dialect)


def count_part(task: tuple[int, TableFile, PreparedTable, FilePart]) -> tuple[int, tuple[int, int] | None]:
    """Return the position of a table, and how many rows and records a part of it has; None where it has a fault."""
    place, file, prepared, part = task
    try:
        with (resource := file.open(part.start, part.stop)).stream:
            counted: tuple[int, int] | None = count_rows(prepared, part, resource)
    except TableError:
        counted = None  # the conversion of the file as a whole reports it
    return place, counted


def convert_part(folder: str, packed: bytes, task: PartTask) -> PartAnswer:
    """Convert a part, and keep its triples and keys in a folder.

    Args:
        folder: The folder.
        packed: What all tasks need, pickled.
        task: The position of the table, and the part.
    """
    place, part = task
    group = load_group(packed)
    file = group.files[place]
    spill = Spill(folder)

    def keep(blocks: Sequence[TripleBlock]) -> None:
        spill.add(join_blocks(blocks))

    job = PartJob.of(
        group.prepared[place], part, group.names[place], keep, group.mode, group.lists, strict=group.strict
    )
    result = job.run_on(file.open if part is None else partial(file.open, part.start, part.stop))
    keys = lay_out_keys(place, result.table, group.tables, job.keys, result.collected)
    address = ""
    if keys.height:
        out = io.BytesIO()
        keys.write_ipc(out, compression="lz4")
        address = storage.join(folder, f"{storage.make_name('keys')}.arrow")
        storage.write_bytes(address, out.getvalue())
    result = replace(result, collected=replace(result.collected, keys={}))
    return PartAnswer(place, result, spill.close(), address, keys.height)


def read_keys(files: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the keys that tasks have kept in files."""
    for file in files:
        yield pl.read_ipc(io.BytesIO(storage.read_bytes(file)))


def read_known(key: str, files: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the rows that a key refers to, of the keys in files."""
    for frame in read_keys(files):
        yield frame.filter((pl.col("key") == key) & pl.col("role").str.starts_with("known"))


def find_in_bucket(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what is wrong with the keys of a bucket."""
    return find_faults(rows.select(list(KEY_ROWS)))
