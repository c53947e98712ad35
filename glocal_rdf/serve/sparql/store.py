"""What evaluates the queries of a server: the store of a build, or a SPARQL source on another machine.

Whoever has a query to answer gives it to `Store.evaluate` and sends on what comes, part by part. `collect` is for
those who need the terms of a whole answer.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol, Self

from glocal_rdf.errors import Problem, QueryError
from glocal_rdf.sparql.execution.results import Result

__all__ = ["RESULTS", "Answer", "GraphCounts", "Query", "RefusedError", "ResultsFormat", "Store", "collect"]

ResultsFormat = Literal["json", "xml", "csv", "tsv"]

RESULTS: Final[Mapping[ResultsFormat, str]] = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
"""The media types of the formats for the results of SELECT and ASK, by name; ASK has the first two alone."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A query to evaluate, and how its answer is written.

    Attributes:
        text: The query, as it came; nothing about it has been checked.
        results: The format of the results of SELECT; None where none is accepted.
        truth: The format of the result of ASK; None where none is accepted.
        graph: The format (a name of `triples.formats.registry`) of the triples of CONSTRUCT and DESCRIBE; None where
            none is accepted.
        default_graphs: The graphs that are its default graph, which win over FROM; with `named_graphs` empty too, it
            is asked of the store's own default graph, or of what FROM names.
        named_graphs: Its named graphs, which win over FROM NAMED.
        prefixes: Namespaces by prefix that it need not declare.
        base: What relative IRIs in it are resolved against; without it they are mistakes.
        client: Who asks: queries are shared fairly between clients.
        limit: The seconds that it may take, where there are fewer than the server gives every query.
        whole_graph: Whether the answer is a whole graph: then only its bytes are limited, and not its rows.
    """

    text: str
    results: ResultsFormat | None = None
    truth: Literal["json", "xml"] | None = None
    graph: str | None = None
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    client: str = ""
    limit: float | None = None
    whole_graph: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a query, of which the first part is there.

    Attributes:
        form: The form of the query.
        format: The format that it is written in, of those that the query names.
        parts: The answer, to be read once. Who stops reading before the end must close it (`aclose`), which ends the
            query. It raises `RefusedError` where the query is ended meanwhile; what was read is then not all.
        whole: Whether all of the answer is there, in one part.
        volatile: Whether the same query may have another answer the next time, from the same data (RAND, NOW, UUID).
    """

    form: Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
    format: str
    parts: AsyncGenerator[bytes, None]
    whole: bool = False
    volatile: bool = False


@dataclass(frozen=True, kw_only=True)
class GraphCounts:
    """What a graph has.

    Attributes:
        iri: The name of the graph; None for the default graph.
        triples: How many triples; None where nobody counted.
        subjects: How many distinct subjects; None where nobody counted.
        objects: How many distinct objects; None where nobody counted.
        properties: How many triples each property has, by IRI; None where nobody counted.
        classes: How many instances each class has, by IRI; None where nobody counted.
    """

    iri: str | None
    triples: int | None = None
    subjects: int | None = None
    objects: int | None = None
    properties: Mapping[str, int] | None = None
    classes: Mapping[str, int] | None = None


class RefusedError(QueryError):
    """A query is not answered, for the reason that its status gives; a plain `QueryError` is a mistake in it (400).

    Attributes:
        status: The status of HTTP: 403 for an update, 406 where no format fits, 429 where the client has too many
            queries at once, 503 where the server has or where a limit ends the query, 500 where the store fails.
        retry_after: In how many seconds to try again; 0 where that is of no use.
    """

    status: int = 500
    retry_after: int = 0

    @classmethod
    def on(cls, status: int, what: str, hint: str = "", *, retry_after: int = 0) -> Self:
        """Make the error for a status of HTTP.

        Args:
            status: The status.
            what: What is wrong with the query, or with its time.
            hint: What to do about it.
            retry_after: In how many seconds to try again.

        Examples:
            >>> error = RefusedError.on(429, "has 8 queries at once", "wait for their answers", retry_after=5)
            >>> error.status, error.retry_after, str(error)
            (429, 5, 'query: has 8 queries at once; wait for their answers')
        """
        error = cls(Problem("query", what, hint))
        error.status, error.retry_after = status, retry_after
        return error


class Store(Protocol):
    """Evaluates queries within the limits of the server. It is used in one event loop."""

    async def evaluate(self, query: Query) -> Answer:
        """Evaluate a query, and return when the first part of its answer is there.

        Raises:
            QueryError: For a mistake in the query, SERVICE, or a graph that is not there, in one line.
            RefusedError: With its status, where the query is not answered for another reason.
        """
        ...

    async def list_graphs(self) -> Sequence[str]:
        """Return the IRIs of the named graphs, sorted.

        Raises:
            RefusedError: Where the store cannot be asked.
        """
        ...

    async def count(self) -> Sequence[GraphCounts]:
        """Count what the graphs have, the default graph first.

        Raises:
            RefusedError: Where the store cannot be asked.
        """
        ...

    async def close(self) -> None:
        """Take no more queries, and return when those that are evaluated have been answered."""
        ...


async def collect(store: Store, query: Query) -> Result:
    """Return the terms, the triples or the truth that a query gives, as they are written in the data.

    Args:
        store: The store.
        query: The query; its formats do not matter.

    Raises:
        QueryError: Where it is not answered; nothing is left out of what is returned.
    """
    answer = await store.evaluate(replace(query, results="tsv", truth="json", graph="ntriples"))
    data = b"".join([part async for part in answer.parts])
    if answer.form == "ASK":
        return Result("ASK", truth=bool(json.loads(data)["boolean"]))
    if answer.form == "SELECT":
        names = data.partition(b"\n")[0].decode().rstrip("\r")
        return Result("SELECT", tuple(name[1:] for name in names.split("\t")) if names else (), data=data)
    return Result("CONSTRUCT", data=data)
