"""Findings with the cells that they are about, and the tables that have these cells, as every form shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

import polars as pl

from glocal_rdf.location import Location

__all__ = ["LEVELS", "CellTable", "Finding", "FindingReport", "Level"]

Level = Literal["violation", "warning", "info", "other"]

LEVELS: Final[tuple[Level, ...]] = ("violation", "warning", "info", "other")
"""How severe a finding is, the most severe first; `other` are severities that shapes declare themselves."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, in the language of the reader.

    Attributes:
        level: How severe it is.
        severity: The name of its severity.
        message: What is wrong.
        hint: What to do about it; empty where that is not known.
        shape: The name of the shape that is not conformed to; empty for a cell that is not as its description says.
        node: The thing that it is about.
        path: The property that it is about.
        value: The value that is wrong.
        cells: Where it comes from: cells and rows of tables.
        places: Other places that it comes from: passages of documents, files.
    """

    level: Level
    severity: str
    message: str
    hint: str = ""
    shape: str = ""
    node: str = ""
    path: str = ""
    value: str = ""
    cells: tuple[Location, ...] = ()
    places: tuple[Location, ...] = ()


@dataclass(frozen=True)
class CellTable:
    """A table with its cells as they are in the file.

    Attributes:
        file: The name of the file, as locations have it.
        titles: The title of each column.
        names: What each column is called in locations.
        lines: The line of the file that each row begins on, from 1.
        cells: The cells as text, a column each.
    """

    file: str
    titles: tuple[str, ...]
    names: tuple[str, ...]
    lines: pl.Series
    cells: pl.DataFrame

    @cached_property
    def _rows(self) -> Mapping[int, int]:
        return {line: row for row, line in enumerate(self.lines)}

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def find_row(self, location: Location) -> int | None:
        """Return the number of the row that a location is in, from 0; None where it is in none."""
        return self._rows.get(location.row) if location.file == self.file else None

    def find_column(self, location: Location) -> int | None:
        """Return the number of the column that a location is in, from 0; None where it is the whole row."""
        return self._columns.get(location.column)


@dataclass(frozen=True)
class FindingReport:
    """All findings of a run, with the tables that they are about.

    Attributes:
        title: The name of what was looked at.
        verdict: Whether it conforms, as a sentence.
        conforms: The same for programs; None where that is not known.
        notes: What else is to be said: how much was checked, what was not.
        findings: The findings, the most severe first.
        tables: The tables, in their order.
        lang: The language of all this.
    """

    title: str
    verdict: str
    conforms: bool | None
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]
    tables: tuple[CellTable, ...] = field(default=())
    lang: str = "en"

    def locate(self, finding: Finding) -> list[tuple[int, int, int | None]]:
        """Return the cells of a finding: the number of the table, of the row, and of the column (None for all)."""
        found = []
        for location in finding.cells:
            for number, table in enumerate(self.tables):
                row = table.find_row(location)
                if row is not None:
                    found.append((number, row, table.find_column(location)))
        return found
