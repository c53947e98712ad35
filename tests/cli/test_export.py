"""`glocal export` writes the same graph in every format."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

from glocal_rdf import Build
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

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
