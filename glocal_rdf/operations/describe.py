"""Writes or updates the description of a table (CSV on the Web), and applies decisions about it."""

from __future__ import annotations

import copy
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glocal_rdf.csvw.description.apply import LAYOUT_KINDS, apply_decisions
from glocal_rdf.csvw.description.cells import open_tables, read_cells
from glocal_rdf.csvw.description.checking import check_changes, find_contradictions
from glocal_rdf.csvw.description.columns import is_virtual
from glocal_rdf.csvw.description.decisions import OpenDecision, read_open_decisions
from glocal_rdf.csvw.description.documents import (
    Existing,
    add_table,
    finish,
    guess_anew,
    locate_description,
    missing_description,
    set_encoding,
    split_source,
    take_over,
    write_text,
)
from glocal_rdf.csvw.description.given_decisions import REFUSED, Decisions, Draft
from glocal_rdf.csvw.description.summary import ColumnSummary, summarize
from glocal_rdf.csvw.description.updating import Update, update_columns
from glocal_rdf.csvw.frictionless.packages import find_table_schema
from glocal_rdf.csvw.frictionless.translation import apply_table_schema
from glocal_rdf.csvw.metadata.vocabulary import expand_term
from glocal_rdf.errors import GlocalError, InputError, OutputError, Problem
from glocal_rdf.files import open_input
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.operations.prefixes import read_prefixes

if TYPE_CHECKING:
    import polars as pl

    from glocal_rdf.csvw import Description

__all__ = [
    "REFUSED",
    "Decisions",
    "TableDescription",
    "describe",
    "list_decisions",
    "list_options",
    "list_suggestions",
    "to_record",
]


@dataclass(frozen=True)
class TableDescription:
    """The description of a table as it is to be written, and what was found and done.

    Attributes:
        path: The file that it belongs in.
        text: Its JSON; what did not change is as it was in the file.
        document: The same, parsed.
        file: The name of the table's file.
        rows: The number of rows.
        columns: A summary of each column.
        key: The columns that identify a row.
        classes: The classes of the things that the rows describe.
        decisions: The open decisions about the table.
        decided: What was decided in this run: column (empty for the table) and decision.
        update: What became of the columns of a description that was there before.
        problems: Errors of cells that are not as described, and warnings.
        created: Whether there was no description before.
        changed: Whether the text differs from that of the file.
        url: The `url` of the table in the description.
        schema: The schema of the table.
        cells: The cells of the table as text, in columns named "0", "1", ….
        before: The document as the file has it; None where there is none.
        guess: The guess, where there was no description before.
    """

    path: Path
    text: str
    document: dict[str, Any]
    file: str
    rows: int
    columns: tuple[ColumnSummary, ...]
    key: tuple[str, ...]
    classes: tuple[str, ...]
    decisions: tuple[OpenDecision, ...]
    decided: tuple[tuple[str, str], ...]
    update: Update
    problems: tuple[Problem, ...]
    created: bool
    changed: bool
    url: str
    schema: dict[str, Any] = field(repr=False)
    cells: pl.DataFrame = field(repr=False)
    before: dict[str, Any] | None = field(default=None, repr=False)
    guess: Description | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are errors: cells that are not as described."""
        return tuple(p for p in self.problems if p.level == "error")


def describe(
    source: str | Path,
    decisions: Decisions | None = None,
    *,
    output: str | Path | None = None,
    force: bool = False,
) -> TableDescription:
    """Describe a table, or bring the description that it has up to date, and apply decisions; nothing is written.

    Args:
        source: The table: CSV, TSV, a spreadsheet (`book.xlsx#sheet=NAME`) or Parquet. A new description takes what a
            Frictionless Table Schema beside the file says (`datapackage.json`).
        decisions: What was decided about it.
        output: The file of the description: it is updated if it describes the table, and the table is added, as it is
            described by now, if it describes others. By default the one that the table has, or `FILE-metadata.json`.
        force: Whether the table is described anew, and what was written about it by hand is lost.

    Raises:
        TableError: Where cells contradict a decision, columns are gone, or the file is not a table.
        InputError: Where the file is missing, or a decision names a column, prefix, datatype or format that is not one.
        OutputError: Where `output` is not a description, and `force` is not given.

    Examples:
        >>> found = describe("data/cities.csv", Decisions(dates={"founded": "dd.MM.yyyy"}))  # doctest: +SKIP
        >>> found.columns[3].datatype, found.columns[3].form  # doctest: +SKIP
        ('date', 'dd.MM.yyyy')
    """
    given = Decisions() if decisions is None else decisions
    table, fragment = split_source(source)
    open_input(table).close()
    prefixes = read_prefixes(table)
    existing = _locate(table, fragment, None if output is None else Path(output), prefixes, force=force)
    guess, before = None, None
    if existing.document is None or existing.place is None or force:
        before = take_over(table, fragment, prefixes) if output is not None and not force else None
        if before is None:
            guess = guess_anew(table, fragment, given.encoding)
            document, place = add_table(existing, table, guess.document)
        else:
            document, place = add_table(existing, table, before[1])
    else:
        document, place = existing.document, existing.place
        document = set_encoding(document, place, given.encoding) if given.encoding else document
    job = open_tables(existing.where, document, prefixes=prefixes)
    draft = Draft.of(existing.where, document, place, read_cells(job, place), job, prefixes)
    if before is not None and before[0].name == f"{table.name}-metadata.json":
        what = f"is described in {before[0]} too, which is found first; what it says is taken over"
        draft.warn(what, "remove that file, so that there is one description")
    shared = table.with_name("csv-metadata.json")
    if output is None and existing.document is None and shared.is_file():
        draft.warn(f"is described beside {shared}, which describes other tables", f"add it to them with -o {shared}")
    update = update_columns(draft, given)
    if guess is not None:
        _apply_table_schema(draft, table, given)
    apply_decisions(draft, given)
    now = check_changes(draft)
    document = finish(draft, document)
    text = write_text(existing, document)
    decided = tuple(("" if c.column is None else draft.name_of(c.column), c.text) for c in draft.changes)
    open_decisions = tuple(d for d in read_open_decisions(document) if d.place[0] == place)
    problems = (*draft.cells.problems, *find_contradictions(draft, now), *draft.warnings)
    key = draft.schema.get("primaryKey", [])
    return TableDescription(
        existing.path,
        text,
        document,
        draft.cells.file,
        draft.cells.height,
        tuple(summarize(draft, now, open_decisions, suggest=guess is None)),
        tuple(key) if isinstance(key, list) else (key,),
        tuple(_classes(draft)),
        open_decisions,
        decided,
        update,
        problems,
        existing.document is None,
        text != existing.text,
        draft.url,
        draft.schema,
        draft.cells.batch.cells,
        existing.document,
        guess,
    )


def _locate(table: Path, fragment: str, output: Path | None, prefixes: Mapping[str, str], *, force: bool) -> Existing:
    """Return the description to update. With `force`, a JSON file that is not a description is written anew."""
    try:
        existing = locate_description(table, fragment, output, prefixes=prefixes)
    except OutputError:
        path = output or table.with_name(f"{table.name}-metadata.json")
        same = table.exists() and path.exists() and path.samefile(table)
        if not force or same or not path.name.lower().endswith((".json", ".jsonld", ".csvm")):
            raise
        return missing_description(path, table)
    except InputError:
        if not force:
            raise
        return missing_description(output or table.with_name(f"{table.name}-metadata.json"), table)
    if output is None and existing.document is not None and existing.place is None and not force:
        what = f"is there already, and does not describe {table.name}"
        raise OutputError.at(existing.path, what, "name another file with -o, or overwrite it with --force")
    if force and output is None and existing.place is None:
        return missing_description(existing.path, table)
    return existing


def _apply_table_schema(draft: Draft, table: Path, given: Decisions) -> None:
    """Apply the Table Schema that is beside a new table, if any; what a person decides comes after it."""
    found, problems = find_table_schema(table, [" ".join(titles) for titles in draft.cells.titles])
    draft.warnings += problems
    if found is None:
        return
    left = apply_table_schema(draft, found)
    wanted = [] if given.key or not left.key else [Decisions(key=left.key)]
    wanted += [Decisions(references={c: t}) for c, t in left.references.items() if c not in given.references]
    for decision in wanted:
        trial = replace(draft, document=copy.deepcopy(draft.document), changes=[], warnings=[])
        try:
            apply_decisions(trial, decision)
            check_changes(trial)
        except GlocalError as error:
            draft.warnings += [replace(p, kind="frictionless") for p in error.problems]
            continue
        draft.document = trial.document
        draft.changes += trial.changes
        draft.warnings += trial.warnings


def _classes(draft: Draft) -> Iterator[str]:
    """Yield the classes of the things of the rows, as they are written."""
    for column in draft.columns:
        name = str(column.get("propertyUrl", ""))
        if is_virtual(column) and f"<{expand_term(name, draft.prefixes) or name}>" == RDF_TYPE:
            yield str(column.get("valueUrl", ""))


def to_record(described: TableDescription) -> dict[str, Any]:
    """Return a description with its summary as a JSON object."""
    columns = []
    for column in described.columns:
        record = asdict(column)
        record["decisions"] = [_decision(d) for d in column.decisions]
        columns.append(record)
    update = described.update
    return {
        "path": str(described.path),
        "file": described.file,
        "rows": described.rows,
        "created": described.created,
        "changed": described.changed,
        "key": list(described.key),
        "classes": list(described.classes),
        "columns": columns,
        "decisions": [_decision(d) for d in described.decisions],
        "decided": [{"column": column, "decision": text} for column, text in described.decided],
        "added": list(update.added),
        "renamed": [{"column": column, "header": header} for column, header in update.renamed],
        "dropped": list(update.dropped),
        "problems": [asdict(problem) for problem in described.problems],
        "description": described.document,
    }


def _decision(decision: OpenDecision) -> dict[str, Any]:
    return {
        "column": decision.column,
        "kind": decision.kind,
        "reason": decision.reason,
        "hint": decision.hint,
        "examples": list(decision.examples),
        "options": list(list_options(decision)),
    }


def list_suggestions(described: TableDescription) -> Iterator[str]:
    """Yield a line for each column whose cells all have a datatype that the description does not have."""
    for column in described.columns:
        if column.suggestion:
            name, option = shlex.quote(column.name), shlex.quote(f"{column.name}={column.suggestion}")
            fact = f"{column.name} has no datatype, and all its cells are {column.suggestion}"
            yield f"{fact}: --datatype {option} or --text {name}"


def list_decisions(described: TableDescription) -> Iterator[Problem]:
    """Yield a warning for each open decision about a table, with the options of the command that take it."""
    for decision in described.decisions:
        *others, last = list_options(decision) or ("",)
        choices = f"decide with {', '.join(others)} or {last}" if others else f"decide with {last}" if last else ""
        subject = f"{decision.shown_column}: " if decision.column else ""
        problem = decision.as_problem(described.file)
        what = f"{subject}{problem.what.partition(': to decide: ')[2]}"
        by_hand = decision.hint.startswith(('set "', 'add "'))
        hint = decision.hint if not choices else f"{decision.hint}, or {choices}"
        hint = choices if choices and (by_hand or not decision.hint) else hint
        yield replace(problem, what=what, hint=hint)


def list_options(decision: OpenDecision) -> tuple[str, ...]:
    """Return the options of `glocal describe` by which an open decision can be taken, as a shell takes them.

    Examples:
        >>> list_options(OpenDecision("t.csv", "net", "list", "looks like lists separated by ';'"))
        ("--list 'net=;'", '--text net')
        >>> list_options(OpenDecision("t.csv", "net", "list", "looks like lists separated by ';'", "", ("a; b",)))
        ("--list 'net=; '", '--text net')
    """
    column = decision.column
    if not column:
        return ("--accept-layout",) if decision.kind in LAYOUT_KINDS else ()
    found: list[str] = []
    match decision.kind:
        case "date" | "time":
            forms = re.search(r"\(([^() ]+) or ([^() ]+)\)", decision.reason)
            wanted = forms.groups() if forms else ("FORMAT",)
            found = [f"--date {shlex.quote(f'{column}={form}')}" for form in wanted]
        case "number":
            mark = next((m for m in ",." if decision.examples and all(m in e for e in decision.examples)), "")
            if mark:
                decimal = f"{column}=decimal" + ("" if mark == "." else f":{mark}")
                found = [f"--datatype {shlex.quote(t)}" for t in (decimal, f"{column}=integer:{mark}")]
        case "list":
            named = re.search(r"(?:separated by '|\"separator\": \")(.)", f"{decision.reason} {decision.hint}")
            mark = named[1] if named else "MARK"
            shown = "".join(decision.examples)
            mark += " " if mark in shown and shown.count(mark) == shown.count(f"{mark} ") else ""
            found = [f"--list {shlex.quote(f'{column}={mark}')}"]
        case "null":
            if not decision.requires:
                return (f"--accept {shlex.quote(column)}",)
            found = [f"--null {shlex.quote(f'{column}={word}')}" for word in decision.examples[:1]]
            return (*found, f"--accept {shlex.quote(column)}")
        case "language":
            tag = re.search(r'"lang": "([^"]+)"', decision.hint)
            wanted = (tag[1] if tag else "TAG",)
            return (f"--lang {shlex.quote(f'{column}={wanted[0]}')}", f"--accept {shlex.quote(column)}")
        case "mixed":
            found = [f"--null {shlex.quote(f'{column}={word}')}" for word in decision.examples[:1]]
        case "code":
            return (f"--text {shlex.quote(column)}", f"--datatype {shlex.quote(f'{column}=integer')}")
        case "boolean":
            found = [f"--datatype {shlex.quote(f'{column}=boolean:YES|NO')}"]
        case "":
            return (f"--accept {shlex.quote(column)}",)
    return (*found, f"--text {shlex.quote(column)}")
