"""One connection: what the server's own protocol leaves open about slow, large and malformed requests.

1. The headers of a request come within a time limit and have so many bytes; a target that is too long is refused.
2. A client that does not read an answer, or that sends on after it, is not waited for.
3. There are so many connections at once, and so many of one client.
4. Whatever is not HTTP is refused in one line. Where the answer to a former request is still being sent, nothing is
   sent into it, and the connection ends after it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from glocal_rdf.serve.parts import Limits

__all__ = ["make_protocol"]

_SEND_SECONDS: Final = 30.0
"""How long a client may read nothing of an answer that waits for it."""

_CHUNK: Final = 256 << 10
"""How many bytes may come at once, of the body or of the next request too."""

_MAX_PIPELINED: Final = 8
"""How many requests of one connection may wait for the answers before theirs."""


_NOT_HTTP: Final = "this is not HTTP as it is read here; percent-encode what an address has beyond ASCII"


class _RefusedHeadError(Exception):
    """The head of a request is refused."""


class Connection(HttpToolsProtocol):
    """A connection with limits."""

    limits: ClassVar[Limits]
    most_of_one: ClassVar[int]
    clients: ClassVar[Counter[str]]

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin as the server's own protocol does."""
        super().__init__(*args, **options)
        self._received = 0
        self._head_size = 0
        self._in_head = True
        self._whole = True
        self._refusal: tuple[int, str] | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._send_timer: asyncio.TimerHandle | None = None
        self._counted = ""
        self._active: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection, and begin to wait for a request."""
        super().connection_made(transport)
        self._counted = self.client[0] if self.client else "-"
        self.clients[self._counted] += 1
        if len(self.connections) > self.limits.connections or self.clients[self._counted] > self.most_of_one:
            self._refusal = (503, "too many connections; ask again in a moment")
            self.send_400_response("")
            return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        for timer in (self._head_timer, self._send_timer):
            if timer is not None:
                timer.cancel()
        self.clients[self._counted] -= 1
        if self.clients[self._counted] <= 0:
            del self.clients[self._counted]
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.limits.header_seconds, self._end_slow)

    def _end_slow(self) -> None:
        self._head_timer = None
        if self._received and not self.transport.is_closing():
            self._refusal = (408, "the request did not come in time")
            self.send_400_response("")
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Read some bytes of requests."""
        if self.transport.is_closing():
            return
        if self._in_head:
            self._received += len(data)
            self._wait_for_head()
        super().data_received(data)
        # What is counted here has no end yet: `on_header` counts what a request with an end has.
        if self._in_head and self._received > self.limits.header_bytes + _CHUNK:
            self._refusal = (431, "the headers are too large") if self.headers else (414, "the address is too long")
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head, self._whole, self._head_size = True, False, 0
        self._wait_for_head()

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        super().on_url(url)
        if len(self.url) > self.limits.url_bytes:
            self._refuse_head(414, "the address is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._head_size += len(name) + len(value) + 4
        if self._head_size + len(self.url) > self.limits.header_bytes:
            self._refuse_head(431, "the headers are too large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer a request, whose headers are there."""
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self.parser.get_http_version() not in ("1.0", "1.1"):
            self._refuse_head(505, "this version of HTTP is not spoken here; use 1.1")
        if len(self.pipeline) >= _MAX_PIPELINED:
            self._refuse_head(503, "too many requests at once on one connection")
        if not self.url.startswith(b"/"):
            self._take_authority()
        self._in_head = False
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._active = cycle
        super()._start_asgi_task(cycle, app)

    def _take_authority(self) -> None:
        """Take the host from a target that is a whole address, as RFC 9112 (3.2.2) has it, and not from the header."""
        try:
            parts = urlsplit(self.url.decode("ascii"))
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in ("http", "https") or "@" in parts.netloc:
            self._refuse_head(400, "the target is not one that is answered here")
        name = f"[{host}]" if ":" in (host or "") else host
        named = f"{name}:{port}" if port else str(name)
        self.headers[:] = [pair for pair in self.headers if pair[0] != b"host"]
        self.headers.append((b"host", named.encode()))

    def _refuse_head(self, status: int, reason: str) -> None:
        self._refusal = (status, reason)
        raise _RefusedHeadError

    def on_message_complete(self) -> None:
        """Have the whole of a request."""
        super().on_message_complete()
        self._whole, self._in_head, self._received = True, True, 0

    def on_response_complete(self) -> None:
        """Go on after an answer; whoever has not sent the whole request is not waited for."""
        if not self._whole and not self._in_head:
            self.transport.close()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait for a client that reads slowly, for some time."""
        super().pause_writing()
        if self._send_timer is None:
            self._send_timer = self.loop.call_later(_SEND_SECONDS, self._end_unread)

    def resume_writing(self) -> None:
        """Go on, as the client has read."""
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None
        super().resume_writing()

    def _end_unread(self) -> None:
        self._send_timer = None
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the reason is ours
        """Refuse what is not a request that is answered, and end the connection.

        Args:
            msg: What the server's own protocol would send.
        """
        status, reason = self._refusal or (400, _NOT_HTTP)
        if self.transport.is_closing():
            return
        active = self._active
        if active is not None and not active.response_complete:
            self.pipeline.clear()
            if active.response_started or self._in_head or self._whole or active is not self.cycle:
                active.keep_alive = False  # It is answered, and then the connection ends.
                return
            active.disconnected = True
            active.message_event.set()
        line = f"{reason}\n".encode()
        head = [
            STATUS_LINE[status],
            b"content-type: text/plain; charset=utf-8\r\n",
            b"x-content-type-options: nosniff\r\n",
            b"retry-after: 2\r\n" if status == 503 else b"",
            b"content-length: %d\r\nconnection: close\r\n\r\n" % len(line),
        ]
        self.transport.write(b"".join(head) + line)
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Answer as if no other protocol were asked for."""


def make_protocol(limits: Limits, *, proxied: bool) -> type[Connection]:
    """Return the protocol of connections with some limits.

    Args:
        limits: The limits.
        proxied: Whether all connections are those of a proxy, which stands for many clients.
    """
    share = limits.connections if proxied else max(limits.connections // 4, 1)
    return type("LimitedConnection", (Connection,), {"limits": limits, "most_of_one": share, "clients": Counter()})
