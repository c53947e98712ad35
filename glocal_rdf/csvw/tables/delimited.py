"""Reads delimited text into batches of rows, with the line and the row that each record came from.

The bytes are cut into chunks that end with a line, so that a file of any size needs the memory of a chunk (`streams`).
The head is read record by record (`header`), and each chunk of the rest becomes a batch (`chunk_parsers`).

Model for Tabular Data, section 8: https://www.w3.org/TR/tabular-data-model/#parsing
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from glocal_rdf.csvw.accounts import RowCounts
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.batches import Batch, FilePart, Head
from glocal_rdf.csvw.tables.chunk_parsers import ColumnParser, ParserState, RecordParser, is_simple
from glocal_rdf.csvw.tables.header import HeaderReader
from glocal_rdf.csvw.tables.streams import MAX_RECORD, Chunk, Chunks

__all__ = ["CHUNK", "TableReader"]

CHUNK: Final = 64 << 20


@dataclass
class TableReader:
    """Reads one delimited file; `head` is known after construction, `batches` may be run through once.

    `expected` is the number of columns that its description has. `chunk` is about how many bytes are read at once,
    `longest` the most that one record may have. `counts` is complete when the last batch was taken. With `part`, the
    stream holds that part of a file alone, and the head of another part than the first is empty.
    """

    stream: BinaryIO
    dialect: Dialect
    problems: ProblemCollector
    expected: int | None = None
    chunk: int = CHUNK
    longest: int = MAX_RECORD
    part: FilePart | None = None
    head: Head = field(init=False)
    head_size: int = field(init=False, default=0)
    """How many bytes the head has in UTF-8, without a byte-order mark."""

    def __post_init__(self) -> None:
        part = self.part or FilePart(0, 0)
        within = None if part.first else part
        chunks = Chunks(self.stream, self.dialect, self.problems, self.chunk, self.longest, within)
        self._state = ParserState(self.dialect, self.problems, chunks, self.longest, self.expected)
        self._by_column = ColumnParser(self._state) if is_simple(self.dialect) else None
        self._by_record = RecordParser(self._state)
        self._state.bad_records.cut = not (part.first and part.last)
        self._row = part.row
        self._first: Chunk | None = None
        if not part.first:
            self._state.width, self._state.source_row = part.width, part.source_row
            self.head = Head((), ())
            return
        header = HeaderReader(self._state)
        self.head = header.read()
        self._first, self.head_size = header.rest, header.size

    @property
    def width(self) -> int | None:
        """How many columns the file has; None until that is known."""
        return self._state.width

    @property
    def next_record(self) -> int:
        """The number of the record that follows those read so far."""
        return self._state.source_row

    @property
    def first_line(self) -> int:
        """The line that the rows begin at, before they are read."""
        return self._first.line if self._first else 0

    @property
    def comments(self) -> tuple[str, ...]:
        """The comments before the rows."""
        return self.head.comments

    @property
    def counts(self) -> RowCounts:
        """How many records were read so far, by what they are."""
        return self._state.counts

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, chunk by chunk."""
        chunk, self._first = self._first, None
        chunk = chunk or self._state.chunks.take()
        while chunk is not None:
            batch = self._parse(chunk)
            if batch is not None and batch.cells.height:
                yield batch
            chunk = self._state.chunks.take()
        if self.part is not None and not self.part.last:
            # A part ends where a line follows that is not blank.
            self._state.bad_records.flush_blanks(self._state.width or 1)
        self._state.bad_records.end_blanks()

    def _parse(self, chunk: Chunk) -> Batch | None:
        """Return the rows of a chunk with columns named "0", "1" and so on, or None if it has none."""
        bare_feeds = self.dialect.line_terminators == ("\n",) and b"\r\n" in chunk.data
        parser = self._by_record if self._by_column is None or bare_feeds else self._by_column
        parsed = parser.parse(chunk)
        if parsed is None:
            return None
        cells = parsed.cells
        if self.dialect.skip_columns:
            cells = cells.select(cells.columns[self.dialect.skip_columns :])
        cells = cells.rename({name: str(i) for i, name in enumerate(cells.columns)})
        batch = Batch(cells, parsed.lines, parsed.source_rows, self._row)
        self._row += cells.height
        return batch
