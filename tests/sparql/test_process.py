"""SPARQL runs in a process of its own: it ends at its limit and on Ctrl-C, reaches nothing, and its end is one line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from conftest import Run

from glocal_rdf import ask
from glocal_rdf.claims.rules import apply_rules, infer_triples
from glocal_rdf.errors import GlocalError, QueryError
from glocal_rdf.sparql.execution import process, worker_start
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.sparql.joins.groups import JoinEngine
from glocal_rdf.triples import Triples

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
DATA = Triples.from_terms([(f"<http://e/{n}>", "<http://e/p>", f"<http://e/{n * 7 % 300}>") for n in range(300)])
ENDLESS = (
    "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?c ?e ?g { ?a ?x ?b . ?c ?x ?d . ?e ?x ?f . ?g ?x ?h "
    "FILTER(STRLEN(CONCAT(STR(?a), STR(?c), STR(?e), STR(?g))) > 1) } }"
)
DEEP = "ASK { FILTER(" + "(" * 400_000 + "true" + ")" * 400_000 + ") }"


@pytest.fixture
def store() -> Iterator[StoreProcess]:
    store = StoreProcess()
    store.load(DATA.frame)
    yield store
    store.close()


@pytest.fixture
def server() -> Iterator[tuple[int, list[bytes]]]:
    """A listener on loopback, and what it was sent."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(1000))

        threading.Thread(target=listen, daemon=True).start()
        yield listener.getsockname()[1], asked
        listener.shutdown(socket.SHUT_RDWR) if sys.platform == "linux" else None


def is_gone(group: int) -> bool:
    """Tell whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every text through, as if the policy had overlooked what it must refuse."""
    monkeypatch.setattr(process, "check_query", lambda text: None)


@pytest.mark.slow
def test_a_query_ends_at_its_limit_and_the_next_one_is_answered(store: StoreProcess) -> None:
    begin = time.monotonic()
    with pytest.raises(QueryError, match="took longer than 1 seconds"):
        store.query(ENDLESS, limit=1)
    assert time.monotonic() - begin < 10
    assert store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows()[0][0].startswith('"300"')  # type: ignore[union-attr]


def test_a_graph_is_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    encode = process.encode
    monkeypatch.setattr(process, "encode", lambda entry: (sent.append(type(entry).__name__), encode(entry))[1])
    store = StoreProcess()
    store.load(DATA.frame)
    assert store.query("ASK { ?s ?p ?o }").truth
    store.close()
    assert sent == ["Load", "Query"]


@pytest.mark.parametrize(("more", "stored"), [("", False), (" FILTER (STRLEN('') = 0)", True)])
def test_a_rule_is_applied_again_where_something_new_can_match_it(
    more: str, stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    submit, construct = StoreProcess.submit, JoinEngine.construct
    monkeypatch.setattr(StoreProcess, "submit", lambda *a, **k: (asked.append(a[1]), submit(*a, **k))[1])
    monkeypatch.setattr(JoinEngine, "construct", lambda *a: (asked.append(a[1].text), construct(*a))[1])
    rules = {
        "chain": "CONSTRUCT { ?a <http://e/q> ?c } WHERE { ?a <http://e/q>/<http://e/p> ?c }",
        "start": "CONSTRUCT { ?a <http://e/q> ?b } WHERE { ?a <http://e/p> ?b FILTER (?a = <http://e/1>) }",
        "class": "CONSTRUCT { ?a a <http://e/D> } WHERE { ?a a <http://e/C> }",
    }
    rules = {name: f"{text[:-1]}{more} }}" for name, text in rules.items()}
    data = Triples.from_terms([(f"<http://e/{n}>", "<http://e/p>", f"<http://e/{n + 1}>") for n in range(1, 5)])
    made, store = infer_triples(data, rules)
    assert (store is not None) == stored
    assert sorted(made) == [("<http://e/1>", "<http://e/q>", f"<http://e/{n}>") for n in range(2, 6)]
    assert [asked.count(rules[name]) for name in ("chain", "start", "class")] == [5, 1, 1]


@pytest.mark.slow
def test_what_was_asked_beside_an_endless_query_is_answered(store: StoreProcess) -> None:
    slow = store.submit(ENDLESS, limit=1)
    others = [store.submit(f"ASK {{ <http://e/{n}> ?p ?o }}") for n in (1, 2, 999)]
    with pytest.raises(QueryError, match="took longer"):
        slow.wait()
    assert [other.wait().truth for other in others] == [True, True, False]


@POSIX
def test_a_crash_is_one_line_and_the_next_query_is_answered(
    store: StoreProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    unchecked(monkeypatch)
    crash, other = store.submit(DEEP), store.submit("ASK { ?s ?p ?o }")
    with pytest.raises(QueryError) as error:
        crash.wait()
    assert len(str(error.value).splitlines()) == 1
    assert other.wait().truth is True


@POSIX
@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_the_process_cannot_open_a_socket_even_where_a_service_is_overlooked(
    store: StoreProcess, server: tuple[int, list[bytes]], silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unchecked(monkeypatch)
    port, asked = server
    for host in ("127.0.0.1", "localhost"):
        try:
            store.query(f"SELECT * {{ SERVICE {silent}<http://{host}:{port}/> {{ ?s ?p ?o }} }}")
        except QueryError:
            continue
    assert asked == []


@pytest.mark.slow
def test_an_answer_beyond_its_bound_is_refused(store: StoreProcess) -> None:
    with pytest.raises(QueryError, match="answers with more than 256 MiB; add a LIMIT"):
        store.query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", limit=60)


def test_named_graphs_are_seen_only_where_they_are_asked(store: StoreProcess) -> None:
    store.load(DATA.frame.head(2), "http://e/graph")
    text = "SELECT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert store.query(text).rows() == []
    assert len(store.query(text, graphs=["http://e/graph"]).rows()) == 2
    assert store.query(text).rows() == []
    store.unload("http://e/graph")
    assert store.query(text, graphs=None).rows() == []


def test_a_store_that_nobody_holds_leaves_no_process() -> None:
    store = StoreProcess()
    store.load(DATA.frame)
    assert store.query("ASK { ?s ?p ?o }").truth
    running = store._connection._process
    assert running is not None
    del store
    assert running._process.poll() is not None


def test_closing_a_store_leaves_no_thread_at_work() -> None:
    """Polars fails with many lines where Python ends while a frame is still being written for the engine."""
    frame = pl.DataFrame(
        {
            "subject": [f"<http://e/{n}>" for n in range(300_000)],
            "predicate": ["<http://e/p>"] * 300_000,
            "object": [f'"{n}"' for n in range(300_000)],
        }
    )
    before = set(threading.enumerate())
    store = StoreProcess()
    store.load(frame)
    store.submit("ASK { ?s ?p ?o }")
    at_work = set(threading.enumerate()) - before
    store.close()
    assert len(at_work) == 2
    assert not any(thread.is_alive() for thread in at_work)
    with pytest.raises(QueryError, match="the store was closed"):
        store.query("ASK {}")


@pytest.mark.slow
def test_a_rule_that_takes_too_long_is_named() -> None:
    rule = f"CONSTRUCT {{ <http://e/a> <http://e/b> <http://e/c> }} WHERE {{ {{ {ENDLESS} }} FILTER(?n > 0) }}"
    with pytest.raises(QueryError, match=r"ontology/rules/slow\.rq: took longer than 1 seconds"):
        apply_rules(DATA, {"slow": rule}, timeout=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("CONSTRUCT { ?s ?p ?o } { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE would call another server"),
        ("CONSTRUCT { ?s ?p ?o } # '''\r{ SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE would call"),
        ("CONSTRUCT { ?s ?p ?o } FROM <http://127.0.0.1:1/> { ?s ?p ?o }", "there is no such graph"),
        ("INSERT DATA { <http://e/a> <http://e/b> <http://e/c> }", "INSERT would change the graph"),
        ("DESCRIBE <http://e/1>", "is not a CONSTRUCT query, but DESCRIBE"),
        ("ASK { ?s ?p ?o }", "is not a CONSTRUCT query, but ASK"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(<http://no/function>(?o)) }", "could not be answered"),
        ("CONSTRUCT { ?s zz:p ?o } { ?s ?p ?o }", "zz: is not a known prefix"),
    ],
)
def test_a_rule_that_may_not_be_applied_is_named_in_a_line(text: str, told: str) -> None:
    with pytest.raises(GlocalError) as error:
        apply_rules(DATA, {"x": text})
    (line,) = str(error.value).splitlines()
    assert line.startswith("ontology/rules/x.rq: ")
    assert told in line


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("after", [0.6, 2.0])
def test_ctrl_c_ends_the_command_and_its_process(tmp_path: Path, after: float) -> None:
    data = tmp_path / "data.nt"
    data.write_bytes(DATA.serialize("ntriples"))
    program = "from glocal_rdf.cli import main; main()"
    command = [sys.executable, "-c", program, "query", "--source", str(data), "--text", ENDLESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as running:
        time.sleep(after)
        begin = time.monotonic()
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=20)
        assert time.monotonic() - begin < 5
    assert running.returncode == 130
    assert b"Traceback" not in told
    assert any(is_gone(running.pid) or time.sleep(0.1) for _ in range(50))


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "1e300", "99999999999999999999"])
def test_a_time_limit_that_is_none_is_a_mistake_of_usage(run: Run, limit: str) -> None:
    for command in (["query", "--text", "ASK {}"], ["build"], ["validate"]):
        result = run(*command, "--timeout", limit)
        assert result.exit_code == 2
        assert "--timeout" in result.stderr


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), float("inf"), 1e300])
def test_a_time_limit_that_is_none_is_refused_by_the_library(limit: float) -> None:
    with pytest.raises(QueryError, match="is not a number of seconds"):
        ask(DATA, "ASK {}", timeout=limit)


@pytest.mark.slow
def test_a_query_on_the_command_line_ends_at_its_limit(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data.nt"
    data.write_bytes(DATA.serialize("ntriples"))
    result = run("query", "--source", data, "--text", ENDLESS, "--timeout", "1")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == ["query: took longer than 1 seconds; make it simpler, or raise the time limit"]


def test_the_process_keeps_byte_code_where_the_command_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is started without the environment, and would write byte code beside our modules, cut off on a full disk."""
    code = "import sys; print(sys.dont_write_bytecode, sys.pycache_prefix)"
    for none, prefix in ((True, None), (False, str(tmp_path)), (True, str(tmp_path))):
        monkeypatch.setattr(sys, "dont_write_bytecode", none)
        monkeypatch.setattr(sys, "pycache_prefix", prefix)
        with worker_start.start_worker(1) as worker:
            arguments = list(map(str, worker.args))  # type: ignore[arg-type]
            worker.kill()
        arguments[-1] = code
        ran = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=60)
        assert ran.stdout == f"{none} {prefix}\n"
