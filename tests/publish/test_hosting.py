"""What hosts need: rules that lead things to documents, the site map, pages for errors and for things that are gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from glocal_rdf.dataset import Build
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import publish_site
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

from .conftest import copy_parks, find_broken_links, read_page

BASE = "https://data.willowbay.example/"
GONE = """old,new,since,reason
https://data.willowbay.example/id/park/former,https://data.willowbay.example/id/park/camphor-park,1.1.0,renamed
https://data.willowbay.example/id/park/closed,,1.2.0,<b>built over</b>
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose address is the one that its things' IRIs begin with, of a project with releases."""
    folder = copy_parks(tmp_path_factory.mktemp("own") / "project")
    (folder / "releases").mkdir()
    (folder / "releases" / "redirects.csv").write_text(GONE, "utf-8")
    publish_site(build(Project.open(folder)), folder.parent / "site", base_url=BASE)
    return (folder.parent / "site").resolve()


@pytest.fixture(scope="module")
def elsewhere(built: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled site on a host of its own, to which w3id.org leads."""
    folder = tmp_path_factory.mktemp("elsewhere") / "site"
    publish_site(built, folder, base_url="https://example.github.io/glocal/", formats=["turtle", "jsonld"])
    return folder.resolve()


def read_rules(text: str) -> Iterator[tuple[dict[str, str], str, str]]:
    """Read the rules of an `.htaccess`: the patterns of headers, that of the path, and the target."""
    conditions: dict[str, str] = {}
    for line in text.splitlines():
        if match := re.fullmatch(r'RewriteCond %\{HTTP:([\w-]+)\} "(.*)" \[NC\]', line):
            conditions[match[1]] = match[2]
        elif match := re.fullmatch(r"RewriteRule (\S+) (\S+) \[R=303,L(?:,NE)?\]", line):
            yield conditions, match[1], match[2]
            conditions = {}


def follow(rules: str, path: str, **headers: str) -> str:
    """Return where a request is led to, as Apache does it; empty where no rule fits."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for conditions, pattern, target in read_rules(rules):
        fits = all(re.search(wanted, given.get(name, ""), re.IGNORECASE) for name, wanted in conditions.items())
        if fits and (match := re.match(pattern, path)):
            return re.sub(r"\$(\d)", lambda number: match[int(number[1])], target)
    return ""


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "headers", "target"),
    [
        ("id/organization/uclg", {"Accept": BROWSER}, "doc/organization/uclg.html"),
        ("id/organization/uclg", {}, "doc/organization/uclg.html"),
        (
            "id/organization/uclg",
            {"Accept": BROWSER, "Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"},
            "doc/organization/uclg.zh-Hant.html",
        ),
        ("id/organization/uclg", {"Accept": "text/turtle, text/html;q=0.5"}, "doc/organization/uclg.ttl"),
        ("id/organization/uclg", {"Accept": "application/ld+json"}, "doc/organization/uclg.jsonld"),
        ("id/organization/uclg", {"Accept": "text/html, text/turtle;q=0.5"}, "doc/organization/uclg.html"),
        ("ontology", {"Accept": "text/turtle"}, "ontology/index.ttl"),
        ("graph/geonames", {"Accept": "text/turtle"}, "source/geonames.ttl"),
        ("graph/glocal", {"Accept": BROWSER}, "dataset.html"),
        (
            "id/claim/organization-uclg-foundingDate-t1",
            {"Accept": "text/turtle"},
            "doc/claim/organization-uclg-foundingDate-t1.html",
        ),
    ],
)
def test_a_thing_leads_to_the_document_that_is_asked_for(
    elsewhere: Path, path: str, headers: dict[str, str], target: str
) -> None:
    rules = (elsewhere / "hosting" / "w3id.htaccess").read_text("utf-8")
    assert follow(rules, path, **headers) == f"https://example.github.io/glocal/{target}"
    assert (elsewhere / target).is_file()


def test_every_iri_of_the_dataset_leads_to_a_file(elsewhere: Path, built: Build) -> None:
    rules = (elsewhere / "hosting" / "w3id.htaccess").read_text("utf-8")
    subjects = built.with_ontology.frame["subject"].unique().sort()
    stem = "https://w3id.org/glocal/"
    names = {one[1:-1].removeprefix(stem).partition("#")[0] for one in subjects if one.startswith(f"<{stem}")}
    wrong = []
    for name in sorted(names)[::40]:
        target = follow(rules, name, Accept="text/html").removeprefix("https://example.github.io/glocal/")
        if not target or not (elsewhere / target).is_file():
            wrong.append(name)
    assert wrong == []


def test_rules_of_other_servers_name_the_same_documents(elsewhere: Path) -> None:
    nginx = (elsewhere / "hosting" / "nginx.conf").read_text("utf-8")
    assert '"~^/glocal/id/(?<asked>[^?]+)" $asked;' in nginx
    assert 'location ~ "^/glocal/id/." {' in nginx
    assert 'return 303 "https://example.github.io/glocal/doc/$document_name$document_ending";' in nginx
    caddy = (elsewhere / "hosting" / "Caddyfile").read_text("utf-8")
    assert "redir @thing-data0 https://example.github.io/glocal/doc/{re.thing.1}.ttl 303" in caddy
    assert not (elsewhere / "_redirects").exists()


@pytest.mark.slow
def test_things_on_the_site_itself_have_pages_that_lead_on(own: Path) -> None:
    rules = (own / ".htaccess").read_text("utf-8")
    assert follow(rules, "id/park/camphor-park", Accept="text/turtle") == f"{BASE}doc/park/camphor-park.ttl"
    assert "/id/* /doc/:splat.html 302" in (own / "_redirects").read_text("utf-8").splitlines()
    page = read_page(own / "id" / "park" / "camphor-park.html")
    target = f"{BASE}doc/park/camphor-park.html"
    assert ("meta", {"http-equiv": "refresh", "content": f"0; url={target}"}) in page.elements
    assert target in page.links


def test_the_site_map_lists_every_page_in_every_language(own: Path) -> None:
    tree = ElementTree.parse(own / "sitemap.xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    listed = {str(one.text) for one in tree.iter(f"{space}loc")}
    assert listed >= {f"{BASE}index.html", f"{BASE}index.zh-Hant.html", f"{BASE}doc/park/camphor-park.html"}
    assert {one for one in listed if not (own / one.removeprefix(BASE)).is_file()} == set()
    assert f"Sitemap: {BASE}sitemap.xml" in (own / "robots.txt").read_text("utf-8")


def test_the_page_for_errors_works_at_any_address(own: Path) -> None:
    page = read_page(own / "404.html")
    assert page.links
    assert all(link.startswith((BASE, "#", "https://")) for link in page.links)
    assert ("meta", {"name": "robots", "content": "noindex"}) in page.elements


def test_a_thing_that_was_renamed_leads_on_and_one_withdrawn_says_so(own: Path) -> None:
    moved = read_page(own / "doc" / "park" / "former.zh-Hant.html")
    refresh = {"http-equiv": "refresh", "content": "0; url=../../doc/park/camphor-park.zh-Hant.html"}
    assert ("meta", refresh) in moved.elements
    closed = read_page(own / "doc" / "park" / "closed.html")
    assert "It is not in the data since version 1.2.0." in closed.text
    assert "<b>built over</b>" in closed.text
    assert not [values for tag, values in closed.elements if tag == "meta" and values.get("http-equiv") == "refresh"]
    found = Triples.read(own / "doc" / "park" / "former.ttl")
    park = f"<{BASE}id/park/camphor-park>"
    assert len(found.match(f"<{BASE}id/park/former>", "http://purl.org/dc/terms/isReplacedBy", park)) == 1
    assert find_broken_links(own) == []
