"""Compares the engine with the oracle on one case, or on as many as are wished for.

python tests/oracle/compare.py 20000 [first seed]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl import validate
from glocal_rdf.sparql.execution import process
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.sparql.literals.forms import Forms
from glocal_rdf.triples import Triples
from oracle import validator
from oracle.evaluator import FailureError
from oracle.generator import make_case

Outcome = list[validator.Finding] | str


def ours(data: Triples, shapes: Triples) -> Outcome:
    try:
        report = validate(data, shapes)
    except ShapesError as error:
        return f"failure: {error}"
    own = {s: str(info.path or "") for s, info in report.shapes.items()}
    return sorted(
        (
            r.focus,
            r.value or "",
            "" if str(r.path or "") == own.get(r.shape, "") else str(r.path or ""),
            "|".join(f"{text}@{language}" for text, language in r.messages),
        )
        for r in report.results
    )


def theirs(data: Triples, shapes: Triples) -> Outcome:
    try:
        return validator.validate(data.to_rdflib(), shapes.to_rdflib())
    except FailureError as error:
        return f"failure: {error}"


def agree(a: Outcome, b: Outcome) -> bool:
    return a == b if isinstance(a, list) else isinstance(b, str)


def difference(data: str, shapes: str) -> tuple[Outcome, Outcome] | None:
    """Give what the engine and the oracle say of a case where they differ."""
    one, other = Triples.parse(data, "turtle"), Triples.parse(shapes, "turtle")
    found = ours(one, other), theirs(one, other)
    return None if agree(*found) else found


class KeptProcess(StoreProcess):
    """A process that serves one case after the other, since starting one takes most of the time of a case."""

    names: ClassVar[set[str | None]] = set()

    def load(self, frame: pl.DataFrame, graph: str | None = None) -> None:
        self.names.add(graph)
        super().load(frame, graph)

    def close(self) -> None:
        for name in self.names:
            self.unload(name)
        self.names.clear()
        self._forms = Forms()

    def end(self) -> None:
        super().close()


def main() -> None:
    kept = KeptProcess()
    process.StoreProcess = lambda: kept  # type: ignore[assignment, misc]
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    wrong = failures = empty = 0
    for seed in range(first, first + count):
        case = make_case(seed)
        one, other = Triples.parse(case.data, "turtle"), Triples.parse(case.shapes, "turtle")
        mine, their = ours(one, other), theirs(one, other)
        failures += isinstance(their, str)
        empty += their == []
        if not agree(mine, their):
            wrong += 1
            print(f"{seed}: {case.query}\n   ours   {mine}\n   oracle {their}", flush=True)
    print(f"{count} cases: {wrong} differ, {failures} failures, {empty} without results")


if __name__ == "__main__":
    main()
