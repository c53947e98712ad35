"""What is sent to a server to break it, and what must happen; afterwards it answers as before."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from front_server import Running

HEAD = b"Host: 127.0.0.1\r\nConnection: close\r\n"


def get(target: bytes, more: bytes = b"") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HEAD + more + b"\r\n"


def post(headers: bytes, body: bytes) -> bytes:
    return b"POST /echo HTTP/1.1\r\n" + HEAD + headers + b"\r\n" + body


ATTACKS: dict[str, tuple[bytes, int]] = {
    "a host of somebody else is refused (DNS rebinding)": (
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        403,
    ),
    "no host is refused": (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "two hosts are refused": (get(b"/", b"Host: evil.example\r\n"), 400),
    "a host with user and path is refused": (
        b"GET / HTTP/1.1\r\nHost: a@127.0.0.1/x\r\nConnection: close\r\n\r\n",
        400,
    ),
    "the host of an absolute target counts, not the header": (get(b"http://evil.example/"), 403),
    "an absolute target with a user is refused": (get(b"http://127.0.0.1@evil.example/"), 400),
    "an absolute target of another scheme is refused": (get(b"file:///etc/passwd"), 400),
    "a page of another origin is refused": (get(b"/", b"Origin: https://evil.example\r\n"), 403),
    "the origin null is refused": (get(b"/", b"Origin: null\r\n"), 403),
    "length and chunks at once are refused (smuggling)": (
        post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"),
        400,
    ),
    "chunks and length at once are refused (smuggling)": (
        post(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"0\r\n\r\n"),
        400,
    ),
    "two lengths are refused (smuggling)": (post(b"Content-Length: 4\r\nContent-Length: 5\r\n", b"abcde"), 400),
    "a negative length is refused": (post(b"Content-Length: -1\r\n", b""), 400),
    "a length in hexadecimal is refused": (post(b"Content-Length: 0x10\r\n", b""), 400),
    "a length beyond all numbers is refused": (post(b"Content-Length: 99999999999999999999999\r\n", b""), 400),
    "an unknown transfer coding is refused (smuggling)": (post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), 400),
    "a hidden transfer coding is refused (smuggling)": (post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), 400),
    "a chunk that is too long for its size is refused": (
        post(b"Transfer-Encoding: chunked\r\n", b"2\r\nabcdef\r\n0\r\n\r\n"),
        400,
    ),
    "a folded header is refused": (get(b"/", b"X-A: b\r\n c: d\r\n"), 400),
    "lines that end in LF alone are refused": (b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n", 400),
    "NUL in a header is refused": (get(b"/", b"X-A: a\x00b\r\n"), 400),
    "CR in a header is refused (splitting)": (get(b"/", b"X-A: a\rX-B: b\r\n"), 400),
    "a header without a name is refused": (get(b"/", b": b\r\n"), 400),
    "many headers are refused": (get(b"/", b"".join(b"X-%d: y\r\n" % n for n in range(2000))), 431),
    "a large header is refused": (get(b"/", b"X-A: " + b"a" * 7000 + b"\r\n"), 431),
    "headers without an end are refused": (get(b"/", b"X-A: " + b"a" * 300_000), 431),
    "a long target is refused": (get(b"/" + b"a" * 5000), 414),
    "a target of a megabyte is refused": (get(b"/" + b"a" * 1_000_000), 414),
    "a large body is refused by its length": (post(b"Content-Length: 100000\r\n", b""), 413),
    "a large body is refused by what comes": (
        post(
            b"Transfer-Encoding: chunked\r\n",
            b"1000\r\n" + b"a" * 4096 + b"\r\n" + b"2000\r\n" + b"a" * 8192 + b"\r\n0\r\n\r\n",
        ),
        413,
    ),
    "a compressed body is refused (bomb)": (post(b"Content-Encoding: gzip\r\nContent-Length: 3\r\n", b"abc"), 415),
    "an expectation that is not known is refused": (post(b"Expect: 200-ok\r\nContent-Length: 1\r\n", b"a"), 417),
    "a path upwards is refused": (get(b"/../../etc/passwd"), 400),
    "an encoded path upwards is refused": (get(b"/%2e%2e/%2e%2e/etc/passwd"), 400),
    "a half encoded path upwards is refused": (get(b"/doc/.%2E/.%2e/etc/passwd"), 400),
    "an encoded slash upwards is refused": (get(b"/..%2f..%2fetc%2fpasswd"), 400),
    "a backslash upwards is refused": (get(b"/..%5c..%5cetc%5cpasswd"), 400),
    "a path encoded twice is a name that is not there": (get(b"/%252e%252e/etc/passwd"), 404),
    "a path upwards in overlong UTF-8 is refused": (get(b"/%c0%ae%c0%ae/etc/passwd"), 400),
    "NUL in a path is refused": (get(b"/doc/place/taipei.html%00.ttl"), 400),
    "line ends in a path are refused": (get(b"/doc%0d%0aSet-Cookie:%20a=b"), 400),
    "malformed UTF-8 is refused": (get(b"/doc/%ff%fe"), 400),
    "a surrogate in UTF-8 is refused": (get(b"/doc/%ed%a0%80"), 400),
    "bytes that are not ASCII are refused": (get("/doc/台北".encode()), 400),
    "a percent sign alone is refused": (get(b"/doc/%zz"), 400),
    "an absolute path of the system is not there": (get(b"//etc/passwd"), 404),
    "line ends in an address that is led to are refused": (get(b"/resource?iri=https://x/%0d%0aX-A:b"), 404),
    "TRACE is refused": (b"TRACE / HTTP/1.1\r\n" + HEAD + b"\r\n", 405),
    "CONNECT is refused": (b"CONNECT evil.example:443 HTTP/1.1\r\n" + HEAD + b"\r\n", 400),
    "a method that nobody knows is refused": (b"FROB / HTTP/1.1\r\n" + HEAD + b"\r\n", 400),
    "writing is refused": (b"PUT /doc/place/taipei.html HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\n\r\na", 405),
    "a later version of HTTP is refused": (b"GET / HTTP/2.0\r\n" + HEAD + b"\r\n", 505),
    "what is not HTTP is refused": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 100 + b"\r\n\r\n", 400),
    "many ranges give the whole": (
        get(b"/data/all.ttl.gz", b"Range: bytes=" + b",".join(b"0-9999" for _ in range(500)) + b"\r\n"),
        200,
    ),
    "a range behind the end is refused": (get(b"/data/all.ttl.gz", b"Range: bytes=999999-\r\n"), 416),
    "ten thousand media types are read up to a limit": (get(b"/", b"Accept: " + b"a/b;q=0.1," * 500 + b"*/*\r\n"), 406),
    "an odd quality is passed over": (get(b"/", b"Accept: text/html;q=1e9, */*;q=nan\r\n"), 200),
    "a failure gives no traceback and no path": (get(b"/fail"), 500),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(server: Running, name: str) -> None:
    request, status = ATTACKS[name]
    answer = server.send(request)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == str(status).encode(), (name, answer[:300])
    low = answer.lower()
    for word in (b"traceback", b"secret", b"uvicorn", b"starlette", b"python", b"root:", b"\r\nserver:", b"\r\nx-a:"):
        assert word not in low, (name, answer[:300])
    if status >= 400:
        assert body.count(b"\n") <= 1
    assert server.ask("/health").status == 200


def test_a_request_behind_a_smuggled_one_is_not_answered(server: Running) -> None:
    smuggled = post(b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\nX") + get(
        b"/doc/place/taipei.html"
    )
    assert b"Taipei" not in server.send(smuggled)


def test_pipelined_requests_are_answered_in_order(server: Running) -> None:
    first = b"GET /sleep?for=0.2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = server.send(first + b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + get(b"/data/tables/places.csv"))
    assert answer.count(b"HTTP/1.1 200") == 3
    assert answer.index(b"slept") < answer.index(b"ok\n") < answer.index(b"a,b")


def test_nothing_is_sent_into_the_midst_of_an_answer_before(server: Running) -> None:
    first = b"GET /sleep?for=0.2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = server.send(first + b"this is not HTTP\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"slept")


def test_a_thousand_pipelined_requests_end_the_connection(server: Running) -> None:
    answer = server.send(b"GET /sleep?for=0.1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 1000)
    assert answer.count(b"HTTP/1.1") <= 10
    assert server.ask("/health").status == 200


def test_headers_that_come_slowly_are_not_waited_for(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        begun = time.monotonic()
        found = b""
        sock.settimeout(0.05)
        for byte in b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + b"a" * 100:
            try:
                sock.sendall(bytes([byte]))
                if part := sock.recv(4096):
                    found += part
                else:
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        assert time.monotonic() - begun < 2
    assert b" 408 " in found.partition(b"\r\n")[0]


def test_connections_that_send_nothing_are_ended(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        assert sock.recv(10) == b""


def test_a_body_that_comes_slowly_is_not_waited_for(server: Running) -> None:
    begun = time.monotonic()
    answer = server.send(post(b"Content-Length: 100\r\n", b"a"))
    assert b" 408 " in answer.partition(b"\r\n")[0]
    assert time.monotonic() - begun < 2


def test_one_client_cannot_take_all_places(server: Running) -> None:
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: server.ask("/sleep?for=0.5"), range(12)))
    refused = [answer for answer in statuses if answer.status == 429]
    assert sorted({answer.status for answer in statuses}) == [200, 429]
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    assert sum(answer.status == 200 for answer in statuses) >= 4


def test_one_client_cannot_take_all_connections(server: Running) -> None:
    opened = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(10)]
    try:
        assert b" 503 " in server.send(get(b"/health")).partition(b"\r\n")[0]
    finally:
        for sock in opened:
            sock.close()
    time.sleep(0.1)
    assert server.ask("/health").status == 200


def test_a_client_that_reads_nothing_holds_nobody_up(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(get(b"/fill"))
        time.sleep(0.1)
        assert server.ask("/data/tables/places.csv").status == 200


def test_an_answer_that_fails_in_its_midst_is_not_taken_for_whole(server: Running) -> None:
    answer = server.send(get(b"/break"))
    assert b"first" in answer
    assert not answer.endswith(b"0\r\n\r\n")


def test_the_log_has_no_query_no_address_and_no_path_that_is_not_there(server: Running) -> None:
    server.ask("/sleep?for=0&name=somebody")
    server.ask("/somebody@example.org")
    assert server.ask("/fail").status == 500
    text = "\n".join(server.lines)
    assert "somebody" not in text
    assert "127.0.0.1" not in text
    assert "GET /sleep 200" in text
    assert "ValueError" in text
