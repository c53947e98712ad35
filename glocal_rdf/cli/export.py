"""`glocal export`: the graph in the formats of RDF."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.completing import complete_source_graphs
from glocal_rdf.cli.former_options import former_option
from glocal_rdf.cli.options import (
    format_option,
    lang_option,
    open_project,
    output_option,
    project_option,
    refuse_unused,
)
from glocal_rdf.cli.output import print_problems, write_result
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.triples.formats.registry import format_names

FORMATS = (*format_names(), "markdown")
ALL_SOURCES = "*"


@click.command("export")
@project_option
@format_option(FORMATS, default="turtle")
@former_option("--ontology", "--with-ontology", off="--no-ontology")
@click.option("--with-ontology", "ontology", is_flag=True, help="Write the ontology with the data.")
@click.option(
    "--external",
    is_flag=False,
    flag_value=ALL_SOURCES,
    metavar="[NAME]",
    shell_complete=complete_source_graphs,
    help="Write the graphs of other sources too, as named graphs (trig, nquads); with NAME that graph alone.",
)
@click.option("--ontology-only", is_flag=True, help="Write the ontology alone; as markdown it is a reference.")
@lang_option
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    form: str,
    ontology: bool,
    external: str | None,
    ontology_only: bool,
    lang: str,
    output: Path | None,
) -> None:
    """Write the graph of a project in a format of RDF, the same bytes on every run.

    The ontology can also be written as Markdown: a reference of its terms in both languages, with a diagram and with
    the bundled questions that use each term.

    \b
    Examples:
      glocal export -f jsonld -o graph.jsonld
      glocal export -f ntriples | wc -l
      glocal export --ontology-only -f markdown --lang zh-Hant
      glocal export -f trig --external -o all.trig
      glocal export --external geonames

    The graph is not validated; glocal build does that.

    Exit code 0: written; 2: could not be written.
    """
    from glocal_rdf.files import refuse_overwriting
    from glocal_rdf.operations.build import build
    from glocal_rdf.operations.export import export
    from glocal_rdf.operations.ontology import export_ontology, write_reference

    if form == "markdown" and not ontology_only:
        raise click.UsageError("markdown is for the ontology: add --ontology-only, or choose a format of RDF.")
    if form != "markdown":
        refuse_unused(ctx, "lang", why="goes with --format markdown")
    if ontology_only:
        if ontology or external is not None:
            raise click.UsageError("--ontology-only goes neither with --with-ontology nor with --external.")
        project = open_project(folder)
        refuse_overwriting(output, *project.input_files, *project.table_files)
        if form == "markdown":
            return write_result(write_reference(project, lang), output)
        return write_result(export_ontology(project, form), output)
    source = external if external != ALL_SOURCES else None
    if source is not None and ontology:
        raise click.UsageError("--external NAME writes that source's graph alone; leave --with-ontology out.")
    with show_progress("building the graph"):
        built = build(open_project(folder))
    refuse_overwriting(output, *built.project.input_files, *built.project.table_files)
    print_problems(built.problems)
    with show_progress("writing the graph"):
        data = export(built, form, ontology=ontology, external=external == ALL_SOURCES, source=source)
    return write_result(data, output)
