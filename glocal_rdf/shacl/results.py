"""Turns the violations that were found into results of the report, cut and ordered (SHACL, section 3.6.2).

1. The violations of each constraint become a table of texts, with no more rows than results are listed.
2. The tables of parts of a graph that were validated by themselves are joined, and cut again.
3. Their rows become results, in an order that depends on nothing but what they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from glocal_rdf.shacl.data_graph import ID, EncodedGraph
from glocal_rdf.shacl.evaluation import Violations
from glocal_rdf.shacl.report.model import Result, severity_rank
from glocal_rdf.shacl.shapes.model import Constraint, Shape, ShapeInfo, ShapesGraph
from glocal_rdf.shacl.shapes.paths import Path

__all__ = [
    "TABLE",
    "Tables",
    "complete_result",
    "count_severities",
    "cut_results",
    "join_tables",
    "list_results",
    "order_results",
    "tabulate",
]

Tables = Mapping[tuple[str, int], pl.DataFrame]
"""What violates each constraint, by its shape and position there, in the order in which they are listed."""

_TEXTS = ("focus", "value", "path", "expected")
_MESSAGES = pl.List(pl.Struct({"text": pl.String, "lang": pl.String}))
TABLE = pl.Schema({name: pl.String() for name in _TEXTS} | {"messages": _MESSAGES, "times": pl.Int64()})
"""The columns of the table of one constraint's violations."""

_MANY = 200_000
"""The number of rows up to which all are sorted; of more, those that cannot be among the first are left out before."""


def tabulate(graph: EncodedGraph, found: Iterable[Violations], shapes: ShapesGraph, limit: int | None) -> Tables:
    """Make a table of each constraint's violations: of those that are listed first, as many as there are results.

    Args:
        graph: The data graph.
        found: The violations.
        shapes: The shapes.
        limit: The number of results at most; None for all.
    """
    by_key = {(one.shape.term, one.index): one.rows for one in found}
    return _cut(by_key, shapes, limit, lambda rows, left: _to_table(graph, rows, left))


def join_tables(parts: Iterable[Tables], shapes: ShapesGraph, limit: int | None) -> Tables:
    """Join the tables of parts of a graph, and cut them as `tabulate` does.

    Args:
        parts: The tables of each part.
        shapes: The shapes.
        limit: The number of results at most; None for all.
    """
    by_key: dict[tuple[str, int], list[pl.DataFrame]] = {}
    for tables in parts:
        for key, table in tables.items():
            by_key.setdefault(key, []).append(table)
    joined = {key: pl.concat(tables) for key, tables in by_key.items()}
    return _cut(joined, shapes, limit, _sort)


def list_results(tables: Tables, shapes: ShapesGraph, limit: int | None) -> Iterable[Result]:
    """Yield the results that tables stand for.

    Args:
        tables: The tables.
        shapes: The shapes.
        limit: The number of results at most; None for all.
    """
    left = limit
    for (term, index), table in tables.items():
        shape = shapes.shapes[term]
        for row in table.iter_rows(named=True):
            result = _to_result(row, shape, shape.constraints[index])
            times = row["times"] if left is None else min(row["times"], left)
            for _ in range(times):
                yield result
            if left is not None:
                left -= times


def count_severities(found: Iterable[Violations]) -> dict[str, int]:
    """Return how many results there are of each severity (a term)."""
    counts: Counter[str] = Counter()
    for violations in found:
        counts[violations.shape.severity] += int(violations.rows["times"].sum())
    return dict(counts)


def _cut(
    found: Mapping[tuple[str, int], pl.DataFrame],
    shapes: ShapesGraph,
    limit: int | None,
    take: Callable[[pl.DataFrame, int | None], pl.DataFrame],
) -> Tables:
    """Take the rows that are listed first, of the most severe constraints first, until there are enough results."""
    tables: dict[tuple[str, int], pl.DataFrame] = {}
    left = limit
    for key in sorted(found, key=lambda key: _constraint_key(key[0], key[1], shapes)):
        if left is not None and left <= 0:
            break
        tables[key] = take(found[key], left)
        if left is not None:
            left -= int(tables[key]["times"].sum())
    return tables


def _constraint_key(term: str, index: int, shapes: ShapesGraph) -> tuple[object, ...]:
    shape = shapes.shapes[term]
    component = shape.constraints[index].component.iri
    return severity_rank(shape.severity), *_shape_key(term, shapes.infos), component, index


def _to_table(graph: EncodedGraph, rows: pl.DataFrame, limit: int | None) -> pl.DataFrame:
    """Look up the texts of violations: only of focus nodes that come first, where there are many more rows."""
    if limit is not None and rows.height > max(limit, _MANY):
        nodes = rows["focus"].unique()
        if len(nodes) > limit:
            texts = graph.text(nodes)
            last = texts.bottom_k(limit).max()
            rows = rows.join(pl.DataFrame({"focus": nodes.filter(texts <= last)}), on="focus", how="semi")
    columns = {name: graph.text(rows[name]) if rows[name].dtype == ID else rows[name] for name in rows.columns}
    table = pl.DataFrame(columns)
    if "as_path" in table.columns:
        table = table.rename({"as_path": "path"})
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in TABLE.items() if name not in table.columns]
    return _sort(table.with_columns(missing).select(TABLE.names()).cast(TABLE), limit)


def _sort(table: pl.DataFrame, limit: int | None) -> pl.DataFrame:
    """Order the rows of a table by all that they say, and take the first."""
    message = pl.col("messages").list.eval(pl.element().struct.json_encode()).list.join("\0")
    # Only queries have messages of their own, two of which may differ for one value.
    last = [message] if table["messages"].null_count() < table.height else []
    ordered = table.sort([*map(pl.col, _TEXTS), *last], nulls_last=True, maintain_order=True)
    return ordered if limit is None else ordered.head(limit)


def _to_result(row: Mapping[str, Any], shape: Shape, constraint: Constraint) -> Result:
    return Result(
        focus=row["focus"],
        shape=shape.term,
        component=constraint.component.iri,
        path=Path("predicate", row["path"]) if row["path"] else shape.path,
        value=row["value"],
        severity=shape.severity,
        constraint=constraint.value if constraint.component.is_source else None,
        messages=tuple((m["text"], m["lang"]) for m in row["messages"]) if row["messages"] else shape.messages,
        expected=row["expected"] or constraint.expected,
        suggestion=_suggest(row["value"], constraint),
    )


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
    found = list(results)
    shapes = {shape: _shape_key(shape, infos) for shape in {result.shape for result in found}}
    return sorted(
        found,
        key=lambda r: (*shapes[r.shape], r.component, str(r.path or ""), r.focus, r.value or "", r.expected),
    )
