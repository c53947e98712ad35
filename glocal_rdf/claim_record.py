"""Holds a claim as the graph describes it: what it says, where it was read, how it is ranked and qualified."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClaimRecord"]


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim; all parts but `claim`, `rank` and `passages`, which are IRIs, are terms.

    Attributes:
        claim: The claim.
        subject: Its subject.
        predicate: Its predicate.
        objects: Its object; a text in several languages has one for each.
        rank: Its rank.
        passages: The passages that it was read from.
        qualifiers: What qualifies it: pairs of predicate and value.
    """

    claim: str
    subject: str
    predicate: str
    objects: tuple[str, ...]
    rank: str
    passages: tuple[str, ...]
    qualifiers: tuple[tuple[str, str], ...]
