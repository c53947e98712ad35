"""The W3C's own cases for SHACL Core and SHACL-SPARQL: whole reports are compared, one test a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from conftest import ROOT

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl import Result, ValidationReport, validate
from glocal_rdf.shacl.report.model import read_results
from glocal_rdf.shacl.shapes.paths import write_path
from glocal_rdf.shacl.terms import RDF_TYPE, sh
from glocal_rdf.shacl.triple_index import Nodes
from glocal_rdf.triples import Triples
from glocal_rdf.triples.terms import quote

SUITE = Path(os.environ.get("GLOCAL_SUITES", ROOT.parent / "shared" / "suites")) / "shacl"
MF = "<http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "<http://www.w3.org/ns/shacl-test#"


@dataclass(frozen=True)
class Case:
    """One W3C case: data, shapes, and the report that is expected, or none where a failure is."""

    name: str
    data: Triples
    shapes: Triples
    expected: Triples | None


def read(file: Path) -> Triples:
    return Triples.read(file, base=file.as_uri())


def load(file: Path) -> list[Case]:
    """Read the cases of a file; a file that only holds data or shapes has none."""
    graph = read(file)
    nodes = Nodes(graph)
    here = f"<{file.as_uri()}>"
    cases = []
    for test in nodes.subjects(RDF_TYPE, f"{SHT}Validate>"):
        (action,) = nodes.values(test, f"{MF}action>")
        (data,) = nodes.values(action, f"{SHT}dataGraph>")
        (shapes,) = nodes.values(action, f"{SHT}shapesGraph>")
        (result,) = nodes.values(test, f"{MF}result>")

        def fetch(iri: str) -> Triples:
            return graph if iri == here else read(file.parent / iri[1:-1].rsplit("/", 1)[-1])

        expected = None if result == f"{SHT}Failure>" else report_part(nodes, result)
        cases.append(Case(file.stem, fetch(data), fetch(shapes), expected))
    return cases


def report_part(nodes: Nodes, root: str) -> Triples:
    """Cut the report out of the file: what its node leads to, without going on into the shapes."""
    out, todo, seen = [], [root], set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        for p in nodes.predicates(node):
            for o in nodes.values(node, p):
                out.append((node, p, o))
                if o.startswith("_:") and p not in {
                    sh("focusNode"),
                    sh("value"),
                    sh("sourceShape"),
                    sh("sourceConstraint"),
                }:
                    todo.append(o)
    return Triples.from_terms(out)


def comparable(conforms: bool, results: tuple[Result, ...], messages: bool) -> Triples:
    """Write the properties that the suite compares; messages only where the expected report has some."""
    numbers = count()

    def fresh() -> str:
        return f"_:compared{next(numbers)}"

    out = [("<urn:report>", sh("conforms"), str(conforms))]
    for result in results:
        node = fresh()
        parts = {
            "result": "<urn:report>",
            "focusNode": result.focus,
            "sourceShape": result.shape,
            "sourceConstraintComponent": result.component,
            "resultSeverity": result.severity,
            "value": result.value,
            "sourceConstraint": result.constraint,
        }
        if result.path is not None:
            parts["resultPath"], triples = write_path(result.path, fresh)
            out.extend(triples)
        out.extend((node, sh(k), v) for k, v in parts.items() if v is not None)
        if messages:
            out.extend((node, sh("resultMessage"), quote(f"{text}@{lang}")) for text, lang in result.messages)
    return Triples.from_terms([(s, p, o if o.startswith(("<", "_:", '"')) else f'"{o}"') for s, p, o in out])


def run_case(case: Case, engine: str) -> None:
    """Validate, and compare the whole report."""
    if case.expected is None:
        with pytest.raises(ShapesError):
            validate(case.data, case.shapes, engine=engine)
        return
    report = validate(case.data, case.shapes, engine=engine)
    conforms, expected = read_results(case.expected)
    messages = any(r.messages for r in expected)
    wanted = comparable(conforms, expected, messages)
    got = comparable(*read_results(report.to_triples()), messages)
    assert report.conforms == conforms, tell(report)
    assert got.is_isomorphic(wanted), f"expected:\n{tell(expected)}\ngot:\n{tell(report)}"


def tell(report: ValidationReport | tuple[Result, ...]) -> str:
    results = report.results if isinstance(report, ValidationReport) else report
    return "\n".join(sorted(f"{r.focus} {r.path} {r.value} {r.component} {r.shape} {r.severity}" for r in results))


def cases(root: Path) -> list[Case]:
    return [case for file in sorted(root.rglob("*.ttl")) for case in load(file)]


def parameters() -> list[object]:
    if not SUITE.is_dir():
        reason = f"the suite is not at {SUITE}; set GLOCAL_SUITES"
        marks = () if os.environ.get("CI") == "true" else (pytest.mark.skip(reason=reason),)
        return [pytest.param(None, id="w3c-shacl-suite-absent", marks=marks)]
    return [
        pytest.param(file, id=f"w3c-shacl-{file.relative_to(SUITE).with_suffix('').as_posix().replace('/', '-')}")
        for file in sorted(SUITE.rglob("*.ttl"))
        if b"Validate" in file.read_bytes()
    ]


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
@pytest.mark.parametrize("file", parameters())
def test_w3c_shacl(file: Path | None) -> None:
    assert file is not None, f"the suite is not at {SUITE}; set GLOCAL_SUITES"
    found = load(file)
    assert found, f"{file} holds no case"
    for case in found:
        run_case(case, "columns")
