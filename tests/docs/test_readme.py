"""README is run: its console blocks are executed in order, and their output is what it shows.

A line that begins with `$ ` is a command; the lines under it are its output, where `…` on a line of its own stands for
any lines. The two lines that set a machine up are run by `.ci/run`, which installs by them.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from glocal_rdf.questions.catalogue import list_questions

README = (ROOT / "README.md").read_text(encoding="utf-8")


def read_commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Every command of the console blocks, with the output that is shown."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.rstrip("\n").split("\n")
            yield command, [line.rstrip() for line in output]


def matches(shown: list[str], printed: list[str]) -> bool:
    """Tell whether the printed lines are the shown ones, `…` standing for any."""
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in shown)
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in printed)) is not None


@pytest.mark.timeout(600)
def test_every_command_prints_what_the_readme_shows(tmp_path: Path, documents: Path) -> None:
    home = tmp_path / "glocal"
    for part in ("ontology", "shapes", "data"):
        shutil.copytree(ROOT / part, home / part)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "documents").symlink_to(documents)
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": search, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "120"}
    environment.pop("GLOCAL_DOCUMENTS", None)
    commands = list(read_commands(README))
    assert len(commands) >= 10
    for command, shown in commands:
        ran = subprocess.run(
            ["bash", "-c", command], cwd=home, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        printed = (ran.stdout + ran.stderr).splitlines()
        while printed and not printed[-1].strip():
            printed.pop()
        assert matches(shown, printed), f"$ {command}\nshows:\n" + "\n".join(shown) + "\nprints:\n" + "\n".join(printed)


def test_its_python_runs_as_it_stands() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        subprocess.run([sys.executable, "-c", block], cwd=ROOT, check=True, timeout=120)


def test_it_opens_with_the_two_lines_that_set_a_machine_up() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert blocks[0].splitlines() == ["python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/glocal build"]
    assert blocks[1].splitlines() == ["python3 -m venv .venv && .venv/bin/pip install '.[test]' && .venv/bin/pytest"]


def test_every_bundled_question_that_it_names_is_there() -> None:
    named = {
        words[2] for command, _ in read_commands(README) if (words := shlex.split(command))[:2] == ["glocal", "query"]
    }
    names = {question.name for question in list_questions()}
    assert {name for name in named if not name.startswith("-")} <= names
