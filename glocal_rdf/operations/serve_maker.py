"""Makes the pages of a project for a server, in a process of its own: the same files that `publish` writes.

This is a program, started by `glocal_rdf.serve.site.maker`: what it is asked comes from stdin, what it makes goes to
stdout (`glocal_rdf.serve.site.messages`). One thread makes the whole site, part by part; another makes the pages that
are asked for, and the former waits meanwhile. Parts whose files are only made together come first. The process ends
when its stdin does.
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.cache.folder import Cache
from glocal_rdf.errors import GlocalError, OutputError
from glocal_rdf.operations.cached_build import BuildCache
from glocal_rdf.operations.publish import contribute_parts, make_site
from glocal_rdf.operations.publish_moved import find_gone
from glocal_rdf.operations.watch import SERVED, read_stamps
from glocal_rdf.project import Project
from glocal_rdf.publish.hosting.routes import find_routes
from glocal_rdf.publish.pages.incoming import FOLDER as LISTS
from glocal_rdf.publish.site import File, Site
from glocal_rdf.serve.site.messages import pack_message, read_messages
from glocal_rdf.triples.formats.registry import find_format

if TYPE_CHECKING:
    from glocal_rdf.dataset import Build

__all__ = ["main", "make_order"]

_ENDPOINT: Final = "sparql"
"""Where the page for SPARQL asks."""

_FIRST: Final = 1.0
"""The seconds that are left to whoever has waited for the start: a page by itself is made sooner than beside others."""

_AT_ONCE: Final = 16
"""How many pages are made at once that are asked for."""

_MAX_PROBLEMS: Final = 20


def make_order(
    project: Project, *, cache: Cache | None, base_url: str, documents: Path | None, validated: bool
) -> dict[str, Any]:
    """Return what the process is given.

    Args:
        project: The project.
        cache: Where builds are kept.
        base_url: The public address of the server.
        documents: The folder of the documents.
        validated: Whether the graph is validated first, and refused where it does not conform.
    """
    return {
        "root": str(project.root),
        "cache": str(cache.folder) if cache else "",
        "base_url": base_url,
        "documents": str(documents) if documents else "",
        "validated": validated,
    }


def main(order: str) -> None:
    """Make pages until stdin ends.

    Args:
        order: What `make_order` returned, as JSON.
    """
    given = json.loads(order)
    outlet = _Outlet(os.dup(1))
    os.dup2(2, 1)  # Whatever prints must not get among the messages.
    wanted: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    state = _State()
    threading.Thread(target=_listen, args=(wanted, state), daemon=True).start()
    try:
        site = _open_site(given, outlet)
    except GlocalError as error:
        problems = [asdict(problem) for problem in error.problems[:_MAX_PROBLEMS]]
        outlet.send({"do": "refused", "problems": problems})
        return
    outlet.send({"do": "plan", **_describe(site)})
    threading.Thread(target=_answer, args=(site, outlet, wanted, state), daemon=True).start()
    time.sleep(_FIRST)
    for together in (True, False):
        for file in _list_files(site, together=together):
            state.idle.wait()
            if state.stopped:
                state.ended.wait()
                return
            outlet.send_file(file)
        outlet.send({"do": "together" if together else "done"})


class _State:
    """What the threads know of each other."""

    def __init__(self) -> None:
        self.idle = threading.Event()
        self.idle.set()
        self.ended = threading.Event()
        self.stopped = False


class _Outlet:
    """Sends messages, those of several threads one after the other."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._lock = threading.Lock()

    def send(self, head: Mapping[str, Any], content: bytes = b"") -> None:
        view = memoryview(pack_message(head, content))
        with self._lock:
            while view:
                view = view[os.write(self._number, view) :]

    def send_file(self, file: File) -> None:
        content = file.content if isinstance(file.content, bytes) else b"".join(file.content)
        etag = hashlib.blake2b(content, digest_size=12).hexdigest()
        self.send({"do": "file", "path": file.path, "etag": etag}, content)


def _listen(wanted: queue.SimpleQueue[str | None], state: _State) -> None:
    """Take what is asked, and end the process when nobody asks any more."""
    for head, _ in read_messages(sys.stdin.buffer.read):
        if head["do"] == "stop":
            state.stopped = True
        else:
            state.idle.clear()
            wanted.put(head["page"])
    state.ended.set()
    os.kill(os.getpid(), 9)  # Nothing of it is worth waiting for: it holds nothing but memory.


def _answer(site: Site, outlet: _Outlet, wanted: queue.SimpleQueue[str | None], state: _State) -> None:
    """Make the pages that are asked for."""
    while (page := wanted.get()) is not None:
        pages = [page]
        with suppress(queue.Empty):  # Several at once cost hardly more than one.
            while len(pages) < _AT_ONCE and (another := wanted.get_nowait()) is not None:
                pages.append(another)
        try:
            for part in site.contributions.values():
                for file in part.make(site, pages) if part.make else ():
                    outlet.send_file(file)
        except GlocalError as error:
            outlet.send({"do": "note", "line": f"{pages[0]}: {error}"})
        for one in pages:
            outlet.send({"do": "asked", "page": one, "known": one in site.topics})
        if wanted.empty():
            state.idle.set()


def _open_site(given: Mapping[str, Any], outlet: _Outlet) -> Site:
    """Build the project, and put its site together.

    Raises:
        GlocalError: Where it cannot be built, does not conform, or the site cannot be made.
    """
    project = Project.open(Path(given["root"]))
    builds = BuildCache(Cache.open(Path(given["cache"])) if given["cache"] else None)
    built = builds.open(project)
    _ = built.with_ontology
    if given["validated"]:
        _check(built)
    built = builds.keep(built, "cells", "store")
    version, modified = _date(built)
    outlet.send({"do": "built", "version": version, "modified": modified})
    documents = Path(given["documents"]) if given["documents"] else None
    site = make_site(built, base_url=given["base_url"], documents=documents)
    return contribute_parts(replace(site, endpoint=_ENDPOINT))


def _check(built: Build) -> None:
    """Validate a build.

    Raises:
        OutputError: Where it does not conform.
    """
    from glocal_rdf.operations.validate import ValidationOptions, validate_build  # noqa: PLC0415 - only for a new build
    from glocal_rdf.shacl.report import has_results_at  # noqa: PLC0415

    report = validate_build(built, ValidationOptions(), source_graphs=True)
    if has_results_at(report, "violation"):
        number = len(report.results)
        hint = "glocal validate lists them; the former version is served meanwhile"
        raise OutputError.at(built.project.root, f"does not conform ({number} results)", hint)


def _date(built: Build) -> tuple[str, float]:
    """Return what tells a build from others, and when the last of its files was changed."""
    stamps = read_stamps(built.project, parts=SERVED)
    graphs = {"": built.with_ontology, **built.named_graphs}
    digest = hashlib.blake2b(digest_size=9)
    for name, graph in graphs.items():
        # The order of rows does not matter, and no two builds have the same sum but by chance.
        digest.update(f"{name}\0{len(graph)}\0{graph.frame.hash_rows(seed=1).sum()}\0".encode(errors="surrogatepass"))
    return digest.hexdigest(), max((stamp[2] for stamp in stamps.values() if stamp), default=0) / 1e9


def _describe(site: Site) -> dict[str, Any]:
    """Return what is known of a site before its files are made, as `Plan` has it."""
    forms = [find_format(name, None, OutputError) for name in site.formats]
    routes = find_routes(site)
    lacking: dict[str, list[str]] = {}
    for form in forms:
        for path in site.unwritable[form.name]:
            lacking.setdefault(path, []).append(form.endings[0])
    return {
        "languages": site.languages,
        "formats": {form.media_type: form.endings[0] for form in forms},
        "stem": routes.stem if routes else "",
        "addresses": {term[1:-1]: path for term, path in site.addresses.items() if term.startswith("<")},
        "lacking": lacking,
        "lasting": site.lasting,
        "beside": [f"{LISTS}/"],
        "gone": {path: (row.old, row.new) for path, row in find_gone(site).items()},
    }


def _list_files(site: Site, *, together: bool) -> Iterator[File]:
    """Yield the files that are only made together, or those that can also be asked for page by page.

    Args:
        site: The site.
        together: Whether it is the former.
    """
    parts = {name: part for name, part in site.contributions.items() if (part.make is None) == together}
    for name in sorted(parts, key=lambda name: _LATE.index(name) if name in _LATE else -1):
        yield from parts[name].write(site)


_LATE: Final = ("catalogue", "sparql", "releases")
"""Parts that take long, in their order: the second needs what the first makes, and the third is rarely asked for."""
