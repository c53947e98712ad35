"""Makes foreign keys of references between tables, and the IRIs of what the cells refer to.

Metadata Vocabulary for Tabular Data, section 5.5.2.1: https://www.w3.org/TR/tabular-metadata/#schema-foreign-keys
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from glocal_rdf.csvw.description.cells import TableCells, read_cells
from glocal_rdf.csvw.description.columns import column_name, find_column, schema_of
from glocal_rdf.csvw.description.given_decisions import Change, Draft
from glocal_rdf.csvw.engine import Job
from glocal_rdf.csvw.keys import KeyColumns, check_keys
from glocal_rdf.csvw.metadata.model import Column, ForeignKey, Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.uri_templates import parse_template
from glocal_rdf.csvw.tables.resources import decode_path
from glocal_rdf.errors import InputError
from glocal_rdf.spelling import did_you_mean

__all__ = ["check_primary", "check_reference", "refer"]


def refer(draft: Draft, word: str, target: str) -> None:
    """Make a column refer to a column of a table of the same description (`TABLE.COLUMN`).

    Its `valueUrl` becomes the `aboutUrl` of the other table, where that is made of the column alone.

    Args:
        draft: The description.
        word: The name or title of the column.
        target: The table, by its file with or without the ending, a dot, and the column that is referred to.

    Raises:
        InputError: Where there is no such column or table.
    """
    place = draft.find(word)
    there, column = _find_target(draft, target)
    tables = _tables(draft.document)
    name = draft.give_name(place)
    if not isinstance(there.get("tableSchema"), dict):
        raise InputError.at(draft.cells.file, f"{there.get('url')} has no schema of its own", "describe it first")
    other = there["tableSchema"]["columns"]
    referenced = column_name(other[column], column + 1)
    if "name" not in other[column]:
        other[column] = {"name": referenced, **other[column]}
    key = {"columnReference": name, "reference": {"resource": there["url"], "columnReference": referenced}}
    keys = draft.schema.get("foreignKeys")
    kept = [k for k in keys if not _is_of(k, name)] if isinstance(keys, list) else []
    draft.schema["foreignKeys"] = [*kept, key]
    index = next(i for i, t in enumerate(tables) if t is there)
    template = _address_of(draft.job, index, referenced, name)
    if template is not None and there is not draft.table and template.startswith("#"):
        template = f"{there['url']}{template}"
    if "valueUrl" not in draft.columns[place]:
        if template is not None:
            draft.columns[place]["valueUrl"] = template
        else:
            what = f"{name}: {there['url']} has no aboutUrl that is made of {referenced} alone, so cells stay text"
            draft.warn(what, 'give the column a "valueUrl" by hand', name)
    draft.changes.append(Change(place, f"refers to {referenced} of {there['url']}", ("foreignKeys",)))


def _is_of(key: Any, name: str) -> bool:
    return isinstance(key, dict) and key.get("columnReference") in (name, [name])


def _tables(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("tables", [document])
    return [t for t in found if isinstance(t, dict)]


def _find_target(draft: Draft, target: str) -> tuple[dict[str, Any], int]:
    """Return the table and the place of the column that `TABLE.COLUMN` names.

    Raises:
        InputError: Where the description has no such table or column.
    """
    names: dict[str, dict[str, Any]] = {}
    for table in _tables(draft.document):
        plain, _, fragment = str(table.get("url", "")).partition("#")
        file = decode_path(plain).rpartition("/")[2]
        for name in (str(table.get("url", "")), file, file.rpartition(".")[0], fragment.removeprefix("sheet=")):
            if name:
                names.setdefault(name, table)
    where = draft.cells.file
    for at in [i for i, c in enumerate(target) if c == "."][::-1]:
        found = names.get(target[:at])
        if found is not None:
            columns = schema_of(found, draft.document).get("columns", [])
            return found, find_column(columns, target[at + 1 :], str(found["url"]))
    wanted = target.rpartition(".")[0]
    if not wanted:
        raise InputError.at(where, f"{target!r} does not name a table and a column", "write it as countries.code")
    hint = did_you_mean(wanted, names, "describe both tables in one description: -o csv-metadata.json for each")
    raise InputError.at(where, f"the description has no table {wanted!r}", hint)


def _address_of(job: Job, place: int, referenced: str, name: str) -> str | None:
    """Return the template of a table's things with another variable, or None where it has other variables too."""
    if place >= len(job.group.tables):
        return None
    table = job.group.tables[place]
    column = next((c for c in table.schema.columns if c.name == referenced), None)
    template = None if column is None else column.inherited.about_url
    if template is None or parse_template(template).names != {referenced}:
        return None
    changed = template.replace("{" + referenced + "}", "{" + name + "}")
    return changed if parse_template(changed).names == {name} else None


def check_reference(job: Job, place: int, cells: TableCells, key: ForeignKey, problems: ProblemCollector) -> None:
    """Add an error for each cell that refers to no row of the other table, or to more than one.

    Args:
        job: The tables of the description.
        place: The position of the table that has the key.
        cells: The cells of that table.
        key: The foreign key.
        problems: Takes the errors.
    """
    tables = job.group.tables
    target = next(
        (i for i, t in enumerate(tables) if t.url.partition("#") == (key.resource or "").partition("#")), None
    )
    if target is None:
        problems.error("foreign-key", f"{key.resource} is not a table of the description")
        return
    other = cells if target == place else read_cells(job, target)
    here = replace(tables[place], schema=replace(tables[place].schema, foreign_keys=(key,), primary_key=()))
    if target == place:
        own = _collect(here, cells, frozenset({*key.columns, *key.referenced}), problems)
        check_keys({0: own}, [here])
        return
    there = replace(tables[target], schema=replace(tables[target].schema, foreign_keys=(), primary_key=()))
    found = {
        0: _collect(here, cells, frozenset(key.columns), problems),
        1: _collect(there, other, frozenset(key.referenced), ProblemCollector(other.file)),
    }
    check_keys(found, [here, there])


def check_primary(table: Table, cells: TableCells, problems: ProblemCollector) -> None:
    """Add an error for each row whose primary key is that of another row.

    Args:
        table: The table with its primary key.
        cells: Its cells.
        problems: Takes the errors.
    """
    alone = replace(table, schema=replace(table.schema, foreign_keys=()))
    check_keys({0: _collect(alone, cells, frozenset(table.schema.primary_key), problems)}, [alone])


def _collect(table: Table, cells: TableCells, names: frozenset[str], problems: ProblemCollector) -> KeyColumns:
    """Return the values of some columns of a table."""
    collected = KeyColumns(table, problems, names)
    columns: Sequence[Column] = [c for c in table.schema.columns if c.name in names and not c.virtual]
    values = [replace(cells.parse(c), column=c) for c in columns if c.number <= cells.batch.cells.width]
    collected.add(values, cells.batch)
    return collected
