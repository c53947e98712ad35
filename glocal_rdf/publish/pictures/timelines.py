"""Timelines: when things began, by kind. Up to 60 dates have a line and a name each; more are counted by time.

A date that is not exact is a bar from the first to the last year that it allows, with a hollow end. What has no such
years, or none at all, is counted beneath the picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.namespaces import DCTERMS, SCHEMA, SCHEMA_HTTPS, TIME, term
from glocal_rdf.publish.pictures.charts import TEXT_SIZE, WIDTH, frame_plot, make_axis, span_years
from glocal_rdf.publish.pictures.model import Cell, LegendEntry, Mark, Picture, Texts, placeholder
from glocal_rdf.publish.pictures.selection import Category, Selection, site_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MOST_LINES", "draw_timeline", "rank_dates"]

MOST_LINES: Final = 60
"""Up to how many dates have a line each."""

_LEAST: Final = 4
_NOT_OF_THINGS: Final = (
    term(DCTERMS, "modified"),
    *(term(space, name) for space in (SCHEMA, SCHEMA_HTTPS) for name in ("dateModified", "lastReviewed")),
    *(term(TIME, name) for name in ("inXSDgYear", "inXSDgYearMonth", "inXSDDate", "inXSDDateTime")),
)
"""Dates of descriptions, and of instants that qualify statements: nothing began then."""

_ROW, _HEAD, _TOP, _LEFT = 20, 30, 26, 40


class _Drawn(NamedTuple):
    """What differs between the two forms of a timeline."""

    spec: dict[str, Any]
    marks: dict[str, Mark]
    texts: dict[str, Texts]
    rows: Sequence[Sequence[Cell]]


def rank_dates(selection: Selection, things: Sequence[str] | None = None) -> list[str]:
    """Return the predicates whose dates are worth a timeline, those that most things have first.

    Args:
        selection: What can be drawn.
        things: The things whose dates count; by default all.
    """
    rows = selection.dates.filter(~pl.col("predicate").is_in(_NOT_OF_THINGS) & pl.col("first").is_not_null())
    if things is not None:
        rows = rows.filter(pl.col("subject").is_in(list(things)))
    counted = rows.group_by("predicate").agg(number=pl.col("subject").n_unique(), years=pl.col("first").n_unique())
    kept = counted.filter((pl.col("number") >= _LEAST) & (pl.col("years") > 1))
    return kept.sort("number", "predicate", descending=[True, False])["predicate"].to_list()


def draw_timeline(selection: Selection, key: str, predicate: str, kind: str = "") -> Picture:
    """Draw the dates of one predicate.

    Args:
        selection: What can be drawn.
        key: The key of the picture.
        predicate: The predicate, one of `rank_dates`.
        kind: The class whose things are drawn; empty for all.
    """
    rows = selection.dates.filter(pl.col("predicate") == predicate)
    if kind:
        rows = rows.filter(pl.col("subject").is_in([one for one, its in selection.classes.items() if its == kind]))
    dated = rows.filter(pl.col("first").is_not_null() & pl.col("last").is_not_null()).sort("first", "last", "subject")
    subjects = dated["subject"].unique(maintain_order=True).to_list()
    categories, order = selection.categorize(subjects)
    lines = dated.height <= MOST_LINES
    draw = _draw_lines if lines else _draw_bars
    drawn = draw(selection, dated, categories, order)
    site = selection.site
    titles = {
        lang: message(lang, "Timeline: {property} ({things})", property=name, things=site.name_of(kind, lang))
        if kind
        else message(lang, "Timeline: {property}", property=name)
        for lang in site.languages
        for name in (site.name_of(predicate, lang),)
    }
    low, high = dated["first"].min(), dated["last"].max()
    inexact = dated.filter(~pl.col("exact"))
    legend = [category.explain() for category in order] if len(order) > 1 and not lines else []
    if lines and inexact.height:
        legend.append(LegendEntry("soft", "bar", site.say(translatable("the years that an inexact date allows"))))
    return Picture(
        key=key,
        kind="timeline",
        titles=titles,
        descriptions=_describe(selection, dated, order, categories, int(low), int(high)),  # type: ignore[arg-type]
        spec=drawn.spec,
        marks=drawn.marks,
        texts=drawn.texts,
        labels=list(drawn.marks) if lines else (),
        legend=legend,
        notes=_note(selection, rows, dated, kind),
        columns=(
            site.titles_of(predicate),
            site.say(translatable("Kind")),
            site.say(translatable("Thing") if lines else translatable("Number")),
        ),
        rows=drawn.rows,
    )


def _describe(
    selection: Selection,
    dated: pl.DataFrame,
    order: Sequence[Category],
    categories: Mapping[str, Category],
    low: int,
    high: int,
) -> Texts:
    found = {}
    numbers = [sum(1 for one in dated["subject"] if categories[one] is category) for category in order]
    for lang in selection.site.languages:
        start = plural(
            lang,
            "{number:,} date from {first} to {last}",
            "{number:,} dates from {first} to {last}",
            dated.height,
            first=low,
            last=high,
        )
        comma, colon = ("、", "：") if lang.startswith("zh") else (", ", ": ")
        parts = [f"{one.texts[lang]} {number:,}" for one, number in zip(order, numbers, strict=True)]
        found[lang] = f"{start}{colon}{comma.join(parts)}" if len(order) > 1 else start
    return found


def _list_kinds(selection: Selection, subjects: set[str]) -> set[str]:
    """Return the classes of things a tenth of which have a date; of the others it is not expected."""
    sizes = Counter(selection.classes.values())
    dated = Counter(selection.classes[thing] for thing in subjects if thing in selection.classes)
    return {one for one, number in dated.items() if number * 10 >= sizes[one]}


def _note(selection: Selection, rows: pl.DataFrame, dated: pl.DataFrame, kind: str) -> list[Texts]:
    """Return what is not drawn, or drawn more than once."""
    site = selection.site
    notes: list[Texts] = []
    subjects = set(dated["subject"])
    kinds = {kind} if kind else _list_kinds(selection, subjects)
    others = sum(1 for one, its in selection.classes.items() if its in kinds and one not in subjects)
    many = dated.height - len(subjects)
    open_ended = rows.height - dated.height
    if others:
        notes.append(
            site_texts(
                site,
                lambda lang: plural(
                    lang,
                    "{number:,} more thing of the same kinds is not drawn, since no such date is known of it.",
                    "{number:,} more things of the same kinds are not drawn, since no such date is known of them.",
                    others,
                ),
            )
        )
    if open_ended:
        notes.append(
            site_texts(
                site,
                lambda lang: plural(
                    lang,
                    "{number:,} date has no beginning or no end, and is not drawn.",
                    "{number:,} dates have no beginning or no end, and are not drawn.",
                    open_ended,
                ),
            )
        )
    if many:
        notes.append(
            site_texts(
                site,
                lambda lang: plural(
                    lang,
                    "{number:,} date is a further one of a thing that is drawn at each.",
                    "{number:,} dates are further ones of things that are drawn at each.",
                    many,
                ),
            )
        )
    if dated.height > MOST_LINES:
        notes.append(site.say(translatable("An inexact date counts at the first year that it allows.")))
    return notes


def _draw_lines(
    selection: Selection, dated: pl.DataFrame, categories: Mapping[str, Category], order: Sequence[Category]
) -> _Drawn:
    """Draw a line for each date, under the heads of the kinds."""
    marks: dict[str, Mark] = {}
    texts: dict[str, Texts] = {}
    rows: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    at = float(_TOP)
    for number, category in enumerate(order):
        if len(order) > 1:
            at += _HEAD
            heads.append({"y": at - 8, "text": placeholder(f"head-{number}")})
            texts[f"head-{number}"] = category.texts
        for thing, first, last, exact in dated.select("subject", "first", "last", "exact").iter_rows():
            if categories[thing] is category:
                key = f"m{len(rows)}"
                marks[key] = Mark(selection.short_names(thing, TEXT_SIZE), selection.mark(thing).path)
                rows.append(
                    {"k": key, "a": first, "b": last, "y": at + _ROW / 2, "c": category.colour, "s": category.shape}
                    | {"f": category.colour if exact else "paper", "i": not exact}
                )
                at += _ROW
    height = round(at + 34)
    domain, ticks = span_years(min(row["a"] for row in rows), max(row["b"] for row in rows))
    spec = {
        "width": WIDTH,
        "height": height,
        "data": [
            {"name": "rows", "values": rows},
            {"name": "spans", "source": "rows", "transform": [{"type": "filter", "expr": "datum.i"}]},
            {"name": "heads", "values": heads},
        ],
        "scales": [{"name": "x", "type": "linear", "domain": domain, "range": [_LEFT, WIDTH - _LEFT], "zero": False}],
        "marks": [
            {
                "type": "group",
                "encode": {
                    "enter": {
                        "y": {"value": _TOP},
                        "width": {"value": WIDTH},
                        "height": {"value": height - _TOP - 26},
                    }
                },
                "axes": [make_axis("x", side, "d", values=ticks) for side in ("top", "bottom")],
            },
            {
                "type": "text",
                "from": {"data": "heads"},
                "encode": {
                    "enter": {
                        "x": {"value": 2},
                        "y": {"field": "y"},
                        "text": {"field": "text"},
                        "fill": {"value": "ink"},
                        "fontSize": {"value": 13},
                        "fontWeight": {"value": 600},
                    }
                },
            },
            {
                "type": "rule",
                "from": {"data": "spans"},
                "encode": {
                    "enter": {
                        "x": {"scale": "x", "field": "a"},
                        "x2": {"scale": "x", "field": "b"},
                        "y": {"field": "y"},
                        "stroke": {"field": "c"},
                        "strokeWidth": {"value": 5},
                        "strokeOpacity": {"value": 0.45},
                    }
                },
            },
            {
                "type": "symbol",
                "from": {"data": "rows"},
                "encode": {
                    "enter": {
                        "x": {"scale": "x", "field": "b"},
                        "y": {"field": "y"},
                        "size": {"value": 70},
                        "shape": {"field": "s"},
                        "fill": {"field": "f"},
                        "stroke": {"field": "c"},
                        "strokeWidth": {"value": 1.5},
                        "description": {"field": "k"},
                    }
                },
            },
        ],
    }
    table = [(value, categories[one].texts, one) for one, value in dated.select("subject", "object").iter_rows()]
    return _Drawn(spec, marks, texts, table)


def _draw_bars(
    selection: Selection, dated: pl.DataFrame, categories: Mapping[str, Category], order: Sequence[Category]
) -> _Drawn:
    """Draw how many dates there are by decade, or by year where all are within forty; one bar for each kind."""
    site = selection.site
    low, high = int(dated["first"].min()), int(dated["first"].max())  # type: ignore[arg-type]
    span = high - low
    step = 1 if span <= 40 else next(10**power for power in range(1, 12) if span <= 40 * 10**power)
    places = {category.term: number for number, category in enumerate(order)}
    counted = (
        dated.select(
            bin=pl.col("first") - pl.col("first") % step,
            kind=pl.col("subject").replace_strict({one: places[its.term] for one, its in categories.items()}),
        )
        .group_by("bin", "kind")
        .len()
        .sort("bin", "kind")
    )
    marks: dict[str, Mark] = {}
    rows: list[dict[str, Any]] = []
    table: list[Sequence[Cell]] = []
    for first, kind, number in counted.iter_rows():
        category = order[kind]
        key = f"m{len(rows)}"
        years = str(first) if step == 1 else f"{first}–{first + step - 1}"
        marks[key] = Mark(
            {lang: f"{years}, {category.texts[lang]}: {number:,}" for lang in site.languages},
            site.addresses.get(category.term, ""),
        )
        rows.append({"k": key, "a": first, "n": number, "g": kind, "c": category.colour})
        table.append((f'"{years}"', category.texts, number))
    height = 360
    start, end = low - low % step, high - high % step + step
    _, ticks = span_years(start, end)
    spec = {
        "width": WIDTH,
        "height": height,
        "data": [
            {
                "name": "rows",
                "values": rows,
                "transform": [{"type": "stack", "groupby": ["a"], "field": "n", "sort": {"field": "g"}}],
            }
        ],
        "scales": [
            {"name": "x", "type": "linear", "domain": [start, end], "range": [0, WIDTH - 80], "zero": False},
            {
                "name": "y",
                "type": "linear",
                "domain": {"data": "rows", "field": "y1"},
                "range": [height - 50, 0],
                "nice": True,
                "zero": True,
            },
        ],
        "marks": [
            frame_plot(
                60,
                16,
                WIDTH - 80,
                height - 50,
                [make_axis("x", "bottom", "d", values=ticks, grid=False), make_axis("y", "left", ",d", tickCount=5)],
                {
                    "type": "rect",
                    "from": {"data": "rows"},
                    "encode": {
                        "enter": {
                            "x": {"scale": "x", "field": "a", "offset": 1},
                            "x2": {"scale": "x", "signal": f"datum.a + {step}", "offset": -1},
                            "y": {"scale": "y", "field": "y0"},
                            "y2": {"scale": "y", "field": "y1"},
                            "fill": {"field": "c"},
                            "stroke": {"value": "paper"},
                            "description": {"field": "k"},
                        }
                    },
                },
            )
        ],
    }
    return _Drawn(spec, marks, {}, table)
