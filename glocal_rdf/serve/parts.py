"""What every part of the server is given once, when the server starts: what is served, and the limits.

A part is a function from `Serving` to routes. It takes `Serving.current()` once for each request, so that one answer
never mixes two builds: while a request is answered, the snapshot that it took stays open.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

    from glocal_rdf.dataset import Build
    from glocal_rdf.serve.api.answers import Answers
    from glocal_rdf.serve.http.pages import Pages
    from glocal_rdf.serve.sparql.store import Store

__all__ = ["Limits", "Serving", "Snapshot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request and one client may take.

    Attributes:
        timeout: The seconds that one query, or any other answer that is computed, may take.
        concurrency: How many queries are evaluated at once; one client has all but one of these places.
        waiting: How many requests wait for a place, those of all clients together; further ones are refused (503).
        share: How many requests of one client are answered or wait at once; further ones are refused (429).
        rows: How many rows an answer may have.
        answer_bytes: How many bytes an answer to a query may have.
        worker_memory: How many bytes of memory a process that evaluates queries may take.
        request_bytes: How many bytes the body of a request may have (413).
        url_bytes: How many bytes the target of a request may have (414).
        header_bytes: How many bytes the headers of a request may have, with the target (431).
        header_seconds: How long a client may take to send the headers of a request.
        body_seconds: How long a client may take to send the body of a request (408).
        idle_seconds: How long a connection may stay open without a request.
        connections: How many connections there may be at once.
    """

    timeout: float = 20.0
    concurrency: int = 3
    waiting: int = 64
    share: int = 16
    rows: int = 100_000
    answer_bytes: int = 256 << 20
    worker_memory: int = 1 << 30
    request_bytes: int = 1 << 20
    url_bytes: int = 8 << 10
    header_bytes: int = 32 << 10
    header_seconds: float = 10.0
    body_seconds: float = 20.0
    idle_seconds: float = 15.0
    connections: int = 1_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """What is served at one time: a build, or a source, with what answers for it.

    Attributes:
        built: The build; None where a source is served.
        pages: The pages and the data beside them.
        answers: What the API, the reconciliation service and MCP ask.
        store: What SPARQL is asked.
        version: What tells this state of the data from all others, for entity tags: letters and digits.
        modified: When the data were last changed, in UTC.
    """

    built: Build | None
    pages: Pages
    answers: Answers
    store: Store
    version: str
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What a part is given once, when the server starts.

    Attributes:
        current: Returns what is served now: within a request always the same, which is not closed before the answer
            has been sent. It is to be called once a request.
        limits: The limits.
        public: Returns the public address of the server for a request, ending in `/`: that of `--public-url`, or else
            what the client asked for, with the base path, and as a proxy forwards it where proxies are trusted.
        client: Returns what tells the client of a request from others, for fairness: an opaque text that is kept in
            memory alone and written nowhere.
        beside: Contexts that are entered before the first request and left after the last one; a part appends what it
            needs to its routes.
    """

    current: Callable[[], Snapshot]
    limits: Limits
    public: Callable[[Request], str]
    client: Callable[[Request], str]
    beside: list[Callable[[], AbstractAsyncContextManager[object]]] = field(default_factory=list)
