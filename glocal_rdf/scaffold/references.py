"""Finds the columns that refer to the rows of another table: by its key, or by its names.

Every value of such a column, or every item of its lists, is a key or a unique name of the other table. A column of
names gets a column beside it that has the keys, and whose cells are what the graph has; the names stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from glocal_rdf.scaffold.columns import items_of, values_of
from glocal_rdf.scaffold.model import Column, OpenQuestion, Reference, Settings, SourceColumn, SourceTable, Table
from glocal_rdf.scaffold.slugs import singular
from glocal_rdf.scaffold.terms import find_term, normalize_header

__all__ = ["add_references", "find_references"]

MIN_VALUES = 3
"""How many different values a column must have at least to refer to a table that its header does not name."""

MIN_SHARE = 0.8
"""Which share of the values must be known to ask about the others."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A column that others may refer to, with its values."""

    table: Table
    column: Column
    values: pl.Series
    by_key: bool


def find_references(
    tables: Sequence[Table], sources: Sequence[SourceTable]
) -> tuple[list[Table], list[OpenQuestion], set[tuple[str, str]]]:
    """Find the columns that refer to a table, its own included.

    Args:
        tables: The planned tables.
        sources: The same tables as they were found, with the references that a database declares.

    Returns:
        The tables, in which such columns have a reference; what is left open; and the columns, as names of a table and
        a column, of which it turned out that they have lists.
    """
    targets = [t for table in tables for t in _targets(table)]
    questions: list[OpenQuestion] = []
    lists: set[tuple[str, str]] = set()
    out = []
    for table, source in zip(tables, sources, strict=True):
        declared = {source.columns[at].title: (name, title) for at, name, title in source.foreign_keys}
        origins = {s.origin or s.name: t.name for s, t in zip(sources, tables, strict=True)}
        columns = []
        for column in table.columns:
            found: Column | None = None
            if column.title in declared and not column.added:
                name, title = declared[column.title]
                found = _as_declared(column, origins.get(name, ""), title, targets)
            if found is None and _may_refer(column):
                found, question = _refer(column, table, targets)
                questions += question
            if found is not None and found.source.separator != column.source.separator:
                lists.add((table.name, column.name))
            columns.append(found or column)
        out.append(replace(table, columns=tuple(columns)))
    return out, questions, lists


def _targets(table: Table) -> Iterator[_Target]:
    for column in table.columns:
        if column.name != table.key and column.role != "name":
            continue
        values = values_of(table.cells[column.name], column.source)
        if column.source.separator is None and values.len() == table.cells.height and column.role != "slug":
            yield _Target(table, column, values, column.name == table.key)


def _may_refer(column: Column) -> bool:
    meant = {one.fit for one in find_term(column.title)}
    plain = not column.property or column.property in {
        "schema:addressCountry",
        "schema:addressLocality",
        "schema:currency",
    }
    return (
        column.role == "data"
        and plain
        and column.source.base in {"string", "integer"}
        and not meant & {"email", "phone", "address", "date", "latitude", "longitude"}
    )


def _as_declared(column: Column, table: str, title: str, targets: Sequence[_Target]) -> Column | None:
    for target in targets:
        if target.table.name == table and (target.column.title == title or (not title and target.by_key)):
            return _with_reference(column, target)
    return None


def _with_reference(column: Column, target: _Target) -> Column:
    reference = Reference(target.table.name, target.column.name, target.by_key)
    kept = "dc:isPartOf" if any(one.iri == "dc:isPartOf" for one in find_term(column.title)) else ""
    reason = "the header means what the thing is a part of, and its cells are things" if kept else ""
    return replace(column, role="reference", reference=reference, property=kept, reason=reason, lang="", value_url="")


def _refer(column: Column, table: Table, targets: Sequence[_Target]) -> tuple[Column | None, list[OpenQuestion]]:
    """Return a column with the table that it refers to, if any, and what is left open."""
    cells = table.cells[column.name]
    marks = [column.source.separator]
    if column.source.separator is None and column.source.maybe_separator:
        marks.append(column.source.maybe_separator)
    near: tuple[float, _Target, list[str]] | None = None
    for mark in marks:
        source = replace(column.source, separator=mark, maybe_separator=None)
        items = items_of(cells, source)
        if items.is_empty():
            continue
        ranked = sorted(targets, key=lambda t: (not _names(column, t), not t.by_key, t.table.cells.height))
        for target in ranked:
            named = _names(column, target)
            if target.table.name == table.name and not (_is_parent(column) and target.column.name != column.name):
                continue
            digits = bool(items.str.contains("^[0-9]+$").all())
            if not named and (digits or items.len() < MIN_VALUES):
                continue
            known = items.is_in(target.values.implode())
            if known.all():
                return _with_reference(replace(column, source=source), target), []
            share = float(known.sum()) / items.len()
            if named and share >= MIN_SHARE and known.sum() >= MIN_VALUES and (near is None or share > near[0]):
                near = share, target, items.filter(~known).to_list()
    if near is None:
        return None, []
    _, target, unknown = near
    what = f"{len(unknown)} of its values {'is' if len(unknown) == 1 else 'are'} not in {target.table.name}.csv"
    hint = f"correct them, or add them to {target.table.name}.csv ({target.column.title}), and run glocal init again"
    question = OpenQuestion("reference", f"{what}, the others are", hint, table.name, column.title, tuple(unknown[:3]))
    return None, [question]


def _is_parent(column: Column) -> bool:
    return any(one.fit == "reference" for one in find_term(column.title))


def _names(column: Column, target: _Target) -> bool:
    """Return whether the header of a column names the table or the column that it may refer to."""
    header = normalize_header(column.title)
    words = set(header.split())
    one = normalize_header(singular(target.table.title))
    several = normalize_header(target.table.title)
    names = {one, several, normalize_header(singular(target.column.title))} - {"name", "id", "code", "title", "no", ""}
    return (
        singular(header) in names
        or header in names
        or any(n in words or singular(n) in {singular(w) for w in words} for n in names)
        or any(len(n) > 1 and not n.isascii() and n in header for n in names)
        or _is_parent(column)
    )


def add_references(tables: Sequence[Table], settings: Settings) -> list[Table]:
    """Return tables in which references have the IRIs of things.

    A reference by key gets the template of their IRIs. A reference by name gets a column beside it with the keys.
    """
    by_name = {table.name: table for table in tables}
    out = []
    for table in tables:
        columns: list[Column] = []
        cells = table.cells.clone()
        for column in table.columns:
            if column.reference is None or column.added:
                columns.append(column)
                continue
            target = by_name[column.reference.target]
            template = f"{settings.base}id/{target.segment}/"
            if column.reference.by_key:
                columns.append(replace(column, value_url=f"{template}{{{column.name}}}"))
                continue
            names = {c.name for c in (*table.columns, *columns)}
            name = next(
                n for n in (f"{column.name}_id", *(f"{column.name}_id{i}" for i in range(2, 99))) if n not in names
            )
            columns.append(replace(column, role="source", property="", reason="", reference=None, value_url=""))
            source = SourceColumn(name, separator=column.source.separator)
            columns.append(
                replace(
                    column,
                    name=name,
                    title=name,
                    label=column.title,
                    source=source,
                    added=True,
                    value_url=f"{template}{{{name}}}",
                    reference=replace(column.reference, by=target.key, by_key=True),
                )
            )
            keys = _look_up(cells[column.name], column, target.cells[column.reference.by], target.cells[target.key])
            at = cells.columns.index(column.name) + 1
            cells = cells.insert_column(at, keys.alias(name))
        out.append(replace(table, columns=tuple(columns), cells=cells))
    return out


def _look_up(cells: pl.Series, column: Column, names: pl.Series, keys: pl.Series) -> pl.Series:
    """Return the keys for cells of names; lists keep their separator."""
    known = pl.DataFrame({"n": names.str.strip_chars(), "k": keys})
    mark = column.source.separator
    found = cells.str.strip_chars().to_frame("n").with_row_index("i")
    if column.source.null:
        found = found.with_columns(
            n=pl.when(pl.col("n").is_in(list(column.source.null))).then(pl.lit("")).otherwise("n")
        )
    if mark is None:
        return found.join(known, on="n", how="left", maintain_order="left")["k"].fill_null("")
    items = found.with_columns(n=pl.col("n").str.split(mark)).explode("n", empty_as_null=False)
    items = items.with_columns(n=pl.col("n").str.strip_chars()).filter(pl.col("n") != "")
    joined = items.join(known, on="n", how="left", maintain_order="left").group_by("i", maintain_order=True)
    lists = joined.agg(pl.col("k").str.join(mark))
    return found.select("i").join(lists, on="i", how="left", maintain_order="left")["k"].fill_null("")
