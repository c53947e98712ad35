"""`glocal diff` prints what has changed between files, projects, released versions and Git revisions."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import Run, edit
from json_schemas import find_faults

from glocal_rdf import Project, Triples, apply_patch, build, diff

CITY = """@prefix : <https://data.example/id/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix o: <https://data.example/ontology#> .
:taipei a o:City ; rdfs:label "Taipei"@en ; o:founded %s ; o:at [ o:lat 25.0 ] .
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions of a file, in the working directory."""
    (tmp_path / "old.ttl").write_text(CITY % 1894, encoding="utf-8")
    (tmp_path / "new.nt.gz").write_bytes(gzip.compress(Triples.parse(CITY % 1884, "turtle").serialize("nt")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def repository(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a Git repository, with one commit."""
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=small, env=env, check=True, timeout=60)
    monkeypatch.chdir(small)
    return small


def test_files_of_two_formats_are_compared_in_words(run: Run, files: Path) -> None:
    result = run("diff", "old.ttl", "new.nt.gz")
    assert result.exit_code == 1
    assert "    Taipei: founded 1884, was 1894\n" in result.stdout
    assert "1 triple added, 1 removed" in result.stdout
    assert result.stderr == ""


def test_equal_files_are_exit_code_0(run: Run, files: Path) -> None:
    (files / "same.ttl").write_text((CITY % 1894).replace("[", "_:x . _:x").replace("]", ""), encoding="utf-8")
    result = run("diff", "old.ttl", "same.ttl")
    assert (result.exit_code, result.stdout) == (0, "old.ttl and same.ttl: no differences\n")


def test_the_patch_is_read_back(run: Run, files: Path) -> None:
    assert run("diff", "old.ttl", "new.nt.gz", "-f", "patch", "-o", "p.rdfp").exit_code == 1
    made = apply_patch(Triples.read("old.ttl"), Path("p.rdfp").read_bytes())
    assert made.default.is_isomorphic(Triples.read("new.nt.gz"))


def test_each_form_is_written(run: Run, files: Path) -> None:
    table = run("diff", "old.ttl", "new.nt.gz", "-f", "table")
    assert "founded" in table.stdout
    page = run("diff", "old.ttl", "new.nt.gz", "-f", "markdown")
    assert "- **Taipei**: founded 1884, was 1894\n" in page.stdout
    record = json.loads(run("diff", "old.ttl", "new.nt.gz", "-f", "json").stdout)
    assert find_faults("diff", record) == []
    assert [table.exit_code, page.exit_code] == [1, 1]
    assert run("diff", "old.ttl", "old.ttl", "-f", "json").exit_code == 0


def test_stdin_is_turtle(run: Run, files: Path) -> None:
    result = run("diff", "-", "new.nt.gz", stdin=CITY % 1894)
    assert result.stdout.startswith("From stdin to new.nt.gz: 1 triple added")


def test_relative_iris_of_two_files_are_the_same(run: Run, files: Path) -> None:
    for name in ("a.ttl", "b.ttl"):
        (files / name).write_text('<#x> <#p> "1" .', encoding="utf-8")
    assert run("diff", "a.ttl", "b.ttl").exit_code == 0


def test_named_graphs_are_told_apart(run: Run, files: Path) -> None:
    (files / "a.trig").write_text("<urn:g> { <urn:a> <urn:p> 1 }", encoding="utf-8")
    (files / "b.trig").write_text("<urn:h> { <urn:a> <urn:p> 1 }", encoding="utf-8")
    result = run("diff", "a.trig", "b.trig")
    assert result.exit_code == 1
    assert "Graph urn:g: 0 triples added, 1 removed" in result.stdout
    assert "Graph urn:h: 1 triple added, 0 removed" in result.stdout


@pytest.mark.slow
def test_a_changed_cell_is_a_change_since_the_commit(run: Run, repository: Path) -> None:
    assert run("diff", "HEAD:").exit_code == 0
    edit(repository / "data" / "cities.csv", "taipei,Taipei,Taiwan", "taipei,Taipei,China\nlyon,Lyon,France")
    edit(repository / "ontology" / "city.ttl", '"country"@en', '"state"@en')
    edit(repository / "shapes" / "city.ttl", "sh:minCount 1", "sh:minCount 2 ; sh:maxCount 9")
    (repository / "ontology" / "rules").mkdir()
    (repository / "ontology" / "rules" / "r.rq").write_text(
        "CONSTRUCT { ?c a <https://data.example/ontology#Place> } WHERE { ?c a <https://data.example/ontology#City> }",
        encoding="utf-8",
    )
    result = run("diff", "HEAD:", "-n", "9")
    assert result.exit_code == 1
    for line in (
        "Data: 7 triples added, 1 removed; of these 3 and 0 inferred by rules, which are not listed",
        "    Taipei: state China, was Taiwan",
        "    Lyon (City, Place, https://data.example/id/lyon): state France",
        "Ontology: 1 triple added, 1 removed",
        "    state: label (en) state, was country",
        "Shapes: 2 triples added, 1 removed",
        "property [path state] › minCount 2, was 1",
        "property [path state] › maxCount 9, added",
        "  New: r",
    ):
        assert line in result.stdout, line
    record = json.loads(run("diff", "HEAD:", ".", "-f", "json").stdout)
    assert find_faults("diff", record) == []
    assert [graph["part"] for graph in record["graphs"]] == ["data", "ontology", "shapes"]
    patch = run("diff", "HEAD:", "-f", "patch")
    assert "not in the patch: changes of the ontology" in patch.stderr


def test_a_file_of_a_revision_is_compared_with_the_file(run: Run, repository: Path) -> None:
    edit(repository / "ontology" / "city.ttl", '"country"@en', '"state"@en')
    result = run("diff", "HEAD:ontology/city.ttl", "ontology/city.ttl")
    assert result.exit_code == 1
    assert "label (en) state, was country" in result.stdout


def test_an_error_in_a_revision_has_its_place_there(run: Run, repository: Path) -> None:
    edit(repository / "data" / "csv-metadata.json", '"propertyUrl": "rdfs:label"', '"datatype": "gYear"')
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, "commit", "-qam", "second"], cwd=repository, env=env, check=True, timeout=60)
    result = run("diff", "HEAD:", "HEAD~1:")
    assert result.exit_code == 2
    assert result.stderr.startswith("HEAD:data/cities.csv:2")
    assert "glocal-" not in result.stderr


def test_a_file_and_a_project_share_no_ontology(run: Run, small: Path, tmp_path: Path) -> None:
    built = build(Project.open(small))
    built.triples.write(tmp_path / "dump.nt")
    result = run("diff", tmp_path / "dump.nt", small)
    assert result.exit_code == 0
    assert "not compared: the ontology, which only one of the versions has" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing.ttl", "old.ttl"], "missing.ttl: is not a file, a folder or a released version"),
        (
            ["1.0.0", "old.ttl"],
            "1.0.0: is not a file, a folder or a released version; a Git revision ends with a colon",
        ),
        (["HEAD:", "old.ttl"], "is not in a Git repository"),
        (["https://example.org/a.ttl", "old.ttl"], "is an address, and nothing is fetched"),
        (["table.csv", "old.ttl"], "table.csv: is a table, not RDF"),
        (["broken.ttl", "old.ttl"], "broken.ttl:1:"),
        (["folder", "old.ttl"], "is missing, so this is not a project"),
        (["", "old.ttl"], "'': is not a file"),
        (["-", "-"], "can be read once"),
        (["old.ttl", "new.nt.gz", "-f", "patch", "-n", "3"], "-n does not go with --format patch"),
        (["old.ttl", "new.nt.gz", "-f", "table", "-o", "x"], "A table is for the terminal"),
        (["old.ttl", "new.nt.gz", "-o", "old.ttl"], "is what the result is made of"),
        (["--", "-h:", "old.ttl"], "is not a Git revision"),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_exit_code_2(
    run: Run, files: Path, words: list[str], message: str
) -> None:
    (files / "table.csv").write_text("a\n1\n", encoding="utf-8")
    (files / "broken.ttl").write_text("<a", encoding="utf-8")
    (files / "folder").mkdir()
    result = run("diff", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_the_functions_compare_what_is_at_hand(small: Path) -> None:
    built = build(Project.open(small))
    assert not diff(built, Project.open(small))
    less = Triples(built.triples.frame.head(3))
    changes = diff(built.triples.to_rdflib(), less)
    assert (changes.added, changes.removed) == (0, len(built.triples) - 3)
    assert repr(changes) == f"<Changes from old to new: 0 triples added, {changes.removed} removed>"
    assert "<table>" in changes._repr_html_()
