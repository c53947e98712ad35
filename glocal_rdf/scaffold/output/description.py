"""Writes the description of a project's tables: a metadata document of CSV on the Web."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, unquote

import polars as pl

from glocal_rdf.namespaces import CSVW, WELL_KNOWN, expand
from glocal_rdf.rdfa_context import RDFA_CONTEXT
from glocal_rdf.scaffold.model import Column, Settings, Table
from glocal_rdf.scaffold.terms import script_language

__all__ = [
    "CONTEXT",
    "class_of",
    "describe_tables",
    "full_iri",
    "language_of",
    "localized",
    "open_columns",
    "read_settings",
    "tables_of",
    "text_of",
    "write_csv",
]

CONTEXT: Final = CSVW.removesuffix("#")
_PREFIXES: Final[Mapping[str, str]] = {**WELL_KNOWN, **RDFA_CONTEXT}


def full_iri(text: str, prefixes: Mapping[str, str] | None = None) -> str:
    """Return the IRI of a property as descriptions write it, with the prefixes of CSV on the Web.

    Examples:
        >>> full_iri("dc:title"), full_iri("https://example.org/ontology#x")
        ('http://purl.org/dc/terms/title', 'https://example.org/ontology#x')
    """
    return expand(text, {**_PREFIXES, **(prefixes or {})}) or text


def localized(text: str, lang: str) -> Any:
    """Return a text as a value of a common property, with its language if it is known.

    A text in Latin letters alone has no language where that is written in another script, and a text in a script of its
    own has the language that is written in it.

    Examples:
        >>> localized("名稱", "en"), localized("Code", "zh-Hant")
        ({'@value': '名稱', '@language': 'zh-Hant'}, 'Code')
    """
    if lang.partition("-")[0] in {"zh", "ja", "ko", "ru", "ar", "el", "he", "th"} and text.isascii():
        return text
    lang = script_language(text, lang)
    return {"@value": text, "@language": lang} if lang else text


def describe_tables(tables: Sequence[Table], settings: Settings) -> dict[str, Any]:
    """Return the metadata document of a project (Metadata Vocabulary, sections 5.3 to 5.6)."""
    document: dict[str, Any] = {
        "@context": [CONTEXT, {"@language": settings.lang}] if settings.lang else CONTEXT,
        "@id": f"{settings.base}dataset/{quote(settings.name)}",
        "dc:title": localized(settings.title, settings.lang),
    }
    if settings.license:
        document["dc:license"] = {"@id": settings.license}
    if settings.languages:
        document["dc:language"] = [{"@value": lang} for lang in settings.languages]
    document["void:uriSpace"] = {"@value": f"{settings.base}id/"}
    document["dialect"] = {"encoding": "utf-8", "header": True, "commentPrefix": None}
    return document | {"tables": [describe_table(table, tables, settings) for table in tables]}


def describe_table(table: Table, tables: Sequence[Table], settings: Settings) -> dict[str, Any]:
    """Return the description of one table.

    Args:
        table: The table.
        tables: The tables that it may refer to.
        settings: The settings of the project.
    """
    described: dict[str, Any] = {
        "url": f"{quote(table.name)}.csv",
        "dc:title": localized(table.title, settings.lang),
    }
    if table.source:
        described["dc:source"] = table.source
    if table.notes:
        described["notes"] = [{"rdfs:comment": localized(text, settings.lang)} for text in table.notes]
    names = {c.name for c in table.columns}
    virtual = next(n for n in ("class", "rdf_type", *(f"class{i}" for i in range(2, 99))) if n not in names)
    columns = [describe_column(column, settings) for column in table.columns]
    value = f"{settings.ontology}{table.class_name}"
    columns.append({"name": virtual, "virtual": True, "propertyUrl": "rdf:type", "valueUrl": value})
    schema: dict[str, Any] = {
        "aboutUrl": f"{settings.base}id/{table.segment}/{{{table.key}}}",
        "primaryKey": table.key,
    }
    by_name = {other.name: other for other in tables}
    keys = [
        {
            "columnReference": column.name,
            "reference": {
                "resource": f"{quote(column.reference.target)}.csv",
                "columnReference": by_name[column.reference.target].key,
            },
        }
        for column in table.columns
        if column.reference is not None and column.role == "reference"
    ]
    if keys:
        schema["foreignKeys"] = keys
    return described | {"tableSchema": schema | {"columns": columns}}


def describe_column(column: Column, settings: Settings) -> dict[str, Any]:
    """Return the description of one column."""
    found: dict[str, Any] = {"name": column.name, "titles": column.title}
    if column.role != "slug":
        found["rdfs:label"] = localized(column.label or column.title, settings.lang)
    if column.source.datatype is not None:
        found["datatype"] = column.source.datatype
    if column.lang:
        found["lang"] = column.lang
    if column.source.null:
        found["null"] = ["", *column.source.null]
    if column.source.separator is not None:
        found["separator"] = column.source.separator
    if column.required:
        found["required"] = True
    if column.role in {"slug", "source"}:
        found["suppressOutput"] = True
    if column.property:
        found["propertyUrl"] = column.property
    if column.value_url:
        found["valueUrl"] = column.value_url
    return found


def tables_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the descriptions of the tables of a metadata document, of a group or of one table."""
    found = document.get("tables", [document])
    return [table for table in found if isinstance(table, dict)] if isinstance(found, list) else []


def read_settings(document: Mapping[str, Any]) -> Settings:
    """Return the settings of a project by its metadata document, as far as it has them."""
    space = document.get("void:uriSpace", "")
    space = str(space.get("@value", space.get("@id", "")) if isinstance(space, dict) else space)
    classes = [found for table in tables_of(document) if (found := class_of(table)) and "ontology#" in found]
    base = classes[0].partition("ontology#")[0] if classes else space.removesuffix("id/")
    languages = document.get("dc:language", [])
    listed = [text_of(one) for one in (languages if isinstance(languages, list) else [languages])]
    licence = document.get("dc:license", "")
    return Settings(
        base,
        unquote(str(document.get("@id", "")).rstrip("/").rpartition("/")[2]),
        text_of(document.get("dc:title", "")),
        tuple(one for one in listed if one),
        bool(listed),
        str(licence.get("@id", "") if isinstance(licence, dict) else licence),
    )


def text_of(value: Any) -> str:
    """Return the text of a common property, the first of several."""
    if isinstance(value, list):
        return text_of(value[0]) if value else ""
    return str(value.get("@value", "")) if isinstance(value, dict) else str(value)


def language_of(value: Any) -> str:
    """Return the language of the text of a common property, or the empty text."""
    if isinstance(value, list):
        return language_of(value[0]) if value else ""
    return str(value.get("@language", "")) if isinstance(value, dict) else ""


def open_columns(table: Mapping[str, Any]) -> set[str]:
    """Return the names of the columns of a described table about which a decision is open, by its notes."""
    found = set()
    for note in table.get("notes", []):
        if isinstance(note, dict) and _id_of(note.get("oa:motivatedBy")) == "oa:questioning":
            target = note.get("oa:hasTarget")
            found.add(str(target.get("csvw:name", "")) if isinstance(target, dict) else "")
    return found - {""}


def _id_of(value: Any) -> str:
    return str(value.get("@id", "")) if isinstance(value, dict) else str(value)


def class_of(table: Mapping[str, Any], prefixes: Mapping[str, str] | None = None) -> str:
    """Return the IRI of the class that a described table gives to its rows, or the empty text."""
    columns = table.get("tableSchema", {}).get("columns", [])
    for column in columns:
        if column.get("virtual") and full_iri(str(column.get("propertyUrl", "")), prefixes) == full_iri("rdf:type"):
            return full_iri(str(column.get("valueUrl", "")), prefixes)
    return ""


def write_csv(cells: pl.DataFrame, titles: Sequence[str]) -> bytes:
    """Write cells as CSV (RFC 4180) in UTF-8, under a header; cells that need no quotation marks have none.

    Examples:
        >>> write_csv(pl.DataFrame({"a": ["1", ""], "b": ["2, 3", "x"]}), ["A", "B"]).splitlines()
        [b'A,B', b'1,"2, 3"', b',x']
    """
    named = cells.rename(dict(zip(cells.columns, [f"{i}" for i in range(cells.width)], strict=True)))
    blank = named.select(pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep())
    body = blank.write_csv(include_header=False, null_value="").encode()
    head = pl.DataFrame({str(i): [t] for i, t in enumerate(titles)}).write_csv(include_header=False).encode()
    return head + body
