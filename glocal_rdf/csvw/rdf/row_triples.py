"""Turns the parsed values of a batch of rows into triples (Generating RDF from Tabular Data on the Web, section 4.6).

1. Every template of the table is filled once, for all rows (`cell_templates`).
2. Subjects, predicates and objects become columns of terms.
3. Each column of the table makes one block of triples; blocks are joined by the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from glocal_rdf.csvw.metadata.model import Column, Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.blocks import SCHEMA, Block, TermAffixes, broadcast, frame_of, place_of
from glocal_rdf.csvw.rdf.cell_iris import plan, property_iri
from glocal_rdf.csvw.rdf.cell_templates import CellTemplates, Lists
from glocal_rdf.csvw.rdf.iri_checks import IriChecks
from glocal_rdf.csvw.rdf.literals import literal_end, literals
from glocal_rdf.csvw.rdf.rdf_lists import list_blocks
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.values.cells import Values

__all__ = ["Lists", "RowTriples"]


@dataclass
class RowTriples:
    """The triples of one batch of rows.

    `label` starts the labels of its blank nodes, and `iri_checks` collect what is doubtful. With `counting`, triples
    are only counted: literals are not written, nor blank nodes distinguished.
    """

    table: Table
    batch: Batch
    values: Sequence[Values]
    problems: ProblemCollector
    label: str
    lists: Lists = "each"
    iri_checks: IriChecks | None = None
    counting: bool = False
    _repeated: dict[str, pl.Series | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shown = [v for v in self.values if not v.column.suppress_output]
        self._templates = CellTemplates(self.table, self.batch, self.values, self.problems, self.lists, self.iri_checks)

    def blocks(self) -> Iterator[Block]:
        """Yield the triples, a block or more for each column that is not suppressed."""
        self._templates.fill()
        self._check_iris()
        for values in self._shown:
            yield from self._blocks_of(values)

    def subjects(self) -> list[pl.Series]:
        """Return the subjects of the rows, one series for each template in use; to be called after `blocks`."""
        found: dict[str | None, pl.Series] = {}
        for values in self._shown:
            found.setdefault(self._about_key(values.column), self._subject(values.column))
        return list(found.values())

    def lost_rows(self) -> int:
        """Return how many rows make no triple, since none of their subjects is an IRI; to be called after `blocks`."""
        abouts = {self._about_key(v.column): v.column for v in self._shown}
        if not abouts or None in abouts:
            return 0
        subjects = [self._about(column) for column in abouts.values()]
        if any(isinstance(s, str) for s in subjects):
            return 0
        lost = [s.is_null() for s in subjects if isinstance(s, pl.Series)]
        return int(pl.select(pl.all_horizontal(lost)).to_series().sum()) if lost else self.batch.cells.height

    def _check_iris(self) -> None:
        if self.iri_checks is None:
            return
        repeated = False
        for values in self._shown:
            if values.column.inherited.property_url is None:
                self.iri_checks.collect_property(values.column)
            repeated = repeated or self._repeats(values.column) is not None
        self.iri_checks.collect_subjects(self.values, self.batch, self._subject, repeated)

    def _about_key(self, column: Column) -> str | None:
        about = column.inherited.about_url
        return None if about is None else self._templates.key(about, column)

    def _about(self, column: Column) -> str | pl.Series | None:
        about = column.inherited.about_url
        return None if about is None else self._templates.filled(about, column)

    def _subject(self, column: Column) -> pl.Series:
        """Return the subject of each row: the IRI of its aboutUrl, or a blank node."""
        rows = self.batch.cells.height
        if column.inherited.about_url is not None:
            return broadcast(self._about(column), rows).rename("subject")
        if self.counting:
            return broadcast("_:r", rows).rename("subject")
        first = self.batch.first_row
        numbers = pl.int_range(first, first + rows, eager=True).cast(pl.String).to_frame("n")
        return numbers.select(pl.concat_str(pl.lit(f"_:{self.label}r"), pl.col("n")).alias("subject")).to_series()

    def _predicate(self, column: Column) -> str | pl.Series | None:
        text = column.inherited.property_url
        if text is None:
            return f"<{property_iri(column, self.table.url)}>"
        return self._templates.filled(text, column)

    def _blocks_of(self, values: Values) -> Iterator[Block]:
        """Yield the triples of one column."""
        column, value_url = values.column, values.column.inherited.value_url
        subject, predicate = self._subject(column), self._predicate(column)
        constant = column.inherited.about_url is None and isinstance(predicate, str)
        if self.counting and constant and value_url is None and values.lists is None:
            yield Block(values.text.drop_nulls().to_frame(), column)
            return
        rows: pl.Series | None = None
        objects: pl.Series | str | None
        items = self._templates.list_of(values)
        if items is not None and value_url is not None:
            rows = items.rows
            objects = self._templates.fill_items(value_url, column, items)
        elif value_url is not None:
            objects = self._templates.filled(value_url, column)
            present = values.text if values.lists is None else values.lists
            if not column.virtual and (isinstance(objects, str) or present.null_count()):
                objects = _only_where(present.is_not_null(), objects)
        else:
            objects = values.text if self.counting else literals(values)
            rows = values.rows
            if rows is not None and column.inherited.ordered:
                yield from list_blocks(
                    values,
                    objects,
                    subject,
                    predicate,
                    label=f"_:{self.label}",
                    first_row=self.batch.first_row,
                    subjects=self._subject_affixes(column),
                    subject_column=self._subject_column(column),
                )
                return
        block = self._join(values, subject, predicate, objects, rows)
        if block.frame.height:
            yield block

    def _join(
        self,
        values: Values,
        subject: pl.Series,
        predicate: str | pl.Series | None,
        objects: str | pl.Series | None,
        rows: pl.Series | None,
    ) -> Block:
        """Return the triples of three columns, without those that lack a term; `rows` are those of list items."""
        repeated = self._repeats(values.column)
        if rows is not None:
            subject = subject.gather(rows)
            predicate = predicate.gather(rows) if isinstance(predicate, pl.Series) else predicate
            repeated = pl.repeat(value=True, n=rows.len(), eager=True)
        block = Block(
            frame_of(subject, predicate, objects),
            values.column,
            rows,
            predicate if isinstance(predicate, str) else None,
            self._subject_affixes(values.column),
            self._object_affixes(values),
            repeated,
            self._subject_column(values.column),
            place_of(values.column),
        )
        if any(block.frame[c].null_count() for c in SCHEMA):
            block = block.keep(block.frame.select(pl.all_horizontal(pl.all().is_not_null())).to_series())
        return block

    def _repeats(self, column: Column) -> pl.Series | None:
        """Mark the rows whose subject is also that of another row; None if there are none."""
        key = self._about_key(column)
        if key is None:
            return None
        if key not in self._repeated:
            mask = self._subject(column).is_duplicated()
            self._repeated[key] = mask if mask.any() else None
        return self._repeated[key]

    def _subject_column(self, column: Column) -> int | None:
        """Return the number of the first column whose rows have the same subjects; None if these are blank nodes."""
        key = self._about_key(column)
        if key is None:
            return None
        return next(v.column.number for v in self._shown if self._about_key(v.column) == key)

    def _subject_affixes(self, column: Column) -> TermAffixes:
        about = column.inherited.about_url
        return TermAffixes(f"_:{self.label}r") if about is None else TermAffixes(plan(about, self.table).start)

    def _object_affixes(self, values: Values) -> TermAffixes:
        value_url = values.column.inherited.value_url
        if value_url is not None:
            return TermAffixes(plan(value_url, self.table).start)
        return TermAffixes('"') if values.valid is not None else TermAffixes('"', literal_end(values.column))


def _only_where(keep: pl.Series, objects: str | pl.Series | None) -> pl.Series:
    """Return the objects of the rows for which a mask holds, null for the others."""
    value = objects if isinstance(objects, pl.Series) else pl.lit(objects, dtype=pl.String)
    return pl.select(pl.when(keep).then(value).alias("object")).to_series()
