"""The tables of a project as rows of text, whose columns are known by the property that their description gives."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["Row", "Table", "Tables", "read_tables"]

Row = dict[str, str]
GLOCAL = "https://w3id.org/glocal/ontology#"


@dataclass
class Table:
    """One table.

    Attributes:
        file: The file.
        delimiter: What separates cells.
        line_end: What ends lines.
        head: The lines before the table.
        columns: The names of its columns.
        properties: The property of each column that has one, without the namespace of the Glocal ontology.
        rows: The rows.
    """

    file: Path
    delimiter: str
    line_end: str
    head: str
    columns: list[str]
    properties: dict[str, str]
    rows: list[Row] = field(default_factory=list)

    def columns_of(self, *properties: str) -> list[str]:
        """List the columns of some properties."""
        return [name for name in self.columns if self.properties.get(name) in properties]

    def line(self, at: int) -> int:
        """Return the line of the file at which a row begins, from 1."""
        before = "".join(cell for row in self.rows[:at] for cell in row.values()) if self._has_breaks else ""
        return self.head.count("\n") + 2 + at + before.count("\n")

    def index(self, column: str) -> dict[str, str]:
        """Return the cells of a column by those of the first one."""
        return {row[self.columns[0]]: row[column] for row in self.rows}

    @cached_property
    def _has_breaks(self) -> bool:
        return any("\n" in cell for row in self.rows for cell in row.values())

    def write(self) -> None:
        """Write the table to its file."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.columns, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writeheader()
        writer.writerows(self.rows)
        self.file.write_text(self.head + text.getvalue(), encoding="utf-8", newline="")


class Tables(dict[str, Table]):
    """The tables of a project by name: that of the file, without its endings."""

    def write(self, names: Iterable[str]) -> None:
        """Write some tables to their files."""
        for name in set(names):
            self[name].write()


def read_tables(root: Path) -> Tables:
    """Read the tables and link files of a project."""
    tables = Tables()
    metadata = json.loads((root / "data" / "csv-metadata.json").read_text(encoding="utf-8"))
    for described in metadata["tables"]:
        columns: list[dict[str, Any]] = described["tableSchema"]["columns"]
        file = root / "data" / described["url"]
        properties = {one["name"]: _shorten(one.get("propertyUrl", "")) for one in columns if "titles" in one}
        tables[file.stem] = _read(file, ",", {name: about for name, about in properties.items() if about})
    for file in sorted((root / "data" / "links").glob("*.sssom.tsv")):
        tables[f"links/{file.name.partition('.')[0]}"] = _read(file, "\t", {})
    return tables


def _read(file: Path, delimiter: str, properties: dict[str, str]) -> Table:
    text = file.read_bytes().decode("utf-8")
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#")) if delimiter == "\t" else ""
    reader = csv.DictReader(io.StringIO(text[len(head) :], newline=""), delimiter=delimiter)
    line_end = "\r\n" if "\r\n" in text else "\n"
    rows = list(reader)
    return Table(file, delimiter, line_end, head, list(reader.fieldnames or ()), properties, rows)


def _shorten(iri: str) -> str:
    return iri.removeprefix(GLOCAL)
