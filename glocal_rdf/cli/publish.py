"""`glocal publish`: a site of static files, for people and for machines."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.options import (
    base_url_option,
    documents_option,
    no_cache_option,
    open_cache,
    open_project,
    project_option,
)
from glocal_rdf.cli.output import print_note, print_problems
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.operations.publish_parts import part_names
from glocal_rdf.triples.formats.registry import format_names


@click.command("publish")
@project_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default="public",
    show_default=True,
    help="The folder of the site: a new or an empty one, or a former site, which is replaced.",
)
@base_url_option
@click.option(
    "--formats",
    metavar="LIST",
    default=",".join(format_names(datasets=False)),
    show_default=True,
    help="The formats of RDF beside each page, separated by commas; none for none.",
)
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(part_names(required=False)),
    metavar="PART",
    help=f"A part of the site to leave out ({', '.join(part_names(required=False))}); may be given several times.",
)
@documents_option
@no_cache_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    output: Path,
    base_url: str,
    formats: str,
    without: tuple[str, ...],
    documents: Path | None,
    no_cache: bool,
) -> None:
    """Publish a project as a site of static files, for people and for machines.

    The site has a page for everything that the graph describes, in the languages of the dataset, and is served by any
    host, under any path, or opened from the disk. Only files that have changed are written; the former site stays
    whole until the new one is.

    \b
    Examples:
      glocal publish
      glocal publish -o public --base-url https://example.org/data/
      glocal publish --formats turtle,jsonld

    The graph is not validated; glocal build does that.

    Exit code 0: published; 1: published, but something was left out; 2: could not be published.
    """
    from glocal_rdf.operations.cached_build import BuildCache
    from glocal_rdf.operations.publish import publish_site

    names = [] if formats == "none" else [name.strip() for name in formats.split(",") if name.strip()]
    builds = BuildCache(open_cache(no_cache))
    with show_progress("building the graph"):
        built = builds.open(open_project(folder))
        _ = built.with_ontology
        built = builds.keep(built, "cells")
    print_problems(built.problems)
    with show_progress("writing the site") as progress:
        published = publish_site(
            built,
            output,
            base_url=base_url,
            formats=names,
            without=without,
            documents=documents,
            report=lambda number: progress.count(number, "files"),
        )
    written = published.written
    print_note(f"{output}: {written.files:,} files, {written.changed:,} new or changed, {written.removed:,} removed")
    for name in written.kept:
        print_note(f"{output / name}: is not of the site, and was kept")
    for note in published.notes:
        print_note(note)
    print_problems(published.problems)
    if published.problems:
        ctx.exit(1)
