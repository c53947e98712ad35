"""Collects the statements of a description in RDF, without blank nodes, so that its bytes are the same on every run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from glocal_rdf.namespaces import DCTERMS, RDF_TYPE, SKOS, XSD, term
from glocal_rdf.publish.catalogue.authority import find_scheme
from glocal_rdf.triples import Triples, terms

__all__ = ["Statements"]


class Statements:
    """A list of statements that grows; subjects are IRIs without brackets, and empty values are left out."""

    def __init__(self) -> None:
        """Start without any."""
        self._rows: list[tuple[str, str, str]] = []

    @property
    def triples(self) -> Triples:
        """The statements, each once."""
        return Triples.from_terms(self._rows).distinct()

    def type(self, subject: str, *classes: str) -> None:
        """State the classes of a resource.

        Args:
            subject: The IRI of the resource.
            *classes: The terms of the classes.
        """
        self._rows += [(f"<{subject}>", RDF_TYPE, one) for one in classes]

    def link(self, subject: str, predicate: str, *values: str) -> None:
        """State links to other resources.

        Args:
            subject: The IRI of the resource.
            predicate: The term of the predicate.
            *values: IRIs; empty ones are left out.
        """
        self._rows += [(f"<{subject}>", predicate, f"<{one}>") for one in values if one]

    def text(self, subject: str, predicate: str, texts: Mapping[str, str] | str) -> None:
        """State a text, or one in each of some languages.

        Args:
            subject: The IRI of the resource.
            predicate: The term of the predicate.
            texts: The text, or the texts by language; empty ones are left out.
        """
        pairs: Iterable[tuple[str | None, str]] = [(None, texts)] if isinstance(texts, str) else texts.items()
        self._rows += [(f"<{subject}>", predicate, terms.quote(one, language=lang)) for lang, one in pairs if one]

    def value(self, subject: str, predicate: str, value: object, datatype: str = "integer") -> None:
        """State a value of a datatype of XML Schema.

        Args:
            subject: The IRI of the resource.
            predicate: The term of the predicate.
            value: The value; an empty text is left out.
            datatype: The name of its datatype.
        """
        if value != "":
            self._rows.append((f"<{subject}>", predicate, terms.quote(str(value), datatype=f"{XSD}{datatype}")))

    def copy(self, subject: str, predicate: str, objects: Iterable[str]) -> None:
        """State values that are terms already.

        Args:
            subject: The IRI of the resource.
            predicate: The term of the predicate.
            objects: The terms.
        """
        self._rows += [(f"<{subject}>", predicate, one) for one in objects]

    def concept(self, iri: str, names: Mapping[str, str], *classes: str) -> None:
        """State what a concept is, and the table that it is in.

        Args:
            iri: The IRI of the concept; nothing is stated where it is empty.
            names: Its names, by language.
            *classes: The terms of its classes besides that of concepts.
        """
        if not iri:
            return
        self.type(iri, term(SKOS, "Concept"), *classes)
        self.text(iri, term(SKOS, "prefLabel"), names)
        if scheme := find_scheme(iri):
            self.link(iri, term(SKOS, "inScheme"), scheme)
            self.type(scheme, term(SKOS, "ConceptScheme"))
            self.text(scheme, term(DCTERMS, "title"), {"en": scheme.rstrip("/.01").rpartition("/")[2]})
