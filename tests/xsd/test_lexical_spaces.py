"""The texts that each datatype of XML Schema allows."""

from __future__ import annotations

import calendar
import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.xsd.character_classes import ranges_of
from glocal_rdf.xsd.datatypes import IN_RDF, in_lexical_space, is_valid, is_well_typed
from glocal_rdf.xsd.lexical_spaces import LEXICAL_SPACES, NAME_CHAR, NC_CHAR

SIZES = {"byte": 8, "short": 16, "int": 32, "long": 64}
XSD = "http://www.w3.org/2001/XMLSchema#"

ALLOWED = {
    "boolean": ["true", "false", "1", "0"],
    "decimal": ["1", "-1.5", "+.5", "5.", "00.10"],
    "integer": ["0", "-0", "+7", "0" * 40 + "1"],
    "nonNegativeInteger": ["0", "-0", "+1", "-000"],
    "positiveInteger": ["1", "+01"],
    "nonPositiveInteger": ["0", "+00", "-1"],
    "negativeInteger": ["-1", "-010"],
    "double": ["1", "1e5", "-.5E-3", "INF", "+INF", "-INF", "NaN"],
    "date": ["2024-02-29", "2000-02-29", "-0004-02-29", "12000-02-29", "2023-12-31+14:00", "0000-01-01Z"],
    "time": ["00:00:00", "24:00:00", "24:00:00.000", "23:59:59.999-13:59"],
    "dateTime": ["2024-02-29T24:00:00", "2024-01-01T00:00:00.1Z"],
    "dateTimeStamp": ["2024-01-01T00:00:00Z"],
    "gYear": ["2024", "-0001", "12345Z"],
    "gYearMonth": ["2024-12"],
    "gMonth": ["--01"],
    "gMonthDay": ["--02-29", "--04-30", "--12-31Z"],
    "gDay": ["---31"],
    "duration": ["P1Y", "-P1M", "PT0S", "P1Y2M3DT4H5M6.7S", "PT5M", "P1DT1S"],
    "dayTimeDuration": ["P1D", "PT1.5S", "P1DT1H"],
    "yearMonthDuration": ["P1Y", "P1Y13M", "-P1M"],
    "hexBinary": ["", "0fA9"],
    "base64Binary": ["", "QUJD", "QQ==", "QUI=", "Q U J D", "QQ = ="],
    "language": ["en", "zh-Hant-TW", "x-private1"],
    "normalizedString": ["", " a  b "],
    "token": ["", "a b"],
    "Name": ["a:b", "_x.1-2", ":"],
    "NCName": ["é", "_", "a·b", "名"],
    "NMTOKEN": ["1-a", ".", ":a"],
    "QName": ["a:b", "b"],
}
REFUSED = {
    "boolean": ["TRUE", "", "yes"],
    "decimal": ["", ".", "1e5", "1,5", "٣", "1 "],
    "integer": ["", "1.0", "--1", "+"],
    "nonNegativeInteger": ["-1"],
    "positiveInteger": ["0", "-1", "+00"],
    "nonPositiveInteger": ["1", "+1"],
    "negativeInteger": ["0", "-0", "1"],
    "double": ["", "inf", "1e", "-NaN", "e5"],
    "date": [
        "2023-02-29",
        "1900-02-29",
        "2024-02-30",
        "2024-04-31",
        "2024-13-01",
        "24-01-01",
        "02024-01-01",
        "2024-1-1",
    ],
    "time": ["24:00:01", "23:60:00", "12:00", "12:00:00+14:01", "12:00:00."],
    "dateTime": ["2024-01-01", "2024-01-01 00:00:00", "2023-02-29T00:00:00"],
    "dateTimeStamp": ["2024-01-01T00:00:00"],
    "gYear": ["24", "012345"],
    "gYearMonth": ["2024-00", "2024"],
    "gMonth": ["--1", "--13", "--01--"],
    "gMonthDay": ["--02-30", "--04-31", "--01-32", "-01-01"],
    "gDay": ["---32", "---00"],
    "duration": ["", "P", "PT", "P1YT", "P1D1Y", "1Y", "P1.5D", "P-1D"],
    "dayTimeDuration": ["P1Y", "P1M", "P"],
    "yearMonthDuration": ["P1D", "P", "P1YT1M"],
    "hexBinary": ["0", "0g"],
    "base64Binary": ["QQ", "QQ=", "QR==", "QUJ=", " QUJD", "QU  JD"],
    "language": ["", "abcdefghi", "en_GB", "1a"],
    "normalizedString": ["a\tb", "a\n"],
    "token": [" a", "a ", "a  b"],
    "Name": ["", "1a", "-a", "a b", "×"],
    "NCName": ["a:b", "·a", "1"],
    "NMTOKEN": ["", "a b"],
    "QName": ["a:b:c", ":b", "a:", "1:b"],
}


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_datatype_allows_its_texts(name: str) -> None:
    texts = pl.Series(ALLOWED[name])
    assert not texts.filter(~is_valid(texts, name)).to_list()


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_datatype_refuses_other_texts(name: str) -> None:
    texts = pl.Series(REFUSED[name])
    assert not texts.filter(is_valid(texts, name)).to_list()
    # A line break at the end belongs to the text.
    if name != "token":
        assert not is_valid(pl.Series([f"{text}\n" for text in ALLOWED[name]]), name).any()


def test_every_datatype_is_tested() -> None:
    sized = {*SIZES, *(f"unsigned{name.title()}" for name in SIZES), "float"}
    assert set(ALLOWED) == set(REFUSED) == set(LEXICAL_SPACES) - sized
    assert LEXICAL_SPACES["float"] == LEXICAL_SPACES["double"]


@pytest.mark.parametrize("name", sorted(SIZES))
@pytest.mark.parametrize("signed", [True, False])
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_integers_of_a_size_are_those_that_fit(name: str, signed: bool, data: st.DataObject) -> None:
    bits = SIZES[name]
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    near = [low - 1, low, low + 1, -1, 0, 1, high - 1, high, high + 1, high * 10]
    numbers = [*near, *data.draw(st.lists(st.integers(2 * low - 300, 2 * high), max_size=20))]
    texts = [form for n in numbers for form in (str(n), f"{'-' if n < 0 else '+'}{'0' * 30}{abs(n)}")]
    found = is_valid(pl.Series(texts), name if signed else f"unsigned{name.title()}")
    assert found.to_list() == [low <= n <= high for n in numbers for _ in (1, 2)]
    assert not is_valid(pl.Series(["", "+", "-", "1.0", "0x1"]), name).any()


@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32))
@settings(max_examples=300, deadline=None)
def test_dates_are_those_of_the_calendar(year: int, month: int, day: int) -> None:
    # The calendar of Python has no year 0, and repeats every 400 years.
    exists = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year % 400 + 400, month)[1]
    text = f"{year:04}-{month:02}-{day:02}"
    assert is_valid(pl.Series([text, f"-{text}", f"1{text}"]), "date").to_list() == [exists] * 3


def test_expressions_of_numbers_and_times_are_the_same_to_python() -> None:
    texts = [text for name in ALLOWED for text in (*ALLOWED[name], *REFUSED[name])]
    for name in ("boolean", "decimal", "long", "double", "dateTime", "gMonthDay", "duration"):
        found = [re.fullmatch(LEXICAL_SPACES[name], text) is not None for text in texts]
        assert found == is_valid(pl.Series(texts), name).to_list(), name


def test_what_is_null_stays_null() -> None:
    frame = pl.DataFrame({"t": [None, "1"]}, schema={"t": pl.String})
    assert frame.select(in_lexical_space(pl.col("t"), "integer"))["t"].to_list() == [None, True]


def test_names_have_the_characters_of_xml() -> None:
    """XML 1.0, section 2.3: those of NameChar that NameStartChar has not."""
    more = [0x2D, 0x2E, *range(0x30, 0x3A), 0xB7, *range(0x300, 0x370), 0x203F, 0x2040]
    start, char = ranges_of("i"), ranges_of("c")
    assert start is not None
    assert char is not None
    points = [{point for low, high in ranges for point in range(low, high + 1)} for ranges in (start, char)]
    assert sorted(points[1] - points[0]) == more
    assert points[0] < points[1]
    assert f":{NC_CHAR}" == NAME_CHAR


def test_terms_are_well_typed_by_their_text() -> None:
    terms = pl.Series([f'"1"^^<{XSD}byte>', f'"128"^^<{XSD}byte>', f'"1"^^<{XSD}int>', '"1"', '"a"@en', "<urn:a>"])
    assert is_well_typed(terms, f"<{XSD}byte>").to_list() == [True, *[False] * 5]
    assert is_well_typed(terms, f"<{XSD}string>").to_list() == [False, False, False, True, False, False]
    lang = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"
    assert is_well_typed(terms, lang).to_list() == [False, False, False, False, True, False]


def test_texts_without_a_lexical_space_of_rdf_are_not_tested() -> None:
    assert "QName" not in IN_RDF
    terms = pl.Series([f'"a:b:c"^^<{XSD}QName>', '"x"^^<urn:own>'])
    assert is_well_typed(terms, f"<{XSD}QName>").to_list() == [True, False]
    assert is_well_typed(terms, "<urn:own>").to_list() == [False, True]


def test_escapes_are_read_where_white_space_counts() -> None:
    terms = pl.Series([f'"a\\tb"^^<{XSD}token>', f'"a b"^^<{XSD}token>'])
    assert is_well_typed(terms, f"<{XSD}token>").to_list() == [False, True]
