"""Cuts the first rows of a sheet (.xlsx) into a workbook of their own, so that a header is read without the rest."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from glocal_rdf.csvw.spreadsheets.packages import MAX_STRINGS, column_letters, open_package, read_pieces

__all__ = ["cut_rows", "pack_rows"]

_ROW: Final = re.compile(rb"<row\b([^<>]*)>")
_NUMBER: Final = re.compile(rb'\sr="([0-9]{1,7})"')
_IN_FIRST_COLUMN: Final = re.compile(rb'<c r="A[0-9]+"[^<>/]*><v>[^<]')
_SHARED: Final = re.compile(rb't="s"[^<>]*><v>([0-9]+)</v>')
_STRINGS: Final = "xl/sharedStrings.xml"
_COPIED: Final = (
    "[Content_Types].xml",
    "_rels/.rels",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
)


def cut_rows(chunk: bytes, rows: int) -> bytes | None:
    """Return the XML of a sheet up to the end of its first rows.

    Returns None where that is not in the first piece of the XML, where rows have no number, or where it is not certain
    that the sheet begins in its first column.
    """
    if b"<!" in chunk or not _IN_FIRST_COLUMN.search(chunk):
        return None
    for row in _ROW.finditer(chunk):
        number = _NUMBER.search(row[1])
        if number is None:
            return None
        if int(number[1]) > rows:
            return chunk[: row.start()]
    return None


def pack_rows(data: bytes, part: str, head: bytes, rows: int, width: int) -> bytes | None:
    """Return a workbook of the first rows of a sheet, and one row more that is as wide as the sheet.

    Args:
        data: The workbook that the sheet is in.
        part: The part of the sheet.
        head: What `cut_rows` returned for it.
        rows: How many rows these are, the empty ones included.
        width: How many columns the whole sheet has.

    Returns:
        The package, or None where the sheet is not written as is usual.
    """
    last = "".join(f'<c r="{column_letters(c)}{rows + 1}"><v>0</v></c>' for c in sorted({0, width - 1}))
    out = io.BytesIO()
    with open_package(data) as package, zipfile.ZipFile(out, "w") as cut:
        names = set(package.namelist())
        if b"<sheetData>" not in head or not names.issuperset(_COPIED[:4]):
            return None
        for name in filter(names.__contains__, _COPIED):
            cut.writestr(name, b"".join(read_pieces(package, name, MAX_STRINGS)))
        if _STRINGS in names:
            cut.writestr(_STRINGS, _first_strings(package, 1 + max(map(int, _SHARED.findall(head)), default=0)))
        cut.writestr(part, head + f'<row r="{rows + 1}">{last}</row></sheetData></worksheet>'.encode())
    return out.getvalue()


def _first_strings(package: zipfile.ZipFile, count: int) -> bytes:
    """Return the shared strings up to one of them, or all of them where they end before."""
    held = b""
    ends = 0
    for piece in read_pieces(package, _STRINGS, MAX_STRINGS):
        ends += (held[-4:] + piece).count(b"</si>")
        held += piece
        if ends >= count:
            break
    else:
        return held
    place = 0
    for _ in range(count):
        place = held.index(b"</si>", place) + 5
    return held[:place] + b"</sst>"
