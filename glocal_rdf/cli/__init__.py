"""The command `glocal`, one thin module a command; the only code that prints, prompts or exits."""

from __future__ import annotations

import gc
import logging
import sys
from functools import partial
from typing import Any

import click

from glocal_rdf import __version__
from glocal_rdf.cli.exit_codes import run_guarded
from glocal_rdf.cli.groups import LazyGroup
from glocal_rdf.cli.signals import ignore_interrupts, watch_signals
from glocal_rdf.cli.streams import open_streams

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS = (
    "add",
    "build",
    "cite",
    "completion",
    "convert",
    "coverage",
    "csvw",
    "describe",
    "diff",
    "explain",
    "export",
    "find",
    "init",
    "link",
    "load",
    "mcp",
    "publish",
    "query",
    "release",
    "review",
    "serve",
    "validate",
    "wikidata",
)


class CommandGroup(LazyGroup):
    """The group of all commands, whose errors are one line each and exit code 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse arguments that are not UTF-8, unless they name files that are there."""
        from pathlib import Path

        for argument in args:
            if any("\ud800" <= character <= "\udfff" for character in argument) and not Path(argument).exists():
                raise click.UsageError(f"the argument {argument} is not UTF-8", ctx)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        # rdflib logs a traceback for each ill-typed literal, which we report ourselves.
        logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
        from glocal_rdf.cli.output import show_warnings

        try:
            with show_warnings():
                return super().invoke(ctx)
        except BrokenPipeError:
            return 0  # the reader of the output closed it; click would exit with 1

    def main(self, *args: Any, standalone_mode: bool = True, **options: Any) -> Any:
        """Run the command; in standalone mode, end in one line and an exit code whatever happens.

        Args:
            *args: The arguments of click.
            standalone_mode: Whether to end the process, instead of returning or raising.
            **options: The further options of click.
        """
        run = partial(super().main, *args, standalone_mode=False, **options)
        if not standalone_mode:
            return run()
        given = options.get("args", args[0] if args else None)
        sys.exit(run_guarded(run, debug="--debug" in (sys.argv[1:] if given is None else given)))


@click.group(
    cls=CommandGroup,
    package="glocal_rdf.cli",
    names=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="glocal")
@click.option("--debug", is_flag=True, help="Print the traceback of an error: glocal --debug build.")
def cli(**_options: bool) -> None:
    """Turn documents and tables into linked open data that people can trust.

    A project is a folder with ontology/, shapes/ and data/. Commands work on the project that the working directory is
    in, or else on the bundled dataset of city networks and glocalization.

    \b
    Examples:
      glocal build                       build, check and write the graph
      glocal query --list                list the questions about it
      glocal explain uclg                print every statement about a thing, with its source
      glocal validate data.ttl --shapes shapes.ttl

    Exit codes: 0 done or yes, 1 no (does not conform, differs, something was left out), 2 could not be done, 130
    interrupted. Errors and help are in English; results are in the language of --lang or the locale.
    """


def main() -> None:
    """Run the command."""
    # A run ends soon and makes few reference cycles: to look for them at every 700 objects takes a tenth of its time.
    gc.set_threshold(100_000, 50, 50)
    try:
        watch_signals()
        open_streams()
        cli(prog_name="glocal")
    except KeyboardInterrupt:  # before or after what run_guarded guards
        sys.exit(130)
    finally:
        ignore_interrupts()
        # Python looks for reference cycles once more where it ends, though all memory is given back then.
        gc.freeze()
