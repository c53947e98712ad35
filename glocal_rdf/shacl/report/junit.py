"""Renders a report as JUnit XML, which continuous integration services show as tests.

A shape with a target is a test case; violations fail it. Warnings and notes are in the output of their case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from glocal_rdf.display import one_line
from glocal_rdf.i18n import message
from glocal_rdf.location import Location
from glocal_rdf.namespaces import local_name
from glocal_rdf.shacl.report.annotations import level_of, message_of
from glocal_rdf.shacl.report.model import Locations, Result, ValidationReport
from glocal_rdf.shacl.report.summary import list_focus_nodes, render_summary, verdict_note
from glocal_rdf.shacl.terms import format_term

__all__ = ["render_junit"]

# What XML 1.0 does not allow, not even as a reference.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: ValidationReport, locations: Locations | None = None, lang: str = "en") -> str:
    """Return the report as JUnit XML.

    Args:
        report: The report.
        locations: Where each result comes from, by its position in `report.results`.
        lang: `en` or `zh-Hant`; any other language gets English.
    """
    locations = locations or {}
    by_shape: dict[str, list[tuple[int, Result]]] = {shape: [] for shape in report.reached}
    for number, result in enumerate(report.results):
        by_shape.setdefault(report.named_shape(result.shape), []).append((number, result))
    cases: list[str] = []
    failures = skipped = 0
    for shape, found in by_shape.items():
        errors = [(n, r) for n, r in found if level_of(r) == "error"]
        others = [(n, r) for n, r in found if level_of(r) != "error"]
        inside: list[str] = []
        if errors:
            failures += 1
            lines = "\n".join(_line(r, locations.get(n, ()), lang) for n, r in errors)
            inside.append(f'<failure message={_attribute(str(len(errors)))} type="Violation">{_text(lines)}</failure>')
        elif report.reached.get(shape) == 0:
            skipped += 1
            inside.append(f"<skipped message={_attribute(message(lang, 'target matched no focus node'))}/>")
        if others:
            lines = "\n".join(_line(r, locations.get(n, ()), lang) for n, r in others)
            inside.append(f"<system-out>{_text(lines)}</system-out>")
        name = one_line(report.shapes[shape].name(lang)) if shape in report.shapes else ""
        names = f"classname={_attribute(shape.strip('<>'))} name={_attribute(name or local_name(shape))}"
        cases.append(f'<testcase {names} time="0"' + (f">{''.join(inside)}</testcase>" if inside else "/>"))
    verdict = verdict_note(report, lang)
    if verdict:
        error = f'<error message={_attribute(verdict)} type="NotValidated"/>'
        cases.append(f'<testcase classname="SHACL" name="validation" time="0">{error}</testcase>')
    summary = render_summary(report, lang) + list_focus_nodes(report, lang)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{int(bool(verdict))}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites {counts} time="0">\n<testsuite name="SHACL" {counts} skipped="{skipped}" time="0">\n'
        + "\n".join(cases)
        + f"\n<system-out>{_text(summary)}</system-out>\n</testsuite>\n</testsuites>\n"
    )


def _line(result: Result, locations: Sequence[Location], lang: str) -> str:
    where = ", ".join(map(str, locations)) or format_term(result.focus)
    return one_line(f"{where}: {message_of(result, lang)}")


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))
