"""Joins blocks of triples so that no triple stands twice, comparing only where one could.

Hashing whole triples is most of the work of a large conversion, and needless for most of it. A triple of one block can
be in another only if their predicates are the same and their subjects and objects can be. Within a block it can stand
twice only if its subject comes from more than one row. Only the triples that remain are hashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from glocal_rdf.csvw.rdf.blocks import SCHEMA, Block

__all__ = ["group_overlapping", "join_blocks"]


def join_blocks(blocks: Sequence[Block]) -> pl.DataFrame:
    """Return the triples of all blocks, each once: a frame with the columns subject, predicate and object."""
    frames = [_deduplicate(group) for group in group_overlapping(blocks)]
    return pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)


def group_overlapping(blocks: Sequence[Block]) -> Iterable[list[Block]]:
    """Return groups of the blocks that could share a triple, in the order of their first block."""
    groups: list[list[Block]] = []
    by_predicate: dict[str | None, list[list[Block]]] = {}
    mixed = any(b.predicate is None for b in blocks)
    for block in blocks:
        near = groups if mixed else by_predicate.setdefault(block.predicate, [])
        met = [g for g in near if any(block.may_overlap(b) for b in g)]
        if met:
            first = met[0]
            first.append(block)
            for other in met[1:]:
                first.extend(other)
                # By identity: blocks hold columns, which are not compared as wholes.
                near[:] = [g for g in near if g is not other]
                if near is not groups:
                    groups[:] = [g for g in groups if g is not other]
            continue
        group = [block]
        groups.append(group)
        if near is not groups:
            near.append(group)
    return groups


def _deduplicate(group: list[Block]) -> pl.DataFrame:
    """Return the triples of blocks that could share some, each once."""
    if len(group) > 1:
        return pl.concat([b.frame for b in group]).unique(maintain_order=True)
    block = group[0]
    if block.repeated is None:
        return block.frame
    repeated = block.frame.filter(block.repeated)
    distinct = repeated.unique(maintain_order=True)
    if distinct.height == repeated.height:
        return block.frame
    return pl.concat([block.frame.filter(~block.repeated), distinct])
