"""A SPARQL endpoint on loopback, with a small dataset: SPARQL alone, without what is put round all parts."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from glocal_rdf.operations.serve_sparql import make_routes, open_store
from glocal_rdf.serve.http.refusals import RefusedError, write_refusal
from glocal_rdf.serve.parts import Limits, Serving, Snapshot
from glocal_rdf.serve.sparql.pool import StorePool
from glocal_rdf.triples.datasets import Dataset

SUITE = "http://kasei.us/2009/09/sparql/data/"
PEOPLE, ODD = "http://example.org/people", "http://example.org/odd/臺北"
TRIG = (
    """
@prefix : <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:taipei a :City ; skos:prefLabel "臺北市"@zh-Hant, "Taipei"@en-GB ; :since "0884"^^xsd:gYear ;
    :count "007"^^xsd:integer, "7"^^xsd:byte, "12.50"^^xsd:decimal, "1.0E3"^^xsd:double, "1"^^xsd:boolean ;
    :note "a \\"b\\" <c> & d\\te\\r\\nf" , "comma, semicolon; 'x'" ; :twin :kaohsiung .
:kaohsiung a :City ; skos:prefLabel "高雄"@zh-Hant ; :twin :taipei ; :at [ :lat 22.6 ] .
"""
    + "".join(f":n{at} :next :n{(at * 7 + 1) % 500} ; :value {at} .\n" for at in range(500))
    + f"""
<{PEOPLE}> {{ :ann :knows :bob . :bob :knows :cat . :ann :age 30 . }}
<{ODD}> {{ :x :y :z . }}
<{SUITE}data0.rdf> {{ <{SUITE}data0.rdf> a :Document . }}
"""
    + "".join(f"<{SUITE}data{n}.rdf> {{ <{SUITE}data{n}.rdf> a :Document . }}\n" for n in (1, 2, 3))
)
LIMITS = replace(
    Limits(),
    timeout=1.5,
    concurrency=3,
    waiting=8,
    share=6,
    rows=5_000,
    answer_bytes=8 << 20,
    worker_memory=256 << 20,
)


@dataclass(frozen=True)
class Reply:
    """What was answered: status, headers with names in small letters, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Endpoint:
    """The endpoint that runs."""

    port: int
    store: StorePool
    loop: asyncio.AbstractEventLoop
    errors: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Reply:
        """Send a request as it is, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, target, body, given)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, named, answer.read())
        finally:
            connection.close()

    def ask(self, query: str, accept: str = "application/sparql-results+json", **headers: str) -> Reply:
        """Ask a query with GET."""
        return self.send("GET", f"/sparql?{urlencode({'query': query})}", Accept=accept, **headers)

    def post(self, query: str | bytes, **headers: str) -> Reply:
        """Ask a query with POST, as it is."""
        data = query.encode() if isinstance(query, str) else query
        return self.send("POST", "/sparql", data, Content_Type="application/sparql-query", **headers)

    def wait(self, job: Any) -> Any:
        """Wait for something that is done in the loop of the server."""
        return asyncio.run_coroutine_threadsafe(job, self.loop).result(30)


@contextlib.contextmanager
def run_endpoint(dataset: Dataset, limits: Limits = LIMITS) -> Iterator[Endpoint]:
    """Run an endpoint for a dataset until the block ends."""
    store = open_store(dataset, limits)
    modified = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    snapshot = Snapshot(
        built=None,
        pages=None,
        answers=None,
        store=store,
        version="v1",
        modified=modified,  # type: ignore[arg-type]
    )
    serving = Serving(
        current=lambda: snapshot,
        limits=limits,
        public=lambda request: f"http://{request.headers['host']}/",
        client=lambda request: request.headers.get("x-client", "one"),
    )
    errors: list[str] = []

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)
        headers, body = write_refusal(error, request.headers.get("accept"), "/")
        return Response(body, error.status, headers=headers)

    app = Starlette(routes=list(make_routes(serving)), exception_handlers={RefusedError: refuse})

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except RuntimeError as error:  # An answer that was begun and not finished: the connection is closed.
            errors.append(str(error.__cause__))
            raise

    server = uvicorn.Server(uvicorn.Config(guarded, port=0, log_level="critical", access_log=False, lifespan="off"))
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await store.open()
        await server.serve()
        await store.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < end
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Endpoint(port, store, loops[0], errors)
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def name_graph(iri: str) -> str:
    """Return the target of a request for a graph."""
    return f"/graphs?graph={quote(iri, safe='')}"
