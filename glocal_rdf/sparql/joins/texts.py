"""Evaluates functions of texts on columns as the engine of the store does, which has the same regular expressions.

Patterns that could be too large for that engine, and replacements that refer to groups, are left to it.

https://www.w3.org/TR/sparql11-query/#func-strings
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from glocal_rdf.lazy import pl
from glocal_rdf.sparql.joins.unsupported import UnsupportedError

__all__ = ["contains", "cut", "matches", "replace_matches"]

_LONGEST: Final = 500
"""How many bytes a pattern may have: the engine refuses one whose automaton is large, and Polars only a larger one."""

_LARGE: Final = r"(?s)\{|\(\?|(?:\\[A-Za-z].*){9}"
"""Counted repetitions, groups with flags, and many classes."""

_TESTS: Final[Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "CONTAINS": lambda text, part: text.str.contains(part, literal=True),
    "STRENDS": lambda text, part: text.str.ends_with(part),
    "STRSTARTS": lambda text, part: text.str.starts_with(part),
}


def contains(name: str, texts: pl.Series, parts: pl.Series) -> pl.Series:
    """Return whether texts have parts in them, at their start or at their end; null where one of both is.

    Args:
        name: CONTAINS, STRSTARTS or STRENDS.
        texts: The texts.
        parts: The parts.
    """
    both = pl.DataFrame({"text": texts, "part": parts})
    return both.select(_TESTS[name](pl.col("text"), pl.col("part")))["text"]


def matches(texts: pl.Series, patterns: pl.Series, flags: str = "") -> pl.Series:
    """Return whether texts match regular expressions; null where one of both is, or where it is not one.

    Args:
        texts: The texts.
        patterns: The regular expressions.
        flags: The flags of all.

    Raises:
        UnsupportedError: A pattern could be too large, or the flags are not `i`.
    """
    if flags not in {"", "i"}:
        raise UnsupportedError
    distinct = _check_patterns(patterns)
    prefix = "(?i)" if flags else ""
    if len(distinct) == 1 and not patterns.null_count():
        return texts.str.contains(f"{prefix}{distinct[0]}", strict=False)
    both = pl.DataFrame({"text": texts, "pattern": prefix + patterns})
    return both.select(pl.col("text").str.contains(pl.col("pattern"), strict=False))["text"]


def replace_matches(texts: pl.Series, patterns: pl.Series, replacements: pl.Series) -> pl.Series:
    """Replace what matches a regular expression in texts.

    Args:
        texts: The texts.
        patterns: The regular expression, for each text.
        replacements: What takes the place of a match, for each text.

    Raises:
        UnsupportedError: There are several patterns or replacements, one is not a regular expression, a pattern could
            be too large, or a replacement refers to a group.
    """
    distinct, others = _check_patterns(patterns), replacements.unique()
    if texts.is_empty():
        return texts
    if len(distinct) != 1 or len(others) != 1 or patterns.null_count() or others.null_count():
        raise UnsupportedError
    if "$" in others[0] or "\\" in others[0]:
        raise UnsupportedError
    try:
        return texts.str.replace_all(distinct[0], others[0])
    except pl.exceptions.ComputeError as error:
        raise UnsupportedError from error


def cut(texts: pl.Series, parts: pl.Series, *, after: bool) -> pl.Series:
    """Return what comes after the first occurrence of parts, or before it; the empty text where there is none.

    Args:
        texts: The texts.
        parts: The part of each text.
        after: Whether to return what comes after it.
    """
    text, part, at = pl.col("text"), pl.col("part"), pl.col("at")
    found = pl.DataFrame({"text": texts, "part": parts}).with_columns(at=text.str.find(part, literal=True))
    # Positions are those of bytes.
    whole = text.cast(pl.Binary)
    piece = whole.bin.slice(at + part.str.len_bytes()) if after else whole.bin.slice(0, at)
    known = text.is_not_null() & part.is_not_null()
    return found.select(text=pl.when(at.is_not_null()).then(piece.cast(pl.String)).when(known).then(pl.lit("")))["text"]


def _check_patterns(patterns: pl.Series) -> pl.Series:
    """Return each pattern once.

    Raises:
        UnsupportedError: One could be too large.
    """
    distinct = patterns.unique().drop_nulls()
    if ((distinct.str.len_bytes() > _LONGEST) | distinct.str.contains(_LARGE)).any():
        raise UnsupportedError
    return distinct
