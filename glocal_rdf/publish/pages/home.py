"""The first page of a site, with what there is in it by class; the style sheet, and the files that hosts look for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from glocal_rdf.i18n import translatable
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.publish.rendering import Renderer, find_assets
from glocal_rdf.publish.site import Contribution, File, MenuItem, Page, Site

__all__ = ["ClassCount", "contribute", "count_classes"]


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many things with pages a class has.

    Attributes:
        term: The class.
        number: The number of its instances that have a page; None where nobody counted.
        path: The path of its page; None where it has none.
    """

    term: str
    number: int | None
    path: str | None


def contribute(site: Site) -> Contribution:
    """Return the first page and the style of a site."""
    return Contribution(
        write=_write,
        menu=(MenuItem("index", site.say(translatable("Start")), order=0),),
        pages={"home": "index"},
    )


def count_classes(site: Site) -> tuple[ClassCount, ...]:
    """Count the things with pages by the classes that tables state, most frequent first."""
    stated = site.known.filter(pl.col("predicate") == RDF_TYPE)
    paged = site.resources.filter(pl.col("kind").is_in(["thing", "concept", "scheme"]))
    counts = stated.join(paged, left_on="subject", right_on="term", how="semi").group_by("object").len()
    rows = counts.sort("len", "object", descending=[True, False]).iter_rows()
    return tuple(ClassCount(term, number, site.addresses.get(term)) for term, number in rows)


def _write(site: Site) -> Iterator[File]:
    titles = {lang: site.about.text("title", lang) or site.built.project.name for lang in site.languages}
    page = Page(
        path="index",
        titles=titles,
        descriptions=site.about.texts("description", site.languages),
        kind="home",
    )
    yield from Renderer(site).render(page, "home.html", classes=count_classes(site))
    yield from find_assets(site)
    # GitHub Pages leaves out files whose names begin with a dot or `_` unless there is this file.
    yield File(".nojekyll", b"")
