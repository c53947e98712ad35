"""Imports are followed to files of the same folders, once each; all others are named, and nothing else is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples
from glocal_rdf.triples.imports import follow_imports

HEAD = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> . """
DATA = HEAD + "ex:a a ex:C ."
SHAPES = HEAD + "<> a owl:Ontology ; owl:imports {} . ex:S sh:targetClass ex:C ."
MORE = HEAD + "ex:M sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] . "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    (inside / "parts").mkdir(parents=True)
    (inside / "data.ttl").write_text(DATA)
    (tmp_path / "outside.ttl").write_text(MORE)
    return inside


def validate(run: Run, folder: Path, imported: str) -> tuple[int, str]:
    (folder / "shapes.ttl").write_text(SHAPES.format(imported))
    result = run("validate", folder / "data.ttl", "-s", folder / "shapes.ttl")
    return result.exit_code, result.stderr


@pytest.mark.parametrize("name", ["more.ttl", "parts/more.ttl", "./parts/../more.ttl", "more", "with%20space.ttl"])
def test_a_file_beside_the_shapes_is_followed(run: Run, folder: Path, name: str) -> None:
    file = folder / name.replace("%20", " ")
    (file if file.suffix else file.with_suffix(".ttl")).write_text(MORE)
    assert validate(run, folder, f"<{name}>") == (1, "")


def test_the_address_of_a_file_is_followed(run: Run, folder: Path) -> None:
    (folder / "more.ttl").write_text(MORE)
    assert validate(run, folder, f"<{(folder / 'more.ttl').as_uri()}>") == (1, "")


def test_imports_of_imports_are_followed_and_circles_end(run: Run, folder: Path) -> None:
    (folder / "one.ttl").write_text(HEAD + "<> owl:imports <parts/two.ttl>, <one.ttl> .")
    (folder / "parts" / "two.ttl").write_text(MORE + "<> owl:imports <../one.ttl>, <../shapes.ttl> .")
    assert validate(run, folder, "<one.ttl>") == (1, "")


def test_what_lies_outside_is_named_and_not_read(run: Run, folder: Path) -> None:
    (folder / "link.ttl").symlink_to(folder.parent / "outside.ttl")
    for name in ("../outside.ttl", "link.ttl", "file:///etc/passwd", (folder.parent / "outside.ttl").as_uri()):
        code, told = validate(run, folder, f"<{name}>")
        assert (code, "lies outside the folder" in told, len(told.splitlines())) == (0, True, 1)


@pytest.mark.parametrize("name", ["http://example.org/more", "urn:x:y", "file://server/share/more.ttl"])
def test_what_is_elsewhere_is_named_and_not_fetched(run: Run, folder: Path, name: str) -> None:
    code, told = validate(run, folder, f"<{name}>")
    assert (code, f"owl:imports <{name}> is not fetched" in told, len(told.splitlines())) == (0, True, 1)


def test_a_file_that_is_missing_is_an_error(run: Run, folder: Path) -> None:
    code, told = validate(run, folder, "<missing.ttl>")
    assert (code, "there is no such file" in told) == (2, True)


def test_a_remote_import_ends_in_2_where_nothing_else_was_checked(run: Run, folder: Path) -> None:
    (folder / "shapes.ttl").write_text(HEAD + "<> owl:imports <http://example.org/more> .")
    result = run("validate", folder / "data.ttl", "-s", folder / "shapes.ttl")
    assert (result.exit_code, "no shape has a target" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "imported",
    ["<http://www.w3.org/ns/shacl#>", "<http://example.org/known>", "<http://example.org/known/>", "<http://v/1>"],
)
def test_what_is_loaded_already_needs_no_word(run: Run, folder: Path, imported: str) -> None:
    (folder / "onto.ttl").write_text(HEAD + "<http://example.org/known> a owl:Ontology ; owl:versionIRI <http://v/1> .")
    (folder / "shapes.ttl").write_text(SHAPES.format(imported))
    result = run("validate", folder / "data.ttl", "-s", folder / "shapes.ttl", "-e", folder / "onto.ttl")
    assert (result.exit_code, result.stderr) == (0, "")


def test_imports_of_an_ontology_are_followed(run: Run, folder: Path) -> None:
    (folder / "onto.ttl").write_text(HEAD + "<> owl:imports <classes.ttl> .")
    (folder / "classes.ttl").write_text(
        "<http://example.org/C> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://example.org/D> ."
    )
    (folder / "shapes.ttl").write_text(MORE.replace("ex:C", "ex:D"))
    result = run("validate", folder / "data.ttl", "-s", folder / "shapes.ttl", "-e", folder / "onto.ttl")
    assert result.exit_code == 1


def test_names_that_are_no_files_are_no_tracebacks(tmp_path: Path) -> None:
    for name in ("file:///", "file:///%00", "file:///%FF", f"file://{tmp_path}/{'a' * 5000}"):
        text = f"<http://e/> <http://www.w3.org/2002/07/owl#imports> <{name}> ."
        try:
            _, problems = follow_imports(Triples.parse(text, "turtle"), [tmp_path])
            assert len(problems) == 1
        except InputError as error:
            assert "no such file" in str(error)  # noqa: PT017 - either is right


def test_an_import_that_is_a_string_is_reported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text("@prefix : <http://e.org/> . :a a :C .", encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(
        "@prefix : <http://e.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> ."
        '<> <http://www.w3.org/2002/07/owl#imports> "more.ttl" . :S sh:targetClass :C ; sh:nodeKind sh:IRI .',
        encoding="utf-8",
    )
    result = run("validate", tmp_path / "data.ttl", "-s", tmp_path / "shapes.ttl")
    assert result.exit_code == 0
    assert 'owl:imports "more.ttl" is not an IRI, and is not followed; write the IRI' in result.stderr
