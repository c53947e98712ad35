"""Answers queries of a server by asking a SPARQL endpoint, within the server's limits.

1. A query is checked here: it is one that reads, calls no other server (SERVICE), and is neither too long nor too deep.
2. Graphs of the request go on as graphs of the request (SPARQL 1.1 Protocol, 2.1.4). What a query names by FROM is the
   endpoint's to judge; it is somebody else's, and fetches what it fetches.
3. A few queries are asked at once, fairly between clients (`sparql.turns`).
4. What the endpoint answers is read whole before anything of it is sent on, so that half an answer, a page of HTML or
   broken results are an error with a status, and never half of somebody's data.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal, TypeVar, cast
from urllib.parse import quote_plus

from glocal_rdf.endpoint import AGENT, send
from glocal_rdf.errors import EndpointError, GlocalError, OutputError, QueryError
from glocal_rdf.questions.answers import Answer as Solutions
from glocal_rdf.questions.answers import read_answer
from glocal_rdf.serve.parts import Limits
from glocal_rdf.serve.source import lists
from glocal_rdf.serve.source.asking import Select, Session
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.selecting import read_number
from glocal_rdf.serve.sparql.store import Answer, GraphCounts, Query, RefusedError
from glocal_rdf.serve.sparql.turns import Turns
from glocal_rdf.sparql.grammar.mentions import order_variables
from glocal_rdf.sparql.grammar.tokens import add_prefixes
from glocal_rdf.sparql.policy import check_form, check_query

__all__ = ["EndpointStore"]

Made = TypeVar("Made")
Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]

_LOG: Final = logging.getLogger("glocal_rdf.serve")
_GRAPHS: Final = {
    "application/n-triples": "ntriples",
    "text/turtle": "turtle",
    "application/x-turtle": "turtle",
    "application/rdf+xml": "rdfxml",
}
_RESULTS: Final = {"application/sparql-results+json": "json", "application/json": "json"}
_ACCEPT: Final = {
    "graph": "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.5",
    "results": "application/sparql-results+json",
}
_PART: Final = 256 << 10


class EndpointStore:
    """A SPARQL endpoint on this machine or another one; a `Store`."""

    def __init__(self, address: str, ask: Select, layout: Layout, limits: Limits, prefixes: Mapping[str, str]) -> None:
        """Take the endpoint; nothing is asked yet.

        Args:
            address: Its address.
            ask: Asks it what this server itself wants to know.
            layout: What it is like.
            limits: What queries may take.
            prefixes: Namespaces by prefix that a query need not declare.
        """
        self._address = address
        self._layout = layout
        self._limits = limits
        self._ask = ask
        self._prefixes = prefixes
        self._turns = Turns(limits.concurrency, waiting=limits.waiting, share=limits.share, patience=limits.timeout)
        self._asked: set[asyncio.Future[bytes]] = set()
        self._closed = False

    async def evaluate(self, query: Query) -> Answer:
        """Evaluate a query, as `Store` says.

        Args:
            query: The query.

        Raises:
            QueryError: For a mistake in the query.
            RefusedError: With its status, where it is not answered for another reason.
        """
        if self._closed:
            raise RefusedError.on(503, "came while the store was closed", "try again", retry_after=1)
        form = _check(query.text)
        wanted = _choose_format(form, query)
        await self._turns.take(query.client)
        # The endpoint goes on where the client has left: the place is free when it has answered.
        asked = asyncio.get_running_loop().run_in_executor(None, self._fetch, query, form, wanted)
        self._asked.add(asked)
        asked.add_done_callback(lambda done: self._end(done, query.client))
        data = await asyncio.shield(asked)
        return Answer(form=form, format=wanted, parts=_cut(data), whole=len(data) <= _PART, volatile=True)

    def _end(self, asked: asyncio.Future[bytes], client: str) -> None:
        self._asked.discard(asked)
        self._turns.give_back(client)
        if not asked.cancelled():
            asked.exception()  # Whoever waits for it has it as well.

    def _fetch(self, query: Query, form: Form, wanted: str) -> bytes:
        """Ask the endpoint, read what it answers, and write it in the format that is wanted.

        Raises:
            RefusedError: Where it does not answer as it should, or with too much.
        """
        limits = self._limits
        graph = form in {"CONSTRUCT", "DESCRIBE"}
        text = add_prefixes(query.text, {**self._prefixes, **query.prefixes})
        pairs = [("query", text), *(("default-graph-uri", one) for one in query.default_graphs)]
        pairs += [("named-graph-uri", one) for one in query.named_graphs]
        body = "&".join(f"{name}={quote_plus(value, safe='')}" for name, value in pairs).encode()
        headers = {
            "Accept": _ACCEPT["graph" if graph else "results"],
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": AGENT,
        }
        seconds = limits.timeout if query.limit is None else min(query.limit, limits.timeout)
        try:
            answer = send(self._address, headers, body, timeout=seconds, limit=limits.answer_bytes)
            if answer.status == 400:
                raise QueryError.at(
                    "query", "was refused by the store: it is not SPARQL 1.1 to it", "correct the query"
                )
            if answer.status in {429, 503}:
                raise RefusedError.on(503, "is too much for the store now", "try again later", retry_after=10)
            if not 200 <= answer.status < 300:
                raise EndpointError.at(self._address, f"answered {answer.status}", "check the address")
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            known = (_GRAPHS if graph else _RESULTS).get(kind)
            if known is None:
                raise EndpointError.at(self._address, f"answered with {kind[:80]!r}", "check the address")
            found = read_answer(answer.data, known, self._address)
        except RefusedError:
            raise
        except EndpointError as error:
            raise _explain(error) from error
        except QueryError as error:
            if error.problems[0].where == self._address:  # What was answered cannot be read.
                raise _explain(EndpointError.of(error.problems)) from error
            raise
        if len(found) > limits.rows and not query.whole_graph:
            what = f"answers with more than {limits.rows:,} rows"
            raise RefusedError.on(503, what, "add a LIMIT, or ask for less")
        return _write(_order(found, query.text), form, wanted)

    async def list_graphs(self) -> Sequence[str]:
        """Return the IRIs of the named graphs, as far as they can be listed.

        Raises:
            RefusedError: Where the endpoint cannot be asked.
        """
        return tuple(sorted(one.term[1:-1] for one in await self._run(self._count_graphs)))

    def _count_graphs(self, session: Session) -> Sequence[lists.Counted]:
        """Count the named graphs.

        Raises:
            RefusedError: Where they are too many to be listed.
        """
        if not (self._layout.named or self._layout.beside):
            return ()
        found = lists.count_graphs(session, lists.MOST_GRAPHS)
        if not found.has_all:
            what = f"cannot be answered: the store has more than {len(found.items):,} named graphs"
            raise RefusedError.on(503, what, "ask for a graph by a query")
        return found.items

    async def count(self) -> Sequence[GraphCounts]:
        """Count what the graphs have, the default graph first.

        Raises:
            RefusedError: Where the endpoint cannot be asked, or counts too long.
        """

        def count(session: Session) -> Sequence[GraphCounts]:
            [(number,)] = session.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
            named = self._count_graphs(session)
            counted = [GraphCounts(iri=one.term[1:-1], triples=one.number) for one in named]
            return [GraphCounts(iri=None, triples=read_number(number)), *counted]

        return await self._run(count)

    async def _run(self, job: Callable[[Session], Made]) -> Made:
        try:
            return await asyncio.to_thread(job, Session(self._ask, self._limits.timeout))
        except RefusedError:
            raise
        except GlocalError as error:
            raise _explain(error) from error

    async def close(self) -> None:
        """Take no more queries, and return when those that are asked have been answered."""
        self._closed = True
        if self._asked:
            await asyncio.wait(self._asked)


def _check(text: str) -> Form:
    """Return the form of a query that may be asked.

    Raises:
        QueryError: For a mistake, and for a call of another server.
        RefusedError: For an update.
    """
    check_query(text)
    try:
        return cast("Form", check_form(text))
    except QueryError as error:
        if "would change the graph" in error.problems[0].what:
            raise RefusedError.on(403, error.problems[0].what, error.problems[0].hint) from error
        raise


def _choose_format(form: Form, query: Query) -> str:
    """Return the format that an answer is written in.

    Raises:
        RefusedError: Where none is accepted.
    """
    chosen = {"SELECT": query.results, "ASK": query.truth}.get(form, query.graph)
    if chosen is None:
        raise RefusedError.on(406, f"has no answer in a format that is accepted ({form})", "accept another format")
    return chosen


def _order(found: Solutions, text: str) -> Solutions:
    """Put the variables of `SELECT *` into the order of the query."""
    order = order_variables(text, found.variables)
    if order == list(range(len(order))):
        return found
    rows = tuple(tuple(row[at] for at in order) for row in found.bindings)
    return replace(found, variables=tuple(found.variables[at] for at in order), bindings=rows)


def _write(found: Solutions, form: Form, wanted: str) -> bytes:
    """Write an answer.

    Raises:
        RefusedError: Where the endpoint answered with something else than was asked for, or the format cannot hold it.
    """
    kinds = {"ASK": found.truth is not None, "SELECT": found.truth is None and found.triples is None}
    if not kinds.get(form, found.triples is not None):
        raise RefusedError.on(502, "was answered by the store with something else", "try again later")
    try:
        return found.serialize(wanted)
    except OutputError as error:
        raise RefusedError.on(406, f"has an answer that {wanted} cannot hold", "accept another format") from error


def _explain(error: GlocalError) -> RefusedError:
    """Return why the endpoint cannot be asked, for whoever asked: without its address, and without what it answered."""
    _LOG.warning("%s", error)
    if isinstance(error, EndpointError):
        if isinstance(error.__cause__, TimeoutError):
            return RefusedError.on(504, "was not answered in time by the store", "make it simpler, or ask for less")
        return RefusedError.on(502, "cannot be asked of the store now", "try again later")
    return RefusedError.on(503, "takes the store too long", "try again later", retry_after=30)


async def _cut(data: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, max(1, len(data)), _PART):
        yield data[start : start + _PART]
