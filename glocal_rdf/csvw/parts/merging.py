"""Puts the results of the parts of a table together: its problems and accounts, as of one conversion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from glocal_rdf.csvw.accounts import CellCounts, RowCounts, TableAccount, account_for
from glocal_rdf.csvw.parts.key_rows import report_subjects
from glocal_rdf.csvw.parts.part_job import PartResult
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.iri_checks import IriChecks
from glocal_rdf.errors import Problem

__all__ = ["MergedTable", "is_to_be_read_whole", "merge_parts"]


@dataclass(frozen=True)
class MergedTable:
    """A table of which all parts are there."""

    problems: ProblemCollector
    account: TableAccount
    comments: tuple[str, ...] = ()
    sheets: Mapping[str, bool] = field(default_factory=dict)


def is_to_be_read_whole(parts: Sequence[PartResult]) -> bool:
    """Return whether parts do not show what is wrong with a table: one cannot be read, or no record is a row."""
    if len(parts) < 2:
        return False
    read, rows = sum(part.records.read for part in parts), sum(part.rows for part in parts)
    return any(part.error for part in parts) or (read > 0 and rows == 0)


def merge_parts(name: str, place: int, parts: Sequence[PartResult], faults: pl.DataFrame) -> MergedTable:
    """Return what became of a table, by its parts in order.

    Args:
        name: The name of its file.
        place: Its position in the group.
        parts: The results.
        faults: What was found of the keys of all tables; the subjects that rows share are of these.
    """
    problems = ProblemCollector(name)
    first = parts[0]
    if first.error:
        problems.items, problems.fatal = list(first.problems), True
        reason = first.problems[-1].what if first.problems else "cannot be read"
        return MergedTable(problems, TableAccount(name, not_read=reason))
    _merge_problems(problems, parts)
    checks = IriChecks(first.table, problems)
    for part in parts:
        checks.add(part.collected)
    report_subjects(faults, place, checks)
    checks.finish()
    records, cells = RowCounts(), CellCounts()
    for part in parts:
        _add_records(records, part.records)
        _add_cells(cells, part.cells)
    if records.header and not records.read and not problems.failed:
        problems.warning("empty", "has a header and no rows")
    account = account_for(name, first.table, records, cells)
    return MergedTable(problems, account, first.comments, first.sheets)


def _merge_problems(problems: ProblemCollector, parts: Sequence[PartResult]) -> None:
    """Add the problems of all parts in the order of their lines; what is reported once for a column stays once."""
    once: set[tuple[str, str, str, str]] = set()
    found: list[Problem] = []
    counts: dict[tuple[str, str, str], int] = {}
    for part in parts:
        for key, count in part.counts.items():
            counts[key] = counts.get(key, 0) + count
        for problem in part.problems:
            if not problem.row or problem.kind == "prefix":
                known = (problem.kind, problem.column, problem.what, problem.value)
                if known in once:
                    counts[problem.level, problem.kind, problem.column] -= 1
                    continue
                once.add(known)
            found.append(problem)
    listed: dict[tuple[str, str, str], int] = {}
    for problem in sorted(found, key=lambda p: p.row):
        key = (problem.level, problem.kind, problem.column)
        listed[key] = listed.get(key, 0) + 1
        if listed[key] <= ProblemCollector.LIMIT_PER_KIND:
            problems.items.append(problem)
    problems.counts = {key: count for key, count in counts.items() if count > 0}  # type: ignore[misc]


def _add_records(total: RowCounts, part: RowCounts) -> None:
    total.read += part.read
    total.left_out.update(part.left_out)
    total.header += part.header
    total.skipped += part.skipped
    total.comments += part.comments
    total.blank += part.blank


def _add_cells(total: CellCounts, part: CellCounts) -> None:
    total.cells += part.cells
    total.made += part.made
    total.unmade.update(part.unmade)
    total.invalid += part.invalid
    total.lost_rows += part.lost_rows
