"""Readers of W3C ORG find memberships with member, organization, role and interval."""

from __future__ import annotations

from glocal_rdf import ask
from glocal_rdf.claims.memberships import derive_intervals
from glocal_rdf.dataset import Build
from glocal_rdf.triples import Triples

HEAD = """
@base <https://example.org/> .
@prefix g: <https://w3id.org/glocal/ontology#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix schema: <http://schema.org/> .
@prefix time: <http://www.w3.org/2006/time#> .
@prefix w: <http://wikiba.se/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def graph(text: str) -> Triples:
    return Triples.parse(HEAD + text, "turtle")


def derive(qualifiers: str, predicate: str = "org:memberOf") -> Triples:
    claim = f"<m> rdf:subject <a> ; rdf:predicate {predicate} ; rdf:object <o> {qualifiers} ."
    return derive_intervals(graph(claim), "https://example.org/")


def test_a_membership_from_a_month_has_an_interval_that_begins_in_it() -> None:
    assert derive('; g:start "2005-11"^^xsd:gYearMonth') == graph(
        """<m> org:memberDuring <interval/from-2005-11> .
        <interval/from-2005-11> a time:Interval ; time:hasBeginning <instant/2005-11> .
        <instant/2005-11> a time:Instant ; time:inXSDgYearMonth "2005-11"^^xsd:gYearMonth ."""
    )


def test_a_membership_between_two_dates_has_both_ends() -> None:
    assert derive('; g:start "2004"^^xsd:gYear ; g:end "2006-01-31"^^xsd:date', "schema:worksFor") == graph(
        """<m> org:memberDuring <interval/from-2004-to-2006-01-31> .
        <interval/from-2004-to-2006-01-31> a time:Interval ;
            time:hasBeginning <instant/2004> ; time:hasEnd <instant/2006-01-31> .
        <instant/2004> a time:Instant ; time:inXSDgYear "2004"^^xsd:gYear .
        <instant/2006-01-31> a time:Instant ; time:inXSDDate "2006-01-31"^^xsd:date ."""
    )


def test_what_is_no_stated_membership_has_no_interval() -> None:
    since = '; g:start "2005"^^xsd:gYear'
    assert len(derive('; g:pointInTime "2006"^^xsd:gYear')) == 0
    assert len(derive(f"{since} ; w:rank w:DeprecatedRank")) == 0
    assert len(derive(f"{since} ; g:heldBy <x>")) == 0
    assert len(derive(since, "g:worksOn")) == 0


def test_the_dataset_answers_a_reader_of_org(built: Build) -> None:
    """A query in terms of ORG and OWL-Time alone."""
    query = """SELECT ?member ?month WHERE {
        ?member a foaf:Agent ; org:hasMembership ?membership .
        ?membership a org:Membership ; org:role/skos:prefLabel "founding county or city"@en ;
            org:organization/skos:prefLabel "Northern Taiwan Regional Development Committee"@en ;
            org:memberDuring/time:hasBeginning/time:inXSDgYearMonth ?month }"""
    rows = ask(built, query).serialize("csv").decode().splitlines()[1:]
    assert len(rows) == 5
    assert {row.rpartition(",")[2] for row in rows} == {"2005-11"}


def test_every_membership_is_whole(built: Build) -> None:
    """Each has a member that is an agent and leads back to it, and one organization."""
    query = """SELECT ?membership WHERE {
        ?membership a org:Membership .
        FILTER NOT EXISTS {
            ?membership org:member ?member ; org:organization ?organization .
            ?member a foaf:Agent ; org:hasMembership ?membership . ?organization a org:Organization
        } }"""
    assert ask(built, query).serialize("csv").decode().splitlines() == ["membership"]
