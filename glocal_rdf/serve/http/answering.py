"""Finishes the answers of all parts: conditional requests, ranges, HEAD, content codings and the headers of all.

A part answers with 200 and, where it knows them, `ETag` and `Last-Modified`. If its body comes in one piece, it becomes
304, 206 or 416 here where the request says so. Bodies that come in pieces are sent as they come, packed with gzip.

https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from glocal_rdf.serve.http.coding import Coder, StreamCoder, choose_coding, is_packable, is_worth_packing

__all__ = ["Finisher", "Headers", "choose_policy"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = dict[bytes, bytes]

_RANGE: Final = re.compile(rb"bytes=(\d{0,15})-(\d{0,15})")
_KEPT_FOR_304: Final[tuple[bytes, ...]] = (
    b"cache-control",
    b"content-location",
    b"etag",
    b"expires",
    b"last-modified",
    b"link",
    b"vary",
)
_ALL: Final[Headers] = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"cross-origin-opener-policy": b"same-origin",
}
_PUBLIC: Final[Headers] = {
    b"access-control-allow-origin": b"*",
    b"access-control-expose-headers": b"Content-Location, ETag, Glocal-Truncated, "
    b"Last-Modified, Link, Retry-After, Mcp-Session-Id",
    b"cross-origin-resource-policy": b"cross-origin",
}
_PRIVATE: Final[Headers] = {b"cross-origin-resource-policy": b"same-origin"}
_FRAMES: Final = b"frame-ancestors 'none'"


def choose_policy(media_type: bytes) -> bytes:
    """Return the content security policy of what is sent: pages of HTML have one of their own, which is stricter.

    Args:
        media_type: The value of Content-Type.
    """
    name = media_type.partition(b";")[0].strip().lower()
    if name == b"text/html":
        return b"base-uri 'none'; object-src 'none'; form-action 'self'; " + _FRAMES
    if name in (b"text/javascript", b"application/javascript"):
        # A worker has the policy of its script.
        return b"default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; " + _FRAMES
    if name == b"image/svg+xml":
        return b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; " + _FRAMES
    return b"default-src 'none'; sandbox; " + _FRAMES


class Finisher:
    """Sends the answer to one request, as the request asks for it."""

    def __init__(self, send: Send, method: str, asked: Mapping[bytes, bytes], coder: Coder, *, public: bool) -> None:
        """Take where to send, and the request."""
        self._send = send
        self._head = method == "HEAD"
        self._readable = method in ("GET", "HEAD")
        self._asked = asked
        self._coder = coder
        self._public = public
        self._start: MutableMapping[str, Any] = {}
        self._headers: Headers = {}
        self._stream: StreamCoder | None = None
        self.status = 0
        self.sent = 0
        self.begun = False
        self.on_begin: Callable[[], None] = _do_nothing

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Take a message of a part (ASGI).

        Args:
            message: The message.
        """
        if message["type"] == "http.response.start":
            self._start = message
            self._headers = {}
            for name, value in message.get("headers", ()):
                low = bytes(name).lower()
                self._headers[low] = b", ".join((self._headers[low], value)) if low in self._headers else bytes(value)
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self.begun:
            await self._send_part(body, more)
        elif more:
            await self._begin_stream(body)
        else:
            await self._send_whole(bytes(body))

    async def _send_whole(self, body: bytes) -> None:
        status, headers = self._start["status"], self._headers
        etag = headers.get(b"etag", b"").decode("latin-1")
        if status == 200 and self._readable and self._is_known(etag):
            kept = {name: headers[name] for name in _KEPT_FOR_304 if name in headers}
            if is_packable(headers.get(b"content-type", b"").decode("latin-1")):
                kept[b"vary"] = _add_vary(kept.get(b"vary"))
            await self._begin(304, kept)
            await self._send_last(b"")
            return
        wanted = self._asked.get(b"range")
        if status == 200 and self._readable and wanted and etag and b"content-encoding" not in headers:
            if (part := _read_range(wanted, len(body))) is not None and self._may_be_part(etag):
                headers[b"accept-ranges"] = b"bytes"
                if not part:
                    headers[b"content-range"] = b"bytes */%d" % len(body)
                    status, body = 416, b""
                else:
                    headers[b"content-range"] = b"bytes %d-%d/%d" % (part[0], part[-1], len(body))
                    status, body = 206, body[part.start : part.stop]
        elif b"content-encoding" not in headers:
            body = await self._code(status, body, etag)
        if status not in (204, 304):
            headers[b"content-length"] = b"%d" % len(body)
        await self._begin(status, headers)
        await self._send_last(body)

    async def _code(self, status: int, body: bytes, etag: str) -> bytes:
        headers = self._headers
        if not is_worth_packing(body, headers.get(b"content-type", b"").decode("latin-1")):
            return body
        headers[b"vary"] = _add_vary(headers.get(b"vary"))
        coding = choose_coding(self._asked.get(b"accept-encoding"))
        if not coding:
            return body
        headers[b"content-encoding"] = coding.encode()
        if etag and not etag.startswith("W/"):
            headers[b"etag"] = f'{etag[:-1]}-{coding}"'.encode("latin-1")
        return await self._coder.pack(body, coding, etag if status == 200 else "")

    async def _begin_stream(self, body: bytes) -> None:
        headers = self._headers
        headers.pop(b"content-length", None)
        media_type = headers.get(b"content-type", b"").decode("latin-1")
        if is_packable(media_type) and b"content-encoding" not in headers and "event-stream" not in media_type:
            headers[b"vary"] = _add_vary(headers.get(b"vary"))
            if choose_coding(self._asked.get(b"accept-encoding"), ("gzip",)) and not self._head:
                headers[b"content-encoding"] = b"gzip"
                self._stream = StreamCoder()
        await self._begin(self._start["status"], headers)
        await self._send_part(body, True)

    async def _send_part(self, body: bytes, more: bool) -> None:
        if self._stream is not None:
            body = self._stream.pack(bytes(body), last=not more)
        self.sent += len(body)
        await self._send({"type": "http.response.body", "body": b"" if self._head else body, "more_body": more})

    async def _send_last(self, body: bytes) -> None:
        self.sent = 0 if self._head else len(body)
        await self._send({"type": "http.response.body", "body": b"" if self._head else body, "more_body": False})

    async def _begin(self, status: int, headers: Headers) -> None:
        self.begun, self.status = True, status
        self.on_begin()
        shared = {**_ALL, **(_PUBLIC if self._public else _PRIVATE)}
        if media_type := headers.get(b"content-type"):
            shared[b"content-security-policy"] = choose_policy(media_type)
        whole = {**shared, **headers}
        start = {"type": "http.response.start", "status": status, "headers": list(whole.items())}
        await self._send(start)

    def _is_known(self, etag: str) -> bool:
        """Return whether the client has what would be sent (RFC 9110, 13.2.2)."""
        if (known := self._asked.get(b"if-none-match")) is not None:
            if known.strip() == b"*":
                return True
            tags = re.findall(r'"[^"]*"', known.decode("latin-1"))
            return bool(etag) and _plain(etag) in map(_plain, tags)
        since, modified = self._asked.get(b"if-modified-since"), self._headers.get(b"last-modified")
        if since is None or modified is None:
            return False
        try:
            return parsedate_to_datetime(modified.decode()) <= parsedate_to_datetime(since.decode("latin-1"))
        except (TypeError, ValueError):
            return False

    def _may_be_part(self, etag: str) -> bool:
        """Return whether a part is sent by If-Range, which names what the client has."""
        known = self._asked.get(b"if-range")
        if known is None:
            return True
        return known.decode("latin-1") == etag or known == self._headers.get(b"last-modified")


def _do_nothing() -> None:
    return


def _plain(etag: str) -> str:
    """Return an entity tag without the mark of a coding, or of being weak."""
    return re.sub(r"-(?:zstd|br|gzip)$", "", etag.removeprefix("W/").strip('"'))


def _add_vary(value: bytes | None) -> bytes:
    if not value:
        return b"Accept-Encoding"
    return value if b"accept-encoding" in value.lower() else value + b", Accept-Encoding"


def _read_range(value: bytes, size: int) -> range | None:
    """Return the one range that is asked for; an empty one where none of it is there, None for what is not one.

    Several ranges at once are answered with the whole, as RFC 9110 allows: they are used to multiply what is sent.
    """
    found = _RANGE.fullmatch(value.strip())
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        last = int(found[2])
        return range(max(size - last, 0), size) if last and size else range(0)
    first, end = int(found[1]), int(found[2]) + 1 if found[2] else size
    if found[2] and end <= first:
        return None
    return range(first, min(end, size)) if first < size else range(0)
