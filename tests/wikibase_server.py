"""A Wikibase on loopback, with its services, in the true formats; it can fail in all the ways that real ones do.

It records each request, so that tests assert what went over the wire. Entities are in the JSON of the action API; the
other forms are made from it. What fails is queued with `fail`, and happens to the next requests in that order.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from glocal_rdf.wikidata.access.client import Client

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
"""The time of the clients in tests."""

MakeClient = Callable[..., Client]
JSON = "application/json; charset=utf-8"
RESULTS = "application/sparql-results+json"
PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to the hotel</body></html>"
FAILURES = (
    "429", "503", "500", "403", "404", "maxlag", "ratelimited", "error", "newer-error", "truncated", "cut", "html",
    "page-as-json", "slow", "elsewhere", "internal", "metadata-service", "loop", "not-json", "array", "empty", "nan",
    "deep", "bomb", "bad-gzip", "not-utf8", "null",
)  # fmt: skip


@dataclass
class Received:
    """A request: its method, path, query, form and headers (names in lower case)."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Wikibase:
    """What the server has, how it fails, and what it was asked."""

    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    failures: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    origin: str = ""
    sparql: Callable[[str], Mapping[str, Any]] | None = None
    reconcile: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    route: str = "reconcile"

    @property
    def api(self) -> str:
        """The action API."""
        return f"{self.origin}/w/api.php"

    @property
    def rest(self) -> str:
        """The REST API."""
        return f"{self.origin}/w/rest.php/wikibase/v1"

    @property
    def endpoint(self) -> str:
        """The SPARQL endpoint."""
        return f"{self.origin}/sparql"

    @property
    def service(self) -> str:
        """The reconciliation service."""
        return f"{self.origin}/en/api"

    def add(self, *entities: dict[str, Any]) -> None:
        """Add entities in the JSON of the action API."""
        self.entities |= {entity["id"]: entity for entity in entities}

    def fail(self, kind: str, times: int = 1, **options: Any) -> None:
        """Let the next requests fail."""
        assert kind in FAILURES, kind
        self.failures += [(kind, options)] * times


@contextmanager
def serve_wikibase(entities: Iterable[dict[str, Any]] = ()) -> Iterator[Wikibase]:
    """Serve a Wikibase on loopback while the context lasts."""
    wikibase = Wikibase()
    wikibase.add(*entities)

    class Handler(_Handler):
        held = wikibase

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    wikibase.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield wikibase
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    held: Wikibase
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.answer("GET", b"")

    def do_POST(self) -> None:
        self.answer("POST", self.rfile.read(int(self.headers.get("content-length", 0))))

    def answer(self, method: str, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(method, parts.path, query, form, headers, body)
        self.held.received.append(received)
        if self.held.failures:
            kind, options = self.held.failures.pop(0)
            self.fail(kind, received, **options)
            return
        self.route(received)

    def route(self, received: Received) -> None:
        path = received.path
        if path == "/w/api.php":
            self.send(self.act({**received.query, **received.form}))
        elif path.startswith("/w/rest.php/wikibase/v1/entities/"):
            self.rest(path.rpartition("/")[2], received)
        elif path.startswith("/wiki/Special:EntityData/"):
            self.entity_data(path.rpartition("/")[2].partition(".")[0])
        elif path == "/sparql":
            assert self.held.sparql is not None
            self.send(self.held.sparql(received.form["query"]), RESULTS)
        elif path.endswith("/api"):
            self.reconcile(received)
        elif path.endswith(("/api/reconcile", "/api/match")) and path.rpartition("/")[2] == self.held.route:
            assert self.held.reconcile is not None
            assert received.headers["content-type"] == "application/json"
            self.send(self.held.reconcile(json.loads(received.body)))
        else:
            self.send({"code": "not-found"}, status=404)

    def act(self, asked: Mapping[str, str]) -> Any:
        assert asked["format"] == "json"
        if asked["action"] == "wbgetentities":
            ids = asked["ids"].split("|")
            if len(ids) > 50:
                what = 'Too many values supplied for parameter "ids". The limit is 50.'
                return {"error": {"code": "toomanyvalues", "info": what, "limit": 50}, "servedby": "mw1"}
            if strange := [one for one in ids if int(one[1:]) > 2_147_483_647]:
                info = f'Could not find an entity with the ID "{strange[0]}".'
                return {"error": {"code": "no-such-entity", "info": info, "id": strange[0]}, "servedby": "mw1"}
            return {"entities": {one: self.entity(one) for one in ids}, "success": 1}
        if asked["action"] == "wbsearchentities":
            return {"searchinfo": {"search": asked["search"]}, "search": list(self.search(asked)), "success": 1}
        if asked["action"] == "query" and asked["list"] == "search":
            number, _, text = asked["srsearch"].removeprefix('haswbstatement:"').removesuffix('"').partition("=")
            hits = [
                {"ns": 0, "title": key}
                for key, entity in self.held.entities.items()
                for one in entity.get("claims", {}).get(number, ())
                if one["mainsnak"].get("datavalue", {}).get("value") == text
            ]
            return {"batchcomplete": "", "query": {"searchinfo": {"totalhits": len(hits)}, "search": hits}}
        return {"error": {"code": "badvalue", "info": f'Unrecognized value for parameter "action": {asked["action"]}.'}}

    def entity(self, asked: str) -> dict[str, Any]:
        if target := self.held.redirects.get(asked):
            return {**self.held.entities[target], "redirects": {"from": asked, "to": target}}
        return self.held.entities.get(asked, {"id": asked, "missing": ""})

    def search(self, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        text, lang = asked["search"].casefold(), asked["language"]
        for number, entity in self.held.entities.items():
            label = entity.get("labels", {}).get(lang, {}).get("value", "")
            names = [label, *(one["value"] for one in entity.get("aliases", {}).get(lang, ()))]
            hit = next((name for name in names if name and name.casefold().startswith(text)), None)
            if hit is not None:
                kind = "label" if hit == label else "alias"
                yield {
                    "id": number, "title": number, "repository": "wikidata", "concepturi": f"http://www.wikidata.org/entity/{number}",
                    "label": label, "description": entity.get("descriptions", {}).get(lang, {}).get("value", ""),
                    "match": {"type": kind, "language": lang, "text": hit},
                }  # fmt: skip

    def rest(self, asked: str, received: Received) -> None:
        if target := self.held.redirects.get(asked):
            location = f"{self.held.rest}/entities/items/{target}"
            self.send_raw(308, b"", {"Location": location})
            return
        entity = self.held.entities.get(asked)
        if entity is None:
            record = {
                "code": "resource-not-found",
                "message": "The requested resource does not exist",
                "context": {"resource_type": "item"},
            }
            self.send(record, status=404)
            return
        etag = f'"{entity.get("lastrevid", 1)}"'
        if received.headers.get("if-none-match") == etag:
            self.send_raw(304, b"", {"ETag": etag})
            return
        self.send(as_rest(entity), headers={"ETag": etag, "Last-Modified": "Tue, 01 Jan 2025 00:00:00 GMT"})

    def entity_data(self, asked: str) -> None:
        found = self.held.redirects.get(asked, asked)
        if found not in self.held.entities:
            self.send_raw(404, PAGE.encode(), {"Content-Type": "text/html"})
            return
        self.send({"entities": {found: self.held.entities[found]}})

    def reconcile(self, received: Received) -> None:
        if "queries" in received.form:
            assert self.held.reconcile is not None
            self.send(self.held.reconcile(json.loads(received.form["queries"])))
        elif not received.form:
            self.send(self.held.manifest)
        else:
            self.send({"status": "error", "message": "not supported"}, status=400)

    def fail(self, kind: str, received: Received, **options: Any) -> None:
        headers = {"Retry-After": str(options["after"])} if "after" in options else {}
        if kind in {"429", "500", "503", "403", "404"}:
            page = b"<html><title>Error</title>Our servers are currently under maintenance</html>"
            self.send_raw(int(kind), page, {"Content-Type": "text/html", **headers})
        elif kind == "maxlag":
            info = "Waiting for 10.64.48.35: 5.3 seconds lagged."
            error = {"code": "maxlag", "info": info, "host": "10.64.48.35", "lag": 5.3, "type": "db", "*": "See …"}
            self.send({"error": error, "servedby": "mw1"}, headers={"X-Database-Lag": "5", **headers})
        elif kind in {"ratelimited", "error"}:
            code = "ratelimited" if kind == "ratelimited" else "badvalue"
            self.send({"error": {"code": code, "info": "You've exceeded your rate limit."}, "servedby": "mw1"})
        elif kind == "newer-error":
            self.send({"errors": [{"code": "readonly", "text": "The wiki is currently in read-only mode."}]})
        elif kind == "truncated":
            data = json.dumps({"entities": {"Q1": {"labels": {"en": {"value": "x" * 100}}}}}).encode()
            self.send_raw(200, data[: options.get("at", 60)], {"Content-Type": JSON})
        elif kind == "cut":
            self.close_connection = True
            self.send_raw(200, b'{"entities":{', {"Content-Type": JSON}, announced=500)
        elif kind == "html":
            self.send_raw(200, PAGE.encode(), {"Content-Type": "text/html"})
        elif kind == "page-as-json":
            self.send_raw(200, PAGE.encode(), {"Content-Type": JSON})
        elif kind == "slow":
            time.sleep(options.get("seconds", 2))
            self.close_connection = True
            self.route(received)
        elif kind in {"elsewhere", "internal", "metadata-service", "loop"}:
            port = int(self.held.origin.rpartition(":")[2])
            locations = {
                "elsewhere": "https://example.org/w/api.php",
                "internal": f"http://localhost:{port}/w/api.php",
                "metadata-service": "http://169.254.169.254/latest/meta-data/",
                "loop": received.path,
            }
            self.send_raw(307, b"", {"Location": locations[kind]})
        elif kind in {"bomb", "bad-gzip"}:
            data = gzip.compress(b" " * (66 << 20), 1) if kind == "bomb" else b"\x1f\x8bnothing"
            self.send_raw(200, data, {"Content-Type": JSON, "Content-Encoding": "gzip"})
        else:
            bodies = {
                "not-json": b"wait a moment", "array": b"[]", "empty": b"", "nan": b'{"entities": NaN}',
                "deep": b"[" * 100_000, "not-utf8": b'{"a": "\xff"}', "null": b"null",
            }  # fmt: skip
            self.send_raw(200, bodies[kind], {"Content-Type": JSON})

    def send(self, record: Any, kind: str = JSON, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        data, more = json.dumps(record).encode(), {"Content-Type": kind, **(headers or {})}
        if "gzip" in self.headers.get("accept-encoding", ""):
            data, more["Content-Encoding"] = gzip.compress(data), "gzip"
        self.send_raw(status, data, more)

    def send_raw(self, status: int, data: bytes, headers: Mapping[str, str], announced: int | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data) if announced is None else announced))
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # the client went away, as it should
            self.close_connection = True


def as_rest(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Write an entity as the REST API (v1) does."""
    record: dict[str, Any] = {"id": entity["id"], "type": entity["type"]}
    for part in ("labels", "descriptions"):
        record[part] = {lang: one["value"] for lang, one in entity.get(part, {}).items()}
    record["aliases"] = {lang: [one["value"] for one in many] for lang, many in entity.get("aliases", {}).items()}
    record["statements"] = {
        number: [_statement_as_rest(one) for one in many] for number, many in entity.get("claims", {}).items()
    }
    if "datatype" in entity:
        record["data_type"] = entity["datatype"]
    return record


def _statement_as_rest(statement: Mapping[str, Any]) -> dict[str, Any]:
    record = {"id": statement["id"], "rank": statement["rank"], **_snak_as_rest(statement["mainsnak"])}
    qualifiers = statement.get("qualifiers", {})
    record["qualifiers"] = [_snak_as_rest(snak) for many in qualifiers.values() for snak in many]
    record["references"] = [
        {"hash": one["hash"], "parts": [_snak_as_rest(snak) for many in one["snaks"].values() for snak in many]}
        for one in statement.get("references", ())
    ]
    return record


def _snak_as_rest(snak: Mapping[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {"property": {"id": snak["property"], "data_type": snak.get("datatype", "string")}}
    if snak["snaktype"] != "value":
        return record | {"value": {"type": snak["snaktype"]}}
    value = snak["datavalue"]["value"]
    if snak["datavalue"]["type"] == "wikibase-entityid":
        content: Any = value["id"]
    elif snak["datavalue"]["type"] == "time":
        content = {key: value[key] for key in ("time", "precision", "calendarmodel")}
    elif snak["datavalue"]["type"] == "quantity":
        content = {key: value[key] for key in ("amount", "unit")}
    elif snak["datavalue"]["type"] == "globecoordinate":
        content = {key: value[key] for key in ("latitude", "longitude", "precision", "globe")}
    else:
        content = value
    return record | {"value": {"type": "value", "content": content}}
