"""Compares the datatypes that tools infer for tables with those that a careful person gives.

    python benchmarks/describing.py                                  # ours, and Polars, which is installed beside it
    python benchmarks/describing.py --frictionless VENV/bin/python --csvkit VENV/bin/python
    python benchmarks/describing.py --list                           # every column that is not right
    python benchmarks/describing.py --frictionless … --csvkit … --write           # the tables of describing.md

The tables are small: each folder of `describing/` has one, and `answer.json` beside it, written before any tool read
the table. `describing/sources.csv` names their sources. A column is *right* where a tool gives the answer or one of
its alternatives; *missing* where the tool leaves text that has a datatype, or does not list the doubt that a careful
person has; and *wrong* where it gives a datatype that a careful person would not give. A number may stand for a year,
as the other tools have no type for years. A table that a tool does not read, or reads with other columns, has only
missing ones. Ours, Frictionless and csvkit find delimiter, encoding and header themselves; Polars, which finds none of
them, is given what ours found.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from glocal_rdf import csvw

HERE = Path(__file__).parent
CASES = HERE / "describing"
PAGE = HERE / "describing.md"
CODECS = {"windows-1252": "cp1252", "big5": "cp950", "shift_jis": "cp932", "euc-kr": "cp949"}
NUMBERS = {"integer", "decimal", "double", "number"}

FRICTIONLESS = """
import json, sys
from frictionless import Detector, Resource, system
out = {}
for path in sys.argv[1:]:
    try:
        with system.use_context(trusted=True):
            resource = Resource(path=path, **({"format": "csv"} if path.endswith(".txt") else {}))
            resource.infer(stats=False)
            out[path] = [[f.name, f.type] for f in resource.schema.fields]
    except Exception as error:
        out[path] = str(error)[:80]
import frictionless
print(json.dumps({"version": frictionless.__version__, "tables": out}))
"""

CSVKIT = """
import csv, json, subprocess, sys
from pathlib import Path
import agate
from importlib.metadata import version
NAMES = {"Number": "number", "Text": "string", "Boolean": "boolean", "Date": "date", "DateTime": "datetime",
         "TimeDelta": "duration"}
out = {}
for path in sys.argv[1:]:
    tool = [str(Path(sys.executable).parent / ("in2csv" if path.endswith("xlsx") else "csvstat"))]
    try:
        if path.endswith(("xlsx", "ods")):
            text = subprocess.run([*tool, path], capture_output=True, check=True, text=True).stdout
            import io
            table = agate.Table.from_csv(io.StringIO(text))
            out[path] = [[c.name, NAMES[type(c.data_type).__name__]] for c in table.columns]
            continue
        made = subprocess.run([*tool, "--csv", path], capture_output=True, check=True, text=True).stdout
        rows = list(csv.DictReader(made.splitlines()))
        out[path] = [[r["column_name"], NAMES[r["type"]]] for r in rows]
    except Exception as error:
        out[path] = str(error)[:80]
print(json.dumps({"version": version("csvkit"), "tables": out}))
"""


@dataclass(frozen=True)
class Column:
    """What a tool gives for one column: its title, its datatype (None for text), and the kinds of its doubts."""

    title: str
    datatype: Any
    doubts: tuple[str, ...] = ()
    null: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A table, and the answer of a careful person."""

    name: str
    path: Path
    rows: int
    columns: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Verdict:
    """The outcome for one column of one table."""

    case: str
    title: str
    outcome: str
    expected: Any
    given: Any


def read_cases() -> list[Case]:
    """Return all cases, by name."""
    cases = []
    for answer in sorted(CASES.glob("*/answer.json")):
        found = json.loads(answer.read_text(encoding="utf-8"))
        folder = answer.parent
        cases.append(Case(folder.name, folder / found["file"], found["rows"], tuple(found["columns"])))
    return cases


def describe_ours(path: Path) -> list[Column]:
    """Return what `glocal describe` infers."""
    found = csvw.describe(path)
    return [Column(" ".join(g.titles), g.datatype, tuple(d.kind for d in g.doubts), g.null) for g in found.columns]


def describe_polars(path: Path) -> list[Column]:
    """Return what Polars infers, given the dialect that ours found."""
    if path.suffix in {".xlsx", ".ods"}:
        frame = (pl.read_excel if path.suffix == ".xlsx" else pl.read_ods)(path)
    else:
        layout = csvw.describe(path).layout
        text = path.read_bytes().decode(CODECS.get(layout.encoding, "utf-8-sig"))
        frame = pl.read_csv(
            text.encode(),
            separator=layout.delimiter,
            quote_char=layout.quote,
            skip_rows=layout.preamble,
            try_parse_dates=True,
            infer_schema_length=None,
        )
    names = {pl.String: None, pl.Int64: "integer", pl.Float64: "decimal", pl.Boolean: "boolean", pl.Date: "date"}
    kinds = [names.get(t.base_type(), str(t.base_type()).lower()) for t in frame.dtypes]
    return [Column(n, {"datetime": "dateTime"}.get(k or "", k)) for n, k in zip(frame.columns, kinds, strict=True)]


def describe_in(python: str, script: str, cases: Sequence[Case]) -> tuple[str, dict[str, list[Column] | str]]:
    """Return the version of a tool in another environment, and what it infers for each case."""
    paths = [str(c.path) for c in cases]
    done = subprocess.run([python, "-W", "ignore", "-c", script, *paths], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    names = {"string": None, "any": None, "year": "gYear", "datetime": "dateTime", "number": "decimal"}
    columns = {
        path: made if isinstance(made, str) else [Column(t or "", names.get(k, k)) for t, k in made]
        for path, made in found["tables"].items()
    }
    return found["version"], columns


def base_of(datatype: Any) -> str | None:
    """Return the base of a datatype as in metadata; None for text."""
    return datatype["base"] if isinstance(datatype, dict) else datatype


def _normal(datatype: Any) -> Any:
    """Return a datatype with its format in one form: `dd.MM.yyyy` reads what `d.M.yyyy` reads."""
    if not isinstance(datatype, dict):
        return datatype, None
    form = datatype.get("format")
    if isinstance(form, str) and datatype["base"] != "boolean":
        form = re.sub(r"([dMHh])\1+", r"\1", form)
    return datatype["base"], json.dumps(form, sort_keys=True)


def judge(case: Case, columns: Sequence[Column] | str, *, ours: bool = False) -> Iterator[Verdict]:
    """Yield the verdict for each column of a case; formats, words for no value and doubts count for ours alone."""
    unread = isinstance(columns, str) or len(columns) != len(case.columns)
    for at, answer in enumerate(case.columns):
        expected = [answer["datatype"], *answer.get("or", [])]
        if unread:
            # A column of text that is not read is not there either.
            yield Verdict(case.name, answer["title"], "missing", answer["datatype"], "table not read")
            continue
        given: Any = columns[at]
        yield Verdict(case.name, answer["title"], _outcome(answer, expected, given, ours), expected[0], given.datatype)


def _outcome(answer: dict[str, Any], expected: list[Any], given: Column, ours: bool) -> str:
    if ours:
        if _normal(given.datatype) in map(_normal, expected):
            if given.datatype is not None:
                return "right" if set(given.null) == set(answer.get("null", ())) else "wrong"
            wanted = set(answer.get("doubt", ())) if answer["datatype"] is None else set()
            return "right" if wanted <= set(given.doubts) else "missing"
        return "missing" if given.datatype is None else "wrong"
    bases = {base_of(e) for e in expected}
    bases |= {"integer"} if "gYear" in bases else set()
    bases |= {"decimal"} if bases & NUMBERS else set()
    if base_of(given.datatype) in bases or (given.datatype is None and "anyURI" in bases):
        return "right"
    return "missing" if given.datatype is None else "wrong"


def summarize(verdicts: Sequence[Verdict]) -> tuple[int, int, int, int]:
    """Return how many columns are right, wrong and missing, and how many tables are not read."""
    counts = Counter(v.outcome for v in verdicts)
    unread = {v.case for v in verdicts if v.given == "table not read"}
    return counts["right"], counts["wrong"], counts["missing"], len(unread)


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frictionless", help="a Python that has Frictionless")
    parser.add_argument("--csvkit", help="a Python that has csvkit")
    parser.add_argument("--list", action="store_true", help="list the columns that are not right")
    parser.add_argument("--write", action="store_true", help="write the tables into describing.md")
    parser.add_argument("--case", help="one case alone")
    args = parser.parse_args()
    cases = [c for c in read_cases() if not args.case or c.name == args.case]
    results: dict[str, list[Verdict]] = {}
    results[f"glocal-rdf {importlib.metadata.version('glocal-rdf')}"] = [
        v for c in cases for v in judge(c, describe_ours(c.path), ours=True)
    ]
    for option, name, script in (
        (args.frictionless, "Frictionless `describe`", FRICTIONLESS),
        (args.csvkit, "csvkit `csvstat --type`", CSVKIT),
    ):
        if option:
            version, columns = describe_in(option, script, cases)
            results[f"{name} {version}"] = [v for c in cases for v in judge(c, columns[str(c.path)])]
    polars = f"Polars `read_csv` {importlib.metadata.version('polars')}"
    results[polars] = [v for c in cases for v in judge(c, _try_polars(c.path))]
    lines = list(_tables(cases, results))
    sys.stdout.write("\n".join(lines) + "\n")
    if args.list:
        for verdict in next(iter(results.values())):
            if verdict.outcome != "right":
                sys.stdout.write(
                    f"{verdict.outcome}: {verdict.case}: {verdict.title!r}: "
                    f"expected {verdict.expected}, given {verdict.given}\n"
                )
    if args.write:
        start, end = "<!-- results -->\n", "<!-- end of results -->"
        page = PAGE.read_text(encoding="utf-8")
        head, tail = page.split(start)[0], page.split(end)[1]
        PAGE.write_text(head + start + "\n" + "\n".join(lines) + "\n\n" + end + tail, encoding="utf-8")


def _try_polars(path: Path) -> list[Column] | str:
    try:
        return describe_polars(path)
    except Exception as error:  # noqa: BLE001 - the tool fails in many ways, and each means that it reads no table
        return str(error)


def _tables(cases: Sequence[Case], results: dict[str, list[Verdict]]) -> Iterator[str]:
    total = sum(len(c.columns) for c in cases)
    yield f"{len(cases)} tables, {total} columns."
    yield ""
    typed = sum(a["datatype"] is not None for c in cases for a in c.columns)
    typed_title = f"right, of the {typed} that are not text"
    yield f"| tool | right | wrong | missing | right, of all | {typed_title} | tables not read |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for tool, verdicts in results.items():
        right, wrong, missing, unread = summarize(verdicts)
        of_typed = sum(v.outcome == "right" and v.expected is not None for v in verdicts) / max(typed, 1)
        yield f"| {tool} | {right} | {wrong} | {missing} | {right / total:.0%} | {of_typed:.0%} | {unread} |"
    yield ""
    yield "By table, as right/wrong/missing:"
    yield ""
    yield "| table | columns | " + " | ".join(t.split()[0] for t in results) + " |"
    yield "| --- | --- | " + " | ".join("---" for _ in results) + " |"
    for case in cases:
        counted = []
        for verdicts in results.values():
            own = [v for v in verdicts if v.case == case.name]
            right, wrong, missing, unread = summarize(own)
            counted.append("not read" if unread else f"{right}/{wrong}/{missing}")
        yield f"| {case.name} | {len(case.columns)} | " + " | ".join(counted) + " |"


if __name__ == "__main__":
    main()
