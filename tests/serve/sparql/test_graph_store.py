"""The Graph Store Protocol, as far as it reads, and the description of the service."""

from __future__ import annotations

import pytest
from sparql_server import ODD, PEOPLE, TRIG, Endpoint, name_graph

from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

SD, VOID = "http://www.w3.org/ns/sparql-service-description#", "http://rdfs.org/ns/void#"


@pytest.fixture(scope="module")
def data() -> Dataset:
    return Dataset.parse(TRIG, "trig")


@pytest.mark.parametrize(
    "media", ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]
)
def test_a_graph_is_sent_whole(endpoint: Endpoint, data: Dataset, media: str) -> None:
    reply = endpoint.send("GET", "/graphs?default", Accept=media)
    assert reply.headers["content-type"].partition(";")[0] == media
    assert Triples.parse(reply.body, media).is_isomorphic(data.default)
    for name in (PEOPLE, ODD):
        assert Triples.parse(endpoint.send("GET", name_graph(name), Accept=media).body, media) == data.named[name]


@pytest.mark.parametrize(
    ("method", "where", "accept", "status", "part"),
    [
        ("GET", "/graphs?graph=http%3A%2F%2Fexample.org%2Fnone", "*/*", 404, "no such graph"),
        ("GET", "/graphs?graph=people", "*/*", 400, "absolute"),
        ("GET", "/graphs", "*/*", 400, "name one graph"),
        ("GET", "/graphs?default=1", "*/*", 400, "name one graph"),
        ("GET", f"{name_graph(PEOPLE)}&default", "*/*", 400, "name one graph"),
        ("GET", f"{name_graph(PEOPLE)}&graph=urn%3Aa", "*/*", 400, "name one graph"),
        ("GET", "/graphs?default", "image/png", 406, "text/turtle"),
        ("PUT", "/graphs?default", "*/*", 405, "only read"),
        ("POST", "/graphs?default", "*/*", 405, "only read"),
        ("DELETE", name_graph(PEOPLE), "*/*", 405, "only read"),
        ("PATCH", name_graph(PEOPLE), "*/*", 405, "only read"),
    ],
)
def test_what_cannot_be_sent_has_a_reason(
    endpoint: Endpoint, method: str, where: str, accept: str, status: int, part: str
) -> None:
    reply = endpoint.send(method, where, None, Accept=accept)
    assert (reply.status, part in reply.text) == (status, True), reply.text
    if status == 405:
        assert reply.headers["allow"] == "GET, HEAD, OPTIONS"


def test_head_and_what_is_known_already_are_not_evaluated(endpoint: Endpoint) -> None:
    head, get = (endpoint.send(method, name_graph(PEOPLE)) for method in ("HEAD", "GET"))
    assert (head.status, head.headers["content-type"]) == (200, "text/turtle; charset=utf-8")
    assert head.headers["etag"] == get.headers["etag"]
    assert endpoint.send("HEAD", "/graphs?graph=urn%3Anone").status == 404
    assert endpoint.send("GET", name_graph(PEOPLE), If_None_Match=head.headers["etag"]).status == 304
    assert endpoint.send("OPTIONS", "/graphs").headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "media", ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]
)
def test_the_service_is_described(endpoint: Endpoint, data: Dataset, media: str) -> None:
    reply = endpoint.send("GET", "/sparql", Accept=media)
    found = Triples.parse(reply.body, media)
    address = f"<{endpoint.address}/sparql>"
    service = f"<{endpoint.address}/sparql#service>"
    assert [row[0] for row in found.match(predicate=f"<{SD}endpoint>", object=address)] == [service]
    named = {row[2][1:-1] for row in found.match(predicate=f"<{SD}name>")}
    assert named == set(data.named)
    default = f"<{endpoint.address}/sparql#default-graph>"
    [[_, _, triples]] = found.match(default, f"<{VOID}triples>")
    assert triples == f'"{len(data.default)}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert len(found.match(service, f"<{SD}resultFormat>")) == 8


def test_the_endpoint_is_described_at_the_address_that_was_asked(endpoint: Endpoint) -> None:
    found = Triples.parse(endpoint.send("GET", "/sparql/", Accept="text/turtle").body, "turtle")
    assert found.match(predicate=f"<{SD}endpoint>", object=f"<{endpoint.address}/sparql/>")
    assert endpoint.send("GET", "/sparql", Accept="image/png").status == 406
