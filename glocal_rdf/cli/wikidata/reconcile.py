"""`glocal wikidata reconcile`: proposes links to Wikidata for a project's things, or for the rows of a table."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf import __version__
from glocal_rdf.cli.link_output import (
    column_options,
    links_format_option,
    read_columns,
    read_former,
    read_today,
    report_proposals,
    threshold_option,
)
from glocal_rdf.cli.options import (
    lang_option,
    open_project,
    output_option,
    project_option,
    refuse_unused,
)
from glocal_rdf.cli.output import print_problems, without_open_decisions
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.cli.wikidata.online import ASKING, Online, online_options, open_online

if TYPE_CHECKING:
    from glocal_rdf.operations.link_proposals import Source
    from glocal_rdf.wikidata.access.client import Client
    from glocal_rdf.wikidata.settings import Wikibase


@click.command("reconcile")
@click.argument("table", type=click.Path(path_type=Path), required=False)
@column_options
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Find candidates offline in N-Triples (.nt), a dump of JSON lines (.json), or a table (.csv).",
)
@click.option("--source", metavar="URL", help="Ask a SPARQL endpoint that has Wikidata's data.")
@click.option(
    "--service",
    metavar="URL",
    help="Ask a reconciliation service (API 0.2 or 1.0), of Wikidata or of another dataset, such as one that "
    "`glocal serve` serves; {lang} in it stands for the language of the names.",
)
@threshold_option
@online_options
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
    source: str | None,
    service: str | None,
    threshold: float,
    online: Online,
    base: str | None,
    folder: Path | None,
    output: Path | None,
    form: str | None,
    lang: str,
) -> None:
    """Propose links to Wikidata for the things of a project that have none, or for the rows of TABLE.

    A link needs more than a name: a country, a web site, coordinates, a year or an identifier that agrees, nothing that
    contradicts, and no second candidate nearby. All else are candidates, for a person to choose from.

    Candidates come from a snapshot, offline; from a SPARQL endpoint or a reconciliation service; or else from the API
    of Wikidata. Services are asked as their operators wish, and their answers are kept.

    With --output the proposals are written as a mapping set (SSSOM); a file that is there keeps the decisions in it.

    \b
    Examples:
      glocal wikidata reconcile --snapshot items.csv
      glocal wikidata reconcile orgs.csv --name Name --website URL --snapshot items.csv -o orgs.sssom.tsv
      glocal wikidata reconcile cities.csv --name 名稱=zh-Hant --country 國家 --type city --snapshot dump.json.gz

    Exit code 0: done; 1: a row, line or value could not be read, and was left out; 2: could not be done.
    """
    from glocal_rdf.linking.tables import read_header
    from glocal_rdf.operations.wikidata.candidate_sources import find_wikidata
    from glocal_rdf.operations.wikidata.reconcile import reconcile, reconcile_table

    if sum(map(bool, (snapshot, source, service))) > 1:
        raise click.UsageError("choose one of --snapshot, --source and --service.", ctx)
    if snapshot is not None:
        refuse_unused(ctx, *ASKING, why="is for asking a service, which --snapshot does not")
    if table is not None and len(kinds) > 1:
        raise click.UsageError("the rows of a table have one --type; name a column with --type-column.", ctx)
    chosen = (table, read_columns(columns, read_header(table))) if table is not None else None
    former, today = read_former(output), read_today()
    project, built = None, None
    if chosen is None:
        from glocal_rdf.operations.build import build

        project = open_project(folder)
        with show_progress("building the graph"):
            built = build(project)
        print_problems(without_open_decisions(built.problems))
    common: Any = {"date": today, "version": __version__, "threshold": threshold, "former": former}
    with ExitStack() as stack:
        if snapshot is not None:
            from glocal_rdf.operations.link_proposals import read_snapshot

            path = snapshot
            find: Source = lambda _things: read_snapshot(path)  # noqa: E731 - one of two ways
        else:
            client = stack.enter_context(open_online(online, project, built))
            wikibase = find_wikidata(project)
            find = choose_source(client, wikibase, source, service)
            if service:
                from glocal_rdf.operations.wikidata.candidate_sources import find_target
                from glocal_rdf.operations.wikidata.reconcile import WIKIDATA_ITEMS

                common["target"] = find_target(client, wikibase, service, WIKIDATA_ITEMS)
        stack.enter_context(show_progress("finding candidates"))
        if chosen is not None:
            kind = kinds[0] if kinds else ""
            found = reconcile_table(*chosen, find, base=base or "", kind=kind, **common)
        elif built is not None:
            found = reconcile(built, find, kinds=kinds, **common)
    report_proposals(ctx, found, form=form, output=output, lang=lang)


def choose_source(client: Client, wikibase: Wikibase, source: str | None, service: str | None) -> Source:
    """Return what asks for candidates: a SPARQL endpoint, a reconciliation service, or the action API of Wikidata.

    Args:
        client: Who asks.
        wikibase: The addresses of Wikidata.
        source: The address of the endpoint.
        service: That of the service.
    """
    from dataclasses import replace

    from glocal_rdf.operations.wikidata.candidate_sources import search_api, search_service, search_sparql

    if source:
        endpoint = replace(wikibase, sparql=source)
        return lambda things: search_sparql(things, client, endpoint)
    if service:
        return lambda things: search_service(things, client, wikibase, service)
    return lambda things: search_api(things, client, wikibase)
