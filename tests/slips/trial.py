"""Makes slips in a copy of a project and asks validation which it catches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from glocal_rdf.dataset import Build
from glocal_rdf.errors import TableError
from glocal_rdf.namespaces import OWL, term
from glocal_rdf.operations.build import build
from glocal_rdf.operations.validate import ValidationOptions, validate_build
from glocal_rdf.project import Project
from slips.kinds import KINDS, Slip, make_random_slips, make_slips
from slips.tables import Tables, read_tables

__all__ = ["Trial", "try_slips"]

ID = "https://w3id.org/glocal/id/"
ROWS_OF_A_TABLE = 20
"""Of how many rows of a table one may have a slip at a time, so that slips do not hide one another."""
SMALL_TABLE = 6
"""How many slips a smaller table may have at a time."""


@dataclass(frozen=True)
class Trial:
    """A slip, and whether it was caught."""

    slip: Slip
    caught: bool


Finding = tuple[str, str, str, str]
"""A result: focus node, shape, path and value."""


def try_slips(
    root: Path, documents: Path, seed: int, *, each: int = 0, kinds: Iterable[str] = KINDS, anywhere: int = 0
) -> Iterator[Trial]:
    """Make slips in a copy of a project, some at a time, and yield which were caught.

    Args:
        root: The copy; its tables are as they were afterwards.
        documents: The folder of the documents.
        seed: Where choices come from.
        each: How many slips of each kind.
        kinds: The kinds.
        anywhere: How many slips in rows at random, each of a kind that is possible there.
    """
    tables = read_tables(root)
    random = Random(seed)
    known, taken = _validate(root, documents, tables)
    waiting = [slip for kind in kinds for slip in make_slips(tables, kind, each, random, taken)] if each else []
    waiting += make_random_slips(tables, anywhere, random, taken)
    random.shuffle(waiting)
    # What passes beside other slips may be hidden by them, where a person makes one at a time: it is tried again beside
    # others that passed, and then alone.
    for alone in (False, False, True):
        passed: list[Slip] = []
        while waiting:
            batch = waiting[:1] if alone else _take_batch(tables, waiting)
            waiting = [slip for slip in waiting if slip not in batch]
            for trial in _try_batch(root, documents, tables, batch, known):
                if trial.caught or alone:
                    yield trial
                else:
                    passed.append(trial.slip)
        waiting = passed


def _take_batch(tables: Tables, waiting: Sequence[Slip]) -> list[Slip]:
    left = {name: max(SMALL_TABLE, len(table.rows) // ROWS_OF_A_TABLE) for name, table in tables.items()}
    batch = []
    for slip in waiting:
        if left[slip.table]:
            left[slip.table] -= 1
            batch.append(slip)
    return batch


def _try_batch(
    root: Path, documents: Path, tables: Tables, batch: list[Slip], known: frozenset[Finding]
) -> Iterator[Trial]:
    """Try slips together; those that the description of a table catches are taken back, so that the others are seen."""
    names = {slip.table for slip in batch}
    open_slips = list(batch)
    try:
        for slip in batch:
            tables[slip.table].rows[slip.row].update(slip.changes)
        while True:
            tables.write(names)
            try:
                _, rows = _validate(root, documents, tables, known)
            except TableError as error:
                refused = {(_name(problem.file), problem.row) for problem in error.problems}
                caught = [slip for slip in open_slips if (slip.table, tables[slip.table].line(slip.row)) in refused]
                if not caught:
                    raise
                for slip in caught:
                    tables[slip.table].rows[slip.row].update(slip.before)
                    open_slips.remove(slip)
                    yield Trial(slip, caught=True)
                continue
            for slip in open_slips:
                yield Trial(slip, caught=(slip.table, slip.row) in rows)
            return
    finally:
        for slip in batch:
            tables[slip.table].rows[slip.row].update(slip.before)
        tables.write(names)


def _validate(
    root: Path, documents: Path, tables: Tables, known: frozenset[Finding] = frozenset()
) -> tuple[frozenset[Finding], set[tuple[str, int]]]:
    """Validate the project: its findings, and the rows, by table and position, that those not yet known are about."""
    built = build(Project.open(root))
    report = validate_build(built, ValidationOptions(), source_graphs=True, documents=documents)
    lines = {(name, table.line(at)): at for name, table in tables.items() for at in range(len(table.rows))}
    ids = {(name, row[table.columns[0]]): at for name, table in tables.items() for at, row in enumerate(table.rows)}
    linked = _find_link_rows(built, tables)
    findings: set[Finding] = set()
    rows: set[tuple[str, int]] = set()
    for number, result in enumerate(report.results):
        finding = (result.focus, result.shape, str(result.path or ""), str(result.value or ""))
        findings.add(finding)
        if finding in known:
            continue
        rows |= linked.get(result.focus, set())
        focus = result.focus.strip("<>").removeprefix(ID)
        rows |= {(name, ids[name, one]) for name in tables for one in (focus, f"glocal:{focus}") if (name, one) in ids}
        for place in report.locations.get(number, ()):
            name = _name(place.file)
            if (name, place.row) in lines:
                rows.add((name, lines[name, place.row]))
    return frozenset(findings), rows


def _find_link_rows(built: Build, tables: Tables) -> dict[str, set[tuple[str, int]]]:
    """Return the rows of the tables of links by the mapping that each is."""
    of = {
        name: dict(built.stated.match(predicate=term(OWL, name)).frame.select("subject", "object").iter_rows())
        for name in ("annotatedSource", "annotatedTarget")
    }
    rows: dict[str, set[tuple[str, int]]] = {}
    for mapping, source in of["annotatedSource"].items():
        target = of["annotatedTarget"].get(mapping, "")
        for name in tables:
            if name.startswith("links/"):
                for at, row in enumerate(tables[name].rows):
                    ours, theirs = row["subject_id"].partition(":")[2], row["object_id"].partition(":")[2]
                    if source == f"<{ID}{ours}>" and target.endswith(f"{theirs}>"):
                        rows.setdefault(mapping, set()).add((name, at))
    return rows


def _name(file: str) -> str:
    """Return the name of a table by its file."""
    path = Path(file)
    return f"links/{path.name.partition('.')[0]}" if path.name.endswith(".sssom.tsv") else path.stem
