"""Writes the things of a graph that have coordinates as a map: a FeatureCollection of GeoJSON.

Coordinates are those of WGS 84 (`wgs84:lat`, `wgs84:long`), of schema.org (`latitude` and `longitude`, of the thing or
of its `geo`), and geometries of GeoSPARQL (`asWKT`, `asGeoJSON`, of the thing or of its geometry). A thing that has
several has the first of these kinds, of the project's own graph before those of other sources. What is not a place on
earth is reported, and left out.

RFC 7946: https://www.rfc-editor.org/rfc/rfc7946
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from glocal_rdf.errors import Problem
from glocal_rdf.exports.classes import list_things
from glocal_rdf.exports.columns import list_columns, name_term
from glocal_rdf.exports.graph import DescribedGraph, Exported, split_terms
from glocal_rdf.exports.wkt import check_geometry, parse_wkt
from glocal_rdf.namespaces import DCAT, GEO, LOCN, SCHEMA, SCHEMA_HTTPS, WGS84, XSD, term
from glocal_rdf.triples import Triples, terms

__all__ = ["Geometry", "locate_things", "write_geojson"]

_PAIRS: Final = tuple(
    (term(space, latitude), term(space, longitude))
    for space, latitude, longitude in (
        (WGS84, "lat", "long"),
        (SCHEMA, "latitude", "longitude"),
        (SCHEMA_HTTPS, "latitude", "longitude"),
    )
)
_LITERALS: Final = (term(GEO, "asWKT"), term(GEO, "asGeoJSON"), term(LOCN, "geometry"), term(DCAT, "centroid"))
_STEPS: Final = tuple(
    term(space, name)
    for space, name in (
        (SCHEMA, "geo"),
        (SCHEMA_HTTPS, "geo"),
        (GEO, "defaultGeometry"),
        (GEO, "hasDefaultGeometry"),
        (GEO, "hasGeometry"),
        (GEO, "hasCentroid"),
        (LOCN, "geometry"),
    )
)
_OF_COORDINATES: Final = (*(one for pair in _PAIRS for one in pair), *_LITERALS, *_STEPS)
_NUMBERS: Final = {f"{XSD}{name}" for name in ("decimal", "double", "float")}
_WHOLE: Final = {
    f"{XSD}{name}" for name in ("integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger")
}
_EXACT: Final = 2**53
"""Up to which whole number JSON readers keep every digit."""

Geometry = dict[str, Any]


def write_geojson(graph: DescribedGraph) -> Exported:
    """Write the things with coordinates as one FeatureCollection, sorted by IRI.

    Each feature has the IRI of the thing as `id`; its properties are named by their labels, and a property with several
    values is a list.
    """
    problems: list[Problem] = []
    found, several = locate_things(graph.triples, graph.sources, problems)
    frame = graph.triples.distinct().frame
    rows = frame.filter(pl.col("subject").is_in(list(found)) & ~pl.col("predicate").is_in(_OF_COORDINATES))
    properties = _list_properties(graph, rows)
    features = [
        {
            "type": "Feature",
            "id": thing[1:-1],
            "geometry": found[thing][0],
            "properties": {
                **({"name": graph.labels[thing]} if thing in graph.labels else {}),
                **properties.get(thing, {}),
                **({"coordinates from": found[thing][1]} if found[thing][1] else {}),
            },
        }
        for thing in sorted(found)
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, allow_nan=False) for feature in features)
    data = (
        f'{{"type": "FeatureCollection", "features": [{chr(10) if lines else ""}{lines}{chr(10) if lines else ""}]}}\n'
    )
    things, _ = list_things(frame)
    without = things.filter(~things.is_in(list(found))).len()
    notes = [f"{len(found):,} things have coordinates; {without:,} have none"]
    if several:
        notes.append(f"{several:,} times a thing has coordinates in another source too, which are not used")
    return Exported({"": data.encode()}, tuple(notes), tuple(problems))


def locate_things(
    triples: Triples, sources: Mapping[str, Triples], problems: list[Problem]
) -> tuple[dict[str, tuple[Geometry, str]], int]:
    """Return the geometry of each thing (an IRI), and the name of the source that has it; empty for the graph's own.

    Args:
        triples: The graph.
        sources: The graphs of other sources, by name.
        problems: Where what is wrong is added.

    Returns:
        Also how many times a thing has a geometry in another source too, which is not used.
    """
    found: dict[str, tuple[Geometry, str]] = {}
    several = 0
    for name, one in (("", triples), *sorted(sources.items())):
        for thing, geometry in _find_geometries(one.distinct().frame, name, problems).items():
            if thing in found:
                several += 1
            else:
                found[thing] = geometry, name
    return found, several


def _find_geometries(frame: pl.DataFrame, source: str, problems: list[Problem]) -> dict[str, Geometry]:
    """Return the geometry of each thing (an IRI) of a graph; what is wrong is added to the problems."""
    own = pl.concat(
        [
            frame.select("subject", node="subject", rank=pl.lit(-1)),
            frame.filter(pl.col("predicate").is_in(_STEPS)).select(
                "subject",
                node="object",
                rank=pl.col("predicate").replace_strict(_STEPS, range(len(_STEPS)), return_dtype=pl.Int32),
            ),
        ]
    ).unique(maintain_order=True)
    inner = own.filter(pl.col("rank") >= 0)["node"].unique()
    nodes = frame.filter(pl.col("predicate").is_in([*(one for pair in _PAIRS for one in pair), *_LITERALS]))
    nodes = nodes.filter(pl.col("object").str.starts_with('"'))
    nameless = nodes["subject"].filter(nodes["subject"].str.starts_with("_:")).unique()
    if without := nameless.filter(~nameless.is_in(inner.implode())).len():
        what = f"{without:,} blank nodes with coordinates are left out"
        problems.append(Problem(source or "graph", what, "give the things IRIs", kind="blank"))
    own = own.filter(pl.col("subject").str.starts_with("<"))
    rows = own.join(nodes, left_on="node", right_on="subject").sort("subject", "rank", "node", "predicate", "object")
    # What is the geometry of a thing is a node of its own too, and not a thing on the map.
    rows = rows.filter(~(pl.col("subject").is_in(inner.implode()) & (pl.col("rank") == -1)))
    found: dict[str, Geometry] = {}
    grouped = rows.group_by("subject", "rank", "node", maintain_order=True).agg("predicate", "object")
    for thing, _, _, predicates, objects in grouped.iter_rows():
        if thing in found:
            continue
        values: dict[str, list[str]] = {}
        for predicate, value in zip(predicates, objects, strict=True):
            values.setdefault(predicate, []).append(value)
        for geometry in _read_geometries(thing, values, source, problems):
            found.setdefault(thing, geometry)
    return found


def _read_geometries(
    thing: str, values: Mapping[str, list[str]], source: str, problems: list[Problem]
) -> Iterator[Geometry]:
    """Yield the geometries that one node has, those of coordinates first."""

    def report(what: str, hint: str) -> None:
        where = f"{thing} ({source})" if source else thing
        problems.append(Problem(where, what, hint, kind="coordinates", value=thing[1:-1]))

    for latitude, longitude in _PAIRS:
        ours = values.get(latitude, []), values.get(longitude, [])
        if not any(ours):
            continue
        if len(ours[0]) != 1 or len(ours[1]) != 1:
            what = f"has {len(ours[0])} latitudes and {len(ours[1])} longitudes"
            report(what, "give one of each, so that it is known which belong together")
            continue
        texts = terms.unquote(ours[1][0]), terms.unquote(ours[0][0])
        try:
            numbers = [float(text) for text in texts]
            if not all(map(math.isfinite, numbers)) or any("_" in text for text in texts):
                raise ValueError
        except ValueError:
            report(f"latitude {texts[1]!r} and longitude {texts[0]!r} are not numbers", "write degrees, as 25.04")
            continue
        try:
            yield check_geometry({"type": "Point", "coordinates": numbers})
        except ValueError as error:
            report(*_split_hint(str(error), "write degrees, latitude from -90 to 90"))
    for predicate in _LITERALS:
        for value in values.get(predicate, []):
            text = terms.unquote(value)
            try:
                geometry = _read_json(text) if text.lstrip().startswith("{") else parse_wkt(text)
            except ValueError as error:
                shown = text if len(text) <= 60 else f"{text[:59]}…"
                what, hint = _split_hint(str(error), "write it as WKT in WGS 84, longitude first")
                report(f"geometry {shown!r}: {what}", hint)
                continue
            if geometry is not None:
                yield geometry


def _split_hint(text: str, hint: str) -> tuple[str, str]:
    what, mark, own = text.partition("; ")
    return what, own if mark else hint


def _read_json(text: str) -> Geometry:
    """Return a geometry that is written as GeoJSON.

    Raises:
        ValueError: Where it is not one.
    """
    try:
        geometry = json.loads(text)
        kept = check_geometry(geometry)
        json.dumps(kept, allow_nan=False)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, StopIteration, RecursionError) as error:
        reason = str(error) if type(error) is ValueError else "is not a geometry of GeoJSON"
        raise ValueError(reason) from error
    return kept


def _list_properties(graph: DescribedGraph, rows: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the properties of each thing, by their titles."""
    split = split_terms(rows.sort("subject", "predicate", "object"))
    found: dict[str, dict[str, Any]] = {}
    for column in list_columns(graph, split, {"name", "coordinates from"}):
        predicate, kind, lang, datatype = column.key
        part = split.filter(
            (pl.col("predicate") == predicate)
            & (pl.col("kind") == kind)
            & pl.col("lang").eq_missing(pl.lit(lang))
            & pl.col("datatype").eq_missing(pl.lit(datatype))
        )
        for thing, one, text in part.select("subject", "object", "text").iter_rows():
            value = name_term(graph, one) if one in graph.labels else text
            if kind == terms.LITERAL and lang is None:
                value = _as_json(text, datatype or "")
            shown = found.setdefault(thing, {})
            if column.title not in shown:
                shown[column.title] = value
            elif isinstance(shown[column.title], list):
                if value not in shown[column.title]:
                    shown[column.title].append(value)
            elif shown[column.title] != value:
                shown[column.title] = [shown[column.title], value]
    return found


def _as_json(text: str, datatype: str) -> Any:
    """Return a literal as JSON has it: a number or a truth value where it is exactly one, and else its text.

    Examples:
        >>> _as_json("12.50", XSD + "decimal"), _as_json("007", XSD + "integer"), _as_json("x", XSD + "integer")
        (12.5, 7, 'x')
    """
    if datatype == f"{XSD}boolean" and text in {"true", "false"}:
        return text == "true"
    try:
        if datatype in _WHOLE:
            number = int(text)
            return number if abs(number) <= _EXACT and "_" not in text else text
        if datatype in _NUMBERS:
            real = float(text)
            return real if math.isfinite(real) and "_" not in text else text
    except ValueError:
        return text
    return text
