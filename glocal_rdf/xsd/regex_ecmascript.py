"""Rewrites a regular expression of ECMAScript so that Polars can match it in linear time.

The `format` of strings, durations and other types is a regular expression in ECMAScript's syntax (Model for Tabular
Data, sections 6.4.5 and 6.4.6). Polars' engine never backtracks, so no pattern can make it slow; what it cannot do at
all (back-references, look-around other than at the start) is refused with an InputError.
"""

from __future__ import annotations

import re

import polars as pl

from glocal_rdf.errors import InputError

# What the classes of ECMAScript hold: digits and letters are those of ASCII, white space is that of Unicode and U+FEFF.
_CLASSES = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": r"\t\n\x0B\x0C\r\x20\xA0\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}",
}
_ANY = r"[^\n\r\x{2028}\x{2029}]"
_CODE = re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}")
_CONTROL = re.compile(r"c([A-Za-z])")
# Groups that other engines know: flags but for those that ECMAScript has too, comments, atomic groups, names with P.
_OTHER_GROUP = re.compile(r"\(\?(?![:=!<]|[ims]*(?:-[ims]+)?[:)])[^)]{0,9}")
_LONGEST = 10_000


def compile_pattern(pattern: str) -> tuple[str, tuple[tuple[bool, str], ...]]:
    """Return an anchored pattern for Polars, and the look-aheads at its start as (wanted, pattern).

    Raises:
        InputError: Where the pattern is malformed or beyond a matcher without backtracking.

    Examples:
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
            message = next((r for r in reason if r.startswith("error:")), reason[0])
            raise InputError(
                f"is not a regular expression that can be matched here: {message.removeprefix('error: ')}"
            ) from error
    return main, tuple(conditions)


def matches(text: pl.Expr, pattern: str) -> pl.Expr:
    """Return for each text whether the whole of it matches."""
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
    raise InputError("is not a regular expression: a group is not closed")


def _translate(pattern: str) -> str:
    r"""Write what ECMAScript writes differently: classes, `.`, `\uXXXX`, `\/`, brackets and marks inside classes."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            text, at = _escape(pattern, at + 1, inside=False)
            out.append(text)
        elif character == "[":
            text, at = _class(pattern, at + 1)
            out.append(text)
        elif character == ".":
            out.append(_ANY)
            at += 1
        elif character == "(" and (found := _OTHER_GROUP.match(pattern, at)):
            raise InputError(
                f"is not a regular expression that can be matched here: {found[0]} is not one of ECMAScript"
            )
        else:
            if character in "*+?" and pattern[at + 1 : at + 2] in {"*", "+"}:
                raise InputError(f"is not a regular expression: {pattern[at : at + 2]} has nothing to repeat")
            out.append(character)
            at += 1
    return "".join(out)


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Write a class, which begins after its bracket; return where it ends too."""
    out = ["["]
    if pattern[at : at + 1] == "^":
        out.append("^")
        at += 1
    while at < len(pattern) and pattern[at] != "]":
        low, at = _member(pattern, at)
        out.append(low)
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in {"]", ""}:
            high, at = _member(pattern, at + 1)
            out.append(f"-{high}")
    return "".join(out) + pattern[at : at + 1], at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "\\":
        return _escape(pattern, at + 1, inside=True)
    return ("\\" if pattern[at] in "[&~-^" else "") + pattern[at], at + 1


def _escape(pattern: str, at: int, *, inside: bool) -> tuple[str, int]:
    """Write an escape, whose letter is at a place; return where it ends too."""
    if at == len(pattern):
        raise InputError("is not a regular expression: it ends with a backslash")
    character = pattern[at]
    if character.lower() in _CLASSES:
        members = _CLASSES[character.lower()]
        return (
            members if inside and character.islower() else f"[{'' if character.islower() else '^'}{members}]"
        ), at + 1
    if found := _CODE.match(pattern, at):
        return f"\\x{{{found.group(1) or found.group(2) or found.group(3)}}}", found.end()
    if found := _CONTROL.match(pattern, at):
        return f"\\x{{{ord(found[1]) % 32:X}}}", found.end()
    if character.isdigit() and character != "0":
        raise InputError("uses a back-reference, which cannot be matched in bounded time")
    if character == "0":
        return "\\x00", at + 1
    if character == "b":
        return "\\x08" if inside else r"(?-u:\b)", at + 1
    if character in "tnrfvpP" or (character == "B" and not inside):
        return "\\" + character, at + 1
    if character.isascii() and character.isalnum():
        raise InputError(f"is not a regular expression: \\{character} is not an escape of ECMAScript")
    return (
        "\\" + character if character.isascii() and character.isprintable() and character != " " else character
    ), at + 1
