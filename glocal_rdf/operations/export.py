"""Writes a project's graph in the formats of RDF, with or without its ontology and the graphs of other sources."""

from __future__ import annotations

from glocal_rdf.dataset import Build, find_source_graph
from glocal_rdf.errors import OutputError
from glocal_rdf.triples.datasets import serialize_dataset

__all__ = ["export"]


def export(
    built: Build, form: str = "turtle", *, ontology: bool = False, external: bool = False, source: str | None = None
) -> bytes:
    """Write a project's graph in a format of RDF, the same bytes on every run.

    Args:
        built: The build to export.
        form: `turtle`, `ntriples`, `nquads`, `trig`, `jsonld` or `rdfxml`.
        ontology: Whether the ontology is written with the data.
        external: Whether the graphs of other sources are written too, as named graphs (`trig`, `nquads`, `jsonld`).
        source: The name or IRI of a source graph that is written instead of the project's graph.

    Raises:
        OutputError: Where the format is unknown or cannot hold named graphs, or `source` is given with another part.
        QueryError: Where there is no such source graph.
    """
    if source is not None:
        if ontology or external:
            raise OutputError("a source graph is written alone; leave the ontology and the other graphs out")
        return find_source_graph(built, source).triples.serialize(form, built.prefixes)
    graph = built.with_ontology if ontology else built.triples
    if external:
        return serialize_dataset(graph, built.named_graphs, form, built.prefixes)
    return graph.serialize(form, built.prefixes)
