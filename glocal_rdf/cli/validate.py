"""`glocal validate`: data against shapes, with every finding led back to its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from glocal_rdf.cli.formats import FormatName
from glocal_rdf.cli.graphs import merge, name_files, read_all, read_files, refuse_no_rdf
from glocal_rdf.cli.terminal import (
    lang_option,
    open_project,
    output_option,
    print_note,
    print_problems,
    print_table,
    project_option,
    write_result,
)

if TYPE_CHECKING:
    from glocal_rdf.shacl import PreparedShapes, Result, ValidationReport
    from glocal_rdf.sparql.execution.process import StoreProcess
    from glocal_rdf.triples import Triples

FORMATS = ("text", "table", "json", "turtle", "markdown", "sarif", "junit", "github")
SEVERITIES = ("violation", "warning", "info")
ENGINES = ("columns", "pyshacl", "both")


@dataclass(frozen=True)
class Asked:
    """What to validate with: engine, narrowing and limits, as the options say."""

    engine: str
    shapes: tuple[str, ...]
    focus: tuple[str, ...]
    most: int
    seconds: int
    severity: Literal["violation", "warning", "info"]
    ignore_unsupported: bool = False


@dataclass(frozen=True)
class Checked:
    """A graph with its shapes; the store that holds it already, and the part that the verdict is about, if any."""

    data: Triples
    shapes: PreparedShapes
    store: StoreProcess | None = None
    given: Triples | None = None


@click.command("validate")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path), metavar="[DATA]...")
@project_option
@click.option(
    "-s", "--shapes", type=click.Path(path_type=Path), multiple=True, metavar="FILE", help="Shapes; may be given again."
)
@click.option(
    "-e",
    "--ontology",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Where classes have their superclasses; may be given again.",
)
@click.option("--source", metavar="URL", help="Validate what a SPARQL endpoint has, as far as the shapes look at it.")
@click.option(
    "--limit", type=click.IntRange(1), default=1_000_000, show_default=True, help="Triples fetched with --source."
)
@click.option("--engine", type=click.Choice(ENGINES), default="columns", show_default=True, help="Who validates.")
@click.option("--shape", multiple=True, metavar="IRI", help="Validate this shape alone; may be given again.")
@click.option("--focus", multiple=True, metavar="IRI", help="Validate this node alone; may be given again.")
@click.option(
    "--max-results", type=click.IntRange(1), default=10_000, show_default=True, help="How many results are listed."
)
@click.option(
    "--time-limit",
    "--timeout",
    "time_limit",
    type=click.IntRange(1, 86_400),
    default=60,
    show_default=True,
    help="Seconds that one SPARQL constraint or one rule may take.",
)
@click.option(
    "-f", "--format", "form", type=FormatName(FORMATS), default="text", show_default=True, help="The report's form."
)
@click.option(
    "--severity",
    type=click.Choice(SEVERITIES),
    default="info",
    show_default=True,
    help="The least severity that counts as not conforming; the specification counts all.",
)
@click.option(
    "--ignore-unsupported",
    is_flag=True,
    help="Validate without the rules, functions and targets of SHACL Advanced Features that the shapes graph has.",
)
@click.option("--reached", is_flag=True, help="Print how many focus nodes each shape reached, after the report.")
@lang_option
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    data: tuple[Path, ...],
    folder: Path | None,
    shapes: tuple[Path, ...],
    ontology: tuple[Path, ...],
    source: str | None,
    limit: int,
    engine: str,
    shape: tuple[str, ...],
    focus: tuple[str, ...],
    max_results: int,
    time_limit: int,
    form: str,
    severity: Literal["violation", "warning", "info"],
    ignore_unsupported: bool,
    reached: bool,
    lang: str,
    output: Path | None,
) -> None:
    """Validate RDF against SHACL shapes: the project, or the files DATA (- is Turtle from stdin).

    Without DATA the project is built and checked against its shapes, and what other sources say (data/external) against
    shapes of their own; findings name the cells that they came from.
    With DATA, or with --source, the shapes are those given by --shapes, or else the project's.

    \b
    Examples:
      glocal validate
      glocal validate city.ttl --shapes shapes.ttl
      glocal validate city.ttl --shapes shapes.ttl --format turtle -o report.ttl
      glocal validate --engine both --shape https://w3id.org/glocal/shapes#City
      glocal validate --source https://example.org/sparql --shapes shapes.ttl

    What the shapes graph has beyond SHACL Core and SHACL-SPARQL is listed, and then the data are not said to conform,
    unless --ignore-unsupported is given. Files that shapes or ontology import (owl:imports) are read where they lie in
    the same folders; others are named in a warning.

    Exit code 0: conforms; 1: does not; 2: could not be validated, or not all of it, or no shape reached the data.
    """
    if form == "table" and output is not None and str(output) != "-":
        raise click.UsageError("A table is for the terminal; for a file use another --format.")
    if [*data, *shapes, *ontology].count(Path("-")) > 1:
        raise click.UsageError("- is stdin, which can be read once; give the other as a file.")
    if data and source:
        raise click.UsageError("Give DATA or --source, not both.")
    asked = Asked(engine, shape, focus, max_results, time_limit, severity, ignore_unsupported)
    empty = ""
    if data or source:
        report, places, fails, empty = check_graph(data, source, limit, folder, shapes, ontology, asked)
    elif shapes or ontology:
        raise click.UsageError("--shapes and --ontology go with DATA or --source; a project has its own.")
    else:
        report, places, fails = check_project(folder, asked)
    show(report, places, form, lang, output)
    if reached:
        heads = {"en": ("shape", "focus nodes"), "zh-Hant": ("形狀", "焦點節點")}
        rows = [(report.shapes[shape].name(lang) or shape, str(nodes)) for shape, nodes in report.reached.items()]
        if form in {"text", "table"} or (output is not None and str(output) != "-"):
            print_table(heads[lang], rows)
        else:  # stdout holds a report that a program reads, and nothing else
            for name, nodes in rows:
                print_note(f"{name}: {nodes}")
    print_problems(report.warnings)
    if not report.validated and not fails:
        print_note(
            f"{empty or why_nothing(report)}, so nothing was validated; check the targets of the shapes and the data"
        )
        ctx.exit(2)
    if not report.complete:
        print_note("not all that the shapes ask was checked; --ignore-unsupported accepts that")
        ctx.exit(2)
    if fails:
        ctx.exit(1)


def check_project(folder: Path | None, asked: Asked) -> tuple[ValidationReport, Mapping[int, tuple[str, ...]], bool]:
    """Build the project and validate it, and what other sources say."""
    from glocal_rdf import operations, shacl

    built = operations.build_to_validate(open_project(folder, strict=True), timeout=asked.seconds)
    print_problems((*built.project.import_problems, *built.problems))
    print_problems(tuple(problem for source in built.sources for problem in source.conversion.problems))
    project = built.project
    external_shapes = shacl.prepare(project.external_shapes)
    parts = operations.list_parts(built, external_shapes)
    graphs = [Checked(built.with_ontology, shacl.prepare(project.shapes), built.store, built.triples)]
    graphs += [Checked(data, external_shapes) for _, data in parts]
    (report, *others), fails = check(graphs, project.ontology, asked, built.prefixes)
    sources = [(source, other) for (source, _), other in zip(parts, others, strict=True)]
    report, places = operations.join_reports(report, operations.locate_results(built, report), sources)
    kept = choose_gravest(report, asked.most)
    results = tuple(report.results[at] for at in kept)
    fails = fails and says_of(report, built.triples, *(data for _, data in parts))
    return replace(report, results=results), {new: places[at] for new, at in enumerate(kept) if at in places}, fails


def check_graph(
    data: tuple[Path, ...],
    source: str | None,
    limit: int,
    folder: Path | None,
    shapes: tuple[Path, ...],
    ontology: tuple[Path, ...],
    asked: Asked,
) -> tuple[ValidationReport, Mapping[int, tuple[str, ...]], bool, str]:
    """Validate files of RDF, or what an endpoint has; a finding leads to its file.

    Give the report, the places of its results, whether some count as failing, and why there was nothing to look at.
    """
    from glocal_rdf import operations, shacl
    from glocal_rdf.triples.prefixes import WELL_KNOWN

    for file in data:
        refuse_no_rdf(file)
    project = None if shapes else open_project(folder)
    classes = read_all(ontology) if ontology or project is None else project.ontology
    if project is None:
        shapes_graph = read_all(shapes, classes)
    else:
        shapes_graph = project.shapes
        print_problems(project.import_problems)
    parts = [] if source else read_files(data)
    prepared = shacl.prepare(shapes_graph)
    given = operations.fetch_for_shapes(source, prepared, limit) if source else merge(parts)
    empty = "" if len(given) else f"no shape reached anything ({source or ', '.join(name_files(data))} has no triples)"
    if project is None:
        (report,), fails = check([Checked(given, prepared)], classes, asked, WELL_KNOWN)
    else:
        # A project's shapes look its terms up, as they do when it is built; those are not what is to be judged.
        whole = given.union(project.ontology)
        (report,), fails = check([Checked(whole, prepared, given=given)], classes, asked, WELL_KNOWN)
        fails = fails and says_of(report, given)
        report = replace(report, reached=report.looked_at or report.reached)
    return report, find_files(data, parts, report), fails, empty


def says_of(report: ValidationReport, *given: Triples) -> bool:
    """Tell whether data that were given were looked at, or some result is about them."""
    return report.validated or any(
        part.frame["subject"].is_in([result.focus for result in report.results]).any() for part in given
    )


def why_nothing(report: ValidationReport) -> str:
    """Say why a report looked at nothing of the data."""
    if not report.reached:
        return "no shape has a target"
    if any(report.reached.values()):
        return "no shape reached anything in the data, only terms of the ontology, or nodes that they do not have"
    return "no shape reached anything"


def find_files(data: tuple[Path, ...], parts: list[Triples], report: ValidationReport) -> dict[int, tuple[str, ...]]:
    """Find for each result the files that say something of its focus node, or else name it."""
    names = name_files(data)
    if len(names) == 1:
        return dict.fromkeys(range(len(report.results)), (names[0],))
    places: dict[int, tuple[str, ...]] = {}
    for column in ("subject", "object"):
        left = {result.focus for number, result in enumerate(report.results) if number not in places}
        known = [left.intersection(part.frame[column].unique()) if left else left for part in parts]
        for number, result in enumerate(report.results):
            if number not in places and any(result.focus in nodes for nodes in known):
                places[number] = tuple(n for n, nodes in zip(names, known, strict=True) if result.focus in nodes)
    return places


def check(
    graphs: Sequence[Checked], ontology: Triples, asked: Asked, prefixes: Mapping[str, str]
) -> tuple[list[ValidationReport], bool]:
    """Validate graphs, each with its shapes, by one engine, or by both, whose differences are told on stderr.

    Give the reports, each with the gravest results that are to be listed, and whether some result counts as failing.
    """
    from glocal_rdf import shacl

    # To compare engines, or to know whether anything grave is there, one has to see all results.
    from glocal_rdf.shacl.report.model import has_results_at

    whole = asked.engine == "both" or asked.severity != SEVERITIES[-1]
    known = (
        {shape for graph in graphs for shape in graph.shapes.triples.frame["subject"].unique()}
        if asked.shapes
        else set()
    )
    only_shapes = [find_shape(name, known, prefixes) for name in asked.shapes] or None
    only_focus = [expand(name, prefixes) for name in asked.focus] or None

    def run(engine: Literal["columns", "pyshacl"]) -> list[ValidationReport]:
        return [
            shacl.validate(
                graph.data,
                graph.shapes,
                ontology=ontology,
                engine=engine,
                max_results=None if whole else asked.most,
                time_limit=asked.seconds,
                only_shapes=only_shapes,
                only_focus=only_focus,
                store=graph.store,
                given=graph.given,
                ignore_unsupported=True,
            )
            for graph in graphs
        ]

    if asked.engine != "both":
        reports = run("pyshacl" if asked.engine == "pyshacl" else "columns")
        return [shorten(report, asked) for report in reports], any(has_results_at(r, asked.severity) for r in reports)
    ours, theirs = run("columns"), run("pyshacl")
    found, others = (Counter(name_result(r) for report in each for r in report.results) for each in (ours, theirs))
    for line, who in [(line, "columns") for line in found - others] + [(line, "pyshacl") for line in others - found]:
        print_note(f"only {who} reports: {line}")
    print_note("the engines agree" if found == others else "the engines differ")
    return [shorten(report, asked) for report in ours], any(has_results_at(r, asked.severity) for r in ours)


def shorten(report: ValidationReport, asked: Asked) -> ValidationReport:
    """Keep so many results as are asked for, the gravest; say whether all was checked that was to be."""
    kept = tuple(report.results[at] for at in choose_gravest(report, asked.most))
    return replace(report, results=kept, complete=asked.ignore_unsupported or not report.unsupported)


def choose_gravest(report: ValidationReport, most: int) -> list[int]:
    """Choose the places in the report of so many results: all in their order, or the gravest."""
    every = list(range(len(report.results)))
    if len(every) <= most:
        return every
    order = {severity: at for at, severity in enumerate(report.severities())}
    return sorted(every, key=lambda at: order[report.results[at].severity])[:most]


def name_result(result: Result) -> str:
    """Name what a result says, as engines can be compared by it."""
    shape = result.shape if result.shape.startswith("<") else "a shape without a name"
    return f"{result.focus} {result.path or ''} {result.value or ''} {result.component} {shape} {result.severity}"


def expand(name: str, prefixes: Mapping[str, str]) -> str:
    """Write an IRI or CURIE as a term."""
    prefix, colon, local = name.strip("<>").partition(":")
    return f"<{prefixes[prefix]}{local}>" if colon and prefix in prefixes else f"<{name.strip('<>')}>"


def find_shape(name: str, known: Collection[str], prefixes: Mapping[str, str]) -> str:
    """Find among shapes the one that an IRI, a CURIE, or the last part of an IRI, as reports show it, names.

    Raise ShapesError, with the names that are near, where there is none, or more than one.
    """
    from difflib import get_close_matches

    from glocal_rdf.errors import ShapesError
    from glocal_rdf.shacl.report.messages import local_name

    term = expand(name, prefixes)
    if term in known:
        return term
    called: dict[str, list[str]] = {}
    for shape in sorted(known):
        if shape.startswith("<"):
            called.setdefault(local_name(shape), []).append(shape)
    same = called.get(name, [])
    if len(same) == 1:
        return same[0]
    near = same or [called[short][0] for short in get_close_matches(local_name(term).rpartition(":")[2], called, 3)]
    hint = f"did you mean {' or '.join(near)}?" if near else "name a shape of the shapes graph by its IRI"
    raise ShapesError.at(f"--shape {name}", "names several shapes" if same else "there is no such shape", hint)


def show(
    report: ValidationReport, places: Mapping[int, tuple[str, ...]], form: str, lang: str, output: Path | None
) -> None:
    """Print a report in the form that was asked for."""
    from glocal_rdf.shacl.report import renderers

    if form == "table":
        columns, rows = renderers.render_rows(report, places, lang)
        if rows:
            print_table(columns, rows)
        return print_note(renderers.render_summary(report, lang).rstrip("\n"))
    if form == "turtle":
        triples = report.to_triples()
        if report.verdict is None:
            # To be found to conform, data must have been looked at.
            triples = triples.difference(triples.match(predicate="<http://www.w3.org/ns/shacl#conforms>"))
        return write_result(renderers.render_notes(report, lang).encode() + triples.serialize("turtle"), output)
    if form in {"text", "json", "markdown"}:
        own = {"text": renderers.render_text, "json": renderers.render_json, "markdown": renderers.render_markdown}
        return write_result(own[form](report, places, lang), output)
    from glocal_rdf import __version__
    from glocal_rdf.shacl.report import tool_formats

    if form == "sarif":
        return write_result(tool_formats.render_sarif(report, places, lang, __version__), output)
    others = {"junit": tool_formats.render_junit, "github": tool_formats.render_github}
    return write_result(others[form](report, places, lang), output)
