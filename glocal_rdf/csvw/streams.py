"""Reads bytes in pieces: any encoding as UTF-8, cut where records end.

Pieces are checked as they come (encoding, NUL bytes, records without end), so that a hostile file is refused when the
first wrong byte is read, and never held whole.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, Final

from glocal_rdf.csvw.description import Dialect
from glocal_rdf.csvw.findings import Findings

MAX_RECORD: Final = 16 << 20
_PIECE: Final = 4 << 20
_HEAD: Final = 1 << 20


def read_chunks(stream: BinaryIO, dialect: Dialect, findings: Findings, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield chunks of about a size that end where a record ends, each with the number of its first line."""
    ender = b"\n" if "\n" in "".join(dialect.line_terminators) else dialect.line_terminators[0].encode()
    quote = (dialect.quote or "").encode()
    line, held = 1, bytearray()
    for piece in _as_utf8(stream, dialect.encoding, findings, min(size, _PIECE)):
        if b"\0" in piece:
            at = held + piece
            findings.stop("", "has a NUL byte: it is no text", line=line + at[: at.index(0)].count(b"\n"))
        held += piece
        if len(held) < size:
            continue
        stop = _record_end(held, ender, quote)
        if not stop:
            if len(held) > size + MAX_RECORD:
                what = f"a record is longer than {MAX_RECORD >> 20} MiB: is a quotation mark left open?"
                findings.stop("", what, line=line)
            continue
        chunk = bytes(held[:stop])
        del held[:stop]
        yield chunk, line
        line += chunk.count(b"\n")
    if held:
        yield bytes(held), line


def _record_end(held: bytearray, ender: bytes, quote: bytes) -> int:
    """Return where the last record ends: after a line's end outside quotes; 0 if there is none."""
    stop = held.rfind(ender)
    if stop < 0:
        return 0
    if not quote:
        return stop + len(ender)
    odd = held.count(quote, 0, stop) % 2
    while odd:
        mark = held.rfind(quote, 0, stop)
        before = held.rfind(ender, 0, mark)
        if before < 0:
            return 0
        odd ^= held.count(quote, before, stop) % 2
        stop = before
    return stop + len(ender)


def _as_utf8(stream: BinaryIO, encoding: str, findings: Findings, size: int) -> Iterator[bytes]:
    """Yield the stream as UTF-8 without a byte-order mark; stop at the first byte that is none of the encoding."""
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError):
        findings.stop("", f"the encoding {encoding!r} is unknown", 'name one as "utf-8"')
    piece = stream.read(max(size, 4))
    is_utf8 = info.name == "utf-8"
    if is_utf8 and piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        findings.stop(
            "", "starts with a UTF-16 byte-order mark", 'save it as UTF-8, or set "encoding": "utf-16"', line=1
        )
    at, line = 0, 1
    if is_utf8 and piece.startswith(codecs.BOM_UTF8):
        piece, at = piece.removeprefix(codecs.BOM_UTF8), len(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder(info.name)()
    while True:
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            before = bytes(error.object[: error.start])
            byte, where = error.object[error.start], at - len(error.object) + len(piece) + error.start + 1
            what = f"byte {where} (0x{byte:02x}) is not {info.name.upper()}"
            mend = 'save it as UTF-8, or name its "encoding" in the dialect'
            findings.stop("", what, mend, line=line + before.count(b"\n"))
        yield piece if is_utf8 else text.removeprefix("\ufeff").encode() if at == 0 else text.encode()
        if not piece:
            return
        at += len(piece)
        line += piece.count(b"\n")
        piece = stream.read(size)


def leading_text(data: bytes, findings: Findings) -> str:
    """Return enough of the text for any header, cut at a line's end."""
    if len(data) <= _HEAD:
        return data.decode()
    stop = data.rfind(b"\n", 0, _HEAD)
    if stop < 0:
        findings.stop("", f"has no line's end in its first {_HEAD >> 20} MiB: it is no table", line=1)
    return data[: stop + 1].decode()
