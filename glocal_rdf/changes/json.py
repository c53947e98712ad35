"""Lays changes out as JSON, for programs; its schema is `schemas/diff.json`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from glocal_rdf.changes.model import Changes, GraphChanges, GraphVersion
from glocal_rdf.changes.names import Names
from glocal_rdf.triples import Triples

__all__ = ["to_record"]


def to_record(changes: Changes, lang: str, limit: int = 0, others: Iterable[Triples] = ()) -> dict[str, Any]:
    """Return changes as a JSON object; terms are in N-Triples syntax.

    Args:
        changes: The changes.
        lang: The language of names.
        limit: How many things of each graph are listed; 0 for all.
        others: Further graphs with names.
    """
    others = tuple(others)
    return {
        "old": _describe_version(changes.old),
        "new": _describe_version(changes.new),
        "differ": bool(changes),
        "added": changes.added,
        "removed": changes.removed,
        "graphs": [_describe_graph(changes, graph, lang, limit, others) for graph in changes],
        "rules": [{"name": rule.name, "status": rule.status} for rule in changes.rules],
        "not_compared": list(changes.not_compared),
    }


def _describe_version(version: GraphVersion) -> dict[str, Any]:
    return {"name": version.name, "triples": len(version)}


def _describe_graph(
    changes: Changes, graph: GraphChanges, lang: str, limit: int, others: tuple[Triples, ...]
) -> dict[str, Any]:
    names = Names(changes, graph, lang, others)
    things = list(_list_things(graph, names, limit))
    added, removed = graph.inferred
    return {
        "part": graph.part,
        "graph": graph.graph,
        "added": len(graph.added),
        "removed": len(graph.removed),
        "inferred": {"added": added, "removed": removed},
        "renamed": [
            {
                "old": rename.old[1:-1],
                "new": rename.new[1:-1],
                "name": names.label(rename.new),
                "exact": rename.exact,
                "triples": rename.triples,
            }
            for rename in graph.renames
        ],
        "things": things,
        "left_out": graph.changes["thing"].n_unique() - len(things),
    }


def _list_things(graph: GraphChanges, names: Names, limit: int) -> Iterator[dict[str, Any]]:
    things = graph.changes["thing"].unique().sort()
    listed = things.head(limit) if limit else things
    rows = graph.changes.filter(pl.col("thing").is_in(listed.implode()))
    for (thing,), part in rows.group_by("thing", maintain_order=True):
        term = str(thing)
        yield {
            "thing": term,
            "name": names.label(term),
            "classes": [kind[1:-1] for kind in names.class_terms(term)],
            "status": part["status"][0],
            "changes": [
                {
                    "node": row["node"],
                    "path": [step[1:-1] for step in row["path"]],
                    "property": row["property"][1:-1],
                    "name": names.property(row["property"]),
                    "old": row["old"],
                    "new": row["new"],
                    "same_value": row["same_value"],
                }
                for row in part.iter_rows(named=True)
            ],
        }
