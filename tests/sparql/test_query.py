"""Questions are bound safely, asked offline, and answered in every form of the SPARQL results."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Variable
from rdflib.plugins.sparql.results.jsonresults import JSONResultParser
from rdflib.plugins.sparql.results.tsvresults import TSVResultParser
from rdflib.plugins.sparql.results.xmlresults import XMLResultParser

from glocal_rdf.errors import QueryError
from glocal_rdf.questions.answers import Answer, ask, read_answer
from glocal_rdf.questions.catalogue import Parameter, Question, bind, find_question, list_questions
from glocal_rdf.sparql.grammar.tokens import add_prefixes
from glocal_rdf.triples import Triples, terms

GRAPH = Triples.from_terms(
    [
        ("<http://e/a>", "<http://e/p>", '"台北|\\n\\"x\\""@zh-Hant'),
        ("<http://e/a>", "<http://e/q>", '"2006"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
        ("<http://e/a>", "<http://e/r>", "<http://e/b>"),
    ]
)
ALL = "SELECT ?o ?none WHERE { <http://e/a> ?p ?o } ORDER BY ?p"
TEXT = """# title: Name
SELECT ?s WHERE {
  VALUES ?name { "x" }
  ?s ?p ?name
}
"""
GROUPS = {"general", "lookup", "list", "aggregation", "time", "conflict"} | {
    "multi-hop", "provenance", "bilingual", "negative", "quality",
}  # fmt: skip
QUESTION = Question("q", {}, {}, "", (Parameter("name", "text", "a name", '"x"'),), TEXT)


def of_kind(kind: str) -> Question:
    return replace(QUESTION, parameters=(replace(QUESTION.parameters[0], kind=kind),))  # type: ignore[arg-type]


def test_an_answer_keeps_terms_as_the_data_has_them() -> None:
    answer = ask(GRAPH, ALL)
    assert answer.variables == ("o", "none")
    assert answer.bindings[0] == ('"台北|\\n\\"x\\""@zh-Hant', None)
    assert answer.rows() == [('台北|\n"x"', ""), ("2006", ""), ("http://e/b", "")]


def test_json_says_what_each_term_is() -> None:
    first, second, third = json.loads(ask(GRAPH, ALL).serialize("json"))["results"]["bindings"]
    assert first == {"o": {"type": "literal", "value": '台北|\n"x"', "xml:lang": "zh-Hant"}}
    assert second["o"]["datatype"] == "http://www.w3.org/2001/XMLSchema#gYear"
    assert third == {"o": {"type": "uri", "value": "http://e/b"}}


def test_csv_is_read_back_by_python_and_ends_its_lines_as_the_specification_says() -> None:
    data = ask(GRAPH, ALL).serialize("csv").decode()
    assert data.startswith("o,none\r\n")
    assert list(csv.reader(io.StringIO(data, newline="")))[1] == ['台北|\n"x"', ""]


@pytest.mark.parametrize(
    ("form", "parser"), [("json", JSONResultParser), ("xml", XMLResultParser), ("tsv", TSVResultParser)]
)
def test_rdflib_reads_what_we_write(form: str, parser: type) -> None:
    read = parser().parse(io.BytesIO(ask(GRAPH, ALL).serialize(form)))
    values = [str(row[Variable("o")]) for row in read.bindings]
    assert values == ['台北|\n"x"', "2006", "http://e/b"]


def test_markdown_keeps_a_row_on_a_line() -> None:
    assert ask(GRAPH, ALL).serialize("markdown").decode().splitlines()[2] == '| 台北\\| "x" |  |'


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv", "markdown"])
def test_an_ask_is_answered_in_every_form(form: str) -> None:
    told = ask(GRAPH, "ASK { <http://e/a> ?p ?o }").serialize(form).decode()
    assert "true" in told or "yes" in told


def test_a_construct_gives_a_graph() -> None:
    answer = ask(GRAPH, "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o . FILTER(isIRI(?o)) }")
    assert answer.serialize("ntriples") == b"<http://e/b> <http://e/r> <http://e/a> .\n"
    with pytest.raises(QueryError, match="a graph cannot be written as csv"):
        answer.serialize("csv")


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(value=st.text(max_size=40))
def test_no_text_can_become_a_part_of_the_query(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    text = bind(QUESTION, {"name": value}, lambda _: [])
    data = Triples.from_terms([("<http://e/s>", "<http://e/p>", terms.quote(value))])
    assert ask(data, text).rows() == [("http://e/s",)]


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("integer", "1 } #", "is not a whole number"),
        ("year", "199O", "is not a year of four digits"),
        ("language", 'en"', "is not a language tag"),
        ("thing", "nobody", "names nothing in the data"),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: str, value: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        bind(of_kind(kind), {"name": value}, lambda _: [])


@pytest.mark.parametrize(
    ("kind", "value", "block"),
    [
        ("integer", "-07", "{ -7 }"),
        ("year", "1990", '{ "1990"^^<http://www.w3.org/2001/XMLSchema#gYear> }'),
        ("language", "zh-Hant", '{ "zh-Hant" }'),
        ("thing", "uclg", "{ <http://e/a> <http://e/b> }"),
        ("text", '"} UNION {', '{ "\\"} UNION {" }'),
    ],
)
def test_a_value_is_written_as_a_term(kind: str, value: str, block: str) -> None:
    assert block in bind(of_kind(kind), {"name": value}, lambda _: ["http://e/a", "http://e/b"])


def test_a_parameter_that_the_question_has_not_is_told_with_those_that_it_has() -> None:
    with pytest.raises(QueryError, match=r"q: has no parameter 'nam'; did you mean name\?"):
        bind(QUESTION, {"nam": "x"}, lambda _: [])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
        "SELECT * { service silent ?x { ?s ?p ?o } }",
        "ASK {SERVICE<http://x>{}}",
    ],
)
def test_no_query_calls_another_server(text: str) -> None:
    with pytest.raises(QueryError, match="SERVICE would call another server"):
        ask(GRAPH, text)


def test_the_word_service_in_a_text_is_no_call() -> None:
    assert not len(ask(GRAPH, 'SELECT ?service { ?service ?p "SERVICE" . # SERVICE\n }'))


def test_a_mistake_in_the_syntax_is_told() -> None:
    with pytest.raises(QueryError, match="query: is not SPARQL"):
        ask(GRAPH, "SELECT WHERE")


def test_well_known_prefixes_need_no_declaration() -> None:
    prefixes = {"e": "http://e/", "skos": "http://skos/"}
    assert add_prefixes("ASK { e:a ?p ?o }", prefixes) == "PREFIX e: <http://e/> ASK { e:a ?p ?o }"
    assert (
        add_prefixes("PREFIX e: <http://f/> ASK { e:a ?p ?o }", prefixes) == "PREFIX e: <http://f/> ASK { e:a ?p ?o }"
    )


def test_an_unknown_question_leads_to_the_nearest() -> None:
    with pytest.raises(QueryError, match=r"did you mean .*networks-of-city"):
        find_question("network-of-city")


def test_a_broken_answer_of_an_endpoint_is_told() -> None:
    with pytest.raises(QueryError, match=r"^http://e\.org/: answered with broken json"):
        read_answer(b"<html>", "json", "http://e.org/")


def test_an_answer_without_rows_is_empty() -> None:
    assert len(Answer(("s",), ())) == 0


def test_bundled_questions_say_what_they_are_in_both_languages() -> None:
    questions = list_questions()
    assert len(questions) >= 20
    for question in questions:
        for said in (question.title, question.description):
            assert said["en"]
            assert said["zh-Hant"]
            assert said["en"] != said["zh-Hant"]
        assert question.group in GROUPS, question.name
        for parameter in question.parameters:
            assert parameter.kind in {"text", "thing", "integer", "year", "language"}
            assert parameter.default or question.general, f"{question.name}: {parameter.name}"
