"""The options that several commands share, and what is made of their values: a project, a language, a format."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from glocal_rdf.cli.output import print_note
from glocal_rdf.errors import ProjectError
from glocal_rdf.i18n import languages, match_language

__all__ = [
    "FormatName",
    "MemorySize",
    "base_option",
    "base_url_option",
    "complete_files",
    "default_lang",
    "documents_option",
    "dry_run_option",
    "engine_option",
    "format_option",
    "ignore_unsupported_option",
    "json_flag",
    "json_option",
    "lang_option",
    "max_memory_option",
    "no_cache_option",
    "open_cache",
    "open_project",
    "output_option",
    "project_option",
    "refuse_unused",
    "source_option",
    "timeout_option",
]

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.project import Project

    _Type = click.ParamType[str]
    _Size = click.ParamType[int]
else:
    _Type = _Size = click.ParamType


class FormatName(_Type):
    """The name of a format; formats of RDF also have aliases (`ttl`, `nt`, `json-ld`, `xml`, `text/turtle`, …)."""

    name = "format"

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names that a command knows; those of RDF are as in `triples.formats.registry`."""
        self.names = tuple(names)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return the names, for the help."""
        return f"[{'|'.join(self.names)}]"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the names that begin with a text.

        Args:
            ctx: The run of the command.
            param: The option.
            incomplete: The text.
        """
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self.names if name.startswith(incomplete)]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the format's name. Raises BadParameter where it is not one of the names.

        Args:
            value: What was given.
            param: The option.
            ctx: The run of the command.
        """
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


def complete_files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete names of files, where the word may be an address too."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def project_option(function: F) -> F:
    """Add the option --project to a command."""
    return click.option(
        "-p",
        "--project",
        "folder",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The project. Default: the one that the working directory is in, or else the bundled dataset.",
    )(function)


def output_option(function: F) -> F:
    """Add the option --output for one file to a command."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write to a file instead of standard output (-).",
    )(function)


def documents_option(function: F) -> F:
    """Add the option --documents to a command."""
    return click.option(
        "--documents",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        envvar="GLOCAL_DOCUMENTS",
        metavar="DIR",
        help="The folder of the source documents; also GLOCAL_DOCUMENTS. By default documents/ in the project.",
    )(function)


def lang_option(function: F) -> F:
    """Add the option --lang to a command."""
    return click.option(
        "--lang",
        type=click.Choice(languages()),
        default=default_lang,
        show_default="from the locale",
        help="The language of names and reports; errors and help are always in English.",
    )(function)


def format_option(
    names: Iterable[str], *, default: str | None = None, show_default: str | None = None
) -> Callable[[F], F]:
    """Return a decorator that adds the option --format to a command, and the flags that choose some formats.

    The command gets the name of the format as `form`.

    Args:
        names: The formats that the command writes. Where `json` is one of them, --json chooses it too; likewise
            `github` and --github, which is not in the help.
        default: The format that is written where none is chosen.
        show_default: What decides the format where none is chosen, for the help.
    """
    known = tuple(names)

    def decorate(function: F) -> F:
        @wraps(function)
        def run(*args: Any, form: str | None, as_json: bool = False, as_github: bool = False, **values: Any) -> Any:
            ctx, given = click.get_current_context(), click.core.ParameterSource.COMMANDLINE
            for name, chosen in (("json", as_json), ("github", as_github)):
                if not chosen:
                    continue
                if ctx.get_parameter_source("form") is given and form != name:
                    raise click.UsageError(f"--{name} is --format {name}; leave it or --format {form} out.", ctx)
                form = name
                ctx.set_parameter_source("form", given)
            return function(*args, form=form, **values)

        wrapped: Any = run
        if "github" in known:
            wrapped = click.option("--github", "as_github", is_flag=True, hidden=True)(wrapped)
        if "json" in known:
            wrapped = json_flag(wrapped)
        found: F = click.option(
            "-f",
            "--format",
            "form",
            type=FormatName(known),
            default=default,
            show_default=show_default or default is not None,
            help="The format to write.",
        )(wrapped)
        return found

    return decorate


def json_flag(function: F) -> F:
    """Add the flag --json to a command, which gets it as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="The same as --format json.")(function)


def json_option(function: F) -> F:
    """Add the options --format and --json to a command that writes text or JSON, which gets `as_json`."""

    @wraps(function)
    def run(*args: Any, form: str, **values: Any) -> Any:
        return function(*args, as_json=form == "json", **values)

    wrapped: Any = run
    found: F = format_option(("text", "json"), default="text")(wrapped)
    return found


def dry_run_option(function: F) -> F:
    """Add the option --dry-run to a command that writes."""
    return click.option("--dry-run", is_flag=True, help="Print what would be done, and write nothing.")(function)


def source_option(function: F) -> F:
    """Add the option --source to a command."""
    return click.option(
        "--source",
        metavar="FILE|URL",
        shell_complete=complete_files,
        help="Take the data from a file of RDF or a SPARQL endpoint instead of the project.",
    )(function)


def base_url_option(function: F) -> F:
    """Add the option --base-url to a command that writes what stands on a site."""
    return click.option("--base-url", metavar="URL", default="", help="The address that the site will have.")(function)


def base_option(function: F) -> F:
    """Add the option --base to a command that reads a file."""
    return click.option("--base", metavar="IRI", help="The IRI of FILE, which relative IRIs are resolved against.")(
        function
    )


def engine_option(*engines: str) -> Callable[[F], F]:
    """Return a decorator that adds the option --engine to a command; the first engine is the default."""
    return click.option(
        "--engine", type=click.Choice(engines), default=engines[0], show_default=True, help="The SHACL engine."
    )


def ignore_unsupported_option(function: F) -> F:
    """Add the option --ignore-unsupported to a command that validates."""
    return click.option(
        "--ignore-unsupported",
        is_flag=True,
        help="Validate without the rules, functions and targets of SHACL Advanced Features in the shapes graph.",
    )(function)


def timeout_option(function: F) -> F:
    """Add the option --timeout to a command."""
    return click.option(
        "--timeout",
        type=click.IntRange(1, 86_400),
        default=60,
        show_default=True,
        help="Seconds that one query, rule or SPARQL constraint may take.",
    )(function)


class MemorySize(_Size):
    """An amount of memory: bytes, or a number with K, M, G or T (by 1024, as KiB) or KB, MB, GB or TB (by 1000)."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes. Raises BadParameter for what is not a size.

        Args:
            value: What was given.
            param: The option.
            ctx: The run of the command.
        """
        if isinstance(value, int):
            return value
        found = re.fullmatch(
            r"\s*([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*(?:([KMGT])(iB|B)?|B)?\s*", str(value), re.IGNORECASE
        )
        if found is None or float(found[1]) == 0:
            raise click.BadParameter(f"{value!r} is not an amount of memory; write it as 500M or 1.5G.", param=param)
        base = 1000 if (found[3] or "").lower() == "b" else 1024
        return int(float(found[1]) * base ** " KMGT".index((found[2] or " ").upper()))


def max_memory_option(function: F) -> F:
    """Add the option --max-memory to a command."""
    return click.option(
        "--max-memory",
        type=MemorySize(),
        metavar="SIZE",
        help="The memory to take at most, as 500M or 2G; what does not fit is kept in a temporary folder.",
    )(function)


def no_cache_option(function: F) -> F:
    """Add the option --no-cache to a command."""
    return click.option(
        "--no-cache",
        is_flag=True,
        envvar="GLOCAL_NO_CACHE",
        help="Neither read nor write the cache, which keeps what was built until an input changes; also "
        "GLOCAL_NO_CACHE=1. Its folder: GLOCAL_CACHE.",
    )(function)


def open_cache(no_cache: bool) -> Cache | None:
    """Open the user's cache; None with --no-cache, and where there is no folder for it."""
    if no_cache:
        return None
    from glocal_rdf.cache.folder import Cache, find_cache_folder

    folder = find_cache_folder(os.environ)
    return Cache.open(folder) if folder else None


def default_lang() -> str:
    """Return the language of messages that suits the locale, or else English."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return match_language(locale)


def open_project(folder: Path | None, *, strict: bool = False) -> Project:
    """Open the project that was named, or the one around the working directory, or else the bundled one, with a note.

    Args:
        folder: The value of --project.
        strict: Whether a folder that has tables or other parts of a project, but is not one, is an error; for commands
            that validate or write a project.

    Raises:
        ProjectError: Where the folder that was named lacks parts of a project, or, with `strict`, the working
            directory.
    """
    from glocal_rdf.project import TABLE_ENDINGS, Project

    if folder:
        return Project.open(folder)
    try:
        here = Path.cwd()
    except OSError as error:
        raise ProjectError("the working directory was deleted; change to another one") from error
    try:
        found = Project.find(here)
    except ProjectError as error:
        raise ProjectError.of(replace(one, where=os.path.relpath(one.where)) for one in error.problems) from error
    root = found.root.resolve()
    if here.resolve().is_relative_to(root):
        # Messages name files relative to the working directory.
        return Project.open(os.path.relpath(root))
    endings = {*TABLE_ENDINGS, ".ttl", ".rq"}
    parts = sorted(path.name for path in here.iterdir() if path.suffix.lower() in endings) if strict else []
    if parts:
        what = f"is not a project: it has {parts[0]!r}, but no data/csv-metadata.json, ontology/ and shapes/"
        hint = "put the tables into data/ and describe them (glocal describe), or name a project with --project"
        raise ProjectError.at(here, what, hint)
    print_note("there is no project here: using the bundled dataset (name a project with --project)")
    return found


def refuse_unused(ctx: click.Context, *names: str, why: str) -> None:
    """Refuse options that were given and would be ignored.

    Args:
        ctx: The run of the command.
        *names: The names of the parameters.
        why: Completes the sentence about them.

    Raises:
        UsageError: With those that were given.
    """
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if parameter.name in names and source is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{parameter.opts[0]} {why}.", ctx)
