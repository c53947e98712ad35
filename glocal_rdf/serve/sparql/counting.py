"""Counts what the graphs of a store have, by asking it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.serve.sparql.store import GraphCounts, Query, RefusedError, Store, collect
from glocal_rdf.triples.terms import unquote

__all__ = ["count_graphs"]

_TRIPLES: Final = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
_PROPERTIES: Final = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
_CLASSES: Final = f"SELECT ?c (COUNT(*) AS ?n) {{ ?s {RDF_TYPE} ?c FILTER(ISIRI(?c)) }} GROUP BY ?c"

MOST_GRAPHS: Final = 100
"""Of how many graphs the triples are counted."""


async def count_graphs(store: Store) -> Sequence[GraphCounts]:
    """Count what the graphs of a store have; None stands for what takes longer than a query may.

    Args:
        store: The store.
    """
    names = await store.list_graphs()
    found = [await _count_graph(store, name) for name in (None, *names[:MOST_GRAPHS])]
    return [*found, *(GraphCounts(iri=name) for name in names[MOST_GRAPHS:])]


async def _count_graph(store: Store, iri: str | None) -> GraphCounts:
    triples = await _ask(store, _TRIPLES, iri)
    return GraphCounts(
        iri=iri,
        triples=None if triples is None else triples.get("", 0),
        properties=await _ask(store, _PROPERTIES, iri),
        classes=await _ask(store, _CLASSES, iri),
    )


async def _ask(store: Store, text: str, graph: str | None) -> dict[str, int] | None:
    """Return the number in each row by the IRI before it, if there is one."""
    query = Query(text=text, default_graphs=() if graph is None else (graph,))
    try:
        result = await collect(store, query)
    except RefusedError:
        return None
    return {(row[0] or "")[1:-1] if len(row) > 1 else "": int(unquote(row[-1] or "")) for row in result.rows()}
