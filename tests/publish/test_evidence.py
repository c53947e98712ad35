"""Evidence on pages: every claim stands on the page of its subject and leads to its passage, which leads back."""

from __future__ import annotations

from pathlib import Path

import pytest

from glocal_rdf.dataset import Build
from glocal_rdf.operations.publish import make_site
from glocal_rdf.publish.pages.disagreements import group_contradictions
from glocal_rdf.publish.site import Page, Site

from .conftest import read_page


@pytest.fixture(scope="module")
def made(built: Build) -> Site:
    return make_site(built)


def test_every_claim_is_on_the_page_of_its_subject_and_links_its_passages(site: Path, made: Site) -> None:
    by_page: dict[str, list[str]] = {}
    for claim in made.claims:
        by_page.setdefault(made.addresses[claim].partition("#")[0], []).append(claim)
    assert len(made.claims) > 3000
    missing = []
    for path, claims in sorted(by_page.items())[::5]:
        page = read_page(site / f"{path}.html")
        for claim in claims:
            if made.addresses[claim].partition("#")[2] not in page.anchors:
                missing.append(claim)
            for passage in made.claims[claim].passages:
                link = made.link(Page(path=path, titles={}), made.addresses[passage], "en")
                if link not in page.links:
                    missing.append(f"{claim} {passage}")
    assert missing == []


def test_a_document_lists_its_passages_in_order_with_what_is_claimed(site: Path, made: Site) -> None:
    path = made.addresses["<https://w3id.org/glocal/id/document/glocalization-initiatives>"]
    page = read_page(site / f"{path}.html")
    passages = [values["id"] for tag, values in page.elements if tag == "li" and "char=" in str(values.get("id"))]
    starts = [int(str(one)[5:].partition(",")[0]) for one in passages]
    assert len(starts) > 50
    assert starts == sorted(starts)
    claimed = {link for link in page.links if link.endswith("organization/uclg.html")}
    assert claimed


def test_both_sides_of_a_contradiction_stand_side_by_side(site: Path, made: Site) -> None:
    groups = group_contradictions(made)
    assert all(len(group) > 1 for group in groups)
    assert {one.term for group in groups for one in group} >= {
        claim.term for claim in made.claims.values() if claim.contradicted
    }
    page = read_page(site / "contradictions.html")
    sides = [values for tag, values in page.elements if tag == "ul" and values.get("class") == "sides"]
    assert len(sides) >= len(groups) > 5
    assert "Brisbane" in page.text


def test_a_statement_of_a_table_names_its_cell(parks: Path) -> None:
    text = " ".join(read_page(parks / "doc" / "park" / "lotus-pond.html").text.split())
    assert "data/parks.csv, line 5, area_ha" in text
    assert "by the curators" not in text
    assert not (parks / "contradictions.html").exists()
