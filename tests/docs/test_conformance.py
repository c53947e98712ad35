"""The conformance reports in the repository are up to date, and every feature is as its table says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import conformance
import features
import pytest
import w3c_suites
from conformance import FOLDER, OTHER, SUITES, Outcome, find_section, read_report, render_all
from features import FEATURES, REFUSED, SUPPORTED, UNSUPPORTED, WITHOUT_EFFECT, Feature

from glocal_rdf import ask
from glocal_rdf.errors import QueryError, ShapesError
from glocal_rdf.shacl import validate
from glocal_rdf.shacl.shapes.vocabulary import DRAFT_TERMS
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

QUERIED = Dataset.parse(features.QUERIED, "trig")
CHECKED = Triples.parse(features.CHECKED.encode(), "turtle")


@pytest.mark.parametrize("name", [name for name, _ in render_all({suite: read_report(suite) for suite in SUITES})])
def test_a_file_is_what_the_reports_and_features_make_of_it(name: str) -> None:
    made = dict(render_all({suite: read_report(suite) for suite in SUITES}))
    hint = "docs/conformance is out of date; in tests/, run python -m conformance --date YYYY-MM-DD"
    assert (FOLDER / name).read_bytes() == made[name], hint


def list_cases(suite: str) -> Iterator[tuple[str, str]]:
    """Yield the cases of a suite at hand: IRI and title."""
    if suite == "csvw":
        for manifest in ("manifest-rdf.ttl", "manifest-validation.ttl"):
            yield from ((case.iri, case.title) for case in w3c_suites.read_csvw_cases(manifest))
    else:
        for file in w3c_suites.list_shacl_files():
            yield from ((case.iri, case.title) for case in w3c_suites.load_shacl_cases(file))


@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES)
def test_a_report_has_every_case_at_hand_as_passed(suite: str) -> None:
    if "GLOCAL_SUITES" in os.environ:
        pytest.skip("the reports are of the suites in ../shared/suites, and GLOCAL_SUITES names others")
    root = w3c_suites.SUITES / suite
    if not root.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the W3C suite is not at {root}")
        pytest.skip(f"the W3C suite is not at {root}")
    outcomes, _ = read_report(suite)
    # That they do pass is held by the tests of the cases themselves.
    assert outcomes == sorted((Outcome(*case, "passed") for case in list_cases(suite)), key=lambda o: o.test)


@pytest.mark.parametrize("suite", SUITES)
def test_every_case_is_in_a_section_and_every_section_has_a_case(suite: str) -> None:
    outcomes, _ = read_report(suite)
    sections = conformance.CSVW_SECTIONS if suite == "csvw" else conformance.SHACL_SECTIONS
    assert {outcome.title for outcome in outcomes if find_section(outcome) == OTHER} == set()
    assert {find_section(outcome) for outcome in outcomes} == {section for section, _ in sections}


def test_a_case_that_does_not_pass_is_named_in_the_table() -> None:
    outcomes, date = read_report("shacl")
    failed = [replace(outcomes[0], outcome="failed"), *outcomes[1:]]
    table = conformance.render_suite("shacl", failed, date)
    assert f"- failed: `{outcomes[0].test.removeprefix('urn:x-shacl-test:/')}`" in table
    assert f"{len(outcomes) - 1} of {len(outcomes)} cases pass" in table


@pytest.mark.parametrize(
    ("reports", "outcome"),
    [
        ([("setup", "passed", ""), ("call", "passed", ""), ("teardown", "passed", "")], "passed"),
        ([("setup", "passed", ""), ("call", "failed", "")], "failed"),
        ([("call", "passed", ""), ("teardown", "failed", "")], "failed"),
        ([("call", "skipped", "known to fail")], "failed"),
        ([("call", "skipped", "")], "untested"),
    ],
)
def test_the_recorder_takes_the_worst_end_of_a_case(reports: list[tuple[str, str, str]], outcome: str) -> None:
    recorder = conformance.Recorder()
    for when, ended, expected in reports:
        report = pytest.TestReport(
            "x",
            ("x", 1, "x"),
            {},
            ended,
            None,
            when,
            [],
            user_properties=[("earl", "urn:x a title")],  # type: ignore[arg-type]
        )
        if expected:
            report.wasxfail = expected
        recorder.pytest_runtest_logreport(report)
    assert recorder.outcomes == {"urn:x": Outcome("urn:x", "a title", outcome)}


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: f"{feature.specification}: {feature.name}")
def test_a_feature_is_as_the_table_says(feature: Feature) -> None:
    (run_query if feature.query else run_shapes)(feature)


def run_query(feature: Feature) -> None:
    text = "PREFIX : <https://example.org/>\n" + feature.query
    if feature.status == REFUSED:
        with pytest.raises(QueryError, match=feature.word):
            ask(QUERIED, text)
        return
    assert feature.status == SUPPORTED
    answer = ask(QUERIED, text)
    got = len(answer) if answer.truth is None else answer.truth
    assert got == feature.expected


def run_shapes(feature: Feature) -> None:
    shapes = Triples.parse((features.PREFIXES + feature.shapes).encode(), "turtle")
    if feature.status == UNSUPPORTED:
        with pytest.raises(ShapesError, match=feature.word):
            validate(CHECKED, shapes)
        report = validate(CHECKED, shapes, ignore_unsupported=True)
        assert any(feature.word in str(problem) for problem in report.unsupported)
        assert report.results, "the rest of the shapes graph was not validated"
        return
    if feature.status == REFUSED:
        with pytest.raises(ShapesError, match=feature.word):
            validate(CHECKED, shapes)
        return
    report = validate(CHECKED, shapes)
    warned = any(feature.word and feature.word in str(problem) for problem in report.warnings)
    assert len(report.results) == feature.expected
    assert warned == (feature.status == WITHOUT_EFFECT)
    assert feature.status in {SUPPORTED, WITHOUT_EFFECT}


def test_every_term_of_the_drafts_of_shacl_1_2_is_in_the_table() -> None:
    named = " ".join(feature.name for feature in FEATURES).replace(",", " ").split()
    assert {f"sh:{word}" for word in DRAFT_TERMS} - set(named) == set()
