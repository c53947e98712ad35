"""A network has the things of a graph as nodes and the statements between them as edges, and other programs open it."""

from __future__ import annotations

import io

import networkx
import pytest
from hypothesis import given, settings
from lxml import etree
from odd_graphs import odd_graphs

from glocal_rdf import Build, export_form
from glocal_rdf.exports import DescribedGraph, Exported, find_form
from glocal_rdf.triples import Triples

EX = "https://e.org/"
HEAD = f"""@prefix : <{EX}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""


def write(text: str, *, claims: bool = False) -> tuple[networkx.MultiDiGraph, Exported]:
    graph = Triples.parse(HEAD + text, "turtle")
    labels = {f"<{EX}a>": 'A & "B" <c>', f"<{EX}knows>": "knows", f"<{EX}City>": "city"}
    exported = find_form("graphml").write(DescribedGraph(graph, Triples.empty(), labels, claims=claims))
    return read(exported.files[""]), exported


def read(data: bytes) -> networkx.MultiDiGraph:
    return networkx.read_graphml(io.BytesIO(data), force_multigraph=True)


def test_statements_between_things_are_edges_with_a_label() -> None:
    network, exported = write(":a a :City ; :knows :b ; :see <https://other.org/x> . :b a :City ; :knows :a, :b .")
    assert {(source, target, data["label"], data["property"]) for source, target, data in network.edges(data=True)} == {
        (EX + "a", EX + "b", "knows", EX + "knows"),
        (EX + "b", EX + "a", "knows", EX + "knows"),
        (EX + "b", EX + "b", "knows", EX + "knows"),
    }
    assert network.nodes[EX + "a"] == {"label": 'A & "B" <c>', "class": "city", "see": "https://other.org/x"}
    assert exported.notes == ("2 nodes, 3 edges",)


def test_attributes_are_typed_where_every_value_is_of_the_type() -> None:
    network, _ = write(
        """:a :size 12.5 ; :count 7 ; :open true ; :code "007" ; :many 1, 2 ; :bad "x"^^xsd:integer ; :since
        "1999"^^xsd:gYear ; :large 99999999999999999999 ; :none "NaN"^^xsd:double ; :text "a\\n\\tb" . :b :size 3.0 ."""
    )
    node = network.nodes[EX + "a"]
    assert (node["size"], node["count"], node["open"], node["code"]) == (12.5, 7, True, "007")
    assert (node["many"], node["bad"], node["since"], node["text"]) == ("1 | 2", "x", "1999", "a\n\tb")
    assert (node["large"], node["none"]) == ("99999999999999999999", "NaN")
    assert network.nodes[EX + "b"]["size"] == 3.0


def test_values_of_blank_nodes_are_attributes_of_what_has_them() -> None:
    network, exported = write(":a :address [ :street 'Main' ; :in [ :zip '1' ] ] . [] :p 1 .")
    assert network.nodes[EX + "a"]["address / street"] == "Main"
    assert network.nodes[EX + "a"]["address / in / zip"] == "1"
    (problem,) = exported.problems
    assert "1 statements of blank nodes that no thing leads to" in str(problem)


def test_a_circle_of_blank_nodes_comes_to_an_end() -> None:
    network, _ = write(":a :p _:x . _:x :p _:x ; :q 1 .")
    assert network.nodes[EX + "a"]["p / q"] == 1


def test_control_characters_are_replaced_and_reported() -> None:
    network, exported = write(r':a :p "x\u0001y\uFFFEz" .'.replace("\\\\", "\\"))
    assert network.nodes[EX + "a"]["p"] == "x\ufffdy\ufffdz"
    assert "2 control characters" in str(exported.problems[0])


CLAIM = """:a a :City . :b a :City . :a :twin :b .
:c a rdf:Statement ; rdf:subject :a ; rdf:predicate :twin ; rdf:object :b ; <http://wikiba.se/ontology#rank>
  <http://wikiba.se/ontology#PreferredRank> .
:d a rdf:Statement ; rdf:subject :a ; rdf:predicate :size ; rdf:object 3 ."""


def test_claims_are_edges_where_they_are_asked_for() -> None:
    network, exported = write(CLAIM)
    assert (set(network), network.number_of_edges()) == ({EX + "a", EX + "b"}, 1)
    assert "2 claims, mappings and passages are not nodes (--claims adds claims as edges)" in exported.notes
    network, _ = write(CLAIM, claims=True)
    found = [data for *_, data in network.edges(data=True)]
    assert [(one.get("claim"), one.get("rank")) for one in found] == [(None, None), (EX + "c", "preferred")]


@pytest.mark.slow
def test_the_network_of_the_bundled_dataset_is_valid_and_whole(built: Build) -> None:
    data = export_form(built, "graphml", lang="zh-Hant").files[""]
    assert data == export_form(built, "graphml", lang="zh-Hant").files[""]
    root = etree.fromstring(data)
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    declared = {key.get("id") for key in root.iterfind("g:key", space)}
    assert {one.get("key") for one in root.iterfind(".//g:data", space)} <= declared
    network = read(data)
    things = "https://w3id.org/glocal/id/"
    assert network.nodes[f"{things}place/taipei"]["label"] == "臺北市"
    nodes = {f"<{node}>" for node in network}
    expected = sum(
        1
        for subject, predicate, value in built.triples
        if subject in nodes and value in nodes and not predicate.endswith("#type>")
    )
    assert network.number_of_edges() == expected


def test_an_empty_graph_is_an_empty_network() -> None:
    network, exported = write("")
    assert len(network) == 0
    assert exported.notes == ("0 nodes, 0 edges",)


@pytest.mark.slow
@given(odd_graphs)
@settings(max_examples=60, deadline=None)
def test_any_graph_is_a_network_of_its_things(graph: list[tuple[str, str, str]]) -> None:
    triples = Triples.from_terms(graph)
    exported = find_form("graphml").write(DescribedGraph(triples, Triples.empty()))
    network = read(exported.files[""])
    nodes = {subject for subject, _, _ in triples if subject.startswith("<")}
    assert {f"<{node}>" for node in network} == nodes
    edges = [one for one in triples if one[0] in nodes and one[2] in nodes and not one[1].endswith("#type>")]
    assert network.number_of_edges() == len(edges)
