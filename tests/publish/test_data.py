"""The data beside the pages: the whole graph, each page's part of it the same in every format."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from glocal_rdf.dataset import Build
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import publish_site
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

from .conftest import copy_parks, read_page

ENDINGS = {"text/turtle": "ttl", "application/n-triples": "nt", "application/ld+json": "jsonld"}
ENDINGS |= {"application/rdf+xml": "rdf"}
DOCUMENT = "<http://xmlns.com/foaf/0.1/Document>"


def find_graphs(site: Path, ending: str) -> Iterator[Path]:
    """Find the data files beside pages: those that have a page of their name."""
    return (path for path in sorted(site.rglob(f"*.{ending}")) if path.with_suffix(".html").is_file())


def read_at(site: Path, path: Path) -> Triples:
    """Read a file as it is read at the address that it has in a site."""
    return Triples.read(path, base=f"https://site.example/{path.relative_to(site).as_posix()}")


def test_the_data_beside_all_pages_are_the_whole_graph(site: Path, built: Build) -> None:
    every = Triples.empty().merge(*map(Triples.read, find_graphs(site, "nt")))
    pages = every.frame.filter(
        (every.frame["object"] == DOCUMENT) & every.frame["subject"].str.contains("/glocal/doc/")
    )
    stated = every.frame.join(pages.select("subject"), on="subject", how="anti")
    whole = built.with_ontology.union(*built.named_graphs.values())
    assert Triples(stated).distinct().is_isomorphic(whole)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["site", "parks"])
def test_the_formats_beside_a_page_are_one_graph_which_the_page_leads_to(
    name: str, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(name)
    graphs = list(find_graphs(folder, "ttl"))
    assert len(graphs) > 10
    versions = [path for path in graphs if path.is_relative_to(folder / "releases")]
    assert bool(versions) == (name == "site")
    for path in dict.fromkeys([*graphs[:: max(1, len(graphs) // 60)], *versions]):
        turtle = read_at(folder, path)
        # Neither site has an address, so those of a release's files are relative, which N-Triples cannot hold.
        written = {kind: ending for kind, ending in ENDINGS.items() if ending != "nt" or path not in versions}
        for ending in written.values():
            found = path.with_suffix(f".{ending}")
            read = Triples.read(found) if ending == "nt" else read_at(folder, found)
            assert read.is_isomorphic(turtle), path
        assert path.with_suffix(".nt").exists() == ("nt" in written.values())
        for page in (path.with_suffix(".html"), path.with_suffix(".zh-Hant.html")):
            links = {
                values["type"]: values["href"]
                for tag, values in read_page(page).elements
                if tag == "link" and values.get("rel") == "alternate" and values.get("type")
            }
            assert {kind: (page.parent / str(link)).name for kind, link in links.items()} == {
                kind: f"{path.stem}.{ending}" for kind, ending in written.items()
            }


@pytest.mark.slow
def test_data_lead_back_to_their_page_and_name_their_dataset(tmp_path: Path) -> None:
    built = build(Project.open(copy_parks(tmp_path / "project")))
    publish_site(built, tmp_path / "site", base_url="https://example.org/a-b/", formats=["ntriples"])
    found = Triples.read(tmp_path / "site" / "doc" / "park" / "camphor-park.nt")
    about = found.match("<https://example.org/a-b/doc/park/camphor-park>").frame
    assert dict(about.select("predicate", "object").iter_rows()) == {
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>": DOCUMENT,
        "<http://xmlns.com/foaf/0.1/primaryTopic>": f"<{built.project.space}park/camphor-park>",
        "<http://rdfs.org/ns/void#inDataset>": "<https://data.willowbay.example/dataset/parks>",
        "<http://purl.org/dc/terms/license>": "<https://creativecommons.org/publicdomain/zero/1.0/>",
    }
    assert not list((tmp_path / "site" / "doc").rglob("*.ttl"))


@pytest.mark.slow
def test_what_a_format_cannot_hold_is_left_out_and_reported(tmp_path: Path) -> None:
    folder = copy_parks(tmp_path / "project")
    table = folder / "data" / "parks.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["name_en"] = "bell \x07 rings"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    published = publish_site(build(Project.open(folder)), tmp_path / "site")
    name = rows[0]["id"]
    assert [str(problem) for problem in published.problems] == [
        f"doc/park/{name}.rdf: RDF/XML cannot hold this graph, and it is left out; use another format"
    ]
    path = tmp_path / "site" / "doc" / "park" / name
    assert not path.with_suffix(".rdf").exists()
    assert path.with_suffix(".ttl").exists()
    assert not [link for link in read_page(path.with_suffix(".html")).links if link.endswith(f"{name}.rdf")]
