"""Each rule of the ontology, on the smallest graph that shows it: what is given, and what follows."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from glocal_rdf import Build
from glocal_rdf.claims.rules import apply_rules, infer_triples
from glocal_rdf.triples import Triples

RULES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "ontology" / "rules").glob("*.rq"))}
PREFIXES = """
@base <https://w3id.org/glocal/id/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix glocal: <https://w3id.org/glocal/ontology#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix wikibase: <http://wikiba.se/ontology#> .
"""
MEMBERSHIP = "<claim/m> rdf:subject <place/taipei> ; rdf:predicate org:memberOf ; rdf:object <organization/uclg> "

# rule, what is given, what follows from that and the ontology
CASES = [
    pytest.param(
        "inverse",
        "<place/taipei> org:memberOf <organization/uclg> .",
        "<organization/uclg> org:hasMember <place/taipei> .",
        id="a member's network has that member",
    ),
    pytest.param(
        "inverse",
        "<organization/uto> glocal:mergedInto <organization/uclg> .",
        "<organization/uclg> glocal:mergedFrom <organization/uto> .",
        id="the other name of the pair, the other way",
    ),
    pytest.param(
        "inverse",
        "<theme/globalization> glocal:hasCause <theme/deregulation> . <theme/b> skos:broader <theme/a> .",
        "<theme/deregulation> glocal:hasEffect <theme/globalization> . <theme/a> skos:narrower <theme/b> .",
        id="causes have effects and broader concepts narrower ones",
    ),
    pytest.param("inverse", "<place/taipei> glocal:sisterCityCount 45 .", "", id="a property without an inverse"),
    pytest.param(
        "symmetric",
        "<place/taipei> glocal:sisterCity <place/houston> . <place/kaohsiung> glocal:sisterPort <place/san-diego> .",
        "<place/houston> glocal:sisterCity <place/taipei> . <place/san-diego> glocal:sisterPort <place/kaohsiung> .",
        id="a twinning binds both",
    ),
    pytest.param(
        "symmetric",
        "<claim/a> glocal:contradicts <claim/b> .",
        "<claim/b> glocal:contradicts <claim/a> .",
        id="a contradiction is mutual",
    ),
    pytest.param("symmetric", "<place/taipei> org:memberOf <organization/uclg> .", "", id="a membership is one-sided"),
    pytest.param(
        "subproperty",
        "<place/taipei> glocal:sisterCity <place/houston> . <place/taipei> glocal:partnerCity <place/seoul> .",
        "<place/taipei> glocal:twinnedWith <place/houston> , <place/seoul> .",
        id="every kind of twinning is a twinning",
    ),
    pytest.param(
        "subproperty",
        "<organization/uclg> glocal:seat <place/barcelona> ; glocal:memberCount 1000 .",
        "<organization/uclg> schema:location <place/barcelona> .",
        id="a seat is a location, and literals stay as they stand",
    ),
    pytest.param(
        "superclass",
        "<organization/iclei> a glocal:CityNetwork .",
        "<organization/iclei> a glocal:Organization .",
        id="one step up",
    ),
    pytest.param(
        "superclass",
        "<theme/peace> a glocal:Theme .",
        "<theme/peace> a skos:Concept .",
        id="a restriction is no class to be typed with",
    ),
    pytest.param(
        "scheme",
        "<theme/peace> a glocal:Theme . <impact/a> a glocal:Impact .",
        "<theme/peace> skos:inScheme <scheme/theme> . <impact/a> skos:inScheme <scheme/impact> .",
        id="a concept is in the scheme of its kind",
    ),
    pytest.param("scheme", "<place/taipei> a glocal:City .", "", id="a city is in none"),
    pytest.param(
        "top-concept",
        "<theme/a> skos:inScheme <scheme/theme> . <theme/b> skos:inScheme <scheme/theme> ; skos:broader <theme/a> .",
        "<theme/a> skos:topConceptOf <scheme/theme> .",
        id="what stands under nothing is on top",
    ),
    pytest.param(
        "top-concept",
        "<theme/b> skos:inScheme <scheme/theme> . <theme/a> skos:narrower <theme/b> .",
        "",
        id="a hierarchy stated from above counts too",
    ),
    pytest.param(
        "top-concept",
        "<theme/a> skos:inScheme <scheme/theme> ; owl:deprecated true .",
        "",
        id="what was given up is not on top",
    ),
    pytest.param(
        "membership",
        MEMBERSHIP + "; wikibase:rank wikibase:NormalRank .",
        """<claim/m> a org:Membership ; org:member <place/taipei> ; org:organization <organization/uclg> .
        <place/taipei> a foaf:Agent ; org:hasMembership <claim/m> .""",
        id="a claim of membership is a membership",
    ),
    pytest.param("membership", MEMBERSHIP + "; wikibase:rank wikibase:DeprecatedRank .", "", id="not when deprecated"),
    pytest.param("membership", MEMBERSHIP + "; glocal:heldBy <organization/x> .", "", id="not when somebody's view"),
    pytest.param(
        "membership",
        "<claim/s> rdf:subject <place/taipei> ; rdf:predicate glocal:sisterCity ; rdf:object <place/houston> .",
        "",
        id="not when of something else",
    ),
    pytest.param("membership", MEMBERSHIP + "; glocal:appliesTo <place/x> .", "", id="not when of a part"),
    pytest.param(
        "membership",
        "<claim/w> rdf:subject <person/a> ; rdf:predicate schema:worksFor ; rdf:object <organization/wto> .",
        """<claim/w> a org:Membership ; org:member <person/a> ; org:organization <organization/wto> .
        <person/a> a foaf:Agent ; org:hasMembership <claim/w> .""",
        id="who works for an organization has a membership too",
    ),
    pytest.param(
        "role",
        """<claim/m> a org:Membership ; glocal:role "founding member"@en , "共同發起"@zh-Hant .
        <claim/n> a org:Membership ; glocal:role "joined later"@en . <claim/o> glocal:role "founding member"@en .""",
        "<claim/m> org:role <classification/role-founding-member> .",
        id="words that name a role, and others that do not",
    ),
    pytest.param(
        "shortcut",
        """<place/taipei> org:memberOf <organization/uclg> . <organization/a> org:subOrganizationOf <organization/b> .
        <publication/p> schema:about <theme/t> .""",
        """<place/taipei> schema:memberOf <organization/uclg> .
        <organization/a> schema:parentOrganization <organization/b> . <publication/p> dcterms:subject <theme/t> .""",
        id="in terms of schema.org and DCMI",
    ),
    pytest.param(
        "statement", "<claim/a> a glocal:Claim .", "<claim/a> a rdf:Statement .", id="a claim is an RDF statement"
    ),
]


def parse(text: str) -> Triples:
    return Triples.parse(PREFIXES + text, "turtle")


@pytest.fixture(scope="module")
def ontology() -> Triples:
    return Triples.read(ROOT / "ontology" / "glocal.ttl")


@pytest.fixture(scope="module")
def from_ontology(ontology: Triples) -> Triples:
    """What the rules make of the ontology alone: types of its fixed classifications and the like."""
    return apply_rules(ontology, RULES)


def once(rule: str, graph: Triples) -> Triples:
    """What a rule makes in one go."""
    made = graph.to_store().query(RULES[rule])
    return Triples.from_terms([tuple(map(str, triple)) for triple in made]).distinct()  # type: ignore[misc, union-attr]


@pytest.mark.parametrize(("rule", "given", "expected"), CASES)
def test_a_rule_makes_this_and_nothing_else(rule: str, given: str, expected: str, ontology: Triples) -> None:
    graph = parse(given)
    made = once(rule, graph.union(ontology)).difference(once(rule, ontology)).difference(graph)
    if rule == "superclass":  # the ontology's whole chain is the next test's; here the nearest step
        made = made.intersection(parse(expected))
    assert set(made) == set(parse(expected))


def test_every_rule_has_a_case() -> None:
    assert {case.values[0] for case in CASES} == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_what_it_does_and_why(rule: str) -> None:
    head = RULES[rule].partition("PREFIX")[0]
    assert re.match(r"# title: \S.+\n# reason: \S.+\n", head)
    assert all(line.startswith("#") for line in head.splitlines() if line)
    assert "CONSTRUCT" in RULES[rule]


def test_together_they_lead_a_network_up_to_every_wider_kind(ontology: Triples, from_ontology: Triples) -> None:
    made = apply_rules(ontology.union(parse("<organization/iclei> a glocal:CityNetwork .")), RULES)
    wider = "<organization/iclei> a glocal:Organization , org:Organization , schema:Organization ."
    assert set(made.difference(from_ontology)) == set(parse(wider))


def test_together_they_tell_a_merger_from_every_side(ontology: Triples, from_ontology: Triples) -> None:
    made = apply_rules(ontology.union(parse("<organization/uclg> glocal:mergedFrom <organization/uto> .")), RULES)
    follows = """<organization/uclg> glocal:predecessor <organization/uto> ; dcterms:replaces <organization/uto> .
        <organization/uto> glocal:mergedInto <organization/uclg> ; glocal:replacedBy <organization/uclg> ;
            dcterms:isReplacedBy <organization/uclg> ."""
    assert set(made.difference(from_ontology)) == set(parse(follows))


def test_together_they_put_an_outline_into_its_scheme(ontology: Triples, from_ontology: Triples) -> None:
    outline = parse("<trend/a> a glocal:Trend . <trend/b> a glocal:Trend ; skos:broader <trend/a> .")
    follows = """<trend/a> a skos:Concept ; skos:inScheme <scheme/trend> ; skos:topConceptOf <scheme/trend> ;
            skos:narrower <trend/b> .
        <trend/b> a skos:Concept ; skos:inScheme <scheme/trend> .
        <scheme/trend> skos:hasTopConcept <trend/a> ."""
    assert set(apply_rules(ontology.union(outline), RULES).difference(from_ontology)) == set(parse(follows))


def test_the_order_of_the_rules_does_not_matter(ontology: Triples) -> None:
    given = """<place/taipei> a glocal:City ; glocal:sisterCity <place/houston> ; org:memberOf <organization/uclg> .
        <impact/a> a glocal:Impact . <impact/b> a glocal:Impact ; skos:broader <impact/a> ; glocal:hasCause <impact/a> .
        <claim/m> a glocal:Claim ; rdf:subject <place/taipei> ; rdf:predicate org:memberOf ;
            rdf:object <organization/uclg> ; glocal:contradicts <claim/n> ."""
    graph = ontology.union(parse(given))
    backwards = dict(reversed(RULES.items()))
    assert set(apply_rules(graph, RULES)) == set(apply_rules(graph, backwards))


def test_the_rules_settle_and_make_only_triples_of_things(ontology: Triples, from_ontology: Triples) -> None:
    assert len(apply_rules(ontology.union(from_ontology), RULES)) == 0
    assert all(term.startswith("<") for triple in from_ontology for term in triple)


def test_the_rules_infer_from_the_dataset_what_a_store_infers(built: Build) -> None:
    """All rules of the ontology are evaluated on columns; a condition that columns leave to a store changes nothing."""
    made, store = infer_triples(built._known, RULES)
    assert store is None
    assert set(made) == set(built.inferred)
    stored = {name: f"{text.rstrip()[:-1]}  FILTER (STRLEN('') = 0)\n}}" for name, text in RULES.items()}
    again, store = infer_triples(built._known, stored)
    assert store is not None
    assert len(made) == len(again) > 10_000
    assert set(made) == set(again)
