"""What things are called, and which of them may be meant by the key terms of a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from glocal_rdf.evidence.statements import LABELS
from glocal_rdf.evidence.wording import Wording, list_terms
from glocal_rdf.forms import fold_words
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import DCTERMS, RDF_TYPE, RDFS_SUBCLASS_OF, SKOS, XSD, Term, term
from glocal_rdf.triples import Triples, terms

__all__ = ["ENOUGH", "Things", "read_things"]

ENOUGH: Final = 0.6
"""What share of the key terms of a concept's name a passage must have."""

_FORMAT_OF = term(DCTERMS, "isFormatOf")
_CONCEPT = term(SKOS, "Concept")
_DATES: Final = tuple(f"{XSD}{name}" for name in ("date", "gYear", "gYearMonth", "dateTime"))


@dataclass(frozen=True)
class Things:
    """The names of things.

    Attributes:
        names: The names of each thing, folded.
        concepts: The concepts: their names describe, where those of other things denote.
        documents: The things that each document stands for: itself, and the work that it is a form of.
        dates: The dates that are stated of these things, by document.
    """

    names: Mapping[Term, tuple[str, ...]]
    concepts: frozenset[Term]
    documents: Mapping[str, frozenset[Term]]
    dates: Mapping[str, frozenset[str]]

    def is_named(self, thing: Term, wording: Wording) -> bool:
        """Return whether a passage, or what it stands under, names a thing.

        It does so with a name of the thing; of a concept, also with most of the key terms of a name; and of the
        document itself, and the work that it is a form of, by being a part of it.
        """
        if any(thing in self.documents.get(document, ()) for document in wording.documents):
            return True
        names = self.names.get(thing, ())
        if any(wording.has_words(name) for name in names):
            return True
        return thing in self.concepts and any(wording.share_of(list_terms(name)) >= ENOUGH for name in names)

    def is_in_title(self, thing: Term, wording: Wording) -> bool:
        """Return whether the title of a document names a thing."""
        return any(wording.has_title_words(name) for name in self.names.get(thing, ()))

    def is_document_date(self, date: str, wording: Wording) -> bool:
        """Return whether a date is one of the document's: what it says without a time, it says of its own."""
        return any(stated.startswith(date) for document in wording.documents for stated in self.dates.get(document, ()))


def read_things(triples: Triples, ontology: Triples, documents: Mapping[str, str]) -> Things:
    """Read what the things of a graph are called.

    Args:
        triples: The graph.
        ontology: The ontology, which names classes and other terms, and has the classes of concepts.
        documents: The texts of the documents by IRI.
    """
    both = pl.concat([triples.frame, ontology.frame])
    labels = both.filter(pl.col("predicate").is_in(LABELS)).select("subject", name=terms.value(pl.col("object")))
    labels = labels.unique(maintain_order=True)
    folded = {name: fold_words(name).strip(",") for name in labels["name"].unique()}
    names: dict[Term, list[str]] = {}
    titles: dict[str, set[Term]] = {}
    for subject, name in labels.iter_rows():
        names.setdefault(subject, []).append(folded[name])
        titles.setdefault(folded[name], set()).add(subject)
    forms = triples.match(predicate=_FORMAT_OF).frame
    stands_for: dict[str, frozenset[Term]] = {}
    for iri in documents:
        itself = Term(f"<{iri}>")
        works = set(forms.filter(pl.col("subject") == itself)["object"])
        same = {thing for title in names.get(itself, ()) for thing in titles[title]}
        stands_for[iri] = frozenset({itself, *works, *same})
    dated = triples.frame.filter(
        pl.col("object").str.starts_with('"') & terms.datatype(pl.col("object")).is_in(_DATES)
    ).select("subject", date=terms.value(pl.col("object")))
    dates = {
        iri: frozenset(dated.filter(pl.col("subject").is_in(list(things)))["date"])
        for iri, things in stands_for.items()
    }
    return Things({thing: tuple(each) for thing, each in names.items()}, _find_concepts(both), stands_for, dates)


def _find_concepts(frame: pl.DataFrame) -> frozenset[Term]:
    """Find the instances of skos:Concept and of all that is below it."""
    below = frame.filter(pl.col("predicate") == RDFS_SUBCLASS_OF).select("subject", "object")
    classes = {_CONCEPT}
    while more := set(below.filter(pl.col("object").is_in(list(classes)))["subject"]) - classes:
        classes |= more
    typed = frame.filter((pl.col("predicate") == RDF_TYPE) & pl.col("object").is_in(list(classes)))
    return frozenset(typed["subject"])
