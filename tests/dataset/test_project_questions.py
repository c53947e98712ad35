"""A project's own questions are asked by name, and of the bundled ones those that fit its ontology."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

from glocal_rdf import bind_question, build, list_questions
from glocal_rdf.errors import QueryError
from glocal_rdf.project import Project

ONTOLOGY = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix mine: <https://data.example/ontology#> .
mine:City a owl:Class ; rdfs:label "City"@en . mine:country a owl:DatatypeProperty ; rdfs:label "country"@en .
"""
METADATA = """{"@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}], "tables": [{"url": "cities.csv",
"tableSchema": {"aboutUrl": "https://data.example/id/{id}", "columns": [
{"name": "id", "titles": "id", "suppressOutput": true},
{"name": "country", "titles": "country", "propertyUrl": "https://data.example/ontology#country"},
{"virtual": true, "propertyUrl": "rdf:type", "valueUrl": "https://data.example/ontology#City"}]}}]}"""
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix mine: <https://data.example/ontology#> .
<https://data.example/shapes#City> a sh:NodeShape ; sh:targetClass mine:City ; sh:nodeKind sh:IRI .
"""
OWN = """# title: Cities of a country
# group: list
# parameter: country text The country
SELECT ?city WHERE {
  VALUES ?country { "Spain" }
  ?city mine:country ?country
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "ontology/city.ttl": ONTOLOGY,
        "data/csv-metadata.json": METADATA,
        "data/cities.csv": "id,country\ntaipei,Taiwan\nbarcelona,Spain\n",
        "shapes/city.ttl": SHAPES,
        "queries/cities-of.rq": OWN,
    }
    for name, text in files.items():
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "mine"


def test_own_questions_and_fitting_ones_are_listed(run: Run, folder: Path) -> None:
    listed = run("query", "--list", "-p", folder).stdout
    assert "cities-of" in listed
    assert "Cities of a country" in listed
    assert "things-by-class" in listed
    assert "networks-of-city" not in listed


def test_an_own_question_is_asked_with_the_prefixes_of_the_ontology(run: Run, folder: Path) -> None:
    result = run("query", "cities-of", "country=Taiwan", "-p", folder, "-f", "csv")
    assert result.stdout.split() == ["city", "https://data.example/id/taipei"]


def test_a_general_question_answers_for_any_project(run: Run, folder: Path) -> None:
    result = run("query", "things-by-class", "-p", folder, "-f", "csv")
    assert result.stdout.splitlines()[1:] == ["https://data.example/ontology#City,City,,2"]


def test_a_question_that_does_not_fit_is_refused_with_the_reason(run: Run, folder: Path) -> None:
    result = run("query", "networks-of-city", "city=taipei", "-p", folder)
    assert result.exit_code == 2
    assert "it uses terms that this project's ontology does not define" in result.stderr


def test_of_two_with_one_name_the_projects_is_asked(run: Run, folder: Path) -> None:
    (folder / "queries" / "things-by-class.rq").write_text("SELECT (1 AS ?own) {}", encoding="utf-8")
    assert run("query", "things-by-class", "-p", folder, "-f", "csv").stdout.split() == ["own", "1"]


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("# parameter: x thing What", r"bad\.rq:1: parameter x: the query has no line VALUES \?x"),
        ("# parameter: x city What", r"bad\.rq:1: parameter x: 'city' is not a kind of value"),
        ("# parameter: x", r"bad\.rq:1: parameter x: '' is not a kind of value"),
    ],
)
def test_a_wrong_comment_is_named_with_its_line(folder: Path, comment: str, told: str) -> None:
    (folder / "queries" / "bad.rq").write_text(f"{comment}\nSELECT * {{ ?s ?p ?o }}", encoding="utf-8")
    with pytest.raises(QueryError, match=told):
        list_questions(Project.open(folder))


def test_a_question_of_a_project_has_no_endpoint_call_another_server(folder: Path) -> None:
    (folder / "queries" / "far.rq").write_text("SELECT * { SERVICE <http://127.0.0.1:9/> {} }", encoding="utf-8")
    built = build(Project.open(folder))
    with pytest.raises(QueryError, match="SERVICE would call another server"):
        bind_question(built, "far", {})
