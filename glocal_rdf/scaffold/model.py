"""What the parts of the package exchange: tables with guessed columns, what was decided about them, and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

__all__ = ["Column", "OpenQuestion", "Reference", "Settings", "SourceColumn", "SourceTable", "Table"]

Role = Literal["data", "key", "slug", "name", "reference", "source"]
"""What a column is for: `slug` and `reference` may be added; a `source` is one that an added reference stands for."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as it was found: its header, and what was guessed from its cells.

    Attributes:
        title: The header.
        datatype: The datatype, as in metadata; None for text.
        null: The words that count as no value.
        lang: The language of its cells, or the empty text.
        separator: What separates the items of lists; None where cells are single values.
        maybe_separator: What separates them, if they are lists, which is not certain; it is certain where each item is
            a key or a name of another table.
    """

    title: str
    datatype: Any = None
    null: tuple[str, ...] = ()
    lang: str = ""
    separator: str | None = None
    maybe_separator: str | None = None

    @property
    def base(self) -> str:
        """The name of the datatype; "string" for text."""
        if self.datatype is None:
            return "string"
        return str(self.datatype if isinstance(self.datatype, str) else self.datatype.get("base", "string"))


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table as it was found.

    Attributes:
        name: The name of its file in `data/`, without the ending.
        title: Its title.
        columns: Its columns.
        cells: The cells as they are written, in columns named "0", "1", …, without nulls.
        key: The position of the column that identifies the rows, if any.
        key_given: Whether the user or the database chose the key.
        notes: Title rows and footnotes.
        source: The file and sheet that it comes from.
        foreign_keys: The references that are declared: the position of a column, the name of the other table as in its
            source, and the header of the column there (or the empty text for its key).
        origin: The name of the sheet or of the table of a database.
    """

    name: str
    title: str
    columns: tuple[SourceColumn, ...]
    cells: pl.DataFrame
    key: int | None = None
    key_given: bool = False
    notes: tuple[str, ...] = ()
    source: str = ""
    foreign_keys: tuple[tuple[int, str, str], ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What is left for a person to decide: about a table and a column (by its header), or about the project."""

    kind: str
    reason: str
    hint: str
    table: str = ""
    column: str = ""
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = ", ".join(repr(e if len(e) <= 40 else e[:37] + "...") for e in self.examples)
        where = f"data/{self.table}.csv: " if self.table else ""
        start = f"{self.column}: " if self.column else ""
        return f"{where}{start}{self.reason}{f' ({shown})' if shown else ''}; {self.hint}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a whole project.

    Attributes:
        base: The beginning of its IRIs; it ends with a slash.
        name: A short name: the prefix of its ontology, and of its files.
        title: The title of the dataset.
        languages: The languages, that of the headers first; none where it is not known.
        languages_given: Whether the user named the languages.
        license: The IRI of the licence, or the empty text.
    """

    base: str
    name: str
    title: str
    languages: tuple[str, ...] = ()
    languages_given: bool = False
    license: str = ""

    @property
    def lang(self) -> str:
        """The language of the headers, or the empty text."""
        return self.languages[0] if self.languages else ""

    @property
    def ontology(self) -> str:
        """The namespace of the project's own terms."""
        return f"{self.base}ontology#"


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that refers to the rows of a table: by its key, or by names.

    `target` is the name of the table, `by` the name of the column there that has the values.
    """

    target: str
    by: str
    by_key: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it will be described.

    Attributes:
        name: Its name in the description.
        title: Its header.
        source: What was found about it; for a column that is added, an empty one.
        role: What it is for.
        property: Its property, as a compact or whole IRI; empty where it is not written as a statement.
        reason: Why a well-known term is its property; empty for a term of the project.
        value_url: The template of the IRI that a cell stands for; empty for literals.
        lang: The language of its cells.
        required: Whether a cell must not be empty.
        reference: What its cells refer to, if anything.
        added: Whether it is a column that the source does not have.
        label: What it is called, if not by its header.
    """

    name: str
    title: str
    source: SourceColumn
    role: Role = "data"
    property: str = ""
    reason: str = ""
    value_url: str = ""
    lang: str = ""
    required: bool = False
    reference: Reference | None = None
    added: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it will be described; `cells` has a column for each of its columns, by name."""

    name: str
    title: str
    class_name: str
    segment: str
    key: str
    columns: tuple[Column, ...]
    cells: pl.DataFrame
    notes: tuple[str, ...] = ()
    source: str = ""
    origin: str = ""
    superclass: str = ""
    collisions: Mapping[str, list[str]] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(c for c in self.columns if c.name == name)
