"""Lends one store to those who query it together, or to one who changes it for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Lease"]


class Lease:
    """Says who uses a store: any number of threads that query it, or one thread that loads and unloads graphs."""

    def __init__(self) -> None:
        """Have a store that nobody uses."""
        self._changed = threading.Condition()
        self._readers = 0
        self._lent = False

    @contextmanager
    def share(self) -> Iterator[None]:
        """Use the store for queries, once nobody changes it any more."""
        with self._changed:
            while self._lent:
                self._changed.wait()
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def lend(self) -> Iterator[bool]:
        """Use the store alone, to change it and undo that; False, at once, where somebody else uses it.

        Examples:
            >>> lease = Lease()
            >>> with lease.lend() as first, lease.lend() as second:
            ...     first, second
            (True, False)
        """
        with self._changed:
            free = not (self._lent or self._readers)
            self._lent = self._lent or free
        try:
            yield free
        finally:
            if free:
                with self._changed:
                    self._lent = False
                    self._changed.notify_all()
