"""`glocal wikidata`: a group of commands for Wikidata and other Wikibases; each is a module of this folder."""

from __future__ import annotations

import click

from glocal_rdf.cli.groups import LazyGroup

__all__ = ["SUBCOMMANDS", "command"]

SUBCOMMANDS = ("reconcile", "compare", "quickstatements")


@click.group("wikidata", cls=LazyGroup, package="glocal_rdf.cli.wikidata", names=SUBCOMMANDS)
def command() -> None:
    """Link things to Wikidata, compare statements with it, and write batches of what it lacks.

    Nothing is ever written to Wikidata: the results are files, for a person to review.

    \b
    Examples:
      glocal wikidata reconcile orgs.csv --name Name --snapshot items.csv
      glocal wikidata compare --contact you@example.org
      glocal wikidata quickstatements --offline -o batch.tsv
    """
