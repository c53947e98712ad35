"""The known word that a misspelt one was most likely meant to be, for hints.

Two words are compared by the letters that they share in the same order (the normalized similarity of insertions and
deletions, 1 for equal words and 0 for words without a letter in common), and for certain corrections by edits (optimal
string alignment: a letter more, less or other, or two neighbours that change places).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

__all__ = ["did_you_mean", "join_choices", "nearest", "nearest_name", "within_one_edit"]

MAX_LENGTH: Final = 200
"""How many characters of a word are compared: a longer one is not a misspelling, and comparing it takes time."""


def nearest(word: str, known: Iterable[str], *, limit: int = 3, cutoff: float = 0.6) -> tuple[str, ...]:
    """List the known words that are most like a word, the likest first, and equally like ones in alphabetical order.

    Args:
        word: The word that is not known.
        known: The words to choose from.
        limit: How many words to return at most.
        cutoff: The least similarity, from 0 to 1.

    Examples:
        >>> nearest("organisations", ["organizations", "places", "organization"])
        ('organizations', 'organization')
        >>> nearest("xyz", ["places"]), nearest("places", [])
        ((), ())
    """
    from rapidfuzz import process  # noqa: PLC0415 - only where something is misspelt
    from rapidfuzz.distance import Indel  # noqa: PLC0415

    found = process.extract(
        word[:MAX_LENGTH],
        sorted(set(known)),
        scorer=Indel.normalized_similarity,
        processor=None,
        limit=limit,
        score_cutoff=cutoff,
    )
    return tuple(choice for choice, _, _ in found)


def nearest_name(word: str, known: Iterable[str], *, cutoff: float = 0.7) -> str | None:
    """Return the known name that a word was most likely meant to be, or None where none is near.

    Case, marks between words and an `s` at the end do not count.

    Args:
        word: The word that is not known.
        known: The words to choose from.
        cutoff: The least similarity, from 0 to 1.

    Examples:
        >>> nearest_name("propertyURL", ["aboutUrl", "propertyUrl"]), nearest_name("primary_key", ["primaryKey"])
        ('propertyUrl', 'primaryKey')
        >>> nearest_name("xyz", ["aboutUrl"]) is None
        True
    """
    return _nearest_name(word[:MAX_LENGTH], tuple(sorted(known)), cutoff)


@lru_cache(1024)
def _nearest_name(word: str, known: tuple[str, ...], cutoff: float) -> str | None:
    by_letters: dict[str, str] = {}
    for name in known:
        by_letters.setdefault(_letters(name), name)
    wanted = _letters(word)
    if wanted in by_letters:
        return by_letters[wanted]
    found = nearest(wanted, by_letters, limit=1, cutoff=cutoff)
    if not found and len(wanted) > 1:
        found = tuple(name for name in by_letters if name.rstrip("s") == wanted.rstrip("s"))
    return by_letters[found[0]] if found else None


def _letters(word: str) -> str:
    return re.sub(r"[\W_]", "", word).casefold() or word


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the hint that names the known word nearest to `word`, or `otherwise` where none is near.

    Args:
        word: The word that is not known.
        known: The words to choose from.
        otherwise: The hint where none is near.

    Examples:
        >>> did_you_mean("propertyURL", ["aboutUrl", "propertyUrl"])
        "did you mean 'propertyUrl'?"
        >>> did_you_mean("xyz", ["aboutUrl"], "it is ignored")
        'it is ignored'
    """
    found = nearest_name(word, known)
    return join_choices([] if found is None else [repr(found)], otherwise)


def join_choices(choices: Iterable[str], otherwise: str = "") -> str:
    """Return the hint that asks whether one of some choices was meant, or `otherwise` where there are none.

    Examples:
        >>> join_choices(["taipei", "taipei-county"]), join_choices([], "list them with --list")
        ('did you mean taipei or taipei-county?', 'list them with --list')
    """
    joined = " or ".join(choices)
    return f"did you mean {joined}?" if joined else otherwise


def within_one_edit(word: str, other: str) -> bool:
    """Return whether one letter more, less or other, or two neighbours that change places, makes one word the other.

    Examples:
        >>> [within_one_edit("active", other) for other in ("actve", "activee", "octive", "atcive")]
        [True, True, True, True]
        >>> [within_one_edit("active", other) for other in ("active", "active!!")]
        [False, False]
    """
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - only where something is misspelt

    return OSA.distance(word, other, score_cutoff=1) == 1
