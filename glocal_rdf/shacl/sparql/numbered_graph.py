"""The data graph as joins of patterns take it (`sparql.joins`): with numbers as terms, and the ontology's classes."""

from __future__ import annotations

from functools import cached_property

import polars as pl

from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.shacl.data_graph import ID, EncodedGraph

__all__ = ["NumberedGraph"]


class NumberedGraph:
    """A data graph with the class hierarchy of the ontology, as a store has both."""

    def __init__(self, graph: EncodedGraph) -> None:
        """Take the data graph."""
        self._graph = graph
        self._edges: dict[str, pl.DataFrame] = {}

    @property
    def kind(self) -> pl.DataType:
        """The type of numbers."""
        return ID()

    def id(self, term: str) -> int:
        """Return the number of a term that a query names."""
        return self._graph.id(term)

    def text(self, ids: pl.Series) -> pl.Series:
        """Return the terms with given numbers."""
        return self._graph.text(ids)

    def edges(self, predicate: str) -> pl.DataFrame:
        """Return subject and object of every triple with a predicate, as `s` and `o`."""
        if predicate not in self._edges:
            edges = self._graph.edges(predicate).frame
            if predicate == RDFS_SUBCLASS_OF and self._graph.hierarchy.height:
                edges = pl.concat([edges, self._graph.hierarchy]).unique()
            self._edges[predicate] = edges.rename({"focus": "s", "value": "o"})
        return self._edges[predicate]

    def triples(self, predicates: pl.Series | None = None) -> pl.DataFrame:
        """Return the triples as `s`, `p` and `o`: all, or those with some predicates."""
        frame = self._frame
        return frame if predicates is None else frame.filter(pl.col("p").is_in(predicates.implode()))

    @cached_property
    def _frame(self) -> pl.DataFrame:
        frame, hierarchy = self._graph.frame, self._graph.hierarchy
        if hierarchy.is_empty():
            return frame
        below = hierarchy.select(s="focus", p=pl.lit(self._graph.id(RDFS_SUBCLASS_OF), dtype=ID), o="value")
        return pl.concat([frame, below]).unique()
