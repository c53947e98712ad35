"""The validation report: its model, its messages, and the formats that it is rendered in, one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.shacl.report.github import render_github
    from glocal_rdf.shacl.report.json import render_json
    from glocal_rdf.shacl.report.junit import render_junit
    from glocal_rdf.shacl.report.markdown import render_markdown
    from glocal_rdf.shacl.report.model import Result, ShapeInfo, ValidationReport, has_results_at
    from glocal_rdf.shacl.report.rdf import read_results
    from glocal_rdf.shacl.report.rows import render_rows
    from glocal_rdf.shacl.report.sarif import render_sarif
    from glocal_rdf.shacl.report.summary import render_notes, render_summary
    from glocal_rdf.shacl.report.text import render_text

__all__ = [
    "Result",
    "ShapeInfo",
    "ValidationReport",
    "has_results_at",
    "read_results",
    "render_github",
    "render_json",
    "render_junit",
    "render_markdown",
    "render_notes",
    "render_rows",
    "render_sarif",
    "render_summary",
    "render_text",
]

__getattr__ = importer(
    __name__,
    {
        "Result": "model",
        "ShapeInfo": "model",
        "ValidationReport": "model",
        "has_results_at": "model",
        "read_results": "rdf",
        "render_github": "github",
        "render_json": "json",
        "render_junit": "junit",
        "render_markdown": "markdown",
        "render_notes": "summary",
        "render_rows": "rows",
        "render_sarif": "sarif",
        "render_summary": "summary",
        "render_text": "text",
    },
)
