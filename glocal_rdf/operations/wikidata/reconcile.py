"""Proposes links to Wikidata for the things of a project, or for the rows of a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from glocal_rdf.dataset import Build
from glocal_rdf.linking.decisions import DEFAULT_THRESHOLD
from glocal_rdf.linking.tables import Columns
from glocal_rdf.namespaces import WD
from glocal_rdf.operations.link_proposals import Proposals, Source, Target, collect_things, find_links, list_unlinked
from glocal_rdf.sssom.mapping_sets import MappingSet

__all__ = ["WIKIDATA_ITEMS", "reconcile", "reconcile_table"]

WIKIDATA_ITEMS: Final = Target("wikidata", "Links to Wikidata", "wikidata", WD)


def reconcile(
    built: Build,
    source: Source,
    *,
    date: str,
    version: str,
    kinds: Iterable[str] = (),
    threshold: float = DEFAULT_THRESHOLD,
    former: MappingSet | None = None,
    target: Target = WIKIDATA_ITEMS,
) -> Proposals:
    """Propose links for the things of a project that have none.

    Args:
        built: The project's graph.
        source: What finds candidates, such as a snapshot (`lambda things: read_snapshot(path)`).
        date: The day, which each mapping has.
        version: The version of this program, likewise.
        kinds: The classes of things to link; by default those of which some thing is linked already.
        threshold: The confidence from which on a candidate is a link.
        former: The mapping set of an earlier run, whose decisions are kept.
        target: What is linked to.

    Raises:
        InputError: Where the source cannot be read.
    """
    things = list_unlinked(built, target, kinds)
    subjects = {built.project.name: built.project.space}
    return find_links(
        things, source, target, subjects=subjects, date=date, version=version, threshold=threshold, former=former
    )


def reconcile_table(
    table: Path,
    columns: Columns,
    source: Source,
    *,
    date: str,
    version: str,
    base: str = "",
    kind: str = "",
    threshold: float = DEFAULT_THRESHOLD,
    former: MappingSet | None = None,
    target: Target = WIKIDATA_ITEMS,
) -> Proposals:
    """Propose links for the rows of a table.

    Args:
        table: The table.
        columns: What its columns hold.
        source: What finds candidates, such as a snapshot (`lambda things: read_snapshot(path)`).
        date: The day, which each mapping has.
        version: The version of this program, likewise.
        base: What stands before the identifiers of the rows; by default the name of the table and `#`, so that rows
            without a column of identifiers are `TABLE.csv#row=2` (RFC 7111).
        kind: The type of all rows, such as `city` or Q515.
        threshold: The confidence from which on a candidate is a link.
        former: The mapping set of an earlier run, whose decisions are kept.
        target: What is linked to.

    Raises:
        InputError: Where the table or the source cannot be read.
    """
    things, problems = collect_things(table, columns, kind)
    subjects = {"row": base or f"{table.name}#{'' if columns.id else 'row='}"}
    return find_links(
        things,
        source,
        target,
        subjects=subjects,
        date=date,
        version=version,
        threshold=threshold,
        former=former,
        problems=problems,
    )
