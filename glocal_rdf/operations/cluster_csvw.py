"""Converts described tables on a cluster, with the triples, problems and accounts of a conversion on one machine.

1. The description and the heads of the tables are read here.
2. Files that can be cut are looked at in blocks, and cut where records begin; others are one task each.
3. Where triples depend on the numbers of rows, the rows of each part are counted.
4. Each part is converted by the engine of `csvw`, unchanged; its triples and keys are kept beside the output.
5. Keys are brought together by value, and checked; problems and accounts are put together.
6. The triples are written in sorted parts, each once.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from glocal_rdf.cluster import parts as cluster_parts
from glocal_rdf.cluster import storage
from glocal_rdf.cluster.parts import Staging
from glocal_rdf.cluster.session import use_session
from glocal_rdf.cluster.spill import Spill, Spilled, bundle_files
from glocal_rdf.cluster.steps import begin_step
from glocal_rdf.csvw import Accounts, Problems
from glocal_rdf.csvw.engine import Job
from glocal_rdf.csvw.keys import key_names
from glocal_rdf.csvw.metadata.model import Table
from glocal_rdf.csvw.parts.cutting import Block, choose_parts, is_cuttable
from glocal_rdf.csvw.parts.key_rows import FAULTS, KEY_ROWS, report_keys
from glocal_rdf.csvw.parts.merging import MergedTable, is_to_be_read_whole, merge_parts
from glocal_rdf.csvw.parts.part_job import (
    PartResult,
    PreparedTable,
    needs_row_numbers,
    prepare_table,
)
from glocal_rdf.csvw.results import Mode
from glocal_rdf.csvw.sources import open_job
from glocal_rdf.csvw.table_job import TableResult
from glocal_rdf.csvw.table_rows import TableRows
from glocal_rdf.csvw.tables.batches import FilePart
from glocal_rdf.csvw.tables.resources import Access, Fetch, Resource, is_sheet
from glocal_rdf.errors import GlocalError, InputError, TableError
from glocal_rdf.operations.cluster_graphs import ReadGraph, Written, write_graph
from glocal_rdf.operations.cluster_tasks import (
    ANSWERS,
    PartAnswer,
    PartGroup,
    PartTask,
    TableFile,
    convert_part,
    count_part,
    find_in_bucket,
    read_keys,
    read_known,
    run_bundle,
    scan_file,
)
from glocal_rdf.operations.csvw import Lists
from glocal_rdf.operations.prefixes import read_prefixes

if TYPE_CHECKING:
    from glocal_rdf.cluster.session import Cluster

__all__ = ["ClusterConversion", "convert_tables", "list_inputs"]

MODULES: Final = ("glocal_rdf.operations.cluster_tasks",)
"""What the check of the workers imports."""

STEPS: Final = ("cutting tables", "converting", "comparing keys", "writing")
"""The steps of a conversion, for its progress."""

RANGE: Final = 32 << 20
"""About how many bytes of a table are one task."""

FILES_A_TASK: Final = 16
"""How many files of keys one task reads."""

KEYS_A_BUCKET: Final = 500_000
"""About how many keys are compared at once."""

TASKS: Final = 10_000
"""How many tasks a step is cut into at most."""


@dataclass(frozen=True)
class ClusterConversion:
    """The result of a conversion on a cluster: what was written, the problems, and the accounts of the rows."""

    written: Written
    problems: Problems

    @property
    def accounts(self) -> Accounts:
        """What became of the rows and cells."""
        return self.problems.accounts


@dataclass
class _StoredAccess(Access):
    """The files in the folder of a description at an address of a file system, which may have options."""

    options: str = ""

    def find(self, url: str) -> Resource | None:
        """Return what is at an address, or None if there is nothing.

        Raises:
            InputError: Where it lies elsewhere.
        """
        folder = self.url.rpartition("/")[0] + "/"
        if not url.startswith(folder):
            hint = "move the file into the folder of the description"
            raise InputError.at(self.url, f"{url!r} lies outside the folder of the description", hint)
        name = url.partition("#")[0]
        address = name + self.options
        try:
            storage.size_of(address)
        except InputError as error:
            if isinstance(error.__cause__, OSError | ValueError):
                raise
            return None
        return Resource(url, name, storage.open_stream(address))


def convert_tables(
    cluster: Cluster | str,
    source: str,
    output: str,
    form: str = "ntriples",
    *,
    mode: Mode = "minimal",
    metadata: str | None = None,
    base: str | None = None,
    lists: Lists = "each",
    fetch: Fetch | None = None,
    strict: bool = False,
    partitions: int | None = None,
    range_size: int = RANGE,
    max_tasks: int = TASKS,
) -> ClusterConversion:
    """Convert a table, or a metadata document with its tables, on a cluster.

    Args:
        cluster: A session, or the address to open one: `sc://host:port`, or `local`.
        source: A file: a path that all machines have in common, or an address (s3://, hdfs://).
        output: The folder to write, at such an address too.
        form: `ntriples`, `turtle` or `parquet`.
        mode: `minimal`: the statements of the cells; `standard`: also tables, rows and annotations.
        metadata: The description to use instead of the one that would be found.
        base: The address that stands for the file in the output.
        lists: Whether a `valueUrl` makes one IRI of each value of a list, or one of all (`joined`).
        fetch: Requests addresses of the web; what it returns is kept beside the output for the workers.
        strict: Follow the letter of the Recommendation, as in `csvw.convert`.
        partitions: How many parts to write.
        range_size: About how many bytes of a table one part has.
        max_tasks: How many tasks a step is cut into at most; a task takes several parts then.

    Raises:
        TableError: With all problems, where the description is invalid or a table cannot be read; nothing is written.
        InputError: Where a file is missing.
        OutputError: Where the output cannot be written, or the format cannot hold the graph in parts.
        EndpointError: Where the cluster cannot do it.
    """
    job = _open_job(source, metadata, base, fetch, strict=strict)
    cluster_parts.check_output(output)
    with use_session(cluster, MODULES) as session, cluster_parts.stage(output) as staging:
        run = _Run(session, job, staging, mode, lists, range_size, max_tasks)
        spilled = run.convert()
        begin_step(STEPS, "writing")
        written = write_graph(session, ReadGraph(tuple(spilled)), staging, form, partitions=partitions)
    return ClusterConversion(written, Problems(job.problems, job.accounts))


def list_inputs(source: str, metadata: str | None = None, base: str | None = None) -> list[tuple[str, int]]:
    """Return the files of the tables that a source describes, with their sizes in bytes; for plans.

    Args:
        source: As for `convert_tables`, and so are `metadata` and `base`.
        metadata: See `source`.
        base: See `source`.
    """
    job = _open_job(source, metadata, base, None, strict=False)
    return [(file.name, file.size) for file in (_find_file(job.access, table, None) for table in job.group.tables)]


def _open_job(source: str, metadata: str | None, base: str | None, fetch: Fetch | None, *, strict: bool) -> Job:
    web = source.startswith(("http://", "https://"))
    if web or not storage.has_scheme(source):
        prefixes = {} if web else read_prefixes(source)
        return open_job(source, metadata=metadata, base=base, fetch=fetch, prefixes=prefixes, strict=strict)
    url, options = storage.split_options(source)
    access = _StoredAccess(url, None, options=options)
    if base is not None or metadata is not None:
        option = "--base" if base is not None else "--metadata"
        raise InputError.at(source, f"is an address of a file system, with which {option} does not go")
    return open_job(source, access=access, strict=strict)


def _find_file(access: Access, table: Table, folder: str | None) -> TableFile:
    """Return the file of a table; one of the web is kept in a folder."""
    resource = access.open(table.url)
    with resource.stream as stream:
        kind, language = resource.content_type, resource.language
        if resource.path is not None:
            path = str(resource.path.absolute())
            return TableFile(
                path, resource.url, resource.name, storage.size_of(path), str(resource.path), kind, language
            )
        if isinstance(access, _StoredAccess) or folder is None:
            address = table.url.partition("#")[0] + (access.options if isinstance(access, _StoredAccess) else "")
            return TableFile(address, resource.url, resource.name, storage.size_of(address), None, kind, language)
        body = stream.read()
    address = storage.join(folder, storage.make_name("table"))
    storage.write_bytes(address, body)
    return TableFile(address, resource.url, resource.name, len(body), None, kind, language)


@dataclass
class _Run:
    """One conversion: its steps, each of which is a job of the cluster."""

    cluster: Cluster
    job: Job
    staging: Staging
    mode: Mode
    lists: Lists
    range_size: int
    max_tasks: int
    files: dict[int, TableFile] = field(default_factory=dict)
    prepared: dict[int, PreparedTable] = field(default_factory=dict)

    def convert(self) -> list[Spilled]:
        """Convert all tables, and give their problems and accounts to the job.

        Raises:
            TableError: Where a table could not be read.
        """
        job, tables = self.job, self.job.group.tables
        begin_step(STEPS, "cutting tables")
        answers = self._convert_parts()
        begin_step(STEPS, "comparing keys")
        merged = self._merge(answers)
        for place, table in enumerate(merged):
            rows = TableRows(tables[place], table.problems.file, 0)
            job.table_problems.append(table.problems)
            job.table_accounts.append(table.account)
            job.results[place] = TableResult(rows, table.account, table.comments, table.sheets)
        if job.failed:
            raise TableError(*(problem for problem in job.problems if problem.kind != "local"))
        spilled = [answer.spilled for found in answers for answer in found]
        if self.mode == "standard":
            spill = Spill(self.staging.rows)
            spill.add(job.describe_group().frame)
            spilled.append(spill.close())
        return spilled

    def _convert_parts(self) -> list[list[PartAnswer]]:
        """Return for each table what became of its parts, in order."""
        job, tables = self.job, self.job.group.tables
        answers: list[list[PartAnswer]] = [[] for _ in tables]
        for place, table in enumerate(tables):
            try:
                self.files[place] = _find_file(job.access, table, self.staging.rows)
            except GlocalError as error:
                answers[place] = [PartAnswer(place, PartResult(table, error.problems, error="input"), Spilled())]
                continue
            name = job.access.name_of(table.url)
            self.prepared[place] = _prepare(self.files[place], table, name, place, self.range_size, strict=job.strict)
        complete = tuple(self.prepared[i].table if i in self.prepared else table for i, table in enumerate(tables))
        parts = self._number(self._cut())
        begin_step(STEPS, "converting")
        names = key_names(tables)
        group = PartGroup(self.files, self.prepared, complete, names, self.mode, self.lists, job.strict)
        tasks: list[PartTask] = [(place, part) for place in self.prepared for part in parts[place]]
        sizes = [self.files[place].size if part is None else part.stop - part.start for place, part in tasks]
        for answer in self._ask(partial(convert_part, self.staging.rows, pickle.dumps(group)), tasks, sizes):
            answers[answer.place].append(answer)
        again = [place for place in self.prepared if is_to_be_read_whole([one.result for one in answers[place]])]
        uncut = {place: PreparedTable(tables[place], self.prepared[place].name, place) for place in again}
        packed = pickle.dumps(replace(group, prepared=uncut))
        for answer in self._ask(partial(convert_part, self.staging.rows, packed), [(place, None) for place in again]):
            answers[answer.place] = [answer]
        return answers

    def _cut(self) -> dict[int, list[FilePart | None]]:
        """Return the parts of each table; None stands for a file as a whole."""
        parts: dict[int, list[FilePart | None]] = {place: [None] for place in self.prepared}
        size = self.range_size
        tasks = [
            (place, self.files[place], table.table.dialect, start, min(start + size, self.files[place].size))
            for place, table in self.prepared.items()
            if table.width is not None
            for start in range(table.body, self.files[place].size, size)
        ]
        blocks: dict[int, list[Block | None]] = {}
        for place, block in self._ask(scan_file, tasks):
            blocks.setdefault(place, []).append(block)
        for place, found in blocks.items():
            whole = [block for block in found if block is not None]
            if len(whole) == len(found):
                table, end = self.prepared[place], self.files[place].size
                chosen = choose_parts(whole, size=end, body=table.body, line=table.line, width=table.width)
                parts[place] = list(chosen) if len(chosen) > 1 else [None]
        return parts

    def _number(self, parts: dict[int, list[FilePart | None]]) -> dict[int, list[FilePart | None]]:
        """Return the parts with the numbers of their first rows, where triples depend on them."""
        tasks = [
            (place, self.files[place], table, part)
            for place, table in self.prepared.items()
            if needs_row_numbers(table.table, self.mode)
            for part in parts[place]
            if part is not None
        ]
        counted: dict[int, list[tuple[int, int] | None]] = {}
        for place, count in self._ask(count_part, tasks):
            counted.setdefault(place, []).append(count)
        numbered = dict(parts)
        for place, counts in counted.items():
            row = record = 1
            made: list[FilePart | None] = []
            for part, count in zip(parts[place], counts, strict=True):
                if part is not None and count is not None:
                    made.append(replace(part, row=row, source_row=record))
                    row, record = row + count[0], record + count[1]
            # A part that cannot be read is reported by the conversion of the file as a whole.
            numbered[place] = made if len(made) == len(counts) else [None]
        return numbered

    def _merge(self, answers: list[list[PartAnswer]]) -> list[MergedTable]:
        """Check the keys of all tables, and return what became of each."""
        files = [answer.keys for found in answers for answer in found if answer.keys]
        faults = self._find_key_faults(files, sum(answer.key_rows for found in answers for answer in found))
        names = [self.job.access.name_of(table.url) for table in self.job.group.tables]
        merged = [
            merge_parts(name, place, [answer.result for answer in answers[place]], faults)
            for place, name in enumerate(names)
        ]
        complete = [found[0].result.table for found in answers]
        readable = {place: table.problems for place, table in enumerate(merged) if not table.problems.fatal}

        def list_known(key: str) -> list[str]:
            read = self.cluster.map_tasks(partial(read_known, key), bundle_files(files, FILES_A_TASK), KEY_ROWS)
            known = self.cluster.collect(read).sort("line").select(pl.col("shown").list.first())
            return known.to_series().to_list()

        report_keys(faults, complete, readable, list_known)
        return merged

    def _find_key_faults(self, files: Sequence[str], rows: int) -> pl.DataFrame:
        if not files:
            return pl.DataFrame(schema=FAULTS)
        from pyspark.sql.connect import functions  # noqa: PLC0415 - of the extra

        buckets = max(1, -(-rows // KEYS_A_BUCKET))
        laid_out = self.cluster.map_tasks(read_keys, bundle_files(files, FILES_A_TASK), KEY_ROWS)
        value = functions.crc32(functions.concat_ws(" ", "key", "value"))
        marked = laid_out.withColumn("bucket", value % buckets)
        return self.cluster.collect(self.cluster.map_groups(marked, ["bucket"], find_in_bucket, FAULTS))

    def _ask(self, function: Callable[[Any], Any], tasks: Sequence[Any], sizes: Sequence[int] = ()) -> list[Any]:
        """Return the answers of tasks, in the order of the tasks; small ones go together, by their sizes in bytes."""
        if not tasks:
            return []
        each = -(-len(tasks) // self.max_tasks)
        bundles: list[tuple[int, list[Any]]] = []
        held = 0
        for number, (task, size) in enumerate(zip(tasks, sizes or [self.range_size] * len(tasks), strict=True)):
            full = held + size > self.range_size and (not bundles or len(bundles[-1][1]) >= each)
            if not bundles or full:
                bundles.append((number, []))
                held = 0
            bundles[-1][1].append(task)
            held += size
        found = self.cluster.collect(self.cluster.map_tasks(partial(run_bundle, function), bundles, ANSWERS))
        return [pickle.loads(one) for one in found.sort("number")["answer"]]  # noqa: S301 - made by our own functions


def _prepare(file: TableFile, table: Table, name: str, place: int, range_size: int, *, strict: bool) -> PreparedTable:
    """Return a table, with what is needed to cut its file if it is large and can be cut."""
    uncut = PreparedTable(table, name, place)
    if file.size <= range_size or is_sheet(file.url):
        return uncut
    start = storage.read_range(file.address, 0, 4)
    resource = file.open()
    with resource.stream:
        found = prepare_table(table, name, place, resource, strict=strict)
    if found is None or not is_cuttable(found.table.dialect, start):
        return uncut
    mark = 3 if start.startswith(b"\xef\xbb\xbf") else 0
    return replace(found, body=found.body + mark)
