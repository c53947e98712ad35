"""Inspects a workbook before it is read: its size, its sheets, and the cells that hold no value of their own.

The reader of spreadsheets allocates every cell between the first and the last, even if few of them are filled, and it
returns the same empty cell for a formula that failed, one that was never calculated and one that is not there. So the
parts of the package are read here first, as streams with bounds.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.spreadsheets.heads import cut_rows
from glocal_rdf.csvw.spreadsheets.packages import (
    MAX_CELLS,
    MAX_NOTES,
    MAX_PART,
    MAX_ROW,
    MAX_STRINGS,
    MAX_TEXT,
    TOO_LARGE,
    Workbook,
    open_package,
    read_pieces,
    read_xml,
    too_far_message,
)
from glocal_rdf.csvw.spreadsheets.tallies import Tally, is_plain
from glocal_rdf.csvw.spreadsheets.workbooks_ods import open_ods, open_xlsb
from glocal_rdf.errors import InputError

__all__ = ["inspect_sheet", "open_workbook"]

_OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def open_workbook(data: bytes) -> Workbook:
    """Return the properties of a workbook, with its sheets.

    Raises:
        InputError: Where it is not one, is protected, or has parts that all sheets share and that are too large.
    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise InputError("is protected by a password; save it without one")
        return Workbook("xls", seen=False)
    with open_package(data) as package:
        names = set(package.namelist())
        if "content.xml" in names:
            if "META-INF/manifest.xml" in names:
                manifest = b"".join(read_pieces(package, "META-INF/manifest.xml", 64 << 20))
                if b"encryption-data" in manifest:
                    raise InputError("is protected by a password; save it without one")
            return open_ods(package)
        longest = 0
        for part in sorted(names):
            if re.fullmatch(r"xl/(?:sharedStrings|styles)\.(?:xml|bin)", part):
                longest = max(longest, _longest_string(read_pieces(package, part, MAX_STRINGS)))
        if "xl/workbook.bin" in names:
            return open_xlsb(package)
        if "xl/workbook.xml" not in names:
            raise InputError("is not a spreadsheet; save it as .xlsx, .ods or CSV")
        workbook = _open_xlsx(package)
        workbook.longest = longest
        return workbook


def inspect_sheet(data: bytes, workbook: Workbook, sheet: str, index: int, skipped: int) -> None:
    """Collect the errors and merged cells of one sheet, and count its cells after the rows that are skipped.

    Args:
        data: The workbook as bytes.
        workbook: Its properties, which are completed.
        sheet: The name of the sheet.
        index: Its position among the sheets, from 0.
        skipped: How many rows are skipped.

    Raises:
        InputError: Where it is too large.
    """
    for what, cell, read in workbook.notes.get(index, ()):
        if what == "merged":
            workbook.merged.append(cell)
        elif what == "uncalculated":
            workbook.uncalculated.append(cell)
        else:
            workbook.errors.append((cell, what, read))
    if workbook.kind != "xlsx":
        return
    with open_package(data) as package:
        parts = _parts_of(package)
        if sheet in parts:
            workbook.part = parts[sheet]
            _scan_xlsx(package, workbook.part, workbook, skipped)
            workbook.empty = frozenset(n for n, p in parts.items() if n != sheet and not _has_cells(package, p))


def _open_xlsx(package: zipfile.ZipFile) -> Workbook:
    """Return the properties of a workbook of Excel, by its part xl/workbook.xml."""
    sheets: list[str] = []
    hidden: set[str] = set()
    flags: dict[str, str] = {}

    def start(name: str, found: dict[str, str]) -> None:
        if name == "sheet" and "name" in found:
            sheets.append(found["name"])
            if found.get("state", "visible") != "visible":
                hidden.add(found["name"])
        elif name in {"workbookPr", "calcPr"}:
            flags.update(found)

    read_xml(package, "xl/workbook.xml", start)
    true = {"1", "true"}
    return Workbook(
        "xlsx",
        tuple(sheets),
        frozenset(hidden),
        since_1904=flags.get("date1904") in true,
        doubtful_formulas=flags.get("fullCalcOnLoad") in true,
    )


def _parts_of(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by its name."""
    targets: dict[str, str] = {}
    wanted: dict[str, str] = {}

    def relation(name: str, found: dict[str, str]) -> None:
        if name == "Relationship":
            target = found.get("Target", "")
            targets[found.get("Id", "")] = (
                target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            )

    def sheet(name: str, found: dict[str, str]) -> None:
        if name == "sheet":
            relation_id = next((v for k, v in found.items() if k.rpartition(":")[2] == "id"), "")
            wanted[found.get("name", "")] = relation_id

    read_xml(package, "xl/_rels/workbook.xml.rels", relation)
    read_xml(package, "xl/workbook.xml", sheet)
    return {name: targets[key] for name, key in wanted.items() if key in targets}


def _longest_string(pieces: Iterator[bytes]) -> int:
    """Return the bytes of the longest entry of the shared strings, with its tags."""
    longest, open_since = 0, 0
    for piece in pieces:
        first, *others = map(len, piece.split(b"<si"))
        open_since += first
        longest = max(longest, open_since, *others)
        open_since = others[-1] if others else open_since
    return longest


def _measure_text(package: zipfile.ZipFile, part: str) -> None:
    """Check how much text the shared strings are that the cells of a sheet refer to.

    Raises:
        InputError: Where they are too much together.
    """
    lengths: list[int] = []
    state: dict[str, Any] = {"length": 0, "shared": False, "value": False, "index": "", "total": 0}

    def string_start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            state["length"] = 0

    def string_text(data: str) -> None:
        state["length"] += len(data)

    def string_end(name: str) -> None:
        if name == "si":
            lengths.append(state["length"])

    def start(name: str, found: dict[str, str]) -> None:
        if name == "c":
            state["shared"] = found.get("t") == "s"
        state.update(value=name == "v", index="")

    def text(data: str) -> None:
        if state["value"]:
            state["index"] += data

    def end(name: str) -> None:
        index = state["index"].strip()
        if name == "v" and state["shared"] and index.isdigit() and int(index[:9]) < len(lengths):
            state["total"] += lengths[int(index[:9])]
            if state["total"] > MAX_TEXT:
                raise InputError(f"its cells repeat more than {MAX_TEXT >> 30} GiB of text; save the sheet as CSV")
        state["value"] = False

    read_xml(package, "xl/sharedStrings.xml", string_start, string_end, MAX_STRINGS, string_text)
    read_xml(package, part, start, end, MAX_PART, text)


def _has_cells(package: zipfile.ZipFile, part: str) -> bool:
    """Return whether a sheet has any value, by its first pieces."""
    try:
        for count, piece in enumerate(read_pieces(package, part, MAX_PART)):
            if re.search(rb"<(?:\w+:)?(?:v|is)\b", piece) or count > 8:
                return True
    except InputError:
        return True
    return False


_CELL: Final = rb"<(?:\w+:)?c\b"
_REFERENCE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']")
_FAILED: Final = re.compile(_CELL + rb"([^>]*\bt\s*=\s*[\"']e[\"'][^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_NOTED: Final = "\"e\"|'e'|[<:]f[> /]"
_FORMULA: Final = re.compile(
    _CELL + rb"([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>([^<]{0,3})</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_UNUSUAL: Final = r'<[^<>\s/]*:c[\s/>]|<c[^ a-zA-Z:]|<c (?:[^r]|r[^=]|r=[^"]|r="(?:[^A-Z]|[A-Z]{4}))|<!|r="&'
_MOST_ROWS: Final = 1_048_576
_PAST_Z: Final = '<c r="[A-Z]{2}'
_MERGED: Final = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref\s*=\s*[\"']([A-Za-z0-9:]+)[\"']")


def _scan_xlsx(package: zipfile.ZipFile, part: str, workbook: Workbook, skipped: int) -> None:
    """Read the XML of a sheet piece by piece: collect its notes, count its cells, and find how far they reach."""
    rest = b""
    columns = rows = zeros = formulas = shared = 0
    suspicious = False
    tally: Tally | None = None
    for place, piece in enumerate(read_pieces(package, part, MAX_PART)):
        held = rest + piece
        stop = max(held.rfind(b"</row>") + 6, held.rfind(b"</c>") + 4)
        if stop <= 6:
            stop = max(held.rfind(b":row>") + 5, held.rfind(b":c>") + 3)
        stop = stop if stop > 6 else 0
        if len(held) - stop > MAX_ROW:
            raise InputError(f"{part} has a cell of more than {MAX_ROW >> 20} MiB; {TOO_LARGE}")
        chunk, rest = held[:stop], held[stop:]
        text = pl.Series([chunk.decode("utf-8", "replace")])
        if place == 0:
            tally = _cut_head(chunk, workbook, skipped)
        if place and is_plain(text):
            found: Tally | None = Tally.of_plain(chunk)
            columns, rows = max(columns, 26), max(rows, _MOST_ROWS)
            shared += found.texts if found else 0
        else:
            found = Tally.of(chunk, text) if tally else None
            columns, rows, unusual = _reach(text, columns, rows)
            suspicious = suspicious or unusual
            shared += chunk.count(b'"s"') + chunk.count(b"'s'")
            if text.str.contains(_NOTED)[0]:
                zeros, formulas = _note_cells(chunk, workbook, zeros, formulas)
        tally = tally + found if tally and found else None
    columns, rows, unusual = _reach(pl.Series([rest.decode("utf-8", "replace")]), columns, rows)
    _note_cells(rest, workbook, 0, 0)
    workbook.tally = None if unusual or suspicious else tally
    workbook.doubtful_formulas = workbook.doubtful_formulas and formulas > 0 and zeros == formulas
    for match in _MERGED.finditer(rest):
        if len(workbook.merged) < MAX_NOTES:
            workbook.merged.append(match[1].decode())
    if suspicious or unusual or columns * rows > MAX_CELLS:
        _measure_xlsx(package, part)
    if shared * workbook.longest > MAX_TEXT:
        _measure_text(package, part)


def _cut_head(chunk: bytes, workbook: Workbook, skipped: int) -> Tally | None:
    """Keep the XML of the header, and return the tally to start from: minus the cells of the header."""
    workbook.head = head = cut_rows(chunk, skipped)
    counted = None if head is None else Tally.of(head, pl.Series([head.decode("utf-8", "replace")]))
    return None if counted is None else Tally() - counted


def _reach(text: pl.Series, columns: int, rows: int) -> tuple[int, int, bool]:
    """Return how far cells reach, in columns and rows, and whether any is written in a way that is not recognized.

    Sheets with no column after Z cannot be too large; the others are looked at cell by cell.
    """
    if not text.str.contains("<c|:c")[0]:
        return columns, rows, bool(text.str.contains("<!", literal=True)[0])
    if not text.str.contains(f"{_UNUSUAL}|{_PAST_Z}")[0]:
        return max(columns, 26), max(rows, _MOST_ROWS), False
    cells = text.str.extract_all('<c r="[A-Z]{1,3}[0-9]{1,7}"').explode()
    if not cells.len() or cells.null_count():
        return columns, rows, bool(text.str.contains(_UNUSUAL)[0])
    letters = cells.str.extract('"([A-Z]+)').unique()
    wide = max(map(_column_number, letters))
    tall: Any = cells.str.extract("([0-9]+)").cast(pl.Int64).max()
    return max(columns, wide), max(rows, tall), bool(text.str.contains(_UNUSUAL)[0])


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _measure_xlsx(package: zipfile.ZipFile, part: str) -> None:
    """Check how far the cells with a value reach.

    Raises:
        InputError: Where they reach too far.
    """
    far = [0, 0]
    here = [0, 0]

    def start(name: str, found: dict[str, str]) -> None:
        if name == "row":
            here[0], here[1] = int(found["r"]) if found.get("r", "").isdigit() else here[0] + 1, 0
        elif name == "c":
            place = re.fullmatch("([A-Za-z]{1,7})([0-9]{1,9})", found.get("r", ""))
            here[1] = _column_number(place[1]) if place else here[1] + 1
            here[0] = int(place[2]) if place else here[0]
        elif name in {"v", "is", "f"}:
            far[0], far[1] = max(far[0], here[0]), max(far[1], here[1])
            if far[0] * far[1] > MAX_CELLS:
                raise InputError(too_far_message(far[0], far[1]))

    read_xml(package, part, start, most=MAX_PART)


def _note_cells(chunk: bytes, workbook: Workbook, zeros: int, formulas: int) -> tuple[int, int]:
    """Collect the cells with an error or a formula without a value.

    Returns:
        `zeros` and `formulas` with the formulas of the piece added: those whose value is 0, and all.
    """
    if b'"e"' in chunk or b"'e'" in chunk:
        for match in _FAILED.finditer(chunk):
            value = re.search(rb"<(?:\w+:)?v>([^<]*)<", match[2])
            what = value[1].decode("utf-8", "replace") if value else "an error"
            workbook.errors.append((_name_of(match[1]), what, ""))
    if b"<f" in chunk or b":f" in chunk:
        formulas += len(re.findall(rb"<(?:\w+:)?f\b", chunk))
        for match in _FORMULA.finditer(chunk):
            if (match[2] or b"") == b"0":
                zeros += 1
            elif not (match[2] or b"").strip() and not re.search(rb"\bt\s*=\s*[\"'](?:str|e)[\"']", match[1]):
                workbook.uncalculated.append(_name_of(match[1]))
    return zeros, formulas


def _name_of(attributes: bytes) -> str:
    found = _REFERENCE.search(attributes)
    return (found[1] + found[2]).decode() if found else "a cell"
