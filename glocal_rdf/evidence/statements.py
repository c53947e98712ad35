"""Lays out claims for checking them: what each states, part by part, and the passages that it was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import PROV, RDF, RDFS_LABEL, SKOS, Term, term
from glocal_rdf.triples import Triples
from glocal_rdf.triples import terms as terms_of
from glocal_rdf.vocabulary import glocal

__all__ = ["LABELS", "PARTS", "QUALIFIERS", "Claims", "list_claims"]

PARTS: Final = ("subject", "object")
"""The parts of a claim that every claim has and that its passages must name."""

QUALIFIERS: Final = ("pointInTime", "start", "end", "time", "appliesTo", "heldBy", "role", "asWritten")
"""The qualifiers that the passages must name too, by their names in the ontology."""

LABELS: Final = (term(SKOS, "prefLabel"), term(SKOS, "altLabel"), term(SKOS, "hiddenLabel"), RDFS_LABEL)
_SUBJECT, _PREDICATE, _OBJECT = term(RDF, "subject"), term(RDF, "predicate"), term(RDF, "object")
_EXACT_TIMES: Final = ("pointInTime", "start", "end")
_INEXACT = r"[X~?%\[{SEY]|-[2-4][1-9]"
_NOTE = term(SKOS, "note")
_SOURCE, _ATTRIBUTED = term(PROV, "wasDerivedFrom"), term(PROV, "wasAttributedTo")


@dataclass(frozen=True)
class Claims:
    """Claims that were read from passages.

    Attributes:
        claims: The columns `claim`, `predicate`, `passages` (sorted, joined by spaces) and `attributed` (whether
            somebody other than a document makes it).
        parts: The parts to check, one a row: `claim`, `part` (`subject`, `object`, or the name of a qualifier) and
            `term`.
        explanations: Why a part is not in the words of the passages, one a row: `claim`, and `words`, the words that
            stand for it.
        reasons: The columns `claim` and `reason`, the reason that it gives.
        notes: The columns `claim` and `notes`, the notes of those that somebody other than a document makes, joined.
    """

    claims: pl.DataFrame
    parts: pl.DataFrame
    explanations: pl.DataFrame
    reasons: pl.DataFrame
    notes: pl.DataFrame


def list_claims(
    triples: Triples, passages: Sequence[Term], terms: Mapping[str, Sequence[Term]] | None = None
) -> Claims:
    """Lay out the claims of a graph that were derived from some passages.

    Args:
        triples: The graph.
        passages: The passages, as terms.
        terms: The properties that stand for terms of the Glocal ontology, by name; by default that ontology's alone.
    """
    frame = triples.frame
    terms = terms or {}

    def pairs(name: str, *predicates: Term) -> pl.DataFrame:
        found = frame.filter(pl.col("predicate").is_in(predicates))
        return found.select(claim="subject", **{name: pl.col("object")})

    known = pl.Series("passage", list(passages), dtype=pl.String)
    sources = pairs("passage", _SOURCE).filter(pl.col("passage").is_in(known.implode()))
    read = sources.sort("claim", "passage").group_by("claim", maintain_order=True).agg(pl.col("passage").str.join(" "))
    claims = pairs("predicate", _PREDICATE).join(read, on="claim").unique("claim", keep="first", maintain_order=True)
    attributed = pairs("by", _ATTRIBUTED)["claim"].unique()
    claims = claims.select(
        "claim",
        "predicate",
        passages="passage",
        attributed=pl.col("claim").is_in(attributed.implode()),
    )
    named: list[tuple[str, tuple[Term, ...]]] = [("subject", (_SUBJECT,)), ("object", (_OBJECT,))]
    named += [(name, tuple(terms.get(name, (glocal(name),)))) for name in QUALIFIERS]
    parts = pl.concat(pairs("term", *predicates).with_columns(part=pl.lit(name)) for name, predicates in named)
    parts = parts.select("claim", "part", "term").join(claims.select("claim"), on="claim", how="semi")
    # A name is stated of its subject by giving the name itself.
    names = claims.filter(pl.col("predicate").is_in(LABELS)).select("claim", part=pl.lit("subject"))
    parts = parts.join(names, on=["claim", "part"], how="anti")
    # Times that are not exact are looked for as they are; the parts of others are, each by itself.
    timed = pl.col("part") == "time"
    inexact = timed & terms_of.value(pl.col("term")).str.contains(_INEXACT)
    rough = parts.filter(inexact)["claim"]
    replaced = pl.col("part").is_in(_EXACT_TIMES) & pl.col("claim").is_in(rough.implode())
    parts = parts.filter((~timed | inexact) & ~replaced)
    words, reasons = (tuple(terms.get(name, (glocal(name),))) for name in ("supportingWords", "supportReason"))
    noted = pairs("note", _NOTE).filter(pl.col("claim").is_in(attributed.implode()))
    notes = noted.group_by("claim").agg(notes=terms_of.value(pl.col("note")).str.join("\n"))
    return Claims(claims, parts.unique(maintain_order=True), pairs("words", *words), pairs("reason", *reasons), notes)
