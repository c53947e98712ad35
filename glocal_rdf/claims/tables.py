"""Finds the tables of claims in the description of a project, and adds rows to tables as they are written.

What a column is for is read from the property that it states (CSV on the Web), so that columns may have any names.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from glocal_rdf.namespaces import OWL, PROV, RDF, SKOS, WELL_KNOWN, WIKIBASE, local_name

__all__ = ["Table", "find_tables", "insert_row"]

_EXACT: Final = {
    f"{RDF}subject": "subject",
    f"{RDF}predicate": "predicate",
    f"{PROV}wasDerivedFrom": "passage",
    f"{PROV}wasAttributedTo": "by",
    f"{WIKIBASE}rank": "rank",
    f"{SKOS}note": "note",
    f"{OWL}sameAs": "same",
}
_BY_NAME: Final = {
    "time": "time",
    "role": "role",
    "appliesTo": "applies_to",
    "heldBy": "held_by",
    "asWritten": "as_written",
    "rankReason": "reason",
    "contradicts": "contradicts",
    "quantity": "quantity",
    "supportReason": "support_reason",
    "supportingWords": "supporting_words",
}
"""What columns are for whose properties a project may have in a namespace of its own."""


@dataclass(frozen=True)
class Table:
    """A table of a project that has something to do with claims.

    Attributes:
        url: Its address, relative to its description.
        key: The column of its primary key, or the first one.
        columns: The column for each purpose; a purpose is `value`, or `text` and a language.
        descriptions: The description of each column.
        about: The template of the IRIs that its rows are about.
    """

    url: str
    key: str
    columns: Mapping[tuple[str, str], str]
    descriptions: Mapping[str, Mapping[str, Any]] = field(repr=False)
    about: str = ""

    def has(self, *purposes: str) -> bool:
        """Return whether there is a column for each purpose, in any language."""
        known = {purpose for purpose, _ in self.columns}
        return known.issuperset(purposes)

    def languages(self, purpose: str) -> list[str]:
        """List the languages that a purpose has columns for, in their order."""
        return [language for one, language in self.columns if one == purpose and language]


def find_tables(document: Mapping[str, Any], prefixes: Mapping[str, str]) -> list[Table]:
    """Find out what the columns of all tables in a description are for.

    Args:
        document: The description: a table group of CSV on the Web.
        prefixes: The prefixes that the project declares.
    """
    return [_read_table(table, prefixes) for table in document.get("tables", []) if "tableSchema" in table]


def _read_table(table: Mapping[str, Any], prefixes: Mapping[str, str]) -> Table:
    schema = table["tableSchema"]
    columns: dict[tuple[str, str], str] = {}
    described = [column for column in schema.get("columns", []) if not column.get("virtual") and "name" in column]
    for column in described:
        iri = _expand(str(column.get("propertyUrl", "")), prefixes)
        purpose = _EXACT.get(iri) or _BY_NAME.get(local_name(iri) if iri else "", "")
        if iri == f"{RDF}object":
            purpose = "object" if "valueUrl" in column else "text" if "lang" in column else "value"
            if purpose == "value" and column.get("datatype", "string") != "string":
                purpose = "typed value"  # as the tables of version 0.5 have it
        if purpose:
            columns.setdefault((purpose, str(column.get("lang", ""))), column["name"])
    key = schema.get("primaryKey", "")
    key = key[0] if isinstance(key, list) and key else key
    about = str(schema.get("aboutUrl", ""))
    return Table(table["url"], key if isinstance(key, str) else "", columns, {c["name"]: c for c in described}, about)


def _expand(iri: str, prefixes: Mapping[str, str]) -> str:
    prefix, mark, name = iri.partition(":")
    namespace = {**WELL_KNOWN, **prefixes}.get(prefix)
    return f"{namespace}{name}" if mark and namespace and not name.startswith("//") else iri


def insert_row(text: str, cells: Mapping[str, str], is_after: Callable[[Mapping[str, str]], bool]) -> tuple[str, int]:
    r"""Insert a row into a table, whose other characters stay as they are.

    The row is written with the line end and the quotation marks of the table.

    Args:
        text: The table.
        cells: The cells of the row by column; others are empty.
        is_after: Says of a row whether the new one stands after it. It is inserted before the first that it is not
            after, or at the end.

    Returns:
        The table with the row, and the line that the row is on, counted from 1.

    Examples:
        >>> insert_row("a,b\n1,x\n3,z\n", {"a": "2"}, lambda row: row["a"] < "2")
        ('a,b\n1,x\n2,\n3,z\n', 3)
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith(("\n", "\r")):
        text += newline
    lines = text.splitlines(keepends=True)
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.removeprefix("\ufeff") for name in next(reader)]
    quoted = lines[0].removeprefix("\ufeff").startswith('"')
    at = reader.line_num
    for row in reader:
        if row and not is_after(dict(zip(header, row, strict=False))):
            break
        at = reader.line_num
    written = _write_row([cells.get(name, "") for name in header], newline, quoted=quoted)
    starts = _line_starts(text)
    place = starts[at] if at < len(starts) else len(text)
    return text[:place] + written + text[place:], at + 1


def _line_starts(text: str) -> list[int]:
    """Return where each line of a text begins, as the reader of CSV counts lines."""
    starts = [0]
    for line in io.StringIO(text, newline=""):
        starts.append(starts[-1] + len(line))
    return starts


def _write_row(cells: Sequence[str], newline: str, *, quoted: bool) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator=newline).writerow(cells)
    return out.getvalue()
