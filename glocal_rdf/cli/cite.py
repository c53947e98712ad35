"""`glocal cite`: finds a text in a document and prints its passages, so that positions are never typed by hand."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.completing import complete_documents
from glocal_rdf.cli.former_options import former_option
from glocal_rdf.cli.options import documents_option, format_option, open_project, project_option
from glocal_rdf.cli.output import print_json, print_line, print_note


@click.command("cite")
@click.argument("document", shell_complete=complete_documents)
@click.argument("text")
@project_option
@documents_option
@former_option("--csv", "--format csv")
@format_option(("text", "csv", "json"), default="text")
def command(document: str, text: str, folder: Path | None, documents: Path | None, form: str) -> None:
    """Find TEXT in DOCUMENT, and print each passage with its identifier, positions and checksum.

    DOCUMENT is a file, or the slug of a document of the project. Differences in white space and line
    breaks are ignored where the document does not have TEXT exactly. As CSV, passages are rows for data/passages.csv.

    \b
    Examples:
      glocal cite ../shared/documents/001_80335a27dc9b2154.txt 巴塞隆納
      glocal cite city-alliances 巴塞隆納 --documents ../shared/documents -f csv

    Exit code 0: found; 2: the document is not there, or does not have TEXT.
    """
    from glocal_rdf.operations.cite import cite, quote_in_context, to_passage_row, to_record

    project = open_project(folder)
    found = cite(project, document, text, documents)
    if form == "json":
        print_json([to_record(citation, project) for citation in found])
    elif form == "csv":
        for citation in found:
            click.echo(to_passage_row(citation, project).encode() + b"\n", nl=False)
    else:
        for citation in found:
            print_line(citation.iri)
            print_line(f"  line {citation.line}, characters {citation.start} to {citation.end}")
            print_line(f"  sha256 {citation.sha256}")
            print_line(f"  {quote_in_context(citation)}")
    if len(found) > 1:
        print_note(f"{len(found)} passages have this text; give a longer one to find one of them")
