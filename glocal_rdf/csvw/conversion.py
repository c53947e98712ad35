"""The functions of the engine: convert, convert in a stream, and check."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from glocal_rdf.csvw.accounts import Accounts
from glocal_rdf.csvw.engine import Job
from glocal_rdf.csvw.rdf.blocks import Block
from glocal_rdf.csvw.rdf.cell_templates import Lists
from glocal_rdf.csvw.rdf.deduplication import join_blocks
from glocal_rdf.csvw.rdf.draft import Draft
from glocal_rdf.csvw.rdf.row_order import order_by_row
from glocal_rdf.csvw.results import Conversion, Mode, Problems
from glocal_rdf.csvw.sources import open_job
from glocal_rdf.csvw.table_job import Output
from glocal_rdf.csvw.tables.resources import Fetch
from glocal_rdf.errors import GlocalError, OutputError, TableError
from glocal_rdf.spill import Spill
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.ntriples import stream_ntriples

__all__ = ["check", "convert", "convert_stream", "size_of_tables"]

STREAM_CHUNK: Final = 1 << 20
"""How many bytes of a table are converted to a stream, or checked, at once; more takes memory, and saves no time."""


def convert(
    source: str | Path,
    *,
    mode: Mode = "minimal",
    metadata: str | Path | dict[str, Any] | None = None,
    fetch: Fetch | None = None,
    base: str | None = None,
    lists: Lists = "each",
    prefixes: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Conversion:
    """Convert a metadata document with its tables, or a table with the metadata that belongs to it, to RDF.

    Cells that do not match their description are reported in `problems` and become strings, as the Recommendation
    requires.

    Args:
        source: A path, or an address that `fetch` answers.
        mode: "minimal" for the triples of the cells, "standard" to describe the group, its tables and rows as well.
        metadata: A description that replaces the one that would be located: a path, an address or a parsed document.
        fetch: Requests addresses; without it, only files in the folder of the source are read.
        base: The address that stands for the source, so that the output does not depend on the folder.
        lists: What a `valueUrl` makes of a column with a separator: "each" makes one IRI of each value, and none of a
            blank cell; "joined" is the letter of the Recommendation (one IRI, values joined by commas).
        prefixes: Prefixes that a project declares, for templates and common properties.
        strict: Follow the letter of the Recommendation also where it makes data worse: a property of the wrong type
            becomes an empty text, and columns that have names that no URI template can use, or no description, lose
            their names.

    Returns:
        The triples, the problems, and the tables as they were read.

    Raises:
        TableError: With all problems, where the description is invalid or a table cannot be read.
        InputError: Where a file is missing.

    Generating RDF from Tabular Data on the Web, section 4: https://www.w3.org/TR/csv2rdf/#conversion
    """
    job = open_job(source, metadata=metadata, fetch=fetch, base=base, prefixes=prefixes, strict=strict)
    blocks: list[Block] = []
    job.run(Output(blocks.extend, mode, lists, keep_rows=True))
    _raise_if_failed(job)
    triples = Triples.from_distinct(join_blocks(blocks))
    rows = tuple(result.rows for result in job.results.values())
    return Conversion(triples, job.problems, rows, job.group, lists, job.accounts)


def check(
    source: str | Path,
    *,
    metadata: str | Path | dict[str, Any] | None = None,
    fetch: Fetch | None = None,
    base: str | None = None,
    prefixes: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Problems:
    """Return the errors and warnings of a description and its tables; none of them is raised.

    Args:
        source: A path, or an address that `fetch` answers.
        metadata: A description that replaces the one that would be located: a path, an address or a parsed document.
        fetch: Requests addresses; without it, only files in the folder of the source are read.
        base: The address that stands for the source.
        prefixes: Prefixes that a project declares, for templates and common properties.
        strict: Whether columns must have titles (Metadata, section 5.5.3), and names that URI templates can use.

    Returns:
        The problems, with the accounts of rows and cells.

    Model for Tabular Data, section 6: https://www.w3.org/TR/tabular-data-model/#processing-tables
    """
    try:
        job = open_job(source, metadata=metadata, fetch=fetch, base=base, prefixes=prefixes, strict=strict)
        with contextlib.closing(Spill()) as spill:
            job.run(Output(chunk=STREAM_CHUNK, spill=spill))
    except OutputError:
        raise
    except GlocalError as error:
        return Problems(error.problems, Accounts())
    return Problems(job.problems, job.accounts)


def convert_stream(
    source: str | Path,
    sink: BinaryIO,
    *,
    mode: Mode = "minimal",
    metadata: str | Path | dict[str, Any] | None = None,
    fetch: Fetch | None = None,
    base: str | None = None,
    lists: Lists = "each",
    prefixes: Mapping[str, str] | None = None,
    strict: bool = False,
    distinct: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Problems:
    """Convert tables of any size to N-Triples, row by row, in bounded memory.

    The same tables give the same bytes. What does not fit into memory goes to the folder of temporary files, and is
    removed in the end: at most about as much as the result, if the sink cannot be read and changed, and as much again
    if every subject stands in many places of the tables.

    Args:
        source: A path, or an address that `fetch` answers.
        sink: Where the triples are written: with `distinct` when all are known, or where it can be read and changed,
            as they are found.
        mode: As in `convert`.
        metadata: As in `convert`.
        fetch: As in `convert`.
        base: As in `convert`.
        lists: As in `convert`.
        prefixes: As in `convert`.
        strict: As in `convert`.
        distinct: Write each triple once.
        progress: Called with the number of triples found so far, and in the end with that of those written.

    Returns:
        The problems, with the accounts of rows and cells.

    Raises:
        TableError: As in `convert`; what was written before stays written.
        InputError: Where a file is missing.
        OutputError: Where the folder of temporary files cannot hold what is needed.
    """
    job = open_job(source, metadata=metadata, fetch=fetch, base=base, prefixes=prefixes, strict=strict)
    with contextlib.closing(Spill()) as spill:
        if distinct:
            draft = Draft(sink, spill, progress)
            job.run(Output(lambda b: draft.add(order_by_row(b)), mode, lists, chunk=STREAM_CHUNK, spill=spill))
            _raise_if_failed(job)
            draft.finish()
        else:
            writer = _Writer(sink, progress)
            job.run(Output(writer.write, mode, lists, chunk=STREAM_CHUNK, spill=spill))
            _raise_if_failed(job)
    return Problems(job.problems, job.accounts)


def size_of_tables(
    source: str | Path, *, metadata: str | Path | dict[str, Any] | None = None, base: str | None = None
) -> int:
    """Return how many bytes the files of the tables of a source have.

    Args:
        source: A path, as in `convert`.
        metadata: As in `convert`.
        base: As in `convert`.

    Raises:
        TableError: Where the description is invalid.
        InputError: Where a file is missing.
    """
    job = open_job(source, metadata=metadata, base=base)
    return sum(job.access.size_of(url) for url in {table.url.partition("#")[0] for table in job.group.tables})


@dataclass
class _Writer:
    """Writes triples as they come; `progress` is called with the number written so far."""

    sink: BinaryIO
    progress: Callable[[int], None] | None
    written: int = 0

    def write(self, blocks: Sequence[Block]) -> None:
        """Write the triples of the blocks of a batch."""
        frame = order_by_row(blocks, distinct=False).frame
        stream_ntriples(frame, self.sink)
        self.written += frame.height
        if self.progress is not None:
            self.progress(self.written)


def _raise_if_failed(job: Job) -> None:
    """Fail if any table could not be read.

    Raises:
        TableError: With all problems.
    """
    if job.failed:
        # That some IRIs begin with file: does not matter where there is no output.
        raise TableError(*(p for p in job.problems if p.kind != "local"))
