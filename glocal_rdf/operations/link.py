"""Proposes links to registries, offline: GeoNames, the Research Organization Registry, and ISO 3166."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from glocal_rdf.dataset import Build
from glocal_rdf.errors import InputError
from glocal_rdf.lazy import pl
from glocal_rdf.linking.countries import find_countries
from glocal_rdf.linking.decisions import DEFAULT_THRESHOLD
from glocal_rdf.linking.registries import read_geonames, read_iso, read_ror
from glocal_rdf.linking.tables import Columns
from glocal_rdf.linking.things import Things
from glocal_rdf.operations.link_proposals import Proposals, Source, Target, collect_things, find_links, list_unlinked
from glocal_rdf.sssom.mapping_sets import MappingSet

__all__ = ["REGISTRIES", "link", "link_table"]

REGISTRIES: Final[Mapping[str, Target]] = {
    "geonames": Target("geonames", "Links to GeoNames", "geonames", "https://sws.geonames.org/", "/"),
    "ror": Target("ror", "Links to the Research Organization Registry", "ror", "https://ror.org/"),
    "iso": Target("iso3166", "Links to ISO 3166 codes", "iso3166", "https://www.iso.org/obp/ui/#iso:code:3166:"),
}
"""The registries by name."""

_COUNTRIES: Final = ("country", "Country", "Q6256")


def link(
    built: Build,
    registry: str,
    *,
    date: str,
    version: str,
    dump: Path | None = None,
    kinds: Iterable[str] = (),
    threshold: float = DEFAULT_THRESHOLD,
    former: MappingSet | None = None,
) -> Proposals:
    """Propose links to a registry for the things of a project that have none.

    Args:
        built: The project's graph.
        registry: One of `REGISTRIES`.
        date: The day, which each mapping has.
        version: The version of this program, likewise.
        dump: The registry's dump; ROR needs one.
        kinds: The classes of things to link; by default those of which some thing is linked to the registry already.
        threshold: The confidence from which on a candidate is a link.
        former: The mapping set of an earlier run, whose decisions are kept.

    Raises:
        InputError: Where the registry cannot be read.
    """
    target = REGISTRIES[registry]
    things = _place_countries(list_unlinked(built, target, kinds))
    subjects = {built.project.name: built.project.space}
    source = _choose_source(registry, dump)
    return find_links(
        things, source, target, subjects=subjects, date=date, version=version, threshold=threshold, former=former
    )


def link_table(
    table: Path,
    columns: Columns,
    registry: str,
    *,
    date: str,
    version: str,
    dump: Path | None = None,
    base: str = "",
    kind: str = "",
    threshold: float = DEFAULT_THRESHOLD,
    former: MappingSet | None = None,
) -> Proposals:
    """Propose links to a registry for the rows of a table.

    Args:
        table: The table.
        columns: What its columns hold.
        registry: One of `REGISTRIES`.
        date: The day, which each mapping has.
        version: The version of this program, likewise.
        dump: The registry's dump; ROR needs one.
        base: What stands before the identifiers of rows; by default the name of the table and `#`.
        kind: The type of all rows; the name of a `country` places it.
        threshold: The confidence from which on a candidate is a link.
        former: The mapping set of an earlier run, whose decisions are kept.

    Raises:
        InputError: Where the table or the registry cannot be read.
    """
    things, problems = collect_things(table, columns, kind)
    subjects = {"row": base or f"{table.name}#{'' if columns.id else 'row='}"}
    return find_links(
        _place_countries(things),
        _choose_source(registry, dump),
        REGISTRIES[registry],
        subjects=subjects,
        date=date,
        version=version,
        threshold=threshold,
        former=former,
        problems=problems,
    )


def _choose_source(registry: str, dump: Path | None) -> Source:
    if registry == "geonames":
        return lambda _: read_geonames(dump)
    if registry == "iso":
        return lambda _: read_iso()
    if dump is None:
        raise InputError.at(
            "ROR",
            "is read from its dump",
            "fetch it from https://ror.readme.io/docs/data-dump, and name it with --dump",
        )
    return lambda _: read_ror(dump)


def _place_countries(things: Things) -> Things:
    """Place countries in themselves: nothing else could tell one from a subdivision of its name."""
    frame = things.frame
    own = frame.select("row", "types").explode("types").filter(pl.col("types").is_in(_COUNTRIES))
    named = things.names.join(own.select("row").unique(), on="row", how="semi")
    found = named.with_columns(code=find_countries(named["name"])).filter(pl.col("code").str.contains("^[A-Z]{2}$"))
    codes = found.group_by("row").agg(pl.col("code").unique().sort())
    placed = frame.join(codes, on="row", how="left", maintain_order="left").with_columns(
        countries=pl.when(pl.col("countries").list.len() == 0).then(pl.col("code").fill_null([])).otherwise("countries")
    )
    return replace(things, frame=placed.drop("code"))
