"""Recognizes by its first bytes a file that is not delimited text: compressed, a workbook, RDF, a web page, JSON.

Such a file is refused with one error that names its format and a hint, not with one for each of its rows.
"""

from __future__ import annotations

import re
from typing import Final

from glocal_rdf.csvw.problems import ProblemCollector

__all__ = ["refuse_by_ending", "refuse_other_formats"]

_LEADING: Final = 64 << 10
_UNPACK: Final = "unpack it, and name the file that comes out"
_MAGIC: Final = (
    (b"\x1f\x8b", "is compressed (gzip)", _UNPACK),
    (b"BZh", "is compressed (bzip2)", _UNPACK),
    (b"\xfd7zXZ\x00", "is compressed (xz)", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "is compressed (zstd)", _UNPACK),
    (b"\x04\x22\x4d\x18", "is compressed (lz4)", _UNPACK),
    (b"\x1f\x9d", "is compressed (compress)", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "is an archive (7z)", _UNPACK),
    (b"Rar!\x1a\x07", "is an archive (rar)", _UNPACK),
    (b"%PDF-", "is a PDF file", "save its table as CSV"),
    (b"PAR1", "is a Parquet file", "give its name the ending .parquet"),
    (b"ARROW1\0", "is an Arrow file", "save it as Parquet or CSV"),
    (b"SQLite format 3\0", "is an SQLite database", "export its table as CSV"),
    (b"\x89PNG\r\n", "is a picture (PNG)", "name a table"),
    (b"\xff\xd8\xff", "is a picture (JPEG)", "name a table"),
    (b"GIF8", "is a picture (GIF)", "name a table"),
    (b"\x7fELF", "is a program", "name a table"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook or document (Office 97)", "save it as .xlsx or as CSV"),
    (b"{\\rtf", "is a document (RTF)", "save its table as CSV"),
)
_ZIPPED: Final = (
    (b"xl/", "is an Excel workbook", "give its name the ending .xlsx"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "is a spreadsheet", "give its name the ending .ods"),
    (b"word/", "is a Word document", "save its table as CSV"),
    (b"[Content_Types].xml", "is an Office document", "if it is a workbook, give its name the ending .xlsx"),
)
_COMMENTS: Final = rb"\s*(?:#[^\n]*\n\s*)*"
_MARKUP: Final = re.compile(
    rb"\s*<(?:\?xml\b|!doctype\b|!--|html\b|head\b|body\b|rdf:RDF\b|svg\b)|\s*<[a-z][\w:.-]*(?:\s[^<>]*)?>\s*<", re.I
)
_TURTLE: Final = re.compile(
    _COMMENTS + rb"(?:@(?:prefix|base)\s+[^\n]*<|(?:prefix\s+[^\s:,;]*:|base)\s*<[^<>\s]*>)", re.I
)
_NTRIPLES: Final = re.compile(
    _COMMENTS + rb"(?:<[a-z][a-z0-9+.-]*:[^<>\s]*>|_:[^\s,;]+)[ \t]+<[^<>\s]+>[ \t]+[<_\"][^\n]*\.[ \t]*\r?(?:\n|\Z)",
    re.I,
)
_JSON: Final = re.compile(rb"\s*(?:\{\s*(?:\"[^\"\n]*\"\s*:|\}\s*$)|\[\s*(?:\{|\[|\]\s*$))")
_RDF_ENDINGS: Final = (".ttl", ".nt", ".nq", ".trig", ".n3", ".rdf", ".owl")


def refuse_other_formats(start: bytes, problems: ProblemCollector) -> None:
    """Refuse a file whose first bytes are those of another format.

    Raises:
        TableError: With one line that names the format.
    """
    for magic, what, hint in _MAGIC:
        if start.startswith(magic):
            problems.fail("format", f"{what}, not delimited text", hint)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        for part, what, hint in _ZIPPED:
            if part in start:
                problems.fail("format", f"{what}, not delimited text", hint)
        problems.fail("format", "is compressed (zip), not delimited text", _UNPACK)
    if start[257:262] == b"ustar":
        problems.fail("format", "is an archive (tar), not delimited text", _UNPACK)
    text = start[:_LEADING].removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(text):
        problems.fail("format", "is a web page or another XML document, not delimited text", "save its table as CSV")
    if _TURTLE.match(text) or _NTRIPLES.match(text):
        problems.fail("format", "is RDF already (Turtle or N-Triples), not delimited text", "name a table")
    if _JSON.match(text):
        hint = "if it is a description, give its name the ending .json"
        problems.fail("format", "is JSON, not delimited text", hint)


def refuse_by_ending(path: str, problems: ProblemCollector) -> None:
    """Refuse a file whose name ends as one of RDF.

    Raises:
        TableError: Where it does.
    """
    for ending in _RDF_ENDINGS:
        if path.lower().endswith(ending):
            problems.fail(
                "format", f"is RDF by its name ({ending}), not a table", "name a CSV, TSV or spreadsheet file"
            )
