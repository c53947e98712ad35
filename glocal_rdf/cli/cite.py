"""`glocal cite`: finds a text in a document and prints its passage, so that positions are never typed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.terminal import documents_option, open_project, print_json, print_line, print_note, project_option

if TYPE_CHECKING:
    from glocal_rdf.documents import Citation

AROUND = 12


@click.command("cite")
@click.argument("document")
@click.argument("text")
@project_option
@documents_option
@click.option("--csv", "as_csv", is_flag=True, help="Print rows for data/passages.csv.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
def command(document: str, text: str, folder: Path | None, documents: Path | None, as_csv: bool, as_json: bool) -> None:
    """Find TEXT in DOCUMENT and print every passage that has it: identifier, positions, checksum.

    DOCUMENT is a file, or the slug of a document of the project with --documents. White space and line breaks in TEXT
    are ignored where the document does not have it exactly.

    \b
    Examples:
      glocal cite ../shared/documents/001_80335a27dc9b2154.txt 巴塞隆納
      glocal cite city-alliances 巴塞隆納 --documents ../shared/documents --csv
    """
    from glocal_rdf import operations

    if as_csv and as_json:
        raise click.UsageError("Give --csv or --json, not both.")
    found = operations.cite(open_project(folder), document, text, documents)
    if as_json:
        print_json([as_record(citation) for citation in found])
    elif as_csv:
        for citation in found:
            document = citation.document.iri
            row = [short(citation.iri), short(document), str(citation.start), str(citation.end), citation.sha256]
            click.echo(",".join([*(quote(cell) for cell in row), "", ""]).encode() + b"\n", nl=False)
    else:
        for citation in found:
            print_line(citation.iri)
            print_line(f"  line {citation.line}, characters {citation.start} to {citation.end}")
            print_line(f"  sha256 {citation.sha256}")
            print_line(f"  {context(citation)}")
    if len(found) > 1:
        print_note(f"{len(found)} passages have it; a longer text tells them apart")


def quote(cell: str) -> str:
    """Write a cell of CSV, in quotes where it needs them."""
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell


def short(iri: str) -> str:
    """Shorten the IRI of a thing of the dataset to kind and slug, as the tables write it."""
    return iri.partition("/id/")[2] or iri


def context(citation: Citation) -> str:
    """Show a passage between the words around it."""
    text = citation.document.text
    before = text[max(0, citation.start - AROUND) : citation.start]
    after = text[citation.end : citation.end + AROUND]
    return " ".join(f"…{before}[{citation.text}]{after}…".split())


def as_record(citation: Citation) -> dict[str, str | int]:
    """Lay out a passage for a program."""
    return {
        "id": short(citation.iri),
        "iri": citation.iri,
        "document": citation.document.iri,
        "start": citation.start,
        "end": citation.end,
        "line": citation.line,
        "sha256": citation.sha256,
        "text": citation.text,
    }
