"""How statements are compared: values, times, ranks, directions, and each outcome."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glocal_rdf.namespaces import OA, term
from glocal_rdf.wikidata.compare.literals import UnfitError, code_language, read_literal
from glocal_rdf.wikidata.compare.mismatches import COLUMNS, write_mismatches
from glocal_rdf.wikidata.compare.outcomes import OUTCOMES, Comparison, OurStatement, compare_statements, count_outcomes
from glocal_rdf.wikidata.compare.page import render_page
from glocal_rdf.wikidata.compare.report import list_rows, write_rdf
from glocal_rdf.wikidata.compare.values import relate
from glocal_rdf.wikidata.entities.calendars import convert_date
from glocal_rdf.wikidata.entities.model import (
    GREGORIAN,
    JULIAN,
    Entity,
    ItemValue,
    NoValue,
    OtherValue,
    PointValue,
    QuantityValue,
    Rank,
    Snak,
    Statement,
    StringValue,
    TextValue,
    TimeValue,
    Value,
)
from glocal_rdf.wikidata.properties import PropertyMapping, Vocabulary
from glocal_rdf.wikidata.settings import WIKIDATA

XSD = "http://www.w3.org/2001/XMLSchema#"
YEAR, MONTH, DAY = TimeValue(2004), TimeValue(2004, 5, 0, 10), TimeValue(2004, 5, 1, 11)


@pytest.mark.parametrize(
    ("ours", "theirs", "relation"),
    [
        (YEAR, YEAR, "equal"),
        (DAY, YEAR, "ours-finer"),
        (YEAR, MONTH, "theirs-finer"),
        (DAY, TimeValue(2004, 6, 0, 10), "different"),
        (YEAR, TimeValue(2005), "different"),
        (TimeValue(2004, 12, 31, 11), TimeValue(2000, precision=8), "ours-finer"),
        (TimeValue(2000, precision=8), TimeValue(2009), "theirs-finer"),
        (TimeValue(1999), TimeValue(2000, precision=8), "different"),
        (TimeValue(1901), TimeValue(2000, precision=7), "ours-finer"),
        (TimeValue(1900), TimeValue(2000, precision=7), "different"),
        # Across calendars: the October revolution, and the day before the reform.
        (TimeValue(1917, 11, 7, 11), TimeValue(1917, 10, 25, 11, JULIAN), "equal"),
        (TimeValue(1582, 10, 15, 11), TimeValue(1582, 10, 5, 11, JULIAN), "equal"),
        (TimeValue(1917, 11, 7, 11), TimeValue(1917, 10, 0, 10, JULIAN), "ours-finer"),
        (TimeValue(1917, 11, 7, 11), TimeValue(1917, 11, 0, 10, JULIAN), "different"),
        (TimeValue(1918, 1, 5, 11), TimeValue(1917, calendar=JULIAN), "ours-finer"),
        (TimeValue(-43, 3, 15, 11), TimeValue(-43), "ours-finer"),
        (TextValue("ＵＣＬＧ ", "en"), TextValue("UCLG", "en"), "equal"),
        (TextValue("臺北", "zh-tw"), TextValue("臺北", "zh-hant"), "equal"),
        (TextValue("a", "en"), TextValue("a", "fr"), "different"),
        (StringValue("http://a.org/x/"), StringValue("https://A.org/x"), "equal"),
        (StringValue("http://a.org/x"), StringValue("https://a.org/X"), "different"),
        (StringValue("http://a.org/?q=1"), StringValue("https://a.org/?q=2"), "different"),
        (StringValue("AB  1"), StringValue("AB 1"), "equal"),
        (QuantityValue(Decimal("12.0")), QuantityValue(Decimal(12)), "equal"),
        (QuantityValue(Decimal("12.4")), QuantityValue(Decimal(12), "", Decimal("11.5"), Decimal("12.5")), "equal"),
        (QuantityValue(Decimal(13)), QuantityValue(Decimal(12), "", Decimal("11.5"), Decimal("12.5")), "different"),
        (QuantityValue(Decimal(12), "Q1"), QuantityValue(Decimal(12)), "different"),
        (PointValue(25.04, 121.56), PointValue(25.041, 121.565), "equal"),
        (PointValue(0, 179.999), PointValue(0, -179.999), "equal"),
        (PointValue(25, 121), PointValue(26, 121), "different"),
        (ItemValue("Q1", "a"), ItemValue("Q1", "b"), "equal"),
        (ItemValue(""), ItemValue(""), "different"),
        (ItemValue("Q1"), NoValue("somevalue"), "ours-finer"),
        (ItemValue("Q1"), NoValue("novalue"), "different"),
        (StringValue("a"), ItemValue("Q1"), "conflict"),
        (YEAR, OtherValue("time", "2004"), "conflict"),
    ],
)
def test_how_two_values_stand_to_each_other(ours: Value, theirs: Value, relation: str) -> None:
    assert relate(ours, theirs) == relation
    turned = {"ours-finer": "theirs-finer", "theirs-finer": "ours-finer"}
    assert relate(theirs, ours) == turned.get(relation, relation)


@given(st.dates(min_value=date(1583, 1, 1)))
def test_a_day_comes_back_from_the_other_calendar(day: date) -> None:
    time = TimeValue(day.year, day.month, day.day, 11, GREGORIAN)
    assert convert_date(convert_date(time, JULIAN), GREGORIAN) == time


@pytest.mark.parametrize(
    ("literal", "datatype", "value"),
    [
        (f'"2004"^^<{XSD}gYear>', "time", YEAR),
        (f'"2004-05"^^<{XSD}gYearMonth>', "", MONTH),
        (f'"2004-05-01"^^<{XSD}date>', "time", DAY),
        ('"199X"^^<http://id.loc.gov/datatypes/edtf/EDTF>', "time", TimeValue(1990, precision=8)),
        (f'"-0043"^^<{XSD}gYear>', "time", TimeValue(-43)),
        (f'"12.50"^^<{XSD}decimal>', "quantity", QuantityValue(Decimal("12.50"))),
        ('"臺北市"@zh-Hant-TW', "", TextValue("臺北市", "zh-tw")),
        (f'"http://a.org/"^^<{XSD}anyURI>', "url", StringValue("http://a.org/")),
        (f'"007"^^<{XSD}integer>', "external-id", StringValue("007")),
        ('" a\\nb "', "string", StringValue("a b")),
    ],
)
def test_our_literals_are_values(literal: str, datatype: str, value: Value) -> None:
    assert read_literal(literal, datatype) == value


@pytest.mark.parametrize(
    ("literal", "datatype"),
    [
        ('"2004~"^^<http://id.loc.gov/datatypes/edtf/EDTF>', "time"),
        ('"1990/1995"^^<http://id.loc.gov/datatypes/edtf/EDTF>', "time"),
        ('"19XX"^^<http://id.loc.gov/datatypes/edtf/EDTF>', "time"),
        (f'"2004-13"^^<{XSD}gYearMonth>', "time"),
        ('"2004"', "time"),
        (f'"2004"^^<{XSD}gYear>', "quantity"),
        (f'"12"^^<{XSD}integer>', "time"),
        (f'"1e400"^^<{XSD}double>', "quantity"),
        ('"a"@en', "string"),
        ('"a"', "monolingualtext"),
    ],
)
def test_what_is_not_exact_or_of_another_datatype_is_no_value(literal: str, datatype: str) -> None:
    with pytest.raises(UnfitError):
        read_literal(literal, datatype)


def test_language_codes_are_those_of_mediawiki() -> None:
    codes = [code_language(tag) for tag in ("zh-Hant", "zh-Hans", "zh-Hant-TW", "zh-Hant-HK", "en", "pt-BR")]
    assert codes == ["zh-hant", "zh-hans", "zh-tw", "zh-hk", "en", "pt-br"]


SINGLE, MANY, SYMMETRIC, COUNT = "P1", "P2", "P3", "P4"
AT, START, END, SOURCE, IMPORTED = "P10", "P11", "P12", "P20", "P21"
VOCABULARY = Vocabulary(
    WIKIDATA,
    {
        "<u:single>": PropertyMapping("<u:single>", SINGLE, "time", single=True),
        "<u:many>": PropertyMapping("<u:many>", MANY, "wikibase-item"),
        "<u:symmetric>": PropertyMapping("<u:symmetric>", SYMMETRIC, "wikibase-item", symmetric=True),
        "<u:count>": PropertyMapping("<u:count>", COUNT, "quantity", single=True),
    },
    {"point-in-time": AT, "start": START, "end": END},
    {"url": SOURCE, "imported-from": IMPORTED},
    "P31",
    {},
)
SOURCED = ((Snak(SOURCE, StringValue("https://a.org")),),)
_NUMBERS = count(1)


def ours(number: str, value: Value | None, *qualifiers: Snak, item: str = "Q1", blocked: str = "") -> OurStatement:
    thing = f"https://e.org/{item}"
    return OurStatement(
        thing, item, f"u:{number}", number, value, "shown", qualifiers, claim="https://e.org/c", blocked=blocked
    )


def theirs(
    number: str,
    value: Value,
    *qualifiers: Snak,
    rank: Rank = "normal",
    references: tuple[tuple[Snak, ...], ...] = SOURCED,
) -> Statement:
    return Statement(f"Q1$00000000-0000-0000-0000-{next(_NUMBERS):012d}", number, value, rank, qualifiers, references)


def compare(mine: Sequence[OurStatement], *statements: Statement, others: Sequence[Entity] = ()) -> list[Comparison]:
    entities = {one.id: one for one in (Entity("Q1", statements=statements), *others)}
    return compare_statements(mine, {"Q1": "https://e.org/Q1"}, entities, VOCABULARY, {})


@pytest.mark.parametrize(
    ("mine", "there", "outcomes"),
    [
        (ours(SINGLE, YEAR), [theirs(SINGLE, YEAR)], ["same"]),
        (ours(SINGLE, YEAR), [theirs(SINGLE, YEAR, references=())], ["same-without-reference"]),
        (
            ours(SINGLE, YEAR),
            [theirs(SINGLE, YEAR, references=((Snak(IMPORTED, ItemValue("Q9")),),))],
            ["same-without-reference"],
        ),
        (ours(SINGLE, DAY), [theirs(SINGLE, YEAR)], ["ours-more-precise"]),
        (ours(SINGLE, YEAR), [theirs(SINGLE, DAY)], ["theirs-more-precise"]),
        (ours(SINGLE, YEAR), [theirs(SINGLE, TimeValue(1999))], ["different"]),
        (ours(SINGLE, YEAR), [], ["only-ours"]),
        (ours(MANY, ItemValue("Q5")), [theirs(MANY, ItemValue("Q6"))], ["only-ours", "only-theirs"]),
        (ours(SINGLE, YEAR), [theirs(SINGLE, YEAR, rank="deprecated")], ["ended-or-deprecated"]),
        (ours(MANY, ItemValue("Q5")), [theirs(MANY, ItemValue("Q5"), Snak(END, YEAR))], ["ended-or-deprecated"]),
        (ours(MANY, ItemValue("Q5"), Snak(END, YEAR)), [theirs(MANY, ItemValue("Q5"), Snak(END, YEAR))], ["same"]),
        (ours(SINGLE, None, blocked="it has no link"), [], ["blocked"]),
        (ours(SINGLE, YEAR), [theirs(SINGLE, StringValue("2004"))], ["blocked"]),
        # An equal statement of another rank or order decides before a different one.
        (ours(SINGLE, YEAR), [theirs(SINGLE, TimeValue(1999)), theirs(SINGLE, YEAR)], ["same", "only-theirs"]),
        (
            ours(SINGLE, YEAR),
            [theirs(SINGLE, YEAR, rank="deprecated"), theirs(SINGLE, TimeValue(1999))],
            ["ended-or-deprecated", "only-theirs"],
        ),
        # What is best-ranked is what we differ from.
        (
            ours(SINGLE, YEAR),
            [theirs(SINGLE, TimeValue(1990)), theirs(SINGLE, TimeValue(1999), rank="preferred")],
            ["different", "only-theirs"],
        ),
        (
            ours(SINGLE, YEAR),
            [theirs(SINGLE, TimeValue(1999), rank="deprecated")],
            ["ended-or-deprecated", "only-ours"],
        ),
        # A count of another year does not contradict, one of the same year does.
        (
            ours(COUNT, QuantityValue(Decimal(5)), Snak(AT, YEAR)),
            [theirs(COUNT, QuantityValue(Decimal(6)), Snak(AT, TimeValue(2010)))],
            ["only-ours", "only-theirs"],
        ),
        (
            ours(COUNT, QuantityValue(Decimal(5)), Snak(AT, YEAR)),
            [theirs(COUNT, QuantityValue(Decimal(5)), Snak(AT, TimeValue(2010)))],
            ["only-ours", "only-theirs"],
        ),
        (
            ours(COUNT, QuantityValue(Decimal(5)), Snak(AT, YEAR)),
            [theirs(COUNT, QuantityValue(Decimal(6)), Snak(AT, DAY))],
            ["different"],
        ),
        (
            ours(COUNT, QuantityValue(Decimal(5)), Snak(AT, YEAR)),
            [theirs(COUNT, QuantityValue(Decimal(5)), Snak(AT, DAY))],
            ["same"],
        ),
        # What ended does not contradict what is so now.
        (
            ours(SINGLE, YEAR, Snak(END, TimeValue(1990))),
            [theirs(SINGLE, TimeValue(1999))],
            ["only-ours", "only-theirs"],
        ),
        # Nor do periods that do not touch.
        (
            ours(SINGLE, YEAR, Snak(END, TimeValue(1990))),
            [theirs(SINGLE, TimeValue(1999), Snak(START, TimeValue(2000)), Snak(END, TimeValue(2001)))],
            ["only-ours", "only-theirs"],
        ),
    ],
)
def test_each_outcome(mine: OurStatement, there: list[Statement], outcomes: list[str]) -> None:
    assert sorted(one.outcome for one in compare([mine], *there)) == sorted(outcomes)


def test_every_statement_comes_back_once_and_is_counted() -> None:
    found = compare(
        [ours(SINGLE, YEAR), ours(MANY, ItemValue("Q5"))], theirs(MANY, ItemValue("Q6")), theirs(SINGLE, DAY)
    )
    assert sum(count_outcomes(found).values()) == 3
    assert list(count_outcomes(found)) == list(OUTCOMES)


def test_two_of_ours_may_meet_one_of_theirs() -> None:
    found = compare([ours(SINGLE, YEAR), ours(SINGLE, YEAR)], theirs(SINGLE, YEAR))
    assert [one.outcome for one in found] == ["same", "same"]


def test_a_twinning_is_found_in_the_other_direction() -> None:
    other = Entity("Q2", statements=(theirs(SYMMETRIC, ItemValue("Q1")),))
    [found] = compare([ours(SYMMETRIC, ItemValue("Q2"))], others=[other])
    assert (found.outcome, found.note) == ("same", "stated of Q2 alone")
    [found] = compare([ours(MANY, ItemValue("Q2"))], others=[Entity("Q2", statements=(theirs(MANY, ItemValue("Q1")),))])
    assert found.outcome == "only-ours"


def test_redirects_are_followed_in_items_and_values() -> None:
    entities = {
        "Q1": Entity("Q7", statements=(theirs(MANY, ItemValue("Q8")),), redirect="Q1"),
        "Q2": Entity("Q8", redirect="Q2"),
    }
    [found] = compare_statements([ours(MANY, ItemValue("Q2"))], {"Q1": "https://e.org/Q1"}, entities, VOCABULARY, {})
    assert (found.outcome, found.note) == ("same", "Q1 redirects to Q7")


def test_what_was_deleted_or_is_not_at_hand_is_blocked() -> None:
    for entities, what in (({"Q1": None}, "was deleted"), ({}, "not among what was fetched")):
        found = compare_statements([ours(SINGLE, YEAR)], {"Q1": "https://e.org/Q1"}, entities, VOCABULARY, {})
        assert [one.outcome for one in found] == ["blocked"]
        assert what in found[0].note
        found = compare_statements([], {"Q1": "https://e.org/Q1"}, entities, VOCABULARY, {})
        assert [one.outcome for one in found] == ["blocked"]


def test_a_property_of_another_datatype_is_blocked_with_the_reason() -> None:
    entities = {"Q1": Entity("Q1", statements=(theirs(SINGLE, YEAR),))}
    found = compare_statements([ours(SINGLE, YEAR)], {"Q1": "u:1"}, entities, VOCABULARY, {SINGLE: "type conflict: P1"})
    assert [(one.outcome, one.note) for one in found] == [("blocked", "type conflict: P1")]


def read_mismatches(
    found: list[Comparison], address: str = "https://e.org/c"
) -> tuple[list[dict[str, str]], list[str]]:
    files, problems = write_mismatches(found, lambda _: address)
    return [row for file in files for row in csv.DictReader(io.StringIO(file))], [str(one) for one in problems]


def test_mismatches_have_the_columns_and_values_that_the_validator_takes() -> None:
    statement = theirs(SINGLE, TimeValue(1917, 10, 25, 11, JULIAN))
    [row], problems = read_mismatches(compare([ours(SINGLE, YEAR)], statement))
    assert problems == []
    assert tuple(row) == COLUMNS
    assert row == {
        "item_id": "Q1",
        "statement_guid": statement.id,
        "property_id": SINGLE,
        "wikidata_value": "1917-10-25",
        "meta_wikidata_value": JULIAN,
        "external_value": "2004",
        "external_url": "https://e.org/c",
        "type": "statement",
    }


@pytest.mark.parametrize(
    ("value", "address", "what"),
    [
        (NoValue("novalue"), "https://e.org/c", "their value cannot be written"),
        (TimeValue(1999), "urn:x", "not one of the web"),
        (TimeValue(1999), "https://localhost/x", "not one of the web"),
        (TimeValue(1999), "https://e.org/" + "a" * 1500, "more than 1,500 characters"),
    ],
)
def test_what_the_validator_would_refuse_is_reported_and_not_written(value: Value, address: str, what: str) -> None:
    rows, problems = read_mismatches(compare([ours(SINGLE, YEAR)], theirs(SINGLE, value)), address)
    assert rows == []
    assert what in problems[0]


def test_only_what_is_different_is_a_mismatch() -> None:
    rows, problems = read_mismatches(compare([ours(SINGLE, DAY), ours(MANY, ItemValue("Q5"))], theirs(SINGLE, YEAR)))
    assert (rows, problems) == ([], [])


def test_large_files_are_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glocal_rdf.wikidata.compare.mismatches.SIZE", 400)
    found = [one for _ in range(9) for one in compare([ours(SINGLE, YEAR)], theirs(SINGLE, TimeValue(1999)))]
    files, _ = write_mismatches(found, lambda _: "https://e.org/c")
    assert len(files) > 1
    assert all(len(file.encode()) <= 400 for file in files)
    assert sum(len(list(csv.DictReader(io.StringIO(file)))) for file in files) == 9


def test_the_page_escapes_what_others_wrote() -> None:
    found = compare([ours(SINGLE, YEAR)], theirs(MANY, StringValue("<script>alert(1)</script>\x1b[31m")))
    page = render_page(list_rows(found, {"Q1": "<b>"}), count_outcomes(found), WIKIDATA, "zh-Hant", "2026-11-27")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "\x1b" not in page
    assert "僅本資料有: 1" in page


def test_the_graph_annotates_claims_and_statements() -> None:
    statement = theirs(SINGLE, TimeValue(1999))
    graph = write_rdf(compare([ours(SINGLE, YEAR)], statement), WIKIDATA, "2026-11-27T00:00:00Z")
    targets = set(graph.match(predicate=term(OA, "hasTarget")).frame["object"])
    node = f"<http://www.wikidata.org/entity/statement/{statement.id.replace('$', '-')}>"
    assert targets == {"<https://e.org/c>", node}
    assert list(graph.match(predicate=term(OA, "bodyValue")).frame["object"]) == ['"different"']
