"""Brings described tables up to date with newer ones: what is new, gone, renamed or changed; and keeps identifiers.

A column is the same by its header. A column that is gone and a new one are the same, renamed, where their cells are the
same in most rows. A row is the same by its key, or else by its names; a row whose name is new is that of a thing whose
name is gone, where all its other cells are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from glocal_rdf.scaffold.model import SourceColumn, SourceTable
from glocal_rdf.scaffold.output.description import localized

__all__ = [
    "RETIRED",
    "ColumnChanges",
    "RowChanges",
    "as_source",
    "compare_columns",
    "compare_rows",
    "described_columns",
    "extend_table",
    "is_added",
    "list_changed_cells",
    "match_slugs",
    "new_blocks",
    "read_retired",
    "titles",
    "with_notes",
    "with_retired",
    "without_doubts",
]

RETIRED: Final = "Identifiers of rows that are gone; they are never used for anything else."
"""The comment of the note that keeps the identifiers of things that are gone."""

MIN_SAME: Final = 0.8
"""In which share of the rows a column must have the same cells to be the same column, renamed."""


@dataclass(frozen=True, slots=True)
class ColumnChanges:
    """What is new, gone and renamed among the columns of a table, by their headers.

    `names` are the names in the description of the columns that it had before, by the header that they have now.
    """

    names: Mapping[str, str]
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RowChanges:
    """How many rows are new, gone and changed, with examples of their keys."""

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)


def titles(column: Mapping[str, Any]) -> list[str]:
    """Return the titles of a described column, whatever their language."""
    found = column.get("titles", column.get("name", ""))
    if isinstance(found, dict):
        found = [one for value in found.values() for one in (value if isinstance(value, list) else [value])]
    return [str(one) for one in found] if isinstance(found, list) else [str(found)]


def described_columns(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of a described table that its file has."""
    return [c for c in table.get("tableSchema", {}).get("columns", []) if not c.get("virtual")]


def is_added(column: Mapping[str, Any], table: Mapping[str, Any]) -> bool:
    """Return whether a described column is one that `init` added: the slugs, or the keys beside names."""
    name, schema = column.get("name"), table.get("tableSchema", {})
    if titles(column) != [name]:
        return False
    if name == schema.get("primaryKey"):
        return bool(column.get("suppressOutput"))
    keys = [key.get("columnReference") for key in schema.get("foreignKeys", [])]
    columns = described_columns(table)
    place = next(i for i, c in enumerate(columns) if c.get("name") == name)
    beside = columns[place - 1] if place else {}
    return name in keys and bool(beside.get("suppressOutput")) and str(name).startswith(str(beside.get("name")))


def compare_columns(table: Mapping[str, Any], cells: pl.DataFrame, source: SourceTable) -> ColumnChanges:
    """Compare the columns of a described table with those of a newer one.

    Args:
        table: The description.
        cells: The cells that the table had, by the names of its columns.
        source: The newer table.
    """
    given = {c.title for c in source.columns}
    columns = [c for c in described_columns(table) if not is_added(c, table) or given & set(titles(c))]
    by_title = {title: str(c["name"]) for c in columns for title in titles(c)}
    names = {c.title: by_title[c.title] for c in source.columns if c.title in by_title}
    gone = [c for c in columns if c["name"] not in names.values()]
    new = [i for i, c in enumerate(source.columns) if c.title not in names]
    renamed = []
    for column in gone:
        before = cells[str(column["name"])].str.strip_chars()
        at = next((i for i in new if _is_same(before, source.cells[str(i)].str.strip_chars())), None)
        if at is not None:
            new.remove(at)
            names[source.columns[at].title] = str(column["name"])
            renamed.append((titles(column)[0], source.columns[at].title))
    left = tuple(titles(c)[0] for c in gone if c["name"] not in names.values())
    return ColumnChanges(names, tuple(source.columns[i].title for i in new), left, tuple(renamed))


def _is_same(before: pl.Series, after: pl.Series) -> bool:
    """Return whether two columns hold the same cells in most rows, in order, and say something."""
    if before.n_unique() < 2:
        return False
    common = min(before.len(), after.len())
    if (before[:common] == after[:common]).sum() >= MIN_SAME * max(before.len(), after.len()):
        return True
    shared = before.to_frame("v").group_by("v").len().join(after.to_frame("v").group_by("v").len(), on="v")
    same = shared.select(pl.min_horizontal("len", "len_right").sum()).item() or 0
    return bool(same >= MIN_SAME * max(before.len(), after.len()) and before.n_unique() > MAX_CATEGORIES)


MAX_CATEGORIES: Final = 5
"""How many different values a column may have for its order to be needed to recognize it."""


def match_slugs(before: pl.DataFrame, slugs: pl.Series, names: Sequence[str], after: pl.DataFrame) -> list[str | None]:
    """Return the slug of the thing that each row is, or None for a new one.

    Args:
        before: The rows that the table had, in columns that both have.
        slugs: Their slugs.
        names: The columns that have names; without any, whole rows are compared.
        after: The new rows, in the same columns.
    """
    by = [n for n in names if n in before.columns and n in after.columns] or after.columns
    strip = [pl.col(c).str.strip_chars() for c in after.columns]
    old = before.select(strip).with_columns(slugs.alias(" slug"))
    new = after.select(strip).with_row_index(" row")
    found: dict[int, str] = {}
    for columns in (
        [*after.columns],
        by,
        *([[n] for n in by] if len(by) > 1 else []),
        [c for c in after.columns if c not in by],
    ):
        if not columns:
            continue
        rest = new.filter(~pl.col(" row").is_in(list(found)))
        left = old.filter(~pl.col(" slug").is_in(list(found.values())))
        # The n-th row of a kind is the n-th row of that kind; a row without any text is of no kind.
        number = pl.int_range(pl.len()).over(columns).alias(" n")
        said = pl.any_horizontal(pl.col(columns) != "")
        pairs = rest.filter(said).with_columns(number).join(left.filter(said).with_columns(number), on=[*columns, " n"])
        found |= dict(pairs.select(" row", " slug").iter_rows())
    return [found.get(i) for i in range(after.height)]


def compare_rows(before: pl.DataFrame, after: pl.DataFrame, key: str) -> RowChanges:
    """Return the keys of rows that are new, gone, and changed in the columns that both tables have.

    Args:
        before: The table as it was.
        after: The table as it is.
        key: The name of the column that identifies the rows.
    """
    shared = [c for c in before.columns if c in after.columns]
    old, new = (frame.select(pl.col(shared).str.strip_chars()) for frame in (before, after))
    added = new.join(old, on=key, how="anti")[key].to_list()
    gone = old.join(new, on=key, how="anti")[key].to_list()
    both = new.join(old, on=shared, how="anti").join(old.select(key), on=key, how="semi")[key].to_list()
    return RowChanges(tuple(added), tuple(gone), tuple(both))


def list_changed_cells(
    before: pl.DataFrame, after: pl.DataFrame, key: str, rows: Sequence[str], headers: Mapping[str, str]
) -> Iterator[str]:
    """Yield what the first cells that changed are now and were before, so that a correction made by hand is not lost.

    Args:
        before: The rows that the table had.
        after: The rows that it has now.
        key: The column that identifies the rows.
        rows: The keys of the rows that changed.
        headers: The headers of columns, by name.
    """
    old, new = (frame.with_columns(pl.all().str.strip_chars()) for frame in (before, after))
    listed = 0
    for one in rows[:MAX_LISTED]:
        was, now = (frame.row(by_predicate=pl.col(key) == one, named=True) for frame in (old, new))
        for column in (c for c in old.columns if c in new.columns and was[c] != now[c]):
            listed += 1
            if listed > MAX_LISTED:
                yield "… and more cells"
                return
            yield f"{one}: {headers.get(column, column)} is {_cut(now[column])} now, was {_cut(was[column])}"
    if len(rows) > MAX_LISTED:
        yield "… and more rows"


MAX_LISTED: Final = 10
"""How many cells that changed are listed."""


def _cut(text: str) -> str:
    return repr(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")


MAX_SHOWN: Final = 60
"""How many characters of a cell are shown."""


def read_retired(table: Mapping[str, Any]) -> frozenset[str]:
    """Return the identifiers of things that are gone, by the note of a described table."""
    found: set[str] = set()
    for note in table.get("notes", []):
        if isinstance(note, dict) and RETIRED in _texts(note.get("rdfs:comment")):
            found |= set(_texts(note.get("dc:identifier")))
    return frozenset(found)


def with_retired(table: Mapping[str, Any], retired: frozenset[str]) -> dict[str, Any]:
    """Return a described table whose note has the identifiers of things that are gone."""
    kept = [n for n in table.get("notes", []) if not (isinstance(n, dict) and RETIRED in _texts(n.get("rdfs:comment")))]
    note = {"rdfs:comment": {"@value": RETIRED, "@language": "en"}, "dc:identifier": sorted(retired)}
    notes = [*kept, note] if retired else kept
    out = {k: v for k, v in table.items() if k not in {"notes", "tableSchema"}}
    return out | ({"notes": notes} if notes else {}) | {"tableSchema": table.get("tableSchema", {})}


def with_notes(table: Mapping[str, Any], texts: Sequence[str], lang: str) -> dict[str, Any]:
    """Return a described table with notes of title rows and footnotes that it does not have yet.

    Args:
        table: The description of the table.
        texts: The texts of the rows and footnotes.
        lang: The language of the texts.
    """
    notes = list(table.get("notes", []))
    have = {text for n in notes if isinstance(n, dict) for text in _texts(n.get("rdfs:comment"))}
    new = [{"rdfs:comment": localized(text, lang)} for text in texts if text not in have]
    if not new:
        return dict(table)
    out = {k: v for k, v in table.items() if k not in {"notes", "tableSchema"}}
    return out | {"notes": [*notes, *new], "tableSchema": table.get("tableSchema", {})}


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        yield str(one.get("@value", "")) if isinstance(one, dict) else str(one)


def extend_table(table: Mapping[str, Any], made: Mapping[str, Any], changes: ColumnChanges) -> dict[str, Any]:
    """Return a described table with the columns that are new, and the titles of those that were renamed.

    Args:
        table: The description as it is, which may have been edited; nothing of it is changed.
        made: The description that `init` makes of the newer table.
        changes: What changed among the columns.
    """
    schema = dict(table.get("tableSchema", {}))
    columns = [dict(c) for c in schema.get("columns", [])]
    known = {c.get("name") for c in columns}
    for old, new in changes.renamed:
        for column in columns:
            if old in titles(column) and new not in titles(column):
                column["titles"] = [*titles(column), new]
    gone = set(changes.gone)
    for column in columns:
        if column.get("required") and set(titles(column)) & gone:
            del column["required"]
    made_columns = described_columns(made)
    fresh = []
    for i, column in enumerate(made_columns):
        beside = titles(made_columns[i - 1]) if i and is_added(column, made) else titles(column)
        if column.get("name") not in known and set(beside) & set(changes.new):
            fresh.append(column)
    place = max((i for i, c in enumerate(columns) if not c.get("virtual")), default=-1) + 1
    columns[place:place] = fresh
    names = {c["name"] for c in fresh}
    keys = [k for k in made.get("tableSchema", {}).get("foreignKeys", []) if k.get("columnReference") in names]
    schema["columns"] = columns
    if keys:
        schema["foreignKeys"] = [*schema.get("foreignKeys", []), *keys]
    return {k: v for k, v in table.items() if k != "tableSchema"} | {"tableSchema": schema}


def without_doubts(source: SourceTable, known: Mapping[str, Mapping[str, Any]]) -> SourceTable:
    """Return a newer table whose columns are as the description says, where it has them.

    Args:
        source: The newer table.
        known: The descriptions of columns by their header.
    """
    columns = []
    for column in source.columns:
        described = known.get(column.title)
        if described is None:
            columns.append(column)
            continue
        null = described.get("null", [])
        listed = null if isinstance(null, list) else [null]
        columns.append(
            replace(
                column,
                datatype=described.get("datatype"),
                null=tuple(n for n in listed if n),
                lang=str(described.get("lang", "")),
                separator=described.get("separator"),
                maybe_separator=None,
            )
        )
    return replace(source, columns=tuple(columns))


def as_source(table: Mapping[str, Any], cells: pl.DataFrame, name: str, title: str) -> SourceTable:
    """Return a described table as it is, as if it were a newer one.

    Args:
        table: The description.
        cells: Its cells, by the names of its columns.
        name: The name of its file without the ending.
        title: Its title.
    """
    columns = [c for c in described_columns(table) if not is_added(c, table)]
    frame = cells.select([pl.col(str(c["name"])).alias(str(i)) for i, c in enumerate(columns)])
    listed = tuple(SourceColumn(titles(c)[0]) for c in columns)
    found = SourceTable(name, title, listed, frame, source=f"data/{name}.csv", origin=name)
    return without_doubts(found, {titles(c)[0]: c for c in columns})


def new_blocks(text: str, subjects: Sequence[str]) -> str:
    """Return the blocks of a Turtle text about some subjects, with the prefixes that they need.

    Args:
        text: Turtle, as this package writes it: prefixes, and a block for each subject after an empty line.
        subjects: The subjects, as the text writes them.
    """
    head, *blocks = re.split(r"\n\n", text)
    found = [block for block in blocks if block.partition(" ")[0] in subjects]
    if not found:
        return ""
    prefixes = [line for line in head.splitlines() if line.startswith("@prefix")]
    body = "\n\n".join(block.rstrip("\n") for block in found)
    needed = [line for line in prefixes if re.search(rf"(?<![\w-]){re.escape(line.split()[1])}", body)]
    return "\n".join(needed) + "\n\n" + body + "\n"
