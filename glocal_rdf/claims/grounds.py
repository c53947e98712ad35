"""Finds the claims that triples rest on: those that truthy statements are derived from, and those described."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from glocal_rdf.claim_record import ClaimRecord
from glocal_rdf.claims.explanation import OBJECT, PREDICATE, RANK, SOURCE, SUBJECT
from glocal_rdf.claims.ranking import NORMAL, find_truthy_claims
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import ORG, RDF_TYPE, Term, term
from glocal_rdf.triples import Triples

__all__ = ["find_claims", "read_claims"]

Triple = tuple[str, str, str]

_PARTS = frozenset({SUBJECT, PREDICATE, OBJECT, RANK, SOURCE, RDF_TYPE})
_MEMBERSHIP = frozenset({term(ORG, "organization"), term(ORG, "member")})


def find_claims(
    triples: Triples, statements: Iterable[Triple], narrowing: Collection[Term]
) -> Mapping[Triple, tuple[str, ...]]:
    """Find the claims that statements rest on.

    A truthy statement rests on the best-ranked claims that state it; a triple that describes a claim, on that claim.

    Args:
        triples: The graph with its claims.
        statements: The statements.
        narrowing: The qualifiers that narrow what a claim says.

    Returns:
        The claims by statement; a statement without any is missing.
    """
    schema = dict.fromkeys(("subject", "predicate", "object"), pl.String())
    wanted = pl.DataFrame(list(statements), schema=schema, orient="row").unique()
    truthy = find_truthy_claims(triples, narrowing).select("subject", "predicate", "object", "claim")
    claims = triples.frame.filter(pl.col("predicate") == SUBJECT)["subject"].unique()
    own = wanted.filter(pl.col("subject").is_in(claims.implode())).with_columns(claim="subject")
    found = pl.concat([wanted.join(truthy, on=["subject", "predicate", "object"]), own]).unique()
    listed: dict[Triple, list[str]] = {}
    for subject, predicate, value, claim in found.sort(found.columns).iter_rows():
        listed.setdefault((subject, predicate, value), []).append(claim)
    return {statement: tuple(those) for statement, those in listed.items()}


def read_claims(triples: Triples, claims: Collection[str]) -> dict[str, ClaimRecord]:
    """Read claims with all that the graph has about them.

    Args:
        triples: The graph.
        claims: The claims, as terms.

    Returns:
        The claims by term.
    """
    rows = triples.frame.filter(pl.col("subject").is_in(sorted(claims))).unique().sort("subject", "predicate", "object")
    found: dict[str, ClaimRecord] = {}
    for (claim,), part in rows.group_by("subject", maintain_order=True):
        stated = list(part.select("predicate", "object").iter_rows())
        first = dict(reversed(stated))
        found[str(claim)] = ClaimRecord(
            str(claim)[1:-1],
            first.get(SUBJECT, ""),
            first.get(PREDICATE, ""),
            tuple(value for name, value in stated if name == OBJECT),
            first.get(RANK, NORMAL)[1:-1],
            tuple(value[1:-1] for name, value in stated if name == SOURCE),
            tuple((name, value) for name, value in stated if name not in _PARTS | _MEMBERSHIP),
        )
    return found
