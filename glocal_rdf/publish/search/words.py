"""Folds texts and cuts them into terms, in the same way as `static/search.js` does with what is searched for.

1. Width, case, the two scripts of Chinese and marks on letters are folded (`fold_text`). The browser has a table for
   what its own functions do not fold (`fold_table`).
2. A run of Chinese, Japanese or Korean characters is cut into pairs of neighbours, and its last character alone: so
   any part of a name is found, whatever words a dictionary would see in it. `城市聯盟` is 城市 市聯 聯盟 盟.
3. Another run of letters and digits is a word, without the ending of an English plural (`stem_words`).
"""

from __future__ import annotations

import unicodedata
from typing import Final

import polars as pl

from glocal_rdf.forms import fold_characters

__all__ = ["cut_terms", "fold_table", "fold_text", "join_words", "stem_words"]

_UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}"
_RUN: Final = rf"[{_UNSPACED}]+|[[\p{{L}}\p{{N}}]--[{_UNSPACED}]]+"
_PLAIN: Final = 0x3400
"""Characters before the Chinese ones; few of them are folded otherwise than by making them small."""


def fold_text(text: str) -> str:
    """Fold width, case, the scripts of Chinese, and marks on letters.

    Examples:
        >>> fold_text("Énergie-Cités"), fold_text("臺灣"), fold_text("")
        ('energie-cites', '台湾', '')
    """
    parts = unicodedata.normalize("NFD", fold_characters(text))
    return parts if parts.isascii() else "".join(one for one in parts if unicodedata.category(one) != "Mn")


def fold_table(texts: pl.Series) -> str:
    """Return what a browser has to fold besides making letters small: characters and their forms, by turns.

    Chinese characters are in it whose form occurs in the texts; no other can be found.

    Args:
        texts: The texts, folded.
    """
    known = set(texts.str.extract_all(r"\p{Han}").list.explode().drop_nulls().unique())
    pairs = []
    for code in (*range(0x80, _PLAIN), *range(_PLAIN, 0xA000), *range(0x20000, 0x32000)):
        character = chr(code)
        form = fold_characters(character)
        folded = len(form) == 1 and form != character.lower() and (code < _PLAIN or form in known)
        # What the browser's own normalization changes, it changes before.
        if folded and unicodedata.normalize("NFKC", character) == character:
            pairs.append(character + form)
    return "".join(pairs)


def stem_words(words: pl.Expr) -> pl.Expr:
    """Take the ending of the English plural from words (the S-stemmer of Harman 1991, with `-ches` and the like).

    Args:
        words: A column of words in small letters.

    Examples:
        >>> frame = pl.DataFrame({"word": ["cities", "climates", "processes", "status", "gas", "城市"]})
        >>> frame.select(stem_words(pl.col("word")))["word"].to_list()
        ['city', 'climate', 'process', 'status', 'gas', '城市']
    """
    plural = words.str.contains("^[a-z]{4,}$")
    return (
        pl.when(~plural)
        .then(words)
        .when(words.str.contains("[^ea]ies$"))
        .then(words.str.replace("ies$", "y"))
        .when(words.str.contains("(ss|x|z|ch|sh)es$"))
        .then(words.str.replace("es$", ""))
        .when(words.str.contains("[^us]s$"))
        .then(words.str.replace("s$", ""))
        .otherwise(words)
    )


def join_words(texts: pl.Expr) -> pl.Expr:
    """Join the words of names without what is between them, so that a whole name is one term.

    Args:
        texts: A column of folded names.

    Examples:
        >>> frame = pl.DataFrame({"text": ["world-cities network", "城市 聯盟"]})
        >>> frame.select(join_words(pl.col("text")))["text"].to_list()
        ['worldcitynetwork', '城市聯盟']
    """
    return texts.str.extract_all(_RUN).list.eval(stem_words(pl.element())).list.join("")


def cut_terms(texts: pl.DataFrame) -> pl.DataFrame:
    """Cut texts into terms.

    Args:
        texts: The columns `text` (folded) and any others.

    Returns:
        The other columns and `term`, each once.

    Examples:
        >>> texts = pl.DataFrame({"row": [0, 1], "text": ["城市联盟 iclei", "networks"]})
        >>> cut_terms(texts).sort("row", "term").rows()
        [(0, 'iclei'), (0, '城市'), (0, '市联'), (0, '盟'), (0, '联盟'), (1, 'network')]
    """
    others = [name for name in texts.columns if name != "text"]
    runs = texts.with_columns(run=pl.col("text").str.extract_all(_RUN)).drop("text").explode("run").drop_nulls("run")
    unspaced = pl.col("run").str.contains(rf"^[{_UNSPACED}]")
    words = runs.filter(~unspaced).select(*others, term=stem_words(pl.col("run")))
    characters = (
        runs.filter(unspaced)
        .with_row_index("at")
        .with_columns(one=pl.col("run").str.split(""))
        .drop("run")
        .explode("one")
        .with_columns(next=pl.col("one").shift(-1).over("at"))
    )
    pairs = characters.select(*others, term=pl.concat_str("one", pl.col("next").fill_null("")))
    return pl.concat([words, pairs]).unique()
