"""Groups the changes of a graph into sections of things, with their lines in the language of the reader.

A line is one change of one thing. Statements about a blank node that is new or gone as a whole are part of the value
that leads to it, and have no line of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from glocal_rdf.changes.model import Changes, GraphChanges, Rename
from glocal_rdf.changes.names import Names
from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.triples import Triples

__all__ = ["TITLES", "Entry", "Line", "Section", "list_sections"]

Kind = Literal["renamed", "changed", "new", "removed", "changed claims", "new claims", "removed claims"]

TITLES: Final[Mapping[Kind, str]] = {
    "renamed": translatable("Renamed"),
    "changed": translatable("Changed"),
    "new": translatable("New"),
    "removed": translatable("Removed"),
    "changed claims": translatable("Changed claims"),
    "new claims": translatable("New claims"),
    "removed claims": translatable("Removed claims"),
}
"""The sections in their order, and their titles."""

MAX_LENGTH: Final = 160
"""How many characters of a value are shown."""

MAX_LINES: Final = 50
"""How many statements of a thing that is new or gone are shown."""

_BEFORE: Final = 40
"""How many characters are shown before the first difference of long texts."""


@dataclass(frozen=True)
class Line:
    """One change: a property, its value now and before (None for none), and a remark."""

    property: str
    now: str | None
    was: str | None
    remark: str = ""


@dataclass(frozen=True)
class Entry:
    """A thing with its changes.

    Attributes:
        thing: The term of the thing, in the new version where it is there.
        name: Its name, with the IRI where another thing of the section has the same name.
        about: What distinguishes it further: class and short IRI.
        lines: Its changes.
        left_out: How many of its lines are left out.
    """

    thing: str
    name: str
    about: str
    lines: tuple[Line, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Section:
    """Things of one kind, and how many there are beyond those that are listed."""

    kind: Kind
    entries: tuple[Entry, ...]
    left_out: int

    def __len__(self) -> int:
        return len(self.entries) + self.left_out


def list_sections(
    changes: Changes, graph: GraphChanges, lang: str, limit: int = 0, others: Iterable[Triples] = ()
) -> Iterator[Section]:
    """Yield the sections of a graph's changes, without those that are empty.

    Args:
        changes: All changes.
        graph: The graph among them.
        lang: The language of names.
        limit: How many things of each section are listed; 0 for all.
        others: Further graphs with names.
    """
    names = Names(changes, graph, lang, others)
    if graph.renames:
        listed = graph.renames[:limit] if limit else graph.renames
        entries = tuple(_describe_rename(rename, names) for rename in listed)
        yield Section("renamed", entries, len(graph.renames) - len(listed))
    things = graph.changes.select("thing", "status").unique().sort("thing")
    by_kind: dict[str, list[str]] = {}
    for thing, status in things.iter_rows():
        by_kind.setdefault(f"{status} claims" if names.is_claim(thing) else status, []).append(thing)
    for kind in TITLES:
        if kind in by_kind:
            yield _lay_out(kind, by_kind[kind], graph, names, limit)


def _lay_out(kind: Kind, things: list[str], graph: GraphChanges, names: Names, limit: int) -> Section:
    """Make a section, in which things with names come first."""
    ordered = sorted(things, key=lambda thing: (not names.label(thing), names.label(thing).casefold(), thing))
    listed = ordered[:limit] if limit else ordered
    rows = graph.changes.join(pl.DataFrame({"thing": pl.Series(listed, dtype=pl.String)}), on="thing", how="semi")
    by_thing: dict[str, list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        by_thing.setdefault(row["thing"], []).append(row)
    called = Counter(names.thing(thing) for thing in listed)
    entries = []
    for thing in listed:
        name = names.thing(thing)
        # A thing of its own has its IRI in any case; a change names it where the name alone would not do.
        whole = kind.startswith(("new", "removed"))
        about = names.classes(thing) if whole and not names.is_claim(thing) else []
        if thing.startswith("<") and (whole or called[name] > 1) and names.short(thing) != name:
            about = [*about, names.short(thing)]
        entries.append(Entry(thing, name, ", ".join(about), *_list_lines(by_thing[thing], names, whole=whole)))
    return Section(kind, tuple(entries), len(ordered) - len(listed))


def _describe_rename(rename: Rename, names: Names) -> Entry:
    counted = plural(names.lang, "{number:,} triple", "{number:,} triples", rename.triples)
    likely = "" if rename.exact else message(names.lang, "not all statements are the same")
    line = Line("", names.short(rename.new), names.short(rename.old), "; ".join(filter(None, (counted, likely))))
    return Entry(rename.new, names.label(rename.new) or names.short(rename.new), "", (line,))


def _list_lines(rows: list[dict[str, Any]], names: Names, *, whole: bool) -> tuple[tuple[Line, ...], int]:
    """Return the lines of a thing, and how many are left out."""
    changed = {row[side] for row in rows for side in ("old", "new") if row[side] and row[side].startswith("_:")}
    lines = []
    for row in rows:
        if row["node"] in changed and names.is_whole(row["node"]):
            continue
        if whole and names.is_part_of_introduction(
            row["thing"], row["node"], row["property"], row["new"] or row["old"]
        ):
            continue
        lines.append(_describe_row(row, names))
    if whole and len(lines) > MAX_LINES:
        return tuple(lines[:MAX_LINES]), len(lines) - MAX_LINES
    return tuple(lines), 0


def _describe_row(row: dict[str, Any], names: Names) -> Line:
    plain = not row["path"]
    name = names.property(row["property"]) if plain else names.within(row["path"], row["node"], row["property"])
    tags = {_read_tag(row[side]) for side in ("old", "new") if row[side] is not None}
    if len(tags) == 1 and (tag := tags.pop()):
        name = f"{name} ({tag})"
    was = None if row["old"] is None else names.value(row["old"], old=True)
    now = None if row["new"] is None else names.value(row["new"])
    if was is not None and was == now:
        was, now = names.exact(row["old"]), names.exact(row["new"])
    remark = message(names.lang, "same value, written otherwise") if row["same_value"] else ""
    return Line(name, *_cut(now, was), remark)


def _read_tag(value: str) -> str:
    """Return the language tag of a literal, or the empty text."""
    return value.rpartition('"@')[2] if value.startswith('"') and not value.endswith(('"', ">")) else ""


def _cut(now: str | None, was: str | None) -> tuple[str | None, str | None]:
    """Cut long texts; of two, to where they begin to differ."""
    start = 0
    if now is not None and was is not None and max(len(now), len(was)) > MAX_LENGTH:
        start = max(_count_common(now, was) - _BEFORE, 0)
    return _shorten(now, start), _shorten(was, start)


def _count_common(one: str, other: str) -> int:
    """Count the characters that two texts begin with."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _shorten(text: str | None, start: int) -> str | None:
    if text is None or (len(text) <= MAX_LENGTH and not start):
        return text
    begin = "…" if start else ""
    end = "…" if len(text) > start + MAX_LENGTH else ""
    return f"{begin}{text[start : start + MAX_LENGTH]}{end}"
