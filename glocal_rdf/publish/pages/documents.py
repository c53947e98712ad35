"""The outline of a document: its passages in their order, each with what is claimed from it, in our words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.namespaces import OA, SKOS, term
from glocal_rdf.publish.statements.claims import Claim

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Site

__all__ = ["Passage", "outline_documents"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a document.

    Attributes:
        term: The passage.
        fragment: By what it is found on the page of the document.
        claims: The claims that were read from it, those of one subject and predicate together.
        notes: What is noted about it.
        selectors: The selectors that say where it is.
    """

    term: str
    fragment: str
    claims: tuple[tuple[Claim, ...], ...]
    notes: tuple[str, ...]
    selectors: tuple[str, ...]


def outline_documents(site: Site) -> Mapping[str, Sequence[Passage]]:
    """Return the passages of documents in their order, by the path of the page of the document.

    A passage is what claims were read from, or what has a source and a selector (Web Annotation), and is described on
    the page of its document.

    Args:
        site: The site.

    https://www.w3.org/TR/annotation-model/#specific-resources
    """
    claims: dict[str, list[Claim]] = {}
    for claim in site.claims.values():
        for passage in claim.passages:
            claims.setdefault(passage, []).append(claim)
    frame = site.graph.frame
    notes = _pairs(frame, term(SKOS, "note"))
    selectors = _pairs(frame, term(OA, "hasSelector"))
    sources = frame.filter(pl.col("predicate") == term(OA, "hasSource"))["subject"]
    found: dict[str, list[Passage]] = {}
    for one in {*claims, *sources}:
        path, mark, fragment = site.addresses.get(one, "").partition("#")
        if mark:
            its = sorted(claims.get(one, ()), key=lambda claim: (claim.subject, claim.predicate, claim.term))
            together = tuple(
                tuple(some) for _, some in groupby(its, key=lambda claim: (claim.subject, claim.predicate))
            )
            found.setdefault(path, []).append(
                Passage(one, fragment, together, tuple(notes.get(one, ())), tuple(selectors.get(one, ())))
            )
    return {path: sorted(passages, key=_order) for path, passages in found.items()}


def _pairs(frame: pl.DataFrame, predicate: str) -> Mapping[str, list[str]]:
    rows = frame.filter(pl.col("predicate") == predicate).sort("subject", "object").group_by("subject").agg("object")
    return dict(rows.iter_rows())


def _order(passage: Passage) -> tuple[list[tuple[int, int]], str]:
    """Order passages by where they begin, longer ones first."""
    numbers = [int(one) for one in passage.fragment.partition("=")[2].split(",") if one.isdecimal()]
    return [(numbers[0], -numbers[-1])] if numbers else [], passage.term
