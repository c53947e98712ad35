"""Which pictures a site has, and where: the page of all of them, and the pages where each belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.i18n import message, translatable
from glocal_rdf.publish.pictures.drawing import EXTRA, Artist, can_draw
from glocal_rdf.publish.pictures.maps import draw_map, list_neighbourhoods
from glocal_rdf.publish.pictures.model import LegendEntry, Picture
from glocal_rdf.publish.pictures.networks import draw_network, list_memberships
from glocal_rdf.publish.pictures.selection import Selection
from glocal_rdf.publish.pictures.series import draw_series, list_charts
from glocal_rdf.publish.pictures.timelines import draw_timeline, rank_dates
from glocal_rdf.publish.pictures.trees import draw_tree, list_trees
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, File, MenuItem, Page, Site

if TYPE_CHECKING:
    from glocal_rdf.errors import Problem

__all__ = ["MOST_MAPS", "contribute_pictures", "list_by_page", "list_whole"]

MOST_MAPS: Final = 200
"""How many pages of things have a map, those with the most things on it."""

_MOST_ROWS: Final = 200
_MOST_TIMELINES: Final = 3
_MOST_CHARTS: Final = 3
_MOST_TREES: Final = 8
_LEAST_MEMBERSHIPS: Final = 4
_LEAST_BELOW: Final = 8
_MOST_BRANCHES: Final = 25
_LEAST_ON_MAP: Final = 3
_PATH: Final = "pictures"
_STYLE: Final = "assets/pictures.css"
_TITLE: Final = translatable("Maps and charts")

Maker = Callable[[], Picture]


def contribute_pictures(selection: Selection, problems: Sequence[Problem] = ()) -> Contribution:
    """Return the pictures of a site: none where the data have nothing to draw.

    Args:
        selection: What of the site can be drawn.
        problems: What is wrong with coordinates.
    """
    site = selection.site
    whole = list(list_whole(selection))
    if not whole:
        return Contribution(write=lambda _site: (), problems=tuple(problems))
    gallery = _Gallery(site, whole, dict(list_by_page(selection)))
    missing = () if gallery.drawn else (f"pictures are not drawn, because a package is missing: {EXTRA}",)
    return Contribution(
        write=gallery.write,
        menu=(MenuItem(_PATH, site.say(_TITLE), order=20),),
        styles=(_STYLE,),
        inserts={
            "home": gallery.show_first,
            **dict.fromkeys(("thing", "class", "concept", "scheme"), gallery.show),
        },
        pages={"pictures": _PATH},
        notes=missing,
        problems=tuple(problems),
    )


class _Gallery:
    """The pictures of a site, each made when it is first shown."""

    def __init__(self, site: Site, whole: Sequence[Maker], by_page: Mapping[str, Sequence[Maker]]) -> None:
        self.site = site
        self.whole = whole
        self.by_page = by_page
        self.drawn = can_draw()
        self._artist = Artist(site)
        self._renderer = Renderer(site)

    def write(self, site: Site) -> Iterator[File]:
        """Yield the page of all pictures."""
        page = Page(path=_PATH, titles=site.say(_TITLE), kind="pictures")
        pictures = [make() for make in self.whole]
        renderer = Renderer(site)
        for lang in site.languages:
            figures = [(one, self._frame(one, page, lang)) for one in pictures]
            content = renderer.render_in(page, "pictures.html", lang, figures=figures)
            yield File(site.file_of(page.path, lang), content)

    def show_first(self, page: Page, lang: str) -> str:
        """Return the first picture, for the first page, with the way to the others."""
        return self._show(page, lang, self.whole[:1], more=_PATH)

    def show(self, page: Page, lang: str) -> str:
        """Return the pictures that belong on the page of a thing, a class or a concept."""
        makers = self.by_page.get(f"<{page.iri}>")
        return self._show(page, lang, makers) if makers else ""

    def _show(self, page: Page, lang: str, makers: Sequence[Maker], more: str = "") -> str:
        figures = [(one, self._frame(one, page, lang)) for one in (make() for make in makers)]
        return self._renderer.render_part(page, "pictured.html", lang, figures=figures, more=more)

    def _frame(self, picture: Picture, page: Page, lang: str) -> Any:
        """Return a picture with its legend and table as HTML."""
        from markupsafe import Markup  # noqa: PLC0415 - only where a site is published

        drawing = Markup(self._artist.draw(picture, page, lang)) if self.drawn else ""  # noqa: S704 - lxml escapes
        part = self._renderer.render_part(
            page,
            "picture.html",
            lang,
            picture=picture,
            drawing=drawing,
            install=EXTRA,
            most=_MOST_ROWS,
            swatch=lambda entry: Markup(_draw_swatch(entry)),  # noqa: S704 - made of names of tokens
        )
        return Markup(part)  # noqa: S704 - a template escapes


def _draw_swatch(entry: LegendEntry) -> str:
    """Return the mark of an entry of a legend."""
    paths = {
        "circle": "M5 0A5 5 0 1 1 -5 0A5 5 0 1 1 5 0Z",
        "square": "M-4.4 -4.4H4.4V4.4H-4.4Z",
        "triangle-up": "M0 -5.5L5.2 4H-5.2Z",
        "triangle-down": "M0 5.5L5.2 -4H-5.2Z",
        "diamond": "M0 -6L4.6 0L0 6L-4.6 0Z",
        "cross": "M-5.5 -2H-2V-5.5H2V-2H5.5V2H2V5.5H-2V2H-5.5Z",
    }
    if entry.form in paths:
        inner = f'<path class="fill-{entry.colour}" d="{paths[entry.form]}"/>'
    elif entry.form == "hollow":
        inner = f'<circle class="stroke-{entry.colour} fill-paper" stroke-width="1.4" r="4"/>'
    elif entry.form == "ring":
        inner = f'<circle class="stroke-{entry.colour}" fill="none" stroke-width="1.5" r="5.5"/>'
    else:
        width = {"bar": 5, "line": 2}[entry.form]
        inner = f'<path class="stroke-{entry.colour}" stroke-width="{width}" d="M-7 0H7"/>'
    return f'<svg class="swatch" viewBox="-8 -8 16 16" aria-hidden="true">{inner}</svg>'


def list_whole(selection: Selection) -> Iterator[Maker]:
    """Yield what makes the pictures of the whole graph.

    Args:
        selection: What can be drawn.
    """
    site = selection.site
    located = [one for one in sorted(selection.positions) if one in selection.things]
    if len(located) >= _LEAST_ON_MAP:
        kinds = {selection.classes[one] for one in located if one in selection.classes}
        without = sum(1 for one, its in selection.classes.items() if its in kinds and one not in selection.positions)
        titles = site.say(translatable("Where things are"))
        yield _once(partial(draw_map, selection, "map", titles, located, without))
    near = list_neighbourhoods(selection)
    for thing, predicate, things in near[:1]:
        if len(things) < len(located):
            yield _once(partial(_draw_near, selection, "map-near", thing, predicate, things))
    for number, predicate in enumerate(rank_dates(selection)[:_MOST_TIMELINES]):
        yield _once(partial(draw_timeline, selection, f"timeline-{number + 1}", predicate))
    memberships = list_memberships(selection)
    if memberships.height >= _LEAST_MEMBERSHIPS:
        yield _once(partial(draw_network, selection, "network", memberships))
    for number, tree in enumerate(list_trees(selection)[:1]):
        yield _once(partial(draw_tree, selection, f"tree-{number + 1}", tree))
    for number, chart in enumerate(list_charts(selection)[:_MOST_CHARTS]):
        yield _once(partial(draw_series, selection, f"series-{number + 1}", chart))


def _draw_near(selection: Selection, key: str, thing: str, predicate: str, things: Sequence[str]) -> Picture:
    """Draw where the things are that refer to one."""
    site = selection.site
    titles = {
        lang: message(
            lang,
            "On the map: {property} {thing}",
            property=site.name_of(predicate, lang),
            thing=site.name_of(thing, lang),
        )
        for lang in site.languages
    }
    links = selection.links
    every = links.filter((links["object"] == thing) & (links["predicate"] == predicate))["subject"].n_unique()
    return draw_map(selection, key, titles, things, every - len(things), near=True)


def list_by_page(selection: Selection) -> Iterator[tuple[str, list[Maker]]]:
    """Yield things and terms, with what makes the pictures that belong on their pages.

    Args:
        selection: What can be drawn.
    """
    site = selection.site
    found: dict[str, list[Maker]] = {}
    near = [one for one in list_neighbourhoods(selection) if one[0] in site.addresses]
    for number, (thing, predicate, things) in enumerate(near[:MOST_MAPS]):
        make = partial(_draw_near, selection, f"map-{number + 1}", thing, predicate, things)
        found.setdefault(thing, []).append(_once(make))
    classes: dict[str, list[str]] = {}
    for thing, kind in selection.classes.items():
        classes.setdefault(kind, []).append(thing)
    for number, (kind, its) in enumerate(sorted(classes.items())):
        located = [one for one in its if one in selection.positions]
        if len(located) >= _LEAST_ON_MAP:
            titles = site.say(translatable("Where they are"))
            make = partial(draw_map, selection, f"map-c{number}", titles, located, len(its) - len(located))
            found.setdefault(kind, []).append(_once(make))
        if ranked := rank_dates(selection, its):
            found.setdefault(kind, []).append(
                _once(partial(draw_timeline, selection, f"timeline-c{number}", ranked[0], kind))
            )
    for number, tree in enumerate(list_trees(selection)[:_MOST_TREES]):
        found.setdefault(tree.scheme, []).append(_once(partial(draw_tree, selection, f"tree-{number + 1}", tree)))
        large = sorted((-below, one) for one, below in tree.numbers.items() if below >= _LEAST_BELOW)
        for place, (_, one) in enumerate(large[:_MOST_BRANCHES]):
            make = partial(draw_tree, selection, f"tree-{number + 1}-{place + 1}", tree, one)
            found.setdefault(one, []).append(_once(make))
    for number, chart in enumerate(list_charts(selection)):
        for place, thing in enumerate(chart.series):
            make = partial(draw_series, selection, f"series-{number + 1}-{place + 1}", chart, thing)
            found.setdefault(thing, []).append(_once(make))
    yield from found.items()


def _once(make: Maker) -> Maker:
    """Return a maker that keeps what it made."""
    made: list[Picture] = []

    def keep() -> Picture:
        if not made:
            made.append(make())
        return made[0]

    return keep
