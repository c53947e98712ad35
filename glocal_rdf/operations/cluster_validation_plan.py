"""Describes what a validation would do on a cluster: steps, buckets, memory, and what goes to every worker."""

from __future__ import annotations

from collections.abc import Sequence

from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.operations.cluster_graphs import plan_ranges
from glocal_rdf.operations.cluster_plans import describe_buckets, describe_memory, describe_reading, estimate_triples
from glocal_rdf.operations.cluster_validate import ClusterLimits, check_shapes
from glocal_rdf.operations.validation_options import ValidationOptions
from glocal_rdf.shacl import PreparedShapes
from glocal_rdf.triples import Triples

__all__ = ["describe_plan"]


def describe_plan(
    data: Sequence[str],
    options: ValidationOptions | None = None,
    *,
    shapes: PreparedShapes,
    ontology: Triples | None = None,
    context: Triples | None = None,
    limits: ClusterLimits | None = None,
) -> list[str]:
    """Return the lines of the plan of a validation: its steps, and what a worker needs, by estimate.

    Args:
        data: As for `validate_on_cluster`, and so are the others.
        options: See `data`.
        shapes: See `data`.
        ontology: See `data`.
        context: See `data`.
        limits: See `data`.

    Raises:
        ShapesError: Where the shapes are refused, as in `validate_on_cluster`.
        InputError: Where there is nothing to read.
    """
    reach = check_shapes(shapes, options or ValidationOptions())
    limits = limits or ClusterLimits()
    ranges = [(name, plan_ranges(name)) for name in data]
    parts = [part for _, found in ranges for part in found]
    rows, buckets = estimate_triples(parts), limits.choose_buckets(parts)
    wanted = "all triples" if reach.predicates is None else "the triples with predicates that shapes name, at most"
    if reach.depth is None:
        follow = f"rounds between buckets until nothing is new, {limits.max_rounds:,} at most, since a path is repeated"
    elif reach.depth < 2:
        follow = "no rounds between buckets, since shapes look one step from a focus node"
    else:
        rounds = reach.depth - 1
        follow = (
            f"{rounds} {'round' if rounds == 1 else 'rounds'} between buckets, since shapes look {reach.depth} steps"
        )
        follow += " from a focus node"
    sent = [f"the shapes ({len(shapes.triples):,} triples)"]
    if ontology is not None:
        sent.append(
            f"the class hierarchy of the ontology ({len(ontology.match(predicate=RDFS_SUBCLASS_OF)):,} triples)"
        )
    everywhere = "that of the data, and what is looked up from predicates" if reach.looks_up else "that of the data"
    sent.append(f"{everywhere} (at most {limits.max_everywhere:,} triples)")
    if context is not None:
        sent.append(f"to those that read, the nodes of what is only looked up ({len(context):,} triples)")
    return [
        *(describe_reading(name, found) for name, found in ranges),
        f"divide: {wanted}, about {rows:,} by focus node, {describe_buckets(buckets, rows)}",
        f"follow: {follow}",
        f"validate: bucket by bucket, of {limits.max_bucket_rows:,} triples at most; larger ones are divided again",
        f"every worker: {', '.join(sent)}",
        describe_memory(parts, rows / buckets),
    ]
