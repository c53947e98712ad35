"""Writes statements of a build as facts: with names, claims, documents, positions, ranks, and quotes where permitted.

What is looked up again and again (names, passages, the rows of claims) is laid out once for a build.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Final, cast

import polars as pl

from glocal_rdf.claim_record import ClaimRecord
from glocal_rdf.claims.explanation import SUBJECT
from glocal_rdf.claims.grounds import read_claims
from glocal_rdf.dataset import Build
from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import OWL, local_name, shorten, term
from glocal_rdf.operations.answer_lookup import Lookup
from glocal_rdf.operations.document_texts import DocumentTexts
from glocal_rdf.operations.provenance import relative_to_here
from glocal_rdf.operations.query_evidence import ask_with_evidence
from glocal_rdf.operations.statement_origins import AskedGraphs
from glocal_rdf.project import Project
from glocal_rdf.questions.evidence import AnswerEvidence
from glocal_rdf.search.labels import names_by_language
from glocal_rdf.serve.api.model import ClaimInfo, Fact, Origin, PassageInfo, Qualifier, Rank, Resource, Value
from glocal_rdf.serve.api.values import make_value
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import GLOCAL

__all__ = ["FactWriter", "Grounds"]

Triple = tuple[str, str, str]
Grounds = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What an inferred triple follows from: the rule by name, the claims (IRIs), and the places of what no claim says."""

MAX_REMEMBERED: Final = 50_000
"""Of how many inferred triples it is remembered what they follow from."""

_LINKING: Final = frozenset(term(OWL, f"annotated{part}") for part in ("Source", "Target", "Property"))
"""What repeats in a claim, for readers of other vocabularies, what it states."""


class FactWriter:
    """Writes statements as facts, in any language and from any thread."""

    def __init__(self, built: Build, folder: Path | None = None) -> None:
        """Lay out what is looked up.

        Args:
            built: The build.
            folder: The folder of the documents; by default that of the project.
        """
        self.built = built
        self.texts = DocumentTexts(built.stated, folder or built.project.documents)
        self._origins = AskedGraphs(built)
        self._inferred: dict[Triple, Grounds] = {}
        self._lock = Lock()

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """The names of all things and terms by language, by their terms."""
        bundled = Project.bundled()
        reused: dict[str, dict[str, str]] = {}
        if bundled.root.resolve() != self.built.project.root.resolve():
            every = names_by_language(bundled.ontology.frame)
            reused = {one: names for one, names in every.items() if not one.startswith(f"<{GLOCAL}")}
        return reused | names_by_language(self.built.with_ontology.frame)

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """Namespaces by prefix, by which IRIs are shortened."""
        return self.built.prefixes

    @cached_property
    def claim_rows(self) -> Triples:
        """What is stated about claims, and nothing else."""
        stated = self.built.stated
        claims = stated.frame.filter(pl.col("predicate") == SUBJECT).select("subject").unique()
        return Triples(stated.frame.join(claims, on="subject", how="semi"))

    @cached_property
    def _inferred_triples(self) -> Lookup:
        return Lookup(self.built.inferred)

    def _is_inferred(self, triple: Triple) -> bool:
        """Return whether a rule adds a triple."""
        rows = self._inferred_triples.about(triple[0])
        return rows.filter(pl.col("predicate") == triple[1], pl.col("object") == triple[2]).height > 0

    def name(self, written: str, lang: str) -> str:
        """Return what a term is called; empty where it has no name.

        Args:
            written: The term.
            lang: The language.
        """
        names = self.names.get(written)
        return pick(names, lang) if names else ""

    def resource(self, written: str, lang: str) -> Resource:
        """Return a resource with its name, or else with its shortened IRI.

        Args:
            written: The term of an IRI or a blank node.
            lang: The language of the name.
        """
        iri = written[1:-1] if written.startswith("<") else written
        return Resource(iri=iri, label=self.name(written, lang) or shorten(written, self.prefixes).strip("<>"))

    def value(self, written: str, lang: str) -> Value:
        """Return a term as a value, with the name of an IRI.

        Args:
            written: The term.
            lang: The language of the name.
        """
        return make_value(written, self.name(written, lang))

    def facts(self, statements: Sequence[tuple[Triple, bool, Sequence[str]]], lang: str) -> tuple[Fact, ...]:
        """Write statements as facts.

        Args:
            statements: For each the triple, whether the graph has it, and the claims (terms) that say it.
            lang: The language of names.
        """
        inferred = [one for one, holds, claims in statements if holds and not claims and self._is_inferred(one)]
        grounds = self._follow(inferred)
        wanted = {claim for _, _, claims in statements for claim in claims}
        wanted |= {f"<{claim}>" for one in inferred for claim in grounds[one][1]}
        records = read_claims(self.claim_rows, wanted) if wanted else {}
        found = []
        for triple, holds, claims in statements:
            rule, places = "", tuple[str, ...]()
            origin: Origin = "claims"
            said: Sequence[str] = claims
            if triple in grounds:
                rule, named, places = grounds[triple]
                origin, said = "rule", [f"<{claim}>" for claim in named]
            elif not claims:
                where, places = self._origins.locate((*triple, ""))
                origin = cast("Origin", where)
            infos = [self._claim(records[claim], lang) for claim in said if claim in records]
            found.append(self._fact(triple, lang, holds=holds, origin=origin, claims=infos, places=places, rule=rule))
        return tuple(found)

    def of_answer(self, found: AnswerEvidence, numbers: Iterable[int], lang: str) -> dict[int, Fact]:
        """Write statements of an answer as facts; those that describe one claim are one fact, which is the same object.

        Args:
            found: The answer with its evidence.
            numbers: The numbers of the statements.
            lang: The language of names.

        Returns:
            The facts by the numbers of the statements.
        """
        by_claim: dict[str, Fact] = {}
        facts: dict[int, Fact] = {}
        for number in numbers:
            statement = found.statements[number]
            described = found.described_claim(number)
            if described is not None and described.objects:
                if described.claim not in by_claim:
                    triple = described.subject, described.predicate, described.objects[0]
                    holds = triple in self.built.with_ontology
                    by_claim[described.claim] = self._fact(
                        triple, lang, holds=holds, origin="claims", claims=[self._claim(described, lang)]
                    )
                facts[number] = by_claim[described.claim]
                continue
            base = [found.statements[n] for n in found.grounds(number)]
            claims = dict.fromkeys(claim for one in base for claim in one.claims)
            facts[number] = self._fact(
                (statement.subject, statement.predicate, statement.object),
                lang,
                holds=True,
                origin=cast("Origin", statement.origin),
                claims=[self._claim(found.claims[claim], lang) for claim in claims],
                places=tuple(dict.fromkeys(place for one in base for place in one.places)),
                rule=statement.rule,
            )
        return facts

    def of_claims(self, claims: Sequence[str], lang: str) -> tuple[Fact, ...]:
        """Write what claims state as facts.

        Args:
            claims: The claims, as terms.
            lang: The language of names.
        """
        records = read_claims(self.claim_rows, claims)
        found = []
        for claim in claims:
            record = records[claim]
            languages = {make_value(one).lang: one for one in record.objects}
            written = languages.get(lang) or record.objects[0]
            triple = record.subject, record.predicate, written
            holds = triple in self.built.with_ontology
            found.append(self._fact(triple, lang, holds=holds, origin="claims", claims=[self._claim(record, lang)]))
        return tuple(found)

    def _fact(
        self,
        triple: Triple,
        lang: str,
        *,
        holds: bool,
        origin: Origin,
        claims: Sequence[ClaimInfo] = (),
        places: tuple[str, ...] = (),
        rule: str = "",
    ) -> Fact:
        return Fact(
            subject=self.resource(triple[0], lang),
            predicate=self.resource(triple[1], lang),
            object=self.value(triple[2], lang),
            holds=holds,
            origin=origin,
            claims=tuple(claims),
            places=() if origin == "claims" else tuple(map(self._within_project, places)),
            rule=rule,
        )

    def _claim(self, record: ClaimRecord, lang: str) -> ClaimInfo:
        passages = tuple(self._passage(iri, lang) for iri in record.passages)
        places: tuple[str, ...] = ()
        if not passages and record.objects:
            place = self._origins.locate((f"<{record.claim}>", SUBJECT, record.subject, ""))
            places = tuple(map(self._within_project, place[1])) if place[0] == "table" else ()
        return ClaimInfo(
            iri=record.claim,
            rank=cast("Rank", local_name(f"<{record.rank}>").removesuffix("Rank").lower()),
            passages=passages,
            qualifiers=tuple(
                Qualifier(predicate=self.resource(predicate, lang), value=self.value(value, lang))
                for predicate, value in record.qualifiers
                if predicate not in _LINKING
            ),
            places=places,
        )

    def _within_project(self, place: str) -> str:
        """Return a place with its file as it is named from the folder of the project, and not of the machine."""
        for folder in self._folders:
            if place.startswith(folder):
                return place[len(folder) :]
        return place if not place.startswith(("/", "..")) else place.rpartition("/")[2]

    @cached_property
    def _folders(self) -> tuple[str, ...]:
        root = self.built.project.root
        return tuple(f"{folder}/" for folder in dict.fromkeys((relative_to_here(root), str(root), str(root.resolve()))))

    def _passage(self, iri: str, lang: str) -> PassageInfo:
        place = self.texts.places.get(iri)
        document = place.document if place else iri.partition("#")[0]
        return PassageInfo(
            iri=iri,
            document=self.resource(f"<{document}>", lang),
            start=place.start if place else None,
            end=place.end if place else None,
            sha256=place.sha256 if place else "",
            quote=self.texts.quote(iri),
        )

    def _follow(self, triples: Sequence[Triple]) -> dict[Triple, Grounds]:
        """Return what inferred triples follow from; it is remembered."""
        missing = [one for one in triples if one not in self._inferred]
        if missing:
            found = ask_with_evidence(self.built, _write_query(missing), prefixes={})
            made: dict[Triple, Grounds] = {}
            for row in found.rows:
                for number in row.statements():
                    statement = found.statements[number]
                    base = [found.statements[n] for n in found.grounds(number)]
                    made[statement.subject, statement.predicate, statement.object] = (
                        statement.rule,
                        tuple(dict.fromkeys(claim for one in base for claim in one.claims)),
                        tuple(dict.fromkeys(place for one in base for place in one.places)),
                    )
            with self._lock:
                if len(self._inferred) + len(made) > MAX_REMEMBERED:
                    self._inferred = {}
                self._inferred |= made
            return {one: made.get(one) or self._inferred[one] for one in triples}
        return {one: self._inferred[one] for one in triples}


def _write_query(triples: Sequence[Triple]) -> str:
    """Write the query whose rows are triples, which are of IRIs."""
    rows = " ".join(f"({' '.join(triple)})" for triple in triples)
    return f"SELECT ?s ?p ?o WHERE {{ VALUES (?s ?p ?o) {{ {rows} }} ?s ?p ?o . }}"
