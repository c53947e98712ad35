"""Combines what pictures need of other packages: the positions of things, as the export to GeoJSON finds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from glocal_rdf.exports.geojson import locate_things
from glocal_rdf.publish.pictures.gallery import contribute_pictures
from glocal_rdf.publish.pictures.selection import Position, Selection

if TYPE_CHECKING:
    from glocal_rdf.errors import Problem
    from glocal_rdf.publish.site import Contribution, Site

__all__ = ["contribute", "select_things"]


def contribute(site: Site) -> Contribution:
    """Return the pictures of a site."""
    problems: list[Problem] = []
    return contribute_pictures(select_things(site, problems), problems)


def select_things(site: Site, problems: list[Problem]) -> Selection:
    """Return what of a site can be drawn.

    Args:
        site: The site.
        problems: Where coordinates that are wrong are added.
    """
    sources = {source.name: source.triples for source in site.built.source_graphs}
    found, _ = locate_things(site.built.triples, sources, problems)
    positions = {thing: Position(*_find_middle(geometry), source) for thing, (geometry, source) in found.items()}
    return Selection(site, {thing: at for thing, at in positions.items() if thing in site.addresses})


def _find_middle(geometry: Any) -> tuple[float, float]:
    """Return a point, or the middle of the box of any other geometry."""
    points = list(_list_points(geometry))
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _list_points(geometry: Any) -> Iterator[tuple[float, float]]:
    """Yield the positions of a geometry of GeoJSON, however deep they are."""
    todo = [geometry]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            todo += one.get("geometries", []) if one["type"] == "GeometryCollection" else [one["coordinates"]]
        elif one and isinstance(one[0], int | float):
            yield float(one[0]), float(one[1])
        else:
            todo += one
