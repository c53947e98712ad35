"""Validation: what is checked, what is found, how it is reported, and that it stays within bounds."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from shacl_checks import ENGINES, check, found, graph

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl import Result, needed_predicates, prepare, validate
from glocal_rdf.shacl.report import read_results
from glocal_rdf.shacl.terms import sh


@ENGINES
def test_reached_counts_focus_nodes_of_every_shape_with_a_target(engine: str) -> None:
    report = check(
        "ex:a a ex:C . ex:b a ex:D . ex:D rdfs:subClassOf ex:C . ex:a ex:p ex:x, ex:y .",
        """
        ex:Class a sh:NodeShape ; sh:targetClass ex:C .
        ex:Node a sh:NodeShape ; sh:targetNode ex:a, ex:nowhere .
        ex:Subjects a sh:NodeShape ; sh:targetSubjectsOf ex:p .
        ex:Objects a sh:NodeShape ; sh:targetObjectsOf ex:p .
        ex:Nobody a sh:NodeShape ; sh:targetClass ex:Unused .
        ex:Off a sh:NodeShape ; sh:targetClass ex:C ; sh:deactivated true .
        ex:NoTarget a sh:NodeShape ; sh:nodeKind sh:Literal .
        """,
        engine=engine,
    )
    names = {shape.rsplit("/", 1)[1].strip(">"): n for shape, n in report.reached.items()}
    assert names == {"Class": 2, "Node": 2, "Subjects": 1, "Objects": 2, "Nobody": 0}
    assert report.unreached == ("<http://example.org/Nobody>",)
    assert report.conforms


@ENGINES
def test_classes_of_the_ontology_count_but_its_things_are_not_validated(engine: str) -> None:
    data = graph("ex:a a ex:Sub .")
    ontology = graph("ex:Sub rdfs:subClassOf ex:Mid . ex:Mid rdfs:subClassOf ex:C . ex:other a ex:C .")
    shapes = graph("ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .")
    report = validate(data, shapes, ontology=ontology, engine=engine)  # type: ignore[arg-type]
    assert [r.focus for r in report.results] == ["<http://example.org/a>"]


def test_a_shape_that_is_a_class_targets_its_instances() -> None:
    report = check(
        "ex:a a ex:C . ex:b a ex:K .",
        "ex:C a rdfs:Class, sh:NodeShape ; sh:closed true . ex:K a owl:Class, sh:NodeShape ; sh:nodeKind sh:Literal .",
    )
    assert {f[0] for f in found(report)} == {"a", "b"}


@ENGINES
def test_ill_typed_and_unusual_literals_are_seen_as_they_are_written(engine: str) -> None:
    report = check(
        """ex:a ex:n "x"^^xsd:integer, "007"^^xsd:integer, "300"^^xsd:byte ;
            ex:d "2001-02-30"^^xsd:date, "2004-02-29"^^xsd:date .""",
        """ex:S a sh:NodeShape ; sh:targetNode ex:a ;
            sh:property [ sh:path ex:n ; sh:or ( [ sh:datatype xsd:integer ] [ sh:datatype xsd:byte ] ) ] ;
            sh:property [ sh:path ex:d ; sh:datatype xsd:date ] .""",
        engine=engine,
    )
    assert sorted(str(r.value).split("^")[0] for r in report.results) == ['"2001-02-30"', '"300"', '"x"']


def test_values_that_cannot_be_compared_are_out_of_range() -> None:
    report = check(
        'ex:a ex:p 5, 5.0, 7, "7", "x"^^xsd:integer, "2001-01-01"^^xsd:date, ex:b, _:c, 5.0e0 .',
        "ex:S a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p ; sh:maxInclusive 5 .",
    )
    assert len(report.results) == 6


def test_exact_digits_decide_where_doubles_are_equal() -> None:
    report = check(
        "ex:a ex:p 12345678901234567890, 12345678901234567891, 0.1000000000000000000001 .",
        "ex:S a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p ; sh:maxInclusive 12345678901234567890 ; "
        "sh:minExclusive 0.1 .",
    )
    assert [str(r.value).split('"')[1] for r in report.results] == ["12345678901234567891"]


@ENGINES
def test_each_way_to_a_shared_property_shape_counts(engine: str) -> None:
    report = check(
        "ex:i ex:p ex:j ; ex:q ex:j . ex:j ex:r ex:k .",
        """ex:S a sh:NodeShape ; sh:targetNode ex:i ; sh:property [ sh:path ex:p ; sh:property ex:T ] ;
            sh:property [ sh:path ex:q ; sh:property ex:T ] . ex:T sh:path ex:r ; sh:maxCount 0 .""",
        engine=engine,
    )
    assert [f[0] for f in found(report)] == ["j", "j"]


@ENGINES
def test_conforms_is_false_at_any_severity_and_severity_is_the_shapes_own(engine: str) -> None:
    report = check(
        "ex:a ex:p 1 .",
        """ex:S a sh:NodeShape ; sh:targetNode ex:a ;
            sh:property [ sh:path ex:p ; sh:maxCount 0 ; sh:severity sh:Info ] .""",
        engine=engine,
    )
    assert not report.conforms
    assert report.severities() == (sh("Info"),)
    assert report.count(sh("Info")) == 1


def test_messages_of_the_author_win_and_ours_stand_in() -> None:
    shapes = """ex:S a sh:NodeShape ; sh:targetNode ex:a ;
        sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:message "Give it."@en, "請提供。"@zh-Hant ] ;
        sh:property [ sh:path ex:q ; sh:minCount 2 ] ."""
    report = check("ex:a a ex:C .", shapes)
    wanted = {lang: sorted(r.message(lang) for r in report.results) for lang in ("en", "zh-Hant")}
    assert wanted == {
        "en": ["Give it.", "q has too few values, fewer than 2"],
        "zh-Hant": ["q 的值少於 2 個", "請提供。"],
    }


def test_the_message_is_that_of_the_language_and_script() -> None:
    texts = (("color", "en"), ("colour", "en-GB"), ("颜色", "zh-Hans"), ("顏色", "zh-Hant"))
    result = Result("_:n", "_:s", sh("MinCountConstraintComponent"), messages=texts, expected="1")
    assert result.message("en") == "color"
    assert result.message("zh-Hant-TW") == "顏色"
    assert result.message("fr") == "this node has too few values, fewer than 1"
    assert replace(result, messages=(("x", ""),)).message("fr") == "x"


@ENGINES
def test_the_report_is_a_graph_that_reads_back(engine: str) -> None:
    report = check(
        'ex:a ex:p "v"@en-GB ; ex:q [ ex:r 1 ] .',
        """ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:closed true ;
            sh:property [ sh:maxCount 0 ;
                sh:path ( ex:q [ sh:alternativePath ( ex:r [ sh:inversePath ex:s ] ) ] ) ] .""",
        engine=engine,
    )
    conforms, results = read_results(report.to_triples())
    assert not conforms
    assert sorted(str(r.path) for r in results) == sorted(str(r.path) for r in report.results)
    path = "<http://example.org/q>/(<http://example.org/r>|(^<http://example.org/s>))"
    assert path in {str(r.path) for r in results}
    assert {(r.focus, r.component, r.shape) for r in results} == {
        (r.focus, r.component, r.shape) for r in report.results
    }


def test_the_report_is_the_same_on_every_run() -> None:
    data = " ".join(f"ex:n{i} a ex:C ; ex:p {i}, {i + 1} ." for i in range(300))
    shapes = (
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 1 ; sh:maxExclusive 5 ] ."
    )
    first, second = check(data, shapes), check(data, shapes)
    assert first.results == second.results
    assert check(data, shapes, max_results=7).results == first.results[:7]


def test_a_cap_keeps_the_true_count() -> None:
    data = " ".join(f"ex:n{i} a ex:C ." for i in range(500))
    report = check(
        data,
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .",
        max_results=3,
    )
    assert (len(report.results), report.total, report.capped, report.conforms) == (3, 500, True, False)


def test_paths_end_in_circles_and_reach_the_start() -> None:
    data = "ex:a ex:p ex:b . ex:b ex:p ex:c . ex:c ex:p ex:a . ex:d ex:q ex:a ."

    def reached(path: str) -> set[str | None]:
        report = check(
            data, f"ex:S a sh:PropertyShape ; sh:targetNode ex:a ; sh:path {path} ; sh:nodeKind sh:Literal ."
        )
        return {f[2] for f in found(report)}

    assert reached("[ sh:zeroOrMorePath ex:p ]") == {"a", "b", "c"}
    assert reached("[ sh:oneOrMorePath ex:p ]") == {"a", "b", "c"}
    assert reached("[ sh:zeroOrOnePath ex:p ]") == {"a", "b"}
    assert reached("[ sh:inversePath [ sh:oneOrMorePath ex:p ] ]") == {"a", "b", "c"}
    assert reached("[ sh:inversePath ( ex:q ex:p ) ]") == set()
    assert reached("( [ sh:inversePath ex:p ] [ sh:inversePath ex:p ] )") == {"b"}
    assert reached("[ sh:alternativePath ( ex:p [ sh:inversePath ex:q ] ) ]") == {"b", "d"}


@pytest.mark.parametrize("last", ["ex:end", "ex:n0"], ids=["a chain", "a circle"])
def test_long_ways_are_walked_to_their_end(last: str) -> None:
    """Beyond some steps each start goes on alone; that finds the same."""
    nodes = [f"ex:n{i}" for i in range(40)] + [last]
    data = "".join(f"{a} a ex:C ; ex:p {b} ." for a, b in itertools.pairwise(nodes))
    shape = "ex:S sh:targetClass ex:C ; sh:property [ sh:path [ sh:oneOrMorePath ex:p ] ; sh:maxCount %d ] ."
    too_many = {most: {f[0] for f in found(check(data, shape % most))} for most in (5, 39, 40)}
    circle = {f"n{i}" for i in range(40)} if last == "ex:n0" else set()
    assert too_many == {5: circle or {f"n{i}" for i in range(35)}, 39: circle or {"n0"}, 40: set()}


@ENGINES
def test_the_gravest_results_are_listed_first(engine: str) -> None:
    shapes = """ex:A sh:targetClass ex:C ; sh:severity sh:Info ; sh:property ex:P . ex:P sh:path ex:p ; sh:minCount 1 .
        ex:B sh:targetClass ex:C ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
        ex:P sh:severity sh:Info ."""
    report = check("ex:a a ex:C . ex:b a ex:C .", shapes, max_results=3, engine=engine)
    assert report.total == 4
    assert sorted(r.severity.split("#")[1] for r in report.results) == ["Info>", "Violation>", "Violation>"]


def test_a_mistake_in_a_nested_shape_is_reported_by_the_shape_around_it() -> None:
    shapes = 'ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:pattern "(" ] .'
    with pytest.raises(ShapesError, match=r"^<http://example.org/S> / sh:path <http://example.org/p>: sh:pattern"):
        check('ex:a a ex:C ; ex:p "x" .', shapes)


def test_qualified_counts_leave_out_values_of_sibling_shapes() -> None:
    shapes = """ex:Hand a sh:NodeShape ; sh:targetNode ex:h ;
        sh:property [ sh:path ex:digit ; sh:qualifiedValueShape [ sh:class ex:Thumb ] ; sh:qualifiedMinCount 1 ;
            sh:qualifiedValueShapesDisjoint %s ] ;
        sh:property [ sh:path ex:digit ; sh:qualifiedValueShape [ sh:class ex:Finger ] ; sh:qualifiedMaxCount 0 ] ."""
    data = "ex:h ex:digit ex:both . ex:both a ex:Thumb, ex:Finger ."
    kinds = {k: sorted(f[1] for f in found(check(data, shapes % k))) for k in ("true", "false")}
    assert kinds == {"true": ["QualifiedMaxCount", "QualifiedMinCount"], "false": ["QualifiedMaxCount"]}


def test_nested_shapes_are_checked_once_for_all_nodes_that_meet_them() -> None:
    # Each level refers twice to the next: 2 to the power of 60 ways, were each followed.
    levels = " ".join(f"ex:S{i} sh:and ( ex:S{i + 1} ex:S{i + 1} ) ." for i in range(60))
    report = check("ex:a a ex:C .", f"ex:S0 sh:targetNode ex:a . {levels} ex:S60 sh:nodeKind sh:Literal .")
    assert found(report) == [("a", "And", "a")]


def test_answers_are_kept_for_shapes_that_may_be_asked_again_and_for_all_parts_of_these() -> None:
    shapes = graph("""ex:S sh:targetNode ex:a ; sh:node ex:Twice, ex:Once ; sh:not ex:Twice .
        ex:Once sh:node ex:InOnce . ex:Twice sh:node ex:InTwice . ex:Targeted sh:targetNode ex:b .
        ex:Other sh:targetNode ex:a ; sh:node ex:Targeted .""")
    kept = prepare(shapes).read.reused
    assert kept == {f"<http://example.org/{name}>" for name in ("Twice", "InTwice", "Targeted")}


@pytest.mark.slow
def test_thousands_of_shapes_are_read_and_run() -> None:
    shapes = " ".join(f"ex:S{i} sh:targetNode ex:n{i} ; sh:nodeKind sh:Literal ." for i in range(3_000))
    report = check("ex:a a ex:C .", shapes, max_results=10)
    assert report.total == 3_000


def test_steps_that_would_not_fit_into_memory_are_refused() -> None:
    data = " ".join(f"ex:a ex:p {i} ; ex:q {i} ." for i in range(7_200))
    with pytest.raises(ShapesError, match="more than 50,000,000 pairs"):
        check(data, "ex:S sh:targetNode ex:a ; sh:path ex:p ; sh:lessThan ex:q .")


def test_patterns_that_would_backtrack_end_at_once() -> None:
    text = "a" * 5_000
    report = check(
        f'ex:a ex:p "{text}!" .', 'ex:S a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p ; sh:pattern "^(a+)+$" .'
    )
    assert not report.conforms


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "fits"),
    [
        ("^b", "", "ab", False),
        ("B", "i", "abc", True),
        ("^b", "m", "a\\nb", True),
        ("a.b", "", "a\\nb", False),
        ("a.b", "s", "a\\nb", True),
        ("a b", "x", "ab", True),
        ("a.b", "q", "a.b", True),
        ("a.b", "q", "axb", False),
        ("^[a-z-[aeiou]]+$", "", "xyz", True),
        ("^[a-z-[aeiou]]+$", "", "xaz", False),
        ("^\\\\i\\\\c*$", "", "臺北-1", True),
        ("^\\\\i\\\\c*$", "", "1x", False),
        ("^(.)\\\\1$", "", "aa", True),
        ("^(.)\\\\1$", "", "ab", False),
        ("^(.)\\\\1$", "", "aa\\n", False),
        ("[[]", "", "[", True),
    ],
)
def test_patterns_are_those_of_xpath(pattern: str, flags: str, text: str, fits: bool) -> None:
    shape = (
        f'ex:S a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p ; sh:pattern "{pattern}" ; sh:flags "{flags}" .'
    )
    assert check(f'ex:a ex:p "{text}" .', shape).conforms is fits


def test_ten_nodes_of_which_each_is_blank() -> None:
    data = " ".join(f"[] a ex:C ; ex:p [ ex:q {i} ] ." for i in range(10))
    report = check(
        data, "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ( ex:p ex:q ) ; sh:maxExclusive 5 ] ."
    )
    assert len({r.focus for r in report.results}) == 5
    assert all(r.focus.startswith("_:") for r in report.results)


def test_pyshacl_stopped_by_a_value_is_an_error_of_ours() -> None:
    with pytest.raises(ShapesError, match=r"pySHACL: it stopped with .*columns"):
        check(
            'ex:a a ex:C ; ex:d "x"^^xsd:date .',
            """ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:select
                "SELECT $this WHERE { $this <http://example.org/d> ?d . FILTER (YEAR(?d) < 1) }" ] .""",
            engine="pyshacl",
        )


def test_our_engine_loads_neither_rdflib_nor_oxigraph() -> None:
    code = (
        "import sys; from glocal_rdf.shacl import validate; from glocal_rdf.triples import Triples; "
        "data = Triples.from_terms([('<urn:a>', '<urn:p>', '\"x\"')]); "
        "shapes = Triples.from_terms([('<urn:s>', '<http://www.w3.org/ns/shacl#targetNode>', '<urn:a>')]); "
        "assert validate(data, shapes).conforms; "
        "print([m for m in ('rdflib', 'pyshacl', 'pyoxigraph') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@ENGINES
def test_only_what_is_asked_for_is_validated(engine: str) -> None:
    data = "ex:a a ex:C ; ex:p ex:x . ex:b a ex:C . ex:c a ex:D ."
    shapes = """
        ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:Literal .
        ex:T a sh:NodeShape ; sh:targetClass ex:C, ex:D ; sh:nodeKind sh:BlankNode .
        """
    one = check(data, shapes, engine=engine, only_shapes=["<http://example.org/T>"])
    assert [f[:2] for f in found(one)] == [("a", "NodeKind"), ("b", "NodeKind"), ("c", "NodeKind")]
    assert dict(one.reached) == {"<http://example.org/T>": 3}
    few = check(data, shapes, engine=engine, only_focus=["<http://example.org/b>"])
    assert [(f[0], r.shape[-2]) for f, r in zip(found(few), few.results, strict=True)] == [("b", "S"), ("b", "T")]


@ENGINES
def test_a_mend_is_suggested_where_it_is_certain(engine: str) -> None:
    report = check(
        """ex:a ex:status "actve", "x", "act" ; ex:kind ex:Citi ; ex:name "Taipei", "臺北"@zh .""",
        """ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:status ; sh:in ( "active" "acts" "acto" ) ] ;
            sh:property [ sh:path ex:kind ; sh:in ( ex:City ex:Country ) ] ;
            sh:property [ sh:path ex:name ; sh:languageIn ( "en" ) ] .""",
        engine=engine,
    )
    meant = {str(r.value): r.suggestion for r in report.results}
    assert meant == {
        '"actve"': '"active"',
        '"x"': None,
        '"act"': None,
        "<http://example.org/Citi>": "<http://example.org/City>",
        '"Taipei"': '"Taipei"@en',
        '"臺北"@zh': None,
    }
    (city,) = [r for r in report.results if r.suggestion == "<http://example.org/City>"]
    assert (city.advice(), city.advice("zh-Hant")) == ("did you mean City?", "是否應為 City？")


def test_the_predicates_that_shapes_look_at_are_known() -> None:
    shapes = """ex:S sh:targetSubjectsOf ex:t ;
        sh:property [ sh:path ( ex:p [ sh:inversePath ex:q ] ) ; sh:lessThan ex:l ] ;
        sh:sparql [ sh:select "SELECT $this { $this <http://example.org/s> 1 }" ] ."""
    needed = needed_predicates(graph(shapes))
    assert needed is not None
    assert {re.split("[/#]", p)[-1].strip(">") for p in needed} == {"t", "p", "q", "l", "s", "type", "subClassOf"}
    assert needed_predicates(graph("ex:S sh:targetNode ex:a ; sh:closed true .")) is None


def test_qualified_siblings_are_counted_together_for_each_path_and_in_a_time_that_grows_with_them() -> None:
    data = "ex:a a ex:C ; ex:p ex:x, ex:y, ex:z ; ex:q ex:x . ex:x a ex:K0 . ex:y a ex:K1, ex:K2 . ex:z a ex:K3 ."
    parts = ", ".join(
        f"[ sh:path ex:{path} ; sh:qualifiedValueShape [ sh:class ex:K{i} ] ; sh:qualifiedValueShapesDisjoint true ;"
        f" sh:qualifiedMinCount 1 ; sh:name '{path}{i}' ]"
        for i in range(60)
        for path in "pq"
    )
    report = check(data, f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property {parts} .", max_results=None)
    # Each class stands in two sibling shapes, so that no value conforms to one alone.
    assert len(report.results) == 120
    only = parts.replace("ex:q ;", "ex:q ; sh:deactivated true ;")
    alone = ", ".join(part for part in only.split(", [") if "sh:deactivated" not in part)
    alone = ", ".join(part if part.startswith("[") else "[" + part for part in alone.split(", "))
    report = check(data, f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property {alone} .", max_results=None)
    assert len(report.results) == 58
