"""Lists what a build has: its documents, the classes of its things, and their properties."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

import polars as pl

from glocal_rdf.dataset import Build
from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import DCTERMS, RDF_TYPE, RDFS, SCHEMA, SKOS, shorten, term
from glocal_rdf.operations.answer_facts import FactWriter
from glocal_rdf.operations.answer_lookup import Lookup
from glocal_rdf.operations.document_texts import permits_copies
from glocal_rdf.operations.kept_answers import KeptAnswers
from glocal_rdf.search.text_index import NAMES
from glocal_rdf.serve.api.model import ClassInfo, DocumentInfo
from glocal_rdf.serve.api.values import make_value
from glocal_rdf.triples import Triples

__all__ = ["AnswerLists", "find_text"]

_TEXTS: Final = (
    term(SKOS, "definition"),
    term(DCTERMS, "description"),
    term(SCHEMA, "description"),
    term(RDFS, "comment"),
)


def find_text(lookup: Lookup, named: str, lang: str) -> str:
    """Return the definition or description of a resource; empty where it has none.

    Args:
        lookup: The graph.
        named: The term of the resource.
        lang: The language.
    """
    rows = lookup.about(named)
    for predicate in _TEXTS:
        texts = rows.filter(pl.col("predicate") == predicate)["object"]
        if found := pick([(value.value, value.lang) for value in map(make_value, texts)], lang):
            return found
    return ""


class AnswerLists:
    """The lists of a build."""

    def __init__(self, built: Build, known: Triples, lookup: Lookup, writer: FactWriter, kept: KeptAnswers) -> None:
        """Take a build.

        Args:
            built: The build.
            known: What its tables and links state, and what follows from claims.
            lookup: Looks up the whole graph.
            writer: Writes names.
            kept: Where lists are kept.
        """
        self._built = built
        self._known = known
        self._lookup = lookup
        self._writer = writer
        self._kept = kept

    @cached_property
    def _things(self) -> pl.DataFrame:
        """The things with a name, with each of their stated classes: `subject`, `kind`."""
        frame = self._known.frame
        named = frame.filter(pl.col("predicate").is_in(list(NAMES)), pl.col("subject").str.starts_with("<"))
        typed = frame.filter(pl.col("predicate") == RDF_TYPE).select("subject", kind="object")
        return typed.join(named.select("subject").unique(), on="subject", how="semi")

    def documents(self, lang: str) -> tuple[DocumentInfo, ...]:
        """List the documents that claims were read from, sorted by IRI."""
        texts = self._writer.texts
        return tuple(
            DocumentInfo(
                iri=iri,
                label=self._writer.resource(f"<{iri}>", lang).label,
                file=file,
                sha256=sha256,
                characters=characters,
                licence=(licence := texts.licences.get(iri, "")),
                quotable=permits_copies(licence)
                and self._kept.keep(("document", iri), lambda one=iri: texts.read(one)) is not None,  # type: ignore[misc]
                claims=self._claim_counts.get(iri, 0),
            )
            for iri, (file, characters, sha256) in sorted(texts.files.items())
        )

    @cached_property
    def _claim_counts(self) -> Mapping[str, int]:
        """How many claims were read from each document."""
        rows = self._writer.claim_rows.frame.filter(pl.col("object").str.contains("#char=", literal=True))
        rows = rows.select("subject", document=pl.col("object").str.extract(r"^<([^#]*)#char=")).unique()
        return dict(rows.group_by("document").len().iter_rows())

    def document_text(self, iri: str) -> str | None:
        """Return the text of a document whose licence permits it; None for others."""
        found = self._writer.texts.read(iri)
        return found.text if found else None

    def ontology(self) -> str:
        """Return the ontology in Turtle."""
        return self._kept.keep(
            ("ontology",), lambda: self._built.project.ontology.serialize("turtle", self._built.prefixes).decode()
        )

    def classes(self, lang: str) -> tuple[ClassInfo, ...]:
        """List the classes of things with how many each has, most frequent first."""
        return self._kept.keep(("classes", lang), lambda: self._count(self._things["kind"], lang))

    def properties(self, lang: str, kind: str = "") -> tuple[ClassInfo, ...]:
        """List the properties that things have, most frequent first.

        Args:
            lang: The language of names in the answer.
            kind: The IRI of a class, to which things are limited; empty for any.
        """

        def make() -> tuple[ClassInfo, ...]:
            things = self._things
            if kind:
                typed = self._built.triples.match(predicate=RDF_TYPE, object=f"<{kind}>").frame
                things = things.join(typed, on="subject", how="semi")
            rows = self._known.frame.join(things.select("subject").unique(), on="subject", how="semi")
            return self._count(rows.select("subject", "predicate").unique()["predicate"], lang)

        return self._kept.keep(("properties", lang, kind), make)

    def _count(self, column: pl.Series, lang: str) -> tuple[ClassInfo, ...]:
        counts = column.alias("one").to_frame().group_by("one").len().sort("len", "one", descending=[True, False])
        return tuple(
            ClassInfo(
                iri=one.strip("<>"),
                id=shorten(one, self._writer.prefixes).strip("<>"),
                label=self._writer.resource(one, lang).label,
                description=find_text(self._lookup, one, lang),
                count=number,
            )
            for one, number in counts.iter_rows()
        )
