"""The head of a table and its rows in batches, as every reader of tables returns them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["Batch", "Head", "trim_cells"]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the rows: the titles of each column, and comments."""

    titles: tuple[tuple[str, ...], ...]
    comments: tuple[str, ...]


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
