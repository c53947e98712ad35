"""`glocal review`: decides about proposed mappings, one thing at a time on the terminal, or by a spreadsheet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.link_output import name_reason, read_today
from glocal_rdf.cli.options import lang_option
from glocal_rdf.cli.output import console, print_note, shown
from glocal_rdf.errors import InputError
from glocal_rdf.i18n import message, message_in

if TYPE_CHECKING:
    from glocal_rdf.operations.review import Review, Task
    from glocal_rdf.sssom.mapping_sets import MappingSet

MAX_SHOWN = 5
"""How many candidates stand side by side."""


@click.command("review")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--reviewer",
    metavar="NAME",
    envvar="GLOCAL_REVIEWER",
    help="Who decides; written beside each decision. Also GLOCAL_REVIEWER.",
)
@click.option(
    "--to-sheet",
    type=click.Path(path_type=Path),
    metavar="SHEET",
    help="Write what waits for a decision as .xlsx or .csv.",
)
@click.option(
    "--from-sheet", type=click.Path(path_type=Path), metavar="SHEET", help="Read the decisions in a .xlsx or .csv."
)
@click.option("--accept-links", is_flag=True, help="Accept every proposal that is a link, without asking.")
@click.option("--unsure", is_flag=True, help="Ask about the mappings too that somebody was unsure about.")
@lang_option
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    reviewer: str | None,
    to_sheet: Path | None,
    from_sheet: Path | None,
    accept_links: bool,
    unsure: bool,
    lang: str,
) -> None:
    """Review the proposed mappings in FILE (SSSOM): accept one, reject some, or be unsure.

    One thing is shown at a time, its candidates side by side with their evidence; a key decides, and every decision is
    saved at once. A rejected candidate is never proposed again, and runs of reconcile keep all decisions.

    \b
    Keys: 1 to 5  accept that candidate          n  none of them
          d, 1-5  not that one, ask on           u  unsure
          s       skip, for another time         b  back: undo the last step
          q       quit                           ?  print the keys

    \b
    Examples:
      glocal review orgs.sssom.tsv --reviewer "Lin Yi"
      glocal review orgs.sssom.tsv --to-sheet orgs.xlsx
      glocal review orgs.sssom.tsv --from-sheet orgs.xlsx --reviewer "Lin Yi"

    Exit code 0: reviewed; 1: mappings are left that nobody has decided; 2: could not be done.
    """
    from glocal_rdf.operations import review as operation
    from glocal_rdf.sssom.review import list_open

    if sum(map(bool, (to_sheet, from_sheet, accept_links))) > 1:
        raise click.UsageError("choose one of --to-sheet, --from-sheet and --accept-links.", ctx)
    if to_sheet:
        count = operation.write_sheet(file, to_sheet)
        print_note(f"{count:,} mappings wait for a decision: glocal review {file} --from-sheet {to_sheet}")
        return
    if not (reviewer or "").strip():
        raise click.UsageError("name yourself with --reviewer NAME, or set GLOCAL_REVIEWER.", ctx)
    who, today = (reviewer or "").strip(), read_today()
    if from_sheet:
        mappings, counts = operation.review_by_sheet(file, from_sheet, who, today)
        save(mappings, file)
        print_note(", ".join(f"{count:,} {state}" for state, count in counts.items()))
    elif accept_links:
        mappings, count = operation.accept_links(file, who, today)
        save(mappings, file)
        print_note(f"{count:,} accepted")
    else:
        session = operation.review(file, unsure=unsure)
        if session.queue and not (sys.stdin and sys.stdin.isatty()):
            hint = f"use a spreadsheet: glocal review {file} --to-sheet review.xlsx"
            raise InputError.at("stdin", "is not a terminal, on which keys could be pressed", hint)
        mappings = ask(session, file, who, today, lang).mappings
    left = sum(map(len, list_open(mappings)))
    if left:
        print_note(f"{left:,} mappings are left that nobody has decided")
        ctx.exit(1)


def save(mappings: MappingSet, file: Path) -> None:
    """Write a mapping set in the place of the former one."""
    from glocal_rdf.files import write_bytes

    write_bytes(mappings.serialize(), file)


def ask(session: Review, file: Path, reviewer: str, today: str, lang: str) -> Review:
    """Ask about one thing after the other, and save every decision.

    Args:
        session: The review.
        file: The mapping set.
        reviewer: Who decides.
        today: The day.
        lang: The language of the words.
    """
    from glocal_rdf.sssom.review import Decision

    while task := session.task:
        show_task(task, session, lang)
        key = read_key(message(lang, "key (? prints them): "))
        last = session
        count = min(len(task.candidates), MAX_SHOWN)
        if key in {"q", "\x03", "\x04"}:
            break
        if key.isdigit() and 1 <= int(key) <= count:
            session = session.decide(Decision("accepted", reviewer, today), int(key) - 1)
        elif key == "d":
            other = read_key(message(lang, "not number: ")) if count > 1 else "1"
            if other.isdigit() and 1 <= int(other) <= count:
                session = session.decide(Decision("rejected", reviewer, today), int(other) - 1)
        elif key == "n":
            session = session.decide(Decision("rejected", reviewer, today))
        elif key == "u":
            session = session.decide(Decision("unsure", reviewer, today))
        elif key == "s":
            session = session.skip()
        elif key == "b":
            session = session.undo()
        else:
            print_note(message(lang, "1–5 accept · d not that one · n none · u unsure · s skip · b back · q quit"))
        if session.mappings is not last.mappings:
            save(session.mappings, file)
    return session


def read_key(prompt: str) -> str:
    """Wait for a key, and show it behind the prompt; the end of the input is like q."""
    click.echo(prompt, nl=False)
    try:
        key = click.getchar().lower()
    except (EOFError, KeyboardInterrupt):
        key = "q"
    click.echo(key if key.isprintable() else "")
    return key


def show_task(task: Task, session: Review, lang: str) -> None:
    """Print a thing, and its candidates side by side: a row for each feature, a column for each candidate.

    Args:
        task: The thing.
        session: The review, for the progress.
        lang: The language of the words.
    """
    from rich.table import Table
    from rich.text import Text

    out = console()
    counts = session.counts
    done = [(message_in(lang, "state", "accepted"), "accepted"), (message_in(lang, "state", "rejected"), "rejected")]
    done.append((message_in(lang, "state", "unsure"), "unsure"))
    progress = " · ".join([f"{task.number}/{task.total}", *(f"{counts.get(key, 0)} {word}" for word, key in done)])
    out.print()
    out.rule(Text(progress), align="left")
    out.print(shown(task.label, "bold"), shown(task.iri, "dim"))
    candidates = task.candidates[:MAX_SHOWN]
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("")
    for number, one in enumerate(candidates, 1):
        table.add_column(Text.assemble((f"{number} ", "bold"), shown(one.label or one.id)), overflow="fold")
    table.add_row(Text(message(lang, "identifier")), *(shown(one.iri, "dim") for one in candidates))
    table.add_row(Text(message(lang, "confidence")), *(shown(one.confidence) for one in candidates))
    names = list(dict.fromkeys(name for one in candidates for name, *_ in one.features))
    for name in names:
        cells = []
        for one in candidates:
            value, more = next(((value, more) for key, value, more in one.features if key == name), ("", ""))
            style = {"1.0": "green", "0.0": "red"}.get(value, "")
            cells.append(shown(f"{value} {more}".strip() or message(lang, "unknown"), style if value else "dim"))
        table.add_row(Text(name), *cells)
    if any(one.reason for one in candidates):
        whys = (shown(name_reason(one.reason, lang) if one.reason else "", "yellow") for one in candidates)
        table.add_row(Text(message(lang, "why not linked")), *whys)
    out.print(table)
    if len(task.candidates) > MAX_SHOWN:
        out.print(Text(message(lang, "{n} more candidates follow", n=len(task.candidates) - MAX_SHOWN), style="dim"))
