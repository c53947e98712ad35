"""An OWL 2 DL reasoner (HermiT) finds the ontology and the whole built graph consistent, and mistakes not.

HermiT is a Java program that owlready2 brings along; what it is given is written by us. It reasons over every axiom of
the ontology and every statement of the graph (tables, links, claims, what follows by rules) whose predicate the
ontology declares as a property of things or of values. Left out is what bears no axiom or what OWL 2 does not let
axioms speak of:

- annotations (labels, notes, mappings) and the record of who made a mapping;
- `rdf:subject`, `rdf:predicate`, `rdf:object` and the class `rdf:Statement`, which OWL 2 reserves; what the
  claims say is here as the plain triples derived from them.

Dates that OWL 2 has no datatype for (`xsd:gYear`, `xsd:gYearMonth`, `xsd:date`, EDTF) are given as text: no axiom
speaks of their kind, and text is as little a number as they are, so that a date in the place of a number is still
found.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from glocal_rdf import Build
from glocal_rdf.triples import Triples

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = f"<{RDF}type>"
PREFIXES = f"@prefix glocal: <https://w3id.org/glocal/ontology#> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> ."
PREFIXES += f"@prefix schema: <http://schema.org/> . @prefix xsd: <{XSD}> . @base <https://w3id.org/glocal/id/> ."
NO_DATATYPE = rf"\^\^<(?:{XSD}(?:gYear|gYearMonth|date)|http://id.loc.gov/datatypes/edtf/EDTF)>$"

pytestmark = pytest.mark.reasoner

Reason = Callable[[Triples], tuple[bool, list[str]]]
"""Tells of a graph whether it is consistent, and which of its classes can have no member."""


@pytest.fixture(scope="module")
def reason(tmp_path_factory: pytest.TempPathFactory) -> Reason:
    """HermiT; without Java, which Debian has as default-jre-headless, there is none, and under CI=true that fails."""
    java = shutil.which("java")
    if java is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no java; install default-jre-headless")
        pytest.skip("there is no java; install default-jre-headless to run the OWL reasoner")
    package = find_spec("owlready2")
    assert package is not None, "the test extra installs owlready2"
    assert package.origin is not None
    jar = Path(package.origin).parent / "hermit" / "HermiT.jar"
    file = tmp_path_factory.mktemp("reasoner") / "graph.rdf"
    command = [
        java,
        "-Xmx2g",
        "-XX:+UseSerialGC",  # a run is short: one collector and one compiler do
        "-XX:TieredStopAtLevel=1",
        "-cp",
        str(jar),
        "org.semanticweb.HermiT.cli.CommandLine",
        "-k",
        "-U",
        "-N",
        file.as_uri(),
    ]

    def runs(graph: Triples) -> tuple[bool, list[str]]:
        graph.write(file)
        ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        if "InconsistentOntologyException" in ran.stderr:
            return False, []
        assert f"{OWL}Thing is satisfiable." in ran.stdout, ran.stdout + ran.stderr
        _, _, empty = ran.stdout.partition(f"Classes equivalent to '{OWL}Nothing':")
        return True, [iri for iri in re.findall(r"^\t<?([^>\s]+)>?$", empty, re.MULTILINE) if iri != f"{OWL}Nothing"]

    return runs


def read_axioms(ontology: Triples) -> Triples:
    """The ontology without its annotations."""
    kinds = ontology.match(predicate=TYPE, object=f"<{OWL}AnnotationProperty>").frame["subject"].to_list()
    notes = [*kinds, *(f"<{RDFS}{name}>" for name in ("label", "comment", "seeAlso", "isDefinedBy"))]
    return Triples(ontology.frame.filter(~pl.col("predicate").is_in(notes)))


def read_facts(graph: Triples, ontology: Triples) -> Triples:
    """The statements of a graph that axioms can speak of."""

    def declared(*kinds: str) -> list[str]:
        return [term for kind in kinds for term, _, _ in ontology.match(predicate=TYPE, object=f"<{OWL}{kind}>")]

    typed = (pl.col("predicate") == TYPE) & pl.col("object").is_in(declared("Class"))
    said = pl.col("predicate").is_in(declared("ObjectProperty", "DatatypeProperty"))
    facts = graph.frame.filter(typed | said)
    return Triples(facts.with_columns(pl.col("object").str.replace(NO_DATATYPE, "")))


@pytest.fixture(scope="module")
def whole(built: Build) -> Triples:
    ontology = built.project.ontology
    return read_axioms(ontology).union(read_facts(built.triples, ontology)).distinct()


def test_most_of_the_graph_is_reasoned_over(built: Build, whole: Triples) -> None:
    facts = read_facts(built.triples, built.project.ontology)
    for predicate in ("seat", "quantity", "pointInTime", "start", "hasCause", "heldBy", "contradicts"):
        term = f"<https://w3id.org/glocal/ontology#{predicate}>"
        assert len(facts.match(predicate=term)) == len(built.triples.match(predicate=term)) > 0
    assert len(facts) > len(built.triples) / 2
    assert len(whole) > len(facts)


@pytest.mark.slow
@pytest.mark.timeout(110)
def test_ontology_and_data_are_consistent_and_every_class_can_have_members(reason: Reason, whole: Triples) -> None:
    assert reason(whole) == (True, [])


@pytest.mark.slow
@pytest.mark.timeout(110)
def test_a_mistake_in_the_data_is_found(reason: Reason, whole: Triples) -> None:
    """A network is said to come from a merger of Taipei, which by the range of the property is an organization too."""
    mistake = "<organization/uclg> glocal:mergedFrom <place/taipei> ."
    assert reason(whole.union(Triples.parse(f"{PREFIXES} {mistake}", "turtle"))) == (False, [])


@pytest.mark.slow
@pytest.mark.timeout(110)
@pytest.mark.parametrize(
    "mistake",
    [
        "<place/a> a glocal:City , glocal:GovernmentBody .",
        "<claim/a> a glocal:Claim ; glocal:contradicts <organization/a> . <organization/a> a glocal:Company .",
        '<organization/a> glocal:memberCount "2006" .',
        "<place/a> glocal:sisterCity <theme/a> . <theme/a> a glocal:Theme .",
    ],
    ids=["city-and-office", "claim-against-a-company", "date-for-a-number", "twinned-with-a-theme"],
)
def test_a_mistake_is_found(reason: Reason, built: Build, mistake: str) -> None:
    axioms = read_axioms(built.project.ontology)
    assert reason(axioms.union(Triples.parse(f"{PREFIXES} {mistake}", "turtle"))) == (False, [])


@pytest.mark.slow
@pytest.mark.timeout(110)
def test_a_class_that_can_have_no_member_is_found(reason: Reason, built: Build) -> None:
    axioms = read_axioms(built.project.ontology)
    empty = "glocal:CityState a owl:Class ; rdfs:subClassOf glocal:City , glocal:Organization ."
    found = reason(axioms.union(Triples.parse(f"{PREFIXES} {empty}", "turtle")))
    assert found == (True, ["https://w3id.org/glocal/ontology#CityState"])
