"""`glocal cite` prints the passage of a text, so that positions are never typed by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from conftest import ROOT, Run

from glocal_rdf.documents import read_document

FILE = "001_80335a27dc9b2154.txt"


def test_a_document_of_the_project_is_named_by_its_slug(run: Run, documents: Path) -> None:
    result = run("cite", "city-alliances", "西班牙巴塞隆納", "--documents", documents, "--json")
    [told] = json.loads(result.stdout)
    text = read_document(documents / FILE, "").text
    assert text[told["start"] : told["end"]] == "西班牙巴塞隆納"
    assert told["iri"] == f"https://w3id.org/glocal/id/document/city-alliances#char={told['start']},{told['end']}"


def test_a_file_of_the_project_is_known_by_its_checksum(run: Run, documents: Path) -> None:
    assert "document/city-alliances#char=" in run("cite", documents / FILE, "西班牙巴塞隆納").stdout


def test_a_file_of_ones_own_is_cited_by_its_address(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("台北", encoding="utf-8")
    assert f"{(tmp_path / 'own.txt').as_uri()}#char=0,2" in run("cite", tmp_path / "own.txt", "台北").stdout


def test_rows_for_the_table_of_passages_fit_it(run: Run, documents: Path) -> None:
    with (ROOT / "data" / "passages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    known = next(row for row in rows[1:] if row[1] == "document/city-alliances" and not row[5])
    text = read_document(documents / FILE, "").text[int(known[2]) : int(known[3])]
    printed = run("cite", "city-alliances", text, "--documents", documents, "-f", "csv").stdout
    assert known in list(csv.reader(printed.splitlines()))


def test_every_place_is_told(run: Run, documents: Path) -> None:
    result = run("cite", "city-alliances", "城市聯盟", "--documents", documents)
    assert result.stdout.count("sha256") > 10
    assert "give a longer one to find one of them" in result.stderr


@pytest.mark.slow
def test_what_cannot_be_cited_is_told(run: Run, documents: Path, tmp_path: Path) -> None:
    other = tmp_path / FILE
    other.write_text("another version", encoding="utf-8")
    for arguments, told in [
        (["city-alliances", "火星", "--documents", documents], "does not have the text '火星'"),
        (["city-alliances", "台北"], "its folder is not known; name the folder with --documents DIR"),
        (["city-alliances", "台北", "--documents", tmp_path], "is not the version that data/documents.csv describes"),
        (["no-such", "台北", "--documents", documents], "is neither a file nor a document of the project"),
    ]:
        result = run("cite", *arguments)
        assert result.exit_code == 2
        assert told in result.stderr
