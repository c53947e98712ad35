"""Entities are read the same from every form, and what is malformed is one line that names it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from wikibase_server import as_rest

from glocal_rdf import Triples
from glocal_rdf.errors import GlocalError, InputError
from glocal_rdf.wikidata.entities.json_reader import read_entity
from glocal_rdf.wikidata.entities.model import (
    GREGORIAN,
    JULIAN,
    Entity,
    ItemValue,
    NoValue,
    PointValue,
    QuantityValue,
    Snak,
    Statement,
    StringValue,
    TextValue,
    TimeValue,
)
from glocal_rdf.wikidata.entities.rdf_reader import read_graph
from glocal_rdf.wikidata.entities.rdf_writer import write_entities
from glocal_rdf.wikidata.entities.snapshot import read_snapshot

SAMPLES = Path(__file__).parent / "samples"
WD = "http://www.wikidata.org/entity/"
ITEM = json.loads((SAMPLES / "item_Q582.json").read_text("utf-8"))

EVERYTHING = Entity(
    "Q1",
    {"en": "a", "zh-hant": "甲"},
    {"en": "b"},
    {"en": ("c", "d")},
    tuple(
        Statement(f"Q1$00000000-0000-0000-0000-00000000000{at}", f"P{at + 1}", value, rank, qualifiers, references)
        for at, (value, rank, qualifiers, references) in enumerate(
            [
                (ItemValue("Q5"), "preferred", (Snak("P80", TimeValue(2004, 5, 0, 10)),), ()),
                (TimeValue(2004, 5, 1, 11), "normal", (Snak("P81", NoValue("novalue")),), ()),
                (TimeValue(-43, 3, 15, 11, GREGORIAN), "normal", (), ((Snak("P90", StringValue("https://a.org")),),)),
                (TextValue("臺北", "zh-hant"), "deprecated", (), ((), )),
                (QuantityValue(Decimal("12.50"), "Q8", Decimal("12"), Decimal("13")), "normal", (), ()),
                (QuantityValue(Decimal(7)), "normal", (), ()),
                (PointValue(25.04, 121.56, 0.01), "normal", (), ()),
                (NoValue("somevalue"), "normal", (), ()),
                (NoValue("novalue"), "normal", (), ()),
                (StringValue('with "quotes" | and /* */'), "normal", (), ()),
            ]
        )
    ),
    revision="12",
    modified="2026-01-02T03:04:05Z",
)  # fmt: skip


def test_the_forms_of_json_give_one_entity() -> None:
    action, rest = read_entity(ITEM, "here"), read_entity(as_rest(ITEM), "here")
    assert action.statements == rest.statements
    assert (action.labels, action.aliases) == (rest.labels, rest.aliases)
    assert action.revision == "2211855070"
    pronounced = action.by_property("P443")[0]
    assert pronounced.qualifiers == (Snak("P407", ItemValue("Q150")),)
    assert pronounced.references == ((Snak("P854", StringValue("https://lingualibre.fr/wiki/Q59755")),),)
    assert (pronounced.datatype, pronounced.rank) == ("commonsMedia", "normal")


def test_the_datatype_of_a_property_is_read() -> None:
    record = json.loads((SAMPLES / "property_P50.json").read_text("utf-8"))
    assert read_entity(record, "here").datatype == "wikibase-item"
    assert read_entity(as_rest(record), "here").datatype == "wikibase-item"


def test_a_graph_gives_the_entity_that_it_was_written_from() -> None:
    graph = Triples.parse(write_entities([EVERYTHING], WD).serialize("turtle"), "turtle")
    found = read_graph(graph, "here", WD)["Q1"]
    order = {one.id: one for one in found.statements}
    for one in EVERYTHING.statements:
        # A reference without parts is not in RDF.
        assert replace(order[one.id], references=()) == replace(one, references=())
        assert tuple(filter(None, order[one.id].references)) == tuple(filter(None, one.references))
    assert (found.labels, found.descriptions, found.aliases) == (
        EVERYTHING.labels,
        EVERYTHING.descriptions,
        EVERYTHING.aliases,
    )
    assert (found.revision, found.modified) == ("12", "2026-01-02T03:04:05Z")


def test_days_of_the_julian_calendar_are_gregorian_in_rdf() -> None:
    statement = Statement("Q1$0", "P1", TimeValue(1917, 10, 25, 11, JULIAN))
    year = Statement("Q1$1", "P2", TimeValue(1500, calendar=JULIAN))
    graph = write_entities([Entity("Q1", statements=(statement, year))], WD)
    found = {one.id: one.value for one in read_graph(graph, "here", WD)["Q1"].statements}
    assert found == {"Q1$0": TimeValue(1917, 11, 7, 11, GREGORIAN), "Q1$1": year.value}


def test_redirects_of_a_dump_are_known() -> None:
    graph = Triples.parse(
        f'{(SAMPLES / "small_dump.ttl").read_text("utf-8")}\nwd:Q26709563 rdfs:label "target"@en .', "turtle"
    )
    found = read_graph(graph, "here", WD)
    assert (found["Q6825"].id, found["Q6825"].redirect) == ("Q26709563", "Q6825")
    assert found["Q31"].revision == "1055847656"


def test_a_snapshot_is_read_from_files_folders_and_dumps(tmp_path: Path) -> None:
    found = read_snapshot(SAMPLES, WD)
    assert {"Q582", "P50", "Q107685231"} <= found.keys()
    dump = tmp_path / "dump.json"
    second = {"type": "item", "id": "Q2", "labels": {}, "claims": []}
    dump.write_text("[\n" + json.dumps(ITEM) + ",\n" + json.dumps(second) + "\n]\n")
    assert read_snapshot(dump, WD).keys() == {"Q582", "Q2"}
    assert read_snapshot(dump, WD, ["Q2"]).keys() == {"Q2"}
    dump.write_text("[\n{broken,\n]\n")
    with pytest.raises(InputError, match=r"dump\.json:2: is not JSON"):
        read_snapshot(dump, WD)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="has no file of entities"):
        read_snapshot(tmp_path / "empty", WD)


VALUE = ("claims", "P31", 0, "mainsnak", "datavalue")


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        (("id",), "X1", "not an identifier"),
        (("claims",), "many", "claims is not an object"),
        (("claims", "P31"), {}, "P31 is not a list"),
        (("claims", "P31", 0, "rank"), "best", "the rank 'best'"),
        (("claims", "P31", 0, "mainsnak", "snaktype"), "maybe", "the snaktype 'maybe'"),
        (("claims", "P31", 0, "mainsnak", "property"), "P32", "another property"),
        (("claims", "P31", 0, "mainsnak", "datavalue"), None, "datavalue is not an object"),
        (("labels", "en"), 7, "labels in en is not a text"),
        (VALUE, {"type": "quantity", "value": {"amount": "1e9"}}, "not an amount"),
        (VALUE, {"type": "time", "value": {"time": "now", "precision": 9}}, "not a date"),
        (VALUE, {"type": "globecoordinate", "value": {"latitude": "1"}}, "degrees"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_named(path: tuple[Any, ...], value: Any, what: str) -> None:
    record = json.loads(json.dumps(ITEM))
    inner = record
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(InputError, match=what) as caught:
        read_entity(record, "the file")
    assert len(str(caught.value).splitlines()) == 1
    assert "the file" in str(caught.value)


def spoil(value: Any, chance: random.Random) -> Any:
    """Change one part of a JSON value to something else."""
    odd = [
        None,
        [],
        {},
        "",
        "x",
        -1,
        10**30,
        1.5,
        True,
        [[]],
        {"id": "Q1"},
        "\x1b[31m",
        "Q1\n",
        "+99999999999999999-00-00T00:00:00Z",
    ]
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        changed = dict(value)
        if chance.random() < 0.1:
            del changed[key]
        else:
            changed[key] = spoil(value[key], chance)
        return changed
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        return [*value[:at], spoil(value[at], chance), *value[at + 1 :]]
    return chance.choice(odd)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_broken_entities_are_read_or_are_an_error_on_one_line(seed: int) -> None:
    chance = random.Random(seed)
    records = [ITEM, as_rest(ITEM)]
    for _ in range(150):
        record = records[chance.randrange(2)]
        for _ in range(chance.randrange(1, 4)):
            record = spoil(record, chance)
        failure = ""
        try:
            entity = read_entity(record, "here")
        except GlocalError as error:
            failure = str(error)
        else:
            # What was read can be written as RDF.
            write_entities([entity], WD)
        assert len(failure.splitlines()) <= 1
        assert failure.isprintable()


@pytest.mark.parametrize("seed", range(1))
def test_broken_graphs_are_read_or_are_an_error_on_one_line(seed: int) -> None:
    chance = random.Random(seed)
    rows = list(write_entities([EVERYTHING], WD))
    terms = [*sorted({term for row in rows for term in row if not term.startswith('"')}), '"x"', '"1"@en', "_:b0"]
    for _ in range(30):
        broken = []
        for row in rows:
            changed = list(row)
            if chance.random() < 0.05:
                at = chance.randrange(3)
                changed[at] = chance.choice(terms if at == 2 else [one for one in terms if one.startswith("<")])
            if chance.random() > 0.03:
                broken.append(tuple(changed))
        failure = ""
        try:
            read_graph(Triples.from_terms(broken), "here", WD)
        except GlocalError as error:
            failure = str(error)
        assert len(failure.splitlines()) <= 1
