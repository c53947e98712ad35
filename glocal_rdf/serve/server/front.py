"""The application that the server runs: what holds for every request, round the routes of all parts.

1. The request is checked (`policy`), its path is read, and a base path is taken off.
2. It gets a place (`places`), and what is served now is held for it until its answer has been sent.
3. Its part answers; what the part refuses becomes a line of reason, and what fails in it one line in the log.
4. The answer is finished (`answering`), and noted in the log: no address, no query, and no path that does not exist.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.serve.http.answering import Finisher, Send
from glocal_rdf.serve.http.bodies import Receive, bound_body
from glocal_rdf.serve.http.coding import Coder
from glocal_rdf.serve.http.places import Places
from glocal_rdf.serve.http.policy import Policy, read_headers, read_path
from glocal_rdf.serve.http.refusals import RefusedError, write_refusal
from glocal_rdf.serve.parts import Limits, Snapshot

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

__all__ = ["HEALTH", "LOG", "Current", "Front"]

LOG: Final = logging.getLogger("glocal_rdf.serve")
"""Where requests and events are noted."""

HEALTH: Final = "/health"
_PREFLIGHT: Final = {
    "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-headers": "Accept, Accept-Language, Content-Type, If-None-Match, If-Modified-Since, Range, "
    "Authorization, Mcp-Session-Id, Mcp-Protocol-Version, Last-Event-ID",
    "access-control-max-age": "86400",
    "allow": "GET, HEAD, POST, OPTIONS",
}


class Current:
    """What is served now: the newest snapshot, and the former ones until nobody is given an answer from them."""

    def __init__(self, snapshot: Snapshot, close: Callable[[Snapshot], object]) -> None:
        """Take the first snapshot, and what is called with one that nobody needs any more."""
        self._newest = snapshot
        self._close = close
        self._holders: dict[int, int] = {}
        self._held: ContextVar[Snapshot | None] = ContextVar("held", default=None)

    def __call__(self) -> Snapshot:
        """Return what the request in progress is answered from; the newest outside of a request."""
        return self._held.get() or self._newest

    @contextmanager
    def hold(self) -> Iterator[Snapshot]:
        """Hold the newest snapshot while the context lasts."""
        snapshot = self._newest
        self._holders[id(snapshot)] = self._holders.get(id(snapshot), 0) + 1
        token = self._held.set(snapshot)
        try:
            yield snapshot
        finally:
            self._held.reset(token)
            self._holders[id(snapshot)] -= 1
            if not self._holders[id(snapshot)]:
                del self._holders[id(snapshot)]
                if snapshot is not self._newest:
                    self._close(snapshot)

    def replace(self, snapshot: Snapshot) -> None:
        """Serve another snapshot from the next request on.

        Args:
            snapshot: The new one.
        """
        former, self._newest = self._newest, snapshot
        if former is not snapshot and id(former) not in self._holders:
            self._close(former)


class Front:
    """The application (ASGI), round the routes of all parts."""

    def __init__(self, current: Current, limits: Limits, policy: Policy) -> None:
        """Take what is served, the limits and the policy; the routes are given to `answer_with`."""
        self._current = current
        self._limits = limits
        self._policy = policy
        self._places = Places(limits.waiting, limits.share)
        self._coder = Coder()
        self._app: ASGIApp | None = None

    def answer_with(self, app: ASGIApp) -> None:
        """Take the routes of all parts.

        Args:
            app: The application that has them.
        """
        self._app = app

    def find_address(self, request: Request) -> str:
        """Return the public address of the server for a request, ending in `/`.

        Args:
            request: The request.
        """
        return str(request.scope["glocal.address"])

    def find_client(self, request: Request) -> str:
        """Return what tells the client of a request from others.

        Args:
            request: The request.
        """
        return str(request.scope["glocal.client"])

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        if scope["type"] != "http":
            return
        begun = time.perf_counter()
        method = scope["method"]
        asked: Mapping[bytes, bytes] = {}
        finisher = Finisher(send, method, asked, self._coder, public=self._policy.public)
        try:
            asked = read_headers(scope)
            finisher = Finisher(send, method, asked, self._coder, public=self._policy.public)
            await self._answer(scope, receive, finisher, asked)
        except RefusedError as error:
            await self._refuse(scope, finisher, asked, error)
        except Exception as error:  # Whatever fails in a part ends one request, and is one line in the log.
            LOG.error("%s failed: %s: %s", method, type(error).__name__, _one_line(error))
            LOG.debug("the traceback:", exc_info=error)
            if finisher.begun:
                raise ConnectionAbortedError from None  # The client sees that the answer is not whole.
            await self._refuse(scope, finisher, asked, RefusedError(500, "something failed here; it has been noted"))
        finally:
            seconds = time.perf_counter() - begun
            # What does not exist may be anything that somebody typed: it is not written down.
            path = scope["path"] if finisher.status in (200, 206, 303, 304) else "-"
            level = logging.DEBUG if path == HEALTH else logging.INFO
            LOG.log(level, "%s %s %d %d bytes %.1f ms", method, path, finisher.status, finisher.sent, seconds * 1000)

    async def _answer(
        self, scope: MutableMapping[str, Any], receive: Receive, finisher: Finisher, asked: Mapping[bytes, bytes]
    ) -> None:
        if scope["path"] == HEALTH and scope["method"] in ("GET", "HEAD"):
            await _send_text(finisher, 200, b"ok\n")
            return
        self._policy.check(scope["method"], asked)
        scope["path"] = self._strip_base(read_path(scope.get("raw_path") or scope["path"].encode()))
        scope["root_path"] = ""
        scope["glocal.address"] = self._policy.find_address(scope, asked)
        scope["glocal.client"] = self._policy.find_client(scope, asked)
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in asked and b"origin" in asked:
            headers = [(name.encode(), value.encode()) for name, value in _PREFLIGHT.items()]
            await finisher.send({"type": "http.response.start", "status": 204, "headers": headers})
            await finisher.send({"type": "http.response.body"})
            return
        bounded = bound_body(
            receive, self._limits.request_bytes, self._limits.body_seconds, asked.get(b"content-length")
        )
        with self._places.take(scope["glocal.client"]) as place, self._current.hold():
            finisher.on_begin = place.begin_answer
            if self._app is None:
                raise RefusedError(503, "the server is starting; ask again in a moment", retry_after=2)
            await self._app(scope, bounded, finisher.send)

    def _strip_base(self, path: str) -> str:
        base = self._policy.base_path
        if not base:
            return path
        if path == base:
            raise RefusedError(308, "the address ends in a slash", {"Location": f"{base}/"})
        if not path.startswith(f"{base}/"):
            raise RefusedError(404, "there is nothing at this address")
        return path[len(base) :]

    async def _refuse(
        self,
        scope: Mapping[str, Any],
        finisher: Finisher,
        asked: Mapping[bytes, bytes],
        error: RefusedError,
    ) -> None:
        if finisher.begun:
            raise ConnectionAbortedError from None
        accept = asked.get(b"accept")
        home = scope.get("glocal.address") or f"{self._policy.base_path}/"
        headers, body = write_refusal(error, accept.decode("latin-1") if accept else None, str(home))
        raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        await finisher.send({"type": "http.response.start", "status": error.status, "headers": raw})
        await finisher.send({"type": "http.response.body", "body": body})


async def _send_text(finisher: Finisher, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await finisher.send({"type": "http.response.start", "status": status, "headers": headers})
    await finisher.send({"type": "http.response.body", "body": body})


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
