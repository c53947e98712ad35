"""Cuts a graph by focus nodes on a cluster: the triples that each bucket's results depend on.

1. A focus node belongs to a bucket by the checksum of its text. The tasks that read the graph put the triples around a
   node (by subject, and by object where shapes follow a predicate backwards) into its bucket, packed (`place_triples`).
2. Where shapes look further than one step, a bucket finds its focus nodes, and makes *requests* for the nodes at the
   other ends: node, state (of the reach), and the bucket that asks. Each goes to the bucket of its node.
3. That bucket answers with the triples around the node, which go to the bucket that asked; what is at their other ends
   is asked for in turn, each request once, until nothing new is asked for.
4. The sizes of the buckets are counted before anything is validated: where one is too large, more buckets are made, and
   a focus node whose triples do not fit is refused by name.

A step from nodes is that of `glocal_rdf.shacl.cutting`, on the rows of one bucket. The engine brings the rows of a
bucket together, and looks at none of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf.cluster.packing import PACKED, pack_buckets, unpack, unpack_each
from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.shacl.cutting import Targets, bucket_of, cross, list_requests
from glocal_rdf.shacl.cutting.crossing import GROUP, REQUESTS, STATE
from glocal_rdf.shacl.reach import FOCUS, Reach

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glocal_rdf.cluster import Cluster
    from glocal_rdf.cluster.keeping import Keeper

__all__ = [
    "GRAPH",
    "MAX_ROUNDS",
    "PLACED",
    "Neighbourhoods",
    "list_target_predicates",
    "place_triples",
    "read_triples_of",
]

GRAPH: Final = {
    "subject": pl.String(),
    "predicate": pl.String(),
    "object": pl.String(),
    "given": pl.Boolean(),
    "near": pl.Boolean(),
}
"""The columns of triples: `given` is whether the report is about a triple, and `near` whether it goes to the bucket of
its subject whatever its predicate is."""

PLACED: Final = {"kind": pl.Int64(), **PACKED}
"""The columns of packed rows in buckets, of one `kind` each: a sum of those below."""

OWN: Final = 1
"""Triples that the focus nodes of the bucket look at."""

ASKING: Final = 2
"""Triples by which focus nodes are found, and from which they lead on."""

ANSWERING: Final = 4
"""Triples that requests are answered with."""

LOOKED_UP: Final = 16
"""Triples that shapes may look up from the predicates of all triples."""

BACKWARD: Final = 8
"""Triples by the bucket of their object; others are by that of their subject."""

_REQUEST: Final = 1000
"""Requests of the first round; those of the next round are one more."""

MAX_ROUNDS: Final = 100
"""How many steps from a focus node are followed at most."""

_BATCH: Final = 1_000_000
"""About how many triples are looked at together."""

_CROSSED: Final = 4_000_000
"""How many triples answer at once at most."""

_ANSWERED: Final = 1 << 30
"""How many bytes of packed answers one bucket gives at most."""

_TRIPLE: Final = ["subject", "predicate", "object"]
_COUNTED: Final = {"node": pl.String(), "around": pl.Int64()}


def place_triples(
    reach: Reach, targets: Collection[tuple[str, bool]], buckets: int, frame: pl.DataFrame
) -> pl.DataFrame:
    """Return triples packed by the buckets of the nodes that they are around: `PLACED`.

    Args:
        reach: How far shapes look.
        targets: The predicates that make focus nodes, and whether of their objects.
        buckets: How many buckets there are.
        frame: The triples: `GRAPH`.
    """
    parts = [pl.DataFrame(schema=PLACED)]
    onward = has_requests(reach)
    asked = _targets_from(reach, FOCUS)
    looked_up = (
        set() if reach.of_predicates is None else {reach.of_predicates, *_targets_from(reach, reach.of_predicates)}
    )
    for backward in (False, True):
        steps = [step for step in reach.steps if step.backward is backward]
        first = [step for step in steps if step.source == FOCUS]
        asking = {step.predicate for step in first if step.target in reach.steps_from}
        asking |= {predicate for predicate, of_object in targets if of_object is backward}
        kinds = {
            OWN: _has_predicate({step.predicate for step in first}) | (pl.lit(value=not backward) & pl.col("near")),
            ASKING: _has_predicate(asking) & onward,
            ANSWERING: _has_predicate({step.predicate for step in steps if step.source in asked}) & onward,
            LOOKED_UP: _has_predicate(
                {step.predicate for step in steps if step.source in looked_up}
                | {sample.predicate for sample in reach.samples if not backward}
            ),
        }
        kind = pl.sum_horizontal(wanted.cast(pl.Int64) * number for number, wanted in kinds.items())
        placed = frame.with_columns(kind=kind).filter(pl.col("kind") > 0)
        bucket = bucket_of(placed["object" if backward else "subject"], buckets)
        divided = placed.with_columns(bucket=bucket).partition_by("kind", include_key=False, as_dict=True)
        for key, some in divided.items():
            rows = some.select(_TRIPLE) if some["given"].all() else some.select(*_TRIPLE, "given")
            parts.append(_mark(pack_buckets(rows, some["bucket"]), int(key[0]) + BACKWARD * backward))
    return pl.concat(parts)


def has_requests(reach: Reach) -> bool:
    """Return whether shapes look further than at the triples around focus nodes."""
    return any(step.target in reach.steps_from for step in reach.steps_from.get(FOCUS, ()))


def _targets_from(reach: Reach, start: int) -> set[int]:
    """Return the states that steps lead to from a state."""
    found: set[int] = set()
    todo = [start]
    while todo:
        fresh = {step.target for step in reach.steps_from.get(todo.pop(), ())} - found
        found |= fresh
        todo += fresh
    return found


def read_triples_of(packed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the triples of packed rows, with `given`."""
    for frame in unpack_each(packed):
        yield frame if "given" in frame.columns else frame.with_columns(given=pl.lit(value=True))


@dataclass(frozen=True)
class Neighbourhoods:
    """What cuts one graph.

    Attributes:
        cluster: The session.
        keeper: Where rows are kept meanwhile.
        placed: The triples in buckets (`PLACED`), which are kept.
        buckets: How many buckets these are.
        reach: How far shapes look.
        targets: What targets say of focus nodes.
        only_focus: The focus nodes that are validated; None for all.
        max_rounds: How many steps from a focus node are followed at most.
        max_rows: How many triples a bucket may have; of one that has more, not all need be there.
    """

    cluster: Cluster
    keeper: Keeper
    placed: DataFrame
    buckets: int
    reach: Reach
    targets: Targets
    only_focus: tuple[str, ...] | None
    max_rounds: int
    max_rows: int

    def cut(self, buckets: int) -> DataFrame:
        """Return the pieces (`PLACED`), in which a triple may stand more than once.

        Args:
            buckets: How many buckets there are.

        Raises:
            ShapesError: Where shapes look further than `max_rounds` steps; where a node would answer with too much.
        """
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        placed = self._place_again(buckets)
        pieces = placed.filter(col("kind") % 2 == OWN)
        if not has_requests(self.reach):
            return pieces
        asking, answering = (placed.filter((col("kind") % (2 * some)) >= some) for some in (ASKING, ANSWERING))
        ask = partial(ask_first, self.reach, self.targets, self.only_focus, buckets)
        requests = self.keeper.keep(self.cluster.map_groups(asking, ["bucket"], ask, PLACED))
        depth, number = self.reach.depth, 0
        while depth is None or number < depth - 1:
            if not self.cluster.count(requests.filter(col("kind") == _REQUEST + number).limit(1)):
                break
            if number + 1 >= self.max_rounds:
                raise refuse_far(self.max_rounds)
            answer = partial(answer_requests, self.reach, buckets, number, self.max_rows)
            answered = self.cluster.map_groups(answering.union(requests), ["bucket"], answer, PLACED)
            answered = self.keeper.keep(answered, again=number > 0)
            pieces = pieces.union(answered.filter(col("kind") == OWN))
            requests = requests.union(answered.filter(col("kind") >= _REQUEST))
            number += 1
        return pieces

    def find_largest(self, pieces: DataFrame) -> tuple[int, int]:
        """Return the bucket with the most rows, and how many it has."""
        from pyspark.sql.connect.functions import col, sum  # noqa: A004, PLC0415 - of the extra

        each = pieces.groupBy("bucket").agg(sum("rows").alias("rows"))
        sizes = self.cluster.collect(each.orderBy(col("rows").desc()).limit(1))
        return (0, 0) if sizes.is_empty() else (int(sizes["bucket"][0]), int(sizes["rows"][0]))

    def find_hub(self, pieces: DataFrame, bucket: int) -> tuple[str, int]:
        """Return the node of a bucket with the most triples around it, and how many these are."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        own = pieces.filter(col("bucket") == bucket)
        largest = self.cluster.collect(self.cluster.map_groups(own, ["bucket"], find_largest_node, _COUNTED))
        return str(largest["node"][0]), int(largest["around"][0])

    def _place_again(self, buckets: int) -> DataFrame:
        """Return the triples in another number of buckets."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        if buckets == self.buckets:
            return self.placed
        if self.buckets % buckets == 0:
            return self.placed.withColumn("bucket", (col("bucket") % buckets).cast("bigint"))
        return self.keeper.keep(self.cluster.map_frames(self.placed, partial(divide_again, buckets), PLACED, height=1))


def divide_again(buckets: int, packed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield packed triples in another number of buckets: `PLACED`; it runs on workers."""
    for kind, data in packed.select("kind", "data").iter_rows():
        frame = unpack(data)
        yield _mark(pack_buckets(frame, bucket_of(frame["object" if kind & BACKWARD else "subject"], buckets)), kind)


def ask_first(
    reach: Reach, targets: Targets, only_focus: tuple[str, ...] | None, buckets: int, rows: pl.DataFrame
) -> pl.DataFrame:
    """Return the requests that the focus nodes of a bucket lead to (`PLACED`), by the bucket of what they ask for.

    Args:
        reach: How far shapes look.
        targets: What targets say of focus nodes.
        only_focus: The focus nodes that are validated; None for all.
        buckets: How many buckets there are.
        rows: The packed triples of the bucket.
    """
    bucket = int(rows["bucket"][0])
    read = _open_batches(rows)
    nodes = find_focus(targets, only_focus, read, bucket, buckets)
    found = [pl.DataFrame(schema=REQUESTS)]
    for backward in (False, True):
        here, there = ("object", "subject") if backward else ("subject", "object")
        leading: dict[int, set[str | None]] = {}
        for step in reach.steps_from.get(FOCUS, ()):
            if step.backward is backward and step.target in reach.steps_from:
                leading.setdefault(step.target, set()).add(step.predicate)
        for state, predicates in leading.items():
            wanted = _has_predicate(predicates) & pl.col(here).is_in(nodes.implode())
            leads_back = any(step.backward for step in reach.steps_from[state])
            for triples in read(backward):
                beyond = triples.filter(wanted).select(pl.col(there).unique().alias("node"))
                # Nothing leads forward from a literal.
                kept = beyond if leads_back else beyond.filter(~pl.col("node").str.starts_with('"'))
                found.append(kept.with_columns(state=pl.lit(state, STATE), group=pl.lit(bucket, GROUP)))
    return _send_requests(found, 0, buckets)


def find_focus(
    targets: Targets,
    only_focus: Collection[str] | None,
    read: Callable[[bool], Iterable[pl.DataFrame]],
    bucket: int,
    buckets: int,
) -> pl.Series:
    """Return the focus nodes of a bucket, each once.

    Args:
        targets: What targets say of focus nodes.
        only_focus: The focus nodes that are validated; None for all.
        read: Returns triples of the bucket: by object (True), or by subject.
        bucket: The bucket.
        buckets: How many buckets there are.
    """
    found = [pl.Series("node", sorted(targets.nodes), dtype=pl.String)]
    for triples in read(False):
        found.append(targets.find_subjects(triples).rename("node"))
    for triples in read(True):
        found.append(targets.find_objects(triples).rename("node"))
    nodes = pl.concat(found).unique()
    nodes = nodes.filter(bucket_of(nodes, buckets) == bucket)
    if only_focus is not None:
        nodes = nodes.filter(nodes.is_in(pl.Series(only_focus, dtype=pl.String).implode()))
    return nodes


def answer_requests(reach: Reach, buckets: int, number: int, max_rows: int, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the triples around the nodes that a bucket was asked for, and what is asked for next: `PLACED`.

    Args:
        reach: How far shapes look.
        buckets: How many buckets there are.
        number: The number of the round, from 0.
        max_rows: How many triples one bucket may have: one that was answered more is not answered further.
        rows: The packed triples of the bucket, and the requests of this round and of those before.

    Raises:
        ShapesError: Where the answers are too many for the memory of a worker.
    """
    requests = _read_requests(rows.filter(pl.col("kind") == _REQUEST + number)).unique()
    before = _read_requests(rows.filter(pl.col("kind").is_between(_REQUEST, _REQUEST + number, closed="left")))
    requests = requests.join(before, on=REQUESTS.names(), how="anti")
    answers, asked = [pl.DataFrame(schema=PACKED)], [pl.DataFrame(schema=REQUESTS)]
    sizes: Counter[int] = Counter()
    packed = 0
    for backward in (False, True):
        for batch in _read_batches(rows, backward=backward) if requests.height else ():
            for given, triples in batch.partition_by("given", as_dict=True).items():
                full = [group for group, size in sizes.items() if size > max_rows]
                unanswered = requests.filter(~pl.col("group").is_in(full)) if full else requests
                for some in split_requests(unanswered, triples, "object" if backward else "subject"):
                    crossed = cross(some, triples.select(_TRIPLE), reach, backward=backward)
                    if crossed.is_empty():
                        continue
                    asked.append(list_requests(crossed, reach, backward=backward))
                    own = crossed.select(_TRIPLE) if given[0] else crossed.select(*_TRIPLE, given=pl.lit(value=False))
                    answers.append(pack_buckets(own, crossed["group"]))
                    for group, size in answers[-1].select("bucket", "rows").iter_rows():
                        sizes[group] += size
                    packed += int(answers[-1]["data"].bin.size().sum())
                    if packed > _ANSWERED:
                        raise _refuse_answers(some, crossed, "object" if backward else "subject")
    return pl.concat([_mark(pl.concat(answers), OWN), _send_requests(asked, number + 1, buckets)])


def split_requests(requests: pl.DataFrame, triples: pl.DataFrame, node: str) -> Iterator[pl.DataFrame]:
    """Yield requests in parts that so many triples answer at most as fit into memory, those of a group together.

    Args:
        requests: The requests.
        triples: The triples that answer them.
        node: The column that has the nodes which requests are for.
    """
    groups = requests["group"].unique()
    if len(groups) * triples.height > _CROSSED:
        around = triples.select(pl.col(node).alias("node")).group_by("node").len("around")
        rows = requests.group_by("node", "group").len("ways").join(around, on="node")
        rows = rows.group_by("group").agg((pl.col("around").cast(pl.Int64) * pl.col("ways")).sum())
        if rows["around"].sum() > _CROSSED:
            place = pl.col("around").cum_sum() // _CROSSED
            for part in rows.with_columns(place.alias("place")).partition_by("place"):
                yield requests.join(part.select("group"), on="group", how="semi")
            return
    yield requests


def find_largest_node(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the node with the most triples around it in packed rows, and how many these are; it runs on workers."""
    counts = pl.DataFrame(schema=_COUNTED)
    for triples in read_triples_of(rows):
        both = pl.concat([triples["subject"], triples["object"]]).rename("node").to_frame()
        each = both.group_by("node").agg(pl.len().cast(pl.Int64).alias("around"))
        counts = pl.concat([counts, each]).group_by("node").agg(pl.col("around").sum())
    return counts.sort(["around", "node"], descending=[True, False]).head(1)


def refuse_far(rounds: int) -> ShapesError:
    """Return what is raised where shapes look further than so many steps."""
    what = f"a path or query of them leads more than {rounds} steps away from a focus node"
    return ShapesError.at("shapes", what, "validate without --cluster, or write a path that is not repeated")


def _refuse_answers(requests: pl.DataFrame, crossed: pl.DataFrame, node: str) -> ShapesError:
    hub, size = crossed.group_by(node).len().sort(["len", node], descending=[True, False]).row(0)
    asking = requests.filter(pl.col("node") == hub)["group"].n_unique()
    return ShapesError.at(
        hub,
        f"has {math.ceil(size / max(asking, 1)):,} triples around it that {asking:,} pieces look at, "
        "which is more than a worker sends to them",
        "validate without --cluster, or leave the path out that leads there",
    )


def _send_requests(found: list[pl.DataFrame], number: int, buckets: int) -> pl.DataFrame:
    """Return requests packed by the bucket of the node that they ask for: `PLACED`."""
    requests = pl.concat(found).unique()
    return _mark(pack_buckets(requests, bucket_of(requests["node"], buckets)), _REQUEST + number)


def _read_requests(packed: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=REQUESTS), *unpack_each(packed)])


def _open_batches(rows: pl.DataFrame) -> Callable[[bool], Iterable[pl.DataFrame]]:
    """Return a function that reads the triples of a bucket, by object or by subject; few are unpacked once."""
    if rows["rows"].sum() > _BATCH:
        return lambda backward: _read_batches(rows, backward=backward)
    held = {backward: list(_read_batches(rows, backward=backward)) for backward in (False, True)}
    return lambda backward: held[backward]


def _read_batches(rows: pl.DataFrame, *, backward: bool) -> Iterator[pl.DataFrame]:
    """Yield the triples by subject, or by object, of a bucket, as many at once as fit into memory, with `given`."""
    kind = pl.col("kind")
    wanted = rows.filter((kind < _REQUEST) & ((kind & BACKWARD) == BACKWARD * backward))
    place = (pl.col("rows").cum_sum() // _BATCH).alias("place")
    for part in wanted.with_columns(place).partition_by("place", maintain_order=True):
        yield pl.concat([frame.select(*_TRIPLE, "given") for frame in read_triples_of(part)])


def _mark(packed: pl.DataFrame, kind: int) -> pl.DataFrame:
    return packed.select(pl.lit(kind, pl.Int64).alias("kind"), *PACKED)


def _has_predicate(predicates: Collection[str | None]) -> pl.Expr:
    if None in predicates:
        return pl.lit(value=True)
    return pl.col("predicate").is_in(sorted(one for one in predicates if one is not None))


def list_target_predicates(kinds: Collection[tuple[str, str]]) -> list[tuple[str, bool]]:
    """Return the predicates that make focus nodes, and whether of their objects.

    Args:
        kinds: The kinds of targets with their terms.
    """
    found: set[tuple[str, bool]] = {(RDF_TYPE, False)}
    found |= {(term, kind == "targetObjectsOf") for kind, term in kinds if kind.endswith("Of")}
    return sorted(found)
