"""What the page for SPARQL is given: dumps with their sizes, the pages of the site, questions and terms."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from glocal_rdf.dataset import Build
from glocal_rdf.errors import OutputError
from glocal_rdf.i18n import message
from glocal_rdf.operations.publish import contribute_parts, make_site
from glocal_rdf.operations.publish_parts import choose_parts
from glocal_rdf.operations.publish_sparql import list_pages
from glocal_rdf.operations.query import list_questions
from glocal_rdf.publish.site import POLICY
from glocal_rdf.questions import catalogue
from glocal_rdf.triples import Triples

from .conftest import read_page

SCRIPTS = ROOT / "glocal_rdf" / "publish" / "sparql_page"


def describe(site: Path, ending: str = "json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((site / f"sparql/page.{ending}").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", ["site", "parks"])
def test_the_dumps_that_are_loaded_are_there_with_their_sizes(name: str, request: pytest.FixtureRequest) -> None:
    site: Path = request.getfixturevalue(name)
    for ending in ("json", "zh-Hant.json"):
        described = describe(site, ending)
        for one in (*described["files"], described["pages"]):
            assert (site / one["path"]).stat().st_size == one["size"]
        assert (site / described["engine"]).is_file()


def test_what_is_loaded_is_what_queries_of_the_project_see(site: Path, built: Build) -> None:
    graphs: dict[str, Triples] = {}
    for one in describe(site)["files"]:
        read = Triples.parse(gzip.decompress((site / one["path"]).read_bytes()), "turtle")
        graphs[one["graph"]] = graphs.get(one["graph"], Triples.empty()).union(read)
    # Blank nodes have other labels once they are read.
    assert graphs.pop("").is_isomorphic(built.with_ontology)
    assert graphs.keys() == built.named_graphs.keys()
    assert [name for name, graph in graphs.items() if not graph.is_isomorphic(built.named_graphs[name])] == []


def test_the_pages_of_all_things_are_listed_in_the_order_of_scripts(site: Path, built: Build) -> None:
    made = contribute_parts(make_site(built))
    assert gzip.decompress((site / "sparql/pages.txt.gz").read_bytes()).decode() == list_pages(made)
    lines = [line.split("\t") for line in list_pages(made).splitlines()]
    keys = [key.encode("utf-16-be") for key, _ in lines]
    assert keys == sorted(set(keys))
    space = built.project.space
    found = {f"<{space}{key[1:]}>" if key[0] == "/" else f"<{key}>": path or f"doc{key}" for key, path in lines}
    assert found == made.addresses


def test_questions_have_their_parameters_and_no_comments_of_their_own(site: Path, built: Build) -> None:
    english, chinese = describe(site), describe(site, "zh-Hant.json")
    questions = list_questions(built.project)
    assert [one["name"] for one in english["questions"]] == [one.name for one in questions]
    for one, other, question in zip(english["questions"], chinese["questions"], questions, strict=True):
        assert "# title" not in one["query"]
        assert one["query"] in question.text
        assert (one["title"], other["title"]) == (question.title["en"], question.title["zh-Hant"])
        for parameter in question.parameters:
            assert re.search(rf"(?m)^[ \t]*VALUES \?{parameter.name} \{{.*\}}[ \t]*$", one["query"])
    left_out = {one["leaves_out"] for one in english["questions"]} - {""}
    assert left_out <= {one.name for one in questions}


def test_what_parameters_mean_is_there_in_chinese() -> None:
    described = {parameter.description for one in catalogue.list_questions() for parameter in one.parameters}
    assert described
    assert [text for text in described if message("zh-Hant", text) == text] == []


def test_terms_have_their_uses_and_names(site: Path, built: Build) -> None:
    terms = {(iri, kind): (name, number) for iri, kind, name, number in describe(site, "zh-Hant.json")["terms"]}
    founded = "http://schema.org/foundingDate"
    everything = [built.with_ontology, *built.named_graphs.values()]
    number = sum(len(graph.match(predicate=f"<{founded}>")) for graph in everything)
    assert terms[founded, "property"] == ("成立日期", number)
    assert ("https://w3id.org/glocal/ontology#CityNetwork", "class") in terms


def test_only_this_page_may_compile_for_the_engine(parks: Path) -> None:
    for path in parks.rglob("*.html"):
        [policy] = [
            str(values["content"])
            for tag, values in read_page(path).elements
            if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy"
        ] or [""]
        if not policy:
            continue
        assert "unsafe-inline" not in policy
        assert "'unsafe-eval'" not in policy
        assert ("wasm-unsafe-eval" in policy) == (path.parent.name == "sparql")
    assert "wasm" not in " ".join(POLICY.values())


def test_scripts_write_no_markup_and_use_every_text(parks: Path) -> None:
    sources = "".join(path.read_text("utf-8") for path in SCRIPTS.glob("*.js"))
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", sources)
    texts = describe(parks)["texts"]
    used = set(re.findall(r"texts\.(\w+)|\"(error_\w+)\"", sources))
    names = {name for pair in used for name in pair if name}
    assert names <= texts.keys()
    assert {name for name in texts if not name.startswith("is_")} - names == {"subject", "predicate", "object"}


def test_the_page_needs_the_dumps() -> None:
    with pytest.raises(OutputError, match=r"'catalogue' is needed for the part 'sparql'; leave out both"):
        choose_parts(["catalogue"])
    assert {"catalogue", "sparql"} & {part.name for part in choose_parts(["catalogue", "sparql"])} == set()
