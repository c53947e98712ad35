"""Pre-binding (SHACL, appendix A): `$this` is bound in every group of a query, whatever its form and spelling."""

from __future__ import annotations

import pytest
from shacl_checks import check, found

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl import ValidationReport

DECLARE = "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] . "
DATA = "ex:a a ex:C ; ex:p 1, 2, 3 ; ex:q ex:b . ex:b a ex:C ; ex:p 1 ; ex:q ex:b, ex:c . ex:c a ex:C ."


def answer(query: str, *, path: str = "", data: str = DATA, target: str = "sh:targetClass ex:C") -> ValidationReport:
    text = query.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    kind = "sh:PropertyShape" if path else "sh:NodeShape"
    more = f"sh:path {path} ;" if path else ""
    return check(
        data, f'{DECLARE} ex:S a {kind} ; {more} {target} ; sh:sparql [ sh:prefixes ex: ; sh:select "{text}" ] .'
    )


def focus(report: ValidationReport) -> list[str]:
    return sorted(f[0] for f in found(report))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        # Only inner groups mention $this.
        ("SELECT $this { { FILTER NOT EXISTS { $this ex:p ?x } } UNION { $this ex:p 3 } }", ["a", "c"]),
        ("SELECT $this { { OPTIONAL { $this ex:p ?x } FILTER (!BOUND(?x)) } UNION { $this ex:p 3 } }", ["a", "c"]),
        ("SELECT $this { { FILTER NOT EXISTS { $this ex:p ?x } } }", ["c"]),
        ("SELECT $this { { { { FILTER NOT EXISTS { { $this ex:p ?x } } } } } }", ["c"]),
        ("SELECT $this { { SELECT $this { FILTER NOT EXISTS { $this ex:p ?x } } } }", ["c"]),
        (
            (
                "SELECT $this { OPTIONAL { OPTIONAL { $this ex:p ?x } FILTER (!BOUND(?x)) BIND (1 AS ?y) } "
                "FILTER BOUND(?y) }"
            ),
            ["c"],
        ),
        ("SELECT $this { { SELECT $this ?y { ?y ex:q ex:c } } FILTER (?y = $this) }", ["b"]),
        (
            (
                "SELECT $this { FILTER EXISTS { { OPTIONAL { $this ex:p ?x } FILTER (!BOUND(?x)) } UNION { "
                "$this ex:p 3 } } }"
            ),
            ["a", "c"],
        ),
        (
            "SELECT $this { FILTER NOT EXISTS { FILTER NOT EXISTS { { $this ex:p ?x } UNION { $this ex:q ?x } } } }",
            ["a", "b"],
        ),
        # Expressions before the first pattern.
        ("SELECT $this { BIND (STRAFTER(STR($this), 'org/') AS ?n) $this ex:p ?x FILTER (?n = 'b') }", ["b"]),
        ("SELECT $this { BIND ($this AS ?me) ?me ex:p ?x . $this ex:p 3 FILTER (?x = 1) }", ["a"]),
        ("SELECT $this { BIND (EXISTS { $this ex:p 3 } AS ?yes) $this ex:q ?x FILTER (?yes) }", ["a"]),
        ("SELECT $this { OPTIONAL { BIND ($this AS ?me) } $this ex:p 3 FILTER (BOUND(?me)) }", ["a"]),
        # Counting and cutting.
        (
            (
                "SELECT $this { { SELECT $this (COUNT(?x) AS ?n) { OPTIONAL { $this ex:p ?x } } GROUP BY "
                "$this } FILTER (?n < 1) }"
            ),
            ["c"],
        ),
        (
            (
                "SELECT $this { { SELECT $this (COUNT(?x) AS ?n) { OPTIONAL { $this ex:p ?x } } GROUP BY "
                "$this HAVING (COUNT(?x) = 3) } }"
            ),
            ["a"],
        ),
        ("SELECT $this (COUNT(?x) AS ?n) { OPTIONAL { $this ex:p ?x } } GROUP BY $this HAVING (COUNT(?x) = 0)", ["c"]),
        ("SELECT $this { { SELECT $this ?x { $this ex:p ?x } ORDER BY DESC(?x) LIMIT 1 } FILTER (?x < 3) }", ["b"]),
        (
            (
                "SELECT $this { { SELECT $this ?n { { SELECT $this (MAX(?x) AS ?n) { $this ex:p ?x } GROUP "
                "BY $this } } } FILTER (?n = 1) }"
            ),
            ["b"],
        ),
        (
            (
                "SELECT $this { FILTER EXISTS { SELECT $this (COUNT(?x) AS ?n) { $this ex:p ?x } GROUP BY "
                "$this HAVING (COUNT(?x) > 1) } }"
            ),
            ["a"],
        ),
        ("SELECT $this { FILTER EXISTS { { SELECT $this { $this ex:p 3 } LIMIT 1 } } }", ["a"]),
        ("SELECT DISTINCT $this { $this ex:p ?x }", ["a", "b"]),
        # The head.
        ("SELECT $this (EXISTS { $this ex:p 3 } AS ?value) { $this ex:q ?x FILTER (?x = ex:b) }", ["a", "b"]),
        ("SELECT (EXISTS { $this ex:p 3 } AS ?value) ?this { $this ex:q ex:c }", ["b"]),
        # Spelling: WHERE may be left out, $ and ? are the same, comments end at CR, escapes, PREFIX and BASE.
        ("SELECT ?this{?this ex:p 3}", ["a"]),
        ("# } SELECT {\rSELECT $this { # {\r $this ex:p 3 }", ["a"]),
        ("select $this where { $this <http://example.org/\\u0070> 3 }", ["a"]),
        ("PREFIX own: <http://example.org/> SELECT $this { $this own:p 3 }", ["a"]),
        ("PREFIX ex: <http://example.org/> SELECT $this { { $this ex:p 3 } }", ["a"]),
        ("BASE <http://example.org/> SELECT $this { $this <p> 3 }", ["a"]),
        ("PREFIX own: <http://example.org/> SELECT $this { FILTER NOT EXISTS { $this own:p ?x } }", ["c"]),
        ("SELECT $this { $this ex:\\u0070 3 }", ["a"]),
        ("SELECT $this { $this ex:p 3 . FILTER (STR($this) != '''}{ \" ''' ) }", ["a"]),
        (
            "SELECT $this { $this ex:p 3 ; ex:q ?rowOfTheFocusGraph0 . OPTIONAL { ?rowOfTheFocusGraph0 ex:p $this } }",
            ["a"],
        ),
        # Paths.
        ("SELECT $this { $this ex:q|^ex:q ex:b }", ["a", "b", "b", "c"]),
        ("SELECT $this { $this ex:q|ex:q ex:c }", ["b", "b"]),
        ("SELECT $this { [] (ex:q|ex:none)/ex:q $this }", ["b", "b", "c", "c"]),
        ("SELECT $this { _:x ex:q|ex:none $this ; ex:p 3 . }", ["b"]),
        ("SELECT $this { $this ex:q [ ex:q|ex:none ex:c ; ex:p ?x ] }", ["a", "b"]),
        ("SELECT $this { $this ex:q* ex:nowhere }", []),
        ("SELECT $this { ex:nowhere ex:q* ?x . $this ex:p 3 FILTER (?x = ex:nowhere) }", ["a"]),
        ("SELECT $this { 7 ex:q? ?x . $this ex:p 3 }", ["a"]),
    ],
)
def test_this_is_bound_wherever_it_is_asked(query: str, wanted: list[str]) -> None:
    assert focus(answer(query)) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (
            (
                "SELECT $this ?value { { FILTER NOT EXISTS { $this $PATH ?x } BIND ('none' AS ?value) } "
                "UNION { $this $PATH ?value FILTER (?value > 2) } }"
            ),
            [("a", "3"), ("c", '"none"')],
        ),
        (
            (
                "SELECT $this ?value { { SELECT $this (COUNT(?x) AS ?value) { OPTIONAL { $this $PATH ?x } } "
                "GROUP BY $this } FILTER (?value < 1) }"
            ),
            [("c", "0")],
        ),
        (
            "SELECT $this ?value { { SELECT $this (SUM(?x) AS ?value) { $this ?PATH ?x } GROUP BY $this } }",
            [("a", "6"), ("b", "1")],
        ),
    ],
)
def test_path_is_put_in_wherever_it_is_asked(query: str, wanted: list[tuple[str, str]]) -> None:
    report = answer(query, path="ex:p")
    assert [(f[0], (f[2] or "").split("^")[0].strip('"')) for f in found(report)] == [
        (a, b.strip('"')) for a, b in wanted
    ]


def test_a_path_of_several_steps_is_one_step_of_a_longer_path() -> None:
    report = answer("SELECT $this ?value { $this $PATH/ex:p ?value }", path="[ sh:alternativePath ( ex:q ex:none ) ]")
    assert [(f[0], (f[2] or "")[1]) for f in found(report)] == [("a", "1"), ("b", "1")]


def test_nodes_of_which_nothing_is_said_are_not_seen_by_other_patterns() -> None:
    query = "SELECT $this ?value { $this ex:q* ?value OPTIONAL { ?s ?p $this } FILTER (!BOUND(?p)) }"
    report = answer(query, target="sh:targetNode ex:z, ex:a")
    assert [(f[0], f[2]) for f in found(report)] == [("a", "a"), ("a", "b"), ("a", "c"), ("z", "z")]


@pytest.mark.parametrize("verb", ["!ex:p", "!(ex:p)", "!^ex:p", "!(ex:p|^ex:p)"])
def test_negated_sets_do_not_see_them_either(verb: str) -> None:
    query = f"SELECT $this {{ $this ex:q* $this FILTER NOT EXISTS {{ $this {verb} ?o }} }}"
    assert "z" in focus(answer(query, target="sh:targetNode ex:z"))


def test_a_validator_is_asked_of_each_focus_node_with_each_value() -> None:
    shapes = """ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ; sh:validator [
            sh:prefixes ex: ; sh:ask "ASK WHERE { { SELECT $value $most { $this ex:p 3 } } }" ] .
        ex:S a sh:PropertyShape ; sh:path ex:q ; sh:targetClass ex:C ; ex:most 4 ."""
    assert [(f[0], f[2]) for f in found(check(DATA, DECLARE + shapes))] == [("b", "b"), ("b", "c")]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("ASK WHERE { $this ex:p $value }", 0),
        ("ASK { FILTER EXISTS { $this ex:p 3 } }", 1),
        ("ASK { { FILTER NOT EXISTS { $this ex:p 3 } } UNION { $this ex:none $value } }", 3),
        ("ASK { $this ex:p ?x } GROUP BY $this HAVING (COUNT(?x) > 1)", 1),
        ("ASK { BIND ($value + 1 AS ?next) $this ex:p ?next }", 2),
    ],
)
def test_ask_validators_see_this_and_value_in_every_group(query: str, wanted: int) -> None:
    shapes = f"""ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ; sh:validator [
            sh:prefixes ex: ; sh:ask "{query}" ] .
        ex:S a sh:PropertyShape ; sh:path ex:p ; sh:targetClass ex:C ; ex:most 4 ."""
    assert len(check(DATA, DECLARE + shapes).results) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("SELECT $this { GRAPH ?g { ?s ex:none $this } }", []),
        ("SELECT $this { GRAPH ?g { $currentShape ex:limit ?n } FILTER (?g = $shapesGraph) $this ex:p ?n }", ["a"]),
        (
            (
                "SELECT $this { GRAPH ?g { ?shape ex:limit ?n } OPTIONAL { $this ex:p ?n BIND (1 AS ?y) } "
                "FILTER (!BOUND(?y)) }"
            ),
            ["b"],
        ),
        ("SELECT $this { { FILTER EXISTS { GRAPH $shapesGraph { $currentShape ex:limit 2 } } } $this ex:p 3 }", ["a"]),
        ("SELECT $this { FILTER NOT EXISTS { ?shape ex:limit ?n } $this ex:p 3 }", ["a"]),
    ],
)
def test_the_only_other_graph_is_the_shapes_graph(query: str, wanted: list[str]) -> None:
    assert focus(answer(query, target="sh:targetSubjectsOf ex:p ; ex:limit 2")) == wanted


def test_a_mistake_in_a_query_is_said_in_one_sentence_with_its_line_and_column() -> None:
    with pytest.raises(ShapesError) as error:
        answer("SELECT $this {\n  $this nowhere:p ?x }")
    said = str(error.value)
    assert "sh:sparql: query, line 2, column 9: nowhere: is not a known prefix; declare it with sh:prefixes" in said


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("SELECT $this FROM <http://example.org/g> { $this ex:p ?x }", "FROM"),
        ("SELECT $this { GRAPH ex:g { $this ex:p ?x } }", "the data are one graph"),
        ("SELECT $this { FILTER NOT EXISTS { $this ex:p ?x MINUS { ?x ex:q ?y } } }", "MINUS"),
        ("SELECT $this { $this ex:p ?x } VALUES ?x { 1 }", "VALUES"),
        ("SELECT $this { { SELECT $this { $this ex:p ?x } VALUES ?x { 1 } } }", "VALUES"),
        ("SELECT $this { FILTER EXISTS { BIND (1 AS $this) } }", "which is pre-bound"),
        ("SELECT $this { $this ex:p ?x } GROUP BY $this (1 AS ?shapesGraph)", "which is pre-bound"),
        ("SELECT $this { FILTER EXISTS { { SELECT ?x { $this ex:p ?x } } } }", "does not return $this"),
        ("SELECT $this (COUNT(?x) AS ?n) { $this ex:p ?x }", "line 1, column 8: ?this is neither in GROUP BY"),
        ("SELECT $this { $this ex:p ?x }.", "is not SPARQL"),
        ("# comment\rSELECT $this { SERVICE <http://127.0.0.1:9/> { $this ex:p ?x } }", "SERVICE"),
        ("SELECT $this {" + "{" * 5000 + "}" * 5000 + "}", "is nested more than 120 levels deep"),
    ],
)
def test_what_cannot_be_answered_is_a_failure(query: str, wanted: str) -> None:
    with pytest.raises(ShapesError) as error:
        answer(query)
    assert wanted in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("prefix", "namespace"),
    [
        ("ex", "http://example.org/> SELECT $this { SERVICE <http://127.0.0.1:9/> { } } #"),
        ("e x", "http://example.org/"),
        ("ex: <urn:x> PREFIX y", "http://example.org/"),
    ],
)
def test_declarations_that_are_no_declarations_are_refused(prefix: str, namespace: str) -> None:
    shapes = f"""ex: sh:declare [ sh:prefix "{prefix}" ; sh:namespace "{namespace}" ] .
        ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select "SELECT $this {{ }}" ] ."""
    with pytest.raises(ShapesError, match="sh:declare has the prefix"):
        check(DATA, shapes)


@pytest.mark.parametrize("true", ['"true"^^xsd:boolean', '"1"^^xsd:boolean'])
def test_one_is_true_too(true: str) -> None:
    shape = (
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; {} sh:select "
        "'SELECT {} {{ {} }}' ] ."
    )
    assert check(DATA, DECLARE + shape.format(f"sh:deactivated {true} ;", "$this", "")).conforms
    failing = f"BIND ({true.replace('xsd:boolean', '<http://www.w3.org/2001/XMLSchema#boolean>')} AS ?failure)"
    shapes = DECLARE + shape.format("", "$this ?failure", failing)
    with pytest.raises(ShapesError, match="reports a failure"):
        check(DATA, shapes)


def test_many_focus_nodes_are_asked_one_by_one_where_a_query_cuts() -> None:
    data = " ".join(f"ex:n{i} a ex:C ; ex:p {i % 3}, 5 ." for i in range(1200))
    report = answer("SELECT $this ?value { $this ex:p ?value } ORDER BY ?value LIMIT 1", data=data)
    assert report.total == 1200
    assert {r.value.split('"')[1] for r in report.results if r.value} == {"0", "1", "2"}


def test_paths_between_any_nodes_do_not_see_them() -> None:
    query = "SELECT $this (COUNT(DISTINCT ?o) AS ?value) { ?s ex:q* ?o } GROUP BY $this"
    other = "SELECT $this ?value { $this ex:q* ?value }"
    shapes = " ".join(
        f"ex:S{at} a sh:NodeShape ; sh:targetNode ex:z, 7, ex:a ; sh:sparql [ sh:prefixes ex: ; sh:select '{text}' ] ."
        for at, text in enumerate((other, query, other))
    )
    data = "ex:a ex:q ex:b ; ex:p 1 ."
    counts = [r.value for r in check(data, DECLARE + shapes).results if r.shape.endswith("S1>")]
    assert counts == ['"3"^^<http://www.w3.org/2001/XMLSchema#integer>'] * 3


@pytest.mark.parametrize("first", [True, False])
def test_one_constraint_does_not_change_what_another_sees(first: bool) -> None:
    empty = "SELECT $this ?value { $this ex:q* ?value }"
    every = "SELECT $this (?verb AS ?path) ?value { $this ?verb ?value }"
    shapes = " ".join(
        f"ex:S{at} a sh:NodeShape ; sh:targetNode ex:z, ex:a ; sh:sparql [ sh:prefixes ex: ; sh:select '{text}' ] ."
        for at, text in enumerate((empty, every) if first else (every, empty))
    )
    report = check("ex:a ex:q ex:b ; ex:p 1 .", DECLARE + shapes)
    assert sorted(str(r.path) for r in report.results if r.path) == ["<http://example.org/p>", "<http://example.org/q>"]


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ("[ sh:path ex:value ]", "reserved name value"),
        ("[ sh:path ex:most ] , [ sh:path ex:PATH ; sh:optional true ]", "reserved name PATH"),
        ("[ sh:path ex:max-count ]", "is not the name of a variable"),
        ("[ sh:path ex:most ] , [ sh:path <http://example.org/other#most> ]", "have one name"),
    ],
)
def test_parameters_that_no_query_can_name_are_refused(parameters: str, wanted: str) -> None:
    shapes = f"""ex:Component a sh:ConstraintComponent ; sh:parameter {parameters} ;
            sh:validator [ sh:prefixes ex: ; sh:ask "ASK {{ }}" ] .
        ex:S a sh:NodeShape ; sh:targetClass ex:C ; ex:value 1 ; ex:most 1 ; ex:PATH 1 ; ex:max-count 1 ;
            <http://example.org/other#most> 2 ."""
    with pytest.raises(ShapesError, match=wanted):
        check(DATA, DECLARE + shapes)
