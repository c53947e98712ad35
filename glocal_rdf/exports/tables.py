"""Writes a graph as tables, one for each class, with their description (CSV on the Web).

1. Each thing stands in the table of its most specific class (`classes`); its other classes are a column.
2. A column is a property in one language or of one datatype (`columns`). Several values of a thing are a list, with a
   separator that none of them has.
3. Statements about things without a class are in `other.csv`, a row each.
4. What no table can hold (`holdable`) is in `other.nt`, and counted. A column in which an IRI cannot be held, and a
   table in which that of a thing cannot, are shown whole, but their output is suppressed, and they are in `other.nt`.

So what the tables are converted to (`glocal csvw csv-metadata.json`) and `other.nt` are together the whole graph.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import polars as pl

from glocal_rdf.exports.classes import choose_classes, is_class_statement
from glocal_rdf.exports.columns import KEY, Column, list_columns, name_term, shorten_term, unique_name
from glocal_rdf.exports.graph import DescribedGraph, Exported, split_terms
from glocal_rdf.exports.holdable import (
    BLANK_NODE,
    ENCODED_IRI,
    UNFIT_LITERAL,
    column_datatype,
    explain_unfit,
    find_namespace,
    subject_fits,
)
from glocal_rdf.namespaces import CSVW, RDF_TYPE, iri_of, local_name
from glocal_rdf.rdfa_context import RDFA_CONTEXT
from glocal_rdf.triples import Triples, terms

__all__ = ["DESCRIPTION", "MARK", "OTHER_GRAPH", "write_tables"]

DESCRIPTION: Final = "csv-metadata.json"
MARK: Final = "Written by glocal export -f csv"
"""The note in a description by which a former export is recognized, so that it can be replaced."""

_OTHER_TABLE, OTHER_GRAPH = "other", "other.nt"
_SEPARATORS: Final = (";", "|", "¦", "⁞", "␟", *map(chr, range(0xE000, 0xE100)))
_MAX_NAME: Final = 80
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_TRIPLE: Final = ("subject", "predicate", "object")
_SUBJECT: Final = "\0"
"""The column of things in cells that are being filled, which no title is called."""


@dataclass
class _Table:
    """A table that is written: its cells, and the description of it and of its columns."""

    name: str
    about: dict[str, Any]
    cells: pl.DataFrame
    columns: list[dict[str, Any]]
    key: str = ""
    namespace: str = ""
    references: list[tuple[str, str, pl.Series]] = field(default_factory=list)
    """Columns of IRIs that may refer to another table: name, namespace and cells."""


def write_tables(graph: DescribedGraph) -> Exported:
    """Write a graph as a table for each class, `csv-metadata.json`, and what no table can hold as N-Triples.

    https://www.w3.org/TR/tabular-metadata/
    """
    rows = split_terms(graph.triples.distinct().frame).with_columns(unfit=explain_unfit())
    types = rows.filter(is_class_statement() & ~pl.col("subject").str.starts_with("_:"))
    rows = rows.join(choose_classes(graph, types), on="subject", how="left", maintain_order="left")
    # A column or table of IRIs that cannot be held is shown all the same; what else cannot be held is not.
    shown = pl.col("unfit").is_null() | (pl.col("unfit") == ENCODED_IRI)
    lost = [rows.filter(~shown).select(*_TRIPLE, "unfit")]
    rows = rows.filter(shown).sort(_TRIPLE)
    tables: list[_Table] = []
    names = {_OTHER_TABLE}
    by_class = rows.filter(pl.col("class").is_not_null()).partition_by("class", as_dict=True)
    for one in sorted((str(key[0]) for key in by_class), key=lambda one: (name_term(graph, one), one)):
        name = unique_name(_file_name(graph, one, names), names, "-{}")
        table, not_held = _make_table(graph, one, by_class[one,], name)
        tables.append(table)
        lost.append(not_held)
    rest = rows.filter(pl.col("class").is_null())
    fits = subject_fits() & pl.col("unfit").is_null()
    lost.append(rest.filter(~fits).select(*_TRIPLE, unfit=pl.lit(ENCODED_IRI)))
    rest = rest.filter(fits)
    if rest.height or not tables:  # a description has at least one table
        tables.append(_make_other(graph, rest))
    files = {f"{table.name}.csv": _write_csv(table.cells) for table in tables}
    files[DESCRIPTION] = _write_description(graph, tables)
    notes = []
    left = pl.concat(lost)
    if left.height:
        files[OTHER_GRAPH] = Triples(left.select(_TRIPLE)).sort().serialize("ntriples")
        counts = dict(left.group_by("unfit").len().iter_rows())
        parts = [f"{counts[why]:,} {why}" for why in (BLANK_NODE, ENCODED_IRI, UNFIT_LITERAL) if why in counts]
        notes.append(f"{OTHER_GRAPH} has the {left.height:,} statements that tables cannot hold: {'; '.join(parts)}")
    return Exported(files, tuple(notes))


def _file_name(graph: DescribedGraph, one: str, taken: set[str]) -> str:
    """Return the name of a class' table: the last part of its IRI, with its prefix where two classes have one."""

    def clean(text: str) -> str:
        name = re.sub(r"[^\w-]+", "-", text).strip("-_")[:_MAX_NAME]
        return f"{name}-table" if _DEVICES.fullmatch(name) else name or "class"

    name = clean(local_name(one))
    return clean(shorten_term(graph, one)) if name.lower() in taken else name


def _make_table(graph: DescribedGraph, one: str, rows: pl.DataFrame, name: str) -> tuple[_Table, pl.DataFrame]:
    """Make the table of a class, and return it with the statements that it shows and does not hold."""
    subjects = rows["subject"].unique(maintain_order=True)
    itself = (pl.col("predicate") == RDF_TYPE) & (pl.col("object") == one)
    suppressed = not rows.select(subject_fits().all()).item() or rows.filter(itself)["unfit"].is_not_null().any()
    not_held = [rows.filter(suppressed)]
    iris = subjects.str.strip_prefix("<").str.strip_suffix(">")
    namespace = "" if suppressed else find_namespace(iris)
    key = "id" if namespace else "iri"
    cells = pl.DataFrame({key: iris.str.strip_prefix(namespace) if namespace else iris, _SUBJECT: subjects})
    columns: list[dict[str, Any]] = [{"name": key, "titles": key, "required": True, "suppressOutput": True}]
    made = _Table(name, {}, cells, columns, key, namespace)
    values = rows.filter(~itself)
    parts = values.partition_by(KEY, as_dict=True)
    for column in list_columns(graph, values, {key}):
        part = parts[column.key]
        odd = part["unfit"].is_not_null().any()
        if odd and not suppressed:
            not_held.append(part)
        _add_column(made, column, part, suppressed=odd)
    columns.append({"name": "class", "virtual": True, "propertyUrl": str(iri_of(RDF_TYPE)), "valueUrl": one[1:-1]})
    columns[-1]["name"] = unique_name("class", {str(each["name"]).lower() for each in columns[:-1]}, "_{}")
    made.cells = made.cells.drop(_SUBJECT)
    made.about = {
        "dc:title": {"@value": name_term(graph, one), "@language": graph.lang},
        **({"suppressOutput": True} if suppressed else {}),
        "tableSchema": {
            "aboutUrl": f"{namespace}{{{key}}}" if namespace else f"{{+{key}}}",
            "primaryKey": key,
            "columns": columns,
        },
    }
    return made, pl.concat([part.select(*_TRIPLE, unfit=pl.lit(ENCODED_IRI)) for part in not_held])


def _add_column(table: _Table, column: Column, rows: pl.DataFrame, *, suppressed: bool) -> None:
    """Add the cells of a column to a table, and its description."""
    text = rows["text"]
    namespace = find_namespace(text) if column.kind == terms.IRI else ""
    if namespace:
        text = text.str.strip_prefix(namespace)
    pairs = pl.DataFrame({_SUBJECT: rows["subject"], column.title: text})
    about: dict[str, Any] = {"name": column.name, "titles": column.title, "propertyUrl": column.predicate[1:-1]}
    if rows["subject"].is_duplicated().any():
        separator = next(one for one in _SEPARATORS if not text.str.contains(one, literal=True).any())
        about["separator"] = separator
        pairs = pairs.group_by(_SUBJECT, maintain_order=True).agg(pl.col(column.title).str.join(separator))
    about |= _describe_values(column, namespace, column.name, suppressed=suppressed)
    table.cells = table.cells.join(pairs, on=_SUBJECT, how="left", maintain_order="left")
    table.columns.append(about)
    if namespace and "separator" not in about and not suppressed:
        table.references.append((column.name, namespace, text))


def _describe_values(column: Column, namespace: str, name: str, *, suppressed: bool = False) -> dict[str, Any]:
    """Return the properties of a column's description that say what its values are."""
    if suppressed:
        return {"datatype": "anyURI", "suppressOutput": True}
    if column.kind == terms.IRI:
        return {"valueUrl": f"{namespace}{{{name}}}" if namespace else f"{{+{name}}}"}
    if column.lang is not None:
        return {"lang": column.lang}
    return {"datatype": column_datatype(column.datatype)}


def _make_other(graph: DescribedGraph, rows: pl.DataFrame) -> _Table:
    """Make the table of statements about things without a class, a row each."""
    cells = rows.select(
        iri=pl.col("subject").str.strip_prefix("<").str.strip_suffix(">"),
        property=pl.col("predicate").str.strip_prefix("<").str.strip_suffix(">"),
    )
    columns: list[dict[str, Any]] = [
        {"name": name, "titles": name, "required": True, "suppressOutput": True} for name in cells.columns
    ]
    kinds = rows.with_columns(predicate=pl.lit("<urn:x/value>"))
    for column in list_columns(graph, kinds, cells.columns):
        same = pl.all_horizontal(
            pl.col(name).eq_missing(pl.lit(value)) for name, value in zip(KEY[1:], column.key[1:], strict=True)
        )
        cells = cells.with_columns(rows.select(pl.when(same).then(pl.col("text")).alias(column.title)).to_series())
        about = {"name": column.name, "titles": column.title, "propertyUrl": "{+property}"}
        columns.append(about | _describe_values(column, "", column.name))
    title = {"@value": "Statements about things without a class", "@language": "en"}
    return _Table(
        _OTHER_TABLE, {"dc:title": title, "tableSchema": {"aboutUrl": "{+iri}", "columns": columns}}, cells, columns
    )


def _write_csv(cells: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    cells.write_csv(file, line_terminator="\n")
    return file.getvalue()


def _write_description(graph: DescribedGraph, tables: Sequence[_Table]) -> bytes:
    """Write the description of the tables, with the properties of the dataset and the references between tables."""
    keys = {table.namespace: table for table in tables if table.namespace}
    for table in tables:
        found = []
        for name, namespace, cells in table.references:
            other = keys.get(namespace)
            if other is not None and cells.is_in(other.cells[other.key].implode()).all():
                to = {"resource": _as_url(other), "columnReference": other.key}
                found.append({"columnReference": name, "reference": to})
        if found:
            schema = table.about["tableSchema"]
            table.about["tableSchema"] = {**schema, "foreignKeys": found, "columns": schema["columns"]}
            del schema
    about = {name: value for name, value in graph.about.items() if name.partition(":")[0] in RDFA_CONTEXT}
    group = {
        "@context": [CSVW.removesuffix("#"), {"@language": graph.lang}],
        **({"@id": graph.about["@id"]} if "@id" in graph.about else {}),
        **about,
        "notes": [{"dc:description": MARK}],
        "dialect": {"encoding": "utf-8", "delimiter": ",", "trim": False, "commentPrefix": None},
        "tables": [{"url": _as_url(table), **table.about} for table in tables],
    }
    return (json.dumps(group, ensure_ascii=False, indent=1) + "\n").encode()


def _as_url(table: _Table) -> str:
    return quote(f"{table.name}.csv")
