"""Brings triples to sorted parts: each part has a range of them, in order, each triple once.

1. Tasks divide triples by their parts, by the borders between these, and pack those of each part together.
2. The engine brings the packed triples of a part together.
3. A function makes each part's file, in a folder beside the output, and returns its name.
4. When all are there, the folder is put in place with a marker; before that the output is as it was.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from glocal_rdf.cluster import storage
from glocal_rdf.cluster.packing import PACKED, pack_buckets, unpack_each
from glocal_rdf.cluster.spill import TERMS, Spilled, bundle_spilled, choose_borders, read_frames
from glocal_rdf.errors import InputError, OutputError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glocal_rdf.cluster.session import Cluster

__all__ = ["Parts", "Staging", "count_parts", "divide_parts", "stage", "write_parts"]

ROWS_A_PART: Final = 500_000
"""About how many triples a part has where no number of parts is given."""

_WRITTEN: Final = {
    "part": pl.Int64(),
    "file": pl.String(),
    "triples": pl.Int64(),
    "bytes": pl.Int64(),
    "notes": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What was written: the names of the files in order, how many triples and bytes, and what each part noted."""

    names: tuple[str, ...]
    triples: int
    bytes: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staging:
    """The folder beside the output in which everything is made, and the output."""

    folder: str
    output: str

    @property
    def rows(self) -> str:
        """The folder of what tasks keep for the next step."""
        return storage.join(self.folder, "rows")

    @property
    def parts(self) -> str:
        """The folder that becomes the output."""
        return storage.join(self.folder, "parts")

    def commit(self, names: Mapping[str, str], record: Mapping[str, Any]) -> None:
        """Put the parts in place: an output of before is replaced, if nothing else is in it by now.

        Args:
            names: The names that their files get, by those that they have.
            record: What the marker says.

        Raises:
            OutputError: Where it cannot be written.
        """
        check_output(self.output)
        content = json.dumps(record, ensure_ascii=False, indent=2).encode() + b"\n"
        storage.replace_folder(self.parts, self.output, names, content)


@contextmanager
def stage(output: str) -> Iterator[Staging]:
    """Yield a folder beside the output to work in, which is removed in the end.

    Raises:
        OutputError: Where the output is a file, or a folder that holds something other than an output.
    """
    output = output.rstrip("/")
    check_output(output)
    # Its name is random, so that two runs do not meet.
    folder = storage.beside(output, f".{uuid.uuid4().hex[:12]}.tmp")
    try:
        yield Staging(folder, output)
    finally:
        storage.remove_folder(folder)


def check_output(output: str) -> None:
    """Check that a folder may be written: there is none, it is empty, or it has what a run of before wrote alone.

    Raises:
        OutputError: Where it may not, since what is in it would be removed.
    """
    try:
        found = storage.list_names(output)
        parts = storage.read_marker(output) if found else None
    except InputError as error:
        what = error.problems[0].what
        raise OutputError.at(output, f"{what}, and a cluster writes a folder", "name a folder") from error
    others = sorted(set(found or ()).difference(parts or (), (storage.MARKER,) if parts else ()))
    if others:
        more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
        what = f"is a folder with something that was not written by a cluster: {others[0]}{more}"
        raise OutputError.at(output, what, "name another folder")


def count_parts(spilled: Sequence[Spilled], wanted: int | None) -> int:
    """Return how many parts to make: the number wanted, or as many as keep each in memory."""
    rows = sum(one.rows for one in spilled)
    return wanted or max(1, -(-rows // ROWS_A_PART))


def divide_parts(cluster: Cluster, spilled: Sequence[Spilled], parts: int, *, whole: bool) -> DataFrame:
    """Return all triples that were kept, packed by the number of their part (`PACKED`).

    Args:
        cluster: The session.
        spilled: What the tasks kept.
        parts: How many parts there should be.
        whole: Whether the triples of a subject stay together.
    """
    sample = [row for one in spilled for row in one.sample]
    borders = choose_borders(sample, parts, whole=whole)
    return cluster.map_tasks(partial(_read_divided, borders), bundle_spilled(spilled), PACKED)


def _read_divided(borders: pl.DataFrame, files: Sequence[str]) -> Iterator[pl.DataFrame]:
    for file in files:
        frame = read_frames(file)
        yield pack_buckets(frame, find_parts(frame, borders))


def find_parts(frame: pl.DataFrame, borders: pl.DataFrame) -> pl.Series:
    """Return the number of the part of each triple.

    Triples are compared by their subjects alone where these decide, once for each subject.

    Args:
        frame: The columns subject, predicate and object.
        borders: The first triple of each part but the first.
    """
    if borders.is_empty():
        return pl.repeat(0, frame.height, dtype=pl.Int64, eager=True).alias("part")
    subjects = frame["subject"].unique()
    firsts = borders["subject"]
    places = pl.DataFrame(
        {
            "subject": subjects,
            "low": firsts.search_sorted(subjects, side="left").cast(pl.Int64),
            "high": firsts.search_sorted(subjects, side="right").cast(pl.Int64),
        }
    )
    found = frame.select("subject").join(places, on="subject", how="left", maintain_order="left")
    open_at = (found["low"] != found["high"]).arg_true()
    if not open_at.len():
        return found["low"].alias("part")
    # NUL comes before every character and is in no term, so that the texts are in the order of the triples.
    key = pl.concat_str(TERMS, separator="\0")
    bounds = borders.select(key).to_series()
    rest = frame[open_at].select(key).to_series()
    exact = bounds.search_sorted(rest, side="right").cast(pl.Int64)
    return found["low"].scatter(open_at, exact).alias("part")


def write_parts(
    cluster: Cluster,
    divided: DataFrame,
    make: Callable[[pl.DataFrame, int], tuple[bytes, str]],
    folder: str,
    ending: str,
) -> Parts:
    """Write a file for each part, and return their names in order.

    Args:
        cluster: The session.
        divided: Triples by their parts, packed.
        make: A function of a module; it takes the triples of a part, sorted and each once, and its number, and returns
            the bytes of its file and a note.
        folder: The folder that the files are written to.
        ending: The ending of their names.

    Raises:
        GlocalError: What the function raised, or EndpointError.
    """
    run = partial(_write_part, make, folder, ending)
    written = cluster.collect(cluster.map_groups(divided, ["bucket"], run, _WRITTEN)).sort("part")
    return Parts(
        tuple(written["file"]), int(written["triples"].sum()), int(written["bytes"].sum()), tuple(written["notes"])
    )


def _write_part(
    make: Callable[[pl.DataFrame, int], tuple[bytes, str]], folder: str, ending: str, rows: pl.DataFrame
) -> pl.DataFrame:
    number = int(rows["bucket"][0])
    ordered = pl.concat(list(unpack_each(rows))).sort(TERMS)
    # In order, the same triples stand together, which costs less to see than to hash them.
    differs = pl.any_horizontal(pl.col(name) != pl.col(name).shift() for name in TERMS)
    frame = ordered.filter(differs.fill_null(value=True))
    data, note = make(frame, number)
    # A task that is tried again writes another file: only the one that is named here is put in place.
    name = f"{storage.make_name(f'part-{number:05}')}.{ending}"
    storage.write_bytes(storage.join(folder, name), data)
    return pl.DataFrame(
        {"part": [number], "file": [name], "triples": [frame.height], "bytes": [len(data)], "notes": [note]},
        schema=_WRITTEN,
    )
