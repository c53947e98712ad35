"""A site of hostile names, identifiers and texts: in all its files they are text alone, and servers obey none."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import pytest
from servers import find_server, path_of, run_server

from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import Published, publish_site
from glocal_rdf.operations.publish_dictionary import list_tables
from glocal_rdf.project import Project
from glocal_rdf.publish.addresses import is_safe
from glocal_rdf.triples import Triples

from .conftest import find_broken_links, read_page
from .hostile import NAMES, SLUGS, SPACE, make_hostile_project

BASE = "https://data.example.org/"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
NEVER = frozenset({"iframe", "object", "embed", "style", "base", "textarea", "i", "b", "u"})
"""What no template has, and names of the project are."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Published]:
    """The site of the hostile project, at whose address the IRIs of its things are."""
    folder = tmp_path_factory.mktemp("hostile")
    project = Project.open(make_hostile_project(folder / "project"))
    published = publish_site(build(project), folder / "site", base_url=BASE)
    return (folder / "site").resolve(), published


@pytest.mark.slow
def test_pages_have_no_element_or_script_of_a_name(hostile: tuple[Path, Published]) -> None:
    site, _ = hostile
    assert find_broken_links(site) == []
    for path in site.rglob("*.html"):
        page = read_page(path)
        assert not NEVER & {tag for tag, _ in page.elements}, path
        assert not [values for tag, values in page.elements if tag == "img" and values.get("src") == "x"], path
        for tag, values in page.elements:
            assert not [name for name in values if name.startswith("on") or name == "style"], path
            assert tag != "script" or values.get("src") or values.get("type") == "application/ld+json", path
        assert not [link for link in page.links if link.lower().startswith(("javascript:", "data:"))], path
        assert "49{% raw" not in page.text
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', path.read_text("utf-8"), re.S):
            assert json.loads(block)["@context"]
            assert not set("<>&") & set(block)


def test_every_name_is_there_as_text(hostile: tuple[Path, Published]) -> None:
    site, published = hostile
    for number, slug in enumerate(SLUGS):
        iri = next(one for one in published.site.addresses if unquote(one) == f"<{SPACE}{unquote(slug)}>")
        page = read_page(site / f"{published.site.addresses[iri]}.html")
        wanted = NAMES[number % len(NAMES)]
        assert " ".join(wanted.split()) in " ".join(page.text.split()), slug
    title = (site / "index.html").read_text("utf-8")
    assert html.escape("<b>Hostile</b>") in title


def test_every_path_is_one_that_any_file_system_has(hostile: tuple[Path, Published]) -> None:
    site, _ = hostile
    names = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        if name.startswith(("doc/", "other/", "linked/", "id/")):
            stem = re.sub(r"(?:\.zh-Hant)?\.(?:html|ttl|nt|jsonld|rdf)$", "", name)
            assert all(map(is_safe, stem.split("/"))), name


@pytest.mark.slow
def test_the_data_beside_a_page_are_the_same_in_each_format(hostile: tuple[Path, Published]) -> None:
    site, _ = hostile
    for path in (site / "doc").rglob("*.ttl"):
        whole = Triples.read(path).sort()
        for ending in ("nt", "rdf", "jsonld"):
            other = path.with_suffix(f".{ending}")
            # XML 1.0 has no way to write some characters; that is reported.
            if other.exists() or ending != "rdf":
                assert Triples.read(other).sort() == whole, other


def test_files_for_hosts_have_a_rule_a_line(hostile: tuple[Path, Published]) -> None:
    site, published = hostile
    words = r"(?:#.*|Options|ErrorDocument|AddDefaultCharset|AddType|RewriteEngine|Header|RewriteCond|RewriteRule)\b.*"
    for line in (site / ".htaccess").read_text("utf-8").split("\n"):
        assert not line or line.startswith("#") or re.fullmatch(words, line), line
    for line in (site / "_redirects").read_text("utf-8").splitlines():
        assert len(line.split(" ")) == 3
    assert (site / "robots.txt").read_text("utf-8").count("\n") == 3
    for path in site.glob("sitemap*.xml"):
        found = [
            str(one.text) for one in ElementTree.parse(path).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
        ]
        assert found
        assert all((site / unquote(one.removeprefix(BASE))).is_file() for one in found)
    lines = (site / "llms.txt").read_text("utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert not [line for line in lines if line.startswith("* list")]
    unsure = {problem.where for problem in published.problems if "no redirect rule" in problem.what}
    assert f"<{SPACE}question?mark>" in unsure
    assert len(unsure) == 6
    alike = {problem.where for problem in published.problems if "only in case" in problem.what}
    assert alike == {f"<{SPACE}plain>"}


def test_tables_and_columns_show_descriptions_as_text(hostile: tuple[Path, Published]) -> None:
    _, published = hostile
    (table,) = list_tables(published.site)
    assert table.file == "data/things & <co>.csv"
    assert {one.name for one in table.columns} >= {"id", "name_en", "note"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["apache", *(one for one in ("nginx", "caddy") if find_server(one))])
def test_servers_lead_every_thing_to_its_document(hostile: tuple[Path, Published], name: str, tmp_path: Path) -> None:
    site, published = hostile
    assert find_server(name), "install it: apt-get install apache2-bin"
    unsure = {problem.where for problem in published.problems if "no redirect rule" in problem.what}
    wrong = []
    with run_server(name, site, tmp_path / "work") as server:
        for resource, path in sorted(published.site.addresses.items()):
            if not resource.startswith(f"<{SPACE}") or resource in unsure or "#" in path:
                continue
            asked = quote(resource[1:-1].removeprefix(BASE[:-1]).partition("#")[0], safe="/%:@!$&'()*+,;=~[]")
            for accept, language, ending in (
                (BROWSER, "en", "html"),
                (BROWSER, "zh-TW,zh;q=0.9", "zh-Hant.html"),
                ("text/turtle", "en", "ttl"),
            ):
                status, headers, _ = server.ask(asked, Accept=accept, Accept_Language=language)
                target = path_of(headers.get("location", ""))
                if (status, unquote(target)) != (303, f"/{path}.{ending}") or server.ask(target)[0] != 200:
                    wrong.append((asked, accept, status, target))
        # Nothing that is asked for becomes a header of the answer, or leads out of the site.
        for asked in ("/id/a%0d%0aSet-Cookie:%20x=1", "/id/%2e%2e/%2e%2e/etc/passwd", "/id//evil.example/%2f.."):
            status, headers, body = server.ask(asked, Accept=BROWSER)
            assert "set-cookie" not in headers
            assert b"root:" not in body
            location = headers.get("location", BASE)
            assert location.startswith((BASE, "/")), location
            assert not location.startswith("//"), location
    assert wrong == []
