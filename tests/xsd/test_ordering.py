"""Keys of literals, by which a column is compared (SPARQL 1.1, section 17.3)."""

from __future__ import annotations

import polars as pl
import pytest

from glocal_rdf.xsd.ordering import compare, keys_of

XSD = "http://www.w3.org/2001/XMLSchema#"
BY_KIND = {
    "integer": [f'"{text}"^^<{XSD}integer>' for text in ("1", "x", "-7", "")],
    "date": [f'"{text}"^^<{XSD}date>' for text in ("2024-02-29", "2023-02-29", "2024-01-01Z")],
    "string": ['"a"', '"\\"@en"', '""'],
    "language": ['"a"@en', '"b"@en'],
    "IRI": ["<http://e.org/a>", "<http://e.org/b>"],
    "unknown": ['"1"^^<http://e.org/kind>', '"2"^^<http://e.org/kind>'],
}


@pytest.mark.parametrize("kind", BY_KIND)
def test_terms_of_one_datatype_have_the_keys_that_they_have_among_others(kind: str) -> None:
    alone = keys_of(pl.Series(BY_KIND[kind]))
    mixed = [(name, term) for name, terms in BY_KIND.items() for term in terms]
    among_others = keys_of(pl.Series([term for _, term in mixed]))
    own = pl.Series([name == kind for name, _ in mixed])
    assert alone.equals(among_others.filter(own))


def test_only_valid_literals_of_ordered_datatypes_have_a_family() -> None:
    compared = {kind: keys_of(pl.Series(terms))["family"].is_not_null().to_list() for kind, terms in BY_KIND.items()}
    assert compared == {
        "integer": [True, False, True, False],
        "date": [True, False, True],
        "string": [True, True, True],
        "language": [False, False],
        "IRI": [False, False],
        "unknown": [False, False],
    }


def test_no_term_has_no_key() -> None:
    none = keys_of(pl.Series([], dtype=pl.String))
    assert none.is_empty()
    assert compare(none, none, or_equal=True).is_empty()
