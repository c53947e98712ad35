"""Says which documents may be quoted, and quotes them: those at hand whose licence permits that others have the text.

A document whose licence the graph does not state (dcterms:license) is not quoted: its passages have positions and
checksums, by which whoever has the document finds the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl

from glocal_rdf.documents import Citation, Document, list_documents, list_passages, read_document, read_passages
from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import DC, DCTERMS, SCHEMA, SCHEMA_HTTPS, term
from glocal_rdf.serve.api.model import Quote
from glocal_rdf.triples import Triples

__all__ = ["MAX_QUOTE", "DocumentTexts", "PassagePlace", "permits_copies"]

MAX_QUOTE: Final = 1000
"""How many characters of a passage are quoted."""

_LICENCES: Final = (*(term(space, "license") for space in (DCTERMS, SCHEMA, SCHEMA_HTTPS)), term(DC, "rights"))
_OPEN: Final = re.compile(
    r"https?://(?:www\.)?(?:"
    r"creativecommons\.org/(?:publicdomain/(?:zero|mark)/1\.0|licenses/by(?:-sa|-nd)?/[1-4]\.0)(?:/[a-z]{2,3})?"
    r"|opendatacommons\.org/licenses/(?:pddl|by|odbl)(?:/1-0|/1\.0)?"
    r"|data\.gov\.tw/license"
    r"|nationalarchives\.gov\.uk/doc/open-government-licence/version/[1-3]"
    r"|spdx\.org/licenses/(?:CC0-1\.0|CC-BY(?:-SA|-ND)?-[1-4]\.0|PDDL-1\.0|ODC-By-1\.0|ODbL-1\.0|OGL-UK-[1-3]\.0)"
    r")(?:\.html|/|/deed\.[a-zA-Z_-]+|/legalcode)?"
)
"""The licences that let anybody give the text on as it is, whatever for."""


def permits_copies(licence: str) -> bool:
    """Return whether a licence lets anybody give a text on as it is.

    Args:
        licence: The IRI of the licence.

    Examples:
        >>> permits_copies("https://creativecommons.org/licenses/by/4.0/")
        True
        >>> permits_copies("https://creativecommons.org/licenses/by-nc/4.0/"), permits_copies("")
        (False, False)
    """
    return _OPEN.fullmatch(licence) is not None


@dataclass(frozen=True, slots=True)
class PassagePlace:
    """Where a passage is: its document, the positions of its ends, and the checksum of its text."""

    document: str
    start: int | None
    end: int | None
    sha256: str


class DocumentTexts:
    """The documents of a graph, and what may be quoted of them."""

    def __init__(self, stated: Triples, folder: Path | None) -> None:
        """Take a graph.

        Args:
            stated: The graph that describes documents and passages.
            folder: The folder of the documents; None where they are not at hand.
        """
        self._stated = stated
        self._folder = folder

    @cached_property
    def places(self) -> Mapping[str, PassagePlace]:
        """Where each passage is, by its IRI."""
        rows = list_passages(self._stated).select("passage", "document", "start", "end", "sha256").iter_rows()
        return {one: PassagePlace(document, start, end, sha256 or "") for one, document, start, end, sha256 in rows}

    @cached_property
    def files(self) -> Mapping[str, tuple[str, int | None, str]]:
        """The name of the file, the number of characters and the checksum of each document, by its IRI."""
        return {iri: (file, size, sha256) for iri, file, size, sha256 in list_documents(self._stated).iter_rows()}

    @cached_property
    def licences(self) -> Mapping[str, str]:
        """The licence of each document that has one, by its IRI."""
        rows = self._stated.frame.filter(
            pl.col("predicate").is_in(_LICENCES), pl.col("object").str.starts_with("<")
        ).sort("subject", "object", descending=[False, True])
        every = {subject[1:-1]: licence[1:-1] for subject, _, licence in rows.iter_rows()}
        return {iri: every[iri] for iri in self.files if iri in every}

    @cached_property
    def _passages(self) -> Mapping[str, Citation]:
        """The passages that may be quoted."""
        if self._folder is None or not any(map(permits_copies, self.licences.values())):
            return {}
        every = read_passages(self._stated, self._folder)
        return {iri: one for iri, one in every.items() if permits_copies(self.licences.get(one.document.iri, ""))}

    def quote(self, passage: str) -> Quote | None:
        """Return the text of a passage, or its beginning; None where it may not be given or is not at hand.

        Args:
            passage: The IRI of the passage.
        """
        found = self._passages.get(passage)
        if found is None:
            return None
        text = found.text
        return Quote(text=text[:MAX_QUOTE], shortened=len(text) > MAX_QUOTE, licence=self.licences[found.document.iri])

    def read(self, document: str) -> Document | None:
        """Read a document; None where it may not be given, is not at hand, or is not the one that was cited.

        Args:
            document: The IRI of the document.
        """
        file, _, sha256 = self.files.get(document, ("", None, ""))
        path = self._folder / file if self._folder and file else None
        if path is None or not permits_copies(self.licences.get(document, "")) or not path.is_file():
            return None
        try:
            found = read_document(path, document)
        except InputError:
            return None
        return found if found.sha256 == sha256 else None
