"""`glocal convert`: a file of RDF in another format, term by term."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.former_options import former_option
from glocal_rdf.cli.options import (
    FormatName,
    address_of,
    base_option,
    cluster_option,
    complete_files,
    dry_run_option,
    format_option,
    output_option,
    partitions_option,
    refuse_unused,
)
from glocal_rdf.cli.output import print_note, read_stdin, write_result
from glocal_rdf.cli.progress import show_progress, show_steps
from glocal_rdf.triples.formats.registry import format_names

INPUT_FORMATS = format_names(writable=False)
OUTPUT_FORMATS = format_names()
CLUSTER_FORMATS = ("ntriples", "turtle", "parquet")
"""The formats that a cluster writes; it reads these, and all others a file at a time."""


@click.command("convert")
@click.argument("source", metavar="FILE", shell_complete=complete_files)
@former_option("--from", "--input-format")
@click.option(
    "--input-format",
    "given",
    type=FormatName((*INPUT_FORMATS, "parquet")),
    show_default="by the ending of FILE",
    help="The format of FILE.",
)
@format_option((*OUTPUT_FORMATS, "parquet"), show_default="by the ending of -o")
@base_option
@click.option("--graph", metavar="IRI", help="Convert this named graph alone.")
@click.option("--merge-graphs", is_flag=True, help="Merge the triples of all graphs into one graph.")
@output_option
@cluster_option
@partitions_option
@dry_run_option
@click.pass_context
def command(
    ctx: click.Context,
    source: str,
    given: str | None,
    form: str | None,
    base: str | None,
    graph: str | None,
    merge_graphs: bool,
    output: Path | None,
    cluster: str | None,
    partitions: int | None,
    dry_run: bool,
) -> None:
    """Convert a file of RDF to another format.

    Every term stays as it is written: lexical forms, language tags, named graphs. The result is sorted, with the
    prefixes that the source declares. FILE may be compressed (.gz), and - is standard input.

    With --cluster, FILE and -o may be folders and addresses (s3://, hdfs://): N-Triples, Turtle without blank nodes or
    Parquet is written in sorted parts, which joined are one file.

    \b
    Examples:
      glocal convert graph.ttl -o graph.jsonld
      glocal convert dataset.trig --graph https://example.org/g -f turtle
      curl -s https://example.org/data.rdf | glocal convert - --input-format xml -f nt
      glocal convert s3://data/graph.nt --cluster sc://spark:15002 -f turtle -o s3://data/turtle

    Exit code 0: converted; 2: FILE cannot be read, or the format cannot represent it.
    """
    from glocal_rdf.operations.convert import read_dataset

    if graph and merge_graphs:
        raise click.UsageError("--graph takes one graph, --merge-graphs all of them; choose one.")
    if cluster is not None:
        convert_on_cluster(ctx, cluster, partitions, dry_run=dry_run)
        return
    refuse_unused(ctx, "partitions", "dry_run", why="goes with --cluster")
    if "parquet" in (form, given):
        raise click.UsageError("The format parquet goes with --cluster.")
    to_file = output is not None and str(output) != "-"
    if form is None and not to_file:
        raise click.UsageError("Name the format to write with -f, or a file with -o whose ending decides it.")
    if source == "-" and given is None:
        raise click.UsageError("Name the format of standard input with --input-format.")
    data: Path | bytes = read_stdin() if source == "-" else Path(source)
    with show_progress("reading the file"):
        dataset = read_dataset(data, given, base=base, graph=graph, merge=merge_graphs)
    if to_file and output is not None:
        with show_progress("writing the file"):
            dataset.write(output, form, dataset.prefixes)
        print_note(f"wrote {output}: {len(dataset):,} triples")
    else:
        with show_progress("writing the file"):
            result = dataset.serialize(str(form), dataset.prefixes)
        write_result(result, None)


def convert_on_cluster(ctx: click.Context, cluster: str, partitions: int | None, *, dry_run: bool) -> None:
    """Convert on a cluster, or print the plan of it.

    Args:
        ctx: The run of the command.
        cluster: The address of the cluster.
        partitions: How many parts to write.
        dry_run: Whether the plan is printed, and nothing done.
    """
    from glocal_rdf.operations import cluster_graphs as operation

    values = ctx.params
    source, base = values["source"], values["base"]
    output = None if values["output"] is None else address_of(values["output"])
    refuse_unused(ctx, "graph", "merge_graphs", why="does not go with --cluster, which takes one graph")
    if source == "-" or output in (None, "-"):
        raise click.UsageError("--cluster reads FILE and writes a folder: name them, the folder with -o.")
    form = values["form"] or "ntriples"
    if form not in CLUSTER_FORMATS:
        raise click.UsageError(f"--format {form} does not go with --cluster; use {', '.join(CLUSTER_FORMATS)}.")
    if dry_run:
        from glocal_rdf.operations.cluster_plans import describe_plan, estimate_triples

        ranges = operation.plan_ranges(source, values["given"], base=base)
        for line in describe_plan(source, [one.size for one in ranges], estimate_triples(ranges), partitions):
            click.echo(line)
        return
    with show_steps("converting on the cluster"):
        written = operation.convert_on_cluster(
            cluster, source, str(output), form, input_format=values["given"], base=base, partitions=partitions
        )
    print_note(written.describe())
