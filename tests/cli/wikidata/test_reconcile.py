"""`glocal wikidata reconcile` proposes links from a snapshot, keeps decisions, and reports what it cannot read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT, Run
from json_schemas import find_faults

from glocal_rdf.sssom.mapping_sets import MappingSet

ITEMS = """id,label_en,label_zh,country,website,P1566
Q1867,Taipei,臺北市,TW,,1668341
Q2,Springfield,,US,,
Q3,Springfield,,US,,
Q7809,UNESCO,,FR,https://www.unesco.org/en,
"""
TABLE = """Name,Country,Web
台北,台灣,
Springfield,USA,
Unesco,,http://unesco.org
Nowhere,US,
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMAND = ("wikidata", "reconcile", "t.csv", "--website", "Web", "--country", "Country", "--snapshot", "items.csv")


def test_each_row_is_linked_or_has_candidates_or_nothing(run: Run, files: Path) -> None:
    result = run(*COMMAND, "--json")
    found = json.loads(result.stdout)
    assert find_faults("reconciliation", found) == []
    assert [(one["id"], one["decision"]) for one in found] == [
        ("2", "link"), ("3", "candidates"), ("4", "link"), ("5", "nothing"),
    ]  # fmt: skip
    assert [one["id"] for one in found[1]["candidates"]] == ["Q2", "Q3"]
    assert found[1]["candidates"][0]["reason"] == "namesakes"
    assert result.exit_code == 0
    assert "things: 4 (2 with a proposed link, 1 with candidates, 1 with none); to choose from: 4" in result.stderr


def test_the_table_names_the_evidence(run: Run, files: Path) -> None:
    for lang, words in (("en", "several have the name: name 1, country 1"), ("zh-Hant", "有多個同名者")):
        assert words in run(*COMMAND, "--lang", lang).stdout


def test_the_mapping_set_keeps_what_was_decided(run: Run, files: Path) -> None:
    first = run(*COMMAND, "-o", "out.sssom.tsv")
    assert first.exit_code == 0
    before = (files / "out.sssom.tsv").read_bytes()
    assert run(*COMMAND, "-o", "out.sssom.tsv").exit_code == 0
    assert (files / "out.sssom.tsv").read_bytes() == before
    assert run("review", "out.sssom.tsv", "--reviewer", "A", "--accept-links").exit_code == 1
    mappings = MappingSet.read(files / "out.sssom.tsv")
    states = mappings.frame["ext_review_state"].to_list()
    assert states == ["accepted", "proposed", "proposed", "accepted"]
    again = run(*COMMAND, "-o", "out.sssom.tsv")
    assert "mappings kept as they were: 2; former proposals that are gone: 0" in again.stderr
    assert MappingSet.read(files / "out.sssom.tsv").frame["ext_review_state"].to_list() == states


def test_rows_that_cannot_be_read_are_reported(run: Run, files: Path) -> None:
    (files / "t.csv").write_text("Name,Country,Web,Year\n,TW,,\nTaipei,Atlantis,,199O\n", encoding="utf-8")
    result = run(*COMMAND, "--year", "Year")
    assert result.exit_code == 1
    assert "t.csv:2: has no name (Name); the row is left out" in result.stderr
    assert "t.csv:3: '199O' is not a year; it is taken for unknown" in result.stderr
    assert "t.csv: 'Atlantis' is not a country (1 row); write an ISO 3166-1 code or a name" in result.stderr


def test_a_snapshot_row_without_an_identifier_is_reported_once(run: Run, files: Path) -> None:
    (files / "items.csv").write_text(ITEMS + ",Nobody,,,,\n,Nobody too,,,,\n", encoding="utf-8")
    result = run(*COMMAND)
    assert result.stderr.count("items.csv:6: id is empty (2 rows); they are left out") == 1
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("t.csv", "--name", "Nam", "--snapshot", "items.csv"), "t.csv: has no column 'Nam'; did you mean 'Name'?"),
        (("t.csv", "--snapshot", "none.csv"), "none.csv: no such file; check the name"),
        (("t.csv", "--snapshot", "t.csv"), "t.csv: has no column of identifiers (id, qid, …)"),
        (("t.csv", "--snapshot", "items.txt"), "items.txt: is not a snapshot by its name"),
        (
            ("t.csv", "--identifier", "geonames", "--snapshot", "items.csv"),
            "--identifier 'geonames' is not of the form",
        ),
        (
            ("t.csv", "--snapshot", "items.csv", "--offline"),
            "--offline is for asking a service, which --snapshot does not",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(run: Run, files: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run("wikidata", "reconcile", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_project_is_linked_by_its_own_statements(run: Run, files: Path) -> None:
    (files / "items.csv").write_text("id,label_zh\nQ5,港灣城市聯盟\n", encoding="utf-8")
    league = ROOT / "examples" / "document-claims"
    result = run("wikidata", "reconcile", "--snapshot", "items.csv", "--project", league, "--json")
    found = {one["id"]: one for one in json.loads(result.stdout)}
    [league_id] = [one for one in found if one.endswith("harbour-league")]
    assert found[league_id]["candidates"][0]["reason"] == "name alone"
    assert result.exit_code == 0


def test_the_group_names_the_nearest_command(run: Run) -> None:
    result = run("wikidata", "reconsile")
    assert result.exit_code == 2
    assert "Did you mean 'reconcile'?" in result.stderr
