"""The routes of pages and data: every path that no other part answers.

1. A path with an ending is that of a file.
2. A path that is that of an IRI leads to the document about it (303), in the format and language that are asked for; to
   the newer IRI where a thing was renamed (301); and is gone where it was withdrawn (410).
3. Any other path is that of a page without its ending: what is asked for is sent at once, with its own address in
   Content-Location. A folder has the page `index`.

Every Turtle document is a TriG document and every N-Triples document one of N-Quads, so these are sent for them.

https://www.w3.org/TR/cooluris/
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from starlette.responses import Response
from starlette.routing import Route

from glocal_rdf.serve.http.media import TYPES, find_type
from glocal_rdf.serve.http.negotiation import choose_language, choose_media_type
from glocal_rdf.serve.http.pages import Pages, Served, Target
from glocal_rdf.serve.http.policy import METHODS
from glocal_rdf.serve.http.refusals import RefusedError

if TYPE_CHECKING:
    from starlette.requests import Request

    from glocal_rdf.serve.parts import Serving, Snapshot

__all__ = ["make_documents"]

HTML: Final = "text/html"
_ALIASES: Final = {
    "application/trig": "text/turtle",
    "application/n-quads": "application/n-triples",
    "application/x-turtle": "text/turtle",
    "text/n3": "text/turtle",
    "application/json": "application/ld+json",
    "application/xml": "application/rdf+xml",
    "text/xml": "application/rdf+xml",
    "text/plain": "application/n-triples",
}
"""Media types that are asked for, by the format whose documents are documents of these too."""

_FOREVER: Final = "public, max-age=31536000, immutable"
_VARY: Final = "Accept, Accept-Language"
_TABLE: Final = "csv"
_SAFE: Final = "/!$&'()*+,;=:@~"


def make_documents(serving: Serving) -> list[Route]:
    """Return the routes of pages and data; they answer every path, and so come after all others.

    Args:
        serving: What the part is given.
    """

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"allow": "GET, HEAD, OPTIONS"})
        if request.method not in ("GET", "HEAD"):
            raise RefusedError(405, "pages are only read; use GET or HEAD", {"Allow": "GET, HEAD, OPTIONS"})
        snapshot = serving.current()
        await snapshot.pages.prepare()
        documents = Documents(snapshot, serving.public(request), request)
        return await documents.find(request.scope["path"].removeprefix("/"))

    return [Route("/{path:path}", answer, methods=sorted(METHODS))]


class Documents:
    """Answers one request for a page, for data or for a thing."""

    def __init__(self, snapshot: Snapshot, address: str, request: Request) -> None:
        """Take what is served, the public address and the request."""
        self._pages: Pages = snapshot.pages
        self._snapshot = snapshot
        self._address = address
        self._accept = request.headers.get("accept")
        self._language = choose_language(request.headers.get("accept-language"), self._pages.languages)
        self._query = request.query_params

    async def find(self, path: str) -> Response:
        """Return the answer for a path.

        Args:
            path: The path below the public address, decoded.

        Raises:
            RefusedError: Where there is none.
        """
        for one in dict.fromkeys((path, unicodedata.normalize("NFC", path))):
            if one == "resource" and (iri := self._query.get("iri")):
                if target := await self._pages.resolve(iri):
                    return await self._lead(target, iri, "")
                continue
            name = one.rpartition("/")[2]
            if name.rpartition(".")[2] in TYPES and (file := await self._pages.read(one)):
                return self._send(one, file)
            if name and (answer := await self._find_thing(one)):
                return answer
            if answer := await self._negotiate(one if name else f"{one}index"):
                return answer
            if name and await self._pages.read(f"{one}/index.html"):
                return Response(status_code=308, headers={"location": self._locate(f"{one}/")})
            if name and (file := await self._pages.read(one)):
                return self._send(one, file)
        return await self._miss()

    async def _find_thing(self, path: str) -> Response | None:
        """Return where the IRI leads that a path is, with or without the ending of a format."""
        for iri in self._pages.name_iris(self._address, path):
            if target := await self._pages.resolve(iri):
                return await self._lead(target, iri, path)
        stem, dot, ending = path.rpartition(".")
        if dot and ending in {"html", *self._pages.formats.values()}:
            for iri in self._pages.name_iris(self._address, stem):
                if (target := await self._pages.resolve(iri)) and not target.page_only:
                    return Response(status_code=303, headers={"location": self._locate(f"{target.path}.{ending}")})
        return None

    async def _lead(self, target: Target, iri: str, path: str) -> Response:
        """Return the answer for an IRI, which was asked for by a path or, where that is empty, as it is."""
        if target.moved:
            return Response(status_code=301, headers={"location": self._relocate(target.moved, iri, path)})
        if target.gone:
            if answer := await self._negotiate(target.path):
                return answer
            raise RefusedError(410, "this was withdrawn")
        if target.page_only:
            file = self._file_of(target.path, self._language)
            return self._see(file, target.fragment)
        offers = self._offer(target.lacking)
        chosen = choose_media_type(self._accept, list(offers))
        if chosen is None:
            raise self._not_acceptable(offers)
        ending = offers[chosen]
        file = self._file_of(target.path, self._language) if ending == "html" else f"{target.path}.{ending}"
        return self._see(file, target.fragment if ending == "html" else "")

    def _relocate(self, moved: str, iri: str, path: str) -> str:
        """Return the address of this server for the newer IRI of a thing: as that of the former one, if it can be."""
        for written in (path, quote(path, safe=_SAFE)):
            start = iri.removesuffix(written)
            if path and start != iri and moved.startswith(start):
                return self._locate(unquote(moved[len(start) :]))
        return f"{self._address}resource?iri={quote(moved, safe='')}"

    def _see(self, file: str, fragment: str) -> Response:
        mark = f"#{quote(fragment, safe='=,;:@!$()*+/?')}" if fragment else ""
        headers = {"location": self._locate(file) + mark, "vary": _VARY, "cache-control": "no-cache"}
        return Response(status_code=303, headers=headers)

    async def _negotiate(self, page: str) -> Response | None:
        """Return the page, or the data beside it, as it is asked for; None where there is no page."""
        file = self._file_of(page, self._language)
        served = await self._pages.read(file)
        if served is None and file != f"{page}.html":
            file = f"{page}.html"
            served = await self._pages.read(file)
        table = None if served else await self._pages.read(f"{page}.{_TABLE}")
        if served is None and table is None:
            return None
        if table is not None:
            offers: Mapping[str, str] = {"text/csv": _TABLE}
        elif served is not None and served.about:
            offers = self._offer(served.lacking)
        else:
            offers = {HTML: "html"}
        chosen = choose_media_type(self._accept, list(offers))
        if chosen is None:
            raise self._not_acceptable(offers)
        ending = offers[chosen]
        if ending != "html":
            file, served = f"{page}.{ending}", table or await self._pages.read(f"{page}.{ending}")
        if served is None:
            return None
        content_type = chosen if _ALIASES.get(chosen) and ending != "html" else find_type(file)
        answer = self._send(file, served, content_type)
        answer.headers["vary"] = _VARY
        answer.headers["content-location"] = self._locate(file)
        return answer

    def _offer(self, lacking: Sequence[str]) -> dict[str, str]:
        """Return the endings of what there is of a thing by media type, the page first."""
        own = {media: ending for media, ending in self._pages.formats.items() if ending not in lacking}
        aliases = {alias: own[media] for alias, media in _ALIASES.items() if media in own and alias not in own}
        return {HTML: "html", **own, **aliases, "application/xhtml+xml": "html"}

    def _not_acceptable(self, offers: Mapping[str, str]) -> RefusedError:
        known = ", ".join(name for name in offers if name not in _ALIASES and name != "application/xhtml+xml")
        return RefusedError(406, f"there is none of the formats that you accept; there are {known}", {"Vary": _VARY})

    def _file_of(self, page: str, lang: str) -> str:
        return f"{page}.html" if lang == self._pages.languages[0] else f"{page}.{lang}.html"

    def _locate(self, path: str) -> str:
        return self._address + quote(path, safe=_SAFE)

    def _send(self, path: str, served: Served, content_type: str = "") -> Response:
        headers = {
            "content-type": content_type or find_type(path),
            "etag": f'"{served.etag}"',
            "last-modified": format_datetime(self._snapshot.modified, usegmt=True),
            "cache-control": _FOREVER if served.lasting else "no-cache",
        }
        if served.about and (links := self._link(path, served)):
            headers["link"] = links
        return Response(served.content, status_code=410 if served.gone else 200, headers=headers)

    def _link(self, path: str, served: Served) -> str:
        """Return what the page or the data are about, and the same in other formats and languages."""
        pages = self._pages
        page = path
        for ending in (*(f".{lang}.html" for lang in pages.languages[1:]), ".html", *map(".{}".format, TYPES)):
            if page.endswith(ending):
                page = page.removesuffix(ending)
                break
        links = [f'<{quote(served.about, safe=_SAFE + "#?%[]")}>; rel="describes"']
        for media, ending in pages.formats.items():
            if ending not in served.lacking and path != f"{page}.{ending}":
                links.append(f'<{self._locate(f"{page}.{ending}")}>; rel="alternate"; type="{media}"')
        for lang in pages.languages:
            if (file := self._file_of(page, lang)) != path:
                links.append(f'<{self._locate(file)}>; rel="alternate"; type="text/html"; hreflang="{lang}"')
        return ", ".join(links)

    async def _miss(self) -> Response:
        """Return the page that says that there is none, to who wants pages."""
        if choose_media_type(self._accept, ["text/plain", HTML]) == HTML:
            for file in (self._file_of("404", self._language), "404.html"):
                if served := await self._pages.read(file):
                    headers = {"content-type": find_type(file), "vary": _VARY, "cache-control": "no-cache"}
                    return Response(served.content, status_code=404, headers=headers)
        raise RefusedError(404, "there is nothing at this address", {"Vary": _VARY})
