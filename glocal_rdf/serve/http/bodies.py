"""The bodies of requests: no more bytes than are read, and in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from glocal_rdf.serve.http.refusals import RefusedError

__all__ = ["bound_body"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def bound_body(receive: Receive, most: int, seconds: float, declared: bytes | None) -> Receive:
    """Return a function that receives the body of a request within limits.

    Args:
        receive: The function of the server (ASGI).
        most: How many bytes the body may have.
        seconds: How long it may take, from the first part that is asked for to the last.
        declared: The value of Content-Length; None where there is none.

    Raises:
        RefusedError: At once, where a larger body is announced.
    """
    too_large = RefusedError(413, f"the body has more than {most:,} bytes; send a smaller one", {"Connection": "close"})
    if declared is not None and int(declared) > most:
        raise too_large
    state = {"size": 0, "end": 0.0, "whole": False}

    async def receive_some() -> MutableMapping[str, Any]:
        if state["whole"]:  # What follows is that the client goes away, for which one may wait.
            return await receive()
        loop = asyncio.get_running_loop()
        state["end"] = state["end"] or loop.time() + seconds
        try:
            message = await asyncio.wait_for(receive(), max(state["end"] - loop.time(), 0.001))
        except TimeoutError as error:
            reason = f"the body did not come within {seconds:g} seconds; send it faster"
            raise RefusedError(408, reason, {"Connection": "close"}) from error
        state["size"] += len(message.get("body", b""))
        if state["size"] > most:
            raise too_large
        state["whole"] = not message.get("more_body", False)
        return message

    return receive_some
