"""Applies a Table Schema to the draft of a description: each field to its column, where all cells are as it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from glocal_rdf.csvw.description.cells import first_errors, open_tables
from glocal_rdf.csvw.description.decisions import read_open_decisions, resolve
from glocal_rdf.csvw.description.given_decisions import Change, Decisions, Draft
from glocal_rdf.csvw.frictionless.fields import Translation, translate_field
from glocal_rdf.csvw.frictionless.packages import TableSchema
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.errors import GlocalError, Problem

__all__ = ["apply_table_schema"]

KIND = "frictionless"


def apply_table_schema(draft: Draft, found: TableSchema) -> Decisions:
    """Apply a Table Schema to a draft; return the decisions that are left to take: its keys and references.

    A field that cells contradict is reported with the cells, and the guess stays. So is what has no counterpart in CSV
    on the Web.
    """
    schema, headers = found.schema, [" ".join(t) for t in draft.cells.titles]
    fields = [f for f in schema.get("fields", []) if isinstance(f, dict)]
    for number, field in enumerate(fields):
        name = str(field.get("name", ""))
        if name in headers:
            _apply_field(draft, found, headers.index(name), translate_field(field, schema.get("missingValues")), name)
        elif not any(headers) and number < len(headers):
            _apply_field(draft, found, number, translate_field(field, schema.get("missingValues")), name)
        else:
            _report(draft, found, f"the table has no column {name!r}", "it is ignored")
    for name in ("title", "description"):
        if isinstance(found.resource.get(name), str):
            draft.table.setdefault(f"dc:{name}", found.resource[name])
    licenses = found.resource.get("licenses")
    for licence in licenses if isinstance(licenses, list) else []:
        if isinstance(licence, dict) and str(licence.get("path", "")).startswith("http"):
            draft.table.setdefault("dc:license", {"@id": licence["path"]})
    _report_dialect(draft, found)
    return _read_keys(draft, found, headers)


def _report(draft: Draft, found: TableSchema, what: str, hint: str, column: str = "", *, error: bool = False) -> None:
    file = str(found.path)
    text = f"{column}: {what}" if column else what
    draft.warnings.append(Problem(file, text, hint, KIND, "error" if error else "warning", file, 0, column))


def _apply_field(draft: Draft, found: TableSchema, place: int, field: Translation, name: str) -> None:
    """Set the properties of a column, if its cells are as they say."""
    key = found.schema.get("primaryKey")
    for left in field.left_out:
        if left == "constraint unique" and key in (name, [name]):
            continue
        _report(draft, found, f"{left} has no counterpart in CSV on the Web", "it is left out", name)
    before = dict(draft.columns[place])
    cells = draft.cells.column(place)
    occurring = [w for w in field.missing if (cells == w).any()]
    changed = {**before, **field.properties}
    if occurring:
        changed["null"] = ["", *occurring]
    elif "datatype" in field.properties and "null" not in field.properties:
        changed.pop("null", None)
    wrong: tuple[Problem, ...] = ()
    for candidate in _variants(changed):
        draft.columns[place] = candidate
        wrong = _contradictions(draft, place)
        if not wrong:
            break
    else:
        draft.columns[place] = {**before, **{k: v for k, v in field.properties.items() if k.startswith(("dc:", "t"))}}
        draft.warnings += [replace(p, kind=KIND, level="error") for p in wrong]
        _report(draft, found, "does not fit the cells above", "the guess from the cells is kept", name, error=True)
        return
    if "datatype" in field.properties or occurring:
        own = [d for d in read_open_decisions(draft.document, answered=True)
               if d.place[0] == draft.place and d.column == draft.name_of(place)]  # fmt: skip
        draft.document = resolve(draft.document, own)
    draft.changes.append(Change(place, f"as in {found.path.name}"))


def _variants(column: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a column, and the same with a form that takes more: dates of single digits, numbers with exponents."""
    tried = [dict(column)]
    datatype = column.get("datatype")
    if isinstance(datatype, dict) and isinstance(datatype.get("format"), str) and "yyyy" in datatype["format"]:
        loose = datatype["format"].replace("dd", "d").replace("MM", "M").replace("HH", "H")
        tried.append({**column, "datatype": {**datatype, "format": loose}})
    if datatype == "decimal":
        tried.append({**column, "datatype": "double"})
    return tried


def _contradictions(draft: Draft, place: int) -> tuple[Problem, ...]:
    """Return the first cells of a column that are not as it is described, or what is wrong with its description."""
    try:
        job = open_tables(draft.where, draft.document, prefixes=draft.prefixes)
    except GlocalError as error:
        return error.problems
    known = {p.what for p in draft.job.metadata_problems.items}
    at = f"columns[{place}]"
    if odd := [p for p in job.metadata_problems.items if p.what not in known and at in p.what]:
        return tuple(odd)
    problems = ProblemCollector(draft.cells.file)
    draft.cells.parse(job.group.tables[draft.place].schema.columns[place], problems)
    return first_errors(problems, 3)[0]


def _report_dialect(draft: Draft, found: TableSchema) -> None:
    """Report where a dialect or encoding is not that by which the file was read."""
    dialect = draft.job.group.tables[draft.place].dialect
    given: Any = found.resource.get("dialect")
    given = given if isinstance(given, dict) else {}
    csv = given.get("csv")
    given = csv if isinstance(csv, dict) else given
    mark = given.get("delimiter")
    if isinstance(mark, str) and mark != dialect.delimiter:
        _report(draft, found, f"delimiter {mark!r} is not that of the file, {dialect.delimiter!r}", "it is ignored")
    encoding = found.resource.get("encoding")
    if isinstance(encoding, str) and _plain(encoding) != _plain(dialect.encoding):
        _report(draft, found, f"encoding {encoding} is not that of the file, {dialect.encoding}", "it is ignored")


def _plain(encoding: str) -> str:
    return encoding.lower().replace("_", "-").replace("utf8", "utf-8").removesuffix("-sig")


def _read_keys(draft: Draft, found: TableSchema, headers: list[str]) -> Decisions:
    """Return the keys and references of a Table Schema as decisions; those to other descriptions are reported."""
    key = found.schema.get("primaryKey", [])
    words = [k for k in (key if isinstance(key, list) else [key]) if isinstance(k, str) and k]
    if missing := [w for w in words if w not in headers]:
        _report(draft, found, f"primaryKey: the table has no column {', '.join(missing)}", "it is ignored")
        words = []
    references: dict[str, str] = {}
    foreign = found.schema.get("foreignKeys")
    for item in foreign if isinstance(foreign, list) else []:
        reference = item.get("reference", {}) if isinstance(item, dict) else {}
        here, there = item.get("fields"), reference.get("fields")
        here, there = (f[0] if isinstance(f, list) and len(f) == 1 else f for f in (here, there))
        name = str(reference.get("resource", ""))
        path = found.others.get(name, name) if name else draft.url
        if not (isinstance(here, str) and isinstance(there, str)):
            _report(draft, found, f"foreignKeys: {here} has several columns", "write it by hand")
        elif path == draft.url or _is_described(draft, path):
            references[here] = f"{path}.{there}"
        else:
            hint = f"describe {path} in the same description (-o csv-metadata.json), then --refers {here}=…"
            _report(draft, found, f"foreignKeys: {here} refers to {name}, which is not described here", hint)
    if found.schema.get("uniqueKeys"):
        _report(draft, found, "uniqueKeys have no counterpart in CSV on the Web", "they are left out")
    return Decisions(key=words, references=references)


def _is_described(draft: Draft, path: str) -> bool:
    tables = draft.document.get("tables", [])
    return any(isinstance(t, dict) and t.get("url") == path for t in tables)
