"""The columns that show the statements about some things: one for each property, language and datatype.

Every form names a property alike: by its label in the reader's language, or else by the last part of its IRI. Where a
property has values of several kinds, the language, the datatype or the word IRI follows in brackets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from glocal_rdf.exports.graph import DescribedGraph
from glocal_rdf.namespaces import DCTERMS, FOAF, RDFS_LABEL, SCHEMA, SCHEMA_HTTPS, SKOS, local_name, shorten, term
from glocal_rdf.triples import terms

__all__ = ["KEY", "Column", "list_columns", "name_term", "unique_name"]

KEY: Final = ("predicate", "kind", "lang", "datatype")
"""What makes a column: the values of one property that are of one kind."""

_NAMES: Final = (
    term(SKOS, "prefLabel"),
    RDFS_LABEL,
    term(SCHEMA, "name"),
    term(SCHEMA_HTTPS, "name"),
    term(FOAF, "name"),
    term(DCTERMS, "title"),
)
"""The properties whose columns come first: names."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of values.

    Attributes:
        predicate: The property, as a term.
        kind: Whether the values are IRIs or literals.
        lang: The language of texts; None where they have none.
        datatype: The IRI of the datatype of literals without a language.
        values: How many statements it shows.
        title: Its title for people, different from those of the other columns.
        name: Its name for programs: letters, digits and `_`, different from those of the other columns.
    """

    predicate: str
    kind: str
    lang: str | None
    datatype: str | None
    values: int
    title: str = ""
    name: str = ""

    @property
    def key(self) -> tuple[str, str, str | None, str | None]:
        """What the rows of `split_terms` that it shows have in common."""
        return self.predicate, self.kind, self.lang, self.datatype


def list_columns(graph: DescribedGraph, rows: pl.DataFrame, taken: Iterable[str] = ()) -> list[Column]:
    """List the columns that the statements in `rows` (as of `split_terms`) need: names first, then the fullest.

    Args:
        graph: The graph, for the names of properties.
        rows: The statements.
        taken: Names and titles that other columns have already.
    """
    found = [Column(*counted) for counted in rows.group_by(KEY).len().iter_rows()]
    per_property = Counter(column.predicate for column in found)
    order: dict[str, int] = {name: at for at, name in enumerate(_NAMES)}
    totals: Counter[str] = Counter()
    for column in found:
        totals[column.predicate] += column.values
    found.sort(
        key=lambda column: (
            order.get(column.predicate, len(order)),
            -totals[column.predicate],
            column.predicate,
            -column.values,
            column.kind,
            column.lang or "",
            column.datatype or "",
        )
    )
    titles, names = set(taken), {name.lower() for name in taken}
    out = []
    for column in found:
        more = _describe_kind(column) if per_property[column.predicate] > 1 else ""
        title = name_term(graph, column.predicate) + (f" ({more})" if more else "")
        name = local_name(column.predicate) + (f"_{more}" if more else "")
        out.append(
            replace(column, title=unique_name(title, titles, " {}"), name=unique_name(_as_name(name), names, "_{}"))
        )
    return out


def name_term(graph: DescribedGraph, one: str) -> str:
    """Return what a property, class or thing is called: its label, or else the last part of its IRI."""
    label = graph.labels.get(one, "")
    return " ".join(label.split()) or local_name(one) or one


def _describe_kind(column: Column) -> str:
    if column.lang is not None:
        return column.lang
    if column.kind == terms.IRI:
        return "IRI"
    return "" if column.datatype == terms.STRING else local_name(f"<{column.datatype}>")


def _as_name(text: str) -> str:
    """Return a text as the name of a column, which URI templates can use (Metadata Vocabulary, section 5.6)."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    return name or "column"


def unique_name(name: str, taken: set[str], more: str) -> str:
    """Return a name that is not taken yet, whatever its case, and add it to `taken`.

    Args:
        name: The name that is wanted.
        taken: The names that are taken, in small letters.
        more: How a number follows a name that is taken: ` {}`.
    """
    found, number = name, 1
    while found.lower() in taken or found in taken:
        number += 1
        found = name + more.format(number)
    taken |= {found, found.lower()}
    return found


def shorten_term(graph: DescribedGraph, one: str) -> str:
    """Return a term with its prefix, where it has one, without brackets."""
    return shorten(one, graph.prefixes).strip("<>")
