"""The pages of a store: one for each thing, made when it is asked for; lists of classes, vocabulary and search.

Each page is made of a few queries within the server's time limit, and kept for a minute. A path says which IRI it is
about (`glocal_rdf.serve.source.paths`), so that a store of any size needs no list of its things.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar
from urllib.parse import quote

import polars as pl

from glocal_rdf.errors import EndpointError, GlocalError, OutputError
from glocal_rdf.i18n import message, translatable
from glocal_rdf.namespaces import RDF_TYPE, VOID, term
from glocal_rdf.operations.serve_source_notes import write_cut
from glocal_rdf.operations.serve_source_site import Frame, ThingSite, list_path, make_thing_site
from glocal_rdf.publish.pages.home import ClassCount
from glocal_rdf.publish.pages.vocabulary import list_terms
from glocal_rdf.publish.rendering import find_assets
from glocal_rdf.publish.resources import find_resources, fragment_of
from glocal_rdf.publish.site import Contribution, MenuItem, Page, Site
from glocal_rdf.serve.http.pages import Served, Target
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.source import lists
from glocal_rdf.serve.source.asking import Select, Session, is_iri_term
from glocal_rdf.serve.source.expiry import Expiring
from glocal_rdf.serve.source.naming import describe_terms, is_known
from glocal_rdf.serve.source.neighbourhood import fetch_data, fetch_neighbourhood, find_subject
from glocal_rdf.serve.source.paths import DOCUMENT, RESOURCE, iri_of_path, unpack
from glocal_rdf.serve.source.searching import search_names
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.registry import find_format
from glocal_rdf.triples.terms import quote as write_literal

__all__ = ["SourcePages", "contribute_menu", "refuse"]

Made = TypeVar("Made")

KEPT: Final = 500
"""How many pages are kept."""

EXPIRY: Final = 60.0
"""For how many seconds a page is kept, and what is counted for ten times as long."""

FEW: Final = 1
"""How many of the things are kept whose data are too many for their page, and how many are fetched at once."""

AT_ONCE: Final = 8
"""How many pages are made at once: each waits for a store most of the time."""

_ROBOTS: Final = b"User-agent: *\nDisallow: /api/\nDisallow: /sparql\nDisallow: /find\nAllow: /\n"
_IN_IRI: Final = "/!$&'()*+,;=:@~?#%[]"
HOME, TERMS, FIND, MISSING = "index", "vocabulary", "find", "404"
_LISTS: Final = ("browse", "linked", "stated")
_LOG: Final = logging.getLogger("glocal_rdf.serve")


class SourcePages:
    """The pages of a store."""

    def __init__(self, frame: Frame, ask: Select, timeout: float, release: Callable[[], None] = lambda: None) -> None:
        """Take what all pages have in common.

        Args:
            frame: It.
            ask: Asks the store.
            timeout: The seconds that one page may take.
            release: Closes the store, when nobody asks for a page any more.
        """
        self._release = release
        self._frame = frame
        self._ask = ask
        self._timeout = timeout
        self._served: Expiring[Served | None] = Expiring(KEPT, EXPIRY)
        self._things: Expiring[ThingSite | None] = Expiring(KEPT // 10, EXPIRY)
        self._data: Expiring[ThingSite] = Expiring(FEW, EXPIRY)
        self._fetching = threading.Semaphore(FEW)
        self._counts: Expiring[lists.Tally] = Expiring(10, EXPIRY * 10)
        self._assets: Mapping[str, Served] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the pages."""
        return self._frame.languages

    @property
    def formats(self) -> Mapping[str, str]:
        """The endings of the data beside each page by media type."""
        forms = [find_format(name, None, OutputError) for name in self._frame.formats]
        return {form.media_type: form.endings[0] for form in forms}

    async def prepare(self) -> None:
        """Wait for nothing: a page is made when it is asked for."""

    def name_iris(self, address: str, path: str) -> Sequence[str]:
        """Return the IRIs that a path below the public address may be: those of the space of the things.

        Args:
            address: The public address, ending in `/`.
            path: The path, not encoded.
        """
        space = self._frame.layout.space
        stem, _, last = space.rstrip("/#").rpartition("/")
        named = [f"{stem}/{path}"] if last and path.startswith(f"{last}/") else []
        if space.startswith(address):
            named.append(address + path)
        written = [form for one in named for form in (one, quote(one, safe=_IN_IRI))]
        return [one for one in dict.fromkeys(written) if one.startswith(space) and len(one) > len(space)]

    async def resolve(self, iri: str) -> Target | None:
        """Return where the IRI of a thing leads; None where the store says nothing of it.

        Args:
            iri: The IRI.

        Raises:
            RefusedError: Where the store cannot be asked.
        """
        thing = f"<{iri}>"
        if not is_iri_term(thing):
            return None

        def look_up() -> Target | None:
            session = self._open()
            layout = self._frame.layout
            subject = find_subject(session, layout, thing) if layout.claims or layout.mappings else None
            if subject is not None:
                return Target(self._frame.path_of(subject), fragment_of(iri), page_only=True)
            return Target(self._frame.path_of(thing)) if is_known(session, layout, thing) else None

        return await self._run(look_up)

    async def read(self, path: str) -> Served | None:
        """Return the file at a path; None where there is none.

        Args:
            path: The path, not encoded.

        Raises:
            RefusedError: Where the store cannot be asked (502), or takes too long (503, 504).
        """
        if path.startswith("assets/"):
            return self._find_asset(path)
        if path == "robots.txt":
            return _serve(_ROBOTS)
        if path == ".well-known/void":
            return _serve(self._describe_dataset())
        return await self._run(lambda: self._served.get(path, lambda: self._make(path)))

    async def find(self, text: str, lang: str) -> bytes:
        """Return the page with what a search finds.

        Args:
            text: What is looked for.
            lang: The language of the page.

        Raises:
            RefusedError: Where the store cannot be asked (502), or takes too long (503, 504).
        """
        return await self._run(lambda: self._write_search(text, lang))

    async def close(self) -> None:
        """Close the store."""
        await asyncio.to_thread(self._release)

    def _describe_dataset(self) -> bytes:
        """Return the description of the dataset as the store has it, with the address to query (VoID)."""
        about, base = self._frame.about, self._frame.base_url
        dataset = about.dataset if about.dataset.startswith("<") else f"<{base}.well-known/void#dataset>"
        found = [(dataset, predicate, value) for predicate, several in about.values.items() for value in several]
        found = [one for one in found if not one[2].startswith("_:")]
        found.append((dataset, RDF_TYPE, term(VOID, "Dataset")))
        found.append((dataset, term(VOID, "sparqlEndpoint"), f"<{base}sparql>"))
        if self._frame.layout.space:
            found.append((dataset, term(VOID, "uriSpace"), write_literal(self._frame.layout.space)))
        data = Triples.from_terms(found).sort().serialize("turtle", self._frame.renderer.site.prefixes)
        return f"# {self._frame.about_note}\n".encode() + data if self._frame.about_note else data

    def _open(self) -> Session:
        return Session(self._ask, self._timeout)

    async def _run(self, make: Callable[[], Made]) -> Made:
        async with self._places:
            try:
                return await asyncio.to_thread(make)
            except GlocalError as error:
                raise refuse(error) from error

    def _find_asset(self, path: str) -> Served | None:
        if not self._assets:
            site = self._frame.make_site(Triples.empty())
            files = [(file.path, file.content) for file in find_assets(site)]
            self._assets = {name: _serve(content) for name, content in files if isinstance(content, bytes)}
        return self._assets.get(path)

    def _make(self, path: str) -> Served | None:
        """Make the file at a path."""
        folder, slash, name = path.rpartition("/")
        stem, dot, ending = name.partition(".")
        base = folder + slash + stem
        if not dot:
            return None
        lang = self._language_of(ending)
        if base.startswith((DOCUMENT, RESOURCE)):
            return self._make_thing(base, ending, lang)
        if lang is None:
            return None
        if base == HOME:
            return _serve(self._write_home(lang))
        if base == TERMS:
            return _serve(self._write_terms(lang))
        if base == FIND:
            return _serve(self._write_search("", lang))
        if base == MISSING:
            return _serve(self._write_missing(lang))
        return self._make_list(base, lang)

    def _language_of(self, ending: str) -> str | None:
        """Return the language of a page by its ending; None for another file."""
        first, *_ = self.languages
        return {"html": first, **{f"{lang}.html": lang for lang in self.languages if lang != first}}.get(ending)

    def _make_thing(self, base: str, ending: str, lang: str | None) -> Served | None:
        iri = iri_of_path(base, self._frame.layout.space)
        if iri is None or not is_iri_term(f"<{iri}>"):
            return None
        forms = {
            form.endings[0]: name for name in self._frame.formats for form in [find_format(name, None, OutputError)]
        }
        if lang is None and ending not in forms:
            return None
        found = self._things.get(iri, lambda: self._describe(iri))
        if found is None:
            return None
        if lang is None and not found.has_all:
            found = self._data.get(iri, lambda: self._describe_whole(iri))
        lacking = tuple(one for one, name in forms.items() if base in found.site.unwritable[name])
        if ending in lacking:
            return None
        content = found.render(lang) if lang else found.serialize(forms[ending])
        return replace(_serve(content), about=iri, lacking=lacking)

    def _describe(self, iri: str) -> ThingSite | None:
        near = fetch_neighbourhood(self._open(), self._frame.layout, f"<{iri}>", self.languages)
        return make_thing_site(self._frame, near) if near.known else None

    def _describe_whole(self, iri: str) -> ThingSite:
        """Return a thing with all of the data about it.

        Raises:
            RefusedError: Where they are too many for one file.
        """
        if not self._fetching.acquire(timeout=self._timeout):
            raise RefusedError(503, "others wait for very many data as well; try again later", retry_after=30)
        try:
            near = fetch_data(self._open(), self._frame.layout, f"<{iri}>")
            if not near.has_all:
                what = " ".join(map(write_cut, near.cuts))
                raise RefusedError(503, f"the data about this are too many for a file; ask /sparql for a part. {what}")
            return make_thing_site(self._frame, near)
        finally:
            self._fetching.release()

    def _name(self, session: Session, mentioned: list[str]) -> Site:
        """Return a site that names some resources and knows which of them have pages."""
        described, names = describe_terms(session, self._frame.layout, mentioned, self.languages)
        rows = pl.DataFrame(names, schema=dict.fromkeys(("subject", "predicate", "object"), pl.String), orient="row")
        return self._frame.make_site(Triples(rows).distinct(), {one: self._frame.path_of(one) for one in described})

    def _write_home(self, lang: str) -> bytes:
        session = self._open()
        classes = self._counts.get("classes", lambda: lists.count_classes(session, self._frame.layout))
        named = self._frame.layout.named or self._frame.layout.beside
        graphs = self._counts.get(
            "graphs", lambda: lists.count_graphs(session, lists.MOST_CLASSES) if named else lists.Tally()
        )
        site = self._name(session, [one.term for one in (*classes.items, *graphs.items)])
        about = self._frame.about
        titles = {tag: about.text("title", tag) or self._frame.project.name for tag in self.languages}
        page = Page(path=HOME, titles=titles, descriptions=about.texts("description", self.languages), kind="home")
        counts = [ClassCount(one.term, one.number, list_path("browse", 1, one.term)) for one in classes.items]
        tallies = {"tally": classes, "graphs": graphs}
        return self._frame.render(page, "source_home.html", site, lang, classes=counts, **tallies)

    def _write_terms(self, lang: str) -> bytes:
        session = self._open()
        listed = lists.list_terms(session, self._frame.layout)
        found = listed.triples
        described, names = describe_terms(session, self._frame.layout, [one for one, _, _ in found], self.languages)
        triples = Triples(
            pl.DataFrame(
                [*found, *names], schema=dict.fromkeys(("subject", "predicate", "object"), pl.String), orient="row"
            )
        ).distinct()
        kinds = find_resources(self._frame.make_site(triples).built, "")
        site = self._frame.make_site(triples, {one: self._frame.path_of(one) for one in described}, kinds)
        terms = {kind: list_terms(site, kind, "") for kind in ("class", "property")}
        page = Page(path=TERMS, titles=site.say(translatable("Vocabulary")), kind="browse")
        return self._frame.render(page, "source_terms.html", site, lang, terms=terms, usage={}, listed=listed)

    def _write_missing(self, lang: str) -> bytes:
        site = self._frame.make_site(Triples.empty())
        titles = site.say(translatable("Not found"))
        page = Page(path=MISSING, titles=titles, kind="missing", listed=False, anywhere=self._frame.base_url or "/")
        return self._frame.render(page, "missing.html", site, lang)

    def _write_search(self, text: str, lang: str) -> bytes:
        session = self._open()
        found = search_names(session, self._frame.layout, text)
        site = self._name(session, [match.thing for match in found.matches])
        page = Page(path=FIND, titles=site.say(translatable("Search")), kind="search", listed=not text)
        return self._frame.render(page, "source_search.html", site, lang, text=text, found=found)

    def _make_list(self, base: str, lang: str) -> Served | None:
        kind, _, rest = base.partition("/")
        number, *packed = rest.split("/")
        iris = [unpack(one) for one in packed]
        if kind not in _LISTS or not number.isascii() or not number.isdecimal() or str(int(number[:9])) != number:
            return None
        if len(iris) != (1 if kind == "browse" else 2) or not all(is_iri_term(f"<{one}>") for one in iris):
            return None
        *first, thing = (f"<{one}>" for one in iris)
        predicate = first[0] if first else RDF_TYPE
        session, layout, page = self._open(), self._frame.layout, int(number)
        if page < 1:
            return None
        if kind == "browse":
            part = lists.list_instances(session, layout, thing, page)
        elif kind == "linked":
            part = lists.list_leading(session, layout, thing, predicate, page)
        else:
            part = lists.list_values_of(session, layout, thing, predicate, page)
        if not part.items and (page > 1 or part.blank == 0):
            return None
        site = self._name(session, [thing, predicate, *part.items])
        titles = {tag: _title(site, kind, thing, predicate, tag) for tag in self.languages}
        around = {
            "before": list_path(kind, page - 1, thing, *first) if page > 1 else "",
            "after": list_path(kind, page + 1, thing, *first) if part.more else "",
        }
        page_of = Page(path=base, titles=titles, kind="listing", listed=page == 1)
        content = self._frame.render(
            page_of,
            "source_list.html",
            site,
            lang,
            resource=thing,
            predicate=predicate,
            part=part,
            number=page,
            **around,
        )
        return _serve(content)


def contribute_menu(frame: Frame) -> Contribution:
    """Return what is added to all pages of a store: the menu, and the field for searching.

    Args:
        frame: What all pages have in common.
    """
    site = frame.renderer.site

    def write_field(page: Page, lang: str) -> str:
        return frame.renderer.render_part(page, "search_field.html", lang, path=FIND)

    menu = (
        MenuItem(HOME, site.say(translatable("Start")), order=0),
        MenuItem(TERMS, site.say(translatable("Vocabulary")), order=10),
    )
    pages = {"home": HOME, "search": FIND}
    return Contribution(write=lambda _site: (), menu=menu, pages=pages, inserts={"head": write_field})


def refuse(error: GlocalError) -> RefusedError:
    """Return why a request is not answered, for whoever asked: nothing of the store's address or of what it answered.

    Args:
        error: What went wrong; it is logged.
    """
    _LOG.warning("%s", error)
    late = isinstance(error.__cause__, TimeoutError)
    if isinstance(error, EndpointError):
        if late:
            return RefusedError(504, "the store behind this server did not answer in time; try again later")
        return RefusedError(502, "the store behind this server cannot be asked now; try again later")
    if isinstance(error, OutputError):
        return RefusedError(406, "this format cannot hold the data; choose another one")
    return RefusedError(503, "the store takes too long for this; try again later, or ask for less", retry_after=30)


def _serve(content: bytes) -> Served:
    return Served(content, hashlib.blake2b(content, digest_size=12).hexdigest())


def _title(site: Site, kind: str, thing: str, predicate: str, lang: str) -> str:
    name = site.name_of(thing, lang)
    if kind == "browse":
        return name
    if kind == "linked":
        return message(lang, "Linked to {thing}: {property}", thing=name, property=site.name_of(predicate, lang))
    return message(lang, "{thing}: {property}", thing=name, property=site.name_of(predicate, lang))
