"""Writes statements to a store: by the Graph Store Protocol, a request each graph, or by SPARQL Update."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

import polars as pl

from glocal_rdf.endpoint import Answer
from glocal_rdf.errors import InputError
from glocal_rdf.loading.addresses import graph_address
from glocal_rdf.loading.blank_nodes import name_blank_nodes
from glocal_rdf.loading.model import name_graph
from glocal_rdf.loading.requests import Client
from glocal_rdf.triples.formats.ntriples import write_ntriples

__all__ = ["GraphStoreWriter", "UpdateWriter", "Writer", "clear_graphs", "move_graphs"]

UPDATE: Final = "application/sparql-update"
NTRIPLES: Final = "application/n-triples"
_T = TypeVar("_T")
GRAPHS_PER_UPDATE: Final = 50
"""How many graphs one update moves or drops."""


class Writer(Protocol):
    """What writes statements to a store."""

    def write(self, frame: pl.DataFrame, *, blank: bool, repeatable: bool) -> list[Answer]:
        """Add statements to their graphs.

        Args:
            frame: The columns `subject`, `predicate`, `object` and `graph`, sorted by graph.
            blank: Whether there are blank nodes among them.
            repeatable: Whether they may be written twice.

        Returns:
            What the store answered.

        Raises:
            RefusedError: Where the store does not take them.
            UnclearError: Where nobody knows whether it has done so.
            EndpointError: Where it cannot succeed.
        """


@dataclass
class UpdateWriter:
    """Writes by SPARQL Update.

    Attributes:
        client: What sends requests.
        address: Where updates go.
    """

    client: Client
    address: str

    def write(self, frame: pl.DataFrame, *, blank: bool, repeatable: bool) -> list[Answer]:
        """Add statements to their graphs, in one request.

        Args:
            frame: The statements, sorted by graph.
            blank: Whether there are blank nodes among them.
            repeatable: Whether they may be written twice.

        https://www.w3.org/TR/sparql11-update/#insertData
        """
        if blank:
            frame = name_blank_nodes(frame)
        parts = []
        for (graph,), part in frame.partition_by("graph", as_dict=True, maintain_order=True).items():
            lines = write_ntriples(part.select("subject", "predicate", "object"))
            parts.append(b"GRAPH <" + str(graph).encode() + b"> {\n" + lines + b"}\n" if graph else lines)
        # Some stores take no blank nodes where all is said to be data; the pattern that is always there does the same.
        start, end = (b"INSERT {\n", b"} WHERE {}") if blank else (b"INSERT DATA {\n", b"}")
        return [self.client.write(self.address, start + b"".join(parts) + end, UPDATE, repeatable=repeatable)]


@dataclass
class GraphStoreWriter:
    """Writes by the Graph Store Protocol.

    Attributes:
        client: What sends requests.
        address: The address of the graph store.
        replaced: The graphs that lose what they had with the first statements that they get.
    """

    client: Client
    address: str
    replaced: set[str] = field(default_factory=set)

    def write(self, frame: pl.DataFrame, *, blank: bool, repeatable: bool) -> list[Answer]:
        """Add statements to their graphs, in one request for each.

        Args:
            frame: The statements, sorted by graph.
            blank: Whether there are blank nodes among them.
            repeatable: Whether they may be written twice.

        Raises:
            InputError: Where a blank node stands in several graphs, since a request is about one.

        https://www.w3.org/TR/sparql11-http-rdf-update/#http-post
        """
        answers = []
        for (name,), part in frame.partition_by("graph", as_dict=True, maintain_order=True).items():
            graph = str(name)
            if blank and part.height < frame.height and _shares_nodes(part, frame):
                what = f"{name_graph(graph)} shares a blank node with another graph, and a request is about one graph"
                raise InputError.at(self.address, what, "use --update, or give blank nodes IRIs with --skolemize")
            body = write_ntriples((name_blank_nodes(part) if blank else part).select("subject", "predicate", "object"))
            replacing = graph in self.replaced
            address = graph_address(self.address, graph)
            method = "PUT" if replacing else "POST"
            answers.append(
                self.client.write(address, body, NTRIPLES, method=method, repeatable=repeatable or replacing)
            )
            self.replaced.discard(graph)
        return answers


def _shares_nodes(part: pl.DataFrame, frame: pl.DataFrame) -> bool:
    others = frame.filter(pl.col("graph") != part["graph"][0])

    def nodes(found: pl.DataFrame) -> pl.Series:
        return pl.concat([found["subject"], found["object"]]).filter(
            pl.concat([found["subject"], found["object"]]).str.starts_with("_:")
        )

    return bool(nodes(part).is_in(nodes(others).implode()).any())


def move_graphs(client: Client, address: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Move graphs, each to the place of another, by SPARQL Update.

    Args:
        client: What sends requests.
        address: Where updates go.
        pairs: The IRI of each graph, and that of the graph whose place it takes; empty for the default graph.

    https://www.w3.org/TR/sparql11-update/#move
    """
    for some in _parts(pairs):
        steps = [f"MOVE GRAPH <{one}> TO {f'GRAPH <{other}>' if other else 'DEFAULT'}" for one, other in some]
        client.write(address, " ;\n".join(steps).encode(), UPDATE)


def clear_graphs(client: Client, address: str, graphs: Iterable[str], *, protocol: str) -> None:
    """Empty graphs, which may not be there.

    Args:
        client: What sends requests.
        address: Where updates go, or the address of the graph store.
        graphs: Their IRIs; empty for the default graph.
        protocol: `update` or `graph-store`.
    """
    if protocol == "update":
        for some in _parts(tuple(graphs)):
            steps = [f"CLEAR SILENT {f'GRAPH <{graph}>' if graph else 'DEFAULT'}" for graph in some]
            client.write(address, " ;\n".join(steps).encode(), UPDATE)
        return
    for graph in graphs:
        client.write(graph_address(address, graph), b"", NTRIPLES, method="PUT")


def _parts(items: Sequence[_T]) -> list[Sequence[_T]]:
    return [items[start : start + GRAPHS_PER_UPDATE] for start in range(0, len(items), GRAPHS_PER_UPDATE)]
