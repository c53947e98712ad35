"""`glocal validate` says whether data conform, and where they do not, in every form of the report."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import Run, edit
from shacl_checks import ENGINES

from glocal_rdf.triples import Triples

SH = "http://www.w3.org/ns/shacl#"
SHAPES = """
@prefix : <https://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
:CityShape a sh:NodeShape ; sh:name "city"@en, "城市"@zh-Hant ; sh:targetClass :City ; sh:property :CityCountry .
:CityCountry sh:path :country ; sh:minCount 1 ; sh:severity sh:Warning ;
  sh:message "Give the city a country"@en, "請填國家"@zh-Hant .
"""
GOOD = "@prefix : <https://example.org/> . :Taipei a :City ; :country :Taiwan ."
BAD = "@prefix : <https://example.org/> . :Taipei a :City ."


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    pattern = SHAPES.replace("sh:minCount 1", "sh:pattern '('")
    texts = {"good": GOOD, "bad": BAD, "shapes": SHAPES, "broken": "@prefix : <", "empty": "", "pattern": pattern}
    paths = {name: tmp_path / f"{name}.ttl" for name in texts}
    for name, text in texts.items():
        paths[name].write_text(text, encoding="utf-8")
    return paths


@ENGINES
@pytest.mark.parametrize(("data", "code"), [("good", 0), ("bad", 1)])
def test_the_exit_code_says_whether_data_conform(
    run: Run, files: dict[str, Path], engine: str, data: str, code: int
) -> None:
    result = run("validate", files[data], "--shapes", files["shapes"], "--engine", engine)
    assert result.exit_code == code, result.stderr


def test_the_message_is_in_the_language_that_was_asked_for(run: Run, files: dict[str, Path]) -> None:
    shown = {
        lang: run("validate", files["bad"], "-s", files["shapes"], "--lang", lang).stdout for lang in ("en", "zh-Hant")
    }
    assert "Give the city a country" in shown["en"]
    assert "請填國家" in shown["zh-Hant"]


def test_it_says_how_many_focus_nodes_were_reached(run: Run, files: dict[str, Path]) -> None:
    told = json.loads(run("validate", files["good"], "-s", files["shapes"], "-f", "json").stdout)
    assert [shape["focusNodes"] for shape in told["reached"]] == [1]


def test_the_focus_nodes_of_each_shape_are_printed_where_asked_for(run: Run, files: dict[str, Path]) -> None:
    shown = run("validate", files["good"], "-s", files["shapes"], "--reached", "--lang", "en").stdout
    assert shown.splitlines()[-1].split() == ["city", "1"]


def test_silence_is_never_success(run: Run, files: dict[str, Path]) -> None:
    result = run("validate", files["empty"], "-s", files["shapes"], "--lang", "en")
    assert result.exit_code == 2
    assert result.stdout.startswith("nothing was validated\n")
    assert "no target of a shape matched a focus node" in result.stderr


def test_the_report_in_turtle_is_a_validation_report(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "report.ttl"
    result = run("validate", files["bad"], "--shapes", files["shapes"], "--format", "turtle", "-o", out)
    assert result.exit_code == 1
    report = Triples.read(out)
    assert len(report.match(predicate=f"<{SH}result>")) == 1
    assert report.match(predicate=f"<{SH}focusNode>", object="<https://example.org/Taipei>")
    assert report.match(predicate=f"<{SH}sourceShape>", object="<https://example.org/CityCountry>")


@pytest.mark.parametrize("form", ["text", "table", "json", "turtle"])
def test_every_form_names_the_focus_node(run: Run, files: dict[str, Path], form: str) -> None:
    assert "Taipei" in run("validate", files["bad"], "-s", files["shapes"], "-f", form).stdout


def test_the_report_is_written_in_the_forms_that_other_tools_read(run: Run, files: dict[str, Path]) -> None:
    def shown(form: str) -> str:
        return run("validate", files["bad"], "-s", files["shapes"], "-f", form, "--lang", "en").stdout

    sarif = json.loads(shown("sarif"))
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["results"][0]["message"]["text"] == "Taipei: Give the city a country"
    assert list(ElementTree.fromstring(shown("junit")).iter("testcase"))
    assert shown("github").startswith("::warning file=")
    assert "| Give the city a country" in shown("markdown")


def test_one_shape_or_one_node_is_validated_alone(run: Run, files: dict[str, Path]) -> None:
    other = "https://example.org/Other"
    assert run("validate", files["bad"], "-s", files["shapes"], "--shape", other).exit_code == 2
    assert run("validate", files["bad"], "-s", files["shapes"], "--focus", other).exit_code == 2
    shape, node = "https://example.org/CityShape", "https://example.org/Taipei"
    assert run("validate", files["bad"], "-s", files["shapes"], "--shape", shape, "--focus", node).exit_code == 1


def test_a_shape_is_named_as_reports_name_it(run: Run, files: dict[str, Path]) -> None:
    assert run("validate", files["bad"], "-s", files["shapes"], "--shape", "CityShape").exit_code == 1
    result = run("validate", files["bad"], "-s", files["shapes"], "--shape", "CityShapes")
    assert result.exit_code == 2
    assert result.stderr == (
        "--shape CityShapes: there is no such shape; did you mean <https://example.org/CityShape>?\n"
    )
    files["shapes"].write_text(SHAPES + "<urn:x/CityShape> a sh:NodeShape .", encoding="utf-8")
    assert "names several shapes" in run("validate", files["bad"], "-s", files["shapes"], "--shape", "CityShape").stderr


def test_a_finding_in_one_of_many_files_leads_to_the_file(run: Run, files: dict[str, Path]) -> None:
    told = json.loads(
        run("validate", files["good"], files["empty"], files["bad"], "-s", files["shapes"], "-f", "json").stdout
    )
    assert told["results"] == []
    files["good"].write_text(GOOD.replace("Taipei", "Lyon"), encoding="utf-8")
    told = json.loads(
        run("validate", files["good"], files["empty"], files["bad"], "-s", files["shapes"], "-f", "json").stdout
    )
    assert [result["places"] for result in told["results"]] == [[str(files["bad"])]]
    targets = SHAPES.replace("sh:targetClass :City", "sh:targetObjectsOf :twin")
    files["shapes"].write_text(targets, encoding="utf-8")
    files["empty"].write_text("@prefix : <https://example.org/> . :Lyon :twin :Rome .", encoding="utf-8")
    told = json.loads(run("validate", files["good"], files["empty"], "-s", files["shapes"], "-f", "json").stdout)
    assert [result["sources"] for result in told["results"]] == [[{"file": str(files["empty"])}]]


@pytest.mark.parametrize("form", ["text", "table", "markdown", "github", "junit"])
def test_a_report_holds_nothing_that_a_terminal_obeys(run: Run, files: dict[str, Path], form: str) -> None:
    evil = "Red \\u001b[31m \\u202e \\u0085 \\r\\n::error::x"
    text = SHAPES.replace("Give the city a country", evil).replace("city", evil)
    files["shapes"].write_text(text, encoding="utf-8")
    shown = run("validate", files["bad"], "-s", files["shapes"], "-f", form, "--lang", "en")
    assert "Red" in shown.stdout, shown.stderr
    assert not [c for c in shown.stdout + shown.stderr if c != "\n" and not c.isprintable()]
    assert "\n::error::x" not in shown.stdout


def test_two_opinions_are_compared(run: Run, files: dict[str, Path]) -> None:
    result = run("validate", files["bad"], "-s", files["shapes"], "--engine", "both")
    assert result.exit_code == 1
    assert "the engines agree" in result.stderr


def test_no_more_results_are_listed_than_asked_for_and_the_true_count_is_told(run: Run, files: dict[str, Path]) -> None:
    files["bad"].write_text(BAD + " :Lyon a :City . :Rome a :City .", encoding="utf-8")
    told = json.loads(run("validate", files["bad"], "-s", files["shapes"], "--max-results", 2, "-f", "json").stdout)
    assert (len(told["results"]), told["total"]) == (2, 3)


NAMES = """
@prefix : <https://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:Named sh:targetSubjectsOf skos:prefLabel ; a sh:NodeShape ; sh:property [ sh:path skos:altLabel ; sh:minCount 1 ] .
"""


def test_an_endpoint_is_validated_as_far_as_the_shapes_look(run: Run, tmp_path: Path, endpoint: str) -> None:
    shapes = tmp_path / "names.ttl"
    shapes.write_text(NAMES, encoding="utf-8")
    result = run("validate", "--source", endpoint, "--shapes", shapes, "-f", "json")
    assert result.exit_code == 1, result.stderr
    assert [r["focusNode"]["value"] for r in json.loads(result.stdout)["results"]] == ["https://example.org/taipei"]
    limited = run("validate", "--source", endpoint, "--shapes", shapes, "--max-triples", 1)
    assert limited.exit_code == 2
    assert "has more than 1 triples that the shapes look at" in limited.stderr


def test_a_gate_lets_lesser_severities_pass(run: Run, files: dict[str, Path]) -> None:
    result = run("validate", files["bad"], "-s", files["shapes"], "--severity", "violation", "--lang", "en")
    assert result.exit_code == 0
    assert "Give the city a country" in result.stdout


def test_a_gate_and_a_second_opinion_see_what_is_not_listed(run: Run, files: dict[str, Path]) -> None:
    grave = ":Last sh:targetNode :Rome ; a sh:NodeShape ; sh:property [ sh:path :zone ; sh:minCount 1 ] ."
    files["shapes"].write_text(SHAPES + grave, encoding="utf-8")
    files["bad"].write_text(BAD + " :Lyon a :City . :Rome :x 1 .", encoding="utf-8")
    gate = (
        "validate",
        files["bad"],
        "-s",
        files["shapes"],
        "--severity",
        "violation",
        "--max-results",
        1,
        "-f",
        "json",
    )
    result = run(*gate)
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert ([r["severity"] for r in told["results"]], told["total"]) == (["Violation"], 3)
    both = run("validate", files["bad"], "-s", files["shapes"], "--engine", "both", "--max-results", 1)
    assert "the engines agree" in both.stderr
    assert run(*gate, "--shape", "CityShape").exit_code == 0


def test_data_are_read_from_stdin(run: Run, files: dict[str, Path]) -> None:
    assert run("validate", "-", "-s", files["shapes"], stdin=BAD).exit_code == 1


def test_blank_nodes_of_two_files_stay_two(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    for name, text in {"one": "_:x a :City ; :country :Taiwan .", "two": "_:x a :City ."}.items():
        (tmp_path / f"{name}.ttl").write_text(f"@prefix : <https://example.org/> . {text}", encoding="utf-8")
    assert run("validate", tmp_path / "one.ttl", tmp_path / "two.ttl", "-s", files["shapes"]).exit_code == 1


def test_relative_iris_are_relative_to_the_file(run: Run, tmp_path: Path) -> None:
    both = tmp_path / "both.ttl"
    both.write_text(SHAPES + BAD.replace(":Taipei a", "<#Taipei> a"), encoding="utf-8")
    result = run("validate", both, "--shapes", both, "-f", "json")
    assert result.exit_code == 1, result.stderr
    assert json.loads(result.stdout)["results"][0]["focusNode"]["value"] == both.as_uri() + "#Taipei"


def test_many_files_are_one_graph(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    more = tmp_path / "more.ttl"
    more.write_text("@prefix : <https://example.org/> . :Taipei :country :Taiwan .", encoding="utf-8")
    assert run("validate", files["bad"], more, "-s", files["shapes"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["broken", "-s", "shapes"], "broken.ttl:1"),
        (["good", "-s", "broken"], "broken.ttl:1"),
        (["none", "-s", "shapes"], "none.ttl: no such file"),
        (["-s", "shapes"], "--shapes and --ontology go with DATA"),
        (["-", "-s", "-"], "stdin, which can be read once"),
        (["good", "-s", "pattern"], "sh:pattern '(' cannot be read: an opening bracket ( has no closing one"),
    ],
)
def test_what_cannot_be_validated_is_told(run: Run, files: dict[str, Path], arguments: list[str], told: str) -> None:
    paths = {**files, "none": Path("none.ttl")}
    result = run("validate", *(paths.get(word, word) for word in arguments))
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_the_bundled_dataset_conforms_and_nearly_every_shape_reached_something(run: Run, copy: Path) -> None:
    result = run("validate", "--project", copy, "-f", "json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0, told["results"][:5]
    assert len(told["reached"]) > 20
    assert len([shape["shape"] for shape in told["reached"] if not shape["focusNodes"]]) < 8


@pytest.mark.slow
def test_a_finding_in_a_project_leads_to_the_cell(run: Run, copy: Path) -> None:
    path = copy / "data" / "curation.csv"
    row = next(
        line for line in path.read_text(encoding="utf-8").splitlines() if ",DeprecatedRank,classification/" in line
    )
    reason = row.partition(",DeprecatedRank,")[2].partition(",")[0]
    line = edit(path, row, row.replace(f",DeprecatedRank,{reason},", ",DeprecatedRank,,"))
    result = run("validate", "--project", copy, "--lang", "en")
    assert result.exit_code == 1
    claims = (copy / "data" / "claims.csv").read_text(encoding="utf-8").splitlines()
    (of_claim,) = (n for n, text in enumerate(claims, 1) if text.startswith(row.partition(",")[0] + ","))
    assert f"claims.csv:{of_claim}" in result.stdout
    assert f"curation.csv:{line}" in result.stdout


@pytest.mark.slow
@pytest.mark.peer
def test_both_engines_agree_on_the_places_of_the_dataset(copy: Path, run: Run) -> None:
    for file in (copy / "shapes").glob("*.ttl"):
        if file.stem != "place":
            file.unlink()
    path = copy / "data" / "places.csv"
    row = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("place/paris,"))
    edit(path, row, row.replace("place/france", ""))
    found = {}
    for engine in ("columns", "pyshacl"):
        told = json.loads(run("validate", "--project", copy, "-f", "json", "--engine", engine).stdout)
        found[engine] = sorted(
            (r["focusNode"]["value"], r["component"], r["namedShape"]["value"]) for r in told["results"]
        )
    assert found["columns"] == found["pyshacl"]
    assert found["columns"]


def test_features_that_are_not_supported_end_in_2_unless_ignored(
    run: Run, files: dict[str, Path], tmp_path: Path
) -> None:
    shapes = tmp_path / "rules.ttl"
    shapes.write_text(SHAPES + ":CityShape sh:rule [ a sh:TripleRule ] .", encoding="utf-8")
    for data, code in (("good", 0), ("bad", 1)):
        found = run("validate", files[data], "-s", shapes, "--lang", "en")
        assert (found.exit_code, found.stdout.count("not checked: <https://example.org/CityShape>: sh:rule")) == (2, 1)
        told = json.loads(run("validate", files[data], "-s", shapes, "-f", "json").stdout)
        assert (told["conforms"], len(told["unsupported"])) == (None if data == "good" else False, 1)
        assert run("validate", files[data], "-s", shapes, "--ignore-unsupported").exit_code == code


@pytest.mark.parametrize("form", ["text", "table", "json", "turtle", "markdown", "sarif", "junit", "github"])
def test_no_form_says_that_data_conform_that_were_not_looked_at(run: Run, files: dict[str, Path], form: str) -> None:
    result = run("validate", files["empty"], "-s", files["shapes"], "-f", form, "--lang", "en")
    assert result.exit_code == 2
    good = {
        "json": '"conforms": true',
        "turtle": "sh:conforms",
        "sarif": '"executionSuccessful": true',
        "junit": 'errors="0"',
    }
    assert good.get(form, "conforms") not in result.stdout
    assert "no target of a shape matched a focus node" in result.stderr


def test_nodes_of_the_ontology_are_not_those_of_the_file(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.ttl"
    own.write_text("<http://example.org/a> a <http://example.org/C> .", encoding="utf-8")
    result = run("validate", own, "--lang", "en")
    assert result.exit_code == 2
    assert "Checked 0 focus nodes" in result.stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("table.csv", "is a table, not RDF; convert it first: glocal csvw table.csv"),
        ("https://example.org/data.ttl", "https://example.org/data.ttl: is an address"),
        ("folder", "is a folder, not a file"),
        ("data.xyz", "the ending .xyz is not that of an RDF format"),
        ("data", "the name has no ending"),
    ],
)
def test_data_that_are_no_rdf_are_refused_in_one_line(
    run: Run, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for file in ("table.csv", "data.xyz", "data"):
        (tmp_path / file).write_text("a,b", encoding="utf-8")
    result = run("validate", name, "-s", files["shapes"])
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert told in result.stderr
