"""Forms of a described graph that are not formats of RDF: tables, maps and networks, one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.exports.graph import DescribedGraph, Exported
    from glocal_rdf.exports.registry import FORMS, Form, find_form, form_names

__all__ = ["FORMS", "DescribedGraph", "Exported", "Form", "find_form", "form_names"]

__getattr__ = importer(
    __name__,
    {
        "DescribedGraph": "graph",
        "Exported": "graph",
        "FORMS": "registry",
        "Form": "registry",
        "find_form": "registry",
        "form_names": "registry",
    },
)
