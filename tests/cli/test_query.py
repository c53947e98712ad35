"""`glocal query` answers bundled and own questions, of the project, a file or an endpoint."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from conftest import ENDPOINT_DATA, ROOT, Run

from glocal_rdf import Build, ask
from glocal_rdf.questions import catalogue

QUESTIONS = ROOT / "tests" / "questions"
OF_THE_DATASET = [question for question in catalogue.list_questions() if not question.general]


@pytest.mark.slow
@pytest.mark.parametrize("question", OF_THE_DATASET, ids=lambda question: question.name)
def test_a_bundled_question_has_the_answer_beside_it(question: catalogue.Question, built: Build) -> None:
    expected = QUESTIONS / f"{question.name}.csv"
    assert expected.is_file(), f"{question.name} has no expected answer"
    answer = ask(built, question.text)
    rows = sorted(csv.reader(io.StringIO(answer.serialize("csv").decode(), newline="")))
    assert rows == sorted(csv.reader(io.StringIO(expected.read_text(encoding="utf-8"), newline="")))


def test_every_expected_answer_is_to_a_question() -> None:
    assert {path.stem for path in QUESTIONS.glob("*.csv")} == {question.name for question in OF_THE_DATASET}


def test_questions_are_listed_in_either_language(run: Run) -> None:
    english, chinese = (run("query", "--list", "--lang", lang).stdout for lang in ("en", "zh-Hant"))
    for question in catalogue.list_questions():
        assert question.title["en"] in english
        assert question.title["zh-Hant"] in chinese
        assert question.name in chinese


def test_a_thing_is_asked_by_its_name_in_either_language(run: Run) -> None:
    answers = [
        run("query", "networks-of-city", f"city={word}", "-f", "csv").stdout for word in ("Taipei", "台北市", "taipei")
    ]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0].splitlines()) > 3


def test_every_passage_of_a_claim_stands_in_one_cell_and_is_shortened(run: Run) -> None:
    [row] = [line for line in run("query", "count-over-time").stdout.splitlines() if " 45 " in line]
    assert row.count("document:city-alliances#char=") == 2
    assert "https://" not in row


def test_a_question_without_an_answer_says_so(run: Run) -> None:
    result = run("query", "--text", "SELECT ?s WHERE { ?s a <https://example.org/none> }", "-f", "csv")
    assert result.exit_code == 0
    assert result.stdout.split() == ["s"]
    assert "No results." in result.stderr


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.ttl"
    path.write_text(ENDPOINT_DATA, encoding="utf-8")
    return path


def test_a_file_is_asked_with_a_query_of_ones_own(run: Run, data: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.rq"
    own.write_text(
        'SELECT ?n WHERE { ?s skos:prefLabel ?n FILTER(langMatches(LANG(?n), "zh-Hant")) }', encoding="utf-8"
    )
    assert run("query", "--file", own, "--source", data, "-f", "tsv").stdout == '?n\n"臺北市"@zh-Hant\n'


def test_a_query_is_read_from_stdin(run: Run, data: Path) -> None:
    assert run("query", "--file", "-", "--source", data, stdin="ASK { ?s ?p ?o }").stdout == "yes\n"


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml", "markdown", "table"])
def test_every_form_shows_the_answer(run: Run, data: Path, form: str) -> None:
    assert "臺北市" in run("query", "--text", "SELECT ?n { ?s skos:prefLabel ?n }", "--source", data, "-f", form).stdout


def test_an_answer_is_written_to_a_file(run: Run, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.json"
    assert run("query", "--text", "SELECT * { ?s ?p ?o }", "--source", data, "-f", "json", "-o", out).exit_code == 0
    assert len(json.loads(out.read_text(encoding="utf-8"))["results"]["bindings"]) == 3


def test_show_prints_the_query_that_would_be_asked(run: Run) -> None:
    shown = run("query", "networks-of-city", "city=Taipei", "--show").stdout
    assert "<https://w3id.org/glocal/id/place/taipei>" in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no-such-question"], "there is no question 'no-such-question' here"),
        (["networks-of-city", "town=x"], "has no parameter 'town'; it takes city"),
        (["networks-of-city", "city=Atlantis"], "nothing in the data is called 'Atlantis'"),
        (["networks-of-city", "Taipei"], "'Taipei' is not PARAMETER=VALUE"),
        (["networks-founded", "from=199O"], "'199O' is not"),
        (["--text", "SELECT"], "is not SPARQL"),
        (["--file", "none.rq"], "none.rq: no such file"),
        (["--text", "ASK {}", "--source", "none.ttl"], "none.ttl"),
        (["--text", "SELECT * { SERVICE <http://x/> {} }"], "SERVICE would call another server"),
        ([], "Give one of NAME, --file or --text"),
        (["x", "--text", "ASK {}"], "Give one of NAME, --file or --text"),
        (["--text", "ASK {}", "a=b"], "Give one of NAME, --file or --text"),
        (["--text", "ASK {}", "--source", "http://127.0.0.1:9/sparql"], "cannot be reached"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told(run: Run, arguments: list[str], told: str) -> None:
    result = run("query", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_an_endpoint_is_asked_over_the_network(run: Run, endpoint: str) -> None:
    text = 'SELECT ?n ?y { ?s skos:prefLabel ?n ; ?p ?y FILTER(LANG(?n) = "en" && isLiteral(?y) && LANG(?y) = "") }'
    result = run("query", "--source", endpoint, "--text", text, "-f", "csv")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == ["n,y", "Taipei,2006"]


def test_an_endpoint_gives_a_graph(run: Run, endpoint: str) -> None:
    result = run("query", "--source", endpoint, "--text", "CONSTRUCT WHERE { ?s skos:prefLabel ?n }")
    assert result.exit_code == 0, result.stderr
    assert "臺北市" in result.stdout


def test_an_endpoint_answers_yes_or_no(run: Run, endpoint: str) -> None:
    assert run("query", "--source", endpoint, "--text", "ASK { ?s skos:prefLabel ?n }").stdout == "yes\n"


def test_an_endpoint_that_refuses_the_query_is_told(run: Run, endpoint: str) -> None:
    result = run("query", "--source", endpoint, "--text", "SELECT ?x WHERE { ?x")
    assert result.exit_code == 2
    assert "refused the query" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_address_that_is_no_endpoint_is_told(run: Run, endpoint: str) -> None:
    result = run("query", "--source", endpoint.replace("/query", "/nowhere"), "--text", "ASK {}")
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("dataset", "pattern", "found"),
    [
        ("FROM NAMED :h", "GRAPH ?g { ?s :p ?o }", ["h,2"]),
        ("FROM NAMED :g FROM NAMED :h", "GRAPH ?g { ?s :p ?o }", ["g,1", "h,2"]),
        ("FROM :h", "GRAPH ?g { ?s :p ?o }", []),
        ("FROM :h FROM NAMED :g", "?s :p ?o GRAPH ?g { ?t :p ?u }", ["g,2"]),
        ("FROM NAMED :g", "?s :p ?o", []),
        ("", "GRAPH ?g { ?s :p ?o }", ["g,1", "h,2"]),
    ],
)
def test_a_dataset_that_a_query_describes_is_all_that_it_sees(
    run: Run, tmp_path: Path, dataset: str, pattern: str, found: list[str]
) -> None:
    file = tmp_path / "data.trig"
    file.write_text("@prefix : <http://e.org/> . :a :p 0 . :g { :a :p 1 } :h { :a :p 2 }", encoding="utf-8")
    text = f"PREFIX : <http://e.org/> SELECT ?g ?o {dataset} {{ {pattern} }} ORDER BY ?g ?o"
    result = run("query", "--source", file, "--text", text, "-f", "csv")
    assert [line.removeprefix("http://e.org/") for line in result.stdout.splitlines()[1:]] == found


@pytest.mark.slow
def test_an_answer_has_its_evidence_beside_it(run: Run, documents: Path) -> None:
    table = run("query", "oldest-network", "--evidence", "--documents", documents, "--lang", "en")
    assert table.exit_code == 0
    lines = table.stdout.splitlines()
    assert lines[0].split()[-1] == "evidence"
    assert "characters 13943–13955 · normal" in table.stdout
    assert "「1901 加拿大市政聯盟」" in table.stdout
    assert "data/organizations.csv:" in table.stdout
    chinese = run("query", "oldest-network", "--evidence", "--documents", documents, "--lang", "zh-Hant")
    assert "第 13943–13955 字元 · 一般" in chinese.stdout


def test_evidence_is_written_as_markdown_with_footnotes(run: Run, documents: Path) -> None:
    query = "SELECT ?n { ?n org:hasMember place:taipei } ORDER BY ?n LIMIT 2"
    text = run(
        "query", "--text", query, "--evidence", "--documents", documents, "-f", "markdown", "--lang", "en"
    ).stdout
    marks = {mark for line in text.splitlines() if line.startswith("| http") for mark in line.split("[^")[1:]}
    notes = {line[2 : line.index("]")] for line in text.splitlines() if line.startswith("[^")}
    assert {mark.split("]")[0] for mark in marks} == notes
    assert "owl:inverseOf" in text


def test_evidence_is_written_as_csv_with_a_line_for_each_passage(run: Run, documents: Path) -> None:
    options = ("--evidence", "--documents", documents, "-f", "csv")
    found = run("query", "--text", "SELECT ?date { organization:fcm schema:foundingDate ?date }", *options).stdout
    [line] = csv.DictReader(io.StringIO(found, newline=""))
    assert (line["?date"], line["row"], line["origin"], line["start"]) == ("1901", "1", "claims", "13943")
    assert line["text"].split() == ["1901", "加拿大市政聯盟"]


def test_a_passage_that_cannot_be_quoted_is_reported(run: Run, tmp_path: Path) -> None:
    result = run("query", "oldest-network", "--evidence", "--documents", tmp_path)
    assert result.exit_code == 1
    assert "its passages are not quoted" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--documents", "."), "--documents"),
        (("--evidence", "-f", "xml"), "Evidence cannot be written as xml"),
        (("--evidence", "-o", "x.txt"), "A table is for the terminal"),
        (("--evidence", "--show"), "does not go with --show"),
        (("--evidence", "--source", "https://example.org/sparql"), "an endpoint cannot be traced"),
    ],
)
def test_options_that_do_not_go_with_evidence_are_refused(arguments: tuple[str, ...], reason: str, run: Run) -> None:
    result = run("query", "documents", *arguments)
    assert result.exit_code == 2
    assert reason in result.stderr
