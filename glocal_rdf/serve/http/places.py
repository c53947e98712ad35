"""Places for requests: how many are answered at once, of all clients and of one, so that one cannot take all.

A request has a place from its headers to the end of its answer. Those that are not answered yet are counted together,
those of one client up to their end: a client that reads slowly takes from its own share alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from glocal_rdf.serve.http.refusals import RefusedError

__all__ = ["Place", "Places"]


@dataclass(slots=True)
class Place:
    """The place of one request."""

    places: Places
    unanswered: bool = True

    def begin_answer(self) -> None:
        """Leave the queue of those that are not answered yet."""
        if self.unanswered:
            self.unanswered = False
            self.places.unanswered -= 1


@dataclass(slots=True)
class Places:
    """The places that there are.

    Attributes:
        most: How many requests may be unanswered at once.
        share: How many requests of one client may be open at once.
        unanswered: How many requests are not answered yet.
    """

    most: int
    share: int
    unanswered: int = 0
    _open: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def take(self, client: str) -> Iterator[Place]:
        """Have a place while the context lasts.

        Args:
            client: What tells the client from others.

        Raises:
            RefusedError: Where there is none (503), or the client has its share (429).
        """
        if self._open[client] >= self.share:
            reason = f"you have {self.share} requests open; wait for an answer before you ask further"
            raise RefusedError(429, reason, retry_after=1)
        if self.unanswered >= self.most:
            raise RefusedError(503, "too many requests at once; ask again in a moment", retry_after=2)
        self._open[client] += 1
        self.unanswered += 1
        place = Place(self)
        try:
            yield place
        finally:
            place.begin_answer()
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]
