"""The site that all parts contribute to: its pages, its files, and what a part adds to the pages of others.

A part is a function that takes the site and returns a `Contribution`: the items of the menu, scripts and inserts that
it adds to all pages, and a function that yields its files. All parts are asked for their contributions before any file
is made, so that every page has the menu of the whole site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

import polars as pl

from glocal_rdf.errors import OutputError, Problem
from glocal_rdf.i18n import message, pick
from glocal_rdf.namespaces import shorten
from glocal_rdf.publish.page_graphs import group_statements
from glocal_rdf.publish.statements.claims import Claim, read_claims
from glocal_rdf.publish.statements.mappings import list_links
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.registry import find_format

if TYPE_CHECKING:
    from glocal_rdf.dataset import Build
    from glocal_rdf.publish.about import About
    from glocal_rdf.publish.addresses import Addresses

__all__ = [
    "POLICY",
    "Alternate",
    "Contribution",
    "File",
    "Findings",
    "Insert",
    "MenuItem",
    "Page",
    "Site",
]

POLICY: Final[Mapping[str, str]] = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "img-src": "'self' data:",
    "script-src": "'self'",
    "style-src": "'self'",
}
"""The content security policy of every page: nothing is loaded from or sent to others, no script or style is inline."""


class File(NamedTuple):
    """A file of the site: its path relative to the site's folder, with `/`, and its content, or the parts of it."""

    path: str
    content: bytes | Iterable[bytes]


class Alternate(NamedTuple):
    """The same content in another format: media type, path and name for people."""

    media_type: str
    path: str
    title: str


class MenuItem(NamedTuple):
    """A link in the head of every page.

    Attributes:
        path: The path of the page, as in `Page.path`.
        titles: What it is called, by language.
        order: Items are sorted by it.
    """

    path: str
    titles: Mapping[str, str]
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page, which there is in each language of the site.

    Attributes:
        path: The path without language and ending: `doc/place/taipei`. Names of folders and files, not encoded.
        titles: What it is called, by language.
        descriptions: One sentence about it, by language.
        iri: The IRI of what it is about; empty for pages that are about several things.
        kind: A word for templates and styles: `thing`, `class`, `browse`.
        alternates: The same content in other formats.
        structured: What it is about for search engines (schema.org), as JSON-LD.
        scripts: The scripts that it needs besides those of every page: paths of files. They are classic scripts, which
            run when the page is read: from the disk (`file:`) a browser loads no module. Modules are got by `import()`.
        styles: The style sheets that it needs besides that of the site: paths of files.
        image: A picture of it, for those who link to it: the path of a file; empty where there is none.
        policy: What differs from the content security policy of all pages, by directive.
        listed: Whether it is in the site map, and may be indexed.
        anywhere: The address of the site, for a page that is shown at any address (that for errors).
    """

    path: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    iri: str = ""
    kind: str = ""
    alternates: tuple[Alternate, ...] = ()
    structured: Mapping[str, object] | None = None
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    image: str = ""
    policy: Mapping[str, str] = field(default_factory=dict)
    listed: bool = True
    anywhere: str = ""

    @property
    def root(self) -> str:
        """What leads from the page to the folder of the site: `../../`, nothing, or its address."""
        return self.anywhere or "../" * self.path.count("/")


Insert = Callable[[Page, str], str]
"""A function from a page and a language to HTML that a part adds to it; empty where it adds nothing."""


class Findings(NamedTuple):
    """What a part knows only when its files are made; see the attributes of `Contribution`."""

    downloads: Mapping[str, int] = {}
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What a part adds to the site.

    Attributes:
        write: Yields the files of the part, given the site with the contributions of all parts.
        make: Yields the files of some pages, given their paths (all languages, or all data) and those that belong to
            them, the same as `write` does; nothing for pages that are not of the part. A server makes pages by it
            that are asked for before their turn. None where the part's files are only made together.
        menu: Links in the head of every page.
        scripts: Scripts of every page: paths of files, which `write` yields; see `Page.scripts`.
        styles: Style sheets of every page: paths of files.
        inserts: HTML for places in the pages of others: `home` (the first page), `head` (beside the menu), `thing`,
            `class` and `concept` (after the statements on the page of one), `foot` (in the foot of every page).
        pages: The paths of pages that other parts may link to, by name; see `Site.find_page`.
        addresses: Where resources have their pages that the graph does not describe, by term.
        lasting: The paths of files that never change once they are published, and of folders of such (with `/`).
        downloads: The sizes in bytes of files that pages of other parts may load, by their paths.
        notes: What a user should know of the part, such as an extra that is not installed.
        problems: What is left out, each with its place.
        find: Returns what else is known of these once the files are made, which may take long; the same each time.
    """

    write: Callable[[Site], Iterable[File]]
    make: Callable[[Site, Sequence[str]], Iterable[File]] | None = None
    menu: tuple[MenuItem, ...] = ()
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    inserts: Mapping[str, Insert] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    lasting: tuple[str, ...] = ()
    downloads: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    find: Callable[[], Findings] = Findings


@dataclass(frozen=True, kw_only=True, eq=False)
class Site:
    """A build that is published, with what all parts need to know.

    Attributes:
        built: The build.
        about: The description of the dataset.
        addresses: Where things have their pages.
        names: The preferred names of all things and terms, by term and language.
        base_url: The address that the site will have, ending in `/`; empty where it is not known.
        languages: The languages of the pages, that of the first page first (BCP 47).
        formats: The formats of RDF beside each page, by name.
        resources: What has a page: the columns `term` and `kind` (see `resources`), sorted by term.
        contributions: What the parts add, by the name of the part; empty while they are asked.
        documents: The folder of the documents that claims were read from; None where it is not known.
        endpoint: The path of a SPARQL endpoint on the site; empty where there is none, as on a host of files.
    """

    built: Build
    about: About
    addresses: Addresses
    names: Mapping[str, Mapping[str, str]]
    base_url: str
    languages: tuple[str, ...]
    formats: tuple[str, ...]
    resources: pl.DataFrame
    contributions: Mapping[str, Contribution] = field(default_factory=dict)
    documents: Path | None = None
    endpoint: str = ""

    @property
    def graph(self) -> Triples:
        """The data graph and the ontology."""
        return self.built.with_ontology

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """Namespaces by prefix."""
        return self.built.prefixes

    @cached_property
    def statements(self) -> pl.DataFrame:
        """The statements of the graph by the page that they stand beside: `subject` … `object`, `group` (the path)."""
        return group_statements(self)

    @cached_property
    def known(self) -> pl.DataFrame:
        """What tables and links state, and what follows from claims: not the ontology, and nothing that rules add."""
        return self.built.stated.union(self.built.truthy).frame

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """The claims of the graph, by their terms."""
        return read_claims(self.built)

    @cached_property
    def mapping_terms(self) -> frozenset[str]:
        """The mappings (SSSOM) that are shown with the links that they make."""
        return frozenset(list_links(self.graph.frame)["mapping"])

    @cached_property
    def cells(self) -> pl.DataFrame:
        """The cells that triples were made from: `subject` … `object`, `row` (the line), `column`, `file`."""
        cells = self.built.list_cells()
        root = self.built.project.root
        files = {file: name_file(file, root) for file in cells["file"].unique()}
        return cells.with_columns(pl.col("file").replace(files))

    @cached_property
    def blank_nodes(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """What blank nodes state: pairs of predicate and object, by node."""
        rows = self.graph.frame.filter(pl.col("subject").str.starts_with("_:")).sort("subject", "predicate", "object")
        found: dict[str, list[tuple[str, str]]] = {}
        for node, predicate, value in rows.iter_rows():
            found.setdefault(node, []).append((predicate, value))
        return found

    @cached_property
    def topics(self) -> Mapping[str, str]:
        """What each page of a resource is about, as a term, by the path of the page."""
        return {self.addresses[resource]: resource for resource in self.resources["term"]}

    @cached_property
    def unwritable(self) -> Mapping[str, frozenset[str]]:
        """The paths of the pages whose data a format cannot hold, by the name of the format."""
        sources = [
            source.triples.frame.with_columns(group=pl.lit(self.addresses[f"<{source.iri}>"]))
            for source in self.built.source_graphs
        ]
        every = pl.concat([self.statements, *sources])
        forms = (find_format(name, None, OutputError) for name in self.formats)
        return {form.name: frozenset(form.find_unholdable(every)["group"].unique()) for form in forms}

    def document_of(self, path: str) -> str:
        """Return the IRI of a page, whatever its language or format; empty where it is not known.

        It is an address of the site; or else, where the IRIs of things begin with `…/id/`, theirs with `…/doc/`.

        Args:
            path: The path of the page.
        """
        if self.base_url:
            return self.base_url + quote(path)
        space = self.built.project.space
        return space.removesuffix("id/") + quote(path) if space.endswith("/id/") and path.startswith("doc/") else ""

    @cached_property
    def menu(self) -> tuple[MenuItem, ...]:
        """The links in the head of every page, in order."""
        items = [item for part in self.contributions.values() for item in part.menu]
        return tuple(sorted(items, key=lambda item: (item.order, item.path)))

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """The scripts of every page."""
        return tuple(path for part in self.contributions.values() for path in part.scripts)

    @cached_property
    def styles(self) -> tuple[str, ...]:
        """The style sheets of every page."""
        return ("assets/site.css", *(path for part in self.contributions.values() for path in part.styles))

    @cached_property
    def lasting(self) -> tuple[str, ...]:
        """The paths of files that never change once they are published, and of folders of such (with `/`)."""
        return tuple(path for part in self.contributions.values() for path in part.lasting)

    def find_page(self, name: str) -> str | None:
        """Return the path of a page by the name that a part gives it, such as `search`; None where there is none."""
        return next((part.pages[name] for part in self.contributions.values() if name in part.pages), None)

    @cached_property
    def downloads(self) -> Mapping[str, int]:
        """The sizes in bytes of the files that pages may load, by their paths."""
        parts = self.contributions.values()
        return {
            path: size
            for part in parts
            for one in (part.downloads, part.find().downloads)
            for path, size in one.items()
        }

    def insert(self, place: str, page: Page, lang: str) -> str:
        """Return the HTML that parts add at a place of a page, that of the parts one after the other.

        Args:
            place: The place, as in `Contribution.inserts`.
            page: The page.
            lang: The language of the page.
        """
        found = (part.inserts[place](page, lang) for part in self.contributions.values() if place in part.inserts)
        return "".join(found)

    def name_of(self, term: str, lang: str) -> str:
        """Return what a thing or a term is called in a language, or in another; its shortened IRI without a name.

        Args:
            term: A term in N-Triples syntax.
            lang: The language.
        """
        names = self.names.get(term)
        if names and (name := names.get(lang) or pick(names, lang)):
            return name
        return shorten(term, self.prefixes).strip("<>")

    def titles_of(self, term: str) -> dict[str, str]:
        """Return what a thing or a term is called in each language of the site."""
        return {lang: self.name_of(term, lang) for lang in self.languages}

    def say(self, text: str, /, **values: object) -> dict[str, str]:
        """Return a message in each language of the site; the text is marked with `translatable`.

        Args:
            text: The message in English.
            **values: The values that it is filled with.
        """
        return {lang: message(lang, text, **values) for lang in self.languages}

    def file_of(self, path: str, lang: str) -> str:
        """Return the path of the file of a page in a language: `index.html`, `index.zh-Hant.html`.

        Files that are not pages (data, pictures, scripts) have no language.
        """
        return f"{path}.html" if lang == self.languages[0] else f"{path}.{lang}.html"

    def link(self, page: Page, path: str, lang: str) -> str:
        """Return the relative address of another page in the same language, percent-encoded.

        Args:
            page: The page that the link is on.
            path: The path of the other page, as in `Page.path`; it may end with a fragment.
            lang: The language of both.
        """
        return page.root + self.link_from_root(path, lang)

    def link_from_root(self, path: str, lang: str) -> str:
        """Return the address of a page relative to the folder of the site, percent-encoded.

        Args:
            path: The path of the page; it may end with a fragment.
            lang: The language.
        """
        target, mark, fragment = path.partition("#")
        return quote(self.file_of(target, lang)) + mark + quote(fragment, safe="=,;:@!$()*+/?")

    def link_file(self, page: Page, path: str) -> str:
        """Return the relative address of a file of the site, percent-encoded.

        Args:
            page: The page that the link is on.
            path: The path of the file.
        """
        return page.root + quote(path)

    def address(self, path: str) -> str:
        """Return the absolute address of a file, percent-encoded; empty where that of the site is not known.

        Args:
            path: The path of the file; for that of a page in a language see `file_of`.
        """
        return self.base_url + quote(path) if self.base_url else ""


def name_file(file: str, root: Path) -> str:
    """Return the name of a file relative to a folder; its own name where it is elsewhere.

    Args:
        file: The path of the file.
        root: The folder.
    """
    try:
        return Path(file).resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return Path(file).name
