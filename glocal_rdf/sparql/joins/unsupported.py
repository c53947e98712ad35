"""What stops the evaluation of a query by joins, so that the store evaluates it."""

from __future__ import annotations

__all__ = ["UnsupportedError"]


class UnsupportedError(Exception):
    """The query, or a value that it meets, needs more than joins of columns."""
