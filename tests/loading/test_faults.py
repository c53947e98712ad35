"""Whatever a store answers, a load ends with everything in it once, or with one line that says what is not."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from stores import FaultyStore, Request

from glocal_rdf import Cache, Credentials, GlocalError, LoadOptions, LoadReport, list_statements, plan_load
from glocal_rdf.endpoint.credentials import Session, read_challenges, write_digest
from glocal_rdf.loading.filling import fill_store
from glocal_rdf.loading.requests import Client, read_retry_after

GROUND = "".join(f'<urn:s{n}> <urn:p> "{n}" .\n' for n in range(20))
BLANK = "".join(f"<urn:s{n}> <urn:q> _:b{n} .\n_:b{n} <urn:r> _:c{n // 2} .\n" for n in range(6))
OK: dict[str, str] = {}
HTML = {"Content-Type": "text/html"}
PAGE = b"<html><head><title>Sign in</title></head><body>Please sign in.</body></html>"

Answer = Any
Load = Callable[..., LoadReport]


@pytest.fixture
def store() -> Iterator[FaultyStore]:
    found = FaultyStore()
    yield found
    found.close()


class Loads:
    """Loads a file into a store, without waiting, and keeps how long it would have waited."""

    def __init__(self, store: FaultyStore, folder: Path) -> None:
        self.store, self.folder, self.waited = store, folder, list[float]()

    def __call__(
        self, text: str = GROUND + BLANK, *, keep: bool = False, token: str = "", **options: Any
    ) -> LoadReport:
        source = self.folder / "data.nt"
        source.write_text(text, encoding="utf-8")
        known = Credentials(token=token) if token else Credentials()
        client = Client(Session(known), timeout=5, sleep=self.waited.append)
        cache = Cache.open(self.folder / "cache") if keep else None
        chosen = LoadOptions(**{"batch": 4, "protocol": None, **options})
        return fill_store(client, self.store.address, list_statements([source]), chosen, cache)

    def is_whole(self, text: str = GROUND + BLANK) -> bool:
        wanted = ox.Dataset(ox.parse(text, ox.RdfFormat.N_TRIPLES))
        found = ox.Dataset(self.store.store)
        for each in (wanted, found):
            each.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return wanted == found


@pytest.fixture
def load(store: FaultyStore, tmp_path: Path) -> Loads:
    return Loads(store, tmp_path)


def at(number: int, answer: Answer, *others: int) -> Callable[[Request], Answer]:
    """Answer the writing request of a number so, and all others as they should be."""
    return lambda request: answer if request.number in {number, *others} else None


RECOVERED: dict[str, tuple[Callable[[Request], Answer], float | None]] = {
    "too many requests, wait 7 s": (at(2, (429, {"Retry-After": "7"}, b"")), 7),
    "unavailable, wait 9 s": (at(1, (503, {"Retry-After": "9"}, b"")), 9),
    "unavailable, no time named": (at(1, (503, OK, b"")), None),
    "unavailable until a date": (
        at(0, (503, {"Date": "Fri, 27 Nov 2026 10:00:00 GMT", "Retry-After": "Fri, 27 Nov 2026 10:00:11 GMT"}, b"")),
        11,
    ),
    "bad gateway": (at(3, (502, OK, b"")), None),
    "gateway timeout": (at(3, (504, OK, b"")), None),
    "dropped before it was done": (at(2, "before"), None),
    "dropped after it was done": (at(2, "after"), None),
    "dropped when half was done": (at(2, "half"), None),
    "a truncated answer": (at(2, "cut"), None),
    "a blank node's request dropped before": (at(5, "before"), None),
    "a blank node's request dropped after": (at(5, "after"), None),
    "a blank node's answer truncated": (at(6, "cut"), None),
    "a blank node's bad gateway": (at(5, (502, OK, b"")), None),
    "a blank node's request to be sent later": (at(5, (503, {"Retry-After": "3"}, b"")), 3),
    "one batch too large": (
        lambda request: (413, OK, b"") if request.writes and request.body.count(b"<urn:p>") > 2 else None,
        None,
    ),
    "server error for large requests": (
        lambda request: (500, OK, b"out of memory") if request.writes and len(request.body) > 120 else None,
        None,
    ),
}


@pytest.mark.parametrize("protocol", ["update", pytest.param("graph-store", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", RECOVERED)
def test_the_store_ends_whole_after(store: FaultyStore, load: Loads, name: str, protocol: str) -> None:
    store.fault, waits = RECOVERED[name]
    store_of = {"update": "/update", "graph-store": "/store"}[protocol]
    load.store.address += store_of
    report = load(protocol=protocol, endpoint=store.address.removesuffix(store_of) + "/query")
    assert report.complete, report.problems
    assert load.is_whole()
    if waits is not None:
        assert waits in load.waited


FATAL: dict[str, tuple[Callable[[Request], Answer], str]] = {
    "unauthorized": (
        at(0, (401, {"WWW-Authenticate": "Negotiate"}, b"")),
        "answered 401 Unauthorized; set GLOCAL_LOAD",
    ),
    "forbidden": (at(0, (403, OK, b"no")), "answered 403 Forbidden: no; let the user of GLOCAL_LOAD_USER"),
    "not found": (at(0, (404, HTML, PAGE)), "answered 404 Not Found; check the address"),
    "not allowed": (at(0, (405, OK, b"")), "answered 405 Method Not Allowed; name the address for writing"),
    "a redirect to another host": (
        at(0, (307, {"Location": "http://127.0.0.2:1/"}, b"")),
        "redirects to another host",
    ),
    "always unavailable": (lambda request: (503, OK, b"") if request.writes else None, "answered 503"),
    "to be asked again in an hour": (at(0, (503, {"Retry-After": "3600"}, b"")), "answered 503"),
    "always dropped": (lambda request: "before" if request.writes else None, "data was lost|does not answer|reached"),
    "a web page for success": (lambda request: (200, HTML, PAGE) if request.writes else None, "has nothing of what"),
    "one statement refused": (
        lambda request: (400, {"Content-Type": "text/plain"}, b"bad\x1b[31m \xff") if b'"7"' in request.body else None,
        r'answered 400 Bad Request: bad.*<urn:s7> <urn:p> "7"',
    ),
    "blank nodes refused": (
        lambda request: (400, OK, b"no blank nodes") if request.writes and b"_:" in request.body else None,
        "the 4 statements that share a blank node; give blank nodes IRIs with --skolemize",
    ),
    "half of the blank nodes done": (at(6, "half"), "neither 4 .not done. nor 8 .done."),
    "a store that changes when a request is dropped": (lambda request: None, ""),
}


@pytest.mark.parametrize("name", FATAL)
def test_one_line_says_why_it_cannot_go_on_after(store: FaultyStore, load: Loads, name: str) -> None:
    store.fault, message = FATAL[name]
    if not message:
        message = "something else writes to the store"

        def change(request: Request) -> Answer:
            if request.number == 5:
                store.store.add(ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:x"), ox.Literal("x")))
                return "before"
            return None

        store.fault = change
    with pytest.raises(GlocalError) as caught:
        load(token="top-secret", protocol=None)
    line = str(caught.value)
    assert re.search(message, line), line
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert "top-secret" not in line


def test_after_an_error_the_same_goes_on(store: FaultyStore, load: Loads) -> None:
    for number, part in ((3, GROUND), (7, BLANK)):
        store.fault = at(number, (403, OK, b""))
        with pytest.raises(GlocalError):
            load(keep=True)
        assert part
    store.fault = lambda _: None
    before = len(store.writes)
    report = load(keep=True)
    assert report.complete
    assert report.skipped > 20
    assert len(store.writes) - before < 4
    assert load.is_whole()
    assert not list(load.folder.glob("cache/loads/*/*")), "the journal is removed"


def test_a_torn_journal_goes_on_from_its_last_whole_line(store: FaultyStore, load: Loads) -> None:
    store.fault = at(7, (403, OK, b""))
    with pytest.raises(GlocalError):
        load(keep=True)
    [journal] = load.folder.glob("cache/loads/*/*/journal.jsonl")
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"blank": 1')
    store.fault = lambda _: None
    assert load(keep=True).complete
    assert load.is_whole()


def test_nothing_secret_is_kept(store: FaultyStore, load: Loads) -> None:
    store.fault = at(2, (403, OK, b""))
    with pytest.raises(GlocalError):
        load(keep=True, token="top-secret")
    kept = b"".join(path.read_bytes() for path in load.folder.rglob("*") if path.is_file() and "cache" in path.parts)
    assert kept
    assert b"top-secret" not in kept
    assert all(request.headers["authorization"] == "Bearer top-secret" for request in store.requests)


@pytest.mark.parametrize("protocol", ["update", None])
def test_the_old_graph_is_readable_until_the_new_one_is_whole(
    store: FaultyStore, load: Loads, protocol: str | None
) -> None:
    old = ox.Quad(ox.NamedNode("urn:old"), ox.NamedNode("urn:p"), ox.Literal("old"))
    store.store.add(old)
    seen: list[bool] = []

    def look(request: Request) -> None:
        if request.writes:
            seen.append(old in store.store)

    store.fault = look
    if protocol:
        store.address += "/update"
        report = load(protocol=protocol, endpoint=store.address.replace("/update", "/query"), replace=True)
    else:
        report = load(replace=True)
    assert report.complete
    assert len(seen) > 8
    assert all(seen)
    assert load.is_whole()


def test_a_new_graph_that_lacks_something_does_not_replace_the_old_one(store: FaultyStore, load: Loads) -> None:
    old = ox.Quad(ox.NamedNode("urn:old"), ox.NamedNode("urn:p"), ox.Literal("old"))
    store.store.add(old)
    store.fault = lambda request: (204, OK, b"") if b'"7"' in request.body else None
    with pytest.raises(GlocalError, match=r"would get 28 of 32 statements, and was not replaced"):
        load(replace=True)
    assert old in store.store


def test_what_others_write_meanwhile_is_reported(store: FaultyStore, load: Loads) -> None:
    graph = ox.NamedNode("https://example.org/g")

    def write(request: Request) -> None:
        if request.number == 2:
            store.store.add(ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:x"), ox.Literal("x"), graph))

    store.fault = write
    source = load.folder / "data.nt"
    source.write_text(GROUND, encoding="utf-8")
    client = Client(Session(), timeout=5, sleep=load.waited.append)
    statements = list_statements([source], graph="https://example.org/g")
    report = fill_store(client, store.address, statements, LoadOptions(batch=4))
    assert report.complete
    assert "something else wrote to it meanwhile" in str(report.problems[0])


@pytest.mark.slow
def test_any_answer_gives_one_line_or_a_whole_store(store: FaultyStore, load: Loads) -> None:
    """A fuzz of answers, the same on every run."""
    chance = random.Random(15)
    statuses = (200, 201, 204, 301, 400, 401, 403, 404, 409, 413, 418, 429, 500, 502, 503, 599)
    headers = (
        OK,
        HTML,
        {"Retry-After": "0"},
        {"Retry-After": "soon"},
        {"WWW-Authenticate": 'Digest realm="x", nonce=, qop="auth'},
        {"Content-Encoding": "gzip"},
        {"Content-Type": "application/sparql-results+json"},
        {"Location": "//"},
        {"Content-Length": "99"},
    )
    bodies = (
        b"",
        PAGE,
        b"{}",
        b"\xff\x00",
        b'{"results": {"bindings": [{"n": {"type": "literal", "value": 5}}]}}',
        b"[" * 9999,
    )

    def answer(_request: Request) -> Answer:
        if chance.random() < 0.8:
            return None
        some = (
            "before",
            "after",
            "half",
            "cut",
            (chance.choice(statuses), chance.choice(headers), chance.choice(bodies)),
        )
        return chance.choice(some)

    store.fault = answer
    ended = set()
    for _ in range(30):
        store.store.clear()
        try:
            report = load()
        except GlocalError as error:
            ended.add("error" if str(error).replace("\n", "").isprintable() else "not printable")
        else:
            assert load.is_whole() or not report.complete
            ended.add("whole" if report.complete else "incomplete")
    assert {"error", "whole"} <= ended <= {"error", "whole", "incomplete"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Basic realm="a"', ["basic"]),
        ('Digest realm="a", nonce="n", qop="auth,auth-int", algorithm=SHA-256, Basic realm="b"', ["digest", "basic"]),
        ('Bearer error="invalid, Basic"', ["bearer"]),
        ("Negotiate", ["negotiate"]),
        ('Newauth realm="Basic x"', []),
        ("", []),
        ('"' * 60_000, []),
        ("Basic," * 2000, ["basic"] * 2000),
    ],
)
def test_challenges_are_read(text: str, found: list[str]) -> None:
    assert [scheme for scheme, _ in read_challenges(text)] == found


def test_a_digest_is_that_of_the_recommendation() -> None:
    """RFC 7616, section 3.9.1."""
    known = Credentials(user="Mufasa", password="Circle of Life")
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    challenge = {"realm": "http-auth@example.org", "nonce": nonce, "qop": "auth, auth-int", "algorithm": "SHA-256"}
    ours = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    address = "http://www.example.org/dir/index.html"
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in write_digest(
        known, challenge, "GET", address, 1, ours
    )
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in write_digest(
        known, challenge | {"algorithm": "MD5"}, "GET", address, 1, ours
    )


def test_a_password_waits_until_it_is_asked_for_and_goes_to_one_host(store: FaultyStore) -> None:
    session = Session(Credentials(user="我", password="secret"))
    good = "Basic " + base64.b64encode("我:secret".encode()).decode()

    def ask(request: Request) -> Answer:
        if request.headers.get("authorization") != good:
            return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""
        return 200, OK, b"fine"

    store.fault = ask
    for _ in range(2):
        assert session.send(store.address + "/a", {}, b"x").data == b"fine"
    assert [request.headers.get("authorization") for request in store.requests] == [None, good, good]
    assert not session.exposed  # it stayed on this machine
    store.fault = lambda _: (401, {"WWW-Authenticate": 'Basic realm="r"'}, b"")
    assert session.send(store.address, {}, b"x").status == 401
    assert len(store.requests) == 4


def test_a_digest_is_used_again_and_a_stale_one_is_not(store: FaultyStore) -> None:
    session = Session(Credentials(user="me", password="secret"))
    nonces = iter("abc")
    state = {"nonce": next(nonces)}

    def ask(request: Request) -> Answer:
        sent = dict(re.findall(r'(\w+)="?([^",]*)', request.headers.get("authorization", "")))
        secret = hashlib.md5(b"me:r:secret").hexdigest()
        done = hashlib.md5(f"POST:{request.path}".encode()).hexdigest()
        text = f"{secret}:{state['nonce']}:{sent.get('nc')}:{sent.get('cnonce')}:auth:{done}"
        if sent.get("response") == hashlib.md5(text.encode()).hexdigest():
            return 200, OK, sent["nc"].encode()
        return 401, {"WWW-Authenticate": f'Digest realm="r", qop="auth", nonce="{state["nonce"]}"'}, b""

    store.fault = ask
    assert [session.send(f"{store.address}/a?b=%20", {}, b"x").data for _ in range(3)] == [
        b"00000001",
        b"00000002",
        b"00000003",
    ]
    state["nonce"] = next(nonces)
    assert session.send(f"{store.address}/a", {}, b"x").data == b"00000001"
    assert b"secret" not in b"".join(repr(request.headers).encode() for request in store.requests)


def test_dates_of_retry_after_are_read_by_the_clock_of_the_server() -> None:
    assert read_retry_after("Fri, 27 Nov 2026 10:00:09 GMT", "Fri, 27 Nov 2026 10:00:10 GMT") == 0
    assert read_retry_after("Fri, 27 Nov 2026 10:00:09 GMT", "yesterday") is None
    assert read_retry_after("9" * 400) is None


def test_duplicates_and_blocks_do_not_change_the_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from glocal_rdf.loading import statements as reading

    monkeypatch.setattr(reading, "BLOCK", 100)
    one, two = tmp_path / "one.nt", tmp_path / "two.nt.gz"
    one.write_text(GROUND * 3 + BLANK, encoding="utf-8")
    import gzip

    two.write_bytes(gzip.compress((GROUND + BLANK).encode()))
    # The ground statements are the same in both, the blank nodes are not.
    assert plan_load(list_statements([one, two])).statements == 20 + 2 * 12
    one.write_text(GROUND + "<urn:a> <urn:p> <urn:b c> .\n", encoding="utf-8")
    with pytest.raises(GlocalError, match=r"one\.nt:21:"):
        plan_load(list_statements([one]))


MEMORY = """
import resource, sys
import polars as pl
from glocal_rdf.loading.verification import Counter, Sample

sample, counter, sizes = Sample(500), Counter(), []
for block in range(24):
    texts = pl.Series([f'"{block} {row} {"x" * 80}"' for row in range(60_000)])
    frame = pl.DataFrame({"subject": "<urn:s>", "predicate": "<urn:p>", "object": texts, "graph": ""})
    sample.add(frame)
    counter.add(frame)
    sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
assert counter.counts() == {"": 24 * 60_000}
assert len(sample.statements()) == 500
print(sizes[-1] - sizes[4])
"""


@pytest.mark.slow
def test_what_is_sampled_does_not_keep_its_block_in_memory() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 70, "20 blocks of 6 MB are 120 MB"
