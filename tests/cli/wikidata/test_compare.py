"""`glocal wikidata compare`: what is asked of a Wikibase, what is written, and how it ends."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest
from conftest import Run
from json_schemas import find_faults
from linked_project import (
    ALDER,
    COUNT,
    ENTITY,
    FOUNDED,
    LEAGUE,
    SEAT,
    claim,
    entity,
    list_entities,
    make_linked,
    property_entity,
)
from wikibase_server import Wikibase, serve_wikibase

from glocal_rdf import Triples
from glocal_rdf.triples.datasets import Dataset

pytestmark = pytest.mark.slow

CONTACT = ("--contact", "data@example.org")


@pytest.fixture
def server() -> Iterator[Wikibase]:
    with serve_wikibase(list_entities()) as found:
        yield found


@pytest.fixture
def linked(tmp_path: Path, server: Wikibase) -> Path:
    return make_linked(tmp_path / "linked", api=server.api, rest=server.rest, sparql=server.endpoint)


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    path = tmp_path / "items.json"
    path.write_text(json.dumps({"entities": {one["id"]: one for one in list_entities()}}), encoding="utf-8")
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GLOCAL_NO_CACHE")
    monkeypatch.setenv("GLOCAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_each_statement_is_compared_by_the_api(run: Run, linked: Path, server: Wikibase) -> None:
    result = run("wikidata", "compare", "--project", linked, *CONTACT, "-f", "csv")
    assert result.exit_code == 0, result.stderr
    rows = rows_of(result.stdout)
    by = {(row["item"], row["property"], row["ours"], row["theirs"]): row["outcome"] for row in rows}
    assert by[LEAGUE, FOUNDED, "1987", "1987-03-01"] == "theirs-more-precise"
    assert by[LEAGUE, FOUNDED, "1989", "1987-03-01"] == "different"
    assert by[LEAGUE, SEAT, f"Port Alder ({ALDER})", f"Port Alder ({ALDER})"] == "same"
    assert by[LEAGUE, COUNT, "31", "33"] == "different"
    assert by[LEAGUE, COUNT, "12", ""] == "only-ours"
    assert by[ALDER, "P4", f"Harbour League ({LEAGUE})", f"Harbour League ({LEAGUE})"] == "same-without-reference"
    assert by[LEAGUE, "P4", "", "Q99"] == "ended-or-deprecated"
    assert Counter(row["outcome"] for row in rows)["blocked"] == 2
    [sent] = server.received
    assert {"Q10", "Q11", "Q12", FOUNDED} <= set(sent.form["ids"].split("|"))
    assert "(data@example.org)" in sent.headers["user-agent"]


def test_every_way_to_fetch_gives_the_same(run: Run, linked: Path, server: Wikibase) -> None:
    from glocal_rdf.wikidata.entities.json_reader import read_entity
    from glocal_rdf.wikidata.entities.rdf_writer import write_entities

    graph = write_entities([read_entity(one, "here") for one in list_entities()], ENTITY)
    store = graph.to_store()
    form = pyoxigraph.QueryResultsFormat.JSON
    server.sparql = lambda query: json.loads(store.query(query).serialize(format=form))  # type: ignore[union-attr]
    found = []
    for via in ("api", "rest", "sparql"):
        result = run("wikidata", "compare", "--project", linked, *CONTACT, "-f", "csv", "--via", via)
        assert result.exit_code == 0, result.stderr
        found.append([(row["outcome"], row["item"], row["ours"], row["theirs"]) for row in rows_of(result.stdout)])
    assert found[0] == found[1]
    assert sorted(found[2]) == sorted(found[0])
    rest = [sent for sent in server.received if sent.path.startswith("/w/rest.php")]
    assert {sent.path.rpartition("/")[2] for sent in rest} >= {LEAGUE, FOUNDED}
    queries = [sent.form["query"] for sent in server.received if sent.path == "/sparql"]
    assert queries
    assert all("SERVICE" not in query and "LIMIT" in query for query in queries)


def test_a_second_run_asks_for_nothing_and_one_offline_works(
    run: Run, linked: Path, server: Wikibase, cache: Path
) -> None:
    arguments = ("wikidata", "compare", "--project", linked, "-f", "csv")
    first = run(*arguments, *CONTACT)
    again = run(*arguments, *CONTACT)
    offline = run(*arguments, "--offline")
    assert first.stdout == again.stdout == offline.stdout
    assert len(server.received) == 1
    assert (cache / "wikidata.sqlite").is_file()
    run(*arguments, *CONTACT, "--max-age", 0)
    assert len(server.received) == 1 + 1


def test_without_a_contact_nothing_is_sent(run: Run, linked: Path, server: Wikibase) -> None:
    result = run("wikidata", "compare", "--project", linked)
    assert result.exit_code == 2
    assert "dcat:contactPoint" in result.stderr
    assert server.received == []


def test_the_contact_of_the_project_is_used(run: Run, linked: Path, server: Wikibase) -> None:
    metadata = linked / "data" / "csv-metadata.json"
    text = metadata.read_text(encoding="utf-8")
    contact = '"dcat:contactPoint": {"@id": "mailto:harbour@example.org"},\n "dc:license"'
    metadata.write_text(text.replace('"dc:license"', contact, 1), encoding="utf-8")
    assert run("wikidata", "compare", "--project", linked).exit_code == 0
    assert "(harbour@example.org)" in server.received[0].headers["user-agent"]


def test_offline_without_a_cache_is_a_usage_error(run: Run, linked: Path) -> None:
    result = run("wikidata", "compare", "--project", linked, "--offline")
    assert result.exit_code == 2
    assert "--offline needs the cache" in result.stderr


def test_requests_are_logged_also_where_the_run_fails(run: Run, linked: Path, server: Wikibase, tmp_path: Path) -> None:
    server.fail("error")
    log = tmp_path / "requests.jsonl"
    result = run("wikidata", "compare", "--project", linked, *CONTACT, "--request-log", log)
    assert result.exit_code == 2
    assert "badvalue" in result.stderr
    [line] = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    assert (line["method"], line["status"], line["form"]["action"]) == ("POST", 200, "wbgetentities")


def test_an_outcome_can_fail_the_command(run: Run, linked: Path, snapshot: Path) -> None:
    arguments = ("wikidata", "compare", "--project", linked, "--entities", snapshot, "-f", "csv")
    assert run(*arguments).exit_code == 0
    failed = run(*arguments, "--fail-on", "different")
    assert failed.exit_code == 1
    assert "2 statements have the outcome different" in failed.stderr
    only = rows_of(run(*arguments, "--only", "different").stdout)
    assert {row["outcome"] for row in only} == {"different"}


def test_one_thing_is_compared_alone(run: Run, linked: Path, snapshot: Path) -> None:
    arguments = ("wikidata", "compare", "--project", linked, "--entities", snapshot, "-f", "csv")
    for name in ("port-alder", ALDER, "https://harbours.example/id/place/port-alder", "Port Alder"):
        assert {row["item"] for row in rows_of(run(*arguments, "--about", name).stdout)} == {ALDER}
    result = run(*arguments, "--about", "nothing")
    assert result.exit_code == 2
    assert "is not a thing that is linked" in result.stderr


def test_redirects_are_printed_and_deleted_items_block(run: Run, linked: Path, server: Wikibase) -> None:
    server.add(entity("Q77", "The league", claim("Q77", FOUNDED, "1987")))
    server.redirects[LEAGUE] = "Q77"
    del server.entities[ALDER]
    result = run("wikidata", "compare", "--project", linked, *CONTACT, "-f", "csv")
    assert "Q10 redirects to Q77" in result.stderr
    rows = rows_of(result.stdout)
    assert {row["outcome"] for row in rows if row["item"] == ALDER} == {"blocked"}
    assert any("was deleted" in row["note"] for row in rows)
    assert any(row["outcome"] == "same" and "redirects" in row["note"] for row in rows if row["property"] == FOUNDED)


def test_links_to_items_that_redirect_are_rewritten_and_nothing_else(run: Run, linked: Path, server: Wikibase) -> None:
    server.add(entity("Q77", "The league"))
    server.redirects[LEAGUE] = "Q77"
    links = linked / "data" / "links" / "wikibase.sssom.tsv"
    text = links.read_text(encoding="utf-8").replace("mapping_justification\n", "mapping_justification\tcomment\n")
    text = text.replace("ManualMappingCuration\n", "ManualMappingCuration\tBy hand.\n")
    links.write_text(text, encoding="utf-8")
    result = run("wikidata", "compare", "--project", linked, *CONTACT, "--rewrite-links")
    assert result.exit_code == 0, result.stderr
    assert "Q10 is Q77 now" in result.stderr
    before, after = text.splitlines(), links.read_text(encoding="utf-8").splitlines()
    [(old, new)] = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert new.startswith(old.replace("wb:Q10", "wb:Q77").removesuffix("By hand."))
    assert "By hand. Q10 redirects to Q77 (20" in new
    again = run("wikidata", "compare", "--project", linked, *CONTACT, "--rewrite-links")
    assert "redirects" not in again.stderr


def test_a_property_of_another_datatype_is_reported(run: Run, linked: Path, server: Wikibase) -> None:
    server.add(property_entity(COUNT, "string"))
    result = run("wikidata", "compare", "--project", linked, *CONTACT, "-f", "csv")
    assert result.exit_code == 1
    assert "P5 is of string, not of quantity; correct the datatype" in result.stderr
    assert {row["outcome"] for row in rows_of(result.stdout) if row["property"] == COUNT} == {"blocked"}


def test_a_value_of_another_datatype_is_blocked_where_the_table_gives_none(
    run: Run, linked: Path, server: Wikibase
) -> None:
    table = linked / "data" / "wikidata.csv"
    text = table.read_text(encoding="utf-8").replace(f"memberCount,{COUNT},quantity,", f"memberCount,{COUNT},,")
    table.write_text(text, encoding="utf-8")
    server.add(property_entity(COUNT, "monolingualtext"))
    result = run("wikidata", "compare", "--project", linked, *CONTACT, "-f", "csv")
    assert result.exit_code == 0, result.stderr
    counts = [row for row in rows_of(result.stdout) if row["property"] == COUNT and row["ours"]]
    assert {row["outcome"] for row in counts} == {"blocked"}
    assert all("P5 is of monolingualtext, and our value is not" in row["note"] for row in counts)


def test_things_that_are_linked_to_several_items_are_reported(run: Run, linked: Path, snapshot: Path) -> None:
    links = linked / "data" / "links" / "wikibase.sssom.tsv"
    more = "league:place/saltmouth\tskos:exactMatch\twb:Q13\tsemapv:ManualMappingCuration\n"
    more += f"league:theme/clean-ports\tskos:exactMatch\twb:{ALDER}\tsemapv:ManualMappingCuration\n"
    links.write_text(links.read_text(encoding="utf-8") + more, encoding="utf-8")
    result = run("wikidata", "compare", "--project", linked, "--entities", snapshot)
    assert result.exit_code == 1
    assert "is linked to several items: Q12, Q13" in result.stderr
    assert f"{ALDER}: several things are linked to it" in result.stderr


def test_json_follows_its_schema_and_the_other_formats_hold_the_same(
    run: Run, linked: Path, snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    arguments = ("wikidata", "compare", "--project", linked, "--entities", snapshot)
    record = json.loads(run(*arguments, "--json").stdout)
    assert find_faults("comparison", record) == []
    assert record["wikibase"] == "Harbour Wikibase"
    assert sum(record["counts"].values()) == len(record["statements"])
    page = run(*arguments, "-f", "html", "--lang", "zh-Hant").stdout
    assert page.count("<tr class=") == len(record["statements"])
    assert "與 Harbour Wikibase 比對" in page
    turtle = run(*arguments, "-f", "turtle").stdout
    assert turtle.count("bodyValue") == len(record["statements"])
    assert len(Triples.parse(turtle, "turtle")) > 0
    table = run(*arguments, "--lang", "en")
    assert "different" in table.stdout
    assert f"different: {record['counts']['different']}" in table.stderr
    assert run(*arguments, "-f", "csv").stdout == run(*arguments, "-f", "csv").stdout


def test_mismatches_have_our_passage_as_evidence(run: Run, linked: Path, snapshot: Path, tmp_path: Path) -> None:
    out = tmp_path / "mismatches.csv"
    result = run("wikidata", "compare", "--project", linked, "--entities", snapshot, "-f", "mismatch-finder", "-o", out)
    assert result.exit_code == 0, result.stderr
    rows = rows_of(out.read_text(encoding="utf-8"))
    assert [(row["property_id"], row["wikidata_value"], row["external_value"]) for row in rows] == [
        (FOUNDED, "1987-03-01", "1989"),
        (COUNT, "33", "31"),
    ]
    assert all(row["external_url"].startswith("https://harbours.example/id/document/") for row in rows)


def test_their_statements_are_pulled_into_a_graph_of_their_own(
    run: Run, linked: Path, snapshot: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in (linked / "data").rglob("*") if path.is_file()}
    both = tmp_path / "both.trig"
    result = run("wikidata", "compare", "--project", linked, "--entities", snapshot, "--pull", both)
    assert result.exit_code == 0, result.stderr
    assert {path: path.read_bytes() for path in before} == before
    dataset = Dataset.read(both)
    [name] = dataset.named
    assert name == "https://wikibase.example/"
    query = f"""SELECT ?name ?there {{ ?thing <http://www.w3.org/2004/02/skos/core#prefLabel> ?name .
      GRAPH <{name}> {{ ?thing <http://www.w3.org/2004/02/skos/core#exactMatch> ?item .
        ?item <https://wikibase.example/prop/direct/{FOUNDED}> ?there }} FILTER (LANG(?name) = "en") }}"""
    answer = run("query", "--source", both, "--text", query, "-f", "csv")
    assert answer.stdout.splitlines()[1:] == ["Harbour League,1987-03-01T00:00:00Z"]
    alone = tmp_path / "theirs.ttl"
    assert run("wikidata", "compare", "--project", linked, "--entities", snapshot, "--pull", alone).exit_code == 0
    assert len(Triples.read(alone)) == len(dataset.named[name])


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("property,schema:about,P1x,,,,", "'P1x' is not the number of a property"),
        ("property,schema:about,P1,text,,,", "datatype: 'text' is not compared"),
        ("property,schema:about,P1,,kilo,,", "unit: 'kilo' is not the number of an item"),
        ("property,schema:about,P1,,,some,", "neither one nor many"),
        ("property,about,P1,,,,", "ours: 'about' is not known as a property"),
        ("qualifier,role,P1,,,,", "ours: 'role' is not known as a qualifier"),
        ("class,schema:City,P1,,,,", "'P1' is not the number of a class"),
        ("wikibase,port,80,,,,", "ours: 'port' is not a setting"),
        ("wikibase,api,here,,,,", "theirs: 'here' is not a web address"),
        ("thing,a,P1,,,,", "kind: 'thing' is not one"),
        ("property,a", "has another number of cells"),
    ],
)
def test_a_wrong_row_of_the_table_is_named(run: Run, tmp_path: Path, row: str, what: str) -> None:
    from glocal_rdf import InputError, Project
    from glocal_rdf.wikidata.properties import read_vocabulary

    linked = make_linked(tmp_path / "linked")
    table = linked / "data" / "wikidata.csv"
    table.write_text(table.read_text(encoding="utf-8") + f"{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"wikidata\.csv:19: ") as caught:
        read_vocabulary(Project.open(linked))
    assert what in str(caught.value)


def test_a_file_of_the_project_is_not_overwritten(run: Run, linked: Path, snapshot: Path) -> None:
    target = linked / "data" / "claims.csv"
    before = target.read_bytes()
    result = run("wikidata", "compare", "--project", linked, "--entities", snapshot, "-f", "csv", "-o", target)
    assert result.exit_code == 2
    assert target.read_bytes() == before


@pytest.mark.slow
def test_the_bundled_dataset_is_compared(run: Run, tmp_path: Path) -> None:
    record = {"type": "item", "id": "Q2974854", "labels": {}, "claims": {}}
    (tmp_path / "items.json").write_text(json.dumps(record), encoding="utf-8")
    result = run("wikidata", "compare", "--entities", tmp_path / "items.json", "-f", "csv", "--only", "only-ours")
    assert result.exit_code == 0, result.stderr
    found = {(row["property"], row["ours"]) for row in rows_of(result.stdout)}
    assert ("P159", "Barcelona (Q1492)") in found
    assert ("P571", "2004") in found
