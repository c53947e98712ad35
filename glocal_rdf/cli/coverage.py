"""`glocal coverage`: how much of each document is cited, paragraph by paragraph, and what was left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf.cli.terminal import (
    lang_option,
    open_project,
    print_json,
    print_line,
    print_note,
    print_table,
    project_option,
)

if TYPE_CHECKING:
    from glocal_rdf.documents import Coverage, Paragraph, Stretch

HEADS = {
    "en": ("document", "line", "characters", "cited", "judged", "open"),
    "zh-Hant": ("文件", "行", "字元", "已引用", "已判定", "未引用"),
}
WORDS = {"en": ("line", "characters", "all"), "zh-Hant": ("行", "字元", "全部")}


@click.command("coverage")
@project_option
@click.option(
    "--documents",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="GLOCAL_DOCUMENTS",
    required=True,
    metavar="DIR",
    help="The folder of the source documents; also GLOCAL_DOCUMENTS.",
)
@click.option("--document", metavar="SLUG", help="Measure only this document.")
@click.option("--totals", is_flag=True, help="Leave out the paragraphs: a line a document.")
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
    help="Exit with 1 where less of a document than this is cited or judged.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
@lang_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    documents: Path,
    document: str | None,
    totals: bool,
    number: int,
    least: float | None,
    as_json: bool,
    lang: str,
) -> None:
    """Show which share of each document and paragraph is cited, and the longest stretches that are not.

    A character is cited where a claim, a name or a concept is derived from a passage that it lies in; judged where a
    passage with a note says that it states nothing; and else open. Only letters and digits count.

    \b
    Examples:
      glocal coverage --documents ../shared/documents --totals
      glocal coverage --documents ../shared/documents --document city-alliances --stretches 20
      glocal coverage --documents ../shared/documents --least 100

    Exit code 0: measured; 1: less than --least is cited or judged in some document; 2: could not be measured.
    """
    from glocal_rdf import operations

    measured = operations.coverage(open_project(folder), documents, document)
    longest = sorted(
        (stretch for coverage in measured for stretch in coverage.stretches), key=lambda stretch: -stretch.characters
    )
    if as_json:
        record = {
            "documents": [as_record(coverage, paragraphs=not totals) for coverage in measured],
            "stretches": [as_stretch(stretch) for stretch in longest[:number]],
        }
        print_json(record)
    else:
        print_coverage(measured, lang, totals=totals)
        for stretch in longest[:number]:
            print_stretch(stretch, lang)
    if least is None:
        return
    short = [coverage for coverage in measured if 100 * reached(coverage) < least * coverage.characters]
    for coverage in short:
        share = percent(reached(coverage), coverage.characters)
        print_note(f"{slug(coverage)}: {share} is cited or judged, less than {least:g} %")
    if short:
        ctx.exit(1)


def slug(coverage: Coverage) -> str:
    """Name a document by the end of its IRI."""
    return coverage.document.iri.rpartition("/")[2]


def reached(part: Coverage | Paragraph) -> int:
    """Count what is cited or judged."""
    return part.cited + part.judged


def percent(part: int, whole: int) -> str:
    """Write a share with one decimal, rounded down: only what is whole is 100.0 %; of nothing there is no share."""
    tenths = 1000 * part // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10} %" if whole else "–"


def print_coverage(measured: tuple[Coverage, ...], lang: str, *, totals: bool) -> None:
    """Print a table of documents, each after its paragraphs, and a last line for all."""
    rows: list[tuple[str, ...]] = []
    for coverage in measured:
        if not totals:
            rows += [(slug(coverage), str(part.line), *shares([part])) for part in coverage.paragraphs]
        rows.append((slug(coverage), WORDS[lang][2], *shares([coverage])))
    if len(measured) != 1:
        rows.append((WORDS[lang][2], "", *shares(measured)))
    columns = [0, 2, 3, 4, 5] if totals else range(6)
    print_table([HEADS[lang][column] for column in columns], [[row[column] for column in columns] for row in rows])


def shares(parts: tuple[Coverage, ...] | list[Coverage] | list[Paragraph]) -> tuple[str, ...]:
    """Sum up parts: how many characters they have, and which shares are cited and judged; how many are open."""
    whole = sum(part.characters for part in parts)
    cited, judged = sum(part.cited for part in parts), sum(part.judged for part in parts)
    return str(whole), percent(cited, whole), percent(judged, whole), str(whole - cited - judged)


def print_stretch(stretch: Stretch, lang: str) -> None:
    """Print where a stretch lies, and its text."""
    passage, (line, characters, _) = stretch.passage, WORDS[lang]
    name = passage.document.iri.rpartition("/")[2]
    place = f"{line} {passage.line}, {characters} {passage.start}–{passage.end}"
    print_line("")
    print_line(f"{name}, {place}: {stretch.characters} {HEADS[lang][5]}")
    print_line(f"  {' '.join(passage.text.split())}")


def as_record(coverage: Coverage, *, paragraphs: bool) -> dict[str, Any]:
    """Lay out the counts of a document for a program."""
    counts = {"characters": coverage.characters, "cited": coverage.cited, "judged": coverage.judged}
    record: dict[str, Any] = {"document": coverage.document.iri, "file": coverage.document.path.name, **counts}
    record["open"] = coverage.open
    if paragraphs:
        record["paragraphs"] = [
            {
                "line": part.line,
                "start": part.start,
                "end": part.end,
                "characters": part.characters,
                "cited": part.cited,
                "judged": part.judged,
                "open": part.open,
            }
            for part in coverage.paragraphs
        ]
    return record


def as_stretch(stretch: Stretch) -> dict[str, str | int]:
    """Lay out a stretch for a program."""
    passage = stretch.passage
    return {
        "document": passage.document.iri,
        "passage": passage.iri,
        "line": passage.line,
        "start": passage.start,
        "end": passage.end,
        "characters": stretch.characters,
        "text": passage.text,
    }
