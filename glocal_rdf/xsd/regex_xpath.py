r"""Reads regular expressions of XPath, and writes them for the engines that match: Rust's, and Python's.

The grammar is that of XML Schema Part 2, appendix G, with what XPath adds: `^` and `$`, reluctant quantifiers, groups
that do not capture, back-references (XPath and XQuery Functions and Operators, section 5.6.1). Where it leaves no
doubt, what other engines allow is read too: `\/` and other escaped marks, `\xHH`, `\uHHHH`, `\b`, names of groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from glocal_rdf.xsd.character_classes import (
    Ranges,
    fold,
    invert,
    is_category,
    ranges_of,
    ranges_of_block,
    subtract,
    unite,
)

__all__ = ["Expression", "PatternError", "translate"]

Engine = Literal["rust", "python"]

MAX_NESTING = 100
"""How deeply groups and classes may be nested."""

_LONGEST = 20_000
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|[xu]\{([0-9A-Fa-f]{1,6})\}")
_PROPERTY = re.compile(r"[pP]\{([A-Za-z0-9_=-]+)\}")
_GROUP = re.compile(r"\?(?:(:)|P?<([A-Za-z_][A-Za-z0-9_]*)>|([ims]*(?:-[ims]+)?)(:|\)))")
_COUNT = re.compile(r"\{([0-9]{1,6})(,?)([0-9]{0,6})\}")
_NATIVE = {
    "s": r"[\t\n\r\x20]", "S": r"[^\t\n\r\x20]", "d": r"\p{Nd}", "D": r"\P{Nd}",
    "w": r"[^\p{P}\p{Z}\p{C}]", "W": r"[\p{P}\p{Z}\p{C}]",
}  # fmt: skip
"""How Rust writes escapes, in a class and outside."""


_ALL, _NONE = r"[\x{0}-\x{10FFFF}]", r"[^\x{0}-\x{10FFFF}]"
"""Every character, and none."""


_POSIX = re.compile(r"\[[:.=]\^?[a-z]+[:.=]\]")


class PatternError(ValueError):
    """The regular expression is not one of XPath's."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression as an engine reads it.

    Attributes:
        text: The expression in the syntax of the engine.
        back_references: Whether it has references to groups.
        size: About how long it is with its counts written out.
        nested: Whether something that repeats a number of times which is not fixed stands within something else that
            does.
    """

    text: str
    back_references: bool
    size: int
    nested: bool


def translate(pattern: str, flags: str = "", engine: Engine = "rust") -> Expression:
    """Write a regular expression of XPath for an engine.

    Args:
        pattern: The expression.
        flags: Some of the letters `smixq`.
        engine: The engine that matches: Rust's, or Python's.

    Raises:
        PatternError: Where it is not one of XPath's.

    Examples:
        >>> translate(r"[a-z-[aeiou]]+").text
        '(?:[[a-z]--[aeiou]]+)'

    https://www.w3.org/TR/xpath-functions-31/#regex-syntax
    """
    if len(pattern) > _LONGEST:
        raise PatternError(f"it is longer than {_LONGEST:,} characters")
    reader = _Reader(pattern, flags, engine)
    if "q" in flags:
        body, size = "".join(map(reader.literal, pattern)), len(pattern)
    else:
        if "x" in flags:
            reader.text = _without_spaces(pattern)
        body, size = reader.alternatives(0)
        if reader.at < len(reader.text):
            raise PatternError("a closing bracket ) has no opening one")
    options = "".join(f for f in "ims" if f in flags and (f == "i" or "q" not in flags))
    return Expression(f"(?{options}:{body})", reader.back_references, size, reader.nested)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a class: ranges of characters, or an escape that names them, as Rust writes it where it can."""

    ranges: Ranges = ()
    text: str = ""
    named: bool = False

    def as_ranges(self, *, folded: bool) -> Ranges:
        """Return the characters; of what is not named also those of other case, if `folded`."""
        if not self.text:
            return fold(self.ranges) if folded and not self.named else self.ranges
        found = ranges_of(next((k for k, v in _NATIVE.items() if v == self.text), self.text[1:]))
        if found is None:
            raise PatternError(f"{self.text} is not a category of XML Schema")
        return found


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of characters, and the class that is taken from it."""

    negated: bool
    parts: tuple[_Part, ...]
    minus: _Class | None = None

    @property
    def named(self) -> bool:
        """Return whether some part is an escape."""
        return any(part.named for part in self.parts) or (self.minus is not None and self.minus.named)

    def native(self) -> str:
        """Write the class for Rust."""
        inside = "".join(part.text or "".join(map(_rust_range, part.ranges)) for part in self.parts)
        text = f"[{'^' if self.negated else ''}{inside}]" if inside else _ALL if self.negated else _NONE
        return text if self.minus is None else f"[{text}--{self.minus.native()}]"

    def ranges(self, *, folded: bool) -> Ranges:
        """Return the characters."""
        whole = unite(part.as_ranges(folded=folded) for part in self.parts)
        whole = invert(whole) if self.negated else whole
        return whole if self.minus is None else subtract(whole, self.minus.ranges(folded=folded))


class _Reader:
    """Reads from left to right; every method gives the text for the engine, most of them its size too."""

    def __init__(self, text: str, flags: str, engine: Engine) -> None:
        self.text = text
        self.at = 0
        self.engine = engine
        self.ignores_case = "i" in flags
        self.many_lines = "m" in flags
        self.back_references = False
        self.nested = False
        self.varying = 0
        self.groups = 0
        self.open: set[int] = set()

    def alternatives(self, depth: int) -> tuple[str, int]:
        if depth > MAX_NESTING:
            raise PatternError(f"its groups are nested deeper than {MAX_NESTING}")
        out: list[str] = []
        size = 1
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.text[self.at] == "|":
                out.append("|")
                self.at += 1
                continue
            piece, own = self.piece(depth)
            out.append(piece)
            size += own
        return "".join(out), size

    def piece(self, depth: int) -> tuple[str, int]:
        begun = self.varying
        atom, size = self.atom(depth)
        inside = self.varying - begun
        quantifier, times = self.quantifier()
        if quantifier and not re.fullmatch(r"\{[0-9]+\}|\??", quantifier):
            self.nested |= inside > 0
        self.varying += bool(quantifier)
        if quantifier and self.quantifier()[0]:
            raise PatternError("two quantifiers follow one another; write the inner part in brackets")
        return atom + quantifier, size * times

    def quantifier(self) -> tuple[str, int]:
        """Read a quantifier, if one comes next: its text, and how often it repeats what stands before."""
        char = self.text[self.at : self.at + 1]
        if char not in {"*", "+", "?", "{"} or not char:
            return "", 1
        times = 1
        if char == "{":
            found = _COUNT.match(self.text, self.at)
            if not found:
                raise PatternError("{ begins no count such as {2} or {2,5}; write \\{ for the character")
            low, comma, high = found.groups()
            if high and (not comma or int(high) < int(low)):
                raise PatternError(f"{found[0]} is too large a count, or has its ends the wrong way round")
            times = max(1, int(high or low))
            quantifier = found[0]
        else:
            quantifier = char
        self.at += len(quantifier)
        if self.text[self.at : self.at + 1] == "?":
            quantifier += "?"
            self.at += 1
        return quantifier, times

    def atom(self, depth: int) -> tuple[str, int]:
        char = self.text[self.at]
        if char == "(":
            return self.group(depth)
        if char == "[":
            return self.characters(self.klass(0)), 4
        if char == "\\":
            return self.escape(), 4
        self.at += 1
        if char in "*+?{":
            raise PatternError(f"{char} has nothing before it to repeat; write \\{char} for the character")
        if char == "$" and self.engine == "python" and not self.many_lines:
            return r"(?:\Z)", 1
        return ((f"(?:{char})" if char in "^$" else char) if char in ".^$" else self.literal(char)), 4

    def group(self, depth: int) -> tuple[str, int]:
        """Read a group from its bracket on."""
        self.at += 1
        head, number = "(", 0
        if self.text[self.at : self.at + 1] == "?":
            found = _GROUP.match(self.text, self.at)
            if not found:
                raise PatternError("XPath has no look-around, and no other group that begins with (?")
            self.at = found.end()
            if found[4] == ")":
                return self.inline(found[3]), 0
            head = "(?:" if found[1] else "(" if found[2] else f"(?{found[3]}:"
        if head == "(":
            self.groups += 1
            number = self.groups
            self.open.add(number)
        body, size = self.alternatives(depth + 1)
        if self.text[self.at : self.at + 1] != ")":
            raise PatternError("an opening bracket ( has no closing one")
        self.at += 1
        self.open.discard(number)
        return f"{head}{body})", size

    def inline(self, flags: str) -> str:
        """Read flags that stand at the beginning, as other engines have them, for the whole pattern."""
        if self.text[: self.at].count("(") != 1 or not self.text.startswith("(?") or not flags.isalpha():
            raise PatternError("flags within the pattern may only stand at its beginning; use sh:flags")
        self.ignores_case |= "i" in flags
        self.many_lines |= "m" in flags
        rest, _ = self.alternatives(1)
        return f"(?{flags}:{rest})"

    def escape(self) -> str:
        found = self.one_escape()
        if isinstance(found, str):
            return self.literal(found) if len(found) == 1 else found
        return self.characters(_Class(negated=False, parts=(found,)))

    def one_escape(self) -> str | _Part:
        """Read an escape: give the character that it stands for, a longer text, or a set with how Rust writes it."""
        text, at = self.text, self.at + 1
        if at == len(text):
            raise PatternError("it ends with a backslash")
        char = text[at]
        self.at = at + 1
        if char in _CONTROL:
            return _CONTROL[char]
        if char in _NATIVE:
            return _Part(text=_NATIVE[char], named=True)
        if char in "iIcC":
            return _Part(ranges_of(char) or (), named=True)
        if found := _HEX.match(text, at):
            self.at = found.end()
            point = int(found[1] or found[2] or found[3], 16)
            if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
                raise PatternError(f"\\{found[0]} is not a character")
            return chr(point)
        if char in "pP":
            return self.property(at)
        if char in "bB":
            return f"\\{char}"
        if char.isdigit() and char != "0":
            return self.reference(at)
        if char.isalnum():
            raise PatternError(f"\\{char} is not an escape of XPath")
        return char

    def property(self, at: int) -> _Part:
        found = _PROPERTY.match(self.text, at)
        if not found:
            raise PatternError("\\p is followed by a category in braces, such as \\p{Lu}")
        self.at = found.end()
        name, sign = found[1], found[0][0]
        if name.startswith("Is"):
            ranges = ranges_of_block(name[2:])
            if ranges is None:
                raise PatternError(f"{name} is not a block of Unicode")
            return _Part(invert(ranges) if sign == "P" else ranges, named=True)
        if not is_category(name) and self.engine == "python":
            raise PatternError(f"{name} is not a category of characters")
        return _Part(text=f"\\{sign}{{{name}}}", named=True)

    def reference(self, at: int) -> str:
        end = at + 1
        while end < len(self.text) and self.text[end].isdigit() and int(self.text[at : end + 1]) <= self.groups:
            end += 1
        number = int(self.text[at:end])
        if number > self.groups or number in self.open:
            raise PatternError(f"\\{number} refers to a group that is not complete before it")
        self.at = end
        self.back_references = True
        # A group that took no part is the empty text.
        return f"(?({number})\\{number}|)" if self.engine == "python" else f"\\{number}"

    def klass(self, depth: int) -> _Class:
        """Read a class from its `[` on."""
        if depth > MAX_NESTING:
            raise PatternError(f"its classes are nested deeper than {MAX_NESTING}")
        self.at += 1
        negated = self.text[self.at : self.at + 1] == "^"
        self.at += negated
        parts: list[_Part] = []
        minus: _Class | None = None
        begun = self.at
        while True:
            if self.at >= len(self.text):
                raise PatternError("a class [ is not closed")
            char = self.text[self.at]
            if char == "]" and self.at > begun:
                self.at += 1
                if not parts:
                    raise PatternError("a class is empty")
                return _Class(negated, tuple(parts), minus)
            if minus is not None:
                raise PatternError("a difference of classes ends the class: [a-z-[aeiou]]")
            if char == "[" and (posix := _POSIX.match(self.text, self.at)):
                raise PatternError(rf"{posix[0]} is not a class of XPath; write one such as \p{{L}} or \d")
            if char == "-" and self.text[self.at + 1 : self.at + 2] == "[" and self.at > begun:
                self.at += 1
                minus = self.klass(depth + 1)
                continue
            low = self.member()
            if not isinstance(low, str):
                parts.append(low)
                continue
            high: str | _Part = low
            if self.text[self.at : self.at + 1] == "-" and self.text[self.at + 1 : self.at + 2] not in {"]", "[", ""}:
                self.at += 1
                high = self.member()
            if not isinstance(high, str) or high < low:
                raise PatternError(f"the range from {low!r} has no end, or one before its beginning")
            parts.append(_Part(((ord(low), ord(high)),)))

    def member(self) -> str | _Part:
        if self.text[self.at] != "\\":
            self.at += 1
            return self.text[self.at - 1]
        found = self.one_escape()
        if isinstance(found, str) and len(found) > 1:
            raise PatternError(f"{found} stands in a class")
        return found

    def characters(self, chosen: _Class) -> str:
        """Write a class. Case is ignored for its characters and ranges, not for its escapes."""
        exact = self.ignores_case and chosen.named
        if self.engine == "rust" and not exact:
            return chosen.native()
        ranges = chosen.ranges(folded=exact)
        if self.engine == "rust":
            text = f"[{''.join(map(_rust_range, ranges))}]" if ranges else _NONE
        else:
            text = f"[{''.join(map(_python_range, ranges))}]" if ranges else "(?!)"
        return f"(?-i:{text})" if exact else text

    def literal(self, char: str) -> str:
        if char.isalnum() or char == "_" or (ord(char) > 0x7F and self.engine == "rust"):
            return char
        return f"\\x{{{ord(char):X}}}" if self.engine == "rust" else re.escape(char)


def _rust_range(ends: tuple[int, int]) -> str:
    low, high = ends
    if 0xD800 <= low <= 0xDFFF:
        low = 0xE000
    if 0xD800 <= high <= 0xDFFF:
        high = 0xD7FF
    if low > high:
        return ""

    def write(point: int) -> str:
        return chr(point) if chr(point).isascii() and chr(point).isalnum() else f"\\x{{{point:X}}}"

    return write(low) if low == high else f"{write(low)}-{write(high)}"


def _python_range(ends: tuple[int, int]) -> str:
    low, high = ends
    return f"\\U{low:08x}" + ("" if low == high else f"-\\U{high:08x}")


def _without_spaces(pattern: str) -> str:
    """Drop white space outside of classes, also after a backslash, as the flag `x` asks."""
    out: list[str] = []
    depth, escaped = 0, False
    for char in pattern:
        if not depth and char in " \t\n\r":
            continue
        out.append(char)
        if not escaped and char in "[]":
            depth = max(0, depth + (1 if char == "[" else -1))
        escaped = char == "\\" and not escaped
    return "".join(out)
