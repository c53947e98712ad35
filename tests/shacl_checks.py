"""Small graphs checked against small shapes, and what was found: how the tests of SHACL are written."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from glocal_rdf.shacl import Result, ValidationReport, validate
from glocal_rdf.triples import Triples

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.org/> .
"""
ENGINES = pytest.mark.parametrize("engine", ["columns", pytest.param("pyshacl", marks=pytest.mark.peer)])


def graph(text: str) -> Triples:
    return Triples.parse(PREFIXES + text, "turtle")


def check(data: str, shapes: str, **options: object) -> ValidationReport:
    return validate(graph(data), graph(shapes), **options)  # type: ignore[arg-type]


def found(report: ValidationReport) -> list[tuple[str, str, str | None]]:
    """Give focus node, component and value of each result, shortened."""

    def short(term: str | None) -> str | None:
        return None if term is None else term.replace("http://example.org/", "").strip("<>")

    return [
        (
            short(r.focus) or "",
            re.split("[/#]", r.component)[-1].removesuffix(">").removesuffix("ConstraintComponent"),
            short(r.value),
        )
        for r in report.results
    ]


def list_results(results: Iterable[Result]) -> list[str]:
    """Write results as texts in one order, to compare those of different runs."""
    return sorted(f"{r.focus} {r.path} {r.value} {r.component} {r.shape} {r.severity} {r.messages}" for r in results)
