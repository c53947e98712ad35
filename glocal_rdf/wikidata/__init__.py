"""Wikidata and other Wikibases: asking them as their operators wish, reading and comparing what they state, batches.

1. `access` asks: one request at a time, with a contact, and keeps the answers.
2. `entities` reads items from both JSON forms and from RDF into one model, and writes snapshots.
3. `properties` maps terms of a project to properties, and `settings` holds the numbers that operators ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.wikidata.properties import read_vocabulary as read_vocabulary
    from glocal_rdf.wikidata.settings import WIKIDATA as WIKIDATA
    from glocal_rdf.wikidata.settings import Settings as Settings
    from glocal_rdf.wikidata.settings import Wikibase as Wikibase

__all__ = ["WIKIDATA", "Settings", "Wikibase", "read_vocabulary"]

__getattr__ = importer(
    __name__, {"WIKIDATA": "settings", "Settings": "settings", "Wikibase": "settings", "read_vocabulary": "properties"}
)
