"""Regular expressions of XPath and SPARQL (sh:pattern), matched in bounded time (SHACL, section 4.4.3).

Polars matches with an automaton, which never goes back in a text. Back-references are beyond an automaton: they go to
Python's matcher, in a process of its own that is stopped when it takes too long. So does a pattern whose counts make
it very large, on long texts. A pattern that is not one of XPath's is refused.
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

__all__ = ["SECONDS", "check", "find_in_process", "matches"]

SECONDS = 6
"""How long a pattern may take that has to be matched in a process of its own."""

_SHOWN = 200
_LARGE, _TEXT, _MOST = 1_000, 1e8, 1e11
"""From this size on a pattern may be slow, if its size times the bytes of the texts is more than the second number; any
pattern may be, if it is more than the third."""


def check(pattern: str, flags: str, where: str) -> None:
    """Raise ShapesError if a pattern or its flags are wrong, though no text may ever reach it."""
    matches(pl.Series([], dtype=pl.String), pattern, flags, where)


def matches(texts: pl.Series, pattern: str, flags: str, where: str) -> pl.Series:
    """Tell of each text whether the pattern matches a part of it. Raise ShapesError, naming `where`, if it is wrong."""
    unknown = set(flags) - set("smixq")
    if unknown:
        raise ShapesError.at(where, f"sh:flags has {''.join(sorted(unknown))!r}", "the flags are s, m, i, x and q")
    try:
        engine, expression = _compile(pattern, flags)
    except PatternError as error:
        raise _broken(where, pattern, str(error)) from error
    except (pl.exceptions.ComputeError, re.error, OverflowError, RecursionError) as error:
        raise _broken(where, pattern, _reason(error)) from error
    work = expression.size * float(texts.str.len_bytes().sum())
    if engine == "rust" and work <= (_TEXT if expression.size >= _LARGE else _MOST):
        return texts.str.contains(expression.text)
    if engine == "python" and expression.nested:
        kind = "has back-references" if expression.back_references else "is very large"
        what = f"sh:pattern {_shorten(pattern)!r} {kind}, and has repetitions within repetitions"
        hint = "repeat once, or leave one of both out" if expression.back_references else "shorten its counts"
        raise ShapesError.at(where, what, f"such a pattern may take for ever; {hint}")
    if texts.is_empty():
        return pl.Series([], dtype=pl.Boolean)
    asked = texts.fill_null("")
    found = find_in_process(engine, [expression.text], asked.to_list())
    if found is None:
        why = "has back-references and" if expression.back_references else "is very large, and"
        raise ShapesError.at(
            where,
            f"sh:pattern {_shorten(pattern)!r} {why} takes longer than {SECONDS} seconds",
            "repeat less within repetitions, or shorten the counts and the texts",
        )
    return pl.Series(found, dtype=pl.Boolean) & texts.is_not_null()


@lru_cache(maxsize=512)
def _compile(pattern: str, flags: str) -> tuple[Engine, Expression]:
    """Translate a pattern for the engine that can match it; shapes repeat their patterns."""
    expression = translate(pattern, flags)
    if not expression.back_references and _fits(expression.text):
        return "rust", expression
    expression = translate(pattern, flags, "python")
    re.compile(expression.text)
    return "python", expression


def _fits(expression: str) -> bool:
    """Tell whether the automaton of an expression is small enough for Polars. Raise ComputeError if it is wrong."""
    try:
        pl.Series([""]).str.contains(expression)
    except pl.exceptions.ComputeError as error:
        if "size limit" in str(error):
            return False
        raise
    return True


def find_in_process(engine: Engine, patterns: Sequence[str], texts: Sequence[str]) -> list[bool] | None:
    """Tell of each text whether one of the patterns matches a part of it; give none where that takes too long."""
    if not sys.executable:
        return None
    job = json.dumps({"engine": engine, "patterns": patterns, "texts": texts}).encode()
    worker = Path(__file__).with_name("pattern_worker.py")
    try:
        done = subprocess.run(  # noqa: S603 - our own file
            [sys.executable, "-P", str(worker)], input=job, capture_output=True, timeout=SECONDS, check=False
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return [byte == ord("1") for byte in done.stdout] if len(done.stdout) == len(texts) else None


def _reason(error: Exception) -> str:
    lines = [line.strip().removeprefix("regex error: ") for line in str(error).splitlines()] or [type(error).__name__]
    # Where the syntax is wrong, the reason follows a picture of the place.
    return next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[0])


def _broken(where: str, pattern: str, reason: str) -> ShapesError:
    return ShapesError.at(
        where, f"sh:pattern {_shorten(pattern)!r} cannot be read: {reason}", "correct the regular expression"
    )


def _shorten(pattern: str) -> str:
    return pattern if len(pattern) <= _SHOWN else pattern[: _SHOWN - 1] + "…"
