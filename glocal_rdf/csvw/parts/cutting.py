"""Cuts a delimited file into parts that begin where records do, by looking at blocks of it in any order.

Whether a line begins a record depends on the quotation marks before it. So each block is looked at twice: as if it
began outside a cell in quotes, and as if it began inside one. What the blocks report is then put together in order:

1. `scan_block` returns for both cases whether the block ends inside a cell, and the first line that a part can begin
   with: one that begins a record, and is neither blank nor a comment.
2. `choose_parts` follows the cases from block to block, and returns the parts with the numbers of their lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.tables.batches import FilePart
from glocal_rdf.csvw.tables.chunk_parsers import is_simple
from glocal_rdf.csvw.tables.encodings import codec_name
from glocal_rdf.csvw.tables.records import Shapes, follow_quotes, split_lines

__all__ = ["Block", "choose_parts", "is_cuttable", "scan_block"]

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Block:
    """What a block of whole lines reports, in two cases: it begins outside a cell in quotes, or inside one.

    `lines` is how many lines end in it. `ends_inside` says for each case whether it ends inside a cell; `starts` is for
    each case the offset in the file of the first line that a part can begin with, and the number of lines before it.
    """

    lines: int
    ends_inside: tuple[bool, bool] = (False, True)
    starts: tuple[tuple[int, int] | None, tuple[int, int] | None] = (None, None)


def is_cuttable(dialect: Dialect, start: bytes) -> bool:
    """Return whether a file of a dialect can be cut: UTF-8 that is parsed by columns.

    Args:
        dialect: The dialect.
        start: The first bytes of the file.
    """
    if codec_name(dialect.encoding) != "utf-8" or start.startswith((*_UTF16, b"\x1f\x8b", b"PK\x03\x04")):
        return False
    # Where LF alone ends a line, a chunk with CRLF is read by other rules than one without.
    return is_simple(dialect) and dialect.line_terminators != ("\n",)


def scan_block(data: bytes, offset: int, dialect: Dialect) -> Block | None:
    r"""Report what the parts of a file need to know of a block; None where it is not text that can be cut.

    Args:
        data: Whole lines.
        offset: Where they begin in the file.
        dialect: The dialect.

    Examples:
        >>> scan_block(b'1,"a\nb"\n2,c\n', 10, Dialect())
        Block(lines=3, ends_inside=(False, False), starts=((10, 0), (15, 1)))
    """
    if not data:
        return Block(0)
    lines = data.count(b"\n")
    quote = (dialect.quote or "").encode()
    if b"\0" in data:
        return None
    try:
        data.decode()
    except UnicodeDecodeError:
        return None
    if not quote or quote not in data:
        return Block(lines, starts=(_find_start(data, offset, dialect, None), None))
    texts, shapes = split_lines(data), Shapes(dialect)
    ends: list[bool] = []
    starts: list[tuple[int, int] | None] = []
    for inside in (False, True):
        open_after = follow_quotes(texts, dialect, shapes, inside=inside)
        ends.append(bool(open_after[-1]))
        begins = ~open_after.shift(1, fill_value=inside)
        starts.append(_find_start(data, offset, dialect, begins))
    return Block(lines, (ends[0], ends[1]), (starts[0], starts[1]))


def _find_start(data: bytes, offset: int, dialect: Dialect, begins: pl.Series | None) -> tuple[int, int] | None:
    """Return where the first line stands that a part can begin with, and how many lines are before it."""
    prefix = (dialect.comment_prefix or "").encode()
    at = number = 0
    while at < len(data):
        end = data.find(b"\n", at)
        line = data[at : end if end >= 0 else len(data)]
        begun = begins is None or bool(begins[number])
        if begun and line.strip() and not (prefix and line.startswith(prefix)):
            return offset + at, number
        if end < 0:
            return None
        at, number = end + 1, number + 1
    return None


def choose_parts(blocks: Sequence[Block], *, size: int, body: int, line: int, width: int | None) -> list[FilePart]:
    """Return the parts of a file, in order.

    Args:
        blocks: What its blocks report, in order, from the end of its head on.
        size: How many bytes the file has.
        body: Where its head ends.
        line: The number of the line there.
        width: How many columns it has.
    """
    starts: list[tuple[int, int]] = []
    inside = False
    for block in blocks:
        found = block.starts[inside]
        # The first part has the head and what follows it.
        if found is not None and found[0] > body:
            starts.append((found[0], line + found[1]))
        line += block.lines
        inside = block.ends_inside[inside]
    begins = [(0, 1), *starts]
    ends = [*(at for at, _ in starts), size]
    return [
        FilePart(at, end, first=number == 0, last=number == len(starts), line=first, width=width)
        for number, ((at, first), end) in enumerate(zip(begins, ends, strict=True))
    ]
