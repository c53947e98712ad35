"""`glocal wikidata reconcile`: proposes links to Wikidata for a project's things, or for the rows of a table."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from glocal_rdf import __version__
from glocal_rdf.cli.link_output import (
    column_options,
    links_format_option,
    read_columns,
    read_former,
    report_proposals,
)
from glocal_rdf.cli.options import base_option, lang_option, open_project, output_option, project_option
from glocal_rdf.cli.output import print_problems, without_open_decisions
from glocal_rdf.cli.progress import show_progress


@click.command("reconcile")
@click.argument("table", type=click.Path(path_type=Path), required=False)
@column_options
@click.option(
    "--type", "kinds", multiple=True, metavar="TYPE", help="The type of the rows (city, Q515); in a project, a class."
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Find candidates offline in N-Triples (.nt), a dump of JSON lines (.json), or a table (.csv).",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0.5, 1),
    default=0.9,
    show_default=True,
    help="The confidence from which on a candidate is proposed as a link.",
)
@base_option
@project_option
@output_option
@links_format_option
@lang_option
@click.pass_context
def command(
    ctx: click.Context,
    table: Path | None,
    columns: dict[str, Any],
    kinds: tuple[str, ...],
    snapshot: Path | None,
    threshold: float,
    base: str | None,
    folder: Path | None,
    output: Path | None,
    form: str | None,
    lang: str,
) -> None:
    """Propose links to Wikidata for the things of a project that have none, or for the rows of TABLE.

    A link needs more than a name: a country, a web site, coordinates, a year or an identifier that agrees, nothing that
    contradicts, and no second candidate nearby. All else are candidates, for a person to choose from.

    With --output the proposals are written as a mapping set (SSSOM); a file that is there keeps the decisions in it.

    \b
    Examples:
      glocal wikidata reconcile --snapshot items.csv
      glocal wikidata reconcile orgs.csv --name Name --website URL --snapshot items.csv -o orgs.sssom.tsv
      glocal wikidata reconcile cities.csv --name 名稱=zh-Hant --country 國家 --type city --snapshot dump.json.gz

    Exit code 0: done; 1: a row or line could not be read, and was left out; 2: could not be done.
    """
    from glocal_rdf.linking.tables import read_header
    from glocal_rdf.operations.link_proposals import read_snapshot
    from glocal_rdf.operations.wikidata.reconcile import reconcile, reconcile_table

    if snapshot is None:
        raise click.UsageError("name what to find candidates in: --snapshot FILE.", ctx)
    former, today = read_former(output), date.today().isoformat()
    if table is not None:
        if len(kinds) > 1:
            raise click.UsageError("the rows of a table have one --type; name a column with --type-column.", ctx)
        read = read_columns(columns, read_header(table))
        with show_progress("finding candidates"):
            found = reconcile_table(
                table,
                read,
                read_snapshot(snapshot),
                date=today,
                version=__version__,
                base=base or "",
                kind=kinds[0] if kinds else "",
                threshold=threshold,
                former=former,
            )
    else:
        from glocal_rdf.operations.build import build

        with show_progress("building the graph"):
            built = build(open_project(folder))
        print_problems(without_open_decisions(built.problems))
        with show_progress("finding candidates"):
            found = reconcile(
                built,
                read_snapshot(snapshot),
                date=today,
                version=__version__,
                kinds=kinds,
                threshold=threshold,
                former=former,
            )
    report_proposals(ctx, found, form=form, output=output, lang=lang)
