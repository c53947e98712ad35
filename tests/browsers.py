"""Sites in a headless Chromium: served on loopback under a path, visited, and what the browser complains of.

A visit collects what the console says and what is requested. At its end nothing may have been said, nothing asked of
another host, and nothing have failed: `find_faults` lists what is not so. `AXE` is the accessibility checker axe-core,
as the package `axe-playwright-python` brings it.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response

PREFIX = "/a folder/of/sites/"
"""The path that sites are served under: not the root of a host, and one that has to be encoded."""


@dataclass(frozen=True)
class Website:
    """A site in a folder, and the address that it is served at."""

    folder: Path
    address: str

    def url(self, path: str = "index.html") -> str:
        """Return the address of a file."""
        return self.address + path

    def file_url(self, path: str = "index.html") -> str:
        """Return the address of a file on the disk."""
        return (self.folder / path).as_uri()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def send_head(self) -> Any:
        """Answer for what is under the prefix alone."""
        prefix = PREFIX.replace(" ", "%20")
        if not self.path.startswith(prefix):
            self.send_error(404)
            return None
        self.path = "/" + self.path.removeprefix(prefix)
        return super().send_head()


@contextmanager
def serve(folder: Path) -> Iterator[Website]:
    """Serve a folder on loopback, as a host of static files does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        port = server.server_address[1]
        yield Website(folder, f"http://127.0.0.1:{port}{PREFIX.replace(' ', '%20')}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Visit:
    """A visit of a site in a browser: one tab, and what was said and requested in it.

    Attributes:
        page: The tab, as Playwright drives it.
        site: The site.
        messages: What the console says, and errors of scripts.
        requests: The addresses that were asked for.
        failed: The requests that failed, with the reason or status.
    """

    page: Page
    site: Website
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to the tab, and to the workers that it starts."""
        self.page.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.messages.append(f"error: {error}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", self._fail)
        self.page.on("response", self._answer)

    def _answer(self, answer: Response) -> None:
        if answer.status >= HTTPStatus.BAD_REQUEST:
            self.failed.append(f"{answer.status} {answer.url}")

    def _fail(self, request: Request) -> None:
        # What the browser itself broke off (a download, a page that was left) is not a failure of the site.
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(f"{request.failure} {request.url}")

    def open(self, path: str = "index.html") -> Page:
        """Open a page of the site over HTTP."""
        self.page.goto(self.site.url(path))
        return self.page

    def open_file(self, path: str = "index.html") -> Page:
        """Open a page of the site from the disk."""
        self.page.goto(self.site.file_url(path))
        return self.page

    def loaded(self) -> int:
        """Return how many bytes the page and all that it asked for have, as they are sent (without heads)."""
        script = "performance.getEntries().reduce((sum, entry) => sum + (entry.encodedBodySize || 0), 0)"
        return int(self.page.evaluate(script))

    def find_faults(self) -> list[str]:
        """List what the console said, what was asked of other hosts, and what failed."""
        own = (self.site.address, self.site.folder.as_uri(), "data:", "blob:", "about:")
        foreign = [f"asked elsewhere: {url}" for url in self.requests if not url.startswith(own)]
        return [*self.messages, *foreign, *self.failed]

    def find_barriers(self) -> list[str]:
        """List the findings of axe-core that are serious or critical, with the elements."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{self.page.url}: {one['impact']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
        ]

    def screenshot(self, path: Path, *, full: bool = True) -> None:
        """Save a picture of the page, to be looked at."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=full)


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def open_context(browser: Browser, *, width: int = 1280, **options: Any) -> BrowserContext:
    """Open a window without history; options are those of Playwright (`color_scheme`, `java_script_enabled`)."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(15_000)
    return context
