"""Finds a text in a document and returns its passages, so that positions are never typed by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf import csvw, documents
from glocal_rdf.errors import InputError
from glocal_rdf.project import Project
from glocal_rdf.vocabulary import short_id

if TYPE_CHECKING:
    from glocal_rdf.documents import Citation, Document

__all__ = ["cite", "quote_in_context", "to_passage_row", "to_record"]

CONTEXT_LENGTH = 12
"""How many characters before and after a passage are shown with it."""


def cite(project: Project, document: str, text: str, folder: Path | None = None) -> tuple[Citation, ...]:
    """Find every passage of a document with a text.

    Args:
        project: The project that describes its documents.
        document: A file, or the slug or IRI of a document that the project describes and that lies in `folder`.
        text: The text to find. White space is ignored where the document does not have it exactly.
        folder: The folder of the documents.

    Raises:
        InputError: Where there is no such document, where it is another version, or where it does not have the text.
    """
    return documents.cite(_open_document(project, document, folder), text)


def _open_document(project: Project, word: str, folder: Path | None) -> Document:
    """Read a document by its file name, or by its slug or IRI.

    Raises:
        InputError: As `cite` does.
    """
    described = documents.list_documents(csvw.convert(project.metadata).triples)
    path = Path(word)
    if path.is_file():
        found = documents.read_document(path, path.resolve().as_uri())
        by_checksum = {checksum: iri for iri, _, _, checksum in described.iter_rows()}
        return replace(found, iri=by_checksum.get(found.sha256, found.iri))
    for iri, file, _, checksum in described.iter_rows():
        if iri.rpartition("/")[2] != word.rpartition("/")[2]:
            continue
        if folder is None:
            hint = "name the folder with --documents DIR"
            raise InputError.at(word, f"is the file {file}, and its folder is not known", hint)
        document = documents.read_document(folder / file, iri)
        if document.sha256 != checksum:
            what = "is not the version that data/documents.csv describes"
            raise InputError.at(document.path, what, "get that version")
        return document
    slugs = ", ".join(iri.rpartition("/")[2] for iri in described["document"])
    raise InputError.at(word, "is neither a file nor a document of the project", f"the project has {slugs}")


def to_record(citation: Citation) -> dict[str, str | int]:
    """Return a passage as a JSON object: identifier, IRI, document, positions, line, checksum and text."""
    return {
        "id": short_id(citation.iri),
        "iri": citation.iri,
        "document": citation.document.iri,
        "start": citation.start,
        "end": citation.end,
        "line": citation.line,
        "sha256": citation.sha256,
        "text": citation.text,
    }


def to_passage_row(citation: Citation) -> str:
    """Return a passage as a row of `data/passages.csv`, without the end of the line."""
    document = citation.document.iri
    row = [short_id(citation.iri), short_id(document), str(citation.start), str(citation.end), citation.sha256]
    return ",".join([*map(_quote_cell, row), "", ""])


def quote_in_context(citation: Citation) -> str:
    """Return the text of a passage in brackets, between the characters around it, on one line."""
    text = citation.document.text
    before = text[max(0, citation.start - CONTEXT_LENGTH) : citation.start]
    after = text[citation.end : citation.end + CONTEXT_LENGTH]
    return " ".join(f"…{before}[{citation.text}]{after}…".split())


def _quote_cell(cell: str) -> str:
    """Write a cell of CSV, in quotes where it needs them."""
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell
