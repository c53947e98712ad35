"""Finds on a cluster what shapes look up from the predicates of all triples: few triples, which go to all workers.

The predicates are known here, and so is what leads on from them: step by step, the nodes that are asked for are sent to
the tasks that have the triples, and these return the triples around the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf.cluster.packing import unpack_each
from glocal_rdf.errors import InputError
from glocal_rdf.operations.cluster_neighbourhoods import BACKWARD, LOOKED_UP, read_triples_of, refuse_far
from glocal_rdf.operations.cluster_pieces import PREDICATES
from glocal_rdf.shacl.cutting import cross, list_requests, start_requests
from glocal_rdf.shacl.cutting.crossing import REQUESTS
from glocal_rdf.shacl.reach import Reach, Sample

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glocal_rdf.cluster import Cluster

__all__ = ["find_looked_up"]

_TRIPLE: Final = ["subject", "predicate", "object"]
_FOUND: Final = dict.fromkeys(_TRIPLE, pl.String())
_CROSSED: Final = {**_FOUND, "backward": pl.Boolean()}


def find_looked_up(cluster: Cluster, placed: DataFrame, reach: Reach, *, limit: int, max_rounds: int) -> pl.DataFrame:
    """Return the triples that shapes look up from the predicates of all triples, in order.

    Args:
        cluster: The session.
        placed: The triples in buckets, and the predicates: `cluster_neighbourhoods.PLACED`.
        reach: How far shapes look.
        limit: How many triples there may be.
        max_rounds: How many steps are followed at most.

    Raises:
        ShapesError: Where shapes look further than `max_rounds` steps.
        InputError: Where there are more triples, or predicates, than `limit`.
    """
    from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

    if not reach.looks_up:
        return pl.DataFrame(schema=_FOUND)
    named = cluster.map_frames(placed.filter(col("kind") == PREDICATES), unpack_each, {"node": pl.String()})
    predicates = cluster.collect(named.distinct().limit(limit + 1))["node"].sort()
    if len(predicates) > limit:
        raise _refuse(reach, limit)
    rows = placed.filter((col("kind") > 0) & (col("kind") % (2 * LOOKED_UP) >= LOOKED_UP))
    found = _follow(cluster, rows, reach, predicates, limit, max_rounds)
    for one in sorted(reach.samples, key=lambda one: (one.predicate or "", one.backward)):
        taken = cluster.map_frames(rows, partial(_sample, one, predicates), _FOUND)
        each = taken.dropDuplicates(["object" if one.backward else "subject"])
        found = pl.concat([found, cluster.collect(each.limit(limit + 1))]).unique()
        if found.height > limit:
            raise _refuse(reach, limit)
    return found.sort(_TRIPLE)


def _follow(
    cluster: Cluster, rows: DataFrame, reach: Reach, predicates: pl.Series, limit: int, max_rounds: int
) -> pl.DataFrame:
    """Return the triples that steps cross from the predicates. Raises as `find_looked_up` does."""
    found = pl.DataFrame(schema=_FOUND)
    if reach.of_predicates is None:
        return found
    group = pl.repeat(0, len(predicates), dtype=pl.Int64, eager=True)
    requests = start_requests(predicates, group, reach.of_predicates)
    seen, rounds = requests.clear(), 0
    depth = reach.depth_from(reach.of_predicates)
    while requests.height and (depth is None or rounds < depth):
        if rounds >= max_rounds:
            raise refuse_far(max_rounds)
        crossed = cluster.map_frames(rows, partial(_answer, reach, requests), _CROSSED).distinct()
        # A triple may be crossed in both directions.
        answers = cluster.collect(crossed.limit(2 * limit + 1))
        found = pl.concat([found, answers.select(_TRIPLE)]).unique()
        if found.height > limit:
            raise _refuse(reach, limit)
        asked = []
        for backward in (False, True):
            triples = answers.filter(pl.col("backward") == backward).select(_TRIPLE)
            asked.append(list_requests(cross(requests, triples, reach, backward=backward), reach, backward=backward))
        seen = pl.concat([seen, requests])
        requests = pl.concat(asked).unique().join(seen, on=REQUESTS.names(), how="anti")
        rounds += 1
    return found


def _refuse(reach: Reach, limit: int) -> InputError:
    names = " and ".join(reach.looking_up)
    what = f"more than {limit:,} triples are looked up from predicates, which all workers need, for {names}"
    hint = "validate without --cluster, or connect each pattern with $this by other variables"
    return InputError.at("--cluster", what, hint)


def _answer(reach: Reach, requests: pl.DataFrame, packed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the triples of packed rows that answer requests, and in which direction; it runs on workers."""
    for backward, triples in _read(packed):
        crossed = cross(requests, triples, reach, backward=backward)
        yield crossed.select(_TRIPLE).unique().with_columns(backward=pl.lit(backward))


def _sample(one: Sample, predicates: pl.Series, packed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield a triple of packed rows for each predicate that is at its end; it runs on workers."""
    node = "object" if one.backward else "subject"
    for backward, triples in _read(packed):
        if not backward:
            wanted = pl.col(node).is_in(predicates.implode())
            if one.predicate is not None:
                wanted &= pl.col("predicate") == one.predicate
            yield triples.filter(wanted).unique(node)


def _read(packed: pl.DataFrame) -> Iterator[tuple[bool, pl.DataFrame]]:
    """Yield the triples of packed rows, and whether they are in the bucket of their object."""
    for backward in (False, True):
        for triples in read_triples_of(packed.filter((pl.col("kind") & BACKWARD) == BACKWARD * backward)):
            yield backward, triples.select(_TRIPLE)
