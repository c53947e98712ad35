"""Finds files that are written in another dialect than the one they are read by: another delimiter, or line ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from glocal_rdf.csvw.metadata.model import Dialect, Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.batches import Head

__all__ = ["DELIMITER_NAMES", "check_delimiter", "other_delimiter", "refuse_bare_returns", "warn_of_delimiter"]

DELIMITER_NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def check_delimiter(table: Table, head: Head, problems: ProblemCollector) -> None:
    """Refuse a header of one cell that another delimiter would separate into the described columns.

    Args:
        table: The table as described.
        head: The header of the file.
        problems: Takes what is wrong.

    Raises:
        TableError: With the delimiter as the hint.
    """
    described = [c for c in table.schema.columns if not c.virtual]
    if not table.schema_given or len(described) < 2 or len(head.titles) != 1 or not head.titles[0]:
        return
    for mark, name in DELIMITER_NAMES.items():
        if head.titles[0][0].count(mark) + 1 == len(described) and mark != table.dialect.delimiter:
            wanted = DELIMITER_NAMES.get(table.dialect.delimiter, repr(table.dialect.delimiter))
            hint = f'save it with {wanted}, or set "delimiter" in the dialect'
            problems.fail("", f"is separated by {name}, not by {wanted}", hint, line=1)


def other_delimiter(text: str, delimiter: str, *, anywhere: bool = False) -> str:
    """Return the delimiter that a text seems to be separated by, if it is not the given one; empty if there is none.

    Args:
        text: The text.
        delimiter: The delimiter that it is read by.
        anywhere: Whether the text may hold that too, as a decimal comma.

    Examples:
        >>> other_delimiter("id;name", ","), other_delimiter("id,name", ",")
        (';', '')
    """
    found = {d: text.count(d) for d in DELIMITER_NAMES if d != delimiter}
    best = max(found, key=lambda d: found[d])
    return best if found[best] and (anywhere or delimiter not in text) else ""


def warn_of_delimiter(titles: Sequence[Sequence[str]], delimiter: str, problems: ProblemCollector) -> None:
    """Warn if a header that is not described is one cell that another delimiter would separate.

    Args:
        titles: The titles of each column.
        delimiter: The delimiter that the file is read by.
        problems: Takes the warning.
    """
    if len(titles) != 1 or not titles[0]:
        return
    other = other_delimiter(titles[0][0], delimiter)
    if other:
        what = f"is read as one column, and its header has {DELIMITER_NAMES[other]}"
        hint = 'if they separate columns, set "delimiter" in the dialect (glocal describe writes it)'
        problems.warning("delimiter", what, hint, line=1)


def refuse_bare_returns(start: bytes, dialect: Dialect, problems: ProblemCollector) -> None:
    """Refuse a file whose lines end with CR alone; line feeds in quotes do not count.

    Args:
        start: The first bytes of the file.
        dialect: The dialect.
        problems: Takes what is wrong.

    Raises:
        TableError: Where they do.
    """
    if start.count(b"\r") == start.count(b"\r\n"):
        return
    quote = re.escape((dialect.quote or "").encode())
    bare = re.sub(quote + b"[^" + quote + b"]*(?:" + quote + b"|$)", b"", start) if quote else start
    alone = bare.count(b"\r") - bare.count(b"\r\n")
    if alone and alone >= bare.count(b"\n"):
        hint = 'save it with LF, or set "lineTerminators" in the dialect'
        problems.fail("", "has lines that end with CR alone", hint, line=1)
