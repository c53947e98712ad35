"""Writes the ordered values of cells as RDF collections (Generating RDF from Tabular Data on the Web, section 4.6)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from glocal_rdf.csvw.rdf.blocks import Block, TermAffixes, frame_of, place_of
from glocal_rdf.csvw.values.cells import Values
from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST

__all__ = ["list_blocks"]


def list_blocks(
    values: Values,
    objects: pl.Series,
    subject: pl.Series,
    predicate: str | pl.Series | None,
    *,
    label: str,
    first_row: int,
    subjects: TermAffixes,
    subject_column: int | None,
) -> Iterator[Block]:
    """Yield the triples of a column of lists: a head for each row, and a node for each item with its first and rest.

    Args:
        values: The column, with its items and their rows.
        objects: The items as terms.
        subject: The subjects of the rows.
        predicate: Their predicates, or the one of all; rows without one make no list.
        label: The start of the labels of the blank nodes.
        first_row: The number of the first row of the batch, from 1 in the table.
        subjects: What is known of the subjects.
        subject_column: The number of the first column that has them; None if they are blank nodes of their rows.
    """
    assert values.rows is not None and values.lists is not None  # noqa: S101, PT018
    start = f"{label}c{values.column.number}r"
    keep = values.lists.is_not_null() & subject.is_not_null()
    keep = keep & predicate.is_not_null() if isinstance(predicate, pl.Series) else keep & (predicate is not None)
    heads = _heads(values.lists, start, first_row)
    yield Block(
        frame_of(subject, predicate, heads).filter(keep),
        values.column,
        keep.arg_true(),
        predicate if isinstance(predicate, str) else None,
        subjects,
        repeated=pl.repeat(value=True, n=int(keep.sum()), eager=True),
        subject_column=subject_column,
        place=place_of(values.column),
    )
    items = pl.DataFrame({"row": values.rows, "object": objects})
    if not keep.all():
        items = items.filter(keep.gather(values.rows))
    if items.height:
        yield from _node_blocks(values, items, start, first_row)


def _heads(lists: pl.Series, start: str, first_row: int) -> pl.Series:
    """Return the head of each row's list: its first node, rdf:nil for an empty list, null for none."""
    rows = pl.DataFrame({"row": pl.int_range(lists.len(), eager=True), "n": lists.list.len()})
    return rows.select(
        pl.when(pl.col("n") > 0)
        .then(pl.concat_str(pl.lit(start), (pl.col("row") + first_row).cast(pl.String), pl.lit("i0")))
        .when(pl.col("n") == 0)
        .then(pl.lit(RDF_NIL))
    ).to_series()


def _node_blocks(values: Values, items: pl.DataFrame, start: str, first_row: int) -> Iterator[Block]:
    """Yield the triples of the nodes, one for each item (columns row and object)."""
    items = items.with_columns(
        place=pl.int_range(pl.len()).over("row"),
        last=pl.int_range(pl.len()).over("row") == pl.len().over("row") - 1,
    )
    number = (pl.col("row") + first_row).cast(pl.String)
    node = pl.concat_str(pl.lit(start), number, pl.lit("i"), pl.col("place").cast(pl.String))
    following = pl.concat_str(pl.lit(start), number, pl.lit("i"), (pl.col("place") + 1).cast(pl.String))
    nodes = items.select(
        "row", "object", subject=node, rest=pl.when(pl.col("last")).then(pl.lit(RDF_NIL)).otherwise(following)
    )
    firsts = nodes.select("subject", pl.lit(RDF_FIRST).alias("predicate"), "object")
    rests = nodes.select("subject", pl.lit(RDF_REST).alias("predicate"), pl.col("rest").alias("object"))
    affixes = TermAffixes(start)
    yield Block(firsts, values.column, nodes["row"], RDF_FIRST, affixes, place=place_of(values.column, 1))
    yield Block(rests, values.column, nodes["row"], RDF_REST, affixes, place=place_of(values.column, 2))
