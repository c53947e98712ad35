"""`glocal find`: full-text search over names, descriptions and definitions, what was probably meant first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf.cli.terminal import (
    abbreviate,
    lang_option,
    open_project,
    print_json,
    print_note,
    print_problems,
    print_table,
    project_option,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glocal_rdf.search.fulltext import Found

HEADS = {
    "en": ("thing", "English", "Chinese", "class", "found by"),
    "zh-Hant": ("事物", "英文", "中文", "類別", "符合"),
}
HOW = {
    "en": {
        "exact": "name",
        "initials": "initials",
        "prefix": "begins",
        "part": "contains",
        "within": "within",
        "words": "words",
        "text": "text",
        "near": "near",
    },
    "zh-Hant": {
        "exact": "同名",
        "initials": "縮寫",
        "prefix": "開頭",
        "part": "包含",
        "within": "其中",
        "words": "各詞",
        "text": "說明",
        "near": "近似",
    },
}
LONGEST = 60
"""How many characters of a text that matched are shown in the table."""


@click.command("find")
@click.argument("words", nargs=-1, required=True)
@project_option
@click.option(
    "-n", "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many things to print."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
@lang_option
def command(words: tuple[str, ...], folder: Path | None, limit: int, as_json: bool, lang: str) -> None:
    """Find things by WORDS in their names, descriptions and definitions, in either language, typos let go.

    Chinese may be in traditional or simplified characters, in the usage of Taiwan or of the mainland. A thing whose
    name is the words comes first, then names whose initials they are, names that begin with them, names that contain
    them or are within them, things that have every word somewhere, texts that contain them, and where no name was
    found, names that are near.

    \b
    Examples:
      glocal find 城市聯盟
      glocal find 城市联盟
      glocal find untied cities
      glocal find 健康 --limit 3 --json
    """
    from glocal_rdf import operations
    from glocal_rdf.search.labels import name_things

    built = operations.build(open_project(folder))
    print_problems(built.problems)
    found = operations.find(built, " ".join(words), limit)
    if as_json:
        print_json([as_record(one, built.prefixes) for one in found])
    elif found:
        called = name_things(built.project.ontology, lang)
        print_table(HEADS[lang], [as_row(one, built.prefixes, called, HOW[lang]) for one in found])
    if not found:
        print_note(f"nothing in the data is like {' '.join(words)!r}")


def as_row(found: Found, prefixes: Mapping[str, str], called: Mapping[str, str], how: Mapping[str, str]) -> list[str]:
    """Lay out what was found as a row: thing, names, classes, and what matched."""
    classes = [called.get(f"<{kind}>") or abbreviate(kind, prefixes) for kind in found.classes]
    matched = found.matched if len(found.matched) <= LONGEST else found.matched[: LONGEST - 1] + "…"
    names = [found.names.get("en", ""), found.names.get("zh-Hant", "")]
    return [abbreviate(found.thing, prefixes), *names, ", ".join(classes), f"{how[found.how]}: {matched}"]


def as_record(found: Found, prefixes: Mapping[str, str]) -> dict[str, Any]:
    """Lay out what was found for a program."""
    return {
        "id": abbreviate(found.thing, prefixes),
        "iri": found.thing,
        "names": found.names,
        "classes": list(found.classes),
        "how": found.how,
        "matched": found.matched,
        "property": found.property,
        "likeness": found.similarity,
    }
