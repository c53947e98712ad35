"""Puts a source behind the front of the server: its pages, its answers and its store, as one snapshot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.operations.serve_source import Source, open_source
from glocal_rdf.operations.serve_source_answers import SourceAnswers
from glocal_rdf.operations.serve_source_pages import FIND, SourcePages
from glocal_rdf.operations.serve_source_store import EndpointStore
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.parts import Limits, Snapshot
from glocal_rdf.serve.source import lists
from glocal_rdf.serve.source.asking import Session
from glocal_rdf.serve.source.selecting import read_number
from glocal_rdf.serve.sparql.store import GraphCounts

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.serve.parts import Serving
    from glocal_rdf.serve.sparql.store import Store

__all__ = ["SourceBuilder", "make_routes", "make_snapshot"]

MOST_TEXT: Final = 200


@dataclass
class SourceBuilder:
    """Opens what is served of a source; see `serve.serve_source`.

    Attributes:
        source: The address of an endpoint, or the name of a file.
        cache: Where the store of a file is kept.
        base_url: The public address.
        limits: What requests may take.
        now: The time at which it is opened, in UTC.
        space: How the IRIs of the things begin, where that is given.
        closing: What is being given back.
    """

    source: str
    cache: Cache | None
    base_url: str
    limits: Limits
    now: datetime
    space: str | None = None
    closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self, *, validated: bool) -> Snapshot:  # noqa: ARG002 - a source is served as it is
        """Open the source, and return what is served of it.

        Args:
            validated: Without effect.

        Raises:
            GlocalError: Where it cannot be opened.
        """
        opened = await asyncio.to_thread(open_source, self.source, cache=self.cache, space=self.space)
        try:
            return make_snapshot(opened, self.limits, self.now, self.base_url)
        except BaseException:
            opened.close()
            raise

    def close(self, snapshot: Snapshot) -> None:
        """Give back what a snapshot holds, meanwhile.

        Args:
            snapshot: What nobody is answered from any more.
        """

        async def close() -> None:
            await snapshot.store.close()
            await snapshot.pages.close()

        task = asyncio.ensure_future(close())
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)


def make_snapshot(source: Source, limits: Limits, opened: datetime, base_url: str = "") -> Snapshot:
    """Return what is served of a source.

    Args:
        source: The source.
        limits: What requests may take.
        opened: When it was opened: an endpoint does not say when its data were changed.
        base_url: The public address.
    """
    frame = source.make_frame(base_url)
    prefixes = {**WELL_KNOWN, **source.namespaces}
    modified = opened
    version = f"{opened.timestamp():.0f}"
    if source.stored is not None:
        version = source.stored.digest
        with contextlib.suppress(OSError):
            modified = datetime.fromtimestamp(Path(source.path).stat().st_mtime, UTC)
    return Snapshot(
        built=None,
        pages=SourcePages(frame, source.ask, limits.timeout, source.close),
        answers=SourceAnswers(source, frame, limits.timeout),
        store=_open_store(source, limits, prefixes),
        version=version,
        modified=modified.replace(microsecond=0),
    )


def _open_store(source: Source, limits: Limits, prefixes: dict[str, str]) -> Store:
    if source.stored is None:
        return EndpointStore(source.address, source.ask, source.layout, limits, prefixes)
    from glocal_rdf.serve.sparql.pool import StorePool  # noqa: PLC0415 - only files have processes

    def count() -> Sequence[GraphCounts]:
        session = Session(source.ask, 10 * limits.timeout)
        [(number,)] = session.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        most = lists.MOST_GRAPHS
        named = lists.count_graphs(session, most).items if source.stored and source.stored.graphs else ()
        counted = [GraphCounts(iri=one.term[1:-1], triples=one.number) for one in named]
        return [GraphCounts(iri=None, triples=read_number(number)), *counted]

    stored = source.stored
    graphs = [name for name in stored.graphs if not name.startswith("_:")]
    return StorePool(
        stored.folder,
        stored.forms,
        graphs=graphs,
        prefixes={**prefixes, **stored.prefixes},
        limits=limits,
        count=count,
    )


def make_routes(serving: Serving) -> Sequence[BaseRoute]:
    """Return the routes for searching a source, in each language; a project has a page of its own for that.

    Args:
        serving: What the part is given.
    """
    from starlette.responses import Response  # noqa: PLC0415 - of the extra
    from starlette.routing import Route  # noqa: PLC0415

    async def answer(request: Request) -> Response:
        pages = serving.current().pages
        text = request.query_params.get("q", "")
        if not isinstance(pages, SourcePages):
            raise RefusedError(404, "there is nothing at this address")
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            raise RefusedError(405, "a search is only asked; use GET or HEAD", {"Allow": "GET, HEAD, OPTIONS"})
        if len(text) > MOST_TEXT:
            raise RefusedError(400, f"at most {MOST_TEXT} characters are looked for")
        tag = request.path_params.get("lang", pages.languages[0])
        if tag not in pages.languages:
            raise RefusedError(404, "there is nothing at this address")
        content = await pages.find(text, tag)
        return Response(content, media_type="text/html; charset=utf-8", headers={"cache-control": "no-cache"})

    return [Route(f"/{FIND}.html", answer), Route(f"/{FIND}.{{lang}}.html", answer)]
