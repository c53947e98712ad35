"""Endpoints that are down, slow, broken or hostile: one line with a status, and the front goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from glocal_rdf.errors import EndpointError, InputError
from glocal_rdf.operations import serve_source
from glocal_rdf.operations.serve_source import Source, open_source
from glocal_rdf.operations.serve_source_pages import SourcePages
from glocal_rdf.operations.serve_source_store import EndpointStore
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.parts import Limits
from glocal_rdf.serve.source import lists
from glocal_rdf.serve.source.asking import Session
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.naming import NAMES
from glocal_rdf.serve.source.searching import search_names
from glocal_rdf.serve.sparql import store as stores
from glocal_rdf.serve.sparql.store import Query

pytestmark = pytest.mark.slow

RESULTS = "application/sparql-results+json"
EMPTY = json.dumps({"head": {"vars": ["s"]}, "results": {"bindings": []}}).encode()
D = "https://data.example.org/id/"


class Faulty:
    """A server on loopback that answers every query as a test says."""

    def __init__(self) -> None:
        self.asked = ""
        self.reply: Callable[[BaseHTTPRequestHandler], None] = lambda request: send(request, EMPTY)
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner.asked = unquote_plus(self.rfile.read(int(self.headers.get("content-length", 0))).decode())
                with contextlib.suppress(OSError):
                    owner.reply(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}/sparql"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


def send(request: BaseHTTPRequestHandler, body: bytes, kind: str = RESULTS, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    for name, value in ({"Content_Length": str(len(body))} | headers).items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def drip(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", RESULTS)
    request.end_headers()
    for _ in range(50):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.1)


def answer(value: dict[str, str]) -> bytes:
    return json.dumps({"head": {"vars": ["p", "o"]}, "results": {"bindings": [{"p": value, "o": value}]}}).encode()


FAULTS: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], int]] = {
    "is slow": (lambda request: time.sleep(3), 504),
    "sends byte after byte": (drip, 504),
    "answers with a page": (lambda request: send(request, b"<html>busy</html>", "text/html"), 502),
    "answers with a page and an error": (lambda request: send(request, b"<html>busy</html>", "text/html", 500), 502),
    "is busy": (lambda request: send(request, b"busy", "text/plain", 503), 502),
    "is forbidden": (lambda request: send(request, b"no", "text/plain", 403), 502),
    "sends half of the answer": (lambda request: send(request, EMPTY[:20], Content_Length="500"), 502),
    "sends broken results": (lambda request: send(request, EMPTY[:-5]), 502),
    "sends nothing": (lambda request: send(request, b""), 502),
    "closes the connection": (lambda request: request.connection.shutdown(socket.SHUT_RDWR), 502),
    "is not HTTP": (lambda request: request.wfile.write(b"hello\r\n") and None, 502),
    "redirects inside the network": (
        lambda request: send(request, b"", status=302, Location="http://169.254.169.254/latest/meta-data/"),
        502,
    ),
    "redirects to a file": (lambda request: send(request, b"", status=302, Location="file:///etc/passwd"), 502),
    "redirects for ever": (lambda request: send(request, b"", status=307, Location="/sparql"), 502),
    "answers with more than may be read": (lambda request: send(request, b" " * (2 << 20)), 502),
    "answers with what is not an IRI": (
        lambda request: send(request, answer({"type": "uri", "value": "no scheme"})),
        502,
    ),
}


@pytest.fixture(scope="module")
def faulty() -> Iterator[Faulty]:
    """A server that does what a test says."""
    made = Faulty()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def source(faulty: Faulty) -> Source:
    """It as a source, which was opened while it answered well."""
    faulty.reply = lambda request: send(request, EMPTY)
    return open_source(faulty.address, space=D)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_is_refused_with_a_status_where_the_endpoint(
    faulty: Faulty, source: Source, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_source, "MOST_BYTES", 1 << 20)
    pages = SourcePages(source.make_frame(), source.ask, 20)
    assert asyncio.run(pages.read("doc/a.html")) is None
    faulty.reply, status = FAULTS[fault]
    pages = SourcePages(source.make_frame(), source.ask, 0.7 if status == 504 else 20)
    start = time.monotonic()
    with pytest.raises(RefusedError) as refused:
        asyncio.run(pages.read("doc/a.html"))
    assert status != 504 or time.monotonic() - start < 2.5
    assert refused.value.status == status
    assert "\n" not in refused.value.reason
    assert not any(part in refused.value.reason for part in ("127.0.0.1", "html", "169.254", "SELECT"))
    faulty.reply = lambda request: send(request, EMPTY)
    assert asyncio.run(SourcePages(source.make_frame(), source.ask, 20).read("doc/a.html")) is None


@pytest.mark.parametrize("fault", ["is slow", "answers with a page and an error"])
def test_what_is_not_counted_or_looked_through_in_time_is_listed_without(
    faulty: Faulty, source: Source, fault: str
) -> None:
    found = {"type": "uri", "value": f"{D}City"}
    rows = [{"c": found, "t": found, "p": {"type": "uri", "value": str(NAMES[0])[1:-1]}, "o": found}]

    def reply(request: BaseHTTPRequestHandler) -> None:
        if "COUNT" in faulty.asked or "CONTAINS" in faulty.asked:
            FAULTS[fault][0](request)
            return
        names = re.findall(r"\?(\w+)", faulty.asked.partition("{")[0])
        kept = [{name: row[name] for name in names} for row in rows]
        send(request, json.dumps({"head": {"vars": names}, "results": {"bindings": kept}}).encode())

    faulty.reply = reply
    tally = lists.count_classes(Session(source.ask, 0.8), Layout())
    assert (tally.items, tally.has_all) == ((lists.Counted(f"<{D}City>", None),), True)
    session = Session(source.ask, 0.8)
    searched = search_names(session, Layout(), "City")
    assert ([match.thing for match in searched.matches], searched.complete) == ([f"<{D}City>"], False)
    assert session.left() > 0.1


def ask(store: EndpointStore, text: str, **options: str) -> bytes:
    async def collect() -> bytes:
        found = await store.evaluate(
            Query(text=text, **{"results": "json", "truth": "json", "graph": "turtle"} | options)
        )  # type: ignore[arg-type]
        return b"".join([part async for part in found.parts])

    return asyncio.run(collect())


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"answers with what is not an IRI"}))
def test_a_query_is_refused_with_a_status_where_the_endpoint(faulty: Faulty, source: Source, fault: str) -> None:
    faulty.reply, status = FAULTS[fault]
    store = EndpointStore(
        faulty.address,
        source.ask,
        source.layout,
        Limits(timeout=0.7 if status == 504 else 20, answer_bytes=1 << 20),
        {},
    )
    with pytest.raises(stores.RefusedError) as refused:
        ask(store, "SELECT ?s { ?s ?p ?o }")
    assert refused.value.status == (503 if fault == "is busy" else status)
    assert "127.0.0.1" not in str(refused.value)


def test_a_client_with_many_queries_does_not_keep_another_waiting(faulty: Faulty, source: Source) -> None:
    def wait(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.2)
        send(request, EMPTY)

    faulty.reply = wait
    store = EndpointStore(faulty.address, source.ask, source.layout, Limits(concurrency=2, share=6, waiting=20), {})
    order: list[str] = []

    async def ask_as(client: str) -> None:
        text = "SELECT ?s { ?s ?p ?o }"
        await store.evaluate(Query(text=text, results="json", truth="json", graph="turtle", client=client))
        order.append(client)

    async def play() -> tuple[list[BaseException | None], bool]:
        greedy = [asyncio.create_task(ask_as("greedy")) for _ in range(6)]
        await asyncio.sleep(0.05)
        results = await asyncio.gather(ask_as("greedy"), ask_as("other"), return_exceptions=True)
        greedy[-1].cancel()  # It waits for its turn, or for the endpoint.
        await asyncio.wait([*greedy, asyncio.create_task(store.close())])
        return results, all(task.done() for task in greedy)

    (refused, answered), ended = asyncio.run(play())
    assert isinstance(refused, stores.RefusedError)
    assert refused.status == 429
    assert answered is None
    assert order.index("other") <= 2
    assert ended


def test_a_query_whose_client_has_left_keeps_its_place_until_it_is_answered(faulty: Faulty, source: Source) -> None:
    asked = threading.Event()

    def wait(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        time.sleep(0.3)
        send(request, EMPTY)

    faulty.reply = wait
    store = EndpointStore(faulty.address, source.ask, source.layout, Limits(concurrency=1, waiting=0), {})
    query = Query(text="SELECT ?s { ?s ?p ?o }", results="json", truth="json", graph="turtle")

    async def play() -> int:
        left = asyncio.create_task(store.evaluate(query))
        await asyncio.to_thread(asked.wait, 5)
        left.cancel()
        await asyncio.wait([left])
        with pytest.raises(stores.RefusedError) as busy:
            await store.evaluate(query)
        await store.close()
        return busy.value.status

    assert asyncio.run(play()) == 503


def test_an_endpoint_that_is_down_cannot_be_opened_and_a_file_that_is_missing_neither(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(EndpointError, match="cannot be reached"):
        open_source(f"http://127.0.0.1:{port}/")
    with pytest.raises(InputError):
        open_source(str(tmp_path / "missing.nt"))


@pytest.fixture(scope="module")
def real(server_source: Source) -> EndpointStore:
    """A server that answers."""
    return EndpointStore(server_source.address, server_source.ask, server_source.layout, Limits(rows=20), {"x": D})


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_bindings_come_in_every_format(real: EndpointStore, form: str) -> None:
    assert b"132.759" in ask(real, "SELECT ?o { x:keelung <https://data.example.org/ontology#area> ?o }", results=form)


@pytest.mark.parametrize("form", ["turtle", "ntriples", "jsonld", "rdfxml"])
def test_graphs_come_in_every_format(real: EndpointStore, form: str) -> None:
    assert b"yakima" in ask(real, f"CONSTRUCT {{ ?s ?p <{D}yakima> }} {{ ?s ?p <{D}yakima> }}", graph=form)


def test_graphs_of_a_request_go_on(real: EndpointStore) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert b'"2"' in ask(real, text, default_graphs=("https://other.example/graph",))  # type: ignore[arg-type]
    assert asyncio.run(real.list_graphs()) == ("https://other.example/graph",)
    first, second = asyncio.run(real.count())
    assert (first.iri, second.iri, second.triples) == (None, "https://other.example/graph", 2)
    assert first.triples
    assert first.triples > 50


REFUSED = {
    "an update": ("DELETE WHERE { ?s ?p ?o }", 403),
    "a load": ("LOAD <file:///etc/passwd>", 403),
    "a call of another server": ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 0),
    "a hidden call of another server": ("SELECT * { \\u0053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 0),
    "what is not SPARQL": ("SELECT", 0),
    "an unknown prefix": ("SELECT * { y:a ?p ?o }", 0),
    "too many rows": ("SELECT * { ?s ?p ?o }", 503),
    "half of a surrogate pair": ("SELECT * { ?s ?p '\ud800' }", 0),
    "a deep query": ("SELECT * { " + "{" * 2000 + "}" * 2000 + " }", 0),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_query_is_refused_that_is(real: EndpointStore, case: str) -> None:
    text, status = REFUSED[case]
    with pytest.raises(stores.QueryError) as refused:
        ask(real, text)
    assert getattr(refused.value, "status", 0) == status
    assert "127.0.0.1:" not in str(refused.value)
