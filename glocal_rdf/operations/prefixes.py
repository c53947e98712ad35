"""Finds the prefixes that the ontology of the project around a file declares."""

from __future__ import annotations

from pathlib import Path

from glocal_rdf.errors import GlocalError
from glocal_rdf.project import METADATA, Project

__all__ = ["read_prefixes"]


def read_prefixes(source: str | Path) -> dict[str, str]:
    """Return the prefixes that the ontology of the project around a file declares; none outside a project."""
    for folder in Path(source).resolve().parents:
        if (folder / METADATA).is_file():
            try:
                return Project(folder).declared_prefixes
            except GlocalError:  # a mistake in the ontology is reported by `glocal build`
                return {}
    return {}
