"""Gathers the tables of files for a project: extracts them, and names each for its sheet or file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from glocal_rdf.csvw.guess.extraction import TABLE_FILES, ExtractedTable, extract_tables
from glocal_rdf.csvw.guess.results import Doubt
from glocal_rdf.csvw.spreadsheets.databases import DATABASES
from glocal_rdf.errors import GlocalError, InputError, Problem
from glocal_rdf.scaffold.model import SourceColumn, SourceTable
from glocal_rdf.scaffold.slugs import make_slug
from glocal_rdf.scaffold.terms import header_language

__all__ = ["Intake", "gather_tables", "list_table_files"]

_GENERIC: Final = re.compile(
    r"(?i)(?:sheet|tabelle|feuil|feuille|hoja|foglio|planilha|blad|工作表|シート|table|data|list|export|main)[\s_-]*[0-9]*"
)
_YEAR: Final = re.compile(
    r"[\s_-]+[(]?(?:19|20)[0-9]{2}(?:\s?[-/–]\s?[0-9]{2,4})?[)]?$|[(（]?(?:19|20)[0-9]{2}年?度?[)）]?$"
)
_MARK: Final = re.compile(r'"separator": "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Intake:
    """A table of a file, as the project takes it.

    Attributes:
        table: What the project is made of.
        extracted: The table as it was found.
        doubts: What a person has to decide about a column, by the header of that column.
        checks: What the cells decided, to be checked by a person.
    """

    table: SourceTable
    extracted: ExtractedTable
    doubts: tuple[Doubt, ...]
    checks: tuple[Doubt, ...]


def list_table_files(sources: Iterable[Path]) -> list[Path]:
    """Return the files to read: those named, and those in the folders named that may be tables, sorted.

    Raises:
        InputError: Where there is no such file, or a folder has no table.
    """
    files: list[Path] = []
    problems: list[Problem] = []
    for source in sources:
        if source.is_dir():
            inside = sorted(
                p for p in source.iterdir() if p.is_file() and p.suffix.lower() in TABLE_FILES and p.name[0] not in ".~"
            )
            if not inside:
                problems.append(Problem(str(source), "has no table", "name a folder with CSV files or spreadsheets"))
            files += inside
        elif not source.exists():
            problems.append(Problem(str(source), "no such file", "check the name"))
        else:
            files.append(source)
    if problems:
        raise InputError.of(problems)
    seen: set[Path] = set()
    return [f for f in files if not (f.resolve() in seen or seen.add(f.resolve()))]  # type: ignore[func-returns-value]


def gather_tables(files: Sequence[Path]) -> list[Intake]:
    """Extract the tables of files.

    Raises:
        InputError: With every file that cannot be read as a table.
    """
    found: list[ExtractedTable] = []
    problems: list[Problem] = []
    for file in files:
        try:
            found += extract_tables(file)
        except GlocalError as error:
            problems += error.problems
    for table in found:
        if not table.cells.height:
            where = f"{table.file}#sheet={table.name}" if table.name else table.file
            problems.append(Problem(where, "has a header but no rows", "name a table with rows"))
        problems += (p for p in table.problems if p.level == "error")
    if problems:
        raise InputError.of(problems)
    names: set[str] = set()
    out = []
    titles = [_title_of(table, alone=sum(t.file == table.file for t in found) == 1) for table in found]
    # Next year's table is the same one, unless the years are what distinguishes the tables.
    dateless = [_YEAR.sub("", title) or title for title in titles]
    for table, with_year, without in zip(found, titles, dateless, strict=True):
        title = without if dateless.count(without) == 1 else with_year
        lang = header_language([g.title for g in table.columns])
        out.append(_take(table, title, _unused(make_slug(title, lang) or _safe(title), names)))
    return out


def _title_of(table: ExtractedTable, *, alone: bool) -> str:
    """Return the title of a table: the name of its sheet, or of its file where that says nothing."""
    stem = Path(table.file).name.rpartition(".")[0] or Path(table.file).name
    generic = not table.name or bool(_GENERIC.fullmatch(table.name.strip()))
    if not generic:
        text = table.name
    elif alone:
        text = stem
    else:
        text = f"{stem} {re.sub('[^0-9]', '', table.name) or table.name}".strip()
    text = re.sub(r"[\s_]+", " ", text.replace("-", " ") if " " not in text else text).strip()
    return text[:1].upper() + text[1:]


def _safe(title: str) -> str:
    """Return a title as the name of a file on any system."""
    return re.sub(r"[\s./\\:*?\"<>|#%&{}$!'@+`=~^\x00-\x1f-]+", "-", title).strip("-") or "table"


def _unused(name: str, names: set[str]) -> str:
    found, again = name, 2
    while found.lower() in names or found == "csv-metadata":
        found, again = f"{name}-{again}", again + 1
    names.add(found.lower())
    return found


def _take(table: ExtractedTable, title: str, name: str) -> Intake:
    columns = []
    doubts: list[Doubt] = []
    checks: list[Doubt] = [d for d in table.doubts if d.decided]
    for guess in table.columns:
        mark = next((m[1].strip() for d in guess.doubts if d.kind == "list" and (m := _MARK.search(d.hint))), None)
        columns.append(SourceColumn(guess.title, guess.datatype, guess.null, guess.language, None, mark))
        for doubt in guess.doubts:
            if doubt.kind == "code":
                continue  # codes are text, which nobody has to decide
            (checks if doubt.decided else doubts).append(doubt)
    doubts += (d for d in table.doubts if not d.decided and not d.reason.startswith("other sheets"))
    names = [g.name for g in table.columns]
    cells = table.cells.rename({n: str(i) for i, n in enumerate(names)})
    keys = tuple((names.index(column), other, target) for column, other, target in table.foreign_keys)
    source = Path(table.file).name + (f", {table.name}" if table.name else "")
    notes = (*table.above, *table.below)
    declared = table.file.lower().endswith(DATABASES) and table.key is not None
    key = names.index(table.key) if table.key is not None else None
    made = SourceTable(name, title, tuple(columns), cells, key, declared, notes, source, keys, table.name)
    return Intake(made, table, tuple(doubts), tuple(checks))
