"""What a picture is: a specification of Vega without words or colours, what its marks mean, and a table.

Vega lays a picture out once. Words, links and names of colours are put in afterwards (`drawing`), for each language, so
that the layout depends neither on the fonts of the machine nor on a language, and nothing of the data is read by Vega.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

__all__ = ["SERIES", "SHAPES", "Cell", "LegendEntry", "Mark", "Picture", "Texts", "placeholder"]

Texts = Mapping[str, str]
"""A text in each language of the site."""

Cell = str | int | Texts
"""What a cell of a table holds: a term in N-Triples syntax (or nothing), a number, or a text of the site."""

SERIES: Final = tuple(f"series-{number}" for number in range(1, 7))
"""The colours that tell categories apart, by the names of their tokens in `pictures.css`."""

SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
"""The shapes that tell the same categories apart for those who do not see the colours."""


class Mark(NamedTuple):
    """What a mark of a picture stands for.

    Attributes:
        texts: Its name, with what else should be known of it.
        path: The path of the page that it leads to; empty where it leads to none.
        label: What is written beside it, if not its name.
    """

    texts: Texts
    path: str = ""
    label: Texts | None = None


class LegendEntry(NamedTuple):
    """What a kind of mark means: its colour (a token), its form, and the words.

    Forms are those of `SHAPES`, and `line`, `bar`, `ring` and `hollow`.
    """

    colour: str
    form: str
    texts: Texts


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """A picture, with the text alternative and the table that give the same.

    Attributes:
        key: Its name in addresses; a page has no two pictures of one key.
        kind: What sort of picture it is: `map`, `timeline`, `network`, `tree` or `series`.
        titles: What it shows.
        descriptions: The same in sentences, with its numbers, for those who do not see it.
        spec: The specification of Vega, of a size in pixels. Colours are names of tokens, texts are placeholders.
        marks: What its marks stand for, by their description in the specification.
        texts: The texts of the placeholders in it.
        labels: Which marks have their names beside them, where there is room; the most important first.
        first: How many of them are named though the room is nearer to other marks.
        lettering: Where names stand: `beside` or `above` the marks, or on up to three lines `beneath` them.
        legend: What the forms and colours mean.
        notes: What is left out, counted otherwise, or to be credited.
        columns: The heads of the columns of the table.
        rows: Its rows.
    """

    key: str
    kind: str
    titles: Texts
    descriptions: Texts
    spec: Mapping[str, Any]
    marks: Mapping[str, Mark] = field(default_factory=dict)
    texts: Mapping[str, Texts] = field(default_factory=dict)
    labels: Sequence[str] = ()
    first: int = 0
    lettering: Literal["beside", "above", "beneath"] = "beside"
    legend: Sequence[LegendEntry] = ()
    notes: Sequence[Texts] = ()
    columns: Sequence[Texts] = ()
    rows: Sequence[Sequence[Cell]] = ()


def placeholder(key: str) -> str:
    """Return the text by which a text of a picture stands in its specification.

    Examples:
        >>> placeholder("row-1")
        '⟦row-1⟧'
    """
    return f"⟦{key}⟧"
