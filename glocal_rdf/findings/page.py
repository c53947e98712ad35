"""Writes findings as one page of HTML that needs no script and requests nothing: by table, each row with its cells.

Findings that are about no cell, and all findings on data that are not tables, are listed by shape and thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from glocal_rdf.display import visible_lines
from glocal_rdf.findings.model import LEVELS, CellTable, Finding, FindingReport, Level
from glocal_rdf.findings.page_style import STYLE, filter_rules
from glocal_rdf.i18n import message, message_in, plural, translatable

__all__ = ["render_page"]

_MAX_SHOWN: Final = 400
"""How many characters of a value are shown."""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_BLANK: Final = translatable("(blank)")
_NO_CELL: Final = translatable("Findings that are not about a cell")
_SHOW: Final = translatable("Show:")
_TABLES: Final = translatable("Tables")
_ROW: Final = translatable("Line {line}")


def render_page(report: FindingReport) -> str:
    """Return the page, complete by itself, in the language of the report.

    Values of data are escaped, and their control characters are shown as escapes.
    """
    lang = report.lang
    by_row: dict[int, dict[int, list[tuple[Finding, int | None]]]] = {}
    elsewhere: list[Finding] = []
    for finding in report.findings:
        places = list(dict.fromkeys(report.locate(finding)))
        for table, row, column in places:
            by_row.setdefault(table, {}).setdefault(row, []).append((finding, column))
        if not places:
            elsewhere.append(finding)
    levels = [level for level in LEVELS if any(finding.level == level for finding in report.findings)]
    groups = _group(elsewhere)
    shown = [frozenset(one.level for one, _ in found) for rows in by_row.values() for found in rows.values()]
    shown += [frozenset(one.level for one in found) for _, nodes in groups for _, found in nodes]
    sections = [_write_table(number, report.tables[number], by_row[number], lang) for number in sorted(by_row)]
    if groups:
        heading = f"<h2>{_text(message(lang, _NO_CELL))}</h2>" if report.tables else ""
        sections.append(heading + "".join(_write_group(shape, nodes, lang) for shape, nodes in groups))
    notes = "".join(f"<li>{_text(note)}</li>" for note in report.notes)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(report.title)}</title>\n<style>{STYLE}{filter_rules(levels, shown)}</style>\n</head>\n<body>\n"
        f'<h1 dir="auto">{_text(report.title)}</h1>\n<p class="verdict">{_text(report.verdict)}</p>\n'
        f'<ul class="notes">{notes}</ul>\n{_write_boxes(levels, report.findings, lang)}<main>\n'
        f"{_write_contents(report, by_row, lang)}{chr(10).join(sections)}\n</main>\n</body>\n</html>\n"
    )


def _group(findings: Iterable[Finding]) -> list[tuple[str, list[tuple[str, list[Finding]]]]]:
    """Return findings by shape and thing, in the order in which these first occur."""
    shapes: dict[str, dict[str, list[Finding]]] = {}
    for finding in findings:
        shapes.setdefault(finding.shape, {}).setdefault(finding.node, []).append(finding)
    return [(shape, list(nodes.items())) for shape, nodes in shapes.items()]


def _write_boxes(levels: Sequence[str], findings: Sequence[Finding], lang: str) -> str:
    """Write the boxes by which findings are shown and hidden, where there is a choice."""
    if len(levels) < 2:
        return ""
    parts = [f'<span class="filters">{_text(message(lang, _SHOW))}</span>\n']
    for level in levels:
        found = [finding for finding in findings if finding.level == level]
        name = found[0].severity if len({finding.severity for finding in found}) == 1 else level
        label = f"{name} ({len(found):,})"
        parts.append(
            f'<input class="switch" type="checkbox" id="show-{level}" checked>'
            f'<label class="filter {level}" for="show-{level}">{_text(label)}</label>\n'
        )
    return "".join(parts)


def _write_contents(
    report: FindingReport, by_row: Mapping[int, Mapping[int, list[tuple[Finding, int | None]]]], lang: str
) -> str:
    """Write links to the tables, where there are several."""
    if len(by_row) < 2:
        return ""
    items = []
    for number in sorted(by_row):
        count = sum(map(len, by_row[number].values()))
        found = plural(lang, "{number:,} finding", "{number:,} findings", count)
        items.append(f'<li><a href="#table-{number}">{_text(report.tables[number].file)}</a> ({_text(found)})</li>')
    return f'<nav aria-label="{_text(message(lang, _TABLES))}"><ul>{"".join(items)}</ul></nav>\n'


def _write_table(number: int, table: CellTable, rows: Mapping[int, list[tuple[Finding, int | None]]], lang: str) -> str:
    """Write the rows of a table that have findings."""
    parts = [f'<section id="table-{number}"><h2>{_text(table.file)}</h2>']
    for row in sorted(rows):
        found = rows[row]
        marks: dict[int, set[Level]] = {}
        for finding, column in found:
            if column is not None:
                marks.setdefault(column, set()).add(finding.level)
        line = message(lang, _ROW, line=table.lines[row])
        parts.append(f'<article class="row {_only(one for one, _ in found)}"><h3>{_text(line)}</h3>')
        parts.append(_write_cells(table, row, marks, lang))
        findings = [(one, table.titles[column] if column is not None else "") for one, column in found]
        parts.append(_list_findings(findings, lang, at_cell=True) + "</article>")
    return "".join([*parts, "</section>"])


def _write_cells(table: CellTable, row: int, marks: Mapping[int, set[Level]], lang: str) -> str:
    """Write the cells of a row, the blank ones only where they are marked."""
    parts, blank = ['<dl class="cells">'], 0
    for column, (title, cell) in enumerate(zip(table.titles, table.cells.row(row), strict=False)):
        if not cell and column not in marks:
            blank += 1
            continue
        value = _value(cell) if cell else f'<span class="blank">{_text(message(lang, _BLANK))}</span>'
        level = min(marks[column], key=LEVELS.index) if column in marks else ""
        classes = f"cell marked {level}" if level else "cell"
        parts.append(f'<div class="{classes}"><dt>{_text(title)}</dt><dd dir="auto">{value}</dd></div>')
    parts.append("</dl>")
    if blank:
        text = plural(lang, "{number:,} blank cell is not shown", "{number:,} blank cells are not shown", blank)
        parts.append(f'<p class="more">{_text(text)}</p>')
    return "".join(parts)


def _write_group(shape: str, nodes: Sequence[tuple[str, list[Finding]]], lang: str) -> str:
    """Write the findings of a shape by thing."""
    parts = [f"<section><h2>{_text(shape)}</h2>"] if shape else ["<section>"]
    for node, found in nodes:
        heading = f'<h3 dir="auto">{_text(node)}</h3>' if node else ""
        listed = _list_findings([(one, "") for one in found], lang, at_cell=False)
        parts.append(f'<article class="row {_only(found)}">{heading}{listed}</article>')
    return "".join([*parts, "</section>"])


def _only(findings: Iterable[Finding]) -> str:
    """Return the class of a row with these findings, by which it is hidden with all of them."""
    levels = {finding.level for finding in findings}
    return "only-" + "-".join(level for level in LEVELS if level in levels)


def _list_findings(findings: Sequence[tuple[Finding, str]], lang: str, *, at_cell: bool) -> str:
    """Write findings, each with the title of its column, its hint, and where else it comes from."""
    colon = message_in(lang, "punctuation: label", ": ").rstrip()
    parts = ['<ul class="findings">']
    for finding, title in findings:
        label = f"{finding.severity} · {title}" if title else finding.severity
        more = []
        if finding.hint:
            more.append(_text(finding.hint))
        details = [finding.shape, finding.node] if at_cell else [finding.path]
        if not at_cell and finding.value:
            details.append(finding.value)
        details += [str(place) for place in finding.places]
        if not at_cell:
            details += [str(cell) for cell in finding.cells]
        if text := " · ".join(_cut(one) for one in details if one):
            more.append(f'<span class="more">{_text(text)}</span>')
        rest = "".join(f"<br>{one}" for one in more)
        parts.append(
            f'<li class="finding {finding.level}"><span class="label">{_text(label)}{_text(colon)}</span> '
            f'<span dir="auto">{_text(finding.message)}</span>{rest}</li>'
        )
    return "".join([*parts, "</ul>"])


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}… ({len(text):,})"


def _value(text: str) -> str:
    """Return the value of a cell as HTML, cut where it is long."""
    return _text(_cut(text))


def _text(text: str) -> str:
    """Return a text as HTML: without markup, and with its control characters as escapes."""
    return escape(visible_lines(text))
