"""`--dry-run` with `--cluster` prints the plan, asks no cluster and writes nothing; its steps are those that run."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

pytest.importorskip("pyarrow")

PREFIXES = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://example.org/>\n"
SHAPES = "ex:S sh:targetSubjectsOf ex:label ; sh:property [ sh:path {path} ; sh:minCount 1 ] .\n"
NOWHERE = "sc://127.0.0.1:1"
PLAN = """\
read: old.nt, 12,290 bytes in 1 task
divide: the triples with predicates that shapes name, at most, about 95 by focus node, in 4 buckets of about 24
follow: no rounds between buckets, since shapes look one step from a focus node
validate: bucket by bucket, of 4,000,000 triples at most; larger ones are divided again
every worker: the shapes (4 triples), the class hierarchy of the ontology (0 triples), that of the data (at most \
500,000 triples)
memory: about 1 MB a task, beside what Python and the engine need
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two graphs of 100 triples, and shapes."""
    for name in ("old", "new"):
        lines = [f'<http://example.org/{n}> <http://example.org/label> "{name} {n:060}"@en .\n' for n in range(100)]
        (tmp_path / f"{name}.nt").write_text("".join(lines))
    (tmp_path / "shapes.ttl").write_text(PREFIXES + SHAPES.format(path="ex:label"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_plan_of_a_validation_says_what_is_done_and_sent(run: Run, folder: Path) -> None:
    before = sorted(folder.iterdir())
    result = run("validate", "old.nt", "-s", "shapes.ttl", "--cluster", NOWHERE, "--partitions", "4", "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == PLAN
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("( ex:label ex:label )", "follow: 1 round between buckets, since shapes look 2 steps from a focus node"),
        ("[ sh:oneOrMorePath ex:up ]", "follow: rounds between buckets until nothing is new, 100 at most"),
    ],
)
def test_the_plan_says_how_far_shapes_look(run: Run, folder: Path, path: str, expected: str) -> None:
    (folder / "shapes.ttl").write_text(PREFIXES + SHAPES.format(path=path))
    assert expected in run("validate", "old.nt", "-s", "shapes.ttl", "--cluster", NOWHERE, "--dry-run").stdout


def test_a_plan_of_what_is_refused_is_refused(run: Run, folder: Path) -> None:
    result = run("validate", "none.nt", "-s", "shapes.ttl", "--cluster", NOWHERE, "--dry-run")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none.nt: no such file" in result.stderr
    query = "SELECT $this WHERE { $this ex:label ?l . ?other ex:code ?c }".replace("ex:", "<http://example.org/")
    query = query.replace("label ", "label> ").replace("code ", "code> ")
    (folder / "shapes.ttl").write_text(
        PREFIXES + f"ex:S sh:targetSubjectsOf ex:label ; sh:sparql [ sh:select '''{query}''' ] ."
    )
    result = run("validate", "old.nt", "-s", "shapes.ttl", "--cluster", NOWHERE, "--dry-run")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "its query may look at any triple" in result.stderr


def test_the_plan_of_a_comparison_says_what_is_read_of_both(run: Run, folder: Path) -> None:
    before = sorted(folder.iterdir())
    result = run("diff", "old.nt", "new.nt", "--cluster", NOWHERE, "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(
        "read: old.nt, 12,290 bytes in 1 task\nread: new.nt, 12,290 bytes in 1 task\n"
        "compare: about 190 triples of both, in 1 bucket of about 190\n"
    )
    assert "\nevery worker: the nodes that differ" in result.stdout
    assert sorted(folder.iterdir()) == before


def test_the_plan_of_a_build_counts_what_is_sent(run: Run, small: Path) -> None:
    before = sorted(small.rglob("*"))
    result = run("build", "--project", small, "--cluster", NOWHERE, "--partitions", "3", "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    heads = [line.partition(":")[0] for line in result.stdout.splitlines()]
    assert heads == ["read", "derive", "apply", "every worker", "memory", "validate and write"]
    assert "in 3 buckets of about" in result.stdout
    assert sorted(small.rglob("*")) == before


@pytest.mark.parametrize(
    "words", [("validate", "old.nt", "-s", "shapes.ttl"), ("diff", "old.nt", "new.nt"), ("build",)]
)
def test_a_plan_without_a_cluster_is_a_mistake(run: Run, folder: Path, words: tuple[str, ...]) -> None:
    result = run(*words, "--dry-run")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--dry-run goes with --cluster" in result.stderr
