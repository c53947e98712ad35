"""The shape of signatures has what the claims use, and reports a claim that joins other kinds."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest
import signatures
from conftest import ROOT

from glocal_rdf import shacl
from glocal_rdf.claims.ranking import OBJECT, SUBJECT, list_claims
from glocal_rdf.dataset import Build
from glocal_rdf.triples import Triples

HEAD = """
@base <https://w3id.org/glocal/id/> .
@prefix classification: <https://w3id.org/glocal/id/classification/> .
@prefix glocal: <https://w3id.org/glocal/ontology#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix schema: <http://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<claim/c> a glocal:Claim ;
"""
CASES = [
    pytest.param("<organization/office> glocal:worksOn <theme/water>", True, id="a body works on a theme"),
    pytest.param("<theme/water> glocal:worksOn <organization/office>", False, id="exchanged"),
    pytest.param("<organization/office> glocal:worksOn <trend/growth>", False, id="a value of a neighbouring kind"),
    pytest.param("<trend/growth> glocal:concerns <theme/water>", True, id="a trend concerns a theme"),
    pytest.param("<trend/growth> glocal:worksOn <theme/water>", False, id="a neighbouring predicate"),
    pytest.param("<place/taipei> org:memberOf <organization/league>", True, id="a city is a member"),
    pytest.param("<organization/league> org:memberOf <place/taipei>", False, id="a network is not a city's member"),
    pytest.param("<organization/league> schema:foundingDate '1990'^^xsd:gYear", True, id="founded in a year"),
    pytest.param("<organization/league> schema:foundingDate 1990", False, id="founded in a number"),
    pytest.param("<organization/league> glocal:task classification:thematic-task", True, id="a task"),
    pytest.param("<organization/league> glocal:task classification:about", False, id="a value of another axis"),
]


@cache
def read_signatures() -> Triples:
    return Triples.read(signatures.FILE)


@cache
def read_world() -> Triples:
    return Triples.read(ROOT / "tests" / "shapes" / "base.ttl").union(Triples.read(ROOT / "ontology" / "glocal.ttl"))


@pytest.mark.parametrize(("claimed", "expected"), CASES)
@pytest.mark.parametrize("engine", ["columns", pytest.param("pyshacl", marks=pytest.mark.peer)])
def test_a_claim_of_other_kinds_is_reported(claimed: str, expected: bool, engine: str) -> None:
    subject, predicate, value = claimed.split(" ", 2)
    claim = f"rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value} ."
    types = read_world().match(predicate="<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>")
    above = read_world().match(predicate="<http://www.w3.org/2004/02/skos/core#broader>")
    up = read_world().match(predicate="<http://www.w3.org/2000/01/rdf-schema#subClassOf>")
    claims = Triples.empty().union(*(types.match(object=f"<{signatures.PREFIXES['glocal']}Claim>"),))
    data = types.difference(claims).union(above, up, Triples.parse(HEAD + claim, "turtle"))
    report = shacl.validate(data, read_signatures(), ontology=up, engine=engine)
    assert report.conforms is expected


def test_the_list_is_what_the_claims_use(built: Build) -> None:
    """`python tests/signatures.py` brings it up to date."""
    text = signatures.FILE.read_text("utf-8")
    assert signatures.update(text, signatures.find_signatures(built.with_ontology)) == text


@pytest.mark.slow
def test_exchanged_subjects_and_values_are_reported(built: Build) -> None:
    """All are, but where the claims join the two kinds in both directions, or the kinds are the same."""
    triples = built.with_ontology
    each = signatures.list_signatures(triples)
    used = {signature for _, signature in each}
    between = list_claims(triples).filter(pl.col("object").str.starts_with("<"))
    parts = [
        between.select(subject="claim", predicate=pl.lit(name), object=column)
        for name, column in ((SUBJECT, "object"), (OBJECT, "subject"))
    ]
    rest = ~(pl.col("subject").is_in(between["claim"].implode()) & pl.col("predicate").is_in([SUBJECT, OBJECT]))
    slips = Triples(pl.concat([triples.frame.filter(rest), *parts]))
    report = shacl.validate(slips, read_signatures(), ontology=built.project.ontology)
    found = {result.focus for result in report.results}
    one_way = {claim for claim, (s, p, o) in each if claim in set(between["claim"]) and (o, p, s) not in used}
    assert one_way - found == set()
    unlike = {claim for claim, (s, _, o) in each if claim in set(between["claim"]) and s != o}
    assert len(found & unlike) / len(unlike) > 0.8
