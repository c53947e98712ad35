"""Brings a description up to date with its table: new columns are added, and those that moved follow the file.

What is there is kept, also properties that nothing here knows. A column that is gone is not taken out unless a person
says so, since what was decided about it would be lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from glocal_rdf.csvw.description.columns import (
    Alignment,
    align_columns,
    column_name,
    is_virtual,
    name_new_columns,
    titles_of,
)
from glocal_rdf.csvw.description.decisions import is_question, question
from glocal_rdf.csvw.description.given_decisions import REFUSED, Decisions, Draft
from glocal_rdf.csvw.guess.columns import guess_column, guess_languages
from glocal_rdf.csvw.guess.results import Guess
from glocal_rdf.csvw.rdf.uri_templates import parse_template
from glocal_rdf.errors import InputError, Problem, TableError

__all__ = ["Update", "update_columns"]

_COLUMN: Final = re.compile(r"col=[0-9]+$")


@dataclass(frozen=True, slots=True)
class Update:
    """What became of the columns of a description: names, and for renamed ones the old name and the new header."""

    added: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    moved: bool = False


def update_columns(draft: Draft, decisions: Decisions) -> Update:
    """Bring the columns of a draft up to date with the cells of its table.

    Raises:
        TableError: Where columns are gone from the table, and nobody has decided what becomes of their descriptions.
        InputError: Where a column or header that a decision names does not exist.
    """
    columns, titles, file = draft.columns, draft.cells.titles, draft.cells.file
    found = align_columns(columns, titles, decisions.renamed, file)
    dropped = [draft.find(word) for word in decisions.dropped]
    for place in dropped:
        if place not in found.gone:
            raise InputError.at(file, f"{draft.name_of(place)} is still a column of the table", "drop it there first")
        _refuse_used(draft, draft.name_of(place))
    if left := [place for place in found.gone if place not in dropped]:
        raise TableError(*_report_gone(draft, left, found))
    added = _guess_new(draft, found)
    made: list[Any] = []
    for place, known in enumerate(found.places):
        if known is None:
            made.append(added[place].as_metadata())
        else:
            new = next((h for n, h in found.renamed if n == draft.name_of(known)), None)
            made.append(columns[known] if new is None else _with_title(columns[known], new))
    names = [draft.name_of(p) for p in dropped]
    draft.schema["columns"] = [*made, *(c for c in columns if is_virtual(c))]
    _retarget_notes(draft, names)
    for place, guess in added.items():
        questions = [question(d, draft.url, place + 1, guess.name) for d in guess.doubts]
        if questions:
            draft.table.setdefault("notes", []).extend(questions)
    return Update(tuple(g.name for g in added.values()), found.renamed, tuple(names), found.moved)


def _report_gone(draft: Draft, places: Sequence[int], found: Alignment) -> Iterator[Problem]:
    for place in places:
        name = draft.name_of(place)
        near = (found.likely or {}).get(name, "")
        hint = f"if it is {near!r} now, say --rename {name}={near!r}; " if near else ""
        hint += f"to take its description out, --drop {name}"
        file = draft.cells.file
        yield Problem(file, f"the column {name} is gone from the table", hint, REFUSED, file=file, column=name)


def _refuse_used(draft: Draft, name: str) -> None:
    """Refuse to drop a column that is used.

    Raises:
        InputError: Where a key, a reference or a template uses it.
    """
    uses = []
    for key in ("primaryKey", "rowTitles"):
        value = draft.schema.get(key)
        uses += [key] if name in (value if isinstance(value, list) else [value]) else []
    keys = draft.schema.get("foreignKeys")
    for foreign in keys if isinstance(keys, list) else []:
        reference = foreign.get("columnReference") if isinstance(foreign, dict) else None
        uses += ["foreignKeys"] if name in (reference if isinstance(reference, list) else [reference]) else []
    holders = [draft.table, draft.schema, *draft.columns]
    for holder in holders:
        if isinstance(holder, dict) and holder.get("name") != name:
            for key in ("aboutUrl", "propertyUrl", "valueUrl"):
                uses += [key] if _uses(holder.get(key), name) else []
    if uses:
        hint = "change that first"
        raise InputError.at(draft.cells.file, f"{name} is used by {', '.join(dict.fromkeys(uses))}", hint)


def _uses(template: Any, name: str) -> bool:
    try:
        return isinstance(template, str) and name in parse_template(template).names
    except InputError:
        return False


def _guess_new(draft: Draft, found: Alignment) -> dict[int, Guess]:
    """Return the guesses of the columns that are new, by their places in the file."""
    new = [place for place, known in enumerate(found.places) if known is None]
    if not new:
        return {}
    cells, titles = draft.cells, draft.cells.titles
    taken = [column_name(c, i + 1) for i, c in enumerate(draft.columns)]
    names = dict(zip(new, name_new_columns([titles[p] for p in new], taken), strict=True))
    delimiter = draft.job.group.tables[draft.place].dialect.delimiter
    guesses = []
    for place, known in enumerate(found.places):
        title = " ".join(titles[place])
        if known is not None:
            guesses.append(Guess(draft.name_of(known), title, datatype="string"))
            continue
        kind = cells.kinds[place] if place < len(cells.kinds) else ""
        guesses.append(guess_column(names[place], titles[place], cells.column(place), delimiter, kind))
    series = [cells.column(place) for place in range(len(guesses))]
    return {place: guess for place, guess in enumerate(guess_languages(guesses, series)) if place in names}


def _with_title(column: Mapping[str, Any], title: str) -> dict[str, Any]:
    """Return a column with another title before those that it has."""
    old = column.get("titles")
    if isinstance(old, dict) and old:
        language = next(iter(old))
        return {**column, "titles": {**old, language: [title, *titles_of({"titles": old[language]})]}}
    known = [t for t in titles_of(column) if t != title]
    return {**column, "titles": [title, *known] if known else title}


def _retarget_notes(draft: Draft, dropped: Sequence[str]) -> None:
    """Give the notes about columns their new numbers; questions about columns that were dropped go with them."""
    notes = draft.table.get("notes")
    if not isinstance(notes, list):
        return
    numbers = {column_name(c, i + 1): i + 1 for i, c in enumerate(draft.present)}
    kept = []
    for note in notes:
        target = note.get("oa:hasTarget") if isinstance(note, dict) else None
        name = target.get("csvw:name") if isinstance(target, dict) else None
        if isinstance(name, str) and name in dropped and is_question(note):
            continue
        if isinstance(target, dict) and isinstance(target.get("@id"), str) and isinstance(name, str):
            moved = _COLUMN.sub(f"col={numbers.get(name, 0)}", target["@id"]) if name in numbers else target["@id"]
            kept.append({**note, "oa:hasTarget": {**target, "@id": moved}})
        else:
            kept.append(note)
    if json.dumps(kept) != json.dumps(notes):
        draft.table["notes"] = kept
