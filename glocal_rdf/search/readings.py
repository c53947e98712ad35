"""Reads words as they may have been meant: without accents, in singular and plural, in the usage of a region."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

__all__ = ["HAN", "keep_letters", "list_runs", "read_chinese", "read_english"]

HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
"""A Chinese character."""

MAX_TOKENS: Final = 40
"""How many words, or characters of Chinese, are looked at for names within them."""


def keep_letters(text: str, normalize: Callable[[str], str]) -> str:
    """Fold a text and keep its letters and digits, without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", normalize(text)) if letter.isalnum())


def read_english(words: str) -> tuple[str, str]:
    """Read words in the singular, and the last of them in the plural."""
    singular = re.sub(r"[a-z]{3,}", lambda word: _in_singular(word[0]), words, flags=re.IGNORECASE)
    plural = re.sub(r"[a-z]{3,}(?=[^a-z]*$)", lambda word: _in_plural(word[0]), singular, flags=re.IGNORECASE)
    return singular, plural


def read_chinese(words: str) -> list[str]:
    """Read Chinese in the usage of Taiwan and of the mainland; the dictionary of phrases is slow to load."""
    if not HAN.search(words):
        return []
    from opencc import OpenCC  # noqa: PLC0415

    return [OpenCC(usage).convert(words) for usage in ("s2twp", "tw2sp")]


def _in_singular(word: str) -> str:
    if re.search(r"[^aeiou]ies$", word, re.IGNORECASE):
        return f"{word[:-3]}y"
    if re.search(r"(s|x|ch|sh)es$", word, re.IGNORECASE):
        return word[:-2]
    return re.sub(r"(?<![sui])s$", "", word, flags=re.IGNORECASE)


def _in_plural(word: str) -> str:
    if re.search(r"[^aeiou]y$", word, re.IGNORECASE):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|ch|sh)$", word, re.IGNORECASE) else f"{word}s"


def list_runs(words: str, normalize: Callable[[str], str]) -> set[str]:
    """List the runs of words, and of characters of Chinese, in letters: those that may be a name of their own."""
    tokens = re.findall(rf"{HAN.pattern}|(?:(?!{HAN.pattern})\S)+", words)[:MAX_TOKENS]
    folded = [keep_letters(token, normalize) for token in tokens]
    ends = range(1, len(folded) + 1)
    return {"".join(folded[start:end]) for end in ends for start in range(end)}
