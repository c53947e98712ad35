"""Finds where a triple or a result of validation came from: the cells of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf import claims, csvw
from glocal_rdf.explanation import Statement

if TYPE_CHECKING:
    from glocal_rdf.shacl import Result, ValidationReport
    from glocal_rdf.verbs.building import Build

__all__ = ["locate_results", "locate_statement"]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NEAR = 3
"""How many places are named for one result."""


def locate_statement(built: Build, statement: Statement) -> tuple[str, ...]:
    """Find where a triple is stated: cells (`data/places.csv:9 (country)`) or the ontology; none if a rule adds it."""
    if (statement.subject, statement.predicate, statement.object) in built.project.ontology:
        return ("ontology/",)
    cells = csvw.locate(built.conversion, statement.subject, statement.predicate, statement.object)
    return tuple(dict.fromkeys(f"{_short(cell.file)}:{cell.row} ({cell.column})" for cell in cells))


def locate_results(built: Build, report: ValidationReport) -> Mapping[int, tuple[str, ...]]:
    """Find the cells that each result's triples came from: `data/places.csv:9 (country)`, by the result's position.

    A plain triple leads to the claim that it was derived from; a focus node without a cell of its own leads nowhere.
    """
    found = ((number, tuple(_places(built, result))) for number, result in enumerate(report.results))
    return {number: places for number, places in found if places}


def _places(built: Build, result: Result) -> Iterator[str]:
    path = result.path.iri if result.path and result.path.kind == "predicate" else None
    triples: list[tuple[str | None, str | None, str | None]] = []
    if path and result.value:
        triples.append((result.focus, path, result.value))
        triples += [
            (claim, f"<{RDF}object>", result.value) for claim in _claims(built, result.focus, path, result.value)
        ]
    if path:
        triples.append((result.focus, path, None))
        triples += [(claim, f"<{RDF}object>", None) for claim in _claims(built, result.focus, path, None)]
    triples.append((result.focus, None, None))
    for triple in triples:
        cells = csvw.locate(built.conversion, *triple)
        if cells:
            seen = dict.fromkeys(f"{_short(cell.file)}:{cell.row} ({cell.column})" for cell in cells)
            yield from list(seen)[:NEAR]
            return


def _claims(built: Build, subject: str, predicate: str, value: str | None) -> list[str]:
    rows = claims.list_claims(built.stated).filter((pl.col("subject") == subject) & (pl.col("predicate") == predicate))
    return rows.filter(pl.col("object") == value)["claim"].to_list() if value else rows["claim"].to_list()


def _short(file: str | Path) -> str:
    path = Path(file)
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
