"""How queries share processes: turns, the spool, the first bytes of long answers, the end."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from sparql_server import LIMITS, TRIG, Endpoint, run_endpoint

from glocal_rdf.errors import QueryError
from glocal_rdf.operations.serve_sparql import open_store
from glocal_rdf.serve.sparql.pool import StorePool
from glocal_rdf.serve.sparql.spool import IN_MEMORY, Spool
from glocal_rdf.serve.sparql.store import GraphCounts, Query, RefusedError, collect
from glocal_rdf.serve.sparql.turns import Turns
from glocal_rdf.sparql.execution.stored import StoreWriter
from glocal_rdf.triples.datasets import Dataset, add_graphs


async def _settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def test_turns_go_round_between_clients() -> None:
    async def play() -> list[str]:
        turns = Turns(2, waiting=10, share=10, patience=5)
        order: list[str] = []

        async def ask(client: str, name: str) -> None:
            await turns.take(client)
            order.append(name)

        await turns.take("a")  # has all places but one
        tasks = [asyncio.create_task(ask(*one)) for one in (("a", "a1"), ("a", "a2"), ("b", "b1"), ("c", "c1"))]
        await _settle()
        for client in ("b", "a", "c", "a"):
            turns.give_back(client)
            await _settle()
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(play()) == ["b1", "c1", "a1", "a2"]


@pytest.mark.parametrize(("share", "waiting", "status"), [(2, 9, 429), (9, 1, 503)])
def test_turns_are_refused_where_too_many_wait(share: int, waiting: int, status: int) -> None:
    async def play() -> RefusedError:
        turns = Turns(1, waiting=waiting, share=share, patience=5)
        await turns.take("a")
        task = asyncio.create_task(turns.take("a"))
        await _settle()
        with pytest.raises(RefusedError) as caught:
            await turns.take("a")
        task.cancel()
        return caught.value

    error = asyncio.run(play())
    assert (error.status, error.retry_after > 0) == (status, True)


def test_who_waits_too_long_or_leaves_gives_up_the_turn() -> None:
    async def play() -> None:
        turns = Turns(1, waiting=5, share=5, patience=0.05)
        await turns.take("a")
        with pytest.raises(RefusedError) as caught:
            await turns.take("b")
        assert caught.value.status == 503
        task = asyncio.create_task(turns.take("b"))
        await _settle()
        turns.give_back("a")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await turns.take("c")

    asyncio.run(play())


def test_a_spool_keeps_what_is_not_taken_yet_in_a_file() -> None:
    async def play() -> None:
        left: list[bool] = []
        spool = Spool(lambda: left.append(True))
        sent = [bytes([n]) * (IN_MEMORY // 4) for n in range(12)]
        for part in sent:
            spool.add(part)
        assert (await anext(spool))[:1] == b"\0"
        spool.add(b"end")
        spool.finish()
        assert b"".join([part async for part in spool]) == b"".join([*sent[1:], b"end"])
        spool = Spool(lambda: left.append(True))
        spool.add(b"x")
        spool.finish(ValueError("not all"))
        assert await anext(spool) == b"x"
        with pytest.raises(ValueError, match="not all"):
            await anext(spool)
        assert left == []
        spool = Spool(lambda: left.append(True))
        await spool.aclose()
        assert left == [True]

    asyncio.run(play())


def _ask(job: Callable[[object], object]) -> object:
    async def play() -> object:
        store = open_store(Dataset.parse(TRIG, "trig"), replace(LIMITS, concurrency=1))
        try:
            return await job(store)  # type: ignore[misc]
        finally:
            await store.close()

    return asyncio.run(play())


@pytest.mark.slow
def test_terms_are_collected_as_they_are_written() -> None:
    async def job(store: object) -> tuple[object, ...]:
        async def ask(text: str) -> object:
            return await collect(store, Query(text=text))  # type: ignore[arg-type]

        rows = await ask("SELECT ?n ?no { <http://example.org/taipei> <http://example.org/count> ?n } ORDER BY STR(?n)")
        truth = await ask("ASK { ?s ?p 12.50 }")
        graph = await ask("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(LANG(?o) = 'en-GB') }")
        with pytest.raises(QueryError, match="is not SPARQL"):
            await ask("SELECT")
        with pytest.raises(RefusedError, match="SERVICE"):
            await ask("SELECT * { SERVICE <http://a/> {} }")
        counts = await store.count()  # type: ignore[attr-defined]
        return rows.rows(), truth.truth, list(graph.triples()), counts[0].triples  # type: ignore[attr-defined]

    rows, truth, triples, number = _ask(job)  # type: ignore[misc]
    assert ('"007"^^<http://www.w3.org/2001/XMLSchema#integer>', None) in rows
    assert [row[0].partition('"^^')[0] for row in rows] == ['"007', '"1', '"1.0E3', '"12.50', '"7']
    assert truth is True
    assert triples == [
        ("<http://example.org/taipei>", "<http://www.w3.org/2004/02/skos/core#prefLabel>", '"Taipei"@en-GB')
    ]
    assert number == len(Dataset.parse(TRIG, "trig").default)


@pytest.mark.slow
def test_first_bytes_come_before_the_last_row(endpoint: Endpoint) -> None:
    """The rows of the second part take as long as a query may: the answer never ends, but it begins."""
    rest = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(4))
    never = 'FILTER(CONCAT(STR(?c0), STR(?c1), STR(?c2), STR(?c3)) = "never")'
    query = f"SELECT ?a {{ {{ ?a <http://example.org/value> ?v }} UNION {{ {rest} {never} }} }}"
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=20)
    start = time.monotonic()
    connection.request("GET", f"/sparql?query={quote(query)}", headers={"Accept": "text/csv"})
    reply = connection.getresponse()
    assert reply.read(100).startswith(b"a\r\nhttp://example.org/n")
    assert time.monotonic() - start < LIMITS.timeout
    with pytest.raises(http.client.IncompleteRead):
        reply.read()
    reply.close()
    connection.close()
    assert "took longer than 1.5 seconds" in endpoint.errors[-1]


@pytest.mark.slow
def test_a_slow_reader_does_not_keep_a_process(endpoint: Endpoint) -> None:
    """Several megabytes are read only after the time limit, and are whole."""
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=20)
    query = f'SELECT ("{"x" * 3_900}" AS ?x) {{ ?a ?b ?c . ?d ?e ?f }} LIMIT 1900'
    connection.request("GET", f"/sparql?query={quote(query)}", headers={"Accept": "text/tab-separated-values"})
    time.sleep(LIMITS.timeout + 0.3)
    body = connection.getresponse().read()
    connection.close()
    assert (body.count(b"\n"), len(body) > 7_000_000) == (1_901, True)


@pytest.mark.slow
def test_a_store_in_a_folder_is_counted_by_asking_it(tmp_path: Path) -> None:
    data = Dataset.parse(TRIG, "trig")
    with StoreWriter(tmp_path) as writer:
        writer.load(data.default.frame)
        add_graphs(writer, data.default, data.named)
        writer.finish()

    async def play() -> Sequence[GraphCounts]:
        graphs = sorted(data.named)
        store = StorePool(tmp_path, writer.forms, graphs=graphs, prefixes={}, limits=LIMITS)
        try:
            return await store.count()
        finally:
            await store.close()

    found = {one.iri: one for one in asyncio.run(play())}
    assert {name: one.triples for name, one in found.items()} == {
        None: len(data.default),
        **{name: len(graph) for name, graph in data.named.items()},
    }
    assert found[None].classes == {"http://example.org/City": 2}
    assert (found[None].properties or {})["http://example.org/value"] == 500


@pytest.mark.slow
def test_a_store_that_is_closed_answers_what_was_asked_before() -> None:
    with run_endpoint(Dataset.parse(TRIG, "trig")) as running:
        pids = running.store.pids
        assert pids

        async def swap() -> tuple[int, str]:
            asked = asyncio.create_task(running.store.evaluate(Query(text="ASK { ?s ?p 499 }", truth="json")))
            await asyncio.sleep(0)
            closing = asyncio.create_task(running.store.close())
            answer = await asked
            text = b"".join([part async for part in answer.parts])
            await closing
            with pytest.raises(RefusedError) as caught:
                await running.store.evaluate(Query(text="ASK {}", truth="json"))
            return caught.value.status, text.decode()

        status, text = running.wait(swap())
        assert (status, "true" in text) == (503, True)
        assert running.store.pids == ()
