"""The pages of terms: hierarchy, what must hold of them, and which questions use them; the lists of hubs."""

from __future__ import annotations

from pathlib import Path

import pytest

from glocal_rdf.dataset import Build
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import make_site, publish_site
from glocal_rdf.operations.publish_terms import find_questions, find_shapes
from glocal_rdf.project import Project
from glocal_rdf.publish.pages.vocabulary import find_hierarchy
from glocal_rdf.publish.site import Site
from glocal_rdf.triples import Triples

from .conftest import copy_parks, find_broken_links, read_page

PARKS = "https://data.willowbay.example/ontology#"
GLOCAL = "https://w3id.org/glocal/ontology#"


@pytest.fixture(scope="module")
def made(built: Build) -> Site:
    return make_site(built)


@pytest.mark.slow
def test_a_shape_bears_on_classes_properties_and_what_its_queries_name(made: Site) -> None:
    shapes = find_shapes(made)
    names = {one: {entry.term.rpartition("#")[2].strip(">") for entry in found} for one, found in shapes.items()}
    assert "Organization" in names["<http://www.w3.org/ns/org#Organization>"]
    # A shape of a class holds for the classes below it.
    assert "Organization" in names[f"<{GLOCAL}CityNetwork>"]
    assert "FoundingDate" in names["<http://schema.org/foundingDate>"]
    # Only a query of this shape names the property.
    assert "SharedName" in names["<http://www.w3.org/2004/02/skos/core#prefLabel>"]


def test_a_shape_is_shown_in_words_and_as_turtle_that_is_that_shape(parks: Path) -> None:
    made = make_site(build(Project.open(Path(__file__).parents[2] / "examples" / "city-spreadsheet")))
    park = next(one for one in find_shapes(made)[f"<{PARKS}Park>"] if one.names["en"] == "park")
    said = {"".join(line.path): [text for text, _ in line.demands] for line in park.lines}
    assert "datatype" in said[f"<{PARKS}opened>"]
    assert "each is one of the class" in said["<http://schema.org/containedInPlace>"]
    turtle = Triples.parse(park.turtle, "turtle")
    shape = Triples.read(made.built.project.root / "shapes" / "parks.ttl").match(park.term)
    assert {row[1:] for row in turtle.match(park.term)} == {row[1:] for row in shape}
    page = read_page(parks / "ontology" / "Park.html")
    assert "What must hold" in page.text
    assert "Give one name in English (name_en)" in page.text
    assert "請各給一個英文名稱" in read_page(parks / "ontology" / "Park.zh-Hant.html").text


@pytest.mark.slow
def test_the_turtle_of_a_shape_has_all_that_it_leads_to(made: Site) -> None:
    stated: dict[str, list[str]] = {}
    for subject, _, value in made.built.project.shapes:
        stated.setdefault(subject, []).append(value)
    for entry in {one.term: one for found in find_shapes(made).values() for one in found}.values():
        turtle = Triples.parse(entry.turtle, "turtle")
        named = {subject for subject, *_ in turtle if subject.startswith("<")}
        blank = [one for subject in named for one in stated[subject] if one.startswith("_:")]
        for one in blank:  # it grows
            blank += [value for value in stated[one] if value.startswith("_:") and value not in blank]
        assert len(turtle) == sum(len(stated[one]) for one in {*named, *blank}), entry.term


def test_a_question_uses_what_its_query_names_and_not_what_a_comment_does(tmp_path: Path) -> None:
    folder = copy_parks(tmp_path / "project")
    text = f"""# title: Areas
PREFIX p: <{PARKS}>
SELECT ?park ?text WHERE {{ ?park p:areaInHectares ?area . # p:residents
  BIND("p:counted <{PARKS}opened>" AS ?text) }}
"""
    (folder / "queries" / "areas.rq").write_text(text, "utf-8")
    questions = find_questions(make_site(build(Project.open(folder))))
    using = {one for one, found in questions.items() if "areas" in {question.name for question in found}}
    assert using == {f"<{PARKS}areaInHectares>"}


def test_the_hierarchy_names_what_is_above_and_below(made: Site, site: Path) -> None:
    place = find_hierarchy(made, "class")[f"<{GLOCAL}CityNetwork>"]
    assert "<http://www.w3.org/ns/org#Organization>" in {one for one, _ in place.above}
    organization = find_hierarchy(made, "class")["<http://www.w3.org/ns/org#Organization>"]
    assert organization.below
    page = read_page(site / "ontology" / "CityNetwork.html")
    assert "Hierarchy" in page.text
    assert "Properties of these things" in page.text
    assert "Questions that use it" in page.text


@pytest.mark.slow
def test_a_circle_of_classes_ends(tmp_path: Path) -> None:
    folder = copy_parks(tmp_path / "project")
    with (folder / "ontology" / "parks.ttl").open("a", encoding="utf-8") as file:
        file.write(
            "parks:A a owl:Class ; rdfs:subClassOf parks:B , parks:A .\n"
            "parks:B a owl:Class ; rdfs:subClassOf parks:C .\nparks:C a owl:Class ; rdfs:subClassOf parks:A .\n"
        )
    published = publish_site(build(Project.open(folder)), tmp_path / "site", formats=[])
    place = find_hierarchy(published.site, "class")[f"<{PARKS}A>"]
    assert [one for one, _ in place.above] == [f"<{PARKS}C>", f"<{PARKS}B>"]
    assert read_page(tmp_path / "site" / "ontology" / "A.html").text.count("Hierarchy") == 1


@pytest.mark.slow
def test_a_hub_has_the_whole_list_of_what_leads_to_it_on_pages_of_its_own(tmp_path: Path) -> None:
    folder = copy_parks(tmp_path / "project")
    table = folder / "data" / "parks.csv"
    head, first, *_ = table.read_text("utf-8").splitlines()
    rows = [first.replace(first.partition(",")[0], f"park-{n:04}", 1) for n in range(1203)]
    table.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    published = publish_site(build(Project.open(folder)), tmp_path / "site", formats=[])
    where = head.split(",").index("district")
    district = first.split(",")[where]
    page = read_page(tmp_path / "site" / "doc" / "district" / f"{district}.html")
    lists = [link for link in page.links if "linked/" in link]
    assert "The first 100 of 1,203 are listed." in page.text
    assert len(lists) == 1
    start = (tmp_path / "site" / "doc" / "district" / lists[0]).resolve()
    whole = [start, *(start.with_name(f"{start.stem}-{number}.html") for number in (2, 3))]
    linked = {link for one in whole for link in read_page(one).links if "/doc/park/" in link}
    assert len(linked) == 1203
    assert not start.with_name(f"{start.stem}-4.html").exists()
    assert find_broken_links((tmp_path / "site").resolve()) == []
    # The things of a class are not listed again: its page leads to the list for browsing.
    park = read_page(tmp_path / "site" / "ontology" / "Park.html")
    assert not [link for link in park.links if "linked/" in link]
    assert published.site.find_page(f"browse <{PARKS}Park>") == "browse/Park"
