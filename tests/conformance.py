"""Writes the conformance reports: EARL 1.0 in Turtle, made by running the W3C's cases, and tables in Markdown.

    python -m conformance --date 2026-11-27          (in the folder `tests`)

The tests of the W3C's cases record which case they run (`record_property("earl", …)`); a plugin listens to how they
end. The tables are made from the reports and from `features`, so that a test can tell whether they are up to date
without running the cases again.

EARL: https://www.w3.org/TR/EARL10-Schema/
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import features
import pytest

from glocal_rdf import __version__
from glocal_rdf.triples import Triples
from glocal_rdf.triples.terms import quote, unquote

TESTS = Path(__file__).parent
FOLDER = TESTS.parent / "docs" / "conformance"
SUITES = ("csvw", "shacl")
OUTCOMES = ("passed", "failed", "untested")
EARL = "http://www.w3.org/ns/earl#"
DCTERMS = "http://purl.org/dc/terms/"
DOAP = "http://usefulinc.com/ns/doap#"
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DATE = "http://www.w3.org/2001/XMLSchema#date"
SUBJECT = "<https://w3id.org/glocal/software>"
REPORTS = "https://w3id.org/glocal/conformance/"
PREFIXES = {"earl": EARL, "dcterms": DCTERMS, "doap": DOAP, "xsd": "http://www.w3.org/2001/XMLSchema#"}
MADE = "<!-- Made by tests/conformance.py; do not edit. -->"


@dataclass(frozen=True)
class Outcome:
    """How one case of a suite ended: its IRI, its title, and `passed`, `failed` or `untested`."""

    test: str
    title: str
    outcome: str

    @property
    def suite(self) -> str:
        """The suite that the case is of."""
        return "csvw" if "/csvw/" in self.test else "shacl"


class Recorder:
    """A plugin of pytest that remembers how the cases ended."""

    def __init__(self) -> None:
        """Begin with no case."""
        self.outcomes: dict[str, Outcome] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember the end of a case; one that fails while it is set up or cleaned up has failed too."""
        for name, value in report.user_properties:
            if name != "earl" or (report.when != "call" and report.passed):
                continue
            test, _, title = str(value).partition(" ")
            known = self.outcomes.get(test)
            outcome = "untested" if report.skipped and not hasattr(report, "wasxfail") else report.outcome
            if known is None or known.outcome == "passed":
                self.outcomes[test] = Outcome(test, title, "failed" if hasattr(report, "wasxfail") else outcome)


def run_suites() -> list[Outcome]:
    """Run the W3C's cases, and return how each ended. Raise RuntimeError where there is no suite."""
    recorder = Recorder()
    files = sorted(str(file) for file in TESTS.rglob("test_*w3c.py"))
    pytest.main(["-n0", "-q", "--no-header", "-p", "no:cacheprovider", *files], plugins=[recorder])
    outcomes = sorted(recorder.outcomes.values(), key=lambda outcome: outcome.test)
    missing = set(SUITES) - {outcome.suite for outcome in outcomes}
    if missing:
        raise RuntimeError(f"no case of these suites was run: {', '.join(sorted(missing))}")
    return outcomes


def write_report(suite: str, outcomes: Sequence[Outcome], date: str) -> bytes:
    """Write the EARL report of a suite: an assertion for each of its cases, dated by `date` (an xsd:date)."""

    def earl(name: str) -> str:
        return f"<{EARL}{name}>"

    def dcterms(name: str) -> str:
        return f"<{DCTERMS}{name}>"

    triples = [
        (SUBJECT, RDF_TYPE, earl("Software")),
        (SUBJECT, RDF_TYPE, earl("TestSubject")),
        (SUBJECT, RDF_TYPE, f"<{DOAP}Project>"),
        (SUBJECT, f"<{DOAP}name>", quote("Glocal RDF")),
        (SUBJECT, f"<{DOAP}programming-language>", quote("Python")),
        (SUBJECT, f"<{DOAP}release>", "_:release"),
        ("_:release", RDF_TYPE, f"<{DOAP}Version>"),
        ("_:release", f"<{DOAP}revision>", quote(__version__)),
    ]
    for outcome in outcomes:
        assertion, result = f"<{REPORTS}{suite}#{_name(outcome.test)}>", f"_:{_name(outcome.test).replace('/', '-')}"
        triples += [
            (f"<{outcome.test}>", RDF_TYPE, earl("TestCase")),
            (f"<{outcome.test}>", dcterms("title"), quote(outcome.title)),
            (assertion, RDF_TYPE, earl("Assertion")),
            (assertion, earl("assertedBy"), SUBJECT),
            (assertion, earl("mode"), earl("automatic")),
            (assertion, earl("result"), result),
            (assertion, earl("subject"), SUBJECT),
            (assertion, earl("test"), f"<{outcome.test}>"),
            (result, RDF_TYPE, earl("TestResult")),
            (result, earl("outcome"), earl(outcome.outcome)),
            (result, dcterms("date"), f'"{date}"^^<{DATE}>'),
        ]
    return Triples.from_terms(triples).serialize("turtle", PREFIXES)


def _name(test: str) -> str:
    """Name a case within its suite.

    >>> _name("http://www.w3.org/2013/csvw/tests/manifest-rdf#test008"), _name("urn:x-shacl-test:/core/node/and-001")
    ('rdf-test008', 'core/node/and-001')
    """
    return test.rpartition("manifest-")[2].replace("#", "-") if "manifest-" in test else test.rpartition(":/")[2]


def read_report(suite: str) -> tuple[list[Outcome], str]:
    """Read the EARL report of a suite that is in the repository: its outcomes, sorted, and its date."""
    graph = Triples.parse((FOLDER / f"{suite}-earl.ttl").read_bytes(), "turtle")

    def column(predicate: str) -> dict[str, str]:
        return {subject: value for subject, _, value in graph.match(predicate=f"<{predicate}>")}

    results, tests, titles = column(f"{EARL}result"), column(f"{EARL}test"), column(f"{DCTERMS}title")
    ends, dates = column(f"{EARL}outcome"), column(f"{DCTERMS}date")
    outcomes = [
        Outcome(test[1:-1], unquote(titles[test]), ends[results[assertion]].removeprefix(f"<{EARL}")[:-1])
        for assertion, test in tests.items()
    ]
    (date,) = {unquote(value) for value in dates.values()}
    return sorted(outcomes, key=lambda outcome: outcome.test), date


# Sections of the Recommendations, by what the names of cases say: the first that fits.
CSVW_SECTIONS: tuple[tuple[str, str], ...] = (
    ("Locating metadata (Model, 5)", r"^tree-ops example|-metadata|query component"),
    (
        "Context, base and common properties (Metadata, 5.2, 5.8)",
        r"@context|@base|@language|@set|common property|out of range|Normali|normali|undefined properties",
    ),
    ("Dialects (Metadata, 5.9; Model, 8)", r"dialect"),
    ("Primary and foreign keys (Metadata, 5.5)", r"[kK]ey|reference"),
    (
        "Table groups, tables and schemas (Metadata, 5.3 to 5.5)",
        r"table|[sS]chema|inconsistent|acceptable|transformation|more headers|matching csv titles",
    ),
    (
        "Datatypes and formats (Metadata, 5.11; Model, 6.4)",
        r"datatype|format|[lL]ength|clusive|constraint|decimal|pattern|#|number| (unsigned\w+|byte|float|double)$",
    ),
    (
        "Columns and inherited properties (Metadata, 5.6, 5.7)",
        r"column|[tT]itle|\bnames?\b(?! example)|lang|null|ordered|separator|Url|suppress|textDir|virtual|same subject",
    ),
    ("Whole examples (csv2rdf, 7)", r"example$|minimal|^valid case"),
)
SHACL_SECTIONS: tuple[tuple[str, str], ...] = (
    ("2.1 Shapes: targets, severity, deactivation", r"^core/(targets|misc)/"),
    ("2.3 Property paths", r"^core/path/"),
    ("3.6 Validation reports", r"^core/validation-reports/"),
    ("4.1 Value type", r"/(class|datatype|nodeKind|or-datatypes)-"),
    ("4.2 Cardinality", r"/(min|max)Count-"),
    ("4.3 Value range", r"/(min|max)(In|Ex)clusive-"),
    ("4.4 Strings", r"/(minLength|maxLength|pattern|languageIn|uniqueLang)-"),
    ("4.5 Property pairs", r"/(equals|disjoint|lessThan|lessThanOrEquals)-"),
    ("4.6 Logic", r"/(not|and|or|xone)-"),
    ("4.7 Shapes within shapes", r"/(node|property|qualified\w*)-\d"),
    ("4.8 Other constraints", r"/(closed|hasValue|in)-"),
    ("Whole examples", r"^core/complex/"),
    ("5 SPARQL-based constraints", r"^sparql/node/"),
    ("6 SPARQL-based constraint components", r"^sparql/component/"),
    ("Appendix A: pre-binding", r"^sparql/pre-binding/"),
)
OTHER = "Other"


def find_section(outcome: Outcome) -> str:
    """Find the section of the Recommendation that a case is about."""
    sections, text = (
        (CSVW_SECTIONS, outcome.title) if outcome.suite == "csvw" else (SHACL_SECTIONS, _name(outcome.test))
    )
    return next((section for section, pattern in sections if re.search(pattern, text)), OTHER)


def render_suite(suite: str, outcomes: Sequence[Outcome], date: str) -> str:
    """Render the table of a suite: for each section, how many cases passed of those that were run."""
    groups, sections, intro = {
        "csvw": (("rdf", "validation"), CSVW_SECTIONS, CSVW_INTRO),
        "shacl": (("core", "sparql"), SHACL_SECTIONS, SHACL_INTRO),
    }[suite]
    heads = {
        "rdf": "conversion to RDF",
        "validation": "validation",
        "core": "SHACL Core",
        "sparql": "SHACL-SPARQL",
    }
    where = f"[EARL]({suite}-earl.ttl), an assertion for each case"
    lines = [MADE, "", *intro, ""]
    lines += [
        f"Version {__version__}, {date}: {_share(outcomes)} cases pass. The whole report is in {where}.",
        "",
        "| section | " + " | ".join(heads[group] for group in groups) + " |",
        "| --- |" + " ---: |" * len(groups),
    ]
    for section in (*(section for section, _ in sections), OTHER):
        cells = [[o for o in outcomes if find_section(o) == section and _name(o.test).startswith(g)] for g in groups]
        if any(cells):
            lines.append(f"| {section} | " + " | ".join(map(_share, cells)) + " |")
    totals = [[o for o in outcomes if _name(o.test).startswith(group)] for group in groups]
    lines.append("| all | " + " | ".join(map(_share, totals)) + " |")
    odd = [outcome for outcome in outcomes if outcome.outcome != "passed"]
    lines += ["", "## Cases that do not pass", ""]
    lines += [f"- {outcome.outcome}: `{_name(outcome.test)}` ({outcome.title})" for outcome in odd] or ["None."]
    return "\n".join(lines) + "\n"


def _share(outcomes: Sequence[Outcome]) -> str:
    passed = sum(outcome.outcome == "passed" for outcome in outcomes)
    return f"{passed} of {len(outcomes)}" if outcomes else "–"


CSVW_INTRO = (
    "# CSV on the Web: conformance",
    "",
    "The W3C's cases for [CSV on the Web](https://www.w3.org/TR/tabular-data-model/): `manifest-rdf` (conversion",
    "to RDF, [csv2rdf](https://www.w3.org/TR/csv2rdf/)) and `manifest-validation`, as far as they are at hand; 270 and",
    '282 are published. They are run with `strict=True`, and converted with `lists="joined"`, as the Recommendation',
    "has it.",
    "",
    "**Not implemented:** conversion to JSON ([csv2json](https://www.w3.org/TR/csv2json/)), so that `manifest-json` is",
    "not run. Transformation definitions are checked and not carried out.",
)
SHACL_INTRO = (
    "# SHACL: conformance",
    "",
    "The W3C's cases for [SHACL](https://www.w3.org/TR/shacl/), Core and SPARQL (120 are published), as far as they",
    "are at hand. The whole validation report is compared, messages included where the expected report has some. What",
    "lies beyond the Recommendation is in the [table of features](features.md).",
)
FEATURES_INTRO = (
    "# Features of SPARQL and SHACL",
    "",
    "A test runs each of these features. What is *supported* gives the right answer. What is *refused* or *reported as",
    "unsupported* is an error (exit code 2) that names the feature: data that were not checked by it are not said to",
    "conform. With `--ignore-unsupported` the rest of the shapes graph is validated, and the feature heads the report.",
    "What is *reported as without effect* is a warning.",
)


def render_features() -> str:
    """Render the table of the features of SPARQL and SHACL, and what becomes of each."""
    lines = [MADE, "", *FEATURES_INTRO]
    for specification, rows in _group(features.FEATURES).items():
        lines += ["", f"## {specification}", "", "| feature | status |", "| --- | --- |"]
        lines += [f"| {feature.name} | {feature.status} |" for feature in rows]
    return "\n".join(lines) + "\n"


def _group(rows: Sequence[features.Feature]) -> Mapping[str, list[features.Feature]]:
    groups: dict[str, list[features.Feature]] = {}
    for row in rows:
        groups.setdefault(row.specification, []).append(row)
    return groups


def render_all(reports: Mapping[str, tuple[Sequence[Outcome], str]]) -> Iterator[tuple[str, bytes]]:
    """Render every file of `docs/conformance`: its name and content, from the outcomes and the date of each suite."""
    for suite, (outcomes, date) in reports.items():
        yield f"{suite}-earl.ttl", write_report(suite, outcomes, date)
        yield f"{suite}.md", render_suite(suite, outcomes, date).encode()
    yield "features.md", render_features().encode()


def main() -> int:
    """Run the cases, and write the reports. Return 1 where a case does not pass."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description="Write the conformance reports.")
    parser.add_argument("--date", required=True, help="the date of the reports, as 2026-11-27")
    date = datetime.date.fromisoformat(parser.parse_args().date).isoformat()
    outcomes = run_suites()
    FOLDER.mkdir(parents=True, exist_ok=True)
    reports = {suite: ([o for o in outcomes if o.suite == suite], date) for suite in SUITES}
    for name, content in render_all(reports):
        (FOLDER / name).write_bytes(content)
        print(f"wrote docs/conformance/{name}")
    return int(any(outcome.outcome != "passed" for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
