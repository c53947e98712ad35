"""Tables of claims of version 0.5 are rewritten, and nothing is lost."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, edit

from glocal_rdf import build, validate
from glocal_rdf.cli.migrate_claims import command
from glocal_rdf.errors import InputError
from glocal_rdf.operations.migrate_claims import compare_graphs, migrate
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

FORMER = Path(__file__).parent / "project-0.5"
MOTTO = "{},organization/harbour-league,schema:slogan,,,,,{},{},,,,,,,{},,,,,\n"
PLACES = ('"document/short-history#char=106,142"', '"document/short-history#char=205,249"')
TEXTS = (
    MOTTO.format("claim/league-motto-1", "Ports together", "", PLACES[0])
    + MOTTO.format("claim/league-motto-2", "", "港灣同心", PLACES[0])
    + MOTTO.format("claim/league-motto-3", "Alone", "", PLACES[1])
)


def texts(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """A project of version 0.5, with a statement in two languages and one in one."""
    folder = tmp_path / "former"
    shutil.copytree(FORMER, folder)
    with (folder / "data" / "claims.csv").open("a", encoding="utf-8") as file:
        file.write(TEXTS)
    ontology = next((folder / "ontology").glob("*.ttl"))
    slogan = '\n<http://schema.org/slogan> <http://www.w3.org/2000/01/rdf-schema#label> "motto"@en .\n'
    ontology.write_text(ontology.read_text(encoding="utf-8") + slogan, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_nothing_is_lost_and_what_differs_is_listed(former: Path) -> None:
    before = build(Project.open(former)).triples
    done = migrate(Project.open(former))
    assert done is not None
    assert done.rows == (16, 15)
    assert set(done.changes) == {
        "claims merged with the one that has their statement in another language",
        "dates in EDTF, and the years of those that are not exact",
    }
    built = build(Project.open(former))
    assert compare_graphs(before, built.triples, done.merged) == done.changes
    assert validate(built).conforms
    assert migrate(Project.open(former)) is None


def test_the_tables_have_the_form_of_the_template(former: Path) -> None:
    migrate(Project.open(former))
    template = ROOT / "examples" / "document-claims"
    for table in ("claims", "curation", "predicates", "names"):
        assert list(rows(former, table)[0]) == list(rows(template, table)[0])
    known = {row["id"]: row for row in rows(former, "claims")}
    assert {key: row for key, row in known.items() if "motto" not in key} == {
        row["id"]: row for row in rows(template, "claims")
    }
    assert (known["claim/league-motto-1"]["text_en"], known["claim/league-motto-1"]["text_zh"]) == (
        "Ports together",
        "港灣同心",
    )
    assert "claim/league-motto-2" not in known
    assert (known["claim/league-motto-3"]["text_en"], known["claim/league-motto-3"]["text_zh"]) == ("Alone", "")


def test_other_tables_follow_the_claims_that_are_merged(former: Path) -> None:
    table = former / "data" / "doubts.csv"
    table.write_text("claim,words\nclaim/league-motto-1,a\nclaim/league-motto-2,a\nclaim/league-motto-3,a\n", "utf-8")
    path = former / "data" / "csv-metadata.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    reference = {"columnReference": "claim", "reference": {"resource": "claims.csv", "columnReference": "id"}}
    columns = [{"name": "claim", "suppressOutput": True}, {"name": "words", "propertyUrl": "schema:comment"}]
    about = document["tables"][0]["tableSchema"]["aboutUrl"].replace("{+id}", "{+claim}")
    schema = {"aboutUrl": about, "primaryKey": "claim", "foreignKeys": [reference], "columns": columns}
    document["tables"].append({"url": "doubts.csv", "tableSchema": schema})
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    migrate(Project.open(former))
    assert [row["claim"] for row in rows(former, "doubts")] == ["claim/league-motto-1", "claim/league-motto-3"]


def test_a_project_of_todays_form_stays_as_it_is(tmp_path: Path) -> None:
    for name in ("document-claims", "city-spreadsheet"):
        shutil.copytree(ROOT / "examples" / name, tmp_path / name)
        before = texts(tmp_path / name)
        assert migrate(Project.open(tmp_path / name)) is None
        assert texts(tmp_path / name) == before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",,1987,,,,,", ",,1987,1987-02-03,,,,", "data/claims.csv:2: has year and date; a claim has one value"),
        (",12,,,1999,,", ",12,,,1999,1998,", "data/claims.csv:5: has more than one time"),
        (",,1987,,,,,", ",,,,1987,,,", "the values of foundingDate have the datatype xsd:integer in other rows"),
    ],
)
def test_a_row_that_cannot_be_rewritten_is_named_and_nothing_is_written(
    former: Path, old: str, new: str, told: str
) -> None:
    edit(former / "data" / "claims.csv", old, new)
    before = texts(former)
    with pytest.raises(InputError) as caught:
        migrate(Project.open(former))
    assert told in str(caught.value)
    assert texts(former) == before


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ('<urn:c> <urn:p> "1" .', '<urn:c> <urn:p> "1": would be lost'),
        ("", '<urn:c> <urn:q> "2": would be added'),
    ],
)
def test_a_graph_that_differs_otherwise_is_refused(lost: str, told: str) -> None:
    old = Triples.parse(lost or "<urn:c> <urn:p> <urn:o> .", "turtle")
    new = Triples.parse('<urn:c> <urn:p> <urn:o> ; <urn:q> "2" .' if not lost else "<urn:c> <urn:q> 2 .", "turtle")
    with pytest.raises(InputError) as caught:
        compare_graphs(old, new, {})
    assert told in str(caught.value)


@pytest.mark.slow
def test_the_command_lists_what_it_changed(former: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command.main([str(former), "--redirects", str(tmp_path / "redirects.csv")], standalone_mode=False)
    assert "claims: 16 rows before, 15 now" in capsys.readouterr().out
    space = "https://harbours.example/id/claim/league-motto"
    assert (tmp_path / "redirects.csv").read_text(encoding="utf-8").splitlines() == [
        "old,new,since,reason",
        f"{space}-2,{space}-1,,the same statement in another language",
    ]
