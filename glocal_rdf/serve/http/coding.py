"""Content codings: which one a client gets, and the bytes in it, which are kept as long as there is room.

Of those that a client accepts alike, the one that costs least comes first. What is small, or packed already, is sent as
it is.

https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
"""

from __future__ import annotations

import asyncio
import zlib
from collections import OrderedDict
from typing import Final

from glocal_rdf.serve.http.negotiation import read_qualities

__all__ = ["CODINGS", "Coder", "StreamCoder", "choose_coding", "is_packable", "is_worth_packing"]

CODINGS: Final = ("zstd", "br", "gzip")
"""The codings that are offered, that which costs least first."""

_LEAST: Final = 700
"""From how many bytes on a body is packed: what fits a packet with its headers gains nothing."""

_LARGE: Final = 200_000
"""From how many bytes on a body is packed in a thread, so that others do not wait."""

_PACKABLE: Final = frozenset(
    f"application/{name}"
    for name in ("javascript", "json", "n-triples", "n-quads", "trig", "xml", "yaml", "wasm", "sparql-query")
)
_SUFFIXES: Final = ("+json", "+xml")


def is_packable(media_type: str) -> bool:
    """Return whether bytes of a media type become fewer by a coding.

    Args:
        media_type: The value of Content-Type.
    """
    name = media_type.partition(";")[0].strip().lower()
    return name.startswith("text/") or name in _PACKABLE or name.endswith(_SUFFIXES)


def choose_coding(accept: bytes | None, offers: tuple[str, ...] = CODINGS) -> str:
    """Choose a content coding; empty for none.

    Args:
        accept: The value of Accept-Encoding; None where it was not sent.
        offers: The codings that there are.

    Examples:
        >>> choose_coding(b"gzip, br;q=0.5"), choose_coding(b"*"), choose_coding(None)
        ('gzip', 'zstd', '')
    """
    if not accept:
        return ""
    qualities = read_qualities(accept.decode("latin-1"))
    other = qualities.get("*", 0.0)
    known = {name: qualities.get(name, qualities.get(f"x-{name}", other)) for name in offers}
    best = max(offers, key=lambda name: known[name])
    plain = qualities.get("identity", 0.0)
    return best if known[best] > 0 and known[best] >= plain else ""


class Coder:
    """Packs bodies, and keeps them in memory by what tells them apart, the least recently used ones not."""

    def __init__(self, most: int = 64 << 20) -> None:
        """Take how many bytes are kept."""
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    async def pack(self, body: bytes, coding: str, etag: str = "") -> bytes:
        """Return a body in a coding.

        Args:
            body: The body.
            coding: The coding, one of `CODINGS`.
            etag: What tells it from all other bodies; empty where it is not to be kept.
        """
        key = (etag, coding)
        if etag and (found := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return found
        packed = await asyncio.to_thread(_pack, body, coding) if len(body) > _LARGE else _pack(body, coding)
        if etag and len(packed) < self._most // 4 and key not in self._kept:
            self._kept[key] = packed
            self._size += len(packed)
            while self._size > self._most:
                self._size -= len(self._kept.popitem(last=False)[1])
        return packed


def is_worth_packing(body: bytes, media_type: str) -> bool:
    """Return whether a whole body is packed where the client accepts it.

    Args:
        body: The body.
        media_type: The value of Content-Type.
    """
    return len(body) >= _LEAST and is_packable(media_type)


def _pack(body: bytes, coding: str) -> bytes:
    if coding == "zstd":
        import zstandard  # noqa: PLC0415 - only where a client asks for it

        return zstandard.ZstdCompressor(level=5).compress(body)
    if coding == "br":
        import brotli  # noqa: PLC0415 - only where a client asks for it

        return bytes(brotli.compress(body, quality=5))
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


class StreamCoder:
    """Packs a body that comes in parts with gzip, each part as soon as it is there."""

    def __init__(self) -> None:
        """Begin a body."""
        self._packer = zlib.compressobj(4, zlib.DEFLATED, 31)

    def pack(self, part: bytes, *, last: bool) -> bytes:
        """Return the bytes of a part.

        Args:
            part: The part.
            last: Whether none follows.
        """
        packed = self._packer.compress(part) if part else b""
        return packed + self._packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)
