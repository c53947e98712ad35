"""Checks that all cells of a table fit a description that was changed, before it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glocal_rdf.csvw.description.cells import first_errors, open_tables
from glocal_rdf.csvw.description.given_decisions import REFUSED, Change, Draft
from glocal_rdf.csvw.description.references import check_primary, check_reference
from glocal_rdf.csvw.engine import Job
from glocal_rdf.csvw.metadata.model import Column
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.errors import Problem, TableError

__all__ = ["check_changes", "find_contradictions"]

MAX_SHOWN = 5
"""How many cells that contradict a decision are listed."""

_PLACE = re.compile(r"\[[0-9]+\]")
_BY_CELLS = frozenset({"datatype", "separator", "null", "primaryKey"})


def check_changes(draft: Draft) -> Job:
    """Check the changes of a draft against all cells; return the tables as they are described now.

    Raises:
        TableError: With the first cells that contradict each decision, or what is wrong with the description.
    """
    job = open_tables(draft.where, draft.document, prefixes=draft.prefixes)
    before = {_PLACE.sub("[]", p.what) for p in draft.job.metadata_problems.items}
    after = [p for p in job.metadata_problems.items if _PLACE.sub("[]", p.what) not in before]
    if after:
        raise TableError(*after)
    columns = {c.number - 1: c for c in job.group.tables[draft.place].schema.columns}
    refused = [p for change in draft.changes for p in _contradictions(draft, job, change, columns)]
    if refused:
        raise TableError(*refused)
    return job


def find_contradictions(draft: Draft, job: Job) -> tuple[Problem, ...]:
    """Return an error for the first cells of each column that are not as the column is described."""
    found: list[Problem] = []
    width = draft.cells.batch.cells.width
    for column in job.group.tables[draft.place].schema.columns:
        if not column.virtual and column.number <= width:
            problems = ProblemCollector(draft.cells.file)
            draft.cells.parse(column, problems)
            errors, count = first_errors(problems, MAX_SHOWN)
            found += errors
            if count > len(errors):
                what = f"{column.name}: and {count - len(errors):,} more like these"
                found.append(Problem(draft.cells.file, what, file=draft.cells.file, column=column.name))
    return tuple(found)


def _contradictions(draft: Draft, job: Job, change: Change, columns: dict[int, Column]) -> Iterator[Problem]:
    """Yield the first cells that contradict a change, and a last line that names it."""
    if change.column is None or change.column not in columns:
        return
    column = columns[change.column]
    problems = ProblemCollector(draft.cells.file)
    table = job.group.tables[draft.place]
    if _BY_CELLS & {*change.properties}:
        draft.cells.parse(column, problems)
        if "separator" in change.properties:
            _check_separator(draft, change.column, column, problems)
    if "primaryKey" in change.properties and not problems.failed:
        check_primary(table, draft.cells, problems)
    if "foreignKeys" in change.properties:
        for key in table.schema.foreign_keys:
            if key.columns == (column.name,):
                check_reference(job, draft.place, draft.cells, key, problems)
    errors, count = first_errors(problems, MAX_SHOWN)
    if not errors:
        return
    file = draft.cells.file
    for error in errors:
        yield Problem(
            error.where, error.what, error.hint, REFUSED, file=error.file, row=error.row, column=error.column,
            value=error.value,
        )  # fmt: skip
    cells = f"{'1 cell' if count == 1 else f'{count:,} cells'} of {draft.cells.height:,}"
    cells = "the cells" if errors[-1].kind == "separator" else cells
    what = f"{draft.name_of(change.column)}: {change.text} does not fit {cells}"
    yield Problem(file, what, "nothing was written", REFUSED, file=file, column=column.name)


def _check_separator(draft: Draft, place: int, column: Column, problems: ProblemCollector) -> None:
    """Report a separator that no cell has, and warn of one that leaves white space at the items."""
    mark = column.inherited.separator or ""
    cells = draft.cells.column(place)
    found = cells.filter(cells.str.contains(mark, literal=True))
    if found.is_empty():
        hint = "name the mark that stands between the items"
        problems.error("separator", f"no cell has {mark!r}", hint, column=column.name)
        return
    if column.inherited.datatype.base not in {"string", "anyAtomicType", "any"}:
        return
    items = found.str.split(mark).list.explode()
    spaced = items.filter(items != items.str.strip_chars())
    if not spaced.is_empty():
        what = f"{column.name}: {spaced.len():,} items begin or end with a space, which is part of them"
        hint = f"name the space too (--list '{column.name}={mark} '), or take the spaces out of the cells"
        draft.warn(what, hint, column.name)
