"""What workers do when a graph is validated on a cluster: they read ranges, validate pieces, and find nodes.

All functions here run on workers, by name; what they need beside the rows is bound to them and sent along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from glocal_rdf.cluster.packing import PACKED, pack_buckets
from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.operations.cluster_graphs import GraphRange, read_triples
from glocal_rdf.operations.cluster_neighbourhoods import GRAPH, PLACED, place_triples, read_triples_of
from glocal_rdf.shacl import PreparedShapes, prepare
from glocal_rdf.shacl.cutting import Targets, bucket_of, read_rows, write_rows
from glocal_rdf.shacl.parts import join_parts
from glocal_rdf.shacl.reach import Reach
from glocal_rdf.shacl.validation import validate_part
from glocal_rdf.triples import Triples

__all__ = [
    "FOUND",
    "HIERARCHY",
    "KEPT",
    "LABELS",
    "NAMED",
    "PIECES",
    "PREDICATES",
    "READ",
    "Piece",
    "Wanted",
    "find_nodes",
    "join_rows",
    "list_labels",
    "place_wanted",
    "read_wanted",
    "validate_packed",
    "validate_piece",
]

READ, KEPT, HIERARCHY, NAMED, PREDICATES = -1, -2, -3, -4, -5
"""Kinds of packed rows beside those in buckets: how many triples a task read, and how many of them it kept; triples
with rdfs:subClassOf; named target nodes that it found; and the predicates of triples, where shapes look these up."""

FOUND: Final = {"node": pl.String(), "column": pl.String(), "input": pl.Int64()}
"""The columns of nodes that were found in inputs."""

LABELS: Final = {"node": pl.String(), "input": pl.Int64()}
"""The columns of the blank nodes of inputs."""

PIECES: Final = {**{name: GRAPH[name] for name in ("subject", "predicate", "object", "given")}, "bucket": pl.Int64()}
"""The columns of a piece; one without triples has a row without one."""

_TRIPLE: Final = ("subject", "predicate", "object")


@dataclass(frozen=True)
class Wanted:
    """Which triples are read, and where they are put.

    Attributes:
        predicates: The predicates of triples that shapes look at; None for all.
        nodes: Target nodes that are named, to know whether the data have them.
        near: The nodes of triples that are only looked up, whose own triples are read whatever the predicate.
        reach: How far shapes look.
        targets: The predicates that make focus nodes, and whether of their objects.
        buckets: How many buckets there are.
        renamed: For each input the blank nodes that are renamed.
    """

    predicates: tuple[str, ...] | None
    nodes: pl.Series
    near: pl.Series
    reach: Reach
    targets: Sequence[tuple[str, bool]]
    buckets: int
    renamed: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Piece:
    """How a piece is validated; `Triples` and shapes are sent as frames.

    Attributes:
        shapes: The shapes graph.
        hierarchy: All triples of the data with rdfs:subClassOf.
        hierarchy_given: Those of them that the report is about.
        looked_up: What shapes look up from the predicates of all triples.
        ontology: The graph of which only the class hierarchy is used.
        targets: What targets say of focus nodes.
        buckets: How many buckets there are.
        only_shapes: The shapes that are validated; None for all.
        only_focus: The focus nodes that are validated; None for all.
        absent: The target nodes that the data lack.
        max_results: How many results are listed at most; None for all.
        time_limit: The seconds that one SPARQL-based constraint may take.
        context: Whether there are triples that are only looked up.
    """

    shapes: pl.DataFrame
    hierarchy: pl.DataFrame
    hierarchy_given: pl.DataFrame
    looked_up: pl.DataFrame
    ontology: pl.DataFrame | None
    targets: Targets
    buckets: int
    only_shapes: tuple[str, ...] | None
    only_focus: tuple[str, ...] | None
    absent: frozenset[str]
    max_results: int | None
    time_limit: float
    context: bool


def read_wanted(wanted: Wanted, task: tuple[int, GraphRange]) -> Iterator[pl.DataFrame]:
    """Yield the triples of a range that a validation needs, in buckets, and what is counted and found: `PLACED`.

    Args:
        wanted: Which these are.
        task: The number of the input, and the range.
    """
    frame, _ = read_triples(task[1])
    if wanted.renamed and (renamed := wanted.renamed[task[0]]):
        frame = frame.with_columns(pl.col("subject", "object").replace(renamed))
    read = frame.height
    if len(wanted.nodes):
        nodes = pl.concat([frame[column].rename("node").unique() for column in ("subject", "object")])
        named = wanted.nodes.filter(wanted.nodes.is_in(nodes.implode()))
        yield _pack(named.rename("node").to_frame(), NAMED)
    near = pl.col("subject").is_in(wanted.near.implode()) if len(wanted.near) else pl.lit(value=False)
    frame = frame.with_columns(given=pl.lit(value=True), near=near)
    if wanted.predicates is not None:
        frame = frame.filter(pl.col("predicate").is_in(wanted.predicates) | pl.col("near"))
    yield pl.DataFrame({"kind": [READ, KEPT], "bucket": 0, "rows": [read, frame.height], "data": None}, schema=PLACED)
    yield from place_wanted(wanted, frame)


def place_wanted(wanted: Wanted, frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield triples in buckets, those with rdfs:subClassOf, and perhaps the predicates: `PLACED`.

    Args:
        wanted: Which triples are read, and where they are put.
        frame: The triples: `GRAPH`.
    """
    yield _pack(frame.filter(pl.col("predicate") == RDFS_SUBCLASS_OF).select(*_TRIPLE, "given"), HIERARCHY)
    if wanted.reach.looks_up:
        yield _pack(frame.select(node=pl.col("predicate").unique()), PREDICATES)
    yield place_triples(wanted.reach, wanted.targets, wanted.buckets, frame.select(GRAPH.keys()))


def _pack(frame: pl.DataFrame, kind: int) -> pl.DataFrame:
    packed = pack_buckets(frame, pl.repeat(0, frame.height, dtype=pl.Int64, eager=True))
    return packed.select(pl.lit(kind, pl.Int64).alias("kind"), *PACKED)


def find_nodes(nodes: pl.Series, task: tuple[int, GraphRange]) -> Iterator[pl.DataFrame]:
    """Yield which nodes a range has, as subject or as object.

    Args:
        nodes: The nodes.
        task: The number of the input, and the range.
    """
    frame, _ = read_triples(task[1])
    for column in ("subject", "object"):
        found = frame.select(pl.col(column).unique()).filter(pl.col(column).is_in(nodes.implode()))
        yield found.select(node=column, column=pl.lit(column), input=pl.lit(task[0], pl.Int64))


def list_labels(task: tuple[int, GraphRange]) -> Iterator[pl.DataFrame]:
    """Yield the blank nodes of a range.

    Args:
        task: The number of the input, and the range.
    """
    frame, _ = read_triples(task[1])
    both = pl.concat([frame["subject"], frame["object"]]).rename("node")
    blank = both.filter(both.str.starts_with("_:")).unique().to_frame()
    yield blank.with_columns(input=pl.lit(task[0], pl.Int64))


def validate_packed(piece: Piece, rows: pl.DataFrame) -> pl.DataFrame:
    """Validate the focus nodes of a bucket, whose triples are packed; as `validate_piece`.

    Args:
        piece: How it is validated.
        rows: The packed rows of the bucket: `PLACED`.
    """
    bucket = pl.lit(rows["bucket"][0], pl.Int64).alias("bucket")
    triples = [frame.select(*_TRIPLE, "given", bucket) for frame in read_triples_of(rows)]
    nothing = pl.DataFrame([[None] * len(PIECES)], schema=PIECES, orient="row").with_columns(bucket)
    return validate_piece(piece, pl.concat(triples or [nothing]))


def validate_piece(piece: Piece, frame: pl.DataFrame) -> pl.DataFrame:
    """Validate the focus nodes of a bucket, and return what was found as rows: `PART_ROWS`, and `bucket`.

    Args:
        piece: How it is validated.
        frame: The rows of the bucket.
    """
    bucket = frame["bucket"][0]
    rows = frame.filter(pl.col("subject").is_not_null())
    triples = pl.concat([rows.select(_TRIPLE), piece.hierarchy])
    targets = piece.targets
    named = pl.Series("node", sorted(targets.nodes), dtype=pl.String)
    columns = [targets.find_subjects(triples), targets.find_objects(triples), named]
    nodes = pl.concat([one.rename("node") for one in columns]).unique()
    focus = nodes.filter(bucket_of(nodes, piece.buckets) == bucket)
    if piece.only_focus is not None:
        focus = focus.filter(focus.is_in(pl.Series(piece.only_focus, dtype=pl.String).implode()))
    given = None
    if piece.context:
        given = Triples(pl.concat([rows.filter("given").select(_TRIPLE), piece.hierarchy_given]).unique())
    part = validate_part(
        [triples, piece.looked_up],
        _prepare(piece.shapes),
        focus,
        ontology=None if piece.ontology is None else Triples(piece.ontology),
        max_results=piece.max_results,
        time_limit=piece.time_limit,
        only_shapes=piece.only_shapes,
        absent=piece.absent,
        given=given,
    )
    return write_rows(part).with_columns(bucket=pl.lit(bucket, pl.Int64))


def join_rows(shapes: pl.DataFrame, max_results: int | None, rows: pl.DataFrame) -> pl.DataFrame:
    """Join what was found in several pieces, and return it as the rows of one of them.

    Args:
        shapes: The shapes graph.
        max_results: How many results are listed at most; None for all.
        rows: The rows of the pieces, with the column `bucket`.
    """
    parts = [read_rows(one) for one in rows.partition_by("bucket", maintain_order=True, include_key=False)]
    joined = write_rows(join_parts(parts, _prepare(shapes).read, max_results))
    return joined.with_columns(bucket=pl.lit(rows["bucket"].min(), pl.Int64))


_prepared: dict[bytes, PreparedShapes] = {}
"""The shapes that this process prepared last: a worker validates one piece after another against them."""


def _prepare(shapes: pl.DataFrame) -> PreparedShapes:
    digest = hashlib.sha256("\n".join("\0".join(row) for row in shapes.iter_rows()).encode()).digest()
    if digest not in _prepared:
        _prepared.clear()
        _prepared[digest] = prepare(Triples(shapes))
    return _prepared[digest]
