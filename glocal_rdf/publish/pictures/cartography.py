"""What maps are drawn on: coastlines (Natural Earth, in TopoJSON), a projection, and the part of the world shown.

Positions that are far apart are on a map of the world; those within 60 degrees of their middle on one of that part,
with the land cut to a window around it, so that Vega has little to project.

TopoJSON: https://github.com/topojson/topojson-specification
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from glocal_rdf.publish.pictures.charts import WIDTH
from glocal_rdf.publish.vendor.manifest import list_vendored, read_vendored

__all__ = ["clip_land", "credit_land", "specify_map"]

Place = tuple[float, float]
Ring = Sequence[Place]
_PACKAGE: Final = "world-atlas"
_WIDE: Final = 60.0
"""How many degrees from their middle positions may be on a map of a part of the world."""

_COARSE: Final = 25.0
"""From how many degrees on the coarser coastlines do."""

_FINE: Final = 0.05
"""Up to how many degrees no coastline is fine enough."""

_LEAST_SPAN: Final = 0.02


def credit_land() -> str:
    """Return who is to be credited for the coastlines."""
    return list_vendored()[_PACKAGE].credit


@cache
def _read_topology(scale: str) -> Any:
    """Return the coastlines of a scale (`110m`, `50m`) as they come."""
    return json.loads(read_vendored(_PACKAGE, f"land-{scale}.json"))


@cache
def _read_polygons(scale: str) -> tuple[tuple[Ring, ...], ...]:
    """Return the polygons of a scale, each its rings, in degrees."""
    topology = _read_topology(scale)
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


def _measure(positions: Sequence[Place]) -> tuple[float, float, float]:
    """Return the middle of positions (longitude, latitude), and how many degrees the farthest is from it."""
    vectors = [_to_vector(one[0], one[1]) for one in positions]
    x, y, z = (sum(values) for values in zip(*vectors, strict=True))
    if math.hypot(x, y, z) < 1e-9 * len(vectors):
        return 0.0, 0.0, 180.0
    lon, lat = math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))
    # The middle of the box, as seen from the mean, is fairer than the mean where many things are together.
    offsets = [((one[0] - lon + 180) % 360 - 180, one[1]) for one in positions]
    lon += (min(dx for dx, _ in offsets) + max(dx for dx, _ in offsets)) / 2
    lat = (min(dy for _, dy in offsets) + max(dy for _, dy in offsets)) / 2
    lon = (lon + 180) % 360 - 180
    middle = _to_vector(lon, lat)
    far = max(
        math.degrees(math.acos(max(-1.0, min(1.0, sum(a * b for a, b in zip(middle, one, strict=True))))))
        for one in vectors
    )
    return round(lon, 4), round(lat, 4), far


def _to_vector(longitude: float, latitude: float) -> tuple[float, float, float]:
    lon, lat = math.radians(longitude), math.radians(latitude)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def _choose_middle(lines: Sequence[Mapping[str, Any]]) -> float:
    """Return how far the world is turned: its edge is in the Pacific, or in the Atlantic where fewer links cross it."""

    def count(edge: float) -> int:
        """Count the lines that the edge of the map would cut."""
        crossing = 0
        for line in lines:
            ends = [(end[0] - edge) % 360 for end in line["geometry"]["coordinates"]]
            crossing += abs(ends[0] - ends[1]) > 180
        return crossing

    pacific, atlantic = -169.0, -31.0
    return -(pacific + 180) if count(pacific) <= count(atlantic) else -(atlantic + 180)


def specify_map(
    positions: Sequence[Place],
    points: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    rings: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the specification of a map of the world, or of a part of it where all positions are near one another.

    Args:
        positions: The positions of all things on it: longitude and latitude.
        points: The marks: `lon`, `lat`, size `n`, colour `c`, shape `s`, key `k`.
        lines: The lines between them: `geometry`, colour `c`, key `k`.
        rings: The rings around some of them: `lon`, `lat`.
    """
    lon, lat, far = _measure(positions)
    if far > _WIDE:
        height = 440
        projection: dict[str, Any] = {
            "type": "equalEarth",
            "rotate": [_choose_middle(lines), 0],
            "scale": 176,
            "translate": [WIDTH / 2, height / 2 + 26],
        }
        land: dict[str, Any] = {"values": _read_topology("110m"), "format": {"type": "topojson", "feature": "land"}}
    else:
        height = 520
        far = max(far, _LEAST_SPAN)
        reach = min(far * 2.2 + 0.1, 85.0)
        narrow = max(math.cos(math.radians(min(abs(lat) + reach, 85.0))), 0.05)
        half = min(reach / narrow * 1.2, 170.0)
        window = (lon - half, max(lat - reach, -89.9), lon + half, min(lat + reach, 89.9))
        corners = [[one[0], one[1]] for one in positions]
        corners += [[lon + dx * far * 0.2, lat + dy * far * 0.2] for dx in (-1, 1) for dy in (-1, 1)]
        projection = {
            "type": "azimuthalEqualArea",
            "rotate": [-lon, -lat],
            "fit": {"type": "MultiPoint", "coordinates": corners},
            "extent": [[110, 64], [WIDTH - 110, height - 76]],
            "clipExtent": [[0, 0], [WIDTH, height]],
        }
        land = {
            "values": []
            if far < _FINE
            else [{"type": "Feature", "geometry": clip_land("110m" if far > _COARSE else "50m", *window)}]
        }
    located = {"type": "geopoint", "projection": "map", "fields": ["lon", "lat"]}
    shape = {"type": "geoshape", "projection": "map"}
    return {
        "width": WIDTH,
        "height": height,
        "data": [
            {"name": "land", **land},
            {"name": "lines", "values": [{**one, "type": "Feature"} for one in lines]},
            {"name": "rings", "values": list(rings), "transform": [located]},
            {"name": "points", "values": list(points), "transform": [located]},
        ],
        "projections": [{"name": "map", **projection}],
        "marks": [
            {
                "type": "group",
                "clip": False,
                "encode": {"enter": {"width": {"value": WIDTH}, "height": {"value": height}, "fill": {"value": "sea"}}},
            },
            {
                "type": "shape",
                "from": {"data": "land"},
                "encode": {
                    "enter": {"fill": {"value": "land"}, "stroke": {"value": "coast"}, "strokeWidth": {"value": 0.5}}
                },
                "transform": [shape],
            },
            {
                "type": "shape",
                "from": {"data": "lines"},
                "encode": {
                    "enter": {
                        "stroke": {"field": "c"},
                        "strokeWidth": {"value": 1.5},
                        "description": {"field": "k"},
                    }
                },
                "transform": [shape],
            },
            {
                "type": "symbol",
                "from": {"data": "points"},
                "encode": {
                    "enter": {
                        "x": {"field": "x"},
                        "y": {"field": "y"},
                        "size": {"field": "n"},
                        "shape": {"field": "s"},
                        "fill": {"field": "c"},
                        "fillOpacity": {"value": 0.85},
                        "stroke": {"value": "paper"},
                        "strokeWidth": {"value": 0.8},
                        "description": {"field": "k"},
                    }
                },
            },
            {
                "type": "symbol",
                "from": {"data": "rings"},
                "encode": {
                    "enter": {
                        "x": {"field": "x"},
                        "y": {"field": "y"},
                        "size": {"value": 190},
                        "fill": {"value": "none"},
                        "stroke": {"value": "ink"},
                        "strokeWidth": {"value": 1.5},
                    }
                },
            },
        ],
    }
