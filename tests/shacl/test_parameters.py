"""Parameters of shapes are read by their value, not by their text, and numbers and times compare as XPath says."""

from __future__ import annotations

import pytest
from shacl_checks import check, found

from glocal_rdf.errors import ShapesError

SHAPE = "ex:S sh:targetSubjectsOf ex:p ; "
QUALIFIED = """ex:S sh:targetSubjectsOf ex:p ; sh:property ex:P1, ex:P2 .
    ex:P1 sh:path ex:p ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:class ex:A ] ;
        sh:qualifiedValueShapesDisjoint "{}"^^xsd:boolean .
    ex:P2 sh:path ex:p ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:class ex:B ] ;
        sh:qualifiedValueShapesDisjoint "{}"^^xsd:boolean ."""
CUSTOM = """ex:C a sh:ConstraintComponent ;
        sh:parameter [ sh:path ex:needed ], [ sh:path ex:more ; sh:optional %s ] ;
        sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER ($value != $needed) }" ] .
    ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; ex:needed 1 ] ."""
SPARQL = """ex:S sh:targetSubjectsOf ex:p ; sh:sparql [ sh:deactivated %s ;
    sh:select "SELECT $this WHERE { $this ?any ?thing }" ] ."""
BOOLEANS = pytest.mark.parametrize(
    ("value", "on"), [("true", True), ("1", True), ("false", False), ("0", False)], ids=str
)


@BOOLEANS
def test_a_shape_is_closed_by_either_form_of_true(value: str, on: bool) -> None:
    shape = f'{SHAPE} sh:ignoredProperties ( ex:p ) ; sh:closed "{value}"^^xsd:boolean .'
    assert len(check("ex:a ex:p 1 ; ex:q 2 .", shape).results) == on


@BOOLEANS
def test_a_shape_is_deactivated_by_either_form_of_true(value: str, on: bool) -> None:
    shape = f'{SHAPE} sh:nodeKind sh:Literal ; sh:deactivated "{value}"^^xsd:boolean .'
    assert check("ex:a ex:p 1 .", shape).conforms == on


@BOOLEANS
def test_a_constraint_is_deactivated_by_either_form_of_true(value: str, on: bool) -> None:
    assert check("ex:a ex:p 1 .", SPARQL % f'"{value}"^^xsd:boolean').conforms == on


@BOOLEANS
def test_languages_are_unique_where_true_is_written_and_the_other_form_is_reported(value: str, on: bool) -> None:
    # By the letter of section 4.4.5, and by the W3C's case uniqueLang-002.
    shape = f'{SHAPE} sh:property [ sh:path ex:p ; sh:uniqueLang "{value}"^^xsd:boolean ] .'
    report = check('ex:a ex:p "a"@en, "b"@en .', shape)
    assert len(report.results) == (value == "true")
    assert ["no effect" in str(problem) for problem in report.warnings] == [True] * (on and value == "1")


@BOOLEANS
def test_qualified_shapes_are_disjoint_by_either_form_of_true(value: str, on: bool) -> None:
    # What is of both classes counts for neither.
    report = check("ex:a ex:p ex:x . ex:x a ex:A, ex:B .", QUALIFIED.format(value, value))
    assert len(report.results) == (2 if on else 0)


@BOOLEANS
def test_a_parameter_is_optional_by_either_form_of_true(value: str, on: bool) -> None:
    # A parameter that is needed and missing: the component does not apply.
    assert len(check("ex:a ex:p 1 .", CUSTOM % f'"{value}"^^xsd:boolean').results) == on


@pytest.mark.parametrize("value", ['"true"', '"yes"^^xsd:boolean', '"TRUE"^^xsd:boolean', '" true"^^xsd:boolean', "1"])
@pytest.mark.parametrize(
    ("shapes", "word"),
    [
        (f"{SHAPE} sh:closed %s .", "closed"),
        (f"{SHAPE} sh:deactivated %s .", "deactivated"),
        (f"{SHAPE} sh:property [ sh:path ex:p ; sh:uniqueLang %s ] .", "uniqueLang"),
        (SPARQL, "deactivated"),
        (CUSTOM, "optional"),
    ],
)
def test_what_is_not_a_boolean_is_refused(shapes: str, word: str, value: str) -> None:
    with pytest.raises(ShapesError, match=f"sh:{word} is .* not an xsd:boolean"):
        check("ex:a ex:p 1 .", shapes % value)


@pytest.mark.parametrize(
    ("text", "number"), [("+1", 1), ("01", 1), ("+0001", 1), ("-0", 0), ("-3", -3), ("9" * 5000, 9)]
)
def test_counts_and_lengths_are_read_by_value(text: str, number: int) -> None:
    def count(word: str, value: str) -> int:
        shape = f'{SHAPE} sh:property [ sh:path ex:p ; sh:{word} "{text}"^^xsd:integer ] .'
        return len(check(f"ex:a ex:p {value} .", shape).results)

    assert count("maxCount", "1, 2") == (number < 2)
    assert count("minCount", "1, 2") == (number > 2)
    assert count("maxLength", '"ab"') == (number < 2)
    assert count("minLength", '"ab"') == (number > 2)


@pytest.mark.parametrize("text", [" 1", "1.0", "", "+", "one", "1e0", "٣"])
def test_what_is_not_an_integer_is_refused(text: str) -> None:
    with pytest.raises(ShapesError, match="not an xsd:integer"):
        check("", f'{SHAPE} sh:property [ sh:path ex:p ; sh:maxCount "{text}"^^xsd:integer ] .')


def is_at_least(value: str, bound: str) -> bool:
    value, bound = (f'"{v.partition(" ")[0]}"^^xsd:{v.partition(" ")[2]}' for v in (value, bound))
    return check(f"ex:a ex:p {value} .", f"{SHAPE} sh:property [ sh:path ex:p ; sh:minInclusive {bound} ] .").conforms


@pytest.mark.parametrize(
    ("value", "bound", "holds"),
    [
        ("0.7 float", "0.7 decimal", True),
        ("0.7 decimal", "0.7 float", True),
        ("0.7 float", "0.7 double", False),
        ("0.7 double", "0.7 float", True),
        ("0.7 double", "0.7 decimal", True),
        ("0.1 float", "0.1 decimal", True),
        ("16777216 float", "16777217 integer", True),
        ("16777217 long", "16777218 float", False),
        ("16777216 double", "16777217 integer", False),
        ("1.0000001192092896 float", "1.00000017881393432617187499999999999999999 decimal", True),
        ("1.0000001192092896 float", "1.00000017881393432617187500000000000000001 decimal", False),
        ("9007199254740993 integer", "9007199254740992 integer", True),
        ("9007199254740992 integer", "9007199254740993 integer", False),
        ("9007199254740992 double", "9007199254740993 integer", True),
        ("1" + "0" * 400 + " integer", "1" + "0" * 399 + "1 integer", False),
        ("INF double", "1e308 double", True),
        ("INF float", "INF double", True),
        ("+INF float", "INF float", True),
        ("-INF double", "-1e308 double", False),
        ("NaN double", "NaN double", False),
        ("NaN float", "0 integer", False),
        ("0 integer", "NaN float", False),
        ("-0 double", "0 double", True),
        ("0 integer", "-0.0 float", True),
        ("1 boolean", "true boolean", True),
        ("0 boolean", "true boolean", False),
        ("1 integer", "true boolean", False),
        ("1 string", "1 integer", False),
        ("99999999999999 gYear", "2000 gYear", True),
        ("-99999999999999 gYear", "2000 gYear", False),
        ("20200000000-01-01 date", "2020-01-01 date", True),
        ("00:00:00 time", "24:00:00 time", True),
        ("2020-01-01T24:00:00 dateTime", "2020-01-02T00:00:00.000 dateTime", True),
        ("2020-01-01T12:00:00+14:00 dateTime", "2020-01-01T00:00:00Z dateTime", False),
        ("2020-01-01T12:00:00 dateTime", "2020-01-01T11:00:00Z dateTime", False),
        ("2020-01-03T12:00:00 dateTime", "2020-01-01T11:00:00Z dateTime", True),
        ("2001 gYear", "2000-01-01 date", False),
    ],
)
def test_values_compare_as_xpath_says(value: str, bound: str, holds: bool) -> None:
    assert is_at_least(value, bound) == holds


def test_a_year_of_too_many_digits_is_reported_as_not_comparable() -> None:
    assert not is_at_least("9" * 30 + " gYear", "2000 gYear")
    assert not is_at_least("2000 gYear", "-" + "9" * 30 + " gYear")


def test_enumerations_compare_terms_as_they_are_written() -> None:
    shape = f'{SHAPE} sh:property [ sh:path ex:p ; sh:in ( 1 "1"^^xsd:boolean ) ] .'
    report = check('ex:a ex:p 1, "01"^^xsd:integer, true, "1"^^xsd:boolean, 1.0 .', shape)
    assert {value for _, _, value in found(report)} == {
        '"01"^^<http://www.w3.org/2001/XMLSchema#integer',
        '"true"^^<http://www.w3.org/2001/XMLSchema#boolean',
        '"1.0"^^<http://www.w3.org/2001/XMLSchema#decimal',
    }
