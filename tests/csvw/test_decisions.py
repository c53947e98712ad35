"""Open decisions are notes of a description: valid, in RDF, shown until each is taken, and not shown after that."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from glocal_rdf import csvw
from glocal_rdf.csvw.description.decisions import assessment, question, read_open_decisions, resolve
from glocal_rdf.csvw.guess.results import Doubt
from glocal_rdf.errors import OPEN_DECISION

DATES = Doubt("date", "may be day first; or not", 'set "datatype"', "founded", ("01/02/2003",))
LIST = Doubt("list", "looks like lists", 'set "separator"', "networks", ("a;b",))
LAYOUT = Doubt("layout", "1 row before the header is skipped", 'check "skipRows"', "", ("Title",), decided=True)


def document(*notes: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": "t.csv",
        "notes": [{"rdfs:comment": "by hand"}, *notes],
        "tableSchema": {
            "aboutUrl": "http://e.org/{id}",
            "columns": [
                {"name": "id", "titles": "id", "propertyUrl": "http://e.org/id"},
                {"name": "founded", "titles": "founded", "propertyUrl": "http://e.org/founded"},
                {"name": "networks", "titles": "networks", "propertyUrl": "http://e.org/networks"},
            ],
        },
    }


QUESTIONS = (question(LAYOUT, "t.csv"), question(DATES, "t.csv", 2, "founded"), question(LIST, "t.csv", 3, "networks"))


def test_a_doubt_that_was_written_is_read_as_it_was() -> None:
    layout, dates, lists = read_open_decisions(document(*QUESTIONS))
    assert (layout.column, layout.kind, layout.requires) == ("", "layout", ())
    assert (dates.table, dates.column, dates.kind) == ("t.csv", "founded", "date")
    assert (dates.reason, dates.hint, dates.examples) == (DATES.reason, DATES.hint, DATES.examples)
    assert lists.requires == ("separator", "datatype")


def test_decisions_are_warnings_until_they_are_taken(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,founded,networks\n1,01/02/2003,a;b\n")
    metadata = tmp_path / "t.csv-metadata.json"
    metadata.write_text(json.dumps(document(*QUESTIONS)))
    for problems in (csvw.check(tmp_path / "t.csv"), csvw.convert(tmp_path / "t.csv").problems):
        assert [(p.kind, p.level, p.column) for p in problems] == [
            (OPEN_DECISION, "warning", column) for column in ("", "founded", "networks")
        ]
        assert all(p.file == str(metadata) for p in problems)
    taken = document(*(note | {"oa:motivatedBy": {"@id": "oa:assessing"}} for note in QUESTIONS))
    metadata.write_text(json.dumps(taken))
    assert csvw.check(tmp_path / "t.csv") == ()


def test_a_build_and_a_check_print_each_decision_and_exit_with_0(run: Run, small: Path) -> None:
    metadata = small / "data" / "csv-metadata.json"
    group = json.loads(metadata.read_text())
    group["tables"][0]["notes"] = [question(DATES, group["tables"][0]["url"])]
    metadata.write_text(json.dumps(group))
    wanted = "to decide: may be day first; or not ('01/02/2003'); set \"datatype\""
    for command in (("build", "-p", small, "-o", small / "build"), ("csvw", "--check", metadata)):
        result = run(*command)
        assert (result.exit_code, result.stderr.count(wanted)) == (0, 1), result.stderr
        assert "1 open decision: glocal describe TABLE lists the options that take them\n" in result.stderr


@pytest.mark.parametrize(
    "change",
    [
        {"datatype": {"base": "date", "format": "dd/MM/yyyy"}},
        {"datatype": "string"},
    ],
)
def test_the_property_that_a_doubt_asks_for_answers_it(change: dict[str, Any]) -> None:
    decided = document(*QUESTIONS)
    decided["tableSchema"]["columns"][1] |= change
    assert [d.column for d in read_open_decisions(decided)] == ["", "networks"]


def test_a_column_that_only_has_another_property_is_still_open() -> None:
    decided = document(*QUESTIONS)
    decided["tableSchema"]["columns"][1] |= {"lang": "en"}
    assert [d.column for d in read_open_decisions(decided)] == ["", "founded", "networks"]


def test_what_is_to_be_checked_by_a_person_stays_open_although_the_property_is_there() -> None:
    guessed = document(
        question(Doubt("null", "'-' counts as no value", "", "founded", decided=True), "t.csv", 2, "founded")
    )
    guessed["tableSchema"]["columns"][1]["null"] = ["", "-"]
    assert [d.kind for d in read_open_decisions(guessed)] == ["null"]


def test_resolved_questions_say_what_was_decided_or_are_gone() -> None:
    before = document(*QUESTIONS)
    untouched = copy.deepcopy(before)
    [dates] = [d for d in read_open_decisions(before) if d.kind == "date"]
    after = resolve(before, [dates], "is day first")
    assert before == untouched
    assert [d.kind for d in read_open_decisions(after)] == ["layout", "list"]
    assert after["notes"][2] == assessment("is day first", "t.csv", 2, "founded", kind="date")
    assert resolve(before, [dates])["notes"] == [n for n in before["notes"] if n != QUESTIONS[1]]
    none_left = resolve(
        document(QUESTIONS[0]) | {"notes": [QUESTIONS[0]]},
        read_open_decisions({"url": "t.csv", "notes": [QUESTIONS[0]]}),
    )
    assert "notes" not in none_left


def test_decisions_of_a_group_are_those_of_its_tables() -> None:
    second = document(QUESTIONS[1]) | {"url": "u.csv"}
    group = {"@context": "http://www.w3.org/ns/csvw", "tables": [document(QUESTIONS[2]), second]}
    decisions = read_open_decisions(group)
    assert [(d.table, d.column, d.place) for d in decisions] == [
        ("t.csv", "networks", (0, 1)),
        ("u.csv", "founded", (1, 1)),
    ]
    after = resolve(group, decisions[1:])
    assert after["tables"][0] == group["tables"][0]
    assert after["tables"][1]["notes"] == [{"rdfs:comment": "by hand"}]


def test_a_note_of_a_person_is_a_question_too_by_full_iris_and_without_a_name() -> None:
    note = {
        "http://www.w3.org/ns/oa#motivatedBy": {"@id": "http://www.w3.org/ns/oa#questioning"},
        "oa:hasTarget": {"@id": "t.csv#col=3"},
        "oa:bodyValue": {"@value": "who updates this?", "@language": "en"},
    }
    [decision] = read_open_decisions(document(note))
    assert str(decision) == "t.csv: networks: who updates this?"


@pytest.mark.parametrize("odd", [[], None, {"tables": 5}, {"url": 5, "notes": {}}, {"tables": [5, {"notes": [5]}]}])
def test_a_malformed_document_has_no_decisions(odd: Any) -> None:
    assert read_open_decisions(odd) == ()
    if isinstance(odd, dict):
        assert resolve(odd, ()) == odd


def test_the_notes_are_valid_and_exact_in_standard_mode(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,founded,networks\n1,01/02/2003,a;b\n")
    converted = csvw.convert(
        tmp_path / "t.csv", metadata=document(*QUESTIONS), mode="standard", base="http://e.org/t.csv"
    )
    assert {p.kind for p in converted.problems} == {OPEN_DECISION}
    found = converted.triples
    questioning = "<http://www.w3.org/ns/oa#questioning>"
    assert len(list(found.match(predicate="<http://www.w3.org/ns/oa#motivatedBy>", object=questioning))) == 3
    targets = {o for _, _, o in found.match(predicate="<http://www.w3.org/ns/oa#hasTarget>")}
    assert targets == {"<http://e.org/t.csv>", "<http://e.org/t.csv#col=2>", "<http://e.org/t.csv#col=3>"}
    assert list(found.match(predicate="<http://www.w3.org/ns/csvw#name>", object='"founded"'))


def test_a_name_that_says_nothing_is_shown_with_the_header() -> None:
    column = {"name": "column2", "titles": "設立日期"}
    noted = {
        "url": "%E5%9C%98%E9%AB%94.csv",
        "notes": [question(DATES, "%E5%9C%98%E9%AB%94.csv", 2, "column2")],
        "tableSchema": {"columns": [{"name": "id", "titles": "id"}, column]},
    }
    [decision] = read_open_decisions(noted)
    assert decision.as_problem("m.json").what.startswith("團體.csv: column2 (設立日期): to decide: may be day first")
