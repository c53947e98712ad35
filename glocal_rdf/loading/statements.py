"""The statements to load, block by block, so that a file of any length fits into memory.

A block is a frame with the columns `subject`, `predicate`, `object` and `graph`: terms in N-Triples syntax, and `graph`
is the IRI without brackets, `_:label`, or empty for the default graph. N-Triples and N-Quads are read block by block;
in other formats a statement depends on what stands before, so that the file is read as a whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from glocal_rdf.cache.inputs import InputReader
from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import read_bytes, read_lines
from glocal_rdf.lazy import pl
from glocal_rdf.triples.formats.ntriples import write_ntriples
from glocal_rdf.triples.formats.reader import parse_quads
from glocal_rdf.triples.formats.registry import Format
from glocal_rdf.triples.graph import Triples

__all__ = ["BLOCK", "FileStatements", "GraphStatements", "Statements", "copy_texts"]

BLOCK: Final = 16 << 20
"""How many bytes of a file are read at once."""

ROWS: Final = 1 << 17
"""How many rows of a graph in memory are one block."""


class Statements(Protocol):
    """Statements from one source, which can be read again and again."""

    @property
    def name(self) -> str:
        """What to call the source."""

    def digest(self) -> str:
        """Return a name for the content: other statements have another one."""

    def blocks(self) -> Iterator[pl.DataFrame]:
        """Yield the statements, in the same blocks each time."""

    def declared(self) -> tuple[str, ...]:
        """Return the graphs that are known to be filled, though there may be nothing for them."""


@dataclass(frozen=True)
class GraphStatements:
    """The statements of a graph in memory.

    Attributes:
        name: What to call it.
        triples: The graph.
        graph: The IRI of the graph that they are loaded into; empty for the default graph.
    """

    name: str
    triples: Triples
    graph: str = ""

    def digest(self) -> str:
        """Return a name for the content."""
        found = hashlib.blake2b(self.graph.encode(), digest_size=16)
        for start in range(0, len(self.triples), ROWS):
            found.update(write_ntriples(self.triples.frame.slice(start, ROWS)))
        return found.hexdigest()

    def blocks(self) -> Iterator[pl.DataFrame]:
        """Yield the statements, in the same blocks each time."""
        frame = self.triples.distinct().frame
        for start in range(0, len(frame), ROWS):
            yield frame.slice(start, ROWS).with_columns(graph=pl.lit(self.graph))

    def declared(self) -> tuple[str, ...]:
        """Return the graph."""
        return (self.graph,)


@dataclass(frozen=True)
class FileStatements:
    """The statements of a file.

    Attributes:
        path: The file.
        form: Its format.
        graph: The IRI of the graph for what the file has in its default graph; empty for the default graph.
    """

    path: Path
    form: Format
    graph: str = ""

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def digest(self) -> str:
        """Return a name for the content.

        Raises:
            InputError: Where the file cannot be read.
        """
        state = InputReader().read_file(str(self.path))
        if not state.stamp:
            read_bytes(self.path, 0)  # says what is wrong
        # The address counts too, as relative IRIs are resolved against it.
        parts = (state.digest, self.form.name, self.graph, self.path.resolve().as_uri())
        return hashlib.blake2b("\0".join(parts).encode(errors="surrogateescape"), digest_size=16).hexdigest()

    def blocks(self) -> Iterator[pl.DataFrame]:
        """Yield the statements, in the same blocks each time.

        Raises:
            InputError: Where the file cannot be read; for a mistake with file, line and column.
        """
        if not self.form.line_based:
            base = self.path.resolve().as_uri()
            frame = self._place(parse_quads(read_bytes(self.path), self.form, base, self.name).frame)
            for start in range(0, len(frame), ROWS):
                yield frame.slice(start, ROWS)
            return
        lines = 0
        for block in read_lines(self.path, BLOCK):
            try:
                yield self._place(parse_quads(block, self.form, None, self.name).frame)
            except InputError as error:
                raise InputError.of(_move(each, self.name, lines) for each in error.problems) from error
            lines += block.count(b"\n")

    def declared(self) -> tuple[str, ...]:
        """Return the graph, where the format has only one."""
        return () if self.form.graphs else (self.graph,)

    def _place(self, frame: pl.DataFrame) -> pl.DataFrame:
        named = pl.col("graph").str.strip_prefix("<").str.strip_suffix(">").fill_null(self.graph)
        return frame.select("subject", "predicate", "object", named)


def copy_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy the texts of a frame, since a few rows that are kept hold the memory of all that they were chosen from.

    Args:
        frame: A frame, of which all columns are texts.
    """
    return frame.select(pl.concat_str(name, pl.lit("")).alias(name) for name in frame.columns)


def _move(problem: Problem, name: str, lines: int) -> Problem:
    """Return a problem of a block with the line of the file."""
    found = re.match(rf"{re.escape(name)}:([0-9]+)", problem.where)
    if found is None or not lines:
        return problem
    where = f"{name}:{int(found[1]) + lines}{problem.where[found.end() :]}"
    return replace(problem, where=where, row=problem.row + lines if problem.row else 0)
