"""`glocal export`: the graph in the formats of RDF."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.formats import FormatName
from glocal_rdf.cli.terminal import (
    guard_inputs,
    lang_option,
    open_project,
    output_option,
    print_problems,
    project_option,
    refuse_unused,
    write_result,
)

FORMATS = ("turtle", "ntriples", "nquads", "trig", "jsonld", "rdfxml", "markdown")


@click.command("export")
@project_option
@click.option(
    "-f", "--format", "form", type=FormatName(FORMATS), default="turtle", show_default=True, help="The format."
)
@click.option("--ontology/--no-ontology", default=False, show_default=True, help="Export the ontology with the data.")
@click.option(
    "--external",
    is_flag=False,
    flag_value="*",
    metavar="[NAME]",
    help="What other sources say goes along, in graphs of its own (trig, nquads); with NAME that source's graph alone.",
)
@click.option("--ontology-only", is_flag=True, help="Export the ontology alone; as markdown it is its reference.")
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

    The ontology can be written as Markdown too: a reference of its terms in both languages, drawn and told from the
    ontology itself, with the bundled questions that use each term.

    \b
    Examples:
      glocal export -f jsonld -o graph.jsonld
      glocal export -f ntriples | wc -l
      glocal export --ontology-only -f markdown --lang zh-Hant
      glocal export -f trig --external -o all.trig
      glocal export --external geonames

    The graph is not validated here; glocal build does that.
    """
    from glocal_rdf import operations

    if form == "markdown" and not ontology_only:
        raise click.UsageError("markdown is for the ontology: add --ontology-only, or choose a format of RDF.")
    if form != "markdown":
        refuse_unused(ctx, "lang", why="goes with --format markdown")
    if ontology_only:
        if ontology or external is not None:
            raise click.UsageError("--ontology-only writes the ontology alone; leave --ontology and --external out.")
        project = open_project(folder)
        guard_inputs(output, *project.input_files, *project.table_files)
        if form == "markdown":
            return write_result(operations.write_reference(project, lang), output)
        return write_result(operations.export_ontology(project, form), output)
    built = operations.build(open_project(folder))
    guard_inputs(output, *built.project.input_files, *built.project.table_files)
    print_problems(built.problems)
    if external is not None and external != "*":
        if ontology:
            raise click.UsageError("--external NAME writes that source's graph alone; leave --ontology out.")
        found = operations.find_source(built, external)
        return write_result(found.triples.serialize(form, built.prefixes), output)
    return write_result(operations.export(built, form, ontology=ontology, external=external == "*"), output)
