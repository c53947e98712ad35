"""Cuts text into records and cells by any dialect, one character class at a time (Model for Tabular Data, section 8).

This reader takes every delimiter, quote, escape and line terminator. It reads headers, and whole files only where the
dialect is beyond the column-wise reader in `parsing.py`; both give the same cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glocal_rdf.csvw.description import Dialect


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line that it starts on (from 1), its raw text, its cells, and what is wrong with it."""

    line: int
    text: str
    cells: tuple[str, ...]
    fault: str = ""


def trim(text: str, mode: str) -> str:
    """Strip white space from a cell as the dialect's `trim` flag says."""
    match mode:
        case "true":
            return text.strip()
        case "start":
            return text.lstrip()
        case "end":
            return text.rstrip()
        case _:
            return text


def scan(text: str, dialect: Dialect, first_line: int = 1) -> Iterator[Record]:
    """Yield the records of a text, faulty ones included.

    >>> [r.cells for r in scan('a,"b, c"|"x",|', Dialect(line_terminators=("|",)))]
    [('a', 'b, c'), ('x', '')]
    """
    enders = sorted(dialect.line_terminators, key=len, reverse=True)
    end = re.compile("|".join(map(re.escape, enders)))
    delimiter, quote, escape = dialect.delimiter, dialect.quote, dialect.escape
    stops = "|".join(map(re.escape, [delimiter, *enders]))
    bare = re.compile(f"(?:(?!{stops}).)*+", re.DOTALL)
    quoted = _quoted_pattern(quote, escape)
    line, at, size = first_line, 0, len(text)
    while at < size:
        start, cells, fault = at, [], ""
        while True:
            if quoted is not None and quote is not None and text.startswith(quote, at):
                match = quoted.match(text, at)
                if match is None:
                    fault = fault or "a quotation mark opens a cell and never closes"
                    cells.append(text[at + len(quote) :])
                    at = size
                else:
                    cells.append(_unquote(match.group(1), quote, escape))
                    at = match.end()
                    rest = bare.match(text, at)
                    if rest is not None and rest.group():
                        fault = fault or f"text follows a closing quotation mark: {_short(rest.group())}"
                        at = rest.end()
            else:
                match = bare.match(text, at)
                value = match.group() if match else ""
                if quote is not None and quote in value:
                    fault = fault or f"a quotation mark stands inside a cell that is not quoted: {_short(value)}"
                cells.append(value)
                at += len(value)
            if at < size and text.startswith(delimiter, at):
                at += len(delimiter)
                continue
            ended = end.match(text, at)
            stop = at
            at = ended.end() if ended else size
            break
        raw = text[start:stop]
        yield Record(line, raw, tuple(trim(c, dialect.trim) for c in cells), fault)
        line += text.count("\n", start, at) if "\n" in "".join(enders) else 1


def _quoted_pattern(quote: str | None, escape: str | None) -> re.Pattern[str] | None:
    if quote is None:
        return None
    q = re.escape(quote)
    if escape is None:
        return re.compile(f"{q}((?:(?!{q}).)*+){q}", re.DOTALL)
    if escape == quote:
        return re.compile(f"{q}((?:(?:(?!{q}).)++|{q}{q})*+){q}", re.DOTALL)
    e = re.escape(escape)
    return re.compile(f"{q}((?:(?:(?!{q}|{e}).)++|{e}.)*+){q}", re.DOTALL)


def _unquote(body: str, quote: str, escape: str | None) -> str:
    if escape is None or escape not in body:
        return body
    if escape == quote:
        return body.replace(quote + quote, quote)
    return re.sub(re.escape(escape) + "(.)", r"\1", body, flags=re.DOTALL)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
