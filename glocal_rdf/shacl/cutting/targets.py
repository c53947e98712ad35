"""Which nodes are focus nodes: what targets say of them, as columns are asked (SHACL, section 2.1.3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.shacl.validation import PreparedShapes

__all__ = ["Targets", "find_targets"]


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of all shapes together.

    Attributes:
        nodes: The nodes that are named (sh:targetNode).
        classes: The classes whose instances are focus nodes, with all their subclasses.
        subjects_of: The predicates whose subjects are focus nodes.
        objects_of: The predicates whose objects are focus nodes.
    """

    nodes: frozenset[str]
    classes: frozenset[str]
    subjects_of: frozenset[str]
    objects_of: frozenset[str]

    def find_subjects(self, triples: pl.DataFrame) -> pl.Series:
        """Return the subjects that triples make focus nodes, each once."""
        typed = (pl.col("predicate") == RDF_TYPE) & pl.col("object").is_in(sorted(self.classes))
        found = typed | pl.col("predicate").is_in(sorted(self.subjects_of))
        return triples.filter(found)["subject"].unique()

    def find_objects(self, triples: pl.DataFrame) -> pl.Series:
        """Return the objects that triples make focus nodes, each once."""
        return triples.filter(pl.col("predicate").is_in(sorted(self.objects_of)))["object"].unique()


def find_targets(
    shapes: PreparedShapes, hierarchy: pl.DataFrame, only_shapes: Collection[str] | None = None
) -> Targets:
    """Gather the targets of shapes.

    Args:
        shapes: The shapes.
        hierarchy: All triples with rdfs:subClassOf, of the data and of the ontology.
        only_shapes: The shapes (terms) whose targets are wanted; None for all.

    https://www.w3.org/TR/shacl/#targets
    """
    found: dict[str, set[str]] = {}
    for shape in shapes.read.targeted:
        if not shape.deactivated and (only_shapes is None or shape.term in only_shapes):
            for kind, term in shape.targets:
                found.setdefault(kind, set()).add(term)
    classes = fresh = found.get("targetClass", set())
    while fresh:
        below = hierarchy.filter(pl.col("object").is_in(sorted(fresh)))["subject"].unique()
        fresh = set(below) - classes
        classes = classes | fresh
    nodes, subjects_of, objects_of = (
        frozenset(found.get(kind, ())) for kind in ("targetNode", "targetSubjectsOf", "targetObjectsOf")
    )
    return Targets(nodes, frozenset(classes), subjects_of, objects_of)
