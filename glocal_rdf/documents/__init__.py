"""Text and its passages: finds a text in a document, and checks that passages are where they are said to be."""

from glocal_rdf.documents.passages import (
    Citation,
    Document,
    cite,
    list_documents,
    list_passages,
    read_document,
    read_passages,
    verify_passages,
)

__all__ = [
    "Citation",
    "Document",
    "cite",
    "list_documents",
    "list_passages",
    "read_document",
    "read_passages",
    "verify_passages",
]
