"""Brings the tables of a project up to date with newer spreadsheets, and leaves alone what was edited.

Tables are the same by their name, columns by their header, rows by their key or their names. The shapes stay as they
were, so that they find the slips of the newer tables; where the result does not build and conform, nothing is written.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import polars as pl

from glocal_rdf.errors import GlocalError, InputError, Problem, ProjectError
from glocal_rdf.files import write_bytes
from glocal_rdf.operations import init as first_run
from glocal_rdf.operations.init_plan import Plan, account_for, add_notes, list_warnings, nothing_extracted, take_answers
from glocal_rdf.operations.init_questions import note_last_row, verify_datatypes
from glocal_rdf.operations.init_settings import Answer, with_key
from glocal_rdf.operations.init_staging import check_project, stage, write_files
from glocal_rdf.operations.init_update_files import OldTable, changed_files
from glocal_rdf.operations.intake import Intake, gather_tables, list_table_files
from glocal_rdf.project import Project, read_text
from glocal_rdf.scaffold.model import OpenQuestion, SourceTable, Table
from glocal_rdf.scaffold.output.description import (
    class_of,
    describe_tables,
    full_iri,
    read_settings,
    tables_of,
    text_of,
)
from glocal_rdf.scaffold.output.project import titles_of
from glocal_rdf.scaffold.tables import Known
from glocal_rdf.scaffold.update import (
    as_source,
    compare_columns,
    compare_rows,
    described_columns,
    extend_table,
    is_added,
    list_changed_cells,
    match_slugs,
    read_retired,
    titles,
    with_notes,
    with_retired,
    without_doubts,
)

__all__ = ["update_project"]


def update_project(
    folder: Path,
    sources: Sequence[Path | str],
    *,
    keys: Sequence[str] = (),
    answer: Answer | None = None,
    leave_open: bool = False,
) -> first_run.Initialized:
    """Bring the tables of a project up to date.

    Args:
        folder: The project.
        sources: Files with tables, or folders of such files.
        keys: The columns that identify rows, as COLUMN or TABLE.COLUMN.
        answer: Answers what is doubtful; without it everything doubtful stays open.
        leave_open: Whether doubts may stay open.

    Raises:
        InputError: Where a table cannot be read.
        ProjectError: Where doubts about new columns are left and may not stay open.
    """
    project = Project.open(folder)
    document = _load(project)
    settings = read_settings(document)
    old = [OldTable(dict(table), _read_cells(project, table)) for table in tables_of(document)]
    intakes = gather_tables(list_table_files(map(Path, sources)))
    intakes = [verify_datatypes(with_key(one, keys, intakes)) for one in intakes]
    fresh = _match(old, intakes)
    for one in old if not sources else ():
        # Without newer tables, those of the project itself may have new rows, or newly described columns.
        one.newer, one.is_own = _as_intake(one), True
    every = [_take_over(one) for one in old] + fresh
    knowns = [_known(one) for one in old]
    plan, doubts = take_answers(every, settings, answer, knowns)
    if not leave_open and doubts:
        first_run.refuse_open(folder, [str(d) for d in doubts], can_ask=answer is not None)
    described = describe_tables(plan.tables, settings)
    made = {str(t["url"]): t for t in tables_of(described)}
    tables: list[dict[str, Any]] = []
    cells: dict[str, pl.DataFrame] = {}
    changes: list[str] = []
    problems: list[Problem] = []
    for one, table in zip(old, plan.tables, strict=False):
        updated = one.description
        if one.newer is not None:
            updated = extend_table(one.description, made[_made_url(table)], one.changes)
            updated = with_notes(updated, table.notes, settings.lang)
            frame, found = _fill(updated, one, table, plan.tables)
            problems += found
            rows = compare_rows(_with_keys(one), frame, one.key) if one.key in frame.columns else None
            if rows is not None and one.key and _has_slugs(one):
                retired = (read_retired(one.description) | set(rows.gone)) - set(frame[one.key].to_list())
                if rows.gone or retired != read_retired(one.description):
                    updated = with_retired(updated, retired)
            changes += _describe_changes(one, frame)
            cells[one.url] = frame
        else:
            cells[one.url] = one.cells
        tables.append(updated)
    for table in plan.tables[len(old) :]:
        url = _made_url(table)
        tables.append(made[url])
        cells[url] = table.cells
        changes.append(f"data/{table.name}.csv: is new: {table.cells.height:,} rows")
    result = document | {"tables": tables}
    result = _add_questions(result, plan, doubts, old)
    files = changed_files(project, document, result, cells, old, plan, settings)
    return _put(project, old, cells, files, plan, doubts, changes, problems)


def _made_url(table: Table) -> str:
    return f"{quote(table.name)}.csv"


def _load(project: Project) -> dict[str, Any]:
    _ = project.description  # reports what is not JSON, or not an object
    found: dict[str, Any] = json.loads(read_text(project.metadata))
    return found


def _read_cells(project: Project, table: Mapping[str, Any]) -> pl.DataFrame:
    """Return the cells of a table of the project, by the names of its columns.

    Raises:
        InputError: Where the table cannot be read.
    """
    path = project.root / "data" / unquote(str(table.get("url", "")))
    wanted = titles_of(table)
    try:
        frame = pl.read_csv(path, infer_schema=False).fill_null("")
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError.at(
            path, f"cannot be read ({reason})", "run glocal build, and correct what it reports"
        ) from error
    by_title = {title: str(c["name"]) for c in described_columns(table) for title in titles(c)}
    missing = [title for name, title in wanted.items() if not any(by_title.get(h) == name for h in frame.columns)]
    if missing:
        hint = "run glocal build, and correct what it reports"
        raise InputError.at(path, f"has no column {missing[0]!r}, which is described", hint)
    named = {h: by_title[h] for h in frame.columns if h in by_title}
    return frame.select(list(named)).rename(named)


def _match(old: list[OldTable], intakes: list[Intake]) -> list[Intake]:
    """Give each table of the project the newer one, if there is one; return the tables that are new."""
    fresh = []
    for one in intakes:
        name, source = one.table.name, one.table.source
        same = [o for o in old if o.name.lower() == name.lower()]
        same = same or [o for o in old if text_of(o.description.get("dc:source", "")) == source]
        headers = {c.title for c in one.table.columns}
        if not same and len(intakes) == 1:
            # The same table under another name of its file: parks-2026.xlsx.
            alike = [o for o in old if len(headers & _headers(o)) >= MIN_ALIKE * max(len(headers), len(_headers(o)))]
            same = alike if len(alike) == 1 else []
        if same and same[0].newer is None:
            same[0].newer = one
        else:
            fresh.append(one)
    return fresh


MIN_ALIKE = 0.7
"""Which share of the headers a table under another name must have in common to be the same table."""


def _headers(old: OldTable) -> set[str]:
    return {t for c in described_columns(old.description) if not is_added(c, old.description) for t in titles(c)}


def _has_slugs(old: OldTable) -> bool:
    """Return whether the key of a table is a column of slugs, which its source does not have."""
    if old.newer is not None and not old.is_own and old.key in old.changes.names.values():
        return False
    return any(c.get("name") == old.key and is_added(c, old.description) for c in described_columns(old.description))


def _as_intake(old: OldTable) -> Intake:
    """Return a table of the project as it is, as if it were a newer one."""
    title = text_of(old.description.get("dc:title", old.name))
    return Intake(
        as_source(old.description, old.cells, old.name, title), nothing_extracted(old.name, old.cells), (), ()
    )


def _with_keys(old: OldTable) -> pl.DataFrame:
    """Return the rows of a table that have a key; those that a person added may have none yet."""
    return old.cells.filter(pl.col(old.key).str.strip_chars() != "") if old.key in old.cells.columns else old.cells


def _take_over(old: OldTable) -> Intake:
    """Return the newer table, or the one that the project has, with its columns as they are described."""
    title = text_of(old.description.get("dc:title", old.name))
    if old.newer is None:
        return _as_intake(old)
    source: SourceTable = old.newer.table
    old.changes = compare_columns(old.description, old.cells, source)
    columns = {str(c["name"]): c for c in described_columns(old.description)}
    known = {header: columns[name] for header, name in old.changes.names.items()}
    source = replace(without_doubts(source, known), name=old.name, title=title)
    doubts = tuple(d for d in old.newer.doubts if d.column and d.column not in known)
    for doubt in (d for d in old.newer.doubts if d.kind == "total"):
        noted = {text_of(n.get("rdfs:comment", "")) for n in old.description.get("notes", []) if isinstance(n, dict)}
        without = note_last_row(source)
        if any(one.startswith(without.notes[-1].partition(",")[0]) for one in noted):
            source = without
        elif doubt.examples[0] not in old.cells.row(-1):
            doubts = (*doubts, doubt)
    checks = tuple(d for d in old.newer.checks if d.column and d.column not in known)
    return replace(old.newer, table=source, doubts=doubts, checks=checks)


def _known(old: OldTable) -> Known:
    """Return what is known of a table of the project, for the plan of the newer one."""
    description = old.description
    about = str(description.get("tableSchema", {}).get("aboutUrl", ""))
    segment = re.search(r"/id/(.+)/\{", about)
    names = dict(old.changes.names) if old.newer else {}
    if old.newer is None:
        names = {titles(c)[0]: str(c["name"]) for c in described_columns(description) if not is_added(c, description)}
    slugs: tuple[str | None, ...] = ()
    if _has_slugs(old):
        here = old.newer is None or old.is_own
        slugs = tuple([one.strip() or None for one in old.cells[old.key]] if here else _match_rows(old))
    class_name = class_of(description).rpartition("#")[2].rpartition("/")[2]
    return Known(class_name, segment[1] if segment else "", old.key, names, read_retired(description), slugs)


def _match_rows(old: OldTable) -> list[str | None]:
    """Return the slug of the thing that each row of the newer table is, or None."""
    if old.newer is None:
        return []
    source = old.newer.table
    after = source.cells.select(
        [
            pl.col(str(i)).alias(old.changes.names[c.title])
            for i, c in enumerate(source.columns)
            if c.title in old.changes.names
        ]
    )
    labels = [
        str(c["name"])
        for c in described_columns(old.description)
        if full_iri(str(c.get("propertyUrl", ""))) == full_iri("skos:prefLabel")
    ]
    return match_slugs(old.cells.select(after.columns), old.cells[old.key], labels, after)


def _fill(
    description: Mapping[str, Any], old: OldTable, table: Table, tables: Sequence[Table]
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the cells of an updated table, for each column that is described, and what could not be found."""
    problems: list[Problem] = []
    columns: list[pl.Series] = []
    height = table.cells.height
    targets = {
        key.get("columnReference"): unquote(str(key.get("reference", {}).get("resource", ""))).removesuffix(".csv")
        for key in description.get("tableSchema", {}).get("foreignKeys", [])
    }
    described = described_columns(description)
    for at, column in enumerate(described):
        name = str(column["name"])
        if name in table.cells.columns:
            columns.append(_keep_filled(table.cells[name], old, column))
        elif is_added(column, description) and name in targets:
            target = next((t for t in tables if t.name == targets[name]), None)
            beside = str(described[at - 1]["name"])
            found, unknown = _look_up(table.cells[beside], described[at - 1], target)
            columns.append(_keep_filled(found.alias(name), old, column))
            where = f"data/{old.name}.csv"
            for value in unknown[:20]:
                what = f"{titles(described[at - 1])[0]}: {value!r} is not in {targets[name]}.csv"
                problems.append(Problem(where, what, "correct it, or add it there", "reference", "error", where))
        else:
            columns.append(pl.Series(name, [""] * height, dtype=pl.String))
    return pl.DataFrame(columns), problems


def _keep_filled(cells: pl.Series, old: OldTable, column: Mapping[str, Any]) -> pl.Series:
    """Return the cells of an added column, with what a person filled in where nothing is known."""
    if not old.is_own or not is_added(column, old.description) or cells.name not in old.cells.columns:
        return cells
    return pl.select(pl.when(cells == "").then(old.cells[cells.name]).otherwise(cells).alias(cells.name)).to_series()


def _look_up(cells: pl.Series, column: Mapping[str, Any], target: Table | None) -> tuple[pl.Series, list[str]]:
    """Return the keys for cells of names, blank where there is none, and the names that were not found."""
    known: dict[str, str] = {}
    for label in [c for c in target.columns if c.role == "name"] if target else []:
        if target is not None:
            known |= dict(zip(target.cells[label.name].str.strip_chars(), target.cells[target.key], strict=True))
    mark = column.get("separator")
    unknown: dict[str, None] = {}
    out = []
    for cell in cells.to_list():
        items = [i.strip() for i in (cell.split(mark) if mark else [cell]) if i.strip()]
        unknown |= dict.fromkeys(i for i in items if i not in known)
        out.append((mark or "").join(known[i] for i in items if i in known))
    return pl.Series(cells.name, out, dtype=pl.String), list(unknown)


def _describe_changes(old: OldTable, after: pl.DataFrame) -> list[str]:
    """Return what changed in a table, in words."""
    where = f"data/{old.name}.csv"
    out = [f"{where}: column {title!r} is new" for title in old.changes.new]
    out += [f"{where}: column {old_!r} is called {new!r} now" for old_, new in old.changes.renamed]
    out += [f"{where}: column {title!r} is gone: its cells are empty now" for title in old.changes.gone]
    if old.key not in after.columns:
        return out
    rows = compare_rows(_with_keys(old), after, old.key)
    for what, found in (("new", rows.new), ("gone", rows.gone), ("changed", rows.changed)):
        if found:
            count = "1 row is" if len(found) == 1 else f"{len(found):,} rows are"
            shown = ", ".join(found[:3]) + (" …" if len(found) > 3 else "")
            out.append(f"{where}: {count} {what} ({shown})")
    headers = titles_of(old.description)
    cells = list_changed_cells(_with_keys(old), after, old.key, rows.changed, headers)
    out += (f"{where}: {one}" for one in cells)
    return out


def _add_questions(
    document: dict[str, Any], plan: Plan, doubts: Sequence[OpenQuestion], old: Sequence[OldTable]
) -> dict[str, Any]:
    """Return a document with notes for what is open about new columns and new tables."""
    new = {(one.name, title) for one in old for title in one.changes.new}
    names = {one.name for one in old}
    questions = [q for q in plan.questions if q.table not in names or (q.table, q.column) in new]
    if not questions and not doubts:
        return document
    return add_notes(document, plan, doubts, questions, license_note=False)


def _with_row(problem: Problem, old: Sequence[OldTable], cells: Mapping[str, pl.DataFrame]) -> Problem:
    """Return a problem with the row of the newer table that it is in: its line is one of a file that is not written."""
    one = next((one for one in old if one.newer and f"data/{one.name}.csv" == problem.file), None)
    if one is None or one.newer is None or one.key not in cells[one.url].columns:
        return problem
    keys = cells[one.url][one.key]
    if not 0 <= problem.row - 2 < keys.len():  # the first line is the header
        return problem
    what = f"{problem.what} (in {one.newer.table.source}, in the row of {keys[problem.row - 2]})"
    return replace(problem, what=what)


def _put(
    project: Project,
    old: Sequence[OldTable],
    cells: Mapping[str, pl.DataFrame],
    files: Mapping[str, bytes],
    plan: Plan,
    doubts: Sequence[OpenQuestion],
    changes: Sequence[str],
    problems: Sequence[Problem],
) -> first_run.Initialized:
    """Check the changed project beside its place, and put the files into place if it builds and conforms."""
    made = first_run.Initialized(
        project.root,
        (),
        tuple(account_for(plan.intakes, plan.tables)),
        questions=tuple(doubts),
        problems=(*problems, *list_warnings(plan.intakes, plan.tables)),
        changes=tuple(changes) or (f"made again: {', '.join(files)}" if files else "nothing has changed",),
    )
    if not files:
        return made
    with stage(project.root) as folder:
        copy = folder / "project"
        shutil.copytree(project.root, copy, ignore=shutil.ignore_patterns("build", ".git", ".venv", "releases"))
        write_files(copy, files)
        try:
            check_project(copy)
        except ProjectError as error:
            hint = "correct the tables, or the description and the shapes, and run glocal init again"
            last = Problem(str(project.root), "not updated, since the result does not build and conform", hint)
            found = [_with_row(p, old, cells) for p in error.problems]
            return replace(made, problems=(*problems, *found, last), failed=True)
    before = {path: (project.root / path).read_bytes() for path in files if (project.root / path).is_file()}
    try:
        for path, data in files.items():
            (project.root / path).parent.mkdir(parents=True, exist_ok=True)
            write_bytes(data, project.root / path)
    except (GlocalError, OSError):
        for path, data in before.items():
            (project.root / path).write_bytes(data)
        raise
    return replace(made, written=tuple(files))
