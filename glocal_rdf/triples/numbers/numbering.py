"""Gives terms their numbers, one frame after the other, so that the texts of all need not be there at once.

Terms are numbered as they come first: the subjects of a frame, its predicates, its objects, then the next frame. The
numbers are those of a categorical column of Polars, whose dictionary of texts exists as long as the numbering.
"""

from __future__ import annotations

from collections.abc import Iterable

from glocal_rdf.lazy import pl
from glocal_rdf.triples.numbers.table import COLUMNS, NumberedTriples

__all__ = ["TermNumbering", "number_frames"]


class TermNumbering:
    """Numbers the terms of frames of triples that come one after the other."""

    def __init__(self) -> None:
        """Start without a term."""
        self._encoding = pl.Categorical(pl.Categories.random())
        # The dictionary exists as long as a column that uses it: this one, until all is numbered.
        self._first = pl.Series(dtype=pl.String).cast(self._encoding)
        self._parts: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Replace the terms in the columns `subject`, `predicate` and `object` by numbers, and keep these."""
        columns = {short: frame[name].cast(self._encoding).to_physical() for name, short in COLUMNS.items()}
        self._parts.append(pl.DataFrame(columns))

    def finish(self) -> NumberedTriples:
        """Return the triples of all frames, in their order, duplicates included."""
        schema = dict.fromkeys(COLUMNS.values(), pl.UInt32)
        rows = pl.concat([pl.DataFrame(schema=schema), *self._parts], rechunk=True)
        count = 0 if rows.is_empty() else max(rows.max().row(0)) + 1
        numbers = pl.int_range(count, dtype=pl.UInt32, eager=True)
        return NumberedTriples(numbers.cat.to(self._encoding).cast(pl.String), rows)


def number_frames(frames: Iterable[pl.DataFrame]) -> NumberedTriples:
    """Replace the terms of triples by numbers.

    Args:
        frames: The columns `subject`, `predicate` and `object`; there is never more than one of them in memory.

    Returns:
        The triples of all frames, in their order, duplicates included.

    Examples:
        >>> frame = pl.DataFrame({"subject": ["<x:a>"], "predicate": ["<x:p>"], "object": ["<x:a>"]})
        >>> numbered = number_frames([frame])
        >>> numbered.terms.to_list(), numbered.rows.rows()
        (['<x:a>', '<x:p>'], [(0, 1, 0)])
    """
    numbering = TermNumbering()
    for frame in frames:
        numbering.add(frame)
    return numbering.finish()
