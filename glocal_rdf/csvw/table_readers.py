"""Chooses the reader of a table by the name of its file, and the defaults of its dialect by how it was sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glocal_rdf.csvw.metadata.model import Table
from glocal_rdf.csvw.metadata.properties import is_language
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.delimited import CHUNK, TableReader
from glocal_rdf.csvw.tables.resources import Resource, file_name, is_sheet

if TYPE_CHECKING:
    from glocal_rdf.csvw.spreadsheets.reader import SheetReader

__all__ = ["apply_headers", "open_table"]


def open_table(
    resource: Resource, table: Table, problems: ProblemCollector, chunk: int = CHUNK
) -> TableReader | SheetReader:
    """Return the reader for the file of a table.

    Args:
        resource: The file, opened.
        table: The table as described.
        problems: Takes what is wrong.
        chunk: About how many bytes of delimited text are read at once.
    """
    if is_sheet(file_name(resource)):
        from glocal_rdf.csvw.spreadsheets.reader import SheetReader  # noqa: PLC0415 - most tables are text

        return SheetReader(resource, table.dialect, problems)
    expected = len([c for c in table.schema.columns if not c.virtual]) or None
    return TableReader(resource.stream, table.dialect, problems, expected, chunk)


def apply_headers(table: Table, resource: Resource) -> Table:
    """Return a table with the delimiter, header, encoding and language that its file was sent with.

    They count only where no description sets them. Model for Tabular Data, section 6.1:
    https://www.w3.org/TR/tabular-data-model/#creating-annotated-tables
    """
    kind, *parameters = [p.strip() for p in resource.content_type.lower().split(";")]
    if not table.dialect_given:
        changes: dict[str, Any] = {}
        if kind == "text/tab-separated-values" or file_name(resource).lower().endswith((".tsv", ".tab")):
            changes["delimiter"] = "\t"
        given = dict(p.split("=", 1) for p in parameters if "=" in p)
        if given.get("header", "").strip('"') == "absent":
            changes["header_rows"] = 0
        if "charset" in given:
            changes["encoding"] = given["charset"].strip('"')
        table = replace(table, dialect=replace(table.dialect, **changes))
    language = resource.language.strip()
    if is_language(language) and table.inherited.lang == "und":
        columns = tuple(
            replace(c, inherited=replace(c.inherited, lang=language)) if c.inherited.lang == "und" else c
            for c in table.schema.columns
        )
        table = replace(
            table, inherited=replace(table.inherited, lang=language), schema=replace(table.schema, columns=columns)
        )
    return table
