"""A snapshot is read in each of its forms, packed or not; what is broken in it is reported or refused on one line."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glocal_rdf.errors import GlocalError, Problem
from glocal_rdf.linking.candidates import find_candidates
from glocal_rdf.linking.decisions import decide
from glocal_rdf.linking.things import Things, make_things
from glocal_rdf.operations.link_proposals import read_snapshot

WD, WDT = "http://www.wikidata.org/entity/", "http://www.wikidata.org/prop/direct/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
LINES = (
    f'<{WD}Q1> <{LABEL}> "Taipei"@en .\n<{WD}Q1> <{WDT}P17> <{WD}Q865> .\n<{WD}Q1> <{WDT}P1566> "1668341" .\n'
    f'<{WD}Q2> <{LABEL}> "Paris"@fr .\n'
)
ITEMS = [{"type": "item", "id": f"Q{n}", "labels": {"en": {"language": "en", "value": name}}, "claims": {}}
         for n, name in ((1, "Taipei"), (2, "Paris"))]  # fmt: skip
DUMP = "[\n" + ",\n".join(map(json.dumps, ITEMS)) + "\n]\n"
TABLE = "id,label_en,country,P1566\nQ1,Taipei,TW,1668341\nQ2,Paris,,\n"


def read(path: Path) -> tuple[list[Things], list[Problem]]:
    batches = list(read_snapshot(path))
    return [batch for batch, _ in batches if len(batch)], [problem for _, found in batches for problem in found]


@pytest.mark.parametrize(("ending", "text"), [("nt", LINES), ("json", DUMP), ("csv", TABLE)])
@pytest.mark.parametrize("packed", [False, True])
def test_each_form(tmp_path: Path, ending: str, text: str, packed: bool) -> None:
    path = tmp_path / f"items.{ending}{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    batches, problems = read(path)
    assert problems == []
    assert [(row, one) for batch in batches for row, one in batch.frame.select("row", "id").iter_rows()] == [
        (0, "Q1"), (1, "Q2"),
    ]  # fmt: skip
    if ending != "json":
        first = batches[0].frame.row(0, named=True)
        assert (first["countries"], first["identifiers"]) == (["TW"], ["P1566:1668341"])


def test_triples_of_a_subject_in_two_places_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glocal_rdf.linking.graphs._BLOCK", 100)
    path = tmp_path / "items.nt"
    path.write_text(LINES + f'<{WD}Q1> <{LABEL}> "台北"@zh .\n', encoding="utf-8")
    with pytest.raises(GlocalError, match="several places; sort it: LC_ALL=C sort FILE"):
        read(path)
    path.write_text(LINES, encoding="utf-8")
    assert [one for batch in read(path)[0] for one in batch.frame["id"]] == ["Q1", "Q2"]


def test_lines_of_a_dump_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    path.write_text(DUMP.replace('"Q2"', "5") + '{"cut": \n"text"\n', encoding="utf-8")
    batches, problems = read(path)
    assert [one for batch in batches for one in batch.frame["id"]] == ["Q1"]
    assert [str(one).partition("items.json")[2] for one in problems] == [
        ":3: 5 has no name; the line is left out",
        ":5: is not the JSON of an item; the line is left out",
        ":6: is not the JSON of an item; the line is left out",
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_broken_files_are_read_as_far_as_they_go_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    ending, text = data.draw(st.sampled_from([("nt", LINES), ("json", DUMP), ("csv", TABLE), ("nt.gz", LINES)]))
    whole = bytearray(text.encode())
    at = data.draw(st.integers(0, len(whole)))
    whole[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    path = tmp_path / f"items.{ending}"
    path.write_bytes(bytes(whole))
    with suppress(GlocalError):
        read(path)


CLASSES = {
    "csv": "id,label_en,type,subclass_of\nQ1,Taipei,Q1549591,\nQ3,Paris,Q9,\nQ1549591,big city,,Q7\nQ7,area,,Q515\n",
    "nt": f'<{WD}Q1> <{LABEL}> "Taipei"@en .\n<{WD}Q1> <{WDT}P31> <{WD}Q1549591> .\n<{WD}Q3> <{LABEL}> "Paris"@en .\n'
    f"<{WD}Q3> <{WDT}P31> <{WD}Q9> .\n<{WD}Q1549591> <{WDT}P279> <{WD}Q7> .\n<{WD}Q7> <{WDT}P279> <{WD}Q515> .\n"
    f"<{WD}Q515> <{WDT}P279> <{WD}Q7> .\n",
    "json": "".join(
        json.dumps({"id": name, "labels": {"en": name_en}, "claims": {
            prop: [{"mainsnak": {"datavalue": {"value": {"id": value}}}}] for prop, value in claims
        }}) + "\n"
        for name, name_en, claims in (
            ("Q1", "Taipei", [("P31", "Q1549591")]), ("Q3", "Paris", [("P31", "Q9")]),
            ("Q1549591", "big city", [("P279", "Q7")]), ("Q7", "area", [("P279", "Q515")]),
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "nt", "json"])
def test_a_type_agrees_with_its_subclasses_where_the_snapshot_has_them(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"items.{ending}"
    path.write_text(CLASSES[ending], encoding="utf-8")
    rows = [("Taipei", "Q515"), ("Paris", "Q515"), ("Taipei", "Q1549591"), ("Taipei", "Q12345")]
    ours = make_things(
        {"id": str(number), "label": name, "names": [(name, "", "label")], "types": [kind]}
        for number, (name, kind) in enumerate(rows)
    )
    found = decide(ours, find_candidates(ours, read_snapshot(path))).frame
    # What is not known to be a subclass is unknown, and not another one.
    assert dict(found.select("thing", "type").iter_rows()) == {0: 1.0, 1: None, 2: 1.0, 3: None}
