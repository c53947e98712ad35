"""Writes a graph as Turtle of RDF 1.2: its claims as reifiers of triple terms, instead of `rdf:Statement`s.

A claim of RDF 1.1 has `rdf:subject`, `rdf:predicate` and `rdf:object`. In RDF 1.2 it reifies the triple term of these
three: `claim rdf:reifies <<( s p o )>>`, which does not say that the triple is true. Where the graph states the triple
too, the claim is its annotation, `s p o ~ claim {| … |}`. What a deprecated claim, a view, or a claim about a part says
is a triple term only. All other triples are the same.

https://www.w3.org/TR/rdf12-concepts/#section-triple-terms-reification
"""

from __future__ import annotations

from typing import Final

import polars as pl

from glocal_rdf.errors import Problem
from glocal_rdf.exports.graph import DescribedGraph, Exported
from glocal_rdf.namespaces import RDF, RDF_TYPE, term
from glocal_rdf.triples.formats.turtle import write_turtle
from glocal_rdf.triples.triple_terms import write_triple_term

__all__ = ["reify_claims", "write_turtle_12"]

_TRIPLE: Final = ["subject", "predicate", "object"]
_PARTS: Final = {name: term(RDF, name) for name in _TRIPLE}
_STATEMENT: Final = term(RDF, "Statement")
_REIFIES: Final = term(RDF, "reifies")


def write_turtle_12(graph: DescribedGraph) -> Exported:
    """Write a graph as Turtle of RDF 1.2, the same bytes on every run."""
    frame = graph.triples.distinct().frame
    other, reified, left = reify_claims(frame)
    claims = reified.select(subject="reifier").unique()
    asserted = reified.join(other, on=_TRIPLE, how="semi", nulls_equal=True).join(claims, on="subject", how="anti")
    unasserted = reified.join(asserted, on=[*_TRIPLE, "reifier"], how="anti")
    terms = unasserted.select(subject="reifier", predicate=pl.lit(_REIFIES), object=write_triple_term(*_TRIPLE))
    data = write_turtle(pl.concat([other, terms]), graph.prefixes, annotations=asserted)
    note = (
        f"{claims.height:,} claims as reifiers: {asserted.height:,} annotate a triple of the graph, "
        f"{unasserted.height:,} reify a triple that the graph does not state"
        if claims.height
        else "the graph has no claims (rdf:subject, rdf:predicate, rdf:object): it is the same in RDF 1.1"
    )
    problems = [
        Problem(one, "is written as an rdf:Statement, not as a reifier", why, kind="claims")
        for one, why in left.sort("claim").iter_rows()
    ]
    return Exported({"": data}, (note,), tuple(problems))


def reify_claims(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Tell the claims of a graph from its other triples.

    Args:
        frame: The distinct triples of a graph.

    Returns:
        The triples without those that say what claims claim; what each claim (`reifier`) claims: `subject`,
        `predicate` and `object`; and the claims that stay as they are, with a hint: those that lack a part, and those
        about blank nodes, since the label of a blank node is not kept.
    """
    parts = {
        name: frame.filter(pl.col("predicate") == predicate).select(claim="subject", value="object")
        for name, predicate in _PARTS.items()
    }
    claims = pl.concat(part.select("claim") for part in parts.values()).unique()
    whole = claims
    for name, part in parts.items():
        whole = whole.join(part.rename({"value": name}), on="claim")
    blank = pl.any_horizontal(pl.col("claim", "subject", "object").str.starts_with("_:"))
    odd = ~pl.col("subject").str.starts_with("<") | ~pl.col("predicate").str.starts_with("<")
    with_blank = whole.filter(blank | odd).select("claim").unique()
    incomplete = claims.join(whole, on="claim", how="anti")
    left = pl.concat(
        [
            with_blank.with_columns(hint=pl.lit("give an IRI to what it is about")),
            incomplete.with_columns(hint=pl.lit("give it rdf:subject, rdf:predicate and rdf:object")),
        ]
    )
    reified = whole.join(left, on="claim", how="anti")
    is_part = pl.col("predicate").is_in(list(_PARTS.values())) | (
        (pl.col("predicate") == RDF_TYPE) & (pl.col("object") == _STATEMENT)
    )
    said = frame.filter(is_part).join(reified, left_on="subject", right_on="claim", how="semi")
    other = frame.join(said, on=_TRIPLE, how="anti", maintain_order="left")
    return other, reified.select(*_TRIPLE, reifier="claim").unique().sort(*_TRIPLE, "reifier"), left
