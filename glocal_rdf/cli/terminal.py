"""How the commands print: results to stdout or a file, talk to stderr, tables for terminals."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from glocal_rdf.errors import Problem, ReadWarning

if TYPE_CHECKING:
    from rich.console import Console

    from glocal_rdf.project import Project

__all__ = [
    "console",
    "default_lang",
    "documents_option",
    "lang_option",
    "make_folder",
    "open_project",
    "output_option",
    "print_table",
    "project_option",
    "read_stdin",
    "say",
    "show_warnings",
    "tell_problems",
    "write_result",
]

F = TypeVar("F", bound=Callable[..., Any])
MOST = 50
"""How many problems of one kind are told; the rest is counted."""


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
        help="The language of names and messages.",
    )(function)


def default_lang() -> str:
    """Read the language from the locale: Chinese where it says so, else English."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh-Hant" if locale.lower().startswith("zh") else "en"


def open_project(folder: Path | None) -> Project:
    """Open the project that was named, or the one that this folder lies in, or the bundled one."""
    from glocal_rdf.project import Project

    if folder:
        return Project.open(folder)
    found = Project.find(Path.cwd())
    # Messages name files as the person would: relative to where they are.
    return Project.open(os.path.relpath(found.root)) if Path.cwd().is_relative_to(found.root) else found


def console() -> Console:
    """Make a console that honours NO_COLOR and does not fold lines when it writes to a file or pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 4000, highlight=False, emoji=False, markup=False)


def read_stdin() -> bytes:
    """Read all of stdin."""
    return sys.stdin.buffer.read()


def say(line: str) -> None:
    """Say something to the person, on stderr."""
    click.echo(line, err=True)


@contextlib.contextmanager
def show_warnings() -> Iterator[None]:
    """Show what a reader warns of on stderr, a line each."""

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, ReadWarning):
            say(f"warning: {message}")
        else:
            shown(message, category, *place, **more)

    with warnings.catch_warnings():
        shown = warnings.showwarning
        warnings.simplefilter("always", ReadWarning)
        warnings.showwarning = show
        yield


def tell_problems(problems: Iterable[Problem]) -> None:
    """Tell problems on stderr, a line each; of each kind the first fifty, then how many more there are."""
    told: dict[str, int] = {}
    for problem in problems:
        kind = problem.kind or problem.what
        told[kind] = told.get(kind, 0) + 1
        if told[kind] <= MOST:
            click.echo(f"{'warning: ' if problem.level == 'warning' else ''}{problem}", err=True)
    for kind, count in told.items():
        if count > MOST:
            click.echo(f"… and {count - MOST} more of the kind {kind!r}", err=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on stdout."""
    from rich import box
    from rich.table import Table

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*row)
    console().print(table)


def make_folder(folder: Path) -> Path:
    """Make a folder to write to. Raise OutputError where it cannot be made."""
    from glocal_rdf.errors import OutputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError.at(folder, f"cannot be made: {error.strerror}", "name another folder with -o") from error
    return folder


def write_result(data: bytes | str, output: Path | None) -> None:
    """Write a result to a file, whole or not at all, or to stdout."""
    content = data.encode() if isinstance(data, str) else data
    if output is None or str(output) == "-":
        click.echo(content, nl=False)
        return
    from glocal_rdf.triples.files import write_bytes

    write_bytes(content, output)
