"""Pages and data over HTTP: negotiation, where things lead, conditions, ranges, codings, and addresses."""

from __future__ import annotations

import gzip
from urllib.parse import quote

import brotli
import pytest
import zstandard
from front_server import FILES, PAGE, Running, make_snapshot

TAIPEI = "/doc/place/taipei"


@pytest.mark.parametrize(
    ("accept", "language", "ending"),
    [
        (None, None, "html"),
        ("*/*", None, "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "zh-TW,zh;q=0.9,en;q=0.5", "zh-Hant.html"),
        ("text/html", "fr, en;q=0.1", "html"),
        ("text/html", "zh-Hant;q=0", "html"),
        ("text/turtle", None, "ttl"),
        ("text/turtle;q=0.5, text/html;q=0.4", None, "ttl"),
        ("text/turtle;q=0.4, text/html;q=0.5", None, "html"),
        ("application/n-triples, */*;q=0.1", "zh-Hant", "nt"),
        ("application/trig", None, "ttl"),
        ("application/n-quads", None, "nt"),
        ("text/html;q=0, */*", None, "ttl"),
        ("application/ld+json, text/turtle;q=0.5", None, "ttl"),  # its format cannot hold this graph
    ],
)
def test_a_page_is_sent_as_it_is_asked_for(
    server: Running, accept: str | None, language: str | None, ending: str
) -> None:
    asked = {name: value for name, value in (("Accept", accept), ("Accept_Language", language)) if value}
    page = server.ask(TAIPEI, **asked)
    assert (page.status, page.body) == (200, FILES[f"doc/place/taipei.{ending}"])
    assert page.headers["content-location"] == f"http://127.0.0.1:{server.port}{TAIPEI}.{ending}"
    assert page.headers["vary"].startswith("Accept, Accept-Language")
    thing = server.ask("/id/place/taipei", **asked)
    assert (thing.status, thing.headers["location"]) == (303, page.headers["content-location"])
    assert thing.headers["vary"] == "Accept, Accept-Language"


def test_the_media_type_is_the_one_that_was_asked_for(server: Running) -> None:
    assert server.ask(TAIPEI, Accept="application/trig").headers["content-type"] == "application/trig"
    assert server.ask(f"{TAIPEI}.ttl").headers["content-type"] == "text/turtle; charset=utf-8"


def test_what_cannot_be_sent_is_406_with_what_there_is(server: Running) -> None:
    answer = server.ask(TAIPEI, Accept="image/png, application/pdf;q=0.5")
    assert answer.status == 406
    assert b"text/html, text/turtle, application/n-triples\n" in answer.body
    assert server.ask("/data/tables/places", Accept="text/html").status == 406
    assert server.ask("/data/tables/places", Accept="text/csv").body == b"a,b\r\n1,2\r\n"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/place/taipei", "/doc/place/taipei.html"),
        ("/id/place/taipei.ttl", "/doc/place/taipei.ttl"),
        ("/id/place/台北", "/doc/place/%E5%8F%B0%E5%8C%97.html"),
        ("/id/claim/1", "/doc/place/taipei.html#claim-1"),
        ("/ontology", "/ontology/index.html"),
        ("/resource?iri=https%3A%2F%2Fw3id.example%2Fset%2Fid%2Fplace%2Ftaipei", "/doc/place/taipei.html"),
    ],
)
def test_a_thing_leads_to_its_document(server: Running, path: str, location: str) -> None:
    answer = server.ask(quote(path, safe="/?=&%"))
    assert (answer.status, answer.headers["location"]) == (303, f"http://127.0.0.1:{server.port}{location}")


def test_what_was_renamed_leads_on_and_what_was_withdrawn_is_gone(server: Running) -> None:
    moved = server.ask("/id/place/taihoku")
    assert (moved.status, moved.headers["location"]) == (301, f"http://127.0.0.1:{server.port}/id/place/taipei")
    for path in ("/id/place/old", "/doc/place/old", "/doc/place/old.html"):
        assert server.ask(path).status == 410


def test_what_is_not_there_is_a_page_for_people_and_a_line_for_programs(server: Running) -> None:
    page = server.ask("/nothing", Accept="text/html")
    assert (page.status, page.body) == (404, FILES["404.html"])
    assert server.ask("/nothing").body == b"there is nothing at this address\n"
    problem = server.ask("/nothing", Accept="application/json")
    assert problem.headers["content-type"] == "application/problem+json"
    assert b'"status": 404' in problem.body


def test_folders_and_the_first_page(server: Running) -> None:
    assert server.ask("/", Accept_Language="zh-Hant").body == FILES["index.zh-Hant.html"]
    folder = server.ask("/data")
    assert (folder.status, folder.headers["location"]) == (308, f"http://127.0.0.1:{server.port}/data/")
    assert server.ask("/data/").body == FILES["data/index.html"]
    assert server.ask("/.well-known/void").headers["content-type"] == "text/turtle; charset=utf-8"


def test_who_has_it_already_gets_304(server: Running) -> None:
    first = server.ask(f"{TAIPEI}.html")
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    for asked in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": modified},
    ):
        again = server.ask(f"{TAIPEI}.html", **asked)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert modified == "Fri, 02 Jan 2026 03:04:05 GMT"
    for asked in (
        {"If_None_Match": '"other"'},
        {"If_Modified_Since": "Thu, 01 Jan 2026 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
        {"If_None_Match": '"other"', "If_Modified_Since": modified},
    ):
        assert server.ask(f"{TAIPEI}.html", **asked).status == 200


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=0.5, br", "br"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("*", "zstd"),
        ("identity;q=1, gzip;q=0.5", ""),
        ("deflate", ""),
    ],
)
def test_a_coding_is_chosen(server: Running, accept: str, coding: str) -> None:
    answer = server.ask(f"{TAIPEI}.html", Accept_Encoding=accept)
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.decompress, "": bytes}
    assert answer.headers.get("content-encoding", "") == coding
    assert unpack[coding](answer.body) == PAGE
    assert "Accept-Encoding" in answer.headers["vary"]
    assert (answer.headers["etag"] != server.ask(f"{TAIPEI}.html").headers["etag"]) == bool(coding)
    assert server.ask(f"{TAIPEI}.html", If_None_Match=answer.headers["etag"], Accept_Encoding=accept).status == 304


def test_what_is_packed_or_small_is_sent_as_it_is(server: Running) -> None:
    for path in ("/data/all.ttl.gz", "/data/tables/places.csv"):
        assert "content-encoding" not in server.ask(path, Accept_Encoding="gzip").headers


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=10000-99999", 206, slice(10000, None)),
        ("bytes=20000-", 416, slice(0, 0)),
        ("bytes=0-1,3-4", 200, slice(None)),
        ("bytes=5-1", 200, slice(None)),
        ("pages=1-2", 200, slice(None)),
    ],
)
def test_ranges(server: Running, asked: str, status: int, part: slice) -> None:
    whole = FILES["data/all.ttl.gz"]
    answer = server.ask("/data/all.ttl.gz", Range=asked)
    assert (answer.status, answer.body) == (status, whole[part])
    other = server.ask("/data/all.ttl.gz", Range=asked, If_Range='"other"')
    assert (other.status, other.body) == (200, whole)


def test_head_is_get_without_a_body(server: Running) -> None:
    for path in (TAIPEI, "/id/place/taipei", "/nothing", "/stream", "/health"):
        get, head = server.ask(path), server.ask(path, "HEAD")
        assert (head.status, head.body) == (get.status, b"")
        assert set(get.headers) - {"transfer-encoding"} == set(head.headers) - {"transfer-encoding"}, path


def test_a_body_in_parts_is_packed_as_it_comes(server: Running) -> None:
    plain, packed = server.ask("/stream"), server.ask("/stream", Accept_Encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain.body.endswith(b"49,")


def test_headers_that_protect_are_on_every_answer(server: Running) -> None:
    for path in (TAIPEI, "/nothing", "/fail", "/refuse", "/assets/worker.js", "/assets/icon.svg"):
        headers = server.ask(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers
    assert "'wasm-unsafe-eval'" in server.ask("/assets/worker.js").headers["content-security-policy"]
    assert "sandbox" in server.ask("/assets/icon.svg").headers["content-security-policy"]


def test_links_lead_to_the_thing_and_to_other_formats(server: Running) -> None:
    link = server.ask(f"{TAIPEI}.ttl").headers["link"]
    home = f"http://127.0.0.1:{server.port}"
    assert '<https://w3id.example/set/id/place/taipei>; rel="describes"' in link
    assert f'<{home}/doc/place/taipei.nt>; rel="alternate"; type="application/n-triples"' in link
    assert f'<{home}/doc/place/taipei.zh-Hant.html>; rel="alternate"; type="text/html"; hreflang="zh-Hant"' in link
    assert ".ttl" not in link
    assert ".rdf" not in link


def test_methods(server: Running) -> None:
    options = server.ask(TAIPEI, "OPTIONS")
    assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    post = server.ask(TAIPEI, "POST", b"a")
    assert (post.status, post.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert server.ask("/echo", "POST", b"a" * 5000).body == b"5000"
    assert server.ask("/refuse").headers["retry-after"] == "7"


def test_what_never_changes_is_kept_for_good(server: Running) -> None:
    assert "immutable" in server.ask("/releases/1.0/all.nt").headers["cache-control"]
    assert server.ask(TAIPEI).headers["cache-control"] == "no-cache"


def test_only_a_public_server_is_read_from_other_origins(server: Running, public: Running) -> None:
    origin = "https://elsewhere.example"
    assert "access-control-allow-origin" not in server.ask(TAIPEI, Origin=f"http://127.0.0.1:{server.port}").headers
    answer = public.ask(f"/set{TAIPEI}", Origin=origin)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    preflight = public.ask(f"/set{TAIPEI}", "OPTIONS", Origin=origin, Access_Control_Request_Method="POST")
    assert (preflight.status, "POST" in preflight.headers["access-control-allow-methods"]) == (204, True)


def test_the_address_is_the_public_one_behind_a_proxy(public: Running) -> None:
    answer = public.ask("/set/id/place/taipei", Host="127.0.0.1:1", X_Forwarded_For="192.0.2.7, 192.0.2.8")
    assert answer.headers["location"] == "https://data.example.org/set/doc/place/taipei.html"
    assert public.ask("/set").headers["location"] == "/set/"
    assert public.ask("/id/place/taipei").status == 404
    assert public.ask("/set/", X_Forwarded_Host="evil.example").status == 403
    assert "192.0.2" not in "".join(public.lines)


def test_another_snapshot_is_served_from_the_next_request_on(public: Running) -> None:
    former = public.current()
    with public.current.hold():
        public.current.replace(make_snapshot({**FILES, "new.html": b"new"}))
        assert public.ask("/set/new").body == b"new"
        assert public.closed == []
    assert public.closed == [former]
