"""What shapes look at from a focus node is all that its results depend on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from shacl_checks import list_results
from w3c_suites import load_shacl_cases, shacl_parameters

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.shacl import prepare, validate
from glocal_rdf.shacl.reach import FOCUS, Reach, find_reach
from glocal_rdf.triples import Triples

HEAD = """
PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://example.org/> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
ex:S sh:targetClass ex:City ; """


def reach_of(body: str) -> Reach:
    return find_reach(prepare(Triples.parse(HEAD + body, "turtle")))


def walk(data: Triples, reach: Reach, focus: str) -> Triples:
    """Return the triples within reach of a focus node."""
    triples = list(data)
    found = {triple for triple in triples if triple[1] == RDFS_SUBCLASS_OF}
    seen = {(focus, FOCUS)}
    todo = list(seen)
    while todo:
        node, state = todo.pop()
        for step in reach.steps_from.get(state, ()):
            for triple in triples:
                ends = triple[::-2] if step.backward else triple[::2]
                if ends[0] == node and step.predicate in {None, triple[1]}:
                    found.add(triple)
                    if (ends[1], step.target) not in seen:
                        seen.add((ends[1], step.target))
                        todo.append((ends[1], step.target))
    return Triples.from_terms(sorted(found))


def nodes_of(data: Triples, shapes: Iterable[tuple[str, str]]) -> list[str]:
    named = {term for kind, term in shapes if kind == "targetNode"}
    return sorted({term for s, _, o in data for term in (s, o)} | named)


@pytest.mark.parametrize("file", shacl_parameters())
def test_each_focus_node_is_validated_alike_with_what_is_in_reach_of_it(file: Path) -> None:
    for case in load_shacl_cases(file):
        if case.expected is None:
            continue
        shapes = prepare(case.shapes)
        try:
            whole = validate(case.data, shapes)
            reach = find_reach(shapes)
        except ShapesError:
            continue
        if reach.refused:
            # One query of the suite has nothing to do with its focus node.
            assert "not connected" in reach.refused[0].what
            continue
        targets = [target for shape in shapes.read.targeted for target in shape.targets]
        found = []
        for node in nodes_of(case.data, targets):
            found += validate(walk(case.data, reach, node), shapes, only_focus=[node]).results
        assert list_results(found) == list_results(whole.results)


def test_a_path_leads_to_the_nodes_whose_class_is_asked_for() -> None:
    reach = reach_of("sh:property [ sh:path ( ex:country [ sh:inversePath ex:capital ] ) ; sh:class ex:City ] .")
    steps = [(s.source, s.predicate, s.backward, s.target) for s in reach.steps]
    country, capital, kind = "<http://example.org/country>", "<http://example.org/capital>", "type>"
    assert [(source, predicate.endswith(kind)) for source, predicate, *_ in steps if predicate.endswith(kind)] == [
        (0, True),
        (3, True),
    ]
    assert (0, country, False, 1) in steps
    assert (1, capital, True, 3) in steps
    assert reach.depth == 3


def test_a_repeated_path_has_no_depth() -> None:
    assert reach_of("sh:property [ sh:path [ sh:zeroOrMorePath ex:part ] ; sh:nodeKind sh:IRI ] .").depth is None
    assert reach_of("sh:property [ sh:path ex:part ; sh:nodeKind sh:IRI ] .").depth == 1


def test_superclasses_are_not_followed_as_they_are_everywhere() -> None:
    reach = reach_of(
        'sh:sparql [ sh:select "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> '
        'SELECT $this { $this a/rdfs:subClassOf* <urn:X> }" ] .'
    )
    assert {step.predicate.rpartition("#")[2] for step in reach.steps} == {"type>"}
    assert reach.depth == 1


QUERIES = {
    "by-a-shared-value": ("$this <urn:code> ?code . ?other <urn:code> ?code . FILTER (?other != $this)", True),
    "in-optional": ("$this <urn:a> ?x OPTIONAL { ?x <urn:b> ?y }", True),
    "in-optional-before-its-connection": ("OPTIONAL { ?x <urn:b> ?y } $this <urn:a> ?x", False),
    "after-optional": ("$this <urn:a> ?x OPTIONAL { $this <urn:b> ?y } ?y <urn:c> ?z", False),
    "before-its-connection": ("?x <urn:b> ?y . $this <urn:a> ?x", True),
    "not-exists": ("$this <urn:a> ?x FILTER NOT EXISTS { ?x <urn:b> ?y . ?y <urn:c> $this }", True),
    "not-exists-elsewhere": ("$this <urn:a> ?x FILTER NOT EXISTS { ?z <urn:b> ?y }", False),
    "in-every-branch": ("{ $this <urn:a> ?x } UNION { $this <urn:b> ?x } ?x <urn:c> ?y", True),
    "in-one-branch": ("{ $this <urn:a> ?x } UNION { $this <urn:b> ?z } ?x <urn:c> ?y", False),
    "by-a-constant": ("$this <urn:a> <urn:c> . <urn:c> <urn:b> ?y", False),
    "by-a-comparison": ("$this <urn:a> ?x . ?y <urn:a> ?z FILTER (?x = ?z)", False),
    "by-bind": ("BIND ($this AS ?x) ?x <urn:a> ?y", True),
    "in-brackets": ("$this <urn:a> [ <urn:b> ?y ]", True),
    "in-a-list": ("$this <urn:a> ( ?x ) . ?x <urn:b> ?y", True),
    "any-predicate": ("$this ?p ?x . ?x ?q $this", True),
    "subquery": ("{ SELECT $this (COUNT(?x) AS ?n) { $this <urn:a> ?x } GROUP BY $this } FILTER (?n > 1)", True),
    "subquery-with-a-name-of-its-own": (
        "$this <urn:a> ?x { SELECT $this { $this <urn:b> ?y . ?x <urn:c> ?z } }",
        False,
    ),
    "subquery-with-limit": ("{ SELECT $this { $this <urn:a> ?x } LIMIT 1 }", False),
}


@pytest.mark.parametrize(("patterns", "connected"), QUERIES.values(), ids=QUERIES)
def test_a_query_is_followed_where_its_patterns_hang_together(patterns: str, connected: bool) -> None:
    reach = reach_of(f'sh:sparql [ sh:select """SELECT $this {{ {patterns} }}""" ] .')
    assert bool(reach.refused) is not connected, reach.refused
    if not connected:
        assert "any triple" in reach.refused[0].what or "LIMIT" in reach.refused[0].what
