"""Renders a report in SARIF 2.1.0, the format of results of static analysis.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from glocal_rdf.location import Location
from glocal_rdf.shacl.report.annotations import level_of, message_of, rule_of
from glocal_rdf.shacl.report.json import write_lines
from glocal_rdf.shacl.report.model import Locations, Result, ValidationReport
from glocal_rdf.shacl.report.summary import list_notes, verdict_note

__all__ = ["SARIF_SCHEMA", "render_sarif"]

SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LINK: Final = re.compile(r"\[(?=[^\]]*\]\()")


def render_sarif(
    report: ValidationReport, locations: Locations | None = None, lang: str = "en", version: str = ""
) -> str:
    """Return the report in SARIF 2.1.0.

    Args:
        report: The report.
        locations: Where each result comes from, by its position in `report.results`.
        lang: `en` or `zh-Hant`; any other language gets English.
        version: The version of the tool.
    """
    locations = locations or {}
    rules: dict[str, int] = {}
    results = []
    for number, result in enumerate(report.results):
        rule = rule_of(report, result)
        index = rules.setdefault(rule, len(rules))
        entry: dict[str, object] = {
            "ruleId": rule,
            "ruleIndex": index,
            "level": level_of(result),
            "message": _message(message_of(result, lang)),
            **_locations(result, locations.get(number, ())),
        }
        results.append(entry)
    driver: dict[str, object] = {"name": "glocal validate", "rules": [{"id": rule} for rule in rules]}
    if version:
        driver["version"] = version
    run: dict[str, object] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints"}
    if notes := list_notes(report, lang):
        notifications = [{"level": level, "message": _message(note)} for level, note in notes]
        successful = not verdict_note(report, lang)
        run["invocations"] = [{"executionSuccessful": successful, "toolExecutionNotifications": notifications}]
    run["properties"] = {"focusNodes": {shape.strip("<>"): nodes for shape, nodes in report.reached.items()}}
    whole = write_lines(run, "results", results).rstrip()
    return f'{{\n"$schema": {json.dumps(SARIF_SCHEMA)},\n"version": "2.1.0",\n"runs": [\n{whole}\n]\n}}\n'


def _locations(result: Result, locations: Sequence[Location]) -> dict[str, object]:
    """Return the cells of a result as its locations, with its passages as related; or the passages alone."""
    cells = [_location(result, each) for each in locations if not each.is_passage]
    passages = [_location(result, each) for each in locations if each.is_passage]
    if cells and passages:
        return {"locations": cells, "relatedLocations": passages}
    return {"locations": cells or passages or [_location(result, None)]}


def _location(result: Result, location: Location | None) -> dict[str, object]:
    """Return one location: the focus node, and the place in a file where there is one."""
    name = result.focus[1:-1] if result.focus.startswith("<") else result.focus
    found: dict[str, object] = {"logicalLocations": [{"fullyQualifiedName": name, "kind": "element"}]}
    if location is None:
        return found
    physical: dict[str, object] = {"artifactLocation": {"uri": _as_uri(location.file)}}
    if location.start is not None and location.end is not None:
        physical["region"] = {"charOffset": location.start, "charLength": location.end - location.start}
        found["message"] = _message(str(location))
    elif location.row:
        physical["region"] = {"startLine": location.row}
        if location.column:
            found["message"] = _message(location.column)
    found["physicalLocation"] = physical
    return found


def _as_uri(file: str) -> str:
    """Return a file's name, or an IRI, as a URI reference; `:` and `%` in a name are escaped."""
    more = "%:?#[]" if "://" in file else ""
    return quote(file.encode("utf-8", "surrogateescape"), safe="/@!$&'()*+,;=-._~" + more)


def _message(text: str) -> dict[str, str]:
    """Return a text as a message without placeholders and links (SARIF, sections 3.11.5 and 3.11.6)."""
    return {"text": _LINK.sub(r"\\\g<0>", text).replace("{", "{{").replace("}", "}}")}
