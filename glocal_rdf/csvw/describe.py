"""Guesses a first description of a bare table: names, datatypes, languages, null markers, a key; for a person to check.

Each guess holds for every cell of the table: the description that comes out is one that the table satisfies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw import datatypes
from glocal_rdf.csvw.access import Access, Resource
from glocal_rdf.csvw.description import Datatype, Dialect, NumberFormat, Table
from glocal_rdf.csvw.engine import open_table
from glocal_rdf.csvw.findings import Findings
from glocal_rdf.csvw.vocabulary import CONTEXT
from glocal_rdf.errors import TableError

_MARKERS: Final = ("NA", "N/A", "n/a", "NULL", "null", "-", "—", "?", "unknown")
_DATES: Final = ("d.M.yyyy", "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "M-d-yyyy", "yyyyMMdd")
_LANGUAGES: Final = re.compile(
    r"[_ (-](en|fr|de|es|pt|it|nl|ja|ko|ru|ar|vi|th|id|zh(?:[-_]Han[ts])?(?:[-_](?:TW|CN|HK))?)\)?$", re.I
)
_KEYS: Final = ("id", "key", "code", "identifier", "no", "number", "ref")
_CANDIDATES: Final[tuple[tuple[Datatype, Any], ...]] = (
    (Datatype("boolean"), "boolean"),
    (Datatype("integer"), "integer"),
    (Datatype("decimal"), "decimal"),
    (Datatype("double"), "double"),
    (
        Datatype("decimal", number=NumberFormat(None, ".", ",")),
        {"base": "decimal", "format": {"decimalChar": ".", "groupChar": ","}},
    ),
    (Datatype("date"), "date"),
    (Datatype("gYearMonth"), "gYearMonth"),
    (Datatype("dateTime"), "dateTime"),
    (Datatype("time"), "time"),
    *((Datatype("date", format=f), {"base": "date", "format": f}) for f in _DATES),
)


def describe(table: str | Path) -> dict[str, Any]:
    """Return a guessed description of a table, as a metadata document that a note marks as a guess.

    Raises InputError where there is no file, TableError where it is no table.
    """
    access = Access.to(table)
    findings = Findings(access.name_of(access.url))
    resource = access.open(access.url)
    with resource.stream:
        dialect = _guess_dialect(resource)
        reader = open_table(resource, Table(access.url, dialect=dialect, dialect_given=True), findings)
        batches = [b.cells for b in reader.batches()]
    if findings.failed or reader.width is None:
        raise TableError(*(findings.all() or Findings.of(findings.file, "is empty")))
    cells = (
        pl.concat(batches)
        if batches
        else pl.DataFrame({str(i): [] for i in range(reader.width)}, schema_overrides=None)
    )
    titles = [texts[0] if texts else "" for texts in reader.head.titles]
    names = _names(titles)
    columns = [
        _guess_column(n, t, cells[str(i)].cast(pl.String)) for i, (n, t) in enumerate(zip(names, titles, strict=True))
    ]
    key = _guess_key(names, cells)
    schema: dict[str, Any] = {"columns": columns}
    if key is not None:
        schema |= {"primaryKey": key, "aboutUrl": f"#{{{key}}}"}
        next(c for c in columns if c["name"] == key)["required"] = True
    note = (
        f"A guess from {cells.height} rows: check names, datatypes, languages and key, "
        "and say what the columns mean (propertyUrl)."
    )
    described: dict[str, Any] = {"@context": [CONTEXT, {"@language": "en"}], "url": Path(table).name}
    if dialect.delimiter != "," and not Path(table).name.lower().endswith((".tsv", ".tab")):
        described["dialect"] = {"delimiter": dialect.delimiter}
    return described | {"notes": [{"rdfs:comment": note}], "tableSchema": schema}


def _guess_dialect(resource: Resource) -> Dialect:
    """Guess the delimiter from the first line: the one that stands there most often outside quotes."""
    if resource.path is None or resource.path.suffix.lower() not in {".csv", ".txt", ".tsv", ".tab", ""}:
        return Dialect()
    line = resource.stream.readline(1 << 16).decode("utf-8", "replace")
    resource.stream.seek(0)
    bare = re.sub(r'"[^"]*"', "", line)
    delimiter = max(",\t;|", key=bare.count)
    return Dialect(delimiter=delimiter if bare.count(delimiter) else ",")


def _names(titles: Sequence[str]) -> list[str]:
    """Make a name of each title that variables of URI templates can have, each once."""
    names: list[str] = []
    for number, title in enumerate(titles, 1):
        base = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9]", "_", title)).strip("_") or f"column{number}"
        name, again = base, 2
        while name in names:
            name, again = f"{base}{again}", again + 1
        names.append(name)
    return names


def _guess_column(name: str, title: str, cells: pl.Series) -> dict[str, Any]:
    column: dict[str, Any] = {"name": name, "titles": title} if title else {"name": name}
    distinct = cells.filter(cells != "").unique(maintain_order=True)
    markers = [m for m in _MARKERS if (distinct == m).any()]
    for nulls in ([], markers) if markers else ([],):
        values = distinct.filter(~distinct.is_in(nulls)) if nulls else distinct
        found = _guess_datatype(title, values)
        if found is not None:
            return column | {"datatype": found} | ({"null": ["", *nulls]} if nulls else {})
    language = _LANGUAGES.search(title)
    if language is not None and (distinct.is_empty() or not distinct.str.contains("^[0-9.:/-]*$").all()):
        return column | {"lang": language[1].replace("_", "-")}
    return column


def _guess_datatype(title: str, values: pl.Series) -> Any:
    """Return the first datatype that all values have, or None for text."""
    if values.is_empty():
        return None
    if values.str.contains("^(?:[12][0-9]{3})$").all() and re.search("year|年|founded|since", title, re.I):
        return "gYear"
    if values.str.contains("^0[0-9]").any() and values.str.contains("^[0-9]+$").all():
        return None  # codes with leading zeros are no numbers
    frame = values.to_frame("v")
    for datatype, told in _CANDIDATES:
        read = datatypes.reader(datatype)
        if read is not None and not frame.select(read(pl.col("v")).null_count()).item():
            if datatype.base == "boolean" and values.str.contains("^[01]$").any():
                continue
            return told
    return "anyURI" if values.str.contains(r"^https?://[^\s]+$").all() else None


def _guess_key(names: Sequence[str], cells: pl.DataFrame) -> str | None:
    """Return the column that tells rows apart: without gaps or repeats, by its name or by its place."""
    if not cells.height:
        return None
    unique = [
        n for i, n in enumerate(names) if cells[str(i)].n_unique() == cells.height and (cells[str(i)] != "").all()
    ]
    named = [n for n in unique if n.lower() in _KEYS or n.lower().endswith(("_id", "_code"))]
    return next(iter([*named, *(n for n in unique if n == names[0])]), None)
