"""Writes the reference of an ontology, with diagrams, from the ontology itself and the questions that use it."""

from __future__ import annotations

from glocal_rdf.ontology_docs.markdown import write_reference
from glocal_rdf.ontology_docs.questions import AskedQuestion, find_terms

__all__ = ["AskedQuestion", "find_terms", "write_reference"]
