"""The W3C's own cases for CSV on the Web: validation, and conversion to RDF in the mode that each case names."""

from __future__ import annotations

import io
import os
from collections.abc import Callable

import pytest
from rdflib.compare import graph_diff
from w3c_suites import CSVW, CSVW_BASE, CsvwCase, read_csvw_cases

from glocal_rdf import csvw
from glocal_rdf.csvw import conversion
from glocal_rdf.errors import GlocalError
from glocal_rdf.triples import Triples


def parameters(kind: str) -> list[object]:
    """List the cases of a manifest, with ids that name suite and case."""
    return [pytest.param(case, id=f"w3c-csvw-{kind}-{case.name}") for case in read_csvw_cases(f"manifest-{kind}.ttl")]


def read_expected(case: CsvwCase) -> Triples:
    path = CSVW / str(case.result).removeprefix(CSVW_BASE)
    return Triples.parse(path.read_bytes(), "turtle", base=str(case.result))


def compare(made: Triples, expected: Triples) -> None:
    if not made.is_isomorphic(expected):
        _, extra, missing = graph_diff(made.to_rdflib(), expected.to_rdflib())
        pytest.fail(f"not expected:\n{extra.serialize(format='nt')}\nmissing:\n{missing.serialize(format='nt')}")


def test_w3c_csvw_suite_is_present() -> None:
    if not (CSVW / "manifest-rdf.ttl").is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the W3C suite is not at {CSVW}")
        pytest.skip(f"the W3C suite is not at {CSVW}; GLOCAL_SUITES names its folder")
    assert parameters("rdf")
    assert parameters("validation")


@pytest.mark.parametrize("case", parameters("validation"))
def test_validation(case: CsvwCase, record_property: Callable[[str, object], None]) -> None:
    record_property("earl", f"{case.iri} {case.title}")
    problems = csvw.check(case.action, metadata=case.metadata, fetch=case.fetch, strict=True)
    told = "\n".join(f"{p.level}: {p}" for p in problems)
    levels = {p.level for p in problems}
    match case.kind:
        case "PositiveValidationTest":
            assert not levels, told
        case "WarningValidationTest":
            assert levels == {"warning"}, told or "no warning was given"
        case "NegativeValidationTest":
            assert "error" in levels, told or "nothing was found"
        case _:
            pytest.fail(f"a kind of case that is not known: {case.kind}")


@pytest.mark.parametrize("case", parameters("rdf"))
def test_rdf(case: CsvwCase, record_property: Callable[[str, object], None]) -> None:
    record_property("earl", f"{case.iri} {case.title}")
    mode = "minimal" if case.minimal else "standard"
    if case.kind == "NegativeRdfTest":
        with pytest.raises(GlocalError):
            csvw.convert(case.action, mode=mode, lists="joined", strict=True, metadata=case.metadata, fetch=case.fetch)
        return
    conversion = csvw.convert(
        case.action, mode=mode, lists="joined", strict=True, metadata=case.metadata, fetch=case.fetch
    )
    compare(conversion.triples, read_expected(case))
    if case.kind == "ToRdfTestWithWarnings":
        assert conversion.problems, "no warning was given"
    else:
        assert case.kind == "ToRdfTest"


@pytest.mark.slow
@pytest.mark.parametrize("case", parameters("rdf"))
def test_rdf_of_a_stream_with_one_row_a_chunk(case: CsvwCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "STREAM_CHUNK", 1)
    mode: csvw.Mode = "minimal" if case.minimal else "standard"
    sink = io.BytesIO()

    def convert() -> csvw.Problems:
        return csvw.convert_stream(
            case.action, sink, mode=mode, lists="joined", strict=True, metadata=case.metadata, fetch=case.fetch
        )

    if case.kind == "NegativeRdfTest":
        with pytest.raises(GlocalError):
            convert()
        return
    problems = convert()
    lines = sink.getvalue().splitlines()
    assert len(lines) == len(set(lines))
    compare(Triples.parse(sink.getvalue(), "ntriples"), read_expected(case))
    assert problems or case.kind == "ToRdfTest", "no warning was given"
