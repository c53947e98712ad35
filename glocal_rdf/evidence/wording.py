"""The words of a passage, and of what it stands under: whether they have a name, or the key terms of a phrase.

Key terms are the words of a phrase without those that only join others: in English the words themselves, by their first
letters, so that `city` and `cities` are one; in Chinese, which writes no spaces, every two characters that stand side
by side.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from glocal_rdf.evidence.values import Values, read_values
from glocal_rdf.forms import HAN, fold_words

__all__ = ["Wording", "list_terms"]

_MORE: Final = 1
"""By how many characters a passage is longer than a name that it has only in part."""

_STEM: Final = 5
"""By how many letters words of other scripts are compared."""

_JOINING_HAN = re.compile("[的之与和及等在为以于并其所由对是有或而了不]")
_JOINING: Final = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by for from in into is it its more not of on or than that the their they this to was"
        " were which who with",
    )
)
_RUNS = re.compile(rf"[{HAN}]+")
_WORDS = re.compile(rf"[^\s,{HAN}]+")


@dataclass(frozen=True)
class Wording:
    """The text of the passages of a claim, and of what they stand under.

    Attributes:
        passages: The texts of the passages.
        context: The texts that they stand under.
        documents: The documents of the passages.
        titles: The titles of these.
    """

    passages: tuple[str, ...]
    context: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    @cached_property
    def words(self) -> str:
        """The text of the passages, folded."""
        return _fold_all(self.passages)

    @cached_property
    def all_words(self) -> str:
        """The text of the passages and of what they stand under, folded."""
        return f"{self.words}\n{_fold_all(self.context)}"

    @cached_property
    def terms(self) -> frozenset[str]:
        """The key terms of the passages and of what they stand under."""
        return list_terms(self.all_words)

    @cached_property
    def values(self) -> Values:
        """The dates and numbers of the passages."""
        return read_values(" \n ".join(self.passages))

    @cached_property
    def context_values(self) -> Values:
        """The dates and numbers of what the passages stand under."""
        return read_values(" \n ".join(self.context))

    @cached_property
    def title_words(self) -> str:
        """The titles of the documents, folded."""
        return _fold_all(self.titles)

    def has_title_words(self, folded: str) -> bool:
        """Return whether the titles of the documents have words (as `fold_words` folds them)."""
        return bool(folded.strip(" ,")) and folded.strip(",") in self.title_words

    def has_words(self, folded: str) -> bool:
        """Return whether the passages, or what they stand under, have words (as `fold_words` folds them)."""
        return bool(folded.strip(" ,")) and folded.strip(",") in self.all_words

    def is_almost(self, folded: str) -> bool:
        """Return whether the one passage is words (as `fold_words` folds them) with one character more.

        Who cites a name by itself has the whole of it: `城市聯` is not a name in the passage `城市聯盟`.
        """
        text, words = self.words.strip(" ,"), folded.strip(" ,")
        return len(self.passages) == 1 and words in text and 0 < len(text) - len(words) <= _MORE and "," not in text

    def share_of(self, terms: Collection[str]) -> float:
        """Return what share of key terms the passages and what they stand under have; 0 where there are none."""
        return sum(term in self.terms for term in terms) / len(terms) if terms else 0.0

    @cached_property
    def compact(self) -> str:
        """The text of the passages without white space, for what is not made of words, such as an address."""
        return re.sub(r"\s+", "", "".join(self.passages)).casefold()


def list_terms(words: str) -> frozenset[str]:
    """List the key terms of a text that is folded (`fold_words`).

    Examples:
        >>> sorted(list_terms(fold_words("cooperation of cities")))
        ['citie', 'coope']
        >>> list_terms(fold_words("城市的合作")) == {"城市", "合作"}, list_terms("")
        (True, frozenset())
    """
    terms = {word[:_STEM] for word in _WORDS.findall(words) if word not in _JOINING}
    for run in _RUNS.findall(words):
        for part in _JOINING_HAN.split(run):
            terms.update(part[at : at + 2] for at in range(len(part) - 1))
    return frozenset(terms)


def _fold_all(texts: Collection[str]) -> str:
    return "\n".join(f" {fold_words(text)} " for text in texts)
