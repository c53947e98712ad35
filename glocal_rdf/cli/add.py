"""`glocal add`: appends a claim with its passage to a project's tables, checks it, and shows its row."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.completing import complete_things
from glocal_rdf.cli.options import documents_option, json_option, open_project, project_option
from glocal_rdf.cli.output import print_json, print_line, print_note, print_table
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.errors import ProjectError


@click.command("add")
@click.argument("subject", shell_complete=complete_things)
@click.argument("predicate")
@click.argument("value", shell_complete=complete_things)
@click.option("--document", required=True, metavar="DOCUMENT", help="The document: a slug, an IRI or a file.")
@click.option("--quote", required=True, metavar="TEXT", help="The words of the document that say so.")
@click.option(
    "--position", type=click.IntRange(0), help="The quote's first character, where the document has it several times."
)
@click.option("--translation", multiple=True, metavar="LANG=TEXT", help="The value in another language (repeatable).")
@click.option("--at", default="", metavar="DATE", help="When it holds, in EDTF: 2006, 2004-06, 199X.")
@click.option("--start", default="", metavar="DATE", help="Since when it holds, in EDTF.")
@click.option("--end", default="", metavar="DATE", help="Until when it holds, in EDTF.")
@click.option("--role", multiple=True, metavar="[LANG=]TEXT", help="The role of the subject (repeatable).")
@click.option("--applies-to", default="", metavar="THING", help="The thing for which alone it holds.")
@click.option("--held-by", default="", metavar="THING", help="Whose view it is.")
@click.option("--as-written", default="", metavar="TEXT", help="The value in the words of the document.")
@click.option("--note", multiple=True, metavar="[LANG=]TEXT", help="What readers should know of it (repeatable).")
@click.option(
    "--rank",
    type=click.Choice(["preferred", "normal", "deprecated"]),
    default="normal",
    show_default=True,
    help="The rank of the claim, as in Wikidata.",
)
@click.option("--rank-reason", default="", metavar="THING", help="Why it has that rank.")
@click.option("--contradicts", default="", metavar="CLAIM", help="The claim that it contradicts, as claim/….")
@click.option("--by", default="", metavar="THING", help="Who makes the claim, where no document does.")
@click.option("--quantity", default="", metavar="THING", help="What a count or an amount counts or measures.")
@click.option(
    "--because", default="", metavar="THING", help="Why the passage has a part in other words, such as other-words."
)
@click.option(
    "--words",
    multiple=True,
    metavar="WORDS[ = VALUE]",
    help="Those words of the passage, and what they stand for: the value, if not given (repeatable).",
)
@project_option
@documents_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    subject: str,
    predicate: str,
    value: str,
    document: str,
    quote: str,
    position: int | None,
    translation: tuple[str, ...],
    at: str,
    start: str,
    end: str,
    role: tuple[str, ...],
    applies_to: str,
    held_by: str,
    as_written: str,
    note: tuple[str, ...],
    rank: str,
    rank_reason: str,
    contradicts: str,
    by: str,
    quantity: str,
    because: str,
    words: tuple[str, ...],
    folder: Path | None,
    documents: Path | None,
    as_json: bool,
) -> None:
    """Add the claim that SUBJECT has the VALUE of PREDICATE, with the passage that says so.

    SUBJECT is a thing of the project: a slug, an identifier, an IRI or a name. PREDICATE is a name in
    data/predicates.csv. VALUE is a thing, a date in EDTF, a number, an address or a text, as the predicate takes it; a
    text may begin with its language (zh-Hant=…), otherwise it is in the first one of the table.

    The claim and its passage are put beside those of the same thing, and the project is validated with them. Where that
    finds a violation, or the passage does not have a part of the claim, such as its year, nothing is written. A part
    that it has in other words is explained with --because and --words.

    \b
    Examples:
      glocal add iclei count ">500" --quantity quantity-members --at 2006 --document city-alliances --quote 五百餘
      glocal add harbour-league location saltmouth --start 2015 --document short-history --quote "moved"

    Exit code 0: added; 1: the claim does not conform, or its passage does not support it; 2: something is not known, or
    the quote is not there.
    """
    from glocal_rdf.operations.add import Qualifiers, add
    from glocal_rdf.operations.cite import quote_in_context, to_record

    project = open_project(folder, strict=True)
    if folder is None and not Path.cwd().resolve().is_relative_to(project.root.resolve()):
        raise ProjectError.at(".", "is in no project", "name the project to add to with --project")
    qualifiers = Qualifiers(
        at=at,
        start=start,
        end=end,
        role=role,
        applies_to=applies_to,
        held_by=held_by,
        as_written=as_written,
        note=note,
        rank=rank,
        reason=rank_reason,
        contradicts=contradicts,
        by=by,
        quantity=quantity,
        because=because,
        words=words,
    )
    with show_progress("building the graph"):
        added = add(
            project,
            subject,
            predicate,
            value,
            document=document,
            quote=quote,
            position=position,
            documents=documents,
            translations=translation,
            qualifiers=qualifiers,
        )
    if as_json:
        print_json(
            {
                "claim": added.claim,
                "row": dict(added.row),
                "passage": to_record(added.passage, project),
                "files": [{"file": str(file), "row": line} for file, line in added.files],
                "findings": list(added.findings),
            }
        )
    else:
        print_table(("column", "cell"), list(added.row.items()))
        print_line(f"line {added.passage.line}: {quote_in_context(added.passage)}")
    for finding in added.findings:
        print_note(finding)
    for file, line in added.files:
        print_note(f"wrote {file}:{line}")
    if not added.files:
        print_note("not written, since the claim does not conform or is not supported")
        ctx.exit(1)
