"""How wide text is, near enough for every font, how it is cut to a width, and where names stand beside their marks.

A full-width character (Chinese, Japanese, Korean) is as wide as the font is high; others are taken for 0.61 of that,
capitals for 0.7, as in the wider of the usual fonts. So the layout is the same whatever fonts a machine has.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

__all__ = ["Box", "cut_to_width", "measure", "place_names", "wrap"]

_WIDE: Final = frozenset("WF")
_NARROW: Final = frozenset("iljftrI.,;:'|!()[] ")


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Return whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def distance(self, x: float, y: float) -> float:
        """Return how far a point is from it."""
        return math.hypot(max(self.left - x, 0, x - self.right), max(self.top - y, 0, y - self.bottom))


def measure(text: str, size: float) -> float:
    """Return how wide a text is, in pixels.

    Args:
        text: The text.
        size: The size of the font, in pixels.

    Examples:
        >>> measure("臺北市", 10), round(measure("Taipei", 10), 1)
        (30.0, 32.3)
    """
    return size * sum(map(_width, text))


def _width(character: str) -> float:
    if unicodedata.east_asian_width(character) in _WIDE:
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    if character in _NARROW:
        return 0.35
    if character in "mwMW@%":
        return 0.9
    return 0.7 if character.isupper() else 0.61


def cut_to_width(text: str, size: float, width: float) -> str:
    """Cut a text that is wider than a width, with an ellipsis.

    Args:
        text: The text.
        size: The size of the font.
        width: The width.

    Examples:
        >>> cut_to_width("Kaohsiung", 10, 200), cut_to_width("世界城市和地方政府聯合組織", 10, 60)
        ('Kaohsiung', '世界城市和…')
    """
    if measure(text, size) <= width:
        return text
    while text and measure(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrap(text: str, size: float, width: float, lines: int) -> list[str]:
    """Break a text into lines of a width, and cut what is more than a number of lines.

    Args:
        text: The text.
        size: The size of the font.
        width: The width of a line.
        lines: How many lines there are at most.

    Examples:
        >>> wrap("World Health Organization", 10, 80, 2), wrap("世界衛生組織", 10, 40, 2)
        (['World Health', 'Organization'], ['世界衛生', '組織'])
        >>> wrap("Northern Taiwan Regional Development Committee", 10, 90, 2)
        ['Northern Taiwan', 'Regional Develo…']
    """
    total = measure(text, size)
    # Lines of about the same width look better than a full one and a single word.
    even = min(width, total / math.ceil(total / width) + size) if total else width
    found = _fill(text, size, even)
    if len(found) > lines:
        found = _fill(text, size, width)
    kept = [*found[: lines - 1], "".join(found[lines - 1 :])]
    return [cut_to_width(line.strip(), size, width) for line in kept if line.strip()]


def _is_nearest(box: Box, mark: str, places: Mapping[str, tuple[float, float]]) -> bool:
    """Return whether a name is not nearer to another mark than to its own, and so taken for that one's."""
    own = box.distance(*places[mark])
    return all(place == places[mark] or box.distance(*place) > own for place in places.values())


def _fill(text: str, size: float, width: float) -> list[str]:
    found: list[str] = []
    for word in _split(text):
        if found and measure((found[-1] + word).lstrip(), size) <= width:
            found[-1] += word
        elif word.strip():
            found.append(word)
    return found


def _split(text: str) -> Iterable[str]:
    """Yield the parts between which a line may break: words with the space before them, and full-width characters."""
    part = ""
    for character in text:
        wide = unicodedata.east_asian_width(character) in _WIDE
        if part and (wide or character == " " or unicodedata.east_asian_width(part[-1]) in _WIDE):
            yield part
            part = ""
        part += character
    if part:
        yield part


def place_names(
    names: Mapping[str, str],
    places: Mapping[str, tuple[float, float]],
    frame: Box,
    size: float,
    *,
    first: int = 0,
    gap: float = 7,
    above: bool = False,
) -> dict[str, tuple[float, float, str]]:
    """Place names beside their marks so that none meets another, or a mark; what finds no room is left out.

    Args:
        names: The names, by mark, the most important first.
        places: Where the marks are; names stay away from all of them.
        frame: What the names stay in.
        size: The size of the font.
        first: How many of the names may be nearer to another mark than to their own, if there is no other room.
        gap: How far they are from their marks.
        above: Whether names stand above their marks rather than beside them.

    Returns:
        For each mark that is named the point where its name is set, and how: `start`, `end` or `middle`.
    """
    taken = [Box(x - 4, y - 4, x + 4, y + 4) for x, y in places.values()]
    found: dict[str, tuple[float, float, str]] = {}

    def place(mark: str, *, anywhere: bool) -> None:
        for at, base, anchor in _list_options(*places[mark], size, gap, above=above):
            width = measure(names[mark], size)
            left = at - {"start": 0.0, "end": width, "middle": width / 2}[anchor]
            box = Box(left, base - size * 0.85, left + width, base + size * 0.2)
            inside = frame.left <= box.left and box.right <= frame.right
            inside = inside and frame.top <= box.top and box.bottom <= frame.bottom
            free = inside and not any(box.meets(other) for other in taken)
            if free and (anywhere or _is_nearest(box, mark, places)):
                taken.append(box)
                found[mark] = at, base, anchor
                return

    order = [mark for mark in names if mark in places and names[mark]]
    for mark in order[:first]:
        place(mark, anywhere=False)
    for mark in order[:first]:
        if mark not in found:
            place(mark, anywhere=True)
    for mark in order[first:]:
        place(mark, anywhere=False)
    return found


def _list_options(x: float, y: float, size: float, gap: float, *, above: bool) -> list[tuple[float, float, str]]:
    """Return the points where a name can be set, the best first."""
    beside = [(x + gap, y + size * 0.35, "start"), (x - gap, y + size * 0.35, "end")]
    over = [(x, y - gap - 1, "middle"), (x, y + size + gap - 1, "middle")]
    corners = [
        (x + 6, y - size * 0.4, "start"),
        (x + 6, y + size * 1.1, "start"),
        (x - 6, y - size * 0.4, "end"),
        (x - 6, y + size * 1.1, "end"),
    ]
    return [*over, *beside, *corners] if above else [*beside, *over, *corners]
