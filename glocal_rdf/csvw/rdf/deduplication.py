"""Joins blocks of triples so that no triple stands twice, looking only where one could.

Hashing whole triples is most of the work of a large conversion, and needless for most of it. A triple of one block can
be in another only if their predicates are the same and their subjects and objects can be. Within a block it can stand
twice only if its subject comes from more than one row. What is left after these questions is hashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from glocal_rdf.csvw.metadata.model import Column

SCHEMA = {"subject": pl.String(), "predicate": pl.String(), "object": pl.String()}


@dataclass(frozen=True, slots=True)
class Space:
    """What a column of terms has in common: how all of them start, and how they end. Empty: nothing known."""

    start: str = ""
    end: str = ""

    def meets(self, other: Space) -> bool:
        """Tell whether a term could be of both."""
        starts = self.start.startswith(other.start) or other.start.startswith(self.start)
        ends = self.end == other.end or not self.end or not other.end
        return starts and ends


@dataclass(frozen=True, slots=True)
class Block:
    """Triples of one column of a table, or of the table's frame.

    `rows` tells for each triple its row in the batch, from 0 (None: row for row). `predicate` is the one of all, or
    None. `repeated` marks triples whose subject occurs in more rows than one (None: no subject does).
    """

    frame: pl.DataFrame
    column: Column | None = None
    rows: pl.Series | None = None
    predicate: str | None = None
    subjects: Space = Space()
    objects: Space = Space()
    repeated: pl.Series | None = None

    def keep(self, mask: pl.Series) -> Block:
        """Return the block with some of its triples."""
        return replace(
            self,
            frame=self.frame.filter(mask),
            rows=mask.arg_true() if self.rows is None else self.rows.filter(mask),
            repeated=None if self.repeated is None else self.repeated.filter(mask),
        )

    def meets(self, other: Block) -> bool:
        """Tell whether a triple could stand in both."""
        if self.predicate is not None and other.predicate is not None and self.predicate != other.predicate:
            return False
        return self.subjects.meets(other.subjects) and self.objects.meets(other.objects)


def join_blocks(blocks: Sequence[Block]) -> pl.DataFrame:
    """Return the triples of all blocks, each once."""
    frames = [_once(group) for group in _groups(blocks)]
    return pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)


def _groups(blocks: Sequence[Block]) -> Iterable[list[Block]]:
    """Put together the blocks that could share a triple, in the order of their first."""
    groups: list[list[Block]] = []
    by_predicate: dict[str | None, list[list[Block]]] = {}
    mixed = any(b.predicate is None for b in blocks)
    for block in blocks:
        near = groups if mixed else by_predicate.setdefault(block.predicate, [])
        met = [g for g in near if any(block.meets(b) for b in g)]
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


def _once(group: list[Block]) -> pl.DataFrame:
    if len(group) > 1:
        return pl.concat([b.frame for b in group]).unique(maintain_order=True)
    block = group[0]
    if block.repeated is None:
        return block.frame
    again = block.frame.filter(block.repeated)
    once = again.unique(maintain_order=True)
    if once.height == again.height:
        return block.frame
    return pl.concat([block.frame.filter(~block.repeated), once])
