"""The whole front over a source: pages, API, reconciliation and queries, asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.routing import Router
from starlette.testclient import TestClient

from glocal_rdf.operations import serve_parts
from glocal_rdf.operations.serve_source import Source
from glocal_rdf.operations.serve_source_front import make_snapshot
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.parts import Limits, Serving
from glocal_rdf.serve.source import lists

D, TERMS = "https://data.example.org/id/", "https://data.example.org/ontology#"
BASE = "http://testserver/"


@pytest.fixture(scope="module", params=["file", "server"])
def client(request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """A client of the front over the file, and over the server."""
    source: Source = request.getfixturevalue(f"{request.param}_source")
    snapshot = make_snapshot(source, Limits(), datetime(2026, 1, 1, tzinfo=UTC), BASE)
    serving = Serving(
        current=lambda: snapshot, limits=Limits(), public=lambda _request: BASE, client=lambda _request: "one"
    )
    router = Router(serve_parts.make_routes(serving), redirect_slashes=False)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await router(scope, receive, send)
        except RefusedError as error:
            await send({"type": "http.response.start", "status": error.status, "headers": []})
            await send({"type": "http.response.body", "body": error.reason.encode()})

    with TestClient(app, base_url=BASE, follow_redirects=False) as made:
        yield made
        made.portal.call(snapshot.store.close)  # type: ignore[union-attr]


def test_a_thing_leads_to_its_page_or_its_data_as_it_is_asked_for(client: TestClient) -> None:
    asked = client.get("/id/keelung", headers={"accept": "text/html"})
    assert (asked.status_code, asked.headers["location"]) == (303, f"{BASE}doc/keelung.html")
    asked = client.get("/id/keelung", headers={"accept": "text/turtle"})
    assert asked.headers["location"] == f"{BASE}doc/keelung.ttl"
    asked = client.get("/resource", params={"iri": f"{TERMS}City"}, headers={"accept": "application/n-triples"})
    assert asked.headers["location"] == f"{BASE}resource/https/data.example.org/ontology=23City.nt"
    asked = client.get("/doc/keelung", headers={"accept": "text/html", "accept-language": "zh-Hant"})
    assert asked.status_code == 200
    assert "基隆市" in asked.text
    links = client.get("/doc/keelung.ttl").headers["link"]
    assert f'<{D}keelung>; rel="describes"' in links
    assert client.get("/id/nothing").status_code == 404


def test_a_search_is_asked_without_a_script(client: TestClient) -> None:
    assert "Keelung" in client.get("/find.html", params={"q": "雞籠"}).text
    assert 'lang="zh-Hant"' in client.get("/find.zh-Hant.html", params={"q": "keelung"}).text
    assert client.get("/find.html", params={"q": "x" * 5000}).status_code == 400
    assert client.get("/find.de.html").status_code == 404


def test_facts_carry_claims_documents_positions_and_ranks(client: TestClient) -> None:
    found = client.get("/api/evidence", params={"subject": f"{D}keelung", "predicate": f"{TERMS}population"}).json()[
        "items"
    ]
    claims = {claim["iri"]: claim for fact in found for claim in fact["claims"]}
    assert {claim["rank"] for claim in claims.values()} == {"preferred", "deprecated"}
    [passage] = claims[f"{D}claim/c1"]["passages"]
    assert passage["document"] == {"iri": f"{D}guide", "label": "A guide to harbours"}
    assert {(fact["object"]["value"], fact["holds"]) for fact in found} == {("00370", True), ("400", False)} or {
        (fact["object"]["value"], fact["holds"]) for fact in found
    } == {("370", True), ("400", False)}


def test_a_thing_has_its_facts_and_those_of_other_sources(client: TestClient) -> None:
    found = client.get("/api/thing", params={"id": f"{D}keelung"}).json()
    assert found["label"] == "Keelung"
    assert found["names"] == {"en": "Keelung", "zh-Hant": "基隆市"}
    [source] = found["sources"]
    assert source["title"] == "Census"
    assert found["facts"]["total"] >= 10
    assert {fact["origin"] for fact in found["facts"]["items"]} == {"claims", "source"}


def test_contradictions_documents_classes_and_vocabulary_come_from_the_store(client: TestClient) -> None:
    [group] = client.get("/api/contradictions").json()["items"]
    assert len(group["facts"]) == 2
    assert client.get("/api/documents").json() == [
        {"iri": f"{D}guide", "label": "A guide to harbours", "quotable": False, "claims": 2}
    ]
    counts = {one["iri"]: one["count"] for one in client.get("/api/classes").json()}
    assert counts[f"{TERMS}City"] == 4


def test_a_list_in_json_that_is_cut_says_so_in_a_header(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_CLASSES", 2)
    answer = client.get("/api/classes", params={"lang": "ja"})
    assert len(answer.json()) == 2
    assert answer.headers["glocal-truncated"] == "Not all of this is here: classes with most things (2 of 9)."
    assert "glocal-truncated" not in client.get("/api/documents").headers


def test_a_name_is_reconciled(client: TestClient) -> None:
    queries = json.dumps({"q0": {"query": "Keelung", "type": f"{TERMS}City"}, "q1": {"query": "Nowhere"}})
    found = client.post("/reconcile", data={"queries": queries}).json()
    assert [one["name"] for one in found["q0"]["result"]] == ["Keelung"]
    assert found["q1"]["result"] == []


@pytest.mark.slow
def test_queries_are_answered_by_the_store_and_updates_refused(client: TestClient) -> None:
    text = f"SELECT ?o {{ <{D}keelung> <{TERMS}area> ?o }}"
    assert "132.759" in client.get("/sparql", params={"query": text}, headers={"accept": "text/csv"}).text
    assert "Harbour cities" in client.get("/.well-known/void").text
    assert "sparqlEndpoint" in client.get("/.well-known/void").text
    assert client.post("/sparql", data={"update": "CLEAR ALL"}).status_code in (400, 403)
