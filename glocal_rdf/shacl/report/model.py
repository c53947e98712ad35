"""The validation report: its results, the focus nodes that were checked, and the names of shapes (SHACL, section 3.6).

https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from glocal_rdf.errors import Problem
from glocal_rdf.i18n import message, pick
from glocal_rdf.location import Location
from glocal_rdf.shacl.report.messages import default_message
from glocal_rdf.shacl.shapes.model import ShapeInfo, Text
from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.shacl.terms import format_term, is_iri, sh
from glocal_rdf.triples import Triples

__all__ = [
    "SEVERITIES",
    "Locations",
    "Result",
    "ShapeInfo",
    "ValidationReport",
    "has_results_at",
    "order_severities",
    "severity_rank",
]

Locations = Mapping[int, Sequence[Location]]
"""Where results come from, by the position of each in the report."""

SEVERITIES = (sh("Violation"), sh("Warning"), sh("Info"))
"""The severities of SHACL as terms, the most severe first (SHACL, section 2.1.4)."""


def severity_rank(severity: str) -> int:
    """Return 0 for violations, 1 for warnings, 2 for infos, and 3 for severities that shapes graphs declare."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def order_severities(severities: Iterable[str]) -> tuple[str, ...]:
    """Return severities (terms), each once, the most severe first."""
    return tuple(sorted(set(severities), key=lambda severity: (severity_rank(severity), severity)))


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result (SHACL, section 3.6.2); all terms in N-Triples syntax.

    Attributes:
        focus: The focus node.
        shape: The shape that it does not conform to.
        component: The constraint component.
        path: The path of the shape, or the predicate that a closed shape does not allow.
        value: The value node that violates the constraint, where there is one.
        severity: The severity of the shape.
        constraint: The node of a SPARQL-based constraint.
        messages: The author's messages, in every language; there may be none.
        expected: The parameter's value as text: `1`, `date`.
        suggestion: The value that was certainly meant.
    """

    focus: str
    shape: str
    component: str
    path: Path | None = None
    value: str | None = None
    severity: str = sh("Violation")
    constraint: str | None = None
    messages: tuple[Text, ...] = ()
    expected: str = ""
    suggestion: str | None = None

    def message(self, lang: str = "en") -> str:
        """Return the author's message in a language, or else the default message."""
        return pick(self.messages, lang, fallback=False) or default_message(self, lang)

    def advice(self, lang: str = "en") -> str:
        """Return a question for the suggested value; the empty text where there is none."""
        if self.suggestion is None:
            return ""
        return message(lang, "did you mean {value}?", value=format_term(self.suggestion))


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """The report of a validation.

    Attributes:
        conforms: Whether there is no result.
        results: The results, at most as many as were wanted.
        reached: The number of focus nodes of every shape that has a target, by shape.
        shapes: What the shapes are named by.
        total: The number of results, also where fewer are listed.
        engine: The engine: `columns` or `pyshacl`.
        looked_at: The number of focus nodes that the validated data have, by shape: not those that only a target names
            or only an ontology has; None where this is the same as `reached`.
        warnings: What in the shapes graph has no effect.
        unsupported: The features of the shapes graph that were not evaluated.
        complete: Whether all was checked, or what was not may be ignored.
        severities_found: The number of results of each severity (a term), also where fewer are listed.
    """

    conforms: bool
    results: tuple[Result, ...]
    reached: Mapping[str, int]
    shapes: Mapping[str, ShapeInfo] = field(default_factory=dict)
    total: int = 0
    engine: str = "columns"
    looked_at: Mapping[str, int] | None = None
    warnings: tuple[Problem, ...] = ()
    unsupported: tuple[Problem, ...] = ()
    complete: bool = True
    severities_found: Mapping[str, int] = field(default_factory=dict)

    @property
    def validated(self) -> bool:
        """Whether any node of the data was checked."""
        return any((self.reached if self.looked_at is None else self.looked_at).values())

    @property
    def verdict(self) -> bool | None:
        """Whether the data conform; None where no result was found, but nothing or not everything was checked."""
        return False if not self.conforms else True if self.validated and self.complete else None

    @property
    def unreached(self) -> tuple[str, ...]:
        """The shapes whose target matched no focus node."""
        return tuple(shape for shape, nodes in self.reached.items() if not nodes)

    @property
    def capped(self) -> bool:
        """Whether there are more results than are listed."""
        return self.total > len(self.results)

    def count(self, severity: str) -> int:
        """Return the number of listed results of a severity (a term)."""
        return sum(r.severity == severity for r in self.results)

    def severities(self) -> tuple[str, ...]:
        """Return the severities of the results, the most severe first."""
        return order_severities(r.severity for r in self.results)

    def named_shape(self, shape: str) -> str:
        """Return the nearest shape with an IRI that a shape is or is a part of; the shape itself where none has one."""
        at, seen = shape, set[str]()
        while not is_iri(at) and at not in seen:
            seen.add(at)
            parent = self.shapes[at].parent if at in self.shapes else None
            if parent is None:
                return shape
            at = parent
        return at

    def to_triples(self) -> Triples:
        """Return the report as a graph: a `sh:ValidationReport` with its results."""
        from glocal_rdf.shacl.report.rdf import write_report  # noqa: PLC0415 - it is written from the model

        return write_report(self)


def has_results_at(report: ValidationReport, severity: Literal["violation", "warning", "info"]) -> bool:
    """Return whether there is a result of at least a severity, listed or not; declared severities always count."""
    below = SEVERITIES[severity_rank(sh(severity.title())) + 1 :]
    found = {*report.severities_found, *(result.severity for result in report.results)}
    return bool(found.difference(below)) if below else not report.conforms
