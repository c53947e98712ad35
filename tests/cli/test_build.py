"""`glocal build` makes the checked graph, or says in one line each what is wrong and where."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Run, edit

from glocal_rdf import Build
from glocal_rdf.triples import Triples

pytestmark = pytest.mark.rebuild


def test_it_writes_the_graph_and_counts_what_it_made(run: Run, copy: Path, tmp_path: Path, built: Build) -> None:
    result = run("build", "--project", copy, "--output", tmp_path / "out", "--lang", "en")
    assert result.exit_code == 0
    assert "claim" in result.stdout
    assert f"{len(built.triples):,}" in result.stdout
    assert Triples.read(tmp_path / "out" / "glocal.ttl") == built.triples


@pytest.mark.slow
def test_the_same_tables_give_the_same_bytes(run: Run, copy: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("build", "--project", copy, "--output", tmp_path / name).exit_code == 0
    assert (tmp_path / "one" / "glocal.ttl").read_bytes() == (tmp_path / "two" / "glocal.ttl").read_bytes()


def test_no_blank_node_is_in_the_data(built: Build) -> None:
    assert not [term for triple in built.triples for term in triple if term.startswith("_:")]


def test_a_claim_that_counts_has_its_plain_triple(built: Build) -> None:
    from glocal_rdf.claims.ranking import list_claims

    claims = list_claims(built.stated)
    preferred = claims.filter(claims["rank"].str.ends_with("PreferredRank>") & ~claims["narrowed"])
    triples = set(built.triples)
    assert len(claims) > 400
    assert len(preferred)
    assert all(row in triples for row in preferred.select("subject", "predicate", "object").iter_rows())


UCLG = "\norganization/uclg,CityNetwork,"
BROKEN = [
    ("organizations.csv", UCLG, UCLG.replace("uclg", "UCLG"), ["organizations.csv:{line}: id:", "'organization/UCLG'"]),
    ("organizations.csv", UCLG, UCLG.replace("uclg", "unesco"), ["organizations.csv", "'organization/unesco'"]),
    ("documents.csv", ",16239,", ",many,", ["documents.csv:{line}: characters: 'many' is not"]),
    ("organizations.csv", UCLG, UCLG + "extra,", ["organizations.csv:{line}"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "old", "new", "told"), BROKEN, ids=["slug", "twice", "number", "cells"])
def test_a_broken_cell_is_named(
    run: Run, copy: Path, tmp_path: Path, file: str, old: str, new: str, told: list[str]
) -> None:
    line = edit(copy / "data" / file, old, new) + old.count("\n")
    result = run("build", "--project", copy, "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    for part in told:
        assert part.format(line=line) in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_dangling_reference_is_named_with_its_cell(run: Run, copy: Path, tmp_path: Path) -> None:
    text = (copy / "data" / "places.csv").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("place/paris,"))
    line = edit(copy / "data" / "places.csv", row, row.replace("place/france", "place/franse"))
    result = run("build", "--project", copy, "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert f"places.csv:{line}: country: 'place/franse'" in result.stderr
    assert "place/france" in result.stderr


@pytest.mark.slow
def test_a_year_that_is_none_is_named_with_its_cell(run: Run, copy: Path, tmp_path: Path) -> None:
    path = copy / "data" / "claims.csv"
    row = next(line for line in path.read_text(encoding="utf-8").splitlines() if ",foundingDate,,1901," in line)
    line = edit(path, row, row.replace(",1901,", ",19O1,", 1))
    result = run("build", "--project", copy, "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert f"claims.csv:{line}: value: '19O1' is not a date (EDTF); write a date" in result.stderr


@pytest.mark.slow
def test_a_claim_about_nothing_known_does_not_conform_and_is_led_to_its_cell(
    run: Run, copy: Path, tmp_path: Path
) -> None:
    path = copy / "data" / "claims.csv"
    row = next(
        line for line in path.read_text(encoding="utf-8").splitlines() if ",organization/fcm,foundingDate," in line
    )
    line = edit(path, row, row.replace(",organization/fcm,", ",organization/fcn,"))
    result = run("build", "--project", copy, "--output", tmp_path / "out", "--lang", "en")
    assert result.exit_code == 1
    assert f"claims.csv:{line}" in result.stdout
    assert not (tmp_path / "out").exists()


def test_all_errors_of_a_run_are_told(run: Run, copy: Path, tmp_path: Path) -> None:
    edit(copy / "data" / "documents.csv", ",16239,", ",many,")
    edit(copy / "data" / "documents.csv", ",2740,", ",few,")
    result = run("build", "--project", copy, "--output", tmp_path / "out")
    assert "'many'" in result.stderr
    assert "'few'" in result.stderr


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("shapes", "is missing, so this is not a project; write there what must hold"),
        ("ontology", "is missing, so this is not a project; define the terms there"),
        ("data", "is missing, so this is not a project; describe the tables there"),
    ],
)
def test_a_project_without_a_part_is_told_which(run: Run, copy: Path, part: str, told: str) -> None:
    shutil.rmtree(copy / part)
    (copy / part).mkdir()
    result = run("build", "--project", copy)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_folder_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    result = run("build", "--project", tmp_path / "none")
    assert result.exit_code == 2
    assert "is not a folder" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("data/csv-metadata.json", b"{", "csv-metadata.json"),
        ("data/organizations.csv", b"id,type\n\xa5x", "organizations.csv"),
        ("data/organizations.csv", b"", "organizations.csv"),
        ("data/persons.csv", b'id,name_en,name_zh\n"person/x', "persons.csv"),
        ("ontology/glocal.ttl", b"<a> <b> .", "glocal.ttl:1"),
        ("ontology/rules/broken.rq", b"CONSTRUCT {", "ontology/rules/broken.rq: line 1, column 12"),
        ("shapes/broken.ttl", b"@prefix : <", "broken.ttl"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_in_one_line(
    run: Run, copy: Path, tmp_path: Path, file: str, content: bytes, told: str
) -> None:
    (copy / file).write_bytes(content)
    result = run("build", "--project", copy, "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_missing_table_is_named(run: Run, copy: Path) -> None:
    (copy / "data" / "places.csv").unlink()
    result = run("build", "--project", copy)
    assert result.exit_code == 2
    assert "places.csv" in result.stderr


@pytest.mark.slow
def test_an_output_folder_that_cannot_be_written_is_told(run: Run, copy: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands here")
    result = run("build", "--project", copy, "--output", tmp_path / "out" / "deeper")
    assert result.exit_code == 2
    assert "out" in result.stderr
    assert "Traceback" not in result.stderr


def limit_files() -> None:
    """Let no file grow beyond some bytes: what a full disk looks like from inside."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))


@pytest.mark.slow
def test_a_full_disk_leaves_nothing_half_written(copy: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from glocal_rdf.cli import main; main()",
        "build",
        "-p",
        copy,
        "-o",
        tmp_path / "out",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=100, preexec_fn=limit_files, check=False
    )
    assert ran.returncode == 2, ran.stderr
    assert "glocal.ttl" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.slow
def test_features_of_shapes_that_are_not_supported_are_refused_unless_ignored(
    run: Run, copy: Path, tmp_path: Path
) -> None:
    with (copy / "shapes" / "organization.ttl").open("a", encoding="utf-8") as file:
        file.write(
            "\n<https://e.org/S> <http://www.w3.org/ns/shacl#targetClass> <https://e.org/C> ;"
            " <http://www.w3.org/ns/shacl#rule> [] .\n"
        )
    refused = run("build", "--project", copy, "--output", tmp_path / "out")
    assert refused.exit_code == 2
    assert "sh:rule is used" in refused.stderr
    assert not (tmp_path / "out").exists()
    built = run("build", "--project", copy, "--output", tmp_path / "out", "--ignore-unsupported")
    assert built.exit_code == 0
    assert "warning: <https://e.org/S>: sh:rule is used" in built.stderr
    assert list((tmp_path / "out").glob("*.ttl"))
