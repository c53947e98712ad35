"""Joins the lines of a delimited text to records, on whole columns, and finds the records that are not well formed.

In a well-formed text a record ends where a line ends after an even number of quotation marks. A stray
quotation mark breaks this rule for everything after it. So there are two steps:

1. `join_by_parity` counts quotation marks. It is right if all records that it gives are well formed.
2. Otherwise `join_by_cells` follows the cells: a quotation mark opens a cell only where the cell starts. For all
   lines with quotation marks it is found at once whether they end inside a cell if they start outside one, and if they
   start inside one. These results are then composed down the column.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.tables.tokenizer import spaces_of

__all__ = [
    "Records",
    "Shapes",
    "escape_class",
    "follow_quotes",
    "join_by_cells",
    "join_by_parity",
    "line_offset",
    "split_lines",
]


@dataclass(frozen=True)
class Shapes:
    """The regular expressions of one dialect, in which quotation marks and delimiters are escaped."""

    dialect: Dialect

    @cached_property
    def record(self) -> str:
        """A record in which every quotation mark is in its place."""
        bare, quoted = f"[^{self._q}{self._s}]*", f"{self._w}{self._quoted}{self._w}"
        return rf"(?s)^(?:{bare}{self._s}|{quoted}{self._s})*(?:{bare}|{quoted})$"

    @cached_property
    def opens(self) -> str:
        """A line that starts outside a cell in quotes, and ends inside one."""
        return f"^{self._opening}$"

    @cached_property
    def stays_open(self) -> str:
        """A line that starts inside a cell in quotes, and ends inside one."""
        inner = f"(?:[^{self._q}]|{self._q}{self._q})*"
        return f"^(?:{inner}|{inner}{self._q}{self._after}{self._s}{self._opening})$"

    @cached_property
    def spaced(self) -> str:
        """A cell in quotes with the white space around it; the groups 1 and 2 are what counts. For whole texts."""
        return rf"(?s)(^|[{self._s}\n]){self._w}({self._quoted}){self._w}"

    @property
    def _q(self) -> str:
        return escape_class(self.dialect.quote or "")

    @property
    def _s(self) -> str:
        return escape_class(self.dialect.delimiter)

    @property
    def _w(self) -> str:
        return f"[{self._spaces}]*" if self._spaces else ""

    @property
    def _spaces(self) -> str:
        return "".join(map(escape_class, spaces_of(self.dialect)))

    @property
    def _quoted(self) -> str:
        return f"{self._q}(?:[^{self._q}]|{self._q}{self._q})*{self._q}"

    @property
    def _after(self) -> str:
        return f"(?:[^{self._q}{self._s}][^{self._s}]*)?"

    @property
    def _opening(self) -> str:
        bare = f"{self._w}(?:[^{self._q}{self._s}{self._spaces}][^{self._s}]*)?"
        cell = f"(?:{bare}|{self._w}{self._quoted}{self._after})"
        return f"(?:{cell}{self._s})*{self._w}{self._q}(?:[^{self._q}]|{self._q}{self._q})*"


@dataclass(frozen=True)
class Records:
    """The records of a chunk: `text` without the line terminator, first `line`, and number of lines (None: all one).

    `open_lines` is the number of lines at the end that belong to a record which does not end in the chunk.
    """

    data: bytes
    text: pl.Series
    line: pl.Series
    spans: pl.Series | None = None
    open_lines: int = 0

    @property
    def several_lines(self) -> pl.Series:
        """The records that have more than one line, as a mask."""
        if self.spans is None:
            return pl.repeat(value=False, n=self.text.len(), eager=True)
        return self.spans > 1

    @property
    def end(self) -> int:
        """The offset after the last whole record."""
        return line_offset(self.data, self.open_lines)

    def body(self, keep: pl.Series) -> bytes:
        """Return the bytes of the records for which a mask holds, exactly as they are in the file."""
        dropped = keep.reverse().arg_max() or 0
        if keep.head(keep.len() - dropped).all() and not self.text.tail(dropped).str.len_bytes().sum():
            return self.data[: line_offset(self.data, self.open_lines + dropped)]  # blank lines at the end alone
        lines = pl.Series([self.data[: self.end].decode()]).str.split("\n").explode()
        mask = keep
        if self.spans is not None:
            mask = pl.DataFrame({"k": keep, "n": self.spans}).select(pl.col("k").repeat_by("n").explode()).to_series()
        text: str = lines.head(mask.len()).filter(mask).str.join("\n").item()
        return text.encode() + b"\n"


def split_lines(data: bytes) -> pl.Series:
    """Return the lines of a text, without their terminators."""
    unused = next((chr(c) for c in range(1, 32) if c not in (9, 10, 13) and bytes([c]) not in data), "\x7f")
    frame = pl.read_csv(
        keep_mark(data), has_header=False, separator=unused, quote_char=None, infer_schema=False, new_columns=["text"]
    )
    return frame["text"].fill_null("")


def keep_mark(data: bytes) -> bytes:
    """Return text for Polars' reader, which leaves out a byte-order mark: within a file it is a character as others."""
    return codecs.BOM_UTF8 + data if data.startswith(codecs.BOM_UTF8) else data


def join_by_parity(data: bytes, first_line: int, dialect: Dialect) -> Records:
    """Return the records of a text, which are right if all quotation marks are in their places.

    Args:
        data: The text in UTF-8.
        first_line: The line that it begins at.
        dialect: The dialect.
    """
    lines = split_lines(data)
    quote = dialect.quote
    if quote is None or quote.encode() not in data:
        return Records(data, lines, _numbers(first_line, lines.len()))
    return _join(data, lines, lines.str.count_matches(quote, literal=True).cum_sum() % 2 == 1, first_line)


def join_by_cells(data: bytes, first_line: int, dialect: Dialect, shapes: Shapes) -> Records:
    """Return the records of a text with stray quotation marks. A comment is one line.

    Args:
        data: The text in UTF-8.
        first_line: The line that it begins at.
        dialect: The dialect.
        shapes: The forms of lines in the dialect.
    """
    lines = split_lines(data)
    return _join(data, lines, follow_quotes(lines, dialect, shapes), first_line)


def follow_quotes(lines: pl.Series, dialect: Dialect, shapes: Shapes, *, inside: bool = False) -> pl.Series:
    """Return which lines end inside a cell in quotes, following the cells. A comment is one line.

    Args:
        lines: The lines.
        dialect: The dialect.
        shapes: The forms of lines in the dialect.
        inside: Whether the first line begins inside a cell in quotes.
    """
    at = lines.str.contains(dialect.quote or "", literal=True).arg_true()
    marked = lines.gather(at)
    opens = marked.str.contains(shapes.opens)
    if dialect.comment_prefix:
        opens = opens & ~marked.str.starts_with(dialect.comment_prefix)
    frame = pl.DataFrame({"opens": opens, "stays": marked.str.contains(shapes.stays_open)})
    decided = pl.col("opens") == pl.col("stays")
    turns = (pl.col("opens") & ~pl.col("stays")).cum_sum()
    open_after = frame.select(
        pl.when(decided).then(pl.col("opens")).forward_fill().fill_null(value=inside)
        ^ ((turns - pl.when(decided).then(turns).forward_fill().fill_null(0)) % 2 == 1)
    ).to_series()
    everywhere = pl.Series([None], dtype=pl.Boolean).new_from_index(0, lines.len()).scatter(at, open_after)
    return everywhere.forward_fill().fill_null(value=inside)


def line_offset(data: bytes, from_end: int) -> int:
    """Return the offset at which the last lines of a text start; `from_end` is how many."""
    at = len(data)
    for number in range(from_end):
        at = data.rfind(b"\n", 0, at - 1 if number or data.endswith(b"\n") else at) + 1
    return at


def _join(data: bytes, lines: pl.Series, open_after: pl.Series, first_line: int) -> Records:
    """Return lines joined to records; `open_after` marks the lines that end inside a cell."""
    numbers = _numbers(first_line, lines.len())
    if not open_after.any():
        return Records(data, lines, numbers)
    open_lines = 0
    if open_after[-1]:
        open_lines = lines.len() if open_after.all() else (~open_after).reverse().arg_max() or 0
        whole = lines.len() - open_lines
        lines, numbers, open_after = lines.head(whole), numbers.head(whole), open_after.head(whole)
    starts = ~open_after.shift(1, fill_value=False)
    frame = pl.DataFrame({"text": lines, "line": numbers, "record": starts.cum_sum(), "split": open_after | ~starts})
    joined = (
        frame.filter("split")
        .group_by("record", maintain_order=True)
        .agg(pl.col("text").str.join("\n"), pl.col("line").first(), pl.len().cast(pl.UInt32).alias("spans"))
    )
    single = frame.filter(~pl.col("split")).select("record", "text", "line", pl.lit(1, pl.UInt32).alias("spans"))
    found = pl.concat([single, joined]).sort("record")
    return Records(data, found["text"], found["line"], found["spans"], open_lines)


def _numbers(first: int, count: int) -> pl.Series:
    return pl.int_range(first, first + count, dtype=pl.Int64, eager=True)


def escape_class(character: str) -> str:
    """Return a character escaped for regular expressions, also inside a character class."""
    return f"\\x{{{ord(character):x}}}" if character else ""
