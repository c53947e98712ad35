"""Answers about a store: what is asked of it is fetched, made a small build, and answered as a build is.

A thing is answered from its neighbourhood; contradictions from the claims that contradict one another; what names may
mean from the things that a search finds. So facts, claims and passages are the same here as for a project. What a store
does not say (cells of tables, rules, texts of documents) is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from glocal_rdf.csvw.results import Conversion
from glocal_rdf.dataset import Build
from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import DCTERMS, RDFS_LABEL, SKOS, expand, shorten, term
from glocal_rdf.operations.answer_questions import describe_question, tabulate
from glocal_rdf.operations.build_answers import BuildAnswers
from glocal_rdf.operations.serve_source import Source
from glocal_rdf.operations.serve_source_facts import mark_stated, write_sources
from glocal_rdf.operations.serve_source_notes import note_listed, note_thing
from glocal_rdf.operations.serve_source_questions import evaluate, find_questions, write_answer
from glocal_rdf.operations.serve_source_site import Frame
from glocal_rdf.questions import catalogue
from glocal_rdf.serve.api.listed import Listed
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
    Resource,
    ThingAnswer,
    Value,
)
from glocal_rdf.serve.api.values import make_value
from glocal_rdf.serve.source import lists
from glocal_rdf.serve.source.asking import Session, is_iri_term
from glocal_rdf.serve.source.excerpts import (
    count_documents,
    fetch_contradictions,
    fetch_statements,
    find_classes,
    find_definitions,
)
from glocal_rdf.serve.source.expiry import Expiring
from glocal_rdf.serve.source.naming import NAMES, describe_terms, is_known
from glocal_rdf.serve.source.neighbourhood import Neighbourhood, fetch_neighbourhood
from glocal_rdf.serve.source.searching import search_names
from glocal_rdf.serve.source.selecting import Triple
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.questions.catalogue import Question

__all__ = ["SourceAnswers"]

Made = TypeVar("Made")

LABELS: Final = (term(SKOS, "prefLabel"), RDFS_LABEL)
KEPT: Final = 200
EXPIRY: Final = 60.0
MOST_CANDIDATES: Final = 25
"""How many things that a search finds are looked at to say which one a name means."""


class SourceAnswers:
    """Answers about a store (`serve.api.answers.Answers`)."""

    def __init__(self, source: Source, frame: Frame, timeout: float) -> None:
        """Take the source; nothing is asked yet.

        Args:
            source: The source.
            frame: What all pages about it have in common.
            timeout: The seconds that one answer may take.
        """
        self._source = source
        self._frame = frame
        self._layout = source.layout
        self._timeout = timeout
        self._kept: Expiring[Any] = Expiring(KEPT, EXPIRY)

    def _keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        return cast("Made", self._kept.get(key, make))

    def _open(self) -> Session:
        return Session(self._source.ask, self._timeout)

    @cached_property
    def _prefixes(self) -> Mapping[str, str]:
        return self._frame.make_site(Triples.empty()).prefixes

    def _build(self, triples: Sequence[Triple], thing: str = "") -> BuildAnswers:
        """Return what answers about some triples.

        Args:
            triples: The triples.
            thing: What they are about; of everything else a title counts as its name.
        """
        labelled = {one for one, predicate, _ in triples if predicate in LABELS}
        titles = [
            (one, RDFS_LABEL, value)
            for one, predicate, value in triples
            if predicate in NAMES and predicate not in LABELS and one != thing and one not in labelled
        ]
        graph = Triples.from_terms([*triples, *titles])
        built = Build(self._frame.project, Conversion(Triples.empty(), ()), graph, Triples.empty())
        return BuildAnswers(built, timeout=self._timeout)

    def _resources(self, session: Session, named: Sequence[str], lang: str) -> Mapping[str, Resource]:
        """Return some resources with their names, by term."""
        _, names = describe_terms(session, self._layout, named, (lang,))
        site = self._frame.make_site(Triples.from_terms(names))
        return {one: Resource(iri=one[1:-1], label=site.name_of(one, lang)) for one in named}

    def _name(self, session: Session, triples: Sequence[Triple], lang: str) -> Sequence[Triple]:
        """Return the names of what triples mention."""
        mentioned = sorted({one for triple in triples for one in triple if is_iri_term(one)})
        return describe_terms(session, self._layout, mentioned, (lang, *self._frame.languages))[1]

    def dataset(self, lang: str) -> DatasetInfo:
        """Describe what is served."""
        about = self._source.about
        versions = about.objects(term(DCTERMS, "hasVersion"))
        return DatasetInfo(
            title=about.text("title", lang) or self._source.name,
            description=about.text("description", lang),
            licence=about.link("license"),
            languages=about.languages or self._frame.languages,
            space=self._layout.space,
            version=make_value(versions[0]).value if versions else "",
        )

    def resolve(self, word: str) -> tuple[str, ...]:
        """Return the IRIs that an IRI, a CURIE, the end of an IRI of a thing, or a name denotes; none else."""

        def find() -> tuple[str, ...]:
            session, text = self._open(), word.strip()
            candidates = [text.strip("<>"), expand(text, self._prefixes) or "", f"{self._layout.space}{text}"]
            for iri in candidates:
                if is_iri_term(f"<{iri}>") and is_known(session, self._layout, f"<{iri}>"):
                    return (iri,)
            found = search_names(session, self._layout, text)
            return tuple(sorted(match.thing[1:-1] for match in found.matches if match.exact))

        return self._keep(("resolve", word), find)

    def _near(self, iri: str, lang: str) -> Neighbourhood | None:
        if not is_iri_term(f"<{iri}>"):
            return None
        languages = tuple(dict.fromkeys([*self._frame.languages, lang]))
        found = self._keep(
            ("near", iri, lang), lambda: fetch_neighbourhood(self._open(), self._layout, f"<{iri}>", languages)
        )
        return found if found.known else None

    def _about(self, iri: str, lang: str) -> BuildAnswers | None:
        """Return what answers about the neighbourhood of a thing."""
        near = self._near(iri, lang)
        if near is None:
            return None
        leading = [(one, predicate, near.thing) for predicate, found in near.incoming.items() for one in found.things]
        triples = [*near.statements, *near.context, *near.names, *leading]
        return self._keep(("about", iri, lang), lambda: self._build(triples, near.thing))

    def thing(self, iri: str, lang: str, *, offset: int = 0, limit: int = 100) -> ThingAnswer | None:
        """Return a part of the facts about a thing; of hubs the first ones, while the total counts all.

        Args:
            iri: Its IRI.
            lang: The language of names in the answer.
            offset: How many of the first facts are left out.
            limit: How many facts are returned at most.
        """
        near, answers = self._near(iri, lang), self._about(iri, lang)
        if near is None or answers is None:
            return None
        found = answers.thing(iri, lang, offset=offset, limit=limit)
        if found is None:
            facts: PageOf[Fact] = PageOf(items=(), total=0, offset=offset, limit=limit)
            found = ThingAnswer(iri=iri, id=shorten(iri, self._prefixes), label=iri, names={}, classes=(), facts=facts)
        further = sum((one.number or 0) - len(one.things) for one in near.incoming.values() if one.number)
        for predicate, number in near.shortened.items():
            further += number - sum(row[:2] == (near.thing, predicate) for row in near.statements)
        page = mark_stated(found.facts)
        site = self._frame.make_site(Triples.from_terms(near.names))
        label = site.name_of(near.thing, lang)
        facts = replace(page, total=page.total + max(0, further), note=note_thing(near))
        return replace(found, label=label, facts=facts, sources=write_sources(near, site, lang))

    def search(
        self, text: str, lang: str, *, kinds: Sequence[str] = (), offset: int = 0, limit: int = 10
    ) -> PageOf[Hit]:
        """Find things by their names: those that have exactly the name first, then those that contain it.

        Args:
            text: The name, or a part of it.
            lang: The language of names in the answer.
            kinds: IRIs of classes, one of which a thing has; none for any.
            offset: How many of the first are left out.
            limit: How many are returned at most.
        """
        classes = tuple(f"<{kind}>" for kind in kinds)
        found = self._keep(
            ("search", text, classes), lambda: search_names(self._open(), self._layout, text, kinds=classes)
        )
        part = found.matches[offset : offset + limit]
        session = self._open()
        types = find_classes(session, self._layout, [match.thing for match in part])
        mentioned = [match.thing for match in part] + [kind for several in types.values() for kind in several]
        _, names = describe_terms(session, self._layout, mentioned, (lang, *self._frame.languages))
        site = self._frame.make_site(Triples.from_terms(names))
        items = tuple(
            Hit(
                iri=match.thing[1:-1],
                id=shorten(match.thing[1:-1], self._prefixes),
                label=site.name_of(match.thing, lang),
                names=site.names.get(match.thing, {}),
                classes=tuple(Resource(iri=k[1:-1], label=site.name_of(k, lang)) for k in types.get(match.thing, ())),
                how="exact" if match.exact else "part",
                matched=make_value(match.name).value,
                property=match.predicate[1:-1],
                similarity=round(min(1.0, len(text) / max(1, len(make_value(match.name).value))), 3),
            )
            for match in part
        )
        note = note_listed("things that were found", len(found.matches), len(found.matches) if found.complete else None)
        return PageOf(items=items, total=len(found.matches), offset=offset, limit=limit, note=note)

    @property
    def _questions(self) -> Mapping[str, Question]:
        return self._keep("questions", lambda: find_questions(self._source, self._open()))

    def questions(self, lang: str) -> tuple[QuestionInfo, ...]:
        """List the questions that can be asked by name, sorted by group and name."""
        return tuple(describe_question(question, lang) for question in self._questions.values())

    def ask(
        self, name: str, values: Mapping[str, str], lang: str, *, offset: int = 0, limit: int = 100
    ) -> QuestionAnswer:
        """Answer a question. The facts behind its rows are not traced in a store: ask for the evidence of a thing.

        Args:
            name: The name of the question.
            values: The values of its parameters.
            lang: The language of names in the answer.
            offset: How many of the first rows are left out.
            limit: How many rows are returned at most.

        Raises:
            QueryError: For an unknown question, a wrong or a missing value, and where the answer takes too long.
        """
        question = self._questions.get(name)
        if question is None:
            raise QueryError.at("question", f"there is no question {name[:80]!r}", "list the questions")
        text = catalogue.bind(question, values, lambda word: list(self.resolve(word)))
        found = self._keep(("ask", text), lambda: evaluate(self._source, text, self._prefixes, self._timeout))
        rows = tabulate(found)[1][offset : offset + limit]
        mentioned = dict.fromkeys(cell for row in rows for cell in row if cell and is_iri_term(cell))
        named = self._resources(self._open(), list(mentioned), lang)
        return write_answer(question, text, found, (offset, limit), named, lang)

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
        near, answers = self._near(subject, lang), self._about(subject, lang)
        if near is None or answers is None:
            return PageOf(items=(), total=0, offset=offset, limit=limit)
        found = answers.evidence(subject, lang, predicate=predicate, value=value, offset=offset, limit=limit)
        return replace(mark_stated(found), note=note_thing(near, incoming=False))

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
        nothing: PageOf[Contradiction] = PageOf(items=(), total=0, offset=offset, limit=limit)
        if not self._layout.claims or (subject and not is_iri_term(f"<{subject}>")):
            return nothing

        def find() -> tuple[BuildAnswers, str]:
            session = self._open()
            found, number, total = fetch_contradictions(session, self._layout)
            note = note_listed("pairs of claims", number, total)
            return self._build([*found, *self._name(session, found, lang)]), note

        kept, note = self._keep(("contradictions", lang), find)
        return replace(kept.contradictions(lang, subject=subject, offset=offset, limit=limit), note=note)

    def documents(self, lang: str) -> tuple[DocumentInfo, ...]:
        """List the documents that claims were read from, sorted by IRI."""
        if not self._layout.claims:
            return ()

        def find() -> tuple[DocumentInfo, ...]:
            session = self._open()
            counts, total = count_documents(session, self._layout)
            named = self._resources(session, list(counts), lang)
            found = (
                DocumentInfo(iri=one[1:-1], label=named[one].label, claims=number) for one, number in counts.items()
            )
            note = note_listed("documents", len(counts), total)
            return Listed.of(found, note)

        return self._keep(("documents", lang), find)

    def document_text(self, iri: str) -> str | None:
        """Return nothing: a store has no texts of documents."""

    def ontology(self) -> str:
        """Return the classes and properties that the store describes, in Turtle; empty where it describes none."""

        def find() -> str:
            session = self._open()
            terms = lists.list_terms(session, self._layout)
            named = sorted({one for one, _, _ in terms.triples})
            found = [*terms.triples, *fetch_statements(session, self._layout, named)]
            text = Triples.from_terms(found).serialize("turtle", self._prefixes).decode() if found else ""
            note = note_listed("classes and properties", terms.number, terms.total)
            return f"# {note}\n{text}" if note else text

        return self._keep("ontology", find)

    def classes(self, lang: str) -> tuple[ClassInfo, ...]:
        """List the classes of things with how many each has, most frequent first."""
        return self._keep(("classes", lang), lambda: self._count("classes with most things", lists.count_classes, lang))

    def properties(self, lang: str, kind: str = "") -> tuple[ClassInfo, ...]:
        """List the properties that things have, most frequent first.

        Args:
            lang: The language of names in the answer.
            kind: The IRI of a class, to which things are limited; empty for any.
        """
        named = f"<{kind}>" if kind else ""
        if kind and not is_iri_term(named):
            return ()
        return self._keep(
            ("properties", lang, kind),
            lambda: self._count(
                "properties with most statements",
                lambda session, layout: lists.count_properties(session, layout, named),
                lang,
            ),
        )

    def _count(self, what: str, count: Callable[..., lists.Tally], lang: str) -> tuple[ClassInfo, ...]:
        session = self._open()
        tally = count(session, self._layout)
        counted = tally.items
        named = self._resources(session, [one.term for one in counted], lang)
        texts = find_definitions(session, self._layout, [one.term for one in counted], lang)
        found = (
            ClassInfo(
                iri=one.term[1:-1],
                id=shorten(one.term, self._prefixes).strip("<>"),
                label=named[one.term].label,
                description=make_value(texts[one.term]).value if one.term in texts else "",
                count=one.number or 0,
            )
            for one in counted
        )
        note = note_listed(what, len(counted), tally.total)
        return Listed.of(found, note)

    def values(
        self, things: Sequence[str], properties: Sequence[str], lang: str, *, limit: int = 100
    ) -> Mapping[str, Mapping[str, tuple[Value, ...]]]:
        """Return the values that things have for some properties.

        Args:
            things: The IRIs of the things.
            properties: The IRIs of the properties.
            lang: The language of names in the answer; texts in it come first.
            limit: How many values of one thing and property are returned at most.
        """
        session = self._open()
        rows = fetch_statements(
            session, self._layout, [f"<{one}>" for one in things], [f"<{one}>" for one in properties] or [""]
        )
        named = self._resources(session, sorted({value for _, _, value in rows if is_iri_term(value)}), lang)
        by_thing: dict[tuple[str, str], list[Value]] = {}
        for one, predicate, value in rows:
            label = named[value].label if value in named else ""
            by_thing.setdefault((one[1:-1], predicate[1:-1]), []).append(make_value(value, label))
        return {
            thing: {
                name: tuple(sorted(by_thing.get((thing, name), ()), key=lambda one: one.lang.lower() != lang.lower()))[
                    :limit
                ]
                for name in properties
            }
            for thing in dict.fromkeys(things)
        }

    def reconcile(self, queries: Sequence[ReconcileQuery], lang: str) -> tuple[tuple[Candidate, ...], ...]:
        """Find the things that queries may mean: for each query its candidates, the likeliest first."""
        found: list[tuple[Candidate, ...]] = []
        for query in queries:
            session = self._open()
            # Classes are judged by what knows how they count; a thing of another class may be meant.
            matches = search_names(session, self._layout, query.text).matches[:MOST_CANDIDATES]
            triples = fetch_statements(session, self._layout, [match.thing for match in matches])
            answers = self._build([*triples, *self._name(session, triples, lang)])
            [candidates] = answers.reconcile([query], lang) if triples else [()]
            things = {match.thing[1:-1] for match in matches}
            found.append(tuple(one for one in candidates if one.iri in things))
        return tuple(found)
