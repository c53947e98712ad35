"""Plans a project of extracted tables: settles what is doubtful, and notes in the description what stays open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from glocal_rdf.csvw.description.decisions import question as question_note
from glocal_rdf.csvw.guess.extraction import ExtractedTable
from glocal_rdf.csvw.guess.results import Doubt
from glocal_rdf.errors import Problem
from glocal_rdf.operations.init_questions import Choice, ask_about, exact_separator, position_of, settle
from glocal_rdf.operations.init_settings import Answer
from glocal_rdf.operations.intake import Intake
from glocal_rdf.scaffold.columns import values_of
from glocal_rdf.scaffold.model import OpenQuestion, Settings, Table
from glocal_rdf.scaffold.output.description import tables_of
from glocal_rdf.scaffold.references import add_references, find_references
from glocal_rdf.scaffold.tables import Known, name_properties, plan_table

__all__ = [
    "InitAccount",
    "Plan",
    "account_for",
    "add_notes",
    "as_doubt",
    "list_references",
    "list_warnings",
    "nothing_extracted",
    "reasons_of",
    "settle_lists",
    "take_answers",
]


@dataclass
class Plan:
    """A project while it is planned."""

    settings: Settings
    intakes: list[Intake]
    tables: list[Table] = field(default_factory=list)
    questions: list[OpenQuestion] = field(default_factory=list)


def settle_lists(plan: Plan) -> Plan:
    """Return a plan in which columns are lists whose items are all keys or names of another table."""
    sources = [one.table for one in plan.intakes]
    tables = [plan_table(s, plan.settings, i) for i, s in enumerate(sources, 1)]
    _, _, lists = find_references(tables, sources)
    names = {t.name: {c.name: c.title for c in t.columns} for t in tables}
    intakes = []
    for one in plan.intakes:
        titles = {names[table][column] for table, column in lists if table == one.table.name}
        columns = tuple(
            replace(
                c,
                separator=exact_separator(values_of(one.table.cells[str(i)], c), c.maybe_separator)
                or c.maybe_separator,
            )
            if c.title in titles and c.maybe_separator
            else c
            for i, c in enumerate(one.table.columns)
        )
        doubts = tuple(d for d in one.doubts if not (d.kind == "list" and d.column in titles))
        intakes.append(replace(one, table=replace(one.table, columns=columns), doubts=doubts))
    return Plan(plan.settings, intakes)


def take_answers(
    intakes: list[Intake], settings: Settings, answer: Answer | None, known: Sequence[Known] = ()
) -> tuple[Plan, list[OpenQuestion]]:
    """Ask what is doubtful, and plan the project by the answers.

    Args:
        intakes: The tables.
        settings: What holds for the project.
        answer: Answers what is doubtful, if there is anybody to ask.
        known: What is known of the first of the tables from an earlier run.

    Returns:
        The plan, and the doubts that stay open.
    """
    settled: list[Intake] = []
    doubts: list[OpenQuestion] = []
    for one in intakes:
        answers: dict[tuple[str, str], Choice | None] = {}
        for doubt in one.doubts if answer is not None else ():
            chosen = answer(ask_about(doubt, one, position_of(doubt, one.table.columns)))  # type: ignore[misc]
            answers[doubt.column, doubt.kind] = chosen if isinstance(chosen, Choice) else None
        changed, left = settle(one, answers)
        settled.append(changed)
        doubts += (OpenQuestion(d.kind, d.reason, d.hint, one.table.name, d.column, d.examples) for d in left)
    plan = Plan(settings, settled)
    sources = [one.table for one in settled]
    knowns = [*known, *[None] * (len(sources) - len(known))]
    planned = [plan_table(s, settings, i, one) for i, (s, one) in enumerate(zip(sources, knowns, strict=True), 1)]
    planned = _differ(planned)
    planned, questions, _ = find_references(planned, sources)
    planned = add_references(planned, settings)
    plan.tables = name_properties(planned, settings)
    plan.questions = questions
    return plan, doubts


def _differ(tables: Sequence[Table]) -> list[Table]:
    """Return tables of which no two have the same class or the same IRIs."""
    classes: set[str] = set()
    segments: set[str] = set()
    out = []
    for table in tables:
        name, segment, again = table.class_name, table.segment, 2
        while name in classes or segment in segments:
            name, segment, again = f"{table.class_name}{again}", f"{table.segment}{again}", again + 1
        classes.add(name)
        segments.add(segment)
        out.append(replace(table, class_name=name, segment=segment))
    return out


def add_notes(
    document: dict[str, Any],
    plan: Plan,
    doubts: Sequence[OpenQuestion],
    questions: Sequence[OpenQuestion],
    *,
    license_note: bool = True,
) -> dict[str, Any]:
    """Return a document in which everything that is open is a note of its table, those of the project of the first.

    Args:
        document: The metadata document.
        plan: The plan of the tables, in the same order.
        doubts: What is doubtful about columns.
        questions: What else is open.
        license_note: Whether a missing licence is open too.
    """
    described = list(tables_of(document))
    by_name = {t.name: i for i, t in enumerate(plan.tables)}
    licence = OpenQuestion(
        "license", "the data has no licence", 'add "dc:license" to the description, and remove this note'
    )
    every = [*questions, *doubts, *([licence] if license_note and not plan.settings.license else [])]
    for one in every:
        at = by_name.get(one.table, 0)
        table, url = plan.tables[at], str(described[at]["url"])
        number = next((i for i, c in enumerate(table.columns, 1) if c.title == one.column and not c.added), 0)
        name = table.columns[number - 1].name if number else ""
        note = question_note(as_doubt(one), url, number, name)
        if one.kind == "reference":
            note["dc:requires"] = [{"@id": "csvw:valueUrl"}]
        elif not number:
            note.pop("dc:requires", None)
        notes = [*described[at].get("notes", []), note]
        order = {k: v for k, v in described[at].items() if k not in {"notes", "tableSchema"}}
        described[at] = order | {"notes": notes, "tableSchema": described[at]["tableSchema"]}
    return document | {"tables": described}


def as_doubt(one: OpenQuestion) -> Doubt:
    """Write what is open as a doubt of a description."""
    return Doubt(one.kind, one.reason, one.hint, one.column, one.examples)  # type: ignore[arg-type]


def reasons_of(document: Mapping[str, Any], tables: Sequence[Table]) -> dict[tuple[str, str], str]:
    """Return why columns have their property, by the `url` of the table and the name of the column."""
    return {
        (str(d["url"]), c.name): c.reason or _explain(c.role, t)
        for d, t in zip(tables_of(document), tables, strict=True)
        for c in t.columns
        if c.reason or c.role in {"slug", "source"}
    }


def _explain(role: str, table: Table) -> str:
    return {
        "slug": "made of the names, for the IRIs; it never changes",
        "source": "kept as it is written; the column after it has the identifiers that it stands for",
    }.get(role, table.name)


def account_for(intakes: Sequence[Intake], tables: Sequence[Table]) -> Iterator[InitAccount]:
    """Yield what became of each table."""
    for one, table in zip(intakes, tables, strict=True):
        read, written = one.extracted.cells.height, table.cells.height
        notes = len(one.table.notes)
        yield InitAccount(table.name, table.source, read, written, notes, len(table.columns), table.key)


def list_references(tables: Sequence[Table]) -> Iterator[tuple[str, str, str, bool]]:
    """Yield the columns that refer to a table: table, column, the other table, and whether by its key."""
    for table in tables:
        for column in table.columns:
            if column.reference is not None:
                yield table.name, column.title, column.reference.target, not column.added


def list_warnings(intakes: Sequence[Intake], tables: Sequence[Table]) -> Iterator[Problem]:
    """Yield what the readers report, and the slugs that had to differ from the names."""
    for one in intakes:
        yield from one.extracted.problems
    for table in tables:
        for slug, others in table.collisions.items():
            what = f"{len(others) + 1} names make the identifier {slug!r}; the others are {', '.join(others[:3])}"
            what += " …" if len(others) > 3 else ""
            where = f"data/{table.name}.csv"
            yield Problem(where, what, f"change the column {table.key!r} before you publish", "slug", "warning", where)


@dataclass(frozen=True, slots=True)
class InitAccount:
    """What became of one table: rows read from its source, rows written to `data/`, and notes above and below it."""

    table: str
    source: str
    read: int
    written: int
    notes: int
    columns: int
    key: str


def nothing_extracted(name: str, cells: pl.DataFrame) -> ExtractedTable:
    """Return what was extracted for a table that the project has, and no source."""
    return ExtractedTable(name, "", (), cells)
