"""Keeps answers that were made: those that were asked for last, as many facts as there is room for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

__all__ = ["KeptAnswers"]

Made = TypeVar("Made")

MAX_KEPT: Final = 20_000
"""How many facts are kept."""


class KeptAnswers:
    """Answers by what was asked."""

    def __init__(self) -> None:
        """Have none."""
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def keep(self, key: Hashable, make: Callable[[], Made], weigh: Callable[[Made], int] | None = None) -> Made:
        """Return what was made before, or make it and keep it; what was used longest ago is given up first.

        Args:
            key: What is made.
            make: Makes it.
            weigh: Returns how many facts it has.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]  # type: ignore[no-any-return]
        made = make()
        weight = 1 + (weigh(made) if weigh else 0)
        with self._lock:
            self._weight += weight - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = made, weight
            while self._weight > MAX_KEPT:
                self._weight -= self._kept.popitem(last=False)[1][1]
        return made
