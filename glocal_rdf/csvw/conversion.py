"""The verbs of the engine: convert, check, and convert in a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

import polars as pl

from glocal_rdf.csvw.accounts import Accounts
from glocal_rdf.csvw.engine import Conversion, Mode, open_job
from glocal_rdf.csvw.rdf.deduplication import Block, join_blocks
from glocal_rdf.csvw.rdf.row_triples import Lists
from glocal_rdf.csvw.tables.resources import Fetch
from glocal_rdf.errors import GlocalError, Problem, TableError
from glocal_rdf.triples import Triples

_STREAM_CHUNK = 16 << 20


class Problems(tuple[Problem, ...]):
    """What was found in a run, first to last; `accounts` say what was read and what became of it."""

    accounts: Accounts

    def __new__(cls, problems: Iterable[Problem], accounts: Accounts) -> Self:
        """Make a tuple of the problems, with the accounts beside."""
        made = super().__new__(cls, problems)
        made.accounts = accounts
        return made


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

    `source` is a path, or an address that `fetch` answers; `base` is the address that stands for it, so that the output
    does not depend on the folder. `metadata` overrides what would be located. Cells that break their description are
    told in `problems` and become strings, as the Recommendation says. `lists` says what a `valueUrl` makes
    of a column with a separator: "each" gives one IRI a value, and none for a blank cell; "joined" is the letter of the
    Recommendation (one IRI, values joined by commas).
    `prefixes` are those that a project declares, for templates and common properties. `strict` asks for the letter of
    the Recommendation also where it makes data worse: a property of the wrong type becomes an empty text, and columns
    that have names that no URI template can use, or no description, lose their names.

    Raises TableError with all problems where the description is invalid or a table cannot be read, InputError where a
    file is missing.

    Generating RDF from Tabular Data on the Web, section 4: https://www.w3.org/TR/csv2rdf/#conversion
    """
    job = open_job(source, metadata=metadata, fetch=fetch, base=base, prefixes=prefixes, strict=strict)
    blocks: list[Block] = []
    job.run(blocks.extend, mode, lists)
    problems = job.problems()
    if any(f.fatal for f in job.findings):
        raise TableError(*(p for p in problems if p.kind != "local"))
    triples = Triples.from_distinct(join_blocks(blocks))
    return Conversion(triples, problems, tuple(job.read), job.group, lists, accounts=job.accounts)


def check(
    source: str | Path,
    *,
    metadata: str | Path | dict[str, Any] | None = None,
    fetch: Fetch | None = None,
    base: str | None = None,
    prefixes: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Problems:
    """Return everything that is wrong with a description and its tables, errors and warnings; empty if all is well.

    With `strict` columns must have titles (Metadata, section 5.5.3), and names that URI templates can use.

    Model for Tabular Data, section 6: https://www.w3.org/TR/tabular-data-model/#processing-tables
    """
    try:
        job = open_job(source, metadata=metadata, fetch=fetch, base=base, prefixes=prefixes, strict=strict)
        job.keep = False
        job.run(None, "minimal", "each")
    except GlocalError as error:
        return Problems(error.problems, Accounts())
    return Problems(job.problems(), job.accounts)


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
    """Convert tables of any size to N-Triples, batch by batch, in bounded memory; return the problems and the accounts.

    With `distinct` each triple stands once within a batch; the same triple may come again from another batch.
    `progress` is called with the number of triples written so far. Raises as `convert` does.
    """
    job = open_job(source, metadata=metadata, fetch=fetch, base=base, prefixes=prefixes, strict=strict)
    job.keep, job.chunk = False, _STREAM_CHUNK
    written = 0

    def emit(blocks: Sequence[Block]) -> None:
        nonlocal written
        if distinct:
            graph = Triples.from_distinct(join_blocks(blocks))
        else:
            graph = Triples(pl.concat([block.frame for block in blocks]))
        sink.write(graph.serialize("ntriples"))
        written += len(graph)
        if progress is not None:
            progress(written)

    job.run(emit, mode, lists)
    problems = job.problems()
    if any(f.fatal for f in job.findings):
        raise TableError(*(p for p in problems if p.kind != "local"))
    return Problems(problems, job.accounts)
