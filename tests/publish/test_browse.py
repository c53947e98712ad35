"""Browsing: every thing is in the list of its class, groups have true counts, and terms are found by their anchors."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from glocal_rdf.dataset import Build
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.operations.publish import make_site
from glocal_rdf.publish.pages.browse import list_groupings, list_listings
from glocal_rdf.publish.pages.vocabulary import find_usage, list_terms
from glocal_rdf.publish.site import Site
from glocal_rdf.vocabulary import glocal

from .conftest import read_page


@pytest.fixture(scope="module")
def made(built: Build) -> Site:
    return make_site(built)


def test_the_list_of_a_class_has_all_of_its_things(site: Path, made: Site) -> None:
    listings = {one.term: one for one in list_listings(made)}
    for name in ("CityNetwork", "Theme", "City"):
        listing = listings[glocal(name)]
        stated = made.known.filter((pl.col("predicate") == RDF_TYPE) & (pl.col("object") == glocal(name)))
        assert set(listing.things) == set(stated["subject"])
        page = read_page(site / f"{listing.path}.zh-Hant.html")
        linked = {link for link in page.links if link.startswith("../doc/")}
        assert len(linked) == len(listing.things)


def test_groups_have_the_things_with_their_value(site: Path, made: Site) -> None:
    listing = next(one for one in list_listings(made) if one.term == glocal("CityNetwork"))
    groupings = {one.predicate: one for one in list_groupings(made, listing)}
    types = groupings[glocal("networkType")]
    rows = made.known.filter(pl.col("predicate") == glocal("networkType")).select("subject", "object").unique()
    rows = rows.filter(pl.col("subject").is_in(list(listing.things)))
    assert {value: len(things) for value, things in types.groups.items()} == Counter(rows["object"])
    decades = groupings["decade"].groups
    assert '"1990"' in decades
    text = " ".join(read_page(site / f"{types.path}.html").text.split())
    assert "city network by network type" in text


def test_every_term_of_the_ontology_is_found_by_the_fragment_of_its_iri(site: Path, made: Site) -> None:
    page = read_page(site / "ontology" / "index.html")
    terms = [
        one for kind in ("class", "property") for one in list_terms(made, kind, "https://w3id.org/glocal/ontology")
    ]
    own = {one.anchor for one in terms if one.anchor}
    assert "City" in own
    assert own <= page.anchors
    defined = made.resources.filter(pl.col("kind").is_in(["class", "property"]))["term"]
    assert {one.term for one in terms} == set(defined)
    depth = {one.term: one.depth for one in terms}
    assert depth[glocal("CityNetwork")] > 0


def test_examples_of_a_term_are_statements_of_the_data(site: Path, made: Site) -> None:
    usage = find_usage(made)[glocal("networkType")]
    known = made.known.filter(pl.col("predicate") == glocal("networkType"))
    assert usage.number == known.select("subject", "object").unique().height
    assert set(usage.examples) <= set(known.select("subject", "object").iter_rows())
    assert "statements have it" in read_page(site / "ontology" / "networkType.html").text
