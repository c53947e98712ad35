"""The outline of a text: what each of its lines stands under.

A line stands under headings, under the sentence that introduces it or its list (以下列方式：), and in a table under the
caption and the row of headings, beside the other cells of its row. A reader takes these as said with the line, so that
a passage need not repeat them.

A heading is a short line that does not end a sentence and begins with a mark. Marks of one kind have one level: in
Markdown the number of `#`, or where a number of several parts follows (`## 2 - 3`), the number of its parts; elsewhere
壹、 over 一、 over （一） over 1. A bulleted line that other lines follow is a heading too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

__all__ = ["Outline", "read_outline"]

MAX_HEADING: Final = 100
"""How many characters a heading may have."""

MAX_BULLET: Final = 60
"""How many characters a bulleted heading may have, and the caption of a table."""

_NUMERALS = "一二三四五六七八九十百〇零"
_MARKDOWN = re.compile(r"(#{1,6})\s+(\S.*)")
_PARTS = re.compile(r"\d+(?:\s*[-.‑–]\s*\d+)*(?=\D)")
_BULLET = re.compile(r"[-*•◆]\s+\S")
_MARKS: Final = (
    re.compile(r"[壹貳參肆伍陸柒捌玖拾]+\s*[、.．]"),
    re.compile(rf"第[{_NUMERALS}\d]+[章節篇]"),
    re.compile(rf"[{_NUMERALS}]+\s*[、.．]"),
    re.compile(rf"[（(]\s*[{_NUMERALS}]+\s*[)）]"),
    re.compile(r"\d+\s*[.、．]\s*(?=\D)"),
)
_ITEM = re.compile(rf"(?:[-*•◆]|[（(]?\s*(?:[{_NUMERALS}]+|\d+)\s*[)）、.．])")
_ENDS_SENTENCE = re.compile(r"[。.！!？?；;，,）)]$")
_INTRODUCES = re.compile(r"(?:[:：]|(?:如下|如次|下列)[。:：]?)$")
_NUMBERED, _PLAIN, _BULLETED = 10, 30, 50
"""The first level of numbered headings in Markdown, of those without a number, and of bulleted lines."""


class _Line(NamedTuple):
    """A line of a text: where it begins, and what it stands under."""

    start: int
    context: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """What each line of a text stands under, in the order of the text.

    Attributes:
        title: The title of the text: its first line, where that is short and ends no sentence; else empty.
        lines: Its lines.
    """

    title: str
    lines: tuple[_Line, ...]

    def context(self, start: int, end: int) -> tuple[str, ...]:
        """List what the characters from one position up to another stand under, each text once.

        Args:
            start: The position before the first character, from 0.
            end: The position after the last one.
        """
        first, last = (bisect_right(self.lines, at, key=lambda line: line.start) - 1 for at in (start, end - 1))
        return tuple(dict.fromkeys(text for line in self.lines[max(first, 0) : last + 1] for text in line.context))


def read_outline(text: str) -> Outline:
    r"""Read the outline of a text.

    Examples:
        >>> text = "壹、城市\n一、台北\n設三組：\n1. 甲\n二、台中\n有二。"
        >>> read_outline(text).context(text.index("甲"), len(text))
        ('壹、城市', '一、台北', '1. 甲', '設三組：', '二、台中')
        >>> read_outline("").context(0, 1)
        ()
    """
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return Outline(first if len(first) <= MAX_HEADING and not _ENDS_SENTENCE.search(first) else "", tuple(_read(text)))


def _read(text: str) -> Iterator[_Line]:
    lines = text.split("\n")
    markdown = any(_MARKDOWN.match(line) for line in lines)
    headings: list[tuple[int, str]] = []
    introduction = kind = before = columns = ""
    at = 0
    for line in lines:
        words = line.strip()
        table = "\t" in line
        level = 0 if table else _find_level(words, markdown=markdown)
        if level:
            headings = [heading for heading in headings if heading[0] < level]
            headings.append((level, words))
        context = [heading for _, heading in headings]
        if table:
            columns = columns or line
            context = [before] if 0 < len(before) < MAX_BULLET else context
            context += [columns, line]
        elif words:
            columns, before = "", words
            item = _ITEM.match(words)
            mark = re.sub(rf"[\s\d{_NUMERALS}]+", "1", item[0]) if item else ""
            if introduction and kind in {"", mark}:
                context.append(introduction)
                kind = mark or "the next line alone"
            else:
                introduction = ""
            if _INTRODUCES.search(words):
                introduction, kind = words, ""
        yield _Line(at, tuple(context))
        at += len(line) + 1


def _find_level(line: str, *, markdown: bool) -> int:
    """Return the level of a heading, from 1; 0 for a line that is not one."""
    if found := _MARKDOWN.match(line):
        number = _PARTS.match(found[2])
        return _NUMBERED + len(re.findall(r"\d+", number[0])) if number else _PLAIN + len(found[1])
    if not line or len(line) > MAX_HEADING or "。" in line or "；" in line or line[-1] in ",，、":
        return 0
    if _BULLET.match(line):
        return _BULLETED if len(line) <= MAX_BULLET else 0
    if markdown:
        return 0
    level = next((number for number, mark in enumerate(_MARKS, 1) if mark.match(line)), 0)
    return 0 if level == len(_MARKS) and len(line) > MAX_BULLET else level
