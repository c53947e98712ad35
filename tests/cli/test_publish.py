"""`glocal publish`: what it prints, and when it ends with which code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Run

NOTE = (
    r"json: DCAT-(AP|US) re(quires|commends)|names nobody to whom a mistake is reported|--base-url"
    r"|^the graph has no claims|^0 things have coordinates"
)
"""What the example's description lacks, and what is not written without the address of the site."""


def publish(run: Run, *arguments: object) -> tuple[int, str]:
    result = run("publish", "--project", ROOT / "examples" / "city-spreadsheet", *arguments)
    assert result.stdout == ""
    return result.exit_code, result.stderr


def test_a_site_is_written_and_the_second_time_nothing_of_it(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    code, printed = publish(run, "-o", site)
    number = sum(path.is_file() for path in site.rglob("*")) - 1
    first, notes = printed.split("\n", 1)
    assert (code, first) == (0, f"{site}: {number} files, {number} new or changed, 0 removed")
    assert all(re.search(NOTE, note) for note in notes.splitlines()), notes
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*.html")}
    assert publish(run, "-o", site) == (0, f"{site}: {number} files, 0 new or changed, 0 removed\n{notes}")
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*.html")} == before


def test_a_folder_of_somebody_else_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    code, printed = publish(run, "-o", tmp_path)
    assert code == 2
    assert "has files, and is not a site that glocal publish wrote; name a new or an empty folder" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.slow
def test_what_others_put_into_a_site_is_kept_and_reported(run: Run, tmp_path: Path) -> None:
    publish(run, "-o", tmp_path)
    (tmp_path / "CNAME").write_text("example.org", encoding="utf-8")
    code, printed = publish(run, "-o", tmp_path)
    assert code == 0
    assert f"{tmp_path / 'CNAME'}: is not of the site, and was kept" in printed
    assert (tmp_path / "CNAME").read_text(encoding="utf-8") == "example.org"


@pytest.mark.slow
def test_metadata_that_a_catalogue_would_refuse_end_with_1(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "examples" / "city-spreadsheet", tmp_path / "project"))
    metadata = folder / "data" / "csv-metadata.json"
    metadata.write_text(re.sub(r' "dc:publisher": .*\n', "", metadata.read_text("utf-8")), "utf-8")
    result = run("publish", "--project", folder, "-o", tmp_path / "site", "--formats", "none")
    assert result.exit_code == 1
    assert f'{metadata}: DCAT-AP requires a publisher; add "dc:publisher": {{"@id": "https://…"' in result.stderr


@pytest.mark.slow
def test_the_documents_are_named_by_an_option(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "examples" / "document-claims", tmp_path / "project"))
    (folder / "documents").rename(tmp_path / "elsewhere")
    site = tmp_path / "site"
    run("publish", "--project", folder, "-o", site, "--formats", "none", "--documents", tmp_path / "elsewhere")
    assert "Coverage of the documents" in (site / "quality" / "index.html").read_text("utf-8")
    run("publish", "--project", folder, "-o", site, "--formats", "none")
    assert "Coverage of the documents" not in (site / "quality" / "index.html").read_text("utf-8")


def test_wrong_values_are_one_line(run: Run, tmp_path: Path) -> None:
    for option, value, told in (
        ("--base-url", "example.org", "'example.org' is not the address of a site; write https://host/path/"),
        ("--base-url", "javascript:alert(1)//", "is not the address of a site"),
        ("--formats", "turtle,trig", "trig is for several graphs; choose among turtle, ntriples, jsonld, rdfxml"),
        ("--formats", "docx", "unknown RDF format 'docx'"),
    ):
        code, printed = publish(run, "-o", tmp_path / "site", option, value)
        assert code == 2
        assert told in printed
        assert printed.count("\n") == 1
    assert not (tmp_path / "site").exists()
