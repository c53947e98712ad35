"""Writes reports for people and programs: text, table rows, JSON and a Markdown summary.

Every renderer takes a report, `places` (where each result's triples came from, by the result's number in
`report.results`, as the caller found them) and `lang` (`en` or `zh-Hant`), and returns text or rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from glocal_rdf.errors import Problem
from glocal_rdf.shacl.report.messages import clean, local_name, show
from glocal_rdf.shacl.report.model import Result, ValidationReport
from glocal_rdf.shacl.terms import sh
from glocal_rdf.shacl.triple_index import is_literal, language_tag, lexical

__all__ = [
    "JSON_SCHEMA",
    "Place",
    "Places",
    "list_focus_nodes",
    "read_place",
    "render_json",
    "render_markdown",
    "render_notes",
    "render_rows",
    "render_summary",
    "render_text",
    "say_capped",
    "say_verdict",
    "write_lines",
]

Places = Mapping[int, Sequence[str]]
"""Places by the number of a result: `data/organizations.csv:14 (name_en)`, `document/x#char=3,9`, `data.ttl`."""

JSON_SCHEMA = "validation-report/1"
_CELL = re.compile(r"^(?P<file>.+):(?P<row>\d{1,9})(?: \((?P<column>.*)\))?$", re.DOTALL)
_PASSAGE = re.compile(r"^(?P<document>[^#]+)#char=(?P<start>\d{1,15}),(?P<end>\d{1,15})$")
_SHOWN = 8
_UNREACHED = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Tell where something is: a file, a row (0 where none is told) and column, or characters of a document."""

    file: str
    row: int = 0
    column: str = ""
    start: int | None = None
    end: int | None = None


def read_place(place: str) -> Place:
    """Take a place apart, as it is written in reports.

    >>> read_place("data/organizations.csv:14 (name_en)")
    Place(file='data/organizations.csv', row=14, column='name_en', start=None, end=None)
    >>> read_place("document/x#char=3,9")
    Place(file='document/x', row=0, column='', start=3, end=9)
    """
    if (passage := _PASSAGE.match(place)) and int(passage["start"]) <= int(passage["end"]):
        return Place(passage["document"], start=int(passage["start"]), end=int(passage["end"]))
    if cell := _CELL.match(place):
        return Place(cell["file"], int(cell["row"]), cell["column"] or "")
    return Place(place)


_WORDS: dict[str, tuple[str, str]] = {
    "Violation": ("violation", "違反"),
    "Warning": ("warning", "警告"),
    "Info": ("note", "提示"),
    "Violations": ("violations", "違反"),
    "Warnings": ("warnings", "警告"),
    "Infos": ("notes", "提示"),
    "conforms": ("conforms", "符合"),
    "nothing": ("nothing was validated", "未驗證任何資料"),
    "partly": ("nothing was found, but not all could be checked", "未發現問題，但並非全部皆可檢查"),
    "unsupported": ("not checked: {what}", "未檢查：{what}"),
    "fails": ("does not conform", "不符合"),
    "reached": (
        "Checked {nodes:,} focus {node_word} with {shapes:,} {shape_word}.",
        "以 {shapes:,} 個形狀檢查了 {nodes:,} 個焦點節點。",
    ),
    "unreached": ("Shapes that matched nothing: {shapes}", "未對應到任何節點的形狀：{shapes}"),
    "capped": ("{shown} of {total} results are shown", "共 {total} 項結果，僅列出 {shown} 項"),
    "more": ("and {n} more", "另有 {n} 項"),
    "shape": ("shape", "形狀"),
    "focus": ("node", "節點"),
    "path": ("path", "路徑"),
    "value": ("value", "值"),
    "message": ("message", "說明"),
    "severity": ("severity", "程度"),
    "place": ("place", "位置"),
    "nodes": ("focus nodes", "焦點節點"),
    "count": ("results", "結果"),
}


def word(key: str, lang: str) -> str:
    """Give a word of the reports in `lang`."""
    return _WORDS[key][1 if lang.lower().startswith("zh") else 0]


def severity_word(severity: str, lang: str, number: int = 1) -> str:
    """Say a severity in `lang`, for so many results; one that is not SHACL's own by its last part."""
    name = local_name(severity)
    return word(name if number == 1 else f"{name}s", lang) if severity == sh(name) and name in _WORDS else name


def render_summary(report: ValidationReport, lang: str = "en") -> str:
    """Say in one line per fact whether the data conform, what was found, how much was looked at, and what was not."""
    comma, colon = _marks(lang)
    numbers = [(report.count(s), s) for s in report.severities()]
    counts = comma.join(f"{n} {severity_word(s, lang, n)}" for n, s in numbers)
    lines = [word("unsupported", lang).format(what=problem) for problem in report.unsupported]
    lines.append(word(_verdict(report), lang) + (f"{colon}{counts}" if counts else ""))
    reached = [n for n in report.reached.values() if n]
    lines.append(_say_reached(sum(reached), len(reached), lang))
    if report.unreached:
        names = [_shape_name(report, s, lang) for s in report.unreached[:_UNREACHED]]
        if more := len(report.unreached) - len(names):
            names.append(word("more", lang).format(n=more))
        lines.append(word("unreached", lang).format(shapes=comma.join(names)))
    if report.capped:
        lines.append(say_capped(report, lang))
    return "\n".join(map(clean, lines))


def _say_reached(nodes: int, shapes: int, lang: str) -> str:
    words = {"node_word": "node" if nodes == 1 else "nodes", "shape_word": "shape" if shapes == 1 else "shapes"}
    return word("reached", lang).format(nodes=nodes, shapes=shapes, **words)


def _verdict(report: ValidationReport) -> str:
    """Choose the word for what the report says of the data."""
    if not report.conforms:
        return "fails"
    return "nothing" if not report.validated else "conforms" if report.complete else "partly"


def say_verdict(report: ValidationReport, lang: str) -> str:
    """Say why data without a result are not said to conform; nothing where that is not so."""
    return "" if report.verdict is not None else word(_verdict(report), lang)


def render_notes(report: ValidationReport, lang: str = "en") -> str:
    """Write what a report in RDF has no words for as comments of Turtle: what was looked at, and what was not."""
    lines = render_summary(report, lang).splitlines() + list_focus_nodes(report, lang).splitlines()[1:]
    return "".join(f"# {clean(line)}\n" for line in lines)


def list_focus_nodes(report: ValidationReport, lang: str, write: Callable[[str], str] = str) -> str:
    """List the number of focus nodes of every shape, a line each, names as `write` writes them."""
    lines = (f"- {write(clean(_shape_name(report, s, lang)))}: {n}" for s, n in report.reached.items())
    return "".join(f"\n{line}" for line in lines)


def say_capped(report: ValidationReport, lang: str) -> str:
    """Say how many of the results are listed."""
    return word("capped", lang).format(shown=len(report.results), total=report.total)


def render_text(report: ValidationReport, places: Places | None = None, lang: str = "en") -> str:
    """Write the report for people: results grouped by severity, shape and message, each group with its places."""
    places = places or {}
    groups: dict[tuple[str, str, str], list[int]] = {}
    for number, result in enumerate(report.results):
        key = (result.severity, report.named_shape(result.shape), _group_message(result, lang))
        groups.setdefault(key, []).append(number)
    order = {severity: at for at, severity in enumerate(report.severities())}
    lines: list[str] = []
    for (severity, shape, message), numbers in sorted(groups.items(), key=lambda g: (order[g[0][0]], g[0][1:])):
        colon = _marks(lang)[1]
        head = colon.join((severity_word(severity, lang), _shape_name(report, shape, lang), message))
        lines.append(f"{head} ({len(numbers)})")
        numbers.sort(key=lambda n: (place_key(places.get(n, ("",))[0]), n))
        for number in numbers[:_SHOWN]:
            lines.append("    " + _line(report.results[number], places.get(number, ()), lang))
        if len(numbers) > _SHOWN:
            lines.append("    " + word("more", lang).format(n=len(numbers) - _SHOWN))
    return "\n".join([*map(clean, lines), render_summary(report, lang)]) + "\n"


def _marks(lang: str) -> tuple[str, str]:
    """Give comma and colon as they are written in `lang`."""
    return ("、", "：") if lang.lower().startswith("zh") else (", ", ": ")


def place_key(place: str) -> list[tuple[int, str]]:
    """Order places by file and line: numbers by their size.

    >>> sorted(["a.csv:10", "a.csv:9"], key=place_key)
    ['a.csv:9', 'a.csv:10']
    """
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,18})", place)]


def _group_message(result: Result, lang: str) -> str:
    """Give what all results of a group have in common: the author's message, or the path with what it lacks."""
    if result.messages:
        return result.message(lang)
    path = result.path.text(local_name) if result.path else ""
    rule = local_name(result.component).removesuffix("ConstraintComponent")
    return " ".join(part for part in (path, rule, result.expected) if part)


def _line(result: Result, places: Sequence[str], lang: str) -> str:
    where = ", ".join(places) or show(result.focus)
    parts = [show(result.focus)] if places else []
    if result.path is not None:
        parts.append(result.path.text(local_name))
    if result.value is not None and result.value != result.focus:
        parts.append(show(result.value))
    if not result.messages:
        parts.append(result.message(lang))
        parts[-1] = f"- {parts[-1]}" if len(parts) > 1 else parts[-1]
    if advice := result.advice(lang):
        parts.append(f"({advice})")
    return f"{where}: " + " ".join(parts) if parts else where


def _shape_name(report: ValidationReport, shape: str, lang: str) -> str:
    info = report.shapes.get(shape)
    return (info.name(lang) if info else "") or local_name(shape)


def render_rows(
    report: ValidationReport, places: Places | None = None, lang: str = "en"
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Give a header and a row per result: severity, shape, node, path, value, message, place."""
    places = places or {}
    header = tuple(word(k, lang) for k in ("severity", "shape", "focus", "path", "value", "message", "place"))
    rows = (
        (
            severity_word(r.severity, lang),
            _shape_name(report, report.named_shape(r.shape), lang),
            show(r.focus),
            r.path.text(local_name) if r.path else "",
            show(r.value),
            r.message(lang),
            ", ".join(places.get(n, ())),
        )
        for n, r in enumerate(report.results)
    )
    return header, [tuple(map(clean, row)) for row in rows]


def render_json(report: ValidationReport, places: Places | None = None, lang: str = "en") -> str:
    """Write the report as JSON (`"schema": "validation-report/1"`), of the schema `schemas/validation-report.json`."""
    places = places or {}
    head = {
        "schema": JSON_SCHEMA,
        "conforms": report.verdict,
        "engine": report.engine,
        "total": report.total,
        "reached": [{"shape": json_term(s), "focusNodes": n} for s, n in report.reached.items()],
        "unsupported": [_json_problem(problem) for problem in report.unsupported],
        "warnings": [_json_problem(problem) for problem in report.warnings],
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
            "places": list(places.get(n, ())),
            "sources": [_json_place(place) for place in places.get(n, ())],
        }
        for n, r in enumerate(report.results)
    )
    return write_lines(head, "results", results)


def _json_problem(problem: Problem) -> dict[str, str]:
    """Write what of the shapes graph has no effect, or was not run."""
    return {"where": problem.where, "message": problem.what, "hint": problem.hint}


def write_lines(head: Mapping[str, object], name: str, items: Iterable[object]) -> str:
    r"""Write a JSON object whose last member is a list with each item on a line of its own.

    >>> write_lines({"a": 1}, "b", [{"c": 2}])
    '{\n  "a": 1,\n  "b": [\n    {"c": 2}\n  ]\n}\n'
    """
    begun = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
    lines = ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in items)
    return f'{begun},\n  "{name}": [' + (f"\n{lines}\n  ]" if lines else "]") + "\n}\n"


def _json_place(place: str) -> dict[str, str | int]:
    """Write a place as JSON: a cell or file, or the characters of a document (from `start` up to, without, `end`)."""
    at = read_place(place)
    if at.start is not None and at.end is not None:
        return {"document": at.file, "start": at.start, "end": at.end}
    return {"file": at.file} | ({"row": at.row} if at.row else {}) | ({"column": at.column} if at.column else {})


def json_term(term: str) -> dict[str, str]:
    """Write a term as SPARQL's JSON results do.

    >>> json_term('"a"@en')
    {'type': 'literal', 'value': 'a', 'xml:lang': 'en'}
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


def render_markdown(report: ValidationReport, places: Places | None = None, lang: str = "en") -> str:
    """Write a summary in Markdown: the verdict, and a table of the results with their places."""
    header, rows = render_rows(report, places, lang)
    verdict = len(report.unsupported)
    summary = render_summary(report, lang).splitlines()
    lines = [f"**{line}**" if at == verdict else line for at, line in enumerate(summary)]
    lines = ["  \n".join(lines), ""]
    if rows:
        lines += ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
        lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    if report.reached:
        head = word("nodes", lang) + _marks(lang)[1].rstrip()
        lines += [*([""] if rows else []), head, *list_focus_nodes(report, lang, _cell).splitlines()]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    clean = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\r", " ").replace("\n", " ")
    return clean.replace("`", "\\`").replace("*", "\\*").replace("[", "\\[")
