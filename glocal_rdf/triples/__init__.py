"""The columnar graph: RDF as a table of three columns, read, written, combined and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.triples import terms as terms
    from glocal_rdf.triples.datasets import Dataset
    from glocal_rdf.triples.graph import Triples

__all__ = ["Dataset", "Triples", "terms"]

__getattr__ = importer(__name__, {"Dataset": "datasets", "Triples": "graph"})
