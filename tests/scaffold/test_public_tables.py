"""Excerpts of real public tables become projects at once: no row is lost, and no cell is altered."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT
from workbooks import read_table

from glocal_rdf import Project, build, init_project, validate
from glocal_rdf.csvw.guess.extraction import extract_tables

TABLES = sorted((ROOT / "benchmarks" / "describing").glob("*/table.*"))

pytestmark = pytest.mark.rebuild


def read_source(path: Path) -> list[tuple[str, ...]]:
    """Read a delimited file with Python's own reader: all its rows with a cell, without white space around them."""
    [found] = extract_tables(path)
    layout = found.layout
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    quoting = csv.QUOTE_NONE if layout.quote is None else csv.QUOTE_MINIMAL
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file, delimiter=layout.delimiter, quotechar=layout.quote or '"', quoting=quoting)
        return [tuple(cell.strip() for cell in row) for row in rows if any(cell.strip() for cell in row)]


@pytest.mark.slow
@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parent.name)
def test_it_becomes_a_project_that_conforms(path: Path, tmp_path: Path) -> None:
    made = init_project(tmp_path / "p", [path], base="https://data.example.org/", leave_open=True)
    [account] = made.accounts
    assert account.read == account.written
    built = build(Project.open(tmp_path / "p"))
    assert f"rows: {account.written} read, {account.written} converted" in built.conversion.accounts.describe()
    assert validate(built).conforms
    assert [one for one in built.problems if "to decide" not in str(one)] == []
    if path.suffix in {".xlsx", ".ods"}:
        return
    rows = read_table(tmp_path / "p" / "data" / f"{account.table}.csv")
    assert len(rows) == account.written
    source = Counter(frozenset(Counter(c for c in row if c).items()) for row in read_source(path))
    added = {c for c in rows[0] if c.endswith("_id") or c == account.key} - set(made_titles(path))
    for row in rows:
        cells = frozenset(Counter(v.strip() for k, v in row.items() if k not in added and v.strip()).items())
        assert source[cells] > 0, row
        source[cells] -= 1


def made_titles(path: Path) -> list[str]:
    return [guess.title for guess in extract_tables(path)[0].columns]
