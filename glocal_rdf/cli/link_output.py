"""What the commands that propose links print and write: a table of decisions, JSON, or a mapping set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf.cli.options import format_option, refuse_unused
from glocal_rdf.cli.output import print_json, print_note, print_problems, print_table, translate, write_result
from glocal_rdf.errors import InputError
from glocal_rdf.i18n import message, message_in, translatable

if TYPE_CHECKING:
    from glocal_rdf.linking.tables import Columns
    from glocal_rdf.operations.link_proposals import Proposals
    from glocal_rdf.sssom.mapping_sets import MappingSet

__all__ = [
    "column_options",
    "links_format_option",
    "name_reason",
    "read_columns",
    "read_former",
    "read_today",
    "report_proposals",
    "threshold_option",
]

HEADS = (
    translatable("thing"),
    translatable("decision"),
    translatable("identifier"),
    translatable("name"),
    translatable("confidence"),
    translatable("why"),
)

_OPTIONS: tuple[tuple[str, str, str], ...] = (
    ("--id", "COLUMN", "The column with the identifiers of the rows. Default: rows are named by their number."),
    ("--country", "COLUMN", "The column with the country: an ISO 3166 code, or a name in any language."),
    ("--type-column", "COLUMN", "The column with the type, such as city or Q515."),
    ("--website", "COLUMN", "The column with the web site."),
    ("--year", "COLUMN", "The column with the year or date of the beginning."),
    ("--lat", "COLUMN", "The column with the latitude."),
    ("--lon", "COLUMN", "The column with the longitude."),
)


def column_options(function: Any) -> Any:
    """Add the options that say what is linked; the command gets `columns` (a dictionary), `kinds` and `base`."""
    from functools import wraps

    keys = [name.lstrip("-").replace("-", "_") for name, *_ in _OPTIONS]

    @wraps(function)
    def run(*args: Any, names: tuple[str, ...], identifiers: tuple[str, ...], **values: Any) -> Any:
        ctx = click.get_current_context()
        if values["table"] is None:
            of_tables = ("names", "identifiers", "base", *(f"column_{key}" for key in keys))
            refuse_unused(ctx, *of_tables, why="is for the rows of TABLE, which is not given")
        else:
            refuse_unused(ctx, "folder", why="is not for TABLE, which is read without a project")
        given = {key: values.pop(f"column_{key}") for key in keys}
        return function(*args, columns={**given, "names": names, "identifiers": identifiers}, **values)

    wrapped: Any = click.option(
        "--identifier",
        "identifiers",
        multiple=True,
        metavar="PROPERTY=COLUMN",
        help="A column with an external identifier, by its Wikidata property: P1566=geonames. May be repeated.",
    )(run)
    wrapped = click.option(
        "--base", metavar="IRI", help="What stands before the identifiers of rows. Default: TABLE.csv#."
    )(wrapped)
    wrapped = click.option(
        "--type",
        "kinds",
        multiple=True,
        metavar="TYPE",
        help="The type of all rows, such as city or Q515; in a project, a class.",
    )(wrapped)
    for name, metavar, text in reversed(_OPTIONS):
        key = f"column_{name.lstrip('-').replace('-', '_')}"
        wrapped = click.option(name, key, metavar=metavar, help=text)(wrapped)
    return click.option(
        "--name",
        "names",
        multiple=True,
        metavar="COLUMN[=LANG]",
        help="A column with a name, perhaps with its language: name_zh=zh-Hant. May be repeated.",
    )(wrapped)


def threshold_option(function: Any) -> Any:
    """Add the option --threshold to a command that proposes links."""
    return click.option(
        "--threshold",
        type=click.FloatRange(0.5, 1),
        default=0.9,
        show_default=True,
        help="The confidence from which on a candidate is proposed as a link.",
    )(function)


def links_format_option(function: Any) -> Any:
    """Add the options --format and --json to a command that proposes links, which gets `form`."""
    return format_option(("text", "json", "sssom"), show_default="text; sssom with --output")(function)


def read_columns(given: dict[str, Any], header: list[str]) -> Columns:
    """Return what the columns of a table hold: as the options say, and without any name as the usual names suggest.

    Args:
        given: The values of the options.
        header: The columns of the table.

    Raises:
        UsageError: Where no column has names, or an option is not of its form.
    """
    from glocal_rdf.linking.tables import Columns, guess_columns

    guessed = guess_columns(header)
    names = []
    for text in given["names"]:
        column, _, lang = text.rpartition("=") if text not in header and "=" in text else (text, "", "")
        names.append((column, lang, "label"))
    identifiers = []
    for text in given["identifiers"]:
        scheme, _, column = text.partition("=")
        if not column or not scheme[1:].isdigit() or scheme[0] != "P":
            raise click.UsageError(f"--identifier {text!r} is not of the form P1566=COLUMN.")
        identifiers.append((column, scheme))
    if not names and not guessed.names:
        raise click.UsageError(f"no column has names: name one of {', '.join(header)} with --name.")
    single = {
        "id": given["id"] or "",
        "country": given["country"] or guessed.country,
        "type": given["type_column"] or guessed.type,
        "site": given["website"] or guessed.site,
        "year": given["year"] or guessed.year,
        "lat": given["lat"] or guessed.lat,
        "lon": given["lon"] or guessed.lon,
        "coordinates": "" if given["lat"] else guessed.coordinates,
    }
    own = tuple(pair for pair in guessed.identifiers if pair[0] != guessed.id)
    return Columns(names=tuple(names) or guessed.names, identifiers=tuple(identifiers) or own, **single)


def read_former(output: Path | None) -> MappingSet | None:
    """Read the mapping set that is written anew, whose decisions are kept; None where there is none.

    Raises:
        InputError: Where the file is there and is not a mapping set.
    """
    if output is None or str(output) == "-" or not output.exists():
        return None
    from glocal_rdf.sssom.mapping_sets import MappingSet

    return MappingSet.read(output)


def read_today() -> str:
    """Return the day that mappings get: today's, or that of SOURCE_DATE_EPOCH, which makes a run repeatable."""
    import os
    from datetime import UTC, datetime

    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    day = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now().astimezone()
    return day.date().isoformat()


def report_proposals(ctx: click.Context, found: Proposals, *, form: str | None, output: Path | None, lang: str) -> None:
    """Write or print what was found; end with 1 where something could not be read.

    Args:
        ctx: The run of the command.
        found: What was found.
        form: The format; None to let `output` decide.
        output: The file; None for stdout.
        lang: The language of the words.

    Raises:
        InputError: Where a file of text is asked for.
    """
    from glocal_rdf.operations.link_proposals import to_records

    form = form or ("text" if output is None else "sssom")
    print_problems(found.problems)
    if form == "sssom":
        write_result(found.mappings.serialize(), output)
    elif form == "json":
        print_json(to_records(found), output)
    elif output is not None:
        raise InputError("text is printed, and not written to a file; choose --format sssom or json")
    else:
        print_table(translate(HEADS, lang), list_rows(found, lang))
    counts = found.counts
    found_for = f"{counts['links']:,} with a proposed link, {counts['candidates']:,} with candidates"
    each = f"{found_for}, {counts['nothing']:,} with none"
    print_note(f"things: {counts['things']:,} ({each}); to choose from: {found.decisions.size:,}")
    if found.kept or found.dropped:
        print_note(f"mappings kept as they were: {found.kept:,}; former proposals that are gone: {found.dropped:,}")
    if found.decisions.crowded:
        print_note(f"things whose names too many others have: {len(found.decisions.crowded):,}; give more columns")
    if form == "sssom" and output is not None and str(output) != "-" and found.mappings.frame.height:
        print_note(f"review them: glocal review {output}")
    if any(problem.level == "error" for problem in found.problems):
        ctx.exit(1)


def list_rows(found: Proposals, lang: str) -> list[list[str]]:
    """Return the cells of the table: each thing with its best candidate, and those that compete with it.

    Args:
        found: What was found.
        lang: The language of the words.
    """
    from glocal_rdf.operations.link_proposals import to_records

    words = {
        "link": message_in(lang, "decision", "link"),
        "candidates": message_in(lang, "decision", "candidate"),
        "nothing": message_in(lang, "decision", "none"),
    }
    rows = []
    for one in to_records(found):
        if not one["candidates"]:
            rows.append([one["label"], words["nothing"], "", "", "", ""])
        for number, candidate in enumerate(one["candidates"]):
            if number and candidate["confidence"] < 0.1:
                continue
            decision = words["link"] if candidate["link"] else words["candidates"]
            why = ", ".join(f"{name} {value:g}" for name, value in candidate["features"].items() if value is not None)
            if candidate["reason"]:
                why = f"{name_reason(candidate['reason'], lang)}: {why}"
            label = one["label"] if not number else ""
            rows.append([label, decision, candidate["id"], candidate["label"], f"{candidate['confidence']:.2f}", why])
    return rows


def name_reason(reason: str, lang: str) -> str:
    """Return why a candidate is not a link, in a language."""
    reasons = {
        "second": message(lang, "another is better"),
        "namesakes": message(lang, "several have the name"),
        "close second": message(lang, "another is as good"),
        "name alone": message(lang, "nothing but the name"),
        "rivals": message(lang, "another thing of ours is like it too"),
        "names differ": message(lang, "the names are not the same"),
        "part of a name": message(lang, "its name is a part of the other"),
        "below threshold": message(lang, "not sure enough"),
        "another kind of place": message(lang, "another kind of place"),
        "identifier differs": message(lang, "the identifier differs"),
        "type differs": message(lang, "the type differs"),
        "coordinates differs": message(lang, "it lies elsewhere"),
        "country differs": message(lang, "the country differs"),
        "year differs": message(lang, "the year differs"),
    }
    return reasons[reason]
