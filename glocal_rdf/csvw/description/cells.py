"""Reads all cells of a table by a description, and counts what is in each column.

A description that changes is checked against these cells, so that the file is read once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import polars as pl

from glocal_rdf.csvw.engine import Job
from glocal_rdf.csvw.keys import check_targets
from glocal_rdf.csvw.metadata.discovery import allow_base
from glocal_rdf.csvw.metadata.model import Column
from glocal_rdf.csvw.metadata.reader import read_metadata
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.table_readers import apply_headers, open_table
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.tables.resources import Access, parse_json
from glocal_rdf.csvw.values.cells import Values, parse_cells
from glocal_rdf.errors import InputError, Problem, TableError

__all__ = ["ColumnCounts", "TableCells", "count_cells", "find_place", "first_errors", "open_tables", "read_cells"]

MAX_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class TableCells:
    """All cells of a table, as text.

    Attributes:
        file: The name of the file, for messages.
        titles: The titles of each column, as the file has them.
        batch: The rows; columns are named "0", "1", … and hold no null.
        kinds: What the columns of a spreadsheet hold, as far as it says so.
        problems: What is wrong with the file: rows that were left out, sheets that were not read.
    """

    file: str
    titles: tuple[tuple[str, ...], ...]
    batch: Batch
    kinds: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.batch.cells.height

    def column(self, place: int) -> pl.Series:
        """Return the cells of a column by its place, from 0."""
        return self.batch.cells.to_series(place)

    def parse(self, column: Column, problems: ProblemCollector | None = None) -> Values:
        """Return the values of a described column; what is wrong with its cells is added to `problems`."""
        one = self.batch.cells.select(pl.nth(column.number - 1).alias("0"))
        batch = replace(self.batch, cells=one)
        found = ProblemCollector(self.file) if problems is None else problems
        return parse_cells(batch, [replace(column, number=1, virtual=False)], found)[0]


@dataclass(frozen=True, slots=True)
class ColumnCounts:
    """How many cells of a column are empty, how many are distinct, and the first different ones."""

    cells: int
    empty: int
    distinct: int
    examples: tuple[str, ...] = ()


def open_tables(where: Path, document: Mapping[str, Any], *, prefixes: Mapping[str, str] | None = None) -> Job:
    """Return the job that has the tables of a metadata document.

    Args:
        where: The file that the document is in, or will be: its tables are found beside it.
        document: A metadata document of one table or several.
        prefixes: The prefixes that a project declares.

    Raises:
        TableError: With all errors, where the description is invalid.
    """
    access = Access.to(where)
    problems = ProblemCollector(access.name_of(access.url))
    allow_base(access, document, access.url)
    group = read_metadata(
        dict(document),
        access.url,
        problems,
        lambda url: parse_json(access.open(url)),
        resolve_link=access.resolve_link,
        prefixes=prefixes,
    )
    check_targets(group.tables, problems)
    if problems.failed:
        raise TableError(*problems.all())
    return Job(access, group, problems)


def find_place(job: Job, source: Path, fragment: str = "") -> int | None:
    """Return the place of a table among those of a job; None where it is not there.

    Args:
        job: The tables of a description.
        source: The file of the table.
        fragment: The sheet of the table, as `sheet=NAME`.

    Raises:
        InputError: Where several sheets of the file are described, and the source names none.
    """
    found = [i for i, t in enumerate(job.group.tables) if _is_file(job.access, t.url, source)]
    names = {i: unquote(job.group.tables[i].url.partition("#")[2]) for i in found}
    same = [i for i in found if names[i] == unquote(fragment)]
    if same:
        return same[0]
    if fragment or not found:
        return None
    if len(found) > 1:
        sheets = ", ".join(f"{source.name}#{names[i]}" for i in found[:5])
        raise InputError.at(source, f"has {len(found)} sheets that are described", f"name one: {sheets}")
    return found[0]


def _is_file(access: Access, url: str, path: Path) -> bool:
    """Return whether an address is that of a file."""
    try:
        resource = access.open(url)
    except InputError:
        return False
    resource.stream.close()
    return resource.path is not None and path.exists() and resource.path.samefile(path)


def read_cells(job: Job, place: int) -> TableCells:
    """Return all cells of a table by its place in the document, read by the dialect of its description.

    Rows that cannot be read are errors among its problems.

    Raises:
        TableError: Where the file is not a table.
        InputError: Where there is no file.
    """
    table = job.group.tables[place]
    problems = ProblemCollector(job.access.name_of(table.url))
    resource = job.access.open(table.url)
    with resource.stream:
        table = apply_headers(table, resource)
        reader = open_table(resource, table, problems)
        batches = list(reader.batches())
        width = max((reader.width or 0) - table.dialect.skip_columns, 0)
    head = reader.head.titles
    titles = (*head[:width], *[()] * (width - len(head)))
    kinds = tuple(getattr(reader, "kinds", ()))
    return TableCells(problems.file, titles, _join(batches, width), kinds, problems.all())


def _join(batches: Sequence[Batch], width: int) -> Batch:
    if not batches:
        none = pl.Series("lines", [], dtype=pl.Int64)
        return Batch(pl.DataFrame(schema={str(i): pl.String for i in range(width)}), none, none, 1)
    cells = pl.concat([b.cells for b in batches]).select(pl.all().cast(pl.String))
    lines, rows = pl.concat([b.lines for b in batches]), pl.concat([b.source_rows for b in batches])
    return Batch(cells, lines, rows, 1)


def count_cells(cells: TableCells, columns: Sequence[Column]) -> Iterator[ColumnCounts]:
    """Yield the counts of each column of the file; words that stand for no value count as empty."""
    for place in range(cells.batch.cells.width):
        series = cells.column(place)
        null = list(columns[place].inherited.null) if place < len(columns) else [""]
        filled = series.filter(~series.is_in({"", *null}))
        distinct = filled.unique(maintain_order=True)
        yield ColumnCounts(
            series.len(), series.len() - filled.len(), distinct.len(), tuple(distinct.head(MAX_EXAMPLES).to_list())
        )


def first_errors(problems: ProblemCollector, limit: int) -> tuple[tuple[Problem, ...], int]:
    """Return the first errors that were collected, and how many there are."""
    errors = [p for p in problems.items if p.level == "error"]
    return tuple(errors[:limit]), sum(n for (level, _, _), n in problems.counts.items() if level == "error")
