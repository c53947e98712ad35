"""Dates of EDTF: every example of the specification that a claim may hold, what is exact in it, and its years."""

from __future__ import annotations

import warnings

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.edtf import read_dates
from glocal_rdf.xsd.datatypes import is_well_typed

XSD = "http://www.w3.org/2001/XMLSchema#"

# https://www.loc.gov/standards/datetime/: the examples of each level, without those with the time of day.
LEVEL_0 = {
    "1985-04-12": (1985, 1985),
    "1985-04": (1985, 1985),
    "1985": (1985, 1985),
    "1964/2008": (1964, 2008),
    "2004-06/2006-08": (2004, 2006),
    "2004-02-01/2005-02-08": (2004, 2005),
    "2004-02-01/2005-02": (2004, 2005),
    "2004-02-01/2005": (2004, 2005),
    "2005/2006-02": (2005, 2006),
}
LEVEL_1 = {
    "Y170000002": (170000002, 170000002),
    "Y-170000002": (-170000002, -170000002),
    "2001-21": (2001, 2001),
    "1984?": (1984, 1984),
    "2004-06~": (2004, 2004),
    "2004-06-11%": (2004, 2004),
    "201X": (2010, 2019),
    "20XX": (2000, 2099),
    "2004-XX": (2004, 2004),
    "1985-04-XX": (1985, 1985),
    "1985-XX-XX": (1985, 1985),
    "1985-04-12/..": (1985, None),
    "1985-04/..": (1985, None),
    "1985/..": (1985, None),
    "../1985-04-12": (None, 1985),
    "../1985-04": (None, 1985),
    "../1985": (None, 1985),
    "1985-04-12/": (1985, None),
    "1985-04/": (1985, None),
    "1985/": (1985, None),
    "/1985-04-12": (None, 1985),
    "/1985-04": (None, 1985),
    "/1985": (None, 1985),
    "1984~/2004-06": (1984, 2004),
    "1984/2004-06~": (1984, 2004),
    "1984~/2004~": (1984, 2004),
    "1984?/2004%": (1984, 2004),
    "-1985": (-1985, -1985),
}
LEVEL_2 = {
    "Y-17E7": (-170000000, -170000000),
    "1950S2": (1900, 1999),
    "Y171010000S3": (171000000, 171999999),
    "Y3388E2S3": (338000, 338999),
    "2001-34": (2001, 2001),
    "[1667,1668,1670..1672]": (1667, 1672),
    "[..1760-12-03]": (None, 1760),
    "[1760-12..]": (1760, None),
    "[1760-01,1760-02,1760-12..]": (1760, None),
    "[1667,1760-12]": (1667, 1760),
    "[..1984]": (None, 1984),
    "{1667,1668,1670..1672}": (1667, 1672),
    "{1960,1961-12}": (1960, 1961),
    "{..1984}": (None, 1984),
    "2004-06-11%": (2004, 2004),
    "2004-06~-11": (2004, 2004),
    "2004?-06-11": (2004, 2004),
    "?2004-06-~11": (2004, 2004),
    "2004-%06-11": (2004, 2004),
    "156X-12-25": (1560, 1569),
    "15XX-12-25": (1500, 1599),
    "XXXX-12-XX": (None, None),
    "1XXX-XX": (1000, 1999),
    "1XXX-12": (1000, 1999),
    "1984-1X": (1984, 1984),
    "2004-06-~01/2004-06-~20": (2004, 2004),
    "2004-06-XX/2004-07-03": (2004, 2004),
}
EXAMPLES = LEVEL_0 | LEVEL_1 | LEVEL_2

WRONG = {
    "199O": "is not a date (EDTF)",
    "": "is not a date (EDTF)",
    "/": "is not a date (EDTF)",
    "../..": "is not a date (EDTF)",
    "..": "is not a date (EDTF)",
    "04": "is not a date (EDTF)",
    "1985-13": "is not a date (EDTF)",
    "1985-4": "is not a date (EDTF)",
    "2004/06": "is not a date (EDTF)",
    "2004/6/1": "is not a date (EDTF)",
    "1.6.2004": "is not a date (EDTF)",
    "Jun-04": "is not a date (EDTF)",
    "2004-06-11T10:00:00": "is not a date (EDTF)",
    "1970/1980/1990": "is not a date (EDTF)",
    "2001-21-01": "is not a date (EDTF)",
    "Y2004": "is not a date (EDTF)",
    "Y1E1": "is not a date (EDTF)",
    "Y9E99": "is not a date (EDTF)",
    "Y99999999999999999999": "is not a date (EDTF)",
    "1950S9": "is not a date (EDTF)",
    "-0000": "is not a date (EDTF)",
    "[]": "is not a date (EDTF)",
    "[1667": "is not a date (EDTF)",
    "[1667,]": "is not a date (EDTF)",
    "[1670..,1680]": "is not a date (EDTF)",
    "[1660,..1680]": "is not a date (EDTF)",
    " 2004": "is not a date (EDTF)",
    "2004\n": "is not a date (EDTF)",
    "２００４": "is not a date (EDTF)",
    "2004-02-30": "has a day that is not in the calendar",
    "1900-02-29": "has a day that is not in the calendar",
    "2023-02-29/2024": "has a day that is not in the calendar",
    "2010/2005": "ends before it starts",
    "2004-06-11/2004-06-10": "ends before it starts",
    "[1672..1670]": "ends before it starts",
}


@pytest.mark.parametrize(("text", "years"), EXAMPLES.items())
def test_an_example_of_the_specification_is_read(text: str, years: tuple[int | None, int | None]) -> None:
    found = read_dates(pl.Series([text])).row(0, named=True)
    form = "set" if text[0] in "[{" else "interval" if "/" in text else "date"
    assert (found["form"], found["fault"]) == (form, None)
    assert (found["first_year"], found["last_year"]) == years


@pytest.mark.parametrize(("text", "fault"), WRONG.items())
def test_what_is_not_a_date_is_named(text: str, fault: str) -> None:
    found = read_dates(pl.Series([text])).row(0, named=True)
    assert (found["form"], found["fault"]) == (None, fault)
    assert {found[name] for name in ("exact", "start", "end", "first_year", "last_year")} == {None}


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("2004", f'"2004"^^<{XSD}gYear>'),
        ("2004-06", f'"2004-06"^^<{XSD}gYearMonth>'),
        ("2004-02-29", f'"2004-02-29"^^<{XSD}date>'),
        ("Y-17E7", f'"-170000000"^^<{XSD}gYear>'),
        ("0000", f'"0000"^^<{XSD}gYear>'),
        *((text, None) for text in EXAMPLES if set(text) & set("?~%XS[{/") or text[5:7] in {"21", "34"}),
    ],
)
def test_only_an_exact_date_is_a_typed_literal(text: str, exact: str | None) -> None:
    found = read_dates(pl.Series([text])).row(0, named=True)
    assert found["exact"] == exact
    assert found["inexact"] == ((exact is None and not (found["start"] or found["end"])) or "~" in text or "X" in text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1970/1985-03", f'"1970"^^<{XSD}gYear>', f'"1985-03"^^<{XSD}gYearMonth>'),
        ("1970/", f'"1970"^^<{XSD}gYear>', None),
        ("../2010", None, f'"2010"^^<{XSD}gYear>'),
        ("197X/1985", None, f'"1985"^^<{XSD}gYear>'),
    ],
)
def test_the_exact_sides_of_an_interval_are_typed_literals(text: str, start: str | None, end: str | None) -> None:
    found = read_dates(pl.Series([text])).row(0, named=True)
    assert (found["exact"], found["start"], found["end"]) == (None, start, end)


def test_a_column_keeps_its_order_and_its_repetitions() -> None:
    texts = pl.Series(["2004", "x", "2004", None, "1970/"])
    assert read_dates(texts)["form"].to_list() == ["date", None, "date", None, "interval"]


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="0123456789-X?~%/.,[]{}YES", max_size=24))
def test_whatever_is_exact_is_well_typed(text: str) -> None:
    found = read_dates(pl.Series([text]))
    assert found.height == 1
    for name in ("exact", "start", "end"):
        term = found[name][0]
        if term is not None:
            datatype = term.rpartition("^^")[2]
            assert is_well_typed(pl.Series([term]), datatype).to_list() == [True]


@pytest.mark.slow
@pytest.mark.peer
@settings(deadline=None, max_examples=60)
@given(
    st.from_regex(
        r"(?:19|20)(?:[0-9]{2}|[0-9]X|XX)(?:-(?:0[1-9]|1[0-2]|XX)(?:-(?:0[1-9]|[12][0-9]|3[01]|XX))?)?[?~%]?",
        fullmatch=True,
    )
)
def test_the_library_edtf_reads_the_same_dates(text: str) -> None:
    """Its bounds are days; it fails on a month or day with one unknown digit, which our own examples have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        edtf = pytest.importorskip("edtf")
        found = read_dates(pl.Series([text])).row(0, named=True)
        try:
            other = edtf.parse_edtf(text)
        except edtf.parser.edtf_exceptions.EDTFParseException:
            assert found["form"] is None or "00" in text or set(text) & set("?~%")
            return
    if found["form"] is not None and not set(text) & set("?~%"):
        assert (found["first_year"], found["last_year"]) == (other.lower_strict()[0], other.upper_strict()[0])
