"""Tables as they were read, and an index of their triples by the cells that each was made from.

The index is made when it is first needed: the triples of the table are generated once more, each with its row and
column, and are grouped by subject and by object.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from glocal_rdf.csvw.metadata.model import Column, Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.blocks import Block
from glocal_rdf.csvw.rdf.cell_templates import Lists
from glocal_rdf.csvw.rdf.row_triples import RowTriples
from glocal_rdf.csvw.rdf.uri_templates import parse_template
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.values.cells import parse_cells, title_of

__all__ = ["Cell", "TableRows", "TripleIndex"]

MAX_TESTED_ONE_BY_ONE = 64
"""Up to how many candidate triples are tested one by one; more are tested as a column."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a file: `row` is the line on which its record starts, from 1; `column` is its name or title."""

    file: str
    row: int
    column: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.column}"


@dataclass(frozen=True, eq=False)
class TableRows:
    """A table as it was read.

    `table` is its description with all columns, `name` the name of its file, `rows` their number, `batches` their cells
    as text (none for a stream), `place` the position of the table in its group, and `lists` how lists became IRIs.
    """

    table: Table
    name: str
    rows: int
    batches: tuple[Batch, ...] = ()
    place: int = 0
    lists: Lists = "each"

    def blocks(self) -> Iterator[tuple[Batch, Block]]:
        """Yield the triples of the table, generated once more, with the batch of rows that they were made from."""
        for batch in self.batches:
            problems = ProblemCollector(self.name)
            values = parse_cells(batch, self.table.schema.columns, problems)
            triples = RowTriples(self.table, batch, values, problems, f"t{self.place}", self.lists)
            for block in triples.blocks():
                yield batch, block

    @cached_property
    def index(self) -> TripleIndex:
        """The index of its triples, made when it is first needed."""
        return TripleIndex(self)


class TripleIndex:
    """The triples of one table, with the batch, row and column that each was made from."""

    def __init__(self, rows: TableRows) -> None:
        """Generate the triples of a table once more."""
        self.rows = rows
        self.columns = {c.number: c for c in rows.table.schema.columns}
        self.frame = self._make_frame()

    def _make_frame(self) -> pl.DataFrame:
        """Return the triples in the order of their cells: subject, predicate, object, batch, row and column number."""
        numbers = {id(b): i for i, b in enumerate(self.rows.batches)}
        frames = []
        for batch, block in self.rows.blocks():
            if block.column is None:
                continue
            at = block.rows if block.rows is not None else pl.int_range(block.frame.height, eager=True)
            frames.append(
                block.frame.with_columns(
                    batch=pl.lit(numbers[id(batch)], dtype=pl.Int64),
                    row=at.cast(pl.Int64),
                    column=pl.lit(block.column.number, dtype=pl.Int64),
                )
            )
        if frames:
            return pl.concat(frames).sort("batch", "row", "column", maintain_order=True)
        terms = dict.fromkeys(("subject", "predicate", "object"), pl.String())
        return pl.DataFrame(schema=terms | dict.fromkeys(("batch", "row", "column"), pl.Int64()))

    def find(self, subject: str | None, predicate: str | None, obj: str | None) -> Iterator[Cell]:
        """Yield the cells that the matching triples were made from.

        Args:
            subject: A term; None matches every one. A subject alone leads to the cells that its IRI was made from.
            predicate: A term, or None.
            obj: A term, or None.
        """
        if subject is not None:
            places = self._by_subject.get(subject, ())
        elif obj is not None:
            places = self._by_object.get(obj, ())
        else:
            places = (self.frame["predicate"] == predicate).arg_true().to_list()
        if not places:
            return
        wanted = [(self.frame["predicate"], predicate), (self.frame["object"], obj)]
        tests = [(series, term) for series, term in wanted if term is not None]
        if len(places) > MAX_TESTED_ONE_BY_ONE:
            chosen = pl.Series(places, dtype=pl.UInt32)
            for series, term in tests:
                chosen = chosen.filter(series.gather(chosen) == term)
            places = chosen.to_list()
        else:
            places = [i for i in places if all(series[i] == term for series, term in tests)]
        of_subject = subject is not None and predicate is None and obj is None
        batches, rows, numbers = (self.frame[n] for n in ("batch", "row", "column"))
        for at in places:
            batch, row, number = batches[at], rows[at], numbers[at]
            for column in self._source_columns(self.columns[number], of_subject=of_subject):
                place = column.number - 1
                data = self.rows.batches[batch]
                if place < data.cells.width:
                    yield Cell(self.rows.name, data.lines[row], title_of(column), data.cells[row, place])

    def list_cells(self) -> pl.DataFrame:
        """List the cells of all triples: their terms, `row` (the line) and `column` (the title)."""
        frames = []
        for (batch, number), part in self.frame.group_by("batch", "column", maintain_order=True):
            data = self.rows.batches[int(str(batch))]
            lines = data.lines.gather(part["row"]).cast(pl.Int64)
            frames += [
                part.select("subject", "predicate", "object", row=lines, column=pl.lit(title_of(column)))
                for column in self._source_columns(self.columns[int(str(number))], of_subject=False)
                if column.number - 1 < data.cells.width
            ]
        terms = dict.fromkeys(("subject", "predicate", "object"), pl.String())
        empty = pl.DataFrame(schema={**terms, "row": pl.Int64(), "column": pl.String()})
        return pl.concat([empty, *frames])

    @cached_property
    def _by_subject(self) -> dict[str, Sequence[int]]:
        return self._group("subject")

    @cached_property
    def _by_object(self) -> dict[str, Sequence[int]]:
        return self._group("object")

    def _group(self, name: str) -> dict[str, Sequence[int]]:
        """Return the numbers of the triples by the terms of one column of the frame."""
        grouped = self.frame.with_row_index("i").group_by(name, maintain_order=True).agg("i")
        return dict(zip(grouped[name].to_list(), grouped["i"].to_list(), strict=True))

    def _source_columns(self, column: Column, *, of_subject: bool) -> list[Column]:
        """Return the columns whose cells a triple of a column, or its subject, was made from.

        That is the column itself, or, for a subject and for a virtual column, those that its templates use.
        """
        inherited = column.inherited
        if not of_subject and not column.virtual:
            return [column]
        texts = [inherited.about_url] if of_subject else [inherited.value_url, inherited.property_url]
        for candidates in (texts, [inherited.about_url]):
            names = {n for t in candidates if t is not None for n in parse_template(t).names}
            found = [c for c in self.columns.values() if c.name in names and not c.virtual]
            if found:
                return found
        return [c for c in self.columns.values() if not c.virtual][:1]
