"""`glocal wikidata quickstatements`: a batch of what Wikidata lacks, for a person to review."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.completing import complete_things
from glocal_rdf.cli.options import (
    documents_option,
    format_option,
    open_project,
    output_option,
    project_option,
    refuse_unused,
)
from glocal_rdf.cli.output import print_note, print_problems, without_open_decisions, write_result
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.cli.wikidata.online import ASKING, Online, online_options, open_online

SHOWN = 10
"""How many reasons and changes are printed; the report has all."""


@click.command("quickstatements")
@project_option
@click.option(
    "--about",
    multiple=True,
    metavar="THING",
    shell_complete=complete_things,
    help="Compare this thing alone, by its slug, IRI or item. Repeatable.",
)
@click.option("--new-items", is_flag=True, help="Propose new items for things without a link, after a search for them.")
@click.option(
    "--labels", is_flag=True, help="Add the names that sources give to items without a label in the language."
)
@click.option("--add-references", is_flag=True, help="Add references to statements that are there without.")
@click.option(
    "--reference-url",
    default="",
    metavar="URL",
    help="The reference of statements that no document states, such as the page of your table.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what is in the batch and what is not, with the reasons, as CSV; by default beside --output.",
)
@click.option(
    "--entities",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compare with the entities in a file or folder (JSON, a dump, RDF), and ask for nothing. Repeatable.",
)
@documents_option
@online_options
@format_option(("quickstatements", "wikibase-json"), default="quickstatements")
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    about: tuple[str, ...],
    new_items: bool,
    labels: bool,
    add_references: bool,
    reference_url: str,
    report: Path | None,
    entities: tuple[Path, ...],
    documents: Path | None,
    online: Online,
    form: str,
    output: Path | None,
) -> None:
    """Write a batch of what Wikidata lacks: statements of ours that it does not have, each with its reference.

    Nothing is written to Wikidata. Read the batch and its report, and open the commands in QuickStatements
    (https://quickstatements.toolforge.org), which shows them again before it runs them.

    Only accepted links count. Each statement has a reference: the item or address of its document, the title, the day,
    and a short quotation where the document is in the public domain.

    \b
    Examples:
      glocal wikidata quickstatements --contact you@example.org -o batch.tsv
      glocal wikidata quickstatements --offline --about uclg
      glocal wikidata quickstatements --offline --reference-url https://example.org/members -o batch.tsv
      glocal wikidata quickstatements --contact you@example.org --new-items -o new.tsv
      glocal wikidata quickstatements --entities items.json -f wikibase-json -o batch.json

    Exit code 0: written, with all statements that are only ours; 1: written, and something was left out; 2: could not
    be written.
    """
    from glocal_rdf.endpoint import is_address
    from glocal_rdf.files import refuse_overwriting
    from glocal_rdf.operations.build import build
    from glocal_rdf.operations.wikidata.compare import compare_with_wikibase
    from glocal_rdf.operations.wikidata.quickstatements import Searching, make_batch, write_batch
    from glocal_rdf.wikidata.contribute.quickstatements import write_address

    if entities:
        refuse_unused(ctx, *ASKING, why="is for asking a Wikibase, which --entities does not")
    if reference_url and not is_address(reference_url):
        raise click.UsageError(f"--reference-url: {reference_url!r} is not a web address.")
    if report is None and output is not None and str(output) != "-":
        report = output.with_name(f"{output.stem}.report.csv")
    with show_progress("building the graph"):
        built = build(open_project(folder))
    for target in (output, report, online.request_log):
        refuse_overwriting(target, *built.project.input_files, *built.project.table_files)
    print_problems(without_open_decisions(built.problems))
    with (
        open_online(online, built.project, built) as client,
        show_progress("comparing"),
    ):
        asks = None if entities else client
        # Things without a link are not compared: only new items can be about them.
        compared = compare_with_wikibase(built, asks, snapshot=entities, about=() if new_items else about)
        wikibase = compared.vocabulary.wikibase
        batch = make_batch(
            built,
            compared,
            client.now,
            folder=documents or built.project.documents,
            address=reference_url,
            add_references=add_references,
            labels=labels,
            search=Searching(asks, wikibase, compared.entities) if new_items else None,
            about=about,
        )
    written = write_batch(batch, form, wikibase, compared.vocabulary.datatypes)
    write_result(written.text, output)
    if report is not None:
        write_result(written.report, report)
    print_problems(compared.problems)
    for text in written.changes[:SHOWN]:
        print_note(f"changed: {text}")
    for text in written.checks[:SHOWN]:
        print_note(f"check first: {text}")
    for what, many in (("changed", written.changes), ("check first", written.checks)):
        if len(many) > SHOWN:
            print_note(f"{what}: {len(many) - SHOWN:,} more; --report FILE has them all")
    reasons: dict[str, int] = {}
    for one in written.left_out:
        kind = one.reason.partition(":")[0]
        reasons[kind] = reasons.get(kind, 0) + 1
    ordered = sorted(reasons.items(), key=lambda pair: -pair[1])
    for reason, count in ordered[:SHOWN]:
        print_note(f"left out: {count:,}: {reason}")
    if len(ordered) > SHOWN:
        print_note(f"left out: {len(ordered) - SHOWN:,} more reasons; --report FILE has them all")
    counts = ((written.statements, "statement"), (written.items, "new item"), (written.labels, "label"))
    parts = ", ".join(f"{count:,} {name}{'' if count == 1 else 's'}" for count, name in counts)
    print_note(f"{parts}; {len(written.left_out):,} left out" + (f": {report}" if report else ""))
    if form == "quickstatements" and (address := write_address(written.text)):
        print_note(f"open: {address}")
    ctx.exit(1 if written.left_out or compared.problems else 0)
