"""The route of the Model Context Protocol over HTTP (streamable HTTP): each request is answered by itself, in JSON.

There is no session, and no stream that stays open. The SDK takes a second to import, which the first request waits for.
A web page of another origin may ask only where the server is public, which `http` decides for all parts alike, by
Origin and Host.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.serve.api.threads import Threads
from glocal_rdf.serve.parts import Serving

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from glocal_rdf.serve.mcp.server import Asked

__all__ = ["make_routes"]

_ASKED: Final[ContextVar[Asked]] = ContextVar("asked")
_ALLOW: Final = "POST, OPTIONS"
_ALL: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def make_routes(serving: Serving, threads: Threads) -> list[BaseRoute]:
    """Return the route `/mcp`.

    Args:
        serving: What every part is given; what runs beside the requests is added to it.
        threads: What answers are computed in.
    """
    endpoint = _Endpoint(serving, threads)
    serving.beside.append(endpoint.run)
    return [Route("/mcp", endpoint, methods=[*_ALL], name="mcp")]


class _Endpoint:
    """Answers POST by the SDK; streams and sessions, which other methods are for, are not offered."""

    def __init__(self, serving: Serving, threads: Threads) -> None:
        self._serving = serving
        self._threads = threads
        self._opening = asyncio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None
        self._running: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Have the SDK run beside the requests, from the first one on."""
        try:
            yield
        finally:
            self._stop.set()
            if self._running is not None:
                await self._running

    async def _open(self) -> StreamableHTTPSessionManager:
        """Return what the SDK answers by; it is started where it does not run yet."""
        async with self._opening:
            if self._manager is None:
                manager = await asyncio.to_thread(self._make)
                started = asyncio.Event()
                # It outlives the request, and holds nothing of it.
                self._running = asyncio.get_running_loop().create_task(
                    self._hold(manager, started), context=contextvars.Context()
                )
                await started.wait()
                self._manager = manager
        return self._manager

    def _make(self) -> StreamableHTTPSessionManager:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415 - slow to import

        from glocal_rdf.serve.mcp.server import make_server  # noqa: PLC0415

        return StreamableHTTPSessionManager(
            make_server(_ASKED.get, self._threads),
            json_response=True,
            stateless=True,
            max_request_body_size=self._serving.limits.request_bytes,
        )

    async def _hold(self, manager: StreamableHTTPSessionManager, started: asyncio.Event) -> None:
        async with manager.run():
            started.set()
            await self._stop.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        request = Request(scope, receive)
        if request.method == "OPTIONS":
            await Response(status_code=204, headers={"Allow": _ALLOW})(scope, receive, send)
            return
        if request.method != "POST":
            allow = {"Allow": _ALLOW}
            problem = ProblemError("wrong-method", "send messages by POST; no stream is offered", headers=allow)
            await problem.respond(f"{self._serving.public(request)}api/")(scope, receive, send)
            return
        manager = await self._open()
        from glocal_rdf.serve.mcp.server import Asked  # noqa: PLC0415 - imported by now

        snapshot = self._serving.current()
        token = _ASKED.set(Asked(snapshot.answers, snapshot.store, self._serving.client(request)))
        try:
            await manager.asgi_app(scope, receive, send)
        finally:
            _ASKED.reset(token)
