"""Writes a validation report as a graph, and reads one (SHACL, section 3.6).

https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.shacl.report.messages import default_message
from glocal_rdf.shacl.report.model import Result, ValidationReport
from glocal_rdf.shacl.shapes.paths import read_path, write_path
from glocal_rdf.shacl.terms import is_blank, sh, text_of, xsd
from glocal_rdf.shacl.triple_index import TripleIndex
from glocal_rdf.triples import Triples
from glocal_rdf.triples.terms import quote

__all__ = ["read_results", "write_report"]

_LANGUAGES = ("en", "zh-Hant")
"""The languages of the default messages."""


def write_report(report: ValidationReport) -> Triples:
    """Return a report as a graph: a `sh:ValidationReport` with its results."""
    taken = {t for r in report.results for t in (r.focus, r.value, r.shape, r.constraint) if t and is_blank(t)}
    numbers = count()

    def fresh() -> str:
        return next(node for n in numbers if (node := f"_:report{n}") not in taken)

    root = fresh()
    out: list[tuple[str, str, str]] = [
        (root, RDF_TYPE, sh("ValidationReport")),
        (root, sh("conforms"), f'"{str(report.conforms).lower()}"^^{xsd("boolean")}'),
    ]
    for result in report.results:
        node = fresh()
        out.append((root, sh("result"), node))
        out.extend((node, p, o) for p, o in _statements(result))
        if result.path is not None:
            path, triples = write_path(result.path, fresh)
            out.append((node, sh("resultPath"), path))
            out.extend(triples)
    return Triples.from_terms(out)


def _statements(result: Result) -> Iterable[tuple[str, str]]:
    """Yield predicate and object of the triples of a result, without its path."""
    yield RDF_TYPE, sh("ValidationResult")
    yield sh("focusNode"), result.focus
    yield sh("resultSeverity"), result.severity
    yield sh("sourceConstraintComponent"), result.component
    yield sh("sourceShape"), result.shape
    if result.value is not None:
        yield sh("value"), result.value
    if result.constraint is not None:
        yield sh("sourceConstraint"), result.constraint
    for text, lang in result.messages or [(default_message(result, lang), lang) for lang in _LANGUAGES]:
        yield sh("resultMessage"), quote(text) + (f"@{lang}" if lang else "")


def read_results(report: Triples) -> tuple[bool, tuple[Result, ...]]:
    """Return whether the data of a `sh:ValidationReport` graph conform, and its results."""
    index = TripleIndex(report)
    conforms = any(o.startswith('"true"') for _, o in index.pairs(sh("conforms")))
    results = []
    for _, node in index.pairs(sh("result")):
        path = index.value(node, sh("resultPath"))
        results.append(
            Result(
                focus=index.value(node, sh("focusNode")) or "",
                shape=index.value(node, sh("sourceShape")) or "",
                component=index.value(node, sh("sourceConstraintComponent")) or "",
                path=read_path(index, path, "report") if path else None,
                value=index.value(node, sh("value")),
                severity=index.value(node, sh("resultSeverity")) or sh("Violation"),
                constraint=index.value(node, sh("sourceConstraint")),
                messages=tuple(sorted(text_of(m) for m in index.values(node, sh("resultMessage")))),
            )
        )
    return conforms, tuple(results)
