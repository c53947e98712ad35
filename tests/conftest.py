"""What the tests share: projects, each built once; the source documents; a way to run the command.

A project whose files are what they were is built once in a process: commands that are run by `run`, and calls of
`operations.build.build`, get the build made before, as if it had been handed to them. Tests of building are marked
`rebuild`, and programs of their own (`subprocess`) build as they do for users.
"""

from __future__ import annotations

import os
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from oxigraph_server import serve_file

from glocal_rdf.cli import cli
from glocal_rdf.dataset import Build
from glocal_rdf.operations import build as building
from glocal_rdf.project import Project

ROOT = Path(__file__).parent.parent
# No test reads or writes the user's cache; tests of the cache have folders of their own.
os.environ["GLOCAL_NO_CACHE"] = "1"
os.environ.pop("GLOCAL_CACHE", None)
FULL = os.environ.get("GLOCAL_FULL") == "true"
"""Whether `.ci/run --full` runs, with what takes minutes."""

PARTS = ("ontology", "shapes", "data")

Run = Callable[..., Result]
ENDPOINT_DATA = """@prefix : <https://example.org/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:taipei skos:prefLabel "臺北市"@zh-Hant, "Taipei"@en ; :since "2006"^^<http://www.w3.org/2001/XMLSchema#gYear> .
"""


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their number, since packed ones hold the time and every worker must collect the same tests."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `slow`, but for `.ci/run` (CI=true), and what is marked `long`, but for its --full."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker("slow")
            item.add_marker(pytest.mark.timeout(300))  # the first one publishes the sites that all open
    _leave_out(config, items, "long", unless=FULL)
    _leave_out(config, items, "slow", unless=FULL or os.environ.get("CI") == "true")


def _leave_out(config: pytest.Config, items: list[pytest.Item], marker: str, *, unless: bool) -> None:
    """Leave out what has a marker, but for a choice of markers or of one test."""
    if unless or config.option.markexpr or any("::" in word for word in config.args):
        return
    left_out = [item for item in items if item.get_closest_marker(marker)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker(marker)]


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is left out."""
    if FULL or config.option.markexpr:
        return "all tests"
    if os.environ.get("CI") == "true":
        return "without tests that are marked long; .ci/run --full runs them too"
    return "without tests that are marked slow; CI=true runs them too, as .ci/run does"


@pytest.fixture(scope="session")
def project() -> Project:
    """The bundled project."""
    return Project.open(ROOT)


class Builds:
    """Remembers the builds of projects, the last few, by the state of their files."""

    LIMIT = 3

    def __init__(self) -> None:
        self.build_anew = building.build
        self.kept: OrderedDict[object, Build] = OrderedDict()

    def build(self, project: Project, **options: float) -> Build:
        """Build a project, or return the build of its files as they are."""
        key = (Path.cwd(), project.root, read_state(project.root), *options.items())
        if key not in self.kept:
            self.kept[key] = self.build_anew(project, **options)
            while len(self.kept) > self.LIMIT:
                self.kept.popitem(last=False)
        self.kept.move_to_end(key)
        return self.kept[key]


def read_state(root: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Read name, size, inode and time of change of each file that a project is built from."""
    files = sorted(file for part in PARTS for file in (root / part).rglob("*"))
    return tuple((str(file), (now := file.lstat()).st_size, now.st_ino, now.st_ctime_ns) for file in files)


@pytest.fixture(scope="session")
def builds() -> Builds:
    """The builds that the tests of this process share."""
    return Builds()


@pytest.fixture(autouse=True)
def share_builds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, builds: Builds) -> None:
    """Let what builds a project take the build made before, but in tests that are marked `rebuild`."""
    if request.node.get_closest_marker("rebuild") is None:
        monkeypatch.setattr(building, "build", builds.build)


@pytest.fixture(scope="session")
def built(project: Project, builds: Builds) -> Build:
    """The bundled project's graph."""
    return builds.build(project)


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
        assert "internal error" not in result.stderr, result.stderr
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


SMALL = {
    "ontology/city.ttl": """@prefix ex: <https://data.example/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://data.example/ontology> a owl:Ontology ; rdfs:label "Cities"@en .
ex:City a owl:Class ; rdfs:label "City"@en . ex:country a owl:DatatypeProperty ; rdfs:label "country"@en .
""",
    "shapes/city.ttl": """@prefix ex: <https://data.example/ontology#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
<https://data.example/shapes#City> a sh:NodeShape ; sh:targetClass ex:City ;
    sh:property [ sh:path ex:country ; sh:minCount 1 ] .
""",
    "data/cities.csv": "id,name,country\ntaipei,Taipei,Taiwan\nbarcelona,Barcelona,Spain\n",
    "data/csv-metadata.json": """{"@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
 "dc:title": "Cities of Example", "dc:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
 "tables": [{"url": "cities.csv", "tableSchema": {"aboutUrl": "https://data.example/id/{id}", "columns": [
  {"name": "id", "titles": "id", "suppressOutput": true},
  {"name": "name", "titles": "name", "propertyUrl": "rdfs:label"},
  {"name": "country", "titles": "country", "propertyUrl": "https://data.example/ontology#country"},
  {"virtual": true, "propertyUrl": "rdf:type", "valueUrl": "https://data.example/ontology#City"}]}}]}
""",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small project of somebody else, which a test may break."""
    for name, text in SMALL.items():
        path = tmp_path / "small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "small"


def edit(path: Path, old: str, new: str) -> int:
    """Replace a text that a file has exactly once; return the line it stands in."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real SPARQL server on loopback, with a small graph."""
    folder = tmp_path_factory.mktemp("store")
    data = folder / "data.ttl"
    data.write_text(ENDPOINT_DATA, encoding="utf-8")
    with serve_file(data, folder) as address:
        yield address
