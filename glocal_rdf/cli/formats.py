"""The option for a format: every name, alias, media type and ending of RDF's formats, and names of other forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

__all__ = ["FormatName"]

if TYPE_CHECKING:
    _Type = click.ParamType[str]
else:
    _Type = click.ParamType


class FormatName(_Type):
    """One of some formats by name; those of RDF also by alias (`ttl`, `nt`, `json-ld`, `xml`, `text/turtle`, …)."""

    name = "format"

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names that the command knows, RDF's as in `triples.formats`."""
        self.names = tuple(names)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Show the names in the help."""
        return f"[{'|'.join(self.names)}]"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Complete a name."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self.names if name.startswith(incomplete)]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the format's own name."""
        from glocal_rdf.errors import InputError
        from glocal_rdf.triples.formats.registry import find_format

        wanted = str(value).lower()
        if wanted in self.names:
            return wanted
        try:
            found = find_format(wanted, None, InputError).name
        except InputError:
            found = ""
        if found in self.names:
            return found
        raise click.BadParameter(f"{value!r} is not a format here; choose one of {', '.join(self.names)}.", ctx, param)
