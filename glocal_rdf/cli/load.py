"""`glocal load`: fills a SPARQL store with a project's graphs or files of RDF."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.options import (
    dry_run_option,
    json_option,
    no_cache_option,
    open_cache,
    open_project,
    project_option,
)
from glocal_rdf.cli.output import print_json, print_note, print_problems, print_table
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.loading.model import BATCH, SAMPLE

if TYPE_CHECKING:
    from glocal_rdf.loading.model import Change, LoadReport

CHANGES_SHOWN = 8
"""How many statements are shown that the store writes in another form; JSON has all of the sample."""


@click.command("load")
@click.argument("url")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@project_option
@click.option("--graph", metavar="IRI", help="The graph for what belongs in no named graph, such as a project's data.")
@click.option("--with-ontology", "ontology", is_flag=True, help="Write the ontology with the data.")
@click.option("--graph-store", "by_graphs", is_flag=True, help="URL is that of the Graph Store Protocol.")
@click.option("--update", "by_update", is_flag=True, help="URL is that of SPARQL Update.")
@click.option("--endpoint", metavar="URL", default="", help="Where the store answers queries, if that is not found.")
@click.option("--replace", is_flag=True, help="Replace the graphs that are filled, and no others, instead of adding.")
@click.option(
    "--skolemize",
    metavar="URL",
    default="",
    help="Give blank nodes IRIs below URL/.well-known/genid/ instead of sending them as such.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 1_000_000),
    default=BATCH,
    show_default=True,
    help="How many statements one request has.",
)
@click.option(
    "--sample",
    type=click.IntRange(0, 10_000_000),
    default=SAMPLE,
    show_default=True,
    help="How many statements are compared with the store's at the end.",
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 86_400),
    default=60,
    show_default=True,
    help="Seconds that one request may take.",
)
@dry_run_option
@json_option
@no_cache_option
@click.pass_context
def command(
    ctx: click.Context,
    url: str,
    files: tuple[Path, ...],
    folder: Path | None,
    graph: str | None,
    ontology: bool,
    by_graphs: bool,
    by_update: bool,
    endpoint: str,
    replace: bool,
    skolemize: str,
    batch: int,
    sample: int,
    timeout: int,
    dry_run: bool,
    as_json: bool,
    no_cache: bool,
) -> None:
    """Fill a SPARQL store at URL with a project's graphs, or with files of RDF.

    URL is the address of a store or dataset, or one of its addresses (for queries, updates or graphs); the others are
    found out for Oxigraph, Virtuoso, Fuseki, GraphDB and RDF4J, and for stores with one address for all.

    \b
    Examples:
      glocal load http://localhost:7878/
      glocal load http://localhost:3030/cities data.nt.gz more.trig --replace
      glocal load http://localhost:8890/sparql --graph https://example.org/graph/cities
      glocal load http://localhost:7878/update graph.nq --update --dry-run

    A project's data go into the default graph or --graph, the graphs of its other sources each into its own. Named
    graphs of files keep their names. A run that was stopped goes on where it was when it is started again; so it does
    after an error. Blank nodes keep their identity: what they connect is sent in one request.

    At the end the store is asked how many statements each graph has, and a sample is compared term by term. What it
    writes in another form is printed.

    Credentials are taken from GLOCAL_LOAD_USER and GLOCAL_LOAD_PASSWORD, or GLOCAL_LOAD_TOKEN.

    Exit code 0: loaded and verified; 1: something is missing in the store, or has another value; 2: could not be
    loaded.
    """
    from glocal_rdf.endpoint.credentials import Credentials
    from glocal_rdf.loading.model import LoadOptions
    from glocal_rdf.operations.cached_build import BuildCache
    from glocal_rdf.operations.load import list_statements, load, plan_load, report_as_json

    if by_graphs and by_update:
        raise click.UsageError("--graph-store and --update say what URL is; choose one.")
    if files and folder is not None:
        raise click.UsageError("Give files or --project, not both.")
    if files and ontology:
        raise click.UsageError("--with-ontology goes with a project; name the ontology's files instead.")
    cache = open_cache(no_cache)
    options = LoadOptions(
        protocol="graph-store" if by_graphs else "update" if by_update else None,
        endpoint=endpoint,
        replace=replace,
        skolemize=skolemize,
        batch=batch,
        sample=sample,
        timeout=timeout,
    )
    credentials = Credentials.from_environment(os.environ, "GLOCAL_LOAD")
    if files:
        statements = list_statements(files, graph=graph or "")
    else:
        builds = BuildCache(cache)
        with show_progress("building the graph"):
            built = builds.open(open_project(folder))
            statements = list_statements(built, graph=graph or "", ontology=ontology)
        print_problems(built.problems)
    if dry_run:
        with show_progress("counting"):
            report = plan_load(statements, options)
    else:
        with show_progress("loading") as progress:
            report = load(
                url,
                statements,
                options,
                credentials=credentials,
                cache=cache,
                progress=lambda number: progress.count(number, "statements"),
            )
    if as_json:
        print_json(report_as_json(report))
    else:
        print_report(report, dry_run=dry_run)
    print_problems(report.problems)
    if not report.complete:
        ctx.exit(1)


def print_report(report: LoadReport, *, dry_run: bool) -> None:
    """Print the graphs with their numbers, and what the store writes in another form.

    Args:
        report: The report.
        dry_run: Whether nothing was sent.
    """
    rows = [
        (graph.graph or "(default)", *(_number(one) for one in (graph.statements, graph.before, graph.after)))
        for graph in report.graphs
    ]
    columns = ("graph", "statements", "before", "after")
    print_table(columns[:2] if dry_run else columns, [row[:2] for row in rows] if dry_run else rows)
    if dry_run:
        print_note(f"would load {report.statements:,} statements; nothing was sent")
        return
    again = f", {report.skipped:,} by a run before" if report.skipped else ""
    way = "Graph Store Protocol" if report.protocol == "graph-store" else "SPARQL Update"
    print_note(f"sent {report.sent:,} statements{again} by {way}; compared {report.sampled:,} with those of the store")
    same = [change for change in report.changes if change.same_value]
    if same:
        print_note(f"The store writes {len(same):,} of them in another form of the same value, such as:")
        for change in _choose(same):
            print_note(f"  {change.ours} as {change.theirs}")
        print_note("Take releases from files, not from the store.")


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _choose(changes: list[Change]) -> list[Change]:
    """Choose some changes, of as many kinds as there are."""
    kinds = {change.ours.rpartition('"')[2]: change for change in reversed(changes)}
    return list(kinds.values())[:CHANGES_SHOWN]
