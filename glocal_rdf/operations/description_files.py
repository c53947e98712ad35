"""Writes a description that was changed, and brings the files that `init` made of it in line.

A file is written anew only if it is as it was made: otherwise what somebody wrote, or what held for earlier cells,
would be lost, and the file is named instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from glocal_rdf.csvw.description.cells import open_tables, read_cells
from glocal_rdf.csvw.description.columns import column_name, is_virtual, titles_of
from glocal_rdf.errors import Problem
from glocal_rdf.files import write_bytes
from glocal_rdf.operations.describe import TableDescription
from glocal_rdf.operations.prefixes import read_prefixes
from glocal_rdf.project import METADATA, read_text
from glocal_rdf.scaffold.output.description import read_settings, tables_of
from glocal_rdf.scaffold.output.ontology import write_ontology
from glocal_rdf.scaffold.output.project import is_unedited, seal
from glocal_rdf.scaffold.output.readme import read_checks, write_readme
from glocal_rdf.scaffold.output.shapes import write_shapes

__all__ = ["Written", "write_description"]

_ROW = re.compile(r"^\| (?P<header>.*?) \| `?[^|]*?`? \| [^|]* \| (?P<why>.*) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Written:
    """What was written: files, the description first, and warnings of files that are not in line with it any more."""

    files: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def write_description(described: TableDescription) -> Written:
    """Write a description to its file, and make anew what `init` made of it in a project: ontology, shapes and README.

    A description that would stay the same is not touched.

    Raises:
        OutputError: Where a file cannot be written.
        GlocalError: Where another table of the project cannot be read.
    """
    if not described.changed:
        return Written()
    made: dict[Path, bytes] = {}
    problems: list[Problem] = []
    root = described.path.absolute().parent.parent
    if described.before is not None and described.path.absolute() == root / METADATA:
        for path, text in _make_anew(described, described.before):
            if text is None:
                what = "was edited, or is made of earlier cells, and is not brought in line with the description"
                problems.append(Problem(str(path), what, _HINT, "made", "warning", str(path)))
            else:
                made[path] = text.encode()
    write_bytes(described.text.encode(), described.path)
    for path, data in made.items():
        write_bytes(data, path)
    return Written((described.path, *made), tuple(problems))


_HINT = "glocal init DIR makes it again unless it was edited; glocal describe TABLE --ontology --shapes prints it"


def _make_anew(described: TableDescription, before: Mapping[str, Any]) -> Iterator[tuple[Path, str | None]]:
    """Yield the files that `init` made of a description that change with it: path, and text if it may be written."""
    after = described.document
    name = read_settings(after).name
    paths = {part: described.path.parent.parent / part / f"{name}.ttl" for part in ("ontology", "shapes")}
    paths["README"] = described.path.parent.parent / "README.md"
    texts = {part: read_text(path) for part, path in paths.items() if path.is_file()}
    if not any(map(is_unedited, texts.values())):
        return
    prefixes = read_prefixes(described.path)
    cells = _cells_of(described, after)
    then = _cells_of(described, before) if _names(before) != _names(after) else cells
    rows = {url: frame.height for url, frame in cells.items()}
    for part, text in texts.items():
        match part:
            case "ontology":
                old, new = write_ontology(before, prefixes), write_ontology(after, prefixes)
            case "shapes":
                old, new = write_shapes(before, then, prefixes), write_shapes(after, cells, prefixes)
            case _:
                reasons, checks = _read_reasons(text, before), read_checks(text)
                old, new = (write_readme(document, rows, reasons, checks) for document in (before, after))
        if old == new:
            continue
        path = paths[part]
        relative = path.name if part == "README" else f"{part}/{path.name}"
        if text == seal(old, relative):
            yield path, seal(new, relative)
        elif part != "README":
            yield path, None


def _names(document: Mapping[str, Any]) -> list[list[str]]:
    return [[column_name(c, i + 1) for i, c in enumerate(_columns(t))] for t in tables_of(document)]


def _columns(table: Mapping[str, Any]) -> list[Any]:
    return [c for c in table.get("tableSchema", {}).get("columns", []) if not is_virtual(c)]


def _cells_of(described: TableDescription, document: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Return the cells of all tables of a description, by their `url`, with the names of their columns."""
    job = open_tables(described.path, document, prefixes=read_prefixes(described.path))
    found = {}
    for place, table in enumerate(tables_of(document)):
        frame = read_cells(job, place).batch.cells
        names = [column_name(c, i + 1) for i, c in enumerate(_columns(table))][: frame.width]
        found[str(table.get("url", ""))] = frame.select(pl.nth(i).alias(name) for i, name in enumerate(names))
    return found


def _read_reasons(readme: str, document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Return why columns have their properties, as the README of a project says."""
    found = {}
    sections = re.split(r"^## ", readme, flags=re.MULTILINE)
    for table in tables_of(document):
        url = str(table.get("url", ""))
        section = next((s for s in sections if f"A row of `data/{url}`" in s), "")
        by_header = {match["header"]: match["why"] for match in _ROW.finditer(section)}
        for number, column in enumerate(_columns(table), 1):
            header = next(iter(titles_of(column)), "")
            why = by_header.get(header, "")
            if why and why != "a term of this project":
                found[url, column_name(column, number)] = why
    return found
