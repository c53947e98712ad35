"""Renders a report as Markdown: the verdict, and a table of the results with their locations."""

from __future__ import annotations

from glocal_rdf.display import as_markdown_cell
from glocal_rdf.i18n import message, punctuation
from glocal_rdf.shacl.report.model import Locations, ValidationReport
from glocal_rdf.shacl.report.rows import render_rows
from glocal_rdf.shacl.report.summary import list_focus_nodes, render_summary

__all__ = ["render_markdown"]


def render_markdown(report: ValidationReport, locations: Locations | None = None, lang: str = "en") -> str:
    """Return the report as GitHub Flavored Markdown.

    Args:
        report: The report.
        locations: Where each result comes from, by its position in `report.results`.
        lang: `en` or `zh-Hant`; any other language gets English.
    """
    header, rows = render_rows(report, locations, lang)
    verdict = len(report.unsupported)
    summary = render_summary(report, lang).splitlines()
    lines = [f"**{line}**" if at == verdict else line for at, line in enumerate(summary)]
    lines = ["  \n".join(lines), ""]
    if rows:
        lines += ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
        lines += ["| " + " | ".join(map(as_markdown_cell, row)) + " |" for row in rows]
    if report.reached:
        head = message(lang, "focus nodes") + punctuation(lang)[1].rstrip()
        lines += [*([""] if rows else []), head, *list_focus_nodes(report, lang, as_markdown_cell).splitlines()]
    return "\n".join(lines).rstrip() + "\n"
