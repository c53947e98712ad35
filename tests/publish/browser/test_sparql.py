"""SPARQL in the browser: the same rows as `glocal query`, mistakes with their place, and nothing asked of a server."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browsers import Visit, Website, open_context, serve
from conftest import ROOT
from playwright.sync_api import Browser, Page, Route, expect

from glocal_rdf.dataset import Build
from glocal_rdf.operations.build import build
from glocal_rdf.operations.init import init_project
from glocal_rdf.operations.publish import publish_site
from glocal_rdf.operations.query import ask, bind_question, list_questions
from glocal_rdf.project import Project

from .conftest import Visitor

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

ENGLISH = "sparql/index.html"
CHINESE = "sparql/index.zh-Hant.html"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

_DECIMAL = re.compile(r"^(-?\d+\.\d*?[1-9])0+$")
"""A number with zeros at its end, which the engine does not keep; the page says so."""

ASK_ALL = """async (files) => {
  const { Engine } = await import(files.engine);
  const described = await (await fetch(files.page)).json();
  const engine = new Engine(files.root, described, () => {});
  await engine.start();
  const found = {};
  for (const [name, query] of Object.entries(files.queries)) {
    const answer = await engine.call("run", { query });
    found[name] = answer.problem ? JSON.stringify(answer.problem) : answer.text ?? (await engine.call("csv"));
  }
  engine.stop();
  return found;
}"""


def read_rows(text: str) -> tuple[list[str], Counter[tuple[str, ...]]]:
    """The head of some CSV, and how often it has which row."""
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    return head, Counter(tuple(_DECIMAL.sub(r"\1", cell) for cell in row) for row in rows)


def open_ready(one: Visit, path: str = ENGLISH) -> Page:
    """Open the page, and wait for the data."""
    page: Page = one.open(path)
    expect(page.locator("#state")).to_have_text(re.compile(r"^[\d,]+ statements are loaded|^已載入"))
    return page


def write(page: Page, query: str) -> None:
    """Write a query into the editor, in the place of what is there."""
    page.locator("#editor .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(query)


def run(page: Page, query: str | None = None) -> None:
    """Run a query, and wait for its answer."""
    if query is not None:
        write(page, query)
    page.locator("#run").click()
    expect(page.locator("#run")).to_be_enabled()


def shown(page: Page) -> list[list[str]]:
    """The rows of the table."""
    return [row.locator("td").all_inner_texts() for row in page.locator("#answer tbody tr").all()]


def download(page: Page) -> str:
    """What the button for CSV saves."""
    with page.expect_download() as waited:
        page.locator("#csv").click()
    return Path(waited.value.path()).read_bytes().decode()


def ask_all(one: Visit, built: Build, every: int = 1) -> tuple[dict[str, str], dict[str, str]]:
    """The answers to one in so many questions that need no value: in the browser, and of `glocal query`."""
    questions = [each for each in list_questions(built.project) if all(one.default for one in each.parameters)][::every]
    queries = {each.name: bind_question(built, each, {}) for each in questions}
    here = {name: ask(built, query) for name, query in queries.items()}
    page = one.open()
    root = one.site.address
    files = {"root": root, "page": f"{root}sparql/page.json", "engine": f"{root}assets/sparql/engine.js"}
    there = page.evaluate(ASK_ALL, {**files, "queries": queries})
    return there, {name: answer.serialize("csv").decode() for name, answer in here.items()}


@pytest.fixture(scope="module")
def shared(browser: Browser, website: Website) -> Iterator[Visit]:
    """A visit of the page in English, with the data loaded, for tests that leave it as it is."""
    context = open_context(browser)
    one = Visit(context.new_page(), website)
    open_ready(one)
    yield one
    context.close()


@pytest.fixture
def page(shared: Visit) -> Iterator[Page]:
    """The page of the visit that tests share; nothing may be wrong in it at the end of each."""
    yield shared.page
    assert shared.find_faults() == []


def test_every_question_has_the_same_rows_as_on_the_command_line(visit: Visitor, built: Build) -> None:
    every = 1 if os.environ.get("GLOCAL_FULL") == "true" else 4
    there, here = ask_all(visit(), built, every)
    assert len(here) > 120 // every
    assert there.keys() == here.keys()
    differ = [name for name in here if read_rows(there[name]) != read_rows(here[name])]
    assert differ == []


def test_the_questions_of_another_project_too(visit: Visitor, parks_website: Website) -> None:
    built = build(Project.open(ROOT / "examples" / "city-spreadsheet"))
    there, here = ask_all(visit(parks_website), built)
    assert here
    assert [name for name in here if read_rows(there[name]) != read_rows(here[name])] == []


def test_a_question_is_asked_of_a_thing_that_is_found_by_its_name(visit: Visitor, built: Build) -> None:
    one = visit()
    page = open_ready(one, CHINESE)
    page.select_option("#question", "networks-of-city")
    field = page.get_by_role("combobox", name="city")
    expect(field).to_have_value("臺北市")
    field.fill("高雄")
    expect(page.locator("[role=option]").first).to_contain_text("高雄市")
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant")
    field.press("Enter")
    expect(page.locator("#editor .cm-content")).to_contain_text("<https://w3id.org/glocal/id/place/kaohsiung>")
    run(page)
    answer = ask(built, bind_question(built, "networks-of-city", {"city": "高雄市"}))
    expect(page.locator("#state")).to_have_text(re.compile(rf"^{len(answer)} 列，耗時 \d"))
    assert read_rows(download(page)) == read_rows(answer.serialize("csv").decode())
    assert one.find_barriers() == []
    link = page.url
    assert "question=networks-of-city&city=https" in link
    page.get_by_role("link", name="English").click()
    expect(page.locator("#state")).to_have_text(re.compile(r"^\d+ rows? in "))
    expect(page.get_by_role("combobox", name="city")).to_have_value("Kaohsiung")
    other = visit()
    other.page.goto(link)
    expect(other.page.locator("#state")).to_have_text(re.compile(rf"^{len(answer)} 列"))


def test_values_are_checked_by_their_kind(page: Page, built: Build) -> None:
    page.select_option("#question", "networks-founded")
    field = page.get_by_role("textbox", name="from")
    assert field.input_value() == "1990"
    field.fill("199x")
    page.locator("#run").click()
    expect(page.locator("#parameter-from-wrong")).to_have_text("write a year of four digits")
    assert page.locator("#answer").inner_text() == ""
    field.fill("1980")
    field.press("Enter")
    answer = ask(built, bind_question(built, "networks-founded", {"from": "1980"}))
    expect(page.locator("#state")).to_have_text(re.compile(rf"^{len(answer)} rows in "))
    page.select_option("#question", "denotes")
    page.get_by_role("textbox", name="name").fill('a" } INSERT DATA { <a:a> <a:a> "')
    run(page)
    expect(page.locator("#answer")).to_have_text("No rows: nothing in the data matches.")
    page.select_option("#question", "networks-of-city")
    page.get_by_role("combobox", name="city").fill("nowhere at all")
    page.locator("#run").click()
    expect(page.locator("#parameter-city-wrong")).to_contain_text("nothing in the data is called “nowhere at all”")


def test_a_query_of_ones_own_is_answered_with_names_and_links_to_pages(page: Page, built: Build) -> None:
    query = "SELECT * { ?network a glocal:CityNetwork ; schema:foundingDate ?founded }"
    write(page, query)
    page.keyboard.press("Control+Enter")
    answer = ask(built, query)
    expect(page.locator("#state")).to_have_text(re.compile(rf"^{len(answer)} rows in [\d.]+ m?s$"))
    assert page.locator("#answer th").all_inner_texts() == ["network", "founded"]
    assert read_rows(download(page)) == read_rows(answer.serialize("csv").decode())
    page.get_by_role("link", name="ICLEI").first.click()
    expect(page.locator("h1")).to_contain_text("ICLEI")
    assert "/doc/organization/" in page.url
    page.go_back()
    expect(page.locator("#state")).to_have_text(re.compile(rf"^{len(answer)} rows in "))


def test_other_forms_of_queries_are_answered(page: Page) -> None:
    run(page, "ASK { ?s a glocal:City }")
    expect(page.locator(".verdict")).to_have_text("Yes")
    run(page, "ASK { ?s a <urn:none> }")
    expect(page.locator(".verdict")).to_have_text("No")
    run(page, "CONSTRUCT { ?s skos:notation 'a\"b\\n' } WHERE { ?s a glocal:CityNetwork } LIMIT 3")
    assert page.locator("#answer th").all_inner_texts() == ["subject", "predicate", "object"]
    assert [row[2] for row in shown(page)] == ['a"b'] * 3
    with page.expect_download() as waited:
        page.get_by_role("button", name="Save as N-Triples").click()
    assert Path(waited.value.path()).read_text("utf-8").count('"a\\"b\\n" .\n') == 3
    run(page, "DESCRIBE <https://w3id.org/glocal/id/place/taipei>")
    assert len(shown(page)) > 20
    run(page, "SELECT ?graph { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph")
    assert page.locator("#answer td a").count() == 5
    run(page, "SELECT ?s { ?s ?p ?o }")
    expect(page.locator("#answer .note")).to_contain_text("The first 100 of ")
    page.get_by_role("button", name="Show more rows").click()
    expect(page.locator("#answer tbody tr")).to_have_count(600)


MISTAKES = [
    ("SELECT * {\n  ?s foo:bar ?o\n}", "Line 2, column 6: “foo:” is not a known prefix; write PREFIX foo: <…>"),
    ("SELECT * {\n  ?s ?p ?o", "Line 1, column 10: “{” is never closed; write “}”"),
    ("SELECT * { ?s ?p ?o } )", "Line 1, column 23: “)” closes nothing; leave it out"),
    ("SELECT * { ?s ?p (1 } ", "Line 1, column 21: “}” stands where “)” must close; fix the brackets"),
    (
        "DELETE WHERE { ?s ?p ?o }",
        "Line 1, column 1: “DELETE” changes data, and this page only reads; ask with SELECT",
    ),
    ("SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }", "Line 1, column 12: SERVICE asks another server"),
    ("SELECT * {\n  ?s ?p ?o .\n  FILTER(?x ?y)\n}", "Line 3, column"),
    ("SELECT * { ?s ?p ?o } LIMT 3", "Line 1, column 23: “LIMT” cannot stand here; check what is before it"),
    ('SELECT * { ?s ?p "臺北 }', "a string begins here that does not end; close it"),
    ('SELECT * { ?s ?p "臺北"@zh ?o }', "Line 1, column 26: “?o” cannot stand here"),
    ("SELECT ?s { ?s ?p ?o } GROUP BY ?o", "SELECT has a variable that is neither grouped by nor counted"),
    ("SELECT * {", "“{” is never closed"),
    ("SELECT", "the query ends too early"),
    ("", "the query ends too early"),
]


def test_mistakes_are_reported_with_their_place_and_a_hint(page: Page) -> None:
    for query, told in MISTAKES:
        run(page, query)
        expect(page.locator("#problem")).to_contain_text(told)
        assert page.locator("#answer").inner_text() == ""
    run(page, "ASK {}")
    expect(page.locator("#problem")).to_be_hidden()


def test_an_endless_query_is_stopped_and_the_next_is_answered(page: Page) -> None:
    write(page, ENDLESS)
    page.locator("#run").click()
    expect(page.locator("#state")).to_have_text(re.compile(r"^Running: \d"))
    page.locator("#stop").click()
    expect(page.locator("#state")).to_have_text(re.compile(r"Stopped after|Loading|statements are loaded"))
    run(page, "SELECT (COUNT(*) AS ?n) { ?s a glocal:CityNetwork }")
    expect(page.locator("#state")).to_have_text(re.compile(r"^1 row in "))
    assert int(shown(page)[0][0]) > 20


def test_answers_are_drawn_as_a_map_and_a_chart_and_reached_by_the_keyboard(visit: Visitor) -> None:
    one = visit(color_scheme="dark")
    page = open_ready(one)
    page.select_option("#question", "cities-on-a-map")
    run(page)
    page.get_by_role("tab", name="Table").focus()
    page.keyboard.press("ArrowRight")
    picture = page.get_by_role("group", name=re.compile(r"^Map of \d+ places$"))
    expect(picture.locator("circle")).to_have_count(int(page.locator("#state").inner_text().split()[0]))
    assert picture.locator("a").count() == picture.locator("circle").count()
    assert one.find_barriers() == []
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("img", name=re.compile("^Bars: networks by ")).locator(".bar").first).to_be_visible()
    run(page, 'SELECT * { VALUES (?year ?n) { ("2001"^^xsd:gYear 3) ("1999"^^xsd:gYear 5) ("2004"^^xsd:gYear 4) } }')
    page.get_by_role("tab", name="Chart").click()
    line = page.get_by_role("img", name="Line: n by year")
    expect(line.locator("circle")).to_have_text(["1999: 5", "2001: 3", "2004: 4"])  # waits: a view is made when opened


def test_a_view_that_is_made_late_does_not_replace_that_of_the_open_tab(visit: Visitor) -> None:
    page = open_ready(visit())
    held: list[Route] = []
    page.route("**/land-110m.json", lambda route: held.append(route))  # noqa: PLW0108 - no built-in is taken
    page.select_option("#question", "cities-on-a-map")
    run(page)
    page.get_by_role("tab", name="Map").click()
    page.get_by_role("tab", name="Chart").click()
    expect(page.locator("#panel .bar").first).to_be_visible()
    with page.expect_response("**/land-110m.json") as waited:
        held[0].continue_()
    waited.value.finished()
    page.wait_for_timeout(300)
    expect(page.locator("#panel .bar").first).to_be_visible()
    assert page.locator("#panel").get_by_role("group").count() == 0


def test_words_are_completed_from_the_data(visit: Visitor) -> None:
    page = open_ready(visit(), CHINESE)
    write(page, "")
    page.keyboard.type("SELECT * { ?s 成立", delay=5)
    option = page.locator("#editor .cm-tooltip-autocomplete li", has_text="schema:foundingDate")
    expect(option).to_be_visible()
    page.wait_for_timeout(150)  # the editor takes no choice at once, lest one typed on is taken for it
    page.keyboard.press("Enter")
    expect(page.locator("#editor .cm-content")).to_contain_text("?s schema:foundingDate")
    page.keyboard.type(" ?d ; a glocal:CityN", delay=5)
    expect(page.locator("#editor .cm-tooltip-autocomplete li").first).to_contain_text("glocal:CityNetwork")


def test_what_is_in_an_address_or_an_answer_is_text(visit: Visitor) -> None:
    one = visit()
    hostile = """SELECT ("<img src=x onerror=alert(1)>" AS ?a) (IRI("javascript:alert(1)") AS ?b)
      (IRI("https://example.org/'onclick=alert(1)") AS ?c) ("</script><script>alert(1)</script>"@en AS ?d) {}"""
    one.open(f"{ENGLISH}#query={quote(hostile)}")
    page = one.page
    expect(page.locator("#state")).to_have_text(re.compile("^1 row in "))
    assert shown(page)[0][0] == "<img src=x onerror=alert(1)>"
    assert page.locator("#answer img, #answer script, #answer a[href^='javascript']").count() == 0
    one.page.goto("about:blank")
    one.open(f"{ENGLISH}#question=networks-of-city&city={quote('https://e.org/> } DROP ALL { <')}&<b>=1")
    expect(page.locator("#parameter-city-wrong")).to_have_text("a value is needed")
    one.page.goto("about:blank")
    one.open(f"{ENGLISH}#question={quote('<b>none</b>')}")
    expect(page.locator("#state")).to_contain_text(re.compile("rows? in|statements"))


def test_from_the_disk_one_line_says_what_is_needed(visit: Visitor) -> None:
    page = visit().open_file(CHINESE)
    expect(page.locator("#needs")).to_be_visible()
    expect(page.locator("#needs")).to_contain_text("python3 -m http.server")
    expect(page.locator("#console")).to_be_hidden()


def test_before_a_large_download_a_visitor_is_asked(visit: Visitor, website: Website) -> None:
    one = visit()

    def enlarge(route: Route) -> None:
        described: dict[str, Any] = json.loads((website.folder / "sparql/page.json").read_text("utf-8"))
        described["files"][0]["size"] = 23_000_000
        route.fulfill(json=described)

    one.page.route("**/sparql/page.json", enlarge)
    page = one.open(f"{ENGLISH}#query={quote('ASK {}')}")
    button = page.locator("#load")
    expect(button).to_have_text(re.compile(r"^Load 23\.\d MB$"))
    assert not [url for url in one.requests if url.endswith(".gz")]
    button.click()
    expect(page.locator("#state")).to_have_text(re.compile("statements are loaded"))
    run(page)
    expect(page.locator(".verdict")).to_have_text("Yes")


def test_a_host_that_unpacks_what_it_sends_is_understood(visit: Visitor, website: Website) -> None:
    one = visit()
    unpacked = []

    def unpack(route: Route) -> None:
        name = route.request.url.removeprefix(website.address)
        unpacked.append(name)
        route.fulfill(body=gzip.decompress((website.folder / name).read_bytes()))

    one.page.context.route("**/*.gz", unpack)
    run(open_ready(one), "ASK { ?s a glocal:City }")
    expect(one.page.locator(".verdict")).to_have_text("Yes")
    assert "data/glocal.ttl.gz" in unpacked


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Website, Build]]:
    """The site of a project that `glocal init` made of a spreadsheet."""
    folder = tmp_path_factory.mktemp("made")
    table = ROOT / "benchmarks" / "describing" / "world-countries" / "table.csv"
    init_project(folder / "p", [table], base="https://data.example.org/", leave_open=True)
    built = build(Project.open(folder / "p"))
    publish_site(built, folder / "site", formats=[])
    with serve(folder / "site") as served:
        yield served, built


def test_a_project_that_init_made_is_queried(visit: Visitor, made: tuple[Website, Build]) -> None:
    website, built = made
    one = visit(website, width=390)
    there, here = ask_all(one, built)
    assert here
    assert [name for name in here if read_rows(there[name]) != read_rows(here[name])] == []
    page = open_ready(one)
    run(page)
    assert len(shown(page)) > 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert one.find_barriers() == []
