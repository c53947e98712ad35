"""Carries rows between the engine and our functions, also on workers: Arrow batches there, Polars frames here."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import polars as pl

__all__ = [
    "HEIGHT",
    "run_frames",
    "run_group",
    "run_tasks",
    "takes_a_table",
    "to_ddl",
    "to_frame",
    "to_table",
]

T = TypeVar("T")

HEIGHT: Final = 250_000
"""About how many rows a function gets at once, where it takes them as they come."""

_SLICE: Final = 50_000
"""How many rows are handed to the engine in one batch."""

_TYPES: Final = {
    pl.String: "string",
    pl.Binary: "binary",
    pl.Boolean: "boolean",
    pl.Int64: "bigint",
    pl.Int32: "int",
    pl.Float64: "double",
}


def to_ddl(schema: Mapping[str, Any]) -> str:
    """Return a schema as the engine writes it.

    Raises:
        KeyError: For a type that rows are not carried in.

    Examples:
        >>> to_ddl({"subject": pl.String, "lines": pl.List(pl.Int64)})
        '`subject` string, `lines` array<bigint>'
    """
    return ", ".join(f"`{name}` {_type_of(dtype)}" for name, dtype in schema.items())


def _type_of(dtype: Any) -> str:
    if isinstance(dtype, pl.List):
        return f"array<{_type_of(dtype.inner)}>"
    kind: type = dtype if isinstance(dtype, type) else type(dtype)
    return _TYPES[kind]  # type: ignore[index]


def to_frame(table: Any) -> pl.DataFrame:
    """Return a table or batch of Arrow as a frame."""
    found = pl.from_arrow(table)
    return found if isinstance(found, pl.DataFrame) else found.to_frame()


def to_table(frame: pl.DataFrame) -> Any:
    """Return a frame as a table of Arrow, in the types that every engine knows."""
    import pyarrow as pa  # noqa: PLC0415 - of the extra

    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    fields = [pa.field(one.name, _plain(pa, one.type)) for one in table.schema]
    return table.cast(pa.schema(fields))


def _plain(pa: Any, kind: Any) -> Any:
    """Return a type of Arrow with offsets of 32 bits, which the engines' own rows have."""
    if pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_large_binary(kind):
        return pa.binary()
    if pa.types.is_large_list(kind):
        return pa.list_(_plain(pa, kind.value_type))
    return kind


def run_tasks(
    function: Callable[[T], Iterable[pl.DataFrame]],
    tasks: Sequence[bytes],
    schema: Mapping[str, Any],
    batches: Iterator[Any],
) -> Iterator[Any]:
    """Yield the batches that a function makes of tasks.

    Args:
        function: Takes a task and yields frames.
        tasks: All tasks, pickled.
        schema: The columns of the frames.
        batches: The numbers of the tasks to run.
    """
    for batch in batches:
        for number in batch.column(0).to_pylist():
            for frame in function(pickle.loads(tasks[number])):  # noqa: S301 - which the session has pickled
                yield from _to_batches(frame, schema)


def run_frames(
    function: Callable[[pl.DataFrame], Iterable[pl.DataFrame]],
    schema: Mapping[str, Any],
    height: int,
    batches: Iterator[Any],
) -> Iterator[Any]:
    """Yield the batches that a function makes of frames.

    Args:
        function: Takes a frame and yields frames.
        schema: The columns of the frames that it makes.
        height: About how many rows a frame has.
        batches: The rows, which are joined to frames.
    """
    kept: list[Any] = []
    count = 0
    for batch in batches:
        if batch.num_rows:
            kept.append(batch)
            count += batch.num_rows
        if count >= height:
            for frame in function(_join(kept)):
                yield from _to_batches(frame, schema)
            kept, count = [], 0
    if kept:
        for frame in function(_join(kept)):
            yield from _to_batches(frame, schema)


def run_group(function: Callable[[pl.DataFrame], pl.DataFrame], schema: Mapping[str, Any], table: Any) -> Any:
    """Return the table that a function makes of the rows of one group.

    Args:
        function: Takes a frame and returns one.
        schema: The columns of the frame that it makes.
        table: The rows.
    """
    return to_table(_in_schema(function(to_frame(table)), schema))


def takes_a_table(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function with one parameter: the engines read off a function's parameters what it takes."""

    def run_table(table: Any) -> Any:
        return run(table)

    return run_table


def _join(batches: Sequence[Any]) -> pl.DataFrame:
    import pyarrow as pa  # noqa: PLC0415 - of the extra

    return to_frame(pa.Table.from_batches(batches))


def _to_batches(frame: pl.DataFrame, schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield a frame as batches."""
    if not frame.is_empty():
        yield from to_table(_in_schema(frame, schema)).combine_chunks().to_batches(max_chunksize=_SLICE)


def _in_schema(frame: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return the columns of a schema in their order, in its types."""
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
