"""Packs rows into a few large values, so that the engine moves these instead of a row for each triple.

What an engine pays when it moves rows (hashing, sorting, converting) it pays by the row. So a task divides its rows
itself, by their bucket, and hands over one row for each bucket: how many rows are packed in it, and their bytes (Arrow,
compressed). The function that gets a bucket unpacks them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import polars as pl

from glocal_rdf.cluster.rows import to_frame

__all__ = ["PACKED", "pack", "pack_buckets", "unpack", "unpack_each"]

PACKED: Final = {"bucket": pl.Int64(), "rows": pl.Int64(), "data": pl.Binary()}
"""The columns of packed rows: their bucket, how many there are, and their bytes."""

_ROWS: Final = 200_000
"""How many rows are packed together at most: what is handed over stays small."""


def pack(frame: pl.DataFrame) -> bytes:
    """Return the bytes of a frame."""
    out = io.BytesIO()
    frame.write_ipc(out, compression="zstd", compat_level=pl.CompatLevel.oldest())
    return out.getvalue()


def unpack(data: bytes) -> pl.DataFrame:
    """Return the frame that bytes were made of."""
    import pyarrow as pa  # noqa: PLC0415 - of the extra
    from pyarrow import ipc  # noqa: PLC0415

    # It takes half the time of Polars' own reader, which is made for large files.
    options = ipc.IpcReadOptions(use_threads=False)
    return to_frame(ipc.open_file(pa.BufferReader(data), options=options).read_all())


def pack_buckets(frame: pl.DataFrame, buckets: pl.Series) -> pl.DataFrame:
    """Return rows packed by bucket: `PACKED`, the rows of a bucket in their order.

    Args:
        frame: The rows.
        buckets: The bucket of each.

    Examples:
        >>> packed = pack_buckets(pl.DataFrame({"node": ["_:a", "_:b", "_:c"]}), pl.Series([3, 1, 3]))
        >>> packed.select("bucket", "rows").rows()
        [(3, 2), (1, 1)]
    """
    divided = frame.with_columns(bucket=buckets).partition_by("bucket", include_key=False, as_dict=True)
    rows = [(int(key[0]), some.height, pack(some)) for key, part in divided.items() for some in part.iter_slices(_ROWS)]
    return pl.DataFrame(rows, schema=PACKED, orient="row")


def unpack_each(packed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the frames of packed rows."""
    for data in packed["data"].drop_nulls():
        yield unpack(data)
