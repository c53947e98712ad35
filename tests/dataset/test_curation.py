"""What the curators say of things, and no document does, is claimed by them."""

from __future__ import annotations

import polars as pl
import pytest
from conftest import Run

from glocal_rdf.claims.curation import BROADER, ONE, SEVERAL, derive_curated
from glocal_rdf.claims.ranking import DEPRECATED, list_claims
from glocal_rdf.dataset import Build
from glocal_rdf.namespaces import Term
from glocal_rdf.triples import Triples

HEAD = """
@base <https://example.org/> .
@prefix g: <https://w3id.org/glocal/ontology#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix w: <http://wikiba.se/ontology#> .
"""
CURATOR = Term("<https://example.org/us>")
SOME = (
    '<claim/c> rdf:subject <theme/a> ; rdf:predicate skos:prefLabel ; rdf:object "甲"@zh-Hant ; w:rank w:NormalRank .'
)
KEYS = ["subject", "predicate", "object"]


def graph(text: str) -> Triples:
    return Triples.parse(HEAD + text, "turtle")


def derive(text: str) -> set[tuple[str, str, str]]:
    """Derive the claims of a small graph, as what they state."""
    made = derive_curated(graph(SOME + text), [CURATOR], "https://example.org/")
    return {(s, p, o) for s, p, o in list_claims(made).select(KEYS).iter_rows()}


def stated(text: str) -> set[tuple[str, str, str]]:
    return set(graph(text))


def test_a_name_that_no_claim_states_is_the_curators() -> None:
    text = '<theme/a> skos:prefLabel "a"@en , "甲"@zh-Hant .'
    assert derive(text) == stated('<theme/a> skos:prefLabel "a"@en .')


def test_a_claim_of_the_curators_is_whole() -> None:
    made = derive_curated(
        graph(f'{SOME} <theme/b> skos:prefLabel "b"@en , "乙"@zh-Hant .'), [CURATOR], "https://example.org/"
    )
    assert made == graph(
        """<claim/theme-b-prefLabel-curators> a g:Claim ; rdf:subject <theme/b> ; rdf:predicate skos:prefLabel ;
        rdf:object "b"@en , "乙"@zh-Hant ; prov:wasAttributedTo <us> ; w:rank w:NormalRank ."""
    )


def test_a_claim_of_several_curators_is_attributed_to_each() -> None:
    text = f'{SOME} <theme/b> skos:prefLabel "b"@en .'
    one, other = (Term(f"<https://example.org/{name}>") for name in ("us", "them"))
    made = derive_curated(graph(text), [one, other], "https://example.org/")
    assert made.union(derive_curated(graph(text), [one], "https://example.org/")) == made
    assert {s for _, _, s in made.match(predicate="<http://www.w3.org/ns/prov#wasAttributedTo>")} == {one, other}
    assert not len(derive_curated(graph(text), [], "https://example.org/"))


def test_a_name_that_only_a_deprecated_claim_states_is_the_curators() -> None:
    wrong = (
        '<claim/d> rdf:subject <theme/b> ; rdf:predicate skos:prefLabel ; rdf:object "b"@en ; w:rank w:DeprecatedRank .'
    )
    text = '<theme/b> skos:prefLabel "b"@en .'
    assert derive(wrong + text) == stated(text)


def test_names_in_one_language_are_claims_of_their_own() -> None:
    text = '<theme/b> skos:altLabel "b"@en , "bb"@en .'
    made = derive_curated(graph(SOME + text), [CURATOR], "https://example.org/")
    assert list_claims(made)["claim"].n_unique() == 2


def test_things_whose_identifiers_look_alike_have_claims_of_their_own() -> None:
    text = '<theme/b_c> skos:prefLabel "1"@en . <theme/b-c> skos:prefLabel "2"@en .'
    made = derive_curated(graph(SOME + text), [CURATOR], "https://example.org/")
    assert list_claims(made)["claim"].n_unique() == 2
    assert derive(text) == stated(text)


def test_no_claim_takes_the_identifier_of_another() -> None:
    taken = "<claim/theme-b-prefLabel-curators> rdf:subject <x> ; rdf:predicate <p> ; rdf:object <o> ."
    made = derive_curated(graph(f'{SOME}{taken} <theme/b> skos:prefLabel "b"@en .'), [CURATOR], "https://example.org/")
    assert "<https://example.org/claim/theme-b-prefLabel-curators>" not in set(made.frame["subject"])


def place(thing: str, document: str, order: str = "1") -> str:
    ordered = f"g:order {order} ; " if order else ""
    return f"<theme/{thing}> {ordered}prov:wasDerivedFrom <{document}#char=0,1> ."


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (place("a", "one") + place("b", "one"), False),
        (place("a", "one") + place("b", "two"), True),
        (place("a", "one", order="") + place("b", "one"), True),
        ("", True),
    ],
    ids=["in one outline", "in two documents", "one without a place", "without places"],
)
def test_a_hierarchy_is_the_curators_unless_it_is_a_documents_outline(places: str, expected: bool) -> None:
    assert bool(derive(f"{places} <theme/b> skos:broader <theme/a> .")) is expected


def test_a_graph_without_claims_gets_none() -> None:
    assert len(derive_curated(graph('<theme/b> skos:prefLabel "b"@en .'), [CURATOR], "https://example.org/")) == 0


def test_every_name_and_definition_of_the_dataset_is_somebodys(built: Build) -> None:
    claimed = list_claims(built.triples).filter(pl.col("rank") != DEPRECATED)
    own = pl.col("subject").str.starts_with(f"<{built.project.space}") & pl.col("predicate").is_in([*ONE, *SEVERAL])
    assert built.stated.frame.filter(own).join(claimed, on=KEYS, how="anti").rows() == []


def test_hierarchy_is_marked_as_the_curators_or_in_an_outline(built: Build) -> None:
    both = list_claims(built.stated).filter(pl.col("predicate") == BROADER)
    assert 0 < both.filter(pl.col("claim").str.contains("-curators")).height < both.height


def test_an_invented_title_is_not_the_documents(run: Run) -> None:
    explained = run("explain", "document/glocalization-initiatives").stdout
    title = explained.split("國際組織全球在地化作為初探（摘要） @zh-Hant\n")[1].splitlines()[0]
    assert title.strip() == "normal · attributed to: Glocal RDF"
