"""Infers how a delimited file is written: encoding, delimiter, quotes, and where header and rows begin.

In steps, on the first records of the file:

1. The encoding (`encodings`).
2. A first line `sep=;` names the delimiter, as spreadsheet programs write it.
3. Each delimiter and kind of quotes is tried; the one with the most records of one width is chosen.
4. The header is the first record that names nearly all columns; records before it are title rows or comments.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import BinaryIO, Final

from glocal_rdf.csvw.guess.encodings import HEAD_SIZE, guess_encoding
from glocal_rdf.csvw.guess.results import Doubt, Layout
from glocal_rdf.csvw.guess.words import NULL_MARKERS
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.tables.encodings import codec_name
from glocal_rdf.csvw.tables.tokenizer import Record, scan
from glocal_rdf.errors import TableError

__all__ = ["decode_head", "guess_layout", "place_header"]

_RECORDS: Final = 1000
_PREAMBLE: Final = 50
_QUOTES: Final[tuple[tuple[str | None, str | None], ...]] = (('"', '"'), (None, None), ('"', "\\"), ("'", "'"))
_SEP: Final = re.compile(r'\A"?sep=(?P<mark>[^\r\n"])"?(?=\r?\n|\Z)', re.IGNORECASE)
_DATA: Final = re.compile(
    r"[+-]?[0-9]+(?:[.,][0-9]+)*%?|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[T ][0-9:.Z+-]*)?"
    r"|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?|https?://\S+|[^@\s]+@[^@\s]+\.[a-z]+",
    re.IGNORECASE,
)
_YEAR: Final = re.compile("[12][0-9]{3}")


def guess_layout(stream: BinaryIO, file: str, delimiter: str | None = None) -> Layout:
    """Return how a file is written.

    Args:
        stream: The file, at its start.
        file: Its name, for errors.
        delimiter: The delimiter that its ending stands for, if any.

    Raises:
        TableError: Where it cannot be read.
    """
    encoding, doubts, text = _decode(stream, file)
    sep = _SEP.match(text)
    marks = [sep["mark"]] if sep else [delimiter] if delimiter else []
    records, found = _records(text, [*marks, *(m for m in "\t;|," if m not in marks)], fixed=bool(sep))
    found = replace(found, encoding=encoding, doubts=tuple(doubts))
    if found.quote == "'" and "'" not in text:
        found = replace(found, quote=None, escape=None)  # the cells are the same without quotes
    if found.quote != '"' and '"' in text:
        reason = (
            "quotation marks are part of the text" if found.quote is None else f"cells are quoted with {found.quote}"
        )
        hint = 'check "quoteChar" in the dialect'
        found = replace(found, doubts=(*found.doubts, Doubt("layout", reason, hint, decided=True)))
    return place_header([r.cells for r in records], found, skip=1 if sep else 0, texts=[r.text for r in records])


def _decode(stream: BinaryIO, file: str) -> tuple[str, list[Doubt], str]:
    """Return the encoding, doubts about it, and the text of the first MiB, cut at the end of a line."""
    encoding, doubts, _ = guess_encoding(stream, file)
    stream.seek(0)
    try:
        return encoding, doubts, decode_head(stream, encoding)
    except UnicodeDecodeError as error:
        raise TableError.at(file, f"byte {error.start + 1} is not {encoding.upper()}", "save it as UTF-8") from error


def decode_head(stream: BinaryIO, encoding: str) -> str:
    """Return the text of the first MiB of a file, cut at the end of a line.

    Raises:
        UnicodeDecodeError: Where it is not text in the encoding.
    """
    head = stream.read(HEAD_SIZE)
    codec = encoding if encoding.startswith("utf-") else codec_name(encoding) or encoding
    text = codecs.getincrementaldecoder("utf-8-sig" if codec == "utf-8" else codec)().decode(head, final=False)
    if len(head) == HEAD_SIZE and "\n" in text:
        text = text[: text.rindex("\n") + 1]
    return text.removeprefix("\ufeff")


def _records(text: str, marks: Sequence[str], *, fixed: bool) -> tuple[list[Record], Layout]:
    """Return the records of a text by the delimiter and quotes with the most records of one width, and their layout."""
    for quote, escape in _QUOTES:
        best: tuple[tuple[float, int], list[Record], Layout] | None = None
        for mark in marks[:1] if fixed else marks:
            records = list(islice(scan(text, Dialect(delimiter=mark, quote=quote, escape=escape)), _RECORDS))
            if 1 < len(records) < _RECORDS and "never closes" in records[-1].fault and len(text) > HEAD_SIZE // 2:
                records.pop()  # the sample was cut inside quotes
            layout = Layout(delimiter=mark, quote=quote, escape=escape)
            width, regular = _usual_width(records)
            acceptable = (width > 1 or fixed) and regular > 0.5 and not _faults(records)
            if acceptable and (best is None or (regular, width) > best[0]):
                best = (regular, width), records, layout
        if best is not None and not (quote is None and _wrapped(best[1])):
            return best[1], best[2]
    mark = marks[0] if fixed else ","
    return list(islice(scan(text, Dialect(delimiter=mark)), _RECORDS)), Layout(delimiter=mark)


def _faults(records: Sequence[Record]) -> bool:
    """Return whether quotation marks are out of place; comments may have any."""
    return any(r.fault and not r.text.startswith("#") for r in records)


def _wrapped(records: Sequence[Record]) -> bool:
    """Return whether cells stand in quotation marks, so that these cannot be part of the text."""
    return any(len(c) > 1 and c[0] == c[-1] == '"' for r in records for c in r.cells)


def _usual_width(records: Sequence[Record]) -> tuple[int, float]:
    """Return the width that most records have, and the part of all that have it; blank ones and comments do not count.

    Records before the first of that width may be titles: where all after it have that width, half of all is enough.
    """
    kept = [len(r.cells) for r in records if any(r.cells) and not (len(r.cells) == 1 and r.text.startswith("#"))]
    kept = kept or [len(r.cells) for r in records if any(r.cells)]
    width, count = max(Counter(kept).items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(0, 0))
    part = count / max(len(kept), 1)
    if part <= 0.5 and count > 1 and all(k == width for k in kept[kept.index(width) :]):
        part = 0.51
    return width, part


def place_header(
    rows: Sequence[tuple[str, ...]], layout: Layout, *, skip: int = 0, texts: Sequence[str] | None = None
) -> Layout:
    """Return a layout with the header among the first rows; title rows, comments and blank rows before are skipped.

    Args:
        rows: The first rows.
        layout: The layout, without a header.
        skip: How many of the rows are none of the table.
        texts: The rows as written in the file, where it is delimited text.
    """
    widths = Counter(len(r) for r in rows[skip:] if any(r))
    width = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))[0]
    full = [(i, r) for i, r in enumerate(rows) if i >= skip and len(r) == width and any(r)]
    if not full:
        return replace(layout, skip_rows=skip)
    counts = sorted(sum(map(bool, r)) for _, r in full[1:]) or [width]
    used = max(counts[len(counts) // 2], (max(sum(map(bool, r)) for _, r in full) + 1) // 2)
    first = next((i for i, r in full[:_PREAMBLE] if _names_columns(r, used)), full[0][0])
    if width == 1:
        first = _first_of_one_column(rows, skip)
    tail = [r for i, r in full if i >= first]
    before = first - 1 if first > skip and len(rows[first - 1]) == width and any(rows[first - 1]) else None
    header_rows = 1
    if before is not None and _is_data(tail):
        first = before  # a header that leaves columns without a name
    elif before is not None and sum(map(bool, rows[before])) > 1:
        first, header_rows = before, 2 if _words_above_numbers(tail) else 1
    elif _is_second_header(tail):
        header_rows = 2
    if header_rows == 1 and first > skip and _completes(rows[first - 1], rows[first]):
        first, header_rows = first - 1, 2  # cells of the first row span columns, or both rows
    doubts = list(layout.doubts)
    above = [i for i in range(skip, first) if any(rows[i])]
    if header_rows == 2:
        reason = "the header takes two rows"
        shown = tuple(t for t in rows[first] if t)[:3]
        doubts.append(Doubt("layout", reason, 'check "headerRowCount" in the dialect', "", shown, decided=True))
    elif before is None and _is_data(tail):
        header_rows = 0
        hint = 'name the columns, or remove "header" from the dialect if the first row is one'
        doubts.append(
            Doubt("layout", "the first row looks like data, not like a header", hint, "", rows[first][:3], decided=True)
        )
    comments = (
        texts is not None
        and bool(above)
        and all(texts[i].startswith("#") for i in above)
        and not texts[first].startswith("#")
    )
    preamble = first
    if above and not comments:
        shown = tuple(next(c for c in rows[i] if c) for i in above[:3])
        called = "1 row before the header is" if len(above) == 1 else f"{len(above)} rows before the header are"
        hint = 'check "skipRows" in the dialect, and keep their text as a title or note'
        doubts.append(Doubt("layout", f"{called} skipped", hint, "", shown, decided=True))
    if comments and all(texts is not None and texts[i].startswith("#") for i in range(skip, first)):
        first = skip
    return replace(
        layout,
        skip_rows=first,
        preamble=preamble,
        header_rows=header_rows,
        groups=_spread(rows[preamble], rows[preamble + 1]) if header_rows == 2 else (),
        comment_prefix="#" if comments else None,
        doubts=tuple(doubts),
    )


def _names_columns(row: tuple[str, ...], used: int) -> bool:
    """Return whether a row names the columns: nearly all that are used, or all but the first (row names)."""
    filled = sum(map(bool, row))
    if filled >= used or (not row[0] and filled == len(row) - 1):
        return True
    return filled > 1 and filled >= 0.75 * used


def _completes(above: tuple[str, ...], below: tuple[str, ...]) -> bool:
    """Return whether a row names the columns that the header below it leaves without a name."""
    blank = [i for i, cell in enumerate(below) if not cell]
    return len(above) == len(below) and 0 < len(blank) < len(below) and all(above[i] for i in blank)


def _spread(above: tuple[str, ...], below: tuple[str, ...]) -> tuple[str, ...]:
    """Return the text over each title of the second row of a header; a blank cell continues the one to its left."""
    groups, last = [], ""
    for i, title in enumerate(below):
        last = (above[i] if i < len(above) else "") or last
        groups.append(last if title else "")
    return tuple(groups)


def _first_of_one_column(rows: Sequence[tuple[str, ...]], skip: int) -> int:
    """Return where a table of one column begins: after comments that are marked as such, with a space."""
    for i, row in enumerate(rows[skip:], skip):
        if any(row) and not row[0].startswith("# "):
            return i
    return skip


def _words_above_numbers(rows: Sequence[tuple[str, ...]]) -> frozenset[int]:
    """Return the columns in which the first row has a word, and all rows below a number, a date or nothing."""
    first, below = rows[0], rows[1:]
    found = set()
    for i, cell in enumerate(first):
        filled = [r[i] for r in below if r[i]]
        if (
            cell
            and cell not in NULL_MARKERS
            and not _DATA.fullmatch(cell)
            and filled
            and all(map(_DATA.fullmatch, filled))
        ):
            found.add(i)
    return frozenset(found)


def _is_second_header(rows: Sequence[tuple[str, ...]]) -> bool:
    """Return whether the second row belongs to the header: words above numbers, and nothing else, as in a row of units.

    A row of data has other cells as well: the row belongs to the header only if no other cell is filled.
    """
    if len(rows) < 4 or any(_DATA.fullmatch(c) for c in rows[0] if c and not _YEAR.fullmatch(c)):
        return False
    words = _words_above_numbers(rows[1:])
    return (
        bool(words)
        and all((i in words) == bool(c) for i, c in enumerate(rows[1]))
        and all(not re.search("[0-9]", rows[1][i]) for i in words)
    )


def _is_data(rows: Sequence[tuple[str, ...]]) -> bool:
    """Return whether the first row is data: it has numbers, dates or addresses where the rows below have them."""
    first, below = rows[0], rows[1:]
    if not below:
        return sum(bool(_DATA.fullmatch(c)) and not _YEAR.fullmatch(c) for c in first) > len(first) / 2
    alike = []
    for i, cell in enumerate(first):
        shape = _YEAR if _YEAR.fullmatch(cell) else _DATA
        filled = [r[i] for r in below if r[i]]
        if shape.fullmatch(cell) and filled and sum(bool(shape.fullmatch(c)) for c in filled) >= 0.8 * len(filled):
            alike.append(cell)
    numbers = [int(c) for c in alike if c.isascii() and c.isdigit()]
    years = all(_YEAR.fullmatch(c) for c in alike)
    sequence = len(numbers) > (1 if years else 2) and all(b - a == 1 for a, b in itertools.pairwise(numbers))
    named = len(alike) < len(first) or years
    return bool(alike) and not (sequence and len(numbers) == len(alike) and named)
