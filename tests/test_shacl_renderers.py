"""Reports in every form: text, rows, JSON, Markdown, SARIF, JUnit, GitHub annotations; each in two languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_shacl import check

import glocal_rdf.shacl
from glocal_rdf.shacl import ValidationReport
from glocal_rdf.shacl.render import render_json, render_markdown, render_rows, render_summary, render_text
from glocal_rdf.shacl.render_tools import render_github, render_junit, render_sarif

PLACES = {0: ["data/cities.csv:10 (name_en)"], 1: ["data/cities.csv:9 (name_en)"], 2: ["document/x#char=3,9"]}
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
    assert render_text(report, PLACES, "en").splitlines() == [
        "violation: city: Shorten it. (2)",
        "    data/cities.csv:9 (name_en): b name “%,:”",
        "    data/cities.csv:10 (name_en): a name “x|y <b>”",
        "warning: city: size Datatype integer (1)",
        "    document/x#char=3,9: c size “ big” - “ big” is not a valid integer",
        "does not conform: 2 violations, 1 warning",
        "focus nodes looked at: 3, by shapes: 1",
        "reached no focus node: Nobody",
    ]


def test_text_speaks_chinese(report: ValidationReport) -> None:
    assert render_text(report, PLACES, "zh-Hant").splitlines()[-3:] == [
        "不符合：2 違反、1 警告",
        "1 個形狀共檢查 3 個焦點節點",
        "未檢查任何焦點節點：Nobody",
    ]
    assert "違反：城市：請縮短。 (2)" in render_text(report, PLACES, "zh-Hant")


def test_long_groups_are_cut_and_told() -> None:
    data = " ".join(f"ex:n{i} a ex:C ." for i in range(30))
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    text = render_text(check(data, shapes, max_results=20))
    assert "and 12 more" in text
    assert "20 of 30 results are shown" in text


def test_a_report_without_results_says_what_was_looked_at() -> None:
    report = check("ex:a a ex:C .", "ex:S a sh:NodeShape ; sh:targetClass ex:C .")
    assert render_summary(report).splitlines() == ["conforms", "focus nodes looked at: 1, by shapes: 1"]


@LANGS
def test_rows_have_a_cell_for_each_heading(report: ValidationReport, lang: str) -> None:
    header, rows = render_rows(report, PLACES, lang)
    assert {len(row) for row in rows} == {len(header)} == {7}
    assert len(rows) == 3


def test_json_follows_its_schema(report: ValidationReport) -> None:
    document = json.loads(render_json(report, PLACES))
    schema = json.loads((Path(glocal_rdf.shacl.__file__).parent / "schema.json").read_text(encoding="utf-8"))
    check_schema(document, schema, schema)
    assert document["results"][0]["places"] == PLACES[0]
    assert document["results"][2]["value"] == {"type": "literal", "value": "\x01big"}


def check_schema(value: object, schema: dict[str, object], root: dict[str, object]) -> None:
    """Check a value against the part of JSON Schema that our schema uses, and that it describes every field."""
    if "$ref" in schema:
        check_schema(value, root["$defs"][str(schema["$ref"]).rsplit("/", 1)[1]], root)  # type: ignore[index]
        return
    if "anyOf" in schema:
        errors = []
        for option in schema["anyOf"]:  # type: ignore[attr-defined]
            try:
                check_schema(value, option, root)
                return
            except AssertionError as error:
                errors.append(str(error))
        raise AssertionError(errors)
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    if "type" in schema:
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        assert isinstance(value, tuple(kinds[n] for n in names)), (value, schema)  # type: ignore[attr-defined]
    if "const" in schema:
        assert value == schema["const"]
    if "enum" in schema:
        assert value in schema["enum"]  # type: ignore[operator]
    if isinstance(value, dict):
        assert set(schema.get("required", [])) <= set(value)  # type: ignore[call-overload]
        for name, inner in value.items():
            check_schema(inner, schema["properties"][name], root)  # type: ignore[index]
    if isinstance(value, list):
        for inner in value:
            check_schema(inner, schema["items"], root)  # type: ignore[arg-type]


@LANGS
def test_markdown_is_a_table_that_values_cannot_break(report: ValidationReport, lang: str) -> None:
    lines = render_markdown(report, PLACES, lang).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 5
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {8}
    assert "<b>" not in "".join(table)


def test_sarif_has_what_its_schema_requires(report: ValidationReport) -> None:
    log = json.loads(render_sarif(report, PLACES, version="1.0"))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]
    assert len({r["id"] for r in rules}) == len(rules) == 2
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]
        for location in result["locations"]:
            assert set(location) <= {"physicalLocation", "logicalLocations", "message", "id"}
    first = run["results"][0]["locations"][0]["physicalLocation"]
    assert first == {"artifactLocation": {"uri": "data/cities.csv"}, "region": {"startLine": 10}}
    passage = run["results"][2]["locations"][0]["physicalLocation"]
    assert passage == {"artifactLocation": {"uri": "document/x#char=3,9"}}


@LANGS
def test_junit_has_a_case_for_each_shape_with_a_target(report: ValidationReport, lang: str) -> None:
    root = ElementTree.fromstring(render_junit(report, PLACES, lang))
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    cases = suite.findall("testcase")
    assert suite.attrib["tests"] == str(len(cases)) == "2"
    assert suite.attrib["failures"] == str(len(suite.findall("testcase/failure"))) == "1"
    assert suite.attrib["skipped"] == str(len(suite.findall("testcase/skipped"))) == "1"
    assert all({"classname", "name", "time"} <= set(case.attrib) for case in cases)
    assert "data/cities.csv:9 (name_en)" in str(suite.find("testcase/failure").text)  # type: ignore[union-attr]


def test_github_annotations_name_file_and_line_and_keep_to_one_line(report: ValidationReport) -> None:
    lines = render_github(report, PLACES).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("::error file=data/cities.csv,line=10,title=City/name/MaxLength::")
    assert lines[2].startswith("::warning file=document/x,title=City/size/Datatype::")
    assert render_github(report).splitlines()[0].startswith("::error title=")


@LANGS
def test_every_component_has_words_of_its_own(lang: str) -> None:
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
    assert len(components) == 29
    messages = [r.message(lang) for r in report.results]
    assert all(m and "{" not in m for m in messages)
    assert not [m for m in messages if "breaks the rule" in m or "違反規則" in m]
