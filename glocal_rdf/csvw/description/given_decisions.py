"""The decisions that a person gives for a table, and the state that they change: a description with its cells.

Columns are named by their names in the description or by their titles.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from glocal_rdf.csvw.description.cells import TableCells
from glocal_rdf.csvw.description.columns import column_name, find_column, is_virtual, schema_of
from glocal_rdf.csvw.engine import Job
from glocal_rdf.errors import InputError, Problem

__all__ = ["REFUSED", "Change", "Decisions", "Draft"]

REFUSED: Final = "refused"
"""The kind of the problems of a decision that the cells contradict."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person decides about a table, so that nobody has to write JSON.

    Attributes:
        key: The columns that identify a row together.
        classes: The classes of the things that the rows describe, as prefixed names or IRIs.
        properties: The property of a column.
        datatypes: The datatype of a column: its name, with a format after a colon (`date:dd.MM.yyyy`,
            `decimal:#.##0,00`), or as in metadata.
        lists: The separator of the items in the cells of a column.
        references: What a column refers to: `TABLE.COLUMN`.
        dates: The format of the dates of a column.
        date: The format of the dates of all columns whose dates are in doubt.
        languages: The language of the texts of a column.
        nulls: The words that stand for no value in a column.
        texts: Columns that are text.
        accepted: Columns that are described as they should be.
        accept_layout: Whether the header, dialect and rows of the table are as they should be.
        encoding: The encoding of the file, by any of its labels: `big5`.
        renamed: The new header of a column, by its name.
        dropped: Columns that the table does not have any more.

    Examples:
        >>> bool(Decisions()), bool(Decisions(key=("id",)))
        (False, True)
    """

    key: Sequence[str] = ()
    classes: Sequence[str] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    datatypes: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)
    nulls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Sequence[str] = ()
    accepted: Sequence[str] = ()
    accept_layout: bool = False
    encoding: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: Sequence[str] = ()

    def __bool__(self) -> bool:
        """Return whether anything is decided."""
        return any(getattr(self, item.name) for item in fields(self))


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a decision makes to a column, and the properties of its description that it sets.

    Attributes:
        column: The place of the column; None for the table.
        text: The decision in words: `date:dd.MM.yyyy`.
        properties: The properties that it sets, by which open decisions are answered.
        answers: The kinds of open decisions about the column that it answers besides.
    """

    column: int | None
    text: str
    properties: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """A description that is being changed, with the cells of its table.

    `document` is a copy that is changed in place, and `where` its file; `place` is the position of the table in it;
    `job` has the tables as they were described before.
    """

    where: Path
    document: dict[str, Any]
    place: int
    cells: TableCells
    job: Job
    prefixes: Mapping[str, str]
    changes: list[Change] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        where: Path,
        document: Mapping[str, Any],
        place: int,
        cells: TableCells,
        job: Job,
        prefixes: Mapping[str, str],
    ) -> Draft:
        """Return the draft of a document, which itself is left as it is.

        Args:
            where: The file of the document.
            document: The metadata document.
            place: The position of the table in it.
            cells: The cells of the table.
            job: The tables as the document describes them.
            prefixes: The prefixes that a project declares.

        Raises:
            InputError: Where the table has notes that are not an array.
        """
        draft = cls(where, copy.deepcopy(dict(document)), place, cells, job, prefixes)
        table = draft.table
        table["tableSchema"] = copy.deepcopy(schema_of(table, draft.document))
        table["tableSchema"].setdefault("columns", [])
        if not isinstance(table.get("notes", []), list):
            raise InputError.at(where, "notes is not an array", "correct it first")
        return draft

    @property
    def table(self) -> dict[str, Any]:
        """The description of the table."""
        if "tables" not in self.document:
            return self.document
        found: dict[str, Any] = [t for t in self.document["tables"] if isinstance(t, dict)][self.place]
        return found

    @property
    def url(self) -> str:
        """The `url` of the table in the description."""
        return str(self.table["url"])

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the table."""
        found: dict[str, Any] = self.table["tableSchema"]
        return found

    @property
    def columns(self) -> list[Any]:
        """The columns of the schema, virtual ones included."""
        found: list[Any] = self.schema["columns"]
        return found

    @property
    def present(self) -> list[dict[str, Any]]:
        """The columns that the file has."""
        return [c for c in self.columns if not is_virtual(c)]

    def find(self, word: str) -> int:
        """Return the place of a column by its name or title.

        Raises:
            InputError: Where there is none, with the most similar one.
        """
        return find_column(self.columns, word, self.cells.file)

    def name_of(self, place: int) -> str:
        """Return the name of a column."""
        return column_name(self.columns[place], place + 1)

    def give_name(self, place: int) -> str:
        """Return the name of a column, after it was written into the description if it was not there."""
        name = self.name_of(place)
        if "name" not in self.columns[place]:
            self.columns[place] = {"name": name, **self.columns[place]}
        return name

    def warn(self, what: str, hint: str = "", column: str = "") -> None:
        """Add a warning about the table.

        Args:
            what: The fact.
            hint: What to do about it.
            column: The name of the column that it is about.
        """
        file = self.cells.file
        self.warnings.append(Problem(file, what, hint, "description", "warning", file, 0, column))
