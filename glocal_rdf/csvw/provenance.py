"""Leads from a term or triple of the output back to the cells that it came from.

1. The templates of each table are inverted on the IRI asked for: a table that cannot have made it is passed over.
2. For a table that may have, its triples are made once more, each with its row and column, and indexed by subject and
   by object. That is done once for a table, when it is first needed.
3. The triples that match lead to their cells: the cell of the column, or, for a virtual column, the cells that its
   templates use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from glocal_rdf.csvw.engine import Conversion, TableRows, iter_blocks
from glocal_rdf.csvw.metadata.model import Column
from glocal_rdf.csvw.rdf.cell_iris import expand_prefix
from glocal_rdf.csvw.rdf.row_triples import Lists
from glocal_rdf.csvw.rdf.uri_templates import invert, parse_template
from glocal_rdf.csvw.values.cells import title_of


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a file: `row` is the line where its record starts, from 1; `column` its name or title."""

    file: str
    row: int
    column: str
    value: str

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.column}"


def locate(
    conversion: Conversion,
    subject: str | None = None,
    predicate: str | None = None,
    object: str | None = None,  # noqa: A002 - the word that people know
) -> list[Cell]:
    """Return the cells that a term or triple came from, in the order of files, lines and columns; empty if none did.

    Terms are in N-Triples syntax, or IRIs without brackets. A subject alone leads to the cells that name it; with a
    predicate or object, to the cells that say it of the subject. Works on what `convert` returns, not on a stream.
    """
    wanted = (_term(subject), _term(predicate), _term(object))
    if wanted == (None, None, None):
        return []
    found: dict[Cell, None] = {}
    for place, rows in enumerate(conversion.tables):
        if not _may_have_made(rows, wanted[0]):
            continue
        index = conversion.index.setdefault(str(place), None) or _TableIndex(rows, conversion.lists)
        conversion.index[str(place)] = index
        for cell in index.find(*wanted):
            found[cell] = None
    return list(found)


def _term(text: str | None) -> str | None:
    if text is None or text.startswith(("<", '"', "_:")):
        return text
    return f"<{text}>"


def _may_have_made(rows: TableRows, subject: str | None) -> bool:
    """Tell whether some template of a table can be filled to a subject."""
    if subject is None:
        return True
    for text in {c.inherited.about_url for c in rows.table.schema.columns}:
        if text is None:
            if subject.startswith("_:"):
                return True
            continue
        template = expand_prefix(parse_template(text))
        if ":" not in template.start or invert(template, subject.strip("<>")) is not None:
            return True
    return False


_FEW = 64


@dataclass
class _TableIndex:
    """The triples of one table with their origins."""

    rows: TableRows
    lists: Lists
    columns: dict[int, Column] = field(init=False)
    frame: pl.DataFrame = field(init=False)
    places: dict[str, dict[str, Sequence[int]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = {c.number: c for c in self.rows.table.schema.columns}
        numbers = {id(b): i for i, b in enumerate(self.rows.batches)}
        frames = []
        for batch, block in iter_blocks(self.rows, self.lists):
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
        empty = dict.fromkeys(("subject", "predicate", "object"), pl.String()) | dict.fromkeys(
            ("batch", "row", "column"), pl.Int64()
        )
        self.frame = (
            pl.concat(frames).sort("batch", "row", "column", maintain_order=True)
            if frames
            else pl.DataFrame(schema=empty)
        )

    def find(self, subject: str | None, predicate: str | None, obj: str | None) -> Iterator[Cell]:
        """Yield the cells of the triples that match."""
        if subject is not None:
            places = self._index("subject").get(subject, ())
        elif obj is not None:
            places = self._index("object").get(obj, ())
        else:
            places = (self.frame["predicate"] == predicate).arg_true().to_list()
        if not places:
            return
        wanted = [(self.frame["predicate"], predicate), (self.frame["object"], obj)]
        tests = [(series, term) for series, term in wanted if term is not None]
        if len(places) > _FEW:
            chosen = pl.Series(places, dtype=pl.UInt32)
            for series, term in tests:
                chosen = chosen.filter(series.gather(chosen) == term)
            places = chosen.to_list()
        else:
            places = [i for i in places if all(series[i] == term for series, term in tests)]
        naming = subject is not None and predicate is None and obj is None
        batches, rows, numbers = (self.frame[n] for n in ("batch", "row", "column"))
        for at in places:
            batch, row, number = batches[at], rows[at], numbers[at]
            for column in self._origins(self.columns[number], naming=naming):
                place = column.number - 1
                data = self.rows.batches[batch]
                if place < data.cells.width:
                    yield Cell(self.rows.name, data.lines[row], title_of(column), data.cells[row, place])

    def _index(self, name: str) -> dict[str, Sequence[int]]:
        if name not in self.places:
            grouped = self.frame.with_row_index("i").group_by(name, maintain_order=True).agg("i")
            self.places[name] = dict(zip(grouped[name].to_list(), grouped["i"].to_list(), strict=True))
        return self.places[name]

    def _origins(self, column: Column, *, naming: bool) -> list[Column]:
        """Return the columns whose cells a triple came from."""
        inherited = column.inherited
        if not naming and not column.virtual:
            return [column]
        texts = [inherited.about_url] if naming else [inherited.value_url, inherited.property_url]
        for candidates in (texts, [inherited.about_url]):
            names = {n for t in candidates if t is not None for n in parse_template(t).names}
            found = [c for c in self.columns.values() if c.name in names and not c.virtual]
            if found:
                return found
        return [c for c in self.columns.values() if not c.virtual][:1]
