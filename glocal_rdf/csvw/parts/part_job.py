"""Processes one part of a table as `TableJob` does, and keeps what only the whole table decides for the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from glocal_rdf.csvw.accounts import CellCounts, RowCounts
from glocal_rdf.csvw.keys import KeyColumns
from glocal_rdf.csvw.metadata.model import Table
from glocal_rdf.csvw.problems import Level, ProblemCollector
from glocal_rdf.csvw.rdf.blocks import Block
from glocal_rdf.csvw.rdf.cell_iris import ROW_VARIABLES
from glocal_rdf.csvw.rdf.cell_templates import Lists
from glocal_rdf.csvw.rdf.iri_checks import Collected, IriChecks, templates_of
from glocal_rdf.csvw.rdf.uri_templates import parse_template
from glocal_rdf.csvw.results import Mode
from glocal_rdf.csvw.table_job import Output, TableJob, list_sheets
from glocal_rdf.csvw.table_readers import apply_headers, open_table
from glocal_rdf.csvw.tables.batches import FilePart
from glocal_rdf.csvw.tables.delimited import TableReader
from glocal_rdf.csvw.tables.recognition import refuse_by_ending
from glocal_rdf.csvw.tables.resources import Access, Resource
from glocal_rdf.errors import GlocalError, Problem, TableError
from glocal_rdf.triples import iris

__all__ = ["PartJob", "PartResult", "PreparedTable", "count_rows", "needs_row_numbers", "prepare_table"]

CHUNK = 16 << 20
"""How many bytes of a part are converted at once."""


@dataclass(frozen=True)
class PreparedTable:
    """A table whose head was read: complete with the columns of its file, if that can be cut (`body` is not 0).

    `name` is the name of its file in messages, `place` its position in the group, `body` the offset after its head and
    `line` the line there, and `width` how many columns it has.
    """

    table: Table
    name: str
    place: int
    body: int = 0
    line: int = 1
    width: int | None = None


@dataclass(frozen=True)
class PartResult:
    """What became of a part of a table, or of a table as a whole: what is known of it beside its triples and keys.

    `counts` are the numbers of its problems, listed or not. `error` is "table" where the table cannot be read, and
    "input" where its file cannot be opened; `problems` end with the reason then.
    """

    table: Table
    problems: tuple[Problem, ...] = ()
    counts: Mapping[tuple[Level, str, str], int] = field(default_factory=dict)
    error: str = ""
    rows: int = 0
    records: RowCounts = field(default_factory=RowCounts)
    cells: CellCounts = field(default_factory=CellCounts)
    collected: Collected = field(default_factory=Collected)
    comments: tuple[str, ...] = ()
    sheets: Mapping[str, bool] = field(default_factory=dict)


@dataclass
class PartJob(TableJob):
    """The processing of a part of a table, or of a whole one that cannot be cut (`part` is None)."""

    part: FilePart | None = None

    @classmethod
    def of(
        cls,
        prepared: PreparedTable,
        part: FilePart | None,
        names: frozenset[str],
        emit: Callable[[Sequence[Block]], None],
        mode: Mode,
        lists: Lists,
        *,
        strict: bool = False,
    ) -> PartJob:
        """Return the job for a part.

        Args:
            prepared: The table.
            part: The part; None for the whole file.
            names: The columns whose values some key needs.
            emit: Takes the triples of each batch.
            mode: As in `convert`.
            lists: As in `convert`.
            strict: As in `convert`.
        """
        problems = ProblemCollector(prepared.name)
        keys = KeyColumns(prepared.table, problems, names)
        output = Output(emit, mode, lists, chunk=CHUNK)
        access = Access(prepared.table.url, None)
        return cls(access, prepared.place, prepared.table, problems, keys, output, strict, part=part)

    def run_on(self, open_resource: Callable[[], Resource]) -> PartResult:
        """Process the part to its end; what stops it is in the result.

        Args:
            open_resource: Opens the file; its stream holds the part alone.
        """
        try:
            with (resource := open_resource()).stream:
                return self._run(resource)
        except TableError as error:
            return PartResult(self.table, error.problems, error="table")
        except GlocalError as error:
            return PartResult(self.table, (*self.problems.items, *error.problems), error="input")

    def _run(self, resource: Resource) -> PartResult:
        begins = self.part is None or self.part.first
        if begins:
            self.table = apply_headers(self.table, resource)
            if not self.table.described:
                refuse_by_ending(iris.split(self.table.url)[2], self.problems)
        reader = self._open(resource)
        batches = iter(reader.batches())
        first = None
        if begins:
            self._check_header(reader)
            first = next(batches, None)
            self._check_columns(reader, first)
        self.keys.table = self.table
        checks = IriChecks(self.table, self.problems)
        if not self.table.suppress_output:
            # Those of the first part report what is wrong with the templates; all know what was reported.
            checks.problems = self.problems if begins else ProblemCollector(self.problems.file)
            checks.check_templates()
            checks.problems = self.problems
            if self.output.mode == "standard":
                checks.collect_table()
        rows = 0
        while first is not None or (first := next(batches, None)) is not None:
            rows += first.cells.height
            self._process(first, checks)
            first = None
        if reader.counts.read - reader.counts.left_out.total() != rows:
            what = f"{reader.counts.read} rows were read, and {rows} of them came through"
            self.problems.fail("accounts", what, "report it")
        return PartResult(
            self.table,
            tuple(self.problems.items),
            dict(self.problems.counts),
            rows=rows,
            records=reader.counts,
            cells=self.cells,
            collected=checks.take(),
            comments=() if self.table.described or not begins else tuple(reader.comments),
            sheets=list_sheets(reader),
        )

    def _open(self, resource: Resource):  # type: ignore[no-untyped-def]
        if self.part is None:
            return open_table(resource, self.table, self.problems, self.output.chunk)
        return _open_part(resource, self.table, self.problems, self.part, self.output.chunk)


def _open_part(
    resource: Resource, table: Table, problems: ProblemCollector, part: FilePart, chunk: int = CHUNK
) -> TableReader:
    expected = len([c for c in table.schema.columns if not c.virtual]) or None
    return TableReader(resource.stream, table.dialect, problems, expected, chunk, part=part)


def prepare_table(
    table: Table, name: str, place: int, resource: Resource, *, strict: bool = False
) -> PreparedTable | None:
    """Read the head of a table's file, so that the file can be cut; None where it has no rows, or a fault.

    Args:
        table: The table as described.
        name: The name of its file.
        place: Its position in the group.
        resource: The file, opened, whose first bytes are read.
        strict: As in `convert`.
    """
    from glocal_rdf.csvw.compatibility import complete_schema  # noqa: PLC0415 - as in TableJob

    problems = ProblemCollector(name)
    headed = apply_headers(table, resource)
    try:
        reader = TableReader(
            resource.stream,
            headed.dialect,
            problems,
            len([c for c in headed.schema.columns if not c.virtual]) or None,
            1 << 20,
        )
        line = reader.first_line
        first = next(iter(reader.batches()), None)
    except GlocalError:
        # The conversion of the file as a whole reports it.
        return None
    if first is None or reader.width is None or not line:
        return None
    width = max(reader.width - headed.dialect.skip_columns, 0)
    complete = complete_schema(headed, reader.head, width, problems, strict=strict)
    return PreparedTable(complete, name, place, reader.head_size, line, reader.width)


def needs_row_numbers(table: Table, mode: Mode) -> bool:
    """Return whether the triples of a table depend on the numbers of its rows: in labels of blank nodes and templates.

    Args:
        table: The table, complete.
        mode: As in `convert`.
    """
    if table.suppress_output:
        return False
    shown = [column for column in table.schema.columns if not column.suppress_output]
    texts = {text for column in shown for _, text in templates_of(column)}
    return (
        mode == "standard"
        or any(column.inherited.about_url is None or column.inherited.ordered for column in shown)
        or any(parse_template(text).names & ROW_VARIABLES for text in texts)
    )


def count_rows(prepared: PreparedTable, part: FilePart, resource: Resource) -> tuple[int, int]:
    """Return how many rows a part has, and how many records with those that are not rows.

    Args:
        prepared: The table.
        part: The part.
        resource: The file, opened; its stream holds the part alone.

    Raises:
        TableError: Where it cannot be read.
    """
    problems = ProblemCollector(prepared.name)
    reader = _open_part(resource, prepared.table, problems, replace(part, source_row=1, row=1))
    rows = sum(batch.cells.height for batch in reader.batches())
    return rows, reader.next_record - 1
