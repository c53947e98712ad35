"""A server for the tests of what holds for all parts: few pages, small limits, and routes that misbehave."""

from __future__ import annotations

import asyncio
import http.client
import logging
import socket
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from glocal_rdf.serve.http.documents import make_documents
from glocal_rdf.serve.http.pages import Served, Target
from glocal_rdf.serve.http.policy import Policy
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.parts import Limits, Serving, Snapshot
from glocal_rdf.serve.server.front import LOG, Current, Front
from glocal_rdf.serve.server.running import Server, listen, run

LIMITS = Limits(
    share=4,
    waiting=6,
    request_bytes=10_000,
    url_bytes=2_000,
    header_bytes=6_000,
    header_seconds=0.4,
    body_seconds=0.4,
    idle_seconds=1,
    connections=40,
)
PAGE = b"<!DOCTYPE html><title>Taipei</title>" + b"<p>city</p>" * 200
FILES = {
    "index.html": b"<!DOCTYPE html><title>Home</title>",
    "index.zh-Hant.html": "<!DOCTYPE html><title>首頁</title>".encode(),
    "404.html": b"<!DOCTYPE html><title>This page does not exist</title>",
    "doc/place/taipei.html": PAGE,
    "doc/place/taipei.zh-Hant.html": PAGE + "臺北".encode(),
    "doc/place/taipei.ttl": b"<a> <b> <c> .\n" * 300,
    "doc/place/taipei.nt": b"<urn:a> <urn:b> <urn:c> .\n",
    "doc/place/台北.html": b"<!DOCTYPE html><title>x</title>",
    "doc/place/old.html": b"<!DOCTYPE html><title>withdrawn</title>",
    "data/index.html": b"<!DOCTYPE html><title>Data</title>",
    "data/tables/places.csv": b"a,b\r\n1,2\r\n",
    "data/all.ttl.gz": bytes(range(256)) * 40,
    "assets/worker.js": b"1",
    "assets/icon.svg": b"<svg/>",
    ".well-known/void": b"<a> a <b> .",
    "releases/1.0/all.nt": b"<urn:a> <urn:b> <urn:c> .\n",
}
STEM = "https://w3id.example/set/"
THINGS = {
    f"{STEM}id/place/taipei": Target("doc/place/taipei", lacking=("jsonld", "rdf")),
    f"{STEM}id/place/台北": Target("doc/place/台北"),
    f"{STEM}id/claim/1": Target("doc/place/taipei", "claim-1", page_only=True),
    f"{STEM}id/place/old": Target("doc/place/old", gone=True),
    f"{STEM}id/place/taihoku": Target("doc/place/taihoku", moved=f"{STEM}id/place/taipei"),
    f"{STEM}ontology": Target("ontology/index"),
}


@dataclass
class FixedPages:
    """Pages that are there from the start."""

    files: Mapping[str, bytes] = field(default_factory=lambda: FILES)
    languages: tuple[str, ...] = ("en", "zh-Hant")
    formats: Mapping[str, str] = field(
        default_factory=lambda: {
            "text/turtle": "ttl",
            "application/n-triples": "nt",
            "application/ld+json": "jsonld",
            "application/rdf+xml": "rdf",
        }
    )
    closed: bool = False

    async def prepare(self) -> None:
        assert not self.closed

    def name_iris(self, address: str, path: str) -> Sequence[str]:
        return [address + path, STEM + path, STEM + quote(path)]

    async def resolve(self, iri: str) -> Target | None:
        return THINGS.get(iri)

    async def read(self, path: str) -> Served | None:
        content = self.files.get(path)
        if content is None:
            return None
        about = f"{STEM}id/{path.split('.', maxsplit=1)[0].removeprefix('doc/')}" if path.startswith("doc/") else ""
        return Served(
            content,
            f"v{len(content)}",
            lasting=path.startswith("releases/"),
            gone="old" in path,
            about=about,
            lacking=("jsonld", "rdf"),
        )

    async def close(self) -> None:
        self.closed = True


def make_snapshot(files: Mapping[str, bytes] = FILES) -> Snapshot:
    """Make what is served."""
    nothing: Any = None
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return Snapshot(built=None, pages=FixedPages(files), answers=nothing, store=nothing, version="1", modified=moment)


async def _sleep(request: Request) -> Response:
    await asyncio.sleep(float(request.query_params.get("for", "1")))
    return PlainTextResponse("slept")


async def _echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _fail(_request: Request) -> Response:
    raise ValueError("/secret/path of a machine")


async def _refuse(_request: Request) -> Response:
    raise RefusedError(503, "come back", retry_after=7)


async def _stream(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(50):
            yield b"%d," % number * 100

    return StreamingResponse(parts(), media_type="text/csv")


async def _break(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        raise ValueError("after the first part")

    return StreamingResponse(parts(), media_type="text/plain")


async def _fill(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(2000):
            yield bytes(100_000)

    return StreamingResponse(parts(), media_type="application/octet-stream")


ROUTES = [
    Route("/sleep", _sleep),
    Route("/echo", _echo, methods=["POST"]),
    Route("/fail", _fail),
    Route("/refuse", _refuse),
    Route("/stream", _stream),
    Route("/break", _break),
    Route("/fill", _fill),
]


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Running:
    """A server that runs in a thread."""

    port: int
    current: Current
    lines: list[str]
    closed: list[Snapshot]

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Ask for something; headers have `_` for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=named)
            answer = connection.getresponse()
            values: dict[str, str] = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, values, answer.read())

    def send(self, data: bytes, *, seconds: float = 5) -> bytes:
        """Send bytes, and return all that comes until the connection ends or nothing comes any more."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as sock:
            found = b""
            try:
                sock.sendall(data)
                while part := sock.recv(65_536):
                    found += part
            except OSError:
                pass
            return found


def start(policy: Policy, limits: Limits = LIMITS, snapshot: Snapshot | None = None) -> tuple[Running, Server, Any]:
    """Start a server in a thread."""
    sock = listen("127.0.0.1", 0)
    closed: list[Snapshot] = []
    current = Current(snapshot or make_snapshot(), closed.append)
    lines = Lines()
    LOG.addHandler(lines)
    LOG.setLevel(logging.INFO)
    ready = threading.Event()
    servers: list[Server] = []

    @asynccontextmanager
    async def opening() -> AsyncIterator[Front]:
        front = Front(current, limits, policy)
        serving = Serving(current=current, limits=limits, public=front.find_address, client=front.find_client)
        front.answer_with(Router([*ROUTES, *make_documents(serving)], redirect_slashes=False))
        yield front

    def note(server: Server) -> None:
        servers.append(server)
        ready.set()

    port = sock.getsockname()[1]
    thread = threading.Thread(target=run, args=(opening, sock, limits), kwargs={"started": note}, daemon=True)
    thread.start()
    assert ready.wait(20)
    return Running(port, current, lines.lines, closed), servers[0], thread
