"""Lists every statement of a graph about a thing, each with the claims that support it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from glocal_rdf.lazy import importer, pl
from glocal_rdf.namespaces import ORG, OWL, PROV, RDF, RDF_TYPE, WIKIBASE, Term, term
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import APPLIES_TO, glocal

__all__ = ["Evidence", "Statement", "explain_thing"]

SUBJECT, PREDICATE, OBJECT = term(RDF, "subject"), term(RDF, "predicate"), term(RDF, "object")
RANK = term(WIKIBASE, "rank")
SOURCE = term(PROV, "wasDerivedFrom")
NORMAL = term(WIKIBASE, "NormalRank")
_HIDDEN = {SUBJECT, PREDICATE, OBJECT, RANK, SOURCE, RDF_TYPE}
_APPLIES_TO = (glocal(APPLIES_TO),)
_BACK = term(ORG, "hasMembership")
"""Leads back from a member to the claim, which is shown already."""
_LINKING = {
    *(term(OWL, f"annotated{part}") for part in ("Source", "Target", "Property")),
    *(term(ORG, part) for part in ("organization", "member", "memberDuring", "role")),
}

__getattr__ = importer(__name__, {}, {"Told": "source_graphs.SourceStatements"})


@dataclass(frozen=True)
class Evidence:
    """A claim for a statement, in terms.

    Attributes:
        claim: The claim.
        rank: Its rank.
        passages: The passages that it was read from.
        qualifiers: What qualifies it: pairs of predicate and object.
    """

    claim: str
    rank: str
    passages: tuple[str, ...]
    qualifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Statement:
    """A statement, as terms in N-Triples syntax.

    Attributes:
        subject: The subject.
        predicate: The predicate.
        object: The object.
        plain: Whether the graph has the triple itself; not so where only deprecated claims or views state it.
        evidence: The claims that it rests on.
    """

    subject: str
    predicate: str
    object: str
    plain: bool
    evidence: tuple[Evidence, ...] = field(default=())


def explain_thing(triples: Triples, thing: str, applies_to: Collection[Term] = _APPLIES_TO) -> tuple[Statement, ...]:
    """List every statement about a thing (an IRI): first those that have it as subject, then those as object.

    Statements that no claim supports are there too, with no evidence: they stand in a table, or follow by a rule.

    Args:
        triples: The graph with its claims.
        thing: The IRI of the thing, without brackets.
        applies_to: The properties that lead from a claim to the part of its subject for which alone it holds.
    """
    term = f"<{thing}>"
    frame = triples.frame
    claims = _claims(frame, term)
    about = frame.filter((pl.col("subject") == term) | (pl.col("object") == term), pl.col("predicate") != _BACK)
    reified = frame.filter(pl.col("predicate") == SUBJECT)["subject"].unique()
    incoming = (pl.col("object") == term) & (
        pl.col("predicate").is_in([*_LINKING, *_HIDDEN, *applies_to]) | pl.col("subject").is_in(reified.implode())
    )
    plain = set(about.filter(~incoming | (pl.col("subject") == term)).iter_rows())
    stated = plain | set(claims)
    ordered = sorted(stated, key=lambda triple: (triple[0] != term, triple[1] != RDF_TYPE, triple))
    return tuple(Statement(s, p, o, (s, p, o) in plain, tuple(claims.get((s, p, o), ()))) for s, p, o in ordered)


def _claims(frame: pl.DataFrame, term: str) -> Mapping[tuple[str, str, str], list[Evidence]]:
    """Return the claims that have a term as subject or object, by what they state."""
    ids = frame.filter(pl.col("predicate").is_in([SUBJECT, OBJECT]) & (pl.col("object") == term))["subject"].unique()
    rows = frame.filter(pl.col("subject").is_in(ids.implode())).sort("subject", "predicate", "object")
    found: dict[tuple[str, str, str], list[Evidence]] = {}
    for (claim,), part in rows.group_by("subject", maintain_order=True):
        stated = list(part.select("predicate", "object").iter_rows())
        first = dict(reversed(stated))
        if not all(name in first for name in (SUBJECT, PREDICATE, OBJECT)):
            continue
        evidence = Evidence(
            str(claim),
            first.get(RANK, NORMAL),
            tuple(value for name, value in stated if name == SOURCE),
            tuple((name, value) for name, value in stated if name not in _HIDDEN and name not in _LINKING),
        )
        # A text in several languages is one value, with an object for each language.
        for value in (value for name, value in stated if name == OBJECT):
            found.setdefault((first[SUBJECT], first[PREDICATE], value), []).append(evidence)
    return found
