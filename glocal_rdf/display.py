"""Texts from data as people may see them: on one line, with nothing in them that a terminal or a page would obey."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

__all__ = ["as_html_table", "as_markdown_cell", "one_line", "visible", "visible_lines"]

# The control characters of C0 and C1 and DEL; those that turn the direction of what follows, end a line or hide;
# halves of surrogate pairs, which Python makes of bytes that are not UTF-8; and the invisible tags of plane 14.
_UNSEEN: Final = (
    "\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_ONE_LINE: Final = re.compile(f"[{_UNSEEN}]")
_LINES: Final = re.compile(rf"[^\n\t\x20-\x7e\xa0-\U0010ffff]|(?![\n\t])[{_UNSEEN}]")
_BREAKS: Final = re.compile(r"[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_MARKUP: Final = re.compile(r"[\\`|*\[~]|(?<!\w)_|_(?!\w)")
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"{}|\\^`&]*")


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00  # a byte of an argument or file name that is not UTF-8
    wide = f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return _SHORT.get(character) or (f"\\x{code:02x}" if code <= 0xFF else wide)


def visible(text: str) -> str:
    r"""Write a text on one line, with its control characters as escapes.

    Examples:
        >>> print(visible("a\r\n\x1b[31mb\u202e"))
        a\r\n\x1b[31mb\u202e
    """
    return text if text.isprintable() else _ONE_LINE.sub(_escape, text)


def one_line(text: str) -> str:
    r"""Write a text on one line for people: line breaks and tabs are a space, other control characters escapes.

    Examples:
        >>> print(one_line("a\r\n\x1b[31mb"))
        a \x1b[31mb
    """
    return visible(_BREAKS.sub(" ", text))


def visible_lines(text: str) -> str:
    r"""Write the control characters of a text as escapes, but for its line feeds and tabs.

    Examples:
        >>> visible_lines("a\n\x1b[31mb") == "a\n\\x1b[31mb"
        True
    """
    return _LINES.sub(_escape, text)


def as_markdown_cell(text: str) -> str:
    r"""Write a text as a cell of a table in GitHub Flavored Markdown: nothing in it ends the cell or is markup.

    An IRI stays as it is, since it is shown as a link; a line break becomes a space.

    Examples:
        >>> print(as_markdown_cell("a\\|b `<i>` name_en"))
        a\\\|b \`&lt;i>\` name_en
    """
    one_line = visible(re.sub(r"\s+", " ", text))
    if _ADDRESS.fullmatch(one_line):
        return one_line
    return _MARKUP.sub(r"\\\g<0>", one_line.replace("&", "&amp;").replace("<", "&lt;"))


def as_html_table(columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Write a table in HTML for a notebook; nothing in its texts is markup.

    Args:
        columns: The heads of the columns.
        rows: The cells, row by row.
        caption: The caption; none where it is empty.

    Examples:
        >>> as_html_table(["name"], [["<b>"]], "One row")
        '<table><caption>One row</caption><tr><th>name</th></tr><tr><td>&lt;b&gt;</td></tr></table>'
    """

    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(visible(cell))}</{tag}>" for cell in cells) + "</tr>"

    head = f"<caption>{escape(visible(caption))}</caption>" if caption else ""
    return f"<table>{head}{line(columns, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"
