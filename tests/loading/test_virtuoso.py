"""Virtuoso 7.2 holds what was loaded, and what it changes is known, so that the documentation says it."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run
from stores import PASSWORD, run_virtuoso

from glocal_rdf import Build, Credentials, LoadOptions, list_statements, load

pytestmark = [pytest.mark.slow, pytest.mark.peer, pytest.mark.xdist_group("virtuoso")]

GRAPH = "https://example.org/graph"
XSD = "http://www.w3.org/2001/XMLSchema#"
ODD = f"""@prefix : <https://example.org/> . @prefix xsd: <{XSD}> .
:a :decimal 12.50 ; :language "x"@zh-Hant ; :byte "5"^^xsd:byte ; :count "7"^^xsd:nonNegativeInteger ;
  :boolean "true"^^xsd:boolean ; :text "臺北 \\u0001 \\\\u0041 \\"q\\" \\n" ; :year "2006"^^xsd:gYear ;
  :date "2024-02-29"^^xsd:date ; :zoned "2024-02-29T12:00:00+08:00"^^xsd:dateTime ;
  :local "2024-02-29T12:00:00"^^xsd:dateTime ; :double "1E2"^^xsd:double ; :own "v"^^:own ;
  :month "2024-02"^^xsd:gYearMonth ;
  :iri <https://example.org/%E8%87%BA?a=b&c#d> , <https://example.org/臺北> ; :blank [ :r "x" ; :s ( 1 2 ) ] .
"""
LOSSES = f"""@prefix : <https://example.org/> . @prefix xsd: <{XSD}> .
:a :long 123456789012345678901234567890.123456789012345678901234567890 ; :fraction 0.1234567890123456789 .
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_virtuoso(tmp_path_factory.mktemp("virtuoso")) as address:
        yield address


@pytest.fixture
def virtuoso(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GLOCAL_LOAD_USER", "dba")
    monkeypatch.setenv("GLOCAL_LOAD_PASSWORD", PASSWORD)
    return server


def select(server: str, query: str) -> list[dict[str, str]]:
    body = urllib.parse.urlencode({"query": query}).encode()
    request = urllib.request.Request(f"{server}/sparql", body, {"Accept": "application/sparql-results+json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return list(json.load(answer)["results"]["bindings"])


def count(server: str, graph: str) -> int:
    [row] = select(server, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    return int(row["n"]["value"])  # type: ignore[index]


@pytest.mark.parametrize("way", [(), ("--update",), ("--graph-store",)])
@pytest.mark.parametrize("replace", [(), ("--replace",)])
def test_each_way_of_loading_works(
    virtuoso: str, run: Run, tmp_path: Path, way: tuple[str, ...], replace: tuple[str, ...]
) -> None:
    address = {
        (): f"{virtuoso}/sparql",
        ("--update",): f"{virtuoso}/sparql-auth",
        ("--graph-store",): f"{virtuoso}/sparql-graph-crud-auth",
    }[way]
    graph = f"{GRAPH}/{''.join(way)}{''.join(replace)}"
    source = tmp_path / "odd.ttl"
    source.write_text(ODD, encoding="utf-8")
    first = run("load", address, source, *way, *replace, "--graph", graph, "--json")
    assert first.exit_code == 0, first.stderr
    report = json.loads(first.stdout)
    assert count(virtuoso, graph) == report["statements"]
    changes = {(change["ours"], change["theirs"], change["same_value"]) for change in report["changes"]}
    assert changes == CHANGES
    again = run("load", address, source, *way, *replace, "--graph", graph, "--json")
    assert again.exit_code == 0, again.stderr
    # Blank nodes of another load are other nodes.
    more = 0 if replace else 7
    assert count(virtuoso, graph) == report["statements"] + more


CHANGES = {
    (f'"12.50"^^<{XSD}decimal>', f'"12.5"^^<{XSD}decimal>', True),
    (f'"1E2"^^<{XSD}double>', f'"100.0"^^<{XSD}double>', True),
    (f'"true"^^<{XSD}boolean>', f'"1"^^<{XSD}boolean>', True),
    ('"x"@zh-Hant', '"x"@zh-hant', True),
}
"""What Virtuoso writes in another form; all else in ODD it keeps."""


def test_a_value_that_it_cannot_hold_is_reported(virtuoso: str, run: Run, tmp_path: Path) -> None:
    source = tmp_path / "losses.ttl"
    source.write_text(LOSSES, encoding="utf-8")
    result = run("load", f"{virtuoso}/sparql", source, "--graph", f"{GRAPH}/losses")
    assert result.exit_code == 1
    assert f'has "0.123456789012346"^^<{XSD}decimal> for "0.1234567890123456789"' in result.stderr
    assert f'has "123456789012345678901234567890.123456789"^^<{XSD}decimal> for "1234567890' in result.stderr


def test_a_large_update_is_sent_in_parts_that_it_takes(virtuoso: str, run: Run, tmp_path: Path) -> None:
    source = tmp_path / "many.nt"
    source.write_text("".join(f'<urn:s{n}> <urn:p> "{n}" .\n' for n in range(12_000)), encoding="utf-8")
    options = ("--update", "--batch", "12000", "--graph", f"{GRAPH}/many")
    result = run("load", f"{virtuoso}/sparql-auth", source, *options)
    assert result.exit_code == 0, result.stderr
    assert count(virtuoso, f"{GRAPH}/many") == 12_000


def test_it_has_no_default_graph_to_load_into(virtuoso: str, run: Run, tmp_path: Path) -> None:
    source = tmp_path / "odd.ttl"
    source.write_text(ODD, encoding="utf-8")
    result = run("load", f"{virtuoso}/sparql", source)
    assert result.exit_code == 2
    assert "name a graph with --graph" in result.stderr


@pytest.mark.parametrize(("user", "status"), [("nobody", 401), ("", 403)])
def test_who_may_not_write_is_refused(
    virtuoso: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, status: int
) -> None:
    if user:
        monkeypatch.setenv("GLOCAL_LOAD_USER", user)
    else:
        monkeypatch.delenv("GLOCAL_LOAD_USER")
        monkeypatch.delenv("GLOCAL_LOAD_PASSWORD")
    source = tmp_path / "odd.ttl"
    source.write_text(ODD, encoding="utf-8")
    result = run("load", f"{virtuoso}/sparql", source, "--graph", GRAPH)
    assert result.exit_code == 2
    assert f"answered {status}" in result.stderr
    assert PASSWORD not in result.stderr


def test_the_bundled_dataset_arrives_whole(virtuoso: str, built: Build) -> None:
    statements = list_statements(built, graph="https://w3id.org/glocal/graph/data", ontology=True)
    known = Credentials(user="dba", password=PASSWORD)
    report = load(f"{virtuoso}/sparql", statements, LoadOptions(), credentials=known)
    assert report.complete, report.problems
    kinds = {(one.ours.rpartition('"')[2], one.theirs.rpartition('"')[2]) for one in report.changes}
    boolean = f"^^<{XSD}boolean>"
    assert kinds == {("@zh-Hans", "@zh-hans"), ("@zh-Hant", "@zh-hant"), (boolean, boolean)}
    assert all(one.same_value for one in report.changes)
