"""`glocal diff`: what has changed between two versions of a project or of any RDF, in words or as a patch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.completing import complete_versions
from glocal_rdf.cli.options import (
    cluster_option,
    dry_run_option,
    format_option,
    lang_option,
    open_project,
    output_option,
    partitions_option,
    project_option,
    refuse_unused,
)
from glocal_rdf.cli.output import (
    print_json,
    print_note,
    print_problems,
    print_table,
    read_stdin,
    translate,
    write_result,
)
from glocal_rdf.cli.progress import show_steps

if TYPE_CHECKING:
    from glocal_rdf.changes import Changes, GraphVersion
    from glocal_rdf.project import Project
    from glocal_rdf.triples import Triples

STDIN = "-"
FORMATS = ("text", "table", "markdown", "json", "patch")
LIMIT = 50
"""How many things of each section are printed."""


@click.command("diff")
@click.argument("old", shell_complete=complete_versions)
@click.argument("new", required=False, shell_complete=complete_versions)
@project_option
@format_option(FORMATS, default="text")
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(0),
    show_default=f"{LIMIT} of each section, all in JSON; 0: all",
    help="How many results to print at most.",
)
@lang_option
@output_option
@cluster_option
@partitions_option
@dry_run_option
@click.pass_context
def command(
    ctx: click.Context,
    old: str,
    new: str | None,
    folder: Path | None,
    form: str,
    limit: int | None,
    lang: str,
    output: Path | None,
    cluster: str | None,
    partitions: int | None,
    dry_run: bool,
) -> None:
    """Print what has changed from OLD to NEW: what was added, removed, changed and renamed, by thing.

    OLD and NEW are files of RDF (also .gz, or - for Turtle on stdin), folders of projects, which are built, released
    versions of the project (1.0.0), or Git revisions: HEAD~1: is the project at that revision, HEAD~1:data/cities.ttl a
    file in it. Without NEW the project as it is now is compared.

    Literals are compared as they are written, and blank nodes by what is said of them. What rules infer is counted, and
    listed in the patch alone, which is RDF Patch. For projects, changes of ontology, shapes and rules have sections of
    their own.

    \b
    Examples:
      glocal diff old.ttl new.ttl
      glocal diff 1.0.0
      glocal diff HEAD~1: --lang zh-Hant
      glocal diff 1.0.0 1.1.0 -f markdown -o changes.md
      glocal diff old.nt.gz new.nt.gz -f patch -o changes.rdfp
      glocal diff s3://data/old s3://data/new --cluster sc://spark:15002
      glocal diff old/ new/ --cluster local --dry-run

    With --cluster, OLD and NEW are graphs without blank nodes: files, folders of files, or addresses (s3://, hdfs://).
    --dry-run prints the plan of that: steps, buckets, memory.

    Exit code 0: no differences, or the plan printed; 1: they differ; 2: could not be compared.
    """
    if form == "table" and output is not None and str(output) != STDIN:
        raise click.UsageError("A table is for the terminal; for a file use another --format.")
    if old == new == STDIN:
        raise click.UsageError("- is stdin, which can be read once; give the other as a file.")
    if form == "patch":
        refuse_unused(ctx, "limit", why="does not go with --format patch, which has everything")
    if cluster is None:
        refuse_unused(ctx, "partitions", "dry_run", why="goes with --cluster")
    from glocal_rdf.files import refuse_overwriting
    from glocal_rdf.operations.diff import diff, render_changes

    project = find_project(folder)
    for word in (old, new):
        refuse_overwriting(output, Path(word) if word else None)
    if project is not None:
        refuse_overwriting(output, *project.input_files, *project.table_files)
    if cluster is not None:
        if dry_run:
            print_plan(old, new, partitions)
            ctx.exit(0)
        changes = diff_on_cluster(cluster, old, new, partitions)
    else:
        changes = diff(read(old, project), read(new, project) if new is not None else read_present(folder))
    names = [] if project is None else list_names(project)
    if form == "table":
        print_changes(changes, lang, LIMIT if limit is None else limit, names)
    elif form == "json":
        from glocal_rdf.changes.json import to_record

        print_json(to_record(changes, lang, limit or 0, names), output)
    else:
        listed = LIMIT if limit is None else limit
        write_result(render_changes(changes, form, lang, limit=listed, names=names), output)
    print_left_out(changes, form)
    if changes:
        ctx.exit(1)


def diff_on_cluster(cluster: str, old: str, new: str | None, partitions: int | None) -> Changes:
    """Compare graphs on a cluster; the work is done beside the new version.

    Args:
        cluster: The address of the cluster.
        old: The old version.
        new: The new version.
        partitions: Into how many buckets the triples are cut.
    """
    from glocal_rdf.operations import cluster_diff as operation

    names = name_both(old, new)
    with show_steps("comparing on the cluster"):
        return operation.diff_on_cluster(cluster, *names, partitions=partitions)


def print_plan(old: str, new: str | None, partitions: int | None) -> None:
    """Print what a comparison on a cluster would do.

    Args:
        old: The old version.
        new: The new version.
        partitions: Into how many buckets the triples are cut.
    """
    from glocal_rdf.operations import cluster_diff as operation

    for line in operation.describe_plan(*name_both(old, new), partitions):
        click.echo(line)


def name_both(old: str, new: str | None) -> tuple[str, str]:
    """Return the addresses of two graphs, which a cluster needs.

    Args:
        old: The old version.
        new: The new version.
    """
    if new is None or STDIN in (old, new):
        raise click.UsageError("--cluster compares two graphs at addresses: name OLD and NEW.")
    return old, new


def find_project(folder: Path | None) -> Project | None:
    """Return the project that was named or that the working directory is in, or None."""
    from glocal_rdf.errors import ProjectError
    from glocal_rdf.project import Project

    if folder is not None:
        return Project.open(folder)
    try:
        here = Path.cwd()
        root = Project.find(here).root.resolve()
    except (OSError, ProjectError):
        return None
    # Messages name files relative to the working directory.
    return Project.open(os.path.relpath(root)) if here.resolve().is_relative_to(root) else None


def list_names(project: Project) -> list[Triples]:
    """Return the ontology of the project, whose names help to read any changes; nothing where it cannot be read."""
    from glocal_rdf.errors import GlocalError

    try:
        return [project.ontology]
    except GlocalError:
        return []


def read(word: str, project: Project | None) -> GraphVersion:
    """Read a version by the word for it, and print its warnings."""
    from glocal_rdf.operations.diff import describe_version, read_version
    from glocal_rdf.triples.datasets import Dataset

    if word == STDIN:
        return describe_version(Dataset.parse(read_stdin(), "turtle"), "stdin")
    version = read_version(word, project)
    print_problems(version.problems)
    return version


def read_present(folder: Path | None) -> GraphVersion:
    """Build the project as it is now, and print its warnings."""
    from glocal_rdf.operations.diff import describe_version

    version = describe_version(open_project(folder, strict=True), "now")
    print_problems(version.problems)
    return version


def print_changes(changes: Changes, lang: str, limit: int, names: list[Triples]) -> None:
    """Print changes as a table, and on stderr the line that sums them up.

    Args:
        changes: The changes.
        lang: The language of names and of the table.
        limit: How many things of each section are printed; 0 for all.
        names: Further graphs with names.
    """
    from glocal_rdf.changes.text import TABLE_HEADS, list_rows, summarize

    if changes:
        print_table(translate(TABLE_HEADS, lang), list_rows(changes, lang, limit, names))
    print_note(summarize(changes, lang))


def print_left_out(changes: Changes, form: str) -> None:
    """Print on stderr what was not compared, and what a patch does not have."""
    for part in changes.not_compared:
        if part == "version":
            print_note("not compared: version and date of the dataset, which a release sets")
        else:
            print_note(f"not compared: the {part}, which only one of the versions has")
    if form == "patch":
        others: list[str] = [graph.part for graph in changes if graph.part in {"ontology", "shapes"}]
        for other in [*others, *(["rules"] if changes.rules else [])]:
            print_note(f"not in the patch: changes of the {other}, which are not part of the data graph")
