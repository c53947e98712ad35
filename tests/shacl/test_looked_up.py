"""What queries look up of predicates, the ontology mostly, is there for every focus node, however a graph is cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, event, given, reject, settings
from hypothesis import strategies as st
from looked_up import DATA, QUERIES, write, write_all
from shacl_checks import graph

from glocal_rdf.dataset import Build
from glocal_rdf.errors import InputError, ShapesError
from glocal_rdf.shacl import ValidationReport, prepare, validate
from glocal_rdf.shacl.bounded import BoundedOptions, validate_bounded, validation
from glocal_rdf.shacl.bounded.memory import Budget
from glocal_rdf.shacl.reach import Reach, Sample, find_reach
from glocal_rdf.triples import Triples

ONE_NODE_A_GROUP = 2**28
WAYS = ((1, 1), (3, 1), (64, 1), (3, ONE_NODE_A_GROUP))
EX = "http://example.org/"


def reach_of(patterns: str) -> Reach:
    return find_reach(prepare(write(patterns)))


def cut(data: Triples, shapes: Triples, buckets: int, divided: int, **options: Any) -> ValidationReport:
    def read(_: int) -> Iterator[pl.DataFrame]:
        yield from data.frame.iter_slices(5)

    chosen = BoundedOptions(memory=2**30, buckets=buckets, divided=divided, **options)
    return validate_bounded(read, 1, prepare(shapes), chosen)


@pytest.mark.slow
@pytest.mark.parametrize("patterns", QUERIES.values(), ids=QUERIES)
def test_a_query_that_looks_up_predicates_has_the_same_report(patterns: str) -> None:
    data, shapes = graph(DATA), write(patterns)
    whole = validate(data, shapes)
    assert whole.total > 0
    for buckets, divided in WAYS:
        assert cut(data, shapes, buckets, divided) == whole


def test_what_only_the_ontology_has_is_looked_up_too() -> None:
    lines = DATA.splitlines()
    given, context = graph("\n".join(lines[:4])), graph("\n".join(lines[4:]))
    whole = validate(given.union(context), write_all(), given=given)
    assert whole.total > len(QUERIES)
    assert cut(given, write_all(), 3, ONE_NODE_A_GROUP, context=context) == whole


def test_only_what_leads_on_from_predicates_is_looked_up() -> None:
    reach = reach_of(QUERIES["domain"])
    steps = [(s.predicate, s.backward) for s in reach.steps_from[reach.of_predicates or 0]]
    assert steps == [("<http://www.w3.org/2000/01/rdf-schema#domain>", False)]
    assert not reach_of("$this ?path ?any . ?any a ?path").looks_up
    assert reach.looking_up == ("<http://example.org/S> / sh:sparql",)


def test_one_triple_for_each_predicate_is_enough_where_exists_asks_for_any() -> None:
    reach = reach_of("$this ?path ?value FILTER EXISTS { ?claim ex:predicate ?path }")
    assert reach.samples == {Sample(f"<{EX}predicate>", backward=True)}
    assert reach.of_predicates is None
    for patterns in (
        "$this ?path ?value FILTER EXISTS { ?claim ex:predicate ?path ; a ex:Claim }",
        "$this ?path ?claim FILTER EXISTS { ?claim ex:predicate ?path }",
        "{ $this ?path ?any } UNION { $this ex:odd ?path } FILTER EXISTS { ?x ex:predicate ?path }",
    ):
        assert not reach_of(patterns).samples


@pytest.mark.parametrize(
    "patterns",
    [
        "$this ex:country ?x OPTIONAL { $this ?path ?y } ?path rdfs:domain ?value",
        "{ $this ?path ?y } UNION { $this ex:country ?x } ?path rdfs:domain ?value",
        "$this ex:country ?x . ?path rdfs:subPropertyOf* ?value",
        "$this ?path ?y . ?p rdfs:domain ?value",
    ],
    ids=["after-optional", "in-one-branch", "two-nodes-that-nothing-connects", "another-variable"],
)
def test_a_query_that_predicates_do_not_connect_is_refused(patterns: str) -> None:
    assert "is not connected with $this" in reach_of(patterns).refused[0].what


# A group is evaluated by itself: there, ?x has no value in a filter or OPTIONAL.
SCOPES = {
    "in-braces": "$this ex:country ?x { $this ex:name ?value OPTIONAL { ?x ex:capital ?z } }",
    "first-in-braces": "$this ex:country ?x { OPTIONAL { ?x ex:capital ?z } }",
    "in-a-branch": "$this ex:country ?x { $this ex:name ?y OPTIONAL { ?x ex:capital ?z } } UNION { ?x ex:odd ?value }",
    "filter-in-braces": "$this ex:country ?x { $this ex:name ?value FILTER NOT EXISTS { ?x ex:capital ?z } }",
    "optional-in-optional": "$this ex:country ?x OPTIONAL { $this ex:name ?y OPTIONAL { ?x ex:capital ?z } }",
    "in-a-subquery": """$this ex:country ?x
        { SELECT $this ?x { $this ex:name ?y FILTER NOT EXISTS { ?x ex:capital ?z } } }""",
    "bind-before-its-variable": "BIND (?x AS ?y) $this ex:country ?x . ?y ex:capital ?value",
}


@pytest.mark.parametrize("patterns", SCOPES.values(), ids=SCOPES)
def test_a_variable_without_a_value_where_it_stands_connects_nothing(patterns: str) -> None:
    assert reach_of(patterns).refused


def test_within_exists_a_variable_has_its_value_everywhere() -> None:
    patterns = "$this ex:country ?x FILTER EXISTS { { $this ex:name ?y FILTER NOT EXISTS { ?x ex:capital ?z } } }"
    assert not reach_of(patterns).refused
    filters = "$this ex:country ?x OPTIONAL { $this ex:name ?y FILTER NOT EXISTS { ?x ex:capital ?z } }"
    assert not reach_of(filters).refused


def test_what_is_looked_up_and_does_not_fit_is_an_error_that_names_the_constraint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validation, "make_budget", lambda limit, _: Budget(limit, 12_000, 2.5, 100.0))
    shapes = write(QUERIES["domain"])
    for more in (
        " ".join(f"ex:country rdfs:domain ex:D{n} ." for n in range(100)),
        " ".join(f"ex:country rdfs:domain ex:D{n} ." for n in range(30)),
        " ".join(f"ex:x ex:p{n} ex:y ." for n in range(100)),
    ):
        with pytest.raises(InputError, match=r"not fit .* for <http://example.org/S> / sh:sparql") as caught:
            cut(graph(DATA + more), shapes, 3, 1)
        assert "give more memory" in str(caught.value)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_shapes_of_the_bundled_project_have_the_same_report(built: Build) -> None:
    """Every fiftieth triple is lacking, and some things have properties of others, so that there is much to report."""
    frame = built.triples.frame
    names = frame.filter(pl.col("predicate").str.ends_with("core#prefLabel>"))["subject"].unique().sort().head(200)
    own = frame.filter(pl.col("predicate").str.contains("glocal/ontology#"))["predicate"].unique().sort()
    wrong = [(name, own[at % len(own)], names[at * 7 % len(names)]) for at, name in enumerate(names)] + [
        (names[0], f"<{EX}unknown>", '"x"')
    ]
    kept = (
        frame.with_row_index().filter(pl.col("index") % 50 != 0).drop("index").select("subject", "predicate", "object")
    )
    data = Triples(pl.concat([kept, Triples.from_terms(wrong).frame]))
    shapes, ontology = built.project.shapes, built.project.ontology
    whole = validate(data.union(ontology), shapes, ontology=ontology, given=data)
    names_found = {result.shape.rpartition("#")[2] for result in whole.results}
    assert names_found >= {"Domain>", "Range>", "UsualDomain>", "UsualRange>", "KnownProperty>", "ClaimedFact>"}
    options = BoundedOptions(memory=2**30, buckets=3, ontology=ontology, context=ontology)
    found = validate_bounded(lambda _: data.frame.iter_slices(20_000), 1, prepare(shapes), options)
    assert found == whole


NODES = ["ex:n0", "ex:n1", "ex:p0", "ex:p1", "ex:p2", "ex:C", "ex:City"]
VERBS = ["ex:p0", "ex:p1", "ex:p2", "ex:q", "a"]


@st.composite
def data(draw: st.DrawFn) -> Triples:
    """Draw triples in which predicates are nodes too."""
    triple = st.tuples(st.sampled_from(NODES), st.sampled_from(VERBS), st.sampled_from([*NODES, '"x"']))
    drawn = draw(st.lists(triple, min_size=4, max_size=14))
    return graph("ex:n0 a ex:City . ex:n1 a ex:City . " + " ".join(f"{s} {p} {o} ." for s, p, o in drawn))


@st.composite
def groups(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw patterns, most of which hang together."""

    def one(*choices: str) -> str:
        return draw(st.sampled_from(choices))

    def pattern() -> str:
        verb = one(
            "?path", "?path", "?p", "ex:p0", "ex:q", "ex:q", "a", "ex:q*", "ex:p0/ex:q?", "ex:q|ex:p1", "^ex:q", "!ex:q"
        )
        subject, object_ = (
            one("$this", "?path", "?p", "?value", "?x"),
            one("$this", "?path", "?value", "?x", "?y", "ex:C"),
        )
        return f"{subject} {verb} {object_} ."

    parts = [one("$this ?path ?value .", "$this ex:q ?x .", "?value ?path $this .", pattern())]
    for _ in range(draw(st.integers(1, 3))):
        kind = one(
            "pattern",
            "pattern",
            *(["not", "exists", "optional", "union", "braces", "subquery", "bind"] if depth else []),
        )
        inner = "" if kind in {"pattern", "bind"} else draw(groups(depth - 1))
        parts.append(
            {
                "pattern": pattern() if kind == "pattern" else "",
                "not": f"FILTER NOT EXISTS {{ {inner} }}",
                "exists": f"FILTER EXISTS {{ {one(inner, '?z ex:q ?path', '?path ex:q|ex:p0 ?z')} }}",
                "optional": f"OPTIONAL {{ {inner} }}",
                "union": f"{{ {inner} }} UNION {{ {one('$this ex:p1 ?path', '$this ?path ?value')} }}",
                "braces": f"{{ {inner} }}",
                "subquery": f"{{ SELECT $this ?path ?value {{ {inner} }} }}",
                "bind": f"BIND ({one('?path', '?value')} AS ?{draw(st.sampled_from('bcd'))})",
            }[kind]
        )
    return " ".join(parts)


def compare_drawn(data: Triples, patterns: str, *ways: tuple[int, int]) -> None:
    try:
        shapes = write(patterns)
        prepared = prepare(shapes)
        _ = prepared.queries
        reach = find_reach(prepared)
        if reach.refused:
            event("refused")
            return
        whole = validate(data, shapes)
    except ShapesError:
        reject()
    event(f"looked up: {reach.looks_up}, results: {min(whole.total, 1)}")
    for buckets, divided in ways:
        assert cut(data, shapes, buckets, divided) == whole


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(
    max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(data(), groups())
def test_drawn_queries_have_the_same_report(data: Triples, patterns: str) -> None:
    compare_drawn(data, patterns, (3, ONE_NODE_A_GROUP))


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data(), groups())
def test_many_drawn_queries_have_the_same_report(data: Triples, patterns: str) -> None:
    compare_drawn(data, patterns, *WAYS)
