"""What bundled questions answer is what the documents say: years, lists and members, against the text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from conftest import ROOT, Run

from glocal_rdf import Build, ask, ask_with_evidence, bind_question
from glocal_rdf.errors import QueryError
from glocal_rdf.operations.query import count_left_out
from glocal_rdf.questions import catalogue

IN_TABLE = "?table schema:itemListElement/schema:item ?network, ?other . ?other a glocal:CityNetwork"
ALLIANCES = f"SELECT DISTINCT ?network {{ {{ ?network a glocal:CityNetwork }} UNION {{ {IN_TABLE} }} }}"


def find(name: str) -> catalogue.Question:
    return catalogue.find_question(name, catalogue.list_questions())


def column(built: Build, query: str) -> list[str]:
    return [row[0] for row in ask(built, query).rows()]


def test_every_founding_year_stands_in_a_passage(built: Build, documents: Path) -> None:
    query = bind_question(built, "networks-founded", {"from": "0001", "to": "2999"})
    found = ask_with_evidence(built, query, documents=documents)
    assert len(found) > 25
    for row in found.rows:
        year = row.values["year"].strip('"')
        [dated] = {number for number in row.statements() if "foundingDate" in found.statements[number].predicate}
        texts = [passage.text or "" for _, passage in found.listed_passages(dated) if passage]
        full_width = year.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
        minguo = str(int(year) - 1911)
        assert any(one in text for one in (year, full_width, minguo) for text in texts), (row.values, texts)


@pytest.mark.slow
def test_networks_with_and_without_a_year_are_all_that_the_documents_list(built: Build) -> None:
    listed = set(column(built, ALLIANCES))
    query = bind_question(built, "networks-founded", {"from": "0001", "to": "2999"})
    founded = {row[1] for row in ask(built, query).rows()}
    without = set(column(built, find("networks-without-founding-year").text))
    assert founded | without == listed
    assert not founded & without
    # The table of alliances has 36 rows; each of its bodies is in one answer or the other.
    in_table = column(built, f"SELECT DISTINCT ?network {{ {IN_TABLE} }}")
    assert len(in_table) > 30
    assert set(in_table) <= founded | without


def test_decades_count_what_the_years_list(built: Build) -> None:
    query = bind_question(built, "networks-founded", {"from": "0001", "to": "2999"})
    decades = {(f"{row[0][:3]}0s", row[1]) for row in ask(built, query).rows()}
    counted = {row[0]: int(row[1]) for row in ask(built, find("networks-per-decade").text).rows()}
    assert counted == {decade: sum(1 for one, _ in decades if one == decade) for decade, _ in decades}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["networks-founded", "networks-per-decade"])
def test_what_an_answer_leaves_out_is_counted(name: str, built: Build, run: Run) -> None:
    number, companion = count_left_out(built, find(name)) or (0, "")
    assert number == len(ask(built, find(companion).text)) > 10
    assert f"Left out: {number} (Networks without a founding year" in run("query", name, "--lang", "en").stderr
    assert f"Left out: {number} (文件未載成立年份的聯盟" in run("query", name, "--lang", "zh-Hant").stderr


def test_every_question_that_names_another_names_one_that_needs_no_value() -> None:
    for question in catalogue.list_questions():
        if question.leaves_out:
            assert all(parameter.default for parameter in find(question.leaves_out).parameters)


def test_a_question_that_names_none_leaves_nothing_out(built: Build) -> None:
    assert count_left_out(built, find("documents")) is None
    wrong = catalogue.Question(
        "mine", {"en": "x"}, {"en": ""}, "", (), "ASK {}", leaves_out="networks-without-founding-yaer"
    )
    with pytest.raises(QueryError, match="did you mean networks-without-founding-year"):
        count_left_out(built, wrong)


def test_a_member_is_one_row_however_many_passages_name_it(built: Build) -> None:
    networks = column(built, "SELECT DISTINCT ?network { ?member org:memberOf ?network }")
    assert len(networks) > 10
    for network in networks:
        answer = ask(built, bind_question(built, "members-of-network", {"network": network}))
        places = [answer.variables.index(name) for name in ("member", "role", "since", "at", "document", "country")]
        keys = [tuple(row[at] for at in places) for row in answer.bindings]
        assert len(keys) == len(set(keys)), network


@pytest.mark.parametrize("file", sorted((ROOT / "tests" / "questions").glob("*.csv")), ids=lambda file: file.stem)
def test_no_two_rows_differ_in_their_passages_alone(file: Path) -> None:
    head, *rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
    if "passages" not in head or file.stem == "claims-on-several-passages":
        return  # The number of passages is the answer there.
    at = head.index("passages")
    without = [tuple(row[:at] + row[at + 1 :]) for row in rows]
    assert len(without) == len(set(without))


def test_names_in_one_language_are_those_of_organizations(built: Build) -> None:
    question = find("names-in-one-language")
    assert question.title["en"].startswith("Organizations")
    assert "組織" in question.title["zh-Hant"]
    things = set(column(built, question.text))
    assert things <= set(column(built, "SELECT ?thing { ?thing a glocal:Organization }"))
