"""How the commands print: results to stdout or a file, messages to stderr, tables for terminals.

What comes from data is shown with its control characters as escapes, in every table and message; in files and pipes
results that are data (CSV, JSON, RDF) are exact.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from glocal_rdf.display import visible, visible_lines
from glocal_rdf.errors import InputError, OutputError, Problem, ProjectError, ReadWarning

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from glocal_rdf.project import Project

__all__ = [
    "abbreviate",
    "console",
    "default_lang",
    "documents_option",
    "guard_inputs",
    "lang_option",
    "make_folder",
    "open_project",
    "output_option",
    "print_json",
    "print_line",
    "print_note",
    "print_problems",
    "print_table",
    "project_option",
    "read_stdin",
    "refuse_unused",
    "show_warnings",
    "shown",
    "write_result",
]

F = TypeVar("F", bound=Callable[..., Any])
MOST = 50
"""How many problems of one kind are told; the rest is counted."""

LONGEST = 4000
"""How many characters of one line on stderr are shown."""

WIDEST = 300
"""How many characters of the name of a place are shown on stderr."""

NARROWEST = 16
"""How narrow a column of prose may become, in cells of the terminal."""

BREAKS = re.compile(r" |(?<=[\u2e80-\u9fff\uff00-\uff60])|(?=[\u2e80-\u9fff\uff00-\uff60])")
"""Where a line may be broken: at a space, and beside a Chinese character."""

TABLES = {".csv", ".tsv", ".tab", ".xlsx", ".xls", ".ods", ".parquet"}
PARTS = {*TABLES, ".ttl", ".rq"}


def project_option(function: F) -> F:
    """Give a command the option --project."""
    return click.option(
        "-p",
        "--project",
        "folder",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The project to work on. Default: the one this folder lies in, or the bundled dataset.",
    )(function)


def output_option(function: F) -> F:
    """Give a command the option --output for one file."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write to a file instead of the terminal; - is the terminal.",
    )(function)


def documents_option(function: F) -> F:
    """Give a command the option --documents."""
    return click.option(
        "--documents",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        envvar="GLOCAL_DOCUMENTS",
        metavar="DIR",
        help="The folder of the source documents, whose texts are not part of the dataset; also GLOCAL_DOCUMENTS.",
    )(function)


def lang_option(function: F) -> F:
    """Give a command the option --lang."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "zh-Hant"]),
        default=default_lang,
        show_default="from the locale",
        help="The language of names and reports; errors and help are in English.",
    )(function)


def default_lang() -> str:
    """Read the language from the locale: Chinese where it says so, else English."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh-Hant" if locale.lower().startswith("zh") else "en"


def open_project(folder: Path | None, *, strict: bool = False) -> Project:
    """Open the project that was named, or the one that this folder lies in, or the bundled one, and say so.

    With `strict`, for commands that judge or write a project, a folder that has tables or other parts of a project and
    is none yet is an error.
    """
    from glocal_rdf.project import Project

    if folder:
        return Project.open(folder)
    try:
        here = Path.cwd()
    except OSError as error:
        raise ProjectError("the folder that you are in was deleted; change to another one") from error
    try:
        found = Project.find(here)
    except ProjectError as error:
        raise ProjectError.of(replace(one, where=os.path.relpath(one.where)) for one in error.problems) from error
    root = found.root.resolve()
    if here.resolve().is_relative_to(root):
        # Messages name files as the person would: relative to where they are.
        return Project.open(os.path.relpath(root))
    parts = sorted(path.name for path in here.iterdir() if path.suffix.lower() in PARTS) if strict else []
    if parts:
        what = f"is not a project: it has {parts[0]!r}, but no data/csv-metadata.json, ontology/ and shapes/"
        hint = "put the tables into data/ and describe them (glocal csvw --describe), or name a project with --project"
        raise ProjectError.at(here, what, hint)
    print_note("there is no project here: using the bundled dataset (name a project with --project)")
    return found


def console() -> Console:
    """Make a console that honours NO_COLOR and does not fold lines when it writes to a file or pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 4000, highlight=False, emoji=False, markup=False)


def read_stdin() -> bytes:
    """Read all of stdin. Raise InputError where it is closed."""
    if sys.stdin is None or sys.stdin.closed:
        raise InputError.at("stdin", "is closed", "give the input as a file")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise InputError.at("stdin", f"cannot be read ({error.strerror or error})", "give a file") from error


def print_note(text: str) -> None:
    """Say something to the person, on stderr."""
    click.echo(visible_lines(text), err=True)


@contextlib.contextmanager
def show_warnings() -> Iterator[None]:
    """Show what a reader warns of on stderr, a line each."""

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, ReadWarning):
            print_note(f"warning: {message}")
        else:
            usual(message, category, *place, **more)

    with warnings.catch_warnings():
        usual = warnings.showwarning
        warnings.simplefilter("always", ReadWarning)
        warnings.showwarning = show
        yield


def print_problems(problems: Iterable[Problem], *, labelled: bool = False) -> None:
    """Tell problems on stderr, a line each; of each kind the first fifty, then how many more there are.

    Warnings are labelled; errors are with `labelled`, where a result is written all the same.
    """
    told: dict[str, int] = {}
    for problem in problems:
        kind = problem.kind or problem.what
        told[kind] = told.get(kind, 0) + 1
        if told[kind] <= MOST:
            name = problem.where if len(problem.where) <= WIDEST else problem.where[: WIDEST - 1] + "…"
            short = replace(problem, where=name)
            line = f"{problem.level}: {short}" if labelled or problem.level == "warning" else str(short)
            click.echo(visible(line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"), err=True)
    for kind, count in told.items():
        if count > MOST:
            click.echo(visible(f"… and {count - MOST} more of the kind {kind[:LONGEST]!r}"), err=True)


def refuse_unused(ctx: click.Context, *names: str, why: str) -> None:
    """Raise UsageError where options were given that would be ignored; `why` says what they do not go with."""
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if parameter.name in names and source is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{parameter.opts[0]} {why}.", ctx)


def shown(text: str, style: str = "") -> Text:
    """Make a text from data ready to be printed on a console, with its control characters as escapes."""
    from rich.text import Text

    return Text(visible(text), style=style)


def print_line(text: str) -> None:
    """Print a line for people on stdout."""
    click.echo(visible(text))


def print_json(record: object, output: Path | None = None) -> None:
    """Write JSON to a file or stdout, in UTF-8; characters that a terminal would obey are escapes of JSON in it."""
    import json

    text = json.dumps(record, ensure_ascii=False, indent=2)
    odd = "[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
    write_result(re.sub(odd, lambda match: f"\\u{ord(match.group()):04x}", text) + "\n", output)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on stdout.

    On a terminal that is too narrow the words of long columns go on several lines, and where that is not enough each
    row is printed as a block, a line for each value; nothing is cut.
    """
    heads = [visible(head) for head in columns]
    cells = [[visible(cell) for cell in row] for row in rows]
    out = console()
    widths = fit([heads, *cells], out.width)
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


def fit(rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Choose the widths of columns so that they have room, and no word is cut; None where that cannot be."""
    from rich.cells import cell_len

    texts = list(zip(*rows, strict=True))
    wanted = [max(map(cell_len, column)) for column in texts]
    room -= 3 * (len(wanted) - 1)
    if sum(wanted) <= room:
        return wanted
    words = [max((cell_len(word) for text in column for word in BREAKS.split(text)), default=0) for column in texts]
    least = [max(word, min(whole, NARROWEST)) for word, whole in zip(words, wanted, strict=True)]
    spare = room - sum(least)
    if spare < 0:
        return None
    # Each column in turn gets what it wants of an equal part of what is left, those that want least first.
    order = sorted(range(len(wanted)), key=lambda at: wanted[at] - least[at])
    for place, at in enumerate(order):
        more = min(wanted[at] - least[at], spare // (len(order) - place))
        least[at] += more
        spare -= more
    return least


def print_blocks(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print each row as a block: a line for each value that is there, after its name."""
    from rich.cells import cell_len

    width = max(map(cell_len, heads), default=0)
    for number, row in enumerate(rows):
        if number:
            click.echo()
        for head, cell in zip(heads, row, strict=True):
            if cell:
                click.echo(f"{head}{' ' * (width - cell_len(head))}  {cell}")


def can_encode(text: str) -> bool:
    """Tell whether stdout can show a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def make_folder(folder: Path) -> Path:
    """Make a folder to write to. Raise OutputError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError.at(folder, f"cannot be made: {error.strerror}", "name another folder with -o") from error
    return folder


def guard_inputs(output: Path | None, *inputs: Path | None) -> None:
    """Raise OutputError where a result would be written over one of the files that it is made of."""
    if output is None or str(output) == "-" or not output.is_file():
        return
    for path in inputs:
        if path is not None and path.is_file() and path.samefile(output):
            raise OutputError.at(output, "is what the result is made of, and would be overwritten", "name another file")


def write_result(data: bytes | str, output: Path | None) -> None:
    """Write a result to a file, whole or not at all, or to stdout; there a terminal shows no control characters."""
    content = data.encode() if isinstance(data, str) else data
    if output is None or str(output) == "-":
        if sys.stdout.isatty():
            content = visible_lines(content.decode(errors="replace").replace("\r\n", "\n")).encode()
        click.echo(content, nl=False)
        return
    from glocal_rdf.files import write_bytes

    write_bytes(content, output)


def abbreviate(cell: str, prefixes: Mapping[str, str]) -> str:
    """Write an IRI with the prefix of the longest namespace that it begins with; anything else as it is."""
    fits = [(namespace, prefix) for prefix, namespace in prefixes.items() if cell.startswith(namespace)]
    if not fits:
        return cell
    namespace, prefix = max(fits, key=lambda fit: len(fit[0]))
    return f"{prefix}:{cell[len(namespace) :]}"
