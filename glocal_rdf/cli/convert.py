"""`glocal convert`: a file of RDF in another format, term by term."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.former_options import former_option
from glocal_rdf.cli.options import FormatName, base_option, format_option, output_option
from glocal_rdf.cli.output import print_note, read_stdin, write_result
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.triples.formats.registry import format_names

INPUT_FORMATS = format_names(writable=False)
OUTPUT_FORMATS = format_names()


@click.command("convert")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@former_option("--from", "--input-format")
@click.option(
    "--input-format",
    "given",
    type=FormatName(INPUT_FORMATS),
    show_default="by the ending of FILE",
    help="The format of FILE.",
)
@format_option(OUTPUT_FORMATS, show_default="by the ending of -o")
@base_option
@click.option("--graph", metavar="IRI", help="Convert this named graph alone.")
@click.option("--merge-graphs", is_flag=True, help="Merge the triples of all graphs into one graph.")
@output_option
def command(
    source: Path,
    given: str | None,
    form: str | None,
    base: str | None,
    graph: str | None,
    merge_graphs: bool,
    output: Path | None,
) -> None:
    """Convert a file of RDF to another format.

    Every term stays as it is written: lexical forms, language tags, named graphs. The result is sorted, with the
    prefixes that the source declares. FILE may be compressed (.gz), and - is standard input.

    \b
    Examples:
      glocal convert graph.ttl -o graph.jsonld
      glocal convert dataset.trig --graph https://example.org/g -f turtle
      curl -s https://example.org/data.rdf | glocal convert - --input-format xml -f nt

    Exit code 0: converted; 2: FILE cannot be read, or the format cannot represent it.
    """
    from glocal_rdf.operations.convert import read_dataset

    if graph and merge_graphs:
        raise click.UsageError("--graph takes one graph, --merge-graphs all of them; choose one.")
    to_file = output is not None and str(output) != "-"
    if form is None and not to_file:
        raise click.UsageError("Name the format to write with -f, or a file with -o whose ending decides it.")
    if str(source) == "-" and given is None:
        raise click.UsageError("Name the format of standard input with --input-format.")
    data: Path | bytes = read_stdin() if str(source) == "-" else source
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
