"""Loads into a store the triples that queries can touch, and no others, unless it has all data already.

A path that may have no step (`p*`, `p?`) leads from a node to itself, also where no triple of the data has the node.
The engine finds only nodes that are in the store; such nodes are therefore *marked*: a triple with a predicate of our
own is loaded for each, which every query is rewritten not to see (`touched_triples`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.shacl.data_graph import EncodedGraph
from glocal_rdf.shacl.sparql.query_runner import QueryRunner
from glocal_rdf.shacl.sparql.touched_triples import ABSENT, MARK, TouchedTriples
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.shacl.sparql.query_plans import QueryPlan
    from glocal_rdf.sparql.execution.process import StoreProcess

__all__ = ["StoreLoader"]

_NODES = "<urn:x-shacl:nodes>"


class StoreLoader:
    """The store of a validation, and what has been loaded into it."""

    def __init__(
        self,
        ontology: Triples | None,
        store: StoreProcess | None,
        touched: Collection[TouchedTriples],
        runner: QueryRunner,
    ) -> None:
        """Keep what may have to be loaded; nothing is loaded yet.

        Args:
            ontology: A graph of which rdfs:subClassOf is loaded.
            store: A store that has the data and the class hierarchy; None starts one.
            touched: The triples that each of the queries touches.
            runner: Runs the queries.
        """
        self._ontology = ontology
        self._given = store
        self._runner = runner
        self._complete = store is not None
        self._loaded: set[str] = set()
        self._marked: list[pl.DataFrame] = []
        # A store with all data mostly has every node, and needs no mark until one is missing.
        self.hides_marks = store is None and any(t.ends for t in touched)
        self._unbound_ends = any(t.unbound_ends for t in touched)

    @cached_property
    def store(self) -> StoreProcess:
        """The store, started when it is first needed."""
        if self._given is not None:
            return self._given
        from glocal_rdf.sparql.execution.process import StoreProcess  # noqa: PLC0415 - only shapes with SPARQL need it

        store = StoreProcess()
        if self._ontology is not None:
            store.load(self._ontology.match(predicate=RDFS_SUBCLASS_OF).frame)
        return store

    def load(self, frame: pl.DataFrame, graph: str | None = None) -> None:
        """Load triples, the columns of `frame`, into a graph (an IRI) or the default graph."""
        self.store.load(frame, graph)

    def provide(
        self, plan: QueryPlan, graph: EncodedGraph, focus: pl.Series | None, nodes: pl.Series | None = None
    ) -> None:
        """Load the triples that a query can touch, unless they are loaded.

        Args:
            plan: The query.
            graph: The data graph.
            focus: All nodes that `$this` can be; None loads the triples of every node.
            nodes: The nodes that a path may start from, also where no triple has them.
        """
        self._provide_triples(plan.touched, graph, focus)
        ends = plan.touched.ends
        marked = [plan.constants[n] for n in plan.constants if f"?{n}" in ends]
        fixed = "".join(f"{_NODES} {MARK} {end} .\n" for end in sorted(ends) if not end.startswith("?"))
        if fixed:
            marked += Triples.parse(fixed, "turtle").frame["object"].to_list()
        terms = pl.Series(marked, dtype=pl.String)
        if self._complete and len(terms):
            terms = terms.filter(~terms.is_in(graph.terms.filter(graph.present).implode()))
        if nodes is not None and not ends.isdisjoint({"?this", "?value"}):
            if self._complete:
                nodes = nodes.filter(~graph.present[nodes])
            terms = pl.concat([terms, graph.text(nodes)])
        if len(terms):
            self._mark(terms.unique(), graph)

    def _provide_triples(self, touched: TouchedTriples, graph: EncodedGraph, focus: pl.Series | None) -> None:
        """Load what a query can touch: all data, or triples by predicate, and by focus node where that is enough."""
        if self._complete:
            return
        if touched.predicates is None:
            self.load(graph.decode())
            self._complete = True
            return
        for predicate in sorted(touched.predicates - self._loaded):
            edges = graph.edges(predicate)
            if focus is not None and predicate in touched.of_this:
                edges = edges.filter(graph.mask(focus)[edges.focus])
            else:
                self._loaded.add(predicate)
            columns = {"subject": graph.text(edges.focus), "object": graph.text(edges.value)}
            self.load(pl.DataFrame(columns).select("subject", pl.lit(predicate).alias("predicate"), "object"))

    def _mark(self, terms: pl.Series, graph: EncodedGraph) -> None:
        """Load a mark for each node."""
        if not self.hides_marks:
            # Queries that were submitted before are not rewritten to hide marks, and must not see them.
            self._runner.finish()
            self.hides_marks = True
        subject = pl.when(pl.col("object").str.starts_with('"')).then(pl.lit(_NODES)).otherwise(pl.col("object"))
        marked = pl.DataFrame({"object": terms}).select(subject.alias("subject"), pl.lit(MARK).alias("mark"), "object")
        if self._unbound_ends:
            # Loaded before the marks, so that no query sees marks without it.
            there = terms.is_in(graph.terms.filter(graph.present).implode())
            absent = pl.concat([terms.filter(~there), pl.Series([_NODES])])
            self.load(
                pl.DataFrame({"object": absent}).select(pl.lit(_NODES).alias("s"), pl.lit(MARK).alias("p"), "object"),
                ABSENT[1:-1],
            )
        self._marked.append(marked)
        self.load(marked)

    def close(self, graphs: Iterable[str]) -> None:
        """End the store, or remove from one that was given the marks and the graphs that were loaded into it."""
        if self._given is None:
            if "store" in self.__dict__:
                self.store.close()
            return
        for name in [*graphs, ABSENT[1:-1]]:
            self._given.unload(name)
        for marked in self._marked:
            self._given.unload(None, marked)
