"""Rewrites a regular expression of ECMAScript so that Polars can match it in linear time.

The `format` of strings, durations and other types is a regular expression in ECMAScript's syntax (Model for Tabular
Data, sections 6.4.5 and 6.4.6). Polars' engine never backtracks, so no pattern can make it slow; what it cannot do at
all (back-references, look-around other than at the start) is refused with an InputError.
"""

from __future__ import annotations

import re

import polars as pl

from glocal_rdf.errors import InputError

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_"}
_LONGEST = 10_000


def compile_pattern(pattern: str) -> tuple[str, tuple[tuple[bool, str], ...]]:
    """Return an anchored pattern for Polars, and the look-aheads at its start as (wanted, pattern).

    Raises InputError if the pattern is malformed or beyond a matcher without backtracking.

    >>> compile_pattern("[a-z]{2}")
    ('^(?:[a-z]{2})$', ())
    """
    if len(pattern) > _LONGEST:
        raise InputError(f"the regular expression is longer than {_LONGEST} characters")
    conditions: list[tuple[bool, str]] = []
    rest = pattern.removeprefix("^")
    while rest.startswith(("(?=", "(?!")):
        stop = _closing(rest)
        conditions.append((rest[2] == "=", f"^(?:{_translate(rest[3:stop])})"))
        rest = rest[stop + 1 :]
    main = f"^(?:{_translate(rest)})$"
    for candidate in (main, *(c for _, c in conditions)):
        try:
            pl.Series([""]).str.contains(candidate)
        except pl.exceptions.ComputeError as error:
            reason = str(error).strip().splitlines()
            told = next((r for r in reason if r.startswith("error:")), reason[0])
            raise InputError(
                f"is no regular expression that can be matched here: {told.removeprefix('error: ')}"
            ) from error
    return main, tuple(conditions)


def matches(text: pl.Expr, pattern: str) -> pl.Expr:
    """Tell for each text whether the whole of it matches."""
    main, conditions = compile_pattern(pattern)
    result = text.str.contains(main)
    for wanted, condition in conditions:
        found = text.str.contains(condition)
        result = result & (found if wanted else ~found)
    return result


def _closing(text: str) -> int:
    """Return where the group that opens at the start closes."""
    depth, inside, at = 0, False, 0
    while at < len(text):
        character = text[at]
        if character == "\\":
            at += 1
        elif inside:
            inside = character != "]"
        elif character == "[":
            inside = True
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if not depth:
                return at
        at += 1
    raise InputError("is no regular expression: a group is not closed")


def _translate(pattern: str) -> str:
    r"""Write what ECMAScript writes differently: ASCII classes, `\uXXXX`, `\/`, brackets inside classes."""
    out: list[str] = []
    inside, at = False, 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            at += 1
            if at == len(pattern):
                raise InputError("is no regular expression: it ends with a backslash")
            out.append(_escape(pattern, at, inside))
            at += (
                {"u": 4, "x": 2}.get(pattern[at], 0)
                if re.match(r"u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}", pattern[at:])
                else 0
            )
        elif inside:
            if character in "[&~":
                out.append("\\")
            inside = character != "]"
            out.append(character)
        elif character == "[":
            inside = True
            out.append(character)
            if pattern[at + 1 : at + 2] == "^":
                out.append("^")
                at += 1
        else:
            out.append(character)
        at += 1
    return "".join(out)


def _escape(pattern: str, at: int, inside: bool) -> str:
    character = pattern[at]
    if character in "dw":
        return _CLASSES[character] if inside else f"[{_CLASSES[character]}]"
    if character in "DW":
        return f"[^{_CLASSES[character.lower()]}]"
    if found := re.match(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})", pattern[at:]):
        return f"\\x{{{found.group(1) or found.group(2)}}}"
    if character.isdigit() and character != "0":
        raise InputError("uses a back-reference, which cannot be matched in bounded time")
    if character == "0":
        return "\\x00"
    if character.isalpha() or not character.isascii():
        return "\\" + character if character.isascii() else character
    return "\\" + character if not character.isspace() else character
