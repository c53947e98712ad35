"""`glocal wikidata compare`: a project's statements beside those of Wikidata, or of another Wikibase."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.completing import complete_things
from glocal_rdf.cli.options import (
    format_option,
    lang_option,
    open_project,
    output_option,
    project_option,
    refuse_unused,
)
from glocal_rdf.cli.output import (
    print_json,
    print_note,
    print_problems,
    print_table,
    translate,
    without_open_decisions,
    write_result,
)
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.cli.wikidata.online import ASKING, Online, online_options, open_online
from glocal_rdf.wikidata.compare.outcomes import OUTCOMES

if TYPE_CHECKING:
    from glocal_rdf.errors import Problem
    from glocal_rdf.operations.wikidata.compare import Compared

FORMATS = ("table", "csv", "json", "html", "turtle", "ntriples", "mismatch-finder")


@click.command("compare")
@project_option
@click.option(
    "--about",
    multiple=True,
    metavar="THING",
    shell_complete=complete_things,
    help="Compare this thing alone, by its slug, IRI or item. Repeatable.",
)
@click.option(
    "--only",
    type=click.Choice(OUTCOMES),
    multiple=True,
    metavar="OUTCOME",
    help=f"Write these outcomes alone: {', '.join(OUTCOMES)}. Repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice(OUTCOMES),
    multiple=True,
    metavar="OUTCOME",
    help="Exit with 1 if a statement has this outcome. Repeatable.",
)
@click.option(
    "--via",
    type=click.Choice(["api", "rest", "sparql"]),
    default="api",
    show_default=True,
    help="How items are fetched: many in a call; one by one, only if they changed; from the query service.",
)
@click.option(
    "--entities",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compare with the entities in a file or folder (JSON, a dump, RDF), and ask for nothing. Repeatable.",
)
@click.option(
    "--pull",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write their statements to a file of RDF; as .trig or .nq with the project's graph beside them.",
)
@click.option(
    "--rewrite-links", is_flag=True, help="Let links to items that redirect lead to their targets, with a note."
)
@online_options
@format_option(FORMATS, default="table")
@output_option
@lang_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    about: tuple[str, ...],
    only: tuple[str, ...],
    fail_on: tuple[str, ...],
    via: str,
    entities: tuple[Path, ...],
    pull: Path | None,
    rewrite_links: bool,
    online: Online,
    form: str,
    output: Path | None,
    lang: str,
) -> None:
    """Compare what a project states of linked things with what Wikidata states of their items, statement by statement.

    Only accepted links count. Our properties are those of Wikidata that the ontology aligns them with, or that the
    table data/wikidata.csv names; it may also name another Wikibase. Dates are compared at the coarser precision and
    across calendars, texts after Unicode normalization, addresses without scheme and last slash, numbers within bounds.

    mismatch-finder writes what is different as the Mismatch Finder of Wikidata takes it.

    \b
    Examples:
      glocal wikidata compare --contact you@example.org
      glocal wikidata compare --offline --only different --only only-ours
      glocal wikidata compare --about uclg --via rest --request-log requests.jsonl
      glocal wikidata compare --entities items.json --fail-on different
      glocal wikidata compare --offline -f mismatch-finder -o mismatches.csv
      glocal wikidata compare --offline --pull both.trig
      glocal wikidata compare --offline --rewrite-links

    Exit code 0: compared; 1: an outcome of --fail-on, or something was left out; 2: could not be compared.
    """
    from glocal_rdf.files import refuse_overwriting
    from glocal_rdf.operations.build import build
    from glocal_rdf.operations.wikidata.compare import compare_with_wikibase

    if entities:
        refuse_unused(ctx, "via", *ASKING, why="asks a Wikibase, and --entities does not")
    with show_progress("building the graph"):
        built = build(open_project(folder))
    for target in (output, pull, online.request_log):
        refuse_overwriting(target, *built.project.input_files, *built.project.table_files)
    print_problems(without_open_decisions(built.problems))
    with (
        open_online(online, built.project, built) as client,
        show_progress("comparing"),
    ):
        compared = compare_with_wikibase(
            built, None if entities else client, via=via, snapshot=entities, about=about, lang=lang
        )
        now = client.now
    for note in compared.notes:
        print_note(note)
    problems = [*compared.problems, *_write(compared, form, output, lang, only, now.isoformat(timespec="seconds"))]
    if rewrite_links:
        from glocal_rdf.operations.wikidata import redirects

        entity = compared.vocabulary.wikibase.entity
        done, undone = redirects.rewrite_links(built.project, compared.redirects, entity, now.date().isoformat())
        for note in done:
            print_note(note)
        problems += undone
    if pull:
        from glocal_rdf.operations.wikidata.pull import write_pulled

        count = write_pulled(built, compared, pull)
        print_note(f"{pull}: {count:,} triples of {compared.vocabulary.wikibase.name}")
    print_problems(problems, labelled=True)
    failed = [outcome for outcome in fail_on if compared.counts[outcome]]  # type: ignore[index]
    for outcome in failed:
        print_note(f"{compared.counts[outcome]:,} statements have the outcome {outcome}")  # type: ignore[index]
    ctx.exit(1 if failed or problems else 0)


def _write(
    compared: Compared, form: str, output: Path | None, lang: str, only: tuple[str, ...], now: str
) -> tuple[Problem, ...]:
    """Write the comparison in a format; return what could not be written."""
    from glocal_rdf.operations.wikidata.compare import list_comparisons, render_comparison

    if form == "table":
        _print_table(list_comparisons(compared, only), compared, lang)
        return ()
    if form == "json":
        record = {
            "wikibase": compared.vocabulary.wikibase.name,
            "date": now,
            "counts": dict(compared.counts),
            "statements": list_comparisons(compared, only),
        }
        print_json(record, output)
        return ()
    data, problems = render_comparison(compared, form, only=only, lang=lang, now=now)
    for number, part in enumerate(data):
        if number and output is None:
            print_note(f"the Mismatch Finder takes files of 10 MB: {len(data)} are needed, name them with --output")
            break
        write_result(
            part, output.with_name(f"{output.stem}-{number + 1}{output.suffix}") if output and number else output
        )
    return problems


def _print_table(rows: list[dict[str, str]], compared: Compared, lang: str) -> None:
    """Print the counts on stderr and the statements on stdout."""
    from glocal_rdf.i18n import message
    from glocal_rdf.wikidata.compare.page import name_outcome

    if rows:
        heads = translate(("outcome", "item", "property", "ours", "theirs", "note"), lang)
        print_table(heads, [_as_cells(row, lang) for row in rows])
    counts = {name_outcome(outcome, lang): count for outcome, count in compared.counts.items() if count}
    print_note("; ".join(f"{name}: {count:,}" for name, count in counts.items()) or message(lang, "nothing to compare"))


def _as_cells(row: Mapping[str, str], lang: str) -> list[str]:
    from glocal_rdf.wikidata.compare.page import name_outcome

    item = f"{row['item_name']} ({row['item']})" if row["item_name"] else row["item"]
    label = f"{row['property_name']} ({row['property']})" if row["property_name"] else row["property"]
    return [name_outcome(row["outcome"], lang), item, label, row["ours"], row["theirs"], row["note"]]  # type: ignore[arg-type]
