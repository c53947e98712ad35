"""Mappings that wait for review as a spreadsheet, and the decisions in it back into the mapping set.

A row is a candidate. The identifiers say which mapping a decision is about; rows may be sorted, left out and returned
in parts. An empty decision leaves a mapping as it is.
"""

from __future__ import annotations

import io
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from glocal_rdf.errors import InputError, OutputError, Problem, TableError
from glocal_rdf.files import read_bytes
from glocal_rdf.lazy import pl
from glocal_rdf.sssom.mapping_sets import COLUMNS, EVIDENCE, REASON, REVIEW_REASON, REVIEW_STATE, MappingSet
from glocal_rdf.sssom.review import STATES, Decision, apply_decision, list_open

__all__ = ["SHEET_COLUMNS", "read_decisions", "render_sheet"]

SHEET_COLUMNS: Final = {
    "thing": "subject_label", "thing id": "subject_id", "candidate": "object_label", "candidate id": "object_id",
    "confidence": "confidence", "evidence": EVIDENCE, "why not linked": REASON, "decision": REVIEW_STATE,
    "reason": REVIEW_REASON, "reviewer": "reviewer_label",
}  # fmt: skip
"""The heads of the sheet, and the slots that the columns hold."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS: Final = (30, 26, 30, 22, 11, 60, 24, 12, 30, 16)
_MAX_ROWS: Final = 1_048_576
_NEEDED: Final = "pip install 'glocal-rdf[sheets]'"


def render_sheet(mappings: MappingSet, form: str) -> bytes:
    """Write the mappings that wait for a decision, those of one thing together.

    Args:
        mappings: The mapping set.
        form: `csv` or `xlsx`.

    Raises:
        OutputError: Where the package that writes workbooks is not installed, or a workbook cannot hold the rows.
    """
    order = [row for group in list_open(mappings, ("proposed", "unsure")) for row in group]
    frame = (
        mappings.with_columns(*COLUMNS)
        .frame[order]
        .select(pl.col(slot).fill_null("").alias(head) for head, slot in SHEET_COLUMNS.items())
    )
    frame = frame.with_columns(decision=pl.col("decision").replace("proposed", ""))
    if form == "csv":
        # A spreadsheet would run these as formulas.
        texts = ("thing", "candidate", "evidence", "reason", "reviewer")
        safe = [
            pl.when(pl.any_horizontal(pl.col(name).str.starts_with(mark) for mark in _FORMULA))
            .then(pl.concat_str(pl.lit("'"), name))
            .otherwise(name)
            .alias(name)
            for name in texts
        ]
        return b"\xef\xbb\xbf" + frame.with_columns(safe).write_csv().encode()
    if frame.height >= _MAX_ROWS:
        raise OutputError.at("xlsx", f"holds {_MAX_ROWS:,} rows at most", "write a .csv")
    return _render_workbook(frame)


def _render_workbook(frame: pl.DataFrame) -> bytes:
    """Write a workbook whose column of decisions offers the states."""
    try:
        xlsxwriter: Any = import_module("xlsxwriter")
    except ImportError as error:
        raise OutputError.at("xlsx", "needs one more package", _NEEDED) from error
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("review")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for at, (head, width) in enumerate(zip(frame.columns, _WIDTHS, strict=True)):
            sheet.set_column(at, at, width, wrapped)
            sheet.write_string(0, at, head, bold)
        for row, cells in enumerate(frame.iter_rows(), 1):
            for at, cell in enumerate(cells):
                sheet.write_string(row, at, cell[:32_767], wrapped)
        at = frame.columns.index("decision")
        choices = {"validate": "list", "source": list(STATES[1:])}
        sheet.data_validation(1, at, max(frame.height, 1), at, choices)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, frame.height, len(frame.columns) - 1)
    return out.getvalue()


def read_decisions(mappings: MappingSet, path: Path, reviewer: str, date: str) -> tuple[MappingSet, dict[str, int]]:
    """Read the decisions in a sheet into a mapping set.

    Args:
        mappings: The mapping set.
        path: The sheet, .csv or .xlsx.
        reviewer: Who decided, where a row has no reviewer.
        date: The day.

    Returns:
        The set with the decisions, and how many there are of each state.

    Raises:
        InputError: Where the sheet cannot be read.
        TableError: With every row whose decision is not a state, or whose mapping the set does not have.
    """
    sheet = _read_sheet(path)
    missing = [head for head in ("thing id", "candidate id", "decision") if head not in sheet.columns]
    if missing:
        raise InputError.at(path, f"has no column {', '.join(missing)}", "use the sheet that --to-sheet wrote")
    mappings = mappings.with_columns(*COLUMNS)
    rows = {
        (subject, found): row
        for row, (subject, found) in enumerate(mappings.frame.select("subject_id", "object_id").iter_rows())
    }
    problems: list[Problem] = []
    wanted: list[tuple[int, Decision]] = []
    accepted: dict[str, str] = {}
    for line, cells in enumerate(sheet.iter_rows(named=True), 2):
        state = (cells["decision"] or "").strip().lower()
        pair = ((cells["thing id"] or "").strip(), (cells["candidate id"] or "").strip())
        if not state:
            continue
        if state not in STATES[1:]:
            what = f"{state[:40]!r} is not a decision"
            problems.append(_problem(path, line, what, f"write {', '.join(STATES[1:])}, or nothing"))
        elif pair not in rows:
            what = f"the mapping of {pair[0][:60]!r} to {pair[1][:60]!r} is not there"
            problems.append(_problem(path, line, what, "do not change the identifiers"))
        elif state == "accepted" and accepted.setdefault(pair[0], pair[1]) != pair[1]:
            what = f"{pair[0]!r} has two accepted candidates"
            problems.append(_problem(path, line, what, f"accept {accepted[pair[0]]} or {pair[1]}"))
        else:
            who = (cells.get("reviewer") or "").strip() or reviewer
            wanted.append((rows[pair], Decision(state, who, date, (cells.get("reason") or "").strip())))
    if problems:
        raise TableError.of(problems)
    # What is accepted first rejects the others; what the sheet says of those stands.
    wanted.sort(key=lambda pair: pair[1].state != "accepted")
    counts = dict.fromkeys(STATES[1:], 0)
    for row, decision in wanted:
        if _is_decided_so(mappings, row, decision):
            continue
        mappings = apply_decision(mappings, row, decision)
        counts[decision.state] += 1
    return mappings, counts


def _is_decided_so(mappings: MappingSet, row: int, decision: Decision) -> bool:
    """Return whether a row has a decision already, so that its day and reviewer stay."""
    state, reason = mappings.frame[REVIEW_STATE][row], mappings.frame[REVIEW_REASON][row] or ""
    return state == decision.state and (not decision.reason or reason == decision.reason)


def _problem(path: Path, line: int, what: str, hint: str) -> Problem:
    return Problem(f"{path}:{line}", f"decision: {what}", hint, "decision", "error", str(path), line, "decision")


def _read_sheet(path: Path) -> pl.DataFrame:
    """Read a sheet as texts."""
    data = read_bytes(path)
    name = path.name.lower()
    if name.endswith((".xlsx", ".ods")):
        try:
            fastexcel: Any = import_module("fastexcel")
        except ImportError as error:
            raise InputError.at(path, "is a spreadsheet, which needs one more package", _NEEDED) from error
        try:
            sheet = fastexcel.read_excel(data).load_sheet(0, dtypes="string")
            return pl.DataFrame(sheet).with_columns(pl.all().cast(pl.String))
        except Exception as error:  # whatever its reader raises for a broken file
            raise InputError.at(path, f"cannot be read as a workbook ({_first(error)})", "save it again") from error
    try:
        return pl.read_csv(io.BytesIO(data.removeprefix(b"\xef\xbb\xbf")), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InputError.at(path, f"is not a table: {_first(error)}", "save it as CSV in UTF-8, or as .xlsx") from error


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
