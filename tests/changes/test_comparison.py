"""What has changed is found whole, each statement once, and as little as possible differs."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glocal_rdf.changes import (
    Changes,
    GraphChanges,
    GraphVersion,
    apply_patch,
    compare_graphs,
    compare_versions,
    write_patch,
)
from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.datasets import Dataset

PREFIXES = """@prefix : <http://e/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"

IRIS = st.sampled_from(
    [*(f"<http://e/{name}>" for name in "abcdef"), "<http://e/臺北?q=%C3%A9&a=b#f'(x)>", "<urn:x:1>"]
)
BLANKS = st.integers(0, 5).map(lambda n: f"_:b{n}")
TEXTS = st.one_of(
    st.sampled_from(
        ["", "a", 'say "hi"\\', "line\nfeed\r\ttab", "\x00\x1b[31m\x7f", "<_:b0>", "臺北", " .", "e\u0301", "\u202e"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
LITERALS = st.one_of(
    TEXTS.map(terms.quote),
    st.builds(lambda text, tag: terms.quote(text, language=tag), TEXTS, st.sampled_from(["en", "zh-Hant", "de"])),
    st.sampled_from([f'"{n}"^^<{XSD}{kind}>' for n in ("1", "01", "1.0", "1.50") for kind in ("decimal", "integer")]),
)
PREDICATES = st.sampled_from(["<http://e/p>", "<http://e/q>", TYPE, LABEL])
TRIPLES = st.tuples(st.one_of(IRIS, BLANKS), PREDICATES, st.one_of(IRIS, BLANKS, LITERALS))
GRAPHS = st.lists(TRIPLES, max_size=25).map(Triples.from_terms)


def parse(text: str) -> Triples:
    return Triples.parse(PREFIXES + text, "turtle")


def versions(old: Triples, new: Triples) -> Changes:
    return compare_versions(GraphVersion("old", old), GraphVersion("new", new))


def compare(old: str, new: str) -> GraphChanges:
    return compare_graphs(parse(old), parse(new))


def rows(changes: GraphChanges) -> list[tuple[str, str, str | None, str | None]]:
    """The rows of changes, in short."""
    found = changes.changes.select("thing", "property", "old", "new").iter_rows()
    return [tuple(cell if cell is None else cell.replace("http://e/", "") for cell in row) for row in found]  # type: ignore[misc]


def relabel(graph: Triples) -> Triples:
    """Give every blank node another label."""
    return Triples.from_terms(
        [tuple(t.replace("_:b", "_:z9") if t.startswith("_:") else t for t in row) for row in graph]
    )  # type: ignore[misc]


@pytest.mark.slow
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(GRAPHS, GRAPHS)
def test_the_patch_makes_the_new_graph_of_the_old_one(old: Triples, new: Triples) -> None:
    changes = versions(old, new)
    made = apply_patch(old, write_patch(changes))
    assert not made.named
    assert made.default.is_isomorphic(new)
    assert bool(changes) == (not old.is_isomorphic(new))


@pytest.mark.slow
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(GRAPHS, GRAPHS)
def test_every_change_is_named_exactly_once(old: Triples, new: Triples) -> None:
    changes = compare_graphs(old, new)
    renamed = {rename.old: rename.new for rename in changes.renames}
    told = Counter(changes.changes.select("node", "property", "new").drop_nulls("new").iter_rows())
    explained = {tuple(renamed.get(term, term) for term in triple) for triple in changes.removed} & set(changes.added)
    explained -= set(told)
    assert set(told.values()) <= {1}
    assert set(told) | explained == set(changes.added)
    gone = Counter(changes.changes.select("node", "property", "old").drop_nulls("old").iter_rows())
    wanted = Counter(
        (renamed.get(s, s), p, o)
        for s, p, o in changes.removed
        if tuple(renamed.get(term, term) for term in (s, p, o)) not in explained
    )
    assert gone == wanted


@pytest.mark.slow
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(GRAPHS)
def test_labels_of_blank_nodes_do_not_matter(graph: Triples) -> None:
    assert not compare_graphs(graph, relabel(graph))


@pytest.mark.slow
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(GRAPHS, TRIPLES)
def test_one_triple_more_is_one_triple_in_the_patch(graph: Triples, triple: tuple[str, str, str]) -> None:
    more = graph.union(Triples.from_terms([triple]))
    changes = compare_graphs(graph, more)
    assert len(changes.added) - len(changes.removed) == len(more) - len(graph)


def test_values_are_paired_by_property_and_language() -> None:
    changes = compare(
        ':t rdfs:label "Taipei"@en, "臺北"@zh-Hant ; :founded 1894 ; :theme :a, :b ; :gone 1 .',
        ':t rdfs:label "Taipei"@en, "臺北市"@zh-Hant ; :founded 1884 ; :theme :c, :d ; :added 2 .',
    )
    integer = f"^^<{XSD}integer>"
    assert sorted(rows(changes), key=str) == sorted(
        [
            ("<t>", LABEL, '"臺北"@zh-Hant', '"臺北市"@zh-Hant'),
            ("<t>", "<founded>", f'"1894"{integer}', f'"1884"{integer}'),
            ("<t>", "<theme>", "<a>", None),
            ("<t>", "<theme>", "<b>", None),
            ("<t>", "<theme>", None, "<c>"),
            ("<t>", "<theme>", None, "<d>"),
            ("<t>", "<gone>", f'"1"{integer}', None),
            ("<t>", "<added>", None, f'"2"{integer}'),
        ],
        key=str,
    )


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("12.50", "12.5", True),
        ("12.50", "12.51", False),
        ('"007"^^xsd:integer', "7", True),
        ("1", "1.0", False),
        ("1e0", '"1.0"^^xsd:double', True),
        ('"NaN"^^xsd:double', '"NaN"^^xsd:float', False),
        ('"1"^^xsd:boolean', "true", True),
        ('"2020-01-01T00:00:00Z"^^xsd:dateTime', '"2020-01-01T01:00:00+01:00"^^xsd:dateTime', True),
        ('"2020-01-01"^^xsd:date', '"2020-01-02"^^xsd:date', False),
        ('"a"@zh-Hant', '"a"@zh-hant', True),
        ('"a"@en', '"a"@de', False),
        ('"caf\\u00e9"', '"cafe\\u0301"', True),
        ('"caf\\u00e9"@fr', '"cafe\\u0301"@FR', True),
        ('"a"', '"a"@en', False),
        ('"a"', '"b"', False),
        (":a", ":b", False),
        ('"x"^^xsd:integer', '"y"^^xsd:integer', False),
    ],
)
def test_literals_are_compared_as_written_and_equal_values_are_marked(old: str, new: str, same: bool) -> None:
    changes = compare(f":t :p {old} .", f":t :p {new} .")
    assert (len(changes.added), len(changes.removed)) == (1, 1)
    assert changes.changes["same_value"].to_list() == [same]


def test_a_renamed_thing_is_one_change_with_what_refers_to_it() -> None:
    changes = compare(
        ':bcn a :City ; rdfs:label "Barcelona" ; :country :es . :t :twin :bcn . :c :about :bcn ; :by :t .',
        ':barcelona a :City ; rdfs:label "Barcelona" ; :country :es . :t :twin :barcelona . '
        ":c :about :barcelona ; :by :t .",
    )
    assert [(one.old, one.new, one.exact, one.triples) for one in changes.renames] == [
        ("<http://e/bcn>", "<http://e/barcelona>", True, 5)
    ]
    assert rows(changes) == []
    assert len(changes.added) == len(changes.removed) == 5


def test_things_that_refer_to_each_other_are_renamed_together() -> None:
    old = ':a a :City ; rdfs:label "A" ; :mayor :m . :m a :Person ; :of :b0 ; rdfs:label "M" . :s :selects :m ; :n 1 .'
    new = ':x a :City ; rdfs:label "A" ; :mayor :y . :y a :Person ; :of :b0 ; rdfs:label "M" . :s :selects :y ; :n 1 .'
    changes = compare(old, new)
    assert [(one.old[-2], one.new[-2]) for one in changes.renames] == [("a", "x"), ("m", "y")]
    assert rows(changes) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (":a a :City .", ":b a :City ."),
        (':a a :City ; rdfs:label "A" .', ':b a :City ; rdfs:label "B" .'),
        (":a :n 1 .", ":b :n 1 ."),
        (':a a :City ; rdfs:label "A" ; :n 1 .', ':b a :Town ; rdfs:label "A" ; :n 2 .'),
        (
            ':a a :City ; rdfs:label "A" ; :n 1 .',
            ':b a :City ; rdfs:label "A" ; :n 1 . :c a :City ; rdfs:label "A" ; :n 1 .',
        ),
        (':a a :City ; rdfs:label "A" ; :n 1 . :b :n 2 .', ':b a :City ; rdfs:label "A" ; :n 1, 2 .'),
    ],
    ids=["class", "other-name", "one-statement", "other-class", "two-candidates", "known-thing"],
)
def test_what_is_not_certain_is_not_a_renaming(old: str, new: str) -> None:
    assert compare(old, new).renames == ()


def test_a_thing_that_keeps_its_name_and_most_statements_is_renamed_and_changed() -> None:
    changes = compare(
        ':a a :City ; rdfs:label "Lyon" ; :country :fr ; :mayor :x .',
        ':b a :City ; rdfs:label "Lyon" ; :country :fr ; :mayor :y .',
    )
    assert [(one.exact, one.triples) for one in changes.renames] == [(False, 3)]
    assert rows(changes) == [("<b>", "<mayor>", "<x>", "<y>")]
    assert changes.list_things("changed") == ["<http://e/b>"]


def test_new_and_removed_things_are_told_from_changed_ones() -> None:
    changes = compare(':a :p 1 . :b :p 1 ; rdfs:label "b" .', ':a :p 2 . :c :q :b ; rdfs:label "c" .')
    assert {status: changes.list_things(status) for status in ("new", "removed", "changed")} == {  # type: ignore[arg-type]
        "new": ["<http://e/c>"],
        "removed": ["<http://e/b>"],
        "changed": ["<http://e/a>"],
    }


class TestBlankNodes:
    """Blank nodes that have not changed do not differ, and of those that have the least does."""

    def test_a_value_in_a_node_is_one_change_with_the_way_to_it(self) -> None:
        changes = compare(
            ":s :property [ :path :a ; :min 1 ], [ :path :b ; :min 1 ] .",
            ":s :property [ :path :b ; :min 1 ], [ :path :a ; :min 2 ] .",
        )
        (row,) = changes.changes.iter_rows(named=True)
        assert (row["thing"], row["path"], row["property"]) == (
            "<http://e/s>",
            ["<http://e/property>"],
            "<http://e/min>",
        )
        assert (row["old"][1], row["new"][1]) == ("1", "2")

    def test_an_item_of_a_list_is_one_change(self) -> None:
        changes = compare(":s :in ( 1 2 3 4 ) .", ":s :in ( 1 2 9 4 ) .")
        assert (len(changes.added), len(changes.removed)) == (1, 1)

    def test_a_node_without_a_thing_is_one_itself(self) -> None:
        changes = compare("[] a :Loose ; :v 1 .", "[] a :Loose ; :v 2 .")
        assert (len(changes.added), len(changes.removed)) == (1, 1)
        assert changes.changes["thing"][0].startswith("_:")
        assert changes.changes["status"].to_list() == ["changed"]

    def test_a_new_tree_is_added_and_nothing_else(self) -> None:
        changes = compare(":s :p [ :q [ :r 1 ] ] .", ":s :p [ :q [ :r 1 ] ], [ :q [ :r 2 ; :t 3 ] ] .")
        assert (len(changes.added), len(changes.removed)) == (4, 0)
        assert set(changes.changes["thing"]) == {"<http://e/s>"}

    def test_labels_of_the_file_do_not_matter(self) -> None:
        assert not compare("_:x :p _:y . _:y :p _:x .", "_:b :p _:a . _:a :p _:b .")
        assert not compare("_:x :p _:y . _:y :q 1 .", "_:y :p _:x . _:x :q 1 .")

    def test_nodes_that_are_alike_are_counted(self) -> None:
        changes = compare(":s :p [], [] .", ":s :p [], [], [] .")
        assert (len(changes.added), len(changes.removed)) == (1, 0)

    def test_a_ring_of_another_length_is_another_one(self) -> None:
        ring = "_:a :p _:b . _:b :p _:c . _:c :p _:a ."
        two = "_:d :p _:e . _:e :p _:d ."
        assert not compare(ring + two, two.replace("_:d", "_:x") + ring.replace("_:a", "_:y"))
        assert compare(ring, two)

    def test_new_nodes_do_not_take_the_labels_of_old_ones(self) -> None:
        old, new = parse("_:a :p 1, 2, 3 ."), parse("_:a :q 7, 8, 9 .")
        changes = versions(old, new)
        assert apply_patch(old, write_patch(changes)).default.is_isomorphic(new)


class TestDatasets:
    """Named graphs are compared one by one."""

    OLD = "@prefix : <http://e/> . :a :p 1 . :g { :a :p 1, _:x . _:x :q 1 } :h { :b :p _:x } :k { :c :p 1 }"
    NEW = "@prefix : <http://e/> . :a :p 1 . :g { :a :p 1, _:y . _:y :q 2 } :h { :b :p _:y } :l { :c :p 1 }"

    def test_each_graph_has_its_changes(self) -> None:
        old, new = (Dataset.parse(text, "trig") for text in (self.OLD, self.NEW))
        changes = compare_versions(
            GraphVersion("old", old.default, old.named), GraphVersion("new", new.default, new.named)
        )
        assert {graph.graph: (len(graph.added), len(graph.removed)) for graph in changes} == {
            "http://e/g": (1, 1),
            "http://e/k": (0, 1),
            "http://e/l": (1, 0),
        }
        made = apply_patch(old, write_patch(changes))
        assert {name: graph for name, graph in made.named.items() if len(graph)}.keys() == new.named.keys()
        assert made.named["http://e/g"].is_isomorphic(new.named["http://e/g"])
        assert {o for _, _, o in made.named["http://e/h"]} <= {s for s, _, _ in made.named["http://e/g"]}

    def test_a_graph_without_an_iri_is_refused(self) -> None:
        odd = Dataset.parse("_:g { <urn:a> <urn:b> <urn:c> }", "trig")
        with pytest.raises(InputError, match="blank node as its name"):
            compare_versions(GraphVersion("old", odd.default, odd.named), GraphVersion("new", odd.default, odd.named))


QUADS = st.lists(st.tuples(TRIPLES, st.sampled_from(["", "http://e/g", "http://e/h"])), max_size=25)


def dataset_of(quads: list[tuple[tuple[str, str, str], str]]) -> Dataset:
    graphs = {
        name: Triples.from_terms([triple for triple, graph in quads if graph == name]) for _, name in [*quads, ("", "")]
    }
    return Dataset(graphs.pop(""), graphs)


def flatten(dataset: Dataset) -> Triples:
    """One graph in which the predicate names the graph too, so that isomorphism holds for the dataset."""
    named = {"": dataset.default, **dataset.named}
    return Triples.from_terms(
        [(s, f"{p[:-1]}?in={name[-1:]}>", o) for name, graph in named.items() for s, p, o in graph]
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(QUADS, QUADS)
def test_a_patch_makes_the_new_dataset_though_graphs_share_blank_nodes(
    before: list[tuple[tuple[str, str, str], str]], after: list[tuple[tuple[str, str, str], str]]
) -> None:
    old, new = dataset_of(before), dataset_of(after)
    changes = compare_versions(GraphVersion("old", old.default, old.named), GraphVersion("new", new.default, new.named))
    assert flatten(apply_patch(old, write_patch(changes))).is_isomorphic(flatten(new))
    assert bool(changes) == (not flatten(old).is_isomorphic(flatten(new)))


def draw_torus(steps: list[tuple[int, int]], letter: str) -> str:
    """A graph of sixteen blank nodes on a torus of four by four; each has an edge both ways along each step."""
    edges = [((x, y), ((x + a) % 4, (y + b) % 4)) for x in range(4) for y in range(4) for a, b in steps]
    return " ".join(
        f"_:{letter}{a}{b} :p _:{letter}{c}{d} . _:{letter}{c}{d} :p _:{letter}{a}{b} ." for (a, b), (c, d) in edges
    )


def test_nodes_that_colours_cannot_tell_apart_are_matched_all_the_same() -> None:
    # Shrikhande's graph and the rook's graph have the same parameters of strong regularity, and are not isomorphic.
    shrikhande, rook = [(0, 1), (1, 0), (1, 1)], [(0, 1), (0, 2), (1, 0), (2, 0)]
    assert not compare(draw_torus(shrikhande, "n"), draw_torus(shrikhande, "m"))
    assert not compare(draw_torus(rook, "n"), draw_torus(rook, "m"))
    old, new = parse(draw_torus(shrikhande, "n")), parse(draw_torus(rook, "m"))
    assert len(old) == len(new) == 96
    changes = versions(old, new)
    assert changes
    assert apply_patch(old, write_patch(changes)).default.is_isomorphic(new)
