"""Turns every exception that ends a run into one line on stderr and an exit code: 0, 1, 2, or 130 for Ctrl-C.

Our own errors have a location, a fact and a hint. Any other exception is an error of the system (a full disk, too
little memory) or a defect of ours; it is printed on one line too, and `--debug` prints its traceback.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import click

from glocal_rdf.errors import GlocalError, OutputError

__all__ = ["run_guarded"]

MAX_MESSAGE_LENGTH = 200
"""How many characters of a message that is not ours are printed."""


def run_guarded(action: Callable[[], object], *, debug: bool) -> int:
    """Run the command, print what ended it on stderr in one line, and return the exit code."""
    from glocal_rdf.cli.streams import flush_output

    try:
        result = action()
        code = result if isinstance(result, int) else 0
    except BaseException as error:  # noqa: BLE001 - every exception ends here, in one line
        code = _report(error, debug=debug)
    try:
        if warning := flush_output():
            click.echo(warning, err=True)
    except (OutputError, OSError) as error:
        return max(code, _report(error, debug=debug))
    except KeyboardInterrupt:
        return 130
    return code


def _report(error: BaseException, *, debug: bool) -> int:
    """Print an exception, and return the exit code, also where stderr cannot be written."""
    try:
        return _report_or_raise(error, debug=debug)
    except OSError:
        return 2


def _report_or_raise(error: BaseException, *, debug: bool) -> int:
    """Print an exception, and return the exit code. SystemExit is raised again."""
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, click.Abort):
        if isinstance(error.__cause__, EOFError):
            _print_line("stdin: ended before everything was read")
            return 2
        return 130
    if debug:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    if isinstance(error, GlocalError):
        from glocal_rdf.cli.output import print_problems

        print_problems(error.problems)
        return 2
    if isinstance(error, click.ClickException):
        return _report_usage(error)
    if isinstance(error, BrokenPipeError):
        return 0  # the reader of the output closed it
    _print_line(_describe(error))
    return 2


def _report_usage(error: click.ClickException) -> int:
    """Print what is wrong with the arguments, and the command that prints the help."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return error.exit_code
    line = " ".join(error.format_message().split("\n")).strip().removesuffix(".")
    _print_line(f"{context.command_path}: {line}; see {context.command_path} --help" if context else line)
    return error.exit_code


def _describe(error: BaseException) -> str:
    """Describe an exception that is not ours."""
    name = type(error).__name__
    text = " ".join(str(error).split())
    text = text if len(text) <= MAX_MESSAGE_LENGTH else text[: MAX_MESSAGE_LENGTH - 1] + "…"
    if isinstance(error, MemoryError):
        return "there is not enough memory for this; use a smaller input, or a machine with more"
    if isinstance(error, RecursionError):
        return "the input is nested too deeply; make it flatter, or run glocal --debug to see where it is"
    if isinstance(error, OSError):
        if not _folder_exists():
            return "the working directory was deleted; change to another one"
        where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
        where = where if len(where) <= MAX_MESSAGE_LENGTH else where[: MAX_MESSAGE_LENGTH - 1] + "…"
        return (
            f"{where}: {error.strerror or name}" if where else f"the system reports: {error.strerror or text or name}"
        )
    if isinstance(error, UnicodeError):
        return f"a text is not UTF-8 ({text}); check the arguments and the names of files"
    hint = "please report it with what glocal --debug shows"
    if _is_memory_limited():
        hint = "the memory that a process may take is limited here (ulimit -v): raise the limit, or else " + hint
    return f"internal error: {name}: {text or 'no message'}; {hint}"


def _is_memory_limited() -> bool:
    """Return whether the memory of the process is limited: libraries fail in many ways when it is used up."""
    try:
        import resource
    except ImportError:  # Windows
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def _folder_exists() -> bool:
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        return False
    return True


def _print_line(line: str) -> None:
    from glocal_rdf.display import visible

    click.echo(visible(line), err=True)
