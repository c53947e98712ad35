"""The template of a project with documents: claims with passages, in terms of the user's own, and a worked example."""

from __future__ import annotations

from glocal_rdf.scaffold.documents.project import make_documents_project

__all__ = ["make_documents_project"]
