"""The commands as a tree: `LEAVES` are those that do something, each with the names of the groups that it is in.

A group is a package in `cli/`, and its commands are modules there; likewise in `operations/` and `tests/cli/`. It has
one page, with the help of the group and of each command.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from glocal_rdf.cli import cli
from glocal_rdf.cli.groups import LazyGroup

__all__ = ["LEAVES", "Words", "find_command"]

Words = tuple[str, ...]
"""What a user types after `glocal`."""


def _walk(group: LazyGroup, before: Words = ()) -> Iterator[Words]:
    for name in group.names:
        words = (*before, name)
        found = find_command(words)
        if isinstance(found, LazyGroup):
            yield from _walk(found, words)
        else:
            yield words


def find_command(words: Words) -> click.Command:
    """Find a command by its words."""
    found: click.Command = cli
    for word in words:
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), word)
        assert inner is not None, words
        found = inner
    return found


assert isinstance(cli, LazyGroup)
LEAVES: tuple[Words, ...] = tuple(_walk(cli))
