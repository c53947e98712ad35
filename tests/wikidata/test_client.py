"""How services are asked: what goes over the wire, what is asked again, what is kept, and what ends a run."""

from __future__ import annotations

import json
import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from wikibase_server import FAILURES, NOW, MakeClient, Wikibase

from glocal_rdf.errors import EndpointError, GlocalError, InputError, ProjectError
from glocal_rdf.wikidata.access.client import Client, Exchange, make_agent
from glocal_rdf.wikidata.access.fetching import fetch_entities, fetch_entity, search_entities, search_statements
from glocal_rdf.wikidata.access.queries import fetch_graph
from glocal_rdf.wikidata.settings import Settings
from glocal_rdf.wikidata.settings import Wikibase as Addresses


def item(number: str, **more: Any) -> dict[str, Any]:
    """An item as the action API gives it."""
    labels = {"en": {"language": "en", "value": f"Item {number}"}}
    return {"type": "item", "id": number, "lastrevid": 7, "labels": labels, "claims": {}} | more


def waits_of(client: Client) -> list[float]:
    found: list[float] = client.waits  # type: ignore[attr-defined]
    return found


def test_a_request_says_who_asks_and_is_packed_and_posted(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient
) -> None:
    server.add(item("Q1"))
    found = fetch_entities(make_client(), wikibase, ["Q1"])
    assert found["Q1"].record == item("Q1")
    [sent] = server.received
    assert (sent.method, sent.path) == ("POST", "/w/api.php")
    assert sent.headers["user-agent"].startswith("glocal-rdf/0.6.0 (data@example.org) Python-urllib/3.")
    assert sent.headers["accept-encoding"] == "gzip"
    assert sent.form["maxlag"] == "5"
    assert sent.form["ids"] == "Q1"
    assert sent.form["format"] == "json"
    assert not {"authorization", "cookie"} & sent.headers.keys()


@pytest.mark.parametrize("contact", ["", "me", "http://localhost", "a b@example.org", "(x)@example.org", "x@例.org\n"])
def test_nothing_is_sent_without_a_contact(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient, contact: str
) -> None:
    with pytest.raises(ProjectError, match=r"contact|reach"):
        fetch_entities(make_client(contact=contact), wikibase, ["Q1"])
    assert server.received == []


def test_the_error_without_a_contact_names_the_property() -> None:
    with pytest.raises(ProjectError, match=r"csv-metadata\.json: .*dcat:contactPoint"):
        make_agent("", "1")


def test_many_are_asked_for_fifty_at_a_time_one_request_after_the_other(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient
) -> None:
    numbers = [f"Q{n}" for n in range(1, 121)]
    server.add(*map(item, numbers))
    found = fetch_entities(make_client(), wikibase, numbers)
    assert list(found) == numbers
    assert [len(sent.form["ids"].split("|")) for sent in server.received] == [50, 50, 20]


@pytest.mark.parametrize("strange", ["Q0", "q1", "Q1|Q2", "X1", "", "Q1\n", "Q99999999999999", "L1"])
def test_what_is_not_an_identifier_is_never_sent(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient, strange: str
) -> None:
    for fetch in (lambda c: fetch_entities(c, wikibase, [strange]), lambda c: fetch_entity(c, wikibase, strange)):
        with pytest.raises(EndpointError, match="is not the identifier"):
            fetch(make_client())
    assert server.received == []


@pytest.mark.parametrize(
    ("kind", "options", "waits"),
    [
        ("429", {"after": 7}, [7.0]),
        ("429", {}, [60.0]),
        ("429", {"after": "Fri, 27 Nov 2026 12:00:00 GMT"}, [60.0]),
        ("503", {"after": 20}, [20.0]),
        ("503", {}, [1.0]),
        ("500", {}, [1.0]),
        ("maxlag", {}, [5.0]),
        ("maxlag", {"after": 11}, [11.0]),
        ("ratelimited", {}, [1.0]),
        ("newer-error", {}, [1.0]),
        ("truncated", {}, [1.0]),
        ("cut", {}, [1.0]),
    ],
)
def test_a_busy_service_is_asked_again_after_the_time_that_it_names(
    server: Wikibase,
    wikibase: Addresses,
    make_client: MakeClient,
    kind: str,
    options: dict[str, Any],
    waits: list[float],
) -> None:
    server.add(item("Q1"))
    server.fail(kind, **options)
    client = make_client()
    assert fetch_entities(client, wikibase, ["Q1"])["Q1"].record == item("Q1")
    if isinstance(options.get("after"), str):  # a date before the server's own: no time to wait but the usual
        waits = [1.0]
    assert waits_of(client) == waits
    assert len(server.received) == 2
    assert server.received[0].form == server.received[1].form


def test_waits_grow_and_the_tries_are_counted(server: Wikibase, wikibase: Addresses, make_client: MakeClient) -> None:
    server.fail("503", times=9)
    client = make_client()
    with pytest.raises(EndpointError, match=r"503 .*asked 5 times"):
        fetch_entities(client, wikibase, ["Q1"])
    assert waits_of(client) == [1.0, 2.0, 4.0, 8.0]
    assert len(server.received) == 5


def test_a_service_that_asks_for_a_long_wait_ends_the_run(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient
) -> None:
    server.fail("429", after=86_400)
    client = make_client()
    with pytest.raises(EndpointError, match=r"429 .*run it again in 86,400 s"):
        fetch_entities(client, wikibase, ["Q1"])
    assert (waits_of(client), len(server.received)) == ([], 1)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("error", "badvalue"),
        ("403", "403 Forbidden"),
        ("404", "404 Not Found"),
        ("html", "a web page"),
        ("page-as-json", "a web page"),
        ("elsewhere", "redirects to another host"),
        ("internal", "redirects to another host"),
        ("metadata-service", "redirects to another host"),
        ("loop", "redirects more than"),
        ("bomb", "more than 67,108,864 bytes"),
        ("bad-gzip", "not send valid gzip"),
        ("not-json", "is not JSON"),
        ("not-utf8", "not UTF-8"),
        ("array", "are not entities"),
        ("null", "are not entities"),
        ("nan", "cannot be read"),
        ("deep", "cannot be read"),
    ],
)
def test_what_is_wrong_for_good_is_asked_once_and_reported_on_one_line(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient, kind: str, what: str
) -> None:
    server.fail(kind, times=10)
    with pytest.raises(EndpointError, match=what) as caught:
        fetch_entities(make_client(), wikibase, ["Q1"])
    assert len(str(caught.value).splitlines()) == 1
    assert server.origin in str(caught.value)
    assert len(server.received) == (6 if kind == "loop" else 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAILURES)
def test_no_failure_is_kept_or_taken_for_an_answer(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient, kind: str
) -> None:
    server.add(item("Q1"))
    server.fail(kind, times=6 if kind != "slow" else 1, **({"seconds": 0.6} if kind == "slow" else {}))
    settings = Settings(timeout=0.3 if kind == "slow" else 10, tries=1)
    with pytest.raises(GlocalError):
        fetch_entities(make_client(store=True, settings=settings), wikibase, ["Q1"])
    with pytest.raises(EndpointError, match="not fetched before"):
        fetch_entities(make_client(store=True, offline=True), wikibase, ["Q1"])


def test_a_slow_answer_ends_in_time(server: Wikibase, wikibase: Addresses, make_client: MakeClient) -> None:
    server.fail("slow", seconds=2)
    began = time.monotonic()
    with pytest.raises(EndpointError, match=r"did not answer completely within 0\.3 s"):
        fetch_entities(make_client(settings=Settings(timeout=0.3, tries=1)), wikibase, ["Q1"])
    assert time.monotonic() - began < 1.5


def test_a_stopped_run_goes_on_where_it_was(server: Wikibase, wikibase: Addresses, make_client: MakeClient) -> None:
    numbers = [f"Q{n}" for n in range(1, 111)]
    server.add(*map(item, numbers))
    settings = Settings(tries=1)
    client = make_client(store=True, settings=settings)
    fetch_entities(client, wikibase, numbers[:60])
    server.fail("503")
    with pytest.raises(EndpointError):
        fetch_entities(client, wikibase, numbers)
    server.received.clear()
    found = fetch_entities(make_client(store=True), wikibase, numbers)
    assert list(found) == numbers
    assert [sent.form["ids"] for sent in server.received] == ["|".join(numbers[60:])]


def test_what_is_kept_is_used_while_it_is_fresh_and_offline_however_old(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient
) -> None:
    server.add(item("Q1"))
    fetch_entities(make_client(store=True), wikibase, ["Q1", "Q2"])
    later = NOW + timedelta(days=6)
    found = fetch_entities(make_client(store=True, now=later), wikibase, ["Q1", "Q2"])
    assert found["Q1"].fetched == NOW
    assert found["Q2"].record is None
    assert len(server.received) == 1
    old = NOW + timedelta(days=400)
    assert fetch_entities(make_client(store=True, now=old, offline=True), wikibase, ["Q1"])["Q1"].fetched == NOW
    assert len(server.received) == 1
    assert fetch_entities(make_client(store=True, now=old), wikibase, ["Q1"])["Q1"].fetched == old
    assert len(server.received) == 2


def test_offline_names_what_is_missing_and_sends_nothing(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient
) -> None:
    client = make_client(store=True, offline=True, contact="")
    with pytest.raises(EndpointError, match=r"Q1, Q2, Q3, Q4, Q5 and 2 more were not fetched before"):
        fetch_entities(client, wikibase, [f"Q{n}" for n in range(1, 8)])
    with pytest.raises(EndpointError, match="--offline"):
        client.ask_sparql(wikibase.sparql, "SELECT * { ?s ?p ?o }")
    assert server.received == []


def test_missing_and_redirected_entities_are_known_as_such(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient
) -> None:
    server.add(item("Q5"))
    server.redirects["Q4"] = "Q5"
    found = fetch_entities(make_client(), wikibase, ["Q4", "Q9", "Q9999999999", "Q5"])
    assert found["Q4"].record is not None
    assert found["Q4"].record["id"] == "Q5"
    assert found["Q9"].record is None
    assert found["Q9999999999"].record is None
    assert found["Q5"].record == item("Q5")


@pytest.mark.parametrize(
    "entities", [{}, {"Q2": item("Q2")}, {"Q1": item("Q7")}, {"Q1": []}, {"Q1": {"id": 1}}, {"Q1": "x"}]
)
def test_an_answer_with_other_entities_than_asked_for_is_an_error(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, entities: Any
) -> None:
    monkeypatch.setattr("wikibase_server._Handler.act", lambda *_: {"entities": entities, "success": 1})
    with pytest.raises(EndpointError):
        fetch_entities(make_client(), wikibase, ["Q1"])


def test_one_entity_is_asked_for_by_its_etag(server: Wikibase, wikibase: Addresses, make_client: MakeClient) -> None:
    server.add(item("Q1"))
    first = fetch_entity(make_client(store=True), wikibase, "Q1")
    later = NOW + timedelta(days=30)
    second = fetch_entity(make_client(store=True, now=later), wikibase, "Q1")
    assert [sent.headers.get("if-none-match") for sent in server.received] == [None, '"7"']
    assert second.record == first.record
    assert second.fetched == later
    assert [sent.method for sent in server.received] == ["GET", "GET"]
    server.redirects["Q3"] = "Q1"
    found = fetch_entity(make_client(), wikibase, "Q3")
    assert found.record is not None
    assert (found.asked, found.record["id"]) == ("Q3", "Q1")
    assert fetch_entity(make_client(), wikibase, "Q404").record is None


def test_labels_are_searched(server: Wikibase, wikibase: Addresses, make_client: MakeClient) -> None:
    server.add(item("Q1"), item("Q2", labels={"zh-hant": {"language": "zh-hant", "value": "臺北市"}}))
    [hit] = search_entities(make_client(), wikibase, "臺北", "zh-hant")
    assert hit["id"] == "Q2"
    assert server.received[-1].form["language"] == "zh-hant"
    assert server.received[-1].form["search"] == "臺北"


def test_a_query_is_posted_with_the_tool_named(server: Wikibase, wikibase: Addresses, make_client: MakeClient) -> None:
    rows = [{"item": {"type": "uri", "value": "http://www.wikidata.org/entity/Q1"}}]
    server.sparql = lambda _: {"head": {"vars": ["item"]}, "results": {"bindings": rows}}
    assert make_client().ask_sparql(wikibase.sparql, "SELECT * { ?s ?p ?o } LIMIT 1") == rows
    [sent] = server.received
    assert sent.method == "POST"
    assert sent.form["query"].startswith("# Tool: glocal-rdf\n")
    assert sent.headers["accept"] == "application/sparql-results+json"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"results": []},
        {"results": {"bindings": {}}},
        {"results": {"bindings": [{"a": "x"}]}},
        {"boolean": True},
    ],
)
def test_what_are_not_results_is_an_error(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient, answer: Any
) -> None:
    server.sparql = lambda _: answer
    with pytest.raises(EndpointError, match="not results"):
        make_client().ask_sparql(wikibase.sparql, "SELECT * { ?s ?p ?o }")


def test_each_request_is_logged(server: Wikibase, wikibase: Addresses, make_client: MakeClient) -> None:
    server.add(item("Q1"))
    server.fail("429", after=3)
    log: list[Exchange] = []
    fetch_entities(make_client(log=log.append), wikibase, ["Q1"])
    assert [(one.number, one.method, one.status, one.wait) for one in log] == [
        (1, "POST", 429, 3.0),
        (2, "POST", 200, 0.0),
    ]
    assert "429" in log[0].problem
    assert log[1].form["ids"] == "Q1"
    assert log[1].size > 50


def test_a_pause_between_requests_is_kept(server: Wikibase, wikibase: Addresses, make_client: MakeClient) -> None:
    server.add(*(item(f"Q{n}") for n in range(1, 4)))
    client = make_client(settings=Settings(pause=0.5, ids_per_call=1))
    fetch_entities(client, wikibase, ["Q1", "Q2", "Q3"])
    assert waits_of(client) == [0.5, 0.5]


def test_a_damaged_file_of_answers_is_reported_and_a_damaged_answer_is_fetched_anew(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient, tmp_path: Path
) -> None:
    import sqlite3

    server.add(item("Q1"))
    fetch_entities(make_client(store=True), wikibase, ["Q1"])
    file = tmp_path / "answers.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE answer SET body = ?", (json.dumps({"id": "Q2"}).encode(),))
    fetch_entities(make_client(store=True), wikibase, ["Q1"])
    assert len(server.received) == 2
    file.write_bytes(b"no data base" * 100)
    with pytest.raises(InputError, match=r"answers\.sqlite"):
        fetch_entities(make_client(store=True), wikibase, ["Q1"])


def spoil(value: Any, chance: random.Random) -> Any:
    """Change one part of an answer to something else."""
    odd = [None, [], {}, "", "x", -1, True, {"id": "Q1"}, "\x1b[31m", {"error": {}}, {"missing": ""}]
    if isinstance(value, dict | list) and value and chance.random() < 0.85:
        at = chance.choice(sorted(value) if isinstance(value, dict) else range(len(value)))
        changed = value.copy()
        changed[at] = spoil(value[at], chance)
        return changed
    return chance.choice(odd)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_broken_answers_are_read_or_are_an_error_on_one_line(
    server: Wikibase, wikibase: Addresses, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    cell = {"type": "uri", "value": "http://www.wikidata.org/entity/Q1"}
    literal = {"type": "literal", "value": "x", "xml:lang": "en"}
    answers = {
        "entities": {"entities": {"Q1": item("Q1"), "Q2": {"id": "Q2", "missing": ""}}, "success": 1},
        "names": {"search": [{"id": "Q1", "label": "a", "match": {"type": "label", "text": "a"}}], "success": 1},
        "statements": {"query": {"search": [{"ns": 0, "title": "Q1"}]}},
        "graph": {"head": {"vars": ["s", "p", "o"]}, "results": {"bindings": [{"s": cell, "p": cell, "o": literal}]}},
    }
    asking = {
        "entities": lambda client: fetch_entities(client, wikibase, ["Q1", "Q2"]),
        "names": lambda client: search_entities(client, wikibase, "a", "en"),
        "statements": lambda client: search_statements(client, wikibase, "P1", "a"),
        "graph": lambda client: fetch_graph(client, wikibase, ["Q1"], ["P1"]),
    }
    broken: dict[str, Any] = {}
    monkeypatch.setattr("wikibase_server._Handler.act", lambda *_: broken["answer"])
    server.sparql = lambda _: broken["answer"]
    for number in range(40):
        name = sorted(answers)[number % len(answers)]
        broken["answer"] = spoil(answers[name], chance)
        failure = ""
        try:
            asking[name](make_client(settings=Settings(tries=1)))
        except GlocalError as error:
            failure = str(error)
        assert len(failure.splitlines()) <= 1, broken
        assert failure.isprintable(), broken
