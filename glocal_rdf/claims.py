"""Ranks claims, derives the plain triples from the best of them, and applies the rules of `ontology/rules`.

1. A claim states a subject, a predicate and an object (`rdf:Statement`'s terms), and has a rank as in Wikidata.
2. Of the claims on one subject and predicate the preferred ones count; where none is preferred, the normal ones do;
   deprecated ones never. A claim that somebody holds as a view counts for nobody else.
3. The plain triple of a claim that counts is its subject, predicate and object, term by term: literals keep their form.
4. The rules then run over everything until they add nothing new; they make triples of IRIs only, because the store
   that they run on rewrites literals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.errors import InputError, Problem, QueryError
from glocal_rdf.triples import Triples
from glocal_rdf.triples.bridges import load_store
from glocal_rdf.triples.lines import split_lines

if TYPE_CHECKING:
    from pyoxigraph import Store

__all__ = ["apply_rules", "derive_plain", "list_claims"]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
WIKIBASE = "http://wikiba.se/ontology#"
ROUNDS = 10

SUBJECT, PREDICATE, OBJECT = f"<{RDF}subject>", f"<{RDF}predicate>", f"<{RDF}object>"
RANK = f"<{WIKIBASE}rank>"
PREFERRED, NORMAL, DEPRECATED = (f"<{WIKIBASE}{rank}Rank>" for rank in ("Preferred", "Normal", "Deprecated"))
HELD_BY = "<https://w3id.org/glocal/ontology#heldBy>"


def list_claims(triples: Triples) -> pl.DataFrame:
    """Lay the claims out, one a row: `claim`, `subject`, `predicate`, `object`, `rank`, `held` (somebody's view).

    A claim that lacks one of the first three is left out (validation reports it); one without a rank is normal.
    """
    frame = triples.frame

    def column(name: str, predicate: str) -> pl.DataFrame:
        one = frame.filter(pl.col("predicate") == predicate)
        return one.select(pl.col("subject").alias("claim"), pl.col("object").alias(name))

    claims = column("subject", SUBJECT)
    for name, predicate in (("predicate", PREDICATE), ("object", OBJECT)):
        claims = claims.join(column(name, predicate), on="claim")
    held = column("holder", HELD_BY).select("claim").unique()
    return claims.join(column("rank", RANK), on="claim", how="left").with_columns(
        pl.col("rank").fill_null(NORMAL), pl.col("claim").is_in(held["claim"].implode()).alias("held")
    )


def derive_plain(triples: Triples) -> Triples:
    """Derive the plain triples from the best-ranked claims; those that `triples` states already are among them."""
    claims = list_claims(triples).filter(~pl.col("held") & (pl.col("rank") != DEPRECATED))
    preferred = pl.col("rank") == PREFERRED
    best = claims.filter(preferred | ~preferred.any().over("subject", "predicate"))
    resources = best.filter(pl.col("predicate").str.starts_with("<"))
    return Triples(resources.select(pl.col("subject", "predicate", "object"))).distinct()


def apply_rules(triples: Triples, rules: Mapping[str, str], store: Store | None = None) -> Triples:
    """Return the triples that follow by the rules (SPARQL CONSTRUCT) and are not in `triples`.

    `store`, if given, holds `triples`; what follows is added to it, so that it need not be loaded again.

    Raise InputError that names the rule where one is no CONSTRUCT, makes a literal or a blank node, or where they still
    add triples after ten rounds.
    """
    if not rules:
        return Triples.empty()
    store = triples.to_store() if store is None else store
    followed = Triples.empty()
    for _ in range(ROUNDS):
        lines = {name: _apply_rule(store, name, text) for name, text in rules.items()}
        made = _read_lines(b"".join(lines.values()))
        if not all(made[column].str.starts_with("<").all() for column in ("subject", "object")):
            raise InputError.of(problem for name, text in lines.items() for problem in _find_odd(name, text))
        new = Triples(made).distinct().difference(followed).difference(triples)
        if not len(new):
            return followed
        followed = followed.union(new)
        load_store(store, new.frame)
    raise InputError.at("ontology/rules", f"the rules still add triples after {ROUNDS} rounds", "break their circle")


def _apply_rule(store: Store, name: str, text: str) -> bytes:
    """Write what a rule makes as N-Triples, which are read in columns."""
    from pyoxigraph import QueryTriples, RdfFormat  # noqa: PLC0415  (loaded only where there are rules)

    try:
        answer = store.query(text)
    except SyntaxError as error:
        raise QueryError.at(f"rule {name}", f"is not SPARQL: {error}", "mend ontology/rules") from error
    if not isinstance(answer, QueryTriples):
        raise InputError.at(f"rule {name}", "is no CONSTRUCT query", "mend ontology/rules")
    return answer.serialize(format=RdfFormat.N_TRIPLES) or b""


def _read_lines(lines: bytes) -> pl.DataFrame:
    frame = split_lines(lines, trusted=True)
    return Triples.parse(lines, "ntriples").frame if frame is None else frame


def _find_odd(name: str, lines: bytes) -> Iterator[Problem]:
    """Find what a rule makes and may not: a literal, or a blank node."""
    for column in _read_lines(lines).select("subject", "object"):
        for term in column.filter(~column.str.starts_with("<")).head(1):
            yield Problem(f"rule {name}", f"makes {term}, which is no IRI", "make triples of IRIs only")
