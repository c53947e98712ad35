"""Maps: where things are, by kind, with what links them and where others have their seat.

Things that are far apart are on a map of the world (Equal Earth, coastlines 1:110 million); those within some 60
degrees on a map of their part of it (Lambert's azimuthal equal-area, 1:50 million). Borders are not drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.namespaces import DCTERMS, GEO, ORG, SCHEMA, SCHEMA_HTTPS, SKOS, term
from glocal_rdf.publish.pictures.cartography import credit_land, specify_map
from glocal_rdf.publish.pictures.model import SERIES, Cell, LegendEntry, Mark, Picture, Texts
from glocal_rdf.publish.pictures.selection import Selection, site_texts

if TYPE_CHECKING:
    from glocal_rdf.publish.pictures.selection import Category

__all__ = ["MOST_POINTS", "draw_map", "list_neighbourhoods"]

MOST_POINTS: Final = 500
"""Up to how many things have a point each; more are counted in cells of a grid."""

_MEMBER: Final = (term(ORG, "memberOf"), *(term(space, "memberOf") for space in (SCHEMA, SCHEMA_HTTPS)))
_MOST_LABELS: Final = 60
_MOST_CELLS: Final = 400
_ACROSS: Final = 60
_SPACES: Final = (SCHEMA, SCHEMA_HTTPS)
_SEATS: Final = tuple(term(space, name) for space in _SPACES for name in ("location", "foundingLocation"))
_WITHIN: Final = (
    *(term(space, name) for space in _SPACES for name in ("containedInPlace", "isPartOf", "containsPlace", "hasPart")),
    *(term(DCTERMS, name) for name in ("isPartOf", "hasPart", "spatial")),
    *(term(GEO, name) for name in ("sfWithin", "sfContains")),
    *(term(SKOS, name) for name in ("broader", "narrower", "broadMatch")),
    term(ORG, "subOrganizationOf"),
)


def list_neighbourhoods(selection: Selection) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the things that others with positions refer to: members of a network, cities of a country.

    Args:
        selection: What can be drawn.

    Returns:
        Of each the thing, the predicate by which most refer to it, and these; the one with most of them first.
    """
    rows = selection.links.filter(pl.col("subject").is_in(list(selection.positions)))
    grouped = rows.group_by("object", "predicate").agg(pl.col("subject").sort(), number=pl.len())
    least = pl.when(pl.col("predicate").is_in(_MEMBER)).then(2).otherwise(3)
    best = grouped.filter(pl.col("number") >= least).sort(
        "number", "object", "predicate", descending=[True, False, False]
    )
    best = best.unique("object", keep="first", maintain_order=True)
    return [(thing, predicate, tuple(its)) for thing, predicate, its in best.drop("number").iter_rows()]


def draw_map(
    selection: Selection, key: str, titles: Texts, things: Sequence[str], without: int = 0, *, near: bool = False
) -> Picture:
    """Draw where things are.

    Args:
        selection: What can be drawn.
        key: The key of the picture.
        titles: What it shows.
        things: The things, which all have positions.
        without: How many more there are that have no position.
        near: Whether the things are those that refer to one, and not all of their kinds.
    """
    site = selection.site
    shown = sorted(things)
    categories, order = selection.categorize(shown, most=3, divide=False)
    links = _find_links(selection, shown) if len(shown) <= MOST_POINTS else []
    seats, seated = _find_seats(selection, shown) if len(shown) <= MOST_POINTS else ({}, [])
    marks: dict[str, Mark] = {}
    points = _count_cells(selection, shown, marks) if len(shown) > MOST_POINTS else []
    for number, thing in enumerate(shown if not points else ()):
        at, category = selection.positions[thing], categories[thing]
        key_of = f"m{number}"
        name = selection.mark(thing)
        texts = name.texts
        if thing in seats:
            texts = site_texts(
                site,
                lambda lang, thing=thing, name=name: message(  # type: ignore[misc]
                    lang, "{place} ({things})", place=name.texts[lang], things=_list(selection, seats[thing], lang)
                ),
            )
        marks[key_of] = Mark(texts, name.path, name.texts)
        points.append(
            {"k": key_of, "lon": at.longitude, "lat": at.latitude, "c": category.colour, "s": category.shape, "n": 60}
        )
    where = {thing: selection.positions[thing] for thing in shown}
    name_of = site.name_of
    for number, (one, other, predicate) in enumerate(links):
        marks[f"l{number}"] = Mark(
            {
                lang: f"{name_of(one, lang)} – {name_of(other, lang)}{_colon(lang)}{name_of(predicate, lang)}"
                for lang in site.languages
            }
        )
    predicates = sorted({predicate for _, _, predicate in links}, key=lambda one: (site.name_of(one, "en"), one))
    colours = {one: SERIES[3 + number % 3] for number, one in enumerate(predicates)}
    lines = [
        {
            "k": f"l{number}",
            "c": colours[predicate],
            "geometry": {
                "type": "LineString",
                "coordinates": [[where[end].longitude, where[end].latitude] for end in (one, other)],
            },
        }
        for number, (one, other, predicate) in enumerate(links)
    ]
    rings = [{"lon": where[thing].longitude, "lat": where[thing].latitude} for thing in sorted(seats)]
    legend = [category.explain() for category in order] if len(shown) <= MOST_POINTS else []
    legend += [LegendEntry(colours[one], "line", site.titles_of(one)) for one in predicates]
    if seats:
        legend.append(LegendEntry("ink", "ring", site_texts(site, lambda lang: _list(selection, seated, lang))))
    return Picture(
        key=key,
        kind="map",
        titles=titles,
        descriptions=_describe(selection, shown, order, categories, len(links), len(seats)),
        spec=specify_map([(at.longitude, at.latitude) for at in where.values()], points, lines, rings),
        marks=marks,
        first=len({end for one, other, _ in links for end in (one, other)}),
        labels=_order_labels(shown, links, seats) if len(shown) <= _MOST_LABELS else (),
        legend=legend,
        notes=_note(selection, shown, without, near=near),
        columns=(
            site.say(translatable("Thing")),
            site.say(translatable("Kind")),
            site.say(translatable("Latitude")),
            site.say(translatable("Longitude")),
            site.say(translatable("Linked with, or what is there")),
        ),
        rows=_tabulate(selection, shown, links, seats),
    )


def _order_labels(
    shown: Sequence[str], links: Sequence[tuple[str, str, str]], seats: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the marks, those first that are linked or where something is based."""
    first = {end for one, other, _ in links for end in (one, other)}
    order = sorted(
        range(len(shown)), key=lambda number: (shown[number] not in first, shown[number] not in seats, number)
    )
    return [f"m{number}" for number in order]


def _colon(lang: str) -> str:
    return "：" if lang.startswith("zh") else ": "


def _list(selection: Selection, things: Sequence[str], lang: str) -> str:
    return ("、" if lang.startswith("zh") else ", ").join(selection.site.name_of(one, lang) for one in things)


def _find_links(selection: Selection, shown: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return what links things on the map with one another, each pair once; not that one is within the other."""
    country = selection.site.built.project.find_terms("country")
    rows = selection.links.filter(
        pl.col("subject").is_in(list(shown))
        & pl.col("object").is_in(list(shown))
        & ~pl.col("predicate").is_in([*_WITHIN, *country])
        & (pl.col("subject") != pl.col("object"))
    )
    found = {
        (min(one, other), max(one, other), predicate): (one, other, predicate)
        for one, predicate, other in rows.iter_rows()
    }
    return [found[one] for one in sorted(found)]


def _find_seats(selection: Selection, shown: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return what has its seat, or takes place, at things on the map, by these; and the predicates by which it does."""
    predicates = [*_SEATS, *selection.site.built.project.find_terms("seat")]
    rows = selection.links.filter(
        pl.col("predicate").is_in(predicates)
        & pl.col("object").is_in(list(shown))
        & ~pl.col("subject").is_in(list(selection.positions))
    )
    found: dict[str, list[str]] = {}
    for subject, _, place in rows.iter_rows():
        if subject not in found.setdefault(place, []):
            found[place].append(subject)
    return found, sorted(rows["predicate"].unique())


def _count_cells(selection: Selection, shown: Sequence[str], marks: dict[str, Mark]) -> list[dict[str, Any]]:
    """Return a point for each cell of a grid, as large as the number of things in it; the grid has cells for a few."""
    frame = pl.DataFrame(
        {
            "lon": [selection.positions[one].longitude for one in shown],
            "lat": [selection.positions[one].latitude for one in shown],
        }
    )
    size = max(max(one) - min(one) for one in (frame["lon"].to_list(), frame["lat"].to_list())) / _ACROSS or 1.0
    while True:
        cells = frame.group_by(x=(pl.col("lon") / size).floor(), y=(pl.col("lat") / size).floor()).agg(
            pl.len(), pl.col("lon").sort().mean(), pl.col("lat").sort().mean()
        )
        if cells.height <= _MOST_CELLS:
            break
        size *= 1.5
    points: list[dict[str, Any]] = []
    most = max(cells["len"].to_list(), default=1)
    for _, _, number, lon, lat in cells.sort("len", "x", "y", descending=[True, False, False]).iter_rows():
        key = f"m{len(points)}"
        marks[key] = Mark(
            site_texts(
                selection.site,
                lambda lang, number=number: plural(lang, "{number:,} thing", "{number:,} things", number),  # type: ignore[misc]
            )
        )
        points.append(
            {
                "k": key,
                "lon": round(lon, 4),
                "lat": round(lat, 4),
                "c": SERIES[0],
                "s": "circle",
                "n": 20 + 600 * number / most,
            }
        )
    return points


def _describe(
    selection: Selection,
    shown: Sequence[str],
    order: Sequence[Category],
    categories: Mapping[str, Category],
    links: int,
    seats: int,
) -> Texts:
    found = {}
    for lang in selection.site.languages:
        comma = "、" if lang.startswith("zh") else ", "
        parts = [f"{one.texts[lang]} {sum(1 for thing in shown if categories[thing] is one):,}" for one in order]
        if links:
            parts.append(plural(lang, "{number:,} link between them", "{number:,} links between them", links))
        if seats:
            parts.append(
                plural(
                    lang,
                    "{number:,} place where something is based or held",
                    "{number:,} places where something is based or held",
                    seats,
                )
            )
        whole = plural(lang, "{number:,} thing is on the map", "{number:,} things are on the map", len(shown))
        found[lang] = f"{whole}{_colon(lang)}{comma.join(parts)}"
    return found


def _note(selection: Selection, shown: Sequence[str], without: int, *, near: bool) -> list[Texts]:
    site = selection.site
    notes: list[Texts] = []
    if without:
        notes.append(
            site_texts(
                site,
                lambda lang: (
                    plural(
                        lang,
                        "{number:,} more thing of the same kinds has no coordinates.",
                        "{number:,} more things of the same kinds have no coordinates.",
                        without,
                    )
                    if not near
                    else plural(
                        lang,
                        "{number:,} more thing of which the same is stated has no coordinates.",
                        "{number:,} more things of which the same is stated have no coordinates.",
                        without,
                    )
                ),
            )
        )
    if len(shown) > MOST_POINTS:
        notes.append(
            site.say(
                translatable(
                    "Things near one another are one point, larger for more; links between them are not drawn."
                )
            )
        )
    names = {f"{source.name}": source for source in site.built.source_graphs}
    used = sorted({selection.positions[one].source for one in shown} & names.keys())
    if used:
        sources = [_credit(selection, f"<{names[one].iri}>") for one in used]
        notes.append(
            site_texts(
                site,
                lambda lang: message(
                    lang, "Coordinates: {sources}.", sources=("；" if lang.startswith("zh") else "; ").join(sources)
                ),
            )
        )
    notes.append(site_texts(site, lambda lang: message(lang, "Coastlines: {credit}.", credit=credit_land())))
    return notes


def _credit(selection: Selection, graph: str) -> str:
    """Return the words by which a source of coordinates is credited; its name where it asks for none."""
    from glocal_rdf.triples import terms  # noqa: PLC0415

    [source] = [one for one in selection.site.built.source_graphs if f"<{one.iri}>" == graph]
    rows = source.about.frame.filter(
        (pl.col("subject") == graph) & pl.col("predicate").is_in([term(space, "creditText") for space in _SPACES])
    )
    texts = sorted(rows["object"])
    return terms.unquote(texts[0]).rstrip(".") if texts else selection.site.name_of(graph, "en")


def _tabulate(
    selection: Selection,
    shown: Sequence[str],
    links: Sequence[tuple[str, str, str]],
    seats: Mapping[str, Sequence[str]],
) -> list[tuple[Cell, ...]]:
    with_: dict[str, list[str]] = {}
    for one, other, _ in links:
        with_.setdefault(one, []).append(other)
        with_.setdefault(other, []).append(one)
    rows: list[tuple[Cell, ...]] = []
    for thing in shown:
        at = selection.positions[thing]
        others = [*with_.get(thing, ()), *seats.get(thing, ())]
        first = (thing, selection.classes.get(thing, ""), f'"{at.latitude:.4f}"', f'"{at.longitude:.4f}"')
        rows += [(*first, other) for other in others] or [(*first, "")]
    return rows
