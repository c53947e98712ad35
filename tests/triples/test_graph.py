"""Triples: a graph is a set, combined, compared, asked and handed on by columns."""

import contextlib
import subprocess
import sys

import polars as pl
import pytest
import rdflib

import glocal_rdf.triples
from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples

A, B, C = ("<x:a>", "<x:p>", '"1"@en'), ("<x:b>", "<x:p>", "<x:a>"), ("<x:b>", "<x:q>", '"1"@EN')


def edges(*pairs):
    return Triples.from_terms((f"_:{s}", "<x:p>", f"_:{o}" if o[0] != "<" else o) for s, o in pairs)


def ring(name, size):
    return [(f"{name}{number}", f"{name}{(number + 1) % size}") for number in range(size)]


def test_a_graph_is_a_set_of_triples():
    graph = Triples.from_terms([B, A, B])
    assert len(graph) == 2
    assert list(graph) == [B, A]
    assert B in graph
    assert C not in graph
    assert graph == Triples.from_terms([A, B])
    assert graph != Triples.from_terms([A, C])
    assert list(graph.sort()) == [A, B]
    assert Triples.empty() == Triples.from_terms([])
    assert not len(Triples.empty())
    assert Triples.from_terms([A]) != [A]
    assert repr(graph) == "<Triples: 2>"


def test_graphs_are_united_subtracted_and_intersected():
    one, two = Triples.from_terms([A, B]), Triples.from_terms([B, C])
    assert one | two == one.union(two) == Triples.from_terms([A, B, C])
    assert one - two == Triples.from_terms([A])
    assert one & two == Triples.from_terms([B])
    assert one.union() == one
    assert one.diff(two) == (Triples.from_terms([C]), Triples.from_terms([A]))


def test_match_keeps_what_has_the_given_terms():
    graph = Triples.from_terms([A, B, C])
    assert list(graph.match("<x:b>")) == [B, C]
    assert list(graph.match(predicate="<x:p>", object="<x:a>")) == [B]
    assert graph.match() == graph
    assert not len(graph.match(object="<x:nothing>"))


def test_a_frame_with_other_columns_is_no_graph():
    with pytest.raises(TypeError, match="subject"):
        Triples(pl.DataFrame({"s": ["<x:a>"]}))


def test_duplicates_in_a_frame_are_never_written():
    frame = Triples.from_terms([A]).frame
    graph = Triples(pl.concat([frame, frame]))
    assert graph.serialize("ntriples") == b'<x:a> <x:p> "1"@en .\n'
    assert len(graph.distinct()) == 1


@pytest.mark.parametrize(
    "triple",
    [
        ("x:a", "<x:p>", "<x:o>"),
        ('"x"', "<x:p>", "<x:o>"),
        ("<x:s>", "_:b", "<x:o>"),
        ("<x:s>", "<x:p>", '"half'),
        ("<x:s>", "<x:p>", None),
        ("<x:s>", "<x:p>", '"a\nb"'),
        ("<x:s>", "<x:p>", '"\\u0041"'),
        ("<x:s>", "<x:p>", '"x"@not_a_tag'),
        ("<x:s>", "<x:p>", '"x"@en--ltr'),
        ("<x:s>", "<x:p>", '"x"^^<http://www.w3.org/2001/XMLSchema#string>'),
        ("<x:s>", "<x:p>", '"x" .\n<x:a> <x:b> "injected"'),
        ("<http://a b>", "<x:p>", "<x:o>"),
        ("<x:s> <x:p> <x:o> .\n<x:s>", "<x:p>", "<x:o>"),
    ],
)
def test_what_is_no_canonical_term_is_refused(triple):
    with pytest.raises(InputError, match="in canonical N-Triples; write it as in"):
        Triples.from_terms([A, triple])


def test_odd_but_canonical_terms_are_taken():
    triple = ("_:b.c-d", "<http://[::1]/p>", '"x"@de-x-Foo-1')
    assert list(Triples.from_terms([triple])) == [triple]


def test_every_wrong_term_is_told():
    with pytest.raises(InputError) as caught:
        Triples.from_terms([("a", "<x:p>", "b"), ("c", "<x:p>", "<x:o>")])
    assert [problem.what.split()[0] for problem in caught.value.problems] == ["'a'", "'c'", "'b'"]


def test_merge_keeps_blank_nodes_of_different_graphs_apart():
    graph = edges(("b", "<x:o>"))
    assert graph | graph == graph
    merged = graph.merge(graph, edges(("bg1", "<x:z>")))
    assert len(merged) == 3
    assert merged.is_isomorphic(edges(("1", "<x:o>"), ("2", "<x:o>"), ("3", "<x:z>")))


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        pytest.param(ring("a", 3), ring("z", 3), True, id="ring"),
        pytest.param(ring("a", 6), ring("a", 3) + ring("b", 3), False, id="ring-of-6-and-two-of-3"),
        pytest.param(ring("a", 3) * 2 + ring("b", 4), ring("x", 4) + ring("y", 3), True, id="two-components"),
        pytest.param([("a", "b"), ("b", "<x:o>")], [("a", "b"), ("a", "<x:o>")], False, id="other-node"),
        pytest.param([("a", "b"), ("a", "c")], [("a", "b"), ("a", "b")], False, id="twins-are-two"),
        pytest.param([("a", "b"), ("c", "d")], [("d", "a"), ("b", "c")], True, id="equal-components"),
        pytest.param([("a", "a")], [("b", "b")], True, id="self"),
        pytest.param([], [], True, id="empty"),
        pytest.param([("a", "<x:o>")], [("a", "<x:z>")], False, id="other-object"),
    ],
)
def test_isomorphic_graphs_differ_in_labels_alone(one, two, same):
    assert edges(*one).is_isomorphic(edges(*two)) is same
    assert edges(*two).is_isomorphic(edges(*one)) is same


def test_graphs_that_only_a_search_tells_apart():
    """The rook's graph and the Shrikhande graph: strongly regular alike, and not the same."""
    cells = [(x, y) for x in range(4) for y in range(4)]
    rook = [(a, b) for a in cells for b in cells if a != b and (a[0] == b[0] or a[1] == b[1])]
    steps = [(1, 0), (3, 0), (0, 1), (0, 3), (1, 1), (3, 3)]
    shrikhande = [(a, ((a[0] + x) % 4, (a[1] + y) % 4)) for a in cells for x, y in steps]
    named = [edges(*((f"n{a}{b}", f"n{c}{d}") for (a, b), (c, d) in graph)) for graph in (rook, shrikhande)]
    turned = edges(*((f"n{b}{a}", f"n{d}{c}") for (a, b), (c, d) in reversed(rook)))
    assert not named[0].is_isomorphic(named[1])
    assert named[0].is_isomorphic(turned)


@pytest.mark.timeout(60)
def test_graphs_made_to_be_hard_are_compared_or_refused_in_bounded_time():
    for hard in ([(f"l{n}", f"l{n + 1}") for n in range(20_000)], [("hub", f"leaf{n}") for n in range(5_000)]):
        assert edges(*hard).is_isomorphic(edges(*[(s + "x", o + "x") for s, o in reversed(hard)]))
    grid = [
        (f"n{x}_{y}_{z}", f"n{(x + a) % 7}_{(y + b) % 7}_{(z + c) % 7}")
        for x in range(7)
        for y in range(7)
        for z in range(7)
        for a, b, c in ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    ]
    twisted = [(s, o.replace("n0_0_", "n1_0_") if s.startswith("n6_0_") else o) for s, o in grid]
    with contextlib.suppress(InputError):
        assert not edges(*grid).is_isomorphic(edges(*twisted))


def test_diff_knows_unchanged_blank_nodes_under_new_labels():
    old = edges(("a", "<x:o>"), ("b", "c"), ("c", "<x:z>"))
    new = edges(("k", "<x:o>"), ("l", "m"), ("m", "<x:z>"), ("n", "<x:new>"))
    added, removed = old.diff(new)
    assert [triple[2] for triple in added] == ["<x:new>"]
    assert not len(removed)


def test_rdflib_gets_and_gives_every_literal_as_it_is():
    graph = Triples.from_terms(
        [
            ("<x:a>", "<x:p>", '"12.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
            ("<x:a>", "<x:p>", '"01"^^<http://www.w3.org/2001/XMLSchema#integer>'),
            ("<x:a>", "<x:p>", '"1"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
            ("<x:a>", "<x:p>", '"臺北\\n"@zh-Hant'),
            ("_:b", "<x:p>", '"plain"'),
        ]
    )
    assert Triples.from_rdflib(graph.to_rdflib()) == graph


def test_a_dataset_of_rdflib_is_merged_and_what_is_no_rdf_refused():
    dataset = rdflib.Dataset()
    dataset.graph(rdflib.URIRef("x:g")).add((rdflib.URIRef("x:a"), rdflib.URIRef("x:p"), rdflib.Literal("x")))
    assert list(Triples.from_rdflib(dataset)) == [("<x:a>", "<x:p>", '"x"')]
    for odd in (rdflib.URIRef("not an iri"), rdflib.Variable("v"), rdflib.URIRef("x:\n")):
        graph = rdflib.Graph()
        graph.add((odd, rdflib.RDF.value, rdflib.Literal("x")))
        with pytest.raises(InputError):
            Triples.from_rdflib(graph)


def test_a_store_answers_questions():
    store = Triples.from_terms([A, B, C]).to_store()
    assert bool(store.query("ASK { <x:b> <x:p>/<x:p> '1'@en }"))


def test_the_public_names_are_there_and_sorted():
    assert glocal_rdf.triples.__all__ == sorted(glocal_rdf.triples.__all__)
    assert all(hasattr(glocal_rdf.triples, name) for name in glocal_rdf.triples.__all__)


def test_rdflib_is_not_imported_before_it_is_needed():
    code = "import sys, glocal_rdf.triples; sys.exit(any(n in sys.modules for n in ('rdflib', 'pyoxigraph')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
