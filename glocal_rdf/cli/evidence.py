"""Prints an answer with its evidence, for `glocal query --evidence`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.options import refuse_unused
from glocal_rdf.cli.output import print_json, print_line, print_problems, print_table, write_result
from glocal_rdf.i18n import message
from glocal_rdf.namespaces import shorten

if TYPE_CHECKING:
    from glocal_rdf.dataset import Build
    from glocal_rdf.questions.evidence import AnswerEvidence
    from glocal_rdf.triples.datasets import Dataset

FORMATS = ("table", "csv", "tsv", "json", "markdown")


def check_evidence_options(ctx: click.Context, form: str | None, output: Path | None, *, evidence: bool) -> None:
    """Refuse options that do not go with --evidence, or only with it.

    Args:
        ctx: The run of the command.
        form: The format.
        output: The file to write.
        evidence: Whether evidence is asked for.
    """
    if not evidence:
        return refuse_unused(ctx, "documents", why="goes with --evidence")
    refuse_unused(ctx, "safe_csv", why="does not go with --evidence")
    if form not in {None, *FORMATS}:
        raise click.UsageError(f"Evidence cannot be written as {form}; use {', '.join(FORMATS)}.")
    if form in {None, "table"} and output is not None and str(output) != "-":
        raise click.UsageError("A table is for the terminal; for a file use --format csv, tsv, json or markdown.")
    return None


def print_evidence(
    found: AnswerEvidence,
    opened: Build | Dataset | str,
    prefixes: Mapping[str, str],
    form: str | None,
    output: Path | None,
    lang: str,
    documents: Path | None,
) -> int:
    """Print an answer with its evidence, and return the exit code.

    Args:
        found: The answer.
        opened: What was queried.
        prefixes: Namespaces by prefix, by which IRIs are shortened.
        form: The format; None for a table.
        output: The file to write; None for stdout.
        lang: The language of the words.
        documents: The folder that passages were to be quoted from, where one was given.
    """
    from glocal_rdf.operations.query_evidence import list_missing_texts, name_documents
    from glocal_rdf.questions.evidence_text import write_csv, write_markdown

    if form == "json":
        print_json(found.to_record(), output)
    elif form in {"csv", "tsv"}:
        write_result(write_csv(found, "," if form == "csv" else "\t"), output)
    elif form == "markdown":
        write_result(write_markdown(found, prefixes, name_documents(opened, lang), lang), output)
    else:
        print_footnotes(found, prefixes, name_documents(opened, lang), lang)
    missing = list_missing_texts(found, documents) if documents is not None else ()
    print_problems(missing)
    return 1 if found.truth is False or missing else 0


def print_footnotes(found: AnswerEvidence, prefixes: Mapping[str, str], names: Mapping[str, str], lang: str) -> None:
    """Print the rows with the numbers of what they rest on, and then the statements by these numbers.

    Args:
        found: The answer.
        prefixes: Namespaces by prefix, by which IRIs are shortened.
        names: The names of documents by their terms.
        lang: The language of the words.
    """
    from glocal_rdf.questions.evidence_text import describe_statement, list_notes, tabulate_evidence

    rows = [[shorten(cell, prefixes) for cell in row] for row in tabulate_evidence(found, lang)]
    if found.truth is not None:
        click.echo("yes" if found.truth else "no")
    if rows:
        print_table([*found.variables, message(lang, "evidence")], rows)
    for text in found.absent:
        print_line(f"{message(lang, 'Also needed: that nothing matches')} {' '.join(text.split())}")
    for note, number in sorted(list_notes(found).items()):
        first, *others = describe_statement(found, number, prefixes, names, lang)
        print_line(f"[{note}] {first}")
        for line in others:
            print_line(f"    {line}")
