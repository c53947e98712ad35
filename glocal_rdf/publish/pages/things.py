"""A page for everything that the graph describes: its names, its statements with evidence, what leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import polars as pl

from glocal_rdf.namespaces import DCTERMS, OWL, RDF_TYPE, RDFS, RDFS_LABEL, SCHEMA, SKOS, term
from glocal_rdf.publish.data_files import find_alternates
from glocal_rdf.publish.pages.documents import Passage, outline_documents
from glocal_rdf.publish.pages.incoming import name_lists, write_lists
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.showing import split_literal
from glocal_rdf.publish.site import Contribution, File, Page, Site
from glocal_rdf.publish.statements.facts import Fact, Facts, list_facts
from glocal_rdf.publish.structured import describe_for_search
from glocal_rdf.triples import terms

__all__ = [
    "DESCRIPTIONS",
    "NAMES",
    "Part",
    "Section",
    "arrange",
    "contribute",
    "describe",
    "find_parts",
    "make_page",
    "render_thing",
]

MAX_INCOMING: Final = 100
"""How many incoming statements of one predicate are listed on a page; the number of all is given."""

_CHUNK: Final = 2000
NAMES: Final = (term(SKOS, "prefLabel"), RDFS_LABEL, term(SKOS, "altLabel"), term(SKOS, "hiddenLabel"))
"""The predicates of names, preferred ones first."""

DESCRIPTIONS: Final = (
    term(SKOS, "definition"),
    term(DCTERMS, "description"),
    term(SCHEMA, "description"),
    term(RDFS, "comment"),
)
"""The predicates of descriptions; the first one that a thing has is taken."""

_LINKS: Final = (
    term(SKOS, "exactMatch"),
    term(OWL, "sameAs"),
    term(SKOS, "closeMatch"),
    term(SKOS, "broadMatch"),
    term(SKOS, "narrowMatch"),
    term(SKOS, "relatedMatch"),
)
_FIRST: Final = (
    *NAMES,
    *DESCRIPTIONS,
    term(SKOS, "scopeNote"),
    term(SKOS, "example"),
    RDF_TYPE,
    term(SKOS, "inScheme"),
    term(SKOS, "broader"),
    term(SKOS, "narrower"),
    term(RDFS, "subClassOf"),
    term(RDFS, "subPropertyOf"),
    term(RDFS, "domain"),
    term(RDFS, "range"),
)
"""The predicates that come first; all others follow by name."""

_DESCRIPTION_LENGTH: Final = 300
_CONTACT: Final = (
    "names nobody to whom a mistake is reported, so no page has a link for it; add"
    ' "dcat:contactPoint": {"@id": "mailto:…"}, or the address of a new issue (GitHub, GitLab)'
)


Part = tuple[str, str, Sequence[tuple[str, str]]]
"""What else is described on a page: the fragment that leads to it, its term, and its predicates with values."""


@dataclass(frozen=True)
class Section:
    """The facts of some predicates on a page, in one language.

    Attributes:
        name: Which it is: `names`, `statements` or `links`.
        facts: For each predicate, the facts in the language of the page or in none, and those in other languages.
    """

    name: str
    facts: Sequence[tuple[str, Sequence[Fact], Sequence[Fact]]]


def contribute(site: Site) -> Contribution:
    """Return the pages of all things and terms of a site."""
    return Contribution(
        write=_write, make=_make, notes=() if site.about.contact else (f"{site.built.project.metadata}: {_CONTACT}",)
    )


def make_page(site: Site, resource: str, kind: str, facts: Facts) -> Page:
    """Return the page of a resource.

    Args:
        site: The site.
        resource: Its term.
        kind: Its kind (see `resources.KINDS`).
        facts: What is known of it.
    """
    path = site.addresses[resource]
    descriptions = {lang: describe(facts, lang) for lang in site.languages}
    return Page(
        path=path,
        titles=site.titles_of(resource),
        descriptions=descriptions,
        iri=resource[1:-1],
        kind=kind,
        alternates=find_alternates(site, path),
        structured=describe_for_search(site, resource, kind, facts),
    )


def describe(facts: Facts, lang: str) -> str:
    """Return a description of a resource in a language; empty where there is none in it.

    Args:
        facts: What is known of the resource.
        lang: The language.
    """
    for predicate in DESCRIPTIONS:
        for fact in facts.stated.get(predicate, ()):
            if fact.plain and fact.value.startswith('"') and split_literal(fact.value)[1] in ("", lang):
                text = " ".join(terms.unquote(fact.value).split())
                return text if len(text) <= _DESCRIPTION_LENGTH else text[: _DESCRIPTION_LENGTH - 1].rstrip() + "…"
    return ""


def arrange(site: Site, facts: Facts, lang: str) -> list[Section]:
    """Arrange the facts about a resource for a page in one language.

    Args:
        site: The site, whose first language decides the order of predicates.
        facts: What is known of the resource.
        lang: The language of the page.
    """
    first: dict[str, int] = {predicate: place for place, predicate in enumerate(_FIRST)}
    order = sorted(
        facts.stated, key=lambda one: (first.get(one, len(first)), site.name_of(one, site.languages[0]).casefold(), one)
    )
    found: dict[str, list[tuple[str, Sequence[Fact], Sequence[Fact]]]] = {}
    for predicate in order:
        several = facts.stated[predicate]
        if predicate in NAMES:
            found.setdefault("names", []).append((predicate, _sort_by_language(several, lang), ()))
            continue
        name = "links" if predicate in _LINKS else "statements"
        found.setdefault(name, []).append((predicate, *_split_by_language(several, lang)))
    return [Section(name, found[name]) for name in ("names", "statements", "links") if name in found]


def _sort_by_language(facts: Iterable[Fact], lang: str) -> list[Fact]:
    return sorted(facts, key=lambda fact: _tag(fact.value) != lang)


def _split_by_language(facts: Sequence[Fact], lang: str) -> tuple[Sequence[Fact], Sequence[Fact]]:
    """Part facts into those in the language, or in none, and the others; all are the former where none is in it."""
    here = [fact for fact in facts if _tag(fact.value) in ("", lang)]
    if len(here) == len(facts) or not any(_tag(fact.value) for fact in here):
        return facts, ()
    return here, [fact for fact in facts if _tag(fact.value) not in ("", lang)]


def _tag(value: str) -> str:
    return split_literal(value)[1] if value.startswith('"') and not value.endswith(('"', ">")) else ""


def _make(site: Site, paths: Sequence[str]) -> Iterator[File]:
    """Yield the files of the pages of some resources."""
    wanted = [site.topics[path] for path in paths if path in site.topics]
    if wanted:
        yield from _write(site, site.resources.filter(pl.col("term").is_in(wanted)))


def _prepare(
    site: Site,
) -> tuple[Renderer, Mapping[str, Sequence[Passage]], Mapping[str, Sequence[Part]], pl.DataFrame]:
    """Return what all pages need: the renderer, passages and parts by page, and the types that are stated."""
    passages = outline_documents(site)
    stated_types = site.known.filter(pl.col("predicate") == RDF_TYPE)
    return Renderer(site), passages, find_parts(site, passages), stated_types


_keep_prepared = lru_cache(maxsize=1)(_prepare)


def _write(site: Site, resources: pl.DataFrame | None = None) -> Iterator[File]:
    renderer, passages, parts, stated_types = _prepare(site) if resources is None else _keep_prepared(site)
    for some, found in list_facts(site, _CHUNK, MAX_INCOMING, resources):
        own = stated_types.join(some.select(subject="term"), on="subject", how="semi").sort("object")
        types: dict[str, list[str]] = {}
        for resource, _, kind in own.iter_rows():
            types.setdefault(resource, []).append(kind)
        for resource, kind in some.iter_rows():
            facts = found[resource]
            page = make_page(site, resource, kind, facts)
            for lang in site.languages:
                content = render_thing(
                    renderer,
                    page,
                    facts,
                    lang,
                    types=types.get(resource, ()),
                    outline=passages.get(page.path, ()),
                    parts=parts.get(page.path, ()),
                    lists=name_lists(site, resource, facts),
                )
                yield File(site.file_of(page.path, lang), content)
            yield from write_lists(site, renderer, resource, facts)


def render_thing(
    renderer: Renderer,
    page: Page,
    facts: Facts,
    lang: str,
    *,
    types: Sequence[str] = (),
    outline: Sequence[Passage] = (),
    parts: Sequence[Part] = (),
    lists: Mapping[str, str],
) -> bytes:
    """Render the page of a thing in one language.

    Args:
        renderer: The renderer of the site.
        page: The page.
        facts: What is known of the thing.
        lang: The language.
        types: Its classes that are stated.
        outline: Its passages, where it is a document.
        parts: What else is described on the page; see `find_parts`.
        lists: The paths of whole lists of what leads to it, by predicate.

    Raises:
        InputError: Where a template of the project has a mistake, with its place.
    """
    return renderer.render_in(
        page,
        "document.html" if outline else "thing.html",
        lang,
        sections=arrange(renderer.site, facts, lang),
        resource=f"<{page.iri}>",
        outline=outline,
        types=types,
        facts=facts,
        parts=parts,
        lists=lists,
    )


def find_parts(site: Site, passages: Mapping[str, Sequence[Passage]]) -> Mapping[str, Sequence[Part]]:
    """Return what is described on each page besides what it is about, and is neither a claim, mapping nor passage.

    Args:
        site: The site.
        passages: The passages of documents, by the path of the page.

    Returns:
        The fragment, the term and the statements of each, by the path of the page.
    """
    shown = {*site.claims, *site.mapping_terms}
    shown |= {term for several in passages.values() for one in several for term in (one.term, *one.selectors)}
    places = [
        (one, *address.split("#", 1)) for one, address in site.addresses.items() if "#" in address and one not in shown
    ]
    frame = pl.DataFrame(places, schema=dict.fromkeys(("subject", "path", "fragment"), pl.String), orient="row")
    rows = site.graph.frame.join(frame, on="subject").sort("path", "subject", "predicate", "object")
    found: dict[str, list[Part]] = {}
    columns = rows.group_by("path", "fragment", "subject", maintain_order=True).agg("predicate", "object")
    for path, fragment, subject, predicates, values in columns.iter_rows():
        found.setdefault(path, []).append((fragment, subject, list(zip(predicates, values, strict=True))))
    return found
