"""Reads and writes the open decisions of a description: questions to its editors, as notes of its tables.

A decision is a note (Metadata Vocabulary, section 5.4) that is a Web Annotation motivated by `oa:questioning`. Its
target is the column (RFC 7111), its body the reason; `skos:example` has cells, `skos:editorialNote` the hint, and
`dc:requires` the properties of the column's description that answer it. It is open until its note is removed, has
another motivation, or the column has one of these properties.

https://www.w3.org/TR/annotation-vocab/#questioning
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from glocal_rdf.csvw.guess.results import Doubt
from glocal_rdf.errors import OPEN_DECISION, Problem
from glocal_rdf.namespaces import CSVW, DC, DCTERMS, OA, SKOS

__all__ = [
    "OpenDecision",
    "answers",
    "assessment",
    "is_assessed",
    "is_question",
    "question",
    "read_open_decisions",
    "required_properties",
    "resolve",
]

_NAMESPACES: Final = {"oa": OA, "skos": SKOS, "dc": DCTERMS, "dcterms": DCTERMS, "dc11": DC, "csvw": CSVW}
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "list": ("separator", "datatype"),
    "language": ("lang",),
    "null": ("null",),
    "mixed": ("datatype", "null"),
    "unit": ("datatype",),
    "layout": (),
}
_MAX_TEXT: Final = 1000
_UNNAMED: Final = re.compile(r"column[0-9]+$")
_COLUMN: Final = re.compile(r"(?:^|[#&])col=([1-9][0-9]{0,8})$")


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """A question about a table or one of its columns that nobody has answered yet.

    Attributes:
        table: The `url` of the table in the description.
        column: The name of the column; empty where the question is about the table.
        kind: What it is about, as in `Doubt`; empty for a question that a person wrote.
        reason: What is not certain.
        hint: What to do about it.
        examples: Cells that show it.
        requires: The properties of the column's description that answer it, any of them.
        place: Where the note is: the position of the table, and of the note in the table.
        title: The header of the column, where its name does not show it (`column3`).
    """

    table: str
    column: str
    kind: str
    reason: str
    hint: str = ""
    examples: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    place: tuple[int, int] = (0, 0)
    title: str = ""

    def __str__(self) -> str:
        subject = f"{self.table}: {self.column}" if self.column else self.table
        return f"{subject}: {self._what}; {self.hint}" if self.hint else f"{subject}: {self._what}"

    @property
    def _what(self) -> str:
        shown = ", ".join(repr(e if len(e) <= 40 else e[:37] + "...") for e in self.examples)
        return f"{self.reason} ({shown})" if shown else self.reason

    @property
    def shown_column(self) -> str:
        """The name of the column, with its header where that does not follow from the name."""
        return f"{self.column} ({self.title})" if self.title else self.column

    def as_problem(self, file: str) -> Problem:
        """Return the decision as a warning about a description, by the name of its file."""
        table = unquote(self.table)
        subject = f"{table}: {self.shown_column}" if self.column else table
        what, value = f"{subject}: to decide: {self._what}", self.examples[0] if self.examples else ""
        return Problem(file, what, self.hint, OPEN_DECISION, "warning", file, 0, self.column, value[:_MAX_TEXT])


def required_properties(doubt: Doubt) -> tuple[str, ...]:
    """Return the properties of a column, any of which answers a doubt; none if it is to be checked by a person.

    Examples:
        >>> required_properties(Doubt("list", "looks like a list", ""))
        ('separator', 'datatype')
    """
    return () if doubt.decided else _REQUIRED.get(doubt.kind, ("datatype",))


def question(doubt: Doubt, url: str, number: int = 0, name: str = "") -> dict[str, Any]:
    """Return the note that asks what a doubt leaves open.

    Args:
        doubt: The doubt.
        url: The `url` of the table in the description.
        number: The number of the column in the table, from 1; 0 for a doubt about the table.
        name: The name of the column.
    """
    note: dict[str, Any] = {
        "@type": "oa:Annotation",
        "oa:motivatedBy": {"@id": "oa:questioning"},
        "oa:hasTarget": _target(url, number, name),
        "dc11:type": doubt.kind,
        "oa:bodyValue": doubt.reason,
    }
    if doubt.examples:
        note["skos:example"] = [e[:_MAX_TEXT] for e in doubt.examples]
    if doubt.hint:
        note["skos:editorialNote"] = doubt.hint
    if required := required_properties(doubt):
        note["dc:requires"] = [{"@id": f"csvw:{p}"} for p in required]
    return note


def assessment(decision: str, url: str, number: int = 0, name: str = "", *, kind: str = "") -> dict[str, Any]:
    """Return the note that says what was decided about a table, or about one of its columns.

    Args:
        decision: What was decided.
        url: The `url` of the table.
        number: The number of the column, from 1; 0 for the table.
        name: The name of the column.
        kind: The kind of the doubt that it answers.
    """
    note: dict[str, Any] = {
        "@type": "oa:Annotation",
        "oa:motivatedBy": {"@id": "oa:assessing"},
        "oa:hasTarget": _target(url, number, name),
    }
    return note | ({"dc11:type": kind} if kind else {}) | {"oa:bodyValue": decision}


def _target(url: str, number: int, name: str) -> dict[str, Any]:
    """Return the column of a table, or the table, as the target of an annotation (RFC 7111, section 2)."""
    if not number:
        return {"@id": url}
    return {"@id": f"{url}{'&' if '#' in url else '#'}col={number}"} | ({"csvw:name": name} if name else {})


def answers(decision: OpenDecision, properties: Iterable[str], kinds: Iterable[str] = ()) -> bool:
    """Return whether properties of a column that were set answer a decision about it, or one of these kinds.

    A decision that is only to be checked by a person is answered too, where one of the properties it is about was set.

    Args:
        decision: The decision.
        properties: The names of properties that were set.
        kinds: Kinds of decisions that are answered by what was set.
    """
    about = {*decision.requires, *(_REQUIRED.get(decision.kind, ("datatype",)) if decision.kind else ())}
    return bool(about & {*properties}) or decision.kind in {*kinds}


def read_open_decisions(document: Any, *, answered: bool = False) -> tuple[OpenDecision, ...]:
    """Return the open decisions of a metadata document, of one table or of a group, in its order.

    A document that is malformed is read as far as it goes; `check` reports what is wrong with it.

    Args:
        document: The metadata document.
        answered: Whether questions are included that a property of the column answers by now.
    """
    found: list[OpenDecision] = []
    for place, table in enumerate(_tables(document)):
        columns = _columns(table, document)
        url = table.get("url")
        for at, note in enumerate(_list(table.get("notes"))):
            if not is_question(note):
                continue
            decision = _read(note, url if isinstance(url, str) else "", columns, (place, at))
            if answered or not _is_answered(decision, columns):
                found.append(decision)
    return tuple(found)


def resolve(document: dict[str, Any], decisions: Iterable[OpenDecision], decided: str | None = None) -> dict[str, Any]:
    """Return a document in which decisions are taken.

    Args:
        document: The metadata document; it is not changed.
        decisions: Open decisions that were read from this document.
        decided: What was decided, as a note in the place of each question; None removes the questions.
    """
    answered = {d.place: d for d in decisions}
    tables = []
    for place, table in enumerate(_tables(document)):
        notes: list[Any] = []
        for at, note in enumerate(_list(table.get("notes"))):
            decision = answered.get((place, at))
            if decision is None:
                notes.append(note)
            elif decided is not None:
                notes.append(_answer(note, decided))
        changed = {k: notes if k == "notes" else v for k, v in table.items() if k != "notes" or notes}
        tables.append(changed if isinstance(table.get("notes"), list) else table)
    if "tables" not in document:
        return tables[0] if tables else document
    if not isinstance(document["tables"], list):
        return document
    described = iter(tables)
    return document | {"tables": [next(described) if isinstance(t, dict) else t for t in _list(document["tables"])]}


def _answer(note: dict[str, Any], decided: str) -> dict[str, Any]:
    """Return the note of a question as one that says what was decided."""
    kept = {k: v for k, v in note.items() if _local(k) not in {"example", "editorialNote", "requires", "bodyValue"}}
    kept = {k: {"@id": "oa:assessing"} if _local(k) == "motivatedBy" else v for k, v in kept.items()}
    return kept | {"oa:bodyValue": decided}


def is_question(note: Any) -> bool:
    """Return whether a note is an annotation motivated by `oa:questioning`."""
    return isinstance(note, dict) and any(
        _expand(_id(value)) == f"{OA}questioning" for value in _values(note, f"{OA}motivatedBy")
    )


def is_assessed(notes: Any, column: str) -> bool:
    """Return whether one of the notes of a table says what was decided about a column, by its name."""
    for note in _list(notes):
        if isinstance(note, dict) and any(
            _expand(_id(value)) == f"{OA}assessing" for value in _values(note, f"{OA}motivatedBy")
        ):
            targets = [v for v in _values(note, f"{OA}hasTarget") if isinstance(v, dict)]
            if any(_text(name) == column for target in targets for name in _values(target, f"{CSVW}name")):
                return True
    return False


def _read(
    note: dict[str, Any], url: str, columns: Sequence[dict[str, Any]] | None, place: tuple[int, int]
) -> OpenDecision:
    target = next(_values(note, f"{OA}hasTarget"), None)
    name = next((_text(v) for v in _values(target, f"{CSVW}name")), "") if isinstance(target, dict) else ""
    number = _COLUMN.search(_id(target))
    if not name and number is not None and columns is not None and int(number[1]) <= len(columns):
        found = columns[int(number[1]) - 1].get("name")
        name = found if isinstance(found, str) else f"column {number[1]}"
    titles = next((c.get("titles") for c in columns or () if c.get("name") == name), None)
    first = titles[0] if isinstance(titles, list) and titles else titles
    title = first if isinstance(first, str) and _UNNAMED.match(name) else ""
    return OpenDecision(
        url,
        name,
        next((_text(v) for v in _values(note, f"{DC}type")), ""),
        next((_text(v) for v in _values(note, f"{OA}bodyValue")), "has an open question"),
        next((_text(v) for v in _values(note, f"{SKOS}editorialNote")), ""),
        tuple(_text(v) for v in _values(note, f"{SKOS}example")),
        tuple(_expand(_id(v)).removeprefix(CSVW) for v in _values(note, f"{DCTERMS}requires")),
        place,
        title,
    )


def _is_answered(decision: OpenDecision, columns: Sequence[dict[str, Any]] | None) -> bool:
    """Return whether the column has one of the properties that answer a decision."""
    column = next((c for c in columns or () if c.get("name") == decision.column), None)
    return column is not None and any(p in column for p in decision.requires)


def _tables(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, dict):
        for table in _list(document["tables"]) if "tables" in document else [document]:
            if isinstance(table, dict):
                yield table


def _columns(table: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the columns of a table's schema, or None where it is in another document."""
    schema = table.get("tableSchema", document.get("tableSchema"))
    if not isinstance(schema, dict):
        return None
    return [c if isinstance(c, dict) else {} for c in _list(schema.get("columns"))]


def _values(node: dict[str, Any], iri: str) -> Iterator[Any]:
    """Yield the values of a property, which may be written as a prefixed name or an IRI."""
    for key, value in node.items():
        if _expand(key) == iri:
            yield from value if isinstance(value, list) else [value]


def _expand(name: str) -> str:
    prefix, _, local = name.partition(":")
    return _NAMESPACES[prefix] + local if prefix in _NAMESPACES else name


def _local(name: str) -> str:
    return re.split("[#/:]", _expand(name))[-1]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    found = value.get("@value", "") if isinstance(value, dict) else value
    return found if isinstance(found, str) else str(found)


def _id(value: Any) -> str:
    found = value.get("@id", "") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""
