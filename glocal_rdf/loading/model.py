"""What is asked of a load, and its report: the graphs with their numbers, and what the store changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from glocal_rdf.errors import Problem

__all__ = ["BATCH", "SAMPLE", "Change", "GraphReport", "LoadOptions", "LoadReport", "Protocol", "name_graph"]

BATCH: Final = 10_000
"""How many statements one request has."""

SAMPLE: Final = 1000
"""How many statements are compared at the end."""

Protocol = Literal["graph-store", "update"]
"""How statements are written: by the SPARQL 1.1 Graph Store HTTP Protocol, or by SPARQL 1.1 Update."""


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """How a load is done.

    Attributes:
        protocol: The protocol that `address` is for; None to find out.
        endpoint: The address that answers queries; empty to find out.
        replace: Whether the graphs that are filled lose what they had.
        skolemize: The beginning of the IRIs that blank nodes become, up to the path; empty to keep blank nodes.
        batch: How many statements one request has at most, but for those that blank nodes keep together.
        sample: How many statements are compared with those of the store at the end.
        timeout: The seconds that each request may take.
    """

    protocol: Protocol | None = None
    endpoint: str = ""
    replace: bool = False
    skolemize: str = ""
    batch: int = BATCH
    sample: int = SAMPLE
    timeout: float = 60


@dataclass(frozen=True)
class GraphReport:
    """One graph that was filled.

    Attributes:
        graph: Its IRI; empty for the default graph.
        statements: How many different statements were to be loaded into it.
        before: How many it had before; None where that was not asked.
        after: How many it has now; None where that was not asked.
    """

    graph: str
    statements: int
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Change:
    """One statement of which the store has another form.

    Attributes:
        graph: The IRI of its graph; empty for the default graph.
        subject: The subject, as all terms in N-Triples syntax.
        predicate: The predicate.
        ours: The object that was sent.
        theirs: The object that the store has.
        same_value: Whether both are the same value: only how it is written differs.
    """

    graph: str
    subject: str
    predicate: str
    ours: str
    theirs: str
    same_value: bool


@dataclass(frozen=True)
class LoadReport:
    """What was loaded, and what the store made of it.

    Attributes:
        address: The address that statements were sent to.
        protocol: How they were sent.
        endpoint: The address that was asked about them.
        graphs: The graphs.
        sent: How many statements this run sent.
        skipped: How many were sent by a run before, which was stopped.
        sampled: How many statements were compared.
        changes: Those that the store holds in another form.
        problems: What is missing or not as it should be, and warnings.
    """

    address: str
    protocol: Protocol | None
    endpoint: str
    graphs: tuple[GraphReport, ...]
    sent: int = 0
    skipped: int = 0
    sampled: int = 0
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, and no value was changed."""
        return not any(problem.level == "error" for problem in self.problems)

    @property
    def statements(self) -> int:
        """How many statements were to be loaded."""
        return sum(graph.statements for graph in self.graphs)


def name_graph(graph: str) -> str:
    """Return a graph's IRI in brackets, or `the default graph` for the empty one."""
    return f"<{graph}>" if graph else "the default graph"
