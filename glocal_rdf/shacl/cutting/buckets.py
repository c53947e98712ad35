"""The bucket of a term: a number that is the same in every process, on every machine and with every Polars."""

from __future__ import annotations

import zlib

import polars as pl

__all__ = ["HASHES", "bucket_of", "hash_of"]

HASHES = 2**32
"""How many hashes there are, and so the most buckets that nodes can be cut into."""


def hash_of(terms: pl.Series) -> pl.Series:
    """Return the CRC-32 of the text of terms in UTF-8, for each row.

    Neighbours are mostly equal, as triples stand by subject, and are hashed once.

    Args:
        terms: The terms, without nulls.

    Examples:
        >>> hash_of(pl.Series(["<http://e.org/a>", "<http://e.org/a>", "_:b"])).to_list()
        [3866595841, 3866595841, 515141266]
    """
    runs = terms.rle().struct.unnest()
    hashes = pl.Series(terms.name, list(map(zlib.crc32, runs["value"].cast(pl.Binary).to_list())), dtype=pl.UInt32)
    if runs.height == len(terms):
        return hashes
    return pl.select(pl.lit(hashes).repeat_by(pl.lit(runs["len"])).explode()).to_series().rename(terms.name)


def bucket_of(terms: pl.Series, buckets: int) -> pl.Series:
    """Return the bucket of each term, from 0.

    Args:
        terms: The terms, without nulls.
        buckets: How many buckets there are.

    Examples:
        >>> bucket_of(pl.Series(["<http://e.org/a>", "_:b"]), 4).to_list()
        [1, 2]
    """
    return hash_of(terms) % buckets
