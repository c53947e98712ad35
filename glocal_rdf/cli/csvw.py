"""`glocal csvw`: any described table to RDF; or check it, or guess a first description of a bare one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

import click

from glocal_rdf.cli.formats import FormatName
from glocal_rdf.cli.terminal import (
    guard_inputs,
    output_option,
    print_json,
    print_note,
    print_problems,
    refuse_unused,
    write_result,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from glocal_rdf.csvw import Accounts, Fetch, Fetched, Problems
    from glocal_rdf.errors import Problem

FORMATS = ("turtle", "ntriples", "jsonld", "rdfxml")


@click.command("csvw")
@click.argument("source", metavar="FILE")
@click.option(
    "--mode",
    type=click.Choice(["minimal", "standard"]),
    default="minimal",
    show_default=True,
    help="minimal: what the cells say; standard: also tables, rows and annotations.",
)
@click.option("-m", "--metadata", metavar="FILE", help="Use this description, not the one that would be found.")
@click.option("--base", metavar="IRI", help="The address that stands for FILE in the output.")
@click.option(
    "-f", "--format", "form", type=FormatName(FORMATS), help="RDF format. Default: by FILE's ending, or Turtle."
)
@output_option
@click.option(
    "--each/--joined",
    default=True,
    help="A valueUrl gives one IRI for each value of a list (default), or one for all, as the Recommendation has it.",
)
@click.option("--strict", is_flag=True, help="With --check: by the letter of the Recommendation, titles included.")
@click.option("--check", "only_check", is_flag=True, help="Check the table and its description; write no RDF.")
@click.option("--describe", "only_describe", is_flag=True, help="Guess a first description of a bare table.")
@click.option("--force", is_flag=True, help="With --describe: write over a description that is already there.")
@click.option(
    "--stream", is_flag=True, help="Tables larger than memory: N-Triples in batches, each triple once a batch."
)
@click.option("--no-distinct", is_flag=True, help="With --stream: leave repeated triples in.")
@click.option(
    "--remote",
    is_flag=True,
    help="Fetch public web addresses that FILE or its description names; never those inside a network.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Accounts and problems as JSON on stdout (with --check or -o FILE)."
)
@click.option("--github", is_flag=True, help="Problems as annotations for GitHub Actions (with --check).")
@click.pass_context
def command(
    ctx: click.Context,
    source: str,
    mode: Literal["minimal", "standard"],
    metadata: str | None,
    base: str | None,
    form: str | None,
    output: Path | None,
    each: bool,
    strict: bool,
    only_check: bool,
    only_describe: bool,
    force: bool,
    stream: bool,
    no_distinct: bool,
    remote: bool,
    as_json: bool,
    github: bool,
) -> None:
    """Convert a described table to RDF (CSV on the Web).

    FILE is a metadata document (.json) with its tables, or a table: CSV, TSV, a spreadsheet (.xlsx, .ods) or Parquet.
    The description of a table is found beside it, as FILE-metadata.json or csv-metadata.json.

    \b
    Examples:
      glocal csvw --describe cities.csv -o cities.csv-metadata.json
      glocal csvw --check cities.csv
      glocal csvw cities.csv -o cities.ttl
      glocal csvw data/csv-metadata.json --mode standard
      glocal csvw big.csv --stream -o big.nt.gz

    A line on stderr says how many rows were read and converted, and how many were left out and why. With --json it is
    a part of {"accounts": ..., "problems": ...}.

    Exit code 0: done, or nothing is wrong; 1: there are errors, by which rows or cells were left out or written as
    plain strings, though the output is written; 2: could not be done. Warnings never change it.
    """
    from glocal_rdf import csvw

    _refuse_unused(ctx, only_check=only_check, only_describe=only_describe, stream=stream, form=form)
    if not only_describe:
        guard_inputs(output, Path(source), Path(metadata) if metadata else None)
    fetch = _fetch if remote else None
    if only_describe:
        _describe(source, output, force=force)
        return
    if only_check:
        _open_once(source)
        problems = csvw.check(
            source, metadata=metadata, fetch=fetch, base=base, prefixes=_prefixes(source), strict=strict
        )
        _tell((*problems, *_undescribed(problems.accounts)), problems.accounts, as_json=as_json, github=github)
        ctx.exit(1 if any(p.level == "error" for p in problems) else 0)
    lists: Literal["joined", "each"] = "each" if each else "joined"
    if stream:
        found = _stream(source, output, mode, metadata, base, fetch, lists, distinct=not no_distinct)
        if not as_json:
            print_problems(found, labelled=True)
        _end(ctx, found, found.accounts, as_json=as_json)
    conversion = csvw.convert(
        source, mode=mode, metadata=metadata, fetch=fetch, base=base, lists=lists, prefixes=_prefixes(source)
    )
    if not as_json:
        print_problems(conversion.problems, labelled=True)
    if output is not None and str(output) != "-":
        conversion.triples.write(output, form)
        print_note(f"wrote {output}: {len(conversion.triples):,} triples")
    else:
        write_result(conversion.triples.serialize(form or "turtle"), None)
    _end(ctx, conversion.problems, conversion.accounts, as_json=as_json)


def _refuse_unused(
    ctx: click.Context, *, only_check: bool, only_describe: bool, stream: bool, form: str | None
) -> None:
    """Raise UsageError where an option was given that would be ignored."""
    if only_describe:
        unused = ("mode", "metadata", "base", "form", "each", "stream", "no_distinct", "remote", "only_check")
        refuse_unused(ctx, *unused, "as_json", "github", why="does not go with --describe")
    elif only_check:
        refuse_unused(ctx, "form", "output", "stream", "no_distinct", why="does not go with --check")
    else:
        refuse_unused(ctx, "github", why="goes with --check")
        if ctx.params["output"] is None or str(ctx.params["output"]) == "-":
            refuse_unused(ctx, "as_json", why="goes with --check, or with -o FILE")
    if not stream:
        refuse_unused(ctx, "no_distinct", why="goes with --stream")
    elif form not in (None, "ntriples"):
        refuse_unused(ctx, "form", why="does not go with --stream, which writes N-Triples")


def _describe(source: str, output: Path | None, *, force: bool) -> None:
    """Write a guessed description, and its doubts to stderr; refuse to write over a table or another description."""
    import json

    from glocal_rdf import csvw
    from glocal_rdf.errors import OutputError

    if output is not None and str(output) != "-" and os.path.lexists(output):
        if not output.name.lower().endswith((".json", ".jsonld")) or (
            Path(source).exists() and output.exists() and output.samefile(source)
        ):
            raise OutputError.at(output, "is not a description, and is not written over", "name another file with -o")
        if not force:
            hint = "name another file with -o, or write over it with --force"
            raise OutputError.at(output, "is already there, and may have been edited", hint)
    found = csvw.describe(source)
    write_result(json.dumps(found.document, ensure_ascii=False, indent=1) + "\n", output)
    print_problems(found.problems)


def _prefixes(source: str) -> dict[str, str]:
    """Return the prefixes that the ontology of the project around a file declares; none outside a project."""
    from glocal_rdf.errors import GlocalError
    from glocal_rdf.project import METADATA, Project

    for folder in Path(source).resolve().parents:
        if (folder / METADATA).is_file():
            try:
                return Project(folder).declared_prefixes
            except GlocalError:  # the ontology is not what is asked about here, and build reports it
                return {}
    return {}


def _end(ctx: click.Context, problems: tuple[Problem, ...], accounts: Accounts, *, as_json: bool) -> NoReturn:
    """Say what became of the rows; exit with 1 if there are errors."""
    if as_json:
        _tell(problems, accounts, as_json=True, github=False)
    else:
        print_note(accounts.describe())
    ctx.exit(1 if any(p.level == "error" for p in problems) else 0)


def _undescribed(accounts: Accounts) -> Iterator[Problem]:
    """Yield a warning for each table that was checked without a description."""
    from glocal_rdf.errors import Problem

    for table in accounts.tables:
        if not table.described:
            columns = "1 column" if table.columns == 1 else f"{table.columns} columns"
            what = f"has no description, so only its form was checked ({columns}, all taken as text)"
            hint = "guess a description with glocal csvw --describe, and review it"
            yield Problem(table.name, what, hint, "description", "warning", table.name)


def _open_once(source: str) -> None:
    """Raise InputError where a source is no file to read: then nothing was checked, and that is not a "no"."""
    from glocal_rdf.csvw.tables.resources import split_sheet
    from glocal_rdf.files import open_input

    path = Path(source)
    if "://" in source or source.startswith("file:") or path.is_fifo():
        return
    open_input(path if path.exists() else Path(split_sheet(source)[0])).close()


def _tell(problems: tuple[Problem, ...], accounts: Accounts, *, as_json: bool, github: bool) -> None:
    """Tell problems as text on stderr, or as JSON or annotations on stdout."""
    if as_json:
        from dataclasses import asdict

        print_json({"accounts": accounts.as_dict(), "problems": [asdict(p) for p in problems]})
    elif github:
        for p in problems:
            place = f" file={_property(p.file)},line={max(p.row, 1)}" if p.file else ""
            text = f"{p.what}; {p.hint}" if p.hint else p.what
            click.echo(
                f"::{p.level}{place}::{text.replace('%', '%25').replace(chr(10), '%0A').replace(chr(13), '%0D')}"
            )
    else:
        print_problems(problems)
        if accounts.tables:
            print_note(accounts.describe("checked"))


def _property(text: str) -> str:
    """Escape a property of a GitHub annotation."""
    for character, escaped in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(character, escaped)
    return text


def _stream(
    source: str,
    output: Path | None,
    mode: Literal["minimal", "standard"],
    metadata: str | None,
    base: str | None,
    fetch: Fetch | None,
    lists: Literal["joined", "each"],
    *,
    distinct: bool,
) -> Problems:
    """Convert in batches to stdout, or to a file, which stands in its place once it is whole."""
    from glocal_rdf import csvw
    from glocal_rdf.files import open_output

    options = {"mode": mode, "metadata": metadata, "base": base, "fetch": fetch, "lists": lists, "distinct": distinct}
    options |= {"prefixes": _prefixes(source)}  # type: ignore[dict-item]
    if output is None or str(output) == "-":
        return csvw.convert_stream(source, sys.stdout.buffer, **options)  # type: ignore[arg-type]
    with open_output(output) as sink, _progress() as progress:
        return csvw.convert_stream(source, sink, progress=progress, **options)  # type: ignore[arg-type]


def _progress() -> AbstractContextManager[Callable[[int], None] | None]:
    """Show the triples written so far, on a terminal."""
    import contextlib

    if not sys.stderr.isatty():
        return contextlib.nullcontext(None)
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    @contextlib.contextmanager
    def shown() -> Iterator[Callable[[int], None]]:
        from rich.console import Console

        columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} triples"), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda count: bar.update(task, completed=count)

    return shown()


def _fetch(url: str) -> Fetched | None:
    """Answer a request by the network, for public addresses alone; nothing stands there if the server says so.

    Raise EndpointError for any other failure: a description that a server fails to deliver is not one that is missing.
    """
    from urllib.error import HTTPError

    from glocal_rdf import csvw, endpoint
    from glocal_rdf.errors import EndpointError

    try:
        body, headers = endpoint.fetch(url)
    except EndpointError as error:
        if isinstance(error.__cause__, HTTPError) and error.__cause__.code in {404, 410}:
            return None
        raise
    links = (headers["link"],) if "link" in headers else ()
    kind, language = headers.get("content-type", ""), headers.get("content-language", "")
    return csvw.Fetched(url, body, kind, links, language)
