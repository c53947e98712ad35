"""Functions of our own that queries may call, by name: each made in the worker process from an argument in JSON.

Only the standard library and pyoxigraph are imported here, and at the top: a worker can open no file later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyoxigraph import Literal

__all__ = ["FACTORIES", "Function"]

Function = Callable[..., Any]
"""Takes terms, gives a term, or None for an error."""


def _written_tag(tags: Mapping[str, str]) -> Function:
    """Make LANG give the tag as the data write it (`tags`, by their small letters), and not in the store's way."""

    def written(term: object) -> Literal | None:
        if not isinstance(term, Literal):
            return None
        tag = term.language or ""
        return Literal(tags.get(tag, tag))

    return written


FACTORIES: Mapping[str, Callable[[Any], Function]] = {"written_tag": _written_tag}
