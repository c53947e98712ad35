"""Serves a project over HTTP: opens its build, starts what makes its pages, and swaps in what it is built into anew.

1. A process builds the project (or takes its build from the cache) and makes pages (`serve_maker`); once the build can
   be opened, requests are answered.
2. The files of the project are looked at now and then. Where one has changed, another process builds the project,
   validates it and makes its pages, while the former ones are served; then the new ones are, from one request to the
   next. What does not conform or cannot be built is reported in the log, and the former build stays.
3. What a former build holds is given back when the last answer from it has been sent.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from glocal_rdf.cache.folder import Cache
from glocal_rdf.errors import GlocalError, OutputError
from glocal_rdf.operations.cached_build import BuildCache
from glocal_rdf.operations.serve_parts import make_routes
from glocal_rdf.operations.watch import SERVED, read_stamps
from glocal_rdf.serve.http.policy import LOOPBACK, Policy
from glocal_rdf.serve.parts import Limits, Serving, Snapshot
from glocal_rdf.serve.server.front import LOG, Current, Front
from glocal_rdf.serve.server.running import Server, listen, run

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import ASGIApp

    from glocal_rdf.dataset import Build
    from glocal_rdf.operations.serve_source_front import SourceBuilder
    from glocal_rdf.project import Project

__all__ = ["ServerAddress", "serve_project", "serve_source"]

_LOOK: Final = 1.0
"""How many seconds pass between two looks at the files of a project."""

_MAKER: Final = "glocal_rdf.operations.serve_maker:main"
_ANY: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared, not listened at


@dataclass(frozen=True, kw_only=True)
class ServerAddress:
    """Where a server listens, and under which address the world knows it.

    Attributes:
        host: The name or address to listen at.
        port: The port; 0 for any that is free.
        public_url: The public address; empty where it is the one that is listened at.
        base_path: What every path begins with; None for the path of the public address.
        proxied: Whether only a proxy connects, whose `X-Forwarded-*` headers are trusted.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    base_path: str | None = None
    proxied: bool = False

    def make_policy(self) -> Policy:
        """Return whom the server answers.

        Raises:
            OutputError: Where the public address or the base path is not one.
        """
        url = self.public_url and _read_url(self.public_url)
        base = _read_base(urlsplit(url).path if self.base_path is None else self.base_path)
        literal = f"[{self.host}]" if ":" in self.host else self.host.lower()
        local = literal in LOOPBACK
        hosts = {*LOOPBACK, literal} if local or self.host in _ANY else {literal}
        if url:
            name = urlsplit(url).hostname or ""
            hosts.add(f"[{name}]" if ":" in name else name)
        return Policy(
            hosts=frozenset(hosts),
            literals=self.host in _ANY,
            public_url=url,
            base_path=base,
            proxied=self.proxied,
            public=bool(url) or not local,
        )

    def name_base(self, port: int) -> str:
        """Return the address that pages have, ending in `/`.

        Args:
            port: The port that is listened at.
        """
        policy = self.make_policy()
        host = "localhost" if self.host in _ANY else f"[{self.host}]" if ":" in self.host else self.host
        return policy.public_url or f"http://{host}:{port}{policy.base_path}/"


def serve_project(
    project: Project,
    address: ServerAddress,
    *,
    limits: Limits | None = None,
    cache: Cache | None = None,
    documents: Path | None = None,
    watch: bool = True,
    started: Callable[[str, Server], None] = lambda _url, _server: None,
) -> bool:
    """Serve a project over HTTP until the server is stopped.

    Args:
        project: The project.
        address: Where to listen.
        limits: What requests and clients may take.
        cache: Where builds are kept.
        documents: The folder of the documents; by default `documents/` in the project.
        watch: Whether a new build is swapped in when a file of the project is changed.
        started: Called with the address and the server when it is about to answer.

    Returns:
        Whether it was ended by an interrupt.

    Raises:
        OutputError: Where the address is not one, or cannot be listened at.
        GlocalError: Where the project cannot be built.
    """
    policy, bounds = address.make_policy(), limits or Limits()
    with listen(address.host, address.port) as sock:
        url = address.name_base(sock.getsockname()[1])
        builder = _Builder(project, cache, url, documents, bounds)
        opening = partial(_open, builder, policy, bounds, watch)
        return run(opening, sock, bounds, proxied=address.proxied, started=partial(started, url))


def serve_source(
    source: str,
    address: ServerAddress,
    now: datetime,
    *,
    limits: Limits | None = None,
    cache: Cache | None = None,
    space: str | None = None,
    started: Callable[[str, Server], None] = lambda _url, _server: None,
) -> bool:
    """Serve a SPARQL endpoint or a file of RDF over HTTP until the server is stopped.

    Args:
        source: The address of the endpoint, or the name of the file.
        address: Where to listen.
        now: The time in UTC, which an endpoint's data are taken to be changed at.
        limits: What requests and clients may take.
        cache: Where the store of a file is kept.
        space: How the IRIs of the things begin; by default as the store states it, or as most of them do.
        started: Called with the address and the server when it is about to answer.

    Returns:
        Whether it was ended by an interrupt.

    Raises:
        OutputError: Where the address is not one, or cannot be listened at.
        GlocalError: Where the source cannot be opened.
    """
    from glocal_rdf.operations.serve_source_front import SourceBuilder  # noqa: PLC0415 - only for sources

    policy, bounds = address.make_policy(), limits or Limits()
    with listen(address.host, address.port) as sock:
        url = address.name_base(sock.getsockname()[1])
        builder = SourceBuilder(source, cache, url, bounds, now, space)
        opening = partial(_open, builder, policy, bounds, False)
        return run(opening, sock, bounds, proxied=address.proxied, started=partial(started, url))


@dataclass
class _Builder:
    """Makes what is served of a project."""

    project: Project
    cache: Cache | None
    base_url: str
    documents: Path | None
    limits: Limits
    closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self, *, validated: bool) -> Snapshot:
        """Build the project, and return what is served of it.

        Args:
            validated: Whether it is validated, and all of its pages are made first.

        Raises:
            GlocalError: Where it cannot be built, or does not conform.
        """
        from glocal_rdf.operations.build_answers import BuildAnswers  # noqa: PLC0415 - while the process starts
        from glocal_rdf.operations.serve_maker import make_order  # noqa: PLC0415
        from glocal_rdf.operations.serve_sparql import open_store  # noqa: PLC0415
        from glocal_rdf.serve.site.maker import Maker  # noqa: PLC0415
        from glocal_rdf.serve.site.pages import SitePages  # noqa: PLC0415

        order = make_order(
            self.project, cache=self.cache, base_url=self.base_url, documents=self.documents, validated=validated
        )
        maker = Maker(_MAKER, order, LOG.warning)
        try:
            await maker.wait_until_built()
            built = await asyncio.to_thread(_open_build, self.project, self.cache)
            pages = SitePages(maker)
            if validated:
                await pages.prepare()
                await maker.wait_until_done()
            store = await asyncio.to_thread(open_store, built, self.limits)
            store.warm()
            return Snapshot(
                built=built,
                pages=pages,
                answers=BuildAnswers(built, documents=self.documents, timeout=self.limits.timeout),
                store=store,
                version=maker.version,
                modified=maker.modified,
            )
        except BaseException:
            maker.close()
            raise

    def close(self, snapshot: Snapshot) -> None:
        """Give back what a snapshot holds, meanwhile.

        Args:
            snapshot: What nobody is answered from any more.
        """
        task = asyncio.ensure_future(_close(snapshot))
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)


def _open_build(project: Project, cache: Cache | None) -> Build:
    """Open the build, and keep the store that is queried for the next start."""
    builds = BuildCache(cache)
    return builds.keep(builds.open(project), "store")


@asynccontextmanager
async def _open(
    builder: _Builder | SourceBuilder, policy: Policy, limits: Limits, watch: bool
) -> AsyncIterator[ASGIApp]:
    """Open the application, and what runs beside it."""
    watched = builder if watch and isinstance(builder, _Builder) else None
    before = read_stamps(watched.project, parts=SERVED) if watched else None
    snapshot = await builder.open(validated=False)
    current = Current(snapshot, builder.close)
    try:
        front = Front(current, limits, policy)
        serving = Serving(current=current, limits=limits, public=front.find_address, client=front.find_client)
        front.answer_with(_route(serving))
        async with AsyncExitStack() as beside:
            for enter in serving.beside:
                await beside.enter_async_context(enter())
            swapping = asyncio.create_task(_swap(watched, current, before)) if watched else None
            try:
                yield front
            finally:
                if swapping is not None:
                    swapping.cancel()
                    with suppress(asyncio.CancelledError):
                        await swapping
    finally:
        await asyncio.gather(*builder.closing, _close(current()))


def _route(serving: Serving) -> ASGIApp:
    from starlette.routing import Router  # noqa: PLC0415 - of the extra

    return Router(make_routes(serving), redirect_slashes=False)


async def _close(snapshot: Snapshot) -> None:
    await snapshot.store.close()
    await snapshot.pages.close()


async def _swap(builder: _Builder, current: Current, before: object) -> None:
    """Look at the files of the project now and then; where they have changed, serve what they are built into."""
    look = partial(read_stamps, builder.project, parts=SERVED)
    served, last = before, before
    while True:
        await asyncio.sleep(_LOOK)
        now = await asyncio.to_thread(look)
        # A file can be saved in steps: what changed since the last look is left alone until it stays as it is.
        if now == served or now != last:
            last = now
            continue
        LOG.warning("files of the project have changed: building it anew")
        served = now
        begun = time.monotonic()
        try:
            snapshot = await builder.open(validated=True)
        except GlocalError as error:
            for problem in error.problems:
                LOG.error("not served: %s", problem)
            continue
        current.replace(snapshot)
        LOG.warning("the new build is served, after %.1f s", time.monotonic() - begun)


def _read_url(text: str) -> str:
    """Return a public address that ends in `/`.

    Raises:
        OutputError: Where it is not one.
    """
    from glocal_rdf.operations.publish import read_base_url  # noqa: PLC0415 - only where it is given

    return read_base_url(text, "--public-url")


def _read_base(text: str) -> str:
    """Return a base path that begins with `/` and does not end in it; empty for none.

    Raises:
        OutputError: Where it is not one.
    """
    path = text.strip("/")
    if not path:
        return ""
    if not re.fullmatch(r"[\w.~/-]+", path, re.ASCII) or any(part in ("", ".", "..") for part in path.split("/")):
        raise OutputError.at("--base-path", f"{text!r} is not a path", "write /data")
    return f"/{path}"
