"""What was found in tables, shown where it was found: as comments in a workbook, or as a page with the cells marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.findings.model import CellTable, Finding, FindingReport
    from glocal_rdf.findings.page import render_page
    from glocal_rdf.findings.workbook import render_workbook

__all__ = ["CellTable", "Finding", "FindingReport", "render_page", "render_workbook"]

__getattr__ = importer(
    __name__,
    {
        "CellTable": "model",
        "Finding": "model",
        "FindingReport": "model",
        "render_page": "page",
        "render_workbook": "workbook",
    },
)
