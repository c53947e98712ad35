"""`glocal coverage`: how much of each document is cited, paragraph by paragraph, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.completing import complete_documents
from glocal_rdf.cli.options import documents_option, json_option, lang_option, open_project, project_option
from glocal_rdf.cli.output import print_json, print_line, print_note, print_table, translate
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.i18n import message, message_in, punctuation, translatable

if TYPE_CHECKING:
    from glocal_rdf.documents import Coverage, Paragraph, Stretch

HEADS = (
    translatable("document"),
    translatable("line"),
    translatable("characters"),
    translatable("cited"),
    translatable("judged"),
    translatable("open"),
)


@click.command("coverage")
@project_option
@documents_option
@click.option("--document", metavar="SLUG", shell_complete=complete_documents, help="Measure this document alone.")
@click.option("--totals", is_flag=True, help="Print one line per document, without its paragraphs.")
@click.option(
    "--stretches",
    "number",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="How many of the longest open stretches to print.",
)
@click.option(
    "--least",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 if less than this of a document is cited or judged.",
)
@json_option
@lang_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    documents: Path | None,
    document: str | None,
    totals: bool,
    number: int,
    least: float | None,
    as_json: bool,
    lang: str,
) -> None:
    """Measure how much of each document and paragraph is cited, and print the longest stretches that are not.

    A character is cited if a claim, a name or a concept is derived from a passage that contains it; judged if a passage
    with a note marks it as stating nothing; otherwise it is open. Only letters and digits count.

    \b
    Examples:
      glocal coverage --documents ../shared/documents --totals
      glocal coverage --documents ../shared/documents --document city-alliances --stretches 20
      glocal coverage --documents ../shared/documents --least 100

    Exit code 0: measured; 1: less than --least of a document is cited or judged; 2: could not be measured.
    """
    from glocal_rdf.operations.coverage import (
        count_covered,
        coverage,
        find_below,
        format_share,
        list_stretches,
        slug_of,
        to_record,
    )

    with show_progress("measuring"):
        measured = coverage(open_project(folder), documents, document)
    if as_json:
        print_json(to_record(measured, paragraphs=not totals, stretches=number))
    else:
        print_coverage(measured, lang, totals=totals)
        for stretch in list_stretches(measured)[:number]:
            print_stretch(stretch, lang)
    below = [] if least is None else find_below(measured, least)
    for one in below:
        share = format_share(count_covered(one), one.characters)
        print_note(f"{slug_of(one)}: {share} is cited or judged, less than {least:g} %")
    if below:
        ctx.exit(1)


def print_coverage(measured: Sequence[Coverage], lang: str, *, totals: bool) -> None:
    """Print a table of documents, each after its paragraphs, and a last line for all.

    Args:
        measured: The coverage of the documents.
        lang: The language of the words.
        totals: Whether only documents are printed, without their paragraphs.
    """
    from glocal_rdf.operations.coverage import slug_of

    total = message(lang, "all")
    rows: list[tuple[str, ...]] = []
    for coverage in measured:
        if not totals:
            rows += [(slug_of(coverage), str(part.line), *sum_up([part])) for part in coverage.paragraphs]
        rows.append((slug_of(coverage), total, *sum_up([coverage])))
    if len(measured) != 1:
        rows.append((total, "", *sum_up(measured)))
    columns = [0, 2, 3, 4, 5] if totals else range(6)
    heads = translate(HEADS, lang)
    print_table([heads[column] for column in columns], [[row[column] for column in columns] for row in rows])


def sum_up(parts: Sequence[Coverage | Paragraph]) -> tuple[str, str, str, str]:
    """Return the cells for some parts: their characters, the shares cited and judged, and the characters open."""
    from glocal_rdf.operations.coverage import format_share

    whole = sum(part.characters for part in parts)
    cited, judged = sum(part.cited for part in parts), sum(part.judged for part in parts)
    return str(whole), format_share(cited, whole), format_share(judged, whole), str(whole - cited - judged)


def print_stretch(stretch: Stretch, lang: str) -> None:
    """Print the position of a stretch, and its text."""
    passage = stretch.passage
    name = passage.document.iri.rpartition("/")[2]
    comma, colon = message_in(lang, "punctuation: place", ", "), punctuation(lang)[1]
    line = message(lang, "line {line}", line=passage.line)
    characters = message(lang, "characters {first}–{last}", first=passage.start, last=passage.end)
    print_line("")
    print_line(f"{name}{comma}{line}{comma}{characters}{colon}" + message(lang, "{n} open", n=stretch.characters))
    print_line(f"  {' '.join(passage.text.split())}")
