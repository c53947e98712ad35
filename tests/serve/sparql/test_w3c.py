"""The W3C's cases of SPARQL 1.1 Protocol, Service Description and Graph Store Protocol, as far as they read.

What would change data must be refused, and change nothing: such cases are run too, up to there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.collection import Collection
from sparql_server import Endpoint
from w3c_suites import SUITES

from glocal_rdf.triples import Triples

FOLDER = SUITES / "sparql11"
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
SD = "http://www.w3.org/ns/sparql-service-description#"

WRITING = {
    "update_dataset_default_graph": 403,
    "update_dataset_default_graphs": 403,
    "update_dataset_named_graphs": 403,
    "update_dataset_full": 403,
    "update_post_form": 403,
    "update_post_direct": 403,
    "update_base_uri": 403,
}
"""The cases of updates, and the status that refuses them.

The cases of the Graph Store Protocol begin by writing, but for those of HEAD for a graph that is not there.
"""


@dataclass(frozen=True)
class Sent:
    """A request of a case, and what is expected."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None
    statuses: frozenset[str]
    truth: bool | None
    format: str


def read_cases(manifest: Path) -> Iterator[tuple[str, list[Sent]]]:
    """Yield the names and the requests of the cases of a manifest; none where it is not there."""
    if not manifest.is_file():
        return
    graph = rdflib.Graph().parse(manifest, publicID=BASE + manifest.parent.name + "/manifest")
    for node in sorted(graph.subjects(MF.action), key=str):
        action = graph.value(node, MF.action)
        requests = Collection(graph, graph.value(action, HT.requests))
        yield str(node).rpartition("#")[2], [_read_request(graph, one) for one in requests]


def _read_request(graph: rdflib.Graph, node: Any) -> Sent:
    listed = graph.value(node, HT.headers)
    headers = {
        str(graph.value(one, HT.fieldName)): str(graph.value(one, HT.fieldValue))
        for one in (Collection(graph, listed) if listed else ())
    }
    body = graph.value(node, HT.body)
    answer = graph.value(node, HT.resp)
    truth = graph.value(answer, MF.expectedBoolean)
    return Sent(
        method=str(graph.value(node, HT.methodName)),
        path=str(graph.value(node, HT.absolutePath)),
        headers=headers,
        body=None if body is None else str(graph.value(body, CNT.chars)),
        statuses=frozenset(str(one).rpartition("#")[2] for one in graph.objects(answer, MF.expectedStatus)),
        truth=None if truth is None else bool(truth.toPython()),  # type: ignore[attr-defined]
        format=str(graph.value(answer, MF.expectedFormat) or ""),
    )


PROTOCOL = dict(read_cases(FOLDER / "protocol" / "manifest.ttl"))
STORE = {
    f"{manifest}: {name}": requests
    for manifest in ("manifest-direct", "manifest-indirect")
    for name, requests in read_cases(FOLDER / "graph-store-protocol" / f"{manifest}.ttl")
}


@pytest.mark.skipif(
    os.environ.get("CI") != "true" and not FOLDER.is_dir(), reason="the W3C's suites are not in ../shared/suites"
)
def test_the_suites_are_there() -> None:
    names = {name for name in PROTOCOL if not name.startswith("update_")}
    assert (len(PROTOCOL), len(names), len(STORE) > 0) == (34, 27, True)
    assert WRITING.keys() == PROTOCOL.keys() - names


def send(endpoint: Endpoint, one: Sent) -> Any:
    headers = {name.replace("-", "_"): value for name, value in one.headers.items()}
    body = None if one.body is None else one.body.encode("utf-16" if "UTF-16" in str(one.headers) else "utf-8")
    return endpoint.send(one.method, one.path, body, **headers)


@pytest.mark.parametrize("name", sorted(PROTOCOL.keys() - WRITING.keys()))
def test_a_case_of_the_protocol_passes(endpoint: Endpoint, name: str) -> None:
    for one in PROTOCOL[name]:
        reply = send(endpoint, one)
        assert f"StatusCode{reply.status // 100}xx" in one.statuses, reply.text
        if one.truth is not None:
            assert json.loads(reply.body)["boolean"] is one.truth
        kind = reply.headers["content-type"].partition(";")[0]
        if one.format == "boolean":
            assert kind in {"application/sparql-results+json", "application/sparql-results+xml"}
        elif one.format == "tabular":
            assert isinstance(ox.parse_query_results(reply.body, ox.QueryResultsFormat.JSON), ox.QuerySolutions)
        elif one.format == "RDF":
            assert Triples.parse(reply.body, kind) is not None


@pytest.mark.parametrize("name", sorted(WRITING if PROTOCOL else ()))
def test_a_case_of_updates_is_refused(endpoint: Endpoint, name: str) -> None:
    before = endpoint.send("GET", "/graphs?default").body
    update = PROTOCOL[name][0]
    reply = send(endpoint, update)
    assert (reply.status, "only reads" in reply.text) == (WRITING[name], True)
    assert endpoint.send("GET", "/graphs?default").body == before


READING = sorted(name for name, sent in STORE.items() if all(one.method in ("GET", "HEAD") for one in sent))


@pytest.mark.parametrize("name", READING)
def test_a_case_of_the_graph_store_passes_where_it_reads(endpoint: Endpoint, name: str) -> None:
    assert "head_non_existing" in name
    for one in STORE[name]:
        graph = one.path.partition("?graph=")[2] or quote(f"http://www.example{one.path}", safe="")
        reply = endpoint.send(one.method, f"/graphs?graph={graph}")
        assert (reply.status, one.statuses) == (404, {"NotFound"})


@pytest.mark.parametrize("name", sorted(STORE.keys() - set(READING)))
def test_a_case_of_the_graph_store_is_refused_where_it_writes(endpoint: Endpoint, name: str) -> None:
    writing = [one for one in STORE[name] if one.method not in ("GET", "HEAD")]
    assert writing
    for one in writing:
        where = "/graphs" + (f"?{one.path.partition('?')[2]}" if "?" in one.path else "?default")
        reply = endpoint.send(one.method, where, (one.body or "").encode())
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("name", ["has-endpoint-triple", "returns-rdf", "conforms-to-schema"])
def test_a_case_of_the_service_description_passes(endpoint: Endpoint, name: str) -> None:
    reply = endpoint.send("GET", "/sparql", Accept="application/rdf+xml")
    found = Triples.parse(reply.body, "rdfxml")
    if name == "has-endpoint-triple":
        assert found.match(predicate=f"<{SD}endpoint>", object=f"<{endpoint.address}/sparql>")
    elif name == "conforms-to-schema":
        _check_schema(found)
    assert reply.status == 200


def _check_schema(found: Triples) -> None:
    """Check what section 3 of the specification says of the terms: domains, ranges, and what must be there once."""
    kinds = {kind: {row[0] for row in found.match(object=f"<{SD}{kind}>")} for kind in ("Service", "Dataset", "Graph")}
    named = {row[0] for row in found.match(object=f"<{SD}NamedGraph>")}
    assert len(kinds["Service"]) == 1
    for subject, predicate, obj in found:
        term = predicate.removeprefix(f"<{SD}").removesuffix(">")
        if term in ("endpoint", "supportedLanguage", "resultFormat", "defaultDataset"):
            assert subject in kinds["Service"]
        if term == "defaultDataset":
            assert obj in kinds["Dataset"]
        if term == "defaultGraph":
            assert (subject in kinds["Dataset"], obj in kinds["Graph"]) == (True, True)
        if term == "namedGraph":
            assert (subject in kinds["Dataset"], obj in named) == (True, True)
        if term == "graph":
            assert (subject in named, obj in kinds["Graph"]) == (True, True)
    for one in named:
        assert len(found.match(one, f"<{SD}name>")) == 1
