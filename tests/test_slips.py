"""Slips of the hand in the tables are caught by validation with the documents; `python -m slips` measures more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from conftest import ROOT
from slips.kinds import KINDS, make_slips
from slips.tables import read_tables
from slips.trial import Trial, try_slips


def list_missed(trials: list[Trial]) -> list[str]:
    return [str(trial.slip) for trial in trials if not trial.caught]


@pytest.mark.slow
def test_each_kind_changes_a_row_and_nothing_else() -> None:
    tables = read_tables(ROOT)
    before = {name: [dict(row) for row in table.rows] for name, table in tables.items()}
    for kind in KINDS:
        slips = list(make_slips(tables, kind, 3, Random(1), set()))
        assert len({(slip.table, slip.row) for slip in slips}) == 3, kind
        for slip in slips:
            row = tables[slip.table].rows[slip.row]
            assert slip.about == next(iter(row.values()))
            assert all(row[name] == old for name, old in slip.before.items())
            assert slip.changes != slip.before
    assert before == {name: table.rows for name, table in tables.items()}


def test_tables_are_written_as_they_were_read(copy: Path) -> None:
    tables = read_tables(copy)
    before = {name: table.file.read_bytes() for name, table in tables.items()}
    tables.write(tables)
    assert before == {name: table.file.read_bytes() for name, table in tables.items()}


@pytest.mark.slow
@pytest.mark.rebuild
def test_few_slips_of_a_sample_pass(copy: Path, documents: Path) -> None:
    trials = list(try_slips(copy, documents, seed=1, each=2))
    assert len(list_missed(trials)) <= 3, list_missed(trials)


@pytest.mark.long
@pytest.mark.rebuild
@pytest.mark.timeout(1800)
def test_98_of_100_slips_are_caught(copy: Path, documents: Path) -> None:
    anywhere = list(try_slips(copy, documents, seed=1, anywhere=150))
    assert len(list_missed(anywhere)) <= 0.02 * len(anywhere), list_missed(anywhere)
    by_kind = list(try_slips(copy, documents, seed=2, each=10))
    missed = Counter(trial.slip.kind for trial in by_kind if not trial.caught)
    assert sum(missed.values()) <= 0.02 * len(by_kind), list_missed(by_kind)
    assert {kind: number for kind, number in missed.items() if number > 3} == {}
