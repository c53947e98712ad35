"""Computes answers in a few threads, so that others are answered meanwhile.

How many requests there are at once, of all clients and of one, is the matter of `serve.http.places`. A thread cannot be
ended: one that takes longer than its client waits goes on until it is done, and others wait for it. What has not begun
when its client stops waiting is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.serve.parts import Limits

__all__ = ["Threads"]

Made = TypeVar("Made")


class Threads:
    """The threads in which answers are computed."""

    def __init__(self, limits: Limits) -> None:
        """Have no thread yet.

        Args:
            limits: How many there may be, and how long an answer may take.
        """
        self._pool = ThreadPoolExecutor(limits.concurrency, thread_name_prefix="answers")
        self._timeout = 2 * limits.timeout
        """The seconds for waiting and computing."""

    async def run(self, make: Callable[[], Made]) -> Made:
        """Compute an answer, and return it.

        Args:
            make: Computes it.

        Raises:
            ProblemError: Where it takes too long.
        """
        job = self._pool.submit(make)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(job), self._timeout)
        except TimeoutError as error:
            job.cancel()
            detail = "the answer takes too long; ask for less, or again later"
            raise ProblemError("took-too-long", detail, headers={"Retry-After": "10"}) from error
