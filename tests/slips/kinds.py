"""The 18 kinds of slips: each changes a row of a table, as a person might by mistake.

What is still true is not a mistake, and is not made:

- another object or predicate with which another claim says the same of the same subject;
- another passage that covers the former one, or has the same words at another place;
- a broader concept further up: what is narrower than a concept is narrower than all above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from slips.tables import Row, Table, Tables

__all__ = ["KINDS", "Slip", "make_random_slips", "make_slips"]

OBJECT: Final = "rdf:object"
TIMES: Final = ("pointInTime", "start", "end", "time")
_YEAR = re.compile(r"\d{4}")
_DATE = re.compile(r"-?\d{4}(-\d{2}){0,2}")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_COUNT = re.compile(r"(?!(1\d|20)\d\d$)\d+(\.\d+)?")

Changes = dict[str, str]
Maker = Callable[[Tables, str, Row, Random], Changes | None]


@dataclass(frozen=True)
class Slip:
    """One slip.

    Attributes:
        kind: Its kind.
        table: The name of the table.
        row: The position of the row in the table, from 0.
        about: What the row is about, by its first cell.
        changes: The cells that it changes.
        before: What these had.
    """

    kind: str
    table: str
    row: int
    about: str
    changes: Changes
    before: Changes

    def __str__(self) -> str:
        cells = "; ".join(f"{name}: {self.before[name]!r} -> {new!r}" for name, new in self.changes.items())
        return f"{self.kind}: {self.table} {self.about}: {cells}"


def change_year(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Write a year that is one or ten off."""
    return _change(tables[table], row, random, (OBJECT,), _DATE, _shift_year)


def swap_digits(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Exchange two digits of a date or number that stand side by side."""
    return _change(tables[table], row, random, (OBJECT,), re.compile(rf"{_DATE.pattern}|{_NUMBER.pattern}"), _swap)


def write_tenfold(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Write a number with a zero too many, or a percentage with its point moved."""
    return _change(tables[table], row, random, (OBJECT,), _COUNT, _multiply)


def take_object_of_same_kind(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Take another object of the kind, from the claims of the same document."""
    return _take_object(tables[table], row, random, same=True)


def take_object_of_other_kind(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Take an object of another kind, from the claims of the same document."""
    return _take_object(tables[table], row, random, same=False)


def exchange_subject_and_object(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Exchange subject and object."""
    (subject,), things = tables[table].columns_of("rdf:subject"), _things(tables[table], row)
    return {subject: row[things[0]], things[0]: row[subject]} if things and row[subject] != row[things[0]] else None


def take_passage(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Take the passage of another claim of the same document."""
    return _take_passage(tables, table, row, random, same=True)


def take_passage_of_other_document(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Take the passage of a claim of another document."""
    return _take_passage(tables, table, row, random, same=False)


def change_qualifier(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Take the role of another claim, or write a time that is off."""
    given = tables[table]
    roles = [name for name in given.columns_of("role") if row[name]]
    if roles and random.random() < 0.5:
        name = random.choice(roles)
        return {name: random.choice(others)} if (others := _others(given, name, row)) else None
    return _change(given, row, random, TIMES, re.compile(r"[\d/X.~-]*\d{3}[\d/X.~-]*"), _shift_year)


def take_neighbouring_predicate(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Take another predicate that is used with the same column of objects."""
    given = tables[table]
    (predicate,) = given.columns_of("rdf:predicate")
    filled = next(name for name in given.columns_of(OBJECT) if row[name])
    kind = row[filled].partition("/")[0]
    alike = {
        one[predicate] for one in given.rows if one[filled] and one[filled].partition("/")[0] in {kind, one[filled]}
    }
    names = sorted(alike - {row[predicate]})
    names = [name for name in names if not _is_stated(given, row, {predicate: name})]
    return {predicate: random.choice(names)} if names else None


def take_link_of_another(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Give a thing the identifier of another thing, from the same table of links."""
    others = _others(tables[table], "object_id", row)
    return {"object_id": random.choice(others)} if others else None


def take_label_of_another(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Give a link the label of another thing."""
    name = random.choice([name for name in ("subject_label", "object_label") if row[name]])
    return {name: random.choice(_others(tables[table], name, row))}


def take_other_language(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Write a text into the column of another language."""
    columns = tables[table].columns_of(OBJECT)
    texts = [name for name in columns if row[name] and name.endswith(("_en", "_zh", "_fr"))]
    if not texts:
        return None
    name = random.choice(texts)
    if free := [other for other in columns if other[:-3] == name[:-3] and not row[other]]:
        return {name: "", random.choice(free): row[name]}
    other = next(other for other in texts if other != name)
    return {name: row[other], other: row[name]}


def misspell_name(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Misspell a name by one character: another one, one too few, or two exchanged."""
    given = tables[table]
    filled = [name for name in given.columns_of(OBJECT) if len(row[name]) > 1]
    if not filled:
        return None
    name = random.choice(filled)
    text = row[name]
    at = random.choice([at for at, letter in enumerate(text) if letter.isalnum()])
    letters = sorted({letter for one in given.rows for letter in one[name] if letter.isalnum()})
    wrong = [text[:at] + random.choice(letters) + text[at + 1 :], text[:at] + text[at + 1 :]]
    if at + 1 < len(text):
        wrong.append(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
    wrong = [one for one in wrong if one.casefold() != text.casefold() and one.strip()]
    return {name: random.choice(wrong)} if wrong else None


def change_rank(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Give a claim another rank."""
    (name,) = tables[table].columns_of("http://wikiba.se/ontology#rank")
    ranks = [rank for rank in ("PreferredRank", "NormalRank", "DeprecatedRank") if rank != (row[name] or "NormalRank")]
    return {name: random.choice(ranks)}


def drop_scope(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Forget what a claim is limited to."""
    (name,) = tables[table].columns_of("appliesTo")
    return {name: ""} if row[name] else None


def change_country(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Give a place the country of another place."""
    others = _others(tables[table], "country", row)
    return {"country": random.choice(others)} if row["country"] and others else None


def change_broader(tables: Tables, table: str, row: Row, random: Random) -> Changes | None:
    """Put a concept under another concept of its kind."""
    kind = f"{row['broader'].partition('/')[0]}/"
    above = _list_above(tables[table].index("broader"), row["id"])
    others = [one for one in _others(tables[table], "broader", row) if one.startswith(kind) and one not in above]
    return {"broader": random.choice(others)} if row["broader"] and others else None


KINDS: Final[dict[str, tuple[str, Maker]]] = {
    "year": ("claims", change_year),
    "digits": ("claims", swap_digits),
    "tenfold": ("claims", write_tenfold),
    "object-of-same-kind": ("claims", take_object_of_same_kind),
    "object-of-other-kind": ("claims", take_object_of_other_kind),
    "subject-and-object": ("claims", exchange_subject_and_object),
    "passage": ("claims", take_passage),
    "document": ("claims", take_passage_of_other_document),
    "role-or-time": ("claims", change_qualifier),
    "predicate": ("claims", take_neighbouring_predicate),
    "language": ("claims names", take_other_language),
    "rank": ("curation", change_rank),
    "scope": ("claims", drop_scope),
    "misspelt-name": ("names", misspell_name),
    "country": ("places", change_country),
    "broader": ("concepts", change_broader),
    "link": ("links/", take_link_of_another),
    "link-label": ("links/", take_label_of_another),
}
"""Each kind of slip: the tables in which it is made, and the function that makes it."""


def make_slips(tables: Tables, kind: str, number: int, random: Random, taken: set[tuple[str, int]]) -> Iterator[Slip]:
    """Make slips of one kind, each in another row; fewer where there are not so many rows for it.

    Args:
        tables: The tables; they are not changed.
        kind: The kind.
        number: How many.
        random: Where choices come from.
        taken: The rows, by table and position, that are not touched; those of the slips are added.
    """
    rows = [(name, at) for name, table in tables.items() for at in range(len(table.rows))]
    random.shuffle(rows)
    made = 0
    for name, at in rows:
        if made == number:
            return
        if (name, at) not in taken and (slip := _make_one(tables, kind, name, at, random)):
            taken.add((name, at))
            made += 1
            yield slip


def make_random_slips(tables: Tables, number: int, random: Random, taken: set[tuple[str, int]]) -> Iterator[Slip]:
    """Make slips in random rows of all tables, each of a kind that is possible in its row.

    Args:
        tables: The tables; they are not changed.
        number: How many.
        random: Where choices come from.
        taken: The rows, by table and position, that are not touched.
    """
    rows = [(name, at) for name, table in tables.items() for at in range(len(table.rows))]
    random.shuffle(rows)
    made = 0
    for name, at in rows:
        if made == number:
            return
        if (name, at) in taken:
            continue
        kinds = list(KINDS)
        random.shuffle(kinds)
        slips = (slip for kind in kinds if (slip := _make_one(tables, kind, name, at, random)))
        if slip := next(slips, None):
            made += 1
            yield slip


def _make_one(tables: Tables, kind: str, name: str, at: int, random: Random) -> Slip | None:
    """Make a slip of a kind in a row, if it is possible there."""
    wanted, make = KINDS[kind]
    if name not in wanted.split() and not (wanted.endswith("/") and name.startswith(wanted)):
        return None
    table = tables[name]
    row = table.rows[at]
    changes = make(tables, name, row, random)
    before = {column: row[column] for column in changes or ()}
    return Slip(kind, name, at, row[table.columns[0]], changes, before) if changes else None


def _change(
    table: Table,
    row: Row,
    random: Random,
    properties: tuple[str, ...],
    pattern: re.Pattern[str],
    change: Callable[[str, Random], str | None],
) -> Changes | None:
    """Change the one cell of some properties whose whole text has a pattern."""
    for name in table.columns_of(*properties):
        if pattern.fullmatch(row[name]) and (new := change(row[name], random)) and new != row[name]:
            return {name: new}
    return None


def _shift_year(text: str, random: Random) -> str:
    found = random.choice(list(_YEAR.finditer(text)) or [re.match("", text)])
    if not found or not found[0]:
        return text
    year = int(found[0]) + random.choice((-10, -1, 1, 10))
    return f"{text[: found.start()]}{year}{text[found.end() :]}"


def _multiply(text: str, _: Random) -> str:
    return text.replace(".", "") if "." in text else f"{text}0"


def _swap(text: str, random: Random) -> str | None:
    pairs = [at for at in range(len(text) - 1) if text[at : at + 2].isdigit() and text[at] != text[at + 1]]
    swapped = [text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in pairs if text[at + 1] != "0" or at]
    return random.choice(swapped) if swapped else None


def _things(table: Table, row: Row) -> list[str]:
    """List the columns of objects that have a thing."""
    kinds = {one[table.columns_of("rdf:subject")[0]].partition("/")[0] for one in table.rows}
    return [name for name in table.columns_of(OBJECT) if "/" in row[name] and row[name].partition("/")[0] in kinds]


def _take_object(table: Table, row: Row, random: Random, *, same: bool) -> Changes | None:
    things = _things(table, row)
    if not things:
        return None
    name, kind = things[0], row[things[0]].partition("/")[0]
    near = {one[name] for one in table.rows if one[name] and _document(table, one) == _document(table, row)}
    (subject,) = table.columns_of("rdf:subject")
    others = sorted(one for one in near - {row[name], row[subject]} if (one.partition("/")[0] == kind) == same)
    others = [one for one in others if not _is_stated(table, row, {name: one})]
    return {name: random.choice(others)} if others else None


def _take_passage(tables: Tables, name: str, row: Row, random: Random, *, same: bool) -> Changes | None:
    table = tables[name]
    (column,) = table.columns_of("prov:wasDerivedFrom")
    document = _document(table, row)
    cells = {one[column] for one in table.rows if one[column] and (_document(table, one) == document) == same}
    others = sorted(one for one in cells - {row[column]} if not _has_words_of(tables["passages"], one, row[column]))
    return {column: random.choice(others)} if row[column] and others else None


def _has_words_of(passages: Table, cell: str, former: str) -> bool:
    """Return whether passages have the words of the former ones: they cover them, or have the same at another place."""
    words = passages.index("sha256")
    return all(any(words[one] == words[old] or _covers(one, old) for one in cell.split()) for old in former.split())


def _covers(passage: str, other: str) -> bool:
    (document, start, end), (its, first, last) = (re.split("#char=|,", one) for one in (passage, other))
    return document == its and int(start) <= int(first) and int(last) <= int(end)


def _is_stated(table: Table, row: Row, changes: Changes) -> bool:
    """Return whether another claim says what a changed one does: the same of the same subject."""
    columns = [
        name for name in table.columns_of("rdf:subject", "rdf:predicate", OBJECT) if row[name] or name in changes
    ]
    wanted = [changes.get(name, row[name]) for name in columns]
    return any(one is not row and [one[name] for name in columns] == wanted for one in table.rows)


def _document(table: Table, row: Row) -> str:
    return row[table.columns_of("prov:wasDerivedFrom")[0]].partition("#")[0]


def _list_above(broader: dict[str, str], concept: str) -> list[str]:
    """List a concept and all that are above it."""
    found: list[str] = []
    while concept and concept not in found:
        found.append(concept)
        concept = broader.get(concept, "")
    return found


def _others(table: Table, name: str, row: Row) -> list[str]:
    """List the other values of a column."""
    return sorted({one[name] for one in table.rows} - {row[name], ""})
