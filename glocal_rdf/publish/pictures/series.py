"""Numbers over time: what was counted of one thing at several dates, from claims or from rows of observations.

1. Claims that count (not deprecated, nobody's view, not of a part) with a number and a point in time, of one subject,
   predicate and quantity.
2. Things of a class that have a date for which they hold (`dcterms:date`), a number and a link to another thing: the
   numbers of that thing.

A series has at least two dates. A date without month or day is drawn at the middle of the time that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import polars as pl

from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.namespaces import DCTERMS, RDF_TYPE, SCHEMA, SCHEMA_HTTPS, SKOS, WGS84, XSD, term
from glocal_rdf.publish.pictures.charts import WIDTH, frame_plot, make_axis
from glocal_rdf.publish.pictures.model import SERIES, SHAPES, LegendEntry, Mark, Picture, Texts
from glocal_rdf.publish.pictures.selection import Selection, site_texts
from glocal_rdf.triples import terms
from glocal_rdf.vocabulary import BOUND, ORDER, QUANTITY

__all__ = ["MOST_SERIES", "Chart", "Point", "draw_series", "list_charts"]

MOST_SERIES: Final = 6
"""Up to how many things have a line in one picture."""

_DATE: Final = re.compile(r'"(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?(?:T[^"]*)?(?:Z|[+-]\d\d:\d\d)?"')
_NUMBERS: Final = (
    "integer",
    "decimal",
    "double",
    "float",
    "int",
    "long",
    "short",
    "nonNegativeInteger",
    "positiveInteger",
)
_NUMBER: Final = rf'^"([+-]?[0-9]+(?:\.[0-9]+)?)"\^\^<{XSD}(?:{"|".join(_NUMBERS)})>$'
_NOT_COUNTED: Final = (
    term(WGS84, "lat"),
    term(WGS84, "long"),
    term(SKOS, "notation"),
    *(term(space, name) for space in (SCHEMA, SCHEMA_HTTPS) for name in ("latitude", "longitude", "position")),
)
_OBSERVED: Final = (
    term(DCTERMS, "date"),
    *(term(space, "observationDate") for space in (SCHEMA, SCHEMA_HTTPS)),
)
"""The dates for which a number holds; that of a founding or an opening is another thing."""

_SHARE: Final = 0.8


class Point(NamedTuple):
    """A number at a date: the terms and values of both, and what makes it a bound (more than, at most), if anything."""

    when: str
    year: float
    value: str
    number: float
    bound: str


@dataclass(frozen=True, eq=False)
class Chart:
    """Numbers of one sort: what is counted (a term), and the points of each thing, by date."""

    what: str
    series: Mapping[str, Sequence[Point]]


def list_charts(selection: Selection) -> list[Chart]:
    """Return what there is of numbers over time, that of the most things first.

    Args:
        selection: What can be drawn.
    """
    found: dict[str, dict[str, list[Point]]] = {}
    for what, thing, point in (*_read_claims(selection), *_read_observations(selection)):
        found.setdefault(what, {}).setdefault(thing, []).append(point)
    charts = []
    for what, by_thing in found.items():
        series = {
            thing: sorted(set(points), key=lambda one: (one.year, one.number, one.value))
            for thing, points in by_thing.items()
            if len({point.when for point in points}) > 1
        }
        if series:
            charts.append(Chart(what, series))
    return sorted(charts, key=lambda chart: (-len(chart.series), chart.what))


def _read_claims(selection: Selection) -> Iterator[tuple[str, str, Point]]:
    project = selection.site.built.project
    at, of, bounds = (set(project.find_terms(name)) for name in ("pointInTime", QUANTITY, BOUND))
    for claim in selection.site.claims.values():
        if claim.deprecated or claim.holders or claim.parts or len(claim.objects) != 1:
            continue
        dates = [value for name, value in claim.qualifiers if name in at]
        what = next((value for name, value in claim.qualifiers if name in of), claim.predicate)
        bound = next((value for name, value in claim.qualifiers if name in bounds), "")
        if len(dates) == 1 and claim.subject in selection.things:
            point = _read_point(dates[0], claim.objects[0], bound)
            if point:
                yield what, claim.subject, point


def _read_observations(selection: Selection) -> Iterator[tuple[str, str, Point]]:
    """Yield the numbers of things of which others with a date and a number are observations."""
    rows = selection.statements
    order = selection.site.built.project.find_terms(ORDER)
    numbers = rows.filter(~pl.col("predicate").is_in([*_NOT_COUNTED, *order])).with_columns(
        number=pl.col("object").str.extract(_NUMBER)
    )
    numbers = numbers.drop_nulls("number").drop("number")
    dates = selection.dates.filter(pl.col("exact") & pl.col("predicate").is_in(_OBSERVED))
    dates = dates.select("subject", "predicate", "object")
    if numbers.is_empty() or dates.is_empty():
        return
    links = selection.links.filter(pl.col("predicate") != RDF_TYPE)
    classes = pl.DataFrame(
        {"subject": list(selection.classes), "kind": list(selection.classes.values())},
        schema={"subject": pl.String, "kind": pl.String},
    )
    sizes = dict(classes.group_by("kind").len().iter_rows())

    def common(frame: pl.DataFrame) -> pl.DataFrame:
        """Keep the predicates that nearly all things of a class have, once each."""
        counted = frame.join(classes, on="subject").with_columns(times=pl.len().over("subject", "predicate"))
        shares = counted.filter(pl.col("times") == 1).group_by("kind", "predicate").len()
        shares = shares.filter(pl.col("len") >= _SHARE * pl.col("kind").replace_strict(sizes, default=1))
        return counted.filter(pl.col("times") == 1).join(shares, on=["kind", "predicate"], how="semi")

    joined = (
        common(numbers)
        .select("subject", what="predicate", value="object")
        .join(common(dates).select("subject", on="predicate", when="object"), on="subject")
        .join(common(links).select("subject", by="predicate", thing="object"), on="subject")
    )
    # A thing that has several numbers of one sort at one date is not what was observed.
    several = pl.len().over("what", "on", "by", "thing", "when")
    kept = (
        joined.with_columns(several=several)
        .group_by("what", "on", "by")
        .agg(pl.col("several").max(), pl.col("thing"), pl.col("when"), pl.col("value"))
    )
    done: set[str] = set()
    for what, _, _, most, things, whens, values in kept.sort("what", "on", "by").iter_rows():
        if most > 1 or what in done or len(set(things)) == len(things):
            continue
        done.add(what)
        for thing, when, value in zip(things, whens, values, strict=True):
            point = _read_point(when, value, "")
            if point:
                yield what, thing, point


def _read_point(when: str, value: str, bound: str) -> Point | None:
    date = _DATE.match(when)
    number = re.match(_NUMBER, value)
    if not (date and number):
        return None
    year = int(date[1]) + ((int(date[2]) - 1) / 12 if date[2] else 0.5)
    year += (int(date[3]) - 1) / 365 if date[3] else (1 / 24 if date[2] else 0)
    return Point(when, round(year, 4), value, float(number[1]), bound)


def draw_series(selection: Selection, key: str, chart: Chart, thing: str = "") -> Picture:
    """Draw numbers over time, one line for each thing.

    Args:
        selection: What can be drawn.
        key: The key of the picture.
        chart: The numbers.
        thing: The thing whose numbers alone are drawn; empty for all.
    """
    site = selection.site
    order = [thing] if thing else sorted(chart.series, key=lambda one: (-len(chart.series[one]), one))
    drawn = order[:MOST_SERIES]
    marks: dict[str, Mark] = {}
    points: list[dict[str, Any]] = []
    for place, one in enumerate(drawn):
        path = selection.mark(one).path
        for point in chart.series[one]:
            mark = f"m{len(points)}"
            marks[mark] = Mark(
                _name_point(selection, one, point),
                path,
                site_texts(site, lambda lang, point=point: _write_number(selection, point, lang)),  # type: ignore[misc]
            )
            points.append(
                {"k": mark, "x": point.year, "y": point.number, "g": place, "c": SERIES[place], "s": SHAPES[place]}
                | {"f": "paper" if point.bound else SERIES[place]}
            )
    legend = [LegendEntry(SERIES[place], SHAPES[place], site.titles_of(one)) for place, one in enumerate(drawn)]
    legend = legend if len(drawn) > 1 else []
    notes: list[Texts] = []
    if left_out := len(order) - len(drawn):
        notes.append(
            site_texts(
                site,
                lambda lang: plural(
                    lang,
                    "{number:,} more thing has such numbers, which are in the table alone.",
                    "{number:,} more things have such numbers, which are in the table alone.",
                    left_out,
                ),
            )
        )
    if any(point.bound for one in drawn for point in chart.series[one]):
        notes.append(site.say(translatable("A hollow mark is a bound, such as “more than”.")))
    return Picture(
        key=key,
        kind="series",
        titles=site_texts(site, lambda lang: message(lang, "Over time: {what}", what=site.name_of(chart.what, lang))),
        descriptions=_describe(selection, chart, drawn),
        spec=_specify(points),
        marks=marks,
        labels=list(marks) if len(points) <= 24 else [],
        lettering="above",
        legend=legend,
        notes=notes,
        columns=(
            site.say(translatable("Thing")),
            site.say(translatable("Date")),
            site.say(translatable("Number")),
            site.say(translatable("Bound")),
        ),
        rows=[(one, point.when, point.value, point.bound) for one in order for point in chart.series[one]],
    )


def _name_point(selection: Selection, thing: str, point: Point) -> Texts:
    site = selection.site
    when = terms.unquote(point.when)

    return site_texts(
        site, lambda lang: f"{site.name_of(thing, lang)} {_write_number(selection, point, lang)} ({when})"
    )


def _write_number(selection: Selection, point: Point, lang: str) -> str:
    """Return a number with the word that makes it a bound, if any."""
    bound = f"{selection.site.name_of(point.bound, lang)} " if point.bound else ""
    return f"{bound}{point.number:,.10g}"


def _describe(selection: Selection, chart: Chart, drawn: Sequence[str]) -> Texts:
    site = selection.site
    found = {}
    for lang in site.languages:
        comma, semicolon, colon = ("、", "；", "：") if lang.startswith("zh") else (", ", "; ", ": ")
        parts = []
        for one in drawn:
            points = chart.series[one]
            some = points if len(points) <= 4 else [points[0], points[-1]]
            values = comma.join(
                f"{_write_number(selection, point, lang)} ({terms.unquote(point.when)})" for point in some
            )
            parts.append(f"{site.name_of(one, lang)}{colon}{values}")
        found[lang] = semicolon.join(parts)
    return found


def _specify(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    height = 340
    most = max(abs(one["y"]) for one in points)
    first, last = min(one["x"] for one in points), max(one["x"] for one in points)
    room = max((last - first) * 0.12, 0.4)
    step = max(1, round((last - first) / 8))
    ticks = list(range(int(first), int(last + room) + 1, step))
    return {
        "width": WIDTH,
        "height": height,
        "data": [{"name": "points", "values": list(points)}],
        "scales": [
            {
                "name": "x",
                "type": "linear",
                "domain": [first - room, last + room],
                "range": [0, WIDTH - 110],
                "zero": False,
            },
            {
                "name": "y",
                "type": "linear",
                "domain": {"data": "points", "field": "y"},
                "range": [height - 58, 0],
                "nice": True,
                "zero": True,
            },
        ],
        "marks": [
            frame_plot(
                90,
                24,
                WIDTH - 110,
                height - 58,
                [
                    make_axis("x", "bottom", "d", values=ticks),
                    make_axis("y", "left", ",~g" if most < 10 else ",d", tickCount=5),
                ],
                {
                    "type": "group",
                    "from": {"facet": {"name": "line", "data": "points", "groupby": "g"}},
                    "marks": [
                        {
                            "type": "line",
                            "from": {"data": "line"},
                            "encode": {
                                "enter": {
                                    "x": {"scale": "x", "field": "x"},
                                    "y": {"scale": "y", "field": "y"},
                                    "stroke": {"field": "c"},
                                    "strokeWidth": {"value": 2},
                                }
                            },
                        }
                    ],
                },
            ),
            {
                "type": "symbol",
                "from": {"data": "points"},
                "encode": {
                    "enter": {
                        "x": {"scale": "x", "field": "x", "offset": 90},
                        "y": {"scale": "y", "field": "y", "offset": 24},
                        "size": {"value": 90},
                        "shape": {"field": "s"},
                        "fill": {"field": "f"},
                        "stroke": {"field": "c"},
                        "strokeWidth": {"value": 1.6},
                        "description": {"field": "k"},
                    }
                },
            },
        ],
    }
