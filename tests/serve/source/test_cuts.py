"""What is cut is said, with numbers: on pages, in answers, and data are given as a whole or not at all."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path

import pytest

from glocal_rdf.operations import serve_source
from glocal_rdf.operations.serve_source import Source, open_source
from glocal_rdf.operations.serve_source_answers import SourceAnswers
from glocal_rdf.operations.serve_source_pages import SourcePages
from glocal_rdf.operations.serve_source_site import list_path, make_thing_site
from glocal_rdf.serve.api.listed import Listed
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.mcp.resources import DATASET, list_resources, read_resource
from glocal_rdf.serve.source import excerpts, lists, neighbourhood, searching
from glocal_rdf.serve.source.asking import Row, Session
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.neighbourhood import Neighbourhood, fetch_data, fetch_neighbourhood
from glocal_rdf.serve.source.selecting import Cut
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.triples import Triples

D = "https://data.example.org/id/"
PREFIXES = f"""@prefix d: <{D}> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix sssom: <https://w3id.org/sssom/> .
@prefix glocal: <https://w3id.org/glocal/ontology#> .
"""


def write_data() -> str:
    lines = [PREFIXES]
    lines.append('d:data a dcat:Dataset ; dcterms:title "Broad"@en, "廣"@zh-Hant ; dcterms:language "en", "zh-Hant" .')
    for number in range(12):
        lines.append(f'd:broad{number} a d:Class{number % 6} ; rdfs:label "Broad {number}"@en .')
        lines.append(
            f"d:claim{number:02} a rdf:Statement ; rdf:subject d:claimed ; rdf:predicate d:p ; rdf:object {number} ; "
            f"prov:wasDerivedFrom <{D}guide{number}#char=1,2> ; glocal:contradicts d:claim{(number + 1) % 12:02} ."
        )
        lines.append(
            f"<{D}guide#char={number},99> a oa:SpecificResource ; oa:hasSource d:guide . "
            f"d:read{number} a rdf:Statement ; rdf:subject d:other ; rdf:predicate d:p ; rdf:object 1 ; d:note 1 ; "
            f"prov:wasDerivedFrom <{D}guide#char={number},99> ."
        )
        lines.append(
            f"d:mapping{number} a sssom:Mapping ; owl:annotatedSource d:mapped ; owl:annotatedProperty d:same ; "
            f"owl:annotatedTarget d:broad{number} . d:mapped d:same d:broad{number} ."
        )
        lines.append(f"d:nested d:part [ d:number {number} ] . d:Class{number % 6} a owl:Class .")
        lines.append(
            f"d:many d:value {number}, {number + 100} . d:claimed d:p {number} . d:broad{number} d:near d:hub ."
        )
        lines.append(f"GRAPH d:graph{number % 6} {{ d:elsewhere d:says {number} }}")
    lines.append(f"d:deep d:list ({' '.join(map(str, range(20)))}) . d:circle d:knows _:a . _:a d:knows _:b .")
    lines.append('_:b d:knows _:a . d:elsewhere a d:Class0 . d:guide a d:Guide ; rdfs:label "A guide"@en .')
    lines.append("d:deepest d:list (" + " ".join(map(str, range(50))) + ") .")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def broad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """A store with more of everything than the limits of `low`."""
    file = tmp_path_factory.mktemp("broad") / "broad.trig"
    file.write_text(write_data())
    source = open_source(str(file))
    yield source
    source.close()


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    """Low limits."""
    for module, name, value in (
        (neighbourhood, "MOST_STATEMENTS", 10),
        (neighbourhood, "MOST_VALUES", 4),
        (neighbourhood, "MOST_LISTED", 3),
        (neighbourhood, "MOST_CLAIMS", 60),
        (lists, "MOST_CLASSES", 4),
        (lists, "MOST_TERMS", 4),
        (lists, "MOST_GRAPHS", 4),
        (excerpts, "MOST_CONTRADICTIONS", 5),
        (excerpts, "MOST_DOCUMENTS", 5),
        (searching, "MOST_FOUND", 5),
    ):
        monkeypatch.setattr(module, name, value)


def near(source: Source, name: str) -> Neighbourhood:
    return fetch_neighbourhood(Session(source.ask, 20), source.layout, f"<{D}{name}>", ("en", "zh-Hant"))


def read(source: Source, path: str) -> str:
    found = asyncio.run(SourcePages(source.make_frame(), source.ask, 20).read(path))
    assert found
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found.content.decode())).split())


SENTENCES = {
    "claimed": (
        "Not all of this is here: claims about it (3 of 12).",
        "未列出全部內容：關於此項的主張（共 12 項，列出 3 項）。",
    ),
    "guide": (
        "Not all of this is here: claims that were read from it (3 of 12).",
        "未列出全部內容：出自此文件的主張（共 12 項，列出 3 項）。",
    ),
    "elsewhere": (
        "Not all of this is here: what other sources say of it (10 of 12).",
        "未列出全部內容：其他來源對此項的說法（共 12 項，列出 10 項）。",
    ),
    "deepest": (
        "Not all of this is here: values within its values (63, and there may be more).",
        "未列出全部內容：值之下的內層值（列出 63 項，還有更多）。",
    ),
}


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize(
    "name", [name if name == "claimed" else pytest.param(name, marks=pytest.mark.slow) for name in SENTENCES]
)
def test_a_page_says_what_of_a_thing_is_cut_in_each_language(broad: Source, name: str) -> None:
    english, chinese = SENTENCES[name]
    assert english in read(broad, f"doc/{name}.html")
    assert chinese in read(broad, f"doc/{name}.zh-Hant.html")
    answers = SourceAnswers(broad, broad.make_frame(), 20)
    found = answers.thing(f"{D}{name}", "en")
    assert found
    assert english in found.facts.note
    assert english in answers.evidence(f"{D}{name}", "en").note


@pytest.mark.usefixtures("low")
def test_claims_and_mappings_are_whole_or_not_there(broad: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    found = near(broad, "claimed")
    per_claim: dict[str, int] = {}
    for one, _, _ in found.statements:
        per_claim[one] = per_claim.get(one, 0) + 1
    per_claim.pop(f"<{D}claimed>")
    assert list(per_claim.values()) == [6, 6, 6]
    monkeypatch.setattr(neighbourhood, "MOST_CLAIMS", 20)
    assert near(broad, "mapped").cuts == [Cut("mappings", 1, 12)]
    monkeypatch.setattr(neighbourhood, "MOST_CLAIMS", 5)
    assert near(broad, "claimed").cuts == [Cut("claims", 0, 12)]
    assert near(broad, "nested").cuts == [Cut("nested", 5, 12)]


def test_nothing_is_said_where_all_is_there(broad: Source) -> None:
    for name in ("claimed", "guide", "elsewhere", "mapped", "nested", "many", "hub", "deep", "circle"):
        found = near(broad, name)
        assert found.cuts == [], name
        assert sum("#rest>" in predicate for _, predicate, _ in found.statements) == (20 if name == "deep" else 0)
    assert "Not all" not in read(broad, "doc/claimed.html")


@pytest.mark.usefixtures("low")
def test_data_are_whole_where_their_page_is_not(broad: Source) -> None:
    pages = SourcePages(broad.make_frame(), broad.ask, 20)
    for name, number in {"claimed": 12 + 12 * 6, "many": 24, "mapped": 12 + 12 * 4, "guide": 12 * 2 + 2}.items():
        found = asyncio.run(pages.read(f"doc/{name}.nt"))
        assert found
        lines = [line for line in found.content.decode().splitlines() if "/doc/" not in line]
        assert len(lines) == number, name


@pytest.mark.usefixtures("low")
def test_data_that_are_too_many_are_refused_and_never_shortened(broad: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhood, "MOST_WHOLE", 20)
    pages = SourcePages(broad.make_frame(), broad.ask, 20)
    for name, why in {
        "claimed": "claims about it (1 of 12)",
        "many": "its statements (20 of 24)",
        "mapped": "its mappings (1 of 12)",
    }.items():
        for ending in ("ttl", "nt", "jsonld", "rdf"):
            with pytest.raises(RefusedError, match=re.escape(why)) as refused:
                asyncio.run(pages.read(f"doc/{name}.{ending}"))
            assert refused.value.status == 503
        assert asyncio.run(pages.read(f"doc/{name}.html"))


@pytest.mark.parametrize("name", ["keelung", "yakima", "guide", "harbours", "claim/c1"])
def test_data_that_are_fetched_as_a_whole_are_those_beside_the_page(file_source: Source, name: str) -> None:
    session, frame = Session(file_source.ask, 20), file_source.make_frame()
    page = make_thing_site(frame, fetch_neighbourhood(session, frame.layout, f"<{D}{name}>"))
    whole = make_thing_site(frame, fetch_data(session, frame.layout, f"<{D}{name}>"))
    assert page.has_all
    assert whole.triples.is_isomorphic(page.triples)


@pytest.mark.usefixtures("low")
def test_lists_say_how_much_of_them_is_there(broad: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    home = read(broad, "index.html")
    assert "The first 4 of 12 are listed." in home  # classes
    assert "The first 4 of 6 are listed." in home  # graphs
    assert "The first 4 of 6 are listed." in read(broad, "vocabulary.html")
    assert "共 6 項，僅列出前 4 項。" in read(broad, "vocabulary.zh-Hant.html")
    monkeypatch.setattr(lists, "PER_PAGE", 5)
    monkeypatch.setattr(lists, "MOST_SKIPPED", 4)
    path = list_path("linked", 1, f"<{D}hub>", f"<{D}near>")
    assert "The first 5 of 12 are listed." in read(broad, f"{path}.html")


@pytest.mark.usefixtures("low")
def test_answers_say_what_they_do_not_have(broad: Source) -> None:
    answers = SourceAnswers(broad, broad.make_frame(), 20)
    classes, documents = answers.classes("en"), answers.documents("en")
    assert isinstance(classes, Listed)
    assert isinstance(documents, Listed)
    assert classes.note.endswith("classes with most things (4 of 12).")
    assert documents.note == "Not all of this is here: documents (5 of 13)."
    assert answers.contradictions("en").note == "Not all of this is here: pairs of claims (5 of 12)."
    assert "and there may be more" in answers.search("broad", "en").note
    assert answers.search("Broad 7", "en").note == ""
    assert answers.ontology().startswith("# Not all of this is here: classes and properties (4 of 6).\n")
    assert Triples.parse(answers.ontology(), "turtle").frame.height
    hub = answers.thing(f"{D}hub", "en")
    assert hub
    assert f"what leads to it by <{D}near> (3 of 12)" in hub.facts.note
    assert hub.facts.total == 12
    assert "(4 of 24)" in answers.evidence(f"{D}many", "en").note
    assert json.loads(read_resource(answers, DATASET)[1])["note"] == classes.note
    assert documents.note in list_resources(answers)[0].description


def test_blank_nodes_that_a_list_leaves_out_are_counted(broad: Source) -> None:
    path = list_path("stated", 1, f"<{D}nested>", f"<{D}part>")
    assert "no page of their own and are not listed: 12." in read(broad, f"{path}.html")
    assert "另有 12 個空白節點" in read(broad, f"{path}.zh-Hant.html")
    later = list_path("stated", 2, f"<{D}nested>", f"<{D}part>")
    assert asyncio.run(SourcePages(broad.make_frame(), broad.ask, 20).read(f"{later}.html")) is None
    assert "Blank nodes" not in read(broad, f"{list_path('browse', 1, f'<{D}Class1>')}.html")


def test_a_description_of_a_dataset_that_is_cut_begins_with_that(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve_source, "MOST_ABOUT", 4)
    source = open_source(str(data))
    found = asyncio.run(SourcePages(source.make_frame(D), source.ask, 20).read(".well-known/void"))
    source.close()
    assert found
    assert found.content.startswith(b"# Not all of this is here: statements about the dataset (4 of 7).\n")
    assert Triples.parse(found.content, "turtle").frame.height


def test_a_store_that_ends_answers_by_itself_is_noticed() -> None:
    rows = [(f"<urn:c{number}>", f"<urn:p{at}>", "<urn:o>") for number in range(300) for at in range(4)]
    claims = [
        *rows,
        *((f"<urn:c{n}>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#subject>", "<urn:t>") for n in range(300)),
    ]
    store = StoreProcess()
    store.load(Triples.from_terms([*claims, ("<urn:t>", "<urn:p>", "<urn:o>")]).frame)

    def ask(query: str, seconds: float) -> Sequence[Row]:
        return store.query(query, limit=seconds, graphs=None).rows()[:1200]

    found = fetch_neighbourhood(Session(ask, 20), Layout(claims=True), "<urn:t>")
    store.close()
    assert len(found.statements) == 1501
    assert found.cuts == []
