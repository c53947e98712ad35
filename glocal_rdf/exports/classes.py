"""Chooses for each thing the one class in whose table it stands: the most specific of its classes.

A class is left out where the ontology has another class of the thing as its subclass. Of those that remain, one that a
table can hold (its IRI is ASCII) is chosen before others, then one of the graph's own ontology, then one with more
instances, then the first by IRI. The choice is made once for each combination of classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from glocal_rdf.exports.graph import DescribedGraph
from glocal_rdf.namespaces import OA, OWL, RDF, RDF_TYPE, RDFS_SUBCLASS_OF, term

__all__ = ["choose_classes", "find_superclasses", "is_class_statement", "list_things"]

_PARTS_OF_STATEMENTS: Final = (
    term(RDF, "subject"),
    term(OWL, "annotatedSource"),
    term(OA, "hasSource"),
    term(OA, "start"),
)
"""The properties of what is about a statement or a text: claims, mappings, passages and their selectors."""


def choose_classes(graph: DescribedGraph, types: pl.DataFrame) -> pl.DataFrame:
    """Return the class that is chosen for each subject.

    Args:
        graph: The graph, with its ontology.
        types: The statements of classes (`rdf:type`) that count.

    Returns:
        A frame with the columns `subject` and `class`, sorted by subject.
    """
    superclasses = find_superclasses(graph)
    instances = dict(types.group_by("object").len().iter_rows())
    combined = types.group_by("subject").agg(pl.col("object").unique().sort())
    combinations = combined.select(pl.col("object").unique()).to_series()
    chosen = [_choose(classes.to_list(), superclasses, instances, graph.preferred) for classes in combinations]
    answers = pl.DataFrame({"object": combinations, "class": pl.Series(chosen, dtype=pl.String)})
    return combined.join(answers, on="object").select("subject", "class").sort("subject")


def find_superclasses(graph: DescribedGraph) -> dict[str, set[str]]:
    """Return all superclasses of each class that the ontology or the graph gives one, the class itself aside."""
    direct: dict[str, set[str]] = {}
    for triples in (graph.ontology, graph.triples):
        for below, _, above in triples.match(predicate=RDFS_SUBCLASS_OF):
            direct.setdefault(below, set()).add(above)
    found: dict[str, set[str]] = {}
    for start in direct:
        seen: set[str] = set()
        todo = [start]
        while todo:
            for above in direct.get(todo.pop(), ()):
                if above not in seen:
                    seen.add(above)
                    todo.append(above)
        found[start] = seen - {start}
    return found


def _choose(
    classes: Sequence[str],
    superclasses: Mapping[str, set[str]],
    instances: Mapping[str, int],
    preferred: tuple[str, ...],
) -> str:
    def is_above(one: str, other: str) -> bool:
        return one in superclasses.get(other, ()) and other not in superclasses.get(one, ())

    specific = [one for one in classes if not any(is_above(one, other) for other in classes)] or list(classes)
    own = tuple(f"<{namespace}" for namespace in preferred)
    return min(specific, key=lambda one: (not one.isascii(), not (own and one.startswith(own)), -instances[one], one))


def is_class_statement() -> pl.Expr:
    """Return the expression of whether a statement gives its subject a class by its IRI."""
    return (pl.col("predicate") == RDF_TYPE) & pl.col("object").str.starts_with("<")


def list_things(frame: pl.DataFrame) -> tuple[pl.Series, int]:
    """Return the things that have an IRI and statements, sorted, without claims, mappings and passages; count these."""
    others = frame.filter(pl.col("predicate").is_in(_PARTS_OF_STATEMENTS))["subject"].unique()
    subjects = frame["subject"].filter(frame["subject"].str.starts_with("<")).unique().sort()
    things = subjects.filter(~subjects.is_in(others.implode()))
    return things.alias("subject"), subjects.len() - things.len()
