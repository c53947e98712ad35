"""Whose query is evaluated next: a few at once, fairly between clients, and no queue without end.

1. There are so many places. A client that has all but one of them waits, so that there is one for somebody else.
2. Who waits is served in turn: one query of each client, and each client's in their order.
3. A client that has too many queries at once, with those that wait, is refused (429); where too many wait, or one
   waits too long, the server is busy (503).
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from contextlib import suppress

from glocal_rdf.serve.sparql.store import RefusedError

__all__ = ["Turns"]


class Turns:
    """Gives out places, in one event loop."""

    def __init__(self, places: int, *, waiting: int, share: int, patience: float) -> None:
        """Have only free places.

        Args:
            places: How many queries are evaluated at once.
            waiting: How many may wait.
            share: How many one client may have, with those that wait.
            patience: The seconds that one may wait.
        """
        self._places = places
        self._most = max(1, places - 1)
        self._waiting = waiting
        self._share = share
        self._patience = patience
        self._taken: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def take(self, client: str) -> None:
        """Wait for a place, which is to be given back.

        Args:
            client: Who asks.

        Raises:
            RefusedError: Where there is none in time.
        """
        queue = self._queues.get(client, ())
        if self._taken[client] + len(queue) >= self._share:
            what = f"is one too many: you have {self._share} at once"
            raise RefusedError.on(429, what, "wait for their answers", retry_after=self._wait_again())
        if not queue and self._is_free(client):
            self._taken[client] += 1
            return
        if sum(map(len, self._queues.values())) >= self._waiting:
            raise RefusedError.on(503, "cannot wait: too many do", "try again later", retry_after=self._wait_again())
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(turn)
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except TimeoutError as error:
            self._forget(client, turn)
            what = f"waited {self._patience:g} seconds for others"
            raise RefusedError.on(503, what, "try again later", retry_after=self._wait_again()) from error
        except asyncio.CancelledError:
            self._forget(client, turn)
            raise

    def give_back(self, client: str) -> None:
        """Give back a place, to whom it is next."""
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]
        self._go_on()

    def _is_free(self, client: str) -> bool:
        return self._taken.total() < self._places and self._taken[client] < self._most

    def _wait_again(self) -> int:
        return max(1, round(self._patience / 4))

    def _forget(self, client: str, turn: asyncio.Future[None]) -> None:
        """Take somebody out of the queue, who may have got a place in the same moment."""
        if turn.done() and not turn.cancelled():
            self.give_back(client)
            return
        with suppress(KeyError, ValueError):
            self._queues[client].remove(turn)
            if not self._queues[client]:
                del self._queues[client]

    def _go_on(self) -> None:
        for client in list(self._queues):
            if not self._is_free(client):
                continue
            queue = self._queues[client]
            turn = queue.popleft()
            self._queues.move_to_end(client)
            if not queue:
                del self._queues[client]
            self._taken[client] += 1
            turn.set_result(None)
