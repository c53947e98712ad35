"""Compares a described table with what its file says of itself (Metadata Vocabulary, sections 5.4.3 and 5.5.3)."""

from __future__ import annotations

from dataclasses import replace

from glocal_rdf.csvw.description import Column, Schema, Table
from glocal_rdf.csvw.findings import Findings
from glocal_rdf.csvw.parsing import Head
from glocal_rdf.csvw.schemas import name_from_titles

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def check_delimiter(table: Table, head: Head, findings: Findings) -> None:
    """Stop where the header is one cell, which another delimiter would part into the columns that are described."""
    described = [c for c in table.schema.columns if not c.virtual]
    if not table.schema_given or len(described) < 2 or len(head.titles) != 1 or not head.titles[0]:
        return
    for mark, name in _DELIMITERS.items():
        if head.titles[0][0].count(mark) + 1 == len(described) and mark != table.dialect.delimiter:
            wanted = _DELIMITERS.get(table.dialect.delimiter, repr(table.dialect.delimiter))
            mend = f'save it with {wanted}, or set "delimiter" in the dialect'
            findings.stop("", f"is separated by {name}, not by {wanted}", mend, line=1)


def check_compatible(table: Table, head: Head, width: int | None, findings: Findings, *, validating: bool) -> None:
    """Report where the columns of a description are not those of the file.

    A validator also wants the titles to be described where a column has only a name.
    """
    if not table.schema_given or width is None:
        return
    described = [c for c in table.schema.columns if not c.virtual]
    if len(described) != width:
        what = f"has {width} columns where its description has {len(described)}"
        findings.error("columns", what, "describe each column, in order", line=1)
        return
    for column, titles in zip(described, head.titles, strict=False):
        known = [t for texts in column.titles.values() for t in texts]
        header = " / ".join(titles)
        if not titles or not (column.named or known) or _share_title(column, titles, table.inherited.lang):
            continue
        if known:
            what = f"column {column.number} is headed {header!r} where its description says {known[0]!r}"
            findings.error("columns", what, "make header and titles the same", line=1, column=header)
        elif validating:
            what = f"column {column.number} is headed {header!r}, and its description {column.name!r} has no titles"
            findings.error("columns", what, f'add "titles": "{header}" to it', line=1, column=header)
        elif column.name not in titles:
            what = f"column {column.number} is headed {header!r} where its description says {column.name!r}"
            findings.warning(
                "columns", what, f'if that is right, add "titles": "{header}" to it', line=1, column=header
            )


def _share_title(column: Column, header: tuple[str, ...], lang: str) -> bool:
    return any(set(texts) & set(header) and _same_language(code, lang) for code, texts in column.titles.items())


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
        texts = head.titles[index] if index < len(head.titles) and not table.schema_given else ()
        titles = {"und": texts} if texts else {}
        name = name_from_titles(titles, index + 1)
        added.append(Column(name, index + 1, index + 1 + skipped, table.inherited, titles, named=False))
    moved = [replace(c, number=c.number + len(added)) for c in virtual]
    columns: tuple[Column, ...] = (*described, *added, *moved)
    return replace(table, schema=_with_columns(table.schema, columns))


def _with_columns(schema: Schema, columns: tuple[Column, ...]) -> Schema:
    return replace(schema, columns=columns)
