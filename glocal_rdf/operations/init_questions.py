"""Turns what is doubtful about a table into questions with choices, each of which fits every cell of its column."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from glocal_rdf import csvw
from glocal_rdf.csvw.guess.columns import guess_column
from glocal_rdf.csvw.guess.results import Doubt
from glocal_rdf.csvw.guess.words import NULL_MARKERS
from glocal_rdf.errors import GlocalError
from glocal_rdf.operations.intake import Intake
from glocal_rdf.scaffold.columns import values_of
from glocal_rdf.scaffold.model import SourceColumn, SourceTable
from glocal_rdf.scaffold.output.description import CONTEXT, write_csv

__all__ = [
    "Choice",
    "Question",
    "accepts",
    "ask_about",
    "exact_separator",
    "note_last_row",
    "position_of",
    "settle",
    "verify_datatypes",
]

_DATES: Final = (
    "d.M.yyyy", "M.d.yyyy", "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "M-d-yyyy", "yyyyMMdd", "yyyy/M/d", "yyyy.M.d",
)  # fmt: skip
_TAG: Final = re.compile(r'"lang": "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: what it is in words, and the properties that it sets in the column's description."""

    label: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a person.

    Attributes:
        kind: What it is about: the kind of a doubt, or `base` for the base IRI, which is answered with a text.
        text: The question.
        table: The name of the table; empty for a question about the project.
        column: The header of the column; empty for a question about the table.
        examples: Cells that show it.
        choices: The answers, the last of which leaves the column as text.
        default: The answer to a question that is answered with a text.
    """

    kind: str
    text: str
    table: str = ""
    column: str = ""
    examples: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    default: str = ""


def ask_about(doubt: Doubt, intake: Intake, position: int | None) -> Question:
    """Return the question that a doubt asks, with the choices that fit all cells.

    Args:
        doubt: The doubt.
        intake: The table that it is about.
        position: The position of its column, or None for a doubt about the table.
    """
    table = intake.table
    if position is None:
        keep = Choice("it is a row of the table" if doubt.kind == "total" else "it is right as it is", {})
        leave = (Choice("it is a total: leave it out, and keep it as a note", {"note": True}),) * (
            doubt.kind == "total"
        )
        return Question(doubt.kind, doubt.reason, table.name, "", doubt.examples, (*leave, keep))
    column, cells = table.columns[position], table.cells[str(position)]
    values = values_of(cells, column)
    choices = [
        choice
        for choice in _choices(doubt, column, values)
        if choice.changes.get("datatype") is None or accepts(choice.changes, values)
    ]
    choices.append(Choice("text, as it is written", {}))
    return Question(doubt.kind, doubt.reason, table.name, column.title, doubt.examples, tuple(choices))


def _choices(doubt: Doubt, column: SourceColumn, values: pl.Series) -> Iterator[Choice]:
    if doubt.kind == "date":
        for form in _DATES:
            example = values[0]
            yield Choice(f"dates of the form {form} ({example})", {"datatype": {"base": "date", "format": form}})
        yield Choice("months (xsd:gYearMonth)", {"datatype": "gYearMonth"})
    elif doubt.kind == "number":
        for mark, other in ((".", ","), (",", ".")):
            if not values.str.contains(mark, literal=True).any():
                continue
            name = "point" if mark == "." else "comma"
            decimal: Any = "decimal" if mark == "." else {"base": "decimal", "format": {"decimalChar": ","}}
            yield Choice(f"numbers with a decimal {name}", {"datatype": decimal})
            group = {"base": "integer", "format": {"decimalChar": other, "groupChar": mark}}
            yield Choice(f"whole numbers in which the {name} separates thousands", {"datatype": group})
    elif doubt.kind == "null":
        markers = [m for m in NULL_MARKERS if (values == m).any()]
        rest = values.filter(~values.is_in(markers))
        guess = guess_column(column.title, (column.title,), rest, ",")
        changes: dict[str, Any] = {"null": markers}
        if guess.datatype is not None:
            changes["datatype"] = guess.datatype
        yield Choice(f"{', '.join(map(repr, markers))} means that there is no value", changes)
    elif doubt.kind == "list" and column.maybe_separator:
        mark = exact_separator(values, column.maybe_separator)
        if mark:
            yield Choice(f"lists, separated by {mark!r}", {"separator": mark})
    elif doubt.kind == "language" and (tag := _TAG.search(doubt.hint)):
        yield Choice(f"text in the language {tag[1]!r}", {"lang": tag[1]})


def exact_separator(values: pl.Series, mark: str) -> str:
    """Return the separator of lists with the space that always follows it; the empty text where it does not always.

    Examples:
        >>> exact_separator(pl.Series(["a; b", "c"]), ";"), exact_separator(pl.Series(["a;b; c"]), ";")
        ('; ', '')
    """
    lists = values.filter(values.str.contains(mark, literal=True))
    escaped = re.escape(mark)
    if not lists.str.contains(rf"{escaped}\s|\s{escaped}").any():
        return mark
    spaced = lists.str.contains(
        rf"^(?:[^{escaped}]*[^{escaped}\s])(?:{escaped} [^{escaped}\s](?:[^{escaped}]*[^{escaped}\s])?)*$"
    )
    return f"{mark} " if spaced.all() else ""


def accepts(changes: Mapping[str, Any], values: pl.Series) -> bool:
    """Return whether all values are of the datatype that a description sets."""
    null = [*changes.get("null", ())]
    rest = values.filter(~values.is_in(null)) if null else values
    column = {"name": "v", "titles": "v", **{k: v for k, v in changes.items() if k == "datatype"}}
    document = {"@context": CONTEXT, "url": "v.csv", "tableSchema": {"columns": [column]}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "v.csv"
        path.write_bytes(write_csv(rest.to_frame("v"), ["v"]))
        (Path(folder) / "csv-metadata.json").write_text(json.dumps(document), encoding="utf-8")
        try:
            problems = csvw.check(path)
        except GlocalError:
            return False
    return not any(p.level == "error" for p in problems)


def verify_datatypes(intake: Intake) -> Intake:
    """Return a table in which every cell is of the datatype that was guessed; other columns are text, and a doubt."""
    columns, doubts = list(intake.table.columns), list(intake.doubts)
    for at, column in enumerate(columns):
        if column.datatype is None:
            continue
        values = values_of(intake.table.cells[str(at)], column)
        if not accepts({"datatype": column.datatype}, values):
            columns[at] = replace(column, datatype=None, null=())
            reason, hint = f"is not {column.base} throughout", "correct its cells, or keep it as text"
            doubts.append(Doubt("mixed", reason, hint, column.title, tuple(values.head(3))))
    return replace(intake, table=replace(intake.table, columns=tuple(columns)), doubts=tuple(doubts))


def settle(intake: Intake, answers: Mapping[tuple[str, str], Choice | None]) -> tuple[Intake, list[Doubt]]:
    """Return a table in which questions are answered, and the doubts that stay open.

    Args:
        intake: The table.
        answers: The choices by the header of a column and the kind of a doubt; None leaves a doubt open.
    """
    columns = list(intake.table.columns)
    titles = [c.title for c in columns]
    left: list[Doubt] = []
    for doubt in intake.doubts:
        choice = answers.get((doubt.column, doubt.kind))
        if choice is None:
            left.append(doubt)
            continue
        if doubt.column in titles:
            at = titles.index(doubt.column)
            columns[at] = _change(columns[at], choice.changes)
        elif choice.changes.get("note"):
            intake = replace(intake, table=note_last_row(intake.table))
    return replace(intake, table=replace(intake.table, columns=tuple(columns)), doubts=tuple(left)), left


def note_last_row(table: SourceTable) -> SourceTable:
    """Return a table whose last row is a note."""
    texts = (
        f"{c.title}: {cell.strip()}" for c, cell in zip(table.columns, table.cells.row(-1), strict=True) if cell.strip()
    )
    return replace(table, cells=table.cells[:-1], notes=(*table.notes, ", ".join(texts)))


def _change(column: SourceColumn, changes: Mapping[str, Any]) -> SourceColumn:
    if "datatype" in changes:
        column = replace(column, datatype=changes["datatype"])
    if "null" in changes:
        column = replace(column, null=tuple(changes["null"]))
    if "separator" in changes:
        column = replace(column, separator=str(changes["separator"]), maybe_separator=None)
    if "lang" in changes:
        column = replace(column, lang=str(changes["lang"]))
    return column


def position_of(doubt: Doubt, columns: Sequence[SourceColumn]) -> int | None:
    """Return the position of the column that a doubt is about, or None."""
    return next((i for i, c in enumerate(columns) if c.title == doubt.column), None)
