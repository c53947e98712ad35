"""Fills a SPARQL store with a project's graphs or with files of RDF, and verifies what the store has then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from glocal_rdf.cache.folder import Cache
from glocal_rdf.dataset import Build
from glocal_rdf.endpoint.credentials import Credentials, Session
from glocal_rdf.errors import InputError
from glocal_rdf.loading.blank_nodes import check_base
from glocal_rdf.loading.filling import count_sources, fill_store
from glocal_rdf.loading.model import LoadOptions, LoadReport
from glocal_rdf.loading.requests import Client
from glocal_rdf.loading.statements import FileStatements, GraphStatements, Statements
from glocal_rdf.operations.graph_inputs import check_rdf_file
from glocal_rdf.triples.formats.registry import find_format
from glocal_rdf.triples.terms import is_iri

__all__ = ["list_statements", "load", "plan_load", "report_as_json"]


def list_statements(
    source: Build | Sequence[Path], *, graph: str = "", ontology: bool = False
) -> tuple[Statements, ...]:
    """List the statements of a project or of files, each with the graph that they belong in.

    Args:
        source: A build, of which each source graph (`data/external/`) has a graph of its own; or files, of which named
            graphs keep their names.
        graph: The IRI of the graph for the project's data, and for what files have in their default graph; empty for
            the store's default graph.
        ontology: Whether the project's ontology is loaded with its data.

    Raises:
        InputError: Where a file is not RDF, or `graph` is not an IRI.

    Examples:
        >>> from glocal_rdf import Project, build
        >>> [one.name for one in list_statements(build(Project.bundled()))][:2]
        ['data', 'country-codes']
    """
    if graph and not pl.DataFrame({"graph": [graph]}).select(is_iri(pl.col("graph"))).item():
        raise InputError.at(graph, "is not an absolute IRI", "write it as in https://example.org/graph")
    if isinstance(source, Build):
        data = source.with_ontology if ontology else source.triples
        first = GraphStatements("data", data, graph)
        return (first, *(GraphStatements(one.name, one.triples, one.iri) for one in source.source_graphs))
    for file in source:
        check_rdf_file(file)
    return tuple(FileStatements(file, find_format(None, file, InputError), graph) for file in source)


def plan_load(statements: Sequence[Statements], options: LoadOptions | None = None) -> LoadReport:
    """Count what would be loaded into which graphs, without any request.

    Args:
        statements: The statements.
        options: How they would be loaded.

    Raises:
        InputError: Where they cannot be read.
    """
    return count_sources(statements, options or LoadOptions())


def load(
    address: str,
    statements: Sequence[Statements],
    options: LoadOptions | None = None,
    *,
    credentials: Credentials | None = None,
    cache: Cache | None = None,
    progress: Callable[[int], object] = lambda _number: None,
) -> LoadReport:
    """Fill a SPARQL store, and verify what it has then.

    A load that was stopped goes on when it is run again with the same statements, address, options and cache.

    Args:
        address: The address of the store, or one of its addresses.
        statements: What is loaded (`list_statements`).
        options: How it is loaded.
        credentials: Who loads it.
        cache: Where the state of the load is kept; None to begin anew each time.
        progress: Is called with the number of statements that are sent.

    Raises:
        InputError: Where something cannot be read.
        EndpointError: Where the store cannot be found, does not take a statement, or does not answer.
    """
    chosen = options or LoadOptions()
    if chosen.skolemize:
        chosen = replace(chosen, skolemize=check_base(chosen.skolemize))
    client = Client(Session(credentials or Credentials()), chosen.timeout)
    return fill_store(client, address, statements, chosen, cache, progress)


def report_as_json(report: LoadReport) -> dict[str, Any]:
    """Return a report as a JSON object, by the schema `load`.

    Args:
        report: The report.
    """
    names = ("where", "what", "hint", "kind", "level")
    return {
        "address": report.address,
        "protocol": report.protocol,
        "endpoint": report.endpoint,
        "complete": report.complete,
        "statements": report.statements,
        "sent": report.sent,
        "skipped": report.skipped,
        "sampled": report.sampled,
        "graphs": [asdict(graph) for graph in report.graphs],
        "changes": [asdict(change) for change in report.changes],
        "problems": [{name: getattr(problem, name) for name in names} for problem in report.problems],
    }
