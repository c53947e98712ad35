"""Measures how much of a project's documents is cited, and finds the longest stretches that are not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glocal_rdf import csvw, documents
from glocal_rdf.errors import InputError
from glocal_rdf.project import Project

if TYPE_CHECKING:
    from glocal_rdf.documents import Coverage, Paragraph, Stretch

__all__ = ["count_covered", "coverage", "find_below", "format_share", "list_stretches", "slug_of", "to_record"]


def coverage(project: Project, folder: Path | None = None, document: str | None = None) -> tuple[Coverage, ...]:
    """Measure how much of a project's documents is cited.

    Args:
        project: The project that describes its documents.
        folder: The folder of the documents; by default `documents/` in the project.
        document: The slug or IRI of a document that is measured alone.

    Raises:
        InputError: Where the folder is not known; with every document that is missing or another version, and every
            passage outside its document.
    """
    folder = folder or project.documents
    if folder is None:
        hint = "name the folder with --documents DIR, or put the files into documents/ of the project"
        raise InputError.at("documents", "are in a folder that is not known", hint)
    stated = csvw.convert(project.metadata, prefixes=project.declared_prefixes).triples
    return documents.measure_documents(stated, folder, document)


def list_stretches(measured: Sequence[Coverage]) -> list[Stretch]:
    """List the stretches of all documents that are neither cited nor judged, longest first."""
    stretches = [stretch for coverage in measured for stretch in coverage.stretches]
    return sorted(stretches, key=lambda stretch: -stretch.characters)


def find_below(measured: Sequence[Coverage], least: float) -> list[Coverage]:
    """Return the documents of which less than `least` percent of the characters is cited or judged."""
    return [coverage for coverage in measured if 100 * count_covered(coverage) < least * coverage.characters]


def count_covered(part: Coverage | Paragraph) -> int:
    """Count the characters that are cited or judged."""
    return part.cited + part.judged


def slug_of(coverage: Coverage) -> str:
    """Return the slug of a document: the last part of its IRI."""
    return coverage.document.iri.rpartition("/")[2]


def format_share(part: int, whole: int) -> str:
    """Write a share in percent with one decimal, rounded down, so that only a whole is 100.0 %.

    Examples:
        >>> format_share(1999, 2000), format_share(5, 5), format_share(0, 0)
        ('99.9 %', '100.0 %', '–')
    """
    tenths = 1000 * part // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10} %" if whole else "–"


def to_record(measured: Sequence[Coverage], *, paragraphs: bool = True, stretches: int = 10) -> dict[str, Any]:
    """Return the coverage of documents as a JSON object.

    Args:
        measured: The coverage of each document.
        paragraphs: Whether the counts of each paragraph are included.
        stretches: How many of the longest open stretches are included.
    """
    return {
        "documents": [_document_record(coverage, paragraphs=paragraphs) for coverage in measured],
        "stretches": [_stretch_record(stretch) for stretch in list_stretches(measured)[:stretches]],
    }


def _document_record(coverage: Coverage, *, paragraphs: bool) -> dict[str, Any]:
    record: dict[str, Any] = {"document": coverage.document.iri, "file": coverage.document.path.name}
    record |= _counts_record(coverage)
    if paragraphs:
        record["paragraphs"] = [
            {"line": part.line, "start": part.start, "end": part.end, **_counts_record(part)}
            for part in coverage.paragraphs
        ]
    return record


def _counts_record(part: Coverage | Paragraph) -> dict[str, int]:
    return {"characters": part.characters, "cited": part.cited, "judged": part.judged, "open": part.open}


def _stretch_record(stretch: Stretch) -> dict[str, str | int]:
    passage = stretch.passage
    return {
        "document": passage.document.iri,
        "passage": passage.iri,
        "line": passage.line,
        "start": passage.start,
        "end": passage.end,
        "characters": stretch.characters,
        "text": passage.text,
    }
