"""Finds a text in a document and returns its passages, so that positions are never typed by hand."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf import csvw, documents
from glocal_rdf.errors import InputError
from glocal_rdf.project import Project, read_text
from glocal_rdf.vocabulary import short_id

if TYPE_CHECKING:
    from glocal_rdf.documents import Citation, Document

__all__ = ["cite", "quote_in_context", "to_passage_row", "to_record"]

NOTES = ("note_en", "note_zh")
"""The further columns of a table of passages that does not exist yet."""

CONTEXT_LENGTH = 12
"""How many characters before and after a passage are shown with it."""


def cite(project: Project, document: str, text: str, folder: Path | None = None) -> tuple[Citation, ...]:
    """Find every passage of a document with a text.

    Args:
        project: The project that describes its documents.
        document: A file, or the slug or IRI of a document that the project describes and that lies in `folder`.
        text: The text to find. White space is ignored where the document does not have it exactly.
        folder: The folder of the documents; by default `documents/` in the project.

    Raises:
        InputError: Where there is no such document, where it is another version, or where it does not have the text.
    """
    return documents.cite(_open_document(project, document, folder or project.documents), text)


def _open_document(project: Project, word: str, folder: Path | None) -> Document:
    """Read a document by its file name, or by its slug or IRI.

    Raises:
        InputError: As `cite` does.
    """
    described = documents.list_documents(csvw.convert(project.metadata, prefixes=project.declared_prefixes).triples)
    path = Path(word)
    if path.is_file():
        found = documents.read_document(path, path.resolve().as_uri())
        by_checksum = {checksum: iri for iri, _, _, checksum in described.iter_rows()}
        return replace(found, iri=by_checksum.get(found.sha256, found.iri))
    for iri, file, _, checksum in described.iter_rows():
        if iri.rpartition("/")[2] != word.rpartition("/")[2]:
            continue
        if folder is None:
            hint = "name the folder with --documents DIR, or put the file into documents/ of the project"
            raise InputError.at(word, f"is the file {file}, and its folder is not known", hint)
        document = documents.read_document(folder / file, iri)
        if document.sha256 != checksum:
            what = "is not the version that data/documents.csv describes"
            raise InputError.at(document.path, what, "get that version")
        return document
    slugs = ", ".join(iri.rpartition("/")[2] for iri in described["document"])
    raise InputError.at(word, "is neither a file nor a document of the project", f"the project has {slugs}")


def to_record(citation: Citation, project: Project | None = None) -> dict[str, str | int]:
    """Return a passage as a JSON object: identifier, IRI, document, positions, line, checksum and text.

    Args:
        citation: The passage.
        project: The project whose tables write the identifier.
    """
    return {
        "id": short_id(citation.iri, project.space if project else ""),
        "iri": citation.iri,
        "document": citation.document.iri,
        "start": citation.start,
        "end": citation.end,
        "line": citation.line,
        "sha256": citation.sha256,
        "text": citation.text,
    }


def to_passage_row(citation: Citation, project: Project | None = None) -> str:
    """Return a passage as a row of `data/passages.csv`, without the end of the line.

    Args:
        citation: The passage.
        project: The project whose table it is for; its columns are filled by their names, others stay empty.

    Raises:
        InputError: Where that table lacks a column that a passage needs.
    """
    space = project.space if project else ""
    cells = {
        "id": short_id(citation.iri, space),
        "document": short_id(citation.document.iri, space),
        "start": str(citation.start),
        "end": str(citation.end),
        "sha256": citation.sha256,
    }
    columns = _passage_columns(project, tuple(cells)) if project else (*cells, *NOTES)
    return ",".join(_quote_cell(cells.get(name, "")) for name in columns)


def _passage_columns(project: Project, needed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the header of the project's table of passages, or the usual one where there is no such table."""
    table = project.metadata.with_name("passages.csv")
    if not table.is_file():
        return (*needed, *NOTES)
    columns = next(csv.reader(io.StringIO(read_text(table))), [])
    if missing := [name for name in needed if name not in columns]:
        hint = f"give it the columns {', '.join(needed)}, separated by commas"
        raise InputError.at(f"{table}:1", f"lacks the column {', '.join(missing)}", hint)
    return tuple(columns)


def quote_in_context(citation: Citation) -> str:
    """Return the text of a passage in brackets, between the characters around it, on one line."""
    text = citation.document.text
    before = text[max(0, citation.start - CONTEXT_LENGTH) : citation.start]
    after = text[citation.end : citation.end + CONTEXT_LENGTH]
    return " ".join(f"…{before}[{citation.text}]{after}…".split())


def _quote_cell(cell: str) -> str:
    """Write a cell of CSV, in quotes where it needs them."""
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell
