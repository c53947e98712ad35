"""`glocal export` writes the same graph in every format."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from conftest import Run, edit

from glocal_rdf import Build
from glocal_rdf.exports.tables import MARK
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

pytestmark = pytest.mark.slow

FORMATS = {"turtle": "ttl", "ntriples": "nt", "nquads": "nq", "trig": "trig", "jsonld": "jsonld", "rdfxml": "rdf"}


@pytest.mark.parametrize("form", FORMATS)
def test_the_graph_is_the_same_in_every_format(run: Run, tmp_path: Path, built: Build, form: str) -> None:
    path = tmp_path / f"graph.{FORMATS[form]}"
    assert run("export", "-f", form, "-o", path).exit_code == 0
    assert Triples.read(path) == built.triples


def test_it_goes_to_the_terminal_where_no_file_is_named(run: Run, built: Build) -> None:
    result = run("export", "-f", "ntriples")
    assert Triples.parse(result.stdout, "ntriples") == built.triples


def test_the_ontology_goes_along_where_it_is_asked_for(run: Run, built: Build) -> None:
    result = run("export", "-f", "ntriples", "--with-ontology")
    assert Triples.parse(result.stdout, "ntriples").is_isomorphic(built.with_ontology)


@pytest.mark.parametrize("form", FORMATS)
def test_the_ontology_alone_is_the_same_in_every_format(run: Run, tmp_path: Path, project: Project, form: str) -> None:
    path = tmp_path / f"ontology.{FORMATS[form]}"
    assert run("export", "--ontology-only", "-f", form, "-o", path).exit_code == 0
    assert Triples.read(path).is_isomorphic(project.ontology)


def test_the_ontology_alone_needs_no_graph_that_can_be_built(run: Run, copy: Path) -> None:
    (copy / "data" / "places.csv").write_text("no,table\n", encoding="utf-8")
    assert run("export", "--project", copy).exit_code == 2
    result = run("export", "--project", copy, "--ontology-only", "-f", "ntriples")
    assert result.exit_code == 0
    assert "<https://w3id.org/glocal/ontology#seat>" in result.stdout


@pytest.mark.parametrize(("lang", "title"), [("en", "# The Glocal ontology"), ("zh-Hant", "# 全球在地化本體")])
def test_the_reference_of_the_ontology_is_written_in_either_language(run: Run, lang: str, title: str) -> None:
    result = run("export", "--ontology-only", "-f", "markdown", "--lang", lang)
    assert result.exit_code == 0
    assert result.stdout.startswith(title)
    assert "```mermaid" in result.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-f", "markdown"), "add --ontology-only"),
        (("--with-ontology", "--ontology-only"), "goes neither with --with-ontology nor with --external"),
        (("--ontology-only", "--external"), "goes neither with --with-ontology nor with --external"),
    ],
)
def test_options_that_do_not_go_together_are_told(run: Run, options: tuple[str, ...], told: str) -> None:
    result = run("export", *options)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def test_an_unknown_format_is_refused(run: Run) -> None:
    result = run("export", "-f", "pdf")
    assert result.exit_code == 2
    assert "pdf" in result.stderr


def test_a_file_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("export", "-o", tmp_path / "file" / "graph.ttl")
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_tables_are_written_into_a_folder_and_replaced_by_the_next_export(
    run: Run, tmp_path: Path, small: Path
) -> None:
    folder = tmp_path / "tables"
    result = run("export", "-f", "csv", "-o", folder, "-p", small)
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"{folder}: 3 files" in result.stderr
    assert "other.nt has the 3 statements that tables cannot hold: 3 with blank nodes" in result.stderr
    assert {path.name for path in folder.iterdir()} == {"City.csv", "csv-metadata.json", "other.nt"}
    assert (folder / "City.csv").read_text() == "id,label,country\nbarcelona,Barcelona,Spain\ntaipei,Taipei,Taiwan\n"
    (folder / "notes.txt").write_text("mine")
    edit(
        small / "data" / "csv-metadata.json", "https://data.example/ontology#City", "https://data.example/ontology#Town"
    )
    assert run("export", "-f", "csv", "-o", folder, "-p", small).exit_code == 0
    assert {path.name for path in folder.iterdir()} == {"Town.csv", "csv-metadata.json", "other.nt", "notes.txt"}


def test_what_the_command_wrote_is_read_by_the_command(run: Run, tmp_path: Path, small: Path) -> None:
    run("export", "-f", "csv", "-o", tmp_path / "tables", "-p", small)
    again = run("csvw", tmp_path / "tables" / "csv-metadata.json", "-f", "ntriples")
    assert (again.exit_code, again.stderr.count("warning")) == (0, 0)
    rest = Triples.read(tmp_path / "tables" / "other.nt")
    whole = Triples.parse(run("export", "-f", "ntriples", "-p", small).stdout, "ntriples")
    assert Triples.parse(again.stdout, "ntriples").union(rest) == whole


def test_an_archive_of_tables_is_the_same_on_every_run(run: Run, tmp_path: Path, small: Path) -> None:
    for name in ("a.zip", "b.zip"):
        assert run("export", "-f", "csv", "-o", tmp_path / name, "-p", small).exit_code == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert sorted(archive.namelist()) == ["City.csv", "csv-metadata.json", "other.nt"]
        assert archive.testzip() is None


def test_files_of_others_are_not_mixed_with_tables(run: Run, tmp_path: Path, small: Path) -> None:
    for folder in (small / "data", small):
        before = sorted(folder.rglob("*"))
        result = run("export", "-f", "csv", "-o", folder, "-p", small)
        assert result.exit_code == 2
        assert "has files that no export wrote; name an empty or a new folder" in result.stderr
        assert sorted(folder.rglob("*")) == before
    (tmp_path / "file").write_text("x")
    assert "is a file, not a folder" in run("export", "-f", "csv", "-o", tmp_path / "file", "-p", small).stderr


def test_a_forged_description_does_not_have_files_elsewhere_removed(run: Run, tmp_path: Path, small: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "mine.csv").write_text("x")
    description = {"notes": [{"dc:description": MARK}], "tables": [{"url": "../mine.csv"}, {"url": "..%2Fmine.csv"}]}
    (tmp_path / "tables" / "csv-metadata.json").write_text(json.dumps(description))
    assert run("export", "-f", "csv", "-o", tmp_path / "tables", "-p", small).exit_code == 0
    assert (tmp_path / "mine.csv").read_text() == "x"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-f", "csv"), "name it with --output"),
        (("-f", "csv", "-o", "-"), "name it with --output"),
        (("-f", "graphml", "--external"), "graphml holds one graph; name a source: --external NAME"),
        (("-f", "geojson", "--claims"), "--claims goes with --format graphml"),
        (("-f", "geojson", "--ontology-only"), "--ontology-only goes with markdown and the formats of RDF"),
        (("-f", "turtle", "--lang", "en"), "--lang goes with --format csv, geojson, graphml, dcat, void and markdown"),
    ],
)
def test_a_form_refuses_what_it_cannot_do(run: Run, options: tuple[str, ...], told: str) -> None:
    result = run("export", *options)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def test_one_source_is_written_in_every_form(run: Run, tmp_path: Path) -> None:
    assert run("export", "-f", "csv", "--external", "geonames", "-o", tmp_path / "geonames").exit_code == 0
    assert len(json.loads(run("export", "-f", "geojson", "--external", "geonames").stdout)["features"]) > 20
    assert "<graphml" in run("export", "-f", "graphml", "--external", "geonames").stdout


@pytest.mark.slow
@pytest.mark.parametrize("complete", [False, True])
def test_the_description_for_catalogues_is_that_of_the_site(
    run: Run, tmp_path: Path, small: Path, complete: bool
) -> None:
    if complete:
        required = """"dc:description": {"@value": "Cities", "@language": "en"},
          "dc:publisher": {"@id": "https://data.example/us", "foaf:name": "Us"}, "dc:title\""""
        edit(small / "data" / "csv-metadata.json", '"dc:title"', required)
    base = ("--base-url", "https://data.example/site/")
    run("publish", "-p", small, "-o", tmp_path / "site", *base)
    for form, name in (("dcat", "catalogue.ttl"), ("void", "void.ttl")):
        result = run("export", "-p", small, "-f", form, *base, "-o", tmp_path / form)
        lacking = [what for what in ("a description", "a publisher") if f"DCAT-AP requires {what};" in result.stderr]
        expected = ["a description", "a publisher"] if form == "dcat" and not complete else []
        assert (result.exit_code, lacking) == (1 if expected else 0, expected), result.stderr
        assert (tmp_path / form).read_bytes() == (tmp_path / "site" / "data" / name).read_bytes()
        assert ("DCAT-AP recommends" in result.stderr) == (form == "dcat")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-f", "dcat"), "give its address with --base-url"),
        (("-f", "turtle", "--base-url", "https://e.org/"), "--base-url goes with --format dcat and void"),
        (("-f", "void", "--base-url", "https://e.org/", "--external"), "void describes all graphs"),
        (("-f", "dcat", "--base-url", "https://e.org/", "--ontology-only"), "--ontology-only goes with markdown"),
        (("-f", "dcat", "--base-url", "nowhere"), "'nowhere' is not the address of a site"),
    ],
)
def test_a_description_for_catalogues_needs_the_address_of_the_site(
    run: Run, small: Path, options: tuple[str, ...], told: str
) -> None:
    result = run("export", "-p", small, *options)
    assert result.exit_code == 2
    assert told in result.stderr
