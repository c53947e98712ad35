"""Blocks of triples: those that one column of a table makes, with what is known of their terms in advance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from glocal_rdf.csvw.metadata.model import Column

__all__ = ["SCHEMA", "Block", "TermAffixes", "broadcast", "frame_of", "place_of"]

SCHEMA: Final = {"subject": pl.String(), "predicate": pl.String(), "object": pl.String()}


@dataclass(frozen=True, slots=True)
class TermAffixes:
    """How all terms of a column start and end; empty where that is not known."""

    start: str = ""
    end: str = ""

    def may_overlap(self, other: TermAffixes) -> bool:
        """Return whether both columns could hold the same term.

        Examples:
            >>> TermAffixes("<http://e.org/a/").may_overlap(TermAffixes("<http://e.org/"))
            True
            >>> TermAffixes("<http://e.org/").may_overlap(TermAffixes('"'))
            False
        """
        starts = self.start.startswith(other.start) or other.start.startswith(self.start)
        ends = self.end == other.end or not self.end or not other.end
        return starts and ends


@dataclass(frozen=True, slots=True)
class Block:
    """Triples of one column of a table, or of the description of the table in standard mode.

    `frame` has the columns subject, predicate and object. `rows` holds for each triple its row in the batch, from 0
    (None: row for row). `predicate` is the one of all triples, or None. `repeated` marks the triples whose subject
    occurs in more than one row (None: no subject does). `subject_column` is the number of the first column that has
    the same subjects (None: they are nodes of their rows alone), and `place` orders the blocks of one subject.
    """

    frame: pl.DataFrame
    column: Column | None = None
    rows: pl.Series | None = None
    predicate: str | None = None
    subjects: TermAffixes = TermAffixes()
    objects: TermAffixes = TermAffixes()
    repeated: pl.Series | None = None
    subject_column: int | None = None
    place: int = 0

    def keep(self, mask: pl.Series) -> Block:
        """Return the block with the triples for which a mask holds."""
        return replace(
            self,
            frame=self.frame.filter(mask),
            rows=mask.arg_true() if self.rows is None else self.rows.filter(mask),
            repeated=None if self.repeated is None else self.repeated.filter(mask),
        )

    def may_overlap(self, other: Block) -> bool:
        """Return whether both blocks could hold the same triple."""
        if self.predicate is not None and other.predicate is not None and self.predicate != other.predicate:
            return False
        return self.subjects.may_overlap(other.subjects) and self.objects.may_overlap(other.objects)


def frame_of(subject: pl.Series, predicate: str | pl.Series | None, objects: str | pl.Series | None) -> pl.DataFrame:
    """Return a frame of triples; a single term stands for a column that holds it in every row.

    Args:
        subject: The subjects, row by row.
        predicate: The predicates, the one of all rows, or None where no row has any.
        objects: The objects, likewise.
    """
    columns = zip(SCHEMA, (subject, predicate, objects), strict=True)
    return pl.DataFrame([broadcast(found, subject.len()).alias(name) for name, found in columns])


def broadcast(found: str | pl.Series | None, length: int) -> pl.Series:
    """Return a column as it is, or one of some length that holds a single term in every row."""
    return found if isinstance(found, pl.Series) else pl.Series([found], dtype=pl.String).new_from_index(0, length)


def place_of(column: Column, part: int = 0) -> int:
    """Return the place of a block of a column among those of one subject; `part` is its number, up to 3."""
    return 4 * column.number + part
