"""Reads a stream in chunks: decoded to UTF-8, and cut where lines end.

Pieces are checked as they come (encoding, NUL bytes, records without end), so that a hostile file is refused when the
first wrong byte is read, and never held whole. A reader gives back a record at the end of a chunk that continues in the
next one, which then starts with it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NoReturn

from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.batches import FilePart
from glocal_rdf.csvw.tables.encodings import find_decoder
from glocal_rdf.csvw.tables.recognition import refuse_other_formats

__all__ = ["MAX_RECORD", "Chunk", "Chunks"]

MAX_RECORD: Final = 64 << 20
"""How many bytes one record may have, header and quoted line breaks included."""

_PIECE: Final = 4 << 20
_START: Final = 4 << 10


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that end where a line ends, the number of their first line, and whether nothing follows."""

    data: bytes
    line: int
    last: bool


@dataclass
class Chunks:
    """The chunks of one stream, of about `size` bytes each; `longest` is the most that a record may have.

    `within` is the part of a file that the stream holds, if it is not the start of one.
    """

    stream: BinaryIO
    dialect: Dialect
    problems: ProblemCollector
    size: int
    longest: int = MAX_RECORD
    within: FilePart | None = None

    def __post_init__(self) -> None:
        self._pieces = _as_utf8(self.stream, self.dialect.encoding, self.problems, min(self.size, _PIECE), self.within)
        self._enders = [e.encode() for e in sorted(self.dialect.line_terminators, key=len, reverse=True)]
        self._held: list[bytes] = []
        self._size = 0
        self._line = self.within.line if self.within else 1
        self._given_back = 0
        self._exhausted = False

    def take(self) -> Chunk | None:
        """Return the next chunk, or None at the end.

        Raises:
            TableError: For bytes that are not text of the encoding.
        """
        least = max(self.size, 2 * self._given_back)
        while not self._exhausted:
            if self._size >= least:
                held = self._joined()
                stop = self._line_end(held)
                if stop > self._given_back:
                    self._hold(held[stop:])
                    chunk = Chunk(held[:stop], self._line, last=False)
                    self._line += self.count_lines(chunk.data)
                    return chunk
                if len(held) > self.longest:
                    self.fail_at_length(self._line)
                least = min(2 * len(held), self.longest + 1)
            piece = next(self._pieces, None)
            if piece is None:
                self._exhausted = True
                break
            if b"\0" in piece:
                before = self._joined() + piece[: piece.index(0)]
                where = self._line + self.count_lines(before)
                self.problems.fail("", "has a NUL byte: it is not text", line=where)
            self._held.append(piece)
            self._size += len(piece)
        if not self._size:
            return None
        held = self._joined()
        self._hold(b"")
        return Chunk(held, self._line, last=True)

    def give_back(self, data: bytes, line: int) -> None:
        """Return the end of the last chunk to the stream, from a line on: the start of a record that continues."""
        if len(data) > self.longest:
            self.fail_at_length(line)
        self._held.insert(0, data)
        self._size += len(data)
        self._given_back, self._line = len(data), line

    def _joined(self) -> bytes:
        if len(self._held) != 1:
            self._held = [b"".join(self._held)]
        return self._held[0]

    def _hold(self, data: bytes) -> None:
        self._held, self._size, self._given_back = [data], len(data), 0

    def fail_at_length(self, line: int) -> NoReturn:
        """Stop at a record that is longer than the limit.

        Raises:
            TableError: Always.
        """
        size = f"{self.longest >> 20} MiB" if self.longest >= 1 << 20 else f"{self.longest} bytes"
        hint = "close its quotation mark, or end its lines with LF"
        self.problems.fail("", f"has a record that is longer than {size}", hint, line=line)

    def count_lines(self, data: bytes) -> int:
        """Return how many lines end in some bytes."""
        if set(self._enders) <= {b"\r\n", b"\n"} and b"\n" in self._enders:
            return data.count(b"\n")
        count = 0
        for ender in self._enders:
            count += data.count(ender)
            data = data.replace(ender, b"")
        return count

    def _line_end(self, held: bytes) -> int:
        """Return where the last line of what is held ends, or 0."""
        best = 0
        for ender in self._enders:
            at = held.rfind(ender)
            # At the very end, a terminator may be the start of a longer one.
            longer = any(e.startswith(ender) and e != ender for e in self._enders)
            if longer and at >= 0 and at + len(ender) == len(held):
                at = held.rfind(ender, 0, at)
            if at >= 0:
                best = max(best, at + len(ender))
        return best


def _as_utf8(
    stream: BinaryIO, encoding: str, problems: ProblemCollector, size: int, within: FilePart | None
) -> Iterator[bytes]:
    """Yield the stream as UTF-8 without a byte-order mark.

    Raises:
        TableError: At a byte that is not of the encoding.
    """
    if within is not None:
        yield from _check_utf8(stream, problems, size, within)
        return
    pieces = _read(stream, max(size, 4), problems)
    piece = next(pieces)
    found = find_decoder(encoding, piece)
    if found is None:
        problems.fail("", f"the encoding {encoding!r} is unknown", 'name one as "utf-8"')
    name, decoder = found
    is_utf8 = name == "utf-8"
    if is_utf8 and piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.fail(
            "", "starts with a UTF-16 byte-order mark", 'save it as UTF-8, or set "encoding": "utf-16"', line=1
        )
    at, line = 0, 1
    if is_utf8 and piece.startswith(codecs.BOM_UTF8):
        piece, at = piece.removeprefix(codecs.BOM_UTF8), len(codecs.BOM_UTF8)
    while True:
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            before = bytes(error.object[: error.start])
            byte, where = error.object[error.start], at - len(error.object) + len(piece) + error.start + 1
            what = f"byte {where} (0x{byte:02x}) is not {name.upper()}"
            hint = 'save it as UTF-8, or name its "encoding" in the dialect'
            problems.fail("", what, hint, line=line + before.count(b"\n"))
        yield piece if is_utf8 else text.removeprefix("\ufeff").encode() if at == 0 else text.encode()
        if not piece:
            return
        at += len(piece)
        line += piece.count(b"\n")
        piece = next(pieces)


def _check_utf8(stream: BinaryIO, problems: ProblemCollector, size: int, within: FilePart) -> Iterator[bytes]:
    """Yield a part of a file in UTF-8 that is not its start.

    Raises:
        TableError: At a byte that is not UTF-8.
    """
    decoder, at, line = codecs.getincrementaldecoder("utf-8")(), within.start, within.line
    while True:
        piece = stream.read(size)
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            byte, where = error.object[error.start], at - len(error.object) + len(piece) + error.start + 1
            hint = 'save it as UTF-8, or name its "encoding" in the dialect'
            before = bytes(error.object[: error.start]).count(b"\n")
            problems.fail("", f"byte {where} (0x{byte:02x}) is not UTF-8", hint, line=line + before)
        if not piece:
            return
        yield piece
        at += len(piece)
        line += piece.count(b"\n")


def _read(stream: BinaryIO, size: int, problems: ProblemCollector) -> Iterator[bytes]:
    """Yield the bytes of a stream, and none at its end; a pipe may return less than is requested."""
    start = stream.read(max(size, _START))
    while len(start) < _START and (more := stream.read(_START)):
        start += more
    refuse_other_formats(start, problems)
    yield from (start[at : at + size] for at in range(0, len(start), size))
    while piece := stream.read(size):
        yield piece
    yield b""
