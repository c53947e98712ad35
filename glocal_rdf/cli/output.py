"""Prints for the commands: results to stdout or a file, messages to stderr, tables that fit a terminal.

Control characters of data are printed as escapes, in every table and message; in files and pipes results that are data
(CSV, JSON, RDF) are exact.
"""

from __future__ import annotations

import contextlib
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf.cli.progress import hide_progress
from glocal_rdf.display import visible, visible_lines
from glocal_rdf.errors import InputError, Problem, ReadWarning
from glocal_rdf.i18n import message

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = [
    "console",
    "note_open_decisions",
    "print_json",
    "print_line",
    "print_note",
    "print_problems",
    "print_table",
    "read_stdin",
    "show_warnings",
    "shown",
    "translate",
    "without_open_decisions",
    "write_result",
]

MAX_PROBLEMS_PER_KIND = 50
"""How many problems of one kind are printed; the others are counted."""

MAX_LINE_LENGTH = 4000
"""How many characters of one line on stderr are printed."""

MAX_LOCATION_LENGTH = 300
"""How many characters of the location of a problem are printed on stderr."""

MIN_COLUMN_WIDTH = 16
"""How narrow a column of prose may become, in cells of the terminal."""

LINE_BREAKS = re.compile(r" |(?<=[\u2e80-\u9fff\uff00-\uff60])|(?=[\u2e80-\u9fff\uff00-\uff60])")
"""Where a line may be broken: at a space, and beside a Chinese character."""


def console() -> Console:
    """Return a console that honours NO_COLOR and does not fold lines when it writes to a file or pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 4000, highlight=False, emoji=False, markup=False)


def read_stdin() -> bytes:
    """Read all of stdin.

    Raises:
        InputError: Where it is closed.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise InputError.at("stdin", "is closed", "give the input as a file")
    try:
        with hide_progress():  # somebody may type it
            return sys.stdin.buffer.read()
    except OSError as error:
        raise InputError.at("stdin", f"cannot be read ({error.strerror or error})", "give a file") from error


def print_note(text: str) -> None:
    """Print a message on stderr."""
    with hide_progress():
        click.echo(visible_lines(text), err=True)


@contextlib.contextmanager
def show_warnings() -> Iterator[None]:
    """Print the warnings of readers on stderr, one a line, while the context lasts."""

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, ReadWarning):
            print_note(f"warning: {message}")
        else:
            default(message, category, *place, **more)

    with warnings.catch_warnings():
        default = warnings.showwarning
        warnings.simplefilter("always", ReadWarning)
        warnings.showwarning = show
        yield


def print_problems(problems: Iterable[Problem], *, labelled: bool = False) -> None:
    """Print problems on stderr, one a line; of each kind the first fifty, then how many more there are.

    Warnings are labelled; errors are labelled if `labelled`, where a result is written all the same.
    """
    counts: dict[str, int] = {}
    for problem in problems:
        kind = problem.kind or problem.what
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= MAX_PROBLEMS_PER_KIND:
            short = replace(problem, where=_cut(problem.where, MAX_LOCATION_LENGTH))
            line = f"{problem.level}: {short}" if labelled or problem.level == "warning" else str(short)
            print_note(visible(_cut(line, MAX_LINE_LENGTH)))
    for kind, count in counts.items():
        if count > MAX_PROBLEMS_PER_KIND:
            more = count - MAX_PROBLEMS_PER_KIND
            print_note(visible(f"… and {more} more of the kind {kind[:MAX_LINE_LENGTH]!r}"))


def note_open_decisions(problems: Iterable[Problem]) -> None:
    """Print how the open decisions among some problems are taken; nothing where there is none."""
    from glocal_rdf.errors import OPEN_DECISION

    count = sum(problem.kind == OPEN_DECISION for problem in problems)
    if count:
        what = "1 open decision" if count == 1 else f"{count:,} open decisions"
        print_note(f"{what}: glocal describe TABLE lists the options that take them")


def without_open_decisions(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems without open decisions, which are printed where a project is built and not for each question."""
    from glocal_rdf.errors import OPEN_DECISION

    return [problem for problem in problems if problem.kind != OPEN_DECISION]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def shown(text: str, style: str = "") -> Text:
    """Return a text of data to print on a console, with its control characters as escapes."""
    from rich.text import Text

    return Text(visible(text), style=style)


def print_line(text: str) -> None:
    """Print a line on stdout, with control characters as escapes."""
    click.echo(visible(text))


def print_json(record: object, output: Path | None = None) -> None:
    """Write JSON in UTF-8 to a file or stdout; control and formatting characters are escaped as JSON escapes."""
    import json

    text = json.dumps(record, ensure_ascii=False, indent=2)
    odd = "[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
    write_result(re.sub(odd, lambda match: f"\\u{ord(match.group()):04x}", text) + "\n", output)


def translate(texts: Iterable[str], lang: str) -> list[str]:
    """Return messages in a language, such as the heads of a table."""
    return [message(lang, text) for text in texts]


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on stdout.

    On a narrow terminal long cells are wrapped, and where that is not enough each row is printed as a block with a line
    for each value; nothing is cut.
    """
    heads = [visible(head) for head in columns]
    cells = [[visible(cell) for cell in row] for row in rows]
    out = console()
    widths = fit_columns([heads, *cells], out.width)
    if widths is None:
        print_blocks(heads, cells)
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    lines = (
        box.SIMPLE_HEAD if can_encode("─") else box.Box("\n".join(["    ", "    ", " -- ", *["    "] * 5]), ascii=True)
    )
    table = Table(box=lines, pad_edge=False, show_edge=False)
    for head, width in zip(heads, widths, strict=True):
        table.add_column(Text(head), width=width)
    for row in cells:
        table.add_row(*map(Text, row))
    out.print(table)


def fit_columns(rows: Sequence[Sequence[str]], total: int) -> list[int] | None:
    """Return the widths of columns that fit a total width without cutting a word; None where there are none."""
    from rich.cells import cell_len

    texts = list(zip(*rows, strict=True))
    wanted = [max(map(cell_len, column)) for column in texts]
    total -= 3 * (len(wanted) - 1)
    if sum(wanted) <= total:
        return wanted
    words = [
        max((cell_len(word) for text in column for word in LINE_BREAKS.split(text)), default=0) for column in texts
    ]
    least = [max(word, min(whole, MIN_COLUMN_WIDTH)) for word, whole in zip(words, wanted, strict=True)]
    spare = total - sum(least)
    if spare < 0:
        return None
    # Each column gets as much as it needs of an equal share of what is left, those that need least first.
    order = sorted(range(len(wanted)), key=lambda at: wanted[at] - least[at])
    for place, at in enumerate(order):
        more = min(wanted[at] - least[at], spare // (len(order) - place))
        least[at] += more
        spare -= more
    return least


def print_blocks(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print each row as a block: a line for each value that is not empty, after the name of its column."""
    from rich.cells import cell_len

    width = max(map(cell_len, heads), default=0)
    for number, row in enumerate(rows):
        if number:
            click.echo()
        for head, cell in zip(heads, row, strict=True):
            if cell:
                click.echo(f"{head}{' ' * (width - cell_len(head))}  {cell}")


def can_encode(text: str) -> bool:
    """Return whether the encoding of stdout has the characters of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write_result(data: bytes | str, output: Path | None) -> None:
    """Write a result to a file, whole or not at all, or to stdout; on a terminal control characters are escaped."""
    content = data.encode() if isinstance(data, str) else data
    if output is None or str(output) == "-":
        if sys.stdout.isatty():
            content = visible_lines(content.decode(errors="replace").replace("\r\n", "\n")).encode()
        click.echo(content, nl=False)
        return
    from glocal_rdf.files import write_bytes

    write_bytes(content, output)
