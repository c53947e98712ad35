"""`glocal export`: the graph in the formats of RDF, and as tables, a map or a network."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.completing import complete_source_graphs, complete_things
from glocal_rdf.cli.former_options import former_option
from glocal_rdf.cli.options import (
    base_url_option,
    format_option,
    lang_option,
    open_project,
    output_option,
    project_option,
    refuse_unused,
)
from glocal_rdf.cli.output import print_note, print_problems, write_result
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.exports.registry import FORMS as ALL_FORMS
from glocal_rdf.exports.registry import form_names
from glocal_rdf.triples.formats.registry import format_names

FORMS = form_names()
CATALOGUE = ("dcat", "void")
FORMATS = (*format_names(), *FORMS, *CATALOGUE, "markdown")
NAMED = [form.name for form in ALL_FORMS if form.names]
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
    help="Write the graphs of other sources too, as named graphs (trig, nquads) or places (geojson); with NAME that "
    "graph alone.",
)
@click.option("--claims", is_flag=True, help="With graphml: write claims as edges too, with their rank.")
@click.option(
    "--about",
    multiple=True,
    metavar="THING",
    shell_complete=complete_things,
    help="With nanopub: write the claims about this thing alone, or this claim. Repeatable.",
)
@base_url_option
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
    claims: bool,
    about: tuple[str, ...],
    base_url: str,
    ontology_only: bool,
    lang: str,
    output: Path | None,
) -> None:
    """Write the graph of a project in a format of RDF, or as tables, a map or a network, the same bytes on every run.

    csv writes a table for each class, with a description (CSV on the Web) from which the tables become the same RDF
    again; give a folder or a file that ends with .zip as --output. geojson writes the things with coordinates, graphml
    things and the statements between them. turtle-1.2 writes claims as RDF 1.2 does: as annotations of the triples that
    they state, or as triple terms where the graph does not state the triple. nanopub writes claims as
    nanopublications, each with its evidence and under an IRI that has its hash; to sign and send them is left to you.

    dcat and void describe the dataset for catalogues (DCAT-AP, VoID), with the files that glocal publish writes at
    --base-url; the site itself is not written.

    The ontology can also be written as Markdown: a reference of its terms in both languages, with a diagram and with
    the bundled questions that use each term.

    \b
    Examples:
      glocal export -f jsonld -o graph.jsonld
      glocal export -f ntriples | wc -l
      glocal export --ontology-only -f markdown --lang zh-Hant
      glocal export -f trig --external -o all.trig
      glocal export --external geonames
      glocal export -f csv -o tables
      glocal export -f geojson --external -o map.geojson
      glocal export -f turtle-1.2 -o claims.ttl
      glocal export -f nanopub --about uclg -o uclg.trig
      glocal export -f dcat --base-url https://example.org/data/ -o dcat.ttl

    The graph is not validated; glocal build does that.

    Exit code 0: written; 1: written, but something was left out; 2: could not be written.
    """
    from glocal_rdf.files import refuse_overwriting
    from glocal_rdf.operations.build import build
    from glocal_rdf.operations.export import export, export_form, write_exported
    from glocal_rdf.operations.export_catalogue import export_catalogue
    from glocal_rdf.operations.ontology import export_ontology, write_reference

    if form == "markdown" and not ontology_only:
        raise click.UsageError("markdown is for the ontology: add --ontology-only, or choose a format of RDF.")
    if form not in (*NAMED, *CATALOGUE, "markdown"):
        refuse_unused(ctx, "lang", why=f"goes with --format {', '.join((*NAMED, *CATALOGUE))} and markdown")
    if form != "graphml":
        refuse_unused(ctx, "claims", why="goes with --format graphml")
    if form != "nanopub":
        refuse_unused(ctx, "about", why="goes with --format nanopub")
    if form not in CATALOGUE:
        refuse_unused(ctx, "base_url", why=f"goes with --format {' and '.join(CATALOGUE)}")
    elif not base_url:
        raise click.UsageError(f"{form} describes the files of a site: give its address with --base-url.")
    if form in CATALOGUE and (ontology or external is not None):
        raise click.UsageError(f"{form} describes all graphs: leave --with-ontology and --external out.")
    if form == "csv" and (output is None or str(output) == "-"):
        raise click.UsageError("csv is a folder of tables: name it with --output, or a file that ends with .zip.")
    if ontology_only and form in (*FORMS, *CATALOGUE):
        raise click.UsageError(f"--ontology-only goes with markdown and the formats of RDF, not with {form}.")
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
    every = external == ALL_SOURCES
    if form in (*FORMS, *CATALOGUE):
        with show_progress("writing the graph"):
            exported = (
                export_catalogue(built, form, base_url, lang)
                if form in CATALOGUE
                else export_form(
                    built, form, ontology=ontology, external=every, source=source, claims=claims, about=about, lang=lang
                )
            )
        if form == "csv" and output is not None:
            write_exported(exported, output)
            print_note(f"{output}: {len(exported.files)} files")
        else:
            write_result(exported.files[""], output)
        for note in exported.notes:
            print_note(note)
        print_problems(exported.problems)
        return ctx.exit(1) if exported.problems else None
    with show_progress("writing the graph"):
        data = export(built, form, ontology=ontology, external=every, source=source)
    return write_result(data, output)
