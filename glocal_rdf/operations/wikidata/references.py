"""Makes references of a Wikibase for our statements: from the document that a claim was read from, or one address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from glocal_rdf.dataset import Build
from glocal_rdf.documents.passages import list_passages, read_passages
from glocal_rdf.namespaces import DCTERMS, FOAF, SCHEMA, SCHEMA_HTTPS, SKOS, iri_of, term
from glocal_rdf.triples import terms
from glocal_rdf.wikidata.compare.literals import code_language
from glocal_rdf.wikidata.compare.outcomes import OurStatement
from glocal_rdf.wikidata.entities.model import ItemValue, Snak, StringValue, TextValue, TimeValue
from glocal_rdf.wikidata.properties import Vocabulary

__all__ = ["QUOTATION_LIMIT", "References", "read_references"]

QUOTATION_LIMIT: Final = 200
"""How many characters a quotation may have."""

_OPEN: Final = ("creativecommons.org/publicdomain/",)
"""Licences under which a quotation may be given away as CC0, as statements of Wikidata are."""

_ADDRESSES: Final = (
    term(SCHEMA, "url"),
    term(SCHEMA_HTTPS, "url"),
    term(FOAF, "page"),
    term(FOAF, "homepage"),
    term(DCTERMS, "source"),
)
_LANGUAGES: Final = (term(DCTERMS, "language"), term(SCHEMA, "inLanguage"), term(SCHEMA_HTTPS, "inLanguage"))

Parts = tuple[Snak, ...]


@dataclass(frozen=True)
class References:
    """Makes references.

    Attributes:
        vocabulary: The properties of references.
        retrieved: The day of the run.
        documents: The document of each passage, by IRI.
        described: What is stated of documents: predicate and values, by IRI.
        items: The item of each thing, by IRI.
        texts: The texts of passages that may be quoted, by IRI.
        address: The address that statements without a passage are referenced with, or nothing.
    """

    vocabulary: Vocabulary
    retrieved: TimeValue
    documents: Mapping[str, str]
    described: Mapping[str, Mapping[str, Sequence[str]]]
    items: Mapping[str, str]
    texts: Mapping[str, str]
    address: str = ""

    def make(self, ours: OurStatement) -> tuple[Parts, ...]:
        """Return the references of a statement: one for each document; none where nothing can be named."""
        documents: dict[str, list[str]] = {}
        for passage in ours.passages:
            documents.setdefault(self.documents.get(passage, passage.partition("#")[0]), []).append(passage)
        found = [self._cite(document, passages) for document, passages in sorted(documents.items())]
        if not found and self.address:
            found = [self._parts(url=self.address)]
        return tuple(parts for parts in found if parts)

    def _cite(self, document: str, passages: Sequence[str]) -> Parts:
        """Return the reference to a document: its item or its address, its title, and a short quotation."""
        stated = self.described.get(document, {})
        addresses = [self._plain(value) for name in _ADDRESSES for value in stated.get(name, ())]
        url = next((one for one in [*addresses, document] if one.startswith(("http://", "https://"))), "")
        titles = [value for value in stated.get(term(SKOS, "prefLabel"), ()) if _tag(value)]
        spoken = [code_language(terms.unquote(one)) for name in _LANGUAGES for one in stated.get(name, ())]
        titles.sort(
            key=lambda value: (_tag(value) not in spoken, spoken.index(_tag(value)) if _tag(value) in spoken else 0)
        )
        quotation = next((self.texts[one] for one in passages if one in self.texts), "")
        return self._parts(
            item=self.items.get(document, ""),
            url=url,
            title=TextValue(terms.unquote(titles[0]), _tag(titles[0])) if titles else None,
            quotation=TextValue(quotation, spoken[0]) if quotation and spoken else None,
        )

    def _parts(
        self, *, item: str = "", url: str = "", title: TextValue | None = None, quotation: TextValue | None = None
    ) -> Parts:
        if not item and not url:
            return ()
        roles = self.vocabulary.references
        wanted = (
            ("stated-in", ItemValue(item) if item else None),
            ("url", StringValue(url) if url else None),
            ("title", title),
            ("quotation", quotation),
            ("retrieved", self.retrieved if url else None),
        )
        return tuple(Snak(roles[role], value) for role, value in wanted if value is not None and role in roles)

    @staticmethod
    def _plain(value: str) -> str:
        return str(iri_of(value)) if value.startswith("<") else terms.unquote(value)


def read_references(
    built: Build,
    vocabulary: Vocabulary,
    items: Mapping[str, str],
    now: datetime,
    *,
    folder: Path | None = None,
    address: str = "",
) -> References:
    """Read what references are made of.

    Args:
        built: The build of the project.
        vocabulary: The properties of references.
        items: The item of each thing, by IRI.
        now: The time of the run.
        folder: The folder of the documents, to quote from; a quotation is made only where the document is in the public
            domain (dcterms:license), and short.
        address: The address for statements that no document states.
    """
    passages = list_passages(built.stated)
    documents = dict(passages.select("passage", "document").iter_rows())
    subjects = [f"<{one}>" for one in sorted(set(documents.values()))]
    rows = built.stated.frame.filter(pl.col("subject").is_in(subjects)).sort("subject", "predicate", "object")
    described: dict[str, dict[str, list[str]]] = {}
    for subject, predicate, value in rows.iter_rows():
        described.setdefault(str(iri_of(subject)), {}).setdefault(predicate, []).append(value)
    free = {
        document
        for document, stated in described.items()
        if any(mark in value for value in stated.get(term(DCTERMS, "license"), ()) for mark in _OPEN)
    }
    texts = {}
    if folder is not None and free:
        for passage, found in read_passages(built.stated, folder).items():
            if documents.get(passage) in free and len(found.text.split()) and len(found.text) <= QUOTATION_LIMIT:
                texts[passage] = found.text
    retrieved = TimeValue(now.year, now.month, now.day, 11)
    return References(vocabulary, retrieved, documents, described, items, texts, address)


def _tag(literal: str) -> str:
    return code_language(literal.rpartition('"@')[2]) if '"@' in literal else ""
