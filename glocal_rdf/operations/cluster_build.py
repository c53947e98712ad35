"""Builds a project with the help of a cluster: it derives truthy statements from claims, and applies the rules.

Tables and links are read here, and the claims in them expanded, as on one machine; so is the validation, whose shapes
may look at any triple, and the graph is written here. What grows with joins over the whole graph is done there:

1. Truthy statements: the best rank of all claims on one subject and predicate, by a window over these two columns.
2. The rules (`cluster_rules`), to a fixpoint.

The graph is that of one machine, triple by triple.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Final

from glocal_rdf.claims import ranking
from glocal_rdf.claims.rules import MAX_ROUNDS
from glocal_rdf.cluster.keeping import keep_rows
from glocal_rdf.cluster.session import use_session
from glocal_rdf.cluster.steps import begin_step
from glocal_rdf.dataset import Build
from glocal_rdf.operations.build import build_stated
from glocal_rdf.operations.cluster_plans import describe_buckets, describe_memory
from glocal_rdf.operations.cluster_rules import MAX_EVERYWHERE, MODULES, infer_on_cluster, plan_rules, send
from glocal_rdf.project import Project
from glocal_rdf.sparql.execution.process import TIMEOUT, StoreProcess
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import NARROWING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glocal_rdf.cluster import Cluster
    from glocal_rdf.namespaces import Term

__all__ = ["ClusterBuild", "build_on_cluster", "derive_truthy", "describe_plan"]

STEPS: Final = ("reading tables", "deriving statements", "applying rules")
"""The steps of a build, for its progress; it is validated and written afterwards."""

BUCKET_ROWS: Final = 250_000
"""About how many triples a bucket has."""

_TRIPLE: Final = ["subject", "predicate", "object"]


@dataclass(frozen=True, eq=False, repr=False)
class ClusterBuild(Build):
    """A build whose rules were applied elsewhere.

    Attributes:
        followed: The triples that they add.
    """

    followed: Triples = field(default_factory=Triples.empty)

    @cached_property
    def _inference(self) -> tuple[Triples, StoreProcess | None]:
        return self.followed, None


def build_on_cluster(
    cluster: Cluster | str, project: Project, *, timeout: float = TIMEOUT, buckets: int | None = None
) -> Build:
    """Build a project's graph, with truthy statements and rules on a cluster.

    Args:
        cluster: A session, or the address to open one: `sc://host:port`, or `local`.
        project: The project to build.
        timeout: The seconds that one rule may take in one bucket.
        buckets: How many buckets there are; None for as many as the size of the graph asks for.

    Raises:
        TableError: As `build` does.
        InputError: A rule cannot be applied on a cluster, by its name; and as `build` does.
        EndpointError: The cluster cannot be reached, or could not do it.
        OutputError: A package is missing here.
    """
    begin_step(STEPS, "reading tables")
    planned = plan_rules(project.rules)  # What is refused is refused before anything is built.
    with use_session(cluster, MODULES) as session, keep_rows(session) as keeper:
        base = build_stated(project, timeout=timeout)
        begin_step(STEPS, "deriving statements")
        rows = keeper.keep(send(session, base.stated.frame))
        found = derive_truthy(rows, project.find_terms(*NARROWING))
        truthy = Triples(session.collect(found)).difference(base.stated).sort()
        others = truthy.union(project.ontology).difference(base.stated)
        graph = base.stated.union_disjoint(others)
        begin_step(STEPS, "applying rules")
        rows = rows.union(keeper.keep(send(session, others.frame)))
        count = buckets or _count_buckets(len(graph))
        inferred = infer_on_cluster(session, keeper, graph, rows, planned, buckets=count, timeout=timeout)
    values = {one.name: getattr(base, one.name) for one in fields(Build) if one.init}
    return ClusterBuild(**{**values, "truthy": truthy}, followed=inferred.sort())


def describe_plan(project: Project, *, timeout: float = TIMEOUT, buckets: int | None = None) -> list[str]:
    """Return the lines of the plan of a build: its steps, and what a worker needs. The tables are read for it.

    Args:
        project: As for `build_on_cluster`, and so are the others; the truthy statements are not counted.
        timeout: See `project`.
        buckets: See `project`.

    Raises:
        GlocalError: As `build_on_cluster` does, where tables or rules are at fault.
    """
    planned = plan_rules(project.rules)
    stated = build_stated(project, timeout=timeout).stated
    rows = len(stated) + len(project.ontology)
    count = buckets or _count_buckets(rows)
    rules = f"{len(planned):,} {'rule' if len(planned) == 1 else 'rules'}"
    return [
        f"read: the tables, here: {len(stated):,} triples, which are sent",
        "derive: truthy statements, by claim and by subject and predicate",
        f"apply: {rules} in at most {MAX_ROUNDS} rounds, to about {rows:,} triples {describe_buckets(count, rows)}",
        f"every worker: the rules, and what they look up elsewhere (at most {MAX_EVERYWHERE:,} triples)",
        describe_memory([], rows / count),
        "validate and write: here",
    ]


def _count_buckets(rows: int) -> int:
    return max(1, math.ceil(rows / BUCKET_ROWS))


def derive_truthy(graph: DataFrame, narrowing: Collection[Term]) -> DataFrame:
    """Return the truthy statements of a graph, as `glocal_rdf.claims.ranking.derive_truthy` does.

    Args:
        graph: The graph, with the columns `subject`, `predicate` and `object`.
        narrowing: The qualifiers that narrow what a claim says.
    """
    from pyspark.sql.connect.functions import coalesce, col, lit, max  # noqa: A004, PLC0415 - of the extra
    from pyspark.sql.connect.window import Window  # noqa: PLC0415

    def column(name: str, predicate: str) -> DataFrame:
        return graph.filter(col("predicate") == predicate).select(
            col("subject").alias("claim"), col("object").alias(name)
        )

    claims = column("subject", ranking.SUBJECT)
    for name, predicate in (("predicate", ranking.PREDICATE), ("object", ranking.OBJECT)):
        claims = claims.join(column(name, predicate), "claim")
    narrowed = graph.filter(col("predicate").isin([str(one) for one in narrowing])).select(
        col("subject").alias("claim")
    )
    claims = claims.join(narrowed.distinct(), "claim", "left_anti").join(column("rank", ranking.RANK), "claim", "left")
    claims = claims.withColumn("rank", coalesce(col("rank"), lit(str(ranking.NORMAL))))
    claims = claims.filter(col("rank") != str(ranking.DEPRECATED))
    preferred = (col("rank") == str(ranking.PREFERRED)).cast("int")
    best = max(preferred).over(Window.partitionBy("subject", "predicate"))
    marked = claims.withColumn("own", preferred).withColumn("best", best)
    return (
        marked.filter(((col("own") == 1) | (col("best") == 0)) & col("predicate").startswith("<"))
        .select(*_TRIPLE)
        .distinct()
    )
