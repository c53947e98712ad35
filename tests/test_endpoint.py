"""The network: requests are bounded and whole, go only where they may, and every failure is one line."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from glocal_rdf import endpoint
from glocal_rdf.endpoint import connections
from glocal_rdf.errors import EndpointError

Serve = Callable[..., tuple[str, list[bytes]]]
ROW = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"x"}}]}}'
JSON = "application/sparql-results+json"


def answer(body: bytes, kind: str = JSON, status: str = "200 OK", length: int | None = None, more: str = "") -> bytes:
    """Write an answer of HTTP; `length` is what it announces."""
    announced = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {announced}\r\n{more}\r\n".encode() + body


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers on loopback that send given bytes, in pieces with a pause, and keep what was asked of them."""
    sockets: list[socket.socket] = []

    def start(*answers: bytes, pause: float = 0.0, piece: int = 1 << 16) -> tuple[str, list[bytes]]:
        listening = socket.create_server(("127.0.0.1", 0))
        sockets.append(listening)
        asked: list[bytes] = []

        def work() -> None:
            for number in range(100):
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(10)
                    try:
                        head = connection.recv(1 << 16)
                        _, _, length = head.partition(b"Content-Length: ")
                        wanted = int(length.split(b"\r\n")[0]) if length else 0
                        while len(head.partition(b"\r\n\r\n")[2]) < wanted:
                            head += connection.recv(1 << 16)
                        asked.append(head)
                        data = answers[min(number, len(answers) - 1)]
                        for start in range(0, len(data), piece):
                            connection.sendall(data[start : start + piece])
                            time.sleep(pause)
                    except OSError:
                        continue

        threading.Thread(target=work, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/sparql", asked

    yield start
    for each in sockets:
        each.close()


def failure(address: str, query: str = "SELECT * { ?s ?p ?o }", **options: Any) -> str:
    with pytest.raises(EndpointError) as caught:
        endpoint.ask_endpoint(address, query, **options)
    told = str(caught.value)
    assert len(told.splitlines()) == 1
    assert address.partition("?")[0] in told
    return told


def test_a_whole_answer_is_read(serve: Serve) -> None:
    address, asked = serve(answer(ROW))
    assert endpoint.ask_endpoint(address, "SELECT ?s { ?s ?p ?o }") == (ROW, "json")
    assert asked[0].startswith(b"POST /sparql HTTP/1.1")


def test_an_answer_in_chunks_is_read(serve: Serve) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    address, _ = serve(head + f"{len(ROW):x}\r\n".encode() + ROW + b"\r\n0\r\n\r\n")
    assert endpoint.ask_endpoint(address, "SELECT ?s { ?s ?p ?o }") == (ROW, "json")


@pytest.mark.parametrize("missing", [1, 1000, 10_000_000])
def test_an_answer_that_is_shorter_than_announced_is_an_error(serve: Serve, missing: int) -> None:
    address, _ = serve(answer(ROW, length=len(ROW) + missing))
    assert "less than it announced" in failure(address)


def test_chunks_that_break_off_are_an_error(serve: Serve) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    address, _ = serve(head + f"{len(ROW):x}\r\n".encode() + ROW + b"\r\n")
    assert "less than it announced" in failure(address)


def test_a_graph_that_is_cut_after_a_dot_is_an_error(serve: Serve, run: Run, tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e.org/> .\n"
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] ."
    )
    turtle = b"<http://e.org/a> a <http://e.org/C> ; <http://e.org/p> 1 .\n<http://e.org/b> a <http://e.org/C> .\n"
    address, _ = serve(answer(turtle[:60], "text/turtle", length=len(turtle)))
    result = run("validate", "--source", address, "--shapes", shapes)
    assert result.exit_code == 2
    assert "less than it announced" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "slow",
    [answer(ROW * 50), b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50, answer(b"busy " * 50, "text/plain", "500 Sorry")],
    ids=["body", "head", "error"],
)
def test_the_timeout_bounds_the_whole_request_however_it_drips(serve: Serve, slow: bytes) -> None:
    address, _ = serve(slow, pause=0.1, piece=2)
    began = time.monotonic()
    assert "did not answer completely within 0.6 s" in failure(address, timeout=0.6)
    assert time.monotonic() - began < 3


def test_a_server_that_says_nothing_is_an_error_in_time(serve: Serve) -> None:
    address, _ = serve(b"x", pause=5)
    began = time.monotonic()
    failure(address, timeout=0.5)
    assert time.monotonic() - began < 3


def test_a_resolver_that_hangs_is_an_error_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3) or [])
    began = time.monotonic()
    assert "did not answer" in failure("http://slow.example/sparql", timeout=0.3)
    assert time.monotonic() - began < 2


def test_an_answer_larger_than_the_limit_is_an_error(serve: Serve) -> None:
    address, _ = serve(answer(b" " * 5000 + ROW))
    assert "more than 1,000 bytes" in failure(address, limit=1000)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"\r\n",
        b"",
        b"\x00\xff\x1b[31m\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\nContent-Length: many\r\n\r\n{",
    ],
    ids=["other protocol", "status", "long line", "many headers", "empty line", "nothing", "bytes", "chunk", "length"],
)
def test_what_is_not_http_is_one_line(serve: Serve, run: Run, data: bytes) -> None:
    address, _ = serve(data)
    result = run("query", "--source", address, "--text", "SELECT * { ?s ?p ?o }", "--timeout", 5)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert address in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("query", ["SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_a_web_page_is_not_an_answer(serve: Serve, query: str) -> None:
    address, _ = serve(answer(b"<html>Welcome</html>", "text/html; charset=utf-8"))
    assert "answered with text/html, not with" in failure(address, query)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_busy_server_says_when_to_ask_again(serve: Serve, status: str) -> None:
    address, _ = serve(answer(b"<h1>busy</h1>", "text/html", status, more="Retry-After: 120\r\n"))
    told = failure(address)
    assert status in told
    assert "ask again after 120 s" in told


def test_what_a_server_says_of_an_error_is_shown_safely(serve: Serve) -> None:
    address, _ = serve(answer(b"line 1\nbad \x1b]0;x\x07 token", "text/plain", "400 Bad Request"))
    told = failure(address)
    assert "refused the query: line 1 bad" in told
    assert "\x1b" not in told


def test_broken_json_names_the_endpoint(serve: Serve, run: Run) -> None:
    address, _ = serve(answer(ROW[:-3]))
    result = run("query", "--source", address, "--text", "SELECT * { ?s ?p ?o }")
    assert result.exit_code == 2
    assert address in result.stderr


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_on_the_same_host_is_followed_with_the_query(serve: Serve, code: int) -> None:
    address, asked = serve(answer(b"", status=f"{code} Moved", more="Location: /other\r\n"), answer(ROW))
    assert endpoint.ask_endpoint(address, "SELECT ?s { ?s ?p ?o }")[0] == ROW
    assert asked[1].startswith(b"POST /other")
    assert b"SELECT" in asked[1]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(serve: Serve, code: int) -> None:
    other, asked = serve(answer(ROW))
    address, _ = serve(answer(b"", status=f"{code} Moved", more=f"Location: {other}\r\n"))
    assert "redirects to another host" in failure(address)
    assert asked == []


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://[::1", "gopher://x/"])
def test_a_redirect_to_what_is_not_a_web_address_is_not_followed(serve: Serve, target: str) -> None:
    address, _ = serve(answer(b"", status="302 Found", more=f"Location: {target}\r\n"))
    assert "is not a web address" in failure(address)


def test_redirects_in_a_circle_end(serve: Serve) -> None:
    address, asked = serve(answer(b"", status="302 Found", more="Location: /sparql\r\n"))
    assert "redirects more than" in failure(address)
    assert len(asked) < 10


@pytest.mark.parametrize("text", ["DROP ALL", "INSERT DATA { <a:a> <a:b> 1 }", "LOAD <http://x/>", "clear all"])
def test_an_update_is_never_sent(serve: Serve, run: Run, text: str) -> None:
    address, asked = serve(answer(ROW))
    result = run("query", "--source", address, "--text", text)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert asked == []


@pytest.mark.parametrize(
    "address",
    ["http://[::1", "http://[::1]x/", "http://a b/", "http:///x", "http://h:99999/", "http://h:x/", "http://u:p@h/"],
)
def test_an_address_that_is_not_one_is_one_line(run: Run, address: str) -> None:
    result = run("query", "--source", address, "--text", "ASK {}")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "u:p" not in result.stderr


INSIDE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "localhost",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a00:1]",
    "[::7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
]


@pytest.mark.parametrize("host", INSIDE)
def test_a_fetch_does_not_lead_inside_the_network_however_it_is_spelled(tmp_path: Path, run: Run, host: str) -> None:
    document = {"@context": "http://www.w3.org/ns/csvw", "url": f"http://{host}:9/t.csv"}
    (tmp_path / "m.json").write_text(json.dumps(document))
    for source in (tmp_path / "m.json", f"http://{host}:9/t.csv"):
        result = run("csvw", source, "--remote")
        assert result.exit_code == 2
        assert "is an address inside a network" in result.stderr


def test_a_name_that_resolves_inside_is_refused_and_never_connected(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = serve(answer(b"a,b\n"))
    port = int(address.split(":")[2].split("/")[0])
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("1.1.1.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    with pytest.raises(EndpointError, match="inside a network"):
        endpoint.fetch(f"http://public.example:{port}/t.csv")
    assert asked == []


def test_each_redirect_of_a_fetch_is_judged(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    inner, asked = serve(answer(b"secret"))
    address, _ = serve(answer(b"", status="302 Found", more=f"Location: {inner.replace('127.0.0.1', '127.1')}\r\n"))
    judged = connections.is_public
    seen: list[str] = []

    def public_once(ip: str) -> bool:
        seen.append(ip)
        return len(seen) == 1 or judged(ip)

    monkeypatch.setattr(connections, "is_public", public_once)
    with pytest.raises(EndpointError, match="redirects inside a network"):
        endpoint.fetch(address)
    assert asked == []


@pytest.mark.parametrize("ip", ["1.1.1.1", "203.0.114.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_public_addresses_are_public(ip: str) -> None:
    assert connections.is_public(ip)


@pytest.mark.parametrize("status", ["500 Sorry", "403 Forbidden", "503 Busy"])
def test_a_description_that_a_server_fails_to_give_is_not_one_that_is_missing(
    serve: Serve, run: Run, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(connections, "is_public", lambda _: True)
    address, _ = serve(answer(b"a,b\n1,2\n", "text/csv"), answer(b"", status=status))
    result = run("csvw", f"{address}/t.csv", "--remote")
    assert result.exit_code == 2
    assert status[:3] in result.stderr


def test_a_description_that_is_not_there_is_missing(serve: Serve, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "is_public", lambda _: True)
    address, _ = serve(answer(b"a,b\n1,2\n", "text/csv"), answer(b"", status="404 Not Found"), answer(b"a,b\n1,2\n"))
    result = run("csvw", f"{address}/t.csv", "--remote", "-f", "ntriples")
    assert result.exit_code in {0, 2}, result.stderr


def test_link_headers_that_are_repeated_are_one_list(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "is_public", lambda _: True)
    address, _ = serve(answer(b"x", more='Link: <a>; rel="describedby"\r\nLink: <b>; rel="canonical"\r\n'))
    assert endpoint.fetch(address)[1]["link"] == '<a>; rel="describedby", <b>; rel="canonical"'
