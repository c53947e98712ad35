"""The command `glocal`, one thin file a verb; the only place that prints, prompts or exits."""

from __future__ import annotations

import gc
import logging
import sys
from functools import partial
from importlib import import_module
from typing import Any

import click

from glocal_rdf import __version__
from glocal_rdf.cli.ending import run_guarded
from glocal_rdf.cli.signals import ignore_interrupts, watch_signals
from glocal_rdf.cli.streams import open_streams

__all__ = ["VERBS", "cli", "main"]

VERBS = ("build", "cite", "convert", "coverage", "csvw", "explain", "export", "find", "query", "validate")


class Verbs(click.Group):
    """A group whose commands are imported when they are wanted, and whose errors are one line each and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"glocal_rdf.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse arguments that are not UTF-8, unless they name files that are there."""
        from pathlib import Path

        for argument in args:
            if any("\ud800" <= character <= "\udfff" for character in argument) and not Path(argument).exists():
                raise click.UsageError(f"the argument {argument} is not UTF-8", ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], VERBS, n=1)
            if not near:
                raise
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {near[0]!r}?", ctx) from error

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb."""
        # rdflib logs a traceback for each ill-typed literal; what is wrong with it is ours to tell.
        logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
        from glocal_rdf.cli.terminal import show_warnings

        try:
            with show_warnings():
                return super().invoke(ctx)
        except BrokenPipeError:
            return 0  # whoever reads the output has seen enough; click would exit with 1

    def main(self, *args: Any, standalone_mode: bool = True, **options: Any) -> Any:
        """Run the command; where it stands alone, end in one line and an exit code whatever happens."""
        run = partial(super().main, *args, standalone_mode=False, **options)
        if not standalone_mode:
            return run()
        given = options.get("args", args[0] if args else None)
        sys.exit(run_guarded(run, debug="--debug" in (sys.argv[1:] if given is None else given)))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="glocal")
@click.option("--debug", is_flag=True, help="Show where in the code an error came from: glocal --debug build.")
def cli(**_options: bool) -> None:
    """Turn documents and tables into linked open data that people can trust.

    A project is a folder with ontology/, shapes/ and data/. Inside one the commands work on it; elsewhere they work on
    the bundled dataset of city networks and glocalization.

    \b
    Examples:
      glocal build                       build, check and write the graph
      glocal query --list                the questions that it answers
      glocal explain uclg                everything said about a thing, and where
      glocal validate data.ttl --shapes shapes.ttl

    Exit codes: 0 done or yes, 1 no (does not conform, differs, something was left out), 2 could not be done, 130
    interrupted. Errors and help are in English; results follow --lang or the locale.
    """


def main() -> None:
    """Run the command."""
    # A run ends soon and makes few circles: to look for them at every 700 objects is a tenth of its time.
    gc.set_threshold(100_000, 50, 50)
    try:
        watch_signals()
        open_streams()
        cli(prog_name="glocal")
    except KeyboardInterrupt:  # before or after what run_guarded guards
        sys.exit(130)
    finally:
        ignore_interrupts()
