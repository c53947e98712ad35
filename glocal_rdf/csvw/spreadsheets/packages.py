"""Opens the package of a workbook within limits: its parts as streams, and as XML.

Nothing is unpacked whole, entities are refused, and a part that is damaged or too large raises InputError.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal
from xml.parsers import expat

from glocal_rdf.csvw.spreadsheets.tallies import Tally
from glocal_rdf.errors import InputError

__all__ = [
    "MAX_CELLS",
    "MAX_FILE",
    "MAX_NOTES",
    "MAX_PART",
    "MAX_ROW",
    "MAX_STRINGS",
    "MAX_TEXT",
    "TOO_LARGE",
    "Kind",
    "Workbook",
    "column_letters",
    "open_package",
    "read_pieces",
    "read_xml",
    "too_far_message",
]

Kind = Literal["xlsx", "xlsb", "xls", "ods"]

MAX_FILE: Final = 1 << 30
MAX_PART: Final = 4 << 30
MAX_STRINGS: Final = 1 << 30
MAX_CELLS: Final = 50_000_000
MAX_TEXT: Final = 2 << 30
MAX_ROW: Final = 64 << 20
MAX_NOTES: Final = 1000
"""How many cells of each kind are noted."""
_PIECE: Final = 1 << 20
TOO_LARGE: Final = "save the sheet again without far or repeated cells, or as CSV"


@dataclass
class Workbook:
    """The properties of a workbook. Cells are named as in spreadsheets (B7).

    `notes` are those of all sheets, where they are read together: what is noted ("merged", "uncalculated" or an error),
    the cell, and what is read of it.
    """

    kind: Kind
    sheets: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    since_1904: bool = False
    errors: list[tuple[str, str, str]] = field(default_factory=list)  # the cell, its error, and what is read of it
    uncalculated: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    doubtful_formulas: bool = False
    longest: int = 0  # the length of the longest text that cells share
    notes: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)
    tally: Tally | None = None  # the cells of the sheet below its header, where they can be counted
    head: bytes | None = None  # the XML of the sheet to the end of its header, where it begins in the first column
    part: str = ""  # the part of the package that is the sheet
    seen: bool = True  # False: failed formulas cannot be seen in this format


def open_package(data: bytes) -> zipfile.ZipFile:
    """Return an open package.

    Raises:
        InputError: Where it is not one, or has two parts of one name.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise InputError("is not a spreadsheet; save it as .xlsx, .ods or CSV") from error
    names = package.namelist()
    if len(set(names)) != len(names) or len(names) > 100_000:
        raise InputError("is a package with two parts of one name, or too many; save it again")
    return package


def read_pieces(package: zipfile.ZipFile, part: str, most: int) -> Iterator[bytes]:
    """Yield a part piece by piece.

    Args:
        package: The package.
        part: The name of the part.
        most: The bytes that it may unpack to.

    Raises:
        InputError: Where it is damaged, not text in UTF-8, or unpacks to too much.
    """
    try:
        info = package.getinfo(part)
        if info.file_size > most or (info.file_size > 256 << 20 and info.file_size > 500 * info.compress_size):
            raise InputError(f"{part} unpacks to {info.file_size >> 20:,} MiB, which is too large; {TOO_LARGE}")
        with package.open(info) as stream:
            while piece := stream.read(_PIECE):
                if stream.tell() == len(piece) and piece.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
                    raise InputError(f"{part} is not written in UTF-8; save the workbook again")
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError, OSError) as error:
        raise InputError(f"{part} is damaged or missing; save the workbook again") from error


def read_xml(
    package: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    most: int = 64 << 20,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse a part as XML, with names without their prefixes.

    Args:
        package: The package.
        part: The name of the part.
        start: Called with the name and the attributes of each element where it starts.
        end: Called with its name where it ends.
        most: The bytes that the part may unpack to.
        text: Called with the text between tags.

    Raises:
        InputError: Where it is not XML, or declares a document type.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise InputError(f"{part} declares a document type, which spreadsheets do not have; save the workbook again")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, found: start(name.rpartition(":")[2], found)
    if text is not None:
        parser.CharacterDataHandler = text
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    try:
        for piece in read_pieces(package, part, most):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError) as error:
        raise InputError(f"{part} is not XML: {error}; save the workbook again") from error


def column_letters(place: int) -> str:
    """Return the letters of a column by its position.

    Examples:
        >>> [column_letters(place) for place in (0, 25, 26)]
        ['A', 'Z', 'AA']
    """
    text, place = "", place + 1
    while place:
        place, left = divmod(place - 1, 26)
        text = chr(65 + left) + text
    return text


def too_far_message(rows: int, columns: int) -> str:
    """Return the message for a sheet whose cells reach over too many rows and columns."""
    return f"its cells reach over {rows:,} rows and {columns:,} columns, too many to be read; {TOO_LARGE}"
