"""`glocal validate`: data against shapes, with every finding led back to its source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.terminal import (
    lang_option,
    open_project,
    output_option,
    print_table,
    project_option,
    read_stdin,
    say,
    tell_problems,
    write_result,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glocal_rdf.shacl import ValidationReport
    from glocal_rdf.triples import Triples

FORMATS = ("text", "table", "json", "turtle")
SEVERITIES = ("violation", "warning", "info")


@click.command("validate")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path), metavar="[DATA]...")
@project_option
@click.option(
    "-s", "--shapes", type=click.Path(path_type=Path), multiple=True, metavar="FILE", help="Shapes; may be given again."
)
@click.option(
    "--ontology",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Where classes have their superclasses; may be given again.",
)
@click.option(
    "--engine", type=click.Choice(["columns", "pyshacl"]), default="columns", show_default=True, help="Who validates."
)
@click.option(
    "-f", "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="The report's form."
)
@click.option(
    "--severity",
    type=click.Choice(SEVERITIES),
    default="info",
    show_default=True,
    help="The least severity that counts as not conforming; the specification counts all.",
)
@lang_option
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    data: tuple[Path, ...],
    folder: Path | None,
    shapes: tuple[Path, ...],
    ontology: tuple[Path, ...],
    engine: str,
    form: str,
    severity: str,
    lang: str,
    output: Path | None,
) -> None:
    """Validate RDF against SHACL shapes: the project, or the files DATA (- is Turtle from stdin).

    Without DATA the project is built and checked against its shapes, and findings name the cells that they came from.
    With DATA the shapes are those given by --shapes, or else the project's.

    \b
    Examples:
      glocal validate
      glocal validate city.ttl --shapes shapes.ttl
      glocal validate city.ttl --shapes shapes.ttl --format turtle -o report.ttl

    Exit code 0: conforms; 1: does not; 2: could not be validated, or no shape reached anything.
    """
    if form == "table" and output is not None and str(output) != "-":
        raise click.UsageError("A table is for the terminal; for a file use --format text, json or turtle.")
    if data:
        report, places = check_files(data, folder, shapes, ontology, engine)
    elif shapes or ontology:
        raise click.UsageError("--shapes and --ontology go with DATA; a project has its own.")
    else:
        report, places = check_project(folder, engine)
    show(report, places, form, lang, output)
    if not any(report.reached.values()):
        say("no shape reached anything, so nothing was validated; check the targets of the shapes and the data")
        ctx.exit(2)
    if counts(report, severity):
        ctx.exit(1)


def check_project(folder: Path | None, engine: str) -> tuple[ValidationReport, Mapping[int, tuple[str, ...]]]:
    """Build the project and validate it."""
    from glocal_rdf import verbs

    built = verbs.build(open_project(folder))
    tell_problems(built.problems)
    report = verbs.validate(built, engine)  # type: ignore[arg-type]
    return report, verbs.locate_results(built, report)


def check_files(
    data: tuple[Path, ...], folder: Path | None, shapes: tuple[Path, ...], ontology: tuple[Path, ...], engine: str
) -> tuple[ValidationReport, Mapping[int, tuple[str, ...]]]:
    """Validate files of RDF; a finding leads to the file where there is but one."""
    from glocal_rdf import shacl

    project = None if shapes else open_project(folder)
    shapes_graph = read_all(shapes) if project is None else project.shapes
    classes = read_all(ontology) if ontology or project is None else project.ontology
    data_graph: Triples = read_all(data)
    report = shacl.validate(data_graph, shapes_graph, ontology=classes, engine=engine)  # type: ignore[arg-type]
    places = {number: (str(data[0]),) for number in range(len(report.results))} if len(data) == 1 else {}
    return report, places


def read_all(files: tuple[Path, ...]) -> Triples:
    """Read files into one graph; - is Turtle from stdin."""
    from glocal_rdf.triples import Triples

    def read(file: Path) -> Triples:
        if str(file) == "-":
            return Triples.parse(read_stdin(), "turtle")
        return Triples.read(file)

    return Triples.empty().union(*map(read, files)).distinct()


def counts(report: ValidationReport, severity: str) -> bool:
    """Tell whether the report has a result of at least this severity; severities of one's own always count."""
    below = {f"<http://www.w3.org/ns/shacl#{name.title()}>" for name in SEVERITIES[SEVERITIES.index(severity) + 1 :]}
    if not below:
        return not report.conforms
    return any(result.severity not in below for result in report.results)


def show(
    report: ValidationReport, places: Mapping[int, tuple[str, ...]], form: str, lang: str, output: Path | None
) -> None:
    """Print a report in the form that was asked for."""
    from glocal_rdf.shacl.render import render_json, render_rows, render_summary, render_text

    if form == "table":
        columns, rows = render_rows(report, places, lang)
        if rows:
            print_table(columns, rows)
        return say(render_summary(report, lang).rstrip("\n"))
    if form == "turtle":
        return write_result(report.to_triples().serialize("turtle"), output)
    render = render_json if form == "json" else render_text
    return write_result(render(report, places, lang), output)
