"""Browsing: for each class a list of its things, whole and by what they have in common, with counts.

1. A class is listed if tables or claims state things of it; a concept scheme, if it has concepts.
2. Its things are grouped by up to three predicates: those whose values are things with pages, from 2 to 80 different
   ones, that the largest share of the things have (at least a fifth); and by decade, where they have dates.
3. A list of more than 500 things is parted into several pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Final, NamedTuple

import polars as pl

from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.namespaces import RDF_TYPE, SKOS, XSD, term
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, File, MenuItem, Page, Site

__all__ = ["Grouping", "Listing", "contribute", "list_groupings", "list_listings"]

_PER_PAGE: Final = 500
_MOST_GROUPINGS: Final = 3
_VALUES: Final = (2, 80)
_SHARE: Final = 0.2
_DATES: Final = rf'^"(\d{{3}})\d(?:-\d\d){{0,2}}"\^\^<{XSD}(?:gYear|gYearMonth|date)>$'
_DECADE: Final = "decade"


class Listing(NamedTuple):
    """What is listed together: a class or a concept scheme, the path of its page, and its things."""

    term: str
    path: str
    things: tuple[str, ...]


@dataclass(frozen=True)
class Grouping:
    """The things of a listing by a value that they have.

    Attributes:
        predicate: The predicate of the values, or `decade`.
        path: The path of its page.
        groups: The things by value; what has none is not there.
    """

    predicate: str
    path: str
    groups: Mapping[str, Sequence[str]]


def contribute(site: Site) -> Contribution:
    """Return the lists of things of a site."""
    listings = list_listings(site)
    if not listings:
        return Contribution(write=lambda _site: ())
    paths = {one.term: one for one in listings}
    return Contribution(
        write=partial(_write, listings=listings),
        menu=(MenuItem("browse/index", site.say(translatable("Browse")), order=10),),
        pages={"browse": "browse/index", **{f"browse {one.term}": one.path for one in listings}},
        inserts={kind: partial(_link_listing, site, paths) for kind in ("class", "scheme")},
    )


def _link_listing(site: Site, listings: Mapping[str, Listing], page: Page, lang: str) -> str:
    """Return the link from the page of a class to the list of its things."""
    listing = listings.get(f"<{page.iri}>")
    if listing is None:
        return ""
    number = len(listing.things)
    words = plural(
        lang, "Browse the {number:,} thing of this kind", "Browse the {number:,} things of this kind", number
    )
    return f'<p class="more"><a href="{escape(site.link(page, listing.path, lang))}">{escape(words)}</a></p>'


def list_listings(site: Site) -> list[Listing]:
    """Return what is listed, the longest list first.

    Args:
        site: The site.
    """
    stated = site.known
    own = site.resources.filter(pl.col("kind").is_in(["thing", "concept"])).select(subject="term")
    rows = stated.filter(pl.col("predicate").is_in([RDF_TYPE, term(SKOS, "inScheme")])).join(
        own, on="subject", how="semi"
    )
    classes = rows.filter(pl.col("object") != term(SKOS, "Concept")).select("subject", "object").unique()
    found = []
    taken: set[str] = set()
    for kind, things in (
        classes.sort("object", "subject").group_by("object", maintain_order=True).agg("subject").iter_rows()
    ):
        if kind not in site.addresses or "#" in site.addresses[kind]:
            continue
        name = site.addresses[kind].rpartition("/")[2]
        path = next(one for n in range(len(taken) + 1) if (one := f"browse/{name}{n or ''}").casefold() not in taken)
        taken.add(path.casefold())
        found.append(Listing(kind, path, tuple(things)))
    return sorted(found, key=lambda one: (-len(one.things), one.path))


def list_groupings(site: Site, listing: Listing) -> list[Grouping]:
    """Return by what the things of a listing are grouped.

    Args:
        site: The site.
        listing: The listing.
    """
    these = pl.DataFrame({"subject": listing.things})
    frame = site.known.join(these, on="subject", how="semi").select("subject", "predicate", "object").unique()
    paged = frame.filter(pl.col("predicate") != RDF_TYPE).join(
        site.resources, left_on="object", right_on="term", how="semi"
    )
    counted = paged.group_by("predicate").agg(values=pl.col("object").n_unique(), share=pl.col("subject").n_unique())
    least, most = _VALUES
    chosen = counted.filter(
        pl.col("values").is_between(least, most)
        & (pl.col("values") < pl.col("share"))
        & (pl.col("share") >= _SHARE * len(listing.things))
        & (pl.col("predicate") != term(SKOS, "inScheme"))
    ).sort("share", "predicate", descending=[True, False])
    found = [
        _group(site, listing, predicate, paged.filter(pl.col("predicate") == predicate))
        for predicate in chosen["predicate"].head(_MOST_GROUPINGS)
    ]
    dates = frame.with_columns(object=pl.col("object").str.extract(_DATES)).drop_nulls("object")
    if dates["subject"].n_unique() >= max(2, _SHARE * len(listing.things)):
        best = (
            dates.group_by("predicate")
            .agg(pl.col("subject").n_unique())
            .sort("subject", "predicate", descending=[True, False])
        )
        of_one = dates.filter(pl.col("predicate") == best["predicate"][0])
        decades = of_one.with_columns(object=pl.concat_str(pl.lit('"'), "object", pl.lit('0"')))
        found.append(_group(site, listing, _DECADE, decades))
    return found


def _group(site: Site, listing: Listing, predicate: str, rows: pl.DataFrame) -> Grouping:
    groups = rows.select("object", "subject").unique().sort("object", "subject")
    things = dict(groups.group_by("object", maintain_order=True).agg("subject").iter_rows())
    name = predicate if predicate == _DECADE else site.addresses.get(predicate, "").rpartition("/")[2]
    if predicate != _DECADE:
        things = dict(sorted(things.items(), key=lambda one: (-len(one[1]), one[0])))
    return Grouping(predicate, f"{listing.path}/{name or 'other'}", things)


def _write(site: Site, listings: Sequence[Listing]) -> Iterator[File]:
    renderer = Renderer(site)
    page = Page(path="browse/index", titles=site.say(translatable("Browse")), kind="browse")
    yield from renderer.render(page, "browse.html", listings=listings)
    for listing in listings:
        yield from _write_listing(site, renderer, listing)


def _write_listing(site: Site, renderer: Renderer, listing: Listing) -> Iterator[File]:
    groupings = list_groupings(site, listing)
    titles = site.titles_of(listing.term)
    things = sorted(listing.things, key=lambda one: (site.name_of(one, site.languages[0]).casefold(), one))
    parts = [things[start : start + _PER_PAGE] for start in range(0, len(things), _PER_PAGE)]
    paths = [listing.path, *(f"{listing.path}/page-{number}" for number in range(2, len(parts) + 1))]
    page = Page(path=listing.path, titles=titles, kind="listing")
    for number, (path, some) in enumerate(zip(paths, parts, strict=True)):
        yield from renderer.render(
            replace(page, path=path),
            "listing.html",
            listing=listing,
            groupings=groupings,
            grouping=None,
            things=some,
            paths=paths,
            number=number,
        )
    for grouping in groupings:
        by = {
            lang: message(lang, "decade") if grouping.predicate == _DECADE else site.name_of(grouping.predicate, lang)
            for lang in site.languages
        }
        named = {lang: message(lang, "{things} by {value}", things=titles[lang], value=by[lang]) for lang in by}
        yield from renderer.render(
            replace(page, path=grouping.path, titles=named),
            "listing.html",
            listing=listing,
            groupings=groupings,
            grouping=grouping,
            things=(),
            paths=(),
            number=0,
        )
