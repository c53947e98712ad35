"""SPARQL constraints see and report literals as they are written in the data (SPARQL 1.1, section 17)."""

from __future__ import annotations

import pytest
from shacl_checks import check, found

DATA = """
    ex:a a ex:T ; ex:p '007'^^xsd:integer , '7'^^xsd:integer ; ex:q '5'^^xsd:byte ; ex:l 'Hi'@zh-Hant , 'Ho'@EN-gb ;
         ex:b '1'^^xsd:boolean ; ex:d '2020-01-01T00:00:00.00+00:00'^^xsd:dateTime ;
         ex:n 123456789012345678901234567890 , 2 ; ex:m 0.123456789012345678901234567890 .
    ex:b a ex:T ; ex:p 8 ; ex:q '5'^^xsd:int ; ex:l 'Hi'@zh-hant ; ex:b true ;
         ex:d '2020-01-01T00:00:00Z'^^xsd:dateTime ; ex:n 123456789012345678901234567891 ; ex:m 12.50 .
"""
DECLARE = (
    "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] , "
    "[ sh:prefix 'xsd' ; sh:namespace 'http://www.w3.org/2001/XMLSchema#'^^xsd:anyURI ] . "
)


def values(query: str, target: str = "sh:targetClass ex:T") -> list[str]:
    """Validate with one constraint, and list the values that are reported, in N-Triples or as the focus node."""
    shapes = f'{DECLARE} ex:S a sh:NodeShape ; {target} ; sh:sparql [ sh:prefixes ex: ; sh:select """{query}""" ] .'
    return sorted(_text(row) for row in found(check(DATA, shapes)))


def _text(row: tuple[object, ...]) -> str:
    return " ".join(str(part) for part in row)


@pytest.mark.parametrize(
    ("condition", "seen"),
    [
        ("$this ex:p ?value FILTER (STRLEN(STR(?value)) = 3)", ["007"]),
        ("$this ex:p ?value FILTER (?value = 7)", ["007", "7"]),
        ("$this ex:p ?value FILTER (sameTerm(?value, 7))", ["7"]),
        ("$this ex:q ?value FILTER (datatype(?value) = xsd:byte)", ["5"]),
        ("$this ex:q ?value FILTER (datatype(?value) = xsd:integer)", []),
        ("$this ex:l ?value FILTER (lang(?value) = 'zh-Hant')", ["Hi"]),
        ("$this ex:l ?value FILTER (langMatches(lang(?value), 'ZH'))", ["Hi", "Hi"]),
        ("$this ex:l ?value FILTER (lang(?value) = 'EN-gb')", ["Ho"]),
        ("$this ex:b ?value FILTER (?value && STR(?value) = '1')", ["1"]),
        ("$this ex:d ?value FILTER (TZ(?value) = '+00:00')", ["2020-01-01T00:00:00.00+00:00"]),
        ("$this ex:n ?value FILTER (?value > 123456789012345678901234567890)", ["123456789012345678901234567891"]),
        ("$this ex:n ?value FILTER (?value - 123456789012345678901234567889 = 2)", ["123456789012345678901234567891"]),
        ("$this ex:m ?value FILTER (?value < 1)", ["0.123456789012345678901234567890"]),
        ("$this ex:m ?value FILTER (STR(?value) = '12.50')", ["12.50"]),
        (
            "$this ex:p ?value . FILTER EXISTS { $this ex:p ?x FILTER (?x = ?value && !sameTerm(?x, ?value)) }",
            ["007", "7"],
        ),
    ],
)
def test_conditions_see_literals_as_written(condition: str, seen: list[str]) -> None:
    rows = values(f"SELECT $this ?value WHERE {{ {condition} }}")
    assert len(rows) == len(seen)
    assert all(any(value in row for row in rows) for value in seen)


def test_terms_are_counted_as_written() -> None:
    count = "COUNT(DISTINCT ?v)"
    query = f"SELECT $this ({count} AS ?value) WHERE {{ $this ex:p ?v }} GROUP BY $this HAVING ({count} = 2)"
    assert len(values(query)) == 1


def test_the_greatest_of_a_group_is_reported_as_written() -> None:
    query = "SELECT $this (MAX(?v) AS ?value) WHERE { $this ex:n ?v } GROUP BY $this"
    rows = values(query)
    assert "123456789012345678901234567890" in rows[0]
    assert "123456789012345678901234567891" in rows[1]


def test_focus_nodes_that_are_literals_are_seen_as_written() -> None:
    rows = values("SELECT $this WHERE { FILTER (STRLEN(STR($this)) > 1) }", "sh:targetObjectsOf ex:p")
    assert len(rows) == 1
    assert "007" in rows[0]


@pytest.mark.parametrize(
    ("ask", "bad"),
    [
        ("sameTerm($value, $want)", 2),
        ("$value = $want", 1),
        ("STR($value) = STR($want)", 2),
        ("DATATYPE($value) = DATATYPE($want)", 0),
    ],
)
def test_validators_see_values_and_parameters_as_written(ask: str, bad: int) -> None:
    component = (
        "ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:want ] ; "
        f'sh:validator [ a sh:SPARQLAskValidator ; sh:prefixes ex: ; sh:ask """ASK {{ FILTER ({ask}) }}""" ] .'
    )
    shapes = (
        f"{DECLARE} {component} ex:S sh:targetClass ex:T ; sh:property [ sh:path ex:p ; ex:want '007'^^xsd:integer ] ."
    )
    assert len(found(check(DATA, shapes))) == bad
