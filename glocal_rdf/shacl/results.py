"""Turns the violations that were found into results of the report, cut and ordered (SHACL, section 3.6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from glocal_rdf.shacl.data_graph import ID, EncodedGraph
from glocal_rdf.shacl.evaluation import Violations
from glocal_rdf.shacl.report.model import Result, severity_rank
from glocal_rdf.shacl.shapes.model import Constraint, Shape, ShapeInfo
from glocal_rdf.shacl.shapes.paths import Path

__all__ = ["complete_result", "cut_results", "list_results", "order_results"]

MAX_ROWS_SORTED = 200_000
"""The number of violations of one constraint that are sorted by text; of more the first in the data are taken."""


def list_results(
    graph: EncodedGraph, found: Iterable[Violations], infos: Mapping[str, ShapeInfo], limit: int | None
) -> Iterable[Result]:
    """Yield results, the most severe first, in an order that is the same on every run.

    Args:
        graph: The data graph.
        found: The violations.
        infos: What reports name the shapes by.
        limit: The number of results at most; None for all.
    """
    left = limit
    for violations in sorted(found, key=lambda v: _key(v, infos)):
        if left is not None and left <= 0:
            return
        for result in _results_of(graph, violations, left):
            yield result
            if left is not None:
                left -= 1


def _key(violations: Violations, infos: Mapping[str, ShapeInfo]) -> tuple[object, ...]:
    shape = violations.shape
    return severity_rank(shape.severity), *_shape_key(shape.term, infos), violations.constraint.component.iri


def _results_of(graph: EncodedGraph, violations: Violations, limit: int | None) -> Iterable[Result]:
    """Yield the results of one constraint, ordered by focus node, value and path."""
    shape, constraint, rows = violations.shape, violations.constraint, violations.rows
    if limit is not None and rows.height > max(limit, MAX_ROWS_SORTED):
        # Too many to sort by text: take the first in the order of the data, which is the same on every run.
        order = [rows[c] for c in ("focus", "value", "path") if c in rows.columns]
        rows = rows.sort([pl.lit(graph.places[ids] if ids.dtype == ID else ids) for ids in order]).head(limit)
    columns = {c: rows[c] for c in ("focus", "value", "path", "as_path", "expected", "messages") if c in rows.columns}
    columns |= {c: graph.text(ids) for c, ids in columns.items() if ids.dtype == ID}
    table = pl.DataFrame(columns).with_columns(times=rows["times"])
    keys = [c for c in ("focus", "value", "path", "as_path", "expected") if c in table.columns]
    table = table.sort(keys, nulls_last=True, maintain_order=True)
    if limit is not None:
        table = table.head(limit)
    for row in table.iter_rows(named=True):
        path = row.get("path") or row.get("as_path")
        result = Result(
            focus=row["focus"],
            shape=shape.term,
            component=constraint.component.iri,
            path=Path("predicate", path) if path else shape.path,
            value=row["value"],
            severity=shape.severity,
            constraint=constraint.value if constraint.component.is_source else None,
            messages=tuple((m["text"], m["lang"]) for m in row["messages"]) if row.get("messages") else shape.messages,
            expected=row.get("expected") or constraint.expected,
            suggestion=_suggest(row["value"], constraint),
        )
        for _ in range(row["times"] if limit is None else min(row["times"], limit)):
            yield result


def _suggest(value: str | None, constraint: Constraint) -> str | None:
    """Return the value that was certainly meant in the place of one that violates a constraint, or None."""
    suggest = constraint.component.suggest
    return suggest(value, constraint) if suggest and value is not None else None


def complete_result(result: Result, shape: Shape | None) -> Result:
    """Add to a result of another engine what it lacks: the author's messages with their languages, and the parameter.

    Args:
        result: The result.
        shape: The shape that it is of, where that was read.
    """
    if shape is None:
        return result
    constraints = [c for c in shape.constraints if c.component.iri == result.component]
    return replace(
        result,
        expected=" / ".join(dict.fromkeys(c.expected for c in constraints)),
        messages=result.messages if result.constraint else shape.messages,
        suggestion=_suggest(result.value, constraints[0]) if len(constraints) == 1 else None,
    )


def _shape_key(shape: str, infos: Mapping[str, ShapeInfo]) -> tuple[str, str, str]:
    """Return the key that orders a shape: the shape with an IRI that it is a part of, then its path.

    The label of a blank node, which changes from run to run, decides last.
    """
    at, seen = shape, set[str]()
    while at.startswith("_:") and at not in seen and at in infos:
        seen.add(at)
        at = infos[at].parent or at
    info = infos.get(shape)
    return at, str(info.path or "") if info else "", shape


def cut_results(results: Sequence[Result], limit: int | None) -> list[Result]:
    """Return at most `limit` results, the most severe, in their order within each severity; all where it is None."""
    if limit is None or len(results) <= limit:
        return list(results)
    return sorted(results, key=lambda result: severity_rank(result.severity))[:limit]


def order_results(results: Iterable[Result], infos: Mapping[str, ShapeInfo]) -> list[Result]:
    """Return results by shape, component, path, focus node, value and what was expected."""
    return sorted(
        results,
        key=lambda r: (*_shape_key(r.shape, infos), r.component, str(r.path or ""), r.focus, r.value or "", r.expected),
    )
