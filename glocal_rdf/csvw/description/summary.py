"""Sums up a description and the cells of its table, column by column, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from glocal_rdf.csvw.description.cells import count_cells
from glocal_rdf.csvw.description.columns import column_name, titles_of
from glocal_rdf.csvw.description.datatype_texts import as_option, as_text
from glocal_rdf.csvw.description.decisions import OpenDecision, is_assessed
from glocal_rdf.csvw.description.given_decisions import Draft
from glocal_rdf.csvw.engine import Job
from glocal_rdf.csvw.guess.columns import guess_column

__all__ = ["ColumnSummary", "summarize"]


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """A column: how it is described, and what its cells hold.

    Attributes:
        name: Its name in the description.
        titles: Its headers.
        datatype: The name of its datatype; `string` where it has none.
        form: How its cells are written: format, language, separator, words for no value.
        property: Its `propertyUrl`, empty where it has none.
        refers: The table and column that it refers to, as `countries.csv.code`.
        key: Whether it is in the primary key.
        required: Whether no cell may be empty.
        cells: The number of its cells.
        empty: How many have no value.
        distinct: How many different values there are.
        examples: The first different values.
        decisions: The open decisions about it.
        suggestion: The datatype that all cells have, where its description has none: `integer`, `date:d.M.yyyy`.
    """

    name: str
    titles: tuple[str, ...]
    datatype: str
    form: str
    property: str
    refers: str
    key: bool
    required: bool
    cells: int
    empty: int
    distinct: int
    examples: tuple[str, ...]
    decisions: tuple[OpenDecision, ...] = ()
    suggestion: str = ""


def summarize(
    draft: Draft, job: Job, decisions: Sequence[OpenDecision], *, suggest: bool = False
) -> Iterator[ColumnSummary]:
    """Yield the summary of each column of the file.

    Args:
        draft: The description, with the cells of the table.
        job: The tables as they are described in the draft.
        decisions: The open decisions of the description.
        suggest: Whether datatypes are suggested for columns without one: not for a description that was just guessed.
    """
    described = [c for c in job.group.tables[draft.place].schema.columns if not c.virtual]
    key = draft.schema.get("primaryKey", [])
    keys = key if isinstance(key, list) else [key]
    for place, counts in enumerate(count_cells(draft.cells, described)):
        column: Any = draft.present[place] if place < len(draft.present) else {}
        name = column_name(column, place + 1)
        datatype, form = as_text(column.get("datatype"))
        if place < len(described):
            inherited = described[place].inherited
            datatype = inherited.datatype.base if datatype == "string" else datatype
        own = tuple(d for d in decisions if d.column == name and d.place[0] == draft.place)
        yield ColumnSummary(
            name,
            titles_of(column),
            datatype,
            "; ".join(_forms(column, form)),
            str(column.get("propertyUrl", "")),
            _reference(draft, name),
            name in keys,
            column.get("required") is True,
            counts.cells,
            counts.empty,
            counts.distinct,
            counts.examples,
            own,
            _suggest(draft, place, column) if suggest and not own else "",
        )


def _suggest(draft: Draft, place: int, column: Any) -> str:
    """Return the datatype that the cells of a column have, if nothing is decided about it and it is not text."""
    if any(name in column for name in _DECIDED) or is_assessed(
        draft.table.get("notes"), column_name(column, place + 1)
    ):
        return ""
    inherited = draft.job.group.tables[draft.place].inherited
    if inherited.datatype.base != "string" or inherited.separator is not None:
        return ""
    delimiter = draft.job.group.tables[draft.place].dialect.delimiter
    kind = draft.cells.kinds[place] if place < len(draft.cells.kinds) else ""
    found = guess_column(column_name(column, place + 1), titles_of(column), draft.cells.column(place), delimiter, kind)
    return "" if found.datatype is None or found.null else as_option(found.datatype)


_DECIDED = frozenset({"datatype", "separator", "valueUrl", "null", "lang", "suppressOutput"})


def _forms(column: Any, form: str) -> Iterator[str]:
    """Yield how the cells of a column are written."""
    if form:
        yield form
    if isinstance(column.get("lang"), str):
        yield column["lang"]
    if isinstance(column.get("separator"), str):
        yield f"list {column['separator']}"
    null = column.get("null", "")
    words = [w for w in (null if isinstance(null, list) else [null]) if w]
    if words:
        yield f"no value: {', '.join(map(str, words))}"


def _reference(draft: Draft, name: str) -> str:
    keys = draft.schema.get("foreignKeys")
    for key in keys if isinstance(keys, list) else []:
        if isinstance(key, dict) and key.get("columnReference") in (name, [name]):
            reference = key.get("reference")
            if isinstance(reference, dict):
                return f"{unquote(str(reference.get('resource', '')))}.{reference.get('columnReference', '')}"
    return ""
