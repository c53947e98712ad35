"""Writes findings as a workbook (.xlsx): a sheet for each table, each finding as a comment on its cell.

Cells are written as text, exactly as they are in the table, so that no number changes its form and no text is run as a
formula. The first sheet lists all findings with links to their cells. What a workbook cannot hold (rows, columns and
characters beyond its limits) is reported.

Limits: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from glocal_rdf.errors import OutputError, Problem
from glocal_rdf.findings.model import LEVELS, Finding, FindingReport
from glocal_rdf.i18n import message, translatable

__all__ = ["MAX_CHARACTERS", "MAX_ROWS", "name_sheets", "render_workbook"]

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
MAX_CHARACTERS: Final = 32_767
_MAX_LINKS: Final = 65_000
_MAX_NAME: Final = 31
_MADE: Final = datetime(2000, 1, 1)
"""When every workbook says that it was made, so that it is the same on every run."""
_FILLS: Final = {"violation": "#FFC7CE", "warning": "#FFEB9C", "info": "#DDEBF7", "other": "#E4DFEC"}
_LISTED: Final = translatable("Findings")
_HEADS: Final = (
    (translatable("severity"), 12),
    (translatable("message"), 60),
    (translatable("hint"), 30),
    (translatable("cell"), 34),
    (translatable("value"), 24),
    (translatable("thing"), 24),
    (translatable("shape"), 20),
    (translatable("place"), 34),
)


def render_workbook(report: FindingReport) -> tuple[bytes, tuple[Problem, ...]]:
    """Return a workbook with the tables and the findings, and a problem for all that it cannot hold.

    Raises:
        OutputError: Where the package that writes workbooks is not installed.
    """
    try:
        xlsxwriter = import_module("xlsxwriter")
    except ImportError as error:
        raise OutputError.at("xlsx", "needs one more package", "pip install 'glocal-rdf[sheets]'") from error
    return _Book(report, xlsxwriter).write()


def name_sheets(files: list[str], taken: str) -> list[str]:
    """Return the name of a sheet for each file: its own without the ending, within the rules for sheets, each once.

    Examples:
        >>> name_sheets(["data/a.csv", "other/a.csv", "data/[x]:'.csv", "data/history.csv"], "Findings")
        ['a', 'a (2)', '_x___', 'history_']
    """
    used = {taken.lower()}
    names = []
    for file in files:
        stem = re.split(r"[/\\]", file)[-1].rpartition(".")[0] or file
        name = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", "_", stem)[:_MAX_NAME].strip() or "table"
        name += "_" if name.lower() == "history" else ""
        found, number = name, 1
        while found.lower() in used:
            number += 1
            more = f" ({number})"
            found = name[: _MAX_NAME - len(more)] + more
        used.add(found.lower())
        names.append(found)
    return names


class _Book:
    """A workbook that is being written."""

    def __init__(self, report: FindingReport, xlsxwriter: Any) -> None:
        self.report = report
        self.file = io.BytesIO()
        # Texts are texts: none is read as a number, a formula or an address.
        options = {
            "in_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        self.book = xlsxwriter.Workbook(self.file, options)
        self.book.set_properties({"title": report.title[:255], "comments": report.verdict, "created": _MADE})
        self.text = self.book.add_format({"num_format": "@"})
        self.head = self.book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        self.wrapped = self.book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self.linked = self.book.add_format(
            {"num_format": "@", "font_color": "#0563C1", "underline": 1, "valign": "top"}
        )
        self.fills = {
            level: self.book.add_format({"num_format": "@", "bg_color": colour, "valign": "top", "text_wrap": True})
            for level, colour in _FILLS.items()
        }
        self.marks = {
            level: self.book.add_format({"num_format": "@", "bg_color": colour}) for level, colour in _FILLS.items()
        }
        self.problems: list[Problem] = []
        self.cut = 0

    def write(self) -> tuple[bytes, tuple[Problem, ...]]:
        """Write all sheets, that of the findings first."""
        listed = message(self.report.lang, _LISTED)[:_MAX_NAME]
        first = self.book.add_worksheet(listed)
        names = name_sheets([table.file for table in self.report.tables], listed)
        sheets = [self.book.add_worksheet(name) for name in names]
        marks = self._collect_marks()
        for number, sheet in enumerate(sheets):
            self._write_table(number, sheet, marks.get(number, {}))
        self._list_findings(first, names)
        self.book.close()
        if self.cut:
            what = f"{self.cut:,} cells have more than {MAX_CHARACTERS:,} characters, and are cut"
            self.problems.append(Problem("xlsx", what, "read them in the tables", kind="long"))
        return self.file.getvalue(), tuple(self.problems)

    def _collect_marks(self) -> dict[int, dict[tuple[int, int], list[Finding]]]:
        """Return the findings of each cell, by table, row and column; those of a whole row are at its first cell."""
        marks: dict[int, dict[tuple[int, int], list[Finding]]] = {}
        for finding in self.report.findings:
            for table, row, column in dict.fromkeys(self.report.locate(finding)):
                marks.setdefault(table, {}).setdefault((row, column or 0), []).append(finding)
        return marks

    def _write_table(self, number: int, sheet: Any, marks: Mapping[tuple[int, int], list[Finding]]) -> None:
        table = self.report.tables[number]
        rows, columns = min(table.cells.height, MAX_ROWS - 1), min(table.cells.width, MAX_COLUMNS)
        for what, all_of_them, kept in (("rows", table.cells.height, rows), ("columns", table.cells.width, columns)):
            if kept < all_of_them:
                text = f"has {all_of_them:,} {what}, of which a sheet shows the first {kept:,}"
                self.problems.append(Problem(table.file, text, "split the table, or read it elsewhere", kind="large"))
        for column, title in enumerate(table.titles[:columns]):
            self._write_text(sheet, 0, column, title, self.head)
            longest = table.cells.to_series(column).head(1000).str.len_chars().max() or 0
            sheet.set_column(column, column, min(max(int(str(longest)), len(title), 6) + 2, 40), self.text)
        sheet.freeze_panes(1, 1)
        for row, cells in enumerate(table.cells.head(rows).iter_rows()):
            for column, cell in enumerate(cells[:columns]):
                if cell and (row, column) not in marks:
                    self._write_text(sheet, row + 1, column, cell, self.text)
        for (row, column), findings in marks.items():
            if row >= rows or column >= columns:
                continue
            level = min((finding.level for finding in findings), key=LEVELS.index)
            self._write_text(sheet, row + 1, column, table.cells[row, column], self.marks[level])
            text = "\n\n".join(self._comment(finding) for finding in findings)
            height = 24 + 16 * min(sum(1 + len(line) // 40 for line in text.splitlines()), 24)
            sheet.write_comment(
                row + 1, column, text[:MAX_CHARACTERS], {"author": "glocal validate", "width": 300, "height": height}
            )

    def _comment(self, finding: Finding) -> str:
        lines = [f"{finding.severity}: {finding.message}", finding.hint, *map(str, finding.places)]
        return "\n".join(line for line in lines if line)

    def _write_text(self, sheet: Any, row: int, column: int, text: str, form: Any) -> None:
        """Write a text as a text, whatever it begins with, cut where it is too long for a cell."""
        if len(text) > MAX_CHARACTERS:
            self.cut += 1
            text = text[:MAX_CHARACTERS]
        if text:
            sheet.write_string(row, column, text, form)
        else:
            sheet.write_blank(row, column, None, form)

    def _list_findings(self, sheet: Any, names: list[str]) -> None:
        lang = self.report.lang
        row = 0
        for line in (self.report.title, self.report.verdict, *self.report.notes):
            self._write_text(sheet, row, 0, line, self.head if row < 2 else None)
            row += 1
        row += 1
        for column, (head, width) in enumerate(_HEADS):
            self._write_text(sheet, row, column, message(lang, head), self.head)
            sheet.set_column(column, column, width)
        first = row
        links = 0
        for finding in self.report.findings:
            # A finding in several cells has a row for each, so that each has its link.
            places: Sequence[tuple[int, int, int | None] | None] = self.report.locate(finding) or [None]
            for place in dict.fromkeys(places):
                row += 1
                if row >= MAX_ROWS:
                    break
                texts = (
                    finding.severity,
                    finding.message,
                    finding.hint,
                    "",
                    finding.value,
                    finding.node,
                    finding.shape,
                )
                for column, text in enumerate(texts):
                    self._write_text(
                        sheet, row, column, text, self.fills[finding.level] if column == 0 else self.wrapped
                    )
                other = [str(location) for location in (*finding.places, *(finding.cells if place is None else ()))]
                self._write_text(sheet, row, 7, ", ".join(other), self.wrapped)
                if place is None:
                    continue
                number, at, cell_column = place
                table = self.report.tables[number]
                title = table.titles[cell_column] if cell_column is not None else ""
                shown = f"{table.file}:{table.lines[at]}" + (f" ({title})" if title else "")
                reachable = at < MAX_ROWS - 1 and (cell_column or 0) < MAX_COLUMNS and links < _MAX_LINKS
                if reachable:
                    links += 1
                    address = f"{_letters(cell_column or 0)}{at + 2}"
                    sheet.write_url(
                        row, 3, f"internal:'{names[number]}'!{address}", self.linked, shown[:MAX_CHARACTERS]
                    )
                else:
                    self._write_text(sheet, row, 3, shown, self.wrapped)
        if row >= MAX_ROWS:
            what = f"there are more findings than a sheet has rows ({MAX_ROWS:,})"
            self.problems.append(Problem("xlsx", what, "list fewer with --max-results", kind="large"))
        if row > first:
            sheet.autofilter(first, 0, min(row, MAX_ROWS - 1), len(_HEADS) - 1)
        sheet.freeze_panes(first + 1, 0)


def _letters(column: int) -> str:
    """Return the letters of a column, from 0.

    Examples:
        >>> _letters(0), _letters(25), _letters(26), _letters(701), _letters(702)
        ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
