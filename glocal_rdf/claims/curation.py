"""Derives claims for what the curators of a dataset say of its things: the names, definitions and hierarchy of tables.

A document's names and definitions are claims with their passages. What a table of things states besides is the
curators' own, and looks the same in the graph until a claim says so:

1. A preferred, other or hidden name, a definition or a broader concept that no claim states, or deprecated ones alone,
   is a claim of the curators: attributed to them (`prov:wasAttributedTo`), of normal rank, and without a passage.
2. The preferred names of a thing in several languages are one claim, since they are one value; so are its definitions.
3. A concept under another one is the document's word, not the curators', where both have a place in the outline
   (`order`) of the same document.

Nothing becomes a truthy statement by this: the tables state all of it already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Final

from glocal_rdf.claims.ranking import DEPRECATED, NORMAL, OBJECT, PREDICATE, RANK, SUBJECT, list_claims
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import PROV, RDF_TYPE, SKOS, Term, local_name, term
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import CLAIM, ORDER, glocal

__all__ = ["derive_curated"]

SEVERAL: Final = (term(SKOS, "altLabel"), term(SKOS, "hiddenLabel"))
"""Of these a thing has several in one language: each is a claim of its own."""
ONE: Final = (term(SKOS, "prefLabel"), term(SKOS, "definition"))
BROADER: Final = term(SKOS, "broader")
ATTRIBUTED, SOURCE = term(PROV, "wasAttributedTo"), term(PROV, "wasDerivedFrom")
_TRIPLE = ["subject", "predicate", "object"]
_CLAIM, _ORDER = glocal(CLAIM), (glocal(ORDER),)


def derive_curated(
    triples: Triples, curators: Collection[Term], space: str, claim: Term = _CLAIM, order: Collection[Term] = _ORDER
) -> Triples:
    """Derive the claims of the curators; none where the graph has no claims, or nobody is named as a curator.

    Args:
        triples: The graph, with the claims of its tables.
        curators: Who the curators are; each claim is attributed to all of them.
        space: How the IRIs of the things begin; what has another IRI is left out.
        claim: The class of claims.
        order: The properties that give a concept its place in the outline of a document.
    """
    claims = list_claims(triples)
    if not claims.height or not curators:
        return Triples.empty()
    claimed = claims.filter(pl.col("rank") != DEPRECATED)
    frame = triples.frame
    wanted = pl.col("predicate").is_in([*ONE, *SEVERAL, BROADER]) & pl.col("subject").str.starts_with(f"<{space}")
    own = frame.filter(wanted).join(claimed, on=_TRIPLE, how="anti").join(_find_outlined(frame, order), _TRIPLE, "anti")
    named = own.with_columns(id=_name_claims(own, space))
    clashes = (pl.struct(_TRIPLE[:2]).n_unique().over("id") > 1) | pl.col("id").is_in(claims["claim"].implode())
    several = pl.col("predicate").is_in(SEVERAL) | clashes
    digests = named.filter(several).select(*_TRIPLE, digest=pl.concat_str(_TRIPLE).map_elements(_digest, pl.String))
    named = named.join(digests, on=_TRIPLE, how="left", maintain_order="left").with_columns(
        id=pl.concat_str(
            pl.col("id").str.strip_suffix(">"), pl.lit("-") + pl.col("digest"), pl.lit(">"), ignore_nulls=True
        )
    )
    same = [(RDF_TYPE, claim), (RANK, NORMAL), *((ATTRIBUTED, one) for one in sorted(curators))]
    parts = [
        *(named.select(subject="id", predicate=pl.lit(name), object=pl.lit(value)) for name, value in same),
        named.select(subject="id", predicate=pl.lit(SUBJECT), object="subject"),
        named.select(subject="id", predicate=pl.lit(PREDICATE), object="predicate"),
        named.select(subject="id", predicate=pl.lit(OBJECT), object="object"),
    ]
    return Triples(pl.concat(parts)).distinct()


def _name_claims(own: pl.DataFrame, space: str) -> pl.Series:
    """Name each claim after its subject and predicate, and for a broader concept after that too."""

    def shorten(column: str) -> pl.Expr:
        return pl.col(column).str.strip_prefix(f"<{space}").str.strip_suffix(">").str.replace_all("[^A-Za-z0-9]+", "-")

    names = {name: local_name(name.strip("<>")) for name in (*ONE, *SEVERAL, BROADER)}
    above = pl.when(pl.col("predicate") == BROADER).then(pl.lit("-") + shorten("object")).otherwise(pl.lit(""))
    name = pl.col("predicate").replace_strict(names, return_dtype=pl.String)
    parts = (pl.lit(f"<{space}claim/"), shorten("subject"), pl.lit("-"), name, pl.lit("-curators"), above, pl.lit(">"))
    return own.select(pl.concat_str(parts)).to_series()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _find_outlined(frame: pl.DataFrame, order: Collection[Term]) -> pl.DataFrame:
    """Find the hierarchy that is in the outline of a document: both concepts have their places in the same one."""
    placed = frame.filter(pl.col("predicate").is_in(order)).select("subject").unique()
    sources = frame.filter(pl.col("predicate") == SOURCE).join(placed, on="subject", how="semi")
    documents = sources.select("subject", document=pl.col("object").str.replace("#.*", "")).unique()
    under = frame.filter(pl.col("predicate") == BROADER)
    above = documents.rename({"subject": "object"})
    both = under.join(documents, on="subject").join(above, on=["object", "document"])
    return both.select(_TRIPLE).unique()
