"""Makes an ontology and shapes for one described table, as `init` makes them for a project.

The description comes first: its classes, properties, datatypes, lists and references are used. What it leaves out is
planned by headers and cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from glocal_rdf.operations.describe import TableDescription
from glocal_rdf.operations.prefixes import read_prefixes
from glocal_rdf.scaffold.model import Settings, SourceColumn, SourceTable
from glocal_rdf.scaffold.output.description import describe_tables
from glocal_rdf.scaffold.output.ontology import write_ontology
from glocal_rdf.scaffold.output.shapes import write_shapes
from glocal_rdf.scaffold.slugs import make_slug
from glocal_rdf.scaffold.tables import name_properties, plan_table

__all__ = ["draft_ontology", "draft_shapes"]

_KEPT: Final = ("propertyUrl", "valueUrl", "datatype", "separator", "lang", "null", "required", "suppressOutput")


def draft_ontology(described: TableDescription, *, base: str = "") -> str:
    """Return an ontology for a described table, as Turtle: a class for its rows, a property for each column.

    Args:
        described: The description of the table.
        base: What the IRIs of new terms begin with, with a slash at the end. By default the one of the dataset that the
            description is of, or `https://example.org/NAME/`.
    """
    return write_ontology(_plan(described, base)[0], read_prefixes(described.path))


def draft_shapes(described: TableDescription, *, base: str = "") -> str:
    """Return shapes for a described table, as Turtle: what holds for its cells now.

    Args:
        described: The description of the table.
        base: As for `draft_ontology`.
    """
    document, cells = _plan(described, base)
    return write_shapes(document, cells, read_prefixes(described.path))


def _plan(described: TableDescription, base: str) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Return the description that a project would have of the table, and its cells by its `url`."""
    file, _, sheet = described.url.partition("#")
    title = sheet.removeprefix("sheet=") or Path(described.file).name.rpartition(".")[0] or file
    name = make_slug(title) or "table"
    settings = Settings(base or _base_of(described.document) or f"https://example.org/{name}/", name, title)
    schema = described.schema
    columns = [c for c in schema.get("columns", []) if isinstance(c, dict) and c.get("virtual") is not True]
    key = next((i for i, c in enumerate(described.columns) if described.key == (c.name,)), None)
    source = SourceTable(
        name,
        title.replace("_", " "),
        tuple(_source_column(*pair) for pair in zip(described.columns, columns, strict=True)),
        described.cells,
        key,
        key is not None,
    )
    [table] = name_properties([plan_table(source, settings)], settings)
    document = describe_tables([table], settings)
    planned = document["tables"][0]["tableSchema"]
    own = [c for c, of in zip(planned["columns"], table.columns, strict=False) if not of.added]
    for new, old in zip(own, columns, strict=True):
        new |= {k: old[k] for k in _KEPT if k in old}
    planned["columns"] = [c for c in planned["columns"] if not (described.classes and c.get("virtual"))]
    for iri in described.classes:
        planned["columns"].append({"virtual": True, "propertyUrl": "rdf:type", "valueUrl": iri})
    return document, {str(document["tables"][0]["url"]): table.cells}


def _source_column(summary: Any, column: Mapping[str, Any]) -> SourceColumn:
    null = column.get("null", [])
    words: Sequence[str] = null if isinstance(null, list) else [null]
    datatype = None if column.get("datatype") == "string" else column.get("datatype")
    title = next(iter(summary.titles), summary.name)
    return SourceColumn(
        title, datatype, tuple(w for w in words if w), str(column.get("lang", "")), column.get("separator")
    )


def _base_of(document: Mapping[str, Any]) -> str:
    space = document.get("void:uriSpace", "")
    space = space.get("@value", space.get("@id", "")) if isinstance(space, dict) else space
    return str(space).removesuffix("id/") if str(space).endswith("/") else ""
