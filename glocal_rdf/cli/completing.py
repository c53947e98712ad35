"""Completes words of the command line with names of the project: questions, things, documents, shapes, source graphs.

A completion prints nothing but words: what is wrong with a project, the commands report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf.cli.options import complete_files, default_lang

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from glocal_rdf.project import Project

    Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

__all__ = [
    "complete_documents",
    "complete_questions",
    "complete_shapes",
    "complete_source_graphs",
    "complete_things",
    "complete_versions",
]


def complete_questions(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a question."""
    from glocal_rdf.operations.completion import list_question_names

    lang = ctx.params.get("lang") or default_lang()
    return _complete(ctx, incomplete, lambda project: list_question_names(project, lang))


def complete_things(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the slug of a thing, or its kind and slug (`organization/uclg`)."""
    from glocal_rdf.operations.completion import list_things

    return _complete(ctx, incomplete, lambda project: list_things(project, incomplete))


def complete_documents(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the slug of a document; or the name of a file, in an argument, where there is no such slug.

    Args:
        ctx: The run of the command.
        param: The option or argument.
        incomplete: What was typed.
    """
    from glocal_rdf.operations.completion import list_things

    def list_documents(project: Project) -> dict[str, str]:
        beginning = "document/"
        return {thing.removeprefix(beginning): name for thing, name in list_things(project, beginning).items()}

    found = _complete(ctx, incomplete, list_documents)
    return found if found or not isinstance(param, click.Argument) else complete_files(ctx, param, incomplete)


def complete_shapes(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a shape of the project."""
    from glocal_rdf.operations.completion import list_shape_names

    return _complete(ctx, incomplete, list_shape_names)


def complete_source_graphs(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a graph of another source."""
    from glocal_rdf.operations.completion import list_source_names

    return _complete(ctx, incomplete, list_source_names)


def complete_versions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a released version; or the name of a file, where there is no such version.

    Args:
        ctx: The command line up to the word.
        param: The argument that is completed.
        incomplete: The beginning of the word.
    """
    from glocal_rdf.releases import list_releases

    found = _complete(ctx, incomplete, lambda project: {one.version: "" for one in list_releases(project.root)})
    return found or complete_files(ctx, param, incomplete)


def _complete(
    ctx: click.Context, incomplete: str, list_words: Callable[[Project], Mapping[str, str] | Iterable[str]]
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from glocal_rdf.display import one_line
    from glocal_rdf.errors import GlocalError
    from glocal_rdf.project import Project

    folder: Any = ctx.params.get("folder")
    try:
        words = list_words(Project.open(folder) if folder else Project.find(Path.cwd()))
    except (GlocalError, OSError):
        return []
    helps = words if isinstance(words, Mapping) else dict.fromkeys(words, "")
    # The protocol has a line for each word; a shell would run what a hostile table names.
    fit = [word for word in sorted(helps) if word.startswith(incomplete) and all(map(_is_safe, word))]
    return [CompletionItem(word, help=one_line(helps[word]) or None) for word in fit]


def _is_safe(character: str) -> bool:
    """Return whether a character means nothing to a shell."""
    return character.isalnum() or character in "-._~/+@"
