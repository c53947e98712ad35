"""Sends the answer to a query while it is evaluated, and ends the query when the client has gone away.

An answer that is ended before it is whole ends the connection, so that nobody takes it for one: there is no other sign
in HTTP once the status has been sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from typing import Any, TypeVar

from starlette.responses import Response

from glocal_rdf.errors import QueryError
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.sparql import store
from glocal_rdf.serve.sparql.store import Answer

__all__ = ["AnswerResponse", "refuse", "wait_for"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
T = TypeVar("T")


def refuse(error: QueryError) -> RefusedError:
    """Return why a request is not answered, for the error of a store.

    Args:
        error: The error.

    Examples:
        >>> str(refuse(QueryError.at("query: line 1, column 8", "'x' cannot stand here", "fix it")))
        "400: query: line 1, column 8: 'x' cannot stand here; fix it"
    """
    status, again = (error.status, error.retry_after) if isinstance(error, store.RefusedError) else (400, 0)
    reason = " ".join("".join(char if char.isprintable() else " " for char in str(error)).split())
    return RefusedError(status, reason[:1_000], retry_after=again)


async def wait_for(job: Coroutine[Any, Any, T], receive: Receive) -> T:
    """Wait for something while its client is there.

    Args:
        job: What is waited for; it is cancelled when the client goes away.
        receive: Receives what the client sends (ASGI), of which the body has been read.

    Raises:
        RefusedError: For the error of a store, and where the client has gone away.
    """
    task = asyncio.ensure_future(job)
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))
            raise RefusedError(503, "the client has gone away", retry_after=1)
        return await task
    except QueryError as error:
        raise refuse(error) from error
    finally:
        gone.cancel()
        task.cancel()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


class AnswerResponse(Response):
    """The answer to a query."""

    def __init__(self, answer: Answer, headers: Mapping[str, str]) -> None:
        """Take the answer, of which the first part is there.

        Args:
            answer: The answer.
            headers: Its headers.
        """
        super().__init__(headers=dict(headers))
        del self.headers["content-length"]
        self._answer = answer

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Send the answer (ASGI).

        Raises:
            RefusedError: Where the query is ended before its end, after its answer was begun.
        """
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        parts = self._answer.parts
        gone: asyncio.Future[None] | None = None
        try:
            if scope["method"] == "HEAD" or self._answer.whole:
                part = await anext(parts, b"")
                if self._answer.whole:
                    start["headers"] = [*self.raw_headers, (b"content-length", b"%d" % len(part))]
                await send(start)
                await send({"type": "http.response.body", "body": part, "more_body": False})
                return
            await send(start)
            sending = asyncio.ensure_future(self._send(send))
            gone = asyncio.ensure_future(_wait_until_gone(receive))
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                sending.cancel()
                await asyncio.wait((sending,))
            elif (error := sending.exception()) is not None:
                raise refuse(error) if isinstance(error, QueryError) else error
        finally:
            if gone is not None:
                gone.cancel()
            await parts.aclose()

    async def _send(self, send: Send) -> None:
        async for part in self._answer.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
