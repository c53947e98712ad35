r"""Sets of characters, as regular expressions of XML Schema name them: `\w`, `\p{Lu}`, `\p{IsBasicLatin}`.

A set is a list of ranges of code points, in order (XML Schema Part 2, appendix G.4.2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from glocal_rdf.xsd.lexical_spaces import NAME_CHAR, NAME_START

__all__ = ["Ranges", "fold", "invert", "is_category", "ranges_of", "ranges_of_block", "subtract", "unite"]

Ranges = tuple[tuple[int, int], ...]

_LAST = 0x10FFFF
_SPACE: Ranges = ((0x9, 0xA), (0xD, 0xD), (0x20, 0x20))
_CATEGORIES = frozenset((
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn",
))  # fmt: skip
# Names that blocks had when XML Schema 1.0 was written.
_FORMER = {
    "Greek": ("GreekandCoptic",),
    "CombiningMarksforSymbols": ("CombiningDiacriticalMarksforSymbols",),
    "CyrillicSupplementary": ("CyrillicSupplement",),
    "PrivateUse": ("PrivateUseArea", "SupplementaryPrivateUseArea-A", "SupplementaryPrivateUseArea-B"),
}
_CASED = ((0x41, 0x1FFFF),)
_RANGE = re.compile(r"\\x\{([0-9A-F]+)\}-\\x\{([0-9A-F]+)\}|\\x\{([0-9A-F]+)\}|\\?(.)-(.)|\\?(.)")


def unite(parts: Iterable[Ranges]) -> Ranges:
    """Return the characters of all sets."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(r for part in parts for r in part):
        if out and low <= out[-1][1] + 1:
            out[-1] = out[-1][0], max(high, out[-1][1])
        else:
            out.append((low, high))
    return tuple(out)


def invert(ranges: Ranges) -> Ranges:
    """Return all other characters."""
    out: list[tuple[int, int]] = []
    at = 0
    for low, high in ranges:
        if at < low:
            out.append((at, low - 1))
        at = high + 1
    return (*out, (at, _LAST)) if at <= _LAST else tuple(out)


def subtract(ranges: Ranges, others: Ranges) -> Ranges:
    """Return the characters of a set that are not in another."""
    return invert(unite([invert(ranges), others]))


def is_category(name: str) -> bool:
    """Return whether XML Schema has a category of characters."""
    return name in _CATEGORIES


def ranges_of(escape: str) -> Ranges | None:
    """Return the characters of an escape without its backslash (`s`, `W`, `P{IsThai}`), or none where it is not one.

    Examples:
        >>> ranges_of("s")
        ((9, 10), (13, 13), (32, 32))
        >>> ranges_of("p{IsThai}")
        ((3584, 3711),)
    """
    if escape[:1] in {"S", "D", "W", "I", "C", "P"}:
        found = ranges_of(escape[0].lower() + escape[1:])
        return None if found is None else invert(found)
    if escape == "s":
        return _SPACE
    if escape == "d":
        return _category("Nd")
    if escape == "w":
        return invert(unite(map(_category, "PZC")))
    if escape in {"i", "c"}:
        return _names(NAME_START if escape == "i" else NAME_CHAR)
    name = escape[2:-1]
    if name.startswith("Is"):
        return ranges_of_block(name[2:])
    return _category(name) if is_category(name) else None


@cache
def _names(text: str) -> Ranges:
    """Read the ranges of a class as Rust writes them."""
    found: list[tuple[int, int]] = []
    for low, high, one, a, b, c in _RANGE.findall(text):
        if one or c:
            found.append((int(one, 16), int(one, 16)) if one else (ord(c), ord(c)))
        else:
            found.append((int(low, 16), int(high, 16)) if low else (ord(a), ord(b)))
    return unite([tuple(found)])


@cache
def _by_category() -> dict[str, Ranges]:
    found: dict[str, list[tuple[int, int]]] = {}
    for point in range(_LAST + 1):
        ranges = found.setdefault(unicodedata.category(chr(point)), [])
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1] = ranges[-1][0], point
        else:
            ranges.append((point, point))
    return {name: tuple(ranges) for name, ranges in found.items()}


@cache
def _category(name: str) -> Ranges:
    return unite(ranges for full, ranges in _by_category().items() if full.startswith(name))


@cache
def _blocks() -> dict[str, Ranges]:
    out: dict[str, Ranges] = {}
    for line in Path(__file__).with_name("blocks.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            ends, _, name = line.partition("; ")
            low, _, high = ends.partition("..")
            out[name.replace(" ", "")] = ((int(low, 16), int(high, 16)),)
    return out


def ranges_of_block(name: str) -> Ranges | None:
    """Return the characters of a block of Unicode, whose name has no spaces; none where there is no such block."""
    blocks = _blocks()
    parts = [blocks[each] for each in _FORMER.get(name, (name,)) if each in blocks]
    return unite(parts) if parts else None


@cache
def _variants() -> dict[int, tuple[int, ...]]:
    """List for each letter the others that differ from it in case alone."""
    groups: dict[str, set[int]] = {}
    for low, high in _CASED:
        for point in range(low, high + 1):
            char = chr(point)
            if char.lower() != char or char.upper() != char:
                for key in {char.lower(), char.upper().lower()}:
                    groups.setdefault(key, set()).add(point)
    return {point: tuple(sorted(group)) for group in groups.values() for point in group if len(group) > 1}


def fold(ranges: Ranges) -> Ranges:
    """Add to a set the letters that differ from its own in case alone (XPath Functions, section 5.6.1.1)."""
    more = [
        (other, other)
        for point, others in _variants().items()
        if any(low <= point <= high for low, high in ranges)
        for other in others
    ]
    return unite([ranges, tuple(more)])
