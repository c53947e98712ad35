"""Pages as a browser shows them: nothing said on the console, nothing asked of others, nobody shut out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsers import Website
from playwright.sync_api import expect

from .conftest import Visitor
from .samples import group_pages, sample_pages

pytestmark = pytest.mark.browser

THING = "doc/organization/uclg.html"


def test_pages_of_every_kind_are_silent_and_shut_nobody_out(visit: Visitor, website: Website) -> None:
    one = visit()
    barriers = []
    for page in sample_pages(website.folder, 1):
        one.open(page)
        barriers += one.find_barriers()
    assert barriers == []


def test_pages_shut_nobody_out_in_the_dark_and_on_a_phone(visit: Visitor, website: Website) -> None:
    one = visit(color_scheme="dark", width=390)
    barriers = []
    for pages in group_pages(website.folder).values():
        page = one.open(pages[0])
        barriers += one.find_barriers()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{pages[0]} is wider than a phone"
    assert barriers == []


def test_the_pages_of_another_project_are_silent_and_shut_nobody_out(visit: Visitor, parks_website: Website) -> None:
    one = visit(parks_website)
    barriers = []
    for page in sample_pages(parks_website.folder, 1):
        one.open(page)
        barriers += one.find_barriers()
    assert barriers == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_pages_of_every_kind_can_be_opened_from_the_disk(visit: Visitor, website: Website, scripts: bool) -> None:
    one = visit(java_script_enabled=scripts)
    for pages in group_pages(website.folder).values():
        page = one.open_file(pages[0])
        assert page.locator("h1").count() == 1
        style = page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily") if scripts else "Serif"
        assert "Serif" in style


def test_a_reader_changes_the_language_and_follows_evidence_to_its_document(visit: Visitor) -> None:
    one = visit()
    page = one.open(THING)
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_role("link", name="繁體中文").click()
    assert page.url.endswith("/uclg.zh-Hant.html")
    assert page.evaluate("document.documentElement.lang") == "zh-Hant"
    source = page.locator(".evidence a.source").first
    position = re.search(r"\d+", source.inner_text())
    assert position
    source.click()
    page.wait_for_url("**/doc/document/**")
    target = page.locator(":target")
    expect(target).to_be_visible(timeout=15_000)
    assert position[0] in target.inner_text()
    assert page.locator(":target").get_by_role("link", name=re.compile("城市")).count()


def test_the_keyboard_reaches_the_content_first(visit: Visitor) -> None:
    page = visit().open(THING)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_a_page_prints_with_its_content_and_without_the_menu(visit: Visitor, tmp_path: Path) -> None:
    one = visit()
    page = one.open(THING)
    page.emulate_media(media="print")
    assert not page.locator(".top nav").is_visible()
    assert page.locator(".evidence").first.is_visible()
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") >= 1
