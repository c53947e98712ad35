"""Which nodes a shape looks at: its targets (SHACL, section 2.1.3)."""

from __future__ import annotations

import polars as pl

from glocal_rdf.shacl.graph import Graph, ids_of
from glocal_rdf.shacl.shapes import Shape

__all__ = ["focus_nodes"]


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
