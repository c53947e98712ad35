"""`glocal init`: spreadsheets and other tables to a project that builds at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.options import json_option, refuse_unused
from glocal_rdf.cli.output import print_json, print_note, print_problems, print_table

if TYPE_CHECKING:
    from glocal_rdf.operations.init import Initialized
    from glocal_rdf.operations.init_questions import Choice, Question


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "sources",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A table or workbook (CSV, TSV, .xlsx, .ods, Parquet, SQLite), or a folder of them (repeatable).",
)
@click.option(
    "--template",
    type=click.Choice(["tables", "documents"]),
    default="tables",
    show_default=True,
    help="What the project is for: tables, or documents and the claims that they make.",
)
@click.option("--base", metavar="IRI", help="What the IRIs of the project begin with.")
@click.option("--title", metavar="TEXT", help="The title of the dataset. Default: the name of the folder.")
@click.option(
    "--lang", "langs", multiple=True, metavar="TAG,…", help="The languages of headers and names, that of headers first."
)
@click.option(
    "--key", "keys", multiple=True, metavar="[TABLE.]COLUMN", help="The column that identifies the rows (repeatable)."
)
@click.option("--license", metavar="IRI", help="The licence of the data: an IRI, or cc0, cc-by, cc-by-sa, odbl.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: what is doubtful stays text, as an open decision.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path,
    sources: tuple[Path, ...],
    template: str,
    base: str | None,
    title: str | None,
    langs: tuple[str, ...],
    keys: tuple[str, ...],
    license: str | None,  # noqa: A002 - the name of the option
    yes: bool,
    as_json: bool,
) -> None:
    """Make a project of spreadsheets and other tables, or one for documents.

    DIR gets the tables as CSV, their description, an ontology (a class for each table, a property for each column),
    shapes, queries and a README. The project builds and conforms at once. No value is altered. Title rows and footnotes
    become notes of the description.

    What the cells leave open is asked on a terminal. With --yes it stays text, and glocal build lists it until it is
    decided (glocal describe). Where DIR is a project already, its tables are brought up to date, and what was edited is
    left alone. Without --from, rows that were added to data/ by hand get their identifiers, and ontology, shapes and
    README are made again unless they were edited.

    With --template documents, DIR gets tables for documents, passages, claims, names and things, with an ontology and
    shapes for them under your own base IRI, queries, a worked example, and a README that leads through it.

    \b
    Examples:
      glocal init mycity --from parks.xlsx --base https://data.mycity.example/
      glocal init mycity --from tables/ --lang en,zh-Hant --key parks.number --yes
      glocal init mycity --from parks-2027.xlsx
      glocal init mycity
      glocal init archive --template documents --base https://archive.example/

    Exit code 0: made; 1: brought up to date, but something is left to do; 2: could not be made, and nothing is written.
    """
    from glocal_rdf.operations.init import init_project
    from glocal_rdf.operations.init_documents import init_documents

    terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    answer = _prompt if terminal and not yes else None
    leave_open = yes or terminal
    languages = [lang for text in langs for lang in text.split(",")]
    if template == "documents":
        refuse_unused(ctx, "sources", "keys", why="has no effect with --template documents")
        made = init_documents(
            folder,
            base=base,
            title=title,
            languages=languages,
            license=license,
            answer=answer,
            leave_open=leave_open,
        )
    else:
        made = init_project(
            folder,
            sources,
            base=base,
            title=title,
            languages=languages,
            keys=keys,
            license=license,
            answer=answer,
            leave_open=leave_open,
        )
    if as_json:
        print_json(_as_record(made))
    else:
        _print_account(made)
    print_problems(made.problems)
    if made.failed or any(p.level == "error" for p in made.problems):
        ctx.exit(1)


def _prompt(question: Question) -> Choice | str | None:
    """Ask a question on the terminal; return the answer, or None where it is left open."""
    if not question.choices:
        return str(click.prompt(question.text, default=question.default, err=True))
    where = ": ".join(part for part in (question.table, question.column) if part)
    print_note(f"\n{where}: {question.text}")
    for example in question.examples:
        print_note(f"    {example}")
    for number, choice in enumerate(question.choices, 1):
        print_note(f"  {number}  {choice.label}")
    last = len(question.choices) + 1
    print_note(f"  {last}  decide later")
    chosen = click.prompt("Which?", type=click.IntRange(1, last), default=last, err=True)
    return None if chosen == last else question.choices[chosen - 1]


def _print_account(made: Initialized) -> None:
    """Print what was made: the tables, the terms with their reasons, the references, and what is open."""
    heads = ("table", "from", "rows read", "rows", "notes", "key")
    rows = [(a.table, a.source, f"{a.read:,}", f"{a.written:,}", str(a.notes), a.key) for a in made.accounts]
    if rows:
        print_table(heads, rows)
    if made.terms:
        click.echo()
        print_table(("column", "property", "why"), [(f"{t}: {c}", p, why) for t, c, p, why in made.terms])
    if made.references:
        click.echo()
        refers = [(f"{t}: {c}", other, "key" if by_key else "name") for t, c, other, by_key in made.references]
        print_table(("column", "refers to", "by"), refers)
    for change in made.changes:
        print_note(change)
    for check in made.checks:
        print_note(f"to check: {check}")
    for question in made.questions:
        print_note(f"to decide: {question}")
    if made.failed or (made.changes and not made.written):
        return
    if made.changes:
        count = len(made.written)
        print_note(f"updated {made.folder}: {count} file{'' if count == 1 else 's'}")
    else:
        print_note(f"made {made.folder}: next, cd {made.folder} and run glocal build")


def _as_record(made: Initialized) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "folder": str(made.folder),
        "written": list(made.written),
        "tables": [asdict(account) for account in made.accounts],
        "terms": [dict(zip(("table", "column", "property", "reason"), one, strict=True)) for one in made.terms],
        "references": [dict(zip(("table", "column", "target", "byKey"), one, strict=True)) for one in made.references],
        "decisions": [asdict(question) for question in made.questions],
        "checks": list(made.checks),
        "changes": list(made.changes),
        "problems": [asdict(problem) for problem in made.problems],
    }
