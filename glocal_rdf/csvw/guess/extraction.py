"""Extracts the tables of a file of any kind, as text: headers, rows, and the notes above and below each table.

1. The sheets of a workbook, or the tables of a database, are listed; any other file is one table.
2. The layout is inferred (`layout`). Rows before the header become notes; a row of headings over several columns is
   joined with the header.
3. Rows after the last that belong to the table, with one cell that reads like a note, become notes too.
4. Names, datatypes, languages and the key are inferred from the other rows, whose cells stay as they are written.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from glocal_rdf.csvw.guess.columns import guess_column, guess_key, guess_languages, name_columns
from glocal_rdf.csvw.guess.description import as_dialect, read_by_layout
from glocal_rdf.csvw.guess.layout import decode_head, guess_layout
from glocal_rdf.csvw.guess.results import Doubt, Guess, Layout
from glocal_rdf.csvw.metadata.model import Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.spreadsheets.databases import DATABASES, read_database
from glocal_rdf.csvw.spreadsheets.reader import SheetReader
from glocal_rdf.csvw.spreadsheets.workbooks import open_workbook
from glocal_rdf.csvw.table_readers import open_table
from glocal_rdf.csvw.tables.resources import SPREADSHEETS, Access, is_sheet
from glocal_rdf.csvw.tables.tokenizer import scan
from glocal_rdf.errors import Problem, TableError

__all__ = ["TABLE_FILES", "ExtractedTable", "extract_tables"]

TABLE_FILES: Final = (".csv", ".tsv", ".tab", ".txt", *SPREADSHEETS, ".parquet", *DATABASES)
"""The endings of the files that tables are extracted from."""

_NOTE: Final = re.compile(
    r"(?i)\s*(?:[*†‡§¹²³※#©]|\([a-z0-9*]\)|\(?c\)|(?:foot)?notes?\b|sources?\b|remarks?\b|explanations?\b|legend\b|stand\b"
    r"|quellen?\b|anm(?:erkung(?:en)?)?\b|hinweise?\b|erläuterung|fuentes?\b|notas?\b|fonti?\b|fonte\b|nota\b|remarques?\b"
    r"|l[ée]gende\b|last updated|updated\b|data as of|as of\b|註|注[:：1-9]|备注|備註|資料來源|资料来源|來源|说明|說明)"
)
_TOTAL: Final = re.compile(
    r"(?i)(?:grand )?(?:sub)?(?:totals?|sum|summe|gesamt(?:summe)?|insgesamt|somme|totaux|suma|totale|totaal|all)\s*:?"
    r"|合計|總計|总计|小計|小计|合计|計"
)
MIN_TOTAL: Final = 3
"""How many rows a table has at least for its last to be a total."""
_SPAN: Final = re.compile(r"(?P<left>[A-Z]+)(?P<row>[0-9]+):(?P<right>[A-Z]+)(?P=row)")
_TAIL: Final = 1 << 16
MAX_HEADING: Final = 40
"""How long a heading over several columns may be; longer texts are notes."""
MAX_NOTES: Final = 50
"""How many rows above or below a table may be notes."""


@dataclass(frozen=True, slots=True)
class ExtractedTable:
    """A table of a file.

    Attributes:
        file: The file, as it was named.
        name: The name of the sheet or of the table of the database; empty where the file is one table.
        columns: What was inferred about each column; `titles` is one text, in which the rows of the header are joined.
        cells: The cells as they are written, by the names of the columns.
        key: The column that identifies the rows, if any.
        above: The texts of the rows above the header.
        below: The texts of the rows below the table.
        layout: How the file is written.
        doubts: What is left for a person to decide about the table as a whole; those of columns are in `columns`.
        foreign_keys: The references that a database declares: columns, the other table, its columns.
        problems: What the reader reports, such as formulas that failed.
        blank: How many rows without any cell were left out.
    """

    file: str
    name: str
    columns: tuple[Guess, ...]
    cells: pl.DataFrame
    key: str | None = None
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    layout: Layout = field(default_factory=Layout)
    doubts: tuple[Doubt, ...] = ()
    foreign_keys: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    blank: int = 0


def extract_tables(path: Path) -> tuple[ExtractedTable, ...]:
    """Return the tables of a file: all sheets of a workbook that are not hidden or empty, all tables of a database.

    Raises:
        InputError: Where there is no such file.
        TableError: Where a table cannot be read.
    """
    lowered = path.name.lower()
    if lowered.endswith(DATABASES):
        return tuple(_describe_stored(str(path), *found) for found in read_database(path))
    if not lowered.endswith(SPREADSHEETS):
        return (_extract(path, "", ()),)
    access = Access.to(path)
    resource = access.open(access.url)
    with resource.stream:
        layout = as_dialect(Layout(header_rows=0))
        first = SheetReader(resource, layout, ProblemCollector(str(path)), typed=False)
    hidden = open_workbook(path.read_bytes()).hidden
    names = [name for name in (first.sheet, *first.unread) if name not in hidden] or [first.sheet]
    tables = [_extract(path, name, ()) for name in names]
    found = tuple(t for t in tables if t.cells.height and t.cells.width > 1) or tuple(
        t for t in tables if t.cells.height
    )
    left = [t.name for t in tables if not any(t is one for one in found)]
    seen = (name for name in hidden if name not in names)
    if not found:
        raise TableError.at(str(path), "has no sheet with a table", "a table has a header and rows below it")
    what = [f"the sheet {name!r} is not a table, and is left out" for name in left]
    what += [f"the sheet {name!r} is hidden, and is left out" for name in sorted(seen)]
    notes = [Problem(str(path), one, "", "sheets", "warning", str(path)) for one in what]
    return (replace(found[0], problems=(*found[0].problems, *notes)), *found[1:])


def _describe_stored(
    file: str,
    name: str,
    cells: pl.DataFrame,
    kinds: Sequence[str],
    key: str | None,
    keys: Sequence[tuple[str, str, str]],
) -> ExtractedTable:
    """Return a table of a database, whose columns have names and kinds already."""
    titles = [(title,) for title in cells.columns]
    names = name_columns(titles)
    renamed = dict(zip(cells.columns, names, strict=True))
    cells = cells.rename(renamed)
    guesses = _guess(names, titles, cells, ",", kinds)
    columns = [cells[n] for n in names]
    chosen = renamed[key] if key else guess_key(guesses, columns)
    own = tuple((renamed[column], other, target) for column, other, target in keys)
    return ExtractedTable(file, name, tuple(guesses), cells, chosen, foreign_keys=own)


def _guess(
    names: Sequence[str], titles: Sequence[tuple[str, ...]], cells: pl.DataFrame, delimiter: str, kinds: Sequence[str]
) -> list[Guess]:
    """Return the guess for each column, from cells without the white space around them."""
    stripped = [cells[n].str.strip_chars() for n in names]
    guesses = [
        guess_column(n, texts, column, delimiter, kinds[i] if i < len(kinds) else "")
        for i, (n, texts, column) in enumerate(zip(names, titles, stripped, strict=True))
    ]
    return guess_languages(guesses, stripped)


def _extract(path: Path, sheet: str, notes: tuple[str, ...]) -> ExtractedTable:
    """Return one table of a file; `notes` are lines that were cut off below it."""
    access = Access.to(f"{path}#sheet={sheet}") if sheet else Access.to(path)
    shown = f"{path}#sheet={sheet}" if sheet else str(path)
    try:
        layout, _, _ = read_by_layout(access, shown)
    except TableError:
        if is_sheet(access.url) or notes or (cut := _cut_notes(path)) is None:
            raise
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.name
            copy.write_bytes(cut[0])
            return replace(_extract(copy, "", cut[1]), file=str(path))
    problems = ProblemCollector(shown)
    resource = access.open(f"{access.url}#{access.fragment}" if access.fragment else access.url)
    with resource.stream:
        dialect = replace(as_dialect(layout), trim="false")
        reader = open_table(resource, Table(resource.url, dialect=dialect, dialect_given=True), problems)
        batches = list(reader.batches())
    empty = pl.DataFrame(schema={str(i): pl.String for i in range(reader.width or 0)})
    cells = pl.concat([b.cells for b in batches]) if batches else empty
    cells = cells.select(pl.all().cast(pl.String))
    lines = pl.concat([b.lines for b in batches]) if batches else pl.Series([], dtype=pl.Int64)
    kinds = list(reader.kinds) if isinstance(reader, SheetReader) else []
    titles = [" ".join(t).strip() for t in reader.head.titles]
    titles += [""] * (cells.width - len(titles))
    above, titles = _join_headings(*_read_top(access, layout, reader), layout, titles)
    cells, titles, kinds = _drop_empty_columns(cells, titles, kinds)
    blank = cells.select(pl.all_horizontal(pl.all().str.strip_chars() == "")).to_series() if cells.width else None
    if blank is not None and blank.any():
        cells, lines = cells.filter(~blank), lines.filter(~blank)
    cells, below = _split_notes(cells, lines)
    if below and kinds:
        kinds = ["" if kind == "string" else kind for kind in kinds]
    names = name_columns([(title,) if title else () for title in titles])
    joined = _unique([title or name for title, name in zip(titles, names, strict=True)])
    cells = cells.rename(dict(zip(cells.columns, names, strict=True)))
    guesses = _guess(names, [(title,) for title in joined], cells, layout.delimiter, kinds)
    key = guess_key(guesses, [cells[n] for n in names]) if cells.height else None
    doubts = [d for d in layout.doubts if not re.match(r"[0-9]+ rows? before the header", d.reason)]
    doubts += [*_doubt_headers(titles, joined), *_doubt_total(cells)]
    # Without a comment prefix the comments of the reader are the rows before the header.
    found = (*reader.head.comments, *reader.comments) if layout.comment_prefix else ()
    comments = tuple(dict.fromkeys(c.lstrip("# ").strip() for c in found))
    return ExtractedTable(
        str(path),
        sheet,
        tuple(guesses),
        cells,
        key,
        tuple(n for n in (*above, *comments) if n),
        (*below, *notes),
        layout,
        tuple(doubts),
        problems=tuple(p for p in problems.all() if p.kind != "sheets"),
        blank=reader.counts.blank + (0 if blank is None else int(blank.sum())),
    )


def _doubt_headers(titles: Sequence[str], joined: Sequence[str]) -> Iterator[Doubt]:
    """Yield doubts, which are decided, about columns that have no header, or that of another column."""
    unnamed = tuple(new for old, new in zip(titles, joined, strict=True) if not old)
    if unnamed and len(unnamed) < len(titles):
        what = "a column has no header" if len(unnamed) == 1 else f"{len(unnamed)} columns have no header"
        yield Doubt("layout", f"{what}, and got one", "name it in the table", "", unnamed[:3], decided=True)
    again = tuple(new for old, new in zip(titles, joined, strict=True) if old and old != new)
    if again:
        reason = "a header occurs more than once; the later ones have a number"
        yield Doubt("layout", reason, "name the columns differently", "", again[:3], decided=True)


def _doubt_total(cells: pl.DataFrame) -> Iterator[Doubt]:
    """Yield a doubt about a last row that looks like a total of the rows above."""
    if cells.height < MIN_TOTAL or cells.width < 2:
        return
    texts = [c.strip() for c in cells.row(-1)]
    first = next((t for t in texts if t), "")
    if _TOTAL.fullmatch(first) and not any(_TOTAL.fullmatch(c.strip()) for c in cells[cells.columns[0]][:-1]):
        hint = "leave it out of the table if it is one: it is no thing of its own"
        yield Doubt("total", "the last row looks like a total", hint, "", tuple(t for t in texts if t)[:3])


def _unique(titles: Sequence[str]) -> list[str]:
    """Return titles of which none occurs twice: a second "Name" becomes "Name 2"."""
    taken: set[str] = set()
    out = []
    for title in titles:
        one, number = title, 2
        while one in taken:
            one, number = f"{title} {number}", number + 1
        taken.add(one)
        out.append(one)
    return out


def _read_top(access: Access, layout: Layout, reader: object) -> tuple[list[tuple[str, ...]], dict[int, int] | None]:
    """Return the rows to the end of the header, and how many columns the merged cells above its last row cover.

    The latter by the position of the first of the columns; None where it is not known.
    """
    count = layout.skip_rows + layout.header_rows
    if not layout.skip_rows and layout.header_rows < 2:
        return [], None
    resource = access.open(f"{access.url}#{access.fragment}" if access.fragment else access.url)
    with resource.stream:
        if isinstance(reader, SheetReader):
            problems = ProblemCollector(resource.name)
            whole = SheetReader(resource, as_dialect(Layout(header_rows=0)), problems, typed=False)
            places = [place for cells in whole.merged if (place := _SPAN.fullmatch(cells))]
            spans = {
                _column_of(p["left"]): _column_of(p["right"]) - _column_of(p["left"]) + 1
                for p in places
                if int(p["row"]) == count - 1
            }
            return whole.first_rows(count), spans if access.url.lower().endswith((".xlsx", ".xlsm")) else None
        text = decode_head(resource.stream, layout.encoding)
    records = scan(text, replace(as_dialect(layout), skip_rows=0, comment_prefix=None))
    return [r.cells for r, _ in zip(records, range(count), strict=False)], None


def _column_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _join_headings(
    top: Sequence[tuple[str, ...]], spans: dict[int, int] | None, layout: Layout, titles: list[str]
) -> tuple[list[str], list[str]]:
    """Return the texts of the rows above a header, and the titles, with headings over several columns joined to them.

    Where it is not known which cells are merged, a heading covers the columns up to the next one.
    """
    rows, header = list(top[: layout.skip_rows]), list(top[layout.skip_rows :])
    last = header[0] if len(header) == 2 else rows[-1] if rows else ()
    filled = [i for i, cell in enumerate(last) if cell.strip()]
    bottom = [*header[1], *([""] * len(titles))] if len(header) == 2 else titles
    over = len(header) == 2 or (bool(filled) and filled[0] > 0 and max(len(last[i]) for i in filled) <= MAX_HEADING)
    if len(last) == len(titles) and over:
        titles = list(titles)
        for at, end in zip(filled, [*filled[1:], len(last)], strict=True):
            until = end if spans is None else at + spans.get(at, 1)
            until = until if bottom[at].strip() else at + 1
            for i in range(at, min(until, len(titles))):
                parts = dict.fromkeys((last[at].strip(), bottom[i].strip()))
                titles[i] = " ".join(p for p in parts if p) if i == at or bottom[i].strip() else titles[i]
        if len(header) != 2:
            rows = rows[:-1]
    texts = (" ".join(c.strip() for c in row if c.strip()) for row in rows)
    return [text for text in texts if text], titles


def _drop_empty_columns(
    cells: pl.DataFrame, titles: list[str], kinds: list[str]
) -> tuple[pl.DataFrame, list[str], list[str]]:
    """Leave out columns that have neither a title nor a cell, as spreadsheets have beside their tables."""
    kept = [i for i, c in enumerate(cells.columns) if titles[i] or (cells[c].str.strip_chars() != "").any()]
    return (
        cells.select([cells.columns[i] for i in kept]),
        [titles[i] for i in kept],
        [kinds[i] for i in kept if i < len(kinds)],
    )


def _split_notes(cells: pl.DataFrame, lines: pl.Series) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the rows of a table, and the texts of the last rows that are notes.

    A note is one cell, the first, in a row that other rows fill further. It begins like one (`*`, "Source"), it is
    longer than any other cell of its column, or an empty row lies before it.
    """
    if cells.width < 2 or cells.height < 2:
        return cells, ()
    filled = cells.select(pl.sum_horizontal((pl.all().str.strip_chars() != "").cast(pl.Int32))).to_series()
    first = next(
        (at for at in range(cells.height) if cells.height - at <= MAX_NOTES and (filled[at:] == 1).all()), None
    )
    if first is None or first == 0:
        return cells, ()
    column = cells[cells.columns[0]]
    longest = int(column[:first].str.len_chars().max() or 0)  # type: ignore[arg-type]
    for at in range(first, cells.height):
        text = column[at].strip()
        apart = lines[at] - lines[at - 1] > 1
        if text and (_NOTE.match(text) or apart or (len(text) > max(2 * longest, 30) and " " in text)):
            rest = [next(c for c in row if c.strip()).strip() for row in cells[at:].iter_rows()]
            return cells[:at], tuple(rest)
    return cells, ()


def _cut_notes(path: Path) -> tuple[bytes, tuple[str, ...]] | None:
    """Return a delimited file without the lines below its table that have too few cells, and their texts; or None."""
    data = path.read_bytes()
    layout = guess_layout(io.BytesIO(data), str(path))
    dialect = as_dialect(layout)
    start = max(len(data) - _TAIL, 0)
    newline = "\n".encode(layout.encoding.removesuffix("-sig") if "16" not in layout.encoding else "utf-16-le")
    if "16" in layout.encoding:
        return None
    tail = data[start:].split(newline)
    width = max(
        (
            len(r.cells)
            for r, _ in zip(scan(decode_head(io.BytesIO(data), layout.encoding), dialect), range(200), strict=False)
        ),
        default=1,
    )
    notes: list[str] = []
    kept = len(tail)
    for number in range(len(tail) - 1, 0, -1):
        line = tail[number].decode(layout.encoding, "replace").strip()
        cells = next(iter(scan(line, replace(dialect, skip_rows=0, comment_prefix=None))), None)
        count = len(cells.cells) if cells else 0
        if line and (count >= width or not (count == 1 or _NOTE.match(line)) or len(notes) >= MAX_NOTES):
            break
        kept = number
        if line:
            notes.append(line.strip('"'))
    if not notes:
        return None
    return data[:start] + newline.join(tail[:kept]) + newline, tuple(reversed(notes))
