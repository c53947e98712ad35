"""A large file of RDF is written straight into a store, which answers the next query of the same content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import Run, edit

from glocal_rdf import Dataset, ask
from glocal_rdf.cache.folder import Cache
from glocal_rdf.errors import InputError, ReadWarning
from glocal_rdf.operations import stored_source
from glocal_rdf.operations.query import open_source
from glocal_rdf.operations.stored_source import StoredDataset, open_dataset
from glocal_rdf.sparql.execution import stored

pytestmark = pytest.mark.slow

NT = "".join(
    f'<http://e/{n}> <http://e/name> "N {n}"@{"zh-Hant" if n % 2 else "ZH-hant"} .\n'
    f'<http://e/{n}> <http://e/size> "{n}.50"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
    f'<http://e/{n}> <http://e/count> "00{n}"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    for n in range(300)
)
FILES = {
    "plain.nt": "".join(f"<http://e/{n}> <http://e/p> <http://e/{n % 7}> .\n" for n in range(500)),
    "odd.nt": NT,
    "blank.nt": "_:a <http://e/p> _:b .\n_:b <http://e/p> <http://e/x> .\n" * 3 + NT,
    "spaced.nt": "# a comment\n<http://e/a>   <http://e/p>\t<http://e/b> . # not canonical\n" + NT,
    "no-line-end.nt": NT.rstrip("\n"),
    "mark.nt": "\ufeff" + NT,
    "graph.ttl": "@prefix e: <http://e/> .\n<a> e:p 007, 12.50, 'x'@en-GB, 'y'@en-gb, [ e:q <#b> ] .\n",
    "named.trig": "@prefix e: <http://e/> . e:a e:p 1 . e:g { e:a e:p 01 ; e:q _:x } _:h { e:b e:q _:x }",
    "named.nq": "<http://e/a> <http://e/p> <http://e/b> <http://e/g> .\n",
    "packed.json": '{"@id": "http://e/a", "http://e/p": [1, "x"]}',
    "empty.nt": "",
}
ALL = "SELECT ?g ?s ?p ?o (STR(?o) AS ?text) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setattr(stored_source, "SMALLEST", 0)
    opened = Cache.open(tmp_path / "cache")
    assert opened is not None
    return opened


def answer(source: Dataset) -> list[tuple[str, ...]]:
    """Return all quads, but for the labels of blank nodes: parsers give those without one a label at random."""
    rows = ask(source, ALL).bindings
    return sorted(tuple("_" if cell and cell.startswith("_:") else cell or "" for cell in row) for row in rows)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("block", [pytest.param(100, marks=pytest.mark.slow), 60 << 20], ids=["blocks", "whole"])
def test_answers_are_the_same_from_the_store(
    tmp_path: Path, cache: Cache, name: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_source, "BLOCK", block)
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    plain = open_dataset(path)
    assert not isinstance(plain, StoredDataset)
    expected = answer(plain)
    for _ in range(2):
        found = open_dataset(path, cache)
        assert isinstance(found, StoredDataset)
        assert answer(found) == expected
        assert set(found.named) == set(plain.named)
        assert dict(found.prefixes) == dict(plain.prefixes)
        assert len(found) == len(plain)
    assert len(list(cache.folder.glob("sources/*/*"))) == 1


def test_another_content_is_another_store(tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "odd.nt"
    path.write_text(NT, encoding="utf-8")
    first, status = answer(open_dataset(path, cache)), path.stat()
    edit(path, '"N 7"', '"N 8"')
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    second = answer(open_dataset(path, cache))
    assert second != first
    assert second == answer(open_dataset(path))
    edit_back = path.read_text(encoding="utf-8").replace(
        '<http://e/7> <http://e/name> "N 8"', '<http://e/7> <http://e/name> "N 7"'
    )
    path.write_text(edit_back, encoding="utf-8")
    monkeypatch.setattr(stored_source, "_write", None)
    assert answer(open_dataset(path, cache)) == first


def test_relative_iris_are_those_of_the_file(tmp_path: Path, cache: Cache) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "graph.ttl"
        path.write_text("<> <http://e/p> <x> .", encoding="utf-8")
        for _ in range(2):
            assert answer(open_dataset(path, cache))[0][1] == f"<{path.as_uri()}>"


@pytest.mark.parametrize("damage", ["flipped", "removed"])
def test_a_damaged_store_is_written_again(tmp_path: Path, cache: Cache, damage: str) -> None:
    path = tmp_path / "odd.nt"
    path.write_text(NT, encoding="utf-8")
    first = answer(open_dataset(path, cache))
    for file in cache.folder.glob("sources/*/*/graph/*.sst"):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0xFF
        file.unlink()
        if damage == "flipped":
            file.write_bytes(data)
    assert answer(open_dataset(path, cache)) == first
    opened = open_dataset(path, cache)
    for file in cache.folder.glob("sources/*/*/graph/*"):
        file.unlink()
    assert answer(opened) == first
    assert answer(open_dataset(path, cache)) == first


def test_a_store_of_too_many_files_is_not_kept(tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MAX_FILES", 0)
    monkeypatch.setattr(stored, "MOST_FILES", 0)
    path = tmp_path / "odd.nt"
    path.write_text(NT, encoding="utf-8")
    found = open_dataset(path, cache)
    assert not isinstance(found, StoredDataset)
    assert answer(found) == answer(open_dataset(path))
    assert list(cache.folder.glob("sources/*/*")) == []


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "odd.nt"
    path.write_text(NT, encoding="utf-8")
    write = stored_source._write_lines

    def write_slowly(file: Path, place: Path) -> object:
        forms = write(file, place)
        path.write_text(NT.replace("N 7", "N 8"), encoding="utf-8")
        return forms

    monkeypatch.setattr(stored_source, "_write_lines", write_slowly)
    found = open_dataset(path, cache)
    assert not isinstance(found, StoredDataset)
    assert any(row[3] == '"N 8"@zh-Hant' for row in answer(found))


def test_mistakes_and_warnings_are_reported_each_time(tmp_path: Path, cache: Cache) -> None:
    broken = tmp_path / "broken.nt"
    broken.write_text(NT + "<http://e/a> <http://e/p> <not an iri> .\n", encoding="utf-8")
    unmapped = tmp_path / "unmapped.jsonld"
    unmapped.write_text('{"@id": "http://e/a", "http://e/p": 1, "unknown": 2}', encoding="utf-8")
    for _ in range(2):
        with pytest.raises(InputError, match=r"broken\.nt:901"):
            open_dataset(broken, cache)
        with pytest.warns(ReadWarning, match="unknown"):
            open_dataset(unmapped, cache)
        with pytest.raises(InputError, match="no such file"):
            open_source(str(tmp_path / "none.nt"), cache)


def test_the_command_uses_the_store(tmp_path: Path, cache: Cache, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLOCAL_NO_CACHE")
    monkeypatch.setenv("GLOCAL_CACHE", str(cache.folder))
    path = tmp_path / "odd.nt"
    path.write_text(NT, encoding="utf-8")
    text = 'SELECT ?o { <http://e/7> ?p ?o FILTER(LANG(?o) = "zh-Hant" || ?o = 7 || ?o = 7.5) } ORDER BY STR(?o)'
    words = ["query", "--source", path, "-f", "tsv", "--text", text]
    plain = run(*words, "--no-cache")
    assert list(cache.folder.glob("sources/*/*")) == []
    assert plain.stdout.splitlines()[1:] == [
        '"007"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '"7.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        '"N 7"@zh-Hant',
    ]
    assert [run(*words).stdout for _ in range(2)] == [plain.stdout] * 2
    assert len(list(cache.folder.glob("sources/*/*"))) == 1
    empty = [
        run("query", "--source", path, "--text", "ASK { <http://e/none> ?p ?o }", *more)
        for more in ((), ["--no-cache"])
    ]
    assert empty[0].stderr == empty[1].stderr != ""
