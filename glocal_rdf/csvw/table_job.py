"""Processes one table: reads it in batches, compares it with its description, and makes the triples of each batch.

Model for Tabular Data, section 6; Generating RDF from Tabular Data, section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glocal_rdf.csvw.accounts import CellCounts, TableAccount, account_for
from glocal_rdf.csvw.compatibility import check_compatible, complete_schema
from glocal_rdf.csvw.keys import KeyColumns
from glocal_rdf.csvw.metadata.model import Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.blocks import Block
from glocal_rdf.csvw.rdf.cell_templates import Lists
from glocal_rdf.csvw.rdf.iri_checks import IriChecks
from glocal_rdf.csvw.rdf.row_triples import RowTriples
from glocal_rdf.csvw.rdf.standard_mode import describe_rows
from glocal_rdf.csvw.results import Mode
from glocal_rdf.csvw.table_readers import apply_headers, open_table
from glocal_rdf.csvw.table_rows import TableRows
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.tables.delimited import CHUNK, TableReader
from glocal_rdf.csvw.tables.dialect_checks import check_delimiter, warn_of_delimiter
from glocal_rdf.csvw.tables.recognition import refuse_by_ending
from glocal_rdf.csvw.tables.resources import Access
from glocal_rdf.csvw.values.cells import Values, parse_cells, title_of
from glocal_rdf.spill import Spill
from glocal_rdf.triples import iris

if TYPE_CHECKING:
    from glocal_rdf.csvw.spreadsheets.reader import SheetReader

__all__ = ["Output", "TableJob", "TableResult"]


@dataclass(frozen=True, slots=True)
class Output:
    """What a run makes of its tables.

    `emit` takes the triples of each batch (None: the tables are only checked), `keep_rows` keeps the rows in memory to
    locate triples in them, and `chunk` is about how many bytes of delimited text are read at once. `spill` bounds the
    memory of what is kept until all tables are read.
    """

    emit: Callable[[Sequence[Block]], None] | None = None
    mode: Mode = "minimal"
    lists: Lists = "each"
    keep_rows: bool = False
    chunk: int = CHUNK
    spill: Spill = field(default_factory=lambda: Spill(None))


@dataclass(frozen=True, slots=True)
class TableResult:
    """What became of one table; `sheets` are those of its workbook, and whether this table reads them."""

    rows: TableRows
    account: TableAccount
    comments: Sequence[str] = ()
    sheets: Mapping[str, bool] = field(default_factory=dict)


@dataclass
class TableJob:
    """The processing of one table; its problems go to `problems`, its key values to `keys`."""

    access: Access
    place: int
    table: Table
    problems: ProblemCollector
    keys: KeyColumns
    output: Output
    strict: bool = False
    cells: CellCounts = field(default_factory=CellCounts)

    def run(self) -> TableResult:
        """Process the table to its end.

        Raises:
            TableError: Where it cannot be read.
            InputError: Where it cannot be read.
        """
        resource = self.access.open(self.table.url)
        with resource.stream:
            self.table = apply_headers(self.table, resource)
            if not self.table.described:
                refuse_by_ending(iris.split(self.table.url)[2], self.problems)
            reader = open_table(resource, self.table, self.problems, self.output.chunk)
            self._check_header(reader)
            batches = iter(reader.batches())
            first = next(batches, None)
            self._check_columns(reader, first)
            iri_checks = self._start_iri_checks()
            kept: list[Batch] = []
            rows = 0
            for batch in _chain(first, batches):
                rows += batch.cells.height
                if self.output.keep_rows:
                    kept.append(batch)
                self._process(batch, iri_checks)
            iri_checks.finish()
        table_rows = TableRows(self.table, self.problems.file, rows, tuple(kept), self.place, self.output.lists)
        comments = () if self.table.described else reader.comments
        return TableResult(table_rows, self._account(reader, rows), comments, _sheets(reader))

    def _check_header(self, reader: TableReader | SheetReader) -> None:
        check_delimiter(self.table, reader.head, self.problems)
        if not self.table.schema_given and isinstance(reader, TableReader):
            warn_of_delimiter(reader.head.titles, self.table.dialect.delimiter, self.problems)

    def _check_columns(self, reader: TableReader | SheetReader, first: Batch | None) -> None:
        """Compare the columns with the description, and complete it with those that it leaves out."""
        width = None if reader.width is None else max(reader.width - self.table.dialect.skip_columns, 0)
        if width is None and first is None:
            self.problems.error("empty", "is empty", "give it a header and rows, or take it out of the description")
        validating = self.output.emit is None
        check_compatible(self.table, reader.head, width, self.problems, validating=validating, strict=self.strict)
        self.table = complete_schema(self.table, reader.head, width or 0, self.problems, strict=self.strict)
        self.keys.table = self.table

    def _start_iri_checks(self) -> IriChecks:
        emits = self.output.emit is not None
        checks = IriChecks(self.table, self.problems, output=emits, spill=self.output.spill)
        if not self.table.suppress_output:
            checks.check_templates()
            if self.output.mode == "standard":
                checks.collect_table()
        return checks

    def _process(self, batch: Batch, iri_checks: IriChecks) -> None:
        """Parse the cells of a batch, count them, and hand on its triples."""
        emit = self.output.emit
        values = parse_cells(batch, self.table.schema.columns, self.problems)
        self.keys.add(values, batch)
        self.cells.add_invalid(values)
        if self.table.suppress_output:
            return
        triples = RowTriples(
            self.table,
            batch,
            values,
            self.problems,
            f"t{self.place}",
            self.output.lists,
            iri_checks,
            counting=emit is None,
        )
        blocks = list(triples.blocks())
        self.cells.lost_rows += triples.lost_rows()
        self._count_cells(values, blocks, batch)
        if emit is None:
            return
        if self.output.mode == "standard":
            blocks += describe_rows(self.table, self.place, batch, values, triples.subjects())
        emit(blocks)

    def _count_cells(self, values: Sequence[Values], blocks: Sequence[Block], batch: Batch) -> None:
        """Count the cells of a batch by what they made; a cell that makes no triple is an error at the least."""
        made: dict[int, list[Block]] = {}
        for block in blocks:
            if block.column is not None:
                made.setdefault(block.column.number, []).append(block)
        for value in values:
            lost = self.cells.add(value, made.get(value.column.number, ()), batch.cells.height)
            if lost and not self.problems.failed:
                what = f"{lost:,} {'cell makes' if lost == 1 else 'cells make'} no triple, since it has no IRI"
                self.problems.error("address", what, line=batch.lines[0], column=title_of(value.column))

    def _account(self, reader: TableReader | SheetReader, rows: int) -> TableAccount:
        """Return the account of the table.

        Raises:
            TableError: Where rows that were read have disappeared.
        """
        counts = reader.counts
        if counts.header and not counts.read and not self.problems.failed:
            self.problems.warning("empty", "has a header and no rows")
        if counts.read - counts.left_out.total() != rows:
            what = f"{counts.read} rows were read, and {rows} of them came through"
            self.problems.fail("accounts", what, "report it")
        return account_for(self.problems.file, self.table, counts, self.cells)


def _chain(first: Batch | None, others: Iterator[Batch]) -> Iterator[Batch]:
    if first is not None:
        yield first
    yield from others


def _sheets(reader: TableReader | SheetReader) -> dict[str, bool]:
    """Return the sheets of a workbook by name, and whether they are the one that was read."""
    if isinstance(reader, TableReader) or not reader.sheet:
        return {}
    return dict.fromkeys(reader.unread, False) | {reader.sheet: True}
