"""`glocal wikidata quickstatements`: what is in a batch, what is not and why, and what is searched before."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run
from linked_project import (
    ADDRESS,
    ALDER,
    COUNT,
    FOUNDED,
    LEAGUE,
    QUOTATION,
    claim,
    entity,
    list_entities,
    make_linked,
)
from wikibase_server import Wikibase, serve_wikibase

pytestmark = pytest.mark.slow

CONTACT = ("--contact", "data@example.org")
DOCUMENT = "https://harbours.example/id/document/short-history"


@pytest.fixture
def server() -> Iterator[Wikibase]:
    with serve_wikibase(list_entities()) as found:
        yield found


@pytest.fixture
def linked(tmp_path: Path, server: Wikibase) -> Path:
    return make_linked(tmp_path / "linked", api=server.api)


def write(run: Run, folder: Path, *options: object, code: int = 1) -> tuple[list[list[str]], list[dict[str, str]], str]:
    """Write a batch; return its fields line by line, the rows of the report, and what was printed."""
    out = folder.parent / "batch.tsv"
    result = run("wikidata", "quickstatements", "--project", folder, *options, "-o", out)
    assert result.exit_code == code, result.stderr
    with (folder.parent / "batch.report.csv").open(encoding="utf-8", newline="") as file:
        report = list(csv.DictReader(file))
    return [line.split("\t") for line in out.read_text(encoding="utf-8").splitlines()], report, result.stderr


def test_only_what_is_lacking_is_in_the_batch_and_the_report_has_the_rest(run: Run, linked: Path) -> None:
    lines, report, printed = write(run, linked, *CONTACT)
    assert [(line[0], line[1], line[2]) for line in lines] == [
        (LEAGUE, "P3", "Q12"),
        (LEAGUE, COUNT, "12"),
        (LEAGUE, COUNT, "31"),
        ("Q12", "P4", LEAGUE),
    ]
    assert lines[0][3:5] == ["P10", "+2015-00-00T00:00:00Z/9"]
    assert lines[1][3:5] == ["P12", "+1999-00-00T00:00:00Z/9"]
    for line in lines:
        reference = line[line.index("S20") :]
        assert reference[:4] == ["S20", f'"{DOCUMENT}"', "S21", 'en:"The Harbour League: a short history"']
        assert reference[4] == "S22"
        assert reference[5].endswith("/11")
        assert len(line) % 2 == 1
    reasons = {(row["property"], row["value"]): row["reason"] for row in report if row["decision"] == "left out"}
    assert reasons[FOUNDED, "1989"].startswith("theirs is another")
    assert reasons[FOUNDED, "1987"] == "theirs is more precise"
    assert reasons["P3", f"Port Alder ({ALDER})"] == "it is there"
    assert reasons["P4", f"Harbour League ({LEAGUE})"] == "it is there, without a reference (--add-references)"
    assert "the value is not linked to an item" in reasons["P6", "clean ports"]
    assert "4 statements, 0 new items, 0 labels" in printed
    assert "open: https://quickstatements.toolforge.org/#/v1=Q10%7CP3" in printed
    assert sum(row["decision"] == "statement" for row in report) == 4


def test_a_deprecated_claim_and_one_of_the_curators_are_never_in_a_batch(run: Run, linked: Path) -> None:
    claims = linked / "data" / "csv-metadata.json"
    lines, _, _ = write(run, linked, *CONTACT)
    assert "301" not in {line[2] for line in lines}
    text = claims.read_text(encoding="utf-8")
    virtual = '{"name": "class", "virtual": true, "propertyUrl": "rdf:type", "valueUrl": "https://harbours.example/ontology#Claim"}'
    ours = ',\n     {"name": "by", "virtual": true, "propertyUrl": "prov:wasAttributedTo", "valueUrl": "https://harbours.example/id/us"}'
    claims.write_text(text.replace(virtual, virtual + ours, 1), encoding="utf-8")
    lines, report, _ = write(run, linked, *CONTACT)
    assert lines == []
    assert "it is a claim of the curators, and no source states it" in {row["reason"] for row in report}


def test_only_accepted_links_count(run: Run, linked: Path) -> None:
    links = linked / "data" / "links" / "wikibase.sssom.tsv"
    text = links.read_text(encoding="utf-8")
    states = {"subject_id": "predicate_modifier\text_review_state", LEAGUE: "\taccepted", ALDER: "\tproposed"}
    states["Q12"] = "Not\trejected"
    for mark, state in states.items():
        [line] = [line for line in text.splitlines() if mark in line]
        text = text.replace(line, f"{line}\t{state}")
    links.write_text(text, encoding="utf-8")
    lines, _, _ = write(run, linked, *CONTACT)
    assert {line[0] for line in lines} == {LEAGUE}


def test_references_are_added_where_they_are_wanted(run: Run, linked: Path) -> None:
    lines, report, _ = write(run, linked, *CONTACT, "--add-references")
    [added] = [line for line in lines if line[:2] == [ALDER, "P4"]]
    assert added[2] == LEAGUE
    assert added[3] == "S20"
    assert [row["item"] for row in report if row["decision"] == "reference"] == [ALDER]


def test_labels_that_items_lack_are_added_with_the_codes_of_mediawiki(run: Run, linked: Path) -> None:
    lines, _, _ = write(run, linked, *CONTACT, "--labels")
    labels = [line for line in lines if len(line) == 3]
    assert labels == [
        [LEAGUE, "Lzh-hant", '"港灣城市聯盟"'],
        [ALDER, "Lzh-hant", '"艾德港"'],
        ["Q12", "Lzh-hant", '"鹽口市"'],
    ]


def test_a_short_quotation_is_given_only_where_the_licence_allows(run: Run, linked: Path) -> None:
    lines, _, _ = write(run, linked, *CONTACT)
    assert not any("S23" in line for line in lines)
    metadata = linked / "data" / "csv-metadata.json"
    name = '{"name": "file", "titles": "file", "required": true, "propertyUrl": "dc:identifier"}'
    licence = ',\n     {"name": "licence", "virtual": true, "propertyUrl": "dc:license", "valueUrl": "https://creativecommons.org/publicdomain/zero/1.0/"}'
    text = metadata.read_text(encoding="utf-8")
    assert name in text
    end = text.index("]", text.index(name))
    metadata.write_text(text[:end].rstrip() + licence + "\n    " + text[end:], encoding="utf-8")
    lines, _, _ = write(run, linked, *CONTACT)
    quoted = [line[line.index("S23") + 1] for line in lines if "S23" in line]
    assert quoted
    assert all(text.startswith('en:"') for text in quoted)
    assert QUOTATION == "P23"


def test_a_statement_without_a_document_needs_an_address(run: Run, small: Path, tmp_path: Path) -> None:
    (small / "data" / "wikidata.csv").write_text(
        "kind,ours,theirs,datatype,unit,values,note\nproperty,https://data.example/ontology#country,P17,string,,one,\n",
        encoding="utf-8",
    )
    (small / "data" / "links").mkdir()
    (small / "data" / "links" / "w.sssom.tsv").write_text(
        '#curie_map:\n#  c: "https://data.example/id/"\n#  w: "http://www.wikidata.org/entity/"\n#mapping_set_id: "https://data.example/m"\n'
        "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
        "c:taipei\tskos:exactMatch\tw:Q1867\tsemapv:ManualMappingCuration\n",
        encoding="utf-8",
    )
    (tmp_path / "items.json").write_text(json.dumps({"type": "item", "id": "Q1867", "labels": {}, "claims": {}}))
    given = ("--entities", tmp_path / "items.json")
    lines, report, _ = write(run, small, *given)
    assert lines == []
    assert "it has no reference" in report[0]["reason"]
    lines, report, _ = write(run, small, *given, "--reference-url", "https://data.example/cities", code=0)
    assert lines[0][:5] == ["Q1867", "P17", '"Taiwan"', "S854", '"https://data.example/cities"']
    result = run("wikidata", "quickstatements", "--project", small, *given, "--reference-url", "cities")
    assert result.exit_code == 2


def make_members(tmp_path: Path, server: Wikibase) -> Path:
    """The project with links for two things, with descriptions, and a web address for the third."""
    linked = make_linked(tmp_path / "members", api=server.api, linked=("league", "alder"))
    things = linked / "data" / "things.csv"
    text = things.read_text(encoding="utf-8").replace("name_zh\n", "name_zh,about_en,founded\n")
    rows = [
        line if at == 0 else line + (",port of the league,1701" if "saltmouth" in line else ",,")
        for at, line in enumerate(text.splitlines())
    ]
    things.write_text("\n".join(rows) + "\n", encoding="utf-8")
    metadata = linked / "data" / "csv-metadata.json"
    record = json.loads(metadata.read_text(encoding="utf-8"))
    [table] = [one for one in record["tables"] if one["url"] == "things.csv"]
    columns = table["tableSchema"]["columns"]
    at = next(number for number, one in enumerate(columns) if one["name"] == "name_zh") + 1
    columns[at:at] = [
        {"name": "about_en", "titles": "about_en", "lang": "en", "propertyUrl": "dc:description"},
        {"name": "founded", "titles": "founded", "datatype": "gYear", "propertyUrl": "schema:foundingDate"},
    ]
    metadata.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return linked


def test_a_new_item_has_what_it_needs_after_a_search_for_it(run: Run, server: Wikibase, tmp_path: Path) -> None:
    del server.entities["Q12"]
    folder = make_members(tmp_path, server)
    options = (*CONTACT, "--new-items", "--reference-url", "https://harbours.example/things")
    lines, report, printed = write(run, folder, *options)
    start = lines.index(["CREATE"])
    block = lines[start : start + 6]
    assert [line[1] for line in block[1:4]] == ["Len", "Lzh-hant", "Den"]
    assert [line[:3] for line in block[4:6]] == [["LAST", "P1", "Q100"], ["LAST", "P4", LEAGUE]]
    assert all("S20" in line for line in lines if len(line) > 3)
    assert "check first: Saltmouth: search for “Saltmouth” (en)" in printed
    searched = {sent.form["search"] for sent in server.received if sent.form.get("action") == "wbsearchentities"}
    assert {"Saltmouth", "鹽口市", "盐口市"} <= searched
    reasons = {row["thing"].rpartition("/")[2]: row["reason"] for row in report if row["decision"] == "left out"}
    assert reasons["clean-ports"].startswith("it has no description")


def test_nothing_is_made_that_is_there_already(run: Run, server: Wikibase, tmp_path: Path) -> None:
    folder = make_members(tmp_path, server)
    server.add(entity("Q55", "saltmouth"))
    options = (*CONTACT, "--new-items", "--reference-url", "https://harbours.example/things")
    lines, report, _ = write(run, folder, *options)
    assert ["CREATE"] not in lines
    assert any("items have its name already: Q12, Q55" in row["reason"] for row in report)


def test_identifiers_are_searched_first(run: Run, server: Wikibase, tmp_path: Path) -> None:
    from wikibase_server import NOW

    from glocal_rdf.operations.wikidata.quickstatements import Searching
    from glocal_rdf.wikidata.access.client import Client
    from glocal_rdf.wikidata.entities.json_reader import read_entity
    from glocal_rdf.wikidata.settings import Wikibase as Addresses

    there = entity("Q56", "Elsewhere", claim("Q56", ADDRESS, "https://saltmouth.example/"))
    server.add(there)
    addresses = Addresses("W", "https://wikibase.example/entity/", server.api)
    online = Searching(Client("data@example.org", NOW), addresses, {})
    assert list(online.by_identifier(ADDRESS, "https://saltmouth.example/")) == ["Q56"]
    assert server.received[-1].form["srsearch"] == f'haswbstatement:"{ADDRESS}=https://saltmouth.example/"'
    at_hand = Searching(None, addresses, {"Q56": read_entity(there, "here"), "Q57": None})
    assert list(at_hand.by_identifier(ADDRESS, "http://saltmouth.example")) == ["Q56"]
    assert list(at_hand.by_name("ＥＬＳＥＷＨＥＲＥ", "en")) == ["Q56"]


def test_json_of_a_wikibase_is_written(run: Run, linked: Path, tmp_path: Path) -> None:
    out = tmp_path / "batch.json"
    result = run("wikidata", "quickstatements", "--project", linked, *CONTACT, "-f", "wikibase-json", "-o", out)
    assert result.exit_code == 1
    entities = json.loads(out.read_text(encoding="utf-8"))
    assert [one["id"] for one in entities] == [LEAGUE, "Q12"]
    [seat] = entities[0]["claims"]["P3"]
    assert seat["rank"] == "preferred"
    assert seat["mainsnak"]["datatype"] == "wikibase-item"
    assert list(seat["references"][0]["snaks"]) == ["P20", "P21", "P22"]


def test_the_same_input_gives_the_same_bytes(
    run: Run, linked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    written = [write(run, linked, *CONTACT)[:2] for _ in range(2)]
    assert written[0] == written[1]
    assert written[0][0][0][-1] == "+2026-11-18T00:00:00Z/11"
