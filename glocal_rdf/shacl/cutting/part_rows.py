"""A partial report as rows, and back: what a process that validated a piece sends to the one that joins the pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from glocal_rdf.shacl.parts import PartialReport
from glocal_rdf.shacl.results import TABLE

__all__ = ["PART_ROWS", "read_rows", "write_rows"]

_MESSAGES: Final = {"text": "texts", "lang": "langs"}

PART_ROWS: Final = {
    "kind": pl.String(),
    "name": pl.String(),
    "position": pl.Int64(),
    "times": pl.Int64(),
    "focus": pl.String(),
    "value": pl.String(),
    "path": pl.String(),
    "expected": pl.String(),
    "texts": pl.List(pl.String()),
    "langs": pl.List(pl.String()),
}
"""The columns of the rows.

A row of `kind` `result` is one of a constraint: `name` is its shape, `position` where it stands there. The other kinds
are counts by name: `severity`, `reached` and `looked at`; and `about`, whether the shapes are about these data.
"""


def write_rows(part: PartialReport) -> pl.DataFrame:
    """Return a partial report as rows.

    Args:
        part: What was found in a piece.
    """
    counts = [
        ("severity", part.severities_found),
        ("reached", part.reached),
        ("looked at", part.looked_at),
        ("about", {"": int(part.about)}),
    ]
    rows = [(kind, name, number) for kind, numbers in counts for name, number in numbers.items()]
    frames = [_complete(pl.DataFrame(rows, schema=["kind", "name", "times"], orient="row"))]
    for (shape, position), table in part.tables.items():
        messages = pl.col("messages").list
        frames.append(
            _complete(
                table.with_columns(
                    kind=pl.lit("result"),
                    name=pl.lit(shape),
                    position=pl.lit(position),
                    **{column: messages.eval(pl.element().struct.field(field)) for field, column in _MESSAGES.items()},
                )
            )
        )
    return pl.concat(frames)


def read_rows(rows: pl.DataFrame) -> PartialReport:
    """Return the partial report that rows stand for.

    Args:
        rows: What `write_rows` returned; the rows of one kind and name in their order.
    """
    by_kind = rows.partition_by("kind", as_dict=True, maintain_order=True)
    tables = by_kind.get(("result",), rows.clear()).partition_by(["name", "position"], as_dict=True)
    return PartialReport(
        tables={(str(key[0]), int(str(key[1]))): _read_table(table) for key, table in tables.items()},
        severities_found=_read_counts(by_kind, "severity"),
        reached=_read_counts(by_kind, "reached"),
        looked_at=_read_counts(by_kind, "looked at"),
        about=any(_read_counts(by_kind, "about").values()),
    )


def _complete(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in PART_ROWS.items() if name not in frame.columns]
    return frame.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in PART_ROWS.items())


def _read_counts(by_kind: Mapping[tuple[object, ...], pl.DataFrame], kind: str) -> dict[str, int]:
    if (kind,) not in by_kind:
        return {}
    return dict(by_kind[kind,].select("name", "times").iter_rows())


def _read_table(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of one constraint as the table of its violations."""
    messages = pl.Series("messages", list(_pair_messages(rows)), dtype=TABLE["messages"])
    return rows.with_columns(messages).select(TABLE.names()).cast(TABLE)


def _pair_messages(rows: pl.DataFrame) -> Iterator[list[dict[str, str]] | None]:
    for texts, langs in rows.select(*_MESSAGES.values()).iter_rows():
        yield None if texts is None else [{"text": t, "lang": g} for t, g in zip(texts, langs, strict=True)]
