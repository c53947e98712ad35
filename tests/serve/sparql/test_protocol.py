"""The SPARQL 1.1 Protocol: what is asked in which way, and what is answered."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from sparql_server import ODD, PEOPLE, Endpoint

from glocal_rdf.serve.sparql.protocol import accept_formats
from glocal_rdf.triples import Triples

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
NAMES = "SELECT ?s { ?s a <http://example.org/City> } ORDER BY ?s"
TAIPEI = "<http://example.org/taipei>"


def target(**parameters: str) -> str:
    return f"/sparql?{urlencode(parameters)}"


# (what must happen, method, target, body, headers, status, a part of the answer)
REQUESTS: list[tuple[str, str, str, bytes | None, dict[str, str], int, str]] = [
    ("GET is answered", "GET", target(query=NAMES), None, {}, 200, "kaohsiung"),
    ("the address may end with a slash", "GET", target(query=NAMES).replace("?", "/?"), None, {}, 200, "taipei"),
    (
        "a form is answered",
        "POST",
        "/sparql",
        urlencode({"query": NAMES}).encode(),
        {"Content-Type": FORM},
        200,
        "taipei",
    ),
    (
        "a form may name its encoding",
        "POST",
        "/sparql",
        urlencode({"query": NAMES}).encode(),
        {"Content-Type": f'{FORM}; charset="UTF-8"'},
        200,
        "taipei",
    ),
    ("a query is answered as it is", "POST", "/sparql", NAMES.encode(), {"Content-Type": QUERY}, 200, "taipei"),
    (
        "types of content have no case",
        "POST",
        "/sparql",
        NAMES.encode(),
        {"Content-Type": QUERY.upper()},
        200,
        "taipei",
    ),
    (
        "Chinese is read",
        "POST",
        "/sparql",
        'ASK { ?s ?p "臺北市"@zh-Hant }'.encode(),
        {"Content-Type": QUERY},
        200,
        "true",
    ),
    (
        "Chinese in a form as it is, is read",
        "POST",
        "/sparql",
        'query=ASK { ?s ?p "臺北市"@zh-Hant }'.encode(),
        {"Content-Type": FORM},
        200,
        "true",
    ),
    ("two queries are refused", "GET", f"{target(query=NAMES)}&query=ASK%20%7B%7D", None, {}, 400, "two queries"),
    (
        "a query in the address and one in the body are refused",
        "POST",
        target(query=NAMES),
        b"ASK {}",
        {"Content-Type": QUERY},
        400,
        "two queries",
    ),
    ("a form without a query is refused", "POST", "/sparql", b"", {"Content-Type": FORM}, 400, "no query"),
    ("an empty query is refused", "GET", "/sparql?query=", None, {}, 400, "is empty"),
    ("an update by GET is refused", "GET", target(update="CLEAR ALL"), None, {}, 403, "only reads"),
    (
        "an update by a form is refused",
        "POST",
        "/sparql",
        b"update=CLEAR+ALL",
        {"Content-Type": FORM},
        403,
        "only reads",
    ),
    (
        "an update as it is, is refused",
        "POST",
        "/sparql",
        b"CLEAR ALL",
        {"Content-Type": "application/sparql-update"},
        403,
        "only reads",
    ),
    ("an update that comes as a query is refused", "GET", target(query="DROP ALL"), None, {}, 400, "DROP"),
    (
        "another type of content is refused",
        "POST",
        "/sparql",
        b"ASK {}",
        {"Content-Type": "text/plain"},
        415,
        "media type",
    ),
    (
        "a form of parts is refused",
        "POST",
        "/sparql",
        b"--x\r\n",
        {"Content-Type": "multipart/form-data; boundary=x"},
        415,
        "media type",
    ),
    ("no type of content is refused", "POST", "/sparql", b"ASK {}", {}, 415, "no Content-Type"),
    (
        "another encoding is refused",
        "POST",
        "/sparql",
        "ASK {}".encode("utf-16"),
        {"Content-Type": f"{QUERY}; charset=UTF-16"},
        415,
        "UTF-8",
    ),
    (
        "bytes that are not UTF-8 are refused",
        "POST",
        "/sparql",
        b"ASK { ?s ?p '\xff' }",
        {"Content-Type": QUERY},
        400,
        "not UTF-8 at byte 14",
    ),
    ("escapes that are not UTF-8 are refused", "GET", "/sparql?query=ASK%FF", None, {}, 400, "not UTF-8"),
    ("GET with a body is refused", "GET", target(query=NAMES), b"ASK {}", {"Content-Type": QUERY}, 400, "no body"),
    ("PUT is not allowed", "PUT", target(query=NAMES), b"", {}, 405, "GET or POST"),
    ("DELETE is not allowed", "DELETE", target(query=NAMES), None, {}, 405, "GET or POST"),
    ("a mistake is named with its place", "GET", target(query="SELECT ?x {\n ?x ?y }"), None, {}, 400, "line 2"),
    ("an unknown prefix is named", "GET", target(query="ASK { x:y ?p ?o }"), None, {}, 400, "x: is not a known prefix"),
    (
        "no format of RDF is accepted for a table",
        "GET",
        target(query=NAMES),
        None,
        {"Accept": "text/turtle"},
        406,
        "CSV",
    ),
    (
        "no format of tables is accepted for RDF",
        "GET",
        target(query=f"DESCRIBE {TAIPEI}"),
        None,
        {"Accept": "text/csv"},
        406,
        "Turtle",
    ),
    ("CSV is not accepted for a truth", "GET", target(query="ASK {}"), None, {"Accept": "text/csv"}, 406, "JSON"),
    (
        "an unknown graph is refused",
        "GET",
        target(query=NAMES, **{"default-graph-uri": "http://example.org/none"}),
        None,
        {},
        400,
        "no graph <http://example.org/none>",
    ),
    (
        "a relative graph is refused",
        "GET",
        target(query=NAMES, **{"named-graph-uri": "people"}),
        None,
        {},
        400,
        "absolute",
    ),
    (
        "a graph without a query is refused",
        "GET",
        f"/sparql?default-graph-uri={quote(PEOPLE)}",
        None,
        {},
        400,
        "no query",
    ),
    (
        "FROM an unknown graph is refused",
        "GET",
        target(query="ASK FROM <http://example.org/none> {}"),
        None,
        {},
        400,
        "no such graph",
    ),
    ("FROM a known graph works", "GET", target(query=f"ASK FROM <{PEOPLE}> {{ ?s ?p 30 }}"), None, {}, 200, "true"),
    (
        "FROM NAMED a known graph works",
        "GET",
        target(query=f"ASK FROM NAMED <{PEOPLE}> {{ GRAPH ?g {{ ?s ?p 30 }} }}"),
        None,
        {},
        200,
        "true",
    ),
    (
        "the graphs of the request win over FROM",
        "GET",
        target(query=f"ASK FROM <{PEOPLE}> {{ ?s ?p 30 }}", **{"default-graph-uri": ODD}),
        None,
        {},
        200,
        "false",
    ),
    (
        "only the named graphs of the request are seen",
        "GET",
        target(query="SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", **{"named-graph-uri": ODD}),
        None,
        {},
        200,
        '"value":"1"',
    ),
    (
        "without graphs all named ones are seen",
        "GET",
        target(query="SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"),
        None,
        {},
        200,
        '"value":"8"',
    ),
]


@pytest.mark.parametrize(
    ("method", "where", "body", "headers", "status", "part"),
    [case[1:] for case in REQUESTS],
    ids=[case[0] for case in REQUESTS],
)
def test_a_request_is_answered(
    endpoint: Endpoint, method: str, where: str, body: bytes | None, headers: dict[str, str], status: int, part: str
) -> None:
    reply = endpoint.send(method, where, body, **{name.replace("-", "_"): value for name, value in headers.items()})
    assert (reply.status, part in reply.text) == (status, True), reply.text[:300]
    assert reply.status == 200 or reply.text.count("\n") == 1
    if status == 405:
        assert reply.headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_several_default_graphs_are_merged(endpoint: Endpoint) -> None:
    graphs = urlencode([("default-graph-uri", PEOPLE), ("default-graph-uri", ODD), ("default-graph-uri", ODD)])
    query = urlencode({"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"})
    assert '"value":"4"' in endpoint.send("GET", f"/sparql?{query}&{graphs}").text


RESULT = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
VALUES = f"SELECT ?p ?o ?none {{ {TAIPEI} ?p ?o }} ORDER BY ?p ?o"
WRITTEN = {
    '"臺北市"@zh-Hant',
    '"Taipei"@en-GB',
    '"0884"^^<http://www.w3.org/2001/XMLSchema#gYear>',
    '"007"^^<http://www.w3.org/2001/XMLSchema#integer>',
    '"7"^^<http://www.w3.org/2001/XMLSchema#byte>',
    '"12.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
    '"1.0E3"^^<http://www.w3.org/2001/XMLSchema#double>',
    '"1"^^<http://www.w3.org/2001/XMLSchema#boolean>',
    '"a \\"b\\" <c> & d\\te\\r\\nf"',
    "\"comma, semicolon; 'x'\"",
    "<http://example.org/kaohsiung>",
    "<http://example.org/City>",
}


def read_json_terms(text: str) -> set[str]:
    """Write the terms of JSON results in N-Triples, with tags as they are there: a parser makes them small."""
    found = set()
    for row in json.loads(text)["results"]["bindings"]:
        one = row["o"]
        if one["type"] == "uri":
            found.add(f"<{one['value']}>")
            continue
        quoted = str(ox.Literal(one["value"]))
        kind = f"@{one['xml:lang']}" if "xml:lang" in one else ""
        kind = kind or (f"^^<{one['datatype']}>" if "datatype" in one else "")
        found.add(quoted + kind)
    return found


def test_literals_keep_the_forms_in_which_they_are_written(endpoint: Endpoint) -> None:
    assert read_json_terms(endpoint.ask(VALUES).text) == WRITTEN
    rows = endpoint.ask(VALUES, "text/tab-separated-values").text.splitlines()
    assert {row.split("\t")[1] for row in rows[1:]} == WRITTEN
    assert rows[0] == "?p\t?o\t?none"
    xml = endpoint.ask(VALUES, "application/sparql-results+xml").text
    assert '<literal xml:lang="zh-Hant">臺北市</literal>' in xml
    assert '<literal datatype="http://www.w3.org/2001/XMLSchema#integer">007</literal>' in xml
    assert "a &quot;b&quot; &lt;c&gt; &amp; d\te&#13;\nf" in xml


@pytest.mark.parametrize("media", RESULT)
def test_another_program_reads_the_results(endpoint: Endpoint, media: str) -> None:
    reply = endpoint.ask(VALUES, media)
    found = ox.parse_query_results(reply.body, RESULT[media])
    assert isinstance(found, ox.QuerySolutions)
    terms = {(str(row["p"]), str(row["o"])) for row in found}
    assert len(terms) == 12
    assert {term for _, term in terms} == {
        term.replace("zh-Hant", "zh-hant").replace("en-GB", "en-gb") for term in WRITTEN
    }
    assert reply.headers["content-type"] == f"{media}; charset=utf-8"


def test_csv_has_plain_texts_by_its_rules(endpoint: Endpoint) -> None:
    reply = endpoint.ask(VALUES, "text/csv")
    head, *rows = csv.reader(io.StringIO(reply.text, newline=""))
    assert head == ["p", "o", "none"]
    assert {row[1] for row in rows} >= {"007", "12.50", "臺北市", 'a "b" <c> & d\te\r\nf', "comma, semicolon; 'x'"}
    assert reply.headers["content-type"] == "text/csv; charset=utf-8; header=present"


@pytest.mark.parametrize(
    "media", ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]
)
def test_triples_keep_their_forms_in_every_format(endpoint: Endpoint, media: str) -> None:
    reply = endpoint.ask(f"PREFIX e: <http://example.org/> DESCRIBE {TAIPEI}", media)
    assert reply.headers["content-type"].partition(";")[0] == media
    assert {term for _, _, term in Triples.parse(reply.body, media)} == WRITTEN


def test_what_rdf_xml_cannot_hold_is_refused(endpoint: Endpoint) -> None:
    text = "CONSTRUCT { <urn:a> <urn:1> ?o } { BIND(1 AS ?o) }"
    reply = endpoint.ask(text, "application/rdf+xml")
    assert (reply.status, "<urn:1>" in reply.text) == (406, True)
    reply = endpoint.ask('CONSTRUCT { <urn:a> <urn:b> "\\u0001" } {}', "application/rdf+xml")
    assert (reply.status, "control character" in reply.text) == (406, True)
    assert endpoint.ask('SELECT ("\\u0001" AS ?x) {}', "application/sparql-results+xml").status == 406
    assert Triples.parse(endpoint.ask(text, "text/turtle").body, "turtle")


@pytest.mark.parametrize(
    ("accept", "results", "truth", "graph"),
    [
        (None, "application/sparql-results+json", "application/sparql-results+json", "text/turtle"),
        ("*/*", "application/sparql-results+json", "application/sparql-results+json", "text/turtle"),
        ("application/xml", "application/xml", "application/xml", "application/xml"),
        ("text/csv;q=0.5, application/json;q=0.6", "application/json", "application/json", "application/json"),
        ("text/turtle, */*;q=0.1", "application/sparql-results+json", "application/sparql-results+json", "text/turtle"),
        ("text/tab-separated-values", "text/tab-separated-values", None, None),
        (
            "application/sparql-results+json;q=0, */*",
            "application/sparql-results+xml",
            "application/sparql-results+xml",
            "text/turtle",
        ),
        ("image/png", None, None, None),
    ],
)
def test_accept_chooses_for_each_form(accept: str | None, results: str, truth: str, graph: str) -> None:
    found = accept_formats(accept)
    assert (found.results, found.truth, found.graph) == (results, truth, graph)


def test_format_in_the_address_is_for_those_who_cannot_set_accept(endpoint: Endpoint) -> None:
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    reply = endpoint.send("GET", target(query=NAMES, format="csv"), Accept=browser.replace("text/html,", ""))
    assert reply.text == "s\r\nhttp://example.org/kaohsiung\r\nhttp://example.org/taipei\r\n"
    reply = endpoint.send("GET", target(query="CONSTRUCT WHERE { ?s a ?c }", format="nt"))
    assert reply.headers["content-type"] == "application/n-triples"


def test_variables_of_all_come_in_the_order_of_the_query(endpoint: Endpoint) -> None:
    text = f"SELECT * {{ ?a <http://example.org/twin> ?z . ?z a ?b FILTER(?a = {TAIPEI}) }}"
    assert endpoint.ask(text, "text/csv").text.splitlines()[0] == "a,z,b"


def test_headers_say_what_can_be_kept(endpoint: Endpoint) -> None:
    reply = endpoint.ask(NAMES)
    assert reply.headers["vary"] == "Accept"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["last-modified"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    again = endpoint.ask(NAMES, If_None_Match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert endpoint.ask(NAMES, "text/csv", If_None_Match=reply.headers["etag"]).status == 200
    assert "etag" not in endpoint.ask("SELECT (RAND() AS ?x) {}").headers
    assert "etag" not in endpoint.post(NAMES).headers


def test_head_has_the_headers_of_get(endpoint: Endpoint) -> None:
    head, get = (endpoint.send(method, target(query=NAMES)) for method in ("HEAD", "GET"))
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}
    assert endpoint.send("HEAD", target(query="SELECT {")).status == 400


def test_options_name_the_methods(endpoint: Endpoint) -> None:
    reply = endpoint.send("OPTIONS", "/sparql", Origin="http://a.example", Access_Control_Request_Method="POST")
    assert reply.status == 204
    assert reply.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert "Content-Type" in reply.headers["access-control-allow-headers"]


def test_browsers_are_led_to_the_page(endpoint: Endpoint) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    reply = endpoint.send("GET", "/sparql", Accept=accept)
    assert (reply.status, reply.headers["location"]) == (303, f"{endpoint.address}/sparql/index")
    reply = endpoint.send("GET", target(query="ASK {}"), Accept=accept)
    assert reply.headers["location"] == f"{endpoint.address}/sparql/index#query=ASK+%7B%7D"


def test_small_answers_are_kept_and_others_are_computed(endpoint: Endpoint) -> None:
    text = "SELECT (UUID() AS ?id) {}"
    assert endpoint.ask(text).text != endpoint.ask(text).text
    assert endpoint.ask(NAMES).text == endpoint.ask(NAMES).text
    assert endpoint.ask(NAMES).text != endpoint.ask(NAMES, "text/csv").text
