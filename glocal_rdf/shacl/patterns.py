r"""Regular expressions of XPath and SPARQL (sh:pattern), matched in bounded time (SHACL, section 4.4.3).

Polars matches with an automaton, which never backtracks. What it lacks of XPath's syntax is written in its own: the
name classes `\i` and `\c`, and the difference of classes `[a-z-[aeiou]]`. Back-references cannot be matched by an
automaton: they go to Python's matcher, unless the pattern or the text could make it run for very long.
"""

from __future__ import annotations

import re

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.datatypes import NAME_CHAR, NAME_START

__all__ = ["matches"]

_LONGEST = 2_000
_SHOWN = 200
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_REPEATS = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\d*\})")


def matches(texts: pl.Series, pattern: str, flags: str, where: str) -> pl.Series:
    """Tell of each text whether the pattern matches a part of it. Raise ShapesError, naming `where`, if it is wrong."""
    unknown = set(flags) - set("smixq")
    if unknown:
        raise ShapesError.at(where, f"sh:flags has {''.join(sorted(unknown))!r}", "the flags are s, m, i, x and q")
    if "q" in flags:
        pattern = re.escape(pattern)
        options = "i" if "i" in flags else ""
    else:
        options = "".join(sorted(set(flags)))
        if "x" in options:
            # XPath drops white space before it reads; Rust's flag would read `#` as a comment.
            pattern, options = _without_spaces(pattern), options.replace("x", "")
        if _BACK_REFERENCE.search(pattern):
            return _match_slowly(texts, pattern, options, where)
        pattern = _translate(pattern)
    whole = f"(?{options}:{pattern})" if options else pattern
    try:
        return texts.str.contains(whole)
    except pl.exceptions.ComputeError as error:
        raise _broken(where, pattern, error) from error


def _broken(where: str, pattern: str, error: Exception) -> ShapesError:
    lines = [line.strip().removeprefix("regex error: ") for line in str(error).splitlines()]
    # Where the syntax is wrong, the reason follows a picture of the place.
    reason = next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[0])
    shown = pattern if len(pattern) <= _SHOWN else pattern[: _SHOWN - 1] + "…"
    return ShapesError.at(where, f"sh:pattern {shown!r} cannot be read: {reason}", "mend the pattern")


def _translate(pattern: str) -> str:
    """Write what XPath has and Rust has not in Rust's syntax."""
    out: list[str] = []
    depth = at = 0
    classes = {"i": f"[{NAME_START}]", "I": f"[^{NAME_START}]", "c": f"[{NAME_CHAR}]", "C": f"[^{NAME_CHAR}]"}
    while at < len(pattern):
        char, following = pattern[at], pattern[at + 1 : at + 2]
        if char == "\\" and following in classes:
            out.append(classes[following])
            at += 2
        elif char == "\\":
            out.append(char + following)
            at += 2
        elif depth and char == "-" and following == "[":
            out.append("--")
            at += 1
        elif depth and char in "&~" and following == char:
            out.append(f"\\{char}")
            at += 1
        else:
            if char == "[":
                # In XPath an inner bracket only follows a minus; elsewhere Rust must not see a nested class.
                char = "[" if not depth or pattern[at - 1] == "-" else "\\["
                depth += char == "["
            elif char == "]" and depth:
                depth -= 1
            out.append(char)
            at += 1
    return "".join(out)


def _without_spaces(pattern: str) -> str:
    """Drop white space outside of character classes, as the flag `x` asks."""
    out, depth, escaped = [], 0, False
    for char in pattern:
        if not escaped and char in "[]":
            depth = max(0, depth + (1 if char == "[" else -1))
        if depth or escaped or char not in " \t\n\r":
            out.append(char)
        escaped = char == "\\" and not escaped
    return "".join(out)


def _match_slowly(texts: pl.Series, pattern: str, options: str, where: str) -> pl.Series:
    """Match a pattern with back-references, if it repeats little enough to end soon on texts that are short."""
    longest = texts.str.len_chars().max()
    if len(_REPEATS.findall(pattern)) > 2 or (isinstance(longest, int) and longest > _LONGEST):
        raise ShapesError.at(
            where,
            f"sh:pattern {pattern!r} has back-references, and could take for ever",
            f"use no more than two repetitions, on texts of up to {_LONGEST} characters, or no back-reference",
        )
    try:
        expression = re.compile(
            f"(?{options}:{_python_ends(pattern, options)})" if options else _python_ends(pattern, "")
        )
    except re.error as error:
        raise _broken(where, pattern, error) from error
    return pl.Series([t is not None and expression.search(t) is not None for t in texts], dtype=pl.Boolean)


def _python_ends(pattern: str, options: str) -> str:
    """Write `$` as the end of the text, where Python would also take the place before a last line break."""
    return pattern if "m" in options else re.sub(r"(?<!\\)((?:\\\\)*)\$", r"\1\\Z", pattern)
