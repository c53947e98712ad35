"""What a batch has: statements for items that are there, labels that they lack, and new items."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from glocal_rdf.wikidata.entities.model import Snak, show_value

__all__ = [
    "LABEL_LIMIT",
    "TEXT_LIMIT",
    "Addition",
    "Batch",
    "LeftOut",
    "NewItem",
    "UnwritableError",
    "check_code",
    "fit_text",
]

TEXT_LIMIT: Final = 1500
"""How many characters a string or text of a Wikibase may have."""

LABEL_LIMIT: Final = 250
"""How many characters a label, description or alias may have."""

_CODE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,12})*")


class UnwritableError(ValueError):
    """Something cannot be written into a batch; the message says why."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A statement that is added.

    Attributes:
        item: The item; empty for one that is made new.
        main: The property and the value.
        qualifiers: What qualifies it.
        references: Its references, each with its parts; there is at least one.
        thing: The IRI of our thing.
        claims: The IRIs of our claims.
        exists: Whether the value is there already, and only references are added.
        preferred: Whether we rank it above others, which not every tool can write.
        note: What its curators note about it, for who reviews it.
    """

    item: str
    main: Snak
    qualifiers: tuple[Snak, ...] = ()
    references: tuple[tuple[Snak, ...], ...] = ()
    thing: str = ""
    claims: tuple[str, ...] = ()
    exists: bool = False
    preferred: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item that is made.

    Attributes:
        thing: The IRI of our thing.
        labels: Its labels, by code of language.
        descriptions: Its descriptions, by code of language.
        aliases: Its aliases, by code of language.
        statements: Its statements.
        check: What a person should look at before it is made.
    """

    thing: str
    labels: Mapping[str, str]
    descriptions: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]
    statements: tuple[Addition, ...]
    check: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not in a batch.

    Attributes:
        item: The item, or nothing.
        thing: The IRI of our thing.
        property: The property; empty for a whole item or a label.
        value: The value for people.
        reason: Why.
        claim: The IRI of our claim, or nothing.
    """

    item: str
    thing: str
    property: str
    value: str
    reason: str
    claim: str = ""


@dataclass(frozen=True)
class Batch:
    """What is added to a Wikibase.

    Attributes:
        items: The new items.
        additions: The statements.
        labels: Labels that items lack: item, code of language, text.
        left_out: What is not added.
    """

    items: tuple[NewItem, ...] = ()
    additions: tuple[Addition, ...] = ()
    labels: tuple[tuple[str, str, str], ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=())


def merge_additions(additions: Iterable[Addition]) -> tuple[list[Addition], list[LeftOut]]:
    """Put statements of one value together, with the references of all; one with another time is left out.

    Tools that write batches find a statement by its value, and would give one statement the times of both.

    Args:
        additions: The statements.

    Returns:
        The statements, each value of an item once; and what is left out.
    """
    found: dict[tuple[str, Snak], Addition] = {}
    left_out: list[LeftOut] = []
    for one in additions:
        before = found.get((one.item, one.main))
        if before is None:
            found[one.item, one.main] = one
        elif before.qualifiers == one.qualifiers:
            merged = tuple(dict.fromkeys((*before.references, *one.references)))
            notes = "; ".join(dict.fromkeys(filter(None, (before.note, one.note))))
            claims = tuple(dict.fromkeys((*before.claims, *one.claims)))
            found[one.item, one.main] = replace(before, references=merged, claims=claims, note=notes)
        else:
            why = "the same value is added with another time: add this one by hand"
            shown, claim = show_value(one.main.value), one.claims[0] if one.claims else ""
            left_out.append(LeftOut(one.item, one.thing, one.main.property, shown, why, claim))
    return list(found.values()), left_out


def fit_text(text: str, limit: int = TEXT_LIMIT) -> str:
    r"""Return a text as a Wikibase keeps it: in NFC, on one line, without control characters and space around it.

    Args:
        text: The text.
        limit: How many characters it may have.

    Raises:
        UnwritableError: Where nothing is left of it, or it is too long.

    Examples:
        >>> fit_text("  a\n b ")
        'a b'
    """
    fitted = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    fitted = " ".join(unicodedata.normalize("NFC", fitted).split())
    if not fitted:
        raise UnwritableError("the text is empty")
    if len(fitted) > limit:
        raise UnwritableError(f"the text has {len(fitted):,} characters, and {limit:,} are allowed")
    return fitted


def check_code(code: str) -> str:
    """Return a code of language.

    Raises:
        UnwritableError: Where it is not one.
    """
    if not _CODE.fullmatch(code):
        raise UnwritableError(f"{code[:20]!r} is not the code of a language")
    return code
