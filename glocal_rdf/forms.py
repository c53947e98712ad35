"""Folds text so that spellings of the same words compare equal: width, case, and the two scripts of Chinese.

Chinese characters fold to the simplified form, for which it is enough to look at one character at a time: to it many
go, and from it there is a choice that only the words around it can make (後 and 后).

A name is folded for comparing it with another name (`normalize_name`) or for finding it in a running text
(`fold_words`), where words in Latin letters have ends and Chinese ones have none.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opencc import OpenCC

__all__ = ["HAN", "fold_characters", "fold_words", "normalize_name"]

HAN: Final = "\u3400-\u9fff\U00020000-\U0003ffff"
"""The Chinese characters, as a range in a class of characters of a pattern."""

_QUOTES: Final = re.compile("[「」『』《》〈〉“”‘’\"'`´]")
_BETWEEN_WORDS: Final = re.compile(r"[\s\-‐‑–—_]+")
_MARKS: Final = re.compile(rf"[^\w\s{HAN}]+")
_LATIN_RUN: Final = re.compile(rf"[^\s,{HAN}]+")
_SPACE_AT_HAN: Final = re.compile(rf"(?<=[{HAN}]) +(?=[{HAN}])")


class _Forms(dict[int, int]):
    """The one form of each character, by code point; of Chinese ones it is looked up once, when they occur."""

    def __missing__(self, code: int) -> int:
        han = 0x3400 <= code <= 0x9FFF or 0x20000 <= code <= 0x3FFFF
        self[code] = ord(_simplifier().convert(chr(code))) if han else code
        return self[code]


# Those that are one in use but not in the dictionary of OpenCC: it keeps 著, 瞭 and 藉, whose simple form is also a
# character of its own, and 姊 is another word for 姐.
_FORMS = _Forms({ord(one): ord(other) for one, other in zip("姊著瞭藉", "姐着了借", strict=True)})


@cache
def _simplifier() -> OpenCC:
    """Load the dictionary of simple forms, which takes some milliseconds, when there is Chinese to normalize."""
    from opencc import OpenCC  # noqa: PLC0415

    return OpenCC("t2s")


def fold_characters(text: str) -> str:
    """Fold width, case and the scripts of Chinese, and keep everything else.

    Examples:
        >>> fold_characters("ＵＣＬＧ 臺北"), fold_characters("")
        ('uclg 台北', '')
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_FORMS)


def normalize_name(text: str) -> str:
    """Fold a name so that its spellings compare equal, in either script of Chinese.

    Examples:
        >>> normalize_name("臺北市 ") == normalize_name("台北市")
        True
        >>> normalize_name("城市聯盟") == normalize_name("城市联盟")
        True
        >>> normalize_name("Energie-Cités"), normalize_name("")
        ('energiecités', '')
    """
    return re.sub(r"[\s\-‐‑–]+", "", unicodedata.normalize("NFKC", text).casefold()).translate(_FORMS)


def fold_words(text: str) -> str:
    r"""Fold a text, or a name to find in it, so that the one contains the other where the text has the name.

    Quotation marks are let go, any other marks become one comma, and a space stands before and after every word that is
    not Chinese: `IDA` is not found in `candidate`. White space between Chinese characters is let go.

    Examples:
        >>> fold_words("「城市聯盟」（Cities\nAlliance）"), fold_words("")
        ('城市联盟, cities alliance ,', '')
        >>> fold_words("IDA") in fold_words("a candidate"), fold_words("UCLG") in fold_words("參加UCLG亞太分會")
        (False, True)
    """
    folded = _QUOTES.sub("", fold_characters(text.strip()))
    folded = _MARKS.sub(",", _BETWEEN_WORDS.sub(" ", folded))
    spaced = re.sub(" +", " ", _LATIN_RUN.sub(r" \g<0> ", folded))
    return _SPACE_AT_HAN.sub("", re.sub(rf"(?<=[{HAN},]) +(?=[{HAN},])", "", spaced))
