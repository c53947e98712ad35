"""SHACL-SPARQL: pre-binding for all focus nodes at once, what it forbids, literals as written, and the time limit."""

from __future__ import annotations

import pytest
from shacl_checks import check, found, graph

from glocal_rdf.errors import InputError, ShapesError
from glocal_rdf.shacl import validate
from glocal_rdf.shacl.sparql.prebinding import fill_template, read_query, replace_variable
from glocal_rdf.shacl.sparql.touched_triples import scan_query
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.triples import Triples

DECLARE = (
    "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] , "
    "[ sh:prefix 'rdf' ; sh:namespace 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'^^xsd:anyURI ] . "
)
DATA = "ex:a a ex:C ; ex:p 1, 2 ; ex:q ex:b . ex:b a ex:C ; ex:p 5 . ex:c a ex:C . ex:d a ex:D ; ex:p 9 ."


def shape(query: str, more: str = "") -> str:
    constraint = f'[ sh:prefixes ex: ; sh:select """{query}""" ]'
    return f"{DECLARE} ex:S a sh:NodeShape ; sh:targetClass ex:C {more} ; sh:sparql {constraint} ."


@pytest.mark.parametrize(
    ("query", "focus"),
    [
        ("SELECT $this WHERE { $this ex:p ?x . FILTER (?x > 4) }", ["b"]),
        ("SELECT $this WHERE { FILTER ($this = ex:c) }", ["c"]),
        ("SELECT $this WHERE { FILTER NOT EXISTS { $this ex:p ?x } }", ["c"]),
        ("SELECT $this WHERE { { FILTER (false) } UNION { FILTER ($this = ex:a) } }", ["a"]),
        ("SELECT $this WHERE { { FILTER (bound($this)) } $this ex:q ?x }", ["a"]),
        ("SELECT $this WHERE { BIND ($this AS ?that) FILTER (?that = ex:b) }", ["b"]),
        ("SELECT $this WHERE { OPTIONAL { $this ex:q ?x } FILTER (!bound(?x)) }", ["b", "c"]),
        ("SELECT $this WHERE { OPTIONAL { FILTER ($this = ex:a) BIND (1 AS ?x) } FILTER (bound(?x)) }", ["a"]),
        ("SELECT $this WHERE { { SELECT $this WHERE { FILTER ($this = ex:a) } } }", ["a"]),
        ("SELECT $this (COUNT(?x) AS ?n) WHERE { $this ex:p ?x } GROUP BY $this HAVING (COUNT(?x) > 1)", ["a"]),
        ("SELECT $this WHERE { $this ex:p ?x } ORDER BY ?x LIMIT 1", ["a", "b"]),
        ("SELECT DISTINCT $this WHERE { $this ex:p ?x }", ["a", "b"]),
        ("SELECT $this WHERE { $this ex:p ?x }", ["a", "a", "b"]),
        ("SELECT * WHERE { $this ex:q ?x }", ["a"]),
        ("SELECT $this WHERE { ?other ex:q $this }", ["b"]),
        ("SELECT $this WHERE { $this ?any ex:b }", ["a"]),
        ("SELECT $this WHERE { $this (ex:q/ex:p)|ex:none 5 }", ["a"]),
        ("SELECT $this WHERE { $this ex:q [ ex:p 5 ] }", ["a"]),
        ("SELECT $this WHERE { $this ex:q* ex:c }", ["c"]),
        ("SELECT $this WHERE { $this ex:p ?x . FILTER EXISTS { ?o ex:q $this . FILTER (?x = 5) } }", ["b"]),
        ("SELECT $this WHERE { $this a ex:C . ?o ex:p ?v . FILTER (?v = 9 && $this = ex:c) } # } not a brace", ["c"]),
        ("SELECT $this WHERE { FILTER (STR($this) = 'http://example.org/a' && '}{' != \"{$this\") }", ["a"]),
    ],
)
def test_one_query_answers_for_all_focus_nodes(query: str, focus: list[str]) -> None:
    report = check(DATA, shape(query.replace('"', '\\"')))
    assert sorted(f[0] for f in found(report)) == focus


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("SELECT $this WHERE { $this ex:p ?x MINUS { ?a ex:p 1 } }", "MINUS"),
        ("SELECT $this WHERE { VALUES ?x { 1 } $this ex:p ?x }", "VALUES"),
        ("SELECT $this WHERE { SERVICE <http://example.org/> { $this ex:p ?x } }", "SERVICE"),
        ("SELECT (ex:a AS $this) WHERE { ?a ex:p ?x }", "which is pre-bound"),
        ("SELECT $this WHERE { BIND (1 AS ?currentShape) }", "which is pre-bound"),
        ("SELECT $this WHERE { { SELECT ?x WHERE { $this ex:p ?x } } }", "does not return $this"),
        ("SELECT $this WHERE { { SELECT * WHERE { $this ex:p ?x } } }", "does not return $this"),
        ("SELECT $this WHERE { { SELECT (ex:f($this) AS ?y) WHERE { $this ex:p ?x } } }", "does not return $this"),
        ("SELECT ?x WHERE { $this ex:p ?x }", "does not select $this"),
        ("ASK { $this ex:p ?x }", "has a query of the form ASK"),
        ("CONSTRUCT { $this ex:p ?x } WHERE { $this ex:p ?x }", "neither SELECT nor ASK"),
        ("SELECT $this WHERE { $this ex:p ?x", "is not SPARQL"),
        ("SELECT $this WHERE { $this ex:p }", "is not SPARQL"),
        ("SELECT $this WHERE { $this nope:p ?x }", "nope"),
        ("SELECT $this WHERE { $this $PATH ?x }", "$PATH on a node shape"),
        ("SELECT $this ?failure WHERE { BIND (true AS ?failure) }", "reports a failure"),
    ],
)
def test_what_cannot_be_pre_bound_is_refused(query: str, wanted: str) -> None:
    with pytest.raises(ShapesError) as error:
        check(DATA, shape(query))
    assert wanted in str(error.value)
    assert "example.org/S>" in str(error.value)


def test_forbidden_queries_are_refused_also_where_they_reach_nothing() -> None:
    with pytest.raises(ShapesError, match="MINUS"):
        check("ex:z a ex:Z .", shape("SELECT $this WHERE { $this ex:p ?x MINUS { ?a ex:p 1 } }"))


def test_values_come_back_as_they_are_written() -> None:
    data = 'ex:a a ex:C ; ex:p "007"^^xsd:integer, "1.50"^^xsd:decimal, "x"@zh-Hant, "+7"^^xsd:integer .'
    report = check(data, shape("SELECT $this ?value WHERE { $this ex:p ?value }"))
    assert sorted(str(r.value).split("^")[0] for r in report.results) == ['"+7"', '"007"', '"1.50"', '"x"@zh-Hant']


def test_language_tags_are_those_of_the_data() -> None:
    data = "ex:a a ex:C ; ex:p 'x'@zh-Hant, 'y'@en, 5, 'lang'@fr, 'LANG'@fr ."
    query = "SELECT $this ?value WHERE { $this ex:p ?value FILTER (%s) }"
    for condition, wanted in (
        ("lang(?value) = 'zh-Hant'", ["x"]),
        ("LANG (?value) = 'en'", ["y"]),
        ("LANGMATCHES(LANG(?value), 'ZH')", ["x"]),
        ("STR(?value) = 'lang' || STR(?value) = 'LANG' && LANG(?value) != 'lang'", ["LANG", "lang"]),
    ):
        report = check(data, shape(query % condition))
        assert sorted(str(r.value).split('"')[1] for r in report.results) == wanted


def test_literals_as_focus_nodes_come_back_as_they_are_written() -> None:
    shapes = shape("SELECT $this WHERE { FILTER ($this = 7) }").replace(
        "sh:targetClass ex:C", "sh:targetObjectsOf ex:p"
    )
    report = check('ex:a ex:p "007"^^xsd:integer, "+7"^^xsd:integer, 8 .', shapes)
    assert sorted(r.focus.split("^")[0] for r in report.results) == ['"+7"', '"007"']


def test_a_path_without_a_step_leads_to_a_node_of_which_nothing_is_said() -> None:
    shapes = shape("SELECT $this ?value WHERE { $this ex:p* ?value }").replace(
        "sh:targetClass ex:C", "sh:targetNode ex:z, 7"
    )
    assert sorted(f[0] for f in found(check(DATA, shapes))) == ['"7"^^<http://www.w3.org/2001/XMLSchema#integer', "z"]


def test_a_path_without_a_step_is_walked_too_where_any_predicate_is_asked() -> None:
    query = "SELECT $this ?value WHERE { $this ex:p* ?value FILTER NOT EXISTS { $this ?any ?value } }"
    shapes = shape(query).replace("sh:targetClass ex:C", "sh:targetNode ex:z")
    assert [f[0] for f in found(check(DATA, shapes))] == ["z"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this WHERE { FILTER NOT EXISTS { $this ex:p ?x } }",
        "SELECT $this ?value WHERE { $this ?any ?value }",
        "SELECT $this ?value WHERE { $this ex:p* ?value }",
        "SELECT $this WHERE { GRAPH $shapesGraph { $currentShape ?limit 1 } $this ex:p ?x }",
        "SELECT $this (COUNT(?x) AS ?n) WHERE { $this ex:p ?x } GROUP BY $this HAVING (COUNT(?x) > 1)",
    ],
)
def test_a_store_that_holds_the_data_is_asked_and_left_as_it_was(query: str) -> None:
    data, shapes = graph(DATA + "[] a ex:C ; ex:p 3 ."), graph(shape(query, "; ex:limit 1"))
    store = StoreProcess()
    store.load(data.frame)
    everything = "SELECT ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    before = sorted(store.query(everything, graphs=None).rows())
    report = validate(data, shapes, store=store)
    assert report.results == validate(data, shapes).results
    assert report.results
    assert sorted(store.query(everything, graphs=None).rows()) == before


def test_queries_before_and_after_one_that_needs_an_absent_node_see_the_data_alone() -> None:
    any_triple = shape("SELECT $this ?value WHERE { ?value ?any ?x FILTER NOT EXISTS { ?value a ex:C } }")
    absent = shape("SELECT $this ?value WHERE { $this ex:p* ?value }").replace(
        "sh:targetClass ex:C", "sh:targetNode ex:z"
    )
    shapes = graph(any_triple + absent.replace("ex:S", "ex:T") + any_triple.replace("ex:S", "ex:U"))
    data = graph("ex:a a ex:C . ex:b ex:p ex:c .")
    store = StoreProcess()
    store.load(data.frame)
    given = validate(data, shapes, store=store).results
    assert given == validate(data, shapes).results
    assert sorted((r.shape[-3:], str(r.value)[-3:]) for r in given) == [("/S>", "/b>"), ("/T>", "/z>"), ("/U>", "/b>")]


def test_blank_nodes_are_focus_nodes_too() -> None:
    report = check(
        "[] a ex:C ; ex:p 1 . [] a ex:C .", shape("SELECT $this WHERE { FILTER NOT EXISTS { $this ex:p ?x } }")
    )
    assert len(report.results) == 1
    assert report.results[0].focus.startswith("_:")


def test_a_query_names_path_value_and_message() -> None:
    shapes = (
        DECLARE
        + """ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:message "of the shape" ; sh:sparql ex:Q .
        ex:Q sh:prefixes ex: ; sh:select "SELECT $this (ex:p AS ?path) ?value WHERE { $this ex:p ?value }" ;
        sh:message "{$this} has {?value}, {?nothing}"@en, "{?value} 太多"@zh-Hant ."""
    )
    (result,) = check("ex:b a ex:C ; ex:p 5 .", shapes).results
    assert (str(result.path), result.constraint) == ("<http://example.org/p>", "<http://example.org/Q>")
    assert result.messages == (("http://example.org/b has 5, {?nothing}", "en"), ("5 太多", "zh-Hant"))


def test_the_message_of_the_query_goes_before_all_others() -> None:
    shapes = shape("SELECT $this ?message WHERE { BIND ('said'@en AS ?message) }", '; sh:message "not this"')
    assert {r.messages for r in check(DATA, shapes).results} == {(("said", "en"),)}


def test_path_stands_for_the_path_of_the_property_shape() -> None:
    shapes = """ex:S a sh:PropertyShape ; sh:targetClass ex:C ; sh:path [ sh:inversePath ex:q ] ;
        sh:sparql [ sh:select "SELECT $this ?value WHERE { $this $PATH ?value }" ] ."""
    report = check(DATA, shapes)
    assert found(report) == [("b", "SPARQL", "a")]
    assert str(report.results[0].path) == "^<http://example.org/q>"


def test_a_deactivated_constraint_is_not_asked() -> None:
    shapes = shape("SELECT $this WHERE { }").replace("[ sh:prefixes", "[ sh:deactivated true ; sh:prefixes")
    assert check(DATA, shapes).conforms


def test_the_shapes_graph_can_be_asked() -> None:
    query = (
        "SELECT $this WHERE { GRAPH $shapesGraph { $currentShape ex:limit ?limit } $this ex:p ?x FILTER (?x > ?limit) }"
    )
    report = check(DATA, shape(query, "; ex:limit 3"))
    assert [f[0] for f in found(report)] == ["b"]


FIVE = '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'
COMPONENT = (
    DECLARE
    + """
    ex:Component a sh:ConstraintComponent ; %s ;
        sh:parameter [ sh:path ex:most ] , [ sh:path ex:least ; sh:optional true ] .
    ex:S sh:targetClass ex:C ; ex:most 4 ; ex:least 2 %s .
    """
)


def test_a_component_with_ask_is_asked_of_value_nodes() -> None:
    validator = (
        'sh:validator [ sh:prefixes ex: ; sh:message "over {$most}" ; sh:ask "ASK { FILTER ($value <= $most) }" ]'
    )
    report = check(DATA, COMPONENT % (validator, "; sh:path ex:p"))
    assert [(r.component, r.value) for r in report.results] == [("<http://example.org/Component>", FIVE)]
    assert report.results[0].messages == (("over 4", ""),)


def test_an_optional_parameter_may_be_unbound() -> None:
    validator = 'sh:validator [ sh:ask "ASK { FILTER ($value >= COALESCE($least, 0)) }" ]'
    bounded = check(DATA, COMPONENT % (validator, "; sh:path ex:p"))
    free = check(DATA, (COMPONENT % (validator, "; sh:path ex:p")).replace("; ex:least 2", ""))
    assert ([r.focus for r in bounded.results], free.total) == (["<http://example.org/a>"], 0)


def test_a_component_with_select_is_asked_by_kind_of_shape() -> None:
    validators = """sh:propertyValidator [
            sh:select "SELECT $this ?value WHERE { $this $PATH ?value FILTER (?value > $most) }" ] ;
        sh:nodeValidator [ sh:select "SELECT $this WHERE { $this <http://example.org/q> ?any }" ]"""
    assert [f[0] for f in found(check(DATA, COMPONENT % (validators, "; sh:path ex:p")))] == ["b"]
    assert [f[0] for f in found(check(DATA, COMPONENT % (validators, "")))] == ["a"]


@pytest.mark.slow
def test_a_text_that_the_store_cannot_hold_is_reported_and_nothing_hangs() -> None:
    data = Triples.parse(f'_:a <http://example.org/p> "{"x" * (17 << 20)}" .\n', "ntriples")
    query = "SELECT $this WHERE { $this ex:p ?x FILTER (STRLEN(?x) > 1) }"
    shapes = shape(query).replace("sh:targetClass ex:C", "sh:targetSubjectsOf ex:p")
    with pytest.raises(InputError, match="has a text or an IRI of over 16 MiB"):
        validate(data, graph(shapes))


def test_a_query_that_never_ends_is_stopped() -> None:
    data = " ".join(f"ex:n{i} a ex:C ; ex:p {i} ." for i in range(400))
    query = "SELECT $this WHERE { ?a ex:p ?x . ?b ex:p ?y . ?c ex:p ?z . ?d ex:p ?w FILTER (?x + ?y + ?z + ?w < 0) }"
    with pytest.raises(ShapesError, match=r"took longer than 0\.2 seconds"):
        check(data, shape(query), time_limit=0.2)


@pytest.mark.parametrize(
    ("query", "predicates", "required"),
    [
        ("SELECT $this WHERE { $this ex:p ?x ; ex:q ?y , 5 . }", {"p", "q"}, True),
        ("SELECT $this WHERE { OPTIONAL { $this ex:p ?x } }", {"p"}, False),
        ("SELECT $this WHERE { ?x ex:p/^ex:q* $this }", {"p", "q"}, False),
        ("SELECT $this WHERE { $this ex:p ?x . FILTER (?x > 1 && EXISTS { ?x ex:q 'a'@en }) }", {"p", "q"}, True),
        ("SELECT $this WHERE { $this ex:p [ ex:q ( 1 -2 ) ] }", {"p", "q", "first", "rest"}, True),
        (
            "SELECT $this WHERE { { SELECT $this (COUNT(*) AS ?n) WHERE { $this ex:p ?x } GROUP BY $this } }",
            {"p"},
            False,
        ),
        ("SELECT $this WHERE { $this ?p ?x }", None, None),
        ("SELECT $this WHERE { $this !ex:p ?x }", None, None),
        ("SELECT $this WHERE { ?y ex:p* ?x }", None, None),
        ("SELECT $this WHERE { BIND ($this AS ?x) $this ex:p ?x2 }", {"p"}, False),
        (
            "PREFIX e: <http://example.org/> SELECT $this (EXISTS { $this e:q 1 } AS ?x) { $this e:p 1 }",
            {"p", "q"},
            True,
        ),
    ],
)
def test_the_triples_that_a_query_can_touch_are_known(query: str, predicates: set[str] | None, required: bool) -> None:
    touched = scan_query(read_query(query, "test", {"ex": "http://example.org/"}))
    if predicates is None:
        assert touched.predicates is None
        return
    assert touched.predicates is not None
    assert {p.strip("<>").replace("#", "/").rsplit("/", 1)[1] for p in touched.predicates} == predicates
    assert touched.required is required


def test_variables_are_replaced_outside_of_strings_and_comments() -> None:
    text = "SELECT ?x { ?x $PATH '$PATH' } # $PATH\n"
    assert replace_variable(text, "PATH", "<p>") == "SELECT ?x { ?x <p> '$PATH' } # $PATH\n"
    assert fill_template("{?a} {$b} {?c}", {"a": "1", "b": "2"}) == "1 2 {?c}"
