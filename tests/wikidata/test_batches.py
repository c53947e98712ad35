"""Batches: each trap of QuickStatements is avoided, and what JSON says is what WikibaseIntegrator reads."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.wikidata.contribute.batch import Addition, Batch, NewItem, merge_additions
from glocal_rdf.wikidata.contribute.quickstatements import write_address, write_commands
from glocal_rdf.wikidata.contribute.wikibase_json import write_json
from glocal_rdf.wikidata.entities.json_reader import read_entity
from glocal_rdf.wikidata.entities.model import (
    JULIAN,
    ItemValue,
    NoValue,
    OtherValue,
    PointValue,
    QuantityValue,
    Snak,
    StringValue,
    TextValue,
    TimeValue,
    Value,
)

URL, TITLE, RETRIEVED = (
    Snak("P854", StringValue("https://example.org/about")),
    Snak("P1476", TextValue("About us", "en")),
    Snak("P813", TimeValue(2026, 11, 21, 11)),
)
REFERENCE = (URL, TITLE, RETRIEVED)
DATATYPES = {"P854": "url", "P1476": "monolingualtext", "P813": "time"}
FIELD = re.compile(
    r"(?:Q\d+|LAST|-?\d+(?:\.\d+)?(?:~\d+(?:\.\d+)?)?(?:U\d+)?|[+-]\d{4,}-\d\d-\d\dT00:00:00Z/\d{1,2}(?:/J)?"
    r"|@-?\d+(?:\.\d+)?/-?\d+(?:\.\d+)?|somevalue|novalue|(?:[a-z][a-z0-9-]+:)?\"[^\t\n|]+\")"
)


def add(
    value: Value, *qualifiers: Snak, item: str = "Q64", references: tuple[tuple[Snak, ...], ...] = (REFERENCE,)
) -> Addition:
    return Addition(item, Snak("P463", value), qualifiers, references)


def commands(*additions: Addition) -> list[list[str]]:
    return [line.split("\t") for line in write_commands(Batch(additions=additions)).text.splitlines()]


def test_a_statement_is_a_line_with_its_qualifiers_and_reference() -> None:
    assert commands(add(ItemValue("Q5"), Snak("P580", TimeValue(1990)))) == [
        ["Q64", "P463", "Q5", "P580", "+1990-00-00T00:00:00Z/9", "S854", '"https://example.org/about"',
         "S1476", 'en:"About us"', "S813", "+2026-11-21T00:00:00Z/11"]
    ]  # fmt: skip


def test_a_second_reference_begins_anew() -> None:
    [fields] = commands(add(ItemValue("Q5"), references=(REFERENCE, (URL, RETRIEVED))))
    assert [field for field in fields if re.match("!?S", field)] == ["S854", "S1476", "S813", "!S854", "S813"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (TimeValue(2004), "+2004-00-00T00:00:00Z/9"),
        (TimeValue(2004, 5, 0, 10), "+2004-05-00T00:00:00Z/10"),
        (TimeValue(2004, 5, 1, 11), "+2004-05-01T00:00:00Z/11"),
        (TimeValue(1990, precision=8), "+1990-00-00T00:00:00Z/8"),
        (TimeValue(1917, 10, 25, 11, JULIAN), "+1917-10-25T00:00:00Z/11/J"),
        (TimeValue(0), "-0001-00-00T00:00:00Z/9"),
        (TimeValue(-43, 3, 15, 11), "-0044-03-15T00:00:00Z/11"),
        (TimeValue(2004, 5, 1, 9), "+2004-00-00T00:00:00Z/9"),
        (QuantityValue(Decimal(12)), "12"),
        (QuantityValue(Decimal("1E+3")), "1000"),
        (QuantityValue(Decimal("-0.50")), "-0.50"),
        (QuantityValue(Decimal(12), "Q11573"), "12U11573"),
        (QuantityValue(Decimal(9), "", Decimal("8.9"), Decimal("9.1")), "9~0.1"),
        (PointValue(22.5431, 114.0579), "@22.5431/114.0579"),
        (PointValue(-1e-7, 1e-6), "@0/0.000001"),
        (StringValue('a "b" c'), '"a "b" c"'),
        (TextValue("城市網絡", "zh-hant"), 'zh-hant:"城市網絡"'),
        (NoValue("somevalue"), "somevalue"),
    ],
)
def test_each_kind_of_value(value: Value, written: str) -> None:
    [fields] = commands(add(value))
    assert fields[2] == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", '"a｜b"'),
        ("a||b", '"a｜｜b"'),
        ("see /* this */", '"see / * this * /"'),
        ("“quoted”", '""quoted""'),
        ("a\tb\nc\u2028d", '"a b c d"'),
        ("  a  ", '"a"'),
        ("https://e.org/a|b?/*x", '"https://e.org/a%7Cb?/%2Ax"'),
        ("e\u0301", '"é"'),
    ],
)
def test_strings_that_a_program_would_misread_are_written_otherwise(text: str, written: str) -> None:
    found = write_commands(Batch(additions=(add(StringValue(text)),)))
    assert found.text.split("\t")[2] == written
    assert bool(found.changes) == any(mark in text for mark in ("|", "/*", "*/", "“", "”"))


@pytest.mark.parametrize(
    ("addition", "why"),
    [
        (add(StringValue("")), "empty"),
        (add(StringValue(" \t\n")), "empty"),
        (add(StringValue("a" * 1501)), "1,501 characters"),
        (add(TextValue("a", "Zh_Hant")), "not the code of a language"),
        (add(ItemValue("")), "no form"),
        (add(OtherValue("math", "x")), "no form"),
        (add(PointValue(1, 1, 0, "Q405")), "no form"),
        (add(TimeValue(2004, precision=14)), "precision"),
        (add(QuantityValue(Decimal(9), "", Decimal(8), Decimal(12))), "bounds"),
        (add(ItemValue("Q5"), references=()), "no reference"),
        (add(ItemValue("Q5"), Snak("P1932", StringValue(""))), "empty"),
        (add(ItemValue("Q5"), references=((Snak("P304", StringValue("")),),)), "empty"),
    ],
)
def test_a_command_that_would_lack_a_field_is_left_out_with_the_reason(addition: Addition, why: str) -> None:
    found = write_commands(Batch(additions=(addition,)))
    assert (found.text, found.statements) == ("", 0)
    assert why in found.left_out[0].reason


def test_a_rank_that_the_older_program_drops_is_reported_and_not_written() -> None:
    preferred = Addition("Q64", Snak("P463", ItemValue("Q5")), (), (REFERENCE,), preferred=True)
    found = write_commands(Batch(additions=(preferred,)))
    assert len(found.text.split("\t")) == 9
    assert "rank" in found.changes[0]


def test_only_references_are_added_to_what_is_there() -> None:
    there = Addition("Q64", Snak("P463", ItemValue("Q5")), (Snak("P580", TimeValue(1990)),), (REFERENCE,), exists=True)
    [fields] = commands(there)
    assert [field for field in fields if field.startswith("P")] == ["P463"]


def new_item(name: str, *values: Value) -> NewItem:
    statements = tuple(Addition("", Snak("P31", value), (), (REFERENCE,)) for value in values or (ItemValue("Q43229"),))
    labels = {"en": name, "zh-hant": "城市網絡"}
    return NewItem(f"https://e.org/{name}", labels, {"en": "network of cities"}, {"en": ("EXN",)}, statements)


def test_the_commands_of_a_new_item_stand_together_and_before_all_else() -> None:
    lines = write_commands(Batch((new_item("One"), new_item("Two")), (add(ItemValue("Q5")),))).text.splitlines()
    firsts = [line.split("\t")[0] for line in lines]
    assert firsts == [*(["CREATE", *["LAST"] * 5] * 2), "Q64"]
    assert lines[1:4] == ['LAST\tLen\t"One"', 'LAST\tLzh-hant\t"城市網絡"', 'LAST\tDen\t"network of cities"']
    assert lines[4] == 'LAST\tAen\t"EXN"'


def test_an_item_with_a_part_that_cannot_be_written_is_left_out_as_a_whole() -> None:
    found = write_commands(Batch((new_item("One", ItemValue("Q1"), OtherValue("math", "x")), new_item("Two"))))
    assert found.text.count("CREATE") == 1
    assert (found.items, found.statements) == (1, 1)
    assert "One" in found.left_out[0].value


def test_labels_have_the_right_codes() -> None:
    found = write_commands(
        Batch(labels=(("Q64", "zh-hant", "柏林"), ("Q64", "EN", "Berlin"), ("Q65", "en", "x" * 251)))
    )
    assert found.text == 'Q64\tLzh-hant\t"柏林"\n'
    assert [one.reason.split(" ")[0] for one in found.left_out] == ["'EN'", "the"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(min_size=0, max_size=40), min_size=1, max_size=5))
def test_every_line_that_is_written_is_whole_whatever_the_texts(texts: list[str]) -> None:
    found = write_commands(
        Batch(additions=tuple(add(StringValue(text), Snak("P1932", StringValue(text))) for text in texts))
    )
    assert found.statements + len(found.left_out) == len(texts)
    for line in found.text.splitlines():
        fields = line.split("\t")
        assert len(fields) == 11
        assert all(FIELD.fullmatch(field) for field in fields[2::2])
        assert not re.search(r"[|“”\x00-\x08]|/\*|\*/", line)


def test_a_short_batch_has_an_address_that_opens_it() -> None:
    text = write_commands(Batch(additions=(add(ItemValue("Q5")),))).text
    address = write_address(text)
    assert address.startswith("https://quickstatements.toolforge.org/#/v1=Q64%7CP463%7CQ5")
    assert unquote(address.partition("=")[2]).replace("|", "\t") + "\n" == text
    assert write_address(text * 40) == ""
    assert write_address("") == ""


def test_a_value_is_added_once_with_the_references_of_all() -> None:
    first, second = add(ItemValue("Q5")), add(ItemValue("Q5"), references=((URL, RETRIEVED),))
    later = add(ItemValue("Q5"), Snak("P585", TimeValue(2016)))
    [merged], [left_out] = merge_additions([first, second, later, first])
    assert merged.references == (REFERENCE, (URL, RETRIEVED))
    assert "another time" in left_out.reason


VALUES: tuple[tuple[str, str, Value], ...] = (
    ("P1", "wikibase-item", ItemValue("Q5")),
    ("P2", "time", TimeValue(2004, 5, 0, 10)),
    ("P3", "time", TimeValue(-43, 3, 15, 11, JULIAN)),
    ("P4", "monolingualtext", TextValue("臺北", "zh-hant")),
    ("P5", "quantity", QuantityValue(Decimal("12.5"), "Q11573", Decimal(12), Decimal(13))),
    ("P6", "globe-coordinate", PointValue(25.04, 121.56, 0.01)),
    ("P7", "url", StringValue("https://a.org/x|y")),
    ("P8", "external-id", StringValue("ab-1")),
    ("P9", "string", StringValue("“a” /* b */")),
)


def make_batch() -> Batch:
    additions = tuple(
        Addition("Q64", Snak(number, value), (Snak("P580", TimeValue(1990)),), (REFERENCE,))
        for number, _, value in VALUES
    )
    return Batch((new_item("One"),), additions, (("Q65", "zh-hant", "臺北"),))


def test_json_has_what_was_put_in() -> None:
    entities, left_out = write_json(
        make_batch(), "http://www.wikidata.org/entity/", DATATYPES | {n: d for n, d, _ in VALUES}
    )
    assert left_out == ()
    new, labelled, berlin = entities
    assert "id" not in new
    assert labelled == {"type": "item", "id": "Q65", "labels": {"zh-hant": {"language": "zh-hant", "value": "臺北"}}}
    for many in berlin["claims"].values():
        for at, claim in enumerate(many):
            claim["id"] = f"Q64$0-{at}"
    found = read_entity(berlin, "here")
    assert [one.value for one in found.statements] == [value for _, _, value in VALUES]
    assert {one.references for one in found.statements} == {(REFERENCE,)}
    assert {one.qualifiers for one in found.statements} == {(Snak("P580", TimeValue(1990)),)}


def test_wikibase_integrator_reads_the_json() -> None:
    from wikibaseintegrator.entities import ItemEntity
    from wikibaseintegrator.models import Aliases, Claims, Labels

    datatypes = DATATYPES | {number: datatype for number, datatype, _ in VALUES} | {"P31": "wikibase-item"}
    entities, _ = write_json(make_batch(), "http://www.wikidata.org/entity/", datatypes)
    for one in entities:
        # It reads what the API answers: with places for the identifiers that the API will give.
        for claim in (claim for many in one.get("claims", {}).values() for claim in many):
            claim["id"] = ""
            for reference in claim["references"]:
                reference["hash"] = ""
    berlin = ItemEntity().from_json({"lastrevid": 0} | entities[2])
    new = ItemEntity()
    new.labels, new.aliases = Labels().from_json(entities[0]["labels"]), Aliases().from_json(entities[0]["aliases"])
    new.claims = Claims().from_json(entities[0]["claims"])
    assert str(new.labels.get("zh-hant")) == "城市網絡"
    assert [str(one) for one in new.aliases.get("en")] == ["EXN"]
    assert new.claims.get("P31")[0].mainsnak.datavalue["value"]["id"] == "Q43229"
    assert berlin.id == "Q64"
    for number, datatype, _ in VALUES:
        [claim] = berlin.claims.get(number)
        assert claim.mainsnak.datatype == datatype
        assert len(claim.references) == 1
        assert len(claim.qualifiers) == 1
    assert berlin.claims.get("P2")[0].mainsnak.datavalue["value"]["precision"] == 10


def test_a_value_that_is_not_of_the_datatype_is_left_out() -> None:
    entities, left_out = write_json(
        Batch(additions=(add(StringValue("a")),)), "http://e.org/", {"P463": "wikibase-item"}
    )
    assert entities == []
    assert "P463 is of wikibase-item" in left_out[0].reason
