"""Finds the place in a document where a thing is named that is nearest to a passage which does not name it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from glocal_rdf.forms import fold_characters

__all__ = ["find_nearest", "fold_in_place"]


def fold_in_place(text: str) -> str:
    """Fold each character of a text that folds to one, so that positions stay as they are.

    Examples:
        >>> fold_in_place("臺北ⅧＡ")
        '台北Ⅷa'
    """
    forms = {letter: form for letter in set(text) if len(form := fold_characters(letter)) == 1}
    return "".join(forms.get(letter, letter) for letter in text)


def find_nearest(folded: str, names: Iterable[str], start: int, end: int) -> tuple[int, int] | None:
    """Return where a text has one of some names nearest to a passage, before it rather than after it.

    Args:
        folded: The text (`fold_in_place`).
        names: The names.
        start: Where the passage begins.
        end: Where it ends.

    Examples:
        >>> find_nearest("台北市於1961年……市府", ["臺北市", "市府"], 4, 9), find_nearest("", ["a"], 0, 0)
        ((0, 3), None)
    """
    letters = [[re.escape(letter) for letter in fold_in_place(name) if not letter.isspace()] for name in names]
    pattern = "|".join(r"\s*".join(each) for each in sorted(letters, key=len, reverse=True) if each)
    if not pattern:
        return None
    found = [match.span() for match in re.finditer(pattern, folded)]
    return min(found, key=lambda span: (_distance(span, start, end), span), default=None)


def _distance(span: tuple[int, int], start: int, end: int) -> int:
    if span[1] <= start:
        return start - span[1]
    # What follows a passage explains it less well than what comes before it.
    return 2 * (span[0] - end) if span[0] >= end else 0
