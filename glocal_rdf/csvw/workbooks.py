"""Looks into a workbook before it is read: its size, its sheets, and the cells that hold no value of their own.

A reader of spreadsheets makes room for every cell between the first and the last, whatever few of them are filled, and
it gives the same empty cell for a formula that failed, one that was never calculated and one that is not there. So the
parts of the package are read here first, as streams with bounds.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Final, Literal
from xml.parsers import expat

from glocal_rdf.errors import InputError

Kind = Literal["xlsx", "xlsb", "xls", "ods"]

MAX_FILE: Final = 1 << 30
MAX_PART: Final = 4 << 30
MAX_STRINGS: Final = 1 << 30
MAX_CELLS: Final = 50_000_000
MAX_ROW: Final = 64 << 20
MOST: Final = 1000
_PIECE: Final = 1 << 20
_OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_TOO_LARGE: Final = "save the sheet anew without far or repeated cells, or as CSV"


@dataclass
class Workbook:
    """What a workbook says of itself. Cells are named as spreadsheets name them (B7)."""

    kind: Kind
    sheets: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    since_1904: bool = False
    errors: list[tuple[str, str]] = field(default_factory=list)
    uncalculated: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    doubtful_formulas: bool = False
    notes: dict[int, list[tuple[str, str]]] = field(default_factory=dict)  # of all sheets, where they are read together
    seen: bool = True  # False: failed formulas cannot be seen in this format


def open_workbook(data: bytes) -> Workbook:
    """Return what a workbook is and which sheets it has.

    Raises InputError where it is none, is protected, or has parts of the whole workbook that are too large.
    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise InputError("is protected by a password; save it without one")
        return Workbook("xls", seen=False)
    with _package(data) as package:
        names = set(package.namelist())
        if "content.xml" in names:
            if "META-INF/manifest.xml" in names:
                manifest = b"".join(_pieces(package, "META-INF/manifest.xml", 64 << 20))
                if b"encryption-data" in manifest:
                    raise InputError("is protected by a password; save it without one")
            return _open_ods(package)
        for part in names:
            if re.fullmatch(r"xl/(?:sharedStrings|styles)\.(?:xml|bin)", part):
                for _ in _pieces(package, part, MAX_STRINGS):
                    pass
        if "xl/workbook.bin" in names:
            return _open_xlsb(package)
        if "xl/workbook.xml" not in names:
            raise InputError("is not a spreadsheet; save it as .xlsx, .ods or CSV")
        return _open_xlsx(package)


def look_into(data: bytes, workbook: Workbook, sheet: str, index: int) -> None:
    """Note the errors and merged cells of one sheet; raises InputError if it is too large."""
    for what, cell in workbook.notes.get(index, ()):
        if what == "merged":
            workbook.merged.append(cell)
        elif what == "uncalculated":
            workbook.uncalculated.append(cell)
        else:
            workbook.errors.append((cell, what))
    if workbook.kind != "xlsx":
        return
    with _package(data) as package:
        parts = _parts_of(package)
        if sheet in parts:
            _scan_xlsx(package, parts[sheet], workbook)
            workbook.empty = frozenset(n for n, p in parts.items() if n != sheet and not _has_cells(package, p))


def _package(data: bytes) -> zipfile.ZipFile:
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise InputError("is not a spreadsheet; save it as .xlsx, .ods or CSV") from error
    names = package.namelist()
    if len(set(names)) != len(names) or len(names) > 100_000:
        raise InputError("is a package with two parts of one name, or too many; save it anew")
    return package


def _pieces(package: zipfile.ZipFile, part: str, most: int) -> Iterator[bytes]:
    """Yield a part piece by piece; raises InputError if it is damaged, not text in UTF-8, or unpacks to too much."""
    try:
        info = package.getinfo(part)
        if info.file_size > most or (info.file_size > 256 << 20 and info.file_size > 500 * info.compress_size):
            raise InputError(f"{part} unpacks to {info.file_size >> 20:,} MiB, which is too large; {_TOO_LARGE}")
        with package.open(info) as stream:
            while piece := stream.read(_PIECE):
                if stream.tell() == len(piece) and piece.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
                    raise InputError(f"{part} is not written in UTF-8; save the workbook anew")
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError, OSError) as error:
        raise InputError(f"{part} is damaged or missing; save the workbook anew") from error


def _read_xml(
    package: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    most: int = 64 << 20,
) -> None:
    """Parse a part as XML, with names without their prefixes; raises InputError if it is none."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise InputError(f"{part} declares a document type, which spreadsheets do not have; save the workbook anew")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, found: start(name.rpartition(":")[2], found)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    try:
        for piece in _pieces(package, part, most):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise InputError(f"{part} is not XML: {error}; save the workbook anew") from error


# --- .xlsx


def _open_xlsx(package: zipfile.ZipFile) -> Workbook:
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

    _read_xml(package, "xl/workbook.xml", start)
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

    _read_xml(package, "xl/_rels/workbook.xml.rels", relation)
    _read_xml(package, "xl/workbook.xml", sheet)
    return {name: targets[key] for name, key in wanted.items() if key in targets}


def _has_cells(package: zipfile.ZipFile, part: str) -> bool:
    """Tell whether a sheet has any value, by its first pieces."""
    try:
        for count, piece in enumerate(_pieces(package, part, MAX_PART)):
            if re.search(rb"<(?:\w+:)?(?:v|is)\b", piece) or count > 8:
                return True
    except InputError:
        return True
    return False


_CELL: Final = rb"<(?:\w+:)?c\b"
_REFERENCE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']")
_FAILED: Final = re.compile(_CELL + rb"([^>]*\bt\s*=\s*[\"']e[\"'][^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FORMULA: Final = re.compile(
    _CELL + rb"([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>([^<]{0,3})</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_UNUSUAL: Final = re.compile(rb"\br\s*=\s*[\"']&|" + _CELL + rb"(?![^>]*\br\s*=)")
_MERGED: Final = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref\s*=\s*[\"']([A-Za-z0-9:]+)[\"']")


def _scan_xlsx(package: zipfile.ZipFile, part: str, workbook: Workbook) -> None:
    rest = b""
    columns = rows = zeros = formulas = 0
    suspicious = False
    for piece in _pieces(package, part, MAX_PART):
        held = rest + piece
        stop = max(held.rfind(b"</row>") + 6, held.rfind(b":row>") + 5, held.rfind(b"</c>") + 4, held.rfind(b":c>") + 3)
        stop = stop if stop > 6 else 0
        if len(held) - stop > MAX_ROW:
            raise InputError(f"{part} has a cell of more than {MAX_ROW >> 20} MiB; {_TOO_LARGE}")
        chunk, rest = held[:stop], held[stop:]
        columns, rows = _reach(chunk, columns, rows)
        suspicious = suspicious or b"<!" in chunk or bool(_UNUSUAL.search(chunk))
        zeros, formulas = _note_cells(chunk, workbook, zeros, formulas)
    columns, rows = _reach(rest, columns, rows)
    _note_cells(rest, workbook, 0, 0)
    workbook.doubtful_formulas = workbook.doubtful_formulas and formulas > 0 and zeros == formulas
    for match in _MERGED.finditer(rest):
        if len(workbook.merged) < MOST:
            workbook.merged.append(match[1].decode())
    if suspicious or columns * rows > MAX_CELLS:
        _measure_xlsx(package, part)


def _reach(chunk: bytes, columns: int, rows: int) -> tuple[int, int]:
    """Return how far cells reach, in columns and rows: by the lengths of their names, and exactly if that is far."""
    wide, tall = 26, 9_999
    for letters, most in ((3, 16_384), (2, 702)):
        if re.search(rb"\br\s*=\s*[\"'][A-Za-z]{%d}[0-9]" % letters, chunk):
            wide = most
            break
    for digits in (7, 6, 5):
        if re.search(rb"\br\s*=\s*[\"'][A-Za-z]{0,3}[0-9]{%d}[\"']" % digits, chunk):
            tall = min(10**digits - 1, 1_048_576)
            break
    if max(wide, columns) * max(tall, rows) <= MAX_CELLS:
        return max(wide, columns), max(tall, rows)
    found = _REFERENCE.findall(chunk)
    wide = max((_column_number(c) for c in {c for c, _ in found}), default=1)
    tall = max((int(r) for r in {r for _, r in found}), default=1)
    lines = re.findall(rb"<(?:\w+:)?row\b[^>]*?\br\s*=\s*[\"']([0-9]+)", chunk)
    return max(wide, columns), max(tall, rows, *(int(r) for r in lines), 1)


def _column_number(letters: bytes | str) -> int:
    text = letters.decode() if isinstance(letters, bytes) else letters
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _measure_xlsx(package: zipfile.ZipFile, part: str) -> None:
    """Count how far the cells with a value reach; raises InputError if that is too far."""
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
                raise InputError(_too_far(far[0], far[1]))

    _read_xml(package, part, start, most=MAX_PART)


def _too_far(rows: int, columns: int) -> str:
    return f"its cells reach over {rows:,} rows and {columns:,} columns, too many to be read; {_TOO_LARGE}"


def _note_cells(chunk: bytes, workbook: Workbook, zeros: int, formulas: int) -> tuple[int, int]:
    """Note the cells that hold an error or a formula without a value; count formulas, and those whose value is 0."""
    if b'"e"' in chunk or b"'e'" in chunk:
        for match in _FAILED.finditer(chunk):
            value = re.search(rb"<(?:\w+:)?v>([^<]*)<", match[2])
            workbook.errors.append((_name_of(match[1]), value[1].decode("utf-8", "replace") if value else "an error"))
    if re.search(rb"<(?:\w+:)?f\b", chunk):
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


# --- .ods and .xlsb


def _open_ods(package: zipfile.ZipFile) -> Workbook:
    """Follow the tables of content.xml, where cells and rows are repeated by a number (ODF 1.3 part 3, 9.1)."""
    workbook = Workbook("ods")
    state = {"table": -1, "row": 0, "column": 0, "rows": 1, "far": 0, "last": 0, "cells": 0, "depth": 0}

    def start(name: str, found: dict[str, str]) -> None:
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
                    raise InputError(_too_far(state["last"], state["far"]))
                noted = workbook.notes.setdefault(state["table"], [])
                if len(noted) < MOST:
                    noted += _notes_of(keys, f"{_letters(state['column'])}{state['row'] + 1}")
            state["column"] += times

    def end(name: str) -> None:
        if name == "table":
            state["depth"] -= 1
        elif name == "table-row":
            state["row"] += state["rows"]

    _read_xml(package, "content.xml", start, end, most=MAX_PART)
    return workbook


def _times(found: dict[str, str], what: str) -> int:
    text = next((v for k, v in found.items() if k.rpartition(":")[2] == f"number-{what}-repeated"), "1")
    if not re.fullmatch("[0-9]{1,7}", text) or int(text) > 1 << 20:
        raise InputError(f"content.xml repeats {what} {text[:20]} times, which is too often; {_TOO_LARGE}")
    return int(text)


def _notes_of(keys: dict[str, str], place: str) -> Iterator[tuple[str, str]]:
    if "formula" in keys and not keys.get("value-type"):
        yield "uncalculated", place
    if [keys.get(f"number-{what}-spanned", "1") for what in ("columns", "rows")] != ["1", "1"]:
        yield "merged", place


def _letters(column: int) -> str:
    text, column = "", column + 1
    while column:
        column, left = divmod(column - 1, 26)
        text = chr(65 + left) + text
    return text


def _open_xlsb(package: zipfile.ZipFile) -> Workbook:
    """Measure all sheets of a binary workbook, whose failed formulas are not looked for."""
    workbook = Workbook("xlsb", seen=False)
    for part in package.namelist():
        if re.fullmatch(r"xl/worksheets/[^/]+\.bin", part):
            _measure_xlsb(b"".join(_pieces(package, part, MAX_PART // 4)))
    return workbook


def _measure_xlsb(data: bytes) -> None:
    """Follow the records of a binary sheet ([MS-XLSB] 2.1.4); raises InputError if its cells reach too far."""
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
                raise InputError(_too_far(tall, wide))
        at += length
