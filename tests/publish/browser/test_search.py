"""Searching as a visitor does: both scripts, parts of names, classes, the keyboard, from the disk, without scripts."""

from __future__ import annotations

import json
import time
from pathlib import Path

import polars as pl
import pytest
from browsers import Website, serve
from playwright.sync_api import Page, expect

from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import publish_site
from glocal_rdf.project import Project
from glocal_rdf.publish.search.words import cut_terms, fold_text

from ..conftest import HOSTILE, name_parks
from .conftest import Visitor

pytestmark = pytest.mark.browser


def ask(page: Page, words: str) -> list[str]:
    """Search for words on the page for searching, and return the names of the first results."""
    field = page.locator("#q")
    field.fill(words)
    field.press("Enter")
    page.wait_for_function("words => new URLSearchParams(location.search).get('q') === words", arg=words)
    expect(page.locator("#results")).to_have_attribute("aria-busy", "false", timeout=15_000)
    return page.locator("#results a").all_inner_texts()


def count(page: Page) -> int:
    """Return how many results there are."""
    text = page.locator("#status").inner_text()
    return int("".join(filter(str.isdigit, text)) or 0)


def test_names_are_found_in_both_scripts_and_by_any_part(visit: Visitor) -> None:
    page = visit().open("search.html")
    traditional = ask(page, "城市聯盟")
    number = count(page)
    assert "Cities Alliance" in traditional[:3]
    assert "Federation of Canadian Municipalities" in traditional  # 加拿大城市聯盟
    assert ask(page, "城市联盟") == traditional
    assert count(page) == number
    assert "Federation of Canadian Municipalities" in ask(page, "大城市聯")
    assert ask(page, "台北")[0] == ask(page, "臺北")[0] == "Taipei"
    assert ask(page, "UCLG")[0] == "United Cities and Local Governments"
    assert ask(page, "climate") == ask(page, "Climates") == ["climate change"]
    assert "Energy Cities" in ask(page, "énergie")
    assert ask(page, "縣")
    assert ask(page, "ＵＣＬＧ")[0] == "United Cities and Local Governments"
    assert ask(page, "constructor __proto__ xyzzy") == []
    assert ask(page, "<script>alert(1)</script>") == []


def test_a_visitor_searches_from_any_page_chooses_a_class_and_opens_a_thing(visit: Visitor) -> None:
    one = visit()
    page = one.open("doc/theme/climate-change.zh-Hant.html")
    page.locator(".find input").fill("城市聯盟")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.zh-Hant.html?q=*")
    button = page.locator("#classes button", has_text="城市聯盟組織")
    button.click()
    expect(page.locator("#classes button[aria-pressed=true]")).to_contain_text("城市聯盟組織")
    assert count(page) == int("".join(filter(str.isdigit, button.inner_text())))
    kinds = page.locator("#results .kinds").all_inner_texts()
    assert kinds
    assert all("城市聯盟組織" in kind for kind in kinds)
    assert one.find_barriers() == []
    found = page.url
    page.reload()
    expect(page.locator("#classes button[aria-pressed=true]")).to_contain_text("城市聯盟組織")
    page.locator(".languages a").click()
    assert page.url == found.replace(".zh-Hant", "")
    page.locator("#results a").first.press("Enter")
    page.wait_for_url("**/doc/organization/*.html")
    assert page.locator("h1").inner_text()


def test_all_results_can_be_seen_and_none_twice(visit: Visitor) -> None:
    page = visit().open("search.html")
    ask(page, "city")
    number = count(page)
    assert number > 60
    while page.locator("#more").is_visible():
        seen = page.locator("#results li").count()
        page.locator("#more").click()
        page.wait_for_function("seen => document.querySelectorAll('#results li').length > seen", arg=seen)
    links = page.locator("#results a").evaluate_all("all => all.map(one => one.href)")
    assert len(links) == len(set(links)) == number


def test_search_works_from_the_disk(visit: Visitor) -> None:
    page = visit().open_file("index.html")
    page.locator(".find input").fill("城市聯盟")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    expect(page.locator("#results a").first).to_be_visible()
    page.locator("#results a").first.click()
    page.wait_for_url("**/doc/**")


def test_without_scripts_a_link_leads_to_browsing(visit: Visitor) -> None:
    page = visit(java_script_enabled=False).open("search.html")
    page.get_by_role("link", name="Browse without it").click()
    assert page.url.endswith("/browse/index.html")


def test_another_project_has_a_search_of_its_own(visit: Visitor, parks_website: Website) -> None:
    page = visit(parks_website).open("search.html")
    assert "Camphor Park" in ask(page, "camphor")


def test_a_file_that_is_missing_is_reported(visit: Visitor) -> None:
    one = visit()
    page = one.open("search.html")
    page.route("**/search/terms-*", lambda route: route.abort())
    page.locator("#q").fill("climate")
    expect(page.locator("#status")).to_have_text("The index cannot be loaded.")
    assert one.messages
    assert one.failed
    one.messages.clear()
    one.failed.clear()


def test_the_browser_cuts_texts_as_the_index_does(visit: Visitor, website: Website) -> None:
    script = (website.folder / "assets" / "search.js").read_text("utf-8")
    names = []
    for path in (website.folder / "search").glob("things-*.js"):
        block = json.loads(path.read_text("utf-8").partition(",")[2].partition(",")[2].removesuffix(");\n"))
        names += [
            name for _, names_, others, descriptions in block for name in (*names_, *others, *descriptions) if name
        ]
    assert len(names) > 4000
    page = visit().open("search.html")
    ask(page, "climate")
    # The functions of the script, handed out of it; the page's policy allows no script that is not a file.
    assert script.count("let run = 0;") == 1
    opened = script.replace("let run = 0;", "window.opened = { fold, cut, loadIndex }; let run = 0;")
    page.evaluate(opened)
    page.evaluate("opened.loadIndex()")
    theirs = page.evaluate("names => names.map(name => opened.cut(opened.fold(name)).map(([term]) => term))", names)
    folded = pl.DataFrame({"row": range(len(names)), "text": [fold_text(name) for name in names]})
    ours: dict[int, set[str]] = {}
    for row, term in cut_terms(folded).iter_rows():
        ours.setdefault(row, set()).add(term)
    for row, terms in enumerate(theirs):
        # The index has the last character of a run alone besides; searches have no words that say nothing.
        assert set(terms) <= ours.get(row, set()), names[row]


def test_a_search_is_fast(visit: Visitor) -> None:
    one = visit()
    page = one.open("search.html")
    before = one.loaded()
    started = time.monotonic()
    ask(page, "城市聯盟")
    assert time.monotonic() - started < 5
    assert one.loaded() - before < 400_000


def test_hostile_names_are_text_in_results(visit: Visitor, tmp_path: Path) -> None:
    name_parks(tmp_path / "project", HOSTILE)
    publish_site(
        build(Project.open(tmp_path / "project")), tmp_path / "site", formats=[], without=["catalogue", "sparql"]
    )
    with serve((tmp_path / "site").resolve()) as website:
        one = visit(website)
        page = one.open("search.html")
        assert set(ask(page, "alert")) == {name for name in HOSTILE if "alert" in name}
        assert ask(page, '"><img src=x onerror=alert(1)>') == ['"><img src=x onerror=alert(1)>']
        assert page.locator("#results img, #results script").count() == 0
        assert one.find_faults() == []
        page.goto("about:blank")
