"""Networks of memberships: who belongs to what, laid out by forces (Vega's `force`), names beneath the nodes.

Up to 70 nodes are drawn, those with the most memberships; what is left out is counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.namespaces import FOAF, ORG, SCHEMA, SCHEMA_HTTPS, term
from glocal_rdf.publish.pictures.charts import WIDTH
from glocal_rdf.publish.pictures.drawing import LABEL_SIZE, LINE_WIDTH
from glocal_rdf.publish.pictures.lettering import measure
from glocal_rdf.publish.pictures.model import SERIES, LegendEntry, Picture
from glocal_rdf.publish.pictures.selection import Selection, site_texts

__all__ = ["MOST_NODES", "draw_network", "list_memberships"]

MOST_NODES: Final = 70
"""Up to how many members and groups are drawn."""

_SPACES: Final = (SCHEMA, SCHEMA_HTTPS)
_OF: Final = (term(ORG, "memberOf"), *(term(space, "memberOf") for space in _SPACES))
_HAS: Final = (term(ORG, "hasMember"), term(FOAF, "member"), *(term(space, "member") for space in _SPACES))


def list_memberships(selection: Selection) -> pl.DataFrame:
    """Return who is a member of what, each pair once: the columns `member` and `group`, sorted.

    Args:
        selection: What can be drawn.
    """
    rows = selection.links
    forth = rows.filter(pl.col("predicate").is_in(_OF)).select(member="subject", group="object")
    back = rows.filter(pl.col("predicate").is_in(_HAS)).select(member="object", group="subject")
    return pl.concat([forth, back]).filter(pl.col("member") != pl.col("group")).unique().sort("group", "member")


def draw_network(selection: Selection, key: str, memberships: pl.DataFrame) -> Picture:
    """Draw memberships.

    Args:
        selection: What can be drawn.
        key: The key of the picture.
        memberships: The memberships, as `list_memberships` returns them.
    """
    site = selection.site
    drawn = _choose(memberships)
    groups = drawn["group"].unique().sort().to_list()
    members = sorted(set(drawn["member"]) - set(groups))
    degree = {one: number for column in ("group", "member") for one, number in drawn.group_by(column).len().iter_rows()}
    nodes = [
        {
            "k": f"m{number}",
            "c": SERIES[0] if one in groups else SERIES[2],
            "s": "square" if one in groups else "circle",
            "n": 90 + 40 * math.sqrt(degree[one]) if one in groups else 90,
            "r": _reserve(selection, one),
        }
        for number, one in enumerate([*groups, *members])
    ]
    place = {one: number for number, one in enumerate([*groups, *members])}
    links = [{"source": place[member], "target": place[group]} for member, group in drawn.iter_rows()]
    marks = {f"m{number}": selection.mark(one) for one, number in place.items()}
    left_out = memberships.height - drawn.height
    notes = []
    if left_out:
        notes.append(
            site_texts(
                site,
                lambda lang: plural(
                    lang,
                    "{number:,} membership is not drawn: that of the members and groups with the fewest.",
                    "{number:,} memberships are not drawn: those of the members and groups with the fewest.",
                    left_out,
                ),
            )
        )
    return Picture(
        key=key,
        kind="network",
        titles=site.say(translatable("Who is a member of what")),
        descriptions=site_texts(
            site,
            lambda lang: message(
                lang,
                "{memberships:,} memberships of {members:,} members in {groups:,} groups",
                memberships=memberships.height,
                members=memberships["member"].n_unique(),
                groups=memberships["group"].n_unique(),
            ),
        ),
        spec=_specify(nodes, links),
        marks=marks,
        labels=list(marks),
        lettering="beneath",
        legend=[
            LegendEntry(SERIES[0], "square", site.say(translatable("network or group"))),
            LegendEntry(SERIES[2], "circle", site.say(translatable("member"))),
        ],
        notes=notes,
        columns=(site.say(translatable("Group")), site.say(translatable("Member"))),
        rows=list(memberships.select("group", "member").iter_rows()),
    )


def _choose(memberships: pl.DataFrame) -> pl.DataFrame:
    """Return the memberships of the groups with the most members, as long as the nodes are not too many."""
    order = memberships.group_by("group").len().sort("len", "group", descending=[True, False])["group"]
    by_group = dict(memberships.group_by("group").agg(pl.col("member").sort()).iter_rows())
    nodes: set[str] = set()
    rows: list[tuple[str, str]] = []
    for group in order:
        wanted = {group, *by_group[group]}
        if len(nodes | wanted) > MOST_NODES:
            # Of a group that is too large by itself, the first members are drawn.
            wanted = {group, *by_group[group][: MOST_NODES - 1]} if not nodes else set()
        nodes |= wanted
        rows += [(one, group) for one in by_group[group] if one in wanted]
    return pl.DataFrame(rows, schema={"member": pl.String, "group": pl.String}, orient="row").sort("group", "member")


def _reserve(selection: Selection, thing: str) -> float:
    """Return how far other nodes stay away, so that names have room in every language."""
    widest = max(measure(name, LABEL_SIZE) for name in selection.site.titles_of(thing).values())
    return round(min(max(widest, 36), LINE_WIDTH) / 2 + (12 if widest > 2 * LINE_WIDTH else 7), 1)


def _specify(nodes: Sequence[dict[str, Any]], links: Sequence[dict[str, Any]]) -> dict[str, Any]:
    area = sum((2 * node["r"]) ** 2 for node in nodes) * 1.2
    height = int(min(max(area / WIDTH, 320), 1100))
    return {
        "width": WIDTH,
        "height": height,
        "data": [
            {"name": "links", "values": list(links)},
            {
                "name": "nodes",
                "values": [{**node, "cx": WIDTH / 2, "cy": height / 2} for node in nodes],
                "transform": [
                    {
                        "type": "force",
                        "static": True,
                        "iterations": 400,
                        "signal": "force",
                        "forces": [
                            {"force": "center", "x": WIDTH / 2, "y": height / 2},
                            {"force": "collide", "radius": {"expr": "datum.r"}, "strength": 1, "iterations": 3},
                            {"force": "nbody", "strength": -90, "distanceMax": 260},
                            {"force": "link", "links": "links", "distance": 95, "strength": 0.5},
                            {"force": "x", "x": "cx", "strength": 0.05 * height / WIDTH},
                            {"force": "y", "y": "cy", "strength": 0.06},
                        ],
                    },
                ],
            },
        ],
        "marks": [
            {
                "type": "path",
                "from": {"data": "links"},
                "encode": {"enter": {"stroke": {"value": "rule"}, "strokeWidth": {"value": 1.2}}},
                "transform": [
                    {
                        "type": "linkpath",
                        "shape": "line",
                        "sourceX": "datum.source.x",
                        "sourceY": "datum.source.y",
                        "targetX": "datum.target.x",
                        "targetY": "datum.target.y",
                    }
                ],
            },
            {
                "type": "symbol",
                "from": {"data": "nodes"},
                "encode": {
                    "enter": {
                        "x": {"field": "x"},
                        "y": {"field": "y"},
                        "size": {"field": "n"},
                        "shape": {"field": "s"},
                        "fill": {"field": "c"},
                        "stroke": {"value": "paper"},
                        "description": {"field": "k"},
                    }
                },
            },
        ],
    }
