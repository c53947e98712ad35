"""Which nodes a shape looks at: its targets (SHACL, section 2.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.errors import Problem
from glocal_rdf.shacl.data_graph import Graph, ids_of
from glocal_rdf.shacl.shapes.reader import Shape
from glocal_rdf.shacl.terms import RDF_TYPE
from glocal_rdf.shacl.triple_index import is_iri

if TYPE_CHECKING:
    from glocal_rdf.shacl.evaluation import Run
    from glocal_rdf.triples import Triples

__all__ = ["count_given", "focus_nodes"]

_LISTED = 10


def focus_nodes(graph: Graph, shape: Shape) -> pl.Series:
    """Give the focus nodes of a shape's targets, each once."""
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


def count_given(run: Run, given: Triples, *, same: bool) -> tuple[dict[str, int], list[Problem]]:
    """Count for each shape the focus nodes that the given data have, and name target nodes that these do not have.

    `same` says that the given data are all the data, so that only target nodes can be missing. Where they are a part of
    all the data, a node counts if something is said of it in that part, or if it is there what sh:targetObjectsOf
    selects; a class that only stands as the type of something does not. A literal that is a target node counts always.
    Where the only shapes that reach that part are those that select whatever has a type, the data are not what the
    shapes are about, and nothing counts.
    """
    if not len(given):
        return dict.fromkeys(run.targets, 0), []
    shapes = [shape for shape in run.shapes.targeted if shape.term in run.targets]
    named = {node for s in shapes for kind, node in s.targets if kind == "targetNode"}
    missing = {node for node in named if is_iri(node)} - _occurring(given, named)
    subjects = None if same else _bits(run.graph, given.frame["subject"])
    counted: dict[str, int] = {}
    about = same
    problems: list[Problem] = []
    for shape in shapes:
        nodes = run.targets[shape.term]
        fixed = [node for kind, node in shape.targets if kind == "targetNode"]
        absent = [node for node in fixed if node in missing]
        if subjects is None:
            counted[shape.term] = len(nodes)
            if absent:
                counted[shape.term] -= int(run.graph.bits(run.graph.ids(absent))[nodes].sum())
        else:
            own = subjects | run.graph.bits(run.graph.ids(set(fixed) - missing))
            for kind, term in shape.targets:
                if kind == "targetObjectsOf" and term != RDF_TYPE:
                    own |= _bits(run.graph, given.match(predicate=term).frame["object"])
            counted[shape.term] = int(own[nodes].sum())
            about |= counted[shape.term] > 0 and not all(term == RDF_TYPE for _, term in shape.targets)
        if absent:
            shown = ", ".join(absent[:_LISTED]) + (f" and {len(absent) - _LISTED} more" if absent[_LISTED:] else "")
            what = f"sh:targetNode names what the data do not have: {shown}"
            problems.append(Problem(shape.term, what, "check the IRI", kind="absent target", level="warning"))
    return counted if about else dict.fromkeys(counted, 0), problems


def _bits(graph: Graph, terms: pl.Series) -> pl.Series:
    """Give terms as bits of a graph, which may hold more."""
    return graph.terms.is_in(terms.unique().implode())


def _occurring(given: Triples, terms: set[str]) -> set[str]:
    """Give those of some terms that stand in the data as subject or object."""
    if not terms:
        return set()
    wanted = pl.Series(sorted(terms), dtype=pl.String).implode()
    columns = (given.frame[c] for c in ("subject", "object"))
    return {t for column in columns for t in column.filter(column.is_in(wanted)).unique()}
