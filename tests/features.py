"""The features of SPARQL and SHACL, each with an example that a test runs, and what becomes of it.

Statuses: `supported` (the example gives `expected`), `refused` (a query is not asked), `reported as unsupported` (an
error that names the feature), `reported as without effect` (a warning that names it), `ignored` (neither).
"""

# ruff: noqa: E501 - an example is as long as it is

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FEATURES", "PREFIXES", "Feature"]

SUPPORTED = "supported"
REFUSED = "refused"
UNSUPPORTED = "reported as unsupported"
WITHOUT_EFFECT = "reported as without effect"

PREFIXES = """@prefix : <https://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
QUERIED = PREFIXES + ':a :p 1, 2 ; :q :b ; :name "臺北"@zh-Hant, "Taipei"@en . :b :p 3 ; :q :c . :g { :c :p 4 }'
CHECKED = PREFIXES + ":a a :C ; :p 1, 2 ; :q :b . :b a :C ; :p 5 ."


@dataclass(frozen=True)
class Feature:
    """A feature with an example.

    A query is asked of `QUERIED` (TriG); `expected` is how many rows or triples, or which truth, it gives. A shapes graph
    validates `CHECKED`; `expected` is how many results there are, and `word` what a message about the feature names.
    """

    specification: str
    name: str
    status: str
    query: str = ""
    shapes: str = ""
    expected: int | bool = 0
    word: str = ""


def _query(name: str, query: str, expected: int | bool) -> Feature:
    return Feature("SPARQL 1.1 Query", name, SUPPORTED, query, expected=expected)


def _refused(name: str, query: str, word: str) -> Feature:
    return Feature("SPARQL 1.1, refused", name, REFUSED, query, word=word)


def _newer_query(name: str, query: str, expected: int | bool) -> Feature:
    return Feature("Beyond SPARQL 1.1", name, SUPPORTED, query, expected=expected)


def _sparql(name: str, shapes: str, expected: int) -> Feature:
    return Feature("SHACL-SPARQL", name, SUPPORTED, shapes=shapes, expected=expected)


def _unsupported(specification: str, name: str, shapes: str, word: str) -> Feature:
    return Feature(specification, name, UNSUPPORTED, shapes=shapes, word=word)


_S = ":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 2 ] . "
"""A shape that :b does not conform to, so that something is checked besides."""

_SELECT = "SELECT $this ?value { $this <https://example.org/p> ?value . FILTER (?value > 1) }"
_COMPONENT = (
    ":K a sh:ConstraintComponent ; sh:parameter [ sh:path :least ] ; {} . :S sh:targetClass :C ; "
    "sh:property [ sh:path :p ; :least 2 ] ."
)
_AF, _JS, _NEW = "SHACL Advanced Features (Note)", "SHACL JavaScript Extensions (Note)", "SHACL 1.2 (drafts)"

FEATURES: tuple[Feature, ...] = (
    _query("SELECT", "SELECT * { ?s :p ?o }", 3),
    _query("ASK", "ASK { :a :p 1 }", True),
    _query("CONSTRUCT, and its short form", "CONSTRUCT WHERE { ?s :q ?o }", 2),
    _query("DESCRIBE", "DESCRIBE :b", 2),
    _query("OPTIONAL", "SELECT * { ?s :q ?o OPTIONAL { ?o :p ?n } }", 2),
    _query("UNION", "SELECT * { { ?s :p 1 } UNION { ?s :p 3 } }", 2),
    _query("MINUS", "SELECT * { ?s :q ?o MINUS { ?s :p 1 } }", 1),
    _query("FILTER, EXISTS and NOT EXISTS", "SELECT * { ?s :q ?o FILTER NOT EXISTS { ?o :q ?x } }", 1),
    _query("BIND and VALUES", "SELECT * { VALUES ?s { :a :b } ?s :p ?o BIND (?o + 1 AS ?n) FILTER (?n > 2) }", 2),
    _query("subqueries", "SELECT * { { SELECT ?s (MAX(?o) AS ?most) { ?s :p ?o } GROUP BY ?s } FILTER (?most > 2) }", 1),
    _query("aggregates, GROUP BY and HAVING", "SELECT ?s { ?s :p ?o } GROUP BY ?s HAVING (COUNT(?o) = 2)", 1),
    _query("ORDER BY, DISTINCT, REDUCED, LIMIT and OFFSET", "SELECT DISTINCT ?s { ?s :p ?o } ORDER BY ?s LIMIT 5 OFFSET 1", 1),
    _query("property paths", "SELECT * { :a :q+ ?o }", 2),
    _query("GRAPH, FROM and FROM NAMED, of graphs that are there", "SELECT * FROM :g FROM NAMED :g { ?s :p ?o GRAPH ?g { ?s ?p ?o } }", 1),
    _query("functions of strings, numbers, dates, hashes and terms", 'ASK { FILTER (SHA256("a") != "" && CONTAINS("臺北市", "北") && YEAR("2026-11-27T00:00:00Z"^^xsd:dateTime) = 2026) }', True),
    _query("language tags as they are written", 'SELECT * { ?s :name ?o FILTER (LANG(?o) = "zh-Hant") }', 1),
    _query("casts to datatypes of XML Schema", 'ASK { FILTER (xsd:integer("007") = 7) }', True),
    _refused("SERVICE, in a query of one's own, a rule or a shape", "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }", "SERVICE"),
    _refused("updates: INSERT, DELETE, LOAD, CLEAR, …", "INSERT DATA { :a :b :c }", "INSERT"),
    _refused("FROM a graph that is not there: nothing is fetched", "SELECT * FROM <http://example.org/g> { ?s ?p ?o }", "FROM"),
    _refused("functions of other engines", "SELECT (<http://example.org/f>(1) AS ?x) {}", "http://example.org/f"),
    _newer_query("LATERAL (as in Jena and Oxigraph)", "SELECT * { ?s :q ?o LATERAL { SELECT ?o ?n { ?o :p ?n } LIMIT 1 } }", 1),
    _newer_query("SPARQL 1.2: VERSION", 'VERSION "1.2" SELECT * { ?s :p ?o }', 3),
    Feature("Beyond SPARQL 1.1", "SPARQL 1.2: a triple term as an answer", REFUSED, "SELECT (TRIPLE(:a, :p, 1) AS ?t) {}", word="a triple as a term"),
    _sparql("sh:sparql with sh:select", f':S sh:targetClass :C ; sh:sparql [ sh:select "{_SELECT}" ] .', 2),
    _sparql("sh:prefixes and sh:declare", f'{_S} : sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] . :S sh:sparql [ sh:prefixes : ; sh:select "SELECT $this {{ $this ex:q ?o }}" ] .', 2),
    _sparql("$PATH, also of a path that is not a predicate", ':S sh:targetClass :C ; sh:property [ sh:path ( :q :p ) ; sh:sparql [ sh:select "SELECT $this ?value { $this $PATH ?value }" ] ] .', 1),
    _sparql("$currentShape and $shapesGraph", ':S sh:targetClass :C ; sh:sparql [ sh:select "SELECT $this { $this a ?c . GRAPH $shapesGraph { $currentShape <http://www.w3.org/ns/shacl#targetClass> ?c } }" ] .', 2),
    _sparql("constraint components with an ASK validator", _COMPONENT.format('sh:validator [ sh:ask "ASK { FILTER ($value >= $least) }" ]'), 1),
    _sparql("constraint components with a SELECT validator", _COMPONENT.format('sh:propertyValidator [ sh:select "SELECT $this ?value { $this $PATH ?value FILTER (?value < $least) }" ]'), 1),
    _sparql("optional parameters", ":K a sh:ConstraintComponent ; sh:parameter [ sh:path :least ], [ sh:path :most ; sh:optional true ] ; sh:validator [ sh:ask 'ASK { FILTER ($value >= $least && (!bound($most) || $value <= $most)) }' ] . :S sh:targetClass :C ; sh:property [ sh:path :p ; :least 1 ; :most 4 ] .", 1),
    Feature("SHACL-SPARQL", "queries that pre-binding does not allow: MINUS, VALUES, SERVICE (Appendix A)", REFUSED, shapes=':S sh:targetClass :C ; sh:sparql [ sh:select "SELECT $this { $this ?p ?o MINUS { $this ?p 1 } }" ] .', word="MINUS"),
    _unsupported(_AF, "SPARQL-based targets (sh:target)", f'{_S} :T sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this {{ ?this a <https://example.org/C> }}" ] .', "sh:target"),
    _unsupported(_AF, "SPARQL-based target types (sh:SPARQLTargetType)", f'{_S} :Kind a sh:SPARQLTargetType ; sh:select "SELECT ?this {{ ?this a ?c }}" . :T sh:target [ a :Kind ] .', "sh:target"),
    _unsupported(_AF, "functions (sh:SPARQLFunction)", f"{_S} :f a sh:SPARQLFunction .", "functions"),
    _unsupported(_AF, "node expressions (sh:values)", f"{_S} :S sh:property [ sh:path :q ; sh:values [ sh:path :p ] ] .", "sh:values"),
    _unsupported(_AF, "expression constraints (sh:expression)", f"{_S} :S sh:expression [ sh:exists [ sh:path :p ] ] .", "sh:expression"),
    _unsupported(_AF, "triple rules (sh:TripleRule)", f"{_S} :S sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :x ; sh:object :y ] .", "sh:rule"),
    _unsupported(_AF, "SPARQL rules (sh:SPARQLRule)", f'{_S} :S sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {{ $this a $this }} WHERE {{}}" ] .', "sh:rule"),
    Feature(_AF, "annotations of results (sh:resultAnnotation)", WITHOUT_EFFECT, shapes=f':S sh:targetClass :C ; sh:sparql [ sh:select "{_SELECT}" ; sh:resultAnnotation [ sh:annotationProperty :note ; sh:annotationValue 1 ] ] .', expected=2, word="resultAnnotation"),
    _unsupported("SHACL, optional parts", "entailment regimes (sh:entailment)", f"{_S} : sh:entailment <http://www.w3.org/ns/entailment/RDFS> .", "sh:entailment"),
    _unsupported(_JS, "constraints (sh:js)", f"{_S} :S sh:js [ sh:jsFunctionName 'f' ] .", "sh:js"),
    _unsupported(_JS, "functions (sh:JSFunction)", f"{_S} :f a sh:JSFunction .", "functions"),
    _unsupported(_JS, "validators of constraint components (sh:JSValidator)", f"{_S} :S :least 1 . :K a sh:ConstraintComponent ; sh:parameter [ sh:path :least ] ; sh:validator [ sh:jsFunctionName 'f' ] .", "JavaScript"),
    *(_unsupported(_NEW, f"sh:{word}", f"{_S} :S sh:property [ sh:path :q ; sh:{word} {value} ] .", f"sh:{word}") for word, value in (
        ("maxListLength", "1"), ("memberShape", "[ sh:nodeKind sh:IRI ]"), ("minListLength", "1"), ("reificationRequired", "true"),
        ("reifierShape", ":R"), ("rootClass", ":C"), ("singleLine", "true"), ("someValue", ":S"), ("subsetOf", ":p"),
        ("uniqueMembers", "true"), ("uniqueValuesFor", ":p"), ("nodeByExpression", "[]"), ("propertyByExpression", "[]"),
    )),
    _unsupported(_NEW, "sh:targetWhere", f"{_S} :T sh:targetWhere [ sh:class :C ] .", "sh:targetWhere"),
    *(Feature(_NEW, f"sh:{word}", WITHOUT_EFFECT, shapes=f"{_S} :S sh:{word} :x .", expected=1, word=f"sh:{word}") for word in (
        "agentInstruction", "codeIdentifier", "conformanceDisallows", "intent", "shape",
    )),
    *(Feature(_NEW, f"sh:{word}", WITHOUT_EFFECT, shapes=f"{_S} :x a sh:{word} .", expected=1, word=f"sh:{word}") for word in (
        "NodeExpression", "ShapeClass",
    )),
    *(Feature(_NEW, f"sh:{word} as a severity", SUPPORTED, shapes=f"{_S.replace('sh:minCount 2', f'sh:minCount 2 ; sh:severity sh:{word}')}", expected=1) for word in ("Debug", "Trace")),
)  # fmt: skip
