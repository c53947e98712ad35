"""Pictures: what they show is what SPARQL counts, and they are accessible, safe and the same on every run."""

from __future__ import annotations

import csv
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run
from lxml import etree

from glocal_rdf.dataset import Build
from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import GEO, SCHEMA, SKOS, term
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import make_site, publish_site
from glocal_rdf.operations.publish_pictures import select_things
from glocal_rdf.operations.query import ask
from glocal_rdf.project import Project
from glocal_rdf.publish.pictures import gallery
from glocal_rdf.publish.pictures.cartography import clip_land
from glocal_rdf.publish.pictures.gallery import list_by_page, list_whole
from glocal_rdf.publish.pictures.lettering import Box, measure, place_names
from glocal_rdf.publish.pictures.maps import MOST_POINTS, draw_map
from glocal_rdf.publish.pictures.model import Picture
from glocal_rdf.publish.pictures.networks import draw_network, list_memberships
from glocal_rdf.publish.pictures.selection import Position, Selection
from glocal_rdf.publish.pictures.timelines import draw_timeline
from glocal_rdf.publish.site import Page
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import glocal

from .conftest import HOSTILE, copy_parks, read_page

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"
ID = "https://w3id.org/glocal/id/"
DRAWING = re.compile(r'<svg xmlns="http://www\.w3\.org/2000/svg".*?</svg>', re.DOTALL)
MOST_BYTES = 300_000


def read_drawings(path: Path) -> dict[str, Any]:
    """Read the pictures of a page, by the keys of their figures."""
    text = path.read_text(encoding="utf-8")
    figures = re.findall(r'<figure class="picture" id="([^"]+)">(.*?)</figure>', text, re.DOTALL)
    return {key: etree.fromstring(match[0]) for key, figure in figures if (match := DRAWING.search(figure))}


def count(built: Build, query: str) -> int:
    prefixes = f"PREFIX glocal: <{glocal('')[1:-1]}> PREFIX org: <http://www.w3.org/ns/org#> PREFIX skos: <{SKOS}> "
    [(number,)] = ask(built, f"{prefixes} PREFIX foaf: <http://xmlns.com/foaf/0.1/> {query}").rows()
    return int(str(number))


@pytest.fixture(scope="module")
def selection(built: Build) -> Selection:
    problems: list[Problem] = []
    found = select_things(make_site(built), problems)
    assert problems == []
    return found


@pytest.fixture(scope="module")
def whole(selection: Selection) -> Mapping[str, Picture]:
    return {picture.key: picture for picture in (make() for make in list_whole(selection))}


@pytest.fixture(scope="module")
def by_page(selection: Selection) -> Mapping[str, list[Picture]]:
    return {one: [make() for make in makers] for one, makers in list_by_page(selection)}


def test_the_page_of_pictures_has_each_kind_and_other_pages_have_theirs(
    site: Path, whole: Mapping[str, Picture], by_page: Mapping[str, list[Picture]]
) -> None:
    assert {picture.kind for picture in whole.values()} == {"map", "timeline", "network", "tree", "series"}
    for ending in ("html", "zh-Hant.html"):
        assert set(read_drawings(site / f"pictures.{ending}")) == set(whole)
        assert list(read_drawings(site / f"index.{ending}")) == ["map"]
        assert set(read_drawings(site / "doc" / "place" / f"taiwan.{ending}")) == {
            one.key for one in by_page[f"<{ID}place/taiwan>"]
        }
    assert [one.kind for one in by_page[glocal("CityNetwork")]] == ["timeline"]
    assert [one.kind for one in by_page[glocal("City")]] == ["map"]
    assert [one.kind for one in by_page[f"<{ID}organization/wca>"]] == ["map"]
    assert [one.kind for one in by_page[f"<{ID}place/taipei>"]] == ["series"]
    assert [one.kind for one in by_page[f"<{ID}scheme/theme>"]] == ["tree"]
    [branch] = by_page[f"<{ID}theme/economy>"]
    assert branch.rows[0][1] == f"<{ID}theme/economy>"


@pytest.mark.parametrize("ending", ["html", "zh-Hant.html"])
def test_a_picture_has_words_links_and_classes_and_nothing_that_the_policy_forbids(site: Path, ending: str) -> None:
    page = site / f"pictures.{ending}"
    anchors = read_page(page).anchors
    for key, svg in read_drawings(page).items():
        assert [child.tag for child in svg][:2] == [f"{SVG}title", f"{SVG}desc"]
        assert svg[0].text
        assert len(svg[1].text) > 10
        assert {svg.get("aria-labelledby"), svg.get("aria-describedby")} == {svg[0].get("id"), svg[1].get("id")}
        assert svg[0].get("id") in anchors
        links = list(svg.iter(f"{SVG}a"))
        assert svg.get("role") == ("graphics-document" if links else "img")
        assert len(links) > 1, key
        for link in links:
            assert link.get("aria-label") == link[0][0].text
            assert re.fullmatch(r"(?:doc|ontology|term)/[^:]+\.html", link.get("href"))
        for element in svg.iter():
            assert not {"style", "font-family", "xlink:href"} & set(element.attrib)
            assert {element.get("fill", "none"), element.get("stroke", "none")} <= {"none", "transparent"}
            assert "⟦" not in (element.text or "")
        assert len(etree.tostring(svg)) < MOST_BYTES
        # Every colour that the picture names is in the style sheet.
        style = (site / "assets" / "pictures.css").read_text(encoding="utf-8")
        for name in {one for element in svg.iter() for one in element.get("class", "").split()}:
            assert f".{name}" in style or name.startswith("picture-"), name


def test_every_picture_has_a_table_of_the_same_and_says_what_is_left_out(
    site: Path, whole: Mapping[str, Picture]
) -> None:
    text = (site / "pictures.html").read_text(encoding="utf-8")
    for key, picture in whole.items():
        figure = text[text.index(f'<figure class="picture" id="{key}">') :]
        figure = figure[: figure.index("</figure>")]
        assert figure.count("<tr>") == min(len(picture.rows), 200) + 1
        assert all(len(row) == len(picture.columns) for row in picture.rows)
        for note in picture.notes:
            assert note["en"].split(",")[0].replace("'", "&#39;") in figure


def test_the_map_shows_what_has_coordinates_and_links_and_credits_their_sources(
    built: Build, whole: Mapping[str, Picture]
) -> None:
    located = count(
        built,
        "PREFIX wgs84: <http://www.w3.org/2003/01/geo/wgs84_pos#>"
        "SELECT (COUNT(DISTINCT ?p) AS ?n) { GRAPH ?g { ?p wgs84:lat ?lat ; wgs84:long ?long } ?p a ?class }",
    )
    shown = whole["map"]
    assert len({row[0] for row in shown.rows}) == located == sum(key.startswith("m") for key in shown.marks)
    pairs = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?b { ?a %s|^%s ?b FILTER (STR(?a) < STR(?b)) } }"
    twinned = sum(count(built, pairs % (one, one)) for one in ("glocal:sisterCity", "glocal:sisterPort"))
    assert sum(key.startswith("l") for key in shown.marks) == twinned == 4
    words = " ".join(note["en"] for note in shown.notes)
    assert "GeoNames, https://www.geonames.org/, CC BY 4.0" in words
    assert "Natural Earth" in words
    of_seat = {row[4] for row in shown.rows if row[0] == f"<{ID}place/barcelona>"}
    assert f"<{ID}organization/uclg>" in of_seat


def test_a_map_of_a_network_has_its_members_and_one_of_a_country_its_cities(
    built: Build, by_page: Mapping[str, list[Picture]]
) -> None:
    [members] = by_page[f"<{ID}organization/wca>"]
    assert len(members.rows) == count(
        built, f"SELECT (COUNT(DISTINCT ?m) AS ?n) {{ ?m org:memberOf <{ID}organization/wca> }}"
    )
    [cities] = by_page[f"<{ID}place/taiwan>"]
    every = count(built, f"SELECT (COUNT(DISTINCT ?c) AS ?n) {{ ?c glocal:country <{ID}place/taiwan> }}")
    without = next(int(n[1]) for note in cities.notes if (n := re.match(r"(\d+) more thing", note["en"])))
    assert len({row[0] for row in cities.rows}) + without == every


def test_the_timeline_has_every_truthy_date_once(built: Build, whole: Mapping[str, Picture]) -> None:
    number = count(built, f"SELECT (COUNT(*) AS ?n) {{ ?s <{SCHEMA}foundingDate> ?date }}")
    timeline = whole["timeline-1"]
    assert len(timeline.rows) == len(timeline.marks) == number
    assert f"{number} dates from 1901 to 2006" in timeline.descriptions["en"]
    assert f"1901 至 2006 年間共 {number} 個日期" in timeline.descriptions["zh-Hant"]
    # The types that the documents give tell the networks apart, not that nearly all are networks.
    assert "thematic type 11" in timeline.descriptions["en"]


def test_the_network_has_every_membership_and_the_tree_every_concept(
    built: Build, whole: Mapping[str, Picture]
) -> None:
    pairs = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?m ?g { { ?m org:memberOf ?g } UNION { ?g foaf:member ?m } } }"
    assert len(whole["network"].rows) == count(built, pairs)
    tree = whole["tree-1"]
    concepts = count(built, f"SELECT (COUNT(DISTINCT ?c) AS ?n) {{ ?c skos:inScheme <{ID}scheme/theme> }}")
    assert tree.descriptions["en"].startswith(f"{concepts} concepts: ")
    folded = next(int(n[1]) for note in tree.notes if (n := re.match(r"(\d+) concepts further below", note["en"])))
    assert len(tree.rows) + folded == concepts
    tops = [row for row in tree.rows if row[1] == f"<{ID}scheme/theme>"]
    assert sum(int(str(row[2])) + 1 for row in tops) == concepts


def test_a_series_has_the_claims_that_count(whole: Mapping[str, Picture]) -> None:
    rows = [(row[0], str(row[1])[1:5], str(row[2])[1:3]) for row in whole["series-1"].rows]
    assert rows == [(f"<{ID}place/taipei>", "2006", "45"), (f"<{ID}place/taipei>", "2016", "47")]
    assert whole["series-1"].titles["zh-Hant"].startswith("歷年變化：")


def test_a_drawing_does_not_depend_on_the_order_of_what_it_is_made_from(selection: Selection) -> None:
    page = Page(path="pictures", titles={})
    things = sorted(selection.positions)
    titles = dict.fromkeys(selection.site.languages, "Where")
    drawn = [
        gallery.Artist(selection.site).draw(draw_map(selection, "map", titles, some), page, "en")
        for some in (things, things[::-1])
    ]
    assert drawn[0] == drawn[1]
    assert not re.search(r"\d\.\d\d", "".join(re.findall(r' d="[^"]*"', drawn[0])))


@pytest.mark.slow
def test_another_process_draws_the_same_bytes(parks: Path, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "glocal_rdf", "publish", "--project", ROOT / "examples" / "city-spreadsheet"]
        command += ["-o", tmp_path / seed, "--formats", "none", "--without", "catalogue", "--without", "sparql"]
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True, timeout=100
        )
        assert read_drawings(tmp_path / seed / "pictures.html")
        first, second = ((one / "pictures.html").read_bytes() for one in (parks, tmp_path / seed))
        assert DRAWING.findall(first.decode()) == DRAWING.findall(second.decode())


def test_hostile_names_are_text_in_pictures(tmp_path: Path) -> None:
    folder = copy_parks(tmp_path / "project")
    table = folder / "data" / "parks.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [*HOSTILE[:5], "⟦head-0⟧ bell \x07"]
    for row, name in zip(rows, names, strict=True):
        row["name_en"] = row["name_zh"] = name
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    publish_site(build(Project.open(folder)), tmp_path / "site", formats=[], without=["catalogue", "sparql"])
    for ending in ("html", "zh-Hant.html"):
        [svg] = read_drawings(tmp_path / "site" / f"pictures.{ending}").values()
        titles = {one.text for one in svg.iter(f"{SVG}title")}
        assert {name.replace("\x07", "\N{REPLACEMENT CHARACTER}") for name in names} <= titles
        tags = {etree.QName(one).localname for one in svg.iter()}
        assert tags <= {"svg", "title", "desc", "g", "path", "line", "text", "a", "tspan"}


def test_without_the_extra_a_line_says_what_is_missing_and_the_tables_stand(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    project = ROOT / "examples" / "city-spreadsheet"
    result = run(
        "publish",
        "--project",
        project,
        "-o",
        tmp_path,
        "--formats",
        "none",
        "--without",
        "catalogue",
        "--without",
        "sparql",
    )
    assert result.exit_code == 0
    line = "a package is missing: pip install 'glocal-rdf[pictures]'"
    assert f"pictures are not drawn, because {line}" in result.stderr
    for name, expected in (("pictures.html", line), ("pictures.zh-Hant.html", "缺少套件，故未繪此圖：pip install")):
        page = read_page(tmp_path / name)
        assert expected in page.text
        assert "1936" in page.text
        assert read_drawings(tmp_path / name) == {}
    assert line in read_page(tmp_path / "ontology" / "Park.html").text


def test_a_project_with_nothing_to_draw_has_no_page_of_pictures(small: Path, tmp_path: Path) -> None:
    published = publish_site(build(Project.open(small)), tmp_path / "site", formats=[])
    assert not (tmp_path / "site" / "pictures.html").exists()
    assert "pictures.html" not in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert published.notes == () or not any("package" in note for note in published.notes)


LIBRARIES = """name,city,latitude,longitude,founded
Central Library,Taipei,25.03,121.53,1952
Harbour Library,Kaohsiung,22.62,120.30,1988
Hill Library,Taipei,25.10,121.55,2001
Old Library,Tainan,22.995,120.20,1907
"""
VISITS = """record,library,date,visitors
v1,Central Library,2020-12-31,12000
v2,Central Library,2021-12-31,14000
v3,Harbour Library,2021-12-31,7600
"""


@pytest.mark.rebuild
def test_a_project_of_init_has_the_pictures_that_its_tables_allow(run: Run, tmp_path: Path) -> None:
    for name, text in (("libraries", LIBRARIES), ("visits", VISITS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    command = ["init", tmp_path / "made", "--from", tmp_path / "libraries.csv", "--from", tmp_path / "visits.csv"]
    assert run(*command, "--base", "https://data.example.org/", "--license", "cc0", "--yes").exit_code == 0
    selection = select_things(make_site(build(Project.open(tmp_path / "made"))), [])
    pictures = {one.kind: one for one in [make() for make in list_whole(selection)][::-1]}
    assert set(pictures) == {"map", "timeline", "series"}
    assert len(pictures["map"].rows) == 4
    assert [(row[1], row[2]) for row in pictures["series"].rows] == [
        (
            '"2020-12-31"^^<http://www.w3.org/2001/XMLSchema#date>',
            '"12000"^^<http://www.w3.org/2001/XMLSchema#integer>',
        ),
        (
            '"2021-12-31"^^<http://www.w3.org/2001/XMLSchema#date>',
            '"14000"^^<http://www.w3.org/2001/XMLSchema#integer>',
        ),
    ]


Extend = Callable[[str], Selection]


@pytest.fixture
def extend(small: Path) -> Extend:
    """Return what can be drawn of a small project with more triples (Turtle)."""
    built = build(Project.open(small))
    head = "@prefix : <https://data.example/id/> . @prefix o: <https://data.example/ontology#> . "
    head += f"@prefix s: <{SCHEMA}> . @prefix skos: <{SKOS}> . @prefix org: <http://www.w3.org/ns/org#> . "
    head += "@prefix e: <http://id.loc.gov/datatypes/edtf/> . @prefix x: <http://www.w3.org/2001/XMLSchema#> . "
    head += f"@prefix geo: <{GEO}> . @prefix w: <http://www.w3.org/2003/01/geo/wgs84_pos#> ."

    def make(text: str) -> Selection:
        more = Triples.parse(head + text, "turtle")
        return select_things(make_site(replace(built, stated=built.stated.union(more))), [])

    return make


def test_an_inexact_date_is_a_bar_and_one_without_an_end_is_counted_apart(extend: Extend) -> None:
    dates = ['"1990"^^x:gYear', '"199X"^^e:EDTF', '"1985~"^^e:EDTF', '"[..2005]"^^e:EDTF', '"2001-05-03Z"^^x:date']
    dates += ['"once"^^e:EDTF', '"-0044"^^x:gYear']
    text = " ".join(f":c{n} a o:City ; s:foundingDate {date} ." for n, date in enumerate(dates))
    selection = extend(f"{text} :none a o:City .")
    picture = draw_timeline(selection, "t", term(SCHEMA, "foundingDate"))
    rows = picture.spec["data"][0]["values"]
    assert [row["a"] for row in rows] == [-44, 1985, 1990, 1990, 2001]
    assert {(row["a"], row["b"]) for row in rows if row["i"]} == {(1985, 1985), (1990, 1999)}
    notes = " ".join(note["en"] for note in picture.notes)
    assert "2 dates have no beginning or no end, and are not drawn." in notes
    # Two cities of the project, and the three whose dates are not drawn or not there.
    assert "5 more things of the same kinds are not drawn" in notes


def test_many_things_are_counted_and_not_drawn_one_by_one(extend: Extend) -> None:
    number = MOST_POINTS + 500
    rows = (
        f':p{n} a o:City ; w:lat "{n % 60}" ; w:long "{n % 90 - 45}" ; s:foundingDate "{1000 + n % 1000}"^^x:gYear .'
        for n in range(number)
    )
    selection = extend(" ".join(rows))
    pictures = {one.key: one for one in (make() for make in list_whole(selection))}
    shown = pictures["map"]
    sizes = [int(mark.texts["en"].replace(",", "").split()[0]) for mark in shown.marks.values()]
    assert sum(sizes) == number
    assert 50 < len(sizes) <= 400
    artist = gallery.Artist(selection.site)
    assert len(artist.draw(shown, Page(path="pictures", titles={}), "en")) < MOST_BYTES
    assert any("Things near one another are one point" in note["en"] for note in shown.notes)
    bars = pictures["timeline-1"]
    assert sum(int(str(row[2])) for row in bars.rows) == number
    assert len(bars.marks) <= 41
    svg = artist.draw(bars, Page(path="pictures", titles={}), "en")
    assert len(svg) < MOST_BYTES


def test_a_network_that_is_too_large_says_how_many_memberships_are_not_drawn(extend: Extend) -> None:
    text = " ".join(f":m{n} a o:City ; org:memberOf :g{n % 30}, :g{n % 7} ." for n in range(200))
    groups = " ".join(f":g{n} a o:Club ." for n in range(30))
    selection = extend(f"{text} {groups}")
    memberships = list_memberships(selection)
    picture = draw_network(selection, "network", memberships)
    links = picture.spec["data"][0]["values"]
    assert 0 < len(links) < memberships.height == len(picture.rows)
    assert picture.notes[0]["en"].startswith(f"{memberships.height - len(links)} memberships are not drawn")
    places = {(one["source"], one["target"]) for one in links}
    assert len(places) == len(links)


def test_a_tree_with_circles_and_several_broader_concepts_ends_and_counts_them(extend: Extend) -> None:
    selection = extend(
        ":s a skos:ConceptScheme . :a skos:inScheme :s . :b skos:inScheme :s ; skos:broader :a ."
        ":c skos:inScheme :s ; skos:broader :a, :b, :c . :d skos:inScheme :s ; skos:broader :e ."
        ":e skos:inScheme :s ; skos:broader :d ."
        ":a a skos:Concept . :b a skos:Concept . :c a skos:Concept . :d a skos:Concept . :e a skos:Concept ."
    )
    pictures = {one.kind: one for one in (make() for make in list_whole(selection))}
    tree = pictures["tree"]
    assert {(row[0], row[2]) for row in tree.rows} == {
        ("<https://data.example/id/a>", 2),
        ("<https://data.example/id/b>", 0),
        ("<https://data.example/id/c>", 0),
    }
    notes = " ".join(note["en"] for note in tree.notes)
    assert "1 concept has several broader ones, and stands below the first." in notes
    assert "2 concepts are broader than themselves by way of others, and have no place." in notes
    assert gallery.Artist(selection.site).draw(tree, Page(path="pictures", titles={}), "en")


def test_coordinates_that_are_none_are_reported_once(small: Path, tmp_path: Path) -> None:
    built = build(Project.open(small))
    more = Triples.parse(
        "<https://data.example/id/x> a <https://data.example/ontology#City> ;"
        '<http://www.w3.org/2003/01/geo/wgs84_pos#lat> "95" ; <http://www.w3.org/2003/01/geo/wgs84_pos#long> "1" .',
        "turtle",
    )
    published = publish_site(replace(built, stated=built.stated.union(more)), tmp_path / "site", formats=[])
    wrong = [problem for problem in published.problems if problem.kind == "coordinates"]
    assert len(wrong) == 1


def test_what_crosses_the_180th_meridian_is_on_one_map(extend: Extend) -> None:
    text = " ".join(
        f':i{n} a o:City ; w:lat "{-17 + n / 10}" ; w:long "{lon}" .' for n, lon in enumerate((178, -179, 179.5))
    )
    selection = extend(text)
    picture = draw_map(selection, "map", dict.fromkeys(selection.site.languages, "Fiji"), sorted(selection.positions))
    assert abs(picture.spec["projections"][0]["rotate"][0] + 179.5) < 0.5
    svg = etree.fromstring(gallery.Artist(selection.site).draw(picture, Page(path="pictures", titles={}), "en"))
    moved = [one.get("transform") for one in svg.iter(f"{SVG}path") if one.get("transform")]
    xs = [float(re.findall(r"-?[\d.]+", one)[0]) for one in moved]
    assert min(xs) > 0
    assert max(xs) < 960
    land = clip_land("50m", 176, -19, 182, -15)
    positions = [point for polygon in land["coordinates"] for ring in polygon for point in ring]
    assert min(x for x, _ in positions) < 180 < max(x for x, _ in positions)
    assert all(176 <= x <= 182 and -19 <= y <= -15 for x, y in positions)


def test_the_middle_of_a_box_stands_for_what_is_not_a_point(extend: Extend) -> None:
    selection = extend(
        ':a a o:City ; geo:asWKT "POLYGON ((10 40, 12 40, 12 44, 10 44, 10 40))"^^geo:wktLiteral .'
        ':b a o:City ; geo:asWKT "POINT (5 6)"^^geo:wktLiteral .'
    )
    expected = {"a": Position(11, 42, ""), "b": Position(5, 6, "")}
    assert selection.positions == {f"<https://data.example/id/{name}>": at for name, at in expected.items()}


def test_names_meet_neither_one_another_nor_marks() -> None:
    places = {f"m{n}": (40.0 + 37 * n % 500, 30.0 + 61 * n % 300) for n in range(40)}
    names = {key: f"Name of {key}" * (1 + n % 3) for n, key in enumerate(places)}
    found = place_names(names, places, Box(0, 0, 560, 360), 12)
    assert len(found) > 10
    boxes = []
    for key, (x, y, anchor) in found.items():
        left = x - {"start": 0.0, "end": 1.0, "middle": 0.5}[anchor] * measure(names[key], 12)
        boxes.append(Box(left, y - 10.2, left + measure(names[key], 12), y + 2.4))
    assert not [1 for n, one in enumerate(boxes) for other in boxes[:n] if one.meets(other)]
    assert all(box.left >= 0 and box.right <= 560 for box in boxes)
    assert math.isclose(measure("臺北", 12), 24)
