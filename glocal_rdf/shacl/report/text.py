"""Renders a report as text for people: results in groups, each with its locations, and a summary."""

from __future__ import annotations

from collections.abc import Sequence

from glocal_rdf.display import one_line
from glocal_rdf.i18n import message, punctuation
from glocal_rdf.location import Location
from glocal_rdf.namespaces import local_name
from glocal_rdf.shacl.report.messages import severity_name
from glocal_rdf.shacl.report.model import Locations, Result, ValidationReport
from glocal_rdf.shacl.report.summary import render_summary, shape_name
from glocal_rdf.shacl.terms import format_term

__all__ = ["render_text"]

MAX_PER_GROUP = 8
_NO_LOCATION = Location("")


def render_text(report: ValidationReport, locations: Locations | None = None, lang: str = "en") -> str:
    """Return the report as text: results grouped by severity, shape and message, and the summary.

    Args:
        report: The report.
        locations: Where each result comes from, by its position in `report.results`.
        lang: `en` or `zh-Hant`; any other language gets English.
    """
    locations = locations or {}
    groups: dict[tuple[str, str, str], list[int]] = {}
    for number, result in enumerate(report.results):
        key = (result.severity, report.named_shape(result.shape), _group_message(result, lang))
        groups.setdefault(key, []).append(number)
    order = {severity: at for at, severity in enumerate(report.severities())}
    colon = punctuation(lang)[1]
    lines: list[str] = []
    for (severity, shape, common), numbers in sorted(groups.items(), key=lambda g: (order[g[0][0]], g[0][1:])):
        head = colon.join((severity_name(severity, lang), shape_name(report, shape, lang), common))
        lines.append(f"{head} ({len(numbers)})")
        numbers.sort(key=lambda n: (locations.get(n, (_NO_LOCATION,))[0].sort_key(), n))
        for number in numbers[:MAX_PER_GROUP]:
            lines.append("    " + _line(report.results[number], locations.get(number, ()), lang))
        if len(numbers) > MAX_PER_GROUP:
            lines.append("    " + message(lang, "and {n} more", n=len(numbers) - MAX_PER_GROUP))
    return "\n".join([*map(one_line, lines), render_summary(report, lang)]) + "\n"


def _group_message(result: Result, lang: str) -> str:
    """Return what the results of a group have in common: the author's message, or the path and the parameter."""
    if result.messages:
        return result.message(lang)
    path = result.path.text(local_name) if result.path else ""
    component = local_name(result.component).removesuffix("ConstraintComponent")
    return " ".join(part for part in (path, component, result.expected) if part)


def _line(result: Result, locations: Sequence[Location], lang: str) -> str:
    """Return one result of a group: its locations or focus node, its path and value, and the message of its own."""
    where = ", ".join(map(str, locations)) or format_term(result.focus)
    parts = [format_term(result.focus)] if locations else []
    if result.path is not None:
        parts.append(result.path.text(local_name))
    if result.value is not None and result.value != result.focus:
        parts.append(format_term(result.value))
    if not result.messages:
        parts.append(result.message(lang))
        parts[-1] = f"- {parts[-1]}" if len(parts) > 1 else parts[-1]
    if advice := result.advice(lang):
        parts.append(f"({advice})")
    return f"{where}: " + " ".join(parts) if parts else where
