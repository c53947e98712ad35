"""Queries that look up predicates of the data, the ontology mostly, and data in which all of them have results."""

from __future__ import annotations

from shacl_checks import graph

from glocal_rdf.triples import Triples

__all__ = ["DATA", "QUERIES", "write", "write_all"]

PREFIXES = """PREFIX ex: <http://example.org/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>"""
# The queries that the shapes of a project ask of its ontology, and others of their kind.
QUERIES = {
    "domain": """$this ?path ?any . ?path rdfs:domain ?value
        FILTER NOT EXISTS { $this a ?class FILTER EXISTS { ?class rdfs:subClassOf* ?value } }""",
    "range-of-some-kind": """$this ?path ?value . ?path a ex:Link ; rdfs:range ?range
        FILTER NOT EXISTS { ?value a ?class FILTER EXISTS { ?class rdfs:subClassOf* ?range } }""",
    "not-listed": "$this ?path ?value FILTER NOT EXISTS { ?path ex:listed ?by }",
    "usual-kind": """$this ?path ?any FILTER EXISTS { ?path ex:usual ?some }
        FILTER NOT EXISTS { ?path ex:usual ?kind . $this a ?kind }""",
    "of-the-object": "?any ?path $this . ?path rdfs:range ?value FILTER NOT EXISTS { $this a ?value }",
    "in-optional": "$this ?path ?any OPTIONAL { ?path rdfs:domain ?value }",
    "optional-without-a-value": "$this ?path ?value OPTIONAL { ?path ex:listed ?by } FILTER (!BOUND(?by))",
    "by-a-path": "$this ?path ?any . ?path rdfs:subPropertyOf*/rdfs:domain ?value",
    "a-path-that-may-have-no-step": "$this ?path ?any . ?path rdfs:subPropertyOf* ?value",
    "to-itself-or-above": "$this ?path ?any FILTER EXISTS { ?path rdfs:subPropertyOf? ?above }",
    "backwards": "$this ?path ?any . ?value rdfs:subPropertyOf ?path",
    "either-way": "$this ?path ?any . ?path ex:inverse|^ex:inverse ?value",
    "a-list": "$this ?path ?any . ?path ex:among ?list . ?list rdf:rest*/rdf:first ?value",
    "claimed-by-anybody": "$this ?path ?value FILTER EXISTS { ?claim ex:predicate ?path }",
    "claimed-by-nobody": "$this ?path ?value FILTER NOT EXISTS { ?claim ex:predicate|ex:also ?path }",
    "claimed-of-this": """$this ?path ?value OPTIONAL { ?claim ex:subject $this ; ex:predicate ?path }
        FILTER (!BOUND(?claim))""",
    "in-a-subquery": "{ SELECT $this ?path { $this ?path ?any } } ?path rdfs:domain ?value",
    "in-every-branch": "{ $this ?path ?any } UNION { $this ex:odd ?path } FILTER EXISTS { ?x ex:predicate ?path }",
    "by-bind": "$this ?path ?any BIND (?path AS ?same) ?same rdfs:domain ?value",
}
DATA = """
ex:c1 a ex:Town ; ex:country ex:k1 ; ex:odd ex:seldom ; ex:name "One" .
ex:c2 a ex:City ; ex:country ex:c1 ; ex:free "x" .
ex:c3 a ex:City ; ex:name ex:k1 . ex:k1 a ex:Country ; ex:capital ex:c2 . ex:Town rdfs:subClassOf ex:City .
ex:country a ex:Link ; rdfs:domain ex:Town ; rdfs:range ex:Country ; ex:listed ex:o ; ex:usual ex:City .
ex:country ex:inverse ex:capital .
ex:name rdfs:domain ex:City ; rdfs:subPropertyOf ex:label ; ex:among ( ex:City ex:Country ) ; ex:usual ex:Country .
ex:label rdfs:domain ex:Thing ; rdfs:subPropertyOf ex:note .
ex:capital a ex:Link ; rdfs:range ex:Town ; ex:listed ex:o .
ex:narrow rdfs:subPropertyOf ex:free . ex:claim1 ex:subject ex:c1 ; ex:predicate ex:country . ex:claim2 ex:also ex:odd .
ex:claim3 ex:subject ex:c2 ; ex:predicate ex:seldom . ex:claim4 ex:predicate ex:country .
"""


def write(patterns: str) -> Triples:
    """Return a shape for all cities, whose SPARQL constraint has these patterns."""
    return _write([patterns])


def write_all() -> Triples:
    """Return a shape for all cities that has all queries."""
    return _write(list(QUERIES.values()))


def _write(all_patterns: list[str]) -> Triples:
    queries = [f"{PREFIXES} SELECT DISTINCT $this ?path ?value WHERE {{ {one} }}" for one in all_patterns]
    constraints = ", ".join(f'[ sh:select """{query}""" ]' for query in queries)
    return graph(f"ex:S sh:targetClass ex:City ; sh:sparql {constraints} .")
