"""Reads the tables of SQLite databases, whose values become text in the lexical forms of XML Schema."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from glocal_rdf.errors import TableError
from glocal_rdf.files import open_input

__all__ = ["DATABASES", "read_database"]

DATABASES: Final = (".sqlite", ".sqlite3", ".db", ".db3")
"""The endings of the names of SQLite databases."""

Stored = tuple[str, pl.DataFrame, list[str], str | None, list[tuple[str, str, str]]]


def read_database(path: Path) -> Iterator[Stored]:
    """Yield each table of a database that has rows.

    Yields:
        Its name, its cells as text, the datatypes of the columns ("number", "string", "base64Binary" or "" where values
        differ), its key if that is one column, and its references: a column, the other table, and the column there.

    Raises:
        InputError: Where there is no such file.
        TableError: Where it is not an SQLite database, or has no table with rows.
    """
    with open_input(path) as file:
        if file.read(16) != b"SQLite format 3\0":
            raise TableError.at(path, "is not an SQLite database", "check the file, or its ending")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            yield from _read(connection, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise TableError.at(
            path, f"cannot be read as an SQLite database ({error})", "check that it is whole"
        ) from error


def _read(connection: sqlite3.Connection, path: Path) -> Iterator[Stored]:
    names = [
        str(row[0])
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
        if not row[0].startswith("sqlite_")
    ]
    found = 0
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        info = connection.execute(f"PRAGMA table_info({quoted})").fetchall()
        rows = connection.execute(f"SELECT * FROM {quoted}").fetchall()  # noqa: S608 - quoted, and from the schema
        if not rows:
            continue
        found += 1
        titles = [str(row[1]) for row in info]
        columns = [_as_text([row[i] for row in rows], str(info[i][2])) for i in range(len(titles))]
        cells = pl.DataFrame(
            [pl.Series(t, texts, dtype=pl.String) for t, (_, texts) in zip(titles, columns, strict=True)]
        )
        key = [str(row[1]) for row in info if row[5]]
        keys: dict[int, list[Any]] = {}
        for row in connection.execute(f"PRAGMA foreign_key_list({quoted})"):
            keys.setdefault(row[0], []).append(row)
        references = [(str(r[0][3]), str(r[0][2]), str(r[0][4] or "")) for r in keys.values() if len(r) == 1]
        yield name, cells, [kind for kind, _ in columns], key[0] if len(key) == 1 else None, references
    if not found:
        raise TableError.at(path, "has no table with rows", "name another file")


def _as_text(values: list[Any], declared: str) -> tuple[str, list[str]]:
    """Return the datatype that values have, and their texts; no value becomes the empty text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bytes}:
        return "base64Binary", ["" if v is None else base64.b64encode(v).decode() for v in values]
    texts = ["" if v is None else v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values]
    if kinds == {int} and declared.upper().startswith("BOOL") and set(texts) <= {"0", "1", ""}:
        return "boolean", texts
    if kinds and kinds <= {int, float}:
        return "number", texts
    return ("string" if kinds == {str} and "DATE" not in declared.upper() else ""), texts
