"""The W3C's own cases for SHACL Core and SHACL-SPARQL: whole reports are compared, one test a file."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from w3c_suites import SHACL, ShaclCase, load_shacl_cases, shacl_parameters

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl import Result, ValidationReport, validate
from glocal_rdf.shacl.report import read_results
from glocal_rdf.shacl.shapes.paths import write_path
from glocal_rdf.shacl.terms import sh
from glocal_rdf.triples import Triples
from glocal_rdf.triples.terms import quote


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


def run_case(case: ShaclCase, engine: str) -> None:
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


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
@pytest.mark.parametrize("file", shacl_parameters())
def test_w3c_shacl(file: Path | None, record_property: Callable[[str, object], None]) -> None:
    assert file is not None, f"the suite is not at {SHACL}; set GLOCAL_SUITES"
    found = load_shacl_cases(file)
    assert found, f"{file} holds no case"
    for case in found:
        record_property("earl", f"{case.iri} {case.title}")
        run_case(case, "columns")
