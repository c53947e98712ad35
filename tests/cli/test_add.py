"""`glocal add` appends a claim with its passage, where the project conforms with it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Run
from json_schemas import find_faults

from glocal_rdf import Project, Qualifiers, add, build, explain
from glocal_rdf.claims.tables import insert_row
from glocal_rdf.documents import verify_passages

pytestmark = pytest.mark.slow

LEAGUE = ROOT / "examples" / "document-claims"
HERE = ("--document", "short-history", "--quote")
FOUNDING = "founded in 1987 in Port Alder, when the mayors of four cities signed the Alder Declaration"
SEATS = "in Port Alder until 2014; since 2015 it has been in Saltmouth"
WORKS = f"{SEATS}.\n\nThe League works on clean ports and on safe ferries"
QUOTE = (*HERE, FOUNDING)
LOCATED = ("harbour-league", "foundingLocation", "port-alder")


@pytest.fixture
def league(tmp_path: Path) -> Path:
    """A project with documents and claims."""
    shutil.copytree(LEAGUE, tmp_path / "league")
    return tmp_path / "league"


def rows(folder: Path, table: str = "claims") -> list[dict[str, str]]:
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "data").iterdir() if path.is_file()}


def added_lines(before: bytes, after: bytes) -> list[str]:
    """The lines that were inserted, where nothing else has changed."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = []
    for line in new:
        if old and line == old[0]:
            old.pop(0)
        else:
            lines.append(line.decode())
    assert not old
    return lines


def test_a_claim_and_its_passage_are_added_and_nothing_else_changes(run: Run, league: Path) -> None:
    before = texts(league)
    result = run("add", *LOCATED, *QUOTE, "-p", league)
    assert result.exit_code == 0, result.stderr
    after = texts(league)
    assert {name for name in after if after[name] != before[name]} == {"claims.csv", "passages.csv"}
    identifier = "claim/organization-harbour-league-founding-location-1"
    assert added_lines(before["claims.csv"], after["claims.csv"]) == [
        (
            f"{identifier},organization/harbour-league,foundingLocation,place/port-alder,,,,,,,,"
            '"document/short-history#char=113,203",,\n'
        )
    ]
    (passage,) = added_lines(before["passages.csv"], after["passages.csv"])
    assert passage.startswith('"document/short-history#char=113,203",document/short-history,113,203,')
    place = [row["id"] for row in rows(league)].index(identifier)
    assert rows(league)[place - 1]["id"] == "claim/league-founded-in"
    built = build(Project.open(league))
    assert verify_passages(built.stated, league / "documents") == ()
    assert "claims.csv:5" in result.stderr
    assert f"[{FOUNDING}]" in result.stdout


def test_a_passage_that_is_known_is_not_added_again(run: Run, league: Path) -> None:
    for _ in range(2):
        result = run("add", "harbour-league", "memberCount", "4", "--at", "1987", *QUOTE, "-p", league)
    assert result.exit_code == 0, result.stderr
    assert [row["id"] for row in rows(league) if row["value"] == "4"] == [
        "claim/organization-harbour-league-member-count-1",
        "claim/organization-harbour-league-member-count-2",
    ]
    assert len([row for row in rows(league, "passages") if row["start"] == "113"]) == 1


@pytest.mark.parametrize(
    ("arguments", "quote", "cells"),
    [
        (("memberCount", "12", "--at", "199X"), "In 1999 it had 12 member cities", {"value": "12", "time": "199X"}),
        (("location", "Saltmouth", "--start", "2015"), SEATS, {"object": "place/saltmouth", "time": "2015/"}),
        (("location", "鹽口市", "--start", "2014", "--end", "2015"), SEATS, {"time": "2014/2015"}),
        (("location", "port-alder", "--end", "2014"), SEATS, {"time": "/2014"}),
        (("schema:foundingDate", "1987?"), FOUNDING, {"predicate": "foundingDate", "value": "1987?"}),
        (("knowsAbout", "safe-ferries", "--applies-to", "saltmouth"), WORKS, {"applies_to": "place/saltmouth"}),
        (("knowsAbout", "safe-ferries", "--held-by", "saltmouth"), WORKS, {"held_by": "place/saltmouth"}),
        (("memberCount", "4", "--as-written", "four cities"), FOUNDING, {"as_written": "four cities"}),
        (
            ("memberCount", "4", "--note", "A note, quoted.", "--note", "zh-Hant=附註"),
            FOUNDING,
            {"note_en": "A note, quoted.", "note_zh": "附註"},
        ),
    ],
)
def test_a_claim_has_its_qualifiers(
    run: Run, league: Path, arguments: tuple[str, ...], quote: str, cells: dict[str, str]
) -> None:
    result = run("add", "harbour-league", *arguments, *HERE, quote, "-p", league, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    (row,) = (row for row in rows(league) if row["id"] == told["claim"])
    assert {name: cell for name, cell in row.items() if cell} == told["row"]
    assert told["row"].items() >= cells.items()
    assert find_faults("add", told) == []
    assert told["passage"]["text"] == quote


def test_a_text_has_a_column_for_each_language(run: Run, league: Path) -> None:
    table = league / "data" / "predicates.csv"
    table.write_text(table.read_text(encoding="utf-8") + "motto,schema:slogan,\n", encoding="utf-8")
    ontology = next((league / "ontology").glob("*.ttl"))
    slogan = '\n<http://schema.org/slogan> <http://www.w3.org/2000/01/rdf-schema#label> "motto"@en .\n'
    ontology.write_text(ontology.read_text(encoding="utf-8") + slogan, encoding="utf-8")
    words = ("harbour-league", "motto", "four cities together", "--translation", "zh-Hant=四城同心")
    assert run("add", *words, *QUOTE, "-p", league).exit_code == 0
    (row,) = (row for row in rows(league) if row["predicate"] == "motto")
    assert (row["text_en"], row["text_zh"], row["object"], row["value"]) == ("four cities together", "四城同心", "", "")
    result = run("add", *words, "--translation", "once more", *QUOTE, "-p", league)
    assert result.exit_code == 2
    assert "once more: has no column of its own" in result.stderr


def test_the_curators_table_gets_rank_and_contradiction(run: Run, league: Path) -> None:
    more = ("--rank", "deprecated", "--rank-reason", "misprint", "--contradicts", "claim/league-members-1")
    result = run("add", "harbour-league", "memberCount", "4", *more, *QUOTE, "-p", league, "--json")
    assert result.exit_code == 0, result.stderr
    claim = json.loads(result.stdout)["claim"]
    said = {row["id"]: row for row in rows(league, "curation")}
    assert said[claim] == {
        "id": claim,
        "rank": "DeprecatedRank",
        "reason": "reason/misprint",
        "contradicts": "claim/league-members-1",
    }
    assert said["claim/league-members-1"]["contradicts"] == claim
    (again,) = explain(build(Project.open(league)), "harbour-league").values()
    assert not any(statement.plain for statement in again if statement.object.startswith('"4"'))


def test_a_claim_that_does_not_conform_is_not_written(run: Run, league: Path) -> None:
    before = texts(league)
    result = run("add", "harbour-league", "memberCount", "120", "--rank", "deprecated", *QUOTE, "-p", league)
    assert result.exit_code == 1
    assert "Say why the claim is deprecated" in result.stderr
    assert "not written, since the claim does not conform" in result.stderr
    assert texts(league) == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("harbour-leage", "location", "saltmouth", *QUOTE), "harbour-leage: is not a thing of the project"),
        (("harbour-league", "loction", "saltmouth", *QUOTE), "did you mean 'location'?"),
        (("harbour-league", "location", "Saltmuth", *QUOTE), "did you mean 'Saltmouth'?"),
        (("harbour-league", "memberCount", "twelve", *QUOTE), "value: 'twelve' is not a whole number"),
        (("harbour-league", "foundingDate", "1/2/1987", *QUOTE), "value: '1/2/1987' is not a date (EDTF)"),
        (("harbour-league", "memberCount", "2", "--at", "199O", *QUOTE), "time: '199O' is not a date (EDTF)"),
        (("harbour-league", "memberCount", "2", "--at", "1", "--end", "2", *QUOTE), "give one of the two"),
        (("harbour-league", "memberCount", "2", "--role", "x", *QUOTE), "has no column of its own"),
        (("harbour-league", "memberCount", "2", "--by", "saltmouth", *QUOTE), "describes no table of claims with by"),
        (
            ("harbour-league", "memberCount", "2", "--contradicts", "claim/leage", *QUOTE),
            "is not a claim in claims.csv",
        ),
        (
            ("harbour-league", "memberCount", "2", "--contradicts", "claim/league-founded-1", *QUOTE),
            "has a row for claim/league-founded-1 already",
        ),
        ((*LOCATED, "--document", "short-history", "--quote", "Atlantis"), "does not have the text 'Atlantis'"),
        ((*LOCATED, "--document", "long-history", "--quote", "x"), "is neither a file nor a document of the project"),
        ((*LOCATED, *QUOTE, "--position", "3"), "does not have the quote at 3; name one with --position: 113 (line 3"),
    ],
)
def test_what_is_not_known_is_named_and_nothing_is_written(
    run: Run, league: Path, arguments: tuple[str, ...], told: str
) -> None:
    before = texts(league)
    result = run("add", *arguments, "-p", league)
    assert result.exit_code == 2, result.output
    assert told in result.stderr
    assert texts(league) == before


def test_all_that_is_wrong_is_named_at_once(run: Run, league: Path) -> None:
    result = run("add", "nobody", "location", "saltmouth", "--document", "short-history", "--quote", "x!", "-p", league)
    assert "does not have the text 'x!'" in result.stderr
    assert "nobody: is not a thing" in result.stderr


def test_a_quote_at_several_positions_needs_one(run: Run, league: Path) -> None:
    quote = ("--document", "short-history", "--quote", "League")
    result = run("add", *LOCATED, *quote, "-p", league)
    assert result.exit_code == 2
    assert "has the quote at 6 positions; name one with --position: 12 (line 1: …The Harbour [League]" in result.stderr
    result = run("add", *LOCATED, *quote, "--position", "503", "-p", league, "--json")
    assert json.loads(result.stdout)["row"]["passage"] == "document/short-history#char=503,509"


def test_a_table_keeps_its_line_ends_and_its_order(league: Path) -> None:
    table = league / "data" / "claims.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    shuffled = [lines[0], *reversed(lines[1:])]
    table.write_bytes("".join(f"{line}\r\n" for line in shuffled).encode())
    before = table.read_bytes()
    added = add(Project.open(league), *LOCATED, document="short-history", quote=FOUNDING)
    (line,) = added_lines(before, table.read_bytes())
    assert line.endswith("\r\n")
    ids = [row["id"] for row in rows(league)]
    assert ids[ids.index("claim/league-founded-in") + 1] == added.claim


def test_the_bundled_tables_take_a_claim(copy: Path, documents: Path) -> None:
    added = add(
        Project.open(copy),
        "iclei",
        "count",
        ">=415",
        document="city-alliances",
        quote="415個",
        documents=documents,
        qualifiers=Qualifiers(at="2006", note=("A test.", "zh-Hant=測試"), quantity="quantity-members"),
    )
    assert added.claim == "claim/organization-iclei-count-1"
    assert {"id": added.claim, "quantity": "classification/quantity-members"} in rows(copy, "quantities")
    assert not [finding for finding in added.findings if added.claim in finding]
    keys = [(row["subject"], row["predicate"]) for row in rows(copy)]
    assert keys == sorted(keys)


@pytest.mark.slow
def test_a_claim_that_its_passage_does_not_support_is_not_written(copy: Path, documents: Path) -> None:
    before = texts(copy)
    count = ("iclei", "count", "514")
    where = {"document": "city-alliances", "quote": "415個", "documents": documents}
    added = add(Project.open(copy), *count, **where, qualifiers=Qualifiers(quantity="quantity-members"))
    [finding] = [finding for finding in added.findings if added.claim in finding]
    assert "its passage does not have its object, 514: quote more, or explain it with --because REASON" in finding
    assert not added.files
    assert texts(copy) == before
    explained = Qualifiers(quantity="quantity-members", because="reckoning", words=["415個"])
    added = add(Project.open(copy), *count, **where, qualifiers=explained)
    assert not [finding for finding in added.findings if added.claim in finding]
    assert {"claim": added.claim, "reason": "classification/reckoning", "words": "415個 = 514"} in rows(copy, "support")
    assert {file.name for file, _ in added.files} >= {"claims.csv", "support.csv"}


@pytest.mark.slow
def test_a_claim_about_a_concept_is_asked_for_its_limit(copy: Path, documents: Path) -> None:
    quote = "以美國為例，出口產業的薪資水準平均高於一般產業薪資水準 5~15%"
    where = {"document": "globalization-impact", "quote": quote, "documents": documents}
    counted = Qualifiers(quantity="quantity-excess", as_written="5~15%")
    figure = ("us-export-industry-pay", "amount", ">=5")
    added = add(Project.open(copy), *figure, **where, qualifiers=counted)
    assert any("limit it with --applies-to place/united-states" in finding for finding in added.findings)
    assert not added.files


def test_a_reason_and_words_go_together(run: Run, league: Path) -> None:
    before = texts(league)
    for given in (("--because", "other-words"), ("--words", "signed")):
        result = run("add", *LOCATED, *QUOTE, *given, "-p", league)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "give the reason with --because, and the words of the passage with --words" in result.stderr
    assert texts(league) == before


def test_tables_of_version_05_are_to_be_rewritten_first(run: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "claims" / "project-0.5", tmp_path / "old")
    result = run("add", *LOCATED, *QUOTE, "-p", tmp_path / "old")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_project_without_claims_is_told_so(run: Run) -> None:
    result = run("add", "a", "b", "c", *QUOTE, "-p", ROOT / "examples" / "city-spreadsheet")
    assert result.exit_code == 2
    assert "describes no table of claims" in result.stderr


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a,b\n1,x\n3,z\n", "a,b\n1,x\n2,\n3,z\n"),
        ("a,b\n1,x", "a,b\n1,x\n2,\n"),
        ("a,b\n", "a,b\n2,\n"),
        ('"a","b"\r\n"1","x\r\ny"\r\n"3","z"\r\n', '"a","b"\r\n"1","x\r\ny"\r\n"2",""\r\n"3","z"\r\n'),
        ("\ufeffa,b\n1,x\n", "\ufeffa,b\n1,x\n2,\n"),
        ("b,a\nx,3\n", "b,a\n,2\nx,3\n"),
    ],
)
def test_a_row_is_inserted_as_the_table_is_written(text: str, made: str) -> None:
    assert insert_row(text, {"a": "2"}, lambda row: row["a"] < "2")[0] == made


def test_the_bundled_dataset_is_not_written_from_elsewhere(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = texts(ROOT)
    result = run("add", "iclei", "memberCount", "5", "--document", "city-alliances", "--quote", "x")
    assert result.exit_code == 2
    assert "is in no project; name the project to add to with --project" in result.stderr
    assert texts(ROOT) == before
