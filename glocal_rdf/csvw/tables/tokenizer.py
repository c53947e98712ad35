"""Cuts text into records and cells by any dialect, one cell at a time (Model for Tabular Data, section 8).

It takes every delimiter, quote, escape and line terminator. It reads headers, and whole files only where the dialect
does not allow parsing by columns (`chunk_parsers`); both return the same cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from glocal_rdf.csvw.metadata.model import Dialect

__all__ = ["NEVER_CLOSES", "Record", "scan", "spaces_of", "terminator_pattern", "trim"]


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line that it starts on (from 1), its raw text, its cells, and what is wrong with it.

    `stop` is the offset after its line terminator; `ended` is False where the text ends before one comes.
    """

    line: int
    text: str
    cells: tuple[str, ...]
    fault: str = ""
    stop: int = 0
    ended: bool = True

    @property
    def never_closes(self) -> bool:
        """Whether a quotation mark stays open to the end of the text."""
        return self.fault.startswith(NEVER_CLOSES)


_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The white space of Unicode (`White_Space`), which Polars strips; `str.strip` strips four control characters more."""

NEVER_CLOSES = "a quotation mark opens a cell and never closes"


def trim(text: str, mode: str) -> str:
    """Return a cell without the white space that the dialect's `trim` flag removes."""
    match mode:
        case "true":
            return text.strip(_SPACE)
        case "start":
            return text.lstrip(_SPACE)
        case "end":
            return text.rstrip(_SPACE)
        case _:
            return text


def scan(text: str, dialect: Dialect, first_line: int = 1, at: int = 0) -> Iterator[Record]:
    """Yield the records of a text from an offset on, faulty ones included.

    A comment ends where its line ends, whatever it holds.

    Args:
        text: The text.
        dialect: The dialect.
        first_line: The line that it begins at.
        at: The offset.

    Examples:
        >>> [r.cells for r in scan('a,"b, c"|"x",|', Dialect(line_terminators=("|",)))]
        [('a', 'b, c'), ('x', '')]
    """
    scanner = _Scanner(text, dialect)
    line = first_line
    while at < len(text):
        start = at
        at, cells, fault = scanner.read_record(at)
        ended = scanner.end.match(text, at)
        stop = ended.end() if ended else len(text)
        trimmed = tuple(trim(c, dialect.trim) for c in cells)
        yield Record(line, text[start:at], trimmed, fault, stop, ended is not None)
        line += sum(1 for _ in scanner.end.finditer(text, start, stop))
        at = stop


@dataclass
class _Scanner:
    """Reads the records of a text; every position is an offset in it."""

    text: str
    dialect: Dialect

    def __post_init__(self) -> None:
        self.end = terminator_pattern(self.dialect)
        self.quote = self.dialect.quote
        self.escape = self.dialect.escape if self.dialect.escape != self.quote else None
        self.stops = re.compile(f"{re.escape(self.dialect.delimiter)}|{self.end.pattern}")

    @cached_property
    def escapes(self) -> re.Pattern[str]:
        """What ends a bare cell, or the escape character with the character after it."""
        return re.compile(f"{re.escape(self.escape or '')}(?s:.)|{self.stops.pattern}")

    def read_record(self, at: int) -> tuple[int, list[str], str]:
        """Return where a record ends, its cells, and the first thing that is wrong with it."""
        prefix, delimiter = self.dialect.comment_prefix, self.dialect.delimiter
        if prefix and self.text.startswith(prefix, at):
            ended = self.end.search(self.text, at)
            stop = ended.start() if ended else len(self.text)
            return stop, [self.text[at:stop]], ""
        cells: list[str] = []
        fault = ""
        while True:
            at, cell, wrong = self._read_cell(at)
            cells.append(cell)
            fault = wrong if wrong == NEVER_CLOSES else fault or wrong
            if at < len(self.text) and self.text.startswith(delimiter, at):
                at += len(delimiter)
                continue
            return at, cells, fault

    def _read_cell(self, at: int) -> tuple[int, str, str]:
        """Return where a cell ends, its text, and what is wrong with it."""
        text, quote = self.text, self.quote
        if quote is None:
            stop = self._bare_end(at)
            return stop, self._unescaped(text[at:stop]), ""
        start = self._skip_spaces(at)
        if text.startswith(quote, start):
            close = self._closing(start + len(quote))
            if close < 0:
                return len(text), text[start + len(quote) :], NEVER_CLOSES
            cell = text[start + len(quote) : close]
            if self.escape is None:
                cell = cell.replace(quote + quote, quote) if self.dialect.escape == quote else cell
            else:
                cell = self._unescaped(cell)
            at = self._skip_spaces(close + len(quote))
            stop = self._bare_end(at)
            rest = text[at:stop]
            return stop, cell, f"text follows a closing quotation mark: {_short(rest)}" if rest else ""
        stop = self._bare_end(at)
        cell = text[at:stop]
        found = cell if self.escape is None else cell.replace(self.escape + quote, "")
        fault = f"a quotation mark stands inside a cell that is not quoted: {_short(cell)}" if quote in found else ""
        return stop, self._unescaped(cell), fault

    def _skip_spaces(self, at: int) -> int:
        if self.dialect.spaced_quotes:
            spaces = spaces_of(self.dialect)
            while at < len(self.text) and self.text[at] in spaces:
                at += 1
        return at

    def _closing(self, at: int) -> int:
        """Return where the quotation mark that closes a cell stands, or -1."""
        text, quote = self.text, self.quote or ""
        if self.escape is None:
            doubled = quote + quote if self.dialect.escape == quote else None
            while (at := text.find(quote, at)) >= 0:
                if doubled is None or not text.startswith(doubled, at):
                    return at
                at += len(doubled)
            return -1
        mark = re.compile(f"{re.escape(self.escape)}(?s:.)|{re.escape(quote)}")
        while (found := mark.search(text, at)) is not None:
            if found.group() == quote:
                return found.start()
            at = found.end()
        return -1

    def _bare_end(self, at: int) -> int:
        """Return where a cell without quotes ends: before a delimiter, a line terminator, or the end of the text."""
        pattern = self.stops if self.escape is None else self.escapes
        while (found := pattern.search(self.text, at)) is not None:
            if self.escape is None or not found.group().startswith(self.escape):
                return found.start()
            at = found.end()
        return len(self.text)

    def _unescaped(self, cell: str) -> str:
        if self.escape is None or self.escape not in cell:
            return cell
        return re.sub(re.escape(self.escape) + "(.)", r"\1", cell, flags=re.DOTALL)


def spaces_of(dialect: Dialect) -> str:
    """Return the white space that may stand between a delimiter and a quotation mark, if the dialect trims it."""
    return "".join(c for c in " \t" if c != dialect.delimiter) if dialect.spaced_quotes else ""


def terminator_pattern(dialect: Dialect) -> re.Pattern[str]:
    """Return what ends a line, the longest terminator first."""
    return re.compile("|".join(map(re.escape, sorted(dialect.line_terminators, key=len, reverse=True))))


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
