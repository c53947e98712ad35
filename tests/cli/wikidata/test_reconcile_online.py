"""`glocal wikidata reconcile` asks a service, an endpoint or the API: the command as a whole, and what it sends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from conftest import ROOT, Run
from wikibase_server import Wikibase, serve_wikibase

CONTACT = ("--contact", "data@example.org")
WD, WDT = "http://www.wikidata.org/entity/", "http://www.wikidata.org/prop/direct/"
TABLE = "Name,Country,Kind\nHarbour League,Spain,Q43229\nHarbour Legion,Spain,Q43229\nSaltmouth,Spain,Q515\n"
GRAPH = f"""
<{WD}Q10> <http://www.w3.org/2000/01/rdf-schema#label> "Harbour League"@en ; <{WDT}P17> <{WD}Q29> ;
  <{WDT}P31> <{WD}Q484652> .
<{WD}Q12> <http://www.w3.org/2000/01/rdf-schema#label> "Saltmouth"@en ; <{WDT}P17> <{WD}Q29> ; <{WDT}P31> <{WD}Q999> .
<{WD}Q484652> <{WDT}P279> <{WD}Q483247> . <{WD}Q483247> <{WDT}P279> <{WD}Q43229> .
"""


def claim(prop: str, kind: str, value: Any) -> dict[str, Any]:
    data = {"type": kind, "value": value}
    return {
        "mainsnak": {"snaktype": "value", "property": prop, "datavalue": data},
        "type": "statement",
        "rank": "normal",
    }


def item(number: str, name: str, *claims: dict[str, Any]) -> dict[str, Any]:
    grouped = {one["mainsnak"]["property"]: [one] for one in claims}
    labels = {"en": {"language": "en", "value": name}}
    return {"type": "item", "id": number, "lastrevid": 1, "labels": labels, "aliases": {}, "claims": grouped}


TIME = {"time": "+1987-00-00T00:00:00Z", "precision": 9, "calendarmodel": f"{WD}Q1985727"}
ITEMS = [item("Q10", "Harbour League", claim("P571", "time", TIME)), item("Q11", "Harbour League")]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Wikibase]:
    monkeypatch.delenv("GLOCAL_NO_CACHE")
    monkeypatch.setenv("GLOCAL_CACHE", str(tmp_path / "cache"))
    with serve_wikibase(ITEMS) as found:
        yield found


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "orgs.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path, server: Wikibase) -> Path:
    """The example of a league of harbours, with a copy of Wikidata."""
    folder = tmp_path / "league"
    shutil.copytree(ROOT / "examples" / "document-claims", folder)
    rows = f"kind,ours,theirs,datatype,unit,values,note\nwikibase,api,{server.api},,,,\n"
    (folder / "data" / "wikidata.csv").write_text(rows, encoding="utf-8")
    return folder


def evaluate(query: str) -> Mapping[str, Any]:
    store = pyoxigraph.Store()
    store.load(GRAPH.encode(), pyoxigraph.RdfFormat.TURTLE)
    data = store.query(query).serialize(format=pyoxigraph.QueryResultsFormat.JSON)  # type: ignore[union-attr]
    found: Mapping[str, Any] = json.loads(data or b"")
    return found


def test_an_endpoint_is_asked_for_names_facts_and_subclasses(run: Run, server: Wikibase, table: Path) -> None:
    server.sparql = evaluate
    command = ("wikidata", "reconcile", table, "--type-column", "Kind", "--source", server.endpoint, *CONTACT, "--json")
    result = run(*command)
    assert result.exit_code == 0, result.stderr
    found = {one["label"]: one for one in json.loads(result.stdout)}
    league = found["Harbour League"]
    assert (league["decision"], league["candidates"][0]["id"]) == ("link", "Q10")
    # An international organization is an organization; of the class of Saltmouth nothing is known.
    assert league["candidates"][0]["features"]["type"] == 1
    assert found["Saltmouth"]["candidates"][0]["features"]["type"] is None
    assert found["Harbour Legion"]["candidates"][0]["reason"] == "names differ"
    assert [(one.method, one.path, sorted(one.form)) for one in server.received] == [("POST", "/sparql", ["query"])] * 3
    names, facts, classes = (one.form["query"] for one in server.received)
    for text in ("Harbour League", "Harbour Legion", "Saltmouth"):
        assert f'"{text}"@en "{text}"@mul' in names
    assert f"VALUES ?item {{ <{WD}Q10> <{WD}Q12> }}" in facts
    assert f"VALUES ?class {{ <{WD}Q484652> <{WD}Q999> }}" in classes
    assert f"?class <{WDT}P279>* ?broader" in classes
    for sent in server.received:
        assert "data@example.org" in sent.headers["user-agent"]
        assert "json" in sent.headers["accept"]
    again = run(*command, "--offline")
    assert (again.exit_code, again.stdout, len(server.received)) == (0, result.stdout, 3)


def test_without_types_no_classes_are_asked_for(run: Run, server: Wikibase, table: Path) -> None:
    server.sparql = evaluate
    table.write_text(TABLE.replace("Kind", "Remark"), encoding="utf-8")
    assert run("wikidata", "reconcile", table, "--source", server.endpoint, *CONTACT, "-o", "-").exit_code == 0
    assert not any("P279" in one.form["query"] for one in server.received)


OLD = {"versions": ["0.1", "0.2"], "name": "Wikidata", "identifierSpace": WD, "schemaSpace": WDT, "batchSize": 2}
DRAFT = {"versions": ["1.0-draft"], "name": "Wikidata (en)", "view": {"url": "https://www.wikidata.org/wiki/{id}"}}


def candidates(name: str) -> list[dict[str, Any]]:
    """Return what a service has for a name: of the draft, a candidate comes once for each language."""
    found = {
        "id": "Q10",
        "name": "Harbour League",
        "score": 50,
        "match": False,
        "type": [{"id": "Q43229", "name": "x"}],
    }
    return [found, {**found, "id": "Q11", "score": 100, "match": True}] if name == "Harbour League" else []


def answer(asked: Any) -> Any:
    if "queries" not in asked:
        return {name: {"result": candidates(one["query"])} for name, one in asked.items()}
    return {"results": [{"candidates": candidates(one["conditions"][0]["propertyValue"])} for one in asked["queries"]]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("manifest", "route", "paths"),
    [
        (OLD, "", ["/en/api"]),
        (DRAFT, "match", ["/en/api/match"]),
        (DRAFT, "reconcile", ["/en/api/match", "/en/api/reconcile"]),
    ],
)
def test_a_service_is_asked_in_its_version(
    run: Run, server: Wikibase, project: Path, manifest: dict[str, Any], route: str, paths: list[str]
) -> None:
    server.manifest, server.route, server.reconcile = manifest, route, answer
    address = f"{server.origin}/{{lang}}/api"
    words = ("--project", project, "--type", "Organization", "--service", address, *CONTACT, "--json")
    result = run("wikidata", "reconcile", *words)
    assert result.exit_code == 0, result.stderr
    [league] = json.loads(result.stdout)
    # The year decides, and not the score.
    assert [(one["id"], one["link"]) for one in league["candidates"]] == [("Q10", True), ("Q11", False)]
    asked = [one for one in server.received if one.path.startswith("/en/")]
    assert [(one.method, one.path) for one in asked] == [("GET", "/en/api"), *(("POST", path) for path in paths)]
    if manifest is OLD:
        assert json.loads(asked[-1].form["queries"]) == {
            "q0": {"query": "Harbour League", "limit": 7},
            "q1": {"query": "The League", "limit": 7},
        }
        assert asked[-1].headers["content-type"] == "application/x-www-form-urlencoded"
    else:
        queries = [
            {"limit": 7, "lang": "en", "conditions": [{"matchType": "name", "propertyValue": name}]}
            for name in ("Harbour League", "The League")
        ]
        assert [json.loads(one.body) for one in asked[1:]] == [{"queries": queries}] * len(paths)
        assert asked[-1].headers["content-type"] == "application/json"
    # The facts come from the API, for all candidates at once.
    facts = [one.form for one in server.received if one.path == "/w/api.php"]
    assert [(one["action"], one["ids"]) for one in facts] == [("wbgetentities", "Q10|Q11")]


def test_a_type_is_sent_to_a_service(run: Run, server: Wikibase, table: Path) -> None:
    server.manifest, server.reconcile = {**OLD, "identifierSpace": "https://registry.example/"}, answer
    words = (table, "--type-column", "Kind", "--service", server.service, *CONTACT, "--json")
    result = run("wikidata", "reconcile", *words)
    assert result.exit_code == 0, result.stderr
    sent = [json.loads(one.form["queries"]) for one in server.received if one.form]
    # Batches are as large as the service wishes.
    assert [[one["type"] for one in batch.values()] for batch in sent] == [["Q43229", "Q43229"], ["Q515"]]
    league = json.loads(result.stdout)[0]
    assert league["candidates"][0]["features"]["type"] == 1


@pytest.mark.parametrize("ways", [("--source",), ("--service",)])
def test_a_service_that_fails_is_one_line(run: Run, server: Wikibase, table: Path, ways: tuple[str, ...]) -> None:
    server.fail("html", 50)
    address = server.endpoint if ways == ("--source",) else server.service
    result = run("wikidata", "reconcile", table, *ways, address, *CONTACT)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.strip().splitlines()) == 1
    assert address in result.stderr


def test_the_api_is_asked_without_either(run: Run, server: Wikibase, project: Path) -> None:
    words = ("--project", project, "--type", "Organization", *CONTACT, "--json")
    result = run("wikidata", "reconcile", *words)
    assert result.exit_code == 0, result.stderr
    [league] = json.loads(result.stdout)
    assert (league["decision"], league["candidates"][0]["id"]) == ("link", "Q10")
    searched = [one.form for one in server.received if one.form.get("action") == "wbsearchentities"]
    assert ("Harbour League", "en") in [(one["search"], one["language"]) for one in searched]
