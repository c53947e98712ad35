"""Says what is cut, and where: on pages in their languages, in answers of the API in English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from glocal_rdf.i18n import ENGLISH, message, translatable

if TYPE_CHECKING:
    from glocal_rdf.serve.source.neighbourhood import Neighbourhood
    from glocal_rdf.serve.source.selecting import Cut, CutPart

__all__ = ["note_listed", "note_thing", "write_cut"]

PARTS: Final[Mapping[CutPart, str]] = {
    "statements": translatable("its statements"),
    "nested": translatable("values within its values"),
    "claims": translatable("claims about it"),
    "passages": translatable("its passages"),
    "readings": translatable("claims that were read from it"),
    "against": translatable("claims that contradict these"),
    "mappings": translatable("its mappings"),
    "elsewhere": translatable("what other sources say of it"),
}


def write_cut(cut: Cut, lang: str = ENGLISH) -> str:
    """Write what of a thing is cut, in one sentence.

    Args:
        cut: What it is.
        lang: The language.

    Examples:
        >>> from glocal_rdf.serve.source.selecting import Cut
        >>> write_cut(Cut("claims", 1000, 5234))
        'Not all of this is here: claims about it (1,000 of 5,234).'
        >>> write_cut(Cut("claims", 1000, None), "zh-Hant")
        '未列出全部內容：關於此項的主張（列出 1,000 項，還有更多）。'
    """
    part = message(lang, PARTS[cut.part])
    if cut.total is None:
        return message(
            lang, "Not all of this is here: {part} ({number:,}, and there may be more).", part=part, number=cut.number
        )
    return message(
        lang, "Not all of this is here: {part} ({number:,} of {all:,}).", part=part, number=cut.number, all=cut.total
    )


def note_listed(what: str, number: int, total: int | None) -> str:
    """Return a note about a list in an answer of the API; an empty one where it is whole.

    Args:
        what: What is listed.
        number: How many of it are.
        total: How many there are; None where nobody knows.

    Examples:
        >>> note_listed("classes, most frequent first", 500, 1234), note_listed("documents", 3, 3)
        ('Not all of this is here: classes, most frequent first (500 of 1,234).', '')
    """
    if number == total:
        return ""
    numbers = f"{number:,}, and there may be more" if total is None else f"{number:,} of {total:,}"
    return f"Not all of this is here: {what} ({numbers})."


def note_thing(near: Neighbourhood, *, incoming: bool = True) -> str:
    """Return a note about what of a thing an answer of the API does not have; empty where it has all.

    Args:
        near: What there is of the thing.
        incoming: Whether the answer has what leads to the thing.
    """
    return " ".join(_note(near, incoming=incoming))


def _note(near: Neighbourhood, *, incoming: bool) -> Iterable[str]:
    for predicate, total in near.shortened.items():
        number = sum(row[:2] == (near.thing, predicate) for row in near.statements)
        yield note_listed(f"values of {predicate}", number, total)
    if incoming:
        for predicate, several in near.incoming.items():
            if several.number != len(several.things):
                yield note_listed(f"what leads to it by {predicate}", len(several.things), several.number)
    for cut in near.cuts:
        yield write_cut(cut)
