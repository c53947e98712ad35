"""Keeps what was made of a store's answers for a short time, so that a page that many ask for is made once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Expiring"]

Item = TypeVar("Item")


class Expiring(Generic[Item]):
    """Things by key, each for some seconds; of too many, those that were not asked for longest go first.

    Several threads may ask for one key at once: one of them makes it, and the others wait for that. What fails is not
    kept.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep nothing yet.

        Args:
            most: How many things are kept.
            seconds: For how long.
            clock: Returns the time in seconds.
        """
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Item]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], Item]) -> Item:
        """Return what is kept, or make it.

        Args:
            key: What it is kept by.
            make: Makes it.
        """
        with self._lock:
            found = self._find(key)
            if found is not None:
                return found[1]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                found = self._find(key)
            if found is not None:
                return found[1]
            try:
                made = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            with self._lock:
                self._kept[key] = (self._clock() + self._seconds, made)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            return made

    def _find(self, key: Hashable) -> tuple[float, Item] | None:
        found = self._kept.get(key)
        if found is None:
            return None
        if found[0] < self._clock():
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return found
