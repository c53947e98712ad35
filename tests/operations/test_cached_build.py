"""An unchanged project is not built again; a change of anything that it is made of is never answered from the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Run, edit

from glocal_rdf import Project, ask, build, find, validate
from glocal_rdf.cache.folder import Cache
from glocal_rdf.dataset import Build
from glocal_rdf.errors import ReadWarning
from glocal_rdf.operations import build as building
from glocal_rdf.operations import kept_build
from glocal_rdf.operations.build import list_problems
from glocal_rdf.operations.cached_build import BuildCache
from glocal_rdf.operations.kept_build import KeptBuild
from glocal_rdf.triples.comparison import are_isomorphic

pytestmark = [pytest.mark.rebuild, pytest.mark.slow]

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ALL = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


SLOW = pytest.mark.slow


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    opened = Cache.open(tmp_path / "cache")
    assert opened is not None
    return opened


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """The projects that are built, one after the other."""
    found: list[Path] = []
    build_anew = building.build

    def count(project: Project, **options: float) -> Build:
        found.append(project.root)
        return build_anew(project, **options)

    monkeypatch.setattr(building, "build", count)
    return found


@pytest.fixture
def large(small: Path) -> Path:
    """The small project, with everything that a project may have."""
    files = {
        "ontology/more.ttl": """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix ex: <https://data.example/ontology#> .
<https://data.example/more> a owl:Ontology ; owl:imports <../vendor/imported.ttl> . ex:near a owl:ObjectProperty .
""",
        "vendor/imported.ttl": "<urn:imported> <urn:is> <urn:one> .\n",
        "ontology/rules/near.rq": "PREFIX ex: <https://data.example/ontology#>\n"
        "CONSTRUCT { ?a ex:sameCountry ?b } WHERE { ?a ex:country ?c . ?b ex:country ?c }\n",
        "data/links/cities.sssom.tsv": "# curie_map:\n#   ex: https://data.example/id/\n#   wd: http://www.wikidata.org/entity/\n"
        "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
        "ex:taipei\tskos:exactMatch\twd:Q1867\tsemapv:ManualMappingCuration\n",
        "data/external/codes.csv": "id,code\ntaipei,TPE\n",
        "data/external/codes.csv-metadata.json": """{"@context": "http://www.w3.org/ns/csvw", "@id": "https://data.example/graph/codes",
 "dc:title": "Codes", "url": "codes.csv", "tableSchema": {"aboutUrl": "https://data.example/id/{id}", "columns": [
 {"name": "id", "titles": "id", "suppressOutput": true},
 {"name": "code", "titles": "code", "propertyUrl": "https://data.example/ontology#code"}]}}""",
    }
    for name, text in files.items():
        path = small / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    imported = (small / "vendor" / "imported.ttl").as_uri()
    edit(small / "ontology" / "more.ttl", "<../vendor/imported.ttl>", f"<{imported}>")
    return small


def answer(root: Path, cache: Cache, text: str = ALL) -> list[tuple[str, ...]]:
    """Ask as a command does, which opens the project anew."""
    builds = BuildCache(cache)
    built = builds.keep(builds.open(Project.open(root)), "store", "cells")
    return sorted(ask(built, text).rows())


def test_an_unchanged_project_is_not_built_again(large: Path, cache: Cache, counted: list[Path]) -> None:
    first = answer(large, cache)
    assert {"TPE", "urn:one", "http://www.wikidata.org/entity/Q1867"} <= {row[2] for row in first}
    assert [answer(large, cache) for _ in range(3)] == [first] * 3
    assert len(counted) == 1


CHANGES: dict[str, Callable[[Path], object]] = {
    "a cell": lambda root: edit(root / "data/cities.csv", "Barcelona", "Barcelone"),
    "a cell, of the same length": lambda root: edit(root / "data/cities.csv", "Spain", "Spaik"),
    "a description": lambda root: edit(root / "data/csv-metadata.json", "rdfs:label", "skos:prefLabel"),
    "the title of the dataset": lambda root: edit(root / "data/csv-metadata.json", "Cities of Example", "Cities"),
    "a link": lambda root: edit(root / "data/links/cities.sssom.tsv", "Q1867", "Q1868"),
    "a rule": lambda root: edit(root / "ontology/rules/near.rq", "ex:sameCountry", "ex:inOneCountry"),
    "the ontology": lambda root: edit(root / "ontology/city.ttl", '"City"@en', '"Town"@en'),
    "an imported file": lambda root: edit(root / "vendor/imported.ttl", "<urn:one>", "<urn:two>"),
    "another source": lambda root: edit(root / "data/external/codes.csv", "TPE", "TSA"),
    "a new rule": lambda root: (root / "ontology/rules/new.rq").write_text(
        "CONSTRUCT { ?a <urn:itself> ?a } WHERE { ?a <https://data.example/ontology#country> ?c }", encoding="utf-8"
    ),
    "a new file of the ontology": lambda root: (root / "ontology/new.ttl").write_text(
        "<urn:new> <urn:is> <urn:there> .", encoding="utf-8"
    ),
    "a new mapping": lambda root: shutil.copy(
        edit_copy(root / "data/links/cities.sssom.tsv", "Q1867", "Q99"), root / "data/links/more.sssom.tsv"
    ),
    "a removed rule": lambda root: (root / "ontology/rules/near.rq").unlink(),
}


def edit_copy(path: Path, old: str, new: str) -> Path:
    copied = path.parent.parent / "copied.txt"
    copied.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return copied


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_never_answered_from_the_cache(large: Path, cache: Cache, name: str, counted: list[Path]) -> None:
    first = answer(large, cache)
    before = {path: path.stat() for path in (large / "data").glob("*.csv")}
    CHANGES[name](large)
    for path, status in before.items():  # Nothing is found out by the time alone.
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    second = answer(large, cache)
    assert second != first
    assert second == sorted(ask(build(Project.open(large)), ALL).rows())
    assert len(counted) == 2


def test_solutions_come_in_the_same_order_each_time(large: Path, cache: Cache) -> None:
    def solutions() -> list[tuple[str, ...]]:
        builds = BuildCache(cache)
        return ask(builds.keep(builds.open(Project.open(large)), "store"), f"{ALL} LIMIT 7").rows()

    first = solutions()
    assert [solutions() for _ in range(3)] == [first] * 3


def test_a_state_that_was_built_before_is_found_again(large: Path, cache: Cache, counted: list[Path]) -> None:
    first = answer(large, cache)
    edit(large / "data/cities.csv", "Barcelona", "Barcelone")
    answer(large, cache)
    edit(large / "data/cities.csv", "Barcelone", "Barcelona")
    assert answer(large, cache) == first
    assert len(counted) == 2


def test_a_table_elsewhere_that_a_link_leads_to_is_an_input(large: Path, cache: Cache, tmp_path: Path) -> None:
    shutil.move(large / "data", tmp_path / "elsewhere")
    (large / "data").symlink_to(tmp_path / "elsewhere")
    first = answer(large, cache)
    edit(tmp_path / "elsewhere" / "cities.csv", "Barcelona", "Barcelone")
    assert answer(large, cache) != first


def test_shapes_are_no_part_of_the_graph_but_warnings_name_their_files(
    large: Path, cache: Cache, counted: list[Path]
) -> None:
    answer(large, cache)
    edit(large / "shapes/city.ttl", "sh:minCount 1", "sh:minCount 2")
    kept = BuildCache(cache).open(Project.open(large))
    assert isinstance(kept, KeptBuild)
    assert not validate(kept).conforms
    (large / "shapes" / "shape.jsonld").write_text("{}", encoding="utf-8")
    built = BuildCache(cache).open(Project.open(large))
    assert [problem.kind for problem in built.problems] == ["unread"]
    assert len(counted) == 2


def test_a_kept_build_is_the_build(large: Path, cache: Cache) -> None:
    made = build(Project.open(large))
    answer(large, cache)
    kept = BuildCache(cache).open(Project.open(large))
    assert isinstance(kept, KeptBuild)
    for name in ("stated", "truthy", "inferred", "triples", "with_ontology"):
        assert are_isomorphic(getattr(kept, name).frame, getattr(made, name).frame), name
    assert kept.problems == made.problems
    assert list_problems(kept) == list_problems(made)
    assert (kept.prefixes, kept.query_prefixes) == (made.prefixes, made.query_prefixes)
    assert kept.accounts == made.accounts
    assert kept.defined_terms == made.defined_terms
    assert kept.counts() == made.counts()
    assert {name: graph.serialize("turtle") for name, graph in kept.named_graphs.items()} == {
        name: graph.serialize("turtle") for name, graph in made.named_graphs.items()
    }
    for triple in made.stated:
        ours, theirs = kept.find_cells(*triple), made.find_cells(*triple)
        assert [(c.file, c.row, c.column) for c in ours] == [(c.file, c.row, c.column) for c in theirs]
    assert [found.thing for found in find(kept, "Taipei")] == [found.thing for found in find(made, "Taipei")]
    assert validate(kept, source_graphs=True).conforms
    assert repr(kept) == repr(made)


@pytest.mark.parametrize(
    "file",
    ["build.json", "graph.arrow", "store/forms.json", "store/graph/CURRENT", "store/graph/*.sst", "cells/cells.arrow"],
)
@pytest.mark.parametrize(
    "damage", ["flipped", *(pytest.param(how, marks=pytest.mark.slow) for how in ("removed", "cut"))]
)
def test_a_damaged_entry_is_made_again(large: Path, cache: Cache, file: str, damage: str) -> None:
    first = answer(large, cache)
    (entry,) = cache.folder.glob("builds/*/*")
    for path in entry.glob(file):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.unlink()
        if damage != "removed":
            path.write_bytes(data if damage == "flipped" else data[: len(data) // 3])
    assert answer(large, cache) == first
    assert answer(large, cache) == first


def test_an_entry_that_is_removed_meanwhile_is_made_again(large: Path, cache: Cache) -> None:
    first = answer(large, cache)
    for name in ("whole", "store"):
        built = BuildCache(cache).open(Project.open(large))
        assert isinstance(built, KeptBuild)
        shutil.rmtree(built.entry if name == "whole" else built.entry / "store")
        assert sorted(ask(built, ALL).rows()) == first
        assert len(find(built, "Taipei"))
        answer(large, cache)


def test_a_store_that_breaks_while_it_is_open_is_replaced(large: Path, cache: Cache) -> None:
    first = answer(large, cache)
    built = BuildCache(cache).open(Project.open(large))
    _ = built.store, built.dataset_store
    assert isinstance(built, KeptBuild)
    shutil.rmtree(built.entry / "store" / "graph")
    assert sorted(ask(built, ALL).rows()) == first
    assert len(ask(built, COUNT)) == 1


def test_files_that_change_while_they_are_read_are_not_kept(
    large: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_anew = building.build

    def build_slowly(project: Project, **options: float) -> Build:
        built = build_anew(project, **options)
        edit(large / "data/cities.csv", "Barcelona", "Barcelone")
        return built

    monkeypatch.setattr(building, "build", build_slowly)
    first = answer(large, cache)
    monkeypatch.setattr(building, "build", build_anew)
    assert list(cache.folder.glob("builds/*/*")) == []
    assert answer(large, cache) != first


def test_another_version_has_entries_of_its_own(
    large: Path, cache: Cache, counted: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(large, cache)
    monkeypatch.setattr("glocal_rdf.operations.cached_build.name_program", lambda: "another")
    answer(large, cache)
    assert len(counted) == 2


def test_warnings_of_readers_are_shown_each_time(large: Path, cache: Cache) -> None:
    (large / "vendor" / "imported.ttl").unlink()
    (large / "vendor" / "imported.ttl.jsonld").write_text(
        '{"@id": "urn:a", "urn:p": "x", "unknown": "y"}', encoding="utf-8"
    )
    for _ in range(2):
        with pytest.warns(ReadWarning, match="unknown"):
            answer(large, cache)


def test_a_wrong_rule_is_reported_each_time(large: Path, cache: Cache) -> None:
    (large / "ontology/rules/near.rq").write_text("CONSTRUCT {", encoding="utf-8")
    for _ in range(2):
        builds = BuildCache(cache)
        built = builds.keep(builds.open(Project.open(large)), "store")
        assert not isinstance(built, KeptBuild)
        with pytest.raises(Exception, match=r"near\.rq"):
            ask(built, COUNT)


def test_without_room_the_answer_is_the_same(large: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_build, "write_frame", full)
    first = answer(large, cache)
    assert answer(large, cache) == first
    assert list(cache.folder.glob("builds/*/*")) == []


def test_many_threads_and_processes_open_one_project(large: Path, cache: Cache) -> None:
    first = answer(large, cache)
    (entry,) = cache.folder.glob("builds/*/*")
    shutil.rmtree(entry)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(answer(large, cache))) for _ in range(3)]
    environment = {**os.environ, "GLOCAL_CACHE": str(cache.folder), "PYTHONPATH": str(ROOT), "GLOCAL_NO_CACHE": ""}
    words = [sys.executable, "-m", "glocal_rdf", "query", "--project", str(large), "--text", COUNT, "-f", "csv"]
    processes = [subprocess.Popen(words, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    for thread in threads:
        thread.start()
    outputs = {process.communicate(timeout=100)[0] for process in processes}
    for thread in threads:
        thread.join(100)
    assert found == [first] * 3
    assert len(outputs) == 1


@pytest.mark.slow
def test_commands_answer_the_same_with_and_without_cache(
    large: Path, cache: Cache, run: Run, monkeypatch: pytest.MonkeyPatch, counted: list[Path]
) -> None:
    commands = [
        ["query", "--text", "SELECT * { ?s rdfs:label ?name } ORDER BY ?s"],
        ["query", "--text", f"{ALL} ORDER BY ?s ?p ?o", "-f", "json"],
        ["query", "--text", "ASK { <urn:none> ?p ?o }"],
        ["find", "Taipei"],
        ["find", "Taipei", "--json"],
        ["explain", "taipei"],
        ["explain", "taipei", "--json"],
        ["validate", "-f", "json"],
        ["build", "-o", str(large / "build")],
    ]
    (large / "data" / "unread.csv").write_text("a\n1\n", encoding="utf-8")
    for words in commands:
        monkeypatch.setenv("GLOCAL_NO_CACHE", "1")
        plain = run(*words, "--project", large)
        files = {path.name: path.read_bytes() for path in (large / "build").rglob("*.ttl")}
        monkeypatch.delenv("GLOCAL_NO_CACHE")
        monkeypatch.setenv("GLOCAL_CACHE", str(cache.folder))
        assert "unread.csv" in plain.stderr
        for _ in range(2):
            kept = run(*words, "--project", large)
            assert (kept.exit_code, kept.stdout, kept.stderr) == (plain.exit_code, plain.stdout, plain.stderr), words
        assert {path.name: path.read_bytes() for path in (large / "build").rglob("*.ttl")} == files
    assert len(counted) == len(commands) + 1
    run("find", "Taipei", "--project", large, "--no-cache")
    assert len(counted) == len(commands) + 2


@pytest.mark.parametrize("folder", ["", "/dev/null", "/proc/none", "relative"])
def test_where_no_cache_is_possible_commands_work(
    small: Path, run: Run, monkeypatch: pytest.MonkeyPatch, folder: str, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GLOCAL_NO_CACHE")
    monkeypatch.setenv("GLOCAL_CACHE", folder)
    monkeypatch.setenv("HOME", "")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for _ in range(2):
        result = run("query", "--project", small, "--text", "ASK { ?s ?p ?o }")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "yes\n", "")
