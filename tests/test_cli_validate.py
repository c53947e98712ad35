"""`glocal validate` says whether data conform, and where they do not, in every form of the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run, edit

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
    texts = {"good": GOOD, "bad": BAD, "shapes": SHAPES, "broken": "@prefix : <", "empty": ""}
    paths = {name: tmp_path / f"{name}.ttl" for name in texts}
    for name, text in texts.items():
        paths[name].write_text(text, encoding="utf-8")
    return paths


@pytest.mark.parametrize("engine", ["columns", "pyshacl"])
@pytest.mark.parametrize(("data", "code"), [("good", 0), ("bad", 1)])
def test_the_exit_code_says_whether_data_conform(run: Run, files: dict[str, Path], engine: str, data: str, code: int) -> None:
    result = run("validate", files[data], "--shapes", files["shapes"], "--engine", engine)
    assert result.exit_code == code, result.stderr


def test_the_message_is_in_the_language_that_was_asked_for(run: Run, files: dict[str, Path]) -> None:
    shown = {lang: run("validate", files["bad"], "-s", files["shapes"], "--lang", lang).stdout for lang in ("en", "zh-Hant")}
    assert "Give the city a country" in shown["en"]
    assert "請填國家" in shown["zh-Hant"]


def test_it_says_how_many_focus_nodes_were_reached(run: Run, files: dict[str, Path]) -> None:
    told = json.loads(run("validate", files["good"], "-s", files["shapes"], "-f", "json").stdout)
    assert [shape["focusNodes"] for shape in told["reached"]] == [1]


def test_silence_is_never_success(run: Run, files: dict[str, Path]) -> None:
    result = run("validate", files["empty"], "-s", files["shapes"])
    assert result.exit_code == 2
    assert "no shape reached anything" in result.stderr


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


def test_a_gate_lets_lesser_severities_pass(run: Run, files: dict[str, Path]) -> None:
    result = run("validate", files["bad"], "-s", files["shapes"], "--severity", "violation", "--lang", "en")
    assert result.exit_code == 0
    assert "Give the city a country" in result.stdout


def test_data_are_read_from_stdin(run: Run, files: dict[str, Path]) -> None:
    assert run("validate", "-", "-s", files["shapes"], stdin=BAD).exit_code == 1


def test_many_files_are_one_graph(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    more = tmp_path / "more.ttl"
    more.write_text("@prefix : <https://example.org/> . :Taipei :country :Taiwan .", encoding="utf-8")
    assert run("validate", files["bad"], more, "-s", files["shapes"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["broken", "-s", "shapes"], "broken.ttl:1"),
        (["good", "-s", "broken"], "broken.ttl:1"),
        (["none", "-s", "shapes"], "none.ttl: cannot be read"),
        (["-s", "shapes"], "--shapes and --ontology go with DATA"),
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


def test_a_finding_in_a_project_leads_to_the_cell(run: Run, copy: Path) -> None:
    path = copy / "data" / "claims.csv"
    row = next(line for line in path.read_text(encoding="utf-8").splitlines() if ",DeprecatedRank,classification/" in line)
    reason = row.partition(",DeprecatedRank,")[2].partition(",")[0]
    line = edit(path, row, row.replace(f",DeprecatedRank,{reason},", ",DeprecatedRank,,"))
    result = run("validate", "--project", copy, "--lang", "en")
    assert result.exit_code == 1
    assert f"claims.csv:{line}" in result.stdout


def test_both_engines_agree_on_the_bundled_dataset(copy: Path, run: Run) -> None:
    path = copy / "data" / "places.csv"
    row = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("place/paris,"))
    edit(path, row, row.replace("place/france", ""))
    found = {}
    for engine in ("columns", "pyshacl"):
        told = json.loads(run("validate", "--project", copy, "-f", "json", "--engine", engine).stdout)
        found[engine] = sorted((r["focus"]["value"], r["component"], r["namedShape"]) for r in told["results"])
    assert found["columns"] == found["pyshacl"]
    assert found["columns"]
