"""A project's own questions are asked by name, and of the bundled ones those that fit its ontology."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT, Run, edit

from glocal_rdf import bind_question, build, list_questions
from glocal_rdf.errors import QueryError
from glocal_rdf.project import Project
from glocal_rdf.questions import list_general_questions

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
    assert result.stdout.splitlines()[1:] == ["https://data.example/ontology#City,City,2"]


def test_a_question_that_does_not_fit_is_refused_with_the_reason(run: Run, folder: Path) -> None:
    result = run("query", "networks-of-city", "city=taipei", "-p", folder)
    assert result.exit_code == 2
    assert "it uses terms that this project's ontology does not define" in result.stderr


def test_of_two_with_one_name_the_projects_is_asked_with_a_note(run: Run, folder: Path) -> None:
    (folder / "queries" / "things-by-class.rq").write_text("SELECT (1 AS ?own) {}", encoding="utf-8")
    result = run("query", "things-by-class", "-p", folder, "-f", "csv")
    assert (result.exit_code, result.stdout.split(), result.stderr) == (0, ["own", "1"], "")
    note = "queries/: used in place of bundled questions of the same names: things-by-class"
    listed = run("query", "--list", "-p", folder, "-f", "json")
    assert note in listed.stderr
    origins = {entry["name"]: entry["origin"] for entry in json.loads(listed.stdout)}
    assert origins["things-by-class"] == "queries/things-by-class.rq"
    assert origins["about"] == "bundled"


def test_questions_of_another_field_are_not_listed(folder: Path) -> None:
    names = {question.name for question in list_questions(Project.open(folder)) if not question.file}
    assert names == {question.name for question in list_general_questions()}


def test_a_question_that_needs_claims_fits_where_there_are_claims_and_asks_for_its_thing() -> None:
    listed = {q.name: q for q in list_questions(Project.open(ROOT / "examples" / "document-claims"))}
    assert "networks-of-city" not in listed
    # The default is a thing of the bundled dataset, which this project does not have.
    assert [(p.name, p.default) for p in listed["sources-of"].parameters] == [("thing", "")]


def test_every_bundled_question_fits_the_bundled_dataset(project: Project) -> None:
    assert list_questions(project) == list_questions()


def test_a_comment_that_is_misspelt_is_reported(run: Run, folder: Path) -> None:
    text = OWN.replace("# title:", "# titel:") + "# grupo: within the query, this is an ordinary comment\n"
    (folder / "queries" / "cities-of.rq").write_text(text, encoding="utf-8")
    for arguments in (("--list",), ("cities-of",)):
        result = run("query", *arguments, "-p", folder)
        assert result.exit_code == 0
        assert (
            "cities-of.rq:1: the comment 'titel' is not one that questions have; did you mean title?" in result.stderr
        )
        assert "grupo" not in result.stderr


def test_titles_in_any_language_are_read(folder: Path) -> None:
    text = "# title-fr: Les villes\n# description-fr: Toutes.\n# Note: see https://example.org/\nASK {}"
    (folder / "queries" / "villes.rq").write_text(text, encoding="utf-8")
    found = {q.name: q for q in list_questions(Project.open(folder))}["villes"]
    assert (found.title["fr"], found.title["en"], found.description["fr"]) == ("Les villes", "Les villes", "Toutes.")
    assert found.problems == ()


def test_a_parameter_that_is_misspelt_gets_a_hint(run: Run, folder: Path) -> None:
    result = run("query", "cities-of", "contry=Spain", "-p", folder)
    assert result.exit_code == 2
    assert "cities-of: has no parameter 'contry'; did you mean country?" in result.stderr


def test_a_parameter_without_a_default_needs_a_value(run: Run, folder: Path) -> None:
    result = run("query", "about", "-p", folder)
    assert result.exit_code == 2
    assert "about: thing: needs a value (The thing, by name, slug or IRI); write thing=VALUE" in result.stderr
    assert run("query", "about", "--show", "-p", folder).stdout.count("VALUES ?thing { }") == 1
    assert "Taiwan" in run("query", "about", "thing=taipei", "-p", folder, "-f", "csv").stdout


def test_a_property_that_nothing_describes_is_found_by_its_curie(run: Run, folder: Path) -> None:
    edit(folder / "data" / "csv-metadata.json", "https://data.example/ontology#country", "schema:addressCountry")
    result = run("query", "values-of", "property=schema:addressCountry", "-p", folder, "-f", "csv")
    assert result.stdout.split() == ["value,name,things", "Spain,,1", "Taiwan,,1"]
    assert run("query", "values-of", "property=schema:addressCity", "-p", folder).exit_code == 2


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
