"""Finds the description that a table has, or the place where it belongs, and adds tables to a description.

The first that describes the table is used: `FILE-metadata.json`, then `csv-metadata.json` (Model for Tabular Data,
section 5.3). A description of another table becomes a group of tables when one is added to it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from glocal_rdf.csvw.description.cells import find_place, open_tables
from glocal_rdf.csvw.description.columns import schema_of
from glocal_rdf.csvw.description.given_decisions import Draft
from glocal_rdf.csvw.description.json_text import edit_json, same_json
from glocal_rdf.csvw.guess.description import describe
from glocal_rdf.csvw.guess.results import Description
from glocal_rdf.csvw.metadata.discovery import encode_file_name
from glocal_rdf.csvw.metadata.inherited import NAMES as INHERITED
from glocal_rdf.csvw.metadata.vocabulary import CONTEXT
from glocal_rdf.csvw.tables.encodings import find_decoder
from glocal_rdf.csvw.tables.resources import Access, encode_path, is_sheet, parse_json, split_sheet
from glocal_rdf.errors import InputError, OutputError, TableError
from glocal_rdf.files import read_bytes

__all__ = [
    "Existing",
    "add_table",
    "finish",
    "guess_anew",
    "locate_description",
    "missing_description",
    "set_encoding",
    "split_source",
    "take_over",
    "write_text",
]


@dataclass(frozen=True, slots=True)
class Existing:
    """A file of a description: its path, text and document if it is there, and the place of the table in it, if any.

    `where` is the path that links in it are relative to: beside the table, where that is not below the file's folder.
    """

    path: Path
    where: Path
    text: str = ""
    document: dict[str, Any] | None = None
    place: int | None = None


def split_source(source: str | Path) -> tuple[Path, str]:
    """Return the file of a table and the sheet that is named, as in `book.xlsx#sheet=Cities`.

    Raises:
        InputError: Where the source is an address or a description.

    Examples:
        >>> split_source("book.xlsx#sheet=Cities")
        (PosixPath('book.xlsx'), 'sheet=Cities')
    """
    text = str(source)
    file, fragment = (text, "") if os.path.lexists(text) else split_sheet(text)
    if "://" in file:
        raise InputError.at(file, "is not a file", "save it first")
    if file.lower().endswith((".json", ".jsonld", ".csvm")):
        raise InputError.at(file, "is not a table", "name the table; its description is found, or named with -o")
    return Path(file), fragment


def locate_description(
    table: Path, fragment: str = "", output: Path | None = None, *, prefixes: Mapping[str, str] | None = None
) -> Existing:
    """Return the description of a table that is to be written, as it is now.

    Args:
        table: The file of the table.
        fragment: The sheet of the table.
        output: The file of the description; None for the one that the table has, or else `FILE-metadata.json`.
        prefixes: The prefixes that a project declares.

    Raises:
        InputError: Where the file of a description cannot be read.
        OutputError: Where the file to write is not a description.
    """
    if output is not None:
        return (
            _read(output, table, fragment, prefixes) if os.path.lexists(output) else missing_description(output, table)
        )
    beside = table.with_name(f"{table.name}-metadata.json")
    shared = table.with_name("csv-metadata.json")
    own = _read(beside, table, fragment, prefixes) if os.path.lexists(beside) else missing_description(beside, table)
    if own.place is None and os.path.lexists(shared):
        try:
            group = _read(shared, table, fragment, prefixes)
        except OutputError:
            return own
        if group.place is not None:
            return group
    return own


def missing_description(path: Path, table: Path) -> Existing:
    """Return the description of a table that is not there yet, or counts as if it were not."""
    return Existing(path, _base_of(path, table))


def _base_of(path: Path, table: Path) -> Path:
    """Return the path that links of a description are relative to."""
    below = table.absolute().parent.resolve().is_relative_to(path.absolute().parent.resolve())
    return path if below else table.with_name(path.name)


def _read(path: Path, table: Path, fragment: str, prefixes: Mapping[str, str] | None) -> Existing:
    """Return a description that is there.

    Raises:
        OutputError: Where the file is not a description.
    """
    if table.exists() and path.exists() and path.samefile(table):
        what = "is not a description, but the table itself, and is not overwritten"
        raise OutputError.at(path, what, "name another file with -o")
    if not path.name.lower().endswith((".json", ".jsonld", ".csvm")):
        raise OutputError.at(path, "is not a description, and is not overwritten", "name another file with -o")
    access = Access.to(path)
    try:
        document = parse_json(access.open(access.url))
    except InputError as error:
        what = "; ".join(p.what for p in error.problems)
        raise OutputError.at(path, f"is there already, and is not a description: {what}", _HINT) from error
    context = document.get("@context") if isinstance(document, dict) else None
    if CONTEXT not in (context if isinstance(context, list) else [context]):
        raise OutputError.at(path, "is there already, and is not a description of tables", _HINT)
    text = read_bytes(path).decode("utf-8-sig")
    where = _base_of(path, table)
    place = find_place(open_tables(where, document, prefixes=prefixes), table, fragment)
    return Existing(path, where, text, document, place)


_HINT = "name another file with -o, or overwrite it with --force"


def take_over(
    table: Path, fragment: str, prefixes: Mapping[str, str] | None = None
) -> tuple[Path, dict[str, Any]] | None:
    """Return the description that a table has by now, alone, and its file; None where it has none.

    Args:
        table: The file of the table.
        fragment: The sheet of the table.
        prefixes: The prefixes that a project declares.
    """
    try:
        found = locate_description(table, fragment, prefixes=prefixes)
    except OutputError:
        return None
    if found.document is None or found.place is None:
        return None
    if "tables" not in found.document:
        return found.path, found.document
    alone = [t for t in found.document["tables"] if isinstance(t, dict)][found.place]
    shared = {k: v for k, v in found.document.items() if k in _HANDED_DOWN and k not in alone}
    return found.path, {"@context": found.document["@context"], **shared, **alone}


_HANDED_DOWN = INHERITED | {"dialect", "tableSchema", "tableDirection"}


def guess_anew(table: Path, fragment: str = "", encoding: str = "") -> Description:
    """Return the guess for a table.

    Args:
        table: The file.
        fragment: The sheet of the table.
        encoding: The encoding of the file, where that is not to be guessed.

    Raises:
        TableError: Where the file is not a table, or not in the encoding.
        InputError: Where the encoding is not known, or the file cannot be read.
    """
    if not encoding:
        return describe(f"{table}#{fragment}" if fragment else table)
    data = read_bytes(table)
    found = find_decoder(encoding, data[:4])
    if found is None or is_sheet(table.name):
        what = "has an encoding of its own" if found else f"{encoding!r} is not an encoding"
        raise InputError.at(table, what, "name one like big5, shift_jis or windows-1251, for delimited text")
    try:
        text = found[1].decode(data, final=True)
    except UnicodeDecodeError as error:
        raise TableError.at(table, f"byte {error.start + 1} is not {encoding}", "name another encoding") from error
    with TemporaryDirectory() as folder:
        copy = Path(folder) / table.name
        copy.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            guess = describe(copy)
        except TableError as error:
            raise TableError.of(
                replace(p, where=p.where.replace(str(copy), str(table)), file=str(table)) for p in error.problems
            ) from error
    dialect = {"encoding": encoding, **guess.document.get("dialect", {"commentPrefix": None})}
    head = {k: guess.document[k] for k in ("@context", "url")}
    return replace(guess, document={**head, "dialect": dialect, **_without(guess.document, "dialect")}, file=str(table))


def add_table(existing: Existing, table: Path, described: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Return the document of a description with a table that it does not have yet, and the place of the table.

    Args:
        existing: The description, which may not be there yet.
        table: The file of the table.
        described: A description of the table alone.
    """
    url = _relative_url(existing.path, table, str(described["url"]))
    new = {k: url if k == "url" else v for k, v in described.items()}
    new = _with_url(new, str(described["url"]), url)
    document = existing.document
    if document is None:
        return new, 0
    del new["@context"]
    if "tables" in document:
        tables = document["tables"] if isinstance(document["tables"], list) else []
        if existing.place is not None:
            tables = [new if i == existing.place else t for i, t in enumerate(tables)]
            return {**document, "tables": tables}, existing.place
        return {**document, "tables": [*tables, new]}, len([t for t in tables if isinstance(t, dict)])
    if existing.place is not None:
        return {"@context": document["@context"], **new}, 0
    alone = {k: v for k, v in document.items() if k != "@context"}
    return {"@context": document["@context"], "tables": [alone, new]}, 1


def set_encoding(document: Mapping[str, Any], place: int, encoding: str) -> dict[str, Any]:
    """Return a document in which a table has another encoding.

    Args:
        document: The metadata document.
        place: The position of the table in it.
        encoding: The label of the encoding.

    Raises:
        InputError: Where the encoding is not known.
    """
    if find_decoder(encoding, b"") is None:
        raise InputError.at(encoding, "is not an encoding", "name one like big5, shift_jis or windows-1251")
    tables = [t for t in document.get("tables", [document]) if isinstance(t, dict)]
    old = tables[place].get("dialect", document.get("dialect", {"commentPrefix": None}))
    tables[place] = {**tables[place], "dialect": {**(old if isinstance(old, dict) else {}), "encoding": encoding}}
    return {**document, "tables": tables} if "tables" in document else tables[0]


def _without(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {k: v for k, v in document.items() if k != name}


def _relative_url(description: Path, table: Path, url: str) -> str:
    """Return the `url` of a table relative to the folder of its description, where it is in or below that."""
    name, _, fragment = url.partition("#")
    folder, file = description.absolute().parent.resolve(), table.absolute()
    try:
        below = (file.parent.resolve() / file.name).relative_to(folder).as_posix()
    except ValueError:
        below = ""
    path = encode_path(below) if "/" in below else name or encode_file_name(table.name)
    return path + (f"#{fragment}" if fragment else "")


def _with_url(table: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """Return a table whose notes are about its new address."""
    if old == new or "notes" not in table:
        return table
    notes = json.loads(json.dumps(table["notes"]))
    for note in notes:
        target = note.get("oa:hasTarget")
        if isinstance(target, dict) and str(target.get("@id", "")).startswith(old):
            target["@id"] = new + target["@id"][len(old) :]
    return table | {"notes": notes}


def finish(draft: Draft, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a draft; a schema that a table has from its group stays there, where it is unchanged."""
    tables = [t for t in before.get("tables", [before]) if isinstance(t, dict)]
    document = draft.document
    if "tables" in document and draft.place < len(tables) and "tableSchema" not in tables[draft.place]:
        inherited = schema_of(tables[draft.place], before)
        if inherited and same_json(inherited, draft.schema):
            changed = [_without(t, "tableSchema") if t is draft.table else t for t in document["tables"]]
            return {**document, "tables": changed}
    return document


def write_text(existing: Existing, document: Mapping[str, Any]) -> str:
    """Return the text of a description, in which what did not change is as it was, to the character."""
    if existing.document is None:
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return edit_json(existing.text, document)
