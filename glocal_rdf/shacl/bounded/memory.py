"""How much memory a bucket may take, and what that means for its triples: estimates that lie on the safe side.

The engine needs memory for the texts of a bucket's triples, their numbers and the masks over its terms. A query that
is not evaluated over columns also needs a store, in a process of its own.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

import polars as pl

from glocal_rdf.errors import InputError
from glocal_rdf.shacl.validation import PreparedShapes

__all__ = ["MIB", "Budget", "make_budget", "peak_of_process", "size_of"]

MIB: Final = 2**20
LEAST: Final = 300 * MIB
"""The least memory that validation works with: what the program takes by itself, and room for the smallest bucket."""

_PROGRAM: Final = 200 * MIB
"""What the program takes before it has read anything."""

_PER_TEXT, _PER_ROW = 1.3, 120.0
"""The bytes that the engine takes for each byte of text of a triple, and for each triple."""

_STORE, _STORE_PER_TEXT, _STORE_PER_ROW = 60 * MIB, 2.0, 600.0
"""The bytes that a store takes besides."""

_PIECE_SHARE: Final = 12
"""A piece of a file takes at most this part of the memory that is there for buckets, with all that is made of it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How memory is used.

    Attributes:
        limit: The bytes of the whole program.
        bucket: The bytes that are there for one bucket.
        per_text: The bytes that a byte of text takes.
        per_row: The bytes that a triple takes besides.
    """

    limit: int
    bucket: int
    per_text: float
    per_row: float

    def cost(self, text: float, rows: float) -> float:
        """Return the bytes that it takes to validate triples, by the bytes of their texts and their number."""
        return text * self.per_text + rows * self.per_row

    @property
    def piece(self) -> int:
        """The bytes of text that are read at once."""
        return max(MIB, min(16 * MIB, self.bucket // (_PIECE_SHARE * 6)))

    @property
    def batch(self) -> int:
        """The bytes of triples that are joined at once with what is asked for."""
        return max(MIB, min(32 * MIB, self.bucket // 12))

    @property
    def rows(self) -> int:
        """The rows that one join may give."""
        return max(100_000, min(2_000_000, self.bucket // 400))


def make_budget(limit: int, shapes: PreparedShapes) -> Budget:
    """Divide memory.

    Args:
        limit: The bytes that the program may take.
        shapes: The shapes.

    Raises:
        InputError: The limit is too small to work with.
    """
    store = any(not plan.joins for plan in shapes.queries.values())
    least = LEAST + (2 * _STORE if store else 0)
    if limit < least:
        what = f"{limit // MIB} MiB is too little to validate with these shapes"
        raise InputError.at("--max-memory", what, f"give {-(-least // MIB)}M or more")
    bucket = limit - _PROGRAM - (_STORE if store else 0)
    more = (_STORE_PER_TEXT, _STORE_PER_ROW) if store else (0.0, 0.0)
    return Budget(limit, bucket, _PER_TEXT + more[0], _PER_ROW + more[1])


def size_of() -> pl.Expr:
    """Return the expression for the bytes of text of a triple."""
    return pl.sum_horizontal(pl.col("subject", "predicate", "object").str.len_bytes())


def peak_of_process() -> int:
    """Return the most bytes that this process and the largest of its children have taken; 0 where nobody knows."""
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 - there is none on Windows

    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(peaks) * (1 if sys.platform == "darwin" else 1024)
