"""Finds the columns of a description by name or header, and compares them with those of the file.

A column of the file is the one of the description that has its header among its titles, or as its name. What is left
on both sides is new, gone, or renamed; that a column was renamed is for a person to say, since the description has no
values to compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from glocal_rdf.csvw.guess.columns import name_columns
from glocal_rdf.csvw.metadata.schemas import name_from_titles
from glocal_rdf.errors import InputError
from glocal_rdf.spelling import did_you_mean, nearest_name

__all__ = [
    "Alignment",
    "align_columns",
    "column_name",
    "find_column",
    "is_virtual",
    "name_new_columns",
    "schema_of",
    "titles_of",
    "with_schema",
]

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which column of a description each column of the file is.

    Attributes:
        places: For each column of the file its place in the description; None where it is new.
        gone: The places of those that the file does not have.
        renamed: Old names and new headers of columns that were renamed.
        likely: For names of columns that are gone, the new header that may be theirs.
    """

    places: tuple[int | None, ...]
    gone: tuple[int, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    likely: Mapping[str, str] | None = None

    @property
    def moved(self) -> bool:
        """Whether the columns are in another order."""
        kept = [p for p in self.places if p is not None]
        return kept != sorted(kept)


def schema_of(table: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a table, its own or that of its group, empty where it has none.

    Raises:
        InputError: Where it is in another document, which is not changed here, or its columns are malformed.
    """
    schema = table.get("tableSchema", document.get("tableSchema", {}))
    if isinstance(schema, str):
        hint = "change that document, or put the schema into the description"
        raise InputError.at(str(table.get("url", "")), f"its schema is in another document, {schema}", hint)
    found = schema if isinstance(schema, dict) else {}
    columns = found.get("columns", [])
    if not isinstance(columns, list) or not all(isinstance(c, dict) for c in columns):
        what = "tableSchema.columns is not an array of objects"
        raise InputError.at(str(table.get("url", "")), what, "correct it, or describe the table anew with --force")
    return found


def with_schema(table: Mapping[str, Any], schema: Mapping[str, Any], columns: Sequence[Any]) -> dict[str, Any]:
    """Return a table with other columns in its schema.

    Args:
        table: The table.
        schema: Its schema.
        columns: The columns, virtual ones included.
    """
    return {**table, "tableSchema": {**schema, "columns": list(columns)}}


def is_virtual(column: Any) -> bool:
    """Return whether a column of a description is virtual: it has no cells in the file."""
    return isinstance(column, dict) and column.get("virtual") is True


def titles_of(column: Any) -> tuple[str, ...]:
    """Return the titles of a column of a description, in all languages."""
    found = column.get("titles") if isinstance(column, dict) else None
    texts = list(found.values()) if isinstance(found, dict) else [found]
    flat = [t for text in texts for t in (text if isinstance(text, list) else [text])]
    return tuple(t for t in flat if isinstance(t, str))


def column_name(column: Any, number: int) -> str:
    """Return the name of a column of a description, or the one that is made of its title or number."""
    name = column.get("name") if isinstance(column, dict) else None
    if isinstance(name, str) and name:
        return name
    return name_from_titles({"und": titles_of(column)} if titles_of(column) else {}, number)


def find_column(columns: Sequence[Any], word: str, where: str) -> int:
    """Return the place of a column by its name or title.

    Args:
        columns: The columns of a description.
        word: The name or title.
        where: The name of the file, for messages.

    Raises:
        InputError: Where there is none, with the most similar one, or more than one.
    """
    names = [column_name(column, i + 1) for i, column in enumerate(columns) if not is_virtual(column)]
    if word in names:
        return names.index(word)
    found = [i for i in range(len(names)) if word in titles_of(columns[i])]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError.at(
            where, f"{len(found)} columns have the title {word!r}", f"use a name: {', '.join(names[i] for i in found)}"
        )
    known = [*names, *(t for c in columns for t in titles_of(c))]
    listed = f"the columns are {', '.join(names[:20])}{' …' if len(names) > 20 else ''}"
    raise InputError.at(where, f"there is no column {word!r}", did_you_mean(word, known, listed))


def align_columns(
    columns: Sequence[Any], headers: Sequence[Sequence[str]], renamed: Mapping[str, str], where: str
) -> Alignment:
    """Return which column of a description each column of a file is.

    Args:
        columns: The columns of the description; virtual ones do not count.
        headers: The titles of each column of the file; empty for all where it has no header.
        renamed: The new headers of columns that were renamed, by their names or titles.
        where: The name of the file, for messages.

    Raises:
        InputError: Where a renamed column or a new header does not exist.
    """
    count = sum(not is_virtual(c) for c in columns)
    if not any(headers):  # columns are known by their places alone
        places = tuple(i if i < count else None for i in range(len(headers)))
        return Alignment(places, tuple(range(len(headers), count)))
    new_names = {find_column(columns, old, where): header for old, header in renamed.items()}
    known = [title for titles in headers for title in titles]
    for header in new_names.values():
        if header not in known:
            listed = f"the headers are {', '.join(known[:20])}"
            raise InputError.at(where, f"there is no header {header!r}", did_you_mean(header, known, listed))
    wanted = {i: {new_names[i]} if i in new_names else {*titles_of(columns[i])} for i in range(count)}
    taken: set[int] = set()
    found: list[int | None] = []
    for place, titles in enumerate(headers):
        match = next((i for i in _in_order(place, count) if i not in taken and wanted[i] & set(titles)), None)
        if match is None:
            named = (i for i in _in_order(place, count) if i not in taken and i not in new_names)
            match = next((i for i in named if _has_name(columns[i], titles, place == i)), None)
        if match is not None:
            taken.add(match)
        found.append(match)
    gone = tuple(i for i in range(count) if i not in taken)
    names = {i: column_name(columns[i], i + 1) for i in range(count)}
    left = [" ".join(t) for t, m in zip(headers, found, strict=True) if m is None]
    likely = {names[i]: near for i in gone if (near := _likely(columns[i], names[i], left)) is not None}
    return Alignment(tuple(found), gone, tuple((names[i], h) for i, h in new_names.items()), likely)


def _in_order(place: int, count: int) -> Iterator[int]:
    """Yield the places of a description, first the one that a column of the file has itself."""
    if place < count:
        yield place
    yield from (i for i in range(count) if i != place)


def _has_name(column: Any, titles: Sequence[str], same_place: bool) -> bool:
    """Return whether a column without a fitting title is known by its name, or has neither name nor title."""
    known = titles_of(column)
    if not known and isinstance(column, dict) and column.get("name") in titles:
        return True
    return same_place and not titles and not known


def _likely(column: Any, name: str, headers: Iterable[str]) -> str | None:
    headers = list(headers)
    for word in (*titles_of(column), name):
        if (near := nearest_name(word, headers, cutoff=0.6)) is not None:
            return near
    return headers[0] if len(headers) == 1 else None


def name_new_columns(headers: Sequence[Sequence[str]], taken: Iterable[str]) -> list[str]:
    """Return names for all columns of a file, none of which is taken.

    Examples:
        >>> name_new_columns([["id"], ["Name (en)"]], ["id"])
        ['id2', 'Name_en']
    """
    known, names = set(taken), []
    for base in name_columns(headers):
        name, again = base, 2
        while name in known:
            name, again = f"{base}{again}", again + 1
        known.add(name)
        names.append(name)
    return names
