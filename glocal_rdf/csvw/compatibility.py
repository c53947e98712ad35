"""Compares a described table with what its file says of itself (Metadata Vocabulary, sections 5.4.3, 5.5.3 and 5.6.3)."""

from __future__ import annotations

from dataclasses import replace

from glocal_rdf.csvw.description import Column, Schema, Table
from glocal_rdf.csvw.findings import Findings
from glocal_rdf.csvw.parsing import Head
from glocal_rdf.csvw.schemas import name_from_titles


def check_compatible(table: Table, head: Head, width: int | None, findings: Findings) -> None:
    """Report where the columns of a description are not those of the file."""
    described = [c for c in table.schema.columns if not c.virtual]
    actual = width if width is not None else len(head.titles)
    if not described or width is None:
        return
    if len(described) != actual:
        what = f"has {actual} columns where its description has {len(described)}"
        findings.error("columns", what, "describe each column, in order", line=1)
        return
    if not head.titles:
        return
    for column, titles in zip(described, head.titles, strict=True):
        if not _matches(column, titles, table.inherited.lang):
            header = " / ".join(titles)
            known = [t for texts in column.titles.values() for t in texts] or [column.name]
            what = f"column {column.number} is headed {header!r} where its description says {known[0]!r}"
            findings.error("columns", what, "make header and titles the same", line=1, column=header)


def _matches(column: Column, header: tuple[str, ...], lang: str) -> bool:
    """Tell whether a column and a header are compatible: by title, or by name where there is no title."""
    if not header:
        return not column.titles and not column.named
    if not column.titles:
        return (column.named and column.name in header) or not column.named
    for code, texts in column.titles.items():
        if set(texts) & set(header) and _same_language(code, lang):
            return True
    return False


def _same_language(one: str, other: str) -> bool:
    if "und" in (one, other):
        return True
    a, b = one.lower().split("-"), other.lower().split("-")
    shortest = min(len(a), len(b))
    return a[:shortest] == b[:shortest]


def complete_schema(table: Table, head: Head, width: int, skipped: int) -> Table:
    """Give a table the columns that its file has and its description does not."""
    described = [c for c in table.schema.columns if not c.virtual]
    if len(described) >= width:
        return table
    virtual = [c for c in table.schema.columns if c.virtual]
    added = []
    for index in range(len(described), width):
        texts = head.titles[index] if index < len(head.titles) else ()
        titles = {"und": texts} if texts else {}
        name = name_from_titles(titles, index + 1)
        added.append(Column(name, index + 1, index + 1 + skipped, table.inherited, titles, named=False))
    moved = [replace(c, number=c.number + len(added)) for c in virtual]
    columns: tuple[Column, ...] = (*described, *added, *moved)
    return replace(table, schema=_with_columns(table.schema, columns))


def _with_columns(schema: Schema, columns: tuple[Column, ...]) -> Schema:
    return replace(schema, columns=columns)
