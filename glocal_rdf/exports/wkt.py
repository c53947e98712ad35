"""Reads well-known text, the geometries of GeoSPARQL, as geometries of GeoJSON.

A literal may begin with the IRI of its coordinate reference system. Without one, and in CRS84, longitude comes first;
in EPSG:4326 latitude does, and the two are exchanged. Other systems are refused, since converting them is a science of
its own.

GeoSPARQL 1.1, section 8.5: https://docs.ogc.org/is/22-047r1/22-047r1.html
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any, Final

__all__ = ["check_geometry", "parse_wkt"]

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TOKEN: Final = re.compile(rf"\s*({_NUMBER}|[A-Za-z]+|[(),])")
_SYSTEM: Final = re.compile(r"\s*<([^<>\s]*)>\s*")
_LONGITUDE_FIRST: Final = re.compile(r"https?://www\.opengis\.net/def/crs/OGC/(?:1\.3|0)/CRS84h?")
_LATITUDE_FIRST: Final = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/[0-9.]+/(?:4326|4979)")
_DEPTHS: Final = {
    "POINT": ("Point", 0),
    "LINESTRING": ("LineString", 1),
    "POLYGON": ("Polygon", 2),
    "MULTIPOINT": ("MultiPoint", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
}
"""The types of geometries, with their names in GeoJSON and how deep their positions are nested in lists."""

_MAX_DEPTH: Final = 20


class _Reader:
    """Reads the tokens of one text, from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"has {text[at : at + 10].strip()!r} where a number or a word is expected")
            self.tokens.append(match[1])
            at = match.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise ValueError(f"has {token!r} where {wanted!r} is expected" if token else "ends too early")
        self.at += 1
        return token

    def geometry(self, depth: int = 0) -> dict[str, Any] | None:
        """Read a geometry; None where it is empty."""
        if depth > _MAX_DEPTH:
            raise ValueError("is nested too deeply")
        kind = self.take().upper()
        sizes: tuple[int, ...] = (2, 3, 4)
        if self.peek().upper() in {"Z", "M", "ZM"}:
            mark = self.take().upper()
            sizes = (4,) if mark == "ZM" else (3,)
            if "M" in mark:
                raise ValueError("has measures (M), which GeoJSON cannot hold")
        if kind == "GEOMETRYCOLLECTION":
            if self.peek().upper() == "EMPTY":
                self.take()
                return None
            parts = self.sequence(lambda: self.geometry(depth + 1))
            return {"type": "GeometryCollection", "geometries": [part for part in parts if part is not None]}
        if kind not in _DEPTHS:
            raise ValueError(f"is not a geometry that GeoJSON has ({kind[:20]})")
        name, nesting = _DEPTHS[kind]
        if self.peek().upper() == "EMPTY":
            self.take()
            return None
        coordinates = self.positions(nesting, sizes, loose=kind == "MULTIPOINT")
        return {"type": name, "coordinates": coordinates[0] if nesting == 0 else coordinates}

    def positions(self, nesting: int, sizes: tuple[int, ...], *, loose: bool) -> list[Any]:
        """Read positions in so many brackets; those of a multipoint may have brackets of their own."""
        if nesting <= 1:

            def position() -> list[float]:
                if loose and self.peek() == "(":
                    self.take("(")
                    found = self.position(sizes)
                    self.take(")")
                    return found
                return self.position(sizes)

            return self.sequence(position)
        return self.sequence(lambda: self.positions(nesting - 1, sizes, loose=loose))

    def sequence(self, read: Any) -> list[Any]:
        """Read what is in brackets, separated by commas."""
        self.take("(")
        found = [read()]
        while self.peek() == ",":
            self.take(",")
            found.append(read())
        self.take(")")
        return found

    def position(self, sizes: tuple[int, ...]) -> list[float]:
        numbers: list[float] = []
        while re.fullmatch(_NUMBER, self.peek()):
            numbers.append(float(self.take()))
        if len(numbers) not in sizes:
            raise ValueError(f"has a position of {len(numbers)} numbers")
        return numbers[:3]


def parse_wkt(text: str) -> dict[str, Any] | None:
    """Return the geometry of a literal as GeoJSON, or None for an empty one.

    Raises:
        ValueError: With what is wrong, to complete a sentence about the literal.

    Examples:
        >>> parse_wkt("POINT(121.5 25.1)")
        {'type': 'Point', 'coordinates': [121.5, 25.1]}
        >>> parse_wkt("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(25.1 121.5)")
        {'type': 'Point', 'coordinates': [121.5, 25.1]}
    """
    system = _SYSTEM.match(text)
    exchanged = False
    if system is not None:
        text = text[system.end() :]
        if _LATITUDE_FIRST.fullmatch(system[1]):
            exchanged = True
        elif not _LONGITUDE_FIRST.fullmatch(system[1]):
            raise ValueError(f"is in a coordinate reference system other than WGS 84 (<{system[1]}>)")
    reader = _Reader(text)
    geometry = reader.geometry()
    if reader.peek():
        raise ValueError(f"goes on after its end, with {reader.peek()!r}")
    if geometry is None:
        return None
    return check_geometry(_exchange(geometry) if exchanged else geometry)


def _exchange(part: Any) -> Any:
    """Exchange the first two numbers of every position."""
    if isinstance(part, dict):
        return {name: _exchange(value) if name != "type" else value for name, value in part.items()}
    if part and isinstance(part[0], float):
        return [part[1], part[0], *part[2:]]
    return [_exchange(one) for one in part]


def check_geometry(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return a geometry of GeoJSON with its rings wound as RFC 7946 says: outer ones counterclockwise.

    Raises:
        ValueError: For a longitude or latitude out of range, a line of one position, and a ring that is not closed.

    https://www.rfc-editor.org/rfc/rfc7946#section-3.1.6
    """
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": [check_geometry(one) for one in geometry["geometries"]]}
    coordinates = geometry["coordinates"]
    depth = next(depth for name, depth in _DEPTHS.values() if name == kind)
    _check_positions(coordinates, depth)
    if kind in {"LineString", "MultiLineString"}:
        for line in [coordinates] if kind == "LineString" else coordinates:
            if len(line) < 2:
                raise ValueError("has a line of one position")
    if kind == "Polygon":
        coordinates = _wind(coordinates)
    elif kind == "MultiPolygon":
        coordinates = [_wind(polygon) for polygon in coordinates]
    return {"type": kind, "coordinates": coordinates}


def _check_positions(part: Any, depth: int) -> None:
    if depth:
        for one in part:
            _check_positions(one, depth - 1)
        return
    if not all(math.isfinite(number) for number in part):
        raise ValueError("has a number that is not finite")
    longitude, latitude = part[:2]
    if not -180 <= longitude <= 180 or not -90 <= latitude <= 90:
        swapped = "; latitude and longitude may be exchanged" if abs(longitude) <= 90 and abs(latitude) <= 180 else ""
        raise ValueError(f"longitude {longitude:g} and latitude {latitude:g} are not on earth{swapped}")


def _wind(polygon: list[list[list[float]]]) -> list[list[list[float]]]:
    """Return the rings of a polygon, the first counterclockwise and the others clockwise."""
    found = []
    for number, ring in enumerate(polygon):
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise ValueError("has a ring that is not closed, or has fewer than four positions")
        area = sum(one[0] * other[1] - other[0] * one[1] for one, other in pairwise(ring))
        found.append(ring if (area >= 0) == (number == 0) else ring[::-1])
    return found
