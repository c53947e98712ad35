"""The claims of a graph as pages show them: what each states, where it stands, its rank and qualifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf.namespaces import ORG, OWL, PROV, RDF, RDF_TYPE, SKOS, WIKIBASE, Term, term
from glocal_rdf.vocabulary import APPLIES_TO, HELD_BY

if TYPE_CHECKING:
    from glocal_rdf.dataset import Build

__all__ = ["DEPRECATED", "NORMAL", "PREFERRED", "Claim", "read_claims"]

SUBJECT, PREDICATE, OBJECT = term(RDF, "subject"), term(RDF, "predicate"), term(RDF, "object")
PREFERRED, NORMAL, DEPRECATED = (term(WIKIBASE, f"{rank}Rank") for rank in ("Preferred", "Normal", "Deprecated"))
_RANK, _SOURCE, _BY = term(WIKIBASE, "rank"), term(PROV, "wasDerivedFrom"), term(PROV, "wasAttributedTo")
_NOTE: Final = term(SKOS, "note")
_LINKING: Final = {
    RDF_TYPE,
    *(term(OWL, f"annotated{part}") for part in ("Source", "Target", "Property")),
    *(term(ORG, part) for part in ("organization", "member")),
}
"""What links a claim to what it states, for readers of other vocabularies."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, in terms.

    Attributes:
        term: The claim.
        subject: What it is about.
        predicate: What it states of that.
        objects: The value; several where one text is given in several languages.
        rank: Its rank.
        passages: The passages that it was read from.
        holders: Who holds it as a view; no fact follows from a view.
        parts: The parts of the subject for which alone it holds.
        makers: Who makes it, if not the documents: the curators of the data.
        contradicted: The claims that contradict it.
        notes: What is noted about it.
        written: How the value is written in the passage.
        reasons: Why it has its rank.
        qualifiers: What else qualifies it: pairs of predicate and value.
    """

    term: str
    subject: str
    predicate: str
    objects: tuple[str, ...]
    rank: str
    passages: tuple[str, ...]
    holders: tuple[str, ...]
    parts: tuple[str, ...]
    makers: tuple[str, ...]
    contradicted: tuple[str, ...]
    notes: tuple[str, ...]
    written: tuple[str, ...]
    reasons: tuple[str, ...]
    qualifiers: tuple[tuple[str, str], ...]

    @property
    def deprecated(self) -> bool:
        """Whether it does not count."""
        return self.rank == DEPRECATED

    @property
    def preferred(self) -> bool:
        """Whether it is the best of several."""
        return self.rank == PREFERRED


def read_claims(built: Build) -> Mapping[str, Claim]:
    """Read the claims of a graph, by their terms; one that lacks subject, predicate or object is not among them.

    Args:
        built: The build.
    """
    frame = built.with_ontology.frame
    known = frame.filter(pl.col("predicate") == SUBJECT).select("subject").unique()
    rows = frame.join(known, on="subject", how="semi").sort("subject", "predicate", "object")
    named = {name: built.project.find_terms(name) for name in (HELD_BY, APPLIES_TO, *_OURS)}
    found: dict[str, Claim] = {}
    for claim, predicates, values in (
        rows.group_by("subject", maintain_order=True).agg("predicate", "object").iter_rows()
    ):
        read = _read_claim(claim, zip(predicates, values, strict=True), named)
        if read:
            found[claim] = read
    return found


_OURS: Final = ("contradicts", "asWritten", "rankReason")


def _read_claim(claim: str, stated: Iterable[tuple[Term, Term]], named: Mapping[str, tuple[Term, ...]]) -> Claim | None:
    values: dict[str, list[str]] = {}
    for name, value in stated:
        values.setdefault(name, []).append(value)

    def take(*predicates: str) -> tuple[str, ...]:
        return tuple(value for one in predicates for value in values.pop(one, ()))

    subject, predicate, objects = take(SUBJECT), take(PREDICATE), take(OBJECT)
    if not (subject and predicate and objects):
        return None
    take(*_LINKING)
    return Claim(
        claim,
        subject[0],
        predicate[0],
        objects,
        next(iter(take(_RANK)), NORMAL),
        passages=tuple(sorted(take(_SOURCE), key=_place_of)),
        holders=take(*named[HELD_BY]),
        parts=take(*named[APPLIES_TO]),
        makers=take(_BY),
        contradicted=take(*named["contradicts"]),
        notes=take(_NOTE),
        written=take(*named["asWritten"]),
        reasons=take(*named["rankReason"]),
        qualifiers=tuple((name, value) for name, several in values.items() for value in several),
    )


def _place_of(passage: str) -> tuple[str, list[int]]:
    """Order passages by document and position, as numbers."""
    document, _, fragment = passage[1:-1].partition("#")
    numbers = fragment.partition("=")[2].split(",")
    return document, [int(number) for number in numbers if number.isdecimal()]
