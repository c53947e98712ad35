"""The content of a metadata document, checked and normalized: groups, tables, schemas, columns, datatypes, dialects.

Each class is a description object of the Metadata Vocabulary for Tabular Data, section 5, after normalization
(section 6), with inherited properties (section 5.7) already handed down to the columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Annotations",
    "Column",
    "Datatype",
    "Dialect",
    "ForeignKey",
    "Inherited",
    "NumberFormat",
    "Schema",
    "Table",
    "TableGroup",
    "Titles",
]


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers are written (Model for Tabular Data, section 6.4.2)."""

    pattern: str | None = None
    decimal_char: str = "."
    group_char: str | None = None


@dataclass(frozen=True, slots=True)
class Datatype:
    """A built-in or derived datatype (section 5.11); `base` is the name of a built-in one."""

    base: str = "string"
    id: str | None = None
    format: str | None = None
    number: NumberFormat | None = None
    length: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_inclusive: str | None = None
    max_inclusive: str | None = None
    min_exclusive: str | None = None
    max_exclusive: str | None = None


@dataclass(frozen=True, slots=True)
class Inherited:
    """The inherited properties (section 5.7) as they hold for one column."""

    about_url: str | None = None
    datatype: Datatype = Datatype()
    default: str = ""
    lang: str = "und"
    null: tuple[str, ...] = ("",)
    ordered: bool = False
    property_url: str | None = None
    required: bool = False
    separator: str | None = None
    text_direction: str = "inherit"
    value_url: str | None = None


Annotations = dict[str, Any]
"""Common properties after normalization: expanded IRI to normalized JSON value."""

Titles = dict[str, tuple[str, ...]]
"""A natural language property after normalization: language code to texts."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column description (section 5.6). `number` counts from 1 in the table, `source_number` in the file."""

    name: str
    number: int
    source_number: int
    inherited: Inherited = Inherited()
    titles: Titles = field(default_factory=dict)
    virtual: bool = False
    suppress_output: bool = False
    id: str | None = None
    annotations: Annotations = field(default_factory=dict)
    named: bool = True  # False: the name was made from the title or the number


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key definition (section 5.5.2.1), with its target still by address."""

    columns: tuple[str, ...]
    resource: str | None
    schema: str | None
    referenced: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema description (section 5.5)."""

    columns: tuple[Column, ...] = ()
    primary_key: tuple[str, ...] = ()
    row_titles: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    id: str | None = None
    annotations: Annotations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written (section 5.9; flags of the Model, section 8). `quote` None: no quoting.

    The defaults are the Model's. A dialect description without a comment prefix sets it to "#". With `spaced_quotes` a
    quotation mark opens a cell after white space too: the description trims it.
    """

    encoding: str = "utf-8"
    line_terminators: tuple[str, ...] = ("\r\n", "\n")
    quote: str | None = '"'
    escape: str | None = '"'
    skip_rows: int = 0
    comment_prefix: str | None = None
    header_rows: int = 1
    delimiter: str = ","
    skip_columns: int = 0
    skip_blank_rows: bool = False
    trim: str = "true"
    spaced_quotes: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table description (section 5.4). `inherited` is for columns that the file alone names."""

    url: str
    schema: Schema = Schema()
    dialect: Dialect = Dialect()
    dialect_given: bool = False
    schema_given: bool = False
    inherited: Inherited = Inherited()
    suppress_output: bool = False
    notes: tuple[Any, ...] = ()
    transformations: tuple[dict[str, Any], ...] = ()
    table_direction: str = "auto"
    id: str | None = None
    annotations: Annotations = field(default_factory=dict)
    described: bool = True  # False: nothing but the file itself is known
    where: str = ""  # the place in the metadata document, for messages
    prefixes: Mapping[str, str] = field(default_factory=dict)  # those that a project declares, for its templates


@dataclass(frozen=True, slots=True)
class TableGroup:
    """A group of tables (section 5.3)."""

    tables: tuple[Table, ...]
    id: str | None = None
    notes: tuple[Any, ...] = ()
    annotations: Annotations = field(default_factory=dict)
