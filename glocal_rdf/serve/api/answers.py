"""Says what can be asked of a graph, wherever it is: in a build, or behind a SPARQL endpoint.

The JSON API, the reconciliation service and the tools for language models ask through this and nothing else. Methods
block while they look things up, and are called in threads, several at a time. What is asked has been checked for form
and size; each method bounds its own work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from glocal_rdf.serve.api.model import (
    Candidate,
    ClassInfo,
    Contradiction,
    DatasetInfo,
    DocumentInfo,
    Fact,
    Hit,
    PageOf,
    QuestionAnswer,
    QuestionInfo,
    ReconcileQuery,
    ThingAnswer,
    Value,
)

__all__ = ["Answers"]


class Answers(Protocol):
    """Answers about a graph, each fact with its claims, documents, positions and ranks.

    A thing is given by its IRI. `lang` (BCP 47) is the language of names and texts, with others where it has none.
    Lists are in an order that is the same for the same data; `offset` and `limit` choose a part of them.

    Methods raise `QueryError` for what cannot be evaluated, and `EndpointError` where a server cannot be asked.
    """

    def dataset(self, lang: str) -> DatasetInfo:
        """Describe what is served."""
        ...

    def resolve(self, word: str) -> tuple[str, ...]:
        """Return the IRIs that a slug, a CURIE, an IRI or a name denotes; none where nothing fits."""
        ...

    def thing(self, iri: str, lang: str, *, offset: int = 0, limit: int = 100) -> ThingAnswer | None:
        """Return a part of the facts about a thing; None where nothing is stated about it.

        Args:
            iri: Its IRI.
            lang: The language of names in the answer.
            offset: How many of the first facts are left out.
            limit: How many facts are returned at most.
        """
        ...

    def search(
        self, text: str, lang: str, *, kinds: Sequence[str] = (), offset: int = 0, limit: int = 10
    ) -> PageOf[Hit]:
        """Find things by words in their names and texts, what was probably meant first.

        Args:
            text: The words.
            lang: The language of names in the answer.
            kinds: IRIs of classes, one of which a thing has; none for any.
            offset: How many of the first are left out.
            limit: How many are returned at most.
        """
        ...

    def questions(self, lang: str) -> tuple[QuestionInfo, ...]:
        """List the questions that can be asked by name, sorted by group and name."""
        ...

    def ask(
        self, name: str, values: Mapping[str, str], lang: str, *, offset: int = 0, limit: int = 100
    ) -> QuestionAnswer:
        """Answer a question, with the facts that the rows rest on.

        Args:
            name: The name of the question, which is one of `questions`.
            values: The values of its parameters.
            lang: The language of names in the answer.
            offset: How many of the first rows are left out.
            limit: How many rows are returned at most.

        Raises:
            QueryError: For a value that is not of its parameter's kind, one that is missing, and where the answer takes
                too long.
        """
        ...

    def evidence(
        self,
        subject: str,
        lang: str,
        *,
        predicate: str = "",
        value: Value | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> PageOf[Fact]:
        """Return the facts with a subject, and where they are given with a predicate and a value.

        Args:
            subject: The IRI of the subject.
            lang: The language of names in the answer.
            predicate: The IRI of the predicate; empty for any.
            value: The object; a literal without language and datatype is any literal of that text. None for any.
            offset: How many of the first are left out.
            limit: How many are returned at most.
        """
        ...

    def contradictions(
        self, lang: str, *, subject: str = "", offset: int = 0, limit: int = 100
    ) -> PageOf[Contradiction]:
        """Return the claims that contradict one another, those that do so together.

        Args:
            lang: The language of names in the answer.
            subject: The IRI of what one of them is about; empty for anything.
            offset: How many of the first are left out.
            limit: How many are returned at most.
        """
        ...

    def documents(self, lang: str) -> tuple[DocumentInfo, ...]:
        """List the documents that claims were read from, sorted by IRI."""
        ...

    def document_text(self, iri: str) -> str | None:
        """Return the text of a document whose licence permits it; None for others."""
        ...

    def ontology(self) -> str:
        """Return the ontology in Turtle; empty where there is none."""
        ...

    def classes(self, lang: str) -> tuple[ClassInfo, ...]:
        """List the classes of things with how many each has, most frequent first."""
        ...

    def properties(self, lang: str, kind: str = "") -> tuple[ClassInfo, ...]:
        """List the properties that things have, most frequent first.

        Args:
            lang: The language of names in the answer.
            kind: The IRI of a class, to which things are limited; empty for any.
        """
        ...

    def values(
        self, things: Sequence[str], properties: Sequence[str], lang: str, *, limit: int = 100
    ) -> Mapping[str, Mapping[str, tuple[Value, ...]]]:
        """Return the values that things have for some properties, as far as the graph states them itself.

        Args:
            things: The IRIs of the things.
            properties: The IRIs of the properties.
            lang: The language of names in the answer; texts in it come first.
            limit: How many values of one thing and property are returned at most.
        """
        ...

    def reconcile(self, queries: Sequence[ReconcileQuery], lang: str) -> tuple[tuple[Candidate, ...], ...]:
        """Find the things that queries may mean: for each query its candidates, the likeliest first."""
        ...
