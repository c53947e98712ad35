"""Turns whatever ends a run into one line on stderr and an exit code: 0, 1, 2, or 130 for Ctrl-C.

Our own errors say where, what, and a hint. Whatever else is raised is an error of the machine (a full disk, too little
memory) or one of ours that nobody foresaw; that too is one line, and `--debug` shows where in the code it came from.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import click

from glocal_rdf.errors import GlocalError, OutputError

__all__ = ["run_guarded"]

_LONGEST = 200
"""How many characters of a message that is not ours are shown."""


def run_guarded(action: Callable[[], object], *, debug: bool) -> int:
    """Run the command, and return its exit code; say on stderr what ended it, in one line."""
    from glocal_rdf.cli.streams import flush_output

    try:
        result = action()
        code = result if isinstance(result, int) else 0
    except BaseException as error:  # noqa: BLE001 - the one door: whatever happens ends in one line
        code = _end(error, debug=debug)
    try:
        if warning := flush_output():
            click.echo(warning, err=True)
    except (OutputError, OSError) as error:
        return max(code, _end(error, debug=debug))
    except KeyboardInterrupt:
        return 130
    return code


def _end(error: BaseException, *, debug: bool) -> int:
    """Say what an exception means; return the exit code, also where stderr cannot be written."""
    try:
        return _tell(error, debug=debug)
    except OSError:
        return 2


def _tell(error: BaseException, *, debug: bool) -> int:
    """Say what an exception means; return the exit code. What ends the process by itself is raised again."""
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, click.Abort):
        if isinstance(error.__cause__, EOFError):
            _say("stdin: ended before all was read")
            return 2
        return 130
    if debug:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    if isinstance(error, GlocalError):
        from glocal_rdf.cli.terminal import print_problems

        print_problems(error.problems)
        return 2
    if isinstance(error, click.ClickException):
        return _end_usage(error)
    if isinstance(error, BrokenPipeError):
        return 0  # whoever reads the output has seen enough
    _say(_describe(error))
    return 2


def _end_usage(error: click.ClickException) -> int:
    """Say what is wrong with the arguments, and which help to read."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return error.exit_code
    line = " ".join(error.format_message().split("\n")).strip().removesuffix(".")
    _say(f"{context.command_path}: {line}; see {context.command_path} --help" if context else line)
    return error.exit_code


def _describe(error: BaseException) -> str:
    """Describe an exception that is not ours."""
    name = type(error).__name__
    text = " ".join(str(error).split())
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if isinstance(error, MemoryError):
        return "there is not enough memory for this; use a smaller input, or a machine with more"
    if isinstance(error, RecursionError):
        return "the input is nested too deeply; make it flatter, or run glocal --debug to see where it is"
    if isinstance(error, OSError):
        if not _folder_exists():
            return "the folder that you are in was deleted; change to another one"
        where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
        where = where if len(where) <= _LONGEST else where[: _LONGEST - 1] + "…"
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
    """Tell whether the process may take only so much memory: libraries fail in odd ways where there is no more."""
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


def _say(line: str) -> None:
    from glocal_rdf.display import visible

    click.echo(visible(line), err=True)
