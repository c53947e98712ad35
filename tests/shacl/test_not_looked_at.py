"""What in a shapes graph has no effect, and what in the data is not checked, is always reported."""

from __future__ import annotations

import pytest
from shacl_checks import check, graph

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl import ValidationReport, validate

CHECKED = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] . "
DATA = "ex:a a ex:C ."


def warned(report: ValidationReport) -> str:
    return "\n".join(map(str, report.warnings))


@pytest.mark.parametrize("word", ["shape", "intent", "codeIdentifier", "severity:", "dataType", "labelProperty"])
def test_unknown_terms_are_warnings_and_the_rest_is_validated(word: str) -> None:
    extra = f"ex:S <http://www.w3.org/ns/shacl#{word}> ex:any ."
    report = check(DATA, CHECKED + extra)
    assert len(report.results) == 1
    assert f"sh:{word} is" in warned(report)


@pytest.mark.parametrize(
    ("word", "meant"), [("severity:", "severity"), ("dataType", "datatype"), ("mesage", "message")]
)
def test_a_warning_says_what_was_probably_meant(word: str, meant: str) -> None:
    extra = f"ex:S <http://www.w3.org/ns/shacl#{word}> ex:any ."
    assert f"did you mean sh:{meant}?" in warned(check(DATA, CHECKED + extra))


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("minCout", "minCount"),
        ("mincount", "minCount"),
        ("nodekind", "nodeKind"),
        ("patern", "pattern"),
        ("propert", "property"),
        ("Not", "not"),
        ("deactivatd", "deactivated"),
    ],
)
def test_misspelt_parameters_of_used_shapes_are_errors(word: str, meant: str) -> None:
    with pytest.raises(ShapesError, match=rf"sh:{word} is not a term of SHACL.*did you mean sh:{meant}\?"):
        check(DATA, CHECKED + f"ex:S sh:{word} 1 .")
    assert f"sh:{word}" in warned(check(DATA, CHECKED + f"ex:unused sh:{word} 1 ."))


@pytest.mark.parametrize(
    ("shapes", "meant"),
    [
        ("ex:W a sh:NodeShape ; sh:targetclass ex:C .", "targetClass"),
        ("ex:W a sh:NodeShape ; sh:targetSubjectOf ex:p .", "targetSubjectsOf"),
        ("ex:W sh:TARGETNODE ex:a .", "targetNode"),
        ("ex:W a rdfs:Class, sh:Nodeshape .", "NodeShape"),
        ("ex:W a owl:Class, sh:PropertyShap ; sh:path ex:p .", "PropertyShape"),
    ],
)
def test_misspelt_targets_are_errors_though_their_shapes_are_not_used(shapes: str, meant: str) -> None:
    with pytest.raises(ShapesError, match=rf"example.org/W>.*did you mean sh:{meant}\?"):
        check(DATA, CHECKED + shapes)


def test_terms_of_the_vocabulary_are_not_reported() -> None:
    shapes = """ex:S sh:name "n" ; sh:order 1 ; sh:group ex:G ; sh:message "m" . ex:G a sh:PropertyGroup .
        ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] ."""
    assert check(DATA, CHECKED + shapes).warnings == ()


@pytest.mark.parametrize(
    ("shapes", "named"),
    [
        ("ex:S sh:rule [ a sh:TripleRule ] .", "sh:rule"),
        ("ex:S sh:expression [] .", "sh:expression"),
        ("ex:T sh:target [ a sh:SPARQLTarget ] .", "sh:target"),
        ("ex:T sh:targetWhere [] .", "sh:targetWhere"),
        ("ex:S sh:property [ sh:path ex:q ; sh:minListLength 1 ] .", "sh:minListLength"),
        ("ex:S sh:memberShape [ sh:nodeKind sh:IRI ] .", "sh:memberShape"),
        ("ex:S sh:property [ sh:path ex:q ; sh:singleLine true ] .", "sh:singleLine"),
        ("ex: sh:entailment <http://www.w3.org/ns/entailment/RDFS> .", "sh:entailment"),
        ("ex:f a sh:SPARQLFunction .", "functions"),
        ("ex:S sh:js [ sh:jsFunctionName 'f' ] .", "sh:js"),
        (
            """ex:S ex:q 1 . ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:q ] ;
                sh:validator [ sh:jsFunctionName 'f' ] .""",
            "JavaScript",
        ),
        (
            """ex:f a sh:SPARQLFunction .
                ex:S sh:sparql [ sh:select 'SELECT $this { FILTER (<http://example.org/f>(1)) }' ] .""",
            "calls the SHACL function",
        ),
    ],
)
def test_features_that_are_not_supported_are_listed_and_the_rest_is_validated(shapes: str, named: str) -> None:
    with pytest.raises(ShapesError, match=named):
        check(DATA, CHECKED + shapes)
    report = check(DATA, CHECKED + shapes, ignore_unsupported=True)
    assert named in "\n".join(map(str, report.unsupported))
    assert len(report.results) == 1


def test_a_feature_that_is_listed_is_not_also_said_to_have_no_effect() -> None:
    shapes = CHECKED + "ex:S sh:memberShape [ sh:nodeKind sh:IRI ] . ex:T sh:targetWhere [] ."
    assert "has no effect" not in warned(check(DATA, shapes, ignore_unsupported=True))


def test_a_parameter_of_a_component_of_ones_own_is_not_a_term_of_shacl_1_2() -> None:
    component = """ex:K a sh:ConstraintComponent ; sh:parameter [ sh:path sh:someValue ] ;
        sh:validator [ sh:ask "ASK { FILTER ($value != $someValue) }" ] . ex:S sh:someValue ex:a ."""
    assert len(check(DATA, CHECKED + component).results) == 2


def test_a_rule_of_a_shape_that_is_not_used_refuses_nothing() -> None:
    report = check(DATA, CHECKED + "ex:T a sh:NodeShape ; sh:rule [ a sh:TripleRule ] .")
    assert (len(report.results), report.unsupported) == (1, ())
    assert "1 shape is not used: <http://example.org/T>" in warned(report)


def test_a_component_whose_validators_do_not_fit_is_reported() -> None:
    component = """ex:K a sh:ConstraintComponent ; sh:parameter [ sh:path ex:q ] ;
        sh:propertyValidator [ sh:select "SELECT $this { }" ] . ex:S ex:q 1 ."""
    assert "has no validator for this kind of shape" in warned(check(DATA, CHECKED + component))


def test_shapes_without_target_that_nothing_refers_to_are_named_once() -> None:
    unused = "ex:T a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 1 ] . ex:U sh:nodeKind sh:IRI ."
    text = warned(check(DATA, CHECKED + unused))
    assert text.startswith("shapes: 2 shapes are not used: <http://example.org/T>, <http://example.org/U>;")


def test_shapes_that_are_referred_to_and_missing_are_named() -> None:
    report = check("ex:a a ex:C ; ex:p 1 .", CHECKED + "ex:S sh:node ex:Missing ; sh:property ex:Gone .")
    assert "2 shapes are referred to and missing: <http://example.org/Gone>, <http://example.org/Missing>" in warned(
        report
    )


@pytest.mark.parametrize(
    ("data", "shapes"),
    [
        ("", CHECKED),
        ("", "ex:S sh:targetNode ex:a ."),
        ("ex:a a ex:D .", CHECKED),
        ("ex:a a ex:C .", "ex:S sh:nodeKind sh:IRI ."),
        ("ex:a a ex:C .", "ex:S sh:targetNode ex:aa ."),
        ("ex:a a ex:C .", CHECKED + "ex:S sh:deactivated true ."),
        ("ex:a a ex:C .", ""),
    ],
)
def test_nothing_that_was_not_looked_at_is_called_good(data: str, shapes: str) -> None:
    report = check(data, shapes)
    assert (report.results, report.validated, report.verdict) == ((), False, None)


def test_target_nodes_that_the_data_do_not_have_are_named() -> None:
    report = check("ex:a ex:p ex:b .", 'ex:S sh:targetNode ex:a, ex:b, ex:nowhere, "text" .')
    assert (dict(report.reached), dict(report.looked_at or {})) == (
        {"<http://example.org/S>": 4},
        {"<http://example.org/S>": 3},
    )
    assert "the data do not have: <http://example.org/nowhere>" in warned(report)


@pytest.mark.parametrize(
    ("own", "counted"),
    [
        ("ex:x a ex:C .", 1),
        ("ex:x a ex:Sub .", 1),
        ("ex:x a ex:Other .", 0),
        ("ex:x ex:kind ex:concept .", 0),
        ("ex:x ex:part ex:y .", 1),
    ],
)
def test_only_nodes_of_the_given_data_count(own: str, counted: int) -> None:
    ontology = graph("ex:C a ex:Meta . ex:Sub rdfs:subClassOf ex:C . ex:concept a ex:C .")
    shapes = """ex:S sh:targetClass ex:C . ex:T sh:targetClass ex:Meta . ex:U sh:targetObjectsOf ex:part .
        ex:V sh:targetSubjectsOf rdf:type . ex:W sh:targetObjectsOf rdf:type ."""
    given = graph(own)
    report = validate(given.union(ontology), graph(shapes), ontology=ontology, given=given)
    looked_at = report.looked_at or {}
    assert sum(looked_at[f"<http://example.org/{name}>"] for name in "STU") == counted
    assert report.validated == bool(counted)
