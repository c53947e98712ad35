"""`glocal csvw`: a described table to RDF; or its check, or a first description of a table that has none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, NoReturn

import click

from glocal_rdf.cli.former_options import former_option
from glocal_rdf.cli.options import (
    FormatName,
    address_of,
    base_option,
    cluster_option,
    complete_files,
    dry_run_option,
    json_flag,
    output_option,
    partitions_option,
    refuse_unused,
)
from glocal_rdf.cli.output import note_open_decisions, print_json, print_note, print_problems, write_result
from glocal_rdf.cli.progress import show_progress, show_steps
from glocal_rdf.triples.formats.registry import format_names

if TYPE_CHECKING:
    from glocal_rdf.csvw import Accounts
    from glocal_rdf.errors import Problem

FORMATS = format_names(datasets=False)
REPORT_FORMATS = ("json", "github")
"""The formats of accounts and problems, beside the text on stderr."""

CLUSTER_FORMATS = ("ntriples", "turtle", "parquet")
"""The formats that a cluster writes."""

BYTES_A_BYTE = 8
"""How many bytes of N-Triples a byte of a table makes, by estimate, for the plan."""


@click.command("csvw")
@click.argument("source", metavar="FILE", shell_complete=complete_files)
@click.option(
    "--mode",
    type=click.Choice(["minimal", "standard"]),
    default="minimal",
    show_default=True,
    help="minimal: the statements of the cells; standard: also tables, rows and annotations.",
)
@click.option(
    "-m",
    "--metadata",
    metavar="FILE",
    shell_complete=complete_files,
    help="Use this description, not the one that would be found.",
)
@base_option
@former_option("--github", "--format github")
@click.option(
    "-f",
    "--format",
    "form",
    type=FormatName((*FORMATS, "parquet", *REPORT_FORMATS)),
    show_default="by the ending of -o, or turtle",
    help="The format to write.",
)
@json_flag
@output_option
@click.option(
    "--each/--joined",
    default=True,
    help="A valueUrl makes one IRI of each value of a list (default), or one of all, as in the Recommendation.",
)
@click.option("--strict", is_flag=True, help="With --check: follow the Recommendation to the letter, titles included.")
@click.option("--check", "only_check", is_flag=True, help="Check the table and its description; write no RDF.")
@click.option(
    "--describe", "only_describe", is_flag=True, help="Print or update the description, as glocal describe does."
)
@click.option(
    "--force", is_flag=True, help="Write a description anew, although one is there: what was written by hand is lost."
)
@click.option(
    "--stream", is_flag=True, help="The same as --format ntriples, which fits tables of any size into memory."
)
@click.option("--no-distinct", is_flag=True, help="With N-Triples: write at once, and keep repeated triples.")
@click.option(
    "--remote",
    is_flag=True,
    help="Fetch public web addresses that FILE or its description names; never those of a private network.",
)
@cluster_option
@partitions_option
@dry_run_option
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
    cluster: str | None,
    partitions: int | None,
    dry_run: bool,
) -> None:
    """Convert a described table to RDF (CSV on the Web).

    FILE is a metadata document (.json) with its tables, or a table: CSV, TSV, a spreadsheet (.xlsx, .ods) or Parquet.
    The description of a table is found beside it, as FILE-metadata.json or csv-metadata.json.

    \b
    Examples:
      glocal describe cities.csv
      glocal csvw --check cities.csv
      glocal csvw cities.csv -o cities.ttl
      glocal csvw data/csv-metadata.json --mode standard
      glocal csvw big.csv -o big.nt.gz
      glocal csvw s3://data/big.csv --cluster sc://spark:15002 -o s3://data/graph

    N-Triples are written row by row in bounded memory, each triple once, whatever the size of the tables. Other formats
    are made in memory; where that is much, a line says so.

    With --cluster, FILE may be an address (s3://, hdfs://), and -o is a folder: N-Triples, Turtle without blank nodes
    or Parquet in sorted parts, which joined are one file.

    A line on stderr counts the rows: how many were read, converted, and left out, and why. With --check or -o FILE,
    --json prints these accounts with all problems, as {"accounts": ..., "problems": ...}. With --check, -f github
    prints the problems as annotations for GitHub Actions.

    Exit code 0: done, or no errors; 1: there are errors, because of which rows or cells were left out or written as
    plain strings, though the output is written; 2: could not be done. Warnings do not change it.
    """
    from glocal_rdf.files import refuse_overwriting
    from glocal_rdf.operations import csvw as operation

    as_lines = stream or (not only_describe and not only_check and _is_ntriples(form, output))
    _refuse_unused(ctx, only_check=only_check, only_describe=only_describe, stream=stream, as_lines=as_lines, form=form)
    as_json, github = as_json or form == "json", form == "github"
    form = None if form in REPORT_FORMATS else form
    if str(output) == "-":
        output = None
    if cluster is not None:
        _convert_on_cluster(ctx, cluster, form, partitions, each=each, as_json=as_json, dry_run=dry_run)
    if only_describe:
        _describe(ctx, source, output, force=force)
    refuse_overwriting(output, Path(source), Path(metadata) if metadata else None)
    if only_check:
        with show_progress("checking"):
            checked = operation.check_table(source, metadata=metadata, base=base, strict=strict, remote=remote)
        _print_check(checked, checked.accounts, as_json=as_json, github=github)
        ctx.exit(1 if any(p.level == "error" for p in checked) else 0)
    lists: Literal["joined", "each"] = "each" if each else "joined"
    if as_lines:
        count = 0
        sink: Path | BinaryIO = output or sys.stdout.buffer
        with show_progress("converting", prints=output is None) as shown:

            def note_count(found: int) -> None:
                nonlocal count
                count = found
                shown.count(found, "triples")

            problems = operation.convert_table_in_batches(
                source,
                sink,
                mode=mode,
                metadata=metadata,
                base=base,
                lists=lists,
                remote=remote,
                distinct=not no_distinct,
                progress=note_count,
            )
        if not as_json:
            print_problems(problems, labelled=True)
        if output is not None:
            print_note(f"wrote {output}: {count:,} triples")
        _finish(ctx, problems, problems.accounts, as_json=as_json)
    if not remote and (note := operation.warn_of_memory(source, metadata=metadata, base=base)):
        print_note(note)
    with show_progress("converting"):
        conversion = operation.convert_table(
            source, mode=mode, metadata=metadata, base=base, lists=lists, remote=remote
        )
    if not as_json:
        print_problems(conversion.problems, labelled=True)
    if output is not None:
        with show_progress("writing the graph"):
            conversion.triples.write(output, form)
        print_note(f"wrote {output}: {len(conversion.triples):,} triples")
    else:
        write_result(conversion.triples.serialize(form or "turtle"), None)
    _finish(ctx, conversion.problems, conversion.accounts, as_json=as_json)


def _describe(ctx: click.Context, source: str, output: Path | None, *, force: bool) -> NoReturn:
    """Do what `glocal describe FILE -o OUTPUT` does, without its table of columns."""
    from glocal_rdf.operations.describe import describe, list_decisions
    from glocal_rdf.operations.description_files import write_description

    found = describe(source, output=output, force=force)
    if output is None:
        write_result(found.text, None)
    else:
        write_description(found)
    print_problems(list_decisions(found))
    print_problems(found.problems, labelled=True)
    ctx.exit(1 if found.errors else 0)


def _is_ntriples(form: str | None, output: Path | None) -> bool:
    """Return whether the result is N-Triples, by the name of its format or the ending of its file."""
    if form not in (None, *REPORT_FORMATS):
        return form == "ntriples"
    return output is not None and output.name.lower().removesuffix(".gz").endswith(".nt")


def _refuse_unused(
    ctx: click.Context, *, only_check: bool, only_describe: bool, stream: bool, as_lines: bool, form: str | None
) -> None:
    """Refuse options that were given and would be ignored.

    Raises:
        UsageError: With those that were given.
    """
    if ctx.params["cluster"] is not None:
        beside = ("only_check", "only_describe", "force", "strict", "stream", "no_distinct")
        refuse_unused(ctx, *beside, why="does not go with --cluster")
    else:
        refuse_unused(ctx, "partitions", "dry_run", why="goes with --cluster")
        if form == "parquet":
            raise click.UsageError("--format parquet goes with --cluster.", ctx)
    if only_describe:
        unused = ("mode", "metadata", "base", "form", "each", "stream", "no_distinct", "remote", "only_check")
        refuse_unused(ctx, *unused, "as_json", why="does not go with --describe")
    elif only_check:
        refuse_unused(ctx, "output", "stream", "no_distinct", why="does not go with --check")
        if form not in (None, *REPORT_FORMATS):
            refuse_unused(ctx, "form", why="does not go with --check, but for json and github")
        if form == "github":
            refuse_unused(ctx, "as_json", why="does not go with --format github")
    else:
        if form == "github":
            raise click.UsageError("--format github goes with --check.", ctx)
        if ctx.params["output"] is None or str(ctx.params["output"]) == "-":
            why = "goes with --check, or with -o FILE"
            refuse_unused(ctx, "as_json", why=why)
            if form == "json":
                raise click.UsageError(f"--format json {why}.", ctx)
    if not as_lines:
        refuse_unused(ctx, "no_distinct", why="goes with N-Triples")
    elif stream and form not in (None, "ntriples", *REPORT_FORMATS):
        refuse_unused(ctx, "form", why="does not go with --stream, which writes N-Triples")


def _convert_on_cluster(
    ctx: click.Context,
    cluster: str,
    form: str | None,
    partitions: int | None,
    *,
    each: bool,
    as_json: bool,
    dry_run: bool,
) -> NoReturn:
    """Convert on a cluster, or print the plan of it."""
    from glocal_rdf.operations import cluster_csvw as operation
    from glocal_rdf.operations.cluster_plans import BYTES_A_TRIPLE, describe_plan
    from glocal_rdf.operations.csvw import fetch_resource

    values = ctx.params
    source, metadata, base = values["source"], values["metadata"], values["base"]
    if values["output"] is None or str(values["output"]) == "-":
        raise click.UsageError("--cluster writes a folder: name it with -o.", ctx)
    form = form or "ntriples"
    if form not in CLUSTER_FORMATS:
        raise click.UsageError(
            f"--format {form} does not go with --cluster; use {', '.join(CLUSTER_FORMATS)}.",
            ctx,
        )
    if dry_run:
        sizes = [size for _, size in operation.list_inputs(source, metadata, base)]
        cut = [min(operation.RANGE, size - at) for size in sizes for at in range(0, size, operation.RANGE)]
        for line in describe_plan(source, cut, BYTES_A_BYTE * sum(sizes) // BYTES_A_TRIPLE, partitions):
            click.echo(line)
        ctx.exit(0)
    with show_steps("converting on the cluster"):
        found = operation.convert_tables(
            cluster,
            source,
            address_of(values["output"]),
            form,
            mode=values["mode"],
            metadata=metadata,
            base=base,
            lists="each" if each else "joined",
            fetch=fetch_resource if values["remote"] else None,
            partitions=partitions,
        )
    if not as_json:
        print_problems(found.problems, labelled=True)
    written = found.written
    print_note(written.describe())
    _finish(ctx, found.problems, found.accounts, as_json=as_json)


def _finish(ctx: click.Context, problems: tuple[Problem, ...], accounts: Accounts, *, as_json: bool) -> NoReturn:
    """Print the accounts of the rows, and exit with 1 if there are errors."""
    if as_json:
        _print_record(problems, accounts)
    else:
        print_note(accounts.describe())
    ctx.exit(1 if any(p.level == "error" for p in problems) else 0)


def _print_check(problems: tuple[Problem, ...], accounts: Accounts, *, as_json: bool, github: bool) -> None:
    """Print problems as text on stderr, or as JSON or annotations on stdout."""
    if as_json:
        _print_record(problems, accounts)
    elif github:
        from glocal_rdf.operations.csvw import render_github

        click.echo(render_github(problems), nl=False)
    else:
        print_problems(problems)
        note_open_decisions(problems)
        if accounts.tables:
            print_note(accounts.describe("checked"))


def _print_record(problems: tuple[Problem, ...], accounts: Accounts) -> None:
    from glocal_rdf.operations.csvw import to_record

    print_json(to_record(problems, accounts))
