"""Compares two graphs on a cluster: the changes that `diff` finds on one machine, for graphs without blank nodes.

1. The triples of both versions are brought together by a hash, and what one version alone has in a bucket was added or
   removed.
2. What is said of everything that these triples name, and of what that names in turn, is looked up in both versions:
   names, classes, and whether a thing is in a version at all.
3. These two small graphs are compared here. What they lack is the same in both versions, and not mentioned.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf.changes import Changes, GraphVersion, compare_versions
from glocal_rdf.cluster import parts as cluster_parts
from glocal_rdf.cluster import storage
from glocal_rdf.cluster.packing import PACKED, pack_buckets, unpack_each
from glocal_rdf.cluster.session import use_session
from glocal_rdf.cluster.spill import TERMS, read_frames
from glocal_rdf.cluster.steps import begin_step
from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.operations.cluster_graphs import RANGE, ReadGraph, plan_ranges, read_graph
from glocal_rdf.operations.cluster_plans import describe_buckets, describe_memory, describe_reading, estimate_triples
from glocal_rdf.operations.graph_inputs import name_file
from glocal_rdf.shacl.cutting import bucket_of
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.cluster.session import Cluster

__all__ = ["describe_plan", "diff_on_cluster"]

MODULES: Final = ("glocal_rdf.operations.cluster_diff",)
"""What the check of the workers imports."""

STEPS: Final = ("reading OLD", "reading NEW", "comparing", "looking up names")
"""The steps of a comparison, for its progress."""

ROWS_A_BUCKET: Final = 1_000_000
"""About how many triples of both versions are compared at once."""

_BASE: Final = "file:///"
"""What relative IRIs are resolved against, as `diff` does."""

_SIDED: Final = {"new": pl.Boolean(), **dict.fromkeys(TERMS, pl.String())}
_COUNTED: Final = {**_SIDED, "count": pl.Int64()}


def diff_on_cluster(
    cluster: Cluster | str, old: str, new: str, *, partitions: int | None = None, size: int = RANGE
) -> Changes:
    """Compare two graphs on a cluster.

    Args:
        cluster: A session, or the address to open one: `sc://host:port`, or `local`.
        old: The old version: a file, or a folder of files; a path that all machines have in common, or an address.
        new: The new version.
        partitions: Into how many buckets the triples are cut; by default by their number.
        size: How many bytes of N-Triples are one task.

    Raises:
        InputError: Where a version cannot be read, has named graphs, or blank nodes, which are compared by looking at
            the whole graphs.
        EndpointError: Where the cluster cannot do it.
    """
    # The work is done beside the new version, where all machines can write.
    with use_session(cluster, MODULES) as session, cluster_parts.stage(storage.beside(new, ".changes")) as folder:
        graphs = []
        for word, step in zip((old, new), STEPS, strict=False):
            begin_step(STEPS, step)
            graph = read_graph(session, plan_ranges(word, base=_BASE, size=size), folder)
            if graph.blank:
                what = f"{graph.blank:,} of its triples have blank nodes, which are compared by looking at whole graphs"
                raise InputError.at(word, what, "compare them on one machine, without --cluster")
            graphs.append(graph)
        found = _find_around(session, graphs[0], graphs[1], partitions)
    versions = []
    for word, graph, (frame, count) in zip((old, new), graphs, found, strict=True):
        name = word if storage.has_scheme(word) else name_file(Path(word))
        prefixes = {**WELL_KNOWN, **graph.prefixes}
        versions.append(GraphVersion(name, Triples.from_distinct(frame), prefixes=prefixes, triples=count))
    return compare_versions(versions[0], versions[1])


def describe_plan(old: str, new: str, partitions: int | None = None) -> list[str]:
    """Return the lines of the plan of a comparison: its steps, and what a worker needs, all by estimate.

    Args:
        old: The old version, as for `diff_on_cluster`.
        new: The new version.
        partitions: Into how many buckets the triples are cut, if that is given.

    Raises:
        InputError: Where a version has nothing to read.
    """
    ranges = {word: plan_ranges(word, base=_BASE) for word in (old, new)}
    rows = sum(estimate_triples(found) for found in ranges.values())
    buckets = partitions or _count_buckets(rows)
    found = [part for parts in ranges.values() for part in parts]
    return [
        *(describe_reading(word, parts) for word, parts in ranges.items()),
        f"compare: about {rows:,} triples of both, {describe_buckets(buckets, rows)}",
        "look up: the names of all that differs, in both, and of what these name: twice over all triples",
        "every worker: the nodes that differ, with what is said of them",
        describe_memory(found, rows / buckets),
    ]


def _count_buckets(rows: int) -> int:
    return max(1, -(-rows // ROWS_A_BUCKET))


def _find_around(
    cluster: Cluster, old: ReadGraph, new: ReadGraph, partitions: int | None
) -> list[tuple[pl.DataFrame, int]]:
    """Return of both versions the triples that differ, with what is said of all they name, and their numbers."""
    begin_step(STEPS, "comparing")
    files = [
        (side, file) for side, graph in ((False, old), (True, new)) for kept in graph.spilled for file in kept.files
    ]
    rows = sum(kept.rows for graph in (old, new) for kept in graph.spilled)
    buckets = partitions or _count_buckets(rows)
    sided = cluster.map_tasks(partial(_divide_sided, buckets), files, PACKED)
    changed = cluster.collect(cluster.map_groups(sided, ["bucket"], _subtract, _COUNTED))
    counts = dict(changed.filter(pl.col("subject").is_null()).group_by("new").agg(pl.col("count").sum()).iter_rows())
    around = changed.drop_nulls("subject").select(*_SIDED)
    begin_step(STEPS, "looking up names")
    known = pl.Series([], dtype=pl.String)
    for _ in range(2):
        named = around.unpivot(list(TERMS))["value"].unique().sort()
        named = named.filter(~named.is_in(known.implode()))
        known = pl.concat([known, named])
        found = cluster.collect(cluster.map_tasks(partial(_read_about, named), files, _SIDED))
        around = pl.concat([around, found]).unique()
    frames = [around.filter(pl.col("new") == side).select(TERMS).unique().sort(TERMS) for side in (False, True)]
    return [(frame, int(counts.get(side, 0))) for frame, side in zip(frames, (False, True), strict=True)]


def _read_sided(task: tuple[bool, str]) -> Iterator[pl.DataFrame]:
    side, file = task
    yield read_frames(file).with_columns(new=pl.lit(side))


def _divide_sided(buckets: int, task: tuple[bool, str]) -> Iterator[pl.DataFrame]:
    """Yield the triples of a file packed by bucket; those of one subject are in several."""
    for frame in _read_sided(task):
        whole = frame.select(pl.concat_str(TERMS, separator=" ")).to_series()
        yield pack_buckets(frame.select(*_SIDED), bucket_of(whole, buckets))


def _read_about(subjects: pl.Series, task: tuple[bool, str]) -> Iterator[pl.DataFrame]:
    """Yield the triples of a file about some subjects."""
    for frame in _read_sided(task):
        yield frame.join(subjects.to_frame("subject"), on="subject", how="semi")


def _subtract(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the triples of a bucket that one version alone has, and for each version a row with its number of them."""
    each = pl.concat(list(unpack_each(rows))).unique()
    alone = each.filter(pl.len().over(list(TERMS)) == 1).with_columns(count=pl.lit(1, pl.Int64))
    counts = each.group_by("new").agg(pl.len().cast(pl.Int64).alias("count"))
    none = [pl.lit(None, pl.String).alias(name) for name in TERMS]
    return pl.concat([alone.select(*_COUNTED), counts.with_columns(none).select(*_COUNTED)])
