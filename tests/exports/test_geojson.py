"""Things with coordinates become a map as RFC 7946 has it; what is not a place on earth is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_graphs import odd_graphs

from glocal_rdf import Build, export_form
from glocal_rdf.exports import DescribedGraph, Exported, find_form
from glocal_rdf.exports.wkt import parse_wkt
from glocal_rdf.triples import Triples

HEAD = """@prefix : <https://e.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix wgs84: <http://www.w3.org/2003/01/geo/wgs84_pos#> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix schema: <http://schema.org/> . @prefix sdo: <https://schema.org/> . @prefix locn: <http://www.w3.org/ns/locn#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
CRS = "http://www.opengis.net/def/crs"


def write(text: str, **sources: str) -> tuple[dict[str, Any], Exported]:
    graph = Triples.parse(HEAD + text, "turtle")
    others = {name: Triples.parse(HEAD + other, "turtle") for name, other in sources.items()}
    labels = {"<https://e.org/t>": "Town", "<https://e.org/Place>": "place"}
    exported = find_form("geojson").write(DescribedGraph(graph, Triples.empty(), labels, sources=others))
    return json.loads(exported.files[""]), exported


def geometry(text: str) -> dict[str, Any]:
    found, exported = write(text)
    assert exported.problems == ()
    (feature,) = found["features"]
    return dict(feature["geometry"])


@pytest.mark.parametrize(
    "text",
    [
        ":t wgs84:lat 25.04 ; wgs84:long 121.5 .",
        ':t schema:latitude "25.04" ; schema:longitude "121.5" .',
        ":t schema:geo [ schema:latitude 25.04 ; schema:longitude 121.5 ] .",
        ":t sdo:geo :g . :g sdo:latitude 2504e-2 ; sdo:longitude 1215e-1 .",
        ':t geo:hasGeometry [ geo:asWKT "POINT (121.5 25.04)"^^geo:wktLiteral ] .',
        ':t geo:asWKT "Point(121.5 25.04)" .',
        f':t geo:asWKT "<{CRS}/OGC/1.3/CRS84> POINT(121.5 25.04)"^^geo:wktLiteral .',
        f':t geo:asWKT "<{CRS}/EPSG/0/4326> POINT(25.04 121.5)"^^geo:wktLiteral .',
        ':t locn:geometry "POINT(121.5 25.04)"^^geo:wktLiteral .',
        """:t geo:asGeoJSON '{"type": "Point", "coordinates": [121.5, 25.04]}' .""",
    ],
)
def test_longitude_comes_first_whatever_the_vocabulary(text: str) -> None:
    assert geometry(text) == {"type": "Point", "coordinates": [121.5, 25.04]}


def test_a_polygon_is_wound_as_the_specification_has_it() -> None:
    clockwise, counter = "0 0, 0 2, 2 2, 2 0, 0 0", "0 0, 2 0, 2 2, 0 2, 0 0"
    square = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
    for ring in (clockwise, counter):
        found = parse_wkt(f"POLYGON (({ring}), ({ring}))")
        assert found == {"type": "Polygon", "coordinates": [square, square[::-1]]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LINESTRING(0 0, 1 1)", {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
        ("POINT Z (1 2 3)", {"type": "Point", "coordinates": [1, 2, 3]}),
        ("MULTIPOINT((1 2), 3 4)", {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
        ("POLYGON EMPTY", None),
        (
            "GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0,1 1))",
            {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Point", "coordinates": [1, 2]},
                    {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
                ],
            },
        ),
    ],
)
def test_well_known_text_is_read(text: str, expected: dict[str, Any] | None) -> None:
    assert parse_wkt(text) == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("POINT(25 121)", "longitude 25 and latitude 121 are not on earth; latitude and longitude may be exchanged"),
        ("POINT(121)", "has a position of 1 numbers"),
        ("POINT(1 2", "ends too early"),
        ("POINT(1 2) x", "goes on after its end"),
        ("POINT M (1 2 3)", "has measures"),
        ("CURVE(1 2)", "is not a geometry that GeoJSON has"),
        ("POLYGON((0 0, 1 1, 0 1, 0 2))", "has a ring that is not closed"),
        ("LINESTRING(0 0)", "has a line of one position"),
        ("POINT(1,5 2)", "has a position of 1 numbers"),
        ("POINT(1e999 2)", "has a number that is not finite"),
        (f"<{CRS}/EPSG/0/3826> POINT(1 2)", "coordinate reference system other than WGS 84"),
        ("GEOMETRYCOLLECTION(" * 3000, "is nested too deeply"),
        ("", "ends too early"),
    ],
)
def test_what_is_not_a_geometry_is_refused_with_the_reason(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        parse_wkt(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (":t wgs84:lat 121.5 ; wgs84:long 25.04 .", "<https://e.org/t>: longitude 25.04 and latitude 121.5 are not on"),
        (":t wgs84:lat 25.04 .", "<https://e.org/t>: has 1 latitudes and 0 longitudes; give one of each"),
        (":t wgs84:lat 1, 2 ; wgs84:long 3 .", "has 2 latitudes and 1 longitudes"),
        (':t wgs84:lat "25,04" ; wgs84:long "121.5" .', "latitude '25,04' and longitude '121.5' are not numbers"),
        (':t wgs84:lat "2_5" ; wgs84:long "NaN" .', "are not numbers; write degrees, as 25.04"),
        (':t geo:asWKT "POINT(1)" .', "geometry 'POINT(1)': has a position of 1 numbers"),
        (""":t geo:asGeoJSON '{"type": "Point", "coordinates": "x"}' .""", "is not a geometry of GeoJSON"),
        (""":t geo:asGeoJSON '{"type": "Point", "coordinates": [1, 2, NaN]}' .""", "is not finite"),
        ("[] wgs84:lat 1 ; wgs84:long 2 .", "graph: 1 blank nodes with coordinates are left out; give the things IRIs"),
    ],
)
def test_what_is_not_a_place_on_earth_is_reported(text: str, told: str) -> None:
    found, exported = write(text)
    assert found["features"] == []
    (problem,) = exported.problems
    assert told in str(problem)


def test_features_have_the_iri_and_the_names_of_values() -> None:
    found, exported = write(
        """:t a :Place ; wgs84:lat 1 ; wgs84:long 2 ; rdfs:label "Town"@en, "鎮"@zh-Hant ; :size 12.50 ; :open true ;
        :code "007" ; :in :Place ; :big 12345678901234567890 ; :tag "b", "a" . :u a :Place ."""
    )
    (feature,) = found["features"]
    assert feature["id"] == "https://e.org/t"
    assert feature["properties"] == {
        "name": "Town", "label (en)": "Town", "label (zh-Hant)": "鎮", "size": 12.5, "open": True, "code": "007",
        "in": "place", "big": "12345678901234567890", "tag": ["a", "b"], "type": "place",
    }  # fmt: skip
    assert exported.notes == ("1 things have coordinates; 1 have none",)


def test_the_own_coordinates_come_before_those_of_other_sources() -> None:
    found, exported = write(
        ":t a :P ; wgs84:lat 1 ; wgs84:long 2 . :u a :P .",
        maps=":t wgs84:lat 5 ; wgs84:long 6 . :u wgs84:lat 7 ; wgs84:long 8 .",
    )
    assert [one["geometry"]["coordinates"] for one in found["features"]] == [[2, 1], [8, 7]]
    assert [one["properties"].get("coordinates from") for one in found["features"]] == [None, "maps"]
    assert "1 times a thing has coordinates in another source too" in exported.notes[1]


def test_the_map_of_the_bundled_dataset_has_the_places_of_its_sources(built: Build) -> None:
    found = json.loads(export_form(built, "geojson", external=True).files[""])
    features = {one["id"].rpartition("/")[2]: one for one in found["features"]}
    assert features["taipei"]["geometry"] == {"type": "Point", "coordinates": [121.52639, 25.05306]}
    assert features["taipei"]["properties"]["coordinates from"] == "geonames"
    assert len(features) == 44


def test_the_command_exits_with_1_where_something_is_left_out(run: Run, small: object) -> None:
    from pathlib import Path

    folder = Path(str(small))
    metadata = folder / "data" / "csv-metadata.json"
    text = metadata.read_text(encoding="utf-8").replace("https://data.example/ontology#country", "schema:latitude")
    metadata.write_text(text, encoding="utf-8")
    result = run("export", "-f", "geojson", "-p", folder)
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"type": "FeatureCollection", "features": []}
    assert "taipei>: has 1 latitudes and 0 longitudes" in result.stderr


numbers = st.floats(-180, 180).map(lambda number: round(number, 6))
positions = st.tuples(numbers, numbers.map(lambda number: number / 2)).map(list)


@given(st.lists(positions, min_size=2, max_size=9))
def test_a_line_is_read_as_it_is_written(line: list[list[float]]) -> None:
    text = ", ".join(f"{longitude!r} {latitude!r}" for longitude, latitude in line)
    assert parse_wkt(f"LINESTRING ({text})") == {"type": "LineString", "coordinates": line}


words = st.sampled_from(
    ["POINT", "POLYGON", "MULTIPOINT", "(", ")", ",", "1", "-2.5", "1e9", "Z", "EMPTY", " ", "<", ">", "x"]
)


@given(st.text(max_size=30) | st.lists(words, max_size=12).map(" ".join))
def test_any_text_is_a_geometry_or_refused(text: str) -> None:
    try:
        geometry = parse_wkt(text)
    except ValueError:
        return
    assert geometry is None or json.loads(json.dumps(geometry, allow_nan=False)) == geometry


@pytest.mark.slow
@given(odd_graphs)
@settings(max_examples=60, deadline=None)
def test_any_graph_is_a_map_without_places(graph: list[tuple[str, str, str]]) -> None:
    exported = find_form("geojson").write(DescribedGraph(Triples.from_terms(graph), Triples.empty()))
    assert json.loads(exported.files[""]) == {"type": "FeatureCollection", "features": []}
