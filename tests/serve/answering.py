"""A server of answers in memory: the routes of the part, asked by Starlette's client, as a proxy would ask them."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient

from glocal_rdf.dataset import Build
from glocal_rdf.operations.serve_answers import make_routes
from glocal_rdf.serve.api.answers import Answers
from glocal_rdf.serve.parts import Limits, Serving, Snapshot

PUBLIC = "https://data.example/graph/"


def make_serving(
    answers: Answers, built: Build | None = None, limits: Limits | None = None, store: Any = None
) -> Serving:
    """What the part is given: a snapshot without pages."""
    snapshot = Snapshot(
        built=built,
        pages=cast("Any", None),
        answers=answers,
        store=store,
        version="1",
        modified=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Serving(
        current=lambda: snapshot,
        limits=limits or Limits(),
        public=lambda _request: PUBLIC,
        client=lambda request: request.headers.get("x-client", "one"),
    )


@contextmanager
def open_client(
    answers: Answers, built: Build | None = None, limits: Limits | None = None, store: Any = None
) -> Iterator[TestClient]:
    """A client of a server with the routes; redirects are not followed."""
    app = Starlette(routes=list(make_routes(make_serving(answers, built, limits, store))))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def listen(
    routes: list[Any], beside: Sequence[Callable[[], AbstractAsyncContextManager[object]]] = ()
) -> Iterator[str]:
    """A real server on loopback with some routes, and what runs beside them; gives its address."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for enter in beside:
                await stack.enter_async_context(enter())
            yield

    app = Starlette(routes=routes, lifespan=lifespan)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="on", loop="asyncio")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    for _ in range(500):
        if server.started:
            break
        waiting.wait(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(20)
