"""Claims as nanopublications: their hashes are right by another library, and their graphs say what the claim says."""

from __future__ import annotations

import logging
import re
from collections import defaultdict

import pytest
from nanopub.trustyuri.rdf import RdfHasher
from rdflib import Dataset, URIRef
from rdflib.namespace import RDF

from glocal_rdf import Project, build
from glocal_rdf.errors import OutputError
from glocal_rdf.exports import DescribedGraph, Exported, find_form
from glocal_rdf.operations.export import export_form
from glocal_rdf.triples import Triples

CODE = re.compile(r"RA[A-Za-z0-9_-]{43}")
DATASET = """
    @prefix : <http://e/> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix prov: <http://www.w3.org/ns/prov#> . @prefix dcterms: <http://purl.org/dc/terms/> .
    @prefix wikibase: <http://wikiba.se/ontology#> .
    :data a <http://www.w3.org/ns/dcat#Dataset> ; dcterms:license <http://l/> ; dcterms:creator :us ;
        dcterms:modified "2026-01-02"^^<http://www.w3.org/2001/XMLSchema#date> .
    :city :mayor :ann .
"""
CLAIM = ":c rdf:subject :city ; rdf:predicate :mayor ; rdf:object :ann ; prov:wasDerivedFrom :page3 . "
NP = "http://www.nanopub.org/nschema#"


def write(turtle: str, **options: object) -> Exported:
    graph = DescribedGraph(Triples.parse(DATASET + turtle, "turtle"), Triples.empty(), **options)  # type: ignore[arg-type]
    return find_form("nanopub").write(graph)


def read(exported: Exported) -> dict[str, list[tuple[URIRef, ...]]]:
    """Return the quads of each nanopublication by its code."""
    dataset = Dataset()
    dataset.parse(data=exported.files[""], format="trig")
    found = defaultdict(list)
    for s, p, o, graph in dataset.quads():
        match = CODE.search(str(graph))
        assert match, graph
        found[match[0]].append((URIRef(str(graph)), s, p, o))
    return found  # type: ignore[return-value]


def hash_again(code: str, quads: list[tuple[URIRef, ...]]) -> str:
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)
    return str(RdfHasher.make_hash(quads, code))


@pytest.mark.slow
def test_the_codes_of_bundled_claims_are_those_that_the_nanopub_library_computes() -> None:
    built = build(Project.bundled())
    exported = export_form(built, "nanopub", about=["uclg", "臺北", "impact/depressed-farm-prices"])

    found = read(exported)
    assert len(found) > 80
    assert {code: hash_again(code, quads) for code, quads in found.items()} == {code: code for code in found}
    assert not exported.problems


@pytest.mark.parametrize(
    "text",
    [
        '"a\\nb\\\\c"',
        '"中文"@zh-Hant',
        '"a"@en, "a"@de, "a", "A"@en-GB',
        '"1"^^<http://e/dt>, 1.50',
        '"\U0001f600", "～"',
    ],
)
def test_the_codes_of_odd_literals_are_right(text: str) -> None:
    found = read(write(CLAIM + f":c :says {text} ."))
    [(code, quads)] = found.items()
    assert hash_again(code, quads) == code


def test_a_nanopublication_has_four_graphs_that_its_head_names() -> None:
    [(code, quads)] = read(write(CLAIM)).items()
    base = f"http://e/data/np/{code}"
    head = {(s, p, o) for graph, s, p, o in quads if str(graph) == f"{base}#Head"}
    assert head == {
        (URIRef(base), RDF.type, URIRef(NP + "Nanopublication")),
        (URIRef(base), URIRef(NP + "hasAssertion"), URIRef(f"{base}#assertion")),
        (URIRef(base), URIRef(NP + "hasProvenance"), URIRef(f"{base}#provenance")),
        (URIRef(base), URIRef(NP + "hasPublicationInfo"), URIRef(f"{base}#pubinfo")),
    }
    assert {str(quad[0]).partition("#")[2] for quad in quads} == {"Head", "assertion", "provenance", "pubinfo"}


def test_the_assertion_has_the_triple_only_where_the_graph_states_it() -> None:
    other = ":d rdf:subject :city ; rdf:predicate :mayor ; rdf:object :bob ; wikibase:rank wikibase:DeprecatedRank ."
    stated = {
        str(o)
        for quads in read(write(CLAIM + other)).values()
        for _, s, p, o in quads
        if (s, p) == (URIRef("http://e/city"), URIRef("http://e/mayor"))
    }
    assert stated == {"http://e/ann"}


def test_a_changed_word_changes_the_code() -> None:
    assert read(write(CLAIM)).keys().isdisjoint(read(write(CLAIM.replace("page3", "page4"))))


def test_only_what_was_chosen_is_written() -> None:
    other = ":d rdf:subject :town ; rdf:predicate :mayor ; rdf:object :bob . "
    other += ":e rdf:subject :town ; rdf:predicate :m ; rdf:object 1 ."
    assert len(read(write(CLAIM + other))) == 3
    assert len(read(write(CLAIM + other, chosen={"<http://e/town>"}))) == 2
    assert len(read(write(CLAIM + other, chosen={"<http://e/e>"}))) == 1


def test_a_thing_without_claims_is_refused() -> None:
    with pytest.raises(OutputError, match="no claim to publish"):
        write(CLAIM, chosen={"<http://e/us>"})


def test_a_claim_that_a_blank_node_qualifies_is_left_out_and_reported() -> None:
    exported = write(CLAIM + ":d rdf:subject :town ; rdf:predicate :m ; rdf:object 1 ; :at [ :year 2006 ] .")
    assert [(one.where, one.kind) for one in exported.problems] == [("<http://e/d>", "claims")]
    assert len(read(exported)) == 1


def test_a_dataset_without_licence_is_reported_and_one_without_an_iri_refused() -> None:
    claim = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix : <http://e/> . "
    claim += ":c rdf:subject :city ; rdf:predicate :mayor ; rdf:object :ann ."
    graph = Triples.parse(claim, "turtle")
    with pytest.raises(OutputError, match="the dataset has no IRI"):
        find_form("nanopub").write(DescribedGraph(graph, Triples.empty()))
    exported = find_form("nanopub").write(DescribedGraph(graph, Triples.empty(), about={"@id": "http://e/data"}))
    assert [one.what for one in exported.problems] == ["the dataset has no licence", "the dataset has no creator"]
