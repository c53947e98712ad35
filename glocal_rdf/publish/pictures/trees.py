"""Trees of concepts: what is narrower than what (SKOS), as deep as names have room, with how many are below.

A concept with several broader ones stands below the first of them; what is in a circle alone has no place. Both are
counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.namespaces import SKOS, term
from glocal_rdf.publish.pictures.charts import TEXT_SIZE, WIDTH
from glocal_rdf.publish.pictures.lettering import measure
from glocal_rdf.publish.pictures.model import SERIES, LegendEntry, Mark, Picture, Texts
from glocal_rdf.publish.pictures.selection import Selection, site_texts

__all__ = ["MOST_LEAVES", "Tree", "draw_tree", "list_trees"]

MOST_LEAVES: Final = 72
"""Up to how many names stand one beneath the other."""

_BROADER, _NARROWER, _SCHEME = term(SKOS, "broader"), term(SKOS, "narrower"), term(SKOS, "inScheme")
_TOP: Final = term(SKOS, "topConceptOf")
_LEAST: Final = 4
_MOST_LEVELS: Final = 4
_ROW: Final = 19


@dataclass(frozen=True, eq=False)
class Tree:
    """The concepts of a scheme, by what they are below.

    Attributes:
        scheme: The scheme.
        concepts: All concepts of it.
        above: Of each concept that has any, the broader ones in the scheme; it stands below the first.
        below: Of each concept those that stand below it, in order.
        roots: Those that stand below none.
        numbers: Of each concept that has a place in the tree, how many stand below it, near or far.
    """

    scheme: str
    concepts: tuple[str, ...]
    above: Mapping[str, tuple[str, ...]]
    below: Mapping[str, tuple[str, ...]]
    roots: tuple[str, ...]
    numbers: Mapping[str, int]


def list_trees(selection: Selection) -> list[Tree]:
    """Return the concept schemes with a hierarchy, the largest first.

    Args:
        selection: What can be drawn.
    """
    # Rules may say of what scheme a concept is.
    rows = selection.site.graph.frame
    members = (
        rows.filter(pl.col("subject").is_in(list(selection.things)) & pl.col("predicate").is_in([_SCHEME, _TOP]))
        .select("subject", scheme="object")
        .unique()
    )
    links = selection.links
    broader = pl.concat(
        [
            links.filter(pl.col("predicate") == _BROADER).select("subject", above="object"),
            links.filter(pl.col("predicate") == _NARROWER).select(subject="object", above="subject"),
        ]
    ).unique()
    found = []
    for scheme, concepts in members.group_by("scheme").agg(pl.col("subject").sort()).sort("scheme").iter_rows():
        own = set(concepts)
        if scheme not in selection.site.addresses or len(own) < _LEAST:
            continue
        above: dict[str, tuple[str, ...]] = {}
        inside = broader.filter(pl.col("subject").is_in(concepts) & pl.col("above").is_in(concepts))
        for one, several in inside.group_by("subject").agg(pl.col("above").sort()).iter_rows():
            above[one] = tuple(other for other in several if other != one)
        tree = _plant(selection, scheme, concepts, {one: its for one, its in above.items() if its})
        if tree.below:
            found.append(tree)
    return sorted(found, key=lambda tree: (-len(tree.concepts), tree.scheme))


def _plant(selection: Selection, scheme: str, concepts: Sequence[str], above: Mapping[str, tuple[str, ...]]) -> Tree:
    below: dict[str, list[str]] = {}
    for one in concepts:
        if one in above:
            below.setdefault(above[one][0], []).append(one)
    roots = [one for one in concepts if one not in above]
    numbers: dict[str, int] = {}
    todo = [(one, False) for one in roots]
    while todo:
        one, done = todo.pop()
        if done:
            numbers[one] = sum(1 + numbers[other] for other in below.get(one, ()))
        else:
            todo += [(one, True), *((other, False) for other in below.get(one, ()))]
    lang = selection.site.languages[0]

    def order(some: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(some, key=lambda one: (-numbers.get(one, 0), selection.site.name_of(one, lang), one)))

    sorted_below = {one: order(its) for one, its in below.items()}
    return Tree(scheme, tuple(concepts), above, sorted_below, order(roots), numbers)


def draw_tree(selection: Selection, key: str, tree: Tree, root: str = "") -> Picture:
    """Draw a tree, or what is below a concept in it.

    Args:
        selection: What can be drawn.
        key: The key of the picture.
        tree: The tree.
        root: The concept that is drawn with what is below it; empty for the whole tree.
    """
    site = selection.site
    top = root or tree.scheme
    first = tree.below.get(root, ()) if root else tree.roots
    depth, most = _choose_depth(tree, first)
    shown = first[:MOST_LEAVES]
    rows: list[tuple[str, str, int]] = [(top, "", 0)]
    todo = [(one, top, 1) for one in reversed(shown)]
    while todo:
        one, parent, level = todo.pop()
        rows.append((one, parent, level))
        if level < depth:
            below = tree.below.get(one, ())
            rest = [(f"rest of {one}", one, level + 1)] if len(below) > most else []
            todo += [*rest, *((other, one, level + 1) for other in reversed(below[:most]))]
    drawn = {one for one, _, _ in rows if one in tree.numbers}
    inner = {parent for _, parent, _ in rows}
    stem = min(max(measure(name, 13) for name in site.titles_of(top).values()) + 50, 220)
    column = (WIDTH - 14 - stem) / max(level for _, _, level in rows)
    marks: dict[str, Mark] = {}
    texts: dict[str, Texts] = {}
    nodes: list[dict[str, Any]] = []
    identifiers = {one: number for number, (one, _, _) in enumerate(rows)}
    for number, (one, parent, level) in enumerate(rows):
        name, folded = f"n{number}", tree.numbers.get(one, 0) if one not in inner else 0
        if one not in tree.numbers and level:
            left_out = tree.below[parent][most:]
            folded = sum(1 + tree.numbers[other] for other in left_out)
        marks[f"m{number}"] = _mark(selection, tree, one, parent)
        left = 14 + (stem + column * (level - 1) if level else 0)
        room = (column if level else stem) - 24 if one in inner else WIDTH - left - (40 if folded else 0) - 14
        short = (
            selection.short_names(one, TEXT_SIZE, room)
            if one in tree.numbers or not level
            else dict.fromkeys(site.languages, "")
        )
        texts[name] = {lang: f"{short[lang]} +{folded}".strip() if folded else short[lang] for lang in site.languages}
        nodes.append(
            {
                "id": number,
                "parent": identifiers.get(parent),
                "k": f"m{number}",
                "t": f"⟦{name}⟧",
                "x": round(left, 1),
            }
            | {"c": SERIES[0], "f": "paper" if folded else SERIES[0], "inner": one in inner}
        )
    leaves = sum(1 for one, _, _ in rows if one not in inner)
    return Picture(
        key=key,
        kind="tree",
        titles=site_texts(site, lambda lang: message(lang, "Tree: {name}", name=site.name_of(top, lang))),
        descriptions=_describe(selection, tree, first, root),
        spec=_specify(nodes, leaves),
        marks=marks,
        texts=texts,
        legend=[LegendEntry(SERIES[0], "hollow", site.say(translatable("more concepts below (+ their number)")))]
        if len(drawn) < (tree.numbers[root] + 1 if root else len(tree.numbers))
        else [],
        notes=_note(selection, tree, drawn, len(first) - len(shown), root),
        columns=(
            site.say(translatable("Concept")),
            site.say(translatable("Below")),
            site.say(translatable("Concepts below it")),
        ),
        rows=[(one, parent, tree.numbers[one]) for one, parent, level in rows if level and one in tree.numbers],
    )


def _mark(selection: Selection, tree: Tree, one: str, parent: str) -> Mark:
    """Return what a node stands for: a concept, the scheme, or those below a concept that have no line of their own."""
    if one in tree.numbers:
        return selection.mark(one)
    if one == tree.scheme:
        return Mark(selection.site.titles_of(one), selection.site.addresses[one])
    return Mark(
        site_texts(
            selection.site,
            lambda lang: message(lang, "more below {name}", name=selection.site.name_of(parent, lang)),
        ),
        selection.site.addresses.get(parent, ""),
    )


def _choose_depth(tree: Tree, first: Sequence[str]) -> tuple[int, int]:
    """Return how many levels have room, and how many concepts are drawn below one; the rest of them is one line."""
    for most in (1000, 8, 6, 5, 4, 3):
        level, depth, leaves = list(first), 1, 0
        while depth < _MOST_LEVELS:
            leaves += sum(1 for one in level if one not in tree.below)
            lines = sum(min(len(tree.below.get(one, ())), most + 1) for one in level)
            level = [other for one in level for other in tree.below.get(one, ())[:most]]
            if not level or leaves + lines > MOST_LEAVES:
                break
            depth += 1
        if depth > 1 or not level:
            return depth, most
    return 1, 1000


def _describe(selection: Selection, tree: Tree, first: Sequence[str], root: str) -> Texts:
    site = selection.site
    number = tree.numbers[root] if root else len(tree.concepts)
    largest = [one for one in first if tree.numbers.get(one)][:5]
    found = {}
    for lang in site.languages:
        start = plural(lang, "{number:,} concept", "{number:,} concepts", number)
        colon, comma = ("：", "、") if lang.startswith("zh") else (": ", ", ")
        parts = [f"{site.name_of(one, lang)} {tree.numbers[one] + 1:,}" for one in largest]
        found[lang] = f"{start}{colon}{comma.join(parts)}" if parts else start
        if len(first) > len(largest) and parts:
            found[lang] += "……" if lang.startswith("zh") else ", …"
    return found


def _note(selection: Selection, tree: Tree, drawn: set[str], cut: int, root: str) -> list[Texts]:
    site = selection.site
    notes: list[Texts] = []
    wanted = tree.numbers[root] + 1 if root else len(tree.numbers)
    folded = wanted - len(drawn)
    if folded:
        notes.append(
            site_texts(
                site,
                lambda lang: (
                    plural(
                        lang,
                        "{number:,} concept further below is counted (+), and not drawn.",
                        "{number:,} concepts further below are counted (+), and not drawn.",
                        folded,
                    )
                    if not cut
                    else plural(
                        lang,
                        "{number:,} concept is not drawn, for want of room.",
                        "{number:,} concepts are not drawn, for want of room.",
                        folded,
                    )
                ),
            )
        )
    several = sum(1 for one, its in tree.above.items() if len(its) > 1 and (not root or one in drawn))
    if several:
        notes.append(
            site_texts(
                site,
                lambda lang: plural(
                    lang,
                    "{number:,} concept has several broader ones, and stands below the first.",
                    "{number:,} concepts have several broader ones, and stand below the first.",
                    several,
                ),
            )
        )
    circling = len(tree.concepts) - len(tree.numbers)
    if circling and not root:
        notes.append(
            site_texts(
                site,
                lambda lang: plural(
                    lang,
                    "{number:,} concept is broader than itself by way of others, and has no place.",
                    "{number:,} concepts are broader than themselves by way of others, and have no place.",
                    circling,
                ),
            )
        )
    return notes


def _specify(nodes: Sequence[Mapping[str, Any]], leaves: int) -> dict[str, Any]:
    height = max(leaves, 3) * _ROW + 24
    return {
        "width": WIDTH,
        "height": height,
        "data": [
            {
                "name": "nodes",
                "values": list(nodes),
                "transform": [
                    {"type": "stratify", "key": "id", "parentKey": "parent"},
                    {
                        "type": "tree",
                        "method": "cluster",
                        "size": [height - 24, 1],
                        "as": ["y", "_", "depth", "children"],
                        "separation": False,
                    },
                ],
            },
            {
                "name": "links",
                "source": "nodes",
                "transform": [
                    {"type": "treelinks"},
                    {
                        "type": "linkpath",
                        "orient": "horizontal",
                        "shape": "diagonal",
                        "sourceX": "source.x",
                        "sourceY": "source.y",
                        "targetX": "target.x",
                        "targetY": "target.y",
                    },
                ],
            },
        ],
        "marks": [
            {
                "type": "path",
                "from": {"data": "links"},
                "encode": {
                    "enter": {
                        "path": {"field": "path"},
                        "y": {"value": 12},
                        "stroke": {"value": "rule"},
                        "strokeWidth": {"value": 1.1},
                    }
                },
            },
            {
                "type": "symbol",
                "from": {"data": "nodes"},
                "encode": {
                    "enter": {
                        "x": {"field": "x"},
                        "y": {"field": "y", "offset": 12},
                        "size": {"value": 44},
                        "fill": {"field": "f"},
                        "stroke": {"field": "c"},
                        "strokeWidth": {"value": 1.4},
                        "description": {"field": "k"},
                    }
                },
            },
            {
                "type": "text",
                "from": {"data": "nodes"},
                "encode": {
                    "enter": {
                        "x": {"field": "x", "offset": 8},
                        "y": {"field": "y", "offset": 12},
                        "dy": {"value": 4},
                        "text": {"field": "t"},
                        "fill": {"value": "lettered"},
                        "fontSize": {"value": TEXT_SIZE},
                        "fontWeight": {"signal": "datum.inner ? 600 : 400"},
                    }
                },
            },
        ],
    }
