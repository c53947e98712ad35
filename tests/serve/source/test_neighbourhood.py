"""What a store says of one thing, from a file and from a server."""

from __future__ import annotations

import pytest

from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.operations.serve_source import Source
from glocal_rdf.serve.source import lists, neighbourhood
from glocal_rdf.serve.source.asking import Session, is_iri_term, quote_text
from glocal_rdf.serve.source.layout import Layout, explore
from glocal_rdf.serve.source.neighbourhood import Neighbourhood, fetch_neighbourhood
from glocal_rdf.serve.source.searching import search_names
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.triples import Triples

D, TERMS = "https://data.example.org/id/", "https://data.example.org/ontology#"
KEELUNG = f"<{D}keelung>"


def near(source: Source, thing: str) -> Neighbourhood:
    return fetch_neighbourhood(Session(source.ask, 20), source.layout, thing, ("en", "zh-Hant"))


def test_what_a_store_is_like_is_found_out(source: Source) -> None:
    layout = source.layout
    assert (layout.named, layout.beside, layout.claims, layout.mappings) == (False, True, True, False)
    assert layout.space == D
    assert layout.dataset == "<https://data.example.org/dataset>"
    assert layout.inverses[f"<{TERMS}memberOf>"] == {f"<{TERMS}hasMember>"}
    assert layout.inverses[f"<{TERMS}twinnedWith>"] == {f"<{TERMS}twinnedWith>"}
    assert source.namespaces == {"o": TERMS}
    assert source.about.text("title", "zh-Hant") == "港市"


def test_statements_come_with_those_of_blank_nodes(source: Source) -> None:
    found = near(source, KEELUNG).statements
    [seat] = [value for one, predicate, value in found if (one, predicate) == (KEELUNG, f"<{TERMS}seat>")]
    assert seat.startswith("_:")
    [street] = [value for one, predicate, value in found if (one, predicate) == (seat, f"<{TERMS}street>")]
    assert ("Yi 1st Road") in {value.strip('"') for one, _, value in found if one == street}


def test_a_file_keeps_literals_as_they_are_written(file_source: Source) -> None:
    values = {value for _, predicate, value in near(file_source, KEELUNG).statements if predicate == f"<{TERMS}area>"}
    assert values == {'"132.7590"^^<http://www.w3.org/2001/XMLSchema#decimal>'}


def test_a_statement_that_the_thing_makes_the_other_way_round_does_not_lead_to_it(source: Source) -> None:
    assert near(source, KEELUNG).incoming == {}
    [(predicate, found)] = near(source, f"<{TERMS}City>").incoming.items()
    assert predicate == RDF_TYPE
    assert found.number == len(found.things) == 4


def test_claims_come_with_ranks_and_passages(source: Source) -> None:
    found = near(source, KEELUNG)
    claims = {one for one, predicate, value in found.statements if predicate.endswith("#subject>") and value == KEELUNG}
    assert claims == {f"<{D}claim/c1>", f"<{D}claim/c2>"}
    assert f"<{D}guide>" in found.described
    assert (f"<{D}guide>", "<http://purl.org/dc/terms/title>", '"A guide to harbours"@en') in found.names


def test_what_named_graphs_say_beside_the_default_graph_stays_apart(source: Source) -> None:
    found = near(source, KEELUNG)
    assert [(graph, value[:8]) for graph, _, value in found.elsewhere] == [
        ("<https://other.example/graph>", '"367577"')
    ]
    assert not any("367577" in value for _, _, value in found.statements)


def test_a_thing_that_is_not_there_is_not_known(source: Source) -> None:
    assert not near(source, f"<{D}nothing>").known


GRAPHS = {
    "in named graphs alone": (False, {"<urn:g>": "ab", "<urn:h>": "c"}, (True, False)),
    "in the default graph alone": (True, {}, (False, False)),
    "apart": (True, {"<urn:g>": "xy"}, (False, True)),
    "in named graphs that are the default graph together": (True, {"<urn:g>": "abc"}, (False, False)),
}


@pytest.mark.parametrize("case", GRAPHS)
def test_statements_are_found_wherever_they_are(case: str) -> None:
    default, named, expected = GRAPHS[case]
    store = StoreProcess()

    def write(names: str) -> Triples:
        return Triples.from_terms([(f"<urn:{name}>", "<urn:p>", "<urn:z>") for name in names])

    if default:
        store.load(write("abc").frame)
    for graph, names in named.items():
        store.load(write(names).frame, graph[1:-1])
    ask = lambda query, seconds: store.query(query, limit=seconds, graphs=None).rows()  # noqa: E731
    layout = explore(Session(ask, 20))
    assert (layout.named, layout.beside) == expected
    found = fetch_neighbourhood(Session(ask, 20), layout, "<urn:z>")
    assert {one: several.number for one, several in found.incoming.items()} == {"<urn:p>": 3}
    store.close()


@pytest.fixture(scope="module")
def hub() -> Layout:
    return Layout()


def test_lists_of_hubs_are_shortened_counted_and_go_on_on_pages(monkeypatch: pytest.MonkeyPatch, hub: Layout) -> None:
    monkeypatch.setattr(neighbourhood, "MOST_STATEMENTS", 20)
    monkeypatch.setattr(neighbourhood, "MOST_VALUES", 5)
    monkeypatch.setattr(neighbourhood, "MOST_LISTED", 7)
    monkeypatch.setattr(lists, "PER_PAGE", 10)
    rows = [(f"<urn:s{number:02}>", "<urn:p>", "<urn:hub>") for number in range(25)]
    rows += [("<urn:hub>", "<urn:q>", f'"{number:02}"') for number in range(30)]
    store = StoreProcess()
    store.load(Triples.from_terms(rows).frame)
    ask = lambda query, seconds: store.query(query, limit=seconds, graphs=None).rows()  # noqa: E731
    found = fetch_neighbourhood(Session(ask, 20), hub, "<urn:hub>")
    assert found.shortened == {"<urn:q>": 30}
    assert [value for _, _, value in found.statements] == [f'"{number:02}"' for number in range(5)]
    assert found.incoming["<urn:p>"].number == 25
    assert list(found.incoming["<urn:p>"].things) == [f"<urn:s{number:02}>" for number in range(7)]
    pages = [lists.list_leading(Session(ask, 20), hub, "<urn:hub>", "<urn:p>", number) for number in (1, 2, 3, 4)]
    assert [one for page in pages for one in page.items] == [f"<urn:s{number:02}>" for number in range(25)]
    assert [(page.total, page.more) for page in pages] == [(25, True), (25, True), (25, False), (25, False)]
    store.close()


def test_a_search_finds_the_exact_name_first(source: Source) -> None:
    found = search_names(Session(source.ask, 20), source.layout, "keelung")
    assert [(match.thing, match.exact) for match in found.matches] == [(KEELUNG, True)]
    found = search_names(Session(source.ask, 20), source.layout, "籠")
    assert [(match.thing, match.exact) for match in found.matches] == [(KEELUNG, False)]
    assert found.complete
    kinds = (f"<{TERMS}Network>",)
    assert search_names(Session(source.ask, 20), source.layout, "kee", kinds=kinds).matches == []


@pytest.mark.parametrize("text", ['"', "\\", '" } UNION { ?t ?p ?o', "\n\r\t", "\x00", "💥", "'", "?x", "%s {0}"])
def test_a_search_is_a_text_whatever_it_holds(file_source: Source, text: str) -> None:
    assert not search_names(Session(file_source.ask, 20), file_source.layout, text).matches
    assert "\n" not in quote_text(text)


@pytest.mark.parametrize(
    "term",
    [
        "<a>",
        "<http://e/ >",
        '<http://e/"',
        "<http://e/>x",
        "<http://e/\\u0041>",
        "<http://e/\n>",
        "_:b",
        '"a"',
        "",
        None,
    ],
)
def test_what_is_not_an_iri_does_not_stand_in_a_query(term: str | None) -> None:
    assert not is_iri_term(term)
