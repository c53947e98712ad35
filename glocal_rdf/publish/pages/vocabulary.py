"""The terms of the ontology: all of them on its page, by hierarchy, and for each how the data use it, with examples.

An IRI such as `…/ontology#City` leads to the page of the ontology, and its fragment to the term there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import polars as pl

from glocal_rdf.namespaces import RDF_TYPE, RDFS, SKOS, term
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, Page, Site

__all__ = ["Place", "Term", "Usage", "contribute", "count_partners", "find_hierarchy", "find_usage", "list_terms"]

_EXAMPLES: Final = 5
_PARTNERS: Final = 12
"""How many properties of a class, or classes of a property, are listed."""

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
    hierarchy = {kind: find_hierarchy(site, kind) for kind in ("class", "property")}
    partners = {kind: count_partners(site, kind) for kind in ("class", "property")}

    def show_use(page: Page, lang: str, *, of_class: bool) -> str:
        one, kind = f"<{page.iri}>", "class" if of_class else "property"
        found, place = usage.get(one), hierarchy[kind].get(one)
        if not (found or place):
            return ""
        values = {"usage": found, "of_class": of_class, "place": place, "partners": partners[kind].get(one, ())}
        return renderer.render_part(page, "usage.html", lang, **values)

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


class Place(NamedTuple):
    """Where a term stands in the hierarchy of its kind: the terms above it, and those right below it.

    Attributes:
        above: For each term above it how deep it is, the highest first.
        below: The terms right below it.
    """

    above: Sequence[tuple[str, int]]
    below: Sequence[str]


def find_hierarchy(site: Site, kind: str) -> Mapping[str, Place]:
    """Return the place of each class or property that has a term above or below it, by term.

    Args:
        site: The site.
        kind: `class` or `property`.
    """
    predicate = term(RDFS, "subClassOf" if kind == "class" else "subPropertyOf")
    up: dict[str, list[str]] = {}
    down: dict[str, list[str]] = {}
    links = site.graph.frame.filter((pl.col("predicate") == predicate) & pl.col("object").str.starts_with("<"))
    for child, _, parent in links.sort("subject", "object").iter_rows():
        if child != parent:
            up.setdefault(child, []).append(parent)
            down.setdefault(parent, []).append(child)
    lang = site.languages[0]

    def order(one: str) -> tuple[str, str]:
        return site.name_of(one, lang).casefold(), one

    def climb(one: str) -> list[tuple[str, int]]:
        """Return the terms above, each with how far it is from the highest; each once, however many ways lead there."""
        steps: dict[str, int] = {}
        todo = [(parent, 1) for parent in up.get(one, ())]
        while todo:
            parent, far = todo.pop(0)
            if parent in steps or parent == one or far > _MAX_DEPTH:
                continue
            steps[parent] = far
            todo += [(other, far + 1) for other in up.get(parent, ())]
        most = max(steps.values(), default=0)
        return sorted(((other, most - far) for other, far in steps.items()), key=lambda pair: (pair[1], order(pair[0])))

    every = sorted({*up, *down})
    return {one: Place(climb(one), sorted(down.get(one, ()), key=order)) for one in every}


def count_partners(site: Site, kind: str) -> Mapping[str, Sequence[tuple[str, str, int]]]:
    """Return what the data use each term with: the properties of a class's things, the classes that a property joins.

    Args:
        site: The site.
        kind: `class` or `property`.

    Returns:
        For each term the most frequent: a word (`property`, `subject` or `object`), the other term and the number of
        statements.
    """
    known = site.known.unique()
    typed = known.filter(pl.col("predicate") == RDF_TYPE).select("subject", of="object")
    rows = known.filter(~pl.col("predicate").is_in([RDF_TYPE, term(SKOS, "inScheme")]))
    subjects = rows.join(typed, on="subject").group_by("of", "predicate").len()
    if kind == "class":
        tables = [("property", subjects.select(term="of", other="predicate", len="len"))]
    else:
        objects = rows.join(typed, left_on="object", right_on="subject").group_by("of", "predicate").len()
        tables = [
            ("subject", subjects.select(term="predicate", other="of", len="len")),
            ("object", objects.select(term="predicate", other="of", len="len")),
        ]
    found: dict[str, list[tuple[str, str, int]]] = {}
    for word, counted in tables:
        ordered = counted.sort("term", "len", "other", descending=[False, True, False])
        for one, other, number in ordered.group_by("term", maintain_order=True).head(_PARTNERS).iter_rows():
            found.setdefault(one, []).append((word, other, number))
    return found


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
