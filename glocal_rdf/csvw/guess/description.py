"""Infers the first description of a bare table, for a person to check, and lists what is left in doubt.

1. The layout is inferred, and all rows are read by it; a layout that leaves rows out is not used.
2. Names, datatypes, languages and the key are inferred from the distinct cells of each column.
3. The description is checked as `check` does it: a column of which it does not accept a cell becomes text.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.compatibility import check_compatible
from glocal_rdf.csvw.description.decisions import question
from glocal_rdf.csvw.guess.columns import guess_column, guess_key, guess_languages, name_columns
from glocal_rdf.csvw.guess.layout import guess_layout, place_header
from glocal_rdf.csvw.guess.results import Description, Doubt, Guess, Layout
from glocal_rdf.csvw.metadata.discovery import encode_file_name
from glocal_rdf.csvw.metadata.model import Dialect, Table
from glocal_rdf.csvw.metadata.vocabulary import CONTEXT
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.sources import open_job
from glocal_rdf.csvw.spreadsheets.reader import SheetReader
from glocal_rdf.csvw.table_readers import open_table
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.tables.delimited import TableReader
from glocal_rdf.csvw.tables.recognition import refuse_by_ending, refuse_other_formats
from glocal_rdf.csvw.tables.resources import Access, Resource, is_sheet, split_sheet
from glocal_rdf.csvw.values.cells import parse_cells
from glocal_rdf.errors import Problem, TableError
from glocal_rdf.triples import iris

__all__ = ["as_dialect", "describe", "read_by_layout"]

_FIRST_ROWS: Final = 1000
_NOTE: Final = (
    "A guess from the cells: check names, datatypes, languages and key, and say what the columns mean (propertyUrl)."
)
MAX_SHEET_DOUBTS: Final = 20


def describe(table: str | Path) -> Description:
    """Return an inferred description of a table: a metadata document with notes that name the guesses and doubts.

    The description reads every row of the table, and `check` accepts it.

    Raises:
        InputError: Where there is no file.
        TableError: Where it is not a table, or has rows that no dialect reads.
    """
    access = Access.to(table)
    file = access.name_of(access.url)
    layout, reader, cells = read_by_layout(access, file)
    if reader.width is None:
        raise TableError(*ProblemCollector.of(file, "is empty"))
    titles = [*reader.head.titles, *[()] * (cells.width - len(reader.head.titles))]
    names = name_columns(titles, layout.groups)
    kinds = reader.kinds if isinstance(reader, SheetReader) else ()
    columns = [cells[name] for name in cells.columns]
    guesses = [
        guess_column(name, texts, column, layout.delimiter, kinds[i] if i < len(kinds) else "")
        for i, (name, texts, column) in enumerate(zip(names, titles, columns, strict=True))
    ]
    guesses = guess_languages(guesses, columns)
    key = guess_key(guesses, columns)
    guesses = [replace(g, required=True) if g.name == key else g for g in guesses]
    doubts = [*layout.doubts, *_doubt_rest(reader, cells)]
    for _ in range(2):
        every = (*doubts, *(d for g in guesses for d in g.doubts))
        document = _document(table, layout, guesses, key, doubts)
        wrong = _unread_columns(table, document, layout, reader, cells)
        if not wrong:
            break
        guesses = [_as_text(g) if g.name in wrong else g for g in guesses]
    return Description(document, file, cells.height, layout, tuple(guesses), key, every)


def _doubt_rest(reader: TableReader | SheetReader, cells: pl.DataFrame) -> Iterator[Doubt]:
    """Yield doubts about other sheets, and about a last row that may not belong to the table."""
    if isinstance(reader, SheetReader) and reader.unread:
        hint = "describe each as FILE#sheet=NAME"
        yield Doubt("layout", "other sheets are not described", hint, "", tuple(reader.unread)[:3])
    if (last := _last_row(cells)) is not None:
        hint = "remove it from the table if it is a total or a note"
        yield Doubt("layout", "the last row has one cell only", hint, "", (last,))


def _as_text(guess: Guess) -> Guess:
    reason, hint = f"is not {guess.datatype} throughout", "keep it as text, or correct its cells"
    return replace(guess, datatype=None, null=(), doubts=(*guess.doubts, Doubt("mixed", reason, hint, guess.title)))


def _unread_columns(
    table: str | Path,
    document: dict[str, Any],
    layout: Layout,
    reader: TableReader | SheetReader,
    cells: pl.DataFrame,
) -> set[str]:
    """Return the columns of which the description, checked as by `check`, does not accept a distinct cell.

    Raises:
        TableError: Where the description as a whole is not what was guessed.
    """
    job = open_job(table, metadata=document)
    [described] = job.group.tables
    problems = ProblemCollector(job.access.name_of(described.url))
    check_compatible(described, reader.head, reader.width, problems, validating=True)
    if problems.failed or (described.dialect_given and described.dialect != as_dialect(layout)):
        raise TableError(
            *(problems.all() or ProblemCollector.of(problems.file, "cannot be described: its dialect is unusual"))
        )
    wrong = set()
    for column, name in zip(described.schema.columns, cells.columns, strict=True):
        if column.inherited.datatype.base == "string":
            continue
        distinct = cells.select(pl.col(name).unique().alias("0"))
        places = pl.int_range(1, distinct.height + 1, eager=True, dtype=pl.Int64)
        parse_cells(
            Batch(distinct, places, places, 1), [replace(column, number=1)], found := ProblemCollector(problems.file)
        )
        if found.failed:
            wrong.add(column.name)
    return wrong


def _last_row(cells: pl.DataFrame) -> str | None:
    """Return the only cell of the last row, where rows have three cells and more, and all others have more."""
    if cells.width < 3 or cells.height < 3:
        return None
    filled = cells.select(pl.sum_horizontal((pl.all() != "").cast(pl.Int32))).to_series()
    if filled[-1] == 1 and filled[:-1].min() > 1:  # type: ignore[operator]
        return str(next(c for c in cells.row(-1) if c))
    return None


def _document(
    table: str | Path, layout: Layout, guesses: Sequence[Guess], key: str | None, doubts: Sequence[Doubt]
) -> dict[str, Any]:
    """Return the metadata document of the description; `doubts` are those about the table as a whole."""
    schema: dict[str, Any] = {"columns": [g.as_metadata() for g in guesses]}
    if key is not None:
        schema |= {"primaryKey": key, "aboutUrl": f"#{{{key}}}"}
    path, fragment = split_sheet(str(table)) if not Path(table).exists() else (str(table), "")
    url = encode_file_name(Path(path).name) + (f"#{fragment}" if fragment else "")
    described: dict[str, Any] = {"@context": CONTEXT, "url": url}
    if dialect := layout.as_metadata("," if is_sheet(url) else _usual_delimiter(url)):
        described["dialect"] = dialect
    notes: list[dict[str, Any]] = [{"rdfs:comment": _NOTE}, *(question(d, url) for d in doubts)]
    for number, guess in enumerate(guesses, 1):
        notes += [question(d, url, number, guess.name) for d in guess.doubts]
    return described | {"notes": notes, "tableSchema": schema}


def _address(access: Access) -> str:
    return f"{access.url}#{access.fragment}" if access.fragment else access.url


def _usual_delimiter(url: str) -> str:
    """Return the delimiter of a table without a dialect, by its ending."""
    return "\t" if url.lower().endswith((".tsv", ".tab")) else ","


def read_by_layout(access: Access, file: str) -> tuple[Layout, TableReader | SheetReader, pl.DataFrame]:
    """Return the layout that leaves no row out, its reader and all cells.

    Raises:
        TableError: Where there is none.
    """
    if is_sheet(access.url):
        layouts: Sequence[Layout] = (_sheet_layout(access, file),)
    else:
        resource = access.open(access.url)
        usual = _usual_delimiter(access.url)
        with resource.stream:
            refuse_by_ending(iris.split(access.url)[2], ProblemCollector(file))
            refuse_other_formats(resource.stream.read(1 << 16), ProblemCollector(file))
            resource.stream.seek(0)
            layouts = tuple(_variants(guess_layout(resource.stream, file, usual if usual != "," else None)))
    first_problems: tuple[Problem, ...] = ()
    for layout in layouts:
        problems = ProblemCollector(file)
        try:
            reader, cells = _read_all(access.open(_address(access)), layout, problems)
        except TableError as error:
            first_problems = first_problems or error.problems
            continue
        first_problems = first_problems or problems.all()
        if isinstance(reader, SheetReader):
            found = (Doubt("layout", p.what, p.hint) for p in problems.items[:MAX_SHEET_DOUBTS] if p.kind != "sheets")
            return replace(layout, doubts=(*layout.doubts, *found)), reader, cells
        if not problems.failed and not (layout.comment_prefix and _loses_rows(access, file, layout, cells)):
            return layout, reader, cells
    raise TableError(*(first_problems or ProblemCollector.of(file, "is empty")))


def _loses_rows(access: Access, file: str, layout: Layout, cells: pl.DataFrame) -> bool:
    """Return whether a comment prefix leaves rows out that have as many cells as the others."""
    mark = layout.comment_prefix or "#"
    above = 0
    with access.open(access.url).stream as stream:
        text = io.TextIOWrapper(stream, layout.encoding, "replace")
        for line in text:
            if not line.removeprefix("\ufeff").startswith(mark) and above >= layout.skip_rows:
                break
            above += 1
    problems = ProblemCollector(file)
    try:
        reader, every = _read_all(
            access.open(access.url), replace(layout, comment_prefix=None, skip_rows=above), problems
        )
    except TableError:
        return False
    return reader.width == cells.width and every.height > cells.height


def _variants(layout: Layout) -> Iterator[Layout]:
    """Yield a layout, and the same with blank rows and comments between the rows left out."""
    for mark in dict.fromkeys((layout.comment_prefix, None, "#")):
        for blank in (False, True):
            skip = layout.skip_rows if mark else layout.preamble
            yield replace(layout, comment_prefix=mark, skip_rows=skip, skip_blank_rows=blank)


def _read_all(
    resource: Resource, layout: Layout, problems: ProblemCollector
) -> tuple[TableReader | SheetReader, pl.DataFrame]:
    """Return the reader of a table and all its cells, as text."""
    dialect = as_dialect(layout)
    with resource.stream:
        reader = open_table(resource, Table(resource.url, dialect=dialect, dialect_given=True), problems)
        batches = [b.cells for b in reader.batches()]
    empty = pl.DataFrame(schema={str(i): pl.String for i in range(reader.width or 0)})
    cells = pl.concat(batches) if batches else empty
    return reader, cells.select(pl.all().cast(pl.String))


def as_dialect(layout: Layout) -> Dialect:
    """Return the dialect that a layout stands for."""
    return Dialect(
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        quote=layout.quote,
        escape=layout.escape,
        skip_rows=layout.skip_rows,
        comment_prefix=layout.comment_prefix,
        header_rows=layout.header_rows,
        skip_blank_rows=layout.skip_blank_rows,
    )


def _sheet_layout(access: Access, file: str) -> Layout:
    """Return the layout of a sheet, by its first rows; a Parquet file has a header of its own."""
    if access.url.lower().endswith(".parquet"):
        return Layout()
    resource = access.open(_address(access))
    with resource.stream:
        reader = SheetReader(resource, as_dialect(Layout(header_rows=0)), ProblemCollector(file), typed=False)
    return place_header(reader.first_rows(_FIRST_ROWS), Layout())
