"""`glocal build`: tables and links to a checked graph in Turtle, with the graphs of other sources beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from glocal_rdf.cli.options import (
    cluster_option,
    dry_run_option,
    engine_option,
    ignore_unsupported_option,
    json_option,
    lang_option,
    no_cache_option,
    open_cache,
    open_project,
    partitions_option,
    project_option,
    refuse_unused,
    timeout_option,
)
from glocal_rdf.cli.output import (
    note_open_decisions,
    print_json,
    print_note,
    print_problems,
    print_table,
    translate,
    write_result,
)
from glocal_rdf.cli.progress import show_progress, show_steps
from glocal_rdf.i18n import translatable

if TYPE_CHECKING:
    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.dataset import Build
    from glocal_rdf.project import Project

HEADS = (translatable("what"), translatable("count"))


@click.command("build")
@project_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default="build",
    show_default=True,
    help="The folder to write to; it is made if it is missing.",
)
@engine_option("columns", "pyshacl")
@timeout_option
@ignore_unsupported_option
@cluster_option
@partitions_option
@dry_run_option
@click.option("--watch", is_flag=True, help="Build again whenever a file of the project is saved, until Ctrl-C.")
@lang_option
@no_cache_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    output: Path,
    engine: Literal["columns", "pyshacl"],
    timeout: int,
    ignore_unsupported: bool,
    cluster: str | None,
    partitions: int | None,
    dry_run: bool,
    watch: bool,
    lang: str,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Build the graph of a project: convert its tables, apply its rules, validate, write.

    Tables and links become triples, truthy statements are derived from claims, rules infer further triples, and the
    graph is validated and written as Turtle. The graphs of other sources (data/external) are validated too, and written
    to files of their own. Nothing is written if there are violations. A line on stderr counts the rows of the tables:
    how many were read, converted, and left out, and why; as JSON these accounts are printed with the counts.

    \b
    Examples:
      glocal build
      glocal build --project my-city --output public
      glocal build --watch
      glocal build --cluster sc://spark:15002
      glocal build --cluster local --dry-run

    With --cluster, truthy statements are derived and rules applied there; tables are read, and the graph is validated
    and written, here. The result is the same. --dry-run prints the plan of that, for which the tables are read.

    With --watch a mistake ends nothing: it is printed, and the next save is waited for.

    Exit code 0: built, or the plan printed; 1: does not conform, with every result and its cell; 2: could not be built;
    130: interrupted.
    """
    cache = open_cache(no_cache)
    if watch and as_json:
        raise click.UsageError("--watch prints a line for each run; it takes no --json.")
    if cluster is None:
        refuse_unused(ctx, "partitions", "dry_run", why="goes with --cluster")
    if dry_run:
        if watch or as_json:
            raise click.UsageError("--dry-run prints a plan once; it takes no --watch and no --json.")
        from glocal_rdf.operations.cluster_build import describe_plan

        with show_progress("reading the tables"):
            lines = describe_plan(open_project(folder, strict=True), timeout=timeout, buckets=partitions)
        for line in lines:
            click.echo(line)
        ctx.exit(0)

    def run() -> BuildResult:
        project = open_project(folder, strict=True)
        return build_once(
            project, output, cache, engine, timeout, ignore_unsupported, lang, cluster, partitions, quiet=as_json
        )

    if watch:
        return watch_project(folder, output, run)
    result = run()
    if result.code:
        ctx.exit(result.code)
    from glocal_rdf.operations.build import count_parts, sum_accounts

    counts, accounts = count_parts(result.built, lang), sum_accounts(result.built)
    if as_json:
        made = [{"what": name, "count": count} for name, count in counts.items()]
        print_json({"made": made, "accounts": accounts.as_dict(), "written": [str(file) for file in result.written]})
    else:
        print_table(translate(HEADS, lang), [(name, f"{count:,}") for name, count in counts.items()])
    print_note(accounts.describe())
    for file in result.written:
        print_note(f"wrote {file}")
    return None


class BuildResult(NamedTuple):
    """What became of one run: the exit code, the build, and the files that were written."""

    code: int
    built: Build
    written: tuple[Path, ...] = ()


def build_once(
    project: Project,
    output: Path,
    cache: Cache | None,
    engine: Literal["columns", "pyshacl"],
    timeout: int,
    ignore_unsupported: bool,
    lang: str,
    cluster: str | None,
    partitions: int | None,
    *,
    quiet: bool,
) -> BuildResult:
    """Build a project, print its problems and the results of its validation, and write it if it conforms.

    Args:
        project: The project.
        output: The folder to write to.
        cache: Where the graph is kept.
        engine: The SHACL engine.
        timeout: The seconds that one rule may take.
        ignore_unsupported: Whether features of the shapes that are not supported are left out.
        lang: The language of the results.
        cluster: The value of --cluster.
        partitions: The value of --partitions.
        quiet: Whether results go to stderr, since stdout holds JSON alone.
    """
    from glocal_rdf.operations.build import build_to_validate, list_problems, write_build
    from glocal_rdf.operations.cached_build import BuildCache

    builds = BuildCache(cache)
    if cluster is None:
        with show_progress("building the graph"):
            built = build_to_validate(project, timeout=timeout, builds=builds)
    else:
        from glocal_rdf.operations.cluster_build import build_on_cluster

        with show_steps("building on the cluster"):
            built = build_on_cluster(cluster, project, timeout=timeout, buckets=partitions)
    from glocal_rdf.operations.validate import ValidationOptions, validate_build
    from glocal_rdf.operations.validation_report import render_report
    from glocal_rdf.shacl.report import has_results_at

    print_problems(problems := list_problems(built))
    note_open_decisions(problems)
    options = ValidationOptions(engine=engine, ignore_unsupported=ignore_unsupported)
    with show_progress("validating"):
        report = validate_build(built, options, source_graphs=True)
    builds.keep(built)
    print_problems(report.warnings)
    print_problems(replace(problem, level="warning") for problem in report.unsupported)
    if report.results:
        text = str(render_report(report, "text", lang))
        print_note(text.rstrip("\n")) if quiet else write_result(text, None)
    if not report.parts[0].validated:
        print_note("not written, since no target of a shape matched the data; check the targets of the shapes")
        return BuildResult(2, built)
    if has_results_at(report, "violation"):
        print_note("not written, since the graph does not conform; correct the results above and build again")
        return BuildResult(1, built)
    with show_progress("writing the graph"):
        written = write_build(built, output)
    return BuildResult(0, built, written)


def watch_project(folder: Path | None, output: Path, run: Callable[[], BuildResult]) -> None:
    """Run whenever a file of the project is saved, until an interrupt; print a line for each run.

    Args:
        folder: The value of --project.
        output: The folder that is written to, which is not watched.
        run: Builds the project.

    Raises:
        ProjectError: Where there is no project to begin with.
    """
    from glocal_rdf.errors import GlocalError
    from glocal_rdf.files import watch_opened
    from glocal_rdf.operations.watch import read_stamps, wait_for_change

    project = open_project(folder, strict=True)
    written = output.absolute()
    opened: set[str] = set()
    before = read_stamps(project)
    while True:
        begun = time.monotonic()
        try:
            with watch_opened(opened.add):
                result = run()
        except GlocalError as error:  # A file that is saved half, perhaps: the next save is waited for.
            print_problems(error.problems)
            done = "could not be built"
        else:
            done = "built, conforms" if not result.code else "not written"
        seconds = time.monotonic() - begun
        print_note(f"{datetime.now():%H:%M:%S} {done} in {seconds:.1f} s; waiting for changes (Ctrl-C ends it)")
        elsewhere = {name for name in opened if not Path(name).is_relative_to(written)}
        # What was saved while it was built differs from what there was before, and is built at once.
        now = read_stamps(project, elsewhere)
        before = {name: now[name] for name in elsewhere} | dict(before)
        wait_for_change(project, before)
        before = read_stamps(project, elsewhere)
