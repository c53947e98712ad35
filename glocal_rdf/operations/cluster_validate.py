"""Validates RDF on a cluster: the graph is cut by focus nodes, our engine validates each piece, reports are joined.

1. Tasks read ranges of the files and put the triples that the shapes look at into buckets, packed: the engine moves
   large pieces of bytes, and no single triples.
2. The triples with rdfs:subClassOf, and what the shapes look up from the predicates of all triples, which are few,
   come here and go to all workers; so do shapes and ontology.
3. What each bucket's focus nodes look at is brought together (`cluster_neighbourhoods`).
4. A worker validates a bucket as one machine does (`cluster_pieces`); what it finds comes back as rows.
5. The rows are joined into one report: the same as that of one machine, to the byte.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from glocal_rdf.cluster.keeping import keep_rows
from glocal_rdf.cluster.packing import unpack_each
from glocal_rdf.cluster.session import use_session
from glocal_rdf.cluster.steps import begin_step
from glocal_rdf.errors import InputError, ShapesError
from glocal_rdf.namespaces import RDFS_SUBCLASS_OF, WELL_KNOWN
from glocal_rdf.operations.cluster_graphs import GraphRange, plan_ranges
from glocal_rdf.operations.cluster_look_up import find_looked_up
from glocal_rdf.operations.cluster_neighbourhoods import (
    GRAPH,
    MAX_ROUNDS,
    OWN,
    PLACED,
    Neighbourhoods,
    list_target_predicates,
)
from glocal_rdf.operations.cluster_pieces import (
    FOUND,
    HIERARCHY,
    KEPT,
    LABELS,
    NAMED,
    READ,
    Piece,
    Wanted,
    find_nodes,
    join_rows,
    list_labels,
    place_wanted,
    read_wanted,
    validate_packed,
)
from glocal_rdf.operations.cluster_plans import estimate_triples
from glocal_rdf.operations.provenance import locate_in_files
from glocal_rdf.operations.validation_options import ValidationOptions
from glocal_rdf.operations.validation_report import Validation, finish_report
from glocal_rdf.shacl import PreparedShapes, ValidationReport
from glocal_rdf.shacl.cutting import PART_ROWS, Targets, bucket_of, find_targets, read_rows
from glocal_rdf.shacl.parts import PartialReport
from glocal_rdf.shacl.reach import Reach, find_reach
from glocal_rdf.shacl.report.model import has_results_at
from glocal_rdf.shacl.shapes.targets import named_nodes
from glocal_rdf.shacl.terms import is_iri
from glocal_rdf.shacl.validation import check_supported, complete_report
from glocal_rdf.triples import Triples
from glocal_rdf.triples.comparison import rename_labels

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glocal_rdf.cluster import Cluster
    from glocal_rdf.cluster.keeping import Keeper

__all__ = ["MODULES", "ClusterLimits", "check_shapes", "validate_on_cluster"]

MODULES: Final = ("glocal_rdf.operations.cluster_pieces",)
"""What the check of the workers imports."""

STEPS: Final = ("reading", "following paths", "validating", "locating results")
"""The steps of a validation, for its progress."""

_MERGED: Final = 32
"""How many pieces' rows a worker joins, where there are more of them."""

_TRIPLE: Final = ["subject", "predicate", "object"]


@dataclass(frozen=True, slots=True)
class ClusterLimits:
    """How a graph is cut on a cluster, and what is refused.

    Attributes:
        buckets: How many buckets there are at first; None where their size decides.
        bucket_rows: About how many triples a bucket should have.
        max_bucket_rows: How many it may have: as many as one worker validates in its memory.
        max_everywhere: How many triples go to all workers: those with rdfs:subClassOf, and what shapes look up.
        max_labels: How many blank nodes several inputs have at most, whose labels are compared here.
        max_rounds: How many steps from a focus node are followed.
    """

    buckets: int | None = None
    bucket_rows: int = 250_000
    max_bucket_rows: int = 4_000_000
    max_everywhere: int = 500_000
    max_labels: int = 2_000_000
    max_rounds: int = MAX_ROUNDS

    def choose_buckets(self, ranges: Sequence[GraphRange]) -> int:
        """Return into how many buckets the triples of files are put, by the sizes of the files.

        Args:
            ranges: What is read of them.
        """
        return self.buckets or max(1, math.ceil(estimate_triples(ranges) / self.bucket_rows))

    def merge_buckets(self, buckets: int, kept: int) -> int:
        """Return how many buckets are left where some are put together, since fewer triples were kept than expected.

        Args:
            buckets: How many there are.
            kept: How many triples were kept.

        Examples:
            >>> ClusterLimits(bucket_rows=100).merge_buckets(12, 250), ClusterLimits(buckets=12).merge_buckets(12, 250)
            (3, 12)
        """
        if self.buckets:
            return buckets
        wanted = math.ceil(kept / self.bucket_rows)
        return min((n for n in range(max(1, wanted), buckets + 1) if buckets % n == 0), default=buckets)


def validate_on_cluster(
    cluster: Cluster | str,
    data: Sequence[str],
    options: ValidationOptions | None = None,
    *,
    shapes: PreparedShapes,
    ontology: Triples | None = None,
    context: Triples | None = None,
    limits: ClusterLimits | None = None,
) -> Validation:
    """Validate RDF on a cluster; the report is that of one machine.

    Args:
        cluster: A session, or the address to open one: `sc://host:port`, or `local`.
        data: Files of N-Triples or Parquet, or folders of them: paths, or addresses such as s3://bucket/key. The files
            of one folder are one graph; where they have blank nodes, a `_SUCCESS` in it has to say so.
        options: The options of the validation; the engine is `columns`.
        shapes: The shapes.
        ontology: Where classes have their superclasses.
        context: Triples that the shapes look up and that are not validated themselves.
        limits: How the graph is cut, and what is refused.

    Raises:
        ShapesError: A query that may look at any triple, by its name; a focus node with more triples around it than a
            worker validates; shapes that look too far; and as `shacl.validate` does.
        InputError: A file cannot be read.
        EndpointError: The cluster cannot be reached, or could not do it.
        OutputError: A package is missing here.
    """
    options = options or ValidationOptions()
    reach = check_shapes(shapes, options)
    tasks = [(number, part) for number, name in enumerate(data) for part in plan_ranges(name)]
    with use_session(cluster, MODULES) as session, keep_rows(session) as keeper:
        run = _Run(session, keeper, tasks, options, shapes, ontology, context, reach, limits or ClusterLimits())
        report, has_data = run.validate()
        return run.finish(report, data, has_data=has_data)


def check_shapes(shapes: PreparedShapes, options: ValidationOptions) -> Reach:
    """Return how far shapes look.

    Args:
        shapes: The shapes.
        options: The options of the validation.

    Raises:
        ShapesError: Where they cannot be validated on a cluster.
    """
    check_supported(shapes, ignore_unsupported=options.ignore_unsupported or options.report_unsupported)
    reach = find_reach(shapes)
    if reach.refused:
        raise ShapesError.of(replace(one, hint=f"{one.hint}, or validate without --cluster") for one in reach.refused)
    return reach


@dataclass(frozen=True)
class _Graph:
    """The triples in buckets (`PLACED`), how many buckets these are, and how many triples were read and kept."""

    rows: DataFrame
    buckets: int
    read: int
    kept: int


@dataclass(frozen=True)
class _Run:
    """One validation: the session, what is read, and how it is validated."""

    cluster: Cluster
    keeper: Keeper
    tasks: Sequence[tuple[int, GraphRange]]
    options: ValidationOptions
    shapes: PreparedShapes
    ontology: Triples | None
    context: Triples | None
    reach: Reach
    limits: ClusterLimits

    def validate(self) -> tuple[ValidationReport, bool]:
        """Return the report, and whether there are data."""
        only_shapes, only_focus = self.options.resolve_names([self.shapes], WELL_KNOWN)
        begin_step(STEPS, "reading")
        graph = self._read()
        hierarchy = self._collect_hierarchy(graph)
        classes = hierarchy.select(_TRIPLE)
        if self.ontology is not None:
            classes = pl.concat([classes, self.ontology.match(predicate=RDFS_SUBCLASS_OF).frame])
        targets = find_targets(self.shapes, classes, only_shapes)
        has_data = graph.read > 0
        absent = self._find_absent(graph)
        piece = Piece(
            shapes=self.shapes.triples.frame,
            hierarchy=hierarchy.select(_TRIPLE),
            hierarchy_given=hierarchy.filter("given").select(_TRIPLE),
            looked_up=find_looked_up(
                self.cluster,
                graph.rows,
                self.reach,
                limit=self.limits.max_everywhere - hierarchy.height,
                max_rounds=self.limits.max_rounds,
            ),
            ontology=None if self.ontology is None else self.ontology.match(predicate=RDFS_SUBCLASS_OF).frame,
            targets=targets,
            buckets=0,
            only_shapes=None if only_shapes is None else tuple(only_shapes),
            only_focus=None if only_focus is None else tuple(only_focus),
            absent=absent,
            max_results=self.options.max_results,
            time_limit=self.options.time_limit,
            context=self.context is not None,
        )
        begin_step(STEPS, "following paths")
        pieces, buckets = self._cut(graph, targets, piece.only_focus)
        begin_step(STEPS, "validating")
        parts = self._validate_pieces(replace(piece, buckets=buckets), pieces, buckets)
        report = complete_report(parts, self.shapes, absent, piece.max_results, has_data=has_data)
        return report, has_data

    def finish(self, report: ValidationReport, data: Sequence[str], *, has_data: bool) -> Validation:
        """Return a report with locations and verdict."""
        begin_step(STEPS, "locating results")
        nodes = pl.Series("node", sorted({result.focus for result in report.results}), dtype=pl.String)
        found = pl.DataFrame(schema=FOUND)
        if len(nodes) and (len(data) > 1 or self.context is not None):
            rows = self.cluster.map_tasks(partial(find_nodes, nodes), self.tasks, FOUND)
            found = self.cluster.collect(rows).unique()

        def find(column: str, wanted: set[str]) -> list[set[str]]:
            own = found.filter(pl.col("column") == column)
            return [wanted.intersection(own.filter(pl.col("input") == n)["node"]) for n in range(len(data))]

        about = report.validated or bool((found["column"] == "subject").any())
        return finish_report(
            self.options.mark_complete(report),
            locate_in_files(data, report, find),
            fails=has_results_at(report, self.options.severity),
            concerned=None if self.context is None else about,
            without_data="" if has_data else ", ".join(data),
        )

    def _read(self) -> _Graph:
        """Return the triples that shapes look at, which are kept."""
        needed = self.reach.predicates
        kinds = {target for shape in self.shapes.read.targeted for target in shape.targets}
        targets = list_target_predicates(kinds)
        predicates = None
        if needed is not None:
            predicates = tuple(sorted({*needed, *(name for name, _ in targets), RDFS_SUBCLASS_OF}))
        context = pl.DataFrame(schema=dict.fromkeys(_TRIPLE, pl.String)) if self.context is None else self.context.frame
        near = pl.concat([context["subject"], context["object"]]).unique()
        buckets = self.limits.choose_buckets([part for _, part in self.tasks])
        named = pl.Series(sorted(self._named), dtype=pl.String)
        wanted = Wanted(predicates, named, near, self.reach, targets, buckets, self._rename_labels())
        rows = self.keeper.keep(self.cluster.map_tasks(partial(read_wanted, wanted), self.tasks, PLACED))
        counts = self._count_kinds(rows)
        if context.height:
            frame = context.with_columns(given=pl.lit(value=False), near=pl.lit(value=False)).select(GRAPH.keys())
            rows = rows.union(self.cluster.distribute(pl.concat(place_wanted(wanted, frame))))
        return _Graph(rows, buckets, counts.get(READ, 0), counts.get(KEPT, 0) + context.height)

    def _count_kinds(self, rows: DataFrame) -> dict[int, int]:
        """Return how many rows are packed, by kind."""
        from pyspark.sql.connect.functions import col, sum  # noqa: A004, PLC0415 - of the extra

        each = rows.filter(col("kind") < 0).groupBy("kind").agg(sum("rows").alias("rows"))
        return dict(self.cluster.collect(each).iter_rows())

    def _rename_labels(self) -> tuple[dict[str, str], ...]:
        """Return for each input the blank nodes that are renamed, since an earlier input has their labels.

        Raises:
            InputError: Where several inputs have too many blank nodes to compare here.
        """
        inputs = 1 + max(number for number, _ in self.tasks)
        if inputs == 1:
            return ({},)
        limit = self.limits.max_labels
        found = self.cluster.collect(
            self.cluster.map_tasks(list_labels, self.tasks, LABELS).distinct().limit(limit + 1)
        )
        if found.height > limit:
            what = f"several files have more than {limit:,} blank nodes, which are to be kept apart"
            raise InputError.at("--cluster", what, "put the files of one graph into one folder, and name that")
        seen: set[str] = set()
        renamed = []
        for number in range(inputs):
            labels = set(found.filter(pl.col("input") == number)["node"])
            # The graph that one machine merges them into is the first.
            renamed.append(rename_labels(labels, seen, number + 1))
            seen |= labels | set(renamed[-1].values())
        return tuple(renamed)

    @property
    def _named(self) -> set[str]:
        return {node for node in named_nodes(self.shapes.read.targeted) if is_iri(node)}

    def _collect_hierarchy(self, graph: _Graph) -> pl.DataFrame:
        """Return the triples with rdfs:subClassOf.

        Raises:
            InputError: Where there are too many to send to all workers.
        """
        limit = self.limits.max_everywhere
        rows = self._unpack(graph, HIERARCHY, {name: GRAPH[name] for name in (*_TRIPLE, "given")})
        found = self.cluster.collect(rows.distinct().limit(limit + 1))
        if found.height > limit:
            what = f"has more than {limit:,} triples with rdfs:subClassOf, which all workers need"
            raise InputError.at("--cluster", what, "validate without --cluster")
        return found.sort(_TRIPLE)

    def _find_absent(self, graph: _Graph) -> frozenset[str]:
        """Return the target nodes that the data lack."""
        named = self._named
        if not named:
            return frozenset()
        found = self.cluster.collect(self._unpack(graph, NAMED, {"node": pl.String()}).distinct())
        return frozenset(named.difference(found["node"]))

    def _unpack(self, graph: _Graph, kind: int, schema: Mapping[str, Any]) -> DataFrame:
        """Return the rows of a kind, of which there are few."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        return self.cluster.map_frames(graph.rows.filter(col("kind") == kind), unpack_each, schema)

    def _cut(self, graph: _Graph, targets: Targets, only_focus: tuple[str, ...] | None) -> tuple[DataFrame, int]:
        """Return the pieces, and how many buckets there are: more where one of them is too large.

        Raises:
            ShapesError: With a focus node whose triples do not fit into a piece, however small.
        """
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        placed, limit = graph.rows.filter(col("kind") > 0), self.limits.max_bucket_rows
        hoods = Neighbourhoods(
            self.cluster,
            self.keeper,
            placed,
            graph.buckets,
            self.reach,
            targets,
            only_focus,
            self.limits.max_rounds,
            limit,
        )
        buckets = self.limits.merge_buckets(graph.buckets, graph.kept)
        while True:
            pieces = hoods.cut(buckets)
            largest, size = hoods.find_largest(pieces)
            if size <= limit:
                break
            node, around = hoods.find_hub(pieces, largest)
            if around * 2 > limit or buckets > 4 * graph.kept:
                raise ShapesError.at(
                    node,
                    f"has {around:,} triples around it that shapes look at together, in a piece of {size:,}; "
                    f"a worker validates {limit:,} at most",
                    "validate without --cluster, or leave the path out that leads there",
                )
            buckets *= max(2, math.ceil(size / limit))
        nodes = pl.Series(sorted(targets.nodes), dtype=pl.String)
        if len(nodes):
            # A bucket without a triple is validated too where a target names a node of it.
            seeds = pl.DataFrame({"bucket": bucket_of(nodes, buckets).cast(pl.Int64).unique()})
            no_rows = seeds.select(
                pl.lit(OWN, pl.Int64).alias("kind"),
                "bucket",
                pl.lit(0, pl.Int64).alias("rows"),
                pl.lit(None, pl.Binary).alias("data"),
            )
            pieces = pieces.union(self.cluster.distribute(no_rows))
        return pieces, buckets

    def _validate_pieces(self, piece: Piece, pieces: DataFrame, buckets: int) -> list[PartialReport]:
        """Return what was found in each piece, or in several of them together; at least one."""
        from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

        schema = {**PART_ROWS, "bucket": pl.Int64()}
        rows = self.cluster.map_groups(pieces, ["bucket"], partial(validate_packed, piece), schema)
        if buckets > _MERGED:
            joined = rows.withColumn("some", (col("bucket") % math.ceil(buckets / _MERGED)).cast("bigint"))
            join = partial(join_rows, piece.shapes, piece.max_results)
            rows = self.cluster.map_groups(joined, ["some"], join, schema)
        found = self.cluster.collect(rows)
        if found.is_empty():
            nothing = pl.DataFrame({"kind": OWN, "bucket": 0, "rows": 0, "data": None}, schema=PLACED)
            found = validate_packed(piece, nothing)
        order = [shape.term for shape in self.shapes.read.targeted]
        parts = [read_rows(one) for one in found.partition_by("bucket", include_key=False)]
        return [_in_order(part, order) for part in parts]


def _in_order(part: PartialReport, order: Sequence[str]) -> PartialReport:
    """Return a part with its counts in the order of the shapes: rows come back in any order."""
    reached, looked_at = (
        {term: counts[term] for term in order if term in counts} for counts in (part.reached, part.looked_at)
    )
    return replace(part, reached=reached, looked_at=looked_at)
