"""Fills a store with statements, from the search for its addresses to the report of what it has then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from glocal_rdf.cache.folder import Cache
from glocal_rdf.errors import InputError, Problem
from glocal_rdf.loading import verification, writers
from glocal_rdf.loading.addresses import choose_protocol, find_store
from glocal_rdf.loading.journal import Journal
from glocal_rdf.loading.model import GraphReport, LoadOptions, LoadReport, name_graph
from glocal_rdf.loading.requests import Client
from glocal_rdf.loading.statements import Statements
from glocal_rdf.loading.transfer import Transfer, read_blocks

__all__ = ["count_sources", "fill_store"]

MOST_SHOWN: Final = 20
"""How many missing statements are reported one by one."""


def count_sources(sources: Sequence[Statements], options: LoadOptions, key: str = "") -> LoadReport:
    """Read all statements and count them, without any request.

    Args:
        sources: The sources.
        options: How they would be loaded.
        key: What tells blank nodes of these sources from others.
    """
    counter = verification.Counter()
    for block in read_blocks(sources, options, key):
        counter.add(block)
    counts = {graph: 0 for source in sources for graph in source.declared()} | counter.counts()
    return LoadReport("", options.protocol, "", tuple(GraphReport(graph, n) for graph, n in sorted(counts.items())))


def fill_store(
    client: Client,
    address: str,
    sources: Sequence[Statements],
    options: LoadOptions,
    cache: Cache | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> LoadReport:
    """Fill a store with statements, and verify what it has then.

    Args:
        client: What sends requests.
        address: The address of the store, or one of its addresses.
        sources: The statements.
        options: How they are loaded.
        cache: Where the journal is kept; None to begin anew each time.
        progress: Is called with the number of statements that are sent.

    Raises:
        InputError: Where a source cannot be read.
        EndpointError: Where the store cannot be found, does not take a statement, or does not answer.
        UnclearError: Where nobody knows what became of a request that may not be sent twice.
    """
    # A file that cannot be read is found before anything is asked.
    content = _name(*(source.digest() for source in sources))
    store = find_store(client, address, options)
    protocol = choose_protocol(store, options)
    writer: writers.Writer
    if protocol == "graph-store":
        writer = writers.GraphStoreWriter(client, store.graphs)
    else:
        writer = writers.UpdateWriter(client, store.update)
    target = _name(address, protocol, str(options.replace), options.skolemize)
    staging = _name(target, content)[:16] if options.replace and store.update else ""
    journal = Journal.open(cache, target, content)
    load = None
    try:
        load = Transfer(
            client, store, sources, options, journal, content[:16], writer, progress,
            options.batch, staging, sample=verification.Sample(options.sample),
        )  # fmt: skip
        for record in journal.records:
            load.before |= record.get("before", {})
            load.put |= {*record.get("put", ())}
        if isinstance(writer, writers.GraphStoreWriter) and options.replace and not staging:
            writer.replaced = {*load.before} - load.put
        if not journal.last("moving", default=False):
            load.write_ground()
            load.write_blanks()
        else:
            for block in read_blocks(sources, options, load.key):
                load.counter.add(block)
                load.sample.add(block)
                load.skipped += block.height
        if _name(*(source.digest() for source in sources)) != content:
            load.over = True
            what = "what is loaded was changed while it was read"
            raise InputError.at(", ".join(source.name for source in sources), what, "run the same again")
        counts = {graph: 0 for source in sources for graph in source.declared()} | load.counter.counts()
        load.finish(counts)
        report = _verify(load, counts, LoadReport(address, protocol, store.query, (), load.sent, load.skipped))
        load.over = True
    finally:
        journal.close(remove=load is not None and load.over)
    if client.session.exposed:
        what = "the password or token was sent unencrypted"
        warning = Problem(address, what, "use https, or a tunnel", level="warning")
        report = replace(report, problems=(*report.problems, warning))
    return report


def _name(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _verify(load: Transfer, counts: dict[str, int], report: LoadReport) -> LoadReport:
    """Ask the store about the result."""
    after = verification.count_statements(load.client, load.store.query, list(counts))
    graphs = tuple(
        GraphReport(graph, number, load.before.get(graph), after[graph]) for graph, number in sorted(counts.items())
    )
    short = any((graph.after or 0) < graph.statements for graph in graphs)
    merged = load.count_merged() if short else {}
    problems = [problem for graph in graphs for problem in _judge(load, graph, merged.get(graph.graph, 0))]
    sample = load.sample.statements()
    found = verification.read_objects(load.client, load.store.query, sample)
    inexact = verification.find_inexact(sample, found)
    changes, missing = verification.compare_objects(
        inexact, read_blocks(load.sources, load.options, load.key) if inexact.height else (), found
    )
    for subject, predicate, object_, graph in missing.head(MOST_SHOWN).rows():
        where = name_graph(graph)
        problems.append(Problem(where, f"lacks {subject} {predicate} {object_[:300]}", "load it again", "missing"))
    if missing.height > MOST_SHOWN:
        what = f"{missing.height - MOST_SHOWN:,} more statements of the sample are missing"
        problems.append(Problem(load.store.query, what, "load it again", "missing"))
    problems += [
        Problem(
            name_graph(change.graph),
            f"has {change.theirs} for {change.ours} of {change.subject} {change.predicate}",
            "the store changes values of this kind: take them from a file, not from it",
            "changed",
        )
        for change in changes
        if not change.same_value
    ]
    return replace(report, graphs=graphs, sampled=sample.height, changes=tuple(changes), problems=tuple(problems))


def _judge(load: Transfer, graph: GraphReport, merged: int) -> Iterator[Problem]:
    """Judge the number of statements of a graph, of which so many differ in the form of a value alone."""
    after, before, where = graph.after or 0, graph.before or 0, name_graph(graph.graph)
    named = bool(graph.graph)  # many stores show the statements of all graphs in the default graph
    if after < graph.statements - merged:
        yield Problem(where, f"has {after:,} of {graph.statements:,} statements", "run the same again", "missing")
    elif after < graph.statements:
        what = f"has {after:,} of {graph.statements:,} statements: the store took some for one that have the same value"
        yield Problem(where, what, "write each value in one form", "merged", level="warning")
    elif named and load.options.replace and after > graph.statements:
        what = f"has {after:,} statements, {after - graph.statements:,} more than were loaded"
        yield Problem(where, what, "something else wrote to it meanwhile", "more")
    elif named and after > before + graph.statements:
        what = f"has {after:,} statements, more than the {before:,} from before and {graph.statements:,} loaded ones"
        yield Problem(where, what, "something else wrote to it meanwhile", "more", level="warning")
