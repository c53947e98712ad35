"""The head of a table and its rows in batches, as every reader of tables returns them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["Batch", "FilePart", "Head", "trim_cells"]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the rows: the titles of each column, and comments."""

    titles: tuple[tuple[str, ...], ...]
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilePart:
    """A range of a delimited file that begins where a record does, and what is known of what stands before it.

    The first part begins with the head of the file; `stop` of the last is the size of the file. `line`, `source_row`
    and `row` are the numbers of its first line, record and row, and `width` is how many columns the file has.
    """

    start: int
    stop: int
    first: bool = True
    last: bool = True
    line: int = 1
    width: int | None = None
    source_row: int = 1
    row: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table.

    `cells` has columns named "0", "1", … of text without nulls; `lines` and `source_rows` hold the line and the number
    of each row in the file, from 1; `first_row` is the number of the first row in the table, from 1.
    """

    cells: pl.DataFrame
    lines: pl.Series
    source_rows: pl.Series
    first_row: int


def trim_cells(cells: pl.DataFrame, mode: str) -> pl.DataFrame:
    """Return cells without the white space that the dialect's `trim` flag removes: "true", "start", "end", "false"."""
    match mode:
        case "true":
            return cells.select(pl.all().str.strip_chars())
        case "start":
            return cells.select(pl.all().str.strip_chars_start())
        case "end":
            return cells.select(pl.all().str.strip_chars_end())
        case _:
            return cells
