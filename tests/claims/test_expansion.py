"""Claims as tables write them become claims as the graph has them."""

from __future__ import annotations

import pytest

from glocal_rdf.claims.expansion import expand_claims
from glocal_rdf.namespaces import Term
from glocal_rdf.triples import Triples

HEAD = """
@prefix : <https://example.org/> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix g: <https://w3id.org/glocal/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix w: <http://wikiba.se/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
NAMES = """
:founded a rdf:Property ; owl:sameAs schema:foundingDate ; rdfs:range edtf:EDTF .
:members a rdf:Property ; owl:sameAs g:memberCount ; rdfs:range xsd:integer .
:share a rdf:Property ; owl:sameAs g:share ; rdfs:range xsd:decimal .
:url a rdf:Property ; owl:sameAs schema:url ; rdfs:range xsd:anyURI .
:on a rdf:Property ; owl:sameAs g:worksOn .
"""
BOUNDS = {">=": Term("<https://example.org/at-least>"), "~": Term("<https://example.org/about>")}


def graph(text: str) -> Triples:
    return Triples.parse(HEAD + text, "turtle")


def claim(predicate: str, value: str, more: str = "") -> str:
    return f":c rdf:subject :s ; rdf:predicate {predicate} ; rdf:object {value} {more} ."


def expand(text: str) -> Triples:
    expansion = expand_claims(graph(NAMES + text), bounds=BOUNDS)
    assert not expansion.faults.height
    return expansion.triples


NORMAL = "; w:rank w:NormalRank"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param(claim(":on", ":o"), claim("g:worksOn", ":o", NORMAL), id="thing"),
        pytest.param(claim(":on", '"a"@en , "b"@fr'), claim("g:worksOn", '"a"@en , "b"@fr', NORMAL), id="text"),
        pytest.param(claim(":url", '"http://x y"'), claim("schema:url", '"http://x y"^^xsd:anyURI', NORMAL), id="url"),
        pytest.param(claim(":members", '"12"'), claim("g:memberCount", "12", NORMAL), id="number"),
        pytest.param(claim(":members", '"-3"'), claim("g:memberCount", "-3", NORMAL), id="negative"),
        pytest.param(claim(":share", '"2.50"'), claim("g:share", '"2.50"^^xsd:decimal', NORMAL), id="decimal"),
        pytest.param(
            claim(":members", '">= 12"'), claim("g:memberCount", "12", f"; g:bound :at-least {NORMAL}"), id="bound"
        ),
        pytest.param(
            claim(":founded", '"2004-06"'),
            claim("schema:foundingDate", '"2004-06"^^xsd:gYearMonth', f'; g:edtf "2004-06"^^edtf:EDTF {NORMAL}'),
            id="exact date",
        ),
        pytest.param(
            claim(":founded", '"199X"'),
            claim(
                "schema:foundingDate",
                '"199X"^^edtf:EDTF',
                '; g:edtf "199X"^^edtf:EDTF ; g:earliestYear "1990"^^xsd:gYear ; g:latestYear "1999"^^xsd:gYear'
                + NORMAL,
            ),
            id="decade",
        ),
        pytest.param(
            claim(":founded", '"-0099~"'),
            claim(
                "schema:foundingDate",
                '"-0099~"^^edtf:EDTF',
                '; g:edtf "-0099~"^^edtf:EDTF ; g:earliestYear "-0099"^^xsd:gYear ; g:latestYear "-0099"^^xsd:gYear'
                + NORMAL,
            ),
            id="about a year before the common era",
        ),
        pytest.param(
            claim(":on", ":o", '; g:time "2006"^^edtf:EDTF'),
            claim("g:worksOn", ":o", f'; g:time "2006"^^edtf:EDTF ; g:pointInTime "2006"^^xsd:gYear {NORMAL}'),
            id="point in time",
        ),
        pytest.param(
            claim(":on", ":o", '; g:time "2005-11/2007"^^edtf:EDTF'),
            claim(
                "g:worksOn",
                ":o",
                '; g:time "2005-11/2007"^^edtf:EDTF ; g:start "2005-11"^^xsd:gYearMonth ; g:end "2007"^^xsd:gYear'
                + NORMAL,
            ),
            id="interval",
        ),
        pytest.param(
            claim(":on", ":o", '; g:time "199X/2007"^^edtf:EDTF'),
            claim(
                "g:worksOn",
                ":o",
                '; g:time "199X/2007"^^edtf:EDTF ; g:end "2007"^^xsd:gYear'
                '; g:earliestYear "1990"^^xsd:gYear ; g:latestYear "2007"^^xsd:gYear' + NORMAL,
            ),
            id="interval that begins in some year",
        ),
        pytest.param(
            claim(":founded", '"[..2005]"', '; g:time "199X"^^edtf:EDTF'),
            claim(
                "schema:foundingDate",
                '"[..2005]"^^edtf:EDTF',
                '; g:edtf "[..2005]"^^edtf:EDTF ; g:time "199X"^^edtf:EDTF ; g:latestYear "2005"^^xsd:gYear' + NORMAL,
            ),
            id="years of the value, not of the time",
        ),
        pytest.param(
            claim(":on", ":o", "; w:rank w:DeprecatedRank"),
            claim("g:worksOn", ":o", "; w:rank w:DeprecatedRank"),
            id="rank",
        ),
        pytest.param(
            claim(":on", ":o") + ':d rdf:predicate schema:url ; rdf:object "12" .',
            claim("g:worksOn", ":o", NORMAL) + f':d rdf:predicate schema:url ; rdf:object "12" {NORMAL} .',
            id="predicate in full",
        ),
    ],
)
def test_a_claim_is_expanded(written: str, meant: str) -> None:
    assert expand(written) == graph(meant)


def test_what_is_no_claim_keeps_its_times_and_its_properties() -> None:
    own = graph(':quake g:time "17:40:00" . <urn:v:since> a rdf:Property ; owl:sameAs schema:startDate .')
    expansion = expand_claims(own)
    assert (expansion.triples, expansion.faults.height) == (own, 0)
    among_claims = expand(own.serialize("ntriples").decode() + claim(":on", ":theme"))
    assert not len(own.difference(among_claims))


def test_a_label_of_a_short_name_is_not_lost() -> None:
    label = ':on rdfs:label "works on"@en .'
    assert not len(graph(label).difference(expand(label + claim(":on", ":theme"))))


def test_a_graph_without_short_names_stays_as_it_is() -> None:
    for text in ("", claim("g:memberCount", '"12"'), ":a owl:sameAs :b ."):
        assert expand_claims(graph(text)).triples == graph(text)


@pytest.mark.parametrize(
    ("written", "what"),
    [
        (claim(":founded", '"199O"'), "'199O' is not a date (EDTF)"),
        (claim(":founded", '"2023-02-29"'), "'2023-02-29' has a day that is not in the calendar"),
        (claim(":members", '"twelve"'), "'twelve' is not a whole number"),
        (claim(":members", '"12.5"'), "'12.5' is not a whole number"),
        (claim(":members", '"<= 12"'), "'<= 12' is not a whole number"),
        (claim(":share", '"1,5"'), "'1,5' is not a number"),
        (claim(":on", '"12"'), "'12' is the value of a predicate that has no range"),
        (claim(":on", ":o", '; g:time "2010/2005"^^edtf:EDTF'), "'2010/2005' ends before it starts"),
    ],
)
def test_what_cannot_be_expanded_is_a_fault(written: str, what: str) -> None:
    faults = expand_claims(graph(NAMES + written), bounds=BOUNDS).faults
    assert faults["what"].to_list() == [what]
    assert faults["hint"][0]


def test_what_is_derived_leads_to_what_it_was_made_from() -> None:
    text = NAMES + claim(":members", '">=12"', '; g:time "2006"^^edtf:EDTF')
    origins = expand_claims(graph(text), bounds=BOUNDS).origins
    made = {(row["predicate"].rpartition("#")[2], row["from_object"]) for row in origins.iter_rows(named=True)}
    assert made == {
        ("predicate>", "<https://example.org/members>"),
        ("object>", '">=12"'),
        ("bound>", '">=12"'),
        ("pointInTime>", '"2006"^^<http://id.loc.gov/datatypes/edtf/EDTF>'),
    }


def test_the_terms_may_be_those_of_a_project() -> None:
    own = {name: Term(f"<https://example.org/{name}>") for name in ("time", "start", "end")}
    written = '; :time "1970/"^^edtf:EDTF'
    expansion = expand_claims(graph(claim(":p", ":o", written)), own)
    assert expansion.triples == graph(claim(":p", ":o", f'{written} ; :start "1970"^^xsd:gYear'))
