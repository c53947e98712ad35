"""Coastlines (Natural Earth, in TopoJSON) as rings of positions, and the part of them that a window shows.

TopoJSON: https://github.com/topojson/topojson-specification
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from glocal_rdf.publish.vendor.manifest import list_vendored, read_vendored

__all__ = ["clip_land", "credit_land", "read_topology"]

Ring = Sequence[tuple[float, float]]
_PACKAGE: Final = "world-atlas"


def credit_land() -> str:
    """Return who is to be credited for the coastlines."""
    return list_vendored()[_PACKAGE].credit


@cache
def read_topology(scale: str) -> Any:
    """Return the coastlines of a scale (`110m`, `50m`) as they come."""
    return json.loads(read_vendored(_PACKAGE, f"land-{scale}.json"))


@cache
def _read_polygons(scale: str) -> tuple[tuple[Ring, ...], ...]:
    """Return the polygons of a scale, each its rings, in degrees."""
    topology = read_topology(scale)
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)

    def join(numbers: Sequence[int]) -> Ring:
        ring: list[tuple[float, float]] = []
        for number in numbers:
            points = arcs[number] if number >= 0 else arcs[~number][::-1]
            ring += points[1:] if ring else points
        return ring

    return tuple(
        tuple(join(ring) for ring in polygon)
        for geometry in topology["objects"]["land"]["geometries"]
        for polygon in geometry["arcs"]
    )


def clip_land(scale: str, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """Return the land in a window as a geometry of GeoJSON, with rings in the order that Vega wants.

    Args:
        scale: The scale.
        west: The western edge, in degrees; less than -180 where the window crosses the 180th meridian.
        south: The southern edge.
        east: The eastern edge, which may be more than 180.
        north: The northern edge.
    """
    window = (west, south, east, north)
    found = []
    for polygon in _read_polygons(scale):
        for turn in (-360.0, 0.0, 360.0):
            if _is_apart(polygon[0], turn, window):
                continue
            rings = [ring for one in polygon if len(ring := _clip([(x + turn, y) for x, y in one], window)) > 2]
            if rings:
                found.append([[[round(x, 3), round(y, 3)] for x, y in [*ring, ring[0]]] for ring in rings])
    return {"type": "MultiPolygon", "coordinates": found}


def _is_apart(ring: Ring, turn: float, window: tuple[float, float, float, float]) -> bool:
    west, south, east, north = window
    xs, ys = [x + turn for x, _ in ring], [y for _, y in ring]
    return max(xs) < west or min(xs) > east or max(ys) < south or min(ys) > north


def _clip(ring: Ring, window: tuple[float, float, float, float]) -> Ring:
    """Cut a ring by the four edges of a window, one after the other (Sutherland and Hodgman)."""
    for axis, bound, below in (
        (0, window[0], False),
        (0, window[2], True),
        (1, window[1], False),
        (1, window[3], True),
    ):
        ring = list(_cut(ring, axis, bound, below=below))
        if not ring:
            break
    return ring


def _cut(ring: Ring, axis: int, bound: float, *, below: bool) -> Iterator[tuple[float, float]]:
    previous = ring[-1]
    for point in ring:
        inside, before = ((one[axis] <= bound) is below or one[axis] == bound for one in (point, previous))
        if inside is not before:
            share = (bound - previous[axis]) / (point[axis] - previous[axis])
            other = previous[1 - axis] + share * (point[1 - axis] - previous[1 - axis])
            yield (bound, other) if axis == 0 else (other, bound)
        if inside:
            yield point
        previous = point
