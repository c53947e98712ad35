"""Tells whether a word is another one misspelt."""

from __future__ import annotations

__all__ = ["is_one_edit_away"]


def is_one_edit_away(a: str, b: str) -> bool:
    """Tell whether one letter more, less or other makes one text the other, or two that change places.

    >>> [is_one_edit_away("active", b) for b in ("actve", "activee", "octive", "atcive", "active", "active!!")]
    [True, True, True, True, False, False]
    """
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    if len(a) == len(b):
        return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[:2][::-1] and rest_a[2:] == rest_b[2:])
    return rest_a[1:] == rest_b if len(a) > len(b) else rest_a == rest_b[1:]
