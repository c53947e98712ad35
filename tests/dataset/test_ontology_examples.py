"""The examples of the ontology show each pattern whole, are true of the documents, and consistent with it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import urldefrag

import owlrl
import pytest
from conftest import ROOT
from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, PROV, SH

from glocal_rdf import shacl
from glocal_rdf.claims import rules
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import NARROWING

GLOCAL = Namespace("https://w3id.org/glocal/ontology#")
ID = Namespace("https://w3id.org/glocal/id/")
OA = Namespace("http://www.w3.org/ns/oa#")
WIKIBASE = Namespace("http://wikiba.se/ontology#")
EXAMPLES = sorted((ROOT / "ontology" / "examples").glob("*.ttl"))
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#ErrorMessage")


def read(*paths: Path) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return read(ROOT / "ontology" / "glocal.ttl")


def close(graph: Graph) -> list[str]:
    """Close a graph under OWL 2 RL; return what is inconsistent in it. Annotations entail nothing and are left out."""
    notes = set(graph.subjects(RDF.type, OWL.AnnotationProperty)) | {RDFS.label, RDFS.isDefinedBy}
    closed = Graph()
    for triple in graph:
        if triple[1] not in notes:
            closed.add(triple)
    semantics = owlrl.OWLRL_Semantics
    owlrl.DeductiveClosure(semantics, axiomatic_triples=False, datatype_axioms=False).expand(closed)
    clashes = [str(text) for node in closed.subjects(RDF.type, ERROR) for text in closed.objects(node)]
    return clashes + [f"{node} is nothing" for node in closed.subjects(RDF.type, OWL.Nothing)]


def test_there_is_an_example_of_each_pattern() -> None:
    names = " ".join(path.stem for path in EXAMPLES)
    for pattern in ("membership", "count", "contradiction", "merger", "twinning", "passage", "view", "correction"):
        assert pattern in names


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_reads_the_same_here_and_in_rdflib(path: Path) -> None:
    assert Triples.read(path).is_isomorphic(Triples.from_rdflib(read(path)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_whole(path: Path, ontology: Graph) -> None:
    graph = read(path)
    declared = set(ontology.subjects(RDF.type))
    terms = {*graph.predicates(), *graph.objects(None, RDF.type), *graph.objects(None, RDF.predicate)}
    assert {term for term in terms - declared if not str(term).startswith(str(RDF))} == set()
    for thing in {node for node in graph.objects() if str(node).startswith(str(ID))}:
        assert thing in declared or (thing, RDF.type, None) in graph, f"{thing} is not described"
    for claim in graph.subjects(RDF.type, GLOCAL.Claim):
        for predicate in (RDF.subject, RDF.predicate, RDF.object, PROV.wasDerivedFrom, WIKIBASE.rank):
            assert len(list(graph.objects(claim, predicate))) == 1, f"{claim} {predicate}"
        stated = all((claim, GLOCAL[name], None) not in graph for name in NARROWING)
        stated &= (claim, WIKIBASE.rank, WIKIBASE.DeprecatedRank) not in graph
        s, p, o = (graph.value(claim, part) for part in (RDF.subject, RDF.predicate, RDF.object))
        assert stated == ((s, p, o) in graph), f"{claim} and its plain triple"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_examples_passages_are_in_the_documents(path: Path, documents: Path) -> None:
    graph = read(path)
    for passage in graph.subjects(RDF.type, GLOCAL.Passage):
        source, fragment = urldefrag(str(passage))
        assert graph.value(passage, OA.hasSource) == URIRef(source)
        raw = (documents / str(graph.value(URIRef(source), DCTERMS.identifier))).read_bytes()
        start, end = (int(number) for number in fragment.removeprefix("char=").split(","))
        selector = graph.value(passage, OA.hasSelector)
        assert [str(graph.value(selector, edge)) for edge in (OA.start, OA.end)] == [str(start), str(end)]
        text = raw.decode("utf-8")
        assert str(graph.value(URIRef(source), GLOCAL.characters)) == str(len(text))
        for node, data in ((passage, text[start:end].encode()), (URIRef(source), raw)):
            digest = graph.value(node, GLOCAL.sha256)
            assert isinstance(digest, Literal)
            assert str(digest) == hashlib.sha256(data).hexdigest()
        for claim in graph.subjects(PROV.wasDerivedFrom, passage):
            for written in graph.objects(claim, GLOCAL.asWritten):
                assert str(written) in text[start:end]


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_breaks_no_shape(path: Path, project: Project) -> None:
    known = Triples.read(path).union(project.ontology).distinct()
    whole = known.union(rules.apply_rules(known, project.rules)).distinct()
    report = shacl.validate(whole, project.shapes, ontology=project.ontology)
    violations = [result for result in report.results if result.severity == f"<{SH.Violation}>"]
    assert [(result.focus, result.messages) for result in violations] == []


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_the_ontology_and_its_examples_are_consistent_under_owl_2_rl(ontology: Graph) -> None:
    assert close(ontology + read(*EXAMPLES)) == []


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_mistakes_make_it_inconsistent(ontology: Graph) -> None:
    mistakes = """
        <city-and-office> a glocal:City , glocal:GovernmentBody .
        <counts-members-and-sisters> glocal:memberCount 3 ; glocal:sisterCityCount 3 .
        <twin-network> a glocal:CityNetwork . <place/a> glocal:twinnedWith <twin-network> .
        <passage-with-a-role> a glocal:Passage ; glocal:role "member"@en .
        <merged-country> a glocal:Country . <organization/a> glocal:mergedInto <merged-country> .
        """
    wrong = Graph().parse(data=f"@prefix glocal: <{GLOCAL}> .{mistakes}", format="turtle", publicID=str(ID))
    told = " ".join(close(ontology + wrong))
    names = re.findall(r"<([a-z-]+)> a|<([a-z-]+)> glocal", mistakes)
    assert [name for pair in names for name in pair if name and name not in told] == []
