"""Converts, checks and describes tables (CSV on the Web), with the prefixes of the project that they lie in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

from glocal_rdf import csvw
from glocal_rdf.csvw import Accounts, Conversion, Fetched, Problems
from glocal_rdf.csvw.tables.resources import split_sheet
from glocal_rdf.errors import EndpointError, GlocalError, Problem
from glocal_rdf.files import open_input, open_output
from glocal_rdf.operations.prefixes import read_prefixes

if TYPE_CHECKING:
    from glocal_rdf.csvw import Description

__all__ = [
    "check_table",
    "convert_table",
    "convert_table_in_batches",
    "describe_table",
    "fetch_resource",
    "render_github",
    "to_record",
    "warn_of_memory",
]

LARGE: Final = 64 << 20
"""From how many bytes of tables on it is said how much memory a graph of them takes."""

TIMES: Final = 60
"""How many bytes of memory each byte of tables takes to become Turtle; JSON-LD takes up to twice as many."""

Mode = Literal["minimal", "standard"]
Lists = Literal["each", "joined"]


def convert_table(
    source: str,
    *,
    mode: Mode = "minimal",
    metadata: str | None = None,
    base: str | None = None,
    lists: Lists = "each",
    remote: bool = False,
) -> Conversion:
    """Convert a table, or a metadata document with its tables, to RDF.

    Args:
        source: A file, or with `remote` an address.
        mode: `minimal`: the statements of the cells; `standard`: also tables, rows and annotations.
        metadata: The description to use instead of the one that would be found.
        base: The address that stands for the file in the output.
        lists: Whether a `valueUrl` makes one IRI of each value of a list, or one of all (`joined`).
        remote: Whether addresses of the public web are fetched.

    Raises:
        TableError: With all problems, where the description is invalid or a table cannot be read.
        InputError: Where a file is missing.

    https://www.w3.org/TR/csv2rdf/#conversion
    """
    return csvw.convert(
        source,
        mode=mode,
        metadata=metadata,
        fetch=fetch_resource if remote else None,
        base=base,
        lists=lists,
        prefixes=read_prefixes(source),
    )


def convert_table_in_batches(
    source: str,
    output: Path | BinaryIO,
    *,
    mode: Mode = "minimal",
    metadata: str | None = None,
    base: str | None = None,
    lists: Lists = "each",
    remote: bool = False,
    distinct: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Problems:
    """Convert tables of any size to N-Triples, row by row in bounded memory; the same tables give the same bytes.

    Args:
        source: As for `convert_table`, and so are `mode`, `metadata`, `base`, `lists` and `remote`.
        output: Where to write: a file, which is put in place when it is whole, or an open binary stream.
        mode: See `source`.
        metadata: See `source`.
        base: See `source`.
        lists: See `source`.
        remote: See `source`.
        distinct: Whether repeated triples are left out.
        progress: A function that is called with the number of triples found so far, and in the end with that of those
            written.

    Returns:
        The problems that were found, with the accounts of the rows.

    Raises:
        TableError: With all problems, where the description is invalid or a table cannot be read.
        InputError: Where a file is missing.
        OutputError: Where the output or the temporary files cannot be written.
    """

    def convert(sink: BinaryIO) -> Problems:
        return csvw.convert_stream(
            source,
            sink,
            mode=mode,
            metadata=metadata,
            fetch=fetch_resource if remote else None,
            base=base,
            lists=lists,
            prefixes=read_prefixes(source),
            distinct=distinct,
            progress=progress,
        )

    if not isinstance(output, Path):
        return convert(output)
    with open_output(output) as sink:
        return convert(sink)


def warn_of_memory(source: str, *, metadata: str | None = None, base: str | None = None) -> str:
    """Return a line on the memory that a conversion of large tables takes in a format but N-Triples, or nothing.

    Args:
        source: A file.
        metadata: The description to use instead of the one that would be found.
        base: The address that stands for the file.
    """
    try:
        size = csvw.size_of_tables(source, metadata=metadata, base=base)
    except GlocalError:
        return ""  # the conversion will say what is wrong
    if size < LARGE:
        return ""
    needed = f"this format takes about {TIMES * size / 1e9:,.0f} GB of memory or more"
    return f"the tables have {size / 1e6:,.0f} MB, for which {needed}; -f ntriples takes about 0.3 GB"


def check_table(
    source: str, *, metadata: str | None = None, base: str | None = None, strict: bool = False, remote: bool = False
) -> Problems:
    """Check a table and its description, without converting it.

    Args:
        source: A file, or with `remote` an address.
        metadata: The description to use instead of the one that would be found.
        base: The address that stands for the file.
        strict: Whether the Recommendation is followed to the letter, titles included.
        remote: Whether addresses of the public web are fetched.

    Returns:
        The problems that were found, with the accounts of the rows; a table without a description is a warning.

    Raises:
        InputError: Where the source is not a file that can be read.

    https://www.w3.org/TR/tabular-data-model/#processing-tables
    """
    _check_readable(source)
    fetch = fetch_resource if remote else None
    problems = csvw.check(
        source, metadata=metadata, fetch=fetch, base=base, prefixes=read_prefixes(source), strict=strict
    )
    return Problems((*problems, *_warn_of_undescribed(problems.accounts)), problems.accounts)


def describe_table(source: str, output: Path | None = None, *, force: bool = False) -> tuple[str, Description]:
    """Guess a first description of a table, or bring the one in `output` up to date; `describe` can do more.

    Args:
        source: The table.
        output: The file that the description will be written to; it is read, not written, here.
        force: Whether what is there already may be overwritten.

    Returns:
        The description as JSON text, and the guess with its doubts.

    Raises:
        OutputError: Where `output` is the table, or another file that is not to be overwritten.
    """
    from glocal_rdf.operations.describe import describe  # noqa: PLC0415 - only to describe

    described = describe(source, output=output, force=force)
    return described.text, described.guess or csvw.describe(source)


def fetch_resource(url: str) -> Fetched | None:
    """Fetch a table or a description from a public address; return None where the server has nothing there.

    Raises:
        EndpointError: For any other failure: a description that a server fails to deliver is not a missing one.
    """
    from urllib.error import HTTPError  # noqa: PLC0415 - only remote tables

    from glocal_rdf import endpoint  # noqa: PLC0415 - slow to import

    try:
        body, headers = endpoint.fetch(url)
    except EndpointError as error:
        if isinstance(error.__cause__, HTTPError) and error.__cause__.code in {404, 410}:
            return None
        raise
    links = (headers["link"],) if "link" in headers else ()
    return Fetched(url, body, headers.get("content-type", ""), links, headers.get("content-language", ""))


def to_record(problems: Iterable[Problem], accounts: Accounts) -> dict[str, Any]:
    """Return accounts and problems as a JSON object."""
    return {"accounts": accounts.as_dict(), "problems": [asdict(problem) for problem in problems]}


def render_github(problems: Iterable[Problem]) -> str:
    """Write problems as workflow commands of GitHub, which are shown beside the lines of the files.

    Examples:
        >>> print(render_github([Problem("a.csv:2", "'many' is not a number", file="a.csv", row=2)]), end="")
        ::error file=a.csv,line=2::'many' is not a number

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    lines = []
    for problem in problems:
        location = f" file={_escape_property(problem.file)},line={max(problem.row, 1)}" if problem.file else ""
        text = f"{problem.what}; {problem.hint}" if problem.hint else problem.what
        lines.append(f"::{problem.level}{location}::{_escape_data(text)}\n")
    return "".join(lines)


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def _warn_of_undescribed(accounts: Accounts) -> Iterator[Problem]:
    """Yield a warning for each table that was checked without a description."""
    for table in accounts.tables:
        if not table.described:
            columns = "1 column" if table.columns == 1 else f"{table.columns} columns"
            what = f"has no description, so only its form was checked ({columns}, all taken as text)"
            hint = "write a description with glocal describe, and review it"
            yield Problem(table.name, what, hint, "description", "warning", table.name)


def _check_readable(source: str) -> None:
    """Check that a source is a file to read: otherwise nothing was checked.

    Raises:
        InputError: Where it is not.
    """
    path = Path(source)
    if "://" in source or source.startswith("file:") or path.is_fifo():
        return
    open_input(path if path.exists() else Path(split_sheet(source)[0])).close()
