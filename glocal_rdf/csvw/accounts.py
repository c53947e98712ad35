"""Counts what a conversion read: rows and cells, what became of them, and what was left out for which cause.

The rows read are the rows converted, those of tables whose output the description suppresses, and those left out, by
cause; the cells are those that made triples and those that made none, by cause. Each number is counted where the rows
or cells are set aside, and none is derived from the others, so that a test can compare them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import polars as pl

    from glocal_rdf.csvw.metadata.model import Table
    from glocal_rdf.csvw.rdf.blocks import Block
    from glocal_rdf.csvw.values.cells import Values

__all__ = [
    "BLANK",
    "NO_IRI",
    "NULL",
    "QUOTES",
    "SUPPRESSED",
    "TOO_FEW",
    "TOO_MANY",
    "Accounts",
    "CellCounts",
    "RowCounts",
    "TableAccount",
    "account_for",
]

TOO_FEW: Final = "too few cells"
TOO_MANY: Final = "too many cells"
BLANK: Final = "blank"
QUOTES: Final = "stray quotation marks"
NULL: Final = "null"
SUPPRESSED: Final = "suppressed"
NO_IRI: Final = "no IRI"


@dataclass
class RowCounts:
    """The records of one table, counted while it is read."""

    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    header: int = 0
    skipped: int = 0
    comments: int = 0
    blank: int = 0


@dataclass
class CellCounts:
    """The cells of one table, counted while they become triples; virtual columns have no cells."""

    cells: int = 0
    made: int = 0
    unmade: Counter[str] = field(default_factory=Counter)
    invalid: int = 0
    lost_rows: int = 0
    """The number of rows that made no triple, since none of their subjects is an IRI."""

    def add_invalid(self, values: Sequence[Values]) -> None:
        """Count the cells that are not of their datatype."""
        self.invalid += sum(int((~v.valid).sum()) for v in values if v.valid is not None and not v.column.virtual)

    def add(self, values: Values, blocks: Sequence[Block], height: int) -> int:
        """Count the cells of one column of a batch by the triples that they made.

        Args:
            values: The values of the column.
            blocks: The triples that they made.
            height: How many rows the batch has.

        Returns:
            How many of them made no triple, since they have no IRI.
        """
        column = values.column
        if column.virtual:
            return 0
        self.cells += height
        if column.suppress_output:
            self.unmade[SUPPRESSED] += height
            return 0
        made, null = 0, _nulls(values)
        rows = blocks[0].rows if blocks else None
        if blocks and rows is None:
            made = blocks[0].frame.height
            null = min(null, height - made)
        elif rows is not None:
            rows = rows.unique()
            made = rows.len()
            if null:
                null -= int(
                    _is_null(values).gather(rows).sum()
                )  # a list without items makes a triple, if it is ordered
        self.made += made
        self.unmade[NULL] += null
        self.unmade[NO_IRI] += height - made - null
        return height - made - null


@dataclass(frozen=True, slots=True)
class TableAccount:
    """The account of one table: its rows and cells, by what became of them.

    `read` counts its rows: not its `header` rows, nor those that the description skips (`skipped` rows,
    `comments`, `blank` rows that are skipped or end the file). `read` is `converted`, `suppressed` and all of
    `left_out` together; `cells` of converted rows, and of those without an IRI, are `made` (a triple) and all of
    `unmade` together. `invalid` cells, or items of cells, are not of their datatype; they are written as strings.
    `not_read` is the reason why a table was not read. A table that is not `described` has text in all its columns.
    """

    name: str
    read: int = 0
    converted: int = 0
    suppressed: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    header: int = 0
    skipped: int = 0
    comments: int = 0
    blank: int = 0
    cells: int = 0
    made: int = 0
    unmade: Mapping[str, int] = field(default_factory=dict)
    invalid: int = 0
    columns: int = 0
    described: bool = True
    not_read: str = ""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of all tables of a run, and the sheets that no table reads."""

    tables: tuple[TableAccount, ...] = ()
    sheets_not_read: tuple[str, ...] = ()
    """The sheets that hold cells and that no table reads, as FILE#sheet=NAME."""

    def __add__(self, other: Accounts) -> Accounts:
        """Return the accounts of two runs together."""
        return Accounts(self.tables + other.tables, self.sheets_not_read + other.sheets_not_read)

    @property
    def total(self) -> TableAccount:
        """Return the sums over all tables; tables that were not read count nothing."""
        numbers = ("read", "converted", "suppressed", "header", "skipped", "comments", "blank", "cells", "made")
        sums = {name: sum(getattr(t, name) for t in self.tables) for name in (*numbers, "invalid")}
        left_out = _add_up(t.left_out for t in self.tables)
        return TableAccount("", left_out=left_out, unmade=_add_up(t.unmade for t in self.tables), **sums)

    @property
    def not_read(self) -> tuple[str, ...]:
        """Return the names of the tables that could not be read."""
        return tuple(t.name for t in self.tables if t.not_read)

    def as_dict(self) -> dict[str, Any]:
        """Return the accounts for JSON: `total`, and each table under `tables`."""
        tables = [asdict(t) for t in self.tables]
        total = asdict(self.total)
        del total["name"], total["not_read"], total["columns"], total["described"]
        unread = {"not_read": list(self.not_read), "sheets_not_read": list(self.sheets_not_read)}
        return {"total": total, **unread, "tables": tables}

    def describe(self, done: str = "converted") -> str:
        """Return the accounts in one line; `done` is the word for what was done with the rows.

        Examples:
            >>> Accounts((TableAccount("t.csv", 1234, 1230, left_out={"too few cells": 4}),)).describe()
            'rows: 1,234 read, 1,230 converted, 4 left out (4 too few cells)'
        """
        total = self.total
        parts = [f"{total.read:,} read", f"{total.converted:,} {done}"]
        if total.suppressed:
            parts.append(f"{total.suppressed:,} in tables whose output is suppressed")
        if total.left_out:
            causes = ", ".join(f"{count:,} {cause}" for cause, count in sorted(total.left_out.items()))
            parts.append(f"{sum(total.left_out.values()):,} left out ({causes})")
        passed = [(total.skipped, "skipped"), (total.comments, "comment"), (total.blank, "blank")]
        skipped = ", ".join(f"{count:,} {word}" for count, word in passed if count)
        if skipped:
            parts.append(f"lines passed over: {skipped}")
        line = "rows: " + ", ".join(parts)
        lost = total.unmade.get(NO_IRI, 0)
        if lost:
            line += f"; cells: {total.cells:,} read, {lost:,} made no triple ({NO_IRI})"
        if total.invalid:
            line += f"; {total.invalid:,} {'cell is' if total.invalid == 1 else 'cells are'} not of the datatype"
        if self.not_read:
            line += f"; tables not read: {', '.join(self.not_read)}"
        if self.sheets_not_read:
            line += f"; sheets not read: {', '.join(self.sheets_not_read)}"
        return line


def account_for(name: str, table: Table, rows: RowCounts, cells: CellCounts) -> TableAccount:
    """Return the account of a table that was read to its end.

    Args:
        name: The name of its file.
        table: The table.
        rows: The records that were read.
        cells: The cells that became triples.
    """
    suppressed = table.suppress_output
    left_out = _add_up([rows.left_out, {NO_IRI: cells.lost_rows}])
    used = rows.read - sum(left_out.values())
    return TableAccount(
        name,
        rows.read,
        0 if suppressed else used,
        used if suppressed else 0,
        left_out,
        rows.header,
        rows.skipped,
        rows.comments,
        rows.blank,
        cells.cells,
        cells.made,
        _add_up([cells.unmade]),
        cells.invalid,
        len([c for c in table.schema.columns if not c.virtual]),
        table.described,
    )


def _nulls(values: Values) -> int:
    """Return how many cells of a column have no value: null, or a list without items."""
    return values.text.null_count() if values.lists is None else int(_is_null(values).sum())


def _is_null(values: Values) -> pl.Series:
    return values.text.is_null() if values.lists is None else values.lists.list.len().fill_null(0) == 0


def _add_up(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return {cause: number for cause, number in sorted(total.items()) if number}
