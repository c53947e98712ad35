"""Answers about a build: its things with every fact, questions, contradictions, documents and names that are meant.

Everything rests on what the commands do (`explain`, `find`, `query --evidence`); what many answers need is laid out
once for a build and kept with it, and a build never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Final

import polars as pl

from glocal_rdf.claims.explanation import Statement, explain_thing
from glocal_rdf.dataset import Build, describe_in_source_graphs
from glocal_rdf.namespaces import DCAT, DCTERMS, RDF_TYPE, Term, shorten, term
from glocal_rdf.operations.answer_facts import FactWriter
from glocal_rdf.operations.answer_lists import AnswerLists, find_text
from glocal_rdf.operations.answer_lookup import Lookup
from glocal_rdf.operations.answer_questions import QuestionAnswers
from glocal_rdf.operations.answer_reconciliation import Reconciler
from glocal_rdf.operations.kept_answers import KeptAnswers
from glocal_rdf.publish.about import About
from glocal_rdf.publish.pages.disagreements import group_claims
from glocal_rdf.publish.statements.claims import read_claims
from glocal_rdf.search.fulltext import Found, ThingIndex
from glocal_rdf.search.labels import normalize_name, resolve_name
from glocal_rdf.search.text_index import NAMES
from glocal_rdf.serve.api.model import (
    Candidate,
    ClassInfo,
    Contradiction,
    DatasetInfo,
    DocumentInfo,
    Fact,
    Hit,
    PageOf,
    Qualifier,
    QuestionAnswer,
    QuestionInfo,
    ReconcileQuery,
    Resource,
    SourceFacts,
    ThingAnswer,
    Value,
)
from glocal_rdf.serve.api.values import make_value
from glocal_rdf.triples import Triples, terms
from glocal_rdf.vocabulary import APPLIES_TO

__all__ = ["BuildAnswers"]

TIMEOUT: Final = 20.0
"""The seconds that one query may take where nobody says otherwise."""

_SHORT_TEXT: Final = 200


class BuildAnswers:
    """Answers about a build (`serve.api.answers.Answers`)."""

    def __init__(self, built: Build, *, documents: Path | None = None, timeout: float = TIMEOUT) -> None:
        """Take a build; nothing is computed yet.

        Args:
            built: The build.
            documents: The folder of its documents; by default that of the project.
            timeout: The seconds that one query may take.
        """
        self._built = built
        self._writer = FactWriter(built, documents)
        self._lookup = Lookup(built.with_ontology)
        self._reconciler = Reconciler(built, lambda: self._index)
        self._kept = KeptAnswers()
        self._questions = QuestionAnswers(built, self._writer, self._kept, timeout)
        self._making = RLock()

    # What is laid out once. Two threads that need it first would make it twice, which takes memory: one makes it.

    @property
    def _index(self) -> ThingIndex:
        with self._making:
            return self._made_index

    @cached_property
    def _made_index(self) -> ThingIndex:
        return ThingIndex(self._known, normalize_name)

    @cached_property
    def _known(self) -> Triples:
        """What tables and links state, and what follows from claims."""
        return self._built.stated.union(self._built.truthy)

    @cached_property
    def _known_lookup(self) -> Lookup:
        return Lookup(self._known)

    @cached_property
    def _applies_to(self) -> tuple[Term, ...]:
        return self._built.project.find_terms(APPLIES_TO)

    @cached_property
    def _groups(self) -> tuple[tuple[tuple[str, ...], frozenset[str]], ...]:
        """The claims that contradict one another, with their subjects, both as terms."""
        groups = group_claims(read_claims(self._built))
        return tuple((tuple(one.term for one in group), frozenset(one.subject for one in group)) for group in groups)

    @cached_property
    def _dataset(self) -> str:
        """The term of the dataset, which the graph describes; its tables are not converted again to find it."""
        described = self._built.stated.match(predicate=RDF_TYPE, object=term(DCAT, "Dataset")).frame["subject"]
        others = {f"<{source.iri}>" for source in self._built.source_graphs}
        return next((one for one in described.sort() if one not in others), "_:dataset")

    @cached_property
    def _languages(self) -> tuple[str, ...]:
        """The languages of the names of things."""
        named = self._known.frame.filter(pl.col("predicate").is_in(list(NAMES)))
        return tuple(named.select(terms.language(pl.col("object"))).to_series().drop_nulls().unique().sort())

    def dataset(self, lang: str) -> DatasetInfo:
        """Describe what is served."""
        built = self._built
        about = About(built.stated, self._dataset)
        versions = about.objects(term(DCTERMS, "hasVersion"))
        return DatasetInfo(
            title=about.text("title", lang) or built.project.name,
            description=about.text("description", lang),
            licence=about.link("license"),
            languages=about.languages or self._languages,
            space=built.project.space,
            version=make_value(versions[0]).value if versions else "",
        )

    def resolve(self, word: str) -> tuple[str, ...]:
        """Return the IRIs that a slug, a CURIE, an IRI or a name denotes; none where nothing fits."""
        return self._kept.keep(
            ("resolve", word), lambda: tuple(resolve_name(self._built.with_ontology, word, self._built.prefixes))
        )

    def thing(self, iri: str, lang: str, *, offset: int = 0, limit: int = 100) -> ThingAnswer | None:
        """Return a part of the facts about a thing; None where nothing is stated about it.

        Args:
            iri: Its IRI.
            lang: The language of names in the answer.
            offset: How many of the first facts are left out.
            limit: How many facts are returned at most.
        """
        statements = self._statements(iri)
        if not statements:
            return None
        named = f"<{iri}>"
        return ThingAnswer(
            iri=iri,
            id=shorten(iri, self._writer.prefixes),
            label=self._writer.resource(named, lang).label,
            names=self._writer.names.get(named, {}),
            classes=self._classes_of(named, lang),
            facts=self._kept.keep(
                ("facts", iri, lang, offset, limit),
                lambda: self._page(statements, lang, offset, limit),
                lambda page: len(page.items),
            ),
            sources=self._sources(iri, lang),
        )

    def _statements(self, iri: str) -> tuple[Statement, ...]:
        """Return every statement about a thing, as `explain` lists them, read from its neighbourhood alone."""

        def make() -> tuple[Statement, ...]:
            named = f"<{iri}>"
            about, referring = self._lookup.about(named), self._lookup.referring_to(named)
            claims = self._writer.claim_rows.frame
            claims = claims.filter(pl.col("subject").is_in(referring["subject"].unique().implode()))
            near = pl.concat([about, referring, claims]).unique()
            return explain_thing(Triples(near), iri, self._applies_to) if near.height else ()

        return self._kept.keep(("statements", iri), make, len)

    def _page(self, statements: Sequence[Statement], lang: str, offset: int, limit: int) -> PageOf[Fact]:
        wanted = [
            ((one.subject, one.predicate, one.object), one.plain, tuple(evidence.claim for evidence in one.evidence))
            for one in statements[offset : offset + limit]
        ]
        return PageOf(items=self._writer.facts(wanted, lang), total=len(statements), offset=offset, limit=limit)

    def _classes_of(self, named: str, lang: str) -> tuple[Resource, ...]:
        rows = self._known_lookup.about(named)
        if not rows.height:
            rows = self._lookup.about(named)
        kinds = rows.filter(pl.col("predicate") == RDF_TYPE)["object"].unique().sort()
        return tuple(self._writer.resource(kind, lang) for kind in kinds)

    def _sources(self, iri: str, lang: str) -> tuple[SourceFacts, ...]:
        return tuple(
            SourceFacts(
                graph=one.graph,
                title=one.title,
                source=one.source,
                issued=one.issued,
                licence=one.licence,
                facts=tuple(
                    Qualifier(predicate=self._writer.resource(name, lang), value=self._writer.value(value, lang))
                    for name, value in one.facts
                ),
            )
            for one in describe_in_source_graphs(self._built, iri, lang)
        )

    def search(
        self, text: str, lang: str, *, kinds: Sequence[str] = (), offset: int = 0, limit: int = 10
    ) -> PageOf[Hit]:
        """Find things by words in their names and texts, what was probably meant first.

        Args:
            text: The words.
            lang: The language of names in the answer.
            kinds: IRIs of classes, one of which a thing has, inferred ones too; none for any.
            offset: How many of the first are left out.
            limit: How many are returned at most.
        """
        among = None
        if kinds:
            typed = self._built.triples.match(predicate=RDF_TYPE).frame
            among = typed.filter(pl.col("object").is_in([f"<{kind}>" for kind in kinds]))["subject"].unique()
        found, total = self._index.search(text, limit, offset, among)
        return PageOf(items=tuple(self._hit(one, lang) for one in found), total=total, offset=offset, limit=limit)

    def _hit(self, found: Found, lang: str) -> Hit:
        return Hit(
            iri=found.thing,
            id=shorten(found.thing, self._writer.prefixes),
            label=self._writer.resource(f"<{found.thing}>", lang).label,
            names=found.names,
            classes=tuple(self._writer.resource(f"<{kind}>", lang) for kind in found.classes),
            how=found.how,
            matched=found.matched,
            property=found.property,
            similarity=found.similarity,
        )

    def questions(self, lang: str) -> tuple[QuestionInfo, ...]:
        """List the questions that can be asked by name, sorted by group and name."""
        return self._questions.list(lang)

    def ask(
        self, name: str, values: Mapping[str, str], lang: str, *, offset: int = 0, limit: int = 100
    ) -> QuestionAnswer:
        """Answer a question, with the facts that the rows rest on (`QuestionAnswers.ask`).

        Args:
            name: The name of the question.
            values: The values of its parameters.
            lang: The language of names in the answer.
            offset: How many of the first rows are left out.
            limit: How many rows are returned at most.

        Raises:
            QueryError: For an unknown question, for a value that is not of its parameter's kind, one that is missing,
                and where the answer takes too long.
        """
        return self._questions.ask(name, values, lang, offset=offset, limit=limit)

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
        named = f"<{subject}>"
        kept = [
            one
            for one in self._statements(subject)
            if one.subject == named
            and (not predicate or one.predicate == f"<{predicate}>")
            and (value is None or _is_value(one.object, value))
        ]
        return self._page(kept, lang, offset, limit)

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
        groups = [group for group, subjects in self._groups if not subject or f"<{subject}>" in subjects]
        page = self._kept.keep(
            ("contradictions", lang, subject, offset, limit),
            lambda: tuple(Contradiction(facts=self._writer.of_claims(one, lang)) for one in groups[offset:][:limit]),
            lambda items: sum(len(one.facts) for one in items),
        )
        return PageOf(items=page, total=len(groups), offset=offset, limit=limit)

    @cached_property
    def _lists(self) -> AnswerLists:
        return AnswerLists(self._built, self._known, self._lookup, self._writer, self._kept)

    def documents(self, lang: str) -> tuple[DocumentInfo, ...]:
        """List the documents that claims were read from, sorted by IRI."""
        return self._lists.documents(lang)

    def document_text(self, iri: str) -> str | None:
        """Return the text of a document whose licence permits it; None for others."""
        return self._lists.document_text(iri)

    def ontology(self) -> str:
        """Return the ontology in Turtle."""
        return self._lists.ontology()

    def classes(self, lang: str) -> tuple[ClassInfo, ...]:
        """List the classes of things with how many each has, most frequent first."""
        return self._lists.classes(lang)

    def properties(self, lang: str, kind: str = "") -> tuple[ClassInfo, ...]:
        """List the properties that things have, most frequent first.

        Args:
            lang: The language of names in the answer.
            kind: The IRI of a class, to which things are limited; empty for any.
        """
        return self._lists.properties(lang, kind)

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
        wanted = [f"<{name}>" for name in properties]
        found: dict[str, dict[str, tuple[Value, ...]]] = {}
        for thing in dict.fromkeys(things):
            rows = self._lookup.about(f"<{thing}>").filter(pl.col("predicate").is_in(wanted))
            by_name: dict[str, list[Value]] = {}
            for _, predicate, written in rows.select("subject", "predicate", "object").iter_rows():
                by_name.setdefault(predicate[1:-1], []).append(self._writer.value(written, lang))
            found[thing] = {
                name: tuple(sorted(by_name.get(name, ()), key=lambda one: one.lang.lower() != lang.lower())[:limit])
                for name in properties
            }
        return found

    def reconcile(self, queries: Sequence[ReconcileQuery], lang: str) -> tuple[tuple[Candidate, ...], ...]:
        """Find the things that queries may mean: for each query its candidates, the likeliest first."""
        with self._making:
            self._reconciler.prepare()
        return self._reconciler.find(queries, lambda iri: self._describe(iri, lang), self._compare)

    def _describe(self, iri: str, lang: str) -> Candidate:
        named = f"<{iri}>"
        text = find_text(self._lookup, named, lang)
        return Candidate(
            iri=iri,
            id=shorten(iri, self._writer.prefixes),
            label=self._writer.resource(named, lang).label,
            description=text if len(text) <= _SHORT_TEXT else text[: _SHORT_TEXT - 1].rstrip() + "…",
            classes=self._classes_of(named, lang),
            score=0.0,
            match=False,
        )

    def _compare(self, iri: str, query: ReconcileQuery) -> dict[str, bool]:
        """Return for each property of a query that a thing has whether one of its values is one of the query's."""
        rows = self._lookup.about(f"<{iri}>")
        found = {}
        for name, values in query.properties:
            wanted = {normalize_name(value) for value in values}
            known: set[str] = set()
            for written in rows.filter(pl.col("predicate") == f"<{name}>")["object"]:
                known |= {make_value(written).value, *self._writer.names.get(written, {}).values()}
            if known:
                found[name] = not wanted.isdisjoint(map(normalize_name, known))
        return found


def _is_value(written: str, value: Value) -> bool:
    found = make_value(written)
    if found.type != value.type or found.value != value.value:
        return False
    exact = value.type == "literal" and bool(value.lang or value.datatype)
    return not exact or (found.lang.lower(), found.datatype) == (value.lang.lower(), value.datatype)
