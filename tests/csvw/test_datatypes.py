"""Cells are read by their datatypes, with and without formats."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.csvw.metadata.inherited import read_datatype
from glocal_rdf.csvw.metadata.model import Datatype, NumberFormat
from glocal_rdf.csvw.metadata.properties import Reading
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.values import datatypes
from glocal_rdf.csvw.values.numbers import number_reader
from glocal_rdf.errors import InputError


def read(datatype: Datatype, *texts: str) -> list[str | None]:
    reader = datatypes.reader(datatype)
    column = pl.col("t")
    return pl.DataFrame({"t": list(texts)}).select(column if reader is None else reader(column)).to_series().to_list()


@pytest.mark.parametrize(
    ("base", "good", "bad"),
    [
        ("integer", "0 -0 +7 007 123456789012345678901234567890", "1.0 1e3 - x ٣"),
        ("byte", "127 -128 +5 0", "128 -129 1.0"),
        ("unsignedLong", "18446744073709551615 0", "18446744073709551616 -1"),
        ("positiveInteger", "1 +001", "0 -1"),
        ("negativeInteger", "-1", "0 1 -0"),
        ("nonPositiveInteger", "0 -5", "5"),
        ("decimal", "1 -1.50 .5 5. +0.0", "1e3 NaN INF . 1,000"),
        ("double", "1 1.5e-3 INF -INF NaN .5", "1e inf nan 1_0"),
        ("boolean", "true false 1 0", "TRUE yes 2"),
        ("date", "2020-02-29 2000-02-29 1999-12-31Z -0044-03-15", "2021-02-29 1900-02-29 2020-13-01 2020-04-31 20-1-1"),
        ("dateTime", "2020-01-01T24:00:00 2020-01-01T12:00:00.5-05:00", "2020-01-01 2020-01-01T24:00:01"),
        ("dateTimeStamp", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00"),
        ("time", "12:00:00 23:59:59.999Z", "12:00 24:00:01"),
        ("gYear", "1990 -0001 12020", "90 199O 012020"),
        ("gYearMonth", "1990-12", "1990-13 1990"),
        ("gMonthDay", "--02-29 --12-31", "--02-30 12-31"),
        ("gMonth", "--12", "--13 12"),
        ("gDay", "---31", "---32 31"),
        ("duration", "P1Y P1Y2M3DT4H5M6.7S -PT0S", "P PT P1DT 1Y P1S"),
        ("dayTimeDuration", "P1DT2H", "P1Y"),
        ("yearMonthDuration", "P1Y2M", "P1D"),
        ("hexBinary", "00ff AB", "0 xy"),
        ("base64Binary", "AAAA AA== AAA=", "A AAA A==="),
        ("language", "en zh-Hant", "e_n 123456789"),
        ("NCName", "a-b _x é", "1a a:b"),
        ("QName", "a:b b", "a:b:c :a"),
        ("NMTOKEN", "1a a.b", "a/b"),
    ],
)  # fmt: skip
def test_lexical_forms(base: str, good: str, bad: str) -> None:
    assert None not in read(Datatype(base), *good.split())
    assert set(read(Datatype(base), *bad.split())) == {None}


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("0", {"1": "1", "-1": "-1", "+5": "+5", "12": "12"}, "1.2"),
        ("00", {"12": "12", "123": "123"}, "1"),
        ("#", {"1": "1"}, "1.2"),
        ("+0", {"+1": "+1", "-1": "-1"}, "1"),
        ("-0", {"-1": "-1"}, "1 +1"),
        ("%000", {"%123": "1.23", "%+123": "+1.23", "-%123": "-1.23"}, "%12 123%"),
        ("000%", {"123%": "1.23", "-123%": "-1.23"}, "12% %123"),
        ("0‰", {"1‰": "0.001"}, "1%"),
        ("0.###", {"1": "1", "1.234": "1.234"}, "1.2345 1."),
        ("0.00", {"1.23": "1.23"}, "1.2 1.234"),
        ("0E0", {"1E1": "1e1", "1E-2": "1e-2"}, "1 1e1"),
        ("0.0#E+00", {"1.0E+05": "1.0e+05"}, "1.0E5"),
        ("#,##0.00", {"1,234.56": "1234.56", "0.50": "0.50"}, "1234.56 1,23.40"),
        ("#,##,##0", {"1,23,456": "123456", "123": "123"}, "1,234,567"),
        ("0.000,0##", {"1.123,4": "1.1234"}, "1.123 1.1234"),
    ],
)  # fmt: skip
def test_number_patterns(pattern: str, good: dict[str, str], bad: str) -> None:
    datatype = Datatype("double", number=NumberFormat(pattern))
    assert read(datatype, *good) == list(good.values())
    assert set(read(datatype, *bad.split())) == {None}


@pytest.mark.parametrize("pattern", ["0#", "x", "0.#0", "#,", "", "%", "0,00,", "0.0.0", "E0", "0,,0"])
def test_malformed_number_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(InputError):
        datatypes.check_format(Datatype("double", number=NumberFormat(pattern)))


def test_marks_for_decimals_and_groups() -> None:
    european = Datatype("decimal", number=NumberFormat(None, ",", "."))
    assert read(european, "1.234,5", "12%", "1..2", "1e3", "INF") == ["1234.5", "0.12", None, None, None]
    assert read(Datatype("integer", number=NumberFormat(None, ".", " ")), "1 234", "1.0") == ["1234", None]


@pytest.mark.parametrize(
    ("base", "pattern", "text", "expected"),
    [
        ("date", "d.M.yyyy", "1.2.2020", "2020-02-01"),
        ("date", "d.M.yyyy", "31.2.2020", None),
        ("date", "yyyyMMdd", "20150322", "2015-03-22"),
        ("date", "MM/dd/yyyy X", "03/22/2015 -08", "2015-03-22-08:00"),
        ("time", "HHmm", "1502", "15:02:00"),
        ("time", "HH:mm:ss.SS", "15:02:37.143", None),
        ("time", "HH:mm:ss.SSS", "15:02:37.1", "15:02:37.1"),
        ("dateTime", "yyyy-MM-ddTHH:mm", "2015-03-15T15:02", "2015-03-15T15:02:00"),
        ("dateTime", "M/d/yyyy HH:mm:ss xxx", "3/2/2015 15:02:37 +05:30", "2015-03-02T15:02:37+05:30"),
        ("dateTime", "M/d/yyyy HH:mm x", "3/2/2015 15:02 Z", None),
        ("gYearMonth", "MM/yyyy", "03/2015", "2015-03"),
    ],
)  # fmt: skip
def test_date_patterns(base: str, pattern: str, text: str, expected: str | None) -> None:
    assert read(Datatype(base, format=pattern), text) == [expected]


@pytest.mark.parametrize(
    "pattern", ["yyyy", "yy-MM-dd", "dd.MM", "yyyy-MM-dd QQ", "HH:mm", "MMM d, yyyy", "yyyy-yyyy-MM-dd"]
)
def test_other_date_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(InputError):
        datatypes.check_format(Datatype("date", format=pattern))


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"^\d{2}-[\w.-]+$", ["12-a.b"], ["1-a", "٣٣-a"]),
        ("(?!ab)[a-z]+", ["bac"], ["abc"]),
        ("(?=.*x)[a-z]+", ["axb"], ["ab"]),
        (r"a\/b|\u0041", ["a/b", "A"], ["a", "xAx"]),
        ("[[&&~]", ["[", "&", "~"], ["a"]),
    ],
)
def test_regular_expressions(pattern: str, good: list[str], bad: list[str]) -> None:
    datatype = Datatype("string", format=pattern)
    assert read(datatype, *good) == good
    assert set(read(datatype, *bad)) == {None}


@pytest.mark.parametrize("pattern", [r"(a)\1", "(", "a(?=b)c", "[z-a]", "a\\", "x" * 20_000])
def test_regular_expressions_that_cannot_be_bounded_are_refused(pattern: str) -> None:
    with pytest.raises(InputError):
        datatypes.check_format(Datatype("string", format=pattern))


def problems(description: Any) -> list[tuple[str, str]]:
    problems = ProblemCollector("m.json")
    read_datatype(Reading("http://e.org/m.json", problems, lambda _: None), description)
    return [(p.level, p.what) for p in problems.items]


@pytest.mark.parametrize(
    "description",
    [
        {"base": "string", "length": 3, "minLength": 4},
        {"base": "string", "length": 3, "maxLength": 2},
        {"base": "string", "minLength": 3, "maxLength": 2},
        {"base": "date", "length": 3},
        {"base": "string", "minimum": 3},
        {"base": "integer", "minimum": 3, "minInclusive": 4},
        {"base": "integer", "minInclusive": 3, "minExclusive": 3},
        {"base": "integer", "minInclusive": 3, "maxInclusive": 2},
        {"base": "integer", "minInclusive": 3, "maxExclusive": 3},
        {"base": "integer", "minExclusive": 3, "maxInclusive": 3},
        {"base": "integer", "minExclusive": 3, "maxExclusive": 2},
        {"base": "date", "minimum": "2020-01-02", "maximum": "2020-01-01"},
        {"base": "string", "@id": "_:b"},
        {"base": "string", "@id": "http://www.w3.org/2001/XMLSchema#string"},
        {"base": "string", "@type": "Thing"},
    ],
)
def test_constraints_that_contradict_are_errors(description: dict[str, Any]) -> None:
    assert [level for level, _ in problems(description)] == ["error"]


@pytest.mark.parametrize(
    "description",
    [
        1,
        "http://www.w3.org/2001/XMLSchema#string",
        "str",
        {"base": 1},
        {"base": "integer", "minimum": "x"},
        {"length": "3"},
        {"base": "boolean", "format": "YN"},
        {"base": "date", "format": "nonsense"},
        {"base": "decimal", "format": {"groupChar": 1}},
        {"base": "decimal", "format": "0#"},
        {"format": "("},
        {"unknown": 1},
    ],
)
def test_values_that_are_not_permitted_are_warnings(description: Any) -> None:
    assert {level for level, _ in problems(description)} == {"warning"}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=2), min_size=1, max_size=5),
    st.decimals(-100, 100, places=1),
)
def test_bounds_compare_numbers_exactly(values: list[Any], bound: Any) -> None:
    [check] = datatypes.checks(Datatype("decimal", min_inclusive=format(bound, "f")))
    texts = pl.DataFrame({"t": [format(v, "f") for v in values]})
    assert texts.select(check.holds(pl.col("t"))).to_series().to_list() == [v >= bound for v in values]


@pytest.mark.parametrize("cell", ["+-5", "--5", "%5%", "5%‰", "+%-5"])
def test_a_number_has_one_sign_and_one_percent_sign(cell: str) -> None:
    expression = number_reader(NumberFormat(group_char=","), whole=False, exact=True)
    made = pl.DataFrame({"t": [cell, "1,234.5", "-7%"]}).select(expression(pl.col("t")))
    assert made["t"].to_list() == [None, "1234.5", "-0.07"]
