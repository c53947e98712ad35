"""The pages about quality, tables and columns: their numbers are those of the graph, and only what applies is there."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT

from glocal_rdf.dataset import Build
from glocal_rdf.namespaces import DQV, RDF_TYPE, SKOS, term
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import make_site, publish_site
from glocal_rdf.operations.publish_dictionary import list_tables
from glocal_rdf.operations.publish_quality import list_measures, measure_quality
from glocal_rdf.project import Project
from glocal_rdf.publish.pages.completeness import count_ranks, list_open_contradictions, measure_classes
from glocal_rdf.publish.site import Site
from glocal_rdf.triples import Triples

from .conftest import copy_parks, read_page

pytestmark = pytest.mark.slow

GLOCAL = "https://w3id.org/glocal/ontology#"
LEAGUE = ROOT / "examples" / "document-claims"


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the example of a document's claims, which has its document."""
    folder = tmp_path_factory.mktemp("league") / "site"
    publish_site(build(Project.open(LEAGUE)), folder, formats=["turtle"])
    return folder


@pytest.fixture(scope="module")
def made(built: Build) -> Site:
    return make_site(built)


def test_completeness_is_what_a_query_counts(made: Site, built: Build) -> None:
    cities = next(one for one in measure_classes(made) if one.term == "<https://w3id.org/glocal/ontology#City>")
    known = built.stated.union(built.truthy).frame
    things = set(known.filter((pl.col("predicate") == RDF_TYPE) & (pl.col("object") == cities.term))["subject"])
    assert cities.things == len(things)
    of_them = known.filter(pl.col("subject").is_in(list(things)))
    named = of_them.filter(
        (pl.col("predicate") == term(SKOS, "prefLabel")) & pl.col("object").str.ends_with("@zh-Hant")
    )
    assert cities.named["zh-Hant"] == named["subject"].n_unique()
    matches = [term(SKOS, name) for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")]
    linked = set(of_them.filter(pl.col("predicate").is_in(matches))["subject"])
    assert (cities.linked, set(cities.unlinked)) == (len(linked), things - linked)
    country = "<https://w3id.org/glocal/ontology#country>"
    assert dict(cities.properties)[country] == of_them.filter(pl.col("predicate") == country)["subject"].n_unique()


def test_ranks_are_counted_once_for_each_document(made: Site) -> None:
    ranks = count_ranks(made)
    several = sum(len({one.partition("#")[0] for one in claim.passages}) > 1 for claim in made.claims.values())
    assert sum(sum(numbers) for _, *numbers in ranks) >= len(made.claims)
    assert sum(sum(numbers) for _, *numbers in ranks) <= len(made.claims) + 3 * several
    assert sum(row[3] for row in ranks) == sum(claim.deprecated for claim in made.claims.values())


def test_a_contradiction_with_a_view_is_not_one_to_decide(made: Site) -> None:
    undecided = list_open_contradictions(made)
    assert undecided
    for group in undecided:
        assert not [claim for claim in group if claim.preferred or claim.deprecated]
        assert sum(not (claim.holders or claim.parts) for claim in group) > 1


def test_the_page_shows_coverage_and_evidence_where_the_documents_are_at_hand(league: Path, site: Path) -> None:
    text = read_page(league / "quality" / "index.html").text
    assert "Coverage of the documents" in text
    assert "Each claim was checked against its passages" in text
    assert "The documents were not at hand" not in text
    without = read_page(site / "quality" / "index.html").text
    assert "Coverage of the documents" not in without
    assert "The documents were not at hand when this site was made" in without
    assert re.search(r"\d+ claims have an explanation", without)
    chinese = read_page(site / "quality" / "index.zh-Hant.html").text
    assert "製作本網站時沒有原始文件" in chinese


def test_a_project_without_claims_has_completeness_alone(parks: Path) -> None:
    text = read_page(parks / "quality" / "index.html").text
    assert "Completeness" in text
    assert "Claims and their evidence" not in text
    assert "Contradictions" not in text


def test_a_document_that_is_another_version_is_reported_and_not_measured(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "harbour-league.txt").write_text("something else", "utf-8")
    published = publish_site(build(Project.open(LEAGUE)), tmp_path / "site", formats=[], documents=documents)
    assert [problem.what for problem in published.problems if "harbour-league.txt" in problem.where]
    assert "Coverage of the documents" not in read_page(tmp_path / "site" / "quality" / "index.html").text


def test_the_numbers_for_machines_are_those_of_the_page(site: Path, made: Site) -> None:
    base = "https://example.org/data/quality.ttl"
    graph = Triples.parse((site / "data" / "quality.ttl").read_bytes(), "turtle", base)
    measured = {
        metric.rpartition("#")[2].strip(">"): float(value.split('"')[1])
        for one, _, metric in graph.match(predicate=term(DQV, "isMeasurementOf"))
        for _, _, value in graph.match(one, term(DQV, "value"))
    }
    measures = {one.name: float(one.value) for one in list_measures(made, measure_quality(made))}
    assert measured == measures
    assert {"named-en", "named-zh-Hant", "linked", "contradictions", "undecided"} <= measures.keys()
    dataset = "<https://w3id.org/glocal/graph/glocal>"
    assert len(graph.match(dataset, term(DQV, "hasQualityMeasurement"))) == len(measures)
    with (site / "data" / "unlinked.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(one.unlinked) for one in measure_classes(made))


def test_columns_are_explained_by_their_descriptions_and_data(tmp_path: Path) -> None:
    folder = copy_parks(tmp_path / "project")
    metadata = folder / "data" / "csv-metadata.json"
    text = metadata.read_text("utf-8")
    assert '"name": "area_ha"' in text
    text = text.replace('"name": "area_ha"', '"schema:unitText": "ha", "null": ["", "n/a"], "name": "area_ha"')
    metadata.write_text(text, "utf-8")
    tables = {one.file: one for one in list_tables(make_site(build(Project.open(folder))))}
    parks = tables["data/parks.csv"]
    columns = {one.name: one for one in parks.columns}
    area = columns["area_ha"]
    assert (area.datatype, area.unit, area.null, area.required) == ("decimal", "ha", ("n/a",), True)
    assert area.titles["zh-Hant"] == "面積（公頃）"
    assert area.predicates == ("<https://data.willowbay.example/ontology#areaInHectares>",)
    assert [value for _, value in area.facets] == ["0.01"]
    with (folder / "data" / "parks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert area.examples == tuple(dict.fromkeys(row["area_ha"] for row in rows))[:3]
    assert parks.rows == len(rows)
    assert columns["district"].refers == ("districts.csv: id",)
    assert columns["id"].key
    assert columns["facilities"].separator == ";"
    assert [one.name for one in parks.columns if one.virtual]
    # What `dc:` means in a description is DCMI Terms, not the elements.
    assert "dc/elements" not in "".join(one for table in tables.values() for c in table.columns for one in c.predicates)


def test_every_table_is_on_the_page_and_leads_to_its_properties(site: Path, made: Site, built: Build) -> None:
    page = read_page(site / "data" / "dictionary.html")
    names = [Path(rows.name).name for rows in built.conversion.tables]
    assert [name for name in names if f"data/{name}" not in page.text] == []
    assert f"../{made.addresses[f'<{GLOCAL}country>']}.html" in page.links
    sources = [source.conversion.tables[0].name for source in built.source_graphs]
    assert [name for name in sources if Path(name).name not in page.text] == []
