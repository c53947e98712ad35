"""Finds what validation and the documents have against the claims of a build, for the claim that `glocal add` adds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from glocal_rdf.dataset import Build
from glocal_rdf.errors import Problem
from glocal_rdf.operations.evidence import check_evidence
from glocal_rdf.operations.validate import ValidationOptions, validate_build
from glocal_rdf.shacl.report.model import severity_rank
from glocal_rdf.triples import terms
from glocal_rdf.vocabulary import short_id

__all__ = ["find_results", "without_copy"]


def find_results(built: Build, documents: Path | None, *, explains: bool) -> set[tuple[int, str, str]]:
    """Return the results of validation, each by the rank of its severity, its focus node and its message.

    Args:
        built: The build.
        documents: The folder of the documents.
        explains: Whether the project has a table in which claims are explained.
    """
    report = validate_build(built, ValidationOptions())
    found = {(severity_rank(one.severity), one.focus.strip("<>"), one.message("en")) for one in report.results}
    checked = check_evidence(built, documents)

    def name(value: str) -> str:
        return terms.unquote(value) if value.startswith('"') else short_id(value.strip("<>"), built.project.space)

    for claim, part, value in checked.missing.select("claim", "part", "term").iter_rows():
        shown = name(value)
        how = f", or explain it with --because REASON --words 'WORDS = {shown}'" if explains else ""
        found.add((0, claim.strip("<>"), f"its passage does not have its {part}, {shown}: quote more{how}"))
    for claim, place in checked.unlimited.iter_rows():
        shown = name(place)
        how = f", or explain it with --because mention --words 'WORDS = {shown}'" if explains else ""
        text = f"its passage speaks of {shown}, and the claim does not: limit it with --applies-to {shown}{how}"
        found.add((0, claim.strip("<>"), text))
    return found


def without_copy(problem: Problem, known: Mapping[str, str]) -> Problem:
    """Name the places of a project instead of those of its copy, given the former by the latter."""
    where = problem.where
    for copy, real in known.items():
        where = where.replace(copy, real)
    return Problem(where, problem.what, problem.hint)
