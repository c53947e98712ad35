"""Candidates are asked for in the ways of three services, and broken answers are one line, whatever they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wikibase_server import MakeClient
from wikibase_server import Wikibase as Server

from glocal_rdf.errors import EndpointError
from glocal_rdf.linking import searches
from glocal_rdf.linking.candidates import find_candidates
from glocal_rdf.linking.decisions import decide
from glocal_rdf.linking.records import read_item
from glocal_rdf.linking.things import Things, make_things
from glocal_rdf.operations.link_proposals import Target
from glocal_rdf.operations.wikidata.candidate_sources import find_target, search_api, search_service, search_sparql
from glocal_rdf.wikidata.settings import Settings, Wikibase

WD, WDT = "http://www.wikidata.org/entity/", "http://www.wikidata.org/prop/direct/"


def claim(prop: str, kind: str, value: Any, rank: str = "normal") -> dict[str, Any]:
    data = {"type": kind, "value": value}
    return {"mainsnak": {"snaktype": "value", "property": prop, "datavalue": data}, "type": "statement", "rank": rank}


def texts(**values: str) -> dict[str, dict[str, str]]:
    return {
        lang.replace("_", "-"): {"language": lang.replace("_", "-"), "value": text} for lang, text in values.items()
    }


TAIPEI: dict[str, Any] = {
    "type": "item",
    "id": "Q1867",
    "labels": texts(en="Taipei", zh_hant="臺北市"),
    "aliases": {"zh": [{"language": "zh", "value": "台北"}]},
    "descriptions": texts(en="capital of Taiwan"),
    "claims": {
        "P17": [
            claim("P17", "wikibase-entityid", {"entity-type": "item", "id": "Q865"}, "preferred"),
            claim("P17", "wikibase-entityid", {"entity-type": "item", "id": "Q17"}),
        ],
        "P1566": [claim("P1566", "string", "1668341")],
    },
}
OTHER: dict[str, Any] = {"type": "item", "id": "Q9", "labels": texts(en="Taipei"), "aliases": {}, "claims": {}}
GRAPH = f"""
<{WD}Q1867> <http://www.w3.org/2000/01/rdf-schema#label> "Taipei"@en, "臺北市"@zh-hant ;
  <http://www.w3.org/2004/02/skos/core#altLabel> "台北"@zh ; <{WDT}P17> <{WD}Q865> ; <{WDT}P1566> "1668341" ;
  <{WDT}P571> "1884-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> ;
  <{WDT}P625> "Point(121.5 25.03)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> .
<{WD}Q9> <http://www.w3.org/2000/01/rdf-schema#label> "Taipei"@mul .
"""


@pytest.fixture
def ours() -> Things:
    names = [("台北", "zh-Hant", "label"), ("Taipei", "en", "label")]
    known = {"countries": ["TW"], "identifiers": ["P1566:1668341"]}
    return make_things([{"id": "1", "label": "台北", "names": names, **known}])


def best(ours: Things, batches: Any) -> tuple[str, bool]:
    found = decide(ours, find_candidates(ours, batches)).frame
    return found["id"][0], found["link"][0]


def test_the_api_is_searched_by_name_and_language_and_items_are_fetched_together(
    server: Server, wikibase: Wikibase, make_client: MakeClient, ours: Things
) -> None:
    server.add(TAIPEI, OTHER)
    assert best(ours, search_api(ours, make_client(), wikibase)) == ("Q1867", True)
    asked = [one.form for one in server.received]
    assert [one["action"] for one in asked] == ["wbsearchentities"] * (len(asked) - 1) + ["wbgetentities"]
    searched = [(one["search"], one["language"]) for one in asked[:-1]]
    assert searched == [("台北", "zh-hant"), ("臺北", "zh-hant"), ("Taipei", "en")]
    assert asked[-1]["ids"] == "Q9|Q1867"


def evaluate(query: str) -> Mapping[str, Any]:
    store = pyoxigraph.Store()
    store.load(GRAPH.encode(), pyoxigraph.RdfFormat.TURTLE)
    data = store.query(query).serialize(format=pyoxigraph.QueryResultsFormat.JSON)  # type: ignore[union-attr]
    found: Mapping[str, Any] = json.loads(data or b"")
    return found


def test_an_endpoint_is_asked_in_plain_sparql(
    server: Server, wikibase: Wikibase, make_client: MakeClient, ours: Things
) -> None:
    server.sparql = evaluate
    [batch, _] = list(search_sparql(ours, make_client(), wikibase))
    assert batch[0].frame.filter(id="Q1867").select("countries", "year", "lat", "lon").row(0) == (
        ["TW"], 1884, 25.03, 121.5,
    )  # fmt: skip
    assert best(ours, [batch]) == ("Q1867", True)
    queries = [one.form["query"] for one in server.received]
    assert len(queries) == 3
    assert all("LIMIT 5000" in one and "VALUES" in one for one in queries)
    assert not any(word in one for one in queries for word in ("SERVICE", "wikibase:", "bd:"))
    for form in ('"台北"@zh-hant', '"臺北"@zh', '"Taipei"@en', '"Taipei"@mul'):
        assert form in queries[0]


def test_names_are_quoted_and_cannot_end_a_query() -> None:
    names = [('" } DELETE WHERE { ?s ?p ?o } #\n\\', "en")]
    pyoxigraph.Store().query(searches.write_label_query(names, 5))
    assert searches.list_identifiers(
        make_things([{"id": "1", "label": "a", "names": [], "identifiers": ['P1566:1" }', "P1566:7", "P9999999:1"]}])
    ) == [("P1566", "7")]


def test_more_items_than_were_asked_for_are_reported(
    server: Server, wikibase: Wikibase, make_client: MakeClient, ours: Things
) -> None:
    server.sparql = evaluate
    client = make_client(settings=Settings(timeout=10, rows_per_query=1))
    problems = [problem for _, found in search_sparql(ours, client, wikibase) for problem in found]
    assert {problem.kind for problem in problems} == {"too many items", "too many facts"}


MANIFEST = {"versions": ["0.1", "0.2"], "name": "Wikidata", "identifierSpace": WD, "schemaSpace": WDT}
DRAFT = {"versions": ["1.0-draft"], "name": "Wikidata", "view": {"url": "http://www.wikidata.org/entity/{id}"}}
HITS = [{"id": "Q1867", "name": "Taipei", "score": 60, "match": False, "type": [{"id": "Q515", "name": "city"}]},
        {"id": "Q9", "name": "Taipei", "score": 99.9, "match": True, "type": []}]  # fmt: skip


@pytest.mark.parametrize("version", ["0.2", "1.0", "1.0-match"])
def test_a_service_finds_and_its_score_does_not_decide(
    server: Server, wikibase: Wikibase, make_client: MakeClient, ours: Things, version: str
) -> None:
    server.add(TAIPEI, OTHER)
    server.manifest = MANIFEST if version == "0.2" else DRAFT
    server.route = "match" if version == "1.0-match" else "reconcile"
    asked: list[Any] = []

    def answer(queries: Any) -> Any:
        asked.append(queries)
        if version == "0.2":
            return {name: {"result": HITS} for name in queries}
        return {"results": [{"candidates": HITS} for _ in queries["queries"]]}

    server.reconcile = answer
    assert best(ours, search_service(ours, make_client(), wikibase, server.service)) == ("Q1867", True)
    if version == "0.2":
        assert {one["query"] for batch in asked for one in batch.values()} == {"台北", "臺北", "Taipei"}
    else:
        every = [one for batch in asked for one in batch["queries"]]
        assert {one["conditions"][0]["propertyValue"] for one in every} == {"台北", "臺北", "Taipei"}
        assert all(one["conditions"][0]["matchType"] == "name" for one in every)


def test_candidates_of_another_dataset_have_names_alone(
    server: Server, wikibase: Wikibase, make_client: MakeClient, ours: Things
) -> None:
    server.manifest = {**MANIFEST, "identifierSpace": "https://example.org/"}
    server.reconcile = lambda queries: {name: {"result": [{**HITS[0], "id": "x/1"}]} for name in queries}
    found = decide(ours, find_candidates(ours, search_service(ours, make_client(), wikibase, server.service))).frame
    assert found.select("id", "link", "reason").rows() == [("x/1", False, "name alone")]


ITEMS = Target("wikidata", "Links to Wikidata", "wikidata", WD)


@pytest.mark.parametrize(
    ("more", "namespace"),
    [
        ({}, WD),
        ({"identifierSpace": "https://example.org/id/"}, "https://example.org/id/"),
        (
            {"identifierSpace": "http://www.ietf.org/rfc/rfc3986", "view": {"url": "https://example.org/{{id}}"}},
            "https://example.org/",
        ),
    ],
)
def test_identifiers_of_a_service_stand_for_the_iris_that_it_names(
    server: Server, wikibase: Wikibase, make_client: MakeClient, more: dict[str, Any], namespace: str
) -> None:
    server.manifest = {**MANIFEST, **more}
    assert find_target(make_client(), wikibase, server.service, ITEMS).namespace == namespace


def test_a_service_whose_identifiers_stand_for_nothing_is_refused(
    server: Server, wikibase: Wikibase, make_client: MakeClient
) -> None:
    server.manifest = {**MANIFEST, "identifierSpace": "http://www.ietf.org/rfc/rfc3986"}
    with pytest.raises(EndpointError, match="does not say which IRIs its identifiers stand for"):
        find_target(make_client(), wikibase, server.service, ITEMS)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ([], "has no manifest of a reconciliation service; check the address"),
        ({"name": "x", "versions": ["3.0"]}, "speaks 3.0 of the reconciliation API; versions 0.2 and 1.0 are known"),
        ({"versions": ["0.2"]}, "has no manifest of a reconciliation service; check the address"),
    ],
)
def test_what_is_not_a_service_is_refused(
    server: Server, wikibase: Wikibase, make_client: MakeClient, ours: Things, manifest: Any, message: str
) -> None:
    server.manifest = manifest
    with pytest.raises(EndpointError) as caught:
        list(search_service(ours, make_client(), wikibase, server.service))
    assert str(caught.value) == f"{server.service}: {message}"


@pytest.mark.parametrize("kind", ["html", "truncated", "503", "array", "null", "nan", "not-json"])
def test_failures_of_the_network_are_one_line(
    server: Server, wikibase: Wikibase, make_client: MakeClient, ours: Things, kind: str
) -> None:
    server.manifest = MANIFEST
    server.fail(kind, 50)
    for run in (
        lambda: list(search_service(ours, make_client(), wikibase, server.service)),
        lambda: list(search_api(ours, make_client(), wikibase)),
        lambda: list(search_sparql(ours, make_client(), replace(wikibase, sparql=server.endpoint))),
    ):
        with pytest.raises(EndpointError) as caught:
            run()
        assert len(str(caught.value).splitlines()) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn, whole: Any) -> Any:
    """A true answer, some part of which is something else."""
    if draw(st.integers(0, 3)) == 0:
        return draw(json_values)
    if isinstance(whole, dict) and whole:
        key = draw(st.sampled_from(sorted(whole)))
        return {**whole, key: draw(damaged(whole[key]))}
    if isinstance(whole, list) and whole:
        at = draw(st.integers(0, len(whole) - 1))
        return [*whole[:at], draw(damaged(whole[at])), *whole[at + 1 :]]
    return draw(json_values)


FUZZ = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(damaged(TAIPEI))
def test_a_damaged_item_is_read_as_far_as_it_goes_or_not_at_all(item: Any) -> None:
    record = read_item(item)
    if record is not None:
        make_things([record])


@FUZZ
@given(
    damaged({"q0": {"result": HITS}, "q1": {"result": []}}),
    damaged({"results": [{"candidates": HITS}, {"candidates": []}]}),
)
def test_damaged_hits_are_read_or_refused(old: Any, new: Any) -> None:
    for version, answer in (("0.2", old), ("1.0", new)):
        with suppress(EndpointError):
            assert len(searches.read_hits(version, "x", answer, 2)) == 2


CELLS = ("", f"{WD}Q1", f"{WDT}P625", f"{WDT}P571", f"{WDT}P17", "Point(1.2.3 4)", "Point(9 9)", "Point(- -)", "x")
cell = st.fixed_dictionaries({"value": st.sampled_from(CELLS)})


@FUZZ
@given(st.lists(st.dictionaries(st.sampled_from(["item", "fact", "value"]), cell), max_size=4))
def test_damaged_facts_are_read_or_refused(rows: Any) -> None:
    with suppress(EndpointError):
        assert isinstance(searches.read_facts("x", rows), Things)
