"""The reconciliation service, version 0.2: the forms that the specification requires, and what OpenRefine sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import Run
from serve.answering import PUBLIC, listen, make_serving
from starlette.testclient import TestClient

from glocal_rdf.dataset import Build
from glocal_rdf.operations.build_answers import BuildAnswers
from glocal_rdf.operations.serve_answers import make_routes

SCHEMAS = json.loads((Path(__file__).parent / "forms.json").read_text(encoding="utf-8"))
"""What the sections of https://reconciliation-api.github.io/specs/0.2/ require of each answer, as JSON Schema."""

ONTOLOGY = "https://w3id.org/glocal/ontology#"
CITY = f"{ONTOLOGY}City"
COUNTRY = f"{ONTOLOGY}country"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"


def check(kind: str, answer: Any) -> Any:
    jsonschema.Draft202012Validator({**SCHEMAS, "$ref": f"#/{kind}"}).validate(answer)
    return answer


@pytest.fixture(scope="module")
def reconcile(answers_client: TestClient) -> Any:
    def reconciles(queries: Any, **given: str) -> Any:
        response = answers_client.post("/reconcile", data={"queries": json.dumps(queries), **given})
        assert response.status_code == 200, response.text
        assert response.headers["access-control-allow-origin"] == "*"
        return check("results", response.json())

    return reconciles


def test_the_manifest_names_every_service(answers_client: TestClient) -> None:
    manifest = check("manifest", answers_client.get("/reconcile").json())
    assert manifest["identifierSpace"] == "https://w3id.org/glocal/id/"
    assert manifest["suggest"]["entity"] == {
        "service_url": PUBLIC.rstrip("/"),
        "service_path": "/reconcile/suggest/entity",
        "flyout_service_url": PUBLIC.rstrip("/"),
        "flyout_service_path": "/reconcile/flyout/entity?id=${id}",
    }
    assert manifest["extend"]["propose_properties"]["service_path"] == "/reconcile/properties"


def test_what_openrefine_sends_finds_candidates_by_name_class_and_properties(reconcile: Any) -> None:
    # The form of OpenRefine's standard reconciliation: a type that should be, properties by identifier or with a match.
    queries = {
        "q0": {"query": "Taipei", "type": CITY, "type_strict": "should"},
        "q1": {
            "query": "臺北",
            "type": CITY,
            "type_strict": "should",
            "properties": [{"pid": COUNTRY, "v": {"id": "place/taiwan", "name": "Taiwan"}}],
        },
        "q2": {"query": "Barcelna", "limit": 3},
        "q3": {"query": "no such city anywhere"},
    }
    found = reconcile(queries)
    assert [found[name]["result"][0]["id"] for name in ("q0", "q1", "q2")] == [
        "place/taipei",
        "place/taipei",
        "place/barcelona",
    ]
    assert found["q3"]["result"] == []
    best = found["q1"]["result"][0]
    features = {one["id"]: one["value"] for one in best["features"]}
    assert (features["type"], features["country"], features[COUNTRY]) == (1.0, 1.0, 1.0)
    assert best["type"][0] == {"id": CITY, "name": "city"}
    assert best["match"] is True
    assert best["score"] > found["q0"]["result"][0]["score"]
    assert found["q0"]["result"][0]["match"] is False, "a name alone is not enough"


@pytest.mark.slow
def test_a_class_that_must_be_leaves_out_others(reconcile: Any) -> None:
    every = reconcile({"a": {"query": "Taipei", "limit": 20}})["a"]["result"]
    some = reconcile({"a": {"query": "Taipei", "type": [CITY], "type_strict": "any", "limit": 20}})["a"]["result"]
    assert {one["id"] for one in some} < {one["id"] for one in every}
    assert all(CITY in [kind["id"] for kind in one["type"]] for one in some)
    # A class that rules infer counts too.
    inferred = reconcile({"a": {"query": "Taipei", "type": ["http://schema.org/City"], "type_strict": "all"}})["a"][
        "result"
    ]
    assert inferred[0]["id"] == "place/taipei"


def test_an_identifier_finds_its_thing_for_certain(reconcile: Any) -> None:
    for word in ("place/taipei", "https://w3id.org/glocal/id/place/taipei"):
        best = reconcile({"q": {"query": word}})["q"]["result"][0]
        assert (best["id"], best["score"], best["match"]) == ("place/taipei", 100, True)


@pytest.mark.slow
def test_properties_alone_find_things(reconcile: Any) -> None:
    found = reconcile({"q": {"properties": [{"pid": LABEL, "v": "Taipei"}]}})["q"]["result"]
    assert [one["id"] for one in found] == ["place/taipei"]
    assert found[0]["match"] is False
    assert reconcile({"q": {"properties": [{"pid": LABEL, "v": "no such name"}]}})["q"]["result"] == []


@pytest.mark.slow
def test_a_batch_answers_each_query_by_itself(reconcile: Any) -> None:
    names = ["Taipei", "Kaohsiung", "Barcelona", "ICLEI", "UCLG"]
    together = reconcile({str(n): {"query": name} for n, name in enumerate(names)})
    alone = {str(n): reconcile({"x": {"query": name}})["x"] for n, name in enumerate(names)}
    assert together == alone


def test_queries_by_get_and_single_queries(answers_client: TestClient) -> None:
    by_get = answers_client.get("/reconcile", params={"queries": '{"q":{"query":"Taipei"}}'}).json()
    for one in ("Taipei", '{"query":"Taipei"}'):
        single = answers_client.get("/reconcile", params={"query": one}).json()
        assert single == by_get["q"]
    assert answers_client.get("/reconcile", params={"queries": "{}"}).json() == {}


def test_names_are_in_the_language_that_is_asked_for(reconcile: Any) -> None:
    assert reconcile({"q": {"query": "Taipei"}}, lang="zh-Hant")["q"]["result"][0]["name"] == "臺北市"


@pytest.mark.parametrize(
    ("kind", "prefix", "first"),
    [
        ("entity", "Taip", "place/taipei"),
        ("entity", "place/taipei", "place/taipei"),
        ("entity", "臺北", "place/taipei"),
        ("type", "city", CITY),
        ("property", "coun", COUNTRY),
        ("property", COUNTRY, COUNTRY),
    ],
)
def test_suggestions_begin_with_what_was_typed(answers_client: TestClient, kind: str, prefix: str, first: str) -> None:
    # OpenRefine's widget sends more than the specification names.
    values = {"prefix": prefix, "limit": "8", "type_strict": "any", "spell": "always"}
    response = answers_client.get(f"/reconcile/suggest/{kind}", params=values)
    found = check("suggestions", response.json())["result"]
    assert found[0]["id"] == first
    flyout = answers_client.get(f"/reconcile/flyout/{kind}", params={"id": first}).json()
    assert flyout["id"] == first
    assert flyout["html"].startswith("<h1>")


def test_a_cursor_goes_on_after_the_first_suggestions(answers_client: TestClient) -> None:
    def ids(cursor: int) -> list[str]:
        values: dict[str, str | int] = {"prefix": "city", "cursor": cursor, "limit": 5}
        return [one["id"] for one in answers_client.get("/reconcile/suggest/entity", params=values).json()["result"]]

    assert len({*ids(0), *ids(5)}) == 10


def test_values_of_properties_come_with_things_as_identifiers(answers_client: TestClient) -> None:
    asked = {
        "ids": ["place/taipei", "place/no-such"],
        "properties": [
            {"id": LABEL},
            {"id": COUNTRY},
            {"id": "https://e.example/x"},
            {"id": LABEL, "settings": {"limit": "1"}},
        ],
    }
    response = answers_client.post("/reconcile", data={"extend": json.dumps(asked), "lang": "zh-Hant"})
    found = check("extension", response.json())
    assert found["rows"]["place/taipei"][COUNTRY] == [{"id": "place/taiwan", "name": "台灣"}]
    assert found["rows"]["place/taipei"][LABEL] == [{"str": "臺北市"}]
    assert found["rows"]["place/no-such"] == {LABEL: [], COUNTRY: [], "https://e.example/x": []}
    assert found["meta"][0] == {"id": LABEL, "name": "偏好標籤"}


def test_properties_are_proposed_for_a_class(answers_client: TestClient) -> None:
    found = answers_client.get("/reconcile/properties", params={"type": CITY, "limit": "5"}).json()
    assert (found["type"], found["limit"], len(found["properties"])) == (CITY, 5, 5)
    assert COUNTRY in [one["id"] for one in found["properties"]]


def test_a_preview_may_be_framed_and_runs_nothing(answers_client: TestClient) -> None:
    page = answers_client.get("/reconcile/preview", params={"id": "place/taipei", "lang": "en"})
    assert "<h1>Taipei</h1>" in page.text
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text


def post(text: str) -> dict[str, Any]:
    return {"method": "POST", "data": {"queries": text}}


HOSTILE: dict[str, tuple[dict[str, Any], int]] = {
    "what is not JSON": (post("{"), 400),
    "a list": (post('[{"query":"a"}]'), 400),
    "null": (post("null"), 400),
    "NaN": (post('{"q":{"query":"a","limit":NaN}}'), 400),
    "Infinity": (post('{"q":{"query":"a","limit":-Infinity}}'), 400),
    "100,000 levels": (post("[" * 100_000), 400),
    "levels within a value": (post('{"q":{"query":"a","properties":[{"pid":"p","v":[[[[[["x"]]]]]]}]}}'), 400),
    "a name twice": (post('{"q":{"query":"a"},"q":{"query":"b"}}'), 400),
    "a query that is a number": (post('{"q":{"query":5}}'), 400),
    "a query that is nothing": (post('{"q":{}}'), 400),
    "an unknown member": (post('{"q":{"query":"a","__proto__":{}}}'), 400),
    "a negative limit": (post('{"q":{"query":"a","limit":-1}}'), 400),
    "a limit of truth": (post('{"q":{"query":"a","limit":true}}'), 400),
    "a huge number": (post('{"q":{"query":"a","limit":' + "9" * 5000 + "}}"), 400),
    "an unknown strictness": (post('{"q":{"query":"a","type_strict":"no"}}'), 400),
    "10,000 queries": (post(json.dumps({str(n): {"query": "Taipei"} for n in range(10_000)})), 413),
    "a long name": (post(json.dumps({"q": {"query": "a" * 5000}})), 413),
    "too many values": (post(json.dumps({"q": {"query": "a", "properties": [{"pid": "p", "v": ["x"] * 1000}]}})), 413),
    "a body that is too large": (post("x" * 2_000_000), 413),
    "too many things": (
        {"method": "POST", "data": {"extend": json.dumps({"ids": ["a"] * 1000, "properties": []})}},
        413,
    ),
    "an unknown setting": (
        {"method": "POST", "data": {"extend": '{"ids":["a"],"properties":[{"id":"p","settings":{"sql":"x"}}]}'}},
        400,
    ),
    "no form": ({"method": "POST", "json": {"queries": {}}}, 415),
    "plain text from another page": (
        {"method": "POST", "content": b"queries={}", "headers": {"content-type": "text/plain"}},
        415,
    ),
    "an empty form": ({"method": "POST", "data": {"a": ""}}, 400),
    "malformed UTF-8": (
        {
            "method": "POST",
            "content": b"queries=%ff%fe",
            "headers": {"content-type": "application/x-www-form-urlencoded"},
        },
        400,
    ),
    "a callback": ({"method": "GET", "params": {"callback": "alert(1)//"}}, 400),
    "a callback with queries": ({"method": "GET", "params": {"queries": "{}", "callback": "x"}}, 400),
    "two requests in one": ({"method": "POST", "data": {"queries": "{}", "extend": "{}"}}, 400),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_requests_are_refused_with_a_reason(answers_client: TestClient, name: str) -> None:
    request, status = HOSTILE[name]
    response = answers_client.request(url="/reconcile", **request)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    assert "Traceback" not in response.text


@pytest.mark.slow
def test_odd_texts_are_names_like_others(reconcile: Any) -> None:
    odd = [
        "'; DROP TABLE x; --",
        '" OR 1=1',
        "<script>alert(1)</script>",
        "*",
        "NEAR(a b)",
        "\ud800",
        "🏙️" * 50,
        "%00",
        "\\",
        "a\u0000b",
    ]
    found = reconcile({str(n): {"query": text} for n, text in enumerate(odd)})
    assert len(found) == len(odd)


def test_markup_in_names_is_not_markup_in_previews(small: Path) -> None:
    from serve.answering import open_client

    from glocal_rdf.operations.build import build
    from glocal_rdf.project import Project

    table = small / "data" / "cities.csv"
    evil = "<img src=x onerror=alert(1)> Ignore previous instructions"
    table.write_text(f"id,name,country\nevil,{evil},Spain\n", encoding="utf-8")
    built = build(Project.open(small))
    with open_client(BuildAnswers(built), built) as client:
        page = client.get("/reconcile/preview", params={"id": "https://data.example/id/evil"})
        flyout = client.get("/reconcile/flyout/entity", params={"id": "https://data.example/id/evil"})
    assert page.status_code == 200
    assert "<img" not in page.text + flyout.json()["html"]
    assert "&lt;img" in page.text


@pytest.mark.slow
def test_our_own_client_finds_candidates_end_to_end(built: Build, run: Run, tmp_path: Path) -> None:
    table = tmp_path / "cities.csv"
    table.write_text("city,country\n臺北,Taiwan\nBarcelona,Spain\nXyzzy Nowhere,Spain\n", encoding="utf-8")
    proposals = tmp_path / "out.sssom.tsv"
    with listen(list(make_routes(make_serving(BuildAnswers(built), built)))) as address:
        result = run(
            *("wikidata", "reconcile", table, "--name", "city", "--country", "country", "--type", "city"),
            *("--service", f"{address}reconcile?lang={{lang}}", "--contact", "mailto:a@example.org", "-o", proposals),
        )
    assert result.exit_code == 0, result.stderr
    rows = proposals.read_text(encoding="utf-8")
    assert "#  service: https://w3id.org/glocal/id/\n" in rows
    assert "Links to The glocalization graph" in rows
    found = [line.split("\t") for line in rows.splitlines() if line.startswith("row:")]
    assert [(one[0], one[4]) for one in found] == [
        ("row:2", "service:place/taipei"),
        ("row:3", "service:place/barcelona"),
    ]
    assert "wikidata" not in rows
