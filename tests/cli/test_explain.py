"""`glocal explain` prints every statement about a thing, with document, position, rank and passage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT, Run

from glocal_rdf import Build
from glocal_rdf.claims.explanation import explain_thing
from glocal_rdf.triples import Triples

IRI = "https://w3id.org/glocal/id/organization/uclg"


@pytest.mark.slow
@pytest.mark.parametrize(
    "word", ["uclg", "organization/uclg", IRI, "United Cities and Local Governments", "城市與地方政府聯合組織"]
)
def test_a_thing_is_found_by_slug_iri_or_name(run: Run, word: str) -> None:
    [told] = json.loads(run("explain", word, "--json").stdout)
    assert (told["iri"], told["id"]) == (IRI, "organization:uclg")


def test_explain_and_find_name_a_thing_alike(run: Run) -> None:
    [explained] = json.loads(run("explain", "uclg", "-f", "json").stdout)
    found = json.loads(run("find", "UCLG", "--limit", 1, "--json").stdout)[0]
    keys = ("id", "iri", "names", "classes")
    assert [explained[key] for key in keys] == [found[key] for key in keys]
    assert explained["names"] == {"en": explained["name"], "zh-Hant": "城市與地方政府聯合組織"}
    assert explained["classes"] == ["https://w3id.org/glocal/ontology#CityNetwork"]


def test_every_statement_of_the_graph_about_the_thing_is_told(run: Run, built: Build) -> None:
    [told] = json.loads(run("explain", "uclg", "--json").stdout)
    said = {(s["subject"], s["predicate"], s["object"]) for s in told["statements"] if s["plain"]}
    assert {triple for triple in built.with_ontology if triple[0] == f"<{IRI}>"} <= said


def test_a_claim_is_told_with_document_position_and_rank(run: Run) -> None:
    shown = run("explain", "uclg", "--lang", "en").stdout
    assert "The Cities Alliances and International City Organizations, characters " in shown
    assert "normal" in shown


def test_what_stands_in_a_table_is_led_to_its_cell(run: Run) -> None:
    shown = run("explain", "uclg", "--lang", "en").stdout
    lines = (ROOT / "data" / "organizations.csv").read_text(encoding="utf-8").splitlines()
    row = next(number for number, line in enumerate(lines, 1) if line.startswith("organization/uclg,"))
    assert f"city network  (data/organizations.csv:{row} (type))" in shown
    assert "organization  (inferred by a rule)" in shown


def test_the_passage_itself_is_told_where_the_documents_are_at_hand(run: Run, documents: Path) -> None:
    assert "西班牙巴塞隆納" in run("explain", "uclg", "--documents", documents).stdout
    assert "西班牙巴塞隆納" not in run("explain", "uclg").stdout


def test_words_are_in_the_language_that_was_asked_for(run: Run) -> None:
    assert "字元" in run("explain", "uclg", "--lang", "zh-Hant").stdout


def test_a_name_of_nothing_leads_to_the_nearest(run: Run) -> None:
    result = run("explain", "Taipeh")
    assert result.exit_code == 2
    assert "nothing in the data is called 'Taipeh'; did you mean" in result.stderr


GRAPH = """
@prefix : <https://example.org/> .
@prefix g: <https://w3id.org/glocal/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix w: <http://wikiba.se/ontology#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
:s :p :o ; :q :r . :z :p :s .
:c rdf:subject :s ; rdf:predicate :p ; rdf:object :o ; w:rank w:NormalRank ; prov:wasDerivedFrom :d1 ; g:asWritten "x" .
:d rdf:subject :s ; rdf:predicate :p ; rdf:object :wrong ; w:rank w:DeprecatedRank .
:e rdf:subject :z ; rdf:predicate :p ; rdf:object :s ; g:heldBy :critics .
"""


def test_a_text_in_two_languages_rests_on_its_claim_in_both() -> None:
    texts = '"trade"@en , "貿易"@zh-Hant'
    both = f":c rdf:subject :s ; rdf:predicate :q ; rdf:object {texts} . :s :q {texts} ."
    prefixes = "".join(line for line in GRAPH.splitlines(keepends=True) if line.startswith("@prefix"))
    told = explain_thing(Triples.parse(prefixes + both, "turtle"), "https://example.org/s")
    assert [(s.object, len(s.evidence)) for s in told] == [('"trade"@en', 1), ('"貿易"@zh-Hant', 1)]


def test_statements_have_the_claims_they_rest_on() -> None:
    told = explain_thing(Triples.parse(GRAPH, "turtle"), "https://example.org/s")

    def end(term: str) -> str:
        return term.rpartition("/")[2].strip(">")

    ends = [(end(s.subject), end(s.predicate), end(s.object), s.plain, len(s.evidence)) for s in told]
    assert ends == [
        ("s", "p", "o", True, 1),
        ("s", "p", "wrong", False, 1),
        ("s", "q", "r", True, 0),
        ("z", "p", "s", True, 1),
    ]
    [evidence] = told[0].evidence
    assert evidence.passages == ("<https://example.org/d1>",)
    assert evidence.qualifiers == (("<https://w3id.org/glocal/ontology#asWritten>", '"x"'),)
