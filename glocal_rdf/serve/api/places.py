"""Gives places to what is computed: so many answers at once, so many that wait, and no client all of them.

A thread cannot be ended. One that takes longer than its client waits keeps its place until it is done, so that answers
which nobody waits for any more cannot fill the machine.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.serve.parts import Limits

__all__ = ["Places"]

Made = TypeVar("Made")


class Places:
    """The places of answers that are computed in threads."""

    def __init__(self, limits: Limits) -> None:
        """Have all places free.

        Args:
            limits: How many there are, and how long an answer may take.
        """
        self._limits = limits
        self._pool = ThreadPoolExecutor(limits.concurrency, thread_name_prefix="answers")
        self._taken: Counter[str] = Counter()

    async def run(self, client: str, make: Callable[[], Made]) -> Made:
        """Compute an answer in a place, and return it.

        Args:
            client: Who asks.
            make: Computes it.

        Raises:
            ProblemError: Where the client has too many places, all are taken, or it takes too long.
        """
        limits = self._limits
        if self._taken[client] >= limits.share:
            raise ProblemError(
                "too-many-requests",
                f"{limits.share} requests of yours are not answered yet; wait for their answers",
                headers={"Retry-After": "1"},
            )
        if self._taken.total() >= limits.concurrency + limits.waiting:
            raise ProblemError("too-busy", "too many requests wait; ask again later", headers={"Retry-After": "2"})
        self._taken[client] += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, make)
        future.add_done_callback(partial(self._give_back, client))
        try:
            return await asyncio.wait_for(asyncio.shield(future), 2 * limits.timeout)
        except TimeoutError as error:
            detail = "the answer takes too long; ask for less, or again later"
            raise ProblemError("took-too-long", detail, headers={"Retry-After": "10"}) from error

    def _give_back(self, client: str, future: asyncio.Future[Made]) -> None:
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]
        if not future.cancelled():
            future.exception()  # Nobody may be there any more who looks at it.
