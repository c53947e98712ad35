"""Finds the known word that a misspelt one was most likely meant to be, for hints.

Case and marks between words do not count, so that `propertyURL` and `primary_key` are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """Return the known word that is most like `word`, or None if none is near.

    >>> nearest("propertyURL", ["aboutUrl", "propertyUrl"])
    'propertyUrl'
    """
    return _nearest(word[:200], tuple(sorted(known)), cutoff)


@lru_cache(1024)
def _nearest(word: str, known: tuple[str, ...], cutoff: float) -> str | None:
    plain: dict[str, str] = {}
    for candidate in known:
        plain.setdefault(_plain(candidate), candidate)
    asked = _plain(word)
    if asked in plain:
        return plain[asked]
    found = get_close_matches(asked, list(plain), 1, cutoff)
    if not found and len(asked) > 1:
        return next((plain[p] for p in plain if p.rstrip("s") == asked.rstrip("s")), None)
    return plain[found[0]] if found else None


def _plain(word: str) -> str:
    return re.sub(r"[\W_]", "", word).casefold() or word


def suggest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the hint `did you mean 'X'?`, or `otherwise` if no known word is near."""
    found = nearest(word, known)
    return f"did you mean {found!r}?" if found is not None else otherwise
