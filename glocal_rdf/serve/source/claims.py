"""Fetches the claims and mappings about a thing: each whole or not at all, since half of one has lost its rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from glocal_rdf.namespaces import OA, OWL, PROV, RDF, term
from glocal_rdf.serve.source.asking import Session
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.selecting import Cut, CutPart, Triple, as_triples, fetch_each, select_some
from glocal_rdf.vocabulary import glocal

__all__ = ["Parts", "fetch_claims", "fetch_mappings"]

_SUBJECT: Final = term(RDF, "subject")
_SOURCE: Final = term(PROV, "wasDerivedFrom")
_HAS_SOURCE: Final = term(OA, "hasSource")
_CONTRADICTS: Final = glocal("contradicts")

_SHARE: Final = 20
"""How many statements a claim has, about: by that the number of claims is limited, where statements are too many."""


@dataclass(frozen=True)
class Parts:
    """Claims or mappings.

    Attributes:
        own: The statements of those about the thing, and of its passages.
        context: The statements of those that contradict them, and of those that were read from the thing.
        cuts: What of all that is not here.
    """

    own: Sequence[Triple] = ()
    context: Sequence[Triple] = ()
    cuts: Sequence[Cut] = ()


def fetch_claims(session: Session, layout: Layout, thing: str, most: int) -> Parts:
    """Return the claims about a thing, what contradicts them, its passages, and the claims that were read from these.

    Args:
        session: Asks the store.
        layout: What the store is like.
        thing: The thing, a term.
        most: How many statements of each are fetched.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    cuts: list[Cut] = []

    def fetch(part: CutPart, leads: str, before: str = "") -> list[Triple]:
        found, cut = _fetch(session, layout, part, leads, most, before)
        cuts.extend(cut)
        return found

    own = fetch("claims", f"?c {_SUBJECT} {thing} .")
    passages = fetch("passages", f"?c {_HAS_SOURCE} {thing} .")
    read: list[Triple] = []
    if passages:
        from_it = layout.within(f"?x {_HAS_SOURCE} {thing} .", "x")
        read = fetch("readings", f"?c {_SOURCE} ?x ; {_SUBJECT} ?of .", from_it)
    others = {value for _, predicate, value in own if predicate == _CONTRADICTS} - {one for one, _, _ in own}
    against, left_out = fetch_each(session, layout, sorted(others), most=most)
    if left_out:
        cuts.append(Cut("against", len(others) - len(left_out), len(others)))
    return Parts([*own, *passages], [*against, *read], cuts)


def fetch_mappings(session: Session, layout: Layout, thing: str, most: int) -> Parts:
    """Return the mappings (SSSOM) of a thing.

    Args:
        session: Asks the store.
        layout: What the store is like.
        thing: The thing, a term.
        most: How many statements of them are fetched.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    found, cuts = _fetch(session, layout, "mappings", f"?c {term(OWL, 'annotatedSource')} {thing} .", most)
    return Parts(own=found, cuts=cuts)


def _fetch(
    session: Session, layout: Layout, part: CutPart, leads: str, most: int, before: str = ""
) -> tuple[list[Triple], list[Cut]]:
    """Return the statements of what a pattern leads to (`?c`), and what of it is not here.

    Args:
        session: Asks the store.
        layout: What the store is like.
        part: What it is.
        leads: The pattern.
        most: How many statements are fetched at once.
        before: Another pattern that binds variables of this one.
    """
    rows, total = select_some(
        session, "DISTINCT ?c ?p ?o", f"{before} {layout.within(f'{leads} ?c ?p ?o .', 'c')}", most, exact=False
    )
    if total == len(rows):
        return as_triples(rows), []
    pattern = f"{before} {layout.within(leads, 'c')}"
    listed, number = select_some(session, "DISTINCT ?c", pattern, max(1, most // _SHARE))
    several = sorted(one for (one,) in listed if one)
    found, left_out = fetch_each(session, layout, several, most=most)
    here = len(several) - len(left_out)
    return found, [] if here == number else [Cut(part, here, number)]
