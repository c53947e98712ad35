"""Makes projects: from tables with guessed columns, an ontology, shapes, queries and a README that build at once.

The description of the tables (CSV on the Web) is made first, and everything else is made of it and of the cells, so
that each part can be made again when tables or their description change:

1. `tables` plans each table: its class, its key, its names, and what each column means (`columns`, `terms`, `slugs`).
2. `references` finds the columns whose cells are keys or names of another table.
3. `output.description` writes the metadata document; ontology, shapes, queries and README are made of that document.
4. `update` brings a project up to date with newer tables, and leaves alone what was edited.

The package reads no table itself: it is given plain values, and returns texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.scaffold.documents import make_documents_project
    from glocal_rdf.scaffold.output.project import assemble_files

__all__ = ["assemble_files", "make_documents_project"]

__getattr__ = importer(__name__, {"assemble_files": "output.project", "make_documents_project": "documents"})
