"""`build --watch` builds again when a file of the project is saved, survives mistakes, and ends with Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Run, edit

from glocal_rdf import Project
from glocal_rdf.operations.watch import read_stamps, wait_for_change

LIMIT = 60


def sees(small: Path, change: Callable[[], object], limit: float = 5) -> bool:
    before = read_stamps(Project.open(small), [str(small / "elsewhere.ttl")])
    change()
    return wait_for_change(Project.open(small), before, interval=0.01, limit=limit)


@pytest.mark.parametrize(
    "name", ["data/new.csv", "ontology/new.ttl", "shapes/new.ttl", "queries/mine.rq", "elsewhere.ttl"]
)
def test_a_saved_file_is_seen(small: Path, name: str) -> None:
    (small / "queries").mkdir()
    assert sees(small, lambda: (small / name).write_text("", encoding="utf-8"))
    assert sees(small, lambda: (small / name).write_text("x", encoding="utf-8"))
    assert sees(small, lambda: (small / name).replace(small / f"{name}x"))


@pytest.mark.parametrize(
    "name",
    ["data/.cities.csv.swp", "data/cities.csv~", "data/4913", "data/#cities.csv#", "data/~$cities.xlsx", "build/a.ttl"],
)
def test_what_editors_and_we_write_beside_is_passed_over(small: Path, name: str) -> None:
    (small / "build").mkdir()
    assert not sees(small, lambda: (small / name).write_text("", encoding="utf-8"), limit=0.1)


def test_a_file_that_is_saved_in_steps_is_waited_for(small: Path) -> None:
    path = small / "data" / "cities.csv"
    text = path.read_text(encoding="utf-8")

    def save() -> None:
        for end in range(10, len(text), 10):
            path.write_text(text[:end], encoding="utf-8")
            time.sleep(0.02)
        path.write_text(text + "tokyo,Tokyo,Japan\n", encoding="utf-8")

    before = read_stamps(Project.open(small))
    saving = threading.Thread(target=save)
    saving.start()
    assert wait_for_change(Project.open(small), before, interval=0.3, limit=20)
    assert "Tokyo" in path.read_text(encoding="utf-8")
    saving.join()


@pytest.fixture
def watching(small: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [
        sys.executable,
        "-m",
        "glocal_rdf",
        "build",
        "--watch",
        "--project",
        str(small),
        "-o",
        str(tmp_path / "out"),
    ]
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        yield process
        process.kill()


def read_run(process: subprocess.Popen[str]) -> list[str]:
    """Read what one run prints, up to the line that ends it."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or "waiting for changes" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], lines
    return lines


@pytest.mark.slow
def test_it_builds_again_and_survives_mistakes(small: Path, tmp_path: Path, watching: subprocess.Popen[str]) -> None:
    table, target = small / "data" / "cities.csv", tmp_path / "out" / f"{small.name}.ttl"
    text = table.read_text(encoding="utf-8")
    (line,) = read_run(watching)
    assert "built, conforms in" in line
    written = target.read_bytes()
    edit(table, "Spain", "Catalonia")
    assert len(read_run(watching)) == 1
    assert b"Catalonia" in target.read_bytes()
    table.write_text('id,name,country\n"taipei', encoding="utf-8")
    *problems, line = read_run(watching)
    assert "data/cities.csv:2" in problems[0]
    assert "could not be built" in line
    table.write_text("id,name,country\ntaipei,Taipei,\n", encoding="utf-8")
    *problems, line = read_run(watching)
    assert "does not conform: 1 violation\n" in problems
    assert "not written" in line
    assert b"Catalonia" in target.read_bytes()
    table.write_text(text, encoding="utf-8")
    read_run(watching)
    assert target.read_bytes() == written
    watching.send_signal(signal.SIGINT)
    assert watching.wait(timeout=LIMIT) == 130


def test_it_takes_no_json(run: Run, small: Path) -> None:
    result = run("build", "--watch", "--json", "--project", small)
    assert result.exit_code == 2
    assert "--watch" in result.stderr
