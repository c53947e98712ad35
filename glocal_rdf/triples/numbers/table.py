"""A graph as a table of numbers, and the list of its terms that the numbers are places in.

A term mostly stands in many triples, and its number takes four bytes in each. What has to be found out about terms is
found out once for each, triples are compared by their numbers, and columns of terms share the texts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from glocal_rdf.lazy import pl

__all__ = ["COLUMNS", "NumberedTriples"]

COLUMNS = {"subject": "s", "predicate": "p", "object": "o"}
"""The columns of numbers, by the columns of terms."""

_MAX_KEY = 1 << 64


@dataclass(frozen=True, eq=False)
class NumberedTriples:
    """Hold triples as numbers of terms.

    Attributes:
        terms: Each distinct term, at the place that is its number; there may be more than the triples have.
        rows: The triples: the columns `s`, `p` and `o` of numbers (32 bits, without sign).
    """

    terms: pl.Series
    rows: pl.DataFrame

    def __len__(self) -> int:
        return self.rows.height

    def to_frame(self) -> pl.DataFrame:
        """Return the triples as the columns `subject`, `predicate` and `object` of terms."""
        return pl.DataFrame({name: self.terms.gather(self.rows[short]) for name, short in COLUMNS.items()})

    def distinct(self) -> NumberedTriples:
        """Keep each triple once, at its first place."""
        keys = self._pack()
        if keys is None:
            return NumberedTriples(self.terms, self.rows.unique(maintain_order=True))
        if keys.n_unique() == len(keys):
            return self
        return NumberedTriples(self.terms, self.rows.filter(keys.is_first_distinct()))

    def _pack(self) -> pl.Series | None:
        """Return one number for each triple, which no other triple has; None where 64 bits are too few for that."""
        count, predicates = len(self.terms), self.rows["p"].unique()
        if count * count * len(predicates) >= _MAX_KEY:
            return None
        ranks = pl.int_range(len(predicates), dtype=pl.UInt64, eager=True)
        rank = pl.Series([0], dtype=pl.UInt64).new_from_index(0, count).scatter(predicates, ranks)
        key = (rank.gather(self.rows["p"]) * count + pl.col("s")) * count + pl.col("o")
        return self.rows.select(key).to_series()

    def with_predicates(self, predicates: Collection[str]) -> NumberedTriples:
        """Keep the triples with some predicates; the numbers stay."""
        wanted = list(self.look_up(predicates).values())
        return NumberedTriples(self.terms, self.rows.filter(pl.col("p").is_in(wanted)))

    def look_up(self, terms: Collection[str]) -> dict[str, int]:
        """Return the numbers of terms; those that have none are missing."""
        wanted = pl.Series(list(terms), dtype=pl.String)
        places = self.terms.is_in(wanted.implode()).arg_true()
        return dict(zip(self.terms.gather(places), places, strict=True))
