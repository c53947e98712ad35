"""`glocal cite`: finds a text in a document and prints its passage, so that positions are never typed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.terminal import open_project, project_option, say
from glocal_rdf.errors import InputError

if TYPE_CHECKING:
    from glocal_rdf.documents import Citation, Document
    from glocal_rdf.project import Project

AROUND = 12


@click.command("cite")
@click.argument("document")
@click.argument("text")
@project_option
@click.option(
    "--documents",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="GLOCAL_DOCUMENTS",
    metavar="DIR",
    help="The folder of the source documents, where DOCUMENT is a slug; also GLOCAL_DOCUMENTS.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print rows for data/passages.csv.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
def command(document: str, text: str, folder: Path | None, documents: Path | None, as_csv: bool, as_json: bool) -> None:
    """Find TEXT in DOCUMENT and print every passage that has it: identifier, positions, checksum.

    DOCUMENT is a file, or the slug of a document of the project with --documents. White space and line breaks in TEXT
    are let go where the document does not have it exactly.

    \b
    Examples:
      glocal cite ../shared/documents/001_80335a27dc9b2154.txt 巴塞隆納
      glocal cite city-alliances 巴塞隆納 --documents ../shared/documents --csv
    """
    from glocal_rdf.documents import cite

    source = open_document(open_project(folder), document, documents)
    found = cite(source, text)
    if as_json:
        import json

        click.echo(json.dumps([as_record(citation) for citation in found], ensure_ascii=False, indent=2))
    elif as_csv:
        for citation in found:
            identifier = short(citation.iri)
            where = short(source.iri)
            click.echo(f'"{identifier}",{where},{citation.start},{citation.end},{citation.sha256}')
    else:
        for citation in found:
            click.echo(f"{citation.iri}\n  line {citation.line}, characters {citation.start} to {citation.end}")
            click.echo(f"  sha256 {citation.sha256}\n  {context(citation)}")
    if len(found) > 1:
        say(f"{len(found)} passages have it; a longer text tells them apart")


def open_document(project: Project, word: str, folder: Path | None) -> Document:
    """Read the document that a word names: a file, or the slug of one that the project describes."""
    from glocal_rdf import csvw
    from glocal_rdf.documents import list_documents, read_document

    described = list_documents(csvw.convert(project.metadata).triples)
    path = Path(word)
    if path.is_file():
        found = read_document(path, "")
        by_checksum = {checksum: iri for iri, _, _, checksum in described.iter_rows()}
        return read_document(path, by_checksum.get(found.sha256) or path.resolve().as_uri())
    for iri, file, _, checksum in described.iter_rows():
        if iri.rpartition("/")[2] != word.rpartition("/")[2] and iri != word:
            continue
        if folder is None:
            raise InputError.at(word, f"is the file {file}, and its folder is not known", "name it with --documents DIR")
        document = read_document(folder / file, iri)
        if document.sha256 != checksum:
            raise InputError.at(document.path, "is another version than data/documents.csv describes", "get that version")
        return document
    slugs = ", ".join(iri.rpartition("/")[2] for iri in described["document"])
    raise InputError.at(word, "is neither a file nor a document of the project", f"the project has {slugs}")


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
