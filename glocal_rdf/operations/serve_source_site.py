"""Makes the site of one thing of a store out of its neighbourhood, for the templates that publish a project.

A store does not say which of its statements stood in tables, and which follow by rules: all are stated. What is known
of the whole store (its dataset, languages, names of common terms, templates) is found once, and kept in a `Frame`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.results import Conversion
from glocal_rdf.dataset import Build
from glocal_rdf.namespaces import RDF, RDF_TYPE, RDFS_LABEL, term
from glocal_rdf.operations.publish import choose_languages, name_reused_terms
from glocal_rdf.operations.serve_source_notes import write_cut
from glocal_rdf.project import Project
from glocal_rdf.publish.about import About
from glocal_rdf.publish.page_graphs import describe_documents
from glocal_rdf.publish.pages.documents import outline_documents
from glocal_rdf.publish.pages.things import find_parts, make_page, render_thing
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.resources import find_fragments, find_resources
from glocal_rdf.publish.site import Contribution, Page, Site
from glocal_rdf.publish.statements.facts import Facts, list_facts
from glocal_rdf.search.labels import names_by_language
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.naming import NAMES
from glocal_rdf.serve.source.neighbourhood import Neighbourhood
from glocal_rdf.serve.source.paths import pack, path_of_iri
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.registry import format_names

__all__ = ["Frame", "ThingSite", "list_path", "make_thing_site"]

_TRIPLE: Final = ["subject", "predicate", "object"]
_NOWHERE: Final = Path("/dev/null")
"""The folder of a project that is in no folder."""

_CLAIMED: Final = term(RDF, "subject")


@dataclass(frozen=True)
class SourceProject(Project):
    """A project that is in a store, as far as pages ask for one.

    Attributes:
        title: What it is called.
        start: How the IRIs of its things begin.
        namespaces: The prefixes that its ontology prefers.
    """

    title: str = ""
    start: str = ""
    namespaces: Mapping[str, str] = field(default_factory=dict)

    @property
    def ontology(self) -> Triples:
        """Nothing: the store does not say what of it is an ontology."""
        return Triples.empty()

    @property
    def description(self) -> Mapping[str, Any]:
        """Nothing: the description of the dataset is in the store."""
        return {}

    @property
    def space(self) -> str:
        """The beginning of the IRIs of the things."""
        return self.start

    @property
    def name(self) -> str:
        """What the store is called."""
        return self.title

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the ontologies in the store prefer."""
        return dict(self.namespaces)


@dataclass(frozen=True, eq=False)
class Frame:
    """What all pages about a store have in common.

    Attributes:
        project: What stands for the project of the store.
        layout: What the store is like.
        about: The description of the dataset.
        base_url: The public address; empty where it is not known.
        about_note: Why the description is not whole; empty where it is.
        formats: The formats beside each page.
        contribute: Returns what is added to all pages: the menu, the field for searching.
    """

    project: SourceProject
    layout: Layout
    about: About
    base_url: str = ""
    about_note: str = ""
    formats: tuple[str, ...] = field(default_factory=lambda: tuple(format_names(datasets=False)))
    contribute: Callable[[Frame], Contribution] | None = None

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the pages."""
        return choose_languages(self.about)

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """The names of terms of common vocabularies."""
        return name_reused_terms()

    @cached_property
    def renderer(self) -> Renderer:
        """A renderer of the site without statements, whose templates those of all pages use."""
        return Renderer(self._make_site(Triples.empty(), {}, None, {}))

    @cached_property
    def contributions(self) -> Mapping[str, Contribution]:
        """What is added to all pages."""
        return {"source": self.contribute(self)} if self.contribute else {}

    def make_site(
        self,
        triples: Triples,
        addresses: Mapping[str, str] | None = None,
        resources: pl.DataFrame | None = None,
    ) -> Site:
        """Return a site of some triples of the store.

        Args:
            triples: The triples.
            addresses: The paths of the pages of what is mentioned, by term.
            resources: What has a page that is rendered; see `Site`.
        """
        return self._make_site(triples, addresses or {}, resources, self.contributions)

    def _make_site(
        self,
        triples: Triples,
        addresses: Mapping[str, str],
        resources: pl.DataFrame | None,
        contributions: Mapping[str, Contribution],
    ) -> Site:
        titles = triples.frame.filter(pl.col("predicate").is_in(NAMES)).with_columns(predicate=pl.lit(RDFS_LABEL))
        return Site(
            built=Build(self.project, Conversion(Triples.empty(), ()), triples, Triples.empty()),
            about=self.about,
            addresses=addresses,
            names={**self.names, **names_by_language(titles), **names_by_language(triples.frame)},
            base_url=self.base_url,
            languages=self.languages,
            formats=self.formats,
            resources=pl.DataFrame(schema={"term": str, "kind": str}) if resources is None else resources,
            contributions=contributions,
        )

    def render(self, page: Page, template: str, site: Site, lang: str, **values: object) -> bytes:
        """Render a page about some of the store.

        Args:
            page: The page.
            template: The name of the template.
            site: The site of what the page mentions.
            lang: The language.
            **values: What the template needs.
        """
        return Renderer(site, like=self.renderer).render_in(page, template, lang, **values)

    def path_of(self, resource: str) -> str:
        """Return the path of the page about a resource.

        Args:
            resource: Its term.
        """
        return path_of_iri(resource[1:-1], self.layout.space)


def list_path(kind: str, number: int, thing: str, predicate: str = "") -> str:
    """Return the path of a page of a long list.

    Args:
        kind: `browse` for the things of a class, `linked` for what leads to a thing, `stated` for its values.
        number: The number of the page, from 1.
        thing: The class or the thing, a term.
        predicate: The property, a term; none for `browse`.

    Examples:
        >>> list_path("linked", 2, "<urn:a>", "<urn:p>")
        'linked/2/urn:p/urn:a'
    """
    return "/".join([kind, str(number), *(pack(one[1:-1]) for one in (predicate, thing) if one)])


@dataclass(frozen=True, eq=False)
class ThingSite:
    """The page of one thing of a store, and the data beside it.

    Attributes:
        frame: What it has in common with all pages.
        site: The site of its neighbourhood.
        thing: The thing, a term.
        facts: What the page shows.
        page: The page.
        has_all: Whether all data about the thing are in it.
    """

    frame: Frame
    site: Site
    thing: str
    facts: Facts
    page: Page
    has_all: bool

    def render(self, lang: str) -> bytes:
        """Render the page in a language.

        Args:
            lang: The language.
        """
        passages = outline_documents(self.site)
        types = self.facts.stated.get(RDF_TYPE, ())
        lists = {one: list_path("linked", 1, self.thing, one) for one in self.facts.incoming}
        return render_thing(
            Renderer(self.site, like=self.frame.renderer),
            self.page,
            self.facts,
            lang,
            types=[fact.value for fact in types if fact.plain],
            outline=passages.get(self.page.path, ()),
            parts=find_parts(self.site, passages).get(self.page.path, ()),
            lists=lists,
        )

    def serialize(self, form: str) -> bytes:
        """Write the data beside the page in a format: what `publish` writes for a thing of a project.

        Args:
            form: The name of the format.

        Raises:
            OutputError: Where the format cannot hold the data.
        """
        return self.triples.sort().serialize(form, self.site.prefixes)

    @cached_property
    def triples(self) -> Triples:
        """The data beside the page."""
        own = self.site.statements.filter(pl.col("group") == self.page.path).select(_TRIPLE)
        about = describe_documents(self.site, {self.page.path: self.thing}).select(_TRIPLE)
        return Triples(pl.concat([own, about])).distinct()


def make_thing_site(frame: Frame, near: Neighbourhood) -> ThingSite:
    """Make the site of a thing.

    Args:
        frame: What all pages about the store have in common.
        near: The neighbourhood of the thing.
    """
    thing = near.thing
    triples = Triples(_as_frame([*near.statements, *near.context, *near.names])).distinct()
    bare = frame.make_site(triples)
    resources = find_resources(bare.built, frame.about.dataset).filter(pl.col("term") == thing)
    if resources.is_empty():
        resources = pl.DataFrame({"term": [thing], "kind": ["thing"]})
    paths = {one: frame.path_of(one) for one in near.described | {thing}}
    owners = {thing} | {value for _, predicate, value in triples if predicate == _CLAIMED}
    stated = Triples(_as_frame([*near.statements, *near.context])).distinct()
    fragments = find_fragments(stated, resources, {one: paths[one] for one in owners if one in paths})
    parts = {**_find_passages(near.described, paths), **fragments}
    parts.pop(thing, None)  # Who asks for the page of a claim gets one.
    site = frame.make_site(triples, {**paths, **parts}, resources)
    [(_, found)] = list_facts(site, 1, 0)
    facts = found[thing]
    facts.incoming = {one: list(several.things) for one, several in near.incoming.items()}
    facts.counts = {one: several.number for one, several in near.incoming.items()}
    facts.shortened = {one: (number, list_path("stated", 1, thing, one)) for one, number in near.shortened.items()}
    for graph, predicate, value in near.elsewhere:
        facts.external.setdefault(graph, []).append((predicate, value))
    facts.notes = {lang: [write_cut(cut, lang) for cut in near.cuts] for lang in site.languages}
    return ThingSite(frame, site, thing, facts, make_page(site, thing, resources["kind"][0], facts), near.has_all)


def _find_passages(described: Iterable[str], paths: Mapping[str, str]) -> dict[str, str]:
    """Return where on the pages of documents their passages are."""
    found = {}
    for one in described:
        whole, _, fragment = one[1:-1].partition("#")
        if fragment.startswith("char=") and f"<{whole}>" in paths:
            found[one] = f"{paths[f'<{whole}>']}#{fragment}"
    return found


def _as_frame(triples: Iterable[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(list(triples), schema=dict.fromkeys(_TRIPLE, pl.String), orient="row")
