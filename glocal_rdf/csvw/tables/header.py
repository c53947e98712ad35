"""Reads the rows that stand before the data of a delimited file: skipped rows, comments and the header.

They are read record by record, from as much of the file as they need (Model for Tabular Data, section 8).
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field, replace
from typing import Final

from glocal_rdf.csvw.tables.batches import Head
from glocal_rdf.csvw.tables.chunk_parsers import ParserState
from glocal_rdf.csvw.tables.dialect_checks import refuse_bare_returns
from glocal_rdf.csvw.tables.streams import Chunk
from glocal_rdf.csvw.tables.tokenizer import Record, scan, trim

__all__ = ["HeaderReader"]

_WINDOW: Final = 1 << 20
"""How many bytes are looked at first."""


@dataclass
class HeaderReader:
    """Reads the head of one file; `rest` is what follows it in the first chunk, if anything, `size` its bytes."""

    state: ParserState
    rest: Chunk | None = None
    size: int = 0
    _comments: list[str] = field(default_factory=list)

    def read(self) -> Head:
        """Return the head; sets the width of the file if it has a header."""
        state, d = self.state, self.state.dialect
        chunk = state.chunks.take()
        if chunk is None:
            return Head((), ())
        if "\r" not in d.line_terminators:
            refuse_bare_returns(chunk.data[:_WINDOW], d, state.problems)
        records, used = self._leading(chunk, min(_WINDOW, len(chunk.data)))
        while used < 0:
            state.chunks.give_back(chunk.data, chunk.line)
            chunk = state.chunks.take() or chunk
            records, used = self._leading(chunk, min(_WINDOW, len(chunk.data)))
        self.size = used
        titles = self._collect_titles(records)
        state.source_row += len(records)
        line = chunk.line + state.chunks.count_lines(chunk.data[:used])
        self.rest = Chunk(chunk.data[used:], line, chunk.last) if used < len(chunk.data) else None
        if titles:
            state.width = len(titles)
        if titles == [[]] and d.delimiter in chunk.data[used : used + _WINDOW].decode("utf-8", "replace"):
            hint = 'remove it, or set "skipBlankRows": true in the dialect'
            state.problems.fail("", "has a blank line where its header is expected", hint, line=records[-1].line)
        return Head(tuple(tuple(t) for t in titles[d.skip_columns :]), tuple(c for c in self._comments if c))

    def _leading(self, chunk: Chunk, window: int) -> tuple[list[Record], int]:
        """Return the records of the head and their length in bytes; -1 where the chunk ends before they do."""
        state, d = self.state, self.state.dialect
        whole = chunk.last and window == len(chunk.data)
        text = codecs.getincrementaldecoder("utf-8")().decode(chunk.data[:window])
        plain = replace(d, quote=None, escape=None)
        found: list[Record] = []
        skipped = titled = at = 0
        line = chunk.line
        while at < len(text) and (skipped < d.skip_rows or titled < d.header_rows):
            record = next(scan(text, d, line, at))
            if record.fault and skipped < d.skip_rows and (record.ended or whole or window >= _WINDOW):
                # A row that is skipped may be any text: its quotation marks mean nothing then.
                record = next(scan(text, plain, line, at))
            state.check_width(len(record.cells), line, whole=record.ended or whole)
            if not record.ended and not whole:
                break
            found.append(record)
            line += state.chunks.count_lines(text[at : record.stop].encode())
            at = record.stop
            if skipped < d.skip_rows:
                skipped += 1
            elif not state.is_skipped(record):
                titled += 1
        if whole or (skipped == d.skip_rows and titled == d.header_rows):
            return found, len(text[:at].encode())
        if window < len(chunk.data):
            return self._leading(chunk, min(8 * window, len(chunk.data)))
        return [], -1

    def _collect_titles(self, records: list[Record]) -> list[list[str]]:
        """Return the titles of each column; count what else stands in the head, and keep its comments."""
        state, counts = self.state, self.state.counts
        titles: list[list[str]] = []
        for record in records:
            if counts.skipped < state.dialect.skip_rows:
                counts.skipped += 1
                self._comments.append(self._comment(record.text))
            elif state.is_comment(record):
                counts.comments += 1
                self._comments.append(self._comment(record.text))
            elif state.is_skipped(record):
                counts.blank += 1
            else:
                counts.header += 1
                state.bad_records.report_header(record)
                self._add_titles(titles, record)
        return titles

    def _add_titles(self, titles: list[list[str]], record: Record) -> None:
        self.state.check_width(len(record.cells), record.line)
        for index, cell in enumerate(record.cells):
            if index == len(titles):
                titles.append([])
            if trim(cell, "true"):
                titles[index].append(cell)

    def _comment(self, text: str) -> str:
        prefix = self.state.dialect.comment_prefix
        if prefix and text.startswith(prefix):
            text = text.removeprefix(prefix)
        return trim(text, "true")
