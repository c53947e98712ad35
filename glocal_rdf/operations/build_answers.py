"""Answers about a build: its things with every fact, questions, contradictions, documents and names that are meant.

Everything rests on what the commands do (`explain`, `find`, `query --evidence`); what many answers need is laid out
once for a build and kept with it, and a build never changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Final, TypeVar

import polars as pl

from glocal_rdf.claims.explanation import Statement, explain_thing
from glocal_rdf.dataset import Build, describe_in_source_graphs
from glocal_rdf.errors import QueryError
from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import DCTERMS, RDF_TYPE, RDFS, SCHEMA, SKOS, Term, shorten, term
from glocal_rdf.operations.answer_facts import FactWriter
from glocal_rdf.operations.answer_reconciliation import Reconciler
from glocal_rdf.operations.dataset_metadata import find_dataset_iri
from glocal_rdf.operations.document_texts import permits_copies
from glocal_rdf.operations.query import ask, bind_question, list_questions
from glocal_rdf.operations.query_evidence import ask_with_evidence
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
    ParameterInfo,
    Qualifier,
    QuestionAnswer,
    QuestionInfo,
    ReconcileQuery,
    Resource,
    Row,
    SourceFacts,
    ThingAnswer,
    Value,
)
from glocal_rdf.triples import Triples
from glocal_rdf.triples.lookup import Lookup
from glocal_rdf.vocabulary import APPLIES_TO

if TYPE_CHECKING:
    from glocal_rdf.questions.answers import Answer
    from glocal_rdf.questions.catalogue import Question

__all__ = ["BuildAnswers", "describe_question", "tabulate"]

Made = TypeVar("Made")

TIMEOUT: Final = 20.0
"""The seconds that one query may take where nobody says otherwise."""

MAX_FACTS: Final = 1000
"""How many facts an answer to a question gives."""

MAX_SOLUTIONS: Final = 5000
"""Up to how many solutions behind the rows of an answer the facts are looked for."""

MAX_KEPT: Final = 20_000
"""How many facts are kept, of the answers that were asked for last."""

_TEXTS: Final = (
    term(SKOS, "definition"),
    term(DCTERMS, "description"),
    term(SCHEMA, "description"),
    term(RDFS, "comment"),
)
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
        self._timeout = timeout
        self._writer = FactWriter(built, documents)
        self._lookup = Lookup(built.with_ontology)
        self._reconciler = Reconciler(built, lambda: self._index)
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()
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
    def _things(self) -> pl.DataFrame:
        """The things with a name, with each of their stated classes: `subject`, `kind`."""
        frame = self._known.frame
        named = frame.filter(pl.col("predicate").is_in(list(NAMES)), pl.col("subject").str.starts_with("<"))
        typed = frame.filter(pl.col("predicate") == RDF_TYPE).select("subject", kind="object")
        return typed.join(named.select("subject").unique(), on="subject", how="semi")

    @cached_property
    def _applies_to(self) -> tuple[Term, ...]:
        return self._built.project.find_terms(APPLIES_TO)

    @cached_property
    def _questions(self) -> Mapping[str, Question]:
        return {question.name: question for question in list_questions(self._built.project)}

    @cached_property
    def _groups(self) -> tuple[tuple[tuple[str, ...], frozenset[str]], ...]:
        """The claims that contradict one another, with their subjects, both as terms."""
        groups = group_claims(read_claims(self._built))
        return tuple((tuple(one.term for one in group), frozenset(one.subject for one in group)) for group in groups)

    def _keep(self, key: Hashable, make: Callable[[], Made], weigh: Callable[[Made], int] | None = None) -> Made:
        """Return what was made before, or make it and keep it; what was used longest ago is given up first.

        Args:
            key: What is made.
            make: Makes it.
            weigh: Returns how many facts it has.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]  # type: ignore[no-any-return]
        made = make()
        weight = 1 + (weigh(made) if weigh else 0)
        with self._lock:
            self._weight += weight - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = made, weight
            while self._weight > MAX_KEPT:
                self._weight -= self._kept.popitem(last=False)[1][1]
        return made

    def dataset(self, lang: str) -> DatasetInfo:
        """Describe what is served."""
        built = self._built
        iri = find_dataset_iri(built.conversion)
        about = About(built.stated, f"<{iri}>" if iri else "_:dataset")
        versions = about.objects(term(DCTERMS, "hasVersion"))
        return DatasetInfo(
            title=about.text("title", lang) or built.project.name,
            description=about.text("description", lang),
            licence=about.link("license"),
            languages=about.languages
            or tuple(sorted({tag for names in self._writer.names.values() for tag in names if tag})),
            space=built.project.space,
            version=Value.of(versions[0]).value if versions else "",
        )

    def resolve(self, word: str) -> tuple[str, ...]:
        """Return the IRIs that a slug, a CURIE, an IRI or a name denotes; none where nothing fits."""
        return self._keep(
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
            facts=self._keep(
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

        return self._keep(("statements", iri), make, len)

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
        return tuple(describe_question(question, lang) for question in self._questions.values())

    def ask(
        self, name: str, values: Mapping[str, str], lang: str, *, offset: int = 0, limit: int = 100
    ) -> QuestionAnswer:
        """Answer a question, with the facts that the rows rest on.

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
        question = self._questions.get(name)
        if question is None:
            raise QueryError.at("question", f"there is no question {name[:80]!r}", "list the questions")
        text = bind_question(self._built, question, values)
        key = ("ask", text, lang, offset, limit)
        return self._keep(
            key,
            lambda: self._answer(question, text, lang, offset, limit),
            lambda answer: len(answer.facts) + len(answer.rows.items),
        )

    def _answer(self, question: Question, text: str, lang: str, offset: int, limit: int) -> QuestionAnswer:
        found = ask(self._built, text, timeout=self._timeout)
        variables, bindings = tabulate(found)
        part = slice(offset, offset + limit)
        answer = QuestionAnswer(
            question=describe_question(question, lang),
            sparql=text,
            variables=variables,
            rows=PageOf(
                items=tuple(Row(values=self._values(variables, row, lang)) for row in bindings[part]),
                total=len(bindings),
                offset=offset,
                limit=limit,
            ),
            truth=found.truth,
        )
        try:
            traced = ask_with_evidence(self._built, text, timeout=self._timeout, part=part, most=MAX_SOLUTIONS)
        except QueryError as error:
            return replace(answer, traced=False, note=f"the evidence cannot be given: {error}")
        numbers = [row.statements() for row in traced.rows]
        wanted = list(dict.fromkeys(number for row in numbers for number in row))
        facts = self._writer.of_answer(traced, wanted[:MAX_FACTS], lang)
        places: dict[int, int] = {}
        listed: list[Fact] = []
        for fact in facts.values():
            if id(fact) not in places:
                places[id(fact)] = len(listed)
                listed.append(fact)
        at = {number: places[id(fact)] for number, fact in facts.items()}
        rows = tuple(
            Row(
                values=self._values(traced.variables, [one.values.get(name) for name in traced.variables], lang),
                facts=tuple(dict.fromkeys(at[number] for number in those if number in at)),
            )
            for one, those in zip(traced.rows, numbers, strict=True)
        )
        more = len(wanted) - len(facts)
        note = f"{more} of {len(wanted)} facts are not given; ask for fewer rows" if more else ""
        page = replace(answer.rows, items=rows, total=len(rows) if found.truth is not None else answer.rows.total)
        return replace(answer, variables=traced.variables, rows=page, facts=tuple(listed), traced=not more, note=note)

    def _values(self, variables: Sequence[str], row: Sequence[str | None], lang: str) -> dict[str, Value]:
        pairs = zip(variables, row, strict=True)
        return {name: self._writer.value(cell, lang) for name, cell in pairs if cell is not None}

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
        items = tuple(
            Contradiction(facts=self._writer.of_claims(group, lang)) for group in groups[offset : offset + limit]
        )
        return PageOf(items=items, total=len(groups), offset=offset, limit=limit)

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
                and self._keep(("document", iri), lambda one=iri: texts.read(one)) is not None,  # type: ignore[misc]
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
        return self._keep(
            ("ontology",), lambda: self._built.project.ontology.serialize("turtle", self._built.prefixes).decode()
        )

    def classes(self, lang: str) -> tuple[ClassInfo, ...]:
        """List the classes of things with how many each has, most frequent first."""
        return self._keep(("classes", lang), lambda: self._count(self._things["kind"], lang))

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

        return self._keep(("properties", lang, kind), make)

    def _count(self, column: pl.Series, lang: str) -> tuple[ClassInfo, ...]:
        counts = column.alias("one").to_frame().group_by("one").len().sort("len", "one", descending=[True, False])
        return tuple(
            ClassInfo(
                iri=one.strip("<>"),
                id=shorten(one, self._writer.prefixes).strip("<>"),
                label=self._writer.resource(one, lang).label,
                description=self._text_of(one, lang),
                count=number,
            )
            for one, number in counts.iter_rows()
        )

    def _text_of(self, named: str, lang: str) -> str:
        """Return the definition or description of a resource; empty where it has none."""
        rows = self._lookup.about(named)
        for predicate in _TEXTS:
            texts = rows.filter(pl.col("predicate") == predicate)["object"]
            if found := pick([(value.value, value.lang) for value in map(Value.of, texts)], lang):
                return found
        return ""

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
        text = self._text_of(named, lang)
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
                known |= {Value.of(written).value, *self._writer.names.get(written, {}).values()}
            if known:
                found[name] = not wanted.isdisjoint(map(normalize_name, known))
        return found


def describe_question(question: Question, lang: str) -> QuestionInfo:
    """Describe a question.

    Args:
        question: The question.
        lang: The language of the texts.
    """
    return QuestionInfo(
        name=question.name,
        title=pick(question.title, lang),
        description=pick(question.description, lang),
        group=question.group,
        parameters=tuple(
            ParameterInfo(name=one.name, kind=one.kind, description=one.description, default=one.default)
            for one in question.parameters
        ),
    )


def tabulate(answer: Answer) -> tuple[tuple[str, ...], Sequence[Sequence[str | None]]]:
    """Return the variables and the rows of an answer; those of a graph are its triples, in order.

    Args:
        answer: The answer.
    """
    if answer.triples is not None:
        return ("subject", "predicate", "object"), list(answer.triples.sort())
    return answer.variables, answer.bindings


def _is_value(written: str, value: Value) -> bool:
    found = Value.of(written)
    if found.type != value.type or found.value != value.value:
        return False
    exact = value.type == "literal" and bool(value.lang or value.datatype)
    return not exact or (found.lang.lower(), found.datatype) == (value.lang.lower(), value.datatype)
