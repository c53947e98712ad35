"""Renders the results of a report as the rows of a table."""

from __future__ import annotations

from glocal_rdf.display import one_line
from glocal_rdf.i18n import message, translatable
from glocal_rdf.namespaces import local_name
from glocal_rdf.shacl.report.messages import severity_name
from glocal_rdf.shacl.report.model import Locations, ValidationReport
from glocal_rdf.shacl.report.summary import shape_name
from glocal_rdf.shacl.terms import format_term

__all__ = ["render_rows"]

_COLUMNS = (
    translatable("severity"),
    translatable("shape"),
    translatable("node"),
    translatable("path"),
    translatable("value"),
    translatable("message"),
    translatable("place"),
)


def render_rows(
    report: ValidationReport, locations: Locations | None = None, lang: str = "en"
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the head of a table, and a row for each result: severity, shape, node, path, value, message, place.

    Args:
        report: The report.
        locations: Where each result comes from, by its position in `report.results`.
        lang: `en` or `zh-Hant`; any other language gets English.
    """
    locations = locations or {}
    rows = (
        (
            severity_name(r.severity, lang),
            shape_name(report, report.named_shape(r.shape), lang),
            format_term(r.focus),
            r.path.text(local_name) if r.path else "",
            format_term(r.value),
            r.message(lang),
            ", ".join(map(str, locations.get(n, ()))),
        )
        for n, r in enumerate(report.results)
    )
    return tuple(message(lang, c) for c in _COLUMNS), [tuple(map(one_line, row)) for row in rows]
