"""Makes a project of spreadsheets and other tables, or brings the tables of a project up to date.

1. The tables are extracted, and what is doubtful about them is asked, or stays open (`intake`, `init_questions`).
2. The project is planned: classes, keys, properties, references (`scaffold`).
3. All files are written to a folder beside the place, where the project is built and validated.
4. If that succeeds, the folder takes its place; nothing is written otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glocal_rdf.errors import Problem, ProjectError
from glocal_rdf.operations.init_plan import (
    InitAccount,
    Plan,
    account_for,
    add_notes,
    list_references,
    list_warnings,
    reasons_of,
    settle_lists,
    take_answers,
)
from glocal_rdf.operations.init_questions import verify_datatypes
from glocal_rdf.operations.init_settings import (
    Answer,
    check_keys,
    choose_settings,
    refuse_other_settings,
    with_key,
)
from glocal_rdf.operations.init_staging import check_project, put_in_place, stage, write_files
from glocal_rdf.operations.intake import gather_tables, list_table_files
from glocal_rdf.project import METADATA, PARTS
from glocal_rdf.scaffold.model import OpenQuestion
from glocal_rdf.scaffold.output.description import describe_tables, tables_of
from glocal_rdf.scaffold.output.project import assemble_files

__all__ = ["Answer", "InitAccount", "Initialized", "init_project", "inspect_folder", "refuse_open"]


@dataclass(frozen=True, slots=True)
class Initialized:
    """What was made, or what was changed.

    Attributes:
        folder: The project.
        written: The files that were written, relative to it.
        accounts: What became of each table.
        terms: For each column that got a well-known term: table, column, property and reason.
        references: For each column that refers to a table: table, column, the other table, and whether by its key.
        questions: What is open.
        checks: What the cells decided, and a person should check.
        problems: Warnings about the sources, slugs that collide, and what an update could not do.
        changes: What is new, gone or changed, for an update; empty for a new project.
        failed: Whether an update was not written, because the result would not build and conform.
    """

    folder: Path
    written: tuple[str, ...]
    accounts: tuple[InitAccount, ...] = ()
    terms: tuple[tuple[str, str, str, str], ...] = ()
    references: tuple[tuple[str, str, str, bool], ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    checks: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    changes: tuple[str, ...] = ()
    failed: bool = False


def init_project(
    folder: Path | str,
    sources: Sequence[Path | str],
    *,
    base: str | None = None,
    title: str | None = None,
    languages: Sequence[str] = (),
    keys: Sequence[str] = (),
    license: str | None = None,  # noqa: A002 - the name of the option
    answer: Answer | None = None,
    leave_open: bool = False,
) -> Initialized:
    """Make a project of tables that builds and conforms.

    Args:
        folder: Where the project is made: a folder that is empty or not there yet.
        sources: Files with tables, or folders of such files.
        base: The beginning of the project's IRIs.
        title: The title of the dataset; by default that of the folder.
        languages: The languages of headers and names, that of the headers first.
        keys: The columns that identify rows, as COLUMN or TABLE.COLUMN.
        license: The licence of the data, as an IRI or one of `LICENSES`.
        answer: Answers what is doubtful; without it everything doubtful stays open.
        leave_open: Whether doubts may stay open: columns stay text, and are listed as open decisions.

    Raises:
        InputError: Where a source cannot be read as a table, or a key does not identify the rows.
        ProjectError: Where the folder is neither empty nor a project, or doubts are left and may not stay open.
    """
    target = Path(folder)
    state = inspect_folder(target)
    if state == "project":
        from glocal_rdf.operations.init_update import update_project  # noqa: PLC0415 - only for a second run

        refuse_other_settings(target, base, title, languages, license)
        return update_project(target, sources, keys=keys, answer=answer, leave_open=leave_open)
    if not sources:
        raise ProjectError.at(
            target,
            "there are no tables to make a project of",
            "name files with --from FILE, or give --template documents",
        )
    intakes = gather_tables(list_table_files(map(Path, sources)))
    intakes = [verify_datatypes(with_key(one, keys, intakes)) for one in intakes]
    check_keys(keys, intakes)
    settings, open_base = choose_settings(target, intakes, base, title, languages, license, answer)
    plan = settle_lists(Plan(settings, intakes))
    plan, doubts = take_answers(plan.intakes, settings, answer)
    questions = [*open_base, *plan.questions]
    if not leave_open and (left := [*(str(q) for q in open_base), *map(str, doubts)]):
        refuse_open(target, left, can_ask=answer is not None)
    document = describe_tables(plan.tables, settings)
    document = add_notes(document, plan, doubts, questions)
    return _write(target, document, plan, doubts, questions)


def inspect_folder(folder: Path) -> str:
    """Return whether a folder is "new" (empty or not there) or a "project".

    Raises:
        ProjectError: Where it is neither.
    """
    if not folder.exists():
        if not folder.absolute().parent.is_dir():
            raise ProjectError.at(folder, "its parent folder does not exist", "make the folder above it first")
        return "new"
    if not folder.is_dir():
        raise ProjectError.at(folder, "is a file, not a folder", "name a folder")
    if not any(folder.iterdir()):
        return "new"
    if (folder / METADATA).is_file() and all((folder / part).is_dir() for part in PARTS):
        return "project"
    what = "is neither empty nor a project (with ontology/, shapes/ and data/csv-metadata.json)"
    raise ProjectError.at(folder, what, "name another folder")


def refuse_open(folder: Path, left: Sequence[str], *, can_ask: bool) -> None:
    """Refuse to make a project.

    Args:
        folder: The folder.
        left: Everything that is left open.
        can_ask: Whether it was asked.

    Raises:
        ProjectError: With everything that is left open.
    """
    hint = "" if can_ask else "answer on a terminal, or leave it open with --yes"
    problems = [Problem("to decide", one.rstrip(".")) for one in left]
    count = "1 decision is" if len(left) == 1 else f"{len(left)} decisions are"
    raise ProjectError.of([*problems, Problem(str(folder), f"not written: {count} open", hint)])


def _write(
    target: Path,
    document: dict[str, Any],
    plan: Plan,
    doubts: Sequence[OpenQuestion],
    questions: Sequence[OpenQuestion],
) -> Initialized:
    cells = {str(d["url"]): t.cells for d, t in zip(tables_of(document), plan.tables, strict=True)}
    reasons = reasons_of(document, plan.tables)
    checks = tuple(f"{one.table.source}: {str(d).partition('; ')[0]}" for one in plan.intakes for d in one.checks)
    files = assemble_files(document, cells, reasons, checks)
    with stage(target) as folder:
        write_files(folder, files)
        check_project(folder)
        put_in_place(folder, target)
    return Initialized(
        target,
        tuple(files),
        tuple(account_for(plan.intakes, plan.tables)),
        tuple((t.name, c.title, c.property, c.reason) for t in plan.tables for c in t.columns if c.reason),
        tuple(list_references(plan.tables)),
        (*questions, *doubts),
        checks,
        tuple(list_warnings(plan.intakes, plan.tables)),
    )
