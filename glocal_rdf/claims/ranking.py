"""Ranks claims, and derives the truthy statements from the best of them.

1. A claim states a subject, a predicate and an object (`rdf:Statement`'s terms), and has a rank as in Wikidata.
2. Of the claims on one subject and predicate the preferred ones count; where none is preferred, the normal ones do;
   deprecated ones never.
3. Some qualifiers narrow what a claim says: it is somebody's view, holds for a part of its subject only, has a bound
   (more than, at most), or is a number of something. Without the qualifier its statement would say more than its
   source, so no truthy statement follows from it, and it puts no other claim aside.
4. The plain triple of a claim that counts is its subject, predicate and object, term by term: literals keep their form.
"""

from __future__ import annotations

from collections.abc import Collection

from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF, WIKIBASE, Term, term
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import NARROWING, glocal

__all__ = ["derive_truthy", "find_truthy_claims", "list_claims"]

SUBJECT, PREDICATE, OBJECT = term(RDF, "subject"), term(RDF, "predicate"), term(RDF, "object")
RANK = term(WIKIBASE, "rank")
_NARROWING = tuple(map(glocal, NARROWING))
PREFERRED, NORMAL, DEPRECATED = (term(WIKIBASE, f"{rank}Rank") for rank in ("Preferred", "Normal", "Deprecated"))


def list_claims(triples: Triples, narrowing: Collection[Term] = _NARROWING) -> pl.DataFrame:
    """Lay the claims out, one a row.

    A claim that lacks subject, predicate or object is left out (validation reports it); one without a rank is normal.

    Args:
        triples: The graph.
        narrowing: The qualifiers that narrow what a claim says.

    Returns:
        The columns `claim`, `subject`, `predicate`, `object` and `rank` (terms), and `narrowed` (whether it has one of
        these qualifiers).
    """
    frame = triples.frame

    def column(name: str, predicate: str) -> pl.DataFrame:
        one = frame.filter(pl.col("predicate") == predicate)
        return one.select(pl.col("subject").alias("claim"), pl.col("object").alias(name))

    claims = column("subject", SUBJECT)
    for name, predicate in (("predicate", PREDICATE), ("object", OBJECT)):
        claims = claims.join(column(name, predicate), on="claim")
    narrowed = frame.filter(pl.col("predicate").is_in(narrowing)).select(claim="subject").unique()
    return claims.join(column("rank", RANK), on="claim", how="left").with_columns(
        pl.col("rank").fill_null(NORMAL), pl.col("claim").is_in(narrowed["claim"].implode()).alias("narrowed")
    )


def derive_truthy(triples: Triples, narrowing: Collection[Term] = _NARROWING) -> Triples:
    """Derive the truthy statements from the best-ranked claims; those that `triples` states already are among them.

    Of the claims with one subject and predicate the preferred ones count, or, where there are none, the normal ones.

    Args:
        triples: The graph.
        narrowing: The qualifiers that narrow what a claim says: no truthy statement follows from one that has any.
    """
    claims = find_truthy_claims(triples, narrowing)
    return Triples(claims.select(pl.col("subject", "predicate", "object"))).distinct()


def find_truthy_claims(triples: Triples, narrowing: Collection[Term] = _NARROWING) -> pl.DataFrame:
    """Find the claims that truthy statements are derived from, in the columns of `list_claims`.

    Args:
        triples: The graph.
        narrowing: The qualifiers that narrow what a claim says.
    """
    claims = list_claims(triples, narrowing).filter(~pl.col("narrowed") & (pl.col("rank") != DEPRECATED))
    preferred = pl.col("rank") == PREFERRED
    best = claims.filter(preferred | ~preferred.any().over("subject", "predicate"))
    return best.filter(pl.col("predicate").str.starts_with("<"))
