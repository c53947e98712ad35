"""Bounds: the order that XML Schema gives the values of one datatype."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.xsd.facets import NUMBERS, ORDERED, Relation, is_within, order_key
from glocal_rdf.xsd.lexical_spaces import LEXICAL_SPACES

HOLDS: dict[Relation, Any] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=3)


def key_of(name: str, text: str) -> Decimal:
    key = order_key(name, text)
    assert key is not None, text
    return key


@pytest.mark.parametrize(
    ("base", "less", "more"),
    [
        ("dateTime", "2020-01-01T00:00:00+01:00", "2020-01-01T00:00:00Z"),
        ("date", "-0044-03-15", "0001-01-01"),
        ("gYear", "9999", "10000"),
        ("duration", "P29D", "P1M"),
        ("time", "09:00:00", "10:00:00"),
        ("gMonthDay", "--02-28", "--12-01"),
        ("double", "-INF", "-1E308"),
    ],
)
def test_values_have_the_order_of_their_datatype(base: str, less: str, more: str) -> None:
    assert key_of(base, less) < key_of(base, more)
    if base != "duration":
        assert is_within(pl.Series([less, more]), base, "<", more).to_list() == [True, False]
        assert is_within(pl.Series([less, more]), base, ">=", more).to_list() == [False, True]


def test_every_ordered_datatype_has_a_lexical_space() -> None:
    assert set(LEXICAL_SPACES) >= ORDERED


@pytest.mark.parametrize("text", ["NaN", "x", ""])
def test_what_is_not_a_value_has_no_key(text: str) -> None:
    assert order_key("double", text) is None


@pytest.mark.parametrize("relation", HOLDS)
@given(st.lists(DECIMALS, max_size=6), DECIMALS)
@settings(max_examples=60, deadline=None)
def test_decimals_are_compared_exactly(relation: Relation, values: list[Decimal], bound: Decimal) -> None:
    texts = pl.Series([format(value, "f") for value in values], dtype=pl.String)
    found = is_within(texts, "decimal", relation, format(bound, "f")).to_list()
    assert found == [HOLDS[relation](value, bound) for value in values]


def test_decimals_that_are_the_same_double_differ() -> None:
    texts = pl.Series(["9007199254740993", "9007199254740992.000"])
    assert is_within(texts, "decimal", ">", "9007199254740992").to_list() == [True, False]
    assert is_within(texts, "decimal", "<=", "9007199254740992").to_list() == [False, True]


def test_floats_are_compared_as_floats() -> None:
    near = pl.Series(["0.1", "0.10000000001", "0.2"])
    assert is_within(near, "float", "<=", "0.1").to_list() == [True, True, False]
    assert is_within(near, "double", "<=", "0.1").to_list() == [True, False, False]
    longer = pl.Series(["0.1000000000000000000001", "1e-1"])
    assert is_within(longer, "float", "<=", "0.1").to_list() == [True, True]


def test_nan_is_not_within_any_bound_and_infinity_is_within_itself() -> None:
    texts = pl.Series(["NaN", "INF", "-INF", "+INF"])
    assert is_within(texts, "double", "<=", "INF").to_list() == [False, True, True, True]
    assert is_within(texts, "double", ">=", "-INF").to_list() == [False, True, True, True]


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_every_number_has_bounds(name: str) -> None:
    sign = -1 if name in {"negativeInteger", "nonPositiveInteger"} else 1
    texts = pl.Series([str(sign * n) for n in (1, 2, 3)])
    assert is_within(texts, name, "<", str(sign * 2)).to_list() == [sign * n < sign * 2 for n in (1, 2, 3)]


def test_a_time_without_a_zone_is_within_a_bound_whatever_its_zone() -> None:
    texts = pl.Series(["2024-01-01T09:59:59", "2024-01-01T10:00:00", "2024-01-02T13:59:59", "2024-01-02T14:00:01"])
    assert is_within(texts, "dateTime", "<", "2024-01-02T00:00:00Z").to_list() == [True, False, False, False]
    assert is_within(texts, "dateTime", ">=", "2024-01-02T00:00:00Z").to_list() == [False, False, False, True]


def test_midnight_at_the_end_of_a_day_is_that_of_the_next() -> None:
    assert is_within(pl.Series(["2024-01-01T24:00:00"]), "dateTime", ">=", "2024-01-02T00:00:00").all()
    # A time has no day: 24:00:00 is 00:00:00 (XML Schema Part 2, section 3.3.8).
    assert is_within(pl.Series(["24:00:00"]), "time", "<=", "00:00:00").all()


@pytest.mark.parametrize(
    ("text", "bound", "least", "most"),
    [
        ("P1M", "P28D", True, False),
        ("P1M", "P31D", False, True),
        ("P1M", "P30D", False, False),
        ("P1M", "P27D", True, False),
        ("P1Y", "P365D", True, False),
        ("P1Y", "P12M", True, True),
        ("P1D", "PT24H", True, True),
        ("-P1M", "-P28D", False, True),
        ("PT0.1S", "PT0.10S", True, True),
    ],
)
def test_durations_are_compared_from_four_moments(text: str, bound: str, least: bool, most: bool) -> None:
    assert is_within(pl.Series([text]), "duration", ">=", bound).to_list() == [least]
    assert is_within(pl.Series([text]), "duration", "<=", bound).to_list() == [most]


def test_what_is_null_or_not_a_value_is_not_compared() -> None:
    for name, bound in (("integer", "5"), ("date", "2024-01-01"), ("duration", "P1D")):
        texts = pl.Series([None, "x", bound], dtype=pl.String)
        assert is_within(texts, name, "<", bound).to_list() == [None, True, False], name
    assert is_within(pl.Series([], dtype=pl.String), "date", "<", "2024-01-01").to_list() == []
    assert is_within(pl.Series(["x"]), "date", "<", "2024-01-01").to_list() == [True]
