"""The pages of a build: where its IRIs lead, and its files, made by now or asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, unquote

from glocal_rdf.serve.http.pages import Served, Target
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.site.maker import Maker
from glocal_rdf.serve.site.messages import Plan
from glocal_rdf.serve.site.shelf import Kept

__all__ = ["SitePages"]

_WAIT: Final = 4.0
"""How many seconds a request waits for a file whose turn has not come."""


class SitePages:
    """The pages of a build, which a process makes."""

    def __init__(self, maker: Maker) -> None:
        """Take the process; `prepare` waits until it can be asked."""
        self._maker = maker
        self._plan = Plan(languages=("en",), formats={}, stem="", addresses={})
        self._topics: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._moved: dict[str, Target] = {}
        self._prepared = False

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the pages, that of `path.html` first."""
        return self._plan.languages

    @property
    def formats(self) -> Mapping[str, str]:
        """The endings of the data beside each page by media type."""
        return self._plan.formats

    @property
    def stem(self) -> str:
        """What the IRIs of things begin with that are not addresses of the server."""
        return self._plan.stem

    async def prepare(self) -> None:
        """Wait until pages can be asked for.

        Raises:
            RefusedError: Where they cannot be made.
        """
        if self._prepared:
            return
        plan = await self._maker.plan()
        self._topics = {path: iri for iri, path in plan.addresses.items() if "#" not in path}
        self._by_name = {unquote(iri): iri for iri in plan.addresses}
        for path, (old, new) in plan.gone.items():
            self._moved[unquote(old)] = Target(path, gone=not new, moved=new)
        self._plan, self._prepared = plan, True

    async def resolve(self, iri: str) -> Target | None:
        """Return where the IRI of a thing leads; None where nothing is known of it.

        Args:
            iri: The IRI, percent-encoded or not.
        """
        await self.prepare()
        addresses = self._plan.addresses
        known = iri if iri in addresses else self._by_name.get(unquote(iri), "")
        if not known:
            return self._moved.get(unquote(iri))
        path, mark, fragment = addresses[known].partition("#")
        return Target(path, fragment, page_only=bool(mark), lacking=self._plan.lacking.get(path, ()))

    async def read(self, path: str) -> Served | None:
        """Return the file at a path of the site; None where there is none.

        Args:
            path: The path, not encoded.

        Raises:
            RefusedError: Where it is still being made.
        """
        await self.prepare()
        if (kept := self._maker.shelf.get(path)) is None:
            kept = await self._make(path)
        return None if kept is None else self._describe(path, kept)

    async def _make(self, path: str) -> Kept | None:
        maker = self._maker
        if maker.done and not maker.shelf.full:
            return None
        for page in self._name_pages(path):
            if page in self._topics and await maker.ask(page):
                return maker.shelf.get(path)
        if not (maker.shelf.full or self._is_all_there(path)):
            await maker.wait_for(path, _WAIT)
        kept = maker.shelf.get(path)
        if kept is None and (maker.shelf.full or not (maker.done or self._is_all_there(path))):
            raise RefusedError(503, "this page is still being made; ask again in a moment", retry_after=5)
        return kept

    def _is_all_there(self, path: str) -> bool:
        """Return whether a file that is not there and cannot be asked for does not exist."""
        return self._maker.together and not path.startswith(self._plan.beside)

    def _name_pages(self, path: str) -> Iterator[str]:
        """Yield the paths of the pages that a file may belong to."""
        stem, dot, ending = path.rpartition(".")
        if not dot:
            return
        if ending != "html":
            yield stem
            return
        for lang in self._plan.languages[1:]:
            if stem.endswith(f".{lang}"):
                yield stem.removesuffix(f".{lang}")
        yield stem

    def _describe(self, path: str, kept: Kept) -> Served:
        plan = self._plan
        about, gone = "", False
        lacking: tuple[str, ...] = ()
        for page in self._name_pages(path):
            if page in self._topics:
                about, lacking = self._topics[page], plan.lacking.get(page, ())
                break
            if page in plan.gone:
                about, gone = plan.gone[page][0], not plan.gone[page][1]
                break
        lasting = any(path == one or (one.endswith("/") and path.startswith(one)) for one in plan.lasting)
        return Served(kept.content, kept.etag, lasting, gone, about, lacking)

    async def close(self) -> None:
        """End the process and forget all files."""
        self._maker.close()

    def name_iris(self, address: str, path: str) -> list[str]:
        """Return the IRIs that a path may be, the likeliest first.

        Args:
            address: The public address of the server.
            path: The path below it.
        """
        encoded = quote(path, safe="/!$&'()*+,;=:@~")
        return [f"{start}{one}" for start in (address, self.stem) if start for one in dict.fromkeys((path, encoded))]
