"""Which nodes a shape looks at: its targets (SHACL, section 2.1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.errors import Problem
from glocal_rdf.shacl.graph import Graph, ids_of
from glocal_rdf.shacl.nodes import is_iri
from glocal_rdf.shacl.shapes import Shape

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


def count_given(
    run: Run, given: Triples, reached: Mapping[str, int], ontology: Triples | None, *, same: bool
) -> tuple[dict[str, int], list[Problem]]:
    """Count for each shape the focus nodes that the given data have, and name target nodes that these do not have.

    `same` says that the given data are all the data, so that only target nodes can be missing. A literal that is a
    target node need not be in the data: it is looked at as it stands.
    """
    if not len(given):
        return dict.fromkeys(reached, 0), []
    shapes = [shape for shape in run.shapes.targeted if shape.term in reached]
    named = {node for s in shapes for kind, node in s.targets if kind == "targetNode" and is_iri(node)}
    missing = named - _occurring(given, named)
    graph = run.graph if same else _targets_graph(given, shapes, ontology)
    counted: dict[str, int] = {}
    problems: list[Problem] = []
    for shape in shapes:
        absent = [node for kind, node in shape.targets if kind == "targetNode" and node in missing]
        nodes = run.targets[shape.term] if same else _kept(run, focus_nodes(graph, shape), graph)
        texts = graph.text(nodes)
        counted[shape.term] = len(nodes) - (int(texts.is_in(absent).sum()) if absent else 0)
        if absent:
            shown = ", ".join(absent[:_LISTED]) + (f" and {len(absent) - _LISTED} more" if absent[_LISTED:] else "")
            what = f"sh:targetNode names what the data do not have: {shown}"
            problems.append(Problem(shape.term, what, "check the IRI", kind="absent target", level="warning"))
    return counted, problems


def _occurring(given: Triples, terms: set[str]) -> set[str]:
    """Give those of some terms that stand in the data as subject or object."""
    wanted = pl.Series(sorted(terms), dtype=pl.String).implode()
    columns = (given.frame[c] for c in ("subject", "object"))
    return {t for column in columns for t in column.filter(column.is_in(wanted)).unique()} if terms else set()


def _targets_graph(given: Triples, shapes: list[Shape], ontology: Triples | None) -> Graph:
    """Make a graph of what targets look at in the given data."""
    every = [target for shape in shapes for target in shape.targets]
    predicates = {term for kind, term in every if kind in {"targetSubjectsOf", "targetObjectsOf"}}
    return Graph(given, {term for _, term in every}, predicates, ontology)


def _kept(run: Run, nodes: pl.Series, graph: Graph) -> pl.Series:
    """Keep those nodes that are validated, where only some are."""
    if run.only_focus is None:
        return nodes
    return nodes.filter(graph.text(nodes).is_in(list(run.only_focus)))
