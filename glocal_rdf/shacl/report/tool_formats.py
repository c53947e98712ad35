"""Writes reports for the tools where people already look: SARIF 2.1.0, JUnit XML, GitHub annotations."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from glocal_rdf.shacl.report.messages import clean, local_name, show
from glocal_rdf.shacl.report.model import Result, ValidationReport
from glocal_rdf.shacl.report.renderers import (
    Place,
    Places,
    list_focus_nodes,
    read_place,
    render_summary,
    say_capped,
    say_verdict,
    write_lines,
)
from glocal_rdf.shacl.terms import sh

__all__ = ["render_github", "render_junit", "render_sarif"]

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {sh("Violation"): "error", sh("Warning"): "warning", sh("Info"): "note"}
_LINK = re.compile(r"\[(?=[^\]]*\]\()")
# What XML 1.0 cannot hold, even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _level(result: Result) -> str:
    return _LEVELS.get(result.severity, "warning")


def _rule(report: ValidationReport, result: Result) -> str:
    """Name the rule that a result breaks: the shape that has a name, the path, and the component."""
    parts = [local_name(report.named_shape(result.shape))]
    if result.path is not None:
        parts.append(result.path.text(local_name))
    parts.append(local_name(result.component).removesuffix("ConstraintComponent"))
    return "/".join(parts)


def _sentence(result: Result, lang: str) -> str:
    message = " ".join(filter(None, (result.message(lang), result.advice(lang))))
    return clean(message if show(result.focus) in message else f"{show(result.focus)}: {message}")


def render_sarif(report: ValidationReport, places: Places | None = None, lang: str = "en", version: str = "") -> str:
    """Write the report in SARIF 2.1.0; `version` is that of the tool.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    places = places or {}
    rules: dict[str, int] = {}
    results = []
    for number, result in enumerate(report.results):
        rule = _rule(report, result)
        index = rules.setdefault(rule, len(rules))
        entry: dict[str, object] = {
            "ruleId": rule,
            "ruleIndex": index,
            "level": _level(result),
            "message": _message(_sentence(result, lang)),
            **_locations(result, [read_place(place) for place in places.get(number, ())]),
        }
        results.append(entry)
    driver: dict[str, object] = {"name": "glocal validate", "rules": [{"id": rule} for rule in rules]}
    if version:
        driver["version"] = version
    run: dict[str, object] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints"}
    verdict = say_verdict(report, lang)
    told = [("error", verdict)] if verdict else []
    told += [("error" if not report.complete else "warning", str(problem)) for problem in report.unsupported]
    told += [("warning", str(problem)) for problem in report.warnings]
    told += [("warning", say_capped(report, lang))] if report.capped else []
    if told:
        notes = [{"level": level, "message": _message(clean(text))} for level, text in told]
        run["invocations"] = [{"executionSuccessful": not verdict, "toolExecutionNotifications": notes}]
    run["properties"] = {"focusNodes": {shape.strip("<>"): nodes for shape, nodes in report.reached.items()}}
    whole = write_lines(run, "results", results).rstrip()
    return f'{{\n"$schema": {json.dumps(SARIF_SCHEMA)},\n"version": "2.1.0",\n"runs": [\n{whole}\n]\n}}\n'


def _locations(result: Result, places: Sequence[Place]) -> dict[str, object]:
    """Locate a result in files; the passages that these quote are related to it, or are all that there is."""
    cells = [_location(result, place) for place in places if place.start is None]
    passages = [_location(result, place) for place in places if place.start is not None]
    if cells and passages:
        return {"locations": cells, "relatedLocations": passages}
    return {"locations": cells or passages or [_location(result, None)]}


def _location(result: Result, place: Place | None) -> dict[str, object]:
    name = result.focus[1:-1] if result.focus.startswith("<") else result.focus
    logical = {"fullyQualifiedName": name, "kind": "element"}
    location: dict[str, object] = {"logicalLocations": [logical]}
    if place is None:
        return location
    physical: dict[str, object] = {"artifactLocation": {"uri": _as_uri(place.file)}}
    if place.start is not None and place.end is not None:
        physical["region"] = {"charOffset": place.start, "charLength": place.end - place.start}
        location["message"] = _message(_written(place))
    elif place.row:
        physical["region"] = {"startLine": place.row}
        if place.column:
            location["message"] = _message(place.column)
    location["physicalLocation"] = physical
    return location


def _written(place: Place) -> str:
    """Write a passage as it is written elsewhere in the report."""
    return f"{place.file}#char={place.start},{place.end}"


def _as_uri(file: str) -> str:
    """Write a file's name, or an IRI, as a URI reference, as SARIF asks; in a name `:` and `%` mean nothing else."""
    more = "%:?#[]" if "://" in file else ""
    return quote(file.encode("utf-8", "surrogateescape"), safe="/@!$&'()*+,;=-._~" + more)


def _message(text: str) -> dict[str, str]:
    """Write a text as a SARIF message: it fills no placeholder and makes no link (sections 3.11.5 and 3.11.6)."""
    return {"text": _LINK.sub(r"\\\g<0>", text).replace("{", "{{").replace("}", "}}")}


def render_junit(report: ValidationReport, places: Places | None = None, lang: str = "en") -> str:
    """Write the report as JUnit XML: a test case for each shape with a target; violations fail it.

    Warnings and notes stand in the output of their case, as they break nothing.
    """
    places = places or {}
    by_shape: dict[str, list[tuple[int, Result]]] = {shape: [] for shape in report.reached}
    for number, result in enumerate(report.results):
        by_shape.setdefault(report.named_shape(result.shape), []).append((number, result))
    cases: list[str] = []
    failures = skipped = 0
    for shape, found in by_shape.items():
        grave = [(n, r) for n, r in found if _level(r) == "error"]
        mild = [(n, r) for n, r in found if _level(r) != "error"]
        inside: list[str] = []
        if grave:
            failures += 1
            lines = "\n".join(_junit_line(r, places.get(n, ()), lang) for n, r in grave)
            inside.append(f'<failure message={_attribute(str(len(grave)))} type="Violation">{_text(lines)}</failure>')
        elif report.reached.get(shape) == 0:
            skipped += 1
            inside.append('<skipped message="matched nothing"/>')
        if mild:
            lines = "\n".join(_junit_line(r, places.get(n, ()), lang) for n, r in mild)
            inside.append(f"<system-out>{_text(lines)}</system-out>")
        name = clean(report.shapes[shape].name(lang)) if shape in report.shapes else ""
        head = (
            f'<testcase classname={_attribute(shape.strip("<>"))} name={_attribute(name or local_name(shape))} time="0"'
        )
        cases.append(f"{head}>{''.join(inside)}</testcase>" if inside else f"{head}/>")
    verdict = say_verdict(report, lang)
    if verdict:
        error = f'<error message={_attribute(verdict)} type="NotValidated"/>'
        cases.append(f'<testcase classname="SHACL" name="validation" time="0">{error}</testcase>')
    told = render_summary(report, lang) + list_focus_nodes(report, lang)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{int(bool(verdict))}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites {counts} time="0">\n<testsuite name="SHACL" {counts} skipped="{skipped}" time="0">\n'
        + "\n".join(cases)
        + f"\n<system-out>{_text(told)}</system-out>\n</testsuite>\n</testsuites>\n"
    )


def _junit_line(result: Result, places: Sequence[str], lang: str) -> str:
    return clean(f"{', '.join(places) or show(result.focus)}: {_sentence(result, lang)}")


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))


def render_github(report: ValidationReport, places: Places | None = None, lang: str = "en") -> str:
    """Write the report as GitHub workflow commands, one a place, which GitHub shows beside the line.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    places = places or {}
    kinds = {"error": "error", "warning": "warning", "note": "notice"}
    lines: list[str] = []
    for number, result in enumerate(report.results):
        title = _property(_rule(report, result))
        at = [read_place(place) for place in places.get(number, ())]
        passages = [_written(place) for place in at if place.start is not None]
        for place in [place for place in at if place.start is None] or [Place("")]:
            # What is no file of the repository cannot be annotated.
            where = f"file={_property(place.file)}," if place.file and "://" not in place.file else ""
            where += f"line={place.row}," if place.row else ""
            more = ", ".join(filter(None, (place.column, *passages)))
            message = _sentence(result, lang) + (f" ({more})" if more else "")
            lines.append(f"::{kinds[_level(result)]} {where}title={title}::{_data(message)}")
    verdict = say_verdict(report, lang)
    told = [("error", verdict)] if verdict else []
    told += [("error" if not report.complete else "warning", str(problem)) for problem in report.unsupported]
    told += [("warning", str(problem)) for problem in report.warnings]
    told += [("warning", say_capped(report, lang))] if report.capped else []
    lines += [f"::{kind} title=SHACL::{_data(clean(text))}" for kind, text in told]
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
