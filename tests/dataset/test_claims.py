"""Plain triples come from the best-ranked claims, and rules add what follows."""

from __future__ import annotations

import polars as pl
import pytest

from glocal_rdf.claims.ranking import DEPRECATED, derive_truthy, list_claims
from glocal_rdf.claims.rules import apply_rules
from glocal_rdf.dataset import Build
from glocal_rdf.errors import InputError, QueryError
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import NARROWING

HEAD = """
@prefix : <https://example.org/> .
@prefix g: <https://w3id.org/glocal/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix w: <http://wikiba.se/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def graph(text: str) -> Triples:
    return Triples.parse(HEAD + text, "turtle")


def claim(name: str, object: str, rank: str = "", more: str = "") -> str:
    ranked = f"; w:rank w:{rank}Rank" if rank else ""
    return f":{name} rdf:subject :s ; rdf:predicate :p ; rdf:object {object} {ranked} {more} .\n"


def test_a_normal_claim_gives_its_triple() -> None:
    assert derive_truthy(graph(claim("c", ":o", "Normal"))) == graph(":s :p :o .")


def test_a_claim_without_a_rank_is_normal() -> None:
    assert derive_truthy(graph(claim("c", ":o"))) == graph(":s :p :o .")


def test_two_normal_claims_give_both_triples() -> None:
    assert derive_truthy(graph(claim("c", ":o") + claim("d", ":q"))) == graph(":s :p :o, :q .")


def test_a_preferred_claim_puts_the_normal_ones_on_its_subject_and_predicate_aside() -> None:
    other = ":e rdf:subject :t ; rdf:predicate :p ; rdf:object :o .\n"
    given = graph(claim("c", ":o", "Preferred") + claim("d", ":q", "Normal") + other)
    assert derive_truthy(given) == graph(":s :p :o . :t :p :o .")


def test_a_deprecated_claim_gives_nothing() -> None:
    assert derive_truthy(graph(claim("c", ":o", "Deprecated"))) == Triples.empty()


def test_a_view_that_somebody_holds_gives_nothing() -> None:
    given = graph(claim("c", ":o", "Preferred", "; g:heldBy :critics") + claim("d", ":q"))
    assert derive_truthy(given) == graph(":s :p :q .")


def test_literals_keep_the_form_they_were_written_in() -> None:
    given = graph(claim("c", '"007"^^xsd:integer') + claim("d", '"12.50"^^xsd:decimal') + claim("e", '"台北"@zh-Hant'))
    objects = {term for _, _, term in derive_truthy(given)}
    xsd = "http://www.w3.org/2001/XMLSchema#"
    assert objects == {f'"007"^^<{xsd}integer>', f'"12.50"^^<{xsd}decimal>', '"台北"@zh-Hant'}


def test_a_claim_without_an_object_is_left_out() -> None:
    given = graph(":c rdf:subject :s ; rdf:predicate :p .")
    assert len(list_claims(given)) == 0
    assert derive_truthy(given) == Triples.empty()


def test_rules_run_until_nothing_new_follows() -> None:
    rules = {
        "inverse": "PREFIX : <https://example.org/> CONSTRUCT { ?o :q ?s } WHERE { ?s :p ?o }",
        "chain": "PREFIX : <https://example.org/> CONSTRUCT { ?s :r ?o } WHERE { ?s :q ?o }",
    }
    made = apply_rules(graph(":a :p :b ."), dict(reversed(rules.items())))
    assert made == graph(":b :q :a ; :r :a .")


def test_what_is_known_already_does_not_follow_again() -> None:
    rule = {"same": "PREFIX : <https://example.org/> CONSTRUCT { ?s :p ?o } WHERE { ?s :p ?o }"}
    assert apply_rules(graph(":a :p :b ."), rule) == Triples.empty()


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("CONSTRUCT { ?s ?p } WHERE {", QueryError, r"ontology/rules/x.rq: line 1, column 27: '{' is never closed"),
        ("SELECT * WHERE { ?s ?p ?o }", InputError, "ontology/rules/x.rq: is not a CONSTRUCT query, but SELECT"),
        ('CONSTRUCT { ?s ?p "12.50" } WHERE { ?s ?p ?o }', InputError, "which is not an IRI"),
        ("CONSTRUCT { ?s ?p [] } WHERE { ?s ?p ?o }", InputError, "which is not an IRI"),
    ],
)
def test_a_bad_rule_is_named(text: str, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        apply_rules(graph(":a :p :b ."), {"x": text})


@pytest.mark.parametrize("qualifier", NARROWING)
def test_a_claim_that_is_narrowed_says_nothing_of_the_whole_and_puts_none_aside(qualifier: str) -> None:
    given = graph(claim("c", ":o", "Preferred", f"; g:{qualifier} :limit") + claim("d", ":q"))
    assert derive_truthy(given) == graph(":s :p :q .")


def test_no_statement_of_the_dataset_says_more_than_its_claims(built: Build) -> None:
    """Nothing that only claims with a part, a bound, a quantity or a holder state is in the graph, by rules or not."""
    claims = list_claims(built.triples)
    keys = ["subject", "predicate", "object"]
    whole = claims.filter(~pl.col("narrowed") & (pl.col("rank") != DEPRECATED))
    narrow = claims.filter(pl.col("narrowed")).join(whole, on=keys, how="anti")
    assert narrow.height > 500
    assert narrow.join(built.triples.frame, on=keys, how="semi").select(keys).rows() == []
