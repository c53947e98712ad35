"""Compares the columns of a description with those of the file (Metadata Vocabulary, sections 5.4.3 and 5.5.3)."""

from __future__ import annotations

import re
from dataclasses import replace
from unicodedata import normalize

from glocal_rdf.csvw.metadata.model import Column, Schema, Table
from glocal_rdf.csvw.metadata.schemas import name_from_titles
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.batches import Head
from glocal_rdf.spelling import did_you_mean

__all__ = ["check_compatible", "complete_schema"]


def check_compatible(
    table: Table, head: Head, width: int | None, problems: ProblemCollector, *, validating: bool, strict: bool = False
) -> None:
    """Report where the columns of a description are not those of the file.

    A description without any column is compatible with every file, unless `strict`.

    Args:
        table: The table as described.
        head: The header of the file.
        width: How many columns the file has; None where that is not known, so that nothing is compared.
        problems: Takes what is wrong.
        validating: Whether a column that is described by its name alone is reported too.
        strict: Whether that is an error.

    https://www.w3.org/TR/tabular-metadata/#schema-compatibility
    """
    if width is None:
        return
    _check_repeated(table, head, problems)
    if not table.schema_given:
        return
    described = [c for c in table.schema.columns if not c.virtual]
    if not described and not strict:
        return
    bare: list[str] = []
    if len(described) != width:
        what = f"has {width} columns where its description has {len(described)}"
        problems.error("columns", what, "describe each column, in order", line=1)
        return
    for column, titles in zip(described, head.titles, strict=False):
        known = [t for texts in column.titles.values() for t in texts]
        header = " / ".join(titles)
        if not titles or not (column.named or known) or _share_title(column, titles, table.inherited.lang):
            continue
        if known:
            what = f"column {column.number} has the header {header!r} where its description has {known[0]!r}"
            hint = "make header and titles the same"
            if set(known) & set(titles):
                codes = ", ".join(code for code, texts in column.titles.items() if set(texts) & set(titles))
                hint = (
                    f"the titles are in {codes}, and the table in {table.inherited.lang}: give the titles its language"
                )
            elif {normalize("NFC", t) for t in known} & {normalize("NFC", t) for t in titles}:
                hint = (
                    "the two look alike, and differ in the form of Unicode (NFC, NFD): copy the header into the titles"
                )
            elif {_letters(t) for t in known} & {_letters(t) for t in titles}:
                hint = "the two differ in case, spaces or marks that cannot be seen: copy the header into the titles"
            problems.error("columns", what, hint, line=1, column=header)
        elif validating and not strict and column.name in titles:
            bare.append(column.name)
        elif validating and strict:
            what = (
                f"column {column.number} has the header {header!r}, and its description {column.name!r} has no titles"
            )
            problems.error("columns", what, f'add "titles": "{header}" to it', line=1, column=header)
        elif column.name not in titles:
            what = f"column {column.number} has the header {header!r} where its description has {column.name!r}"
            problems.warning(
                "columns", what, f'if that is right, add "titles": "{header}" to it', line=1, column=header
            )

    if bare:
        more = f" and {len(bare) - 5} more" if len(bare) > 5 else ""
        what = f"the columns {', '.join(bare[:5])}{more} have names and no titles, which the Recommendation requires"
        problems.warning("columns", what, "add the headers as titles (with --strict this is an error)", line=1)


def _check_repeated(table: Table, head: Head, problems: ProblemCollector) -> None:
    """Warn where two columns have the same header, and the description does not give them names of their own."""
    described = [c for c in table.schema.columns if not c.virtual]
    seen: dict[str, int] = {}
    for index, titles in enumerate(head.titles):
        header = " / ".join(titles)
        if not header:
            continue
        first = seen.setdefault(header, index + 1)
        if first == index + 1:
            continue
        pair = [described[i - 1] for i in (first, index + 1) if i <= len(described)]
        if len(pair) == 2 and pair[0].named and pair[1].named:
            continue
        what = f"columns {first} and {index + 1} have the same header {header!r}, and so the same name and property"
        problems.warning("columns", what, "rename one, or give each a name in a description", line=1, column=header)


def _share_title(column: Column, header: tuple[str, ...], lang: str) -> bool:
    return any(set(texts) & set(header) and _same_language(code, lang) for code, texts in column.titles.items())


def _same_language(one: str, other: str) -> bool:
    if "und" in (one, other):
        return True
    a, b = one.lower().split("-"), other.lower().split("-")
    shortest = min(len(a), len(b))
    return a[:shortest] == b[:shortest]


def complete_schema(table: Table, head: Head, width: int, problems: ProblemCollector, *, strict: bool) -> Table:
    """Return a table with the columns that its file has and its description does not.

    Args:
        table: The table as described.
        head: The header of the file, which names columns where the description has none.
        width: How many columns the file has.
        problems: Takes what is wrong with keys of columns that are known now.
        strict: Whether columns beside a schema without columns get no names from the header.
    """
    described = [c for c in table.schema.columns if not c.virtual]
    virtual = [c for c in table.schema.columns if c.virtual]
    skipped = table.dialect.skip_columns
    added = []
    headed = not table.schema_given or not (described or strict)
    for index in range(len(described), width):
        texts = head.titles[index] if index < len(head.titles) and headed else ()
        titles = {"und": texts} if texts else {}
        name = name_from_titles(titles, index + 1)
        added.append(Column(name, index + 1, index + 1 + skipped, table.inherited, titles, named=False))
    if not added:
        return table
    moved = [replace(c, number=c.number + len(added)) for c in virtual]
    columns: tuple[Column, ...] = (*described, *added, *moved)
    completed = replace(table, schema=_with_columns(table.schema, columns))
    return completed if described else _with_keys(completed, problems)


def _with_keys(table: Table, problems: ProblemCollector) -> Table:
    """Return a table with the keys that its schema names, checked now that its columns are known from the file."""
    names = {c.name: c.name for c in table.schema.columns}
    names |= {t: c.name for c in table.schema.columns for texts in c.titles.values() for t in texts}
    schema = table.schema
    for place, references in (("primaryKey", schema.primary_key), ("rowTitles", schema.row_titles)):
        unknown = [r for r in references if r not in names]
        for reference in unknown:
            what = f"{place}: there is no column with the name {reference!r}"
            problems.warning("metadata", what, did_you_mean(reference, names, "it is ignored"))
        kept = () if unknown else tuple(names[r] for r in references)
        change = {"primaryKey": "primary_key", "rowTitles": "row_titles"}[place]
        schema = replace(schema, **{change: kept})  # type: ignore[arg-type]
    return replace(table, schema=schema)


def _letters(title: str) -> str:
    return re.sub(r"[\W_]", "", normalize("NFKC", title)).casefold()


def _with_columns(schema: Schema, columns: tuple[Column, ...]) -> Schema:
    return replace(schema, columns=columns)
