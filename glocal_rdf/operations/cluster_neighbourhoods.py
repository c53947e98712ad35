"""Cuts a graph by focus nodes on a cluster: the triples that each bucket's results depend on, by joins of the engine.

1. A focus node belongs to a bucket by the checksum of its text. The triples around it (by subject, and by object where
   shapes follow a predicate backwards) go to its bucket without a join.
2. The nodes at the other ends from which shapes look on are *requests*: node, state (of the reach), bucket. They are
   joined with the triples around them, which go to the bucket that asked; what is at their other ends is asked for in
   turn, each request once, until nothing new is asked for.
3. What shapes look up from the predicates of all triples goes to every bucket, and is asked for in the same way.
4. The sizes of the buckets are counted before anything is validated: where one is too large, more buckets are made, and
   a focus node whose triples do not fit is refused by name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.shacl.reach import FOCUS, Reach, Step

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glocal_rdf.cluster import Cluster
    from glocal_rdf.cluster.keeping import Keeper
    from glocal_rdf.shacl.cutting import Targets

__all__ = ["GRAPH", "MAX_ROUNDS", "PIECES", "Neighbourhoods", "find_focus_nodes"]

GRAPH: Final = {
    "subject": pl.String(),
    "predicate": pl.String(),
    "object": pl.String(),
    "given": pl.Boolean(),
    "near": pl.Boolean(),
}
"""The columns of a graph on a cluster: `given` is whether the report is about a triple, and `near` whether it goes to
the bucket of its subject whatever its predicate is."""

PIECES: Final = {**{name: GRAPH[name] for name in ("subject", "predicate", "object", "given")}, "bucket": pl.Int64()}
"""The columns of pieces; a bucket's row without a triple is there so that the bucket is validated."""

MAX_ROUNDS: Final = 100
"""How many steps from a focus node are followed at most."""

_TRIPLE: Final = ("subject", "predicate", "object", "given")
_REQUEST: Final = ("node", "state", "bucket")


def find_focus_nodes(cluster: Cluster, graph: DataFrame, targets: Targets) -> DataFrame:
    """Return the focus nodes of all shapes, each once, in the column `node`.

    Args:
        cluster: The session.
        graph: The graph.
        targets: What targets say of focus nodes.
    """
    from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

    found = cluster.distribute(pl.DataFrame({"node": sorted(targets.nodes)}, schema={"node": pl.String}))
    if targets.classes:
        typed = graph.filter(col("predicate") == RDF_TYPE)
        classes = cluster.distribute(pl.DataFrame({"object": sorted(targets.classes)}))
        found = found.union(typed.join(classes, "object", "left_semi").select(col("subject").alias("node")))
    for column, predicates in (("subject", targets.subjects_of), ("object", targets.objects_of)):
        if predicates:
            found = found.union(_with(graph, predicates).select(col(column).alias("node")))
    return found.distinct()


@dataclass(frozen=True)
class Neighbourhoods:
    """What cuts one graph.

    Attributes:
        cluster: The session.
        keeper: Where rows are kept meanwhile.
        graph: The graph, whose rows are kept.
        reach: How far shapes look.
        focus: The focus nodes.
        max_rounds: How many steps from a focus node are followed at most.
    """

    cluster: Cluster
    keeper: Keeper
    graph: DataFrame
    reach: Reach
    focus: DataFrame
    max_rounds: int = MAX_ROUNDS

    def cut(self, buckets: int) -> DataFrame:
        """Return the pieces (`PIECES`), in which a triple may stand more than once.

        Args:
            buckets: How many buckets there are.

        Raises:
            ShapesError: Where shapes look further than `max_rounds` steps.
        """
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        pieces = [self._place(backward, buckets) for backward in (False, True)]
        depth = self.reach.depth
        pieces += self._follow_requests(self._start(buckets), None if depth is None else depth - 1)
        kept = [one for one in pieces if one is not None]
        if not kept:
            return self.cluster.distribute(pl.DataFrame(schema=PIECES))
        return _union(kept).select(*_TRIPLE, col("bucket").cast("bigint").alias("bucket"))

    def look_up(self, predicates: pl.Series) -> DataFrame:
        """Return the triples that shapes look up from the predicates of all triples, some perhaps twice.

        Args:
            predicates: The predicates, each once.

        Raises:
            ShapesError: Where shapes look further than `max_rounds` steps.
        """
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        schema = {name: GRAPH[name] for name in _TRIPLE}
        found = [self.cluster.distribute(pl.DataFrame(schema=schema))]
        start = self.reach.of_predicates
        if start is not None:
            asked = pl.DataFrame({"node": predicates}).with_columns(
                state=pl.lit(start, pl.Int64), bucket=pl.lit(0, pl.Int64)
            )
            crossed = self._follow_requests(self.cluster.distribute(asked), self.reach.depth_from(start))
            found += [rows.select(*_TRIPLE) for rows in crossed]
        for sample in sorted(self.reach.samples, key=lambda one: (one.predicate or "", one.backward)):
            node = "object" if sample.backward else "subject"
            rows = _with(self.graph, None if sample.predicate is None else [sample.predicate])
            wanted = self.cluster.distribute(pl.DataFrame({node: predicates}))
            found.append(rows.select(*_TRIPLE).join(wanted, node, "left_semi").dropDuplicates([node]).select(*_TRIPLE))
        return _union(found).select(*(col(name) for name in _TRIPLE))

    def _follow_requests(self, requests: DataFrame | None, depth: int | None) -> list[DataFrame]:
        """Return the triples that requests are answered with (`_TRIPLE`, `bucket`), and all that are asked for in turn.

        Args:
            requests: The requests; None where there are none.
            depth: How many steps lead on from them at most; None where a path is repeated without end.
        """
        pieces: list[DataFrame] = []
        rounds, seen = 0, None
        while requests is not None and (depth is None or rounds < depth):
            requests = requests.distinct()
            rounds += 1
            if depth is None or rounds < depth:
                # They are used for what is asked next, too.
                requests = self.keeper.keep(requests)
            if depth is None and not self.cluster.count(requests.limit(1)):
                break
            if rounds >= self.max_rounds:
                raise ShapesError.at(
                    "shapes",
                    f"a path or query of them leads more than {self.max_rounds} steps away from a focus node",
                    "validate without --cluster, or write a path that is not repeated",
                )
            crossed = self._cross(requests)
            pieces += [rows.select(*_TRIPLE, "bucket") for rows in crossed]
            asked = [one for rows in crossed if (one := self._ask(rows)) is not None]
            if not asked:
                break
            seen = requests if seen is None else seen.union(requests)
            requests = _union(asked).distinct().join(seen, list(_REQUEST), "left_anti")
        return pieces

    def bound_rows(self, triples: int) -> int:
        """Return how many rows a bucket can have at most, by the number of triples: each is crossed once by a step."""
        return triples * (2 + len(self.reach.steps))

    def find_largest(self, pieces: DataFrame) -> tuple[int, int]:
        """Return the bucket with the most rows, and how many it has."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        sizes = self.cluster.collect(pieces.groupBy("bucket").count().orderBy(col("count").desc()).limit(1))
        return (0, 0) if sizes.is_empty() else (int(sizes["bucket"][0]), int(sizes["count"][0]))

    def find_hub(self, pieces: DataFrame, bucket: int) -> tuple[str, int]:
        """Return the node of a bucket with the most triples around it, and how many these are."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        own = pieces.filter(col("bucket") == bucket)
        nodes = own.select(col("subject").alias("node")).union(own.select(col("object").alias("node")))
        largest = self.cluster.collect(nodes.groupBy("node").count().orderBy(col("count").desc(), "node").limit(1))
        return str(largest["node"][0]), int(largest["count"][0])

    def _place(self, backward: bool, buckets: int) -> DataFrame | None:
        """Return the triples around nodes in the bucket of the node: of all nodes, since that needs no join."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        steps = [step for step in self.reach.steps_from.get(FOCUS, ()) if step.backward is backward]
        rows = self.graph
        if steps:
            near = None if backward else col("near")
            rows = _with(rows, _predicates(steps), near)
        elif backward:
            return None
        else:
            rows = rows.filter("near")
        return rows.select(*_TRIPLE, _bucket("object" if backward else "subject", buckets))

    def _start(self, buckets: int) -> DataFrame | None:
        """Return the requests that the triples around focus nodes lead to."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        found = []
        for backward in (False, True):
            leading = [
                step
                for step in self.reach.steps_from.get(FOCUS, ())
                if step.backward is backward and step.target in self.reach.steps_from
            ]
            if not leading:
                continue
            here, there = ("object", "subject") if backward else ("subject", "object")
            rows = _with(self.graph, _predicates(leading)).select(
                col(here).alias("at"), "predicate", col(there).alias("node")
            )
            rows = self._follow(rows, leading)
            rows = rows.join(self.focus.withColumnRenamed("node", "at"), "at", "left_semi")
            found.append(self._drop_ends(rows.select("node", "state", _bucket("at", buckets))))
        return _union(found) if found else None

    def _cross(self, requests: DataFrame) -> list[DataFrame]:
        """Return the triples that requests are answered with: `_TRIPLE`, `bucket`, and `node` with `state` beyond."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        found = []
        for backward in (False, True):
            steps = [step for step in self.reach.steps if step.backward is backward]
            here, there = ("object", "subject") if backward else ("subject", "object")
            named = [step for step in steps if step.predicate is not None]
            for some in (named, [step for step in steps if step.predicate is None]):
                if not some:
                    continue
                table = self.cluster.distribute(_table(some)).withColumnRenamed("source", "state")
                wanted = requests.join(table, "state").drop("state").withColumnRenamed("node", here)
                keys = [here, "predicate"] if some is named else [here]
                if some is not named:
                    wanted = wanted.drop("predicate")
                rows = _with(self.graph, _predicates(some)).select(*_TRIPLE).join(wanted, keys)
                found.append(rows.select(*_TRIPLE, "bucket", col(there).alias("node"), col("target").alias("state")))
        return found

    def _ask(self, crossed: DataFrame) -> DataFrame | None:
        """Return the requests for the nodes beyond; None where shapes look at nothing there."""
        return self._drop_ends(crossed.select(*_REQUEST)) if self.reach.steps_from else None

    def _follow(self, rows: DataFrame, steps: Sequence[Step]) -> DataFrame:
        """Return rows with the `state` that steps from a focus node lead to; a row stands once for each."""
        table = _table(steps).rename({"target": "state"}).drop("source").unique()
        anyhow = table.filter(pl.col("predicate").is_null()).drop("predicate")
        parts = []
        named = table.filter(pl.col("predicate").is_not_null())
        if named.height:
            parts.append(rows.join(self.cluster.distribute(named), "predicate").select("at", "node", "state"))
        if anyhow.height:
            parts.append(rows.crossJoin(self.cluster.distribute(anyhow)).select("at", "node", "state"))
        return _union(parts)

    def _drop_ends(self, requests: DataFrame) -> DataFrame:
        """Leave out requests for nodes from which nothing leads on, and for literals where nothing leads back."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        both = [state for state, steps in self.reach.steps_from.items() if any(step.backward for step in steps)]
        ahead = [state for state in self.reach.steps_from if state not in both]
        kept = col("state").isin(ahead) & ~col("node").startswith('"') if ahead else None
        if both:
            kept = col("state").isin(both) if kept is None else kept | col("state").isin(both)
        return requests.filter(kept)


def _table(steps: Sequence[Step]) -> pl.DataFrame:
    return pl.DataFrame(
        [(step.source, step.predicate, step.target) for step in steps],
        schema={"source": pl.Int64, "predicate": pl.String, "target": pl.Int64},
        orient="row",
    ).unique(maintain_order=True)


def _predicates(steps: Sequence[Step]) -> Collection[str] | None:
    found = {step.predicate for step in steps}
    return None if None in found else [one for one in found if one is not None]


def _with(graph: DataFrame, predicates: Collection[str] | None, other: Any = None) -> DataFrame:
    """Return the triples with some predicates (None for all), and those with another property."""
    from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

    if predicates is None:
        return graph
    wanted = col("predicate").isin(sorted(predicates))
    return graph.filter(wanted if other is None else wanted | other)


def _bucket(column: str, buckets: int) -> Any:
    """Return the bucket of a node as `glocal_rdf.shacl.cutting.bucket_of` does: the engines have the same checksum."""
    from pyspark.sql.connect.functions import col, crc32  # noqa: PLC0415 - of the extra

    return (crc32(col(column).cast("binary")) % buckets).cast("bigint").alias("bucket")


def _union(frames: Sequence[Any]) -> Any:
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.union(frame)
    return whole
