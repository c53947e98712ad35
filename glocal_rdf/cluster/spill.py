"""Keeps the rows that a task makes in files beside the output, so that the next step reads them and no task runs twice.

A task writes files whose names are its own (a task that is tried again writes others), and returns their names; what no
result names does not count, and is removed with the folder. With the names it returns a sample of the triples, from
which the borders of the parts are chosen.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from glocal_rdf.cluster import storage

__all__ = ["Spill", "Spilled", "bundle_files", "bundle_spilled", "choose_borders", "read_frames"]

TERMS = ("subject", "predicate", "object")
_ROWS = 400_000
"""How many rows of a task are kept in one file."""

_EVERY, _LEAST = 4_000, 24
"""One triple of how many is in the sample, and how many of each file are in it at least."""


@dataclass(frozen=True, slots=True)
class Spilled:
    """What one task kept: the addresses of its files, how many rows they have, and a sample with its weights."""

    files: tuple[str, ...] = ()
    rows: int = 0
    bytes: int = 0
    sample: tuple[tuple[str, str, str, int], ...] = ()
    blank: int = 0
    """How many of the triples have a blank node."""


@dataclass
class Spill:
    """Takes the triples of one task, and keeps them in files in a folder."""

    folder: str
    files: list[str] = field(default_factory=list)
    sample: list[tuple[str, str, str, int]] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0
    blank: int = 0
    _held: list[pl.DataFrame] = field(default_factory=list)
    _height: int = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Take triples."""
        if frame.height:
            self._held.append(frame.select(TERMS))
            self._height += frame.height
            if self._height >= _ROWS:
                self._flush()

    def close(self) -> Spilled:
        """Return what was kept."""
        self._flush()
        return Spilled(tuple(self.files), self.rows, self.bytes, tuple(self.sample), self.blank)

    def _flush(self) -> None:
        if not self._held:
            return
        frame = pl.concat(self._held)
        self._held, self._height = [], 0
        out = io.BytesIO()
        frame.write_ipc(out, compression="lz4")
        address = storage.join(self.folder, f"{storage.make_name('rows')}.arrow")
        storage.write_bytes(address, out.getvalue())
        self.files.append(address)
        self.rows += frame.height
        self.bytes += int(frame.estimated_size())
        self.blank += frame.filter(
            pl.col("subject").str.starts_with("_:") | pl.col("object").str.starts_with("_:")
        ).height
        step = max(1, min(_EVERY, frame.height // _LEAST))
        taken = frame.gather_every(step)
        self.sample += [(*row, frame.height // max(taken.height, 1)) for row in taken.iter_rows()]


def read_frames(address: str) -> pl.DataFrame:
    """Return the triples of a file that a task kept."""
    return pl.read_ipc(io.BytesIO(storage.read_bytes(address)))


def bundle_files(files: Sequence[str], each: int) -> list[tuple[str, ...]]:
    """Return files in groups of a number, one for each task that reads them."""
    return [tuple(files[at : at + each]) for at in range(0, len(files), each)]


def bundle_spilled(spilled: Sequence[Spilled]) -> list[tuple[str, ...]]:
    """Return the files that were kept in groups of about as many rows as a full file has."""
    bundles: list[list[str]] = [[]]
    held = 0
    for one in spilled:
        for file in one.files:
            each = one.rows // len(one.files)
            if bundles[-1] and held + each > _ROWS:
                bundles.append([])
                held = 0
            bundles[-1].append(file)
            held += each
    return [tuple(bundle) for bundle in bundles if bundle]


def choose_borders(sample: Sequence[tuple[str, str, str, int]], parts: int, *, whole: bool) -> pl.DataFrame:
    """Choose where parts begin, so that each has about as many triples.

    Args:
        sample: Triples with the number of triples that each stands for.
        parts: How many parts there should be; there may be fewer.
        whole: Whether the triples of a subject stay in one part.

    Returns:
        The first triple of each part but the first, in order: the columns subject, predicate and object; with `whole`
        predicate and object are empty.
    """
    if parts < 2 or not sample:
        return pl.DataFrame(schema=dict.fromkeys(TERMS, pl.String))
    frame = pl.DataFrame(sample, schema=[*TERMS, "weight"], orient="row").sort(TERMS)
    total, first = frame["weight"].sum(), frame["subject"][0]
    before = pl.col("weight").cum_sum() - pl.col("weight")
    # The first triple of the sample that stands in another part than the one before it begins that part.
    place = (before * parts // total).alias("place")
    frame = frame.with_columns(place).filter(pl.col("place") > 0).unique("place", keep="first", maintain_order=True)
    if whole:
        # The first part has triples too: a subject before the border is in the sample.
        frame = frame.filter(pl.col("subject") > first).with_columns(predicate=pl.lit(""), object=pl.lit(""))
    return frame.select(TERMS).unique(maintain_order=True)
