"""Converts described tables on a cluster, with the triples, problems and accounts of a conversion on one machine.

1. The description and the heads of the tables are read here.
2. Files that can be cut are looked at in blocks, and cut where records begin; others are one task each.
3. Where triples depend on the numbers of rows, the rows of each part are counted.
4. Each part is converted by the engine of `csvw`, unchanged; its triples and keys are kept beside the output.
5. Keys are brought together by value, and checked; problems and accounts are put together.
6. The triples are written in sorted parts, each once.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

import polars as pl

from glocal_rdf.cluster import parts as cluster_parts
from glocal_rdf.cluster import storage
from glocal_rdf.cluster.parts import Staging
from glocal_rdf.cluster.session import connect
from glocal_rdf.cluster.spill import Spill, Spilled
from glocal_rdf.csvw import Accounts, Problems
from glocal_rdf.csvw.engine import Job
from glocal_rdf.csvw.keys import key_names
from glocal_rdf.csvw.metadata.model import Table
from glocal_rdf.csvw.parts.cutting import Block, choose_parts, is_cuttable, scan_block
from glocal_rdf.csvw.parts.key_rows import FAULTS, KEY_ROWS, find_faults, lay_out_keys, report_keys
from glocal_rdf.csvw.parts.merging import MergedTable, is_to_be_read_whole, merge_parts
from glocal_rdf.csvw.parts.part_job import (
    PartJob,
    PartResult,
    PreparedTable,
    count_rows,
    needs_row_numbers,
    prepare_table,
)
from glocal_rdf.csvw.rdf.blocks import Block as TripleBlock
from glocal_rdf.csvw.rdf.deduplication import join_blocks
from glocal_rdf.csvw.results import Mode
from glocal_rdf.csvw.sources import open_job
from glocal_rdf.csvw.table_job import TableResult
from glocal_rdf.csvw.table_rows import TableRows
from glocal_rdf.csvw.tables.batches import FilePart
from glocal_rdf.csvw.tables.resources import Access, Resource, is_sheet
from glocal_rdf.errors import GlocalError, InputError, Problem, TableError
from glocal_rdf.operations.cluster_graphs import ReadGraph, Written, write_graph
from glocal_rdf.operations.csvw import Lists
from glocal_rdf.operations.prefixes import read_prefixes

if TYPE_CHECKING:
    from glocal_rdf.cluster.session import Cluster

__all__ = ["ClusterConversion", "convert_tables", "list_inputs"]

MODULES: Final = ("glocal_rdf.operations.cluster_csvw",)
"""What the check of the workers imports."""

RANGE: Final = 32 << 20
"""About how many bytes of a table are one task."""

KEYS_A_BUCKET: Final = 500_000
"""About how many keys are compared at once."""

_ANSWER: Final = {"answer": pl.Binary()}


@dataclass(frozen=True)
class ClusterConversion:
    """The result of a conversion on a cluster: what was written, the problems, and the accounts of the rows."""

    written: Written
    problems: Problems

    @property
    def accounts(self) -> Accounts:
        """What became of the rows and cells."""
        return self.problems.accounts


@dataclass(frozen=True)
class _File:
    """The file of a table: where the workers find it, how it is called, and what is known of how it was sent."""

    address: str
    url: str
    name: str
    size: int
    path: str | None = None

    def open(self, start: int = 0, stop: int | None = None) -> Resource:
        """Open the file, or a range of it. Raises InputError where it cannot be read."""
        if stop is None:
            stream = storage.open_stream(self.address)
        else:
            stream = cast("BinaryIO", io.BytesIO(storage.read_range(self.address, start, stop)))
        return Resource(self.url, self.name, stream, None if self.path is None else Path(self.path))


@dataclass(frozen=True)
class _Group:
    """What all tasks of a conversion need: the tables, their files, and how they are converted."""

    files: dict[int, _File]
    prepared: dict[int, PreparedTable]
    tables: tuple[Table, ...]
    names: dict[int, frozenset[str]]
    mode: Mode
    lists: Lists


_PartTask = tuple[int, FilePart | None]
"""What one task converts: a part of the table at a position, or the whole (None)."""


@lru_cache(4)
def _load_group(packed: bytes) -> _Group:
    """Return what all tasks need, once in a process."""
    return cast("_Group", pickle.loads(packed))  # noqa: S301 - which the session's own process has pickled


@dataclass(frozen=True)
class _Answer:
    """What one task has made: its result, and the files in which it kept triples and keys."""

    place: int
    result: PartResult
    spilled: Spilled
    keys: str = ""
    key_rows: int = 0


class _StoredAccess(Access):
    """The files in the folder of a description at an address of a file system."""

    def find(self, url: str) -> Resource | None:
        """Return what is at an address, or None if there is nothing.

        Raises:
            InputError: Where it lies elsewhere.
        """
        folder = self.url.rpartition("/")[0] + "/"
        if not url.startswith(folder):
            hint = "move the file into the folder of the description"
            raise InputError.at(self.url, f"{url!r} lies outside the folder of the description", hint)
        address = url.partition("#")[0]
        try:
            storage.size_of(address)
        except InputError as error:
            if isinstance(error.__cause__, OSError | ValueError):
                raise
            return None
        return Resource(url, address, storage.open_stream(address))


def convert_tables(
    address: str,
    source: str,
    output: str,
    form: str = "ntriples",
    *,
    mode: Mode = "minimal",
    metadata: str | None = None,
    base: str | None = None,
    lists: Lists = "each",
    partitions: int | None = None,
    range_size: int = RANGE,
) -> ClusterConversion:
    """Convert a table, or a metadata document with its tables, on a cluster.

    Args:
        address: The cluster: `sc://host:port`, or `local`.
        source: A file: a path that all machines have in common, or an address (s3://, hdfs://).
        output: The folder to write, at such an address too.
        form: `ntriples`, `turtle` or `parquet`.
        mode: `minimal`: the statements of the cells; `standard`: also tables, rows and annotations.
        metadata: The description to use instead of the one that would be found.
        base: The address that stands for the file in the output.
        lists: Whether a `valueUrl` makes one IRI of each value of a list, or one of all (`joined`).
        partitions: How many parts to write.
        range_size: About how many bytes of a table one task reads.

    Raises:
        TableError: With all problems, where the description is invalid or a table cannot be read; nothing is written.
        InputError: Where a file is missing.
        OutputError: Where the output cannot be written, or the format cannot hold the graph in parts.
        EndpointError: Where the cluster cannot do it.
    """
    job = _open_job(source, metadata, base)
    cluster_parts.check_output(output)
    with connect(address, MODULES) as cluster, cluster_parts.stage(output) as staging:
        answers = _convert(cluster, job, staging, mode, lists, range_size)
        merged = _merge(cluster, job, answers)
        problems = _list_problems(job, merged)
        spilled = [answer.spilled for found in answers for answer in found]
        if mode == "standard":
            spilled.append(_describe_group(job, merged, staging))
        written = write_graph(cluster, ReadGraph(tuple(spilled)), staging, form, partitions=partitions)
    return ClusterConversion(written, problems)


def list_inputs(source: str, metadata: str | None = None, base: str | None = None) -> list[tuple[str, int]]:
    """Return the files of the tables that a source describes, with their sizes in bytes. Raises as `convert_tables`."""
    job = _open_job(source, metadata, base)
    return [(file.name, file.size) for file in (_find_file(job.access, table) for table in job.group.tables)]


def _open_job(source: str, metadata: str | None, base: str | None) -> Job:
    if not storage.has_scheme(source):
        return open_job(source, metadata=metadata, base=base, prefixes=read_prefixes(source))
    access = _StoredAccess(source, None)
    if base is not None or metadata is not None:
        option = "--base" if base is not None else "--metadata"
        raise InputError.at(source, f"is an address of a file system, with which {option} does not go")
    return open_job(source, access=access)


def _find_file(access: Access, table: Table) -> _File:
    """Return the file of a table. Raises InputError where it cannot be read."""
    resource = access.open(table.url)
    resource.stream.close()
    if resource.path is not None:
        path = str(resource.path.absolute())
        return _File(path, resource.url, resource.name, storage.size_of(path), str(resource.path))
    address = table.url.partition("#")[0]
    return _File(address, resource.url, resource.name, storage.size_of(address))


def _convert(
    cluster: Cluster, job: Job, staging: Staging, mode: Mode, lists: Lists, range_size: int
) -> list[list[_Answer]]:
    """Return for each table what became of its parts, in order."""
    tables = job.group.tables
    names = key_names(tables)
    answers: list[list[_Answer]] = [[] for _ in tables]
    files: dict[int, _File] = {}
    prepared: dict[int, PreparedTable] = {}
    for place, table in enumerate(tables):
        name = job.access.name_of(table.url)
        try:
            files[place] = _find_file(job.access, table)
        except GlocalError as error:
            answers[place] = [_Answer(place, PartResult(table, error.problems, error="input"), Spilled())]
            continue
        prepared[place] = _prepare(files[place], table, name, place, range_size)
    complete = tuple(prepared[place].table if place in prepared else table for place, table in enumerate(tables))
    parts = _cut(cluster, files, prepared, range_size)
    parts = _number(cluster, files, prepared, parts, mode)
    group = _Group(files, prepared, complete, names, mode, lists)
    tasks: list[_PartTask] = [(place, part) for place in prepared for part in parts[place]]
    for answer in _ask(cluster, partial(_convert_part, staging.rows, pickle.dumps(group)), tasks):
        answers[answer.place].append(answer)
    again = [place for place in prepared if is_to_be_read_whole([answer.result for answer in answers[place]])]
    uncut = {place: PreparedTable(tables[place], prepared[place].name, place) for place in again}
    packed = pickle.dumps(replace(group, prepared=uncut))
    for answer in _ask(cluster, partial(_convert_part, staging.rows, packed), [(place, None) for place in again]):
        answers[answer.place] = [answer]
    return answers


def _prepare(file: _File, table: Table, name: str, place: int, range_size: int) -> PreparedTable:
    """Return a table, with what is needed to cut its file if it is large and can be cut."""
    uncut = PreparedTable(table, name, place)
    if file.size <= range_size or is_sheet(file.url):
        return uncut
    start = storage.read_range(file.address, 0, 4)
    resource = file.open()
    with resource.stream:
        found = prepare_table(table, name, place, resource)
    if found is None or not is_cuttable(found.table.dialect, start):
        return uncut
    mark = 3 if start.startswith(b"\xef\xbb\xbf") else 0
    return replace(found, body=found.body + mark)


def _cut(
    cluster: Cluster, files: dict[int, _File], prepared: dict[int, PreparedTable], range_size: int
) -> dict[int, list[FilePart | None]]:
    """Return the parts of each table; None stands for a file as a whole."""
    parts: dict[int, list[FilePart | None]] = {place: [None] for place in prepared}
    tasks = [
        (place, files[place], table.table.dialect, start, min(start + range_size, files[place].size))
        for place, table in prepared.items()
        if table.width is not None
        for start in range(table.body, files[place].size, range_size)
    ]
    blocks: dict[int, list[Block | None]] = {}
    for place, block in _ask(cluster, _scan, tasks):
        blocks.setdefault(place, []).append(block)
    for place, found in blocks.items():
        whole = [block for block in found if block is not None]
        if len(whole) == len(found):
            table = prepared[place]
            size = files[place].size
            chosen = choose_parts(whole, size=size, body=table.body, line=table.line, width=table.width)
            parts[place] = list(chosen) if len(chosen) > 1 else [None]
    return parts


def _scan(task: tuple[int, _File, Any, int, int]) -> Iterator[pl.DataFrame]:
    place, file, dialect, start, stop = task
    begin, data = storage.read_lines(file.address, start, stop)
    yield _pack((place, scan_block(data, begin, dialect)))


def _number(
    cluster: Cluster,
    files: dict[int, _File],
    prepared: dict[int, PreparedTable],
    parts: dict[int, list[FilePart | None]],
    mode: Mode,
) -> dict[int, list[FilePart | None]]:
    """Return the parts with the numbers of their first rows, where triples depend on them."""
    tasks = [
        (place, files[place], table, part)
        for place, table in prepared.items()
        if needs_row_numbers(table.table, mode)
        for part in parts[place]
        if part is not None
    ]
    counted: dict[int, list[tuple[int, int] | None]] = {}
    for place, count in _ask(cluster, _count, tasks):
        counted.setdefault(place, []).append(count)
    numbered = dict(parts)
    for place, counts in counted.items():
        if None in counts:
            numbered[place] = [None]
            continue
        row = record = 1
        made: list[FilePart | None] = []
        for part, count in zip(parts[place], counts, strict=True):
            if part is not None and count is not None:
                made.append(replace(part, row=row, source_row=record))
                row, record = row + count[0], record + count[1]
        numbered[place] = made
    return numbered


def _count(task: tuple[int, _File, PreparedTable, FilePart]) -> Iterator[pl.DataFrame]:
    place, file, prepared, part = task
    try:
        with (resource := file.open(part.start, part.stop)).stream:
            counted: tuple[int, int] | None = count_rows(prepared, part, resource)
    except TableError:
        counted = None  # the conversion of the file as a whole reports it
    yield _pack((place, counted))


def _convert_part(folder: str, packed: bytes, task: _PartTask) -> Iterator[pl.DataFrame]:
    """Convert a part; its triples and keys are kept in the folder. It runs on workers."""
    place, part = task
    group = _load_group(packed)
    file = group.files[place]
    spill = Spill(folder)

    def keep(blocks: Sequence[TripleBlock]) -> None:
        spill.add(join_blocks(blocks))

    job = PartJob.of(group.prepared[place], part, group.names[place], keep, group.mode, group.lists)
    result = job.run_on(file.open if part is None else partial(file.open, part.start, part.stop))
    keys = lay_out_keys(place, result.table, group.tables, job.keys, result.collected)
    address = ""
    if keys.height:
        out = io.BytesIO()
        keys.write_ipc(out, compression="lz4")
        address = storage.join(folder, f"{storage.make_name('keys')}.arrow")
        storage.write_bytes(address, out.getvalue())
    result = replace(result, collected=replace(result.collected, keys={}))
    yield _pack(_Answer(place, result, spill.close(), address, keys.height))


def _merge(cluster: Cluster, job: Job, answers: list[list[_Answer]]) -> list[MergedTable]:
    """Check the keys of all tables, and return what became of each."""
    files = [answer.keys for found in answers for answer in found if answer.keys]
    faults = _find_key_faults(cluster, files, sum(answer.key_rows for found in answers for answer in found))
    names = [job.access.name_of(table.url) for table in job.group.tables]
    merged = [
        merge_parts(name, place, [answer.result for answer in answers[place]], faults)
        for place, name in enumerate(names)
    ]
    complete = [found[0].result.table for found in answers]
    readable = {place: table.problems for place, table in enumerate(merged) if not table.problems.fatal}

    def list_known(key: str) -> list[str]:
        known = cluster.collect(cluster.map_tasks(partial(_read_known, key), files, KEY_ROWS)).sort("line")
        return known.select(pl.col("shown").list.first()).to_series().unique(maintain_order=True).to_list()

    report_keys(faults, complete, readable, list_known)
    return merged


def _find_key_faults(cluster: Cluster, files: Sequence[str], rows: int) -> pl.DataFrame:
    if not files:
        return pl.DataFrame(schema=FAULTS)
    from pyspark.sql.connect import functions  # noqa: PLC0415 - of the extra

    buckets = max(1, -(-rows // KEYS_A_BUCKET))
    laid_out = cluster.map_tasks(_read_keys, files, KEY_ROWS)
    value = functions.crc32(functions.concat_ws(" ", "key", "value"))
    marked = laid_out.withColumn("bucket", value % buckets)
    return cluster.collect(cluster.map_groups(marked, ["bucket"], _find_in_bucket, FAULTS))


def _read_keys(file: str) -> Iterator[pl.DataFrame]:
    yield pl.read_ipc(io.BytesIO(storage.read_bytes(file)))


def _read_known(key: str, file: str) -> Iterator[pl.DataFrame]:
    for frame in _read_keys(file):
        yield frame.filter((pl.col("key") == key) & pl.col("role").str.starts_with("known"))


def _find_in_bucket(rows: pl.DataFrame) -> pl.DataFrame:
    return find_faults(rows.select(list(KEY_ROWS)))


def _list_problems(job: Job, merged: Sequence[MergedTable]) -> Problems:
    """Return all problems with the accounts.

    Raises:
        TableError: Where a table could not be read.
    """
    found: list[Problem] = [*job.metadata_problems.all()]
    for table in merged:
        found += table.problems.all()
    if any(table.problems.fatal for table in merged):
        raise TableError(*(problem for problem in found if problem.kind != "local"))
    return Problems(found, Accounts(tuple(table.account for table in merged)))


def _describe_group(job: Job, merged: Sequence[MergedTable], staging: Staging) -> Spilled:
    """Keep the triples of the group and its tables (standard mode)."""
    for place, table in enumerate(merged):
        rows = TableRows(job.group.tables[place], table.problems.file, 0)
        job.results[place] = TableResult(rows, table.account, table.comments)
    spill = Spill(staging.rows)
    spill.add(job.describe_group().frame)
    return spill.close()


def _ask(cluster: Cluster, function: Any, tasks: Sequence[Any]) -> list[Any]:
    """Return the answers of tasks, in the order of the tasks."""
    if not tasks:
        return []
    numbered = list(enumerate(tasks))
    found = cluster.collect(cluster.map_tasks(partial(_number_answers, function), numbered, _NUMBERED)).sort("number")
    return [pickle.loads(one) for one in found["answer"]]  # noqa: S301 - what our own functions made on the workers


_NUMBERED: Final = {"number": pl.Int64(), **_ANSWER}


def _number_answers(function: Any, task: tuple[int, Any]) -> Iterator[pl.DataFrame]:
    number, what = task
    for frame in function(what):
        yield frame.with_columns(number=pl.lit(number, pl.Int64))


def _pack(answer: object) -> pl.DataFrame:
    return pl.DataFrame({"answer": [pickle.dumps(answer)]}, schema=_ANSWER)
