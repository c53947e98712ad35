"""The focus nodes of a shape's targets (SHACL, section 2.1.3), and how many of them the validated data have."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.shacl.data_graph import EncodedGraph, ids_of
from glocal_rdf.shacl.shapes.model import Shape
from glocal_rdf.shacl.terms import is_iri

if TYPE_CHECKING:
    from glocal_rdf.shacl.context import ValidationContext
    from glocal_rdf.triples import Triples

__all__ = ["count_checked", "find_absent", "focus_nodes", "named_nodes", "report_absent"]

MAX_LISTED = 10


def focus_nodes(graph: EncodedGraph, shape: Shape) -> pl.Series:
    """Return the focus nodes of a shape's targets, each once, as numbers of the graph.

    https://www.w3.org/TR/shacl/#targets
    """
    found: list[pl.Series] = []
    for kind, term in shape.targets:
        if kind == "targetNode":
            found.append(graph.ids([term]))
        elif kind == "targetClass":
            found.append(graph.instances(term))
        else:
            edges = graph.edges(term)
            found.append(graph.distinct(edges.focus if kind == "targetSubjectsOf" else edges.value).rename("focus"))
    if not found:
        return ids_of(())
    return found[0] if len(found) == 1 else pl.concat(found).unique()


def find_absent(validated: Triples, shapes: Iterable[Shape]) -> frozenset[str]:
    """Return the IRIs that targets name (sh:targetNode) and that are neither subject nor object in the data.

    Args:
        validated: The data that the report is about.
        shapes: The shapes.
    """
    named = named_nodes(shapes)
    return frozenset(filter(is_iri, named)) - _occurring(validated, named)


def named_nodes(shapes: Iterable[Shape]) -> set[str]:
    """Return the nodes that targets of shapes name (sh:targetNode)."""
    return {node for shape in shapes for kind, node in shape.targets if kind == "targetNode"}


def report_absent(shapes: Iterable[Shape], absent: Collection[str]) -> list[Problem]:
    """Return a warning for each shape with target nodes that the data lack."""
    problems: list[Problem] = []
    for shape in shapes:
        found = [node for kind, node in shape.targets if kind == "targetNode" and node in absent]
        if found:
            more = len(found) - MAX_LISTED
            shown = ", ".join(found[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
            what = f"sh:targetNode names nodes that the data do not have: {shown}"
            problems.append(Problem(shape.term, what, "check the IRI", kind="absent target", level="warning"))
    return problems


def count_checked(
    validation: ValidationContext, validated: Triples | None, absent: Collection[str]
) -> tuple[dict[str, int], bool]:
    """Count the focus nodes that the validated data have.

    Where the validated data are a part of the data graph, a focus node counts if it is a subject in that part, or an
    object that `sh:targetObjectsOf` selects there; a class that is only the type of something does not count. A literal
    that is a target node always counts. Where the only shapes with a focus node in that part are those that select
    whatever has a type, the shapes are not about these data, and nothing counts.

    Args:
        validation: The validation, with the focus nodes of every shape.
        validated: The data that the report is about; None where these are the whole data graph, so that only target
            nodes can be missing.
        absent: The target nodes that the validated data lack.

    Returns:
        The number of focus nodes by shape, and whether the shapes are about these data.
    """
    graph = validation.graph
    subjects = None if validated is None else _mask(graph, validated.frame["subject"])
    counted: dict[str, int] = {}
    about = validated is None
    for shape in validation.shapes.targeted:
        nodes = validation.targets.get(shape.term)
        if nodes is None:
            continue
        fixed = {node for kind, node in shape.targets if kind == "targetNode"}
        if subjects is None or validated is None:
            counted[shape.term] = len(nodes)
            if not fixed.isdisjoint(absent):
                counted[shape.term] -= int(graph.mask(graph.ids(fixed.intersection(absent)))[nodes].sum())
            continue
        own = subjects | graph.mask(graph.ids(fixed.difference(absent)))
        for kind, term in shape.targets:
            if kind == "targetObjectsOf" and term != RDF_TYPE:
                own |= _mask(graph, validated.match(predicate=term).frame["object"])
        counted[shape.term] = int(own[nodes].sum())
        about |= counted[shape.term] > 0 and not all(term == RDF_TYPE for _, term in shape.targets)
    return counted, about


def _mask(graph: EncodedGraph, terms: pl.Series) -> pl.Series:
    """Return the mask of terms, of which the graph may not have all."""
    return graph.terms.is_in(terms.unique().implode())


def _occurring(data: Triples, terms: set[str]) -> set[str]:
    """Return those of some terms that are subject or object in the data."""
    if not terms:
        return set()
    wanted = pl.Series(sorted(terms), dtype=pl.String).implode()
    columns = (data.frame[c] for c in ("subject", "object"))
    return {t for column in columns for t in column.filter(column.is_in(wanted)).unique()}
