"""Names of versions, and which of two is later.

Versions such as `1.2.0` and `2.0.0-rc.1` are compared by the rules of Semantic Versioning. Where one of two versions is
of another form (`2026-11`, `v3`, `1.2`), both are split into numbers and words: numbers are compared by size, words by
code points, a number is later than a word, and of two versions that begin alike the longer one is later.

https://semver.org/spec/v2.0.0.html#spec-item-11
"""

from __future__ import annotations

import re
from typing import Final

from glocal_rdf.errors import InputError

__all__ = ["check_version", "is_later", "is_version", "sort_key"]

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.+_-]{0,62}[A-Za-z0-9])?")
_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_PART: Final = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_SEMANTIC: Final = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_PART}(?:\.{_PART})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)

_Key = tuple[tuple[int, int, str], ...]


def is_version(text: str) -> bool:
    """Return whether a text can be the name of a version, and of its folder.

    Examples:
        >>> is_version("1.0.0"), is_version("2026-11"), is_version("../x"), is_version("redirects.csv"), is_version("")
        (True, True, False, False, False)
    """
    return bool(_NAME.fullmatch(text)) and ".." not in text and any(map(str.isdigit, text))


def check_version(text: str) -> None:
    """Check that a text can be the name of a version.

    Raises:
        InputError: Where it cannot.
    """
    if not is_version(text):
        hint = (
            "write a semantic version such as 1.0.0, or at least one digit with letters, digits, '.', '-', '_' and '+'"
        )
        raise InputError.at("version", f"{text!r} is not the name of a version", hint)


def is_later(version: str, other: str) -> bool:
    """Return whether a version is later than another one.

    Examples:
        >>> is_later("1.10.0", "1.9.0"), is_later("1.0.0", "1.0.0-rc.1"), is_later("1.0.0+b", "1.0.0+a")
        (True, True, False)
        >>> is_later("2026-11", "2026-9"), is_later("1.2", "1.2.0"), is_later("2026-11", "1.0.0")
        (True, False, True)
    """
    if _SEMANTIC.fullmatch(version) and _SEMANTIC.fullmatch(other):
        return _semantic_key(version) > _semantic_key(other)
    return sort_key(version) > sort_key(other)


def sort_key(version: str) -> _Key:
    """Return the key by which versions of any form are ordered: their numbers and words.

    Examples:
        >>> sort_key("v1.10")
        ((0, 0, 'v'), (1, 1, ''), (1, 10, ''))
    """
    pieces = re.findall(r"[0-9]+|[A-Za-z]+", version)
    return tuple((1, int(piece), "") if piece.isdecimal() else (0, 0, piece) for piece in pieces)


def _semantic_key(version: str) -> tuple[tuple[int, ...], bool, _Key]:
    match = _SEMANTIC.fullmatch(version)
    if match is None:
        raise ValueError(version)
    *numbers, before = match.groups()
    parts = before.split(".") if before else []
    # Numbers come before words here, and a version comes after its pre-releases.
    key = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
    return tuple(map(int, numbers)), not parts, key
