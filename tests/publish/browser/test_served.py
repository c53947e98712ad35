"""The query page of a site that `glocal serve` serves: its queries go to the server, and nothing is loaded."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsers import Visit, Website, open_context
from conftest import ROOT
from glocal_server import serving
from playwright.sync_api import Browser, Page, Route, expect

from glocal_rdf.operations.build import build
from glocal_rdf.operations.query import ask, bind_question
from glocal_rdf.project import Project

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

PARKS = ROOT / "examples" / "city-spreadsheet"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Website]:
    """The site of the example, once all that its query page needs has been made (503 until then)."""
    cache = tmp_path_factory.mktemp("cache")
    with serving(PARKS, "--no-watch", "--no-access-log", "--timeout", "3", cache=cache) as server:
        website = Website(Path("/nowhere"), server.url)
        for _ in range(20):
            context = open_context(browser)
            one = Visit(context.new_page(), website)
            one.open("sparql").wait_for_load_state("networkidle")
            context.close()
            if not one.failed:
                break
            time.sleep(0.5)
        yield website


@pytest.fixture
def visit(browser: Browser, served: Website) -> Iterator[Visit]:
    """A visit of which nothing may be wrong at the end, but what the test removes."""
    context = open_context(browser)
    one = Visit(context.new_page(), served)
    yield one
    context.close()
    assert one.find_faults() == []


def open_ready(visit: Visit, path: str = "sparql") -> Page:
    page = visit.open(path)
    expect(page.locator("#run")).to_be_enabled()
    return page


def run(page: Page, query: str | None = None) -> None:
    if query is not None:
        page.locator("#editor .cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.insert_text(query)
    page.locator("#run").click()
    expect(page.locator("#run")).to_be_enabled()


def shown(page: Page) -> list[list[str]]:
    return [row.locator("td").all_inner_texts() for row in page.locator("#answer tbody tr").all()]


def test_a_question_is_answered_by_the_server_with_the_rows_of_the_command_line(visit: Visit) -> None:
    built = build(Project.open(PARKS))
    page = open_ready(visit)
    page.select_option("#question", "parks-with")
    run(page)
    answer = ask(built, bind_question(built, "parks-with", {}))
    expect(page.locator("#state")).to_have_text(re.compile(rf"^{len(answer)} rows? in "))
    assert len(shown(page)) == len(answer)
    assert any(url.endswith("/sparql") for url in visit.requests)
    assert not any(url.endswith((".wasm", ".nt.gz", ".nq.gz")) for url in visit.requests)
    assert visit.find_barriers() == []


@pytest.mark.parametrize(("words", "matched"), [("toil", "public toilets"), ("廁所", "公共廁所")])
def test_a_thing_is_found_by_its_name_in_either_language(visit: Visit, words: str, matched: str) -> None:
    page = open_ready(visit)
    page.select_option("#question", "parks-with")
    field = page.get_by_role("combobox", name="facility")
    field.fill(words)
    option = page.locator("[role=option]").first
    expect(option).to_contain_text(matched)
    option.click()
    expect(field).to_have_value("public toilets")
    run(page)
    expect(page.locator("#state")).to_have_text(re.compile(r"^\d+ rows? in "))
    assert shown(page)


@contextmanager
def held(page: Page, ask: Callable[[], object]) -> Iterator[None]:
    """Ask the server for something, and keep its answers back until the end of the block."""
    routes: list[Route] = []
    page.route("**/sparql", lambda route: routes.append(route))  # noqa: PLW0108 - no built-in is taken
    with page.expect_request("**/sparql"):
        ask()
    yield
    for route in routes:
        route.continue_()
    page.unroute("**/sparql")


def test_what_is_typed_after_the_name_of_a_thing_arrived_replaces_it(visit: Visit) -> None:
    page = open_ready(visit)
    field = page.get_by_role("combobox", name="facility")
    with held(page, lambda: page.select_option("#question", "parks-with")):
        field.focus()
    expect(field).to_have_value("playground")
    page.keyboard.insert_text("廁所")
    expect(field).to_have_value("廁所")
    expect(page.locator("[role=option]").first).to_contain_text("公共廁所")


def test_a_word_that_was_typed_before_the_name_of_a_thing_arrived_is_kept(visit: Visit) -> None:
    page = open_ready(visit)
    field = page.get_by_role("combobox", name="facility")
    with held(page, lambda: page.select_option("#question", "parks-with")):
        field.fill("toil")
    expect(page.locator("[role=option]").first).to_contain_text("public toilets")
    expect(field).to_have_value("toil")


def test_an_answer_that_comes_after_another_question_was_chosen_is_not_shown(visit: Visit) -> None:
    page = open_ready(visit)
    with (
        page.expect_response(lambda response: "SELECT ?class" in (response.request.post_data or "")),
        held(page, page.locator("#run").click),
    ):
        page.select_option("#question", "parks-with")
        expect(page.locator("#run")).to_be_enabled()
    expect(page.get_by_role("combobox", name="facility")).to_have_value("playground")
    page.wait_for_timeout(300)
    assert [page.locator(name).inner_text() for name in ("#answer", "#state", "#problem")] == ["", "", ""]
    assert "#" not in page.url
    run(page)
    assert page.locator("#answer th").all_inner_texts()[0] == "park_en"
    assert "question=parks-with" in page.url


def test_an_answer_that_comes_after_that_of_a_later_query_is_not_saved_as_csv(visit: Visit) -> None:
    page = open_ready(visit)
    routes: list[Route] = []

    def hold_first(route: Route) -> None:
        if "SELECT ?class" in (route.request.post_data or ""):
            routes.append(route)
        else:
            route.continue_()

    page.route("**/sparql", hold_first)
    with page.expect_request("**/sparql"):
        page.locator("#run").click()
    page.select_option("#question", "parks-with")
    run(page)
    with page.expect_response(lambda response: "SELECT ?class" in (response.request.post_data or "")):
        routes[0].continue_()
    page.wait_for_timeout(300)
    with page.expect_download() as saved:
        page.locator("#csv").click()
    assert saved.value.path().read_text(encoding="utf-8").startswith("park_en,")


def test_a_word_that_is_changed_while_it_is_looked_up_is_looked_up_again(visit: Visit) -> None:
    page = open_ready(visit)
    page.select_option("#question", "parks-with")
    field = page.get_by_role("combobox", name="facility")
    expect(field).to_have_value("playground")
    field.fill("public toilets")
    expect(page.locator("[role=option]").first).to_be_visible()
    with held(page, field.blur):
        field.fill("playground")
    run(page)
    assert page.locator("#answer th").all_inner_texts()[0] == "park_en"
    assert "playground" in page.url
    assert "toilets" not in page.url


def test_literals_are_shown_as_they_are_written(visit: Visit) -> None:
    page = open_ready(visit)
    run(page, "PREFIX parks: <https://data.willowbay.example/ontology#> SELECT ?n { ?park parks:areaInHectares ?n }")
    written = {row[0] for row in shown(page)}
    built = build(Project.open(PARKS))
    stated = built.triples.match(predicate="https://data.willowbay.example/ontology#areaInHectares").frame["object"]
    assert written == {text.split('"')[1] for text in stated}


def test_graphs_and_verdicts_are_shown(visit: Visit) -> None:
    page = open_ready(visit)
    run(page, "ASK { ?s ?p ?o }")
    expect(page.locator(".verdict")).to_have_text("Yes")
    run(page, "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 3")
    assert page.locator("#answer th").all_inner_texts() == ["subject", "predicate", "object"]
    assert len(shown(page)) == 3


def test_a_mistake_is_reported_with_its_place(visit: Visit) -> None:
    page = open_ready(visit)
    run(page, "SELECT * {\n  ?s foo:bar ?o\n}")
    expect(page.locator("#problem")).to_contain_text("line 2, column 6")
    assert page.locator("#answer").inner_text() == ""
    assert [text for text in visit.failed if not text.startswith("400 ")] == []
    visit.failed.clear()
    visit.messages[:] = [text for text in visit.messages if "400 (Bad Request)" not in text]


def test_a_query_that_takes_too_long_is_ended_and_the_next_is_answered(visit: Visit) -> None:
    page = open_ready(visit)
    run(page, ENDLESS)
    expect(page.locator("#problem")).to_contain_text("3 s")
    assert page.locator("#answer").inner_text() == ""
    assert visit.failed
    visit.failed.clear()
    visit.messages[:] = [text for text in visit.messages if "Failed to load resource" not in text]
    run(page, "ASK { ?s ?p ?o }")
    expect(page.locator(".verdict")).to_have_text("Yes")


def test_what_an_answer_holds_is_text(visit: Visit) -> None:
    page = open_ready(visit)
    run(page, 'SELECT * { BIND ("<img src=x onerror=alert(1)>" AS ?a) }')
    assert shown(page) == [["<img src=x onerror=alert(1)>"]]
    assert page.locator("#answer img").count() == 0
