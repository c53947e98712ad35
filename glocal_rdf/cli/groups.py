"""Groups of commands whose modules are imported when they are used: `glocal` itself, and commands with parts."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

__all__ = ["LazyGroup"]


class LazyGroup(click.Group):
    """A group that imports a command when it is used, and names the nearest command where there is none."""

    def __init__(self, *args: Any, package: str, names: Sequence[str], **options: Any) -> None:
        """Take what click takes, and where the commands are.

        Args:
            *args: The arguments of click.
            package: The package that has a module for each command, in which it is called `command`.
            names: The names of the commands.
            **options: The further options of click.
        """
        super().__init__(*args, **options)
        self.package, self.names = package, tuple(names)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.names:
            return None
        command: click.Command = import_module(f"{self.package}.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command.

        Raises:
            UsageError: With the nearest name.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from glocal_rdf.spelling import nearest

            near = nearest(args[0], self.names, limit=1)
            if not near:
                raise
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {near[0]!r}?", ctx) from error
