"""Converts described tables to RDF, and checks them: the steps of the Recommendations in their order.

1. The metadata is located, read and normalized (Model, sections 5 and 6.1).
2. Each table is read in batches, compared with its description, and its cells are parsed (6.4).
3. Triples are made of each batch (Generating RDF, section 4).
4. When all tables are read, keys are checked over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

import polars as pl

from glocal_rdf.csvw.accounts import Accounts, CellCounts, TableAccount, account_for
from glocal_rdf.csvw.compatibility import check_compatible, check_delimiter, complete_schema
from glocal_rdf.csvw.keys import KeyColumns, check_keys, check_targets, key_names
from glocal_rdf.csvw.metadata.discovery import (
    allow_base,
    encode_file_name,
    fit_given,
    locate_metadata,
    rename_source,
    rename_table,
)
from glocal_rdf.csvw.metadata.model import Table, TableGroup
from glocal_rdf.csvw.metadata.properties import is_language
from glocal_rdf.csvw.metadata.reader import read_metadata
from glocal_rdf.csvw.problems import Findings
from glocal_rdf.csvw.rdf.deduplication import SCHEMA, Block
from glocal_rdf.csvw.rdf.iri_checks import Naming
from glocal_rdf.csvw.rdf.row_triples import Lists, RowTriples
from glocal_rdf.csvw.rdf.standard_mode import describe_group, describe_rows
from glocal_rdf.csvw.tables.bad_records import warn_of_delimiter
from glocal_rdf.csvw.tables.delimited import CHUNK, Batch, TableReader
from glocal_rdf.csvw.tables.recognition import refuse_by_ending
from glocal_rdf.csvw.tables.resources import Access, Fetch, Resource, file_name, is_sheet, parse_json
from glocal_rdf.csvw.values.cells import Values, parse_cells, title_of
from glocal_rdf.errors import GlocalError, Problem, TableError
from glocal_rdf.triples import Triples, iris

if TYPE_CHECKING:
    from glocal_rdf.csvw.spreadsheets.reader import SheetReader

Mode = Literal["minimal", "standard"]


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table as it was read: its description with all columns, its file's name, and its cells as text."""

    table: Table
    name: str
    rows: int
    batches: tuple[Batch, ...] = ()
    place: int = 0


@dataclass(frozen=True, eq=False)
class Conversion:
    """What a conversion gives: the triples, what was wrong on the way, and the tables they came from."""

    triples: Triples
    problems: tuple[Problem, ...]
    tables: tuple[TableRows, ...] = ()
    group: TableGroup | None = None
    lists: Lists = "each"
    index: dict[str, Any] = field(default_factory=dict, repr=False)
    accounts: Accounts = field(default_factory=Accounts)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are errors, not warnings."""
        return tuple(p for p in self.problems if p.level == "error")


@dataclass
class Job:
    """One run over a group of tables."""

    access: Access
    group: TableGroup
    notes: Findings
    tables: list[Table] = field(default_factory=list)
    findings: list[Findings] = field(default_factory=list)
    keys: dict[int, KeyColumns] = field(default_factory=dict)
    comments: dict[int, Sequence[str]] = field(default_factory=dict)
    read: list[TableRows] = field(default_factory=list)
    counted: list[TableAccount] = field(default_factory=list)
    sheets: dict[tuple[str, str], bool] = field(default_factory=dict)
    """The sheets of each workbook, by its address and their names, and whether a table reads them."""
    chunk: int = CHUNK
    keep: bool = True
    embedded: bool = False
    strict: bool = False

    def run(self, emit: Callable[[Sequence[Block]], None] | None, mode: Mode, lists: Lists) -> None:
        """Read all tables, hand the triples of each batch to `emit`, and check the keys."""
        tables = self.group.tables
        names = key_names(tables)
        for place, table in enumerate(tables):
            findings = Findings(self.access.name_of(table.url))
            self.findings.append(findings)
            columns = self.keys[place] = KeyColumns(table, findings, names[place])
            try:
                self._run_table(place, table, findings, columns, emit, mode, lists)
            except TableError as error:
                findings.problems = list(error.problems)
                self._not_read(findings, error)
            except GlocalError as error:
                findings.problems += error.problems
                self._not_read(findings, error)
        check_keys({p: k for p, k in self.keys.items() if not self.findings[p].fatal}, tables)
        if mode == "standard" and emit is not None:
            shown = [(p, t) for p, t in enumerate(self.group.tables) if not t.suppress_output]
            described = describe_group(self.group, shown, self.comments)
            emit([Block(pl.DataFrame(described, schema=SCHEMA, orient="row").unique(maintain_order=True))])

    def _not_read(self, findings: Findings, error: GlocalError) -> None:
        findings.fatal = True
        reason = error.problems[-1].what if error.problems else str(error)
        self.counted.append(TableAccount(findings.file, not_read=reason))

    def _run_table(
        self,
        place: int,
        table: Table,
        findings: Findings,
        columns: KeyColumns,
        emit: Callable[[Sequence[Block]], None] | None,
        mode: Mode,
        lists: Lists,
    ) -> None:
        resource = self.access.open(table.url)
        with resource.stream:
            table = _with_headers(table, resource)
            if not table.described:
                refuse_by_ending(iris.split(table.url)[2], findings)
            reader = open_table(resource, table, findings, self.chunk)
            check_delimiter(table, reader.head, findings)
            if not table.schema_given and isinstance(reader, TableReader):
                warn_of_delimiter(reader.head.titles, table.dialect.delimiter, findings)
            batches = iter(reader.batches())
            first = next(batches, None)
            width = None if reader.width is None else max(reader.width - table.dialect.skip_columns, 0)
            if width is None and first is None:
                findings.error("empty", "is empty", "give it a header and rows, or take it out of the description")
            check_compatible(table, reader.head, width, findings, validating=emit is None, strict=self.strict)
            table = complete_schema(table, reader.head, width or 0, findings, strict=self.strict)
            columns.table = table
            naming = Naming(table, findings, output=emit is not None, bounded=emit is not None and not self.keep)
            if not table.suppress_output:
                naming.check_templates()
                if mode == "standard":
                    naming.note_table()
            kept: list[Batch] = []
            rows = 0
            cells = CellCounts()
            while first is not None:
                rows += first.cells.height
                if self.keep:
                    kept.append(first)
                self._run_batch(place, table, first, findings, columns, cells, emit, mode, lists, naming)
                first = next(batches, None)
            naming.finish()
            if not table.described or self.embedded:
                self.comments[place] = reader.comments
            self.read.append(TableRows(table, findings.file, rows, tuple(kept), place))
            counts = reader.counts
            if not isinstance(reader, TableReader) and reader.sheet:
                book = table.url.partition("#")[0]
                self.sheets = dict.fromkeys([(book, s) for s in reader.unread], False) | self.sheets
                self.sheets[book, reader.sheet] = True
            if counts.header and not counts.read and not findings.failed:
                findings.warning("empty", "has a header and no rows")
            if counts.read - counts.left_out.total() != rows:
                findings.stop("accounts", f"{counts.read} rows were read, and {rows} of them came through", "report it")
            self.counted.append(account_for(findings.file, table, counts, cells))

    def _run_batch(
        self,
        place: int,
        table: Table,
        batch: Batch,
        findings: Findings,
        columns: KeyColumns,
        cells: CellCounts,
        emit: Callable[[Sequence[Block]], None] | None,
        mode: Mode,
        lists: Lists,
        naming: Naming,
    ) -> None:
        values = parse_cells(batch, table.schema.columns, findings)
        columns.add(values, batch)
        cells.add_invalid(values)
        if table.suppress_output:
            return
        maker = RowTriples(table, batch, values, findings, f"t{place}", lists, naming, counting=emit is None)
        blocks = list(maker.blocks())
        cells.lost_rows += maker.lost_rows()
        _count_cells(cells, values, blocks, batch, findings)
        if emit is None:
            return
        if mode == "standard":
            blocks += describe_rows(table, place, batch, values, maker.subjects())
        emit(blocks)

    @property
    def accounts(self) -> Accounts:
        """Return what became of each table, and the sheets of their files that no table reads."""
        unread = [f"{self.access.name_of(book)}#sheet={s}" for (book, s), read in self.sheets.items() if not read]
        return Accounts(tuple(self.counted), tuple(unread))

    def problems(self) -> tuple[Problem, ...]:
        """Return everything that was found, first of the metadata, then table by table."""
        found = list(self.notes.all())
        for findings in self.findings:
            found += findings.all()
        return tuple(found)


def _count_cells(
    cells: CellCounts, values: Sequence[Values], blocks: Sequence[Block], batch: Batch, findings: Findings
) -> None:
    """Count the cells of a batch by what they made; none makes no triple without an error."""
    made: dict[int, list[Block]] = {}
    for block in blocks:
        if block.column is not None:
            made.setdefault(block.column.number, []).append(block)
    for value in values:
        lost = cells.add(value, made.get(value.column.number, ()), batch.cells.height)
        if lost and not findings.failed:
            what = f"{lost:,} {'cell makes' if lost == 1 else 'cells make'} no triple, for want of an IRI"
            findings.error("address", what, line=batch.lines[0], column=title_of(value.column))


def _with_headers(table: Table, resource: Resource) -> Table:
    """Let the headers of an answer set what no description does (Model, section 6.1)."""
    kind, *parameters = [p.strip() for p in resource.content_type.lower().split(";")]
    if not table.dialect_given:
        changes: dict[str, Any] = {}
        if kind == "text/tab-separated-values" or file_name(resource).lower().endswith((".tsv", ".tab")):
            changes["delimiter"] = "\t"
        given = dict(p.split("=", 1) for p in parameters if "=" in p)
        if given.get("header", "").strip('"') == "absent":
            changes["header_rows"] = 0
        if "charset" in given:
            changes["encoding"] = given["charset"].strip('"')
        table = replace(table, dialect=replace(table.dialect, **changes))
    language = resource.language.strip()
    if is_language(language) and table.inherited.lang == "und":
        columns = tuple(
            replace(c, inherited=replace(c.inherited, lang=language)) if c.inherited.lang == "und" else c
            for c in table.schema.columns
        )
        table = replace(
            table, inherited=replace(table.inherited, lang=language), schema=replace(table.schema, columns=columns)
        )
    return table


def open_table(resource: Resource, table: Table, findings: Findings, chunk: int = CHUNK) -> TableReader | SheetReader:
    """Return the reader for a table's file."""
    if is_sheet(file_name(resource)):
        from glocal_rdf.csvw.spreadsheets.reader import SheetReader  # noqa: PLC0415 - most tables are text

        return SheetReader(resource, table.dialect, findings)
    expected = len([c for c in table.schema.columns if not c.virtual]) or None
    return TableReader(resource.stream, table.dialect, findings, expected, chunk)


def open_job(
    source: str | Path,
    *,
    metadata: str | Path | dict[str, Any] | None = None,
    fetch: Fetch | None = None,
    base: str | None = None,
    prefixes: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Job:
    """Locate and read the metadata of a source: a metadata document, or a table. Raises InputError or TableError."""
    access = Access.to(source, base, fetch)
    notes = Findings(access.name_of(access.url))
    url, document = access.url, None
    embedded = described = False
    renamed: dict[str, str] = {}
    if _is_metadata(access):
        document, described = access.load_json(access.url), True
    elif metadata is not None:
        url, document = _given(access, metadata)
        described = True
        notes.file = access.name_of(url) if isinstance(metadata, str | Path) else "metadata"
        document, renamed = fit_given(access, document, url, notes, based=base is not None)
    else:
        resource = access.open(access.url)
        resource.stream.close()
        if "json" in resource.content_type:
            document, described = access.load_json(access.url), True
        else:
            located = locate_metadata(access, resource, notes)
            if located is not None:
                url, document = located
                described = True
                renamed = rename_source(access, document, url, based=base is not None)
                notes.file = access.name_of(url)
    if not described:
        embedded = True
        url = _with_fragment(access.url.partition("#")[0], access.fragment)
        table = Table(url=url, described=False, prefixes=prefixes or {})
        return Job(access, TableGroup((table,)), notes, embedded=embedded, strict=strict)
    allow_base(access, document, url)
    load, settle = (lambda u: parse_json(access.open(u))), access.settle
    group = read_metadata(document, url, notes, load, settle=settle, prefixes=prefixes, strict=strict)
    group = replace(group, tables=tuple(rename_table(t, renamed) for t in group.tables))
    if access.fragment:
        group = _only_sheet(access, group)
    check_targets(group.tables, notes, strict=strict)
    if notes.failed:
        raise TableError(*notes.all())
    return Job(access, group, notes, strict=strict)


def _is_metadata(access: Access) -> bool:
    name = access.path.name if access.path is not None else iris.split(access.url)[2]
    return name.lower().endswith((".json", ".jsonld", ".csvm"))


def _with_fragment(url: str, fragment: str) -> str:
    return f"{url}#{iris.encode(fragment)}" if fragment else url


def _only_sheet(access: Access, group: TableGroup) -> TableGroup:
    """Keep the table of the sheet that was asked for; raises TableError if the description has none for it."""
    wanted = unquote(access.fragment)
    tables = tuple(t for t in group.tables if unquote(t.url.partition("#")[2]) == wanted)
    if not tables:
        hint = f'give a table the "url" {access.name_of(access.url)}#{access.fragment}, or name it with --metadata'
        raise TableError.at(access.name_of(access.url), f"its description has no table for #{wanted}", hint)
    return replace(group, tables=tables)


def _given(access: Access, metadata: str | Path | dict[str, Any]) -> tuple[str, Any]:
    if isinstance(metadata, dict):
        return access.url, metadata
    text = str(metadata)
    if isinstance(metadata, str) and "://" in text and not text.startswith("file:"):
        return text, access.load_json(text)
    other = Access.to(metadata, None, access.fetch)
    document = other.load_json(other.url)
    if (
        access.path is not None
        and other.path is not None
        and access.path.parent.resolve() == other.path.parent.resolve()
    ):
        return iris.resolve(access.url, encode_file_name(Path(text).name)), document
    return iris.resolve(access.url, "metadata.json"), document


def iter_blocks(rows: TableRows, lists: Lists) -> Iterator[tuple[Batch, Block]]:
    """Make the triples of a table that was read once more, with the cells that they came from."""
    for batch in rows.batches:
        findings = Findings(rows.name)
        values = parse_cells(batch, rows.table.schema.columns, findings)
        maker = RowTriples(rows.table, batch, values, findings, f"t{rows.place}", lists)
        for block in maker.blocks():
            yield batch, block
