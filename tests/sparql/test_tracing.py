"""What the solutions of a query rest on: the triples that match its own pattern, of every kind of pattern."""

from __future__ import annotations

import re

import pytest

from glocal_rdf import Triples, ask, ask_with_evidence
from glocal_rdf.errors import QueryError
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.tracing.patterns import read_scope
from glocal_rdf.triples.datasets import Dataset

GRAPH = """@prefix : <urn:> . :a :p :b , :c ; :name "A"@en , "甲"@zh-Hant ; :n 1 . :b :p :d ; :q :e ; :n 2 . :c :p :e .
:d :name "D"@en . :l :list ( :a :b ) . :x :n 3 , 4 ."""
CASES = {
    "SELECT ?o { :a :p ?o }": ["a p b", "a p c"],
    "SELECT ?o { :a :p/:p ?o }": ["a p b, b p d", "a p c, c p e"],
    "SELECT ?s { ?s ^:p :a }": ["a p b", "a p c"],
    "SELECT ?o { :b :p|:q ?o }": ["b p d", "b q e"],
    "SELECT ?o { :b !(:n|^:p) ?o }": ["_ first b", "b p d", "b q e"],
    "SELECT ?o { :a :p+ ?o }": ["a p b", "a p b, b p d", "a p c", "a p c, c p e"],
    "SELECT ?o { :b :p* ?o }": ["", "b p d"],
    "SELECT ?o { :d ^:p? ?o }": ["", "b p d"],
    "SELECT ?o { :a (:p/:q)+ ?o }": ["a p b, b q e"],
    "SELECT ?s ?v { ?s :p :d OPTIONAL { ?s :q ?v } }": ["b p d, b q e"],
    "SELECT ?s ?v { ?s :p :e OPTIONAL { ?s :q ?v } }": ["c p e"],
    "SELECT ?s { { ?s :p :d } UNION { ?s :q :e } }": ["b p d", "b q e"],
    "SELECT DISTINCT ?s { { ?s :p :d } UNION { ?s :q :e } }": ["b p d, b q e"],
    "SELECT ?s { ?s :n ?n FILTER EXISTS { ?s :p ?o FILTER (?n = 2 && ?o = :d) } }": ["b n 2, b p d"],
    "SELECT ?s { ?s :n ?n FILTER (?n > 2 || EXISTS { ?s :q ?o }) }": ["b n 2, b q e", "x n 3", "x n 4"],
    "SELECT ?s { ?s :p :e FILTER NOT EXISTS { ?s :n ?n } }": ["c p e"],
    "SELECT ?s { ?s :n ?n MINUS { ?s :p ?o } }": ["x n 3", "x n 4"],
    "SELECT ?s (COUNT(?o) AS ?n) { ?s :p ?o } GROUP BY ?s HAVING (COUNT(?o) > 1)": ["a p b, a p c"],
    "SELECT (COUNT(?o) AS ?n) { ?s :p ?o } GROUP BY ?s ORDER BY DESC(?n) LIMIT 1": ["a p b, a p c"],
    "SELECT (MAX(?n) AS ?most) { :x :n ?n }": ["x n 3, x n 4"],
    "SELECT (COUNT(*) AS ?none) { :x :p ?n }": [""],
    "SELECT ?l (COUNT(?s) AS ?c) { ?s :name ?v } GROUP BY (LANG(?v) AS ?l)": [
        *("a name A@en, d name D@en", "a name 甲@zh-Hant"),
    ],
    "SELECT ?s ?n { { SELECT ?s (COUNT(?o) AS ?n) { ?s :p ?o } GROUP BY ?s } ?s :q ?v }": ["b p d, b q e"],
    "SELECT ?s { ?s :p [ :q :e ; :n ?n ] }": ["a p b, b n 2, b q e"],
    "SELECT ?n { [ :q :e ; :n ?n ] . }": ["b n 2, b q e"],
    "SELECT ?n { _:x :q :e . _:x :n ?n }": ["b n 2, b q e"],
    "SELECT ?two { ?l :list ( ?one ?two ) }": ["l list _, _ first a, _ rest _, _ first b, _ rest nil"],
    "SELECT ?s { ?s :name 'A'@EN }": ["a name A@en"],
    "SELECT ?s { ?s :name ?v FILTER (LANG(?v) = 'zh-Hant') }": ["a name 甲@zh-Hant"],
    "SELECT ?s ?t { VALUES ?s { :a :d } ?s :name ?v BIND (UCASE(?v) AS ?t) }": [
        *("a name A@en", "a name 甲@zh-Hant", "d name D@en"),
    ],
    "SELECT ?o { :x :n ?n . :a :p ?o } LIMIT 3": ["a p b, x n 3", "a p b, x n 4", "a p c, x n 3"],
    "ASK { :a :p ?o }": ["a p b"],
    "ASK { :d :p ?o }": [],
}  # fmt: skip


def short(term: str) -> str:
    """Write a term by its end."""
    if term.startswith("_:"):
        return "_"
    if term.startswith("<"):
        return re.split("[:#/]", term[1:-1])[-1]
    return re.sub(r'^"(.*)"(@\S+)?(\^\^.*)?$', r"\1\2", term)


@pytest.mark.parametrize("query", CASES)
def test_each_row_has_the_triples_that_its_pattern_matched(query: str) -> None:
    graph = Triples.parse(GRAPH, "turtle")
    found = ask_with_evidence(graph, query, prefixes={"": "urn:"})
    rows = []
    for row in found.rows:
        parts = [found.statements[number] for number in row.statements()]
        said = [f"{short(part.subject)} {short(part.predicate)} {short(part.object)}" for part in parts]
        assert all((part.subject, part.predicate, part.object) in graph for part in parts)
        rows.append(sorted(said))
    wanted = [sorted(filter(None, row.split(", "))) for row in CASES[query]]
    # Which of the rows that are alike LIMIT keeps is not said.
    assert len(rows) == len(wanted) if "LIMIT 3" in query or "ASK" in query else sorted(rows) == sorted(wanted)


@pytest.mark.slow
@pytest.mark.parametrize("query", [query for query in CASES if query.startswith("SELECT")])
def test_rows_are_those_of_the_query_without_evidence(query: str) -> None:
    graph = Triples.parse(GRAPH, "turtle")
    found = ask_with_evidence(graph, query, prefixes={"": "urn:"})
    answer = ask(graph, query, prefixes={"": "urn:"})
    assert [tuple(row.values.get(name) for name in found.variables) for row in found.rows] == list(answer.bindings)


def test_a_statement_of_a_named_graph_has_its_graph() -> None:
    data = Dataset(Triples.empty(), {"urn:g": Triples.parse(GRAPH, "turtle")})
    found = ask_with_evidence(data, "SELECT ?g ?o { GRAPH ?g { <urn:b> <urn:q> ?o ; <urn:p>+ ?end } }")
    assert [(part.graph, part.origin) for part in found.statements] == [("<urn:g>", "file"), ("<urn:g>", "file")]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "line 1, column 1: the triples that CONSTRUCT makes cannot be traced"),
        ("DESCRIBE <urn:a>", "the triples that DESCRIBE makes cannot be traced"),
        ("SELECT * FROM <urn:a> { ?s ?p ?o }", "line 1, column 15: a dataset of one's own (FROM) cannot be traced"),
        ("SELECT * { SERVICE <urn:a> { ?s ?p ?o } }", "what another server answers (SERVICE) cannot be traced"),
        ("SELECT (RAND() AS ?r) { ?s ?p ?o }", "RAND, which gives another value each time, cannot be traced"),
        ("SELECT * { ?s ?p <<( ?a ?b ?c )>> }", "a triple as a term cannot be traced"),
        ("SELECT * { ?s ?p ?o LATERAL { ?o ?q ?v } }", "LATERAL cannot be traced"),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (EXISTS { ?s ?p ?o })", "EXISTS in HAVING cannot be traced"),
        ("SELECT * { ?s ?p ?o {| ?q ?v |} }", "a reifier or an annotation of a triple cannot be traced"),
    ],
)
def test_what_cannot_be_traced_is_refused_by_name(query: str, reason: str) -> None:
    with pytest.raises(QueryError, match=re.escape(reason)):
        ask_with_evidence(Triples.parse(GRAPH, "turtle"), query)


def test_an_endpoint_is_refused() -> None:
    with pytest.raises(QueryError, match="an endpoint cannot be traced"):
        ask_with_evidence("https://example.org/sparql", "ASK {}")


def test_what_must_be_absent_is_listed() -> None:
    absent = "FILTER NOT EXISTS { ?s <urn:p> ?o } MINUS { ?s <urn:q> ?o } FILTER (!EXISTS { ?s <urn:q> 1 })"
    query = f"SELECT * {{ ?s <urn:n> ?n {absent} }}"
    found = ask_with_evidence(Triples.parse(GRAPH, "turtle"), query)
    assert len(found.absent) == 3


def test_variables_of_the_query_are_never_taken() -> None:
    scope = read_scope(parse_query("SELECT * { ?traced0_1 <urn:p>/<urn:q> ?o }"))
    assert len(set(scope.variables)) == 3
