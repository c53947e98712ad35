"""Lists that are not whole, and say so: as JSON they are arrays, which have no place for that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

__all__ = ["Listed"]

Item = TypeVar("Item")


class Listed(tuple[Item, ...]):
    """A list that is not whole; `note` says why, with the numbers."""

    note: str = ""

    @classmethod
    def of(cls, items: Iterable[Item], note: str) -> tuple[Item, ...]:
        """Return a list that may have a note.

        Args:
            items: The items.
            note: The note; empty where the list is whole.

        Examples:
            >>> Listed.of("ab", "2 of 3 are listed").note
            '2 of 3 are listed'
        """
        if not note:
            return tuple(items)
        made = cls(items)
        made.note = note
        return made
