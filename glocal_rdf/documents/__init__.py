"""Text and its passages: finds a text, checks that passages are where they should be, measures what they cover."""

from glocal_rdf.documents.coverage import Coverage, Paragraph, Stretch, measure_coverage, measure_documents
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
    "Coverage",
    "Document",
    "Paragraph",
    "Stretch",
    "cite",
    "list_documents",
    "list_passages",
    "measure_coverage",
    "measure_documents",
    "read_document",
    "read_passages",
    "verify_passages",
]
