"""The columnar graph: RDF as a table of three columns, read, written, combined and compared."""

from __future__ import annotations

from glocal_rdf.triples import terms
from glocal_rdf.triples.graph import Triples

__all__ = ["Triples", "terms"]
