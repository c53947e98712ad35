"""Shapes that cannot be used are refused, each with its name and the hint, and all of them together."""

from __future__ import annotations

import time

import pytest
from shacl_checks import check, graph

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl import validate
from glocal_rdf.triples import Triples

TARGET = "ex:S sh:targetNode ex:a"


@pytest.mark.parametrize(
    ("shapes", "wanted"),
    [
        (f"{TARGET} ; sh:path ex:p ; sh:minCount 1, 2 .", "sh:minCount has 2 values"),
        (f'{TARGET} ; sh:path ex:p ; sh:minCount "one" .', "not an xsd:integer"),
        (f"{TARGET} ; sh:path ex:p ; sh:minCount 1.0 .", "not an xsd:integer"),
        (f"{TARGET} ; sh:minCount 1 .", "sh:minCount is used on a node shape"),
        (f"{TARGET} ; sh:uniqueLang true .", "sh:uniqueLang is used on a node shape"),
        (f"{TARGET} ; sh:path ex:p, ex:q .", "sh:path has 2 values"),
        (f"{TARGET} ; sh:property [ sh:minCount 1 ] .", "a property shape needs sh:path"),
        (f"{TARGET} ; sh:node [ sh:path ex:p ] .", "used as a node shape and has sh:path"),
        (f"{TARGET} ; a sh:NodeShape ; sh:path ex:p .", "used as a node shape and has sh:path"),
        (f"{TARGET} ; sh:nodeKind sh:Iri .", "sh:nodeKind is sh:Iri"),
        (f'{TARGET} ; sh:class "C" .', 'sh:class is "C", not an IRI'),
        (f"{TARGET} ; sh:datatype xsd:string, xsd:date .", "sh:datatype has 2 values"),
        (f"{TARGET} ; sh:in ex:x .", "is not a list"),
        (f"{TARGET} ; sh:and ( ex:T 5 ) .", "not a shape"),
        (f'{TARGET} ; sh:languageIn ( "en"@en ) .', "not a string"),
        (f"{TARGET} ; sh:closed true ; sh:ignoredProperties ( [] ) .", "not an IRI"),
        (f"{TARGET} ; sh:minInclusive ex:x .", "not a literal"),
        (f"{TARGET} ; sh:severity ex:a, ex:b .", "sh:severity has 2 values"),
        (f"{TARGET} ; sh:deactivated 5 .", "sh:deactivated"),
        (f"{TARGET} ; sh:message 5 .", "not a text"),
        (f'{TARGET} ; sh:pattern "(" .', "cannot be read"),
        (f'{TARGET} ; sh:pattern "a" ; sh:flags "g" .', "sh:flags has 'g'"),
        (f'{TARGET} ; sh:pattern "(a*)*(b*)*\\\\1" .', "back-references"),
        (f"{TARGET} ; sh:path [ ex:unknown ex:p ] ; sh:minCount 1 .", "is not a path"),
        (f"{TARGET} ; sh:path ( ex:p ) ; sh:minCount 1 .", "has fewer than two members"),
        (f"{TARGET} ; sh:path _:x ; sh:minCount 1 . _:x sh:inversePath _:x .", "is cyclic"),
        (f"{TARGET} ; sh:path ex:p ; sh:minCout 1 .", "did you mean sh:minCount?"),
        ("ex:S sh:targetNode [] .", "sh:targetNode is a blank node"),
        ("[] a rdfs:Class, sh:NodeShape .", "must have an IRI"),
    ],
)
def test_malformed_shapes_are_refused(shapes: str, wanted: str) -> None:
    with pytest.raises(ShapesError) as error:
        check('ex:a ex:p "x" .', shapes)
    assert wanted in str(error.value)
    assert "\n" not in str(error.value.problems[0])


def test_the_name_of_the_shape_is_reported_for_a_part_without_one() -> None:
    with pytest.raises(ShapesError, match=r"<http://example.org/S> / sh:path <http://example.org/p>: sh:maxCount"):
        check("", 'ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:maxCount "x" ] .')


def test_all_mistakes_are_reported_together() -> None:
    with pytest.raises(ShapesError) as error:
        check(
            "", 'ex:S sh:targetNode ex:a ; sh:nodeKind ex:x ; sh:severity "a" . ex:T sh:targetNode ex:a ; sh:class 5 .'
        )
    assert len(error.value.problems) == 3


@pytest.mark.parametrize("word", ["rule", "js", "expression", "values", "target", "entailment"])
def test_what_is_not_supported_is_named_where_it_is_used(word: str) -> None:
    with pytest.raises(ShapesError, match=rf"example.org/S>: sh:{word} is used"):
        check("", f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:{word} ex:x .")


def test_functions_are_refused_rather_than_unknown_to_queries() -> None:
    with pytest.raises(ShapesError, match="SHACL functions are not supported"):
        check("", "ex:f a sh:SPARQLFunction . ex:S sh:targetNode ex:a .")


@pytest.mark.parametrize(
    "shapes",
    [
        "ex:S sh:targetNode ex:a ; sh:node ex:S .",
        "ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:node ex:S ] .",
        "ex:S sh:targetNode ex:a ; sh:not ex:T . ex:T sh:or ( ex:U ) . ex:U sh:and ( ex:T ) .",
        """ex:S sh:targetNode ex:a ; sh:property ex:P .
            ex:P sh:path ex:p ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape ex:S .""",
    ],
)
def test_recursive_shapes_are_refused_and_the_circle_is_named(shapes: str) -> None:
    with pytest.raises(ShapesError, match=r"refers to itself: .+ -> .+"):
        check("", shapes)


def test_recursion_is_no_matter_of_order_or_depth() -> None:
    chain = " ".join(f"ex:S{i} sh:node ex:S{i + 1} ." for i in range(150))
    assert check("ex:a a ex:C .", f"ex:S0 sh:targetNode ex:a . {chain}").conforms
    deep = " ".join(f"ex:S{i} sh:node ex:S{i + 1} ." for i in range(3000))
    with pytest.raises(ShapesError, match="deeper than"):
        check("", f"ex:S0 sh:targetNode ex:a . {deep}")


def test_cyclic_lists_are_refused() -> None:
    with pytest.raises(ShapesError, match="is cyclic"):
        check("", "ex:S sh:targetNode ex:a ; sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .")


def test_paths_whose_parts_multiply_are_refused() -> None:
    levels = " ".join(f"_:p{i} sh:alternativePath ( _:p{i + 1} _:p{i + 1} ) ." for i in range(40))
    with pytest.raises(ShapesError, match="more than 200 parts"):
        check("", f"ex:S sh:targetNode ex:a ; sh:path _:p0 . {levels} _:p40 sh:inversePath ex:p .")


def test_a_shape_that_nothing_leads_to_is_not_judged() -> None:
    assert check("ex:a a ex:C .", "ex:S sh:targetNode ex:a . ex:T sh:nodeKind sh:Wrong .").conforms


def test_an_empty_shapes_graph_reaches_nothing() -> None:
    report = validate(graph("ex:a a ex:C ."), Triples.empty())
    assert (report.conforms, dict(report.reached)) == (True, {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("link", "last"),
    [
        ("_:n{0} sh:node _:n{1} .", ""),
        ("_:n{0} sh:not _:n{1} .", ""),
        ("_:n{0} sh:xone ( _:n{1} ) .", ""),
        ("_:n{0} sh:path ex:p ; sh:property _:n{1} .", "_:n4000 sh:path ex:p ."),
    ],
)
def test_shapes_that_are_nested_very_deeply_are_refused_soon(link: str, last: str) -> None:
    chain = " ".join(link.format(i, i + 1) for i in range(4000))
    begun = time.monotonic()
    with pytest.raises(ShapesError, match="deeper than 200 levels"):
        check("", f"ex:S sh:targetNode ex:a ; {'sh:property' if last else 'sh:node'} _:n0 . {chain} {last}")
    assert time.monotonic() - begun < 30


def test_a_long_circle_is_named_in_a_short_line() -> None:
    chain = " ".join(f"ex:S{i} sh:node ex:S{(i + 1) % 4000} ." for i in range(4000))
    with pytest.raises(ShapesError, match="refers to itself") as error:
        check("", f"ex:S0 sh:targetNode ex:a . {chain}")
    assert len(str(error.value)) < 1000


@pytest.mark.slow
@pytest.mark.parametrize("path", ["( {} )", "[ sh:alternativePath ( {} ) ]"])
def test_paths_of_very_many_predicates_are_refused(path: str) -> None:
    with pytest.raises(ShapesError, match="more than 2,000 predicates"):
        check("", f"ex:S sh:targetNode ex:a ; sh:path {path.format('ex:p ' * 50_000)} ; sh:minCount 1 .")
