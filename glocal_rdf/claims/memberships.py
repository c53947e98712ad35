"""Derives when memberships hold, as intervals of OWL-Time, for readers of W3C ORG.

A claim that somebody is a member of an organization is an `org:Membership`, by a rule. When it holds are qualifiers of
the claim, dates at their own precision. ORG asks for an interval (`org:memberDuring`), which has instants as its
beginning and end. Interval and instants have identifiers that say what they are, so that there are no blank nodes:
`interval/from-2005-11`, `instant/2005-11`. A membership at a point in time has no interval, since none is known.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from glocal_rdf.claims.ranking import DEPRECATED, list_claims
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import ORG, RDF_TYPE, SCHEMA, TIME, XSD, Term, term
from glocal_rdf.triples import Triples, terms
from glocal_rdf.vocabulary import END, START, glocal

__all__ = ["derive_intervals"]

MEMBERSHIPS: Final = (term(ORG, "memberOf"), term(SCHEMA, "worksFor"))
"""The predicates of claims that are memberships."""
INSTANTS: Final = {
    f"{XSD}gYear": term(TIME, "inXSDgYear"),
    f"{XSD}gYearMonth": term(TIME, "inXSDgYearMonth"),
    f"{XSD}date": term(TIME, "inXSDDate"),
}
"""How OWL-Time gives an instant its place, by the datatype of the date."""
_START, _END = (glocal(START),), (glocal(END),)


def derive_intervals(
    triples: Triples, space: str, start: Collection[Term] = _START, end: Collection[Term] = _END
) -> Triples:
    """Derive the interval of each membership that has a beginning or an end, as a year, a month or a day.

    Args:
        triples: The graph, with its claims.
        space: How the IRIs of the dataset's things begin.
        start: The properties that lead from a claim to the time from which it holds.
        end: The properties that lead from a claim to the time until which it holds.
    """
    claims = list_claims(triples).filter(
        pl.col("predicate").is_in(MEMBERSHIPS) & ~pl.col("narrowed") & (pl.col("rank") != DEPRECATED)
    )
    dated = (
        triples.frame.join(claims, left_on="subject", right_on="claim", how="semi")
        .select(
            claim="subject",
            side=pl.when(pl.col("predicate").is_in(start))
            .then(pl.lit("from"))
            .when(pl.col("predicate").is_in(end))
            .then(pl.lit("to")),
            date="object",
            place=terms.datatype(pl.col("object")).replace_strict(INSTANTS, default=None, return_dtype=pl.String),
        )
        .drop_nulls()
    )
    written = dated.with_columns(value=terms.value(pl.col("date"))).sort("claim", "side", "value")
    slug = pl.concat_str("side", "value", separator="-").str.join("-").over("claim")
    named = written.with_columns(
        interval=pl.concat_str(pl.lit(f"<{space}interval/"), slug, pl.lit(">")),
        instant=pl.concat_str(pl.lit(f"<{space}instant/"), "value", pl.lit(">")),
        edge=pl.col("side").replace_strict({"from": term(TIME, "hasBeginning"), "to": term(TIME, "hasEnd")}),
    )
    rows = (
        ("claim", pl.lit(term(ORG, "memberDuring")), "interval"),
        ("interval", pl.lit(RDF_TYPE), pl.lit(term(TIME, "Interval"))),
        ("interval", pl.col("edge"), "instant"),
        ("instant", pl.lit(RDF_TYPE), pl.lit(term(TIME, "Instant"))),
        ("instant", pl.col("place"), "date"),
    )
    made = [named.select(subject=subject, predicate=predicate, object=value) for subject, predicate, value in rows]
    return Triples(pl.concat(made)).distinct()
