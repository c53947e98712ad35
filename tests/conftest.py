"""What the tests share: the bundled project, built once; the source documents; a way to run the command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from glocal_rdf import verbs
from glocal_rdf.cli import cli
from glocal_rdf.project import Project

ROOT = Path(__file__).parent.parent
PARTS = ("ontology", "shapes", "data")

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def project() -> Project:
    """The bundled project."""
    return Project.open(ROOT)


@pytest.fixture(scope="session")
def built(project: Project) -> verbs.Build:
    """The bundled project's graph."""
    return verbs.build(project)


@pytest.fixture(scope="session")
def documents() -> Path:
    """The folder of the source documents; its absence is a failure under CI=true."""
    folder = Path(os.environ.get("GLOCAL_DOCUMENTS", ROOT.parent / "shared" / "documents"))
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the source documents are not at {folder}")
        pytest.skip(f"the source documents are not at {folder}")
    return folder


@pytest.fixture
def run() -> Run:
    """Run the command and give its result: exit_code, stdout, stderr."""

    def runs(*arguments: object, stdin: str | None = None) -> Result:
        runner = CliRunner()
        result = runner.invoke(cli, [str(argument) for argument in arguments], input=stdin, prog_name="glocal")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return runs


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A copy of the bundled project that a test may break."""
    folder = tmp_path / "project"
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)
    yield folder
    shutil.rmtree(folder)


def edit(path: Path, old: str, new: str) -> int:
    """Replace a text that a file has exactly once; return the line it stands in."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1
