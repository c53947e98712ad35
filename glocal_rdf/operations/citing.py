"""Finds passages in a project's documents, and measures how much of them is cited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf import csvw, documents
from glocal_rdf.errors import InputError
from glocal_rdf.project import Project

if TYPE_CHECKING:
    from glocal_rdf.documents import Citation, Coverage, Document

__all__ = ["cite", "coverage"]


def cite(project: Project, document: str, text: str, folder: Path | None = None) -> tuple[Citation, ...]:
    """Find every passage of a document that has a text.

    `document` is a file, or the slug or IRI of one that the project describes and that lies in `folder`. Raise
    InputError where there is no such document, where it is another version, or where it does not have the text.
    """
    return documents.cite(_open_document(project, document, folder), text)


def _open_document(project: Project, word: str, folder: Path | None) -> Document:
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
            raise InputError.at(
                word, f"is the file {file}, and its folder is not known", "name it with --documents DIR"
            )
        document = documents.read_document(folder / file, iri)
        if document.sha256 != checksum:
            raise InputError.at(
                document.path, "is another version than data/documents.csv describes", "get that version"
            )
        return document
    slugs = ", ".join(iri.rpartition("/")[2] for iri in described["document"])
    raise InputError.at(word, "is neither a file nor a document of the project", f"the project has {slugs}")


def coverage(project: Project, folder: Path, document: str | None = None) -> tuple[Coverage, ...]:
    """Measure how much of the project's documents, which lie in `folder`, is cited; or of the one with a slug or IRI.

    Raise InputError with every document that is missing or another version, and every passage outside its document.
    """
    return documents.measure_documents(csvw.convert(project.metadata).triples, folder, document)
