"""Describes the group, its tables and its rows beside the triples of the cells: standard mode.

Generating RDF from Tabular Data on the Web, section 4.2, and section 6 for the JSON-LD of annotations and notes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import polars as pl

from glocal_rdf.csvw.metadata.model import Annotations, Table, TableGroup
from glocal_rdf.csvw.rdf.blocks import Block, TermAffixes, place_of
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.values.built_in_datatypes import canonical_name
from glocal_rdf.csvw.values.cells import Values
from glocal_rdf.namespaces import CSVW, RDF_TYPE, RDFS, XSD
from glocal_rdf.triples import terms

__all__ = ["Annotator", "Triple", "describe_group", "describe_rows", "group_node", "table_node"]

Triple = tuple[str, str, str]


@dataclass
class Annotator:
    """Makes triples of common properties and notes; `label` starts the labels of its blank nodes."""

    label: str = "n"
    count: int = field(default=0)

    def node(self) -> str:
        """Return a new blank node."""
        self.count += 1
        return f"_:{self.label}{self.count}"

    def annotations(self, subject: str, annotations: Annotations) -> Iterator[Triple]:
        """Yield the triples of the common properties of a description object."""
        for name, value in annotations.items():
            yield from self._property(subject, f"<{name}>", value)

    def notes(self, subject: str, notes: Sequence[Any]) -> Iterator[Triple]:
        """Yield the triples of notes."""
        yield from self._property(subject, f"<{CSVW}note>", list(notes))

    def _property(self, subject: str, predicate: str, value: Any) -> Iterator[Triple]:
        """Yield the triples of a normalized JSON value."""
        if isinstance(value, list):
            for item in value:
                yield from self._property(subject, predicate, item)
        elif isinstance(value, dict) and "@value" not in value:
            identifier = value.get("@id")
            node = f"<{identifier}>" if isinstance(identifier, str) else self.node()
            yield subject, predicate, node
            types = value.get("@type", [])
            for name in types if isinstance(types, list) else [types]:
                yield node, RDF_TYPE, f"<{name}>"
            for name, item in value.items():
                if not name.startswith("@"):
                    yield from self._property(node, f"<{name}>", item)
        elif value is not None:
            yield subject, predicate, _literal(value)


def _literal(value: Any) -> str:
    """Return a value object or a JSON value as a literal."""
    if isinstance(value, dict):
        text, language, datatype = value["@value"], value.get("@language"), value.get("@type")
        if datatype:
            lexical = text if isinstance(text, str) else json.dumps(text)
            return terms.quote(lexical, datatype=datatype)
        return terms.quote(text, language=language) if isinstance(text, str) else _literal(text)
    if isinstance(value, bool):
        return terms.quote(json.dumps(value), datatype=XSD + "boolean")
    if isinstance(value, int):
        return terms.quote(str(value), datatype=XSD + "integer")
    if isinstance(value, float):
        if value.is_integer():
            return terms.quote(str(int(value)), datatype=XSD + "integer")
        mantissa, _, exponent = f"{value:.15E}".partition("E")
        mantissa = mantissa.rstrip("0")
        return terms.quote(
            f"{mantissa + '0' if mantissa.endswith('.') else mantissa}E{int(exponent)}", datatype=XSD + "double"
        )
    return terms.quote(str(value))


def group_node(group: TableGroup) -> str:
    """Return the node of a group of tables."""
    return f"<{group.id}>" if group.id else "_:g"


def table_node(table: Table, place: int) -> str:
    """Return the node of the table at some position of its group."""
    return f"<{table.id}>" if table.id else f"_:t{place}"


def describe_group(
    group: TableGroup, tables: Sequence[tuple[int, Table]], comments: dict[int, Sequence[str]]
) -> list[Triple]:
    """Return the triples of the group and its tables, other than those of their rows (steps 1 to 4.5).

    Args:
        group: The group.
        tables: Its tables, each with its position in the group.
        comments: The comments of the files, by the position of the table.

    https://www.w3.org/TR/csv2rdf/#standard-mode
    """
    annotator, node = Annotator(), group_node(group)
    found: list[Triple] = [(node, RDF_TYPE, f"<{CSVW}TableGroup>")]
    found += annotator.notes(node, group.notes)
    found += annotator.annotations(node, group.annotations)
    for place, table in tables:
        here = table_node(table, place)
        found += [
            (node, f"<{CSVW}table>", here),
            (here, RDF_TYPE, f"<{CSVW}Table>"),
            (here, f"<{CSVW}url>", f"<{table.url.partition('#')[0]}>"),
        ]
        found += annotator.notes(here, table.notes)
        found += annotator.annotations(here, table.annotations)
        found += [(here, f"<{RDFS}comment>", terms.quote(c)) for c in comments.get(place, ())]
    return found


def _titles(values: Values) -> pl.Series:
    """Return the values as titles: only strings have a language (Metadata, section 5.5)."""
    base, lang = values.column.inherited.datatype.base, values.column.inherited.lang
    language = lang if lang != "und" and canonical_name(base) == "string" else None
    return values.text.to_frame("t").select(terms.literal(pl.col("t"), language)).to_series()


def describe_rows(
    table: Table, place: int, batch: Batch, values: Sequence[Values], subjects: Sequence[pl.Series]
) -> list[Block]:
    """Return the triples of the rows of a batch (step 4.6, up to the cells).

    Args:
        table: The table.
        place: Its position in the group.
        batch: The rows.
        values: The values of all columns.
        subjects: The subjects of the rows, by column.
    """
    first, height = batch.first_row, batch.cells.height
    label = f"_:t{place}row"
    row = pl.int_range(height, eager=True)
    frame = pl.DataFrame({"row": row, "n": (row + first).cast(pl.String), "s": batch.source_rows.cast(pl.String)})
    places = count(place_of(table.schema.columns[-1]) + 4) if table.schema.columns else count()
    node = pl.concat_str(pl.lit(label), pl.col("n"))
    url = table.url.partition("#")[0]

    def block(subject: pl.Expr, term: str, obj: pl.Expr, rows: pl.DataFrame = frame) -> Block:
        predicate = f"<{CSVW}{term}>" if term != "type" else RDF_TYPE
        made = rows.select("row", subject.alias("subject"), pl.lit(predicate).alias("predicate"), obj.alias("object"))
        made = made.drop_nulls().unique(maintain_order=True)
        return Block(
            made.drop("row"),
            rows=made["row"],
            predicate=predicate,
            subjects=TermAffixes(label),
            place=next(places),
        )

    blocks = [
        replace(
            block(pl.lit(table_node(table, place)), "row", node), subjects=TermAffixes(), objects=TermAffixes(label)
        ),
        block(node, "type", pl.lit(f"<{CSVW}Row>")),
        block(node, "rownum", pl.concat_str(pl.lit('"'), pl.col("n"), pl.lit(f'"^^<{XSD}integer>'))),
        block(node, "url", pl.concat_str(pl.lit(f"<{url}#row="), pl.col("s"), pl.lit(">"))),
    ]
    for value in values:
        if value.column.name in table.schema.row_titles:
            rows = frame if value.rows is None else frame[value.rows]
            blocks.append(block(node, "title", pl.lit(_titles(value)), rows))
    blocks += [block(node, "describes", pl.lit(subject)) for subject in subjects]
    return blocks
