"""Regular expressions of XPath and SPARQL (sh:pattern), matched in bounded time (SHACL, section 4.4.3).

Polars matches with an automaton, which never goes back in a text. An automaton has no back-references: a pattern with
them is matched by Python, in a process of its own that is ended when it takes too long. So is a pattern whose counts
make it very large, on long texts. A pattern that is not one of XPath is an error.

https://www.w3.org/TR/xpath-functions/#regex-syntax
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.xsd.regex_xpath import Engine, Expression, PatternError, translate

__all__ = ["MAX_SECONDS", "check", "match_in_process", "matches"]

MAX_SECONDS = 6
"""The seconds that a pattern may take that is matched in a process of its own."""

MAX_CHARS_SHOWN = 200
LARGE_SIZE = 1_000
"""The size from which a pattern is large."""

MAX_WORK_LARGE, MAX_WORK = 1e8, 1e11
"""The size times the bytes of the texts up to which Polars matches in this process: of a large pattern, and of any."""


def check(pattern: str, flags: str, where: str) -> None:
    """Check a pattern and its flags without a text.

    Args:
        pattern: A regular expression of XPath.
        flags: Some of the letters `smixq`.
        where: The shape's name for messages.

    Raises:
        ShapesError: The pattern or a flag is wrong.
    """
    matches(pl.Series([], dtype=pl.String), pattern, flags, where)


def matches(texts: pl.Series, pattern: str, flags: str, where: str) -> pl.Series:
    """Return for each text whether a pattern matches a part of it; null for null.

    Args:
        texts: The texts.
        pattern: A regular expression of XPath.
        flags: Some of the letters `smixq`.
        where: The shape's name for messages.

    Raises:
        ShapesError: The pattern or a flag is wrong, or the pattern takes too long.

    Examples:
        >>> matches(pl.Series(["Taipei", "Keelung"]), "^t", "i", "S").to_list()
        [True, False]
    """
    unknown = set(flags) - set("smixq")
    if unknown:
        raise ShapesError.at(where, f"sh:flags has {''.join(sorted(unknown))!r}", "the flags are s, m, i, x and q")
    try:
        engine, expression = _compile(pattern, flags)
    except PatternError as error:
        raise _broken(where, pattern, str(error)) from error
    except (pl.exceptions.ComputeError, re.error, OverflowError, RecursionError) as error:
        raise _broken(where, pattern, _reason(error)) from error
    work = expression.size * float(texts.estimated_size())
    if engine == "rust" and work <= (MAX_WORK_LARGE if expression.size >= LARGE_SIZE else MAX_WORK):
        return texts.str.contains(expression.text) if len(texts) else pl.Series([], dtype=pl.Boolean)
    if engine == "python" and expression.nested:
        kind = "has back-references" if expression.back_references else "is very large"
        what = f"sh:pattern {_shorten(pattern)!r} {kind}, and has repetitions within repetitions"
        hint = (
            "remove the back-references, or one of the repetitions"
            if expression.back_references
            else "shorten its counts"
        )
        raise ShapesError.at(where, what, f"such a pattern may never end; {hint}")
    if texts.is_empty():
        return pl.Series([], dtype=pl.Boolean)
    found = match_in_process(engine, [expression.text], texts.fill_null("").to_list())
    if found is None:
        why = "has back-references and" if expression.back_references else "is very large, and"
        raise ShapesError.at(
            where,
            f"sh:pattern {_shorten(pattern)!r} {why} takes longer than {MAX_SECONDS} seconds",
            "have fewer repetitions within repetitions, or shorten the counts and the texts",
        )
    return pl.Series(found, dtype=pl.Boolean) & texts.is_not_null()


@lru_cache(maxsize=512)
def _compile(pattern: str, flags: str) -> tuple[Engine, Expression]:
    """Return the engine that can match a pattern, and the pattern in its syntax; cached, as shapes repeat patterns."""
    expression = translate(pattern, flags)
    if not expression.back_references and _fits(expression.text):
        return "rust", expression
    expression = translate(pattern, flags, "python")
    re.compile(expression.text)
    return "python", expression


def _fits(expression: str) -> bool:
    """Return whether the automaton of an expression is small enough for Polars.

    Raises:
        pl.exceptions.ComputeError: The expression is wrong.
    """
    try:
        pl.Series([""]).str.contains(expression)
    except pl.exceptions.ComputeError as error:
        if "size limit" in str(error):
            return False
        raise
    return True


def match_in_process(engine: Engine, patterns: Sequence[str], texts: Sequence[str]) -> list[bool] | None:
    """Return for each text whether one of the patterns matches a part of it; None where that takes too long.

    Args:
        engine: What matches them.
        patterns: The patterns, in the syntax of the engine.
        texts: The texts.
    """
    if not sys.executable:
        return None
    job = json.dumps({"engine": engine, "patterns": patterns, "texts": texts}).encode()
    worker = Path(__file__).with_name("pattern_worker.py")
    try:
        done = subprocess.run(  # noqa: S603 - our own file
            [sys.executable, "-P", str(worker)], input=job, capture_output=True, timeout=MAX_SECONDS, check=False
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return [byte == ord("1") for byte in done.stdout] if len(done.stdout) == len(texts) else None


def _reason(error: Exception) -> str:
    lines = [line.strip().removeprefix("regex error: ") for line in str(error).splitlines()] or [type(error).__name__]
    # Where the syntax is wrong, the reason follows lines that show the place.
    return next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[0])


def _broken(where: str, pattern: str, reason: str) -> ShapesError:
    return ShapesError.at(
        where, f"sh:pattern {_shorten(pattern)!r} cannot be read: {reason}", "correct the regular expression"
    )


def _shorten(pattern: str) -> str:
    return pattern if len(pattern) <= MAX_CHARS_SHOWN else pattern[: MAX_CHARS_SHOWN - 1] + "…"
