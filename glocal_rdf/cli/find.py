"""`glocal find`: full-text search over names, descriptions and definitions, what was probably meant first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.options import json_option, lang_option, no_cache_option, open_cache, open_project, project_option
from glocal_rdf.cli.output import print_json, print_note, print_problems, print_table, translate, without_open_decisions
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.i18n import message_in, punctuation, translatable
from glocal_rdf.namespaces import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glocal_rdf.search.fulltext import Found, How

HEADS = (
    translatable("thing"),
    translatable("English"),
    translatable("Chinese"),
    translatable("class"),
    translatable("found by"),
)
MAX_TEXT_LENGTH = 60
"""How many characters of a text that matched are printed in the table."""


@click.command("find")
@click.argument("words", nargs=-1, required=True)
@project_option
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="How many results to print at most.",
)
@json_option
@lang_option
@no_cache_option
def command(words: tuple[str, ...], folder: Path | None, limit: int, as_json: bool, lang: str, no_cache: bool) -> None:
    """Find things by WORDS in their names, descriptions and definitions, in either language, even with typing errors.

    Chinese may be in traditional or simplified characters, in the usage of Taiwan or of the mainland. Things whose name
    equals WORDS come first, then those whose name has WORDS as its initials, begins with them, contains them or is
    contained in them, then those with every word in some text, and where no name was found, those with similar names.

    \b
    Examples:
      glocal find 城市聯盟
      glocal find 城市联盟
      glocal find untied cities
      glocal find 健康 --limit 3 --json

    Exit code 0: searched, also where nothing was found; 2: could not be searched.
    """
    from glocal_rdf.dataset import label_terms
    from glocal_rdf.operations.cached_build import BuildCache
    from glocal_rdf.operations.find import find, to_record

    builds = BuildCache(open_cache(no_cache))
    with show_progress("building the graph"):
        built = builds.open(open_project(folder))
    print_problems(without_open_decisions(built.problems))
    found = find(built, " ".join(words), limit)
    if as_json:
        print_json([to_record(one, built.prefixes) for one in found])
    elif found:
        names = label_terms(built.project, lang)
        print_table(translate(HEADS, lang), [as_row(one, built.prefixes, names, lang) for one in found])
    if not found:
        print_note(f"nothing in the data is similar to {' '.join(words)!r}")
    builds.keep(built)


def as_row(found: Found, prefixes: Mapping[str, str], names: Mapping[str, str], lang: str) -> list[str]:
    """Return the cells for a thing: IRI, names, classes, and what matched.

    Args:
        found: What was found.
        prefixes: Namespaces by prefix, by which IRIs are shortened.
        names: The names of classes and properties by their terms.
        lang: The language of the reader.
    """
    classes = [names.get(f"<{kind}>") or shorten(kind, prefixes) for kind in found.classes]
    matched = found.matched if len(found.matched) <= MAX_TEXT_LENGTH else found.matched[: MAX_TEXT_LENGTH - 1] + "…"
    own_names = [found.names.get("en", ""), found.names.get("zh-Hant", "")]
    return [
        shorten(found.thing, prefixes),
        *own_names,
        ", ".join(classes),
        f"{name_rank(found.how, lang)}{punctuation(lang)[1]}{matched}",
    ]


def name_rank(how: How, lang: str) -> str:
    """Return the name of a rank of search."""
    names: dict[How, str] = {
        "exact": message_in(lang, "match", "name"),
        "initials": message_in(lang, "match", "initials"),
        "prefix": message_in(lang, "match", "begins"),
        "part": message_in(lang, "match", "contains"),
        "within": message_in(lang, "match", "within"),
        "words": message_in(lang, "match", "words"),
        "text": message_in(lang, "match", "text"),
        "near": message_in(lang, "match", "near"),
    }
    return names[how]
