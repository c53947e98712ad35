"""Puts the triples of a batch into the order of their rows, so that it does not depend on where batches end.

The triples of a row stand together, first those of the subject of the first column, and for each subject in the order
of the columns. Of a triple that stands twice in the batch, the first is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from glocal_rdf.csvw.rdf.blocks import SCHEMA, Block
from glocal_rdf.csvw.rdf.deduplication import group_overlapping

__all__ = ["OrderedTriples", "order_by_row"]

_BITS: Final = 17
"""For the number of a column and for the place of a block; there are at most 16,384 columns, of four blocks each."""

_OWN: Final = (1 << _BITS) - 1
"""Stands for the column of triples whose subjects are nodes of their row alone."""


@dataclass(frozen=True, slots=True)
class OrderedTriples:
    """Triples in the order of their rows.

    `segments` are the triples of one row and one subject each: how many `lines` they are, and a hash of the `subject`,
    null where it is a node of the row alone. Subjects with different hashes are different.
    """

    frame: pl.DataFrame
    segments: pl.DataFrame


def order_by_row(blocks: Sequence[Block], *, distinct: bool = True) -> OrderedTriples:
    """Return the triples of the blocks of a batch in the order of their rows.

    Args:
        blocks: The blocks.
        distinct: Whether each triple is kept once.
    """
    blocks = [b for b in blocks if b.frame.height]
    if not blocks:
        return OrderedTriples(
            pl.DataFrame(schema=SCHEMA), pl.DataFrame(schema={"subject": pl.UInt64, "lines": pl.UInt32})
        )
    overlapping = {id(b) for group in group_overlapping(blocks) if len(group) > 1 for b in group} if distinct else set()
    checked = distinct and any(b.repeated is not None or id(b) in overlapping for b in blocks)
    frames = []
    for block in blocks:
        rows = pl.int_range(block.frame.height, eager=True) if block.rows is None else block.rows
        column = _OWN if block.subject_column is None else block.subject_column
        columns = [(rows.cast(pl.UInt64) * (1 << 2 * _BITS) + ((column << _BITS) + block.place)).alias("key")]
        if checked:
            repeated = pl.repeat(id(block) in overlapping, rows.len(), dtype=pl.Boolean, eager=True)
            columns.append((repeated if block.repeated is None else repeated | block.repeated).alias("repeated"))
        frames.append(block.frame.with_columns(columns))
    joined = pl.concat(frames)
    if len(blocks) > 1:
        joined = joined.sort("key", maintain_order=True)
    if checked:
        joined = _keep_first(joined)
    return OrderedTriples(joined.select(*SCHEMA), _segments(joined))


def _keep_first(joined: pl.DataFrame) -> pl.DataFrame:
    """Return triples of which those that are marked as repeated are compared, and the first of each is kept."""
    at = joined["repeated"].arg_true()
    compared = joined.select(*SCHEMA)[at].with_columns(at=at)
    kept = compared.unique(list(SCHEMA), keep="first")
    if kept.height == compared.height:
        return joined
    return joined.filter(~joined["repeated"].scatter(kept["at"], False))


def _segments(joined: pl.DataFrame) -> pl.DataFrame:
    runs = joined.select((pl.col("key") // (1 << _BITS)).rle().alias("run")).unnest("run")
    starts = runs["len"].cum_sum() - runs["len"]
    own = runs["value"] % (1 << _BITS) == _OWN
    return runs.select(
        pl.when(~own).then(joined["subject"].gather(starts).hash()).alias("subject"),
        pl.col("len").alias("lines"),
    )
