"""Literals are seen, compared and answered as they are written, whatever the store makes of them (SPARQL 1.1, 17)."""

from __future__ import annotations

import polars as pl
import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.questions.answers import ask
from glocal_rdf.sparql.literals import functions
from glocal_rdf.sparql.literals.forms import Forms
from glocal_rdf.sparql.literals.rewriting import rewrite_query
from glocal_rdf.triples import Triples
from glocal_rdf.triples.interop import load_store

XSD = "http://www.w3.org/2001/XMLSchema#"
LANG_STRING = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"
ODD = (
    *('"007"^^integer', '"7"^^integer', '"12.50"^^decimal', '"5"^^byte', '"500"^^byte', '"1"^^boolean'),
    *('"1e3"^^double', '"2020-01-01T00:00:00+00:00"^^dateTime', '"a"@zh-Hant', '"a"@ZH-hant', '"x"@en', '"s"'),
)
BIG = ('"99999999999999999999999"^^integer', '"0.123456789012345678901234567890"^^decimal', '"5"^^integer')


def full(term: str) -> str:
    text, mark, name = term.rpartition("^^")
    return f"{text}^^<{XSD}{name}>" if mark else term


def short(term: str) -> str:
    return term.replace(f"<{XSD}", "").removesuffix(">") if f"^^<{XSD}" in term else term


def frame_of(terms: tuple[str, ...]) -> pl.DataFrame:
    rows = [(f"<urn:s{number:02}>", "<urn:p>", full(term)) for number, term in enumerate(terms)]
    return pl.DataFrame(rows, schema=["subject", "predicate", "object"], orient="row")


def answers(terms: tuple[str, ...], query: str) -> list[tuple[str | None, ...]]:
    """Evaluate a query on data with these objects, in this process; give its solutions, terms as short as above."""
    frame = frame_of(terms)
    forms = Forms().extended(frame["object"])
    store = pyoxigraph.Store()
    load_store(store, forms.encode(frame))
    query = f"PREFIX xsd: <{XSD}> {query}"
    asked = rewrite_query(query, forms)
    found = store.query(
        asked.text,
        custom_functions=functions.functions(asked.forms.tags),
        custom_aggregate_functions=functions.aggregates(),
    )
    assert isinstance(found, pyoxigraph.QuerySolutions)
    decode = asked.forms.decode
    return [tuple(None if term is None else short(decode(str(term))) for term in row) for row in found]


def column(terms: tuple[str, ...], expression: str) -> list[str | None]:
    query = f"SELECT ({expression} AS ?r) {{ ?s <urn:p> ?o }} ORDER BY STR(?s)"
    return [row[0] for row in answers(terms, query)]


T, F = '"true"^^boolean', '"false"^^boolean'


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("?o", list(ODD)),
        ("STR(?o)", ['"007"', '"7"', '"12.50"', '"5"', '"500"', '"1"', '"1e3"']),
        ("LANG(?o)", ['""'] * 8 + ['"zh-Hant"', '"ZH-hant"', '"en"', '""']),
        ("?o + 1", ['"8"^^integer', '"8"^^integer', '"13.5"^^decimal', '"6"^^integer', None, None, '"1001"^^double']),
        ("?o = 7", [T, T, F, F, None, F, F]),
        ("?o != 7", [F, F, T, T, None, T, T]),
        ("?o < 8", [T, T, F, T, None, None, F]),
        ("?o >= 7", [T, T, T, F, None, None, T]),
        ("?o IN (7, 5)", [T, T, F, T, None, F, F]),
        ("?o NOT IN (7)", [F, F, T, T, None, T, T]),
        ("IF(?o, 1, 2)", ['"1"^^integer'] * 4 + [None, '"1"^^integer', '"1"^^integer']),
        ("IF(true, ?o, 2)", list(ODD)),
        ("!?o", [F, F, F, F, None, F, F]),
        ("?o && true", [T, T, T, T, None, T, T]),
        ("false || ?o", [T, T, T, T, None, T, T]),
        ("- ?o", ['"-7"^^integer', '"-7"^^integer', '"-12.5"^^decimal', '"-5"^^integer', None, None]),
        ("COALESCE(?x, ?o)", list(ODD)),
        ("COALESCE(?o + 0, ?o)", ['"7"^^integer', '"7"^^integer', '"12.5"^^decimal', '"5"^^integer', '"500"^^byte']),
        ("ABS(?o)", ['"7"^^integer', '"7"^^integer', '"12.5"^^decimal', '"5"^^integer', None, None]),
        ("CEIL(?o)", ['"7"^^integer', '"7"^^integer', '"13"^^decimal', '"5"^^integer', None, None]),
        ("isNumeric(?o)", [T, T, T, T, F, F, T, F, F, F, F, F]),
        ("isLiteral(?o)", [T] * 12),
        ("sameTerm(?o, 7)", [F, T, *[F] * 10]),
        ("sameTerm(?o, 007)", [T, *[F] * 11]),
        ("sameTerm(?o, 12.50)", [F, F, T, *[F] * 9]),
        ("xsd:integer(?o)", ['"7"^^integer', '"7"^^integer', '"12"^^integer', '"5"^^integer', None, '"1"^^integer']),
        ("xsd:string(?o)", ['"7"', '"7"', '"12.5"', '"5"', '"500"', '"true"', '"1000"']),
        ("xsd:boolean(?o)", [T, T, T, T, None, T, T]),
        ("STRLEN(?o)", [None] * 8 + ['"1"^^integer'] * 4),
        ("CONCAT(?o, ?o)", [None] * 8 + ['"aa"@ZH-hant', '"aa"@ZH-hant', '"xx"@en', '"ss"']),
        ("UCASE(?o)", [None] * 8 + ['"A"@ZH-hant', '"A"@ZH-hant', '"X"@en', '"S"']),
        ("STRSTARTS(?o, 'a')", [None] * 8 + [T, T, F, F]),
        ("REGEX(?o, '^a$')", [None] * 8 + [T, T, F, F]),
        ("REGEX(STR(?o), '^[0-9]{3}$')", [T, F, F, F, T, F, F, F, F, F, F, F]),
        ("LANG(?o) = 'zh-Hant'", [F] * 8 + [T, F, F, F]),
        ("LANG(?o) = 'zh-hant'", [F] * 12),
        ("langMatches(LANG(?o), 'ZH')", [F] * 8 + [T, T, F, F]),
        ("?o = 'a'@zh-hant", [F, F, F, F, F, F, F, F, T, T, F, F]),
        ("TZ(?o)", [None] * 7 + ['"+00:00"', None, None, None, None]),
        ("YEAR(?o)", [None] * 7 + ['"2020"^^integer', None]),
        ("?o < '2021-01-01T00:00:00Z'^^xsd:dateTime", [None] * 7 + [T, None]),
        ("STRDT('007', xsd:integer)", ['"007"^^integer'] * 12),
        ("STRDT(STR(?o), xsd:decimal)", ['"007"^^decimal', '"7"^^decimal', '"12.50"^^decimal']),
        ("STRLANG('b', 'EN-gb')", ['"b"@EN-gb'] * 12),
        ("12.50", ['"12.50"^^decimal'] * 12),
        ("12.50 + 0", ['"12.5"^^decimal'] * 12),
        ("IF(true, 1.0, 2)", ['"1.0"^^decimal'] * 12),
        ("isIRI(?s)", [T] * 12),
        ("STR(?s) = 'urn:s00'", [T, *[F] * 11]),
        ("?s = <urn:s01>", [F, T, *[F] * 10]),
        ("?o = <urn:s01>", [F] * 12),
        ("EXISTS { ?s <urn:p> ?x FILTER (?x = 7 && ?o < 8) }", [T, T, *[F] * 10]),
    ],
)
def test_functions_and_operators_see_what_is_written(expression: str, expected: list[str | None]) -> None:
    assert column(ODD, expression)[: len(expected)] == expected


def test_datatype_is_that_of_the_data() -> None:
    found = column(ODD, "STR(DATATYPE(?o))")
    names = ["integer", "integer", "decimal", "byte", "byte", "boolean", "double", "dateTime"]
    assert found[:8] == [f'"{XSD}{name}"' for name in names]
    assert found[8:] == [*[f'"{LANG_STRING[1:-1]}"'] * 3, f'"{XSD}string"']


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (
            "?o + 1",
            ['"100000000000000000000000"^^integer', '"1.12345678901234567890123456789"^^decimal', '"6"^^integer'],
        ),
        ("?o - 99999999999999999999998", ['"1"^^integer']),
        ("?o * 2", ['"199999999999999999999998"^^integer', '"0.24691357802469135780246913578"^^decimal']),
        ("?o / 3", ['"33333333333333333333333"^^decimal']),
        ("?o < 1", [F, T, F]),
        ("?o > 1", [T, F, T]),
        ("?o = 5", [F, F, T]),
        ("?o != 5", [T, T, F]),
        ("?o = 99999999999999999999999", [T, F, F]),
        ("?o <= 99999999999999999999998", [F, T, T]),
        ("?o IN (5, 99999999999999999999999.0)", [T, F, T]),
        ("?o NOT IN (5)", [T, T, F]),
        ("?o > 1e22", [T, F, F]),
        ("?o < 'a'", [None, None, None]),
        ("IF(?o, 1, 2)", ['"1"^^integer'] * 3),
        ("!?o", [F, F, F]),
        ("- ?o", ['"-99999999999999999999999"^^integer', '"-0.12345678901234567890123456789"^^decimal']),
        ("ROUND(?o)", ['"99999999999999999999999"^^integer', '"0"^^decimal', '"5"^^integer']),
        ("CEIL(?o)", ['"99999999999999999999999"^^integer', '"1"^^decimal', '"5"^^integer']),
        ("isNumeric(?o)", [T, T, T]),
        ("xsd:integer(?o)", ['"99999999999999999999999"^^integer', '"0"^^integer', '"5"^^integer']),
        ("xsd:double(?o)", ['"100000000000000000000000"^^double', '"0.12345678901234568"^^double']),
        ("xsd:integer('99999999999999999999999')", ['"99999999999999999999999"^^integer'] * 3),
        ("9223372036854775807 + 1", ['"9223372036854775808"^^integer'] * 3),
        ("1 / 0", [None] * 3),
        ("?o / 0", [None] * 3),
        ("STR(?o)", ['"99999999999999999999999"', '"0.123456789012345678901234567890"', '"5"']),
    ],
)
def test_numbers_of_any_length_are_computed_exactly(expression: str, expected: list[str | None]) -> None:
    assert column(BIG, expression)[: len(expected)] == expected


@pytest.mark.parametrize(
    ("terms", "query", "expected"),
    [
        (ODD, "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }", ['"12"^^integer']),
        (ODD, "SELECT ?s { ?s ?p 7 }", ["<urn:s01>"]),
        (ODD, "SELECT ?s { ?s ?p 007 }", ["<urn:s00>"]),
        (ODD, "SELECT ?s { ?s ?p 7.0 }", []),
        (BIG, "SELECT ?s { ?s ?p +5 }", []),
        (BIG, "SELECT ?s { ?s ?p 5 }", ["<urn:s02>"]),
        (BIG[2:], "SELECT ?s { ?s ?p +5 }", []),
        (BIG[2:], "SELECT ?s { ?s ?p 5.0 }", []),
        (BIG[2:], "SELECT ?s { ?s ?p '5'^^xsd:long }", []),
        (ODD, "SELECT ?s { ?s ?p '5'^^xsd:byte }", ["<urn:s03>"]),
        (ODD, "SELECT ?s { ?s ?p '5'^^xsd:integer }", []),
        (ODD, "SELECT ?s { ?s ?p 'a'@zh-Hant }", ["<urn:s08>"]),
        (ODD, "SELECT ?o { VALUES ?o { 007 07 12.50 } ?s ?p ?o }", ['"007"^^integer', '"12.50"^^decimal']),
        (
            ODD,
            "SELECT ?s { ?s ?p ?o BIND (?o AS ?x) ?t ?p ?x FILTER (?x < 7.5) }",
            ["<urn:s00>", "<urn:s01>", "<urn:s03>"],
        ),
        (
            ODD,
            "SELECT ?o { ?s ?p ?o FILTER (?o > 6) } ORDER BY DESC(?o) LIMIT 2",
            ['"1e3"^^double', '"12.50"^^decimal'],
        ),
        (ODD, "SELECT (SUM(?o) AS ?n) { VALUES ?o { 1 01 2 } }", ['"4"^^integer']),
        (ODD, "SELECT (SUM(DISTINCT ?o) AS ?n) { VALUES ?o { 1 01 01 2 } }", ['"4"^^integer']),
        (ODD, "SELECT (AVG(DISTINCT ?o) AS ?n) { VALUES ?o { 1 01 01 4 } }", ['"2"^^decimal']),
        (ODD, "SELECT (MIN(?o) AS ?n) { VALUES ?o { 03 02 } }", ['"02"^^integer']),
        (ODD, "SELECT (MAX(?o) AS ?n) { VALUES ?o { 03 02 } }", ['"03"^^integer']),
        (ODD, "SELECT (SAMPLE(?o) AS ?n) { VALUES ?o { 03 } }", ['"03"^^integer']),
        (ODD, "SELECT (GROUP_CONCAT(STR(?o); SEPARATOR='|') AS ?n) { VALUES ?o { 03 2.0 } }", ['"03|2.0"']),
        (ODD, "SELECT ?o { VALUES ?o { 03 3 } } GROUP BY ?o", ['"03"^^integer', '"3"^^integer']),
        (ODD, "SELECT ?o { VALUES ?o { 03 3 } } GROUP BY ?o HAVING (MAX(?o) = 3)", ['"03"^^integer', '"3"^^integer']),
        (ODD, "SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?o { ?s ?p ?o FILTER (?o = 7) } } }", ['"2"^^integer']),
        (ODD, "SELECT ?o { ?s ?p ?o MINUS { ?s ?p 007 } FILTER (?o = 7) }", ['"7"^^integer']),
        (BIG, "SELECT (SUM(?o) AS ?n) { ?s ?p ?o FILTER (?o > 1) }", ['"100000000000000000000004"^^integer']),
        (BIG, "SELECT (MAX(?o) AS ?n) { ?s ?p ?o }", ['"99999999999999999999999"^^integer']),
        (BIG, "SELECT (MIN(?o) AS ?n) { ?s ?p ?o }", ['"0.123456789012345678901234567890"^^decimal']),
        (BIG, "SELECT (COUNT(?o) AS ?n) { ?s ?p ?o }", ['"3"^^integer']),
    ],
)
def test_patterns_and_aggregates_see_terms_as_written(terms: tuple[str, ...], query: str, expected: list[str]) -> None:
    assert sorted(str(row[0]) for row in answers(terms, query)) == sorted(expected)


def test_sums_and_products_beyond_the_range_of_the_store_are_exact() -> None:
    terms = ('"9223372036854775807"^^integer', '"9223372036854775806"^^integer')
    assert answers(terms, "SELECT (SUM(?o) AS ?n) { ?s ?p ?o }") == [('"18446744073709551613"^^integer',)]
    assert answers(terms, "SELECT (AVG(?o) AS ?n) { ?s ?p ?o }") == [('"9223372036854775806.5"^^decimal',)]
    assert column(terms, "?o + 1")[0] == '"9223372036854775808"^^integer'
    assert column(terms, "?o * ?o - 1")[0] == '"85070591730234615847396907784232501248"^^integer'
    assert column(('"1"^^integer',), "9223372036854775807 + ?o") == ['"9223372036854775808"^^integer']


def test_truth_values_may_be_in_capitals() -> None:
    assert column(('"true"^^boolean',), "IF(?o = TRUE, False, ?o)") == [F]


def test_numbers_of_any_length_are_ordered() -> None:
    terms = tuple(f'"{n}"^^integer' for n in (10**30, -(10**30), 0, 5, -5, 10**31, 99, -(10**30) - 1))
    found = [row[0] for row in answers(terms, "SELECT ?o { ?s ?p ?o } ORDER BY ?o")]
    numbers = [int(str(term).split('"')[1]) for term in found]
    assert numbers == sorted(numbers)
    turned = [row[0] for row in answers(terms, "SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o)")]
    assert turned == found[::-1]


def test_nothing_is_rewritten_where_nothing_is_odd() -> None:
    forms = Forms().extended(pl.Series(['"7"^^<' + XSD + "integer>", '"a"', "<urn:a>", '"b"@en']))
    assert forms == Forms(first={"en": "en"})
    query = "SELECT ?s { ?s ?p ?o FILTER (?o > 7 && LANG(?o) = 'en') } ORDER BY ?o"
    assert rewrite_query(query, forms).text == query
    assert not rewrite_query(query, forms).calls


def test_a_constant_that_is_only_compared_needs_no_function() -> None:
    query = "SELECT ?s { ?s ?p ?o FILTER (?o > 7.50 && ?o < 1e3) }"
    assert rewrite_query(query, Forms()).text == query


_KINDS = (
    (r"[+-]?0{0,2}[0-9]{1,20}", "integer", "decimal", "double"),
    (r"[+-]?[0-9]{0,3}\.[0-9]{1,22}", "decimal", "double", "float"),
    (r"-?[0-9]{1,3}", "byte", "long", "nonNegativeInteger"),
    (r"[0-9]{1,2}[eE]-?[0-9]{1,3}", "double", "float"),
    (r"true|false|1|0|TRUE|INF|NaN|| 1 ", "boolean", "double"),
    (r"20[0-9]{2}-(0[1-9]|1[0-2])-[0-3][0-9](Z|[+-]0[0-9]:00)?", "date"),
    (r"20[0-9]{2}-0[1-9]-[0-3][0-9]T[0-2][0-9]:00:[0-9]{2}(\.[0-9]{1,20})?(Z|\+00:00)?", "dateTime", "dateTimeStamp"),
    (r"-?P[0-9]{1,2}[YMD](T[0-9]{1,3}[HMS])?", "duration", "dayTimeDuration"),
)
_FORMS = st.one_of(st.tuples(st.from_regex(form, fullmatch=True), st.sampled_from(names)) for form, *names in _KINDS)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(_FORMS, min_size=1, max_size=12, unique=True))
def test_every_literal_comes_back_as_it_went_in(forms: list[tuple[str, str]]) -> None:
    terms = tuple(f'"{text}"^^{name}' for text, name in forms)
    assert column(terms, "?o") == list(terms)
    assert column(terms, "STR(?o)") == [f'"{text}"' for text, _ in forms]
    assert column(terms, "STR(DATATYPE(?o))") == [f'"{XSD}{name}"' for _, name in forms]
    assert answers(terms, "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }") == [(f'"{len(terms)}"^^integer',)]


def test_questions_give_what_the_data_show() -> None:
    triples = Triples(frame_of((*ODD, *BIG)))
    found = ask(triples, "SELECT ?o { ?s ?p ?o } ORDER BY STR(?s)")
    assert [short(str(row[0])) for row in found.bindings] == [*ODD, *BIG]
    made = ask(triples, "CONSTRUCT { ?s <urn:q> ?o } WHERE { ?s <urn:p> ?o }").triples
    assert made is not None
    assert sorted(made.frame["object"]) == sorted(triples.frame["object"])
    assert ask(triples, f"ASK {{ ?s ?p ?o FILTER (DATATYPE(?o) = <{XSD}byte>) }}").truth is True
    assert len(ask(triples, "SELECT ?s { ?s ?p ?o FILTER (lang(?o) = 'zh-Hant') }")) == 1
    assert len(ask(triples, "SELECT ?s { ?s ?p ?o FILTER (?o > 10) }")) == 3


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(_FORMS)
def test_what_is_known_of_forms_is_what_the_store_does(form: tuple[str, str]) -> None:
    """The patterns that spare asking a store agree with it."""
    literal = pyoxigraph.Literal(form[0], datatype=pyoxigraph.NamedNode(XSD + form[1]))
    frame = frame_of((f'"{form[0]}"^^{form[1]}',))
    kept = Forms().extended(frame["object"]).encode(frame)["object"][0] == frame["object"][0]
    assert kept is functions.is_kept(literal)


def test_a_literal_in_a_pattern_that_is_nothing_but_brackets_is_found_as_written() -> None:
    graph = Triples.parse('<urn:a> <urn:p> 007 ; <urn:name> "A" .', "turtle")
    assert ask(graph, "SELECT ?name { [ <urn:p> 007 ; <urn:name> ?name ] . }").rows() == [("A",)]
