"""The terms of the ontology: all of them on its page, by hierarchy, and for each how the data use it, with examples.

An IRI such as `…/ontology#City` leads to the page of the ontology, and its fragment to the term there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import polars as pl

from glocal_rdf.namespaces import RDF_TYPE, RDFS, term
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, Page, Site

__all__ = ["Term", "Usage", "contribute", "find_usage", "list_terms"]

_EXAMPLES: Final = 5
_MAX_DEPTH: Final = 12


class Term(NamedTuple):
    """A term in a hierarchy: how deep it is, and the anchor by which its IRI finds it; empty where it has none."""

    term: str
    depth: int
    anchor: str


@dataclass(frozen=True)
class Usage:
    """How the data use a term.

    Attributes:
        number: How many statements have the property, or how many things the class.
        examples: Pairs of subject and object, or things twice, for the first few.
    """

    number: int
    examples: Sequence[tuple[str, str]]


def contribute(site: Site) -> Contribution:
    """Return what is added to the pages of the ontology and its terms."""
    renderer = Renderer(site)
    usage = find_usage(site)

    def show_use(page: Page, lang: str, *, of_class: bool) -> str:
        found = usage.get(f"<{page.iri}>")
        values = {"usage": found, "of_class": of_class}
        return renderer.render_part(page, "usage.html", lang, **values) if found else ""

    def show_terms(page: Page, lang: str) -> str:
        values = {kind: list_terms(site, kind, page.iri) for kind in ("class", "property")}
        return renderer.render_part(page, "vocabulary.html", lang, terms=values, usage=usage)

    return Contribution(
        write=lambda _site: (),
        inserts={
            "class": partial(show_use, of_class=True),
            "property": partial(show_use, of_class=False),
            "ontology": show_terms,
        },
    )


def find_usage(site: Site) -> Mapping[str, Usage]:
    """Return how the data use each class and property, by term; a term without use is not there.

    Args:
        site: The site.
    """
    known = site.known.join(site.resources.select(subject="term"), on="subject", how="semi").unique()
    known = known.sort("predicate", "subject", "object")
    types = known.filter(pl.col("predicate") == RDF_TYPE).select(term="object", subject="subject", object="subject")
    uses = known.select("subject", "object", term="predicate").select("term", "subject", "object")
    grouped = pl.concat([types, uses]).group_by("term", maintain_order=True)
    rows = grouped.agg(pl.len(), pl.col("subject").head(_EXAMPLES), pl.col("object").head(_EXAMPLES)).iter_rows()
    return {one: Usage(number, list(zip(*pairs, strict=True))) for one, number, *pairs in rows}


def list_terms(site: Site, kind: str, ontology: str) -> list[Term]:
    """Return the classes or the properties that have pages, each after the one that it specializes.

    Args:
        site: The site.
        kind: `class` or `property`.
        ontology: The IRI of the ontology, for the anchors of its terms.
    """
    own = site.resources.filter(pl.col("kind") == kind)["term"].to_list()
    above = term(RDFS, "subClassOf" if kind == "class" else "subPropertyOf")
    links = site.graph.frame.filter(
        (pl.col("predicate") == above)
        & pl.col("subject").is_in(own)
        & pl.col("object").is_in(own)
        & (pl.col("subject") != pl.col("object"))
    )
    below: dict[str, list[str]] = {}
    for subject, _, parent in links.iter_rows():
        below.setdefault(parent, []).append(subject)
    roots = set(own) - set(links["subject"])
    lang = site.languages[0]
    seen: set[str] = set()

    def walk(some: Sequence[str], depth: int) -> Iterator[Term]:
        for one in sorted(some, key=lambda each: (site.name_of(each, lang).casefold(), each)):
            if one in seen or depth > _MAX_DEPTH:
                continue
            seen.add(one)
            start, mark, fragment = one[1:-1].partition("#")
            yield Term(one, depth, fragment if mark and start == ontology.rstrip("#") else "")
            yield from walk(below.get(one, ()), depth + 1)

    # What is only in a circle has no root.
    return [*walk(sorted(roots), 0), *walk(own, 0)]
