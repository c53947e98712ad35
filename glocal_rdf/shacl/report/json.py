"""Renders a report as JSON, by the schema `schemas/validation-report.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import local_name
from glocal_rdf.shacl.report.model import Locations, ValidationReport
from glocal_rdf.shacl.terms import is_literal, language_tag, lexical

__all__ = ["JSON_SCHEMA", "json_term", "render_json", "write_lines"]

JSON_SCHEMA = "validation-report/1"


def render_json(
    report: ValidationReport,
    locations: Locations | None = None,
    lang: str = "en",
    more: Mapping[str, object] | None = None,
) -> str:
    """Return the report as JSON (`"schema": "validation-report/1"`), with a line for each result.

    Args:
        report: The report.
        locations: Where each result comes from, by its position in `report.results`.
        lang: `en` or `zh-Hant`; any other language gets English.
        more: What else the report has, by key.
    """
    locations = locations or {}
    head: dict[str, object] = {
        "schema": JSON_SCHEMA,
        "conforms": report.verdict,
        "engine": report.engine,
        "total": report.total,
        "reached": [{"shape": json_term(s), "focusNodes": n} for s, n in report.reached.items()],
        "unsupported": [_json_problem(problem) for problem in report.unsupported],
        "warnings": [_json_problem(problem) for problem in report.warnings],
        **(more or {}),
    }
    results = (
        {
            "severity": local_name(r.severity),
            "focusNode": json_term(r.focus),
            "path": str(r.path) if r.path else None,
            "value": json_term(r.value) if r.value is not None else None,
            "component": json_term(r.component)["value"],
            "shape": json_term(r.shape),
            "namedShape": json_term(report.named_shape(r.shape)),
            "constraint": json_term(r.constraint) if r.constraint else None,
            "expected": r.expected or None,
            "suggestion": json_term(r.suggestion) if r.suggestion else None,
            "message": r.message(lang),
            "messages": [{"text": text, "language": tag or None} for text, tag in r.messages],
            "places": list(map(str, locations.get(n, ()))),
            "sources": [location.as_dict() for location in locations.get(n, ())],
        }
        for n, r in enumerate(report.results)
    )
    return write_lines(head, "results", results)


def _json_problem(problem: Problem) -> dict[str, str]:
    return {"where": problem.where, "message": problem.what, "hint": problem.hint}


def write_lines(head: Mapping[str, object], name: str, items: Iterable[object]) -> str:
    r"""Return a JSON object whose last member is a list with each item on a line of its own.

    Args:
        head: The members before the list.
        name: The name of the list.
        items: Its items.

    Examples:
        >>> write_lines({"a": 1}, "b", [{"c": 2}])
        '{\n  "a": 1,\n  "b": [\n    {"c": 2}\n  ]\n}\n'
    """
    begin = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
    lines = ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in items)
    return f'{begin},\n  "{name}": [' + (f"\n{lines}\n  ]" if lines else "]") + "\n}\n"


def json_term(term: str) -> dict[str, str]:
    """Return a term as in SPARQL 1.1 Query Results JSON Format.

    Examples:
        >>> json_term('"a"@en')
        {'type': 'literal', 'value': 'a', 'xml:lang': 'en'}

    https://www.w3.org/TR/sparql11-results-json/#select-encode-terms
    """
    if term.startswith("<"):
        return {"type": "uri", "value": term[1:-1]}
    if not is_literal(term):
        return {"type": "bnode", "value": term.removeprefix("_:")}
    out = {"type": "literal", "value": lexical(term)}
    if tag := language_tag(term):
        out["xml:lang"] = tag
    elif term.endswith(">"):
        out["datatype"] = term[term.rindex("<") + 1 : -1]
    return out
