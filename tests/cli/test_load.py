"""`glocal load` fills a real store (Oxigraph), goes on where it was stopped, and says what the store changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import Run
from json_schemas import find_faults, list_parts
from stores import FaultyStore, run_oxigraph

XSD = "http://www.w3.org/2001/XMLSchema#"
DATA = f"""@prefix : <https://example.org/> . @prefix xsd: <{XSD}> .
:a :p 12.50, "x"@zh-Hant, "y"@en-GB, "5"^^xsd:byte, "true"^^xsd:boolean, "1"^^xsd:boolean, "\\\\u0041 \\\\",
  "a\\n\\"b\\t",
  "2024-01-01T24:00:00.00Z"^^xsd:dateTime, "\\u0007\\u200B\\U0001F600 臺北", :b ; :q _:x .
_:x :r ( 1 _:x "two" ), [ :r :c ] .
_:alone :r "alone" .
"""
NAMED = """@prefix : <https://example.org/> .
:a :p 1 . :g { :a :p 2 . :a :q [ :r 3 ] } :h { :b :p 4 }
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_oxigraph(tmp_path_factory.mktemp("oxigraph")) as address:
        yield address


@pytest.fixture
def store(server: str) -> str:
    """An empty store."""
    send(f"{server}/update", b"CLEAR ALL", "application/sparql-update")
    return server


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache for this test alone."""
    monkeypatch.delenv("GLOCAL_NO_CACHE")
    monkeypatch.setenv("GLOCAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def send(address: str, body: bytes, kind: str) -> bytes:
    request = urllib.request.Request(address, body, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def dump(server: str) -> ox.Dataset:
    """Everything that a store has, its blank nodes by their content."""
    with urllib.request.urlopen(
        urllib.request.Request(f"{server}/store", headers={"Accept": "application/n-quads"}), timeout=30
    ) as answer:
        return canonical(answer.read())


def canonical(data: bytes, form: ox.RdfFormat = ox.RdfFormat.N_QUADS) -> ox.Dataset:
    store = ox.Store()  # it writes literals as the server does
    store.load(data, format=form)
    found = ox.Dataset(store)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


def add(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("way", [(), ("--update",), ("--graph-store",)])
@pytest.mark.parametrize("replace", [(), ("--replace",)])
def test_hard_terms_and_blank_nodes_arrive_as_they_are(
    store: str, run: Run, tmp_path: Path, way: tuple[str, ...], replace: tuple[str, ...]
) -> None:
    send(f"{store}/update", b"INSERT DATA { <urn:old> <urn:p> <urn:o> }", "application/sparql-update")
    address = {(): store, ("--update",): f"{store}/update", ("--graph-store",): f"{store}/store"}[way]
    source = add(tmp_path, "data.ttl", DATA)
    result = run("load", address, source, *way, *replace, "--batch", 3)
    assert result.exit_code == 0, result.stderr
    old = "" if replace else "<urn:old> <urn:p> <urn:o> ."
    assert dump(store) == canonical((DATA + old).encode(), ox.RdfFormat.TURTLE)
    assert '"x"@zh-Hant as "x"@zh-hant' in result.stderr
    assert f'"12.50"^^<{XSD}decimal> as "12.5"^^<{XSD}decimal>' in result.stderr


@pytest.mark.parametrize("way", ["update", "store"])
def test_named_graphs_keep_their_names_and_others_stay(store: str, run: Run, tmp_path: Path, way: str) -> None:
    before = (
        b"INSERT DATA { GRAPH <urn:other> { <urn:a> <urn:p> 1 } GRAPH <https://example.org/g> { <urn:old> <urn:p> 2 } }"
    )
    send(f"{store}/update", before, "application/sparql-update")
    option = "--graph-store" if way == "store" else "--update"
    result = run("load", f"{store}/{way}", add(tmp_path, "data.trig", NAMED), option, "--replace", "--batch", 1)
    assert result.exit_code == 0, result.stderr
    assert dump(store) == canonical((NAMED + "<urn:other> { <urn:a> <urn:p> 1 }").encode(), ox.RdfFormat.TRIG)


def test_a_blank_node_in_two_graphs_goes_by_update_or_becomes_an_iri(store: str, run: Run, tmp_path: Path) -> None:
    text = "<urn:g> { <urn:a> <urn:p> _:x } <urn:h> { _:x <urn:p> <urn:b> } _:k { <urn:c> <urn:p> _:k }"
    source = add(tmp_path, "data.trig", text.partition("_:k {")[0])
    refused = run("load", f"{store}/store", source, "--graph-store")
    assert (refused.exit_code, "shares a blank node with another graph" in refused.stderr) == (2, True)
    send(f"{store}/update", b"CLEAR ALL", "application/sparql-update")
    assert run("load", f"{store}/update", source, "--update").exit_code == 0
    assert dump(store) == canonical(text.partition("_:k {")[0].encode(), ox.RdfFormat.TRIG)
    source = add(tmp_path, "data.trig", text)
    refused = run("load", store, source)
    assert (refused.exit_code, "named by a blank node" in refused.stderr) == (2, True)
    for _ in range(2):  # the same IRIs on every run
        send(f"{store}/update", b"DROP ALL", "application/sparql-update")
        assert run("load", store, source, "--skolemize", "https://example.org/").exit_code == 0
        found = dump(store)
        assert len(found) == 3
        assert "_:" not in str(found)
        assert "<https://example.org/.well-known/genid/" in str(found)


def test_a_project_fills_a_graph_for_each_source(store: str, run: Run, small: Path) -> None:
    result = run("load", store, "-p", small, "--graph", "https://example.org/data", "--json", "--with-ontology")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    [graph] = report["graphs"]
    assert graph == {"graph": "https://example.org/data", "statements": 13, "before": 0, "after": 13} | {
        name: graph[name] for name in ("statements", "after")
    }
    assert graph["statements"] == graph["after"] == len(dump(store)) > 6


def test_the_json_follows_its_schema(store: str, run: Run, tmp_path: Path) -> None:
    source = add(tmp_path, "data.ttl", DATA)
    written = json.loads(run("load", store, source, "--json").stdout)
    dry = json.loads(run("load", "http://127.0.0.1:1/", source, "--json", "--dry-run").stdout)
    faulty = FaultyStore()
    faulty.fault = lambda request: (204, {}, b"") if request.writes else None
    missing = run("load", faulty.address, source, "--json", "--sample", 5)
    faulty.close()
    lost = json.loads(missing.stdout)
    for report in (written, dry, lost):
        assert find_faults("load", report) == []
    assert {key for report in (written, lost) for part in list_parts(report) for key in part} >= {"theirs", "hint"}
    assert (written["complete"], lost["complete"], missing.exit_code) == (True, False, 1)
    assert (dry["sent"], dry["statements"], dry["graphs"][0]["after"]) == (0, written["statements"], None)


def test_what_is_missing_is_named_and_a_value_that_changed_too(run: Run, tmp_path: Path) -> None:
    store = FaultyStore()

    def lose(request: object) -> None:
        store.store.update(
            "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?o = 2) } ;"
            "DELETE { ?s ?p 3 } INSERT { ?s ?p 4 } WHERE { ?s ?p 3 }"
        )

    store.fault = lose
    source = add(tmp_path, "data.nt", "".join(f'<urn:s> <urn:p{n}> "{n}"^^<{XSD}integer> .\n' for n in range(5)))
    result = run("load", store.address, source)
    store.close()
    assert result.exit_code == 1
    assert "the default graph: has 4 of 5 statements" in result.stderr
    assert f'the default graph: lacks <urn:s> <urn:p2> "2"^^<{XSD}integer>' in result.stderr
    assert f'has "4"^^<{XSD}integer> for "3"^^<{XSD}integer> of <urn:s> <urn:p3>' in result.stderr


def test_a_dry_run_asks_nothing(run: Run, tmp_path: Path) -> None:
    result = run("load", "http://127.0.0.1:1/", add(tmp_path, "data.trig", NAMED), "--dry-run")
    assert result.exit_code == 0
    assert "would load 5 statements; nothing was sent" in result.stderr
    assert "https://example.org/g" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ftp://example.org/", "DATA"), "is not a web address"),
        (("http://me:secret@127.0.0.1:1/", "DATA"), "is given with credentials"),
        (("http://127.0.0.1:1/", "DATA"), "cannot be reached"),
        (("http://127.0.0.1:1/", "missing.ttl"), "no such file"),
        (("http://127.0.0.1:1/", "DATA", "--graph", "not an iri"), "is not an absolute IRI"),
        (("http://127.0.0.1:1/", "DATA", "--skolemize", "urn:x"), "is not the address of a host"),
        (("http://127.0.0.1:1/", "DATA", "--update", "--graph-store"), "choose one"),
        (("http://127.0.0.1:1/", "DATA", "-p", "."), "not both"),
        (("http://127.0.0.1:1/", "DATA", "--with-ontology"), "goes with a project"),
        (("http://127.0.0.1:1/", "https://example.org/data.ttl"), "is an address, and nothing is fetched"),
    ],
)
def test_a_wrong_call_is_one_line(run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    source = add(tmp_path, "data.ttl", DATA)
    result = run("load", *(str(source) if word == "DATA" else word for word in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "secret" not in result.stderr


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"USER": "me"}, "GLOCAL_LOAD_PASSWORD: is not set"),
        ({"PASSWORD": "secret"}, "GLOCAL_LOAD_USER: is not set"),
        ({"USER": "me", "PASSWORD": "secret", "TOKEN": "secret"}, "both given"),
        ({"TOKEN": "sec ret\r\nX: y"}, "no request can hold"),
        ({"USER": "m:e", "PASSWORD": "secret"}, "has a colon"),
    ],
)
def test_credentials_that_cannot_be_meant_are_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], message: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"GLOCAL_LOAD_{name}", value)
    result = run("load", "http://127.0.0.1:1/", add(tmp_path, "data.ttl", DATA))
    assert (result.exit_code, message in result.stderr, "secret" in result.stderr) == (2, True, False)


def write_many(path: Path, count: int) -> None:
    lines = [f'<urn:s{n}> <urn:p> "{n}" .\n' for n in range(count)]
    lines += [f"<urn:s{n}> <urn:q> _:b{n // 7} .\n_:b{n // 7} <urn:r> _:c{n // 14} .\n" for n in range(count // 3)]
    path.write_text("".join(lines), encoding="ascii")


@pytest.mark.slow
@pytest.mark.parametrize("replace", [(), ("--replace",)])
def test_a_load_that_is_killed_goes_on_and_the_store_ends_equal(
    store: str, tmp_path: Path, replace: tuple[str, ...]
) -> None:
    source = tmp_path / "many.nt"
    write_many(source, 3000)
    glocal = [sys.executable, "-m", "glocal_rdf", "load", store, str(source), "--batch", "40", "--json", *replace]
    environment = {name: value for name, value in os.environ.items() if name != "GLOCAL_NO_CACHE"}
    killed = 0
    for wait in (0.9, 1.4, 1.1, 60):
        with subprocess.Popen(glocal, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            began, journal = time.monotonic(), tmp_path / "cache" / "loads"
            # The time counts from the first request.
            while wait < 60 and process.poll() is None and not list(journal.glob("*/*/journal.jsonl")):
                time.sleep(0.02)
            try:
                out, _ = process.communicate(timeout=wait if wait == 60 else wait / 2)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += 1
                continue
            assert time.monotonic() - began < 60
            break
    report = json.loads(out)
    assert report["complete"], report
    assert killed
    assert report["skipped"] > 0
    assert dump(store) == canonical(source.read_bytes(), ox.RdfFormat.N_TRIPLES)
