"""The focus nodes of a shape's targets (SHACL, section 2.1.3), and how many of them the validated data have."""

from __future__ import annotations

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

__all__ = ["count_checked", "focus_nodes"]

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


def count_checked(
    validation: ValidationContext, validated: Triples, *, same: bool
) -> tuple[dict[str, int], list[Problem]]:
    """Count the focus nodes that the validated data have, and report target nodes that they lack.

    Where the validated data are a part of the data graph, a focus node counts if it is a subject in that part, or an
    object that `sh:targetObjectsOf` selects there; a class that is only the type of something does not count. A literal
    that is a target node always counts. Where the only shapes with a focus node in that part are those that select
    whatever has a type, the shapes are not about these data, and nothing counts.

    Args:
        validation: The validation, with the focus nodes of every shape.
        validated: The data that the report is about.
        same: Whether these are the whole data graph, so that only target nodes can be missing.

    Returns:
        The number of focus nodes by shape, and a warning for each shape with target nodes that the data lack.
    """
    if not len(validated):
        return dict.fromkeys(validation.targets, 0), []
    graph = validation.graph
    shapes = [shape for shape in validation.shapes.targeted if shape.term in validation.targets]
    named = {node for s in shapes for kind, node in s.targets if kind == "targetNode"}
    missing = {node for node in named if is_iri(node)} - _occurring(validated, named)
    subjects = None if same else _mask(graph, validated.frame["subject"])
    counted: dict[str, int] = {}
    about = same
    problems: list[Problem] = []
    for shape in shapes:
        nodes = validation.targets[shape.term]
        fixed = [node for kind, node in shape.targets if kind == "targetNode"]
        absent = [node for node in fixed if node in missing]
        if subjects is None:
            counted[shape.term] = len(nodes)
            if absent:
                counted[shape.term] -= int(graph.mask(graph.ids(absent))[nodes].sum())
        else:
            own = subjects | graph.mask(graph.ids(set(fixed) - missing))
            for kind, term in shape.targets:
                if kind == "targetObjectsOf" and term != RDF_TYPE:
                    own |= _mask(graph, validated.match(predicate=term).frame["object"])
            counted[shape.term] = int(own[nodes].sum())
            about |= counted[shape.term] > 0 and not all(term == RDF_TYPE for _, term in shape.targets)
        if absent:
            more = len(absent) - MAX_LISTED
            shown = ", ".join(absent[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
            what = f"sh:targetNode names nodes that the data do not have: {shown}"
            problems.append(Problem(shape.term, what, "check the IRI", kind="absent target", level="warning"))
    return counted if about else dict.fromkeys(counted, 0), problems


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
