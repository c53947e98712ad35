"""Inspects workbooks of OpenDocument, where cells are repeated by a number, and binary ones of Excel."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Final

from glocal_rdf.csvw.spreadsheets.packages import (
    MAX_CELLS,
    MAX_NOTES,
    MAX_PART,
    MAX_TEXT,
    TOO_LARGE,
    Workbook,
    column_letters,
    read_pieces,
    read_xml,
    too_far_message,
)
from glocal_rdf.errors import InputError

__all__ = ["open_ods", "open_xlsb"]

_ERROR: Final = re.compile("#N/A|#[A-Z][A-Z0-9/]*[!?]|Err:[0-9]{3}")
"""The text of a failed formula, in files without calcext:value-type, which tells whether it failed."""
_HELD: Final = ("value", "boolean-value", "date-value", "time-value", "string-value")


def open_ods(package: zipfile.ZipFile) -> Workbook:
    """Return the properties of a workbook, by its content.xml with its repeated cells (ODF 1.3 part 3, 9.1)."""
    workbook = Workbook("ods")
    formula: dict[str, str] | None = None  # the attributes of a cell with a formula, and its place and text
    state = {"table": -1, "row": 0, "column": 0, "rows": 1, "far": 0, "last": 0, "times": 1, "text": 0, "depth": 0}

    def start(name: str, found: dict[str, str]) -> None:
        nonlocal formula
        if name == "table" and state["depth"] == 0:
            state.update(table=state["table"] + 1, row=0, far=0, last=0)
        if name == "table":
            state["depth"] += 1
        elif name == "table-row":
            state.update(column=0, rows=_times(found, "rows"))
        elif name in {"table-cell", "covered-table-cell"}:
            times = _times(found, "columns")
            keys = {k.rpartition(":")[2]: v for k, v in found.items()}
            if keys.get("value-type") or "formula" in keys:
                state["far"] = max(state["far"], state["column"] + times)
                state["last"] = state["row"] + state["rows"]
                if state["far"] * state["last"] > MAX_CELLS:
                    raise InputError(too_far_message(state["last"], state["far"]))
                noted = workbook.notes.setdefault(state["table"], [])
                if len(noted) < MAX_NOTES:
                    place = f"{column_letters(state['column'])}{state['row'] + 1}"
                    noted += _notes_of(keys, place)
                    kinds = [v for k, v in found.items() if k.rpartition(":")[2] == "value-type"]
                    if "formula" in keys and ("error" in kinds or len(kinds) == 1):
                        formula = {**keys, "value-type": max(kinds, key="error".__eq__), "place": place, "text": ""}
            state["column"] += times
            state["times"] = times * state["rows"]
            count(keys.get("string-value", ""))

    def add(text: str) -> None:
        count(text)
        if formula is not None:
            formula["text"] += text

    def count(text: str) -> None:
        state["text"] += len(text) * state["times"]
        if state["text"] > MAX_TEXT:
            raise InputError(f"its cells repeat more than {MAX_TEXT >> 30} GiB of text; save the sheet as CSV")

    def end(name: str) -> None:
        nonlocal formula
        if name == "table":
            state["depth"] -= 1
        elif name == "annotation" and formula is not None:
            formula["text"] = ""
        elif name == "table-cell" and formula is not None:
            text = formula["text"].strip()
            if formula["value-type"] == "error" or _ERROR.fullmatch(text):
                held = next((formula[k] for k in _HELD if k in formula), text)
                workbook.notes[state["table"]].append((text, formula["place"], held))
            formula = None
        elif name == "table-row":
            state["row"] += state["rows"]

    read_xml(package, "content.xml", start, end, MAX_PART, add)
    return workbook


def _times(found: dict[str, str], what: str) -> int:
    text = next((v for k, v in found.items() if k.rpartition(":")[2] == f"number-{what}-repeated"), "1")
    if not re.fullmatch("[0-9]{1,7}", text) or int(text) > 1 << 20:
        raise InputError(f"content.xml repeats {what} {text[:20]} times, which is too often; {TOO_LARGE}")
    return int(text)


def _notes_of(keys: dict[str, str], place: str) -> Iterator[tuple[str, str, str]]:
    if "formula" in keys and not keys.get("value-type"):
        yield "uncalculated", place, ""
    if [keys.get(f"number-{what}-spanned", "1") for what in ("columns", "rows")] != ["1", "1"]:
        yield "merged", place, ""


def open_xlsb(package: zipfile.ZipFile) -> Workbook:
    """Return the properties of a binary workbook, whose failed formulas are not looked for."""
    workbook = Workbook("xlsb", seen=False)
    for part in package.namelist():
        if re.fullmatch(r"xl/worksheets/[^/]+\.bin", part):
            _measure_xlsb(b"".join(read_pieces(package, part, MAX_PART // 4)))
    return workbook


def _measure_xlsb(data: bytes) -> None:
    """Check how far the cells of a binary sheet reach, by its records ([MS-XLSB] 2.1.4).

    Raises:
        InputError: Where they reach too far.
    """
    at, row, wide, tall = 0, 0, 0, 0
    size = len(data)
    while at < size:
        kind = data[at]
        at += 1
        if kind & 0x80 and at < size:
            kind, at = (kind & 0x7F) | ((data[at] & 0x7F) << 7), at + 1
        length = shift = 0
        while at < size:
            byte = data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:
                break
        if kind == 0 and length >= 4:
            row = int.from_bytes(data[at : at + 4], "little")
        elif 2 <= kind <= 11 and length >= 4:
            wide, tall = max(wide, int.from_bytes(data[at : at + 4], "little") + 1), max(tall, row + 1)
            if wide * tall > MAX_CELLS:
                raise InputError(too_far_message(tall, wide))
        at += length
