"""Renders a report as GitHub workflow commands, which GitHub shows beside the lines of files.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from glocal_rdf.location import Location
from glocal_rdf.shacl.report.annotations import level_of, message_of, rule_of
from glocal_rdf.shacl.report.model import Locations, ValidationReport
from glocal_rdf.shacl.report.summary import list_notes

__all__ = ["render_github"]

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render_github(report: ValidationReport, locations: Locations | None = None, lang: str = "en") -> str:
    """Return the report as workflow commands, one for each location of a result.

    Args:
        report: The report.
        locations: Where each result comes from, by its position in `report.results`.
        lang: `en` or `zh-Hant`; any other language gets English.
    """
    locations = locations or {}
    lines: list[str] = []
    for number, result in enumerate(report.results):
        title = _property(rule_of(report, result))
        found = locations.get(number, ())
        passages = [str(location) for location in found if location.is_passage]
        for location in [location for location in found if not location.is_passage] or [Location("")]:
            # Only a file of the repository can have annotations.
            where = f"file={_property(location.file)}," if location.file and "://" not in location.file else ""
            where += f"line={location.row}," if location.row else ""
            more = ", ".join(filter(None, (location.column, *passages)))
            message = message_of(result, lang) + (f" ({more})" if more else "")
            lines.append(f"::{_COMMANDS[level_of(result)]} {where}title={title}::{_data(message)}")
    lines += [f"::{level} title=SHACL::{_data(note)}" for level, note in list_notes(report, lang)]
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
