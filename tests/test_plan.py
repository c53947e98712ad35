"""The rules of the house: who may import whom, who may print, and who may open the network."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "glocal_rdf"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "bundled" not in path.parts)
GROUND = {"triples", "errors", "shown", "sparql"}
COMPOSERS = {"cli", "verbs", "__main__"}
"""The face, and the verbs as functions: they alone put rooms together."""

ENGINES = ("csvw", "shacl")
NETWORK = {"socket", "ssl", "http", "urllib.request", "SPARQLWrapper", "requests", "httpx", "aiohttp", "ftplib"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}


def room_of(path: Path) -> str:
    """The first part of a module's path in the package, without the ending."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def calls_of(path: Path) -> set[str]:
    """The plain names that a file calls, and `module.name` of attributes."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            names.add(ast.unparse(node.func))
    return names


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_rooms_import_the_ground_and_no_other_room(path: Path) -> None:
    room = room_of(path)
    rooms = {room_of(other) for other in MODULES} - {"__init__"}
    wanted = {name.split(".")[1] for name in imports_of(path) if name.startswith("glocal_rdf.")} & rooms
    allowed = rooms if room in COMPOSERS or room == "__init__" else GROUND | {"project", room}
    if room in GROUND:
        allowed = GROUND
    assert wanted <= allowed, f"{room} imports {wanted - allowed}"
    if room not in {"cli", "__init__", "__main__"}:
        assert "cli" not in wanted, "nothing but the face knows the face"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_face_prints_and_exits(path: Path) -> None:
    if room_of(path) in {"cli", "__main__"}:
        return
    calls = calls_of(path)
    assert not calls & {"print", "input", "exit", "quit", "sys.exit", "os._exit", "click.echo"}
    assert "sys.stdout" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_endpoint_opens_the_network(path: Path) -> None:
    if room_of(path) == "endpoint":
        return
    found = {name for name in imports_of(path) for root in NETWORK if name == root or name.startswith(root + ".")}
    assert not found


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) in ENGINES], ids=named)
def test_engines_know_nothing_of_cities(path: Path) -> None:
    assert "w3id.org/glocal" not in path.read_text(encoding="utf-8")
    assert "glocal_rdf.project" not in imports_of(path)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_files_are_named_for_an_idea_and_hold_one(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_the_first_line_says_what_the_module_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert re.match(r".{20,}[.:]$", docstring.splitlines()[0] if docstring else ""), named(path)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_libraries_read_no_clock_and_no_environment(path: Path) -> None:
    if room_of(path) == "cli":
        return
    calls = calls_of(path)
    assert not calls & {"datetime.now", "date.today", "time.time", "datetime.datetime.now", "datetime.date.today"}
    assert "os.environ" not in path.read_text(encoding="utf-8")


def test_every_verb_has_a_module_a_test_and_a_place_in_the_readme() -> None:
    from glocal_rdf.cli import VERBS

    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert (PACKAGE / "cli" / f"{verb}.py").is_file()
        assert (PACKAGE.parent / "tests" / f"test_cli_{verb}.py").is_file()
        assert f"### `glocal {verb}`" in readme
