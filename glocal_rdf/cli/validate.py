"""`glocal validate`: a project, or any RDF, against shapes, with every result traced back to its source."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from glocal_rdf.cli.completing import complete_shapes
from glocal_rdf.cli.former_options import former_option
from glocal_rdf.cli.options import (
    address_of,
    cluster_option,
    documents_option,
    dry_run_option,
    engine_option,
    format_option,
    ignore_unsupported_option,
    lang_option,
    max_memory_option,
    no_cache_option,
    open_cache,
    open_project,
    output_option,
    partitions_option,
    project_option,
    refuse_unused,
    source_option,
    timeout_option,
)
from glocal_rdf.cli.output import print_note, print_problems, print_table, read_stdin, translate, write_result
from glocal_rdf.cli.progress import show_progress, show_steps
from glocal_rdf.cli.table_errors import print_table_errors
from glocal_rdf.i18n import translatable

if TYPE_CHECKING:
    from glocal_rdf.errors import Problem
    from glocal_rdf.operations.graph_inputs import GraphInput
    from glocal_rdf.operations.validate import ValidationOptions
    from glocal_rdf.operations.validation_report import Validation
    from glocal_rdf.triples import Triples

FORMATS = ("text", "table", "json", "turtle", "markdown", "sarif", "junit", "github", "html", "xlsx")
SEVERITIES = ("violation", "warning", "info")
CELL_FORMS = ("html", "xlsx")
REACHED_HEADS = (translatable("shape"), translatable("focus nodes"))
STDIN = Path("-")


@click.command("validate")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path), metavar="[DATA]...")
@project_option
@click.option(
    "-s",
    "--shapes",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A file of shapes; may be repeated.",
)
@click.option(
    "-e",
    "--ontology",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A file in which classes have their superclasses; may be repeated.",
)
@documents_option
@source_option
@former_option("--limit", "--max-triples")
@click.option(
    "--max-triples",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="How many triples to fetch from an endpoint at most.",
)
@engine_option("columns", "pyshacl", "both")
@click.option(
    "--shape",
    multiple=True,
    metavar="IRI",
    shell_complete=complete_shapes,
    help="Validate this shape alone; may be repeated.",
)
@click.option("--focus", multiple=True, metavar="IRI", help="Validate this focus node alone; may be repeated.")
@click.option(
    "-n",
    "--max-results",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    help="How many results to print at most.",
)
@former_option("--time-limit", "--timeout")
@timeout_option
@max_memory_option
@cluster_option
@partitions_option
@dry_run_option
@format_option(FORMATS, default="text")
@click.option(
    "--severity",
    type=click.Choice(SEVERITIES),
    default="info",
    show_default=True,
    help="The least severity that counts as a failure; the specification counts all.",
)
@ignore_unsupported_option
@click.option("--reached", is_flag=True, help="Print after the report how many focus nodes of each shape were checked.")
@lang_option
@output_option
@no_cache_option
@click.pass_context
def command(
    ctx: click.Context,
    data: tuple[Path, ...],
    folder: Path | None,
    shapes: tuple[Path, ...],
    ontology: tuple[Path, ...],
    documents: Path | None,
    source: str | None,
    max_triples: int,
    engine: Literal["columns", "pyshacl", "both"],
    shape: tuple[str, ...],
    focus: tuple[str, ...],
    max_results: int,
    timeout: int,
    max_memory: int | None,
    cluster: str | None,
    partitions: int | None,
    dry_run: bool,
    form: str,
    severity: Literal["violation", "warning", "info"],
    ignore_unsupported: bool,
    reached: bool,
    lang: str,
    output: Path | None,
    no_cache: bool,
) -> None:
    """Validate RDF against SHACL shapes: the project, or the files DATA (- is Turtle from stdin).

    Without DATA the project is built and validated against its shapes, and the graphs of other sources (data/external)
    against shapes of their own; results are traced to cells. With DATA, or with --source, the shapes are those of
    --shapes, or else the project's. Of an endpoint, as much is fetched as the shapes look at. With --engine both, what
    only one of the two engines reports is printed first.

    With --documents, and where the project has a folder documents/, each claim is checked against its passages: that
    they, or the headings that they stand under, name its subject and object and have its dates and numbers, or that the
    claim gives the words that stand for these.

    \b
    Examples:
      glocal validate
      glocal validate city.ttl --shapes shapes.ttl
      glocal validate city.ttl --shapes shapes.ttl --format turtle -o report.ttl
      glocal validate --engine both --shape https://w3id.org/glocal/shapes#City
      glocal validate -f xlsx -o findings.xlsx
      glocal validate --documents ../shared/documents
      glocal validate --source https://example.org/sparql --shapes shapes.ttl
      glocal validate big.nt.gz --shapes shapes.ttl --max-memory 1G
      glocal validate s3://data/graph --shapes shapes.ttl --cluster sc://spark:15002
      glocal validate graph.nt --shapes shapes.ttl --cluster local --dry-run

    With --max-memory, files of N-Triples or N-Quads of any size are validated bucket by bucket from a temporary folder,
    with the same report. Files of other formats are read whole, and have to fit.

    With --cluster, DATA may also be folders and addresses (s3://, hdfs://), of N-Triples or Parquet. Workers validate
    focus nodes part by part; the report is that of one machine. A query that may look at any triple is refused.
    --dry-run prints the plan: steps, buckets, what goes to every worker, memory.

    Features of the shapes graph beyond SHACL Core and SHACL-SPARQL are listed, and then the data do not count as
    conforming unless --ignore-unsupported is given. Files that shapes or ontology import (owl:imports) are read if they
    are in the same folders; a warning lists the others.

    xlsx is a workbook of the project's tables with a comment on each cell that a result was traced to, html a page of
    the rows with these cells marked; both also show the cells that keep the tables from being built. xlsx needs the
    extra sheets.

    Exit code 0: conforms, or the plan printed; 1: does not; 2: could not be validated, or not completely, or no target
    matched the data.
    """
    if form == "table" and output is not None and str(output) != "-":
        raise click.UsageError("A table is for the terminal; for a file use another --format.")
    if form == "xlsx" and output is None:
        raise click.UsageError("A workbook is a file: name it with --output (- for standard output).")
    if [*data, *shapes, *ontology].count(STDIN) > 1:
        raise click.UsageError("- is stdin, which can be read once; give the other as a file.")
    given = ctx.get_parameter_source("documents") is click.core.ParameterSource.COMMANDLINE
    if given and (data or source or shape or focus):
        raise click.UsageError("--documents goes with a whole project: without DATA, --source, --shape and --focus.")
    if data and source:
        raise click.UsageError("Give DATA or --source, not both.")
    if max_memory is not None:
        if not data or STDIN in data:
            raise click.UsageError("--max-memory goes with files of DATA: it reads them in pieces.")
        if engine != "columns":
            raise click.UsageError("--max-memory goes with --engine columns.")
        # Before Polars is imported: its allocator is to give memory back at once.
        os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:200,muzzy_decay_ms:0")
    if cluster is not None:
        if not data or STDIN in data:
            raise click.UsageError("--cluster goes with files of DATA, which its workers read.")
        refuse_unused(ctx, "engine", "max_memory", why="does not go with --cluster")
    else:
        refuse_unused(ctx, "partitions", "dry_run", why="goes with --cluster")
    if source:
        from glocal_rdf.endpoint import is_address

        if not is_address(source):
            data, source = (Path(source),), None
    from glocal_rdf.operations.validate import ValidationOptions

    options = ValidationOptions(
        engine=engine,
        severity=severity,
        only_shapes=shape,
        only_focus=focus,
        max_results=max_results,
        time_limit=timeout,
        ignore_unsupported=ignore_unsupported,
        report_unsupported=True,
    )
    if data or source:
        with show_progress("validating") if cluster is None else show_steps("validating on the cluster"):
            found = validate_data(
                data, source, max_triples, folder, shapes, ontology, options, max_memory, cluster, partitions, dry_run
            )
        if isinstance(found, list):
            click.echo("\n".join(found))
            ctx.exit(0)
        report = found
    elif shapes or ontology:
        raise click.UsageError("--shapes and --ontology go with DATA or --source; a project has its own.")
    else:
        report = validate_project(ctx, folder, documents, options, form, lang, output, no_cache=no_cache)
    problems = print_report(report, form, lang, output)
    on_terminal = form in {"text", "table"} or (output is not None and str(output) != "-")
    if reached:
        rows = [(report.shapes[shape].name(lang) or shape, str(nodes)) for shape, nodes in report.reached.items()]
        print_counts(translate(REACHED_HEADS, lang), rows, as_table=on_terminal)
    if report.evidence is not None:
        from glocal_rdf.operations.evidence import list_counts

        print_counts(*list_counts(report.evidence, lang), as_table=on_terminal)
    print_problems(report.warnings)
    if not report.validated and not report.fails:
        why = report.why_not_validated
        print_note(f"{why}, so nothing was validated; check the targets of the shapes and the data")
        ctx.exit(2)
    if not report.complete:
        print_note("not all constraints of the shapes were checked; --ignore-unsupported accepts that")
        ctx.exit(2)
    if report.fails or problems:
        ctx.exit(1)


def print_counts(heads: Sequence[str], rows: Sequence[Sequence[str]], *, as_table: bool) -> None:
    """Print counts after a report.

    Args:
        heads: The heads of the columns.
        rows: The rows: a name and counts.
        as_table: Whether they are a table; else they are messages, as stdout has a report that a program reads.
    """
    if as_table:
        print_table(heads, rows)
        return
    for name, *counts in rows:
        one = len(counts) == 1
        print_note(
            f"{name}: " + ", ".join(counts if one else (f"{n} {h}" for n, h in zip(counts, heads[1:], strict=True)))
        )


def validate_project(
    ctx: click.Context,
    folder: Path | None,
    documents: Path | None,
    options: ValidationOptions,
    form: str,
    lang: str,
    output: Path | None,
    *,
    no_cache: bool,
) -> Validation:
    """Build the project, and validate it with its source graphs.

    In the forms that show cells, those that keep the project from being built are shown, and the command ends.

    Args:
        ctx: The context of the command.
        folder: The value of --project.
        documents: The value of --documents.
        options: How to validate.
        form: The format of the report.
        lang: The language of the report.
        output: The file of the report; None for stdout.
        no_cache: Whether the graph is built anew.
    """
    from glocal_rdf.errors import TableError
    from glocal_rdf.operations.build import build_to_validate, list_problems
    from glocal_rdf.operations.cached_build import BuildCache
    from glocal_rdf.operations.validate import validate_build

    builds = BuildCache(open_cache(no_cache))
    project = open_project(folder, strict=True)
    try:
        with show_progress("building the graph"):
            built = build_to_validate(project, timeout=options.time_limit, builds=builds)
        problems = list_problems(built)
    except TableError as error:
        if form not in CELL_FORMS:
            raise
        print_table_errors(project, error.problems, form, lang, output)
        return ctx.exit(2)
    print_problems(problems)
    with show_progress("validating"):
        whole = not options.only_shapes and not options.only_focus
        texts = (documents or project.documents) if whole else None
        validation = validate_build(built, options, source_graphs=True, documents=texts)
    builds.keep(built)
    return validation


def validate_data(
    data: tuple[Path, ...],
    source: str | None,
    max_triples: int,
    folder: Path | None,
    shapes: tuple[Path, ...],
    ontology: tuple[Path, ...],
    options: ValidationOptions,
    max_memory: int | None,
    cluster: str | None,
    partitions: int | None,
    dry_run: bool,
) -> Validation | list[str]:
    """Validate files of RDF, or the data of an endpoint, against given shapes or those of the project.

    Args:
        data: The files.
        source: The address of an endpoint, in the place of files.
        max_triples: How many triples of the endpoint are fetched at most.
        folder: The value of --project.
        shapes: The files of shapes; none for those of the project.
        ontology: The files of the ontology.
        options: The options of the validation.
        max_memory: The value of --max-memory.
        cluster: The value of --cluster.
        partitions: The value of --partitions.
        dry_run: Whether the lines of the plan of the cluster are returned, and nothing is validated.
    """
    from glocal_rdf import shacl
    from glocal_rdf.operations.graph_inputs import check_rdf_file, name_file, read_graph
    from glocal_rdf.operations.validate import validate_endpoint, validate_files

    for file in data:
        if file != STDIN and cluster is None:
            check_rdf_file(file)
    project = None if shapes else open_project(folder)
    context = None if project is None else project.ontology
    classes = context if context is not None and not ontology else read_all(ontology)
    if project is None:
        prepared = shacl.prepare(read_all(shapes, classes))
    else:
        prepared = shacl.prepare(project.shapes)
        print_problems(project.import_problems)
    if source:
        return validate_endpoint(
            source, options, shapes=prepared, ontology=classes, context=context, max_triples=max_triples
        )
    if cluster is not None:
        from glocal_rdf.operations.cluster_validate import ClusterLimits, validate_on_cluster
        from glocal_rdf.operations.cluster_validation_plan import describe_plan

        names, limits = [address_of(file) for file in data], ClusterLimits(buckets=partitions)
        if dry_run:
            return describe_plan(names, options, shapes=prepared, ontology=classes, context=context, limits=limits)
        return validate_on_cluster(
            cluster, names, options, shapes=prepared, ontology=classes, context=context, limits=limits
        )
    if max_memory is not None:
        from glocal_rdf.operations.bounded_validation import peak_of_process, validate_in_bounded_memory

        before = peak_of_process()
        report = validate_in_bounded_memory(
            data, max_memory, options, shapes=prepared, ontology=classes, context=context
        )
        if max(before, max_memory) < (peak := peak_of_process()):
            print_note(f"took {peak >> 20} MiB of memory at its peak, more than --max-memory")
        return report
    files = [("stdin", parse_stdin()) if file == STDIN else (name_file(file), read_graph(file)) for file in data]
    return validate_files(files, options, shapes=prepared, ontology=classes, context=context)


def read_all(files: Sequence[Path], *loaded: Triples) -> Triples:
    """Merge files, and those that they import; print a warning for each import that was not followed."""
    from glocal_rdf.operations.graph_inputs import read_with_imports

    sources: list[GraphInput] = [parse_stdin() if file == STDIN else file for file in files]
    graph, problems = read_with_imports(sources, loaded)
    print_problems(problems)
    return graph


def parse_stdin() -> Triples:
    """Read Turtle from stdin."""
    from glocal_rdf.triples import Triples

    return Triples.parse(read_stdin(), "turtle")


def print_report(report: Validation, form: str, lang: str, output: Path | None) -> Sequence[Problem]:
    """Print a report in a format, after what only one of two engines reports.

    Args:
        report: The report.
        form: The format.
        lang: The language of messages.
        output: The file to write; None for stdout.

    Returns:
        A problem for all that the format cannot hold.
    """
    from glocal_rdf.operations.validation_report import render_report, render_workbook, tabulate_report

    if report.engine_differences is not None:
        for line in report.engine_differences:
            print_note(line)
        print_note("the engines differ" if report.engine_differences else "the engines agree")
    if form == "xlsx":
        data, problems = render_workbook(report, lang)
        write_result(data, output)
        print_problems(problems)
        return problems
    if form != "table":
        write_result(render_report(report, form, lang), output)
        return ()
    from glocal_rdf.shacl.report import render_summary

    columns, rows = tabulate_report(report, lang)
    if rows:
        print_table(columns, rows)
    print_note(render_summary(report, lang).rstrip("\n"))
    return ()
