"""The mappings to other datasets (SSSOM) as pages show them: beside the link that each makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import polars as pl

from glocal_rdf.namespaces import OWL, SSSOM, term

__all__ = ["Mapped", "list_links", "read_mappings"]

_TRIPLE: Final = ["subject", "predicate", "object"]


class Mapped(NamedTuple):
    """A mapping (SSSOM) that a link comes from: its term, justification, confidence, label and comments."""

    term: str
    justification: str
    confidence: str
    label: str
    comments: tuple[str, ...]


def list_links(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the triples of all mappings, and the mapping of each: the column `mapping`.

    Args:
        frame: The graph.
    """

    def part(name: str, predicate: str) -> pl.DataFrame:
        return frame.filter(pl.col("predicate") == predicate).select(mapping="subject", **{name: pl.col("object")})

    kinds = frame.filter(pl.col("object") == term(SSSOM, "Mapping")).select(mapping="subject").unique()
    found = kinds
    for name, predicate in (("subject", "Source"), ("predicate", "Property"), ("object", "Target")):
        found = found.join(part(name, term(OWL, f"annotated{predicate}")), on="mapping")
    return found


def read_mappings(frame: pl.DataFrame) -> Mapping[tuple[str, str, str], tuple[Mapped, ...]]:
    """Read the mappings of a graph, by the triples that they make.

    Args:
        frame: The graph.
    """
    links = list_links(frame)
    rows = frame.join(links.select(subject="mapping").unique(), on="subject", how="semi").sort(_TRIPLE)
    said: dict[str, dict[str, tuple[str, ...]]] = {}
    for mapping, predicate, value in rows.iter_rows():
        known = said.setdefault(mapping, {})
        known[predicate] = (*known.get(predicate, ()), value)
    found: dict[tuple[str, str, str], tuple[Mapped, ...]] = {}
    for mapping, subject, predicate, value in links.select("mapping", *_TRIPLE).sort("mapping").iter_rows():
        values = said[mapping]
        justification, confidence, label = (
            next(iter(values.get(term(SSSOM, name), ())), "")
            for name in ("mapping_justification", "confidence", "object_label")
        )
        one = Mapped(mapping, justification, confidence, label, values.get(term(SSSOM, "comment"), ()))
        triple = (subject, predicate, value)
        found[triple] = (*found.get(triple, ()), one)
    return found
