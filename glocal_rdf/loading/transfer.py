"""Sends statements to a store in batches, and goes on after a stop.

1. Statements without blank nodes are sent as they are read. They may be sent twice: a graph is a set.
2. Statements with blank nodes come last, a component never split. They may not be sent twice, since the store would
   make other nodes: before each request the journal says so, and where nobody knows what became of a request, the
   number of statements in the store decides. Where that says neither, the load ends, rather than guess.
3. A batch that the store refuses is halved, and so are those after it; what is refused alone is reported.
4. To replace graphs by SPARQL Update, new ones are filled beside them, verified by their number, and moved to their
   places. By the Graph Store Protocol the first request of a graph replaces it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from glocal_rdf.endpoint import Answer
from glocal_rdf.errors import EndpointError, GlocalError, InputError, Problem
from glocal_rdf.loading import blank_nodes, verification, writers
from glocal_rdf.loading.addresses import Store
from glocal_rdf.loading.journal import Journal
from glocal_rdf.loading.model import LoadOptions, name_graph
from glocal_rdf.loading.requests import Client, RefusedError, UnclearError
from glocal_rdf.loading.statements import Statements, copy_texts

__all__ = ["Transfer", "read_blocks"]

STAGING: Final = "urn:x-glocal-load:"
"""What the IRIs of graphs begin with that are filled before they take the place of others."""


def read_blocks(sources: Sequence[Statements], options: LoadOptions, key: str) -> Iterator[pl.DataFrame]:
    """Yield the statements of all sources, the same blocks each time; blank nodes of two sources stay apart.

    Args:
        sources: The sources.
        options: Whether blank nodes become IRIs.
        key: What tells blank nodes of these sources from others.

    Raises:
        InputError: Where a source cannot be read, or a graph is named by a blank node.
    """
    for number, source in enumerate(sources):
        for block in source.blocks():
            frame = block
            if frame.select(blank_nodes.has_blank().any()).item():
                frame = blank_nodes.mark_source(frame, number)
                if options.skolemize:
                    frame = blank_nodes.skolemize(frame, options.skolemize, key)
                elif frame["graph"].str.starts_with("_:").any():
                    what = "has a graph that is named by a blank node, which no request can name"
                    raise InputError.at(source.name, what, "give blank nodes IRIs with --skolemize")
            yield frame.unique(maintain_order=True)


@dataclass
class Transfer:
    """One load, with what it has found out so far."""

    client: Client
    store: Store
    sources: Sequence[Statements]
    options: LoadOptions
    journal: Journal
    key: str
    writer: writers.Writer
    progress: Callable[[int], object]
    size: int
    staging: str
    """What names the graphs that are filled beside those that they replace; empty where there are none."""
    counter: verification.Counter = field(default_factory=verification.Counter)
    sample: verification.Sample = field(default_factory=lambda: verification.Sample(0))
    blanks: list[pl.DataFrame] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    skipped: int = 0
    done: int = 0
    put: set[str] = field(default_factory=set)
    proven: bool = False
    over: bool = False
    """Whether all was sent and looked at, so that another run begins anew."""

    def place(self, graph: str) -> str:
        """Return the graph that statements go to, which may be one beside the one they are for."""
        if not self.staging:
            return graph
        named = hashlib.blake2b(graph.encode(), digest_size=8).hexdigest()
        return f"{STAGING}{self.staging}:{named}"

    def write_ground(self) -> None:
        """Send statements without blank nodes, and keep the others."""
        start = self.journal.last("ground", 0)
        passed = 0
        for block in read_blocks(self.sources, self.options, self.key):
            self.counter.add(block)
            self.sample.add(block)
            blank = block.select(found=blank_nodes.has_blank())["found"]
            self.blanks.append(copy_texts(block.filter(blank)))
            ground = block.filter(~blank).sort("graph", maintain_order=True)
            self.note_graphs(block)
            while ground.height:
                if passed + ground.height <= start:
                    passed += ground.height
                    self.skipped += ground.height
                    break
                if passed < start:
                    self.skipped += start - passed
                    ground, passed = ground.slice(start - passed), start
                batch, ground = ground.head(self.size), ground.slice(self.size)
                self.send(batch)
                passed += batch.height
                self.note_put(batch["graph"].unique().to_list())
                self.journal.write(ground=passed)
                self.count(batch.height)

    def note_graphs(self, block: pl.DataFrame) -> None:
        """Ask how much graphs that were not seen yet have, before anything is sent to them."""
        names = block["graph"].unique(maintain_order=True).to_list()
        new = [name for name in names if name not in self.before]
        if not new:
            return
        found = verification.count_statements(self.client, self.store.query, new)
        self.before |= found
        self.journal.write(before=found)
        if isinstance(self.writer, writers.GraphStoreWriter) and self.options.replace and not self.staging:
            self.writer.replaced |= set(new)
        if self.staging:
            # What a load that was lost has left behind.
            writers.clear_graphs(self.client, self.store.update, map(self.place, new), protocol="update")

    def note_put(self, graphs: Sequence[str]) -> None:
        """Note that graphs lost what they had, where the first request does that, so that no later one does."""
        if isinstance(self.writer, writers.GraphStoreWriter) and (new := sorted({*graphs} - self.put)):
            self.put |= {*new}
            self.journal.write(put=new)

    def send(self, batch: pl.DataFrame) -> None:
        """Send statements that may be sent twice; where the store refuses them, half of them at a time."""
        placed = self.placed(batch)
        try:
            answers = self.writer.write(placed, blank=False, repeatable=True)
        except RefusedError as error:
            if batch.height == 1:
                raise self.blame(batch, error) from error
            half = batch.height // 2
            self.send(batch.head(half))
            self.size = max(1, min(self.size, half))
            self.send(batch.slice(half))
            return
        if not self.proven and any(_is_page(answer) for answer in answers):
            self.prove(placed)

    def placed(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return statements with the graphs that they go to."""
        if not self.staging:
            return batch
        names = batch["graph"].unique().to_list()
        return batch.with_columns(pl.col("graph").replace_strict(names, [self.place(name) for name in names]))

    def prove(self, placed: pl.DataFrame) -> None:
        """Ask for one of the statements, where the store answered with a page for people, as others do for errors.

        Raises:
            EndpointError: Where the store does not have it.
        """
        found = verification.read_objects(self.client, self.store.query, placed.tail(1))
        if found.is_empty():
            where = self.store.graphs or self.store.update
            what = "answered with a web page and success, and has nothing of what was sent"
            raise EndpointError.at(where, what, "check that it is the address for writing")
        self.proven = True

    def blame(self, batch: pl.DataFrame, error: GlocalError) -> EndpointError:
        """Make an error of a statement that the store refuses alone."""
        subject, predicate, object_, graph = batch.select("subject", "predicate", "object", "graph").row(0)
        line = f"{subject} {predicate} {object_}"
        what = f"{error.problems[0].what}; it was sent this alone, for {name_graph(graph)}: {line[:300]}"
        hint = "name a graph with --graph" if not graph else "correct the statement, or write it in another way"
        return EndpointError.at(error.problems[0].where, what, hint)

    def write_blanks(self) -> None:
        """Send statements with blank nodes, each once."""
        frame = pl.concat(self.blanks).unique(maintain_order=True)
        self.blanks.clear()
        if frame.is_empty():
            return
        ordered = blank_nodes.order_by_component(frame)
        done = self.journal.last("blank", 0)
        graphs = ordered["graph"].unique().sort().to_list()
        places = [self.place(graph) for graph in graphs]
        if isinstance(self.writer, writers.GraphStoreWriter) and (rest := self.writer.replaced.intersection(graphs)):
            writers.clear_graphs(self.client, self.store.graphs, sorted(rest), protocol="graph-store")
            self.writer.replaced -= rest
            self.note_put(sorted(rest))
        if self.journal.last("base") is None:
            self.journal.write(base=self.total(places))
        sending = self.journal.last("sending")
        if sending is not None and sending > done:
            done = self.settle(places, done, sending)
        self.skipped += done
        for batch in blank_nodes.join_components(ordered, self.options.batch, done):
            self.send_once(batch, places, done)
            done += batch.height
            self.journal.write(blank=done)
            self.count(batch.height)

    def count_merged(self) -> dict[str, int]:
        """Count the statements that a store may take for one with another, since they have the same value."""
        return verification.count_merged(read_blocks(self.sources, self.options, self.key))

    def total(self, places: Sequence[str]) -> int:
        """Ask how many statements graphs have together."""
        return sum(verification.count_statements(self.client, self.store.query, places).values())

    def settle(self, places: Sequence[str], done: int, sending: int) -> int:
        """Find out whether a request was done of which nobody knows; return how many statements are sent.

        Args:
            places: The graphs.
            done: How many statements were sent before it.
            sending: How many there are if it was done.

        Raises:
            UnclearError: Where the number of statements in the store is neither.
        """
        now = self.total(places) - int(self.journal.last("base", 0))
        if now in {done, sending}:
            self.journal.write(blank=now)
            return now
        what = (
            f"a request with blank nodes broke off, and its graphs have {now:,} of their statements, "
            f"neither {done:,} (not done) nor {sending:,} (done)"
        )
        hint = "something else writes to the store; run again with --replace, or with --skolemize"
        raise UnclearError.at(self.store.graphs or self.store.update, what, hint)

    def send_once(self, batch: pl.DataFrame, places: Sequence[str], done: int) -> None:
        """Send statements with blank nodes, and again only where it is sure that they did not arrive.

        Args:
            batch: The statements, whole components.
            places: The graphs that have blank nodes.
            done: How many statements were sent before.

        Raises:
            EndpointError: Where the store does not take them.
        """
        end = done + batch.height
        self.journal.write(sending=end)
        failed: GlocalError = UnclearError("nothing was sent")
        for _ in range(3):
            try:
                answers = self.writer.write(self.placed(batch.drop("component")), blank=True, repeatable=False)
            except (RefusedError, UnclearError) as error:
                failed = error
                if self.settle(places, done, end) == end:
                    return
                if isinstance(error, RefusedError):
                    break
                self.client.sleep(1)
                continue
            if any(_is_page(answer) for answer in answers) and self.settle(places, done, end) == done:
                raise EndpointError.at(
                    answers[0].address, "answered with a web page and success, and has nothing of what was sent"
                )
            return
        if isinstance(failed, RefusedError):
            parts = list(blank_nodes.join_components(batch, max(1, batch.height // 2)))
            if len(parts) > 1:
                for part in parts:
                    self.send_once(part, places, done)
                    done += part.height
                    self.journal.write(blank=done)
                return
            what = f"{failed.problems[0].what}; it was sent the {batch.height:,} statements that share a blank node"
            raise EndpointError.at(failed.problems[0].where, what, "give blank nodes IRIs with --skolemize") from failed
        raise EndpointError.of(failed.problems) from failed

    def count(self, number: int) -> None:
        """Count statements that were sent."""
        self.sent += number
        self.progress(self.sent + self.skipped)

    def finish(self, counts: dict[str, int]) -> None:
        """Put new graphs into the places of the old ones, and empty those for which there is nothing.

        Raises:
            EndpointError: Where a new graph does not have what it should; the old ones are as they were then.
        """
        empty = [graph for graph, number in counts.items() if not number]
        if self.options.replace and empty:
            address = self.store.update if self.staging else (self.store.graphs or self.store.update)
            protocol = "update" if self.staging or not self.store.graphs else "graph-store"
            writers.clear_graphs(self.client, address, empty, protocol=protocol)
        full = [graph for graph, number in counts.items() if number]
        if not self.staging or not full:
            return
        if not self.journal.last("moving", default=False):
            found = verification.count_statements(self.client, self.store.query, [self.place(one) for one in full])
            short = {one: found[self.place(one)] for one in full if found[self.place(one)] < counts[one]}
            if short:
                merged = self.count_merged()
                short = {one: number for one, number in short.items() if number < counts[one] - merged.get(one, 0)}
            if short:
                problems = [
                    Problem(
                        self.store.query,
                        f"{name_graph(one)} would get {number:,} of {counts[one]:,} statements, and was not replaced",
                        f"look at <{self.place(one)}>, and run the same again",
                    )
                    for one, number in short.items()
                ]
                self.over = True
                raise EndpointError.of(problems)
            self.journal.write(moving=True)
        # Of a load that was stopped here some are moved already.
        found = verification.count_statements(self.client, self.store.query, [self.place(one) for one in full])
        pairs = [(self.place(one), one) for one in full if found[self.place(one)]]
        writers.move_graphs(self.client, self.store.update, pairs)


def _is_page(answer: Answer) -> bool:
    return bool(answer.data) and "html" in answer.headers.get("content-type", "")
