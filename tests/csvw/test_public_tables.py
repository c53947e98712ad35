"""Public tables: each column gets the datatype that a careful person gives, and no value changes.

The tables are those of `benchmarks/describing`, the answers stand beside them. Values are read a second time with
Python's `csv`, `decimal` and `datetime`.
"""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import io
import json
import random
import re
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rdflib import Literal, URIRef

from glocal_rdf import csvw

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@cache
def benchmark() -> ModuleType:
    """Return the script that compares, as a module."""
    spec = importlib.util.spec_from_file_location("describing", BENCHMARKS / "describing.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["describing"] = module
    spec.loader.exec_module(module)
    return module


CODECS = {"windows-1252": "cp1252", "big5": "cp950", "shift_jis": "cp932", "euc-kr": "cp949"}
CASES = benchmark().read_cases()
DELIMITED = [c for c in CASES if c.path.suffix not in {".xlsx", ".ods"}]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
delimited_case = pytest.mark.parametrize("case", DELIMITED, ids=lambda c: c.name)


@cache
def described(path: Path) -> csvw.Description:
    return csvw.describe(path)


def read_rows(path: Path, layout: Any) -> tuple[list[list[str]], list[list[str]], str]:
    """Return the rows up to the header and those below it, as Python's `csv` reads them, and the encoding."""
    encoding = CODECS.get(layout.encoding, "utf-8-sig")
    text = path.read_bytes().decode(encoding)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter))
    start = layout.preamble + layout.header_rows
    return rows[:start], rows[start:], encoding


@every_case
def test_a_column_gets_the_datatype_that_a_careful_person_gives(case: Any) -> None:
    verdicts = benchmark().judge(case, benchmark().describe_ours(case.path), ours=True)
    assert [v for v in verdicts if v.outcome != "right"] == []
    titles = [" ".join(g.titles) for g in described(case.path).columns]
    assert titles == [a["title"].strip() for a in case.columns]


@every_case
def test_the_description_reads_every_row(case: Any) -> None:
    found = described(case.path)
    assert found.rows == case.rows
    problems = csvw.check(case.path, metadata=found.document)
    assert [p for p in problems if p.level == "error"] == []
    result = csvw.convert(case.path, metadata=found.document)
    assert result.accounts.total.converted == case.rows


@delimited_case
def test_no_value_changes(case: Any) -> None:
    found = described(case.path)
    document = json.loads(json.dumps(found.document))
    document["tableSchema"]["aboutUrl"] = "http://example.org/{_row}"
    for number, column in enumerate(document["tableSchema"]["columns"], 1):
        column["propertyUrl"] = f"http://example.org/column/{number}"
    graph = csvw.convert(case.path, metadata=document).triples.to_rdflib()
    _, rows, _ = read_rows(case.path, found.layout)
    assert len(rows) == found.rows
    expected = set()
    for number, row in enumerate(rows, 1):
        for at, cell in enumerate(row, 1):
            if (value := read_value(cell, found.columns[at - 1])) is not None:
                expected.add((str(number), str(at), value))
    got = {(s.rpartition("/")[2], p.rpartition("/")[2], value_of(o)) for s, p, o in graph}
    assert got == expected


def value_of(term: Any) -> Any:
    """Return what a term stands for."""
    if isinstance(term, URIRef):
        return str(term)
    assert isinstance(term, Literal)
    kind = (term.datatype or "string").rpartition("#")[2]
    if kind in {"integer", "decimal"}:
        return Decimal(str(term))
    return {"true": True, "false": False}[str(term)] if kind == "boolean" else str(term)


def read_value(cell: str, guess: csvw.Guess) -> Any:
    """Return the value of a cell as the description says, without the code that converts it; None for none.

    White space around a cell is trimmed (Model for Tabular Data, section 8).
    """
    datatype, cell = guess.datatype, cell.strip()
    if datatype is None:
        return cell or None
    if not cell or cell in guess.null:
        return None
    base, form = (datatype["base"], datatype.get("format")) if isinstance(datatype, dict) else (datatype, None)
    if base in {"integer", "decimal"}:
        marks = form if isinstance(form, dict) else {}
        number = cell.replace(marks.get("groupChar", "\0"), "").replace(marks.get("decimalChar", "."), ".")
        return Decimal(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    if base == "boolean":
        words = (form or "true|false").split("|")
        return words.index(cell) == 0
    if form is None or base not in {"date", "dateTime", "time"}:
        return cell
    code = re.sub(
        "yyyy|M+|d+|H+|m+|s+", lambda m: "%" + {"y": "Y", "m": "M", "M": "m", "s": "S"}.get(m[0][0], m[0][0]), form
    )
    value = dt.datetime.strptime(cell, code)
    return {"date": value.date().isoformat(), "time": value.time().isoformat(), "dateTime": value.isoformat()}[base]


# --- the same tables with their rows in another order, with few rows, and with a column of blank cells


def write_variant(folder: Path, case: Any, rows: list[list[str]]) -> Path:
    layout = described(case.path).layout
    head, _, encoding = read_rows(case.path, layout)
    out = io.StringIO()
    csv.writer(out, delimiter=layout.delimiter, lineterminator="\n").writerows([*head, *rows])
    path = folder / case.path.name
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def signature(guess: csvw.Guess) -> tuple[Any, ...]:
    return guess.name, guess.datatype, set(guess.null), guess.language, sorted(d.kind for d in guess.doubts)


@pytest.mark.slow
@delimited_case
def test_the_order_of_rows_does_not_matter(case: Any, tmp_path: Path) -> None:
    found = described(case.path)
    _, rows, _ = read_rows(case.path, found.layout)
    random.Random(case.name).shuffle(rows)
    again = csvw.describe(write_variant(tmp_path, case, rows))
    assert list(map(signature, again.columns)) == list(map(signature, found.columns))


@pytest.mark.slow
@delimited_case
@pytest.mark.parametrize("count", [1, 2])
def test_few_rows_are_not_read_otherwise_than_the_whole_table(case: Any, count: int, tmp_path: Path) -> None:
    found = described(case.path)
    head, rows, _ = read_rows(case.path, found.layout)
    for start in range(0, len(rows) - count + 1, count):
        part = csvw.describe(write_variant(tmp_path, case, rows[start : start + count]))
        assert part.rows == (count if head or count > 1 else 0)  # a row alone is taken for a header
        for at, (whole, guess) in enumerate(zip(found.columns, part.columns, strict=True) if part.rows else ()):
            cells = [row[at] for row in rows[start : start + count]]
            if whole.datatype is None:
                # What other rows leave in doubt may be certain here, if it is read as it is written.
                doubts = {d.kind for d in whole.doubts}
                assert not isinstance(guess.datatype, dict) or doubts & {"time", "number"}, (guess, cells)
            elif guess.datatype is not None:
                assert [read_value(c, guess) for c in cells] == [read_value(c, whole) for c in cells], (guess, cells)


@pytest.mark.slow
@delimited_case
def test_a_column_of_blank_cells_is_text_and_changes_no_other(case: Any, tmp_path: Path) -> None:
    found = described(case.path)
    _, rows, _ = read_rows(case.path, found.layout)
    at = len(found.columns) // 2
    blank = csvw.describe(write_variant(tmp_path, case, [[*r[:at], "", *r[at + 1 :]] for r in rows]))
    assert (blank.columns[at].datatype, blank.columns[at].doubts) == (None, ())
    others = [i for i in range(len(found.columns)) if i != at]
    assert [signature(blank.columns[i]) for i in others] == [signature(found.columns[i]) for i in others]


# --- the page


def test_the_page_and_the_list_of_sources_name_every_table() -> None:
    page = (BENCHMARKS / "describing.md").read_text(encoding="utf-8")
    with (BENCHMARKS / "describing" / "sources.csv").open(encoding="utf-8", newline="") as file:
        sources = [row["case"] for row in csv.DictReader(file)]
    assert sorted(sources) == [c.name for c in CASES]
    assert [c.name for c in CASES if f"| {c.name} | {len(c.columns)} |" not in page] == []
    assert f"{len(CASES)} tables, {sum(len(c.columns) for c in CASES)} columns." in page
