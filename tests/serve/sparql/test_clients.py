"""Clients that people use, against the endpoint: SPARQLWrapper, rdflib, our own command, curl, forms of pages."""

from __future__ import annotations

import json
import shutil
import subprocess
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib
from conftest import Run
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from sparql_server import PEOPLE, Endpoint
from SPARQLWrapper import CSV, JSON, JSONLD, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from glocal_rdf.triples import Triples

NAME = "http://www.w3.org/2004/02/skos/core#prefLabel"
CITIES = f"PREFIX : <http://example.org/> SELECT ?s ?name {{ ?s a :City ; <{NAME}> ?name }}"
TAIPEI = "<http://example.org/taipei>"


@pytest.mark.parametrize("way", ["GET", "POST", "POSTDIRECTLY"])
def test_sparqlwrapper_asks_in_every_way(endpoint: Endpoint, way: str) -> None:
    client = SPARQLWrapper(f"{endpoint.address}/sparql")
    if way != "GET":
        client.setMethod(POST)
        client.setRequestMethod(POSTDIRECTLY if way == "POSTDIRECTLY" else "urlencoded")
    client.setQuery(CITIES)
    for form in (JSON, XML, CSV, TSV):
        client.setReturnFormat(form)
        text = str(client.queryAndConvert().toxml() if form == XML else client.queryAndConvert())
        assert "taipei" in text
    client.setQuery("ASK {}")
    client.setReturnFormat(JSON)
    assert client.queryAndConvert()["boolean"] is True


@pytest.mark.parametrize("form", [TURTLE, RDFXML, JSONLD])
def test_sparqlwrapper_reads_graphs(endpoint: Endpoint, form: str) -> None:
    client = SPARQLWrapper(f"{endpoint.address}/sparql")
    client.setQuery(f"DESCRIBE {TAIPEI}")
    client.setReturnFormat(form)
    found = client.queryAndConvert()
    graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=found, format="turtle")
    assert len(graph) == 12


def test_sparqlwrapper_names_graphs(endpoint: Endpoint) -> None:
    client = SPARQLWrapper(f"{endpoint.address}/sparql", defaultGraph=PEOPLE, returnFormat=JSON)
    client.setQuery("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert client.queryAndConvert()["results"]["bindings"][0]["n"]["value"] == "3"


@pytest.mark.parametrize("way", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json"])
def test_rdflibs_store_asks(endpoint: Endpoint, way: str, form: str) -> None:
    store = SPARQLStore(f"{endpoint.address}/sparql", method=way, returnFormat=form)
    graph = rdflib.Graph(store)
    rows = {(str(row[0]), str(row[1])) for row in graph.query(CITIES)}  # type: ignore[index]
    assert ("http://example.org/taipei", "臺北市") in rows
    assert bool(graph.query("ASK { ?s a <http://example.org/City> }"))
    assert (rdflib.URIRef("http://example.org/taipei"), None, None) in graph


def test_our_own_command_asks(endpoint: Endpoint, run: Run) -> None:
    result = run("query", "--text", CITIES, "--source", f"{endpoint.address}/sparql", "--format", "csv")
    assert (result.exit_code, "臺北市" in result.output) == (0, True)


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_curl_asks(endpoint: Endpoint) -> None:
    address = f"{endpoint.address}/sparql"
    for options in (["-G"], [], ["-H", "Accept: text/csv"]):
        command = ["curl", "-sSf", *options, address, "--data-urlencode", f"query={CITIES}"]
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
        assert (done.returncode, "臺北市" in done.stdout.decode()) == (0, True)
    command = ["curl", "-sSf", "-H", "Content-Type: application/sparql-query", "--data-binary", CITIES, address]
    assert "臺北市" in subprocess.run(command, capture_output=True, timeout=20, check=True).stdout.decode()


@pytest.mark.slow
def test_an_answer_that_is_not_whole_is_an_error_to_curl(endpoint: Endpoint) -> None:
    command = [
        "curl",
        "-sS",
        f"{endpoint.address}/sparql",
        "--data-urlencode",
        "query=SELECT * { ?a ?b ?c . ?d ?e ?f }",
    ]
    done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    assert (done.returncode, len(done.stdout) > 1_000_000) == (18, True)


def test_editors_in_web_pages_ask(endpoint: Endpoint) -> None:
    """What YASGUI sends: a form, and a list of formats with preferences."""
    body = urlencode({"query": CITIES}).encode()
    headers = {
        "Content_Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "Accept": "application/sparql-results+json,*/*;q=0.9",
        "Origin": "https://yasgui.example",
    }
    reply = endpoint.send("POST", "/sparql", body, **headers)
    assert len(json.loads(reply.body)["results"]["bindings"]) == 3
    body = urlencode({"query": f"CONSTRUCT {{ {TAIPEI} ?p ?o }} {{ {TAIPEI} ?p ?o }}"}).encode()
    headers["Accept"] = "text/turtle,*/*;q=0.9"
    assert len(Triples.parse(endpoint.send("POST", "/sparql", body, **headers).body, "turtle")) == 12


def test_an_engine_reads_what_it_would_have_written(endpoint: Endpoint) -> None:
    reply = endpoint.ask(CITIES, "application/sparql-results+xml")
    found = ox.parse_query_results(reply.body, ox.QueryResultsFormat.XML)
    assert isinstance(found, ox.QuerySolutions)
    assert sorted(row["name"].value for row in found) == ["Taipei", "臺北市", "高雄"]
