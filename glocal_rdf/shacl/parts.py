"""What was found in one part of a data graph, whose focus nodes no other part has, and the sum of parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glocal_rdf.shacl.results import Tables, join_tables
from glocal_rdf.shacl.shapes.model import ShapesGraph

__all__ = ["PartialReport", "join_parts"]


@dataclass(frozen=True, slots=True)
class PartialReport:
    """What was found in one part of a data graph.

    Attributes:
        tables: The violations that are listed first.
        severities_found: The number of all results by severity (a term).
        reached: The number of focus nodes of every shape that has a target, by shape.
        looked_at: The number of those that the validated data have, by shape.
        about: Whether the shapes are about these data.
    """

    tables: Tables
    severities_found: Mapping[str, int]
    reached: Mapping[str, int]
    looked_at: Mapping[str, int]
    about: bool


def join_parts(parts: Sequence[PartialReport], shapes: ShapesGraph, limit: int | None) -> PartialReport:
    """Return what was found in all parts.

    Args:
        parts: The parts, at least one.
        shapes: The shapes.
        limit: The number of results that are listed at most; None for all.
    """
    if len(parts) == 1:
        return parts[0]
    return PartialReport(
        tables=join_tables([part.tables for part in parts], shapes, limit),
        severities_found=_add([part.severities_found for part in parts]),
        reached=_add([part.reached for part in parts]),
        looked_at=_add([part.looked_at for part in parts]),
        about=any(part.about for part in parts),
    )


def _add(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Add numbers by name; the order is that of the first that has a name."""
    total: Counter[str] = Counter()
    for each in counts:
        # Not `update`: names with zero stay.
        for name, number in each.items():
            total[name] += number
    return dict(total)
