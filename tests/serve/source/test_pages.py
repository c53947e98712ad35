"""The pages of a store: of things, lists, vocabulary and search, and the data beside them."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from urllib.parse import unquote

import pytest

from glocal_rdf.operations.serve_source import Source
from glocal_rdf.operations.serve_source_pages import SourcePages
from glocal_rdf.operations.serve_source_site import list_path
from glocal_rdf.serve.http.pages import Target
from glocal_rdf.serve.source.expiry import Expiring
from glocal_rdf.triples import Triples

D, TERMS = "https://data.example.org/id/", "https://data.example.org/ontology#"


@pytest.fixture(scope="module")
def pages(file_source: Source) -> SourcePages:
    return SourcePages(file_source.make_frame(), file_source.ask, 20)


def read(pages: SourcePages, path: str) -> str | None:
    found = asyncio.run(pages.read(path))
    return found.content.decode() if found else None


def text_of(html: str | None) -> str:
    assert html
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_the_page_of_a_thing_has_its_names_values_evidence_and_what_other_graphs_say(pages: SourcePages) -> None:
    text = text_of(read(pages, "doc/keelung.html"))
    for part in ("Keelung", "基隆市", "00370", "132.7590", "A guide to harbours", "characters 10–20", "preferred",
                 "deprecated", "contradicted by", "Yi 1st Road", "Census", "367577", "twinned with"):  # fmt: skip
        assert part in text, part
    assert "殘" not in text
    assert "港市" in text_of(read(pages, "doc/keelung.zh-Hant.html"))


def test_the_data_beside_a_page_are_the_same_in_every_format(pages: SourcePages) -> None:
    graphs = {
        ending: Triples.parse(read(pages, f"doc/keelung.{ending}") or "", ending) for ending in pages.formats.values()
    }
    assert set(graphs) == {"ttl", "nt", "jsonld", "rdf"}
    assert all(graph.is_isomorphic(graphs["nt"]) for graph in graphs.values())
    subjects = set(graphs["nt"].frame["subject"])
    assert {f"<{D}keelung>", f"<{D}claim/c1>", f"<{D}claim/c2>"} <= subjects
    assert f"<{D}yakima>" not in subjects


@pytest.mark.slow
def test_every_link_of_every_page_leads_to_a_page(pages: SourcePages) -> None:
    seen: set[str] = set()
    todo = ["index.html"]
    while todo:
        path = todo.pop()
        html = read(pages, path)
        assert html is not None, path
        if not path.endswith(".html"):
            continue
        root = re.search(r'data-root="([^"]*)"', html)
        assert root
        assert root[1] == "../" * path.count("/"), path
        for href in re.findall(r'(?:href|src|action)="([^"]*)"', html):
            if not href.startswith(("http", "#", "mailto:")):
                target = unescape(href).partition("#")[0].removeprefix(root[1])
                target = unquote(target)
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
    assert {"doc/keelung.html", "vocabulary.html", "assets/site.css"} <= seen
    assert any(one.startswith("resource/https/elsewhere.example/") for one in seen)


def test_names_are_text_whatever_they_hold(pages: SourcePages) -> None:
    html = read(pages, "doc/x/=2E=2E/y.html")
    assert html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize(
    "path",
    [
        "doc/nothing.html",
        "doc/keelung",
        "doc/keelung.",
        "doc/keelung.txt",
        "doc/keelung.de.html",
        "doc/keelung.en.html",
        "doc/../keelung.html",
        "doc//keelung.html",
        "/doc/keelung.html",
        "doc/keelung/.html",
        "resource/https/data=2Eexample=2Eorg/id/keelung.html",
        "assets/../../pyproject.toml",
        "browse/0/https:=2F=2Fdata=2Eexample=2Eorg=2Fontology=23City.html",
        "browse/01/https:=2F=2Fdata=2Eexample=2Eorg=2Fontology=23City.html",
        "browse/2/https:=2F=2Fdata=2Eexample=2Eorg=2Fontology=23City.html",
        "browse/99999999999999999999/urn:x.html",
        "browse/1/not-an-iri.html",
        "linked/1/urn:x.html",
        "stated/1/urn:x/urn:y/urn:z.html",
        "other.html",
        "",
        ".html",
    ],
)
def test_there_is_no_page_at_a_path_that_is_not_one(pages: SourcePages, path: str) -> None:
    assert read(pages, path) is None


def test_iris_lead_to_pages_and_claims_to_those_of_their_subjects(pages: SourcePages) -> None:
    def resolve(iri: str) -> Target | None:
        return asyncio.run(pages.resolve(iri))

    assert resolve(f"{D}keelung") == Target("doc/keelung")
    assert resolve(f"{TERMS}City") == Target("resource/https/data.example.org/ontology=23City")
    assert resolve(f"{D}claim/c1") == Target("doc/keelung", "claim-c1", page_only=True)
    assert 'id="claim-c1"' in (read(pages, "doc/keelung.html") or "")
    for iri in (f"{D}nothing", "not an iri", "", f"{D}a> ?p ?o }}", "x" * 10_000, f"{D}\n"):
        assert resolve(iri) is None


def test_a_list_of_a_class_names_its_things(pages: SourcePages) -> None:
    text = text_of(read(pages, f"{list_path('browse', 1, f'<{TERMS}City>')}.html"))
    assert all(name in text for name in ("Keelung", "Yakima", "Elsewhere"))


def test_the_vocabulary_lists_classes_by_hierarchy(pages: SourcePages) -> None:
    html = read(pages, "vocabulary.html") or ""
    assert re.search(r'depth-1"><a [^>]*>city<', html)


def test_a_search_page_shows_what_is_found_and_why(pages: SourcePages) -> None:
    text = text_of(asyncio.run(pages.find("雞籠", "en")).decode())
    assert "Keelung" in text
    assert "1 thing" in text
    html = asyncio.run(pages.find('"><script>', "en")).decode()
    assert "<script>" not in html.replace('<script type="application/ld+json">', "")
    assert "No name contains this." in html


def test_what_is_kept_expires_and_a_failure_is_not_kept() -> None:
    now = [0.0]
    kept: Expiring[int] = Expiring(2, 10, clock=lambda: now[0])
    made: list[str] = []

    def make(name: str) -> int:
        made.append(name)
        if name == "fails":
            raise ValueError("broken")
        return len(made)

    assert [kept.get("a", lambda: make("a")) for _ in range(2)] == [1, 1]
    now[0] = 11
    assert kept.get("a", lambda: make("a")) == 2
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            kept.get("fails", lambda: make("fails"))
    for name in ("b", "c", "a"):
        kept.get(name, lambda name=name: make(name))
    assert made == ["a", "a", "fails", "fails", "b", "c", "a"]
