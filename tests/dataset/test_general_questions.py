"""General questions answer in every project: as written down for the examples, and as columns count for ours."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from conftest import ROOT, Builds

from glocal_rdf import Build, ask, bind_question
from glocal_rdf.project import Project
from glocal_rdf.questions import list_general_questions
from glocal_rdf.sparql.grammar.mentions import find_iris
from glocal_rdf.vocabulary import GLOCAL

EXPECTED = ROOT / "tests" / "questions" / "general"
VALUES = {
    "city-spreadsheet": {
        "about": "thing=lotus-pond",
        "refers-to": "thing=playground",
        "values-of": "property=facility",
    },
    "document-claims": {
        "about": "thing=harbour-league",
        "refers-to": "thing=harbour-league",
        "values-of": "property=member",
    },
}
CASES = [(example, question.name) for example in VALUES for question in list_general_questions()]
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


@pytest.mark.parametrize(("example", "name"), CASES)
def test_the_answer_for_an_example_is_as_written_down(example: str, name: str, builds: Builds) -> None:
    built = builds.build(Project.open(ROOT / "examples" / example))
    given = VALUES[example].get(name)
    question = next(one for one in list_general_questions() if one.name == name)
    query = bind_question(built, question, dict([given.split("=")]) if given else {})
    rows = list(csv.reader(io.StringIO(ask(built, query).serialize("csv").decode(), newline="")))
    expected = (EXPECTED / example / f"{name}.csv").read_text(encoding="utf-8")
    assert rows == list(csv.reader(io.StringIO(expected, newline="")))


def test_every_expected_answer_is_to_a_question() -> None:
    files = {(path.parent.name, path.stem) for path in EXPECTED.rglob("*.csv")}
    assert files == set(CASES)


@pytest.mark.parametrize("question", list_general_questions(), ids=lambda question: question.name)
def test_a_general_question_uses_no_term_of_ours(question: object) -> None:
    assert not [iri for iri, _ in find_iris(question.text) if iri.startswith(GLOCAL)]  # type: ignore[attr-defined]


def test_things_are_counted_as_columns_count_them(built: Build) -> None:
    answer = ask(built, bind_question(built, "things-by-class", {}))
    counted = {row[0]: int(row[2]) for row in answer.rows()}
    types = built.with_ontology.match(predicate=TYPE).frame
    defining = pl.col("object").str.contains(r"/owl#|/rdf-schema#|rdf-syntax-ns#Property>$")
    things = types.join(types.filter(defining), on="subject", how="anti")
    by_class = things.group_by("object").agg(pl.col("subject").n_unique())
    assert counted == {kind[1:-1]: number for kind, number in by_class.iter_rows()}
    assert counted["https://w3id.org/glocal/ontology#City"] == 39


def test_names_are_in_the_language_that_was_asked_for(built: Build) -> None:
    answer = ask(built, bind_question(built, "things-by-class", {"language": "zh-Hant"}))
    assert "城市聯盟組織" in {row[1] for row in answer.rows()}
