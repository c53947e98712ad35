"""Rewrites tables of claims of version 0.5 in the form of 0.6, which has a row for each statement and fewer columns.

What a column is for is read from its description (CSV on the Web), so that any project with claims can be rewritten:

1. The same statement in two languages, in two rows, becomes one row, with the identifier of the first.
2. Predicates become short names, which a new table `predicates.csv` spells out.
3. Values that are dates, numbers or addresses stand in one column `value`; dates are written in EDTF. A bound of a
   number stands before it (`>=20`); that of a date becomes a set of EDTF (`[..2005]`).
4. Points in time, starts and ends stand in one column `time`, as dates and intervals of EDTF.
5. Several passages of a claim are a list in one cell.
6. Rank, reason, contradictions and who made a claim that no document makes go to a new table `curation.csv`.
7. Rows are sorted, so that the claims about a thing stand together.

Whatever cannot be rewritten is reported with its place, and then nothing is.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.namespaces import EDTF, PROV, RDF, SKOS, WELL_KNOWN, WIKIBASE, local_name
from glocal_rdf.scaffold.documents.migration_tables import CURATED, Layout, describe_tables

__all__ = ["Migration", "migrate_claims"]

Row = dict[str, str]

DATE_TYPES: Final = ("gYear", "gYearMonth", "date")
EDTF_DATE: Final = f"{EDTF}EDTF"
_DATE_BOUNDS: Final = {"at-least": "[{}..]", "at-most": "[..{}]", "about": "{}~"}
_CURATED: Final = {
    f"{WIKIBASE}rank": "rank",
    "rankReason": "reason",
    "contradicts": "contradicts",
    f"{PROV}wasAttributedTo": "by",
}


@dataclass(frozen=True)
class Migration:
    """The tables of a project in the new form.

    Attributes:
        files: The new text of each table that changes, by its name in `data/`.
        document: The new description of the tables.
        merged: The identifiers that are no longer used, each with the one that its claim has now.
        rows: How many claims there were, and how many there are.
    """

    files: Mapping[str, str]
    document: Mapping[str, Any]
    merged: Mapping[str, str]
    rows: tuple[int, int]


def migrate_claims(
    files: Mapping[str, str], prefixes: Mapping[str, str], notations: Mapping[str, str] | None = None
) -> Migration | None:
    """Rewrite the tables of claims of a project.

    Args:
        files: The text of each file in `data/`, by its name; `csv-metadata.json` among them.
        prefixes: The prefixes that the project declares.
        notations: What stands before a number for each bound, by the IRI of the bound.

    Returns:
        The files that change; None where there are no claims, or where they have the new form already.

    Raises:
        InputError: With each row that cannot be rewritten.
    """
    document = json.loads(files["csv-metadata.json"])
    tables = document.get("tables", [])
    found = [table for table in tables if _is_claims(table, prefixes)]
    if not found:
        return None
    table = found[0]
    layout = _read_layout(table, prefixes)
    if not layout.is_former:
        return None
    header, rows = _read(files[table["url"]])
    rewriter = _Rewriter(layout, prefixes, notations or {}, table["url"])
    made, merged = rewriter.rewrite(rows)
    if rewriter.problems:
        raise InputError.of(rewriter.problems)
    names = [name for name in tables if name is not table and _is_names(name, prefixes)]
    newline = "\r\n" if "\r\n" in files[table["url"]] else "\n"
    claims, curated = rewriter.split(made, header)
    written = {
        table["url"]: _write(*claims, newline),
        "predicates.csv": _write(["name", "iri", "range"], rewriter.list_predicates(), newline),
    }
    if layout.curated:
        written["curation.csv"] = _write(*curated, newline)
    for one in tables:
        if one is not table and (columns := _list_references(one, table)):
            written[one["url"]] = _rename_references(files[one["url"]], one, columns, merged)
    for one in names:
        written[one["url"]] = _shorten_labels(files[one["url"]], one, prefixes)
    described = describe_tables(document, table, names, layout, claims[0])
    return Migration(written, described, merged, (len(rows), len(made)))


def _expand(iri: str, prefixes: Mapping[str, str]) -> str:
    prefix, mark, name = iri.partition(":")
    namespace = {**WELL_KNOWN, "dc": WELL_KNOWN["dcterms"], **prefixes}.get(prefix)
    return f"{namespace}{name}" if mark and namespace and not name.startswith("//") else iri


def _columns(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [column for column in table.get("tableSchema", {}).get("columns", []) if not column.get("virtual")]


def _properties(table: Mapping[str, Any], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the property of each column of a table."""
    return {c["name"]: _expand(c.get("propertyUrl", ""), prefixes) for c in _columns(table)}


def _is_claims(table: Mapping[str, Any], prefixes: Mapping[str, str]) -> bool:
    """Return whether a table has claims with values of any kind; a table of names has names alone."""
    properties = set(_properties(table, prefixes).values())
    return {f"{RDF}subject", f"{RDF}predicate", f"{RDF}object"} <= properties and not _is_names(table, prefixes)


def _is_names(table: Mapping[str, Any], prefixes: Mapping[str, str]) -> bool:
    properties = _properties(table, prefixes)
    formats = [
        str(column["datatype"].get("format", ""))
        for column in _columns(table)
        if properties[column["name"]] == f"{RDF}predicate" and isinstance(column.get("datatype"), dict)
    ]
    return any("Label" in text for text in formats)


def _datatype(column: Mapping[str, Any]) -> str:
    datatype = column.get("datatype", "string")
    return str(datatype.get("base", "string") if isinstance(datatype, dict) else datatype)


def _read_layout(table: Mapping[str, Any], prefixes: Mapping[str, str]) -> Layout:
    """Find out what each column of a table of claims is for."""
    roles: dict[str, str] = {}
    ranges: dict[str, str] = {}
    for column in _columns(table):
        name, iri, datatype = column["name"], _expand(column.get("propertyUrl", ""), prefixes), _datatype(column)
        local = local_name(iri) if iri else ""
        if iri == f"{RDF}object" and "valueUrl" not in column and "lang" not in column and datatype != "string":
            roles[name] = "value"
            kind = "decimal" if datatype in {"number", "double", "float"} else datatype
            ranges[name] = EDTF_DATE if datatype in DATE_TYPES else f"xsd:{kind}"
        elif iri == f"{RDF}object" and "lang" in column:
            roles[name] = "text"
        elif local in {"pointInTime", "start", "end"} and datatype in DATE_TYPES:
            roles[name] = local
        elif local == "bound":
            roles[name] = "bound"
        elif iri == f"{PROV}wasDerivedFrom":
            roles[name] = "passage"
        elif curated := _CURATED.get(iri) or _CURATED.get(local):
            roles[name] = curated
        elif iri in {f"{RDF}subject", f"{RDF}predicate", f"{RDF}object"}:
            roles[name] = local
        elif name == table["tableSchema"].get("primaryKey"):
            roles[name] = "id"
        else:
            roles[name] = "kept"
    return Layout(roles, ranges)


class _Rewriter:
    """Rewrites the rows of one table of claims; what cannot be rewritten is in `problems`."""

    def __init__(self, layout: Layout, prefixes: Mapping[str, str], notations: Mapping[str, str], file: str) -> None:
        self.layout, self.prefixes, self.notations, self.file = layout, prefixes, notations, file
        self.problems: list[Problem] = []
        self.ranges: dict[str, str] = {}
        self.spellings: dict[str, str] = {}
        self.short: dict[str, str] = {}

    def rewrite(self, rows: Sequence[Row]) -> tuple[list[Row], dict[str, str]]:
        """Return the rows in the new form, and which identifiers gave way to which."""
        self._name_predicates(rows)
        one, merged = self._merge_languages(rows)
        made = [self._rewrite_row(number, row) for number, row in one]
        for row in made:
            row["contradicts"] = merged.get(row.get("contradicts", ""), row.get("contradicts", ""))
        made.sort(key=lambda row: (row["subject"], row["predicate"], _natural(row["id"])))
        return made, merged

    def list_predicates(self) -> list[Row]:
        """List the predicates: short name, spelling and range."""
        listed = [
            {"name": self.short[iri], "iri": self.spellings[iri], "range": self.ranges.get(iri, "")}
            for iri in self.spellings
        ]
        return sorted(listed, key=lambda row: row["name"].lower())

    def split(self, made: Sequence[Row], header: Sequence[str]) -> tuple[tuple[list[str], list[Row]], ...]:
        """Return the header and rows of the claims, and those of what the curators say of them."""
        columns: list[str] = []
        for name in header:
            new = self.layout.place(name)
            if new and new not in columns:
                columns.append(new)
        curated = list(self.layout.curated)
        judged = [row for row in made if any(row.get(name) for name in curated)]
        return (columns, list(made)), (["id", *curated], judged)

    def _name_predicates(self, rows: Sequence[Row]) -> None:
        """Give each predicate a short name: its local name, with its prefix where two have the same."""
        (column,) = self.layout.named("predicate")
        uses: dict[str, int] = {}
        for row in rows:
            iri = _expand(row[column], self.prefixes)
            uses[iri] = uses.get(iri, 0) + 1
            self.spellings.setdefault(iri, row[column])
        taken: set[str] = set()
        for iri in sorted(uses, key=lambda one: (-uses[one], one)):
            name = local_name(iri)
            if name in taken:
                prefix = self.spellings[iri].partition(":")[0]
                name = f"{prefix}{name[:1].upper()}{name[1:]}"
            taken.add(name)
            self.short[iri] = name

    def _merge_languages(self, rows: Sequence[Row]) -> tuple[list[tuple[int, Row]], dict[str, str]]:
        """Put the same statement in different languages into one row.

        Two rows are the same statement where all but their identifiers, texts and contradictions are equal, and as many
        rows have the one language as the other; they are paired in the order of their identifiers.
        """
        texts = self.layout.named("text")
        loose = {*texts, *self.layout.named("contradicts"), *self.layout.named("id")}
        (key,) = self.layout.named("id")
        groups: dict[tuple[str, ...], dict[str, list[tuple[int, Row]]]] = {}
        for number, row in enumerate(rows, 2):
            filled = [name for name in texts if row[name]]
            if len(filled) == 1:
                same = tuple(value for name, value in row.items() if name not in loose)
                groups.setdefault(same, {}).setdefault(filled[0], []).append((number, row))
        merged: dict[str, str] = {}
        taken: dict[str, Row] = {}
        for by_language in groups.values():
            lists = [sorted(found, key=lambda one: _natural(one[1][key])) for found in by_language.values()]
            if len(lists) < 2 or len({len(found) for found in lists}) > 1:
                continue
            for same_statement in zip(*lists, strict=True):
                first = min((row for _, row in same_statement), key=lambda row: _natural(row[key]))
                together = dict(first)
                for _, row in same_statement:
                    together |= {name: row[name] for name in texts if row[name]}
                    if row is not first:
                        merged[row[key]] = first[key]
                taken[first[key]] = together
        kept = [(n, taken.get(row[key], row)) for n, row in enumerate(rows, 2) if row[key] not in merged]
        return kept, merged

    def _rewrite_row(self, number: int, row: Row) -> Row:
        iri = _expand(row[self.layout.named("predicate")[0]], self.prefixes)
        made: Row = {}
        for name, value in row.items():
            role = self.layout.roles.get(name, "kept")
            if role in {"kept", "text", *CURATED}:
                made[self.layout.place(name) or role] = value
        for role in ("id", "subject", "predicate", "object"):
            made[role] = next((row[name] for name in self.layout.named(role)), "")
        made["predicate"] = self.short[iri]
        made["value"] = self._write_value(number, row, iri)
        made["time"] = self._write_time(number, row)
        made["passage"] = " ".join(row[name] for name in self.layout.named("passage") if row[name])
        return made

    def _write_value(self, number: int, row: Row, iri: str) -> str:
        filled = [name for name in self.layout.named("value") if row[name]]
        if len(filled) > 1:
            self._report(number, f"has {' and '.join(filled)}; a claim has one value")
        bound = next((row[name] for name in self.layout.named("bound") if row[name]), "")
        if not filled:
            if bound:
                self._report(number, f"has the bound {bound}, and no number or date")
            return ""
        name, value = filled[0], row[filled[0]]
        known = self.ranges.setdefault(iri, self.layout.ranges[name])
        if known != self.layout.ranges[name]:
            self._report(number, f"{name}: the values of {self.short[iri]} have the datatype {known} in other rows")
        if not bound:
            return value
        if known == EDTF_DATE and bound.rpartition("/")[2] in _DATE_BOUNDS:
            return _DATE_BOUNDS[bound.rpartition("/")[2]].format(value)
        mark = next((sign for one, sign in self.notations.items() if one.endswith(f"/{bound}")), "")
        if known == EDTF_DATE or not mark:
            self._report(number, f"has the bound {bound}, which has no notation (skos:notation) before a {name}")
        return f"{mark}{value}"

    def _write_time(self, number: int, row: Row) -> str:
        found = {
            role: [row[name] for name in self.layout.named(role) if row[name]]
            for role in ("pointInTime", "start", "end")
        }
        at, start, end = found["pointInTime"], found["start"], found["end"]
        if len(at) > 1 or len(start) > 1 or len(end) > 1 or (at and (start or end)):
            self._report(number, "has more than one time; a claim has a point in time, or one start and one end")
        if at or not (start or end):
            return "".join(at[:1])
        return f"{''.join(start[:1])}/{''.join(end[:1])}"

    def _report(self, number: int, what: str) -> None:
        where = f"data/{self.file}:{number}"
        self.problems.append(Problem(where, what, "correct the row, and rewrite the tables again"))


def _natural(identifier: str) -> tuple[str, int, str]:
    """Return a key that sorts claims of one kind by their number: `t2` before `u2` before `t10`."""
    found = re.fullmatch("(.*-)([a-z]*)([0-9]+)", identifier)
    return (found[1], int(found[3]), found[2]) if found else (identifier, 0, "")


def _read(text: str) -> tuple[list[str], list[Row]]:
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return header, [dict(zip(header, row, strict=False)) for row in rows if row]


def _write(header: Sequence[str], rows: Sequence[Mapping[str, str]], newline: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=newline)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return out.getvalue()


def _list_references(table: Mapping[str, Any], claims: Mapping[str, Any]) -> list[str]:
    """List the columns of a table that refer to claims."""
    keys = table["tableSchema"].get("foreignKeys", [])
    found = [key["columnReference"] for key in keys if key["reference"].get("resource") == claims["url"]]
    return [name for name in found if isinstance(name, str)]


def _rename_references(text: str, table: Mapping[str, Any], columns: Sequence[str], merged: Mapping[str, str]) -> str:
    """Write the identifiers of merged claims in another table; rows that are equal then are one.

    Raises:
        InputError: Where two rows that differ have the same key then.
    """
    header, rows = _read(text)
    made: dict[tuple[str, ...], Row] = {}
    primary = table["tableSchema"].get("primaryKey", [])
    key = [primary] if isinstance(primary, str) else list(primary)
    for number, row in enumerate(rows, 2):
        new = row | {name: merged.get(row[name], row[name]) for name in columns}
        place = tuple(new[name] for name in key) if key else (str(number),)
        if made.setdefault(place, new) != new:
            what = f"says of {', '.join(place)} what an earlier row says otherwise, once both claims are one"
            raise InputError.at(f"data/{table['url']}:{number}", what, "make the two rows equal")
    return _write(header, list(made.values()), "\r\n" if "\r\n" in text else "\n")


def _shorten_labels(text: str, table: Mapping[str, Any], prefixes: Mapping[str, str]) -> str:
    """Write the predicates of a table of names without their prefix."""
    (column,) = (name for name, iri in _properties(table, prefixes).items() if iri == f"{RDF}predicate")
    header, rows = _read(text)
    for row in rows:
        row[column] = row[column].removeprefix("skos:").removeprefix(SKOS)
    return _write(header, rows, "\r\n" if "\r\n" in text else "\n")
