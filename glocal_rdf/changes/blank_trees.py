"""Matches blank nodes that are roots of equal trees, as most blank nodes are, by column operations.

A tree is a blank node that at most one triple leads to, with all blank nodes below it, each of them reached once. Two
trees of equal content that hang from the same thing by the same property are the same tree, whichever of several like
them is chosen. Content is compared by digests: should two ever be equal by chance, a match is poor, not wrong.
"""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["match_trees"]

_MAX_DEPTH: Final = 24
"""How deep trees may be; deeper ones, such as long lists, are matched node by node."""

_LEAF: Final = "leaf"


def match_trees(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Match the nodes of equal trees.

    Args:
        old: The triples of the old version that have blank nodes.
        new: Those of the new version.

    Returns:
        A frame with the columns `new` and `old`: the labels of nodes that are the same.
    """
    ours, theirs = _list_trees(old), _list_trees(new)
    known = pl.DataFrame(schema={"new": pl.String, "old": pl.String})
    # Roots hang from nothing, or from a thing with an IRI; then follow the nodes below those that are matched.
    hang = [trees.filter(~pl.col("parent").str.starts_with("_:")) for trees in (ours, theirs)]
    keys = ["parent", "predicate", "digest"]
    for _ in range(_MAX_DEPTH + 1):
        numbered = [trees.with_columns(number=pl.int_range(pl.len()).over(keys)) for trees in hang]
        found = numbered[1].join(numbered[0], on=[*keys, "number"], suffix="_old").select(new="node", old="node_old")
        if found.is_empty():
            break
        known = pl.concat([known, found])
        below = theirs.join(found, left_on="parent", right_on="new").with_columns(parent="old").drop("old")
        hang = [ours.join(found.select("old"), left_on="parent", right_on="old", how="semi"), below]
    return known


def _list_trees(frame: pl.DataFrame) -> pl.DataFrame:
    """List the roots of trees, inner ones included, with a digest of their content, and where they hang.

    Returns:
        A frame with `node`, `digest`, `parent` and `predicate`; the last two are empty where nothing leads to the node.
    """
    blank = pl.col("object").str.starts_with("_:")
    own = frame.filter(pl.col("subject").str.starts_with("_:"))
    into = frame.filter(blank).select(node="object", parent="subject", predicate="predicate")
    several = into.group_by("node").len().filter(pl.col("len") > 1).select("node")
    nodes = pl.concat([own.select(node="subject"), into.select("node")]).unique().join(several, on="node", how="anti")
    leaves = nodes.join(own.select(node="subject").unique(), on="node", how="anti")
    digests = leaves.with_columns(digest=pl.lit(_LEAF).hash())
    waiting = own.join(nodes, left_on="subject", right_on="node", how="semi")
    for _ in range(_MAX_DEPTH):
        rows = waiting.join(digests, left_on="object", right_on="node", how="left")
        not_ready = rows.filter(blank & pl.col("digest").is_null()).select("subject").unique()
        ready = rows.join(not_ready, on="subject", how="anti")
        if ready.is_empty():
            break
        value = pl.when(blank).then(pl.col("digest").cast(pl.String)).otherwise("object")
        line = pl.concat_str("predicate", value, separator=" ")
        made = (
            ready.group_by(node="subject").agg(digest=line.sort().str.join("\n")).with_columns(pl.col("digest").hash())
        )
        digests = pl.concat([digests, made])
        waiting = waiting.join(not_ready, on="subject", how="semi")
    return digests.join(into, on="node", how="left").with_columns(pl.col("parent", "predicate").fill_null(""))
