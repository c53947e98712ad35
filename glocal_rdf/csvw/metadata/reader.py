"""Reads a metadata document into the descriptions of a group of tables.

Metadata Vocabulary for Tabular Data, sections 5.2 (top level), 5.3 (groups) and 5.4 (tables), and 6 (normalization).
Problems of the document are collected; those that leave no tables to work with are raised as TableError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from glocal_rdf.csvw.metadata.annotations import read_annotation, read_annotations
from glocal_rdf.csvw.metadata.dialects import read_dialect
from glocal_rdf.csvw.metadata.inherited import NAMES as INHERITED
from glocal_rdf.csvw.metadata.inherited import read_inherited
from glocal_rdf.csvw.metadata.model import Annotations, Dialect, Inherited, Schema, Table, TableGroup
from glocal_rdf.csvw.metadata.properties import (
    Reading,
    check_type,
    is_language,
    read_array,
    read_boolean,
    read_choice,
    read_id,
    read_link,
    read_titles,
    show,
    warn_unknown,
)
from glocal_rdf.csvw.metadata.schemas import read_schema
from glocal_rdf.csvw.metadata.vocabulary import CONTEXT
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.triples import iris

__all__ = ["read_metadata"]

_GROUP = frozenset(
    {"@context", "@id", "@type", "dialect", "notes", "tableDirection", "tableSchema", "tables", "transformations"}
)
_TABLE = frozenset(
    {
        "@context",
        "@id",
        "@type",
        "dialect",
        "notes",
        "suppressOutput",
        "tableDirection",
        "tableSchema",
        "transformations",
        "url",
    }
)
_TRANSFORMATION = frozenset({"@id", "@type", "scriptFormat", "source", "targetFormat", "titles", "url"})
_DIRECTIONS = ("rtl", "ltr", "auto")


@dataclass(frozen=True, slots=True)
class _GroupDefaults:
    """The properties that a group passes to its tables."""

    inherited: Inherited
    dialect: Dialect | None = None
    schema: Any = None
    schema_reading: Reading | None = None
    table_direction: str = "auto"
    transformations: tuple[dict[str, Any], ...] = ()


def read_metadata(
    document: object,
    url: str,
    problems: ProblemCollector,
    load: Callable[[str], Any],
    *,
    resolve_link: Callable[[str, str], str] = iris.resolve,
    prefixes: Mapping[str, str] | None = None,
    strict: bool = False,
) -> TableGroup:
    """Return the group of tables that a metadata document describes.

    Args:
        document: The parsed JSON.
        url: Its address.
        problems: Takes what is wrong with it.
        load: Reads another JSON document that it refers to, by its address.
        resolve_link: Resolves a link to a table against a base.
        prefixes: The prefixes that a project declares.
        strict: Follow the letter of the Recommendation where it makes data worse.

    Raises:
        TableError: Where there are no tables to work with.
    """
    if not isinstance(document, dict):
        problems.fail("metadata", "is not a metadata document: its JSON is not an object")
    reading = Reading(url, problems, load, resolve_link=resolve_link, prefixes=prefixes or {}, strict=strict)
    reading = _read_context(reading, document.get("@context"), required=True)
    if "tables" in document or document.get("@type") == "TableGroup":
        return _read_group(reading, document)
    if "url" in document or document.get("@type") == "Table":
        table = _read_table(reading, document, _GroupDefaults(Inherited()))
        if table is None:
            problems.fail("metadata", "describes no table")
        return TableGroup((table,))
    return problems.fail("metadata", 'describes no table: it has neither "tables" nor "url"')


def _read_context(reading: Reading, context: object, *, required: bool) -> Reading:
    """Return the reading with what the `@context` sets: a base and a default language at most (section 5.2)."""
    inner = reading.inside("@context")
    if context is None and not required:
        what, hint = "is missing", f'write "@context": "{CONTEXT}"'
        (inner.error if reading.strict else inner.warning)(what, hint)
        return reading
    local: object = {}
    name = context
    if isinstance(context, list):
        if len(context) not in (1, 2):
            inner.error(f"{show(context)} does not have one or two members")
            return reading
        name, local = context[0], (context[1] if len(context) == 2 else {})
        if not local and reading.strict:
            inner.error("is an array that gives neither @base nor @language", f'write "{CONTEXT}" alone')
    if name != CONTEXT:
        inner.error(f"{show(name)} is not {CONTEXT!r}" if context is not None else "is missing", f'write "{CONTEXT}"')
    if not isinstance(local, dict):
        inner.error(f"{show(local)} is not an object with @base or @language")
        return reading
    for key in local.keys() - {"@base", "@language"}:
        inner.error(f"{key!r} is not permitted", "only @base and @language are")
    base, language = local.get("@base"), local.get("@language")
    if "@base" in local:
        if isinstance(base, str):
            resolved = inner.inside("@base").resolve(base)
            reading = reading if resolved is None else replace(reading, base=resolved)
        else:
            inner.inside("@base").warning(f"{show(base)} is not a URL")
    if "@language" in local and language is not None:
        if isinstance(language, str) and is_language(language):
            reading = replace(reading, language=language)
        else:
            inner.inside("@language").warning(f"{show(language)} is not a language tag (BCP 47)")
    return reading


def _read_group(reading: Reading, document: dict[str, Any]) -> TableGroup:
    """Return a group of tables (section 5.3)."""
    warn_unknown(reading, document, _GROUP | INHERITED)
    if "@type" in document:
        check_type(reading, document["@type"], "TableGroup")
    identifier = read_id(reading, document["@id"]) if "@id" in document else None
    schema, schema_reading = _load_object(reading, "tableSchema", document)
    above = _GroupDefaults(
        inherited=read_inherited(reading, document, Inherited()),
        dialect=_read_dialect(reading, document),
        schema=schema,
        schema_reading=schema_reading,
        table_direction=_direction(reading, document, "auto"),
        transformations=_transformations(reading, document),
    )
    tables = []
    for index, item in enumerate(read_array(reading, "tables", document.get("tables"))):
        inner = reading.inside(f"tables[{index}]")
        if not isinstance(item, dict):
            inner.warning(f"{show(item)} is not a table description")
            continue
        table = _read_table(inner, item, above)
        if table is not None:
            tables.append(table)
    if not tables:
        reading.problems.fail("metadata", "tables: describes no table")
    notes, annotations = _notes(reading, document), read_annotations(reading, document)
    return TableGroup(tuple(tables), identifier, notes, annotations)


def _read_table(reading: Reading, document: dict[str, Any], above: _GroupDefaults) -> Table | None:
    """Return a table (section 5.4), or None where it has no url."""
    warn_unknown(reading, document, (_TABLE if not reading.path else _TABLE - {"@context"}) | INHERITED)
    if "@type" in document:
        check_type(reading, document["@type"], "Table")
    url = read_link(reading, "url", document["url"]) if "url" in document else None
    if url is None:
        if not isinstance(document.get("url"), str):
            reading.error("has no url", 'name its file: "url": "table.csv"')
        return None
    inherited = read_inherited(reading, document, above.inherited)
    schema, schema_reading = (above.schema, above.schema_reading)
    if "tableSchema" in document:
        schema, schema_reading = _load_object(reading, "tableSchema", document)
    dialect = _read_dialect(reading, document) if "dialect" in document else above.dialect
    annotations: Annotations = read_annotations(reading, document)
    suppress = (
        read_boolean(reading, "suppressOutput", document["suppressOutput"]) if "suppressOutput" in document else False
    )
    described = Schema()
    if schema is not None and schema_reading is not None:
        described = read_schema(schema_reading, schema, inherited, dialect.skip_columns if dialect else 0)
        inherited = read_inherited(replace(schema_reading, problems=ProblemCollector("")), schema, inherited)
    return Table(
        url=url,
        schema=described,
        dialect=dialect or Dialect(),
        dialect_given=dialect is not None,
        schema_given=schema_reading is not None,
        inherited=inherited,
        suppress_output=suppress,
        notes=_notes(reading, document),
        transformations=_transformations(reading, document) if "transformations" in document else above.transformations,
        table_direction=_direction(reading, document, above.table_direction),
        id=read_id(reading, document["@id"]) if "@id" in document else None,
        annotations=annotations,
        where=reading.path,
        prefixes=reading.prefixes,
    )


def _load_object(reading: Reading, name: str, document: dict[str, Any]) -> tuple[Any, Reading | None]:
    """Return the value of an object property: an object, or a link to a JSON document that holds one (section 5.1.5).

    Its reading has the base and language of the document that it is in; None if the property is missing.
    """
    if name not in document:
        return None, None
    value, inner = document[name], reading.inside(name)
    if isinstance(value, dict):
        return value, inner
    if not isinstance(value, str):
        inner.warning(f"{show(value)} is neither an object nor a link", "it counts as an object without properties")
        return {}, inner
    url = inner.resolve(value)
    if url is None:
        return {}, inner
    loaded = reading.load(url)
    if not isinstance(loaded, dict):
        inner.error(f"{value} does not hold a JSON object")
        return {}, inner
    loaded = dict(loaded)
    inner = _read_context(replace(inner, base=url, language=None), loaded.pop("@context", None), required=False)
    loaded.setdefault("@id", url)
    return loaded, inner


def _read_dialect(reading: Reading, document: dict[str, Any]) -> Dialect | None:
    value, inner = _load_object(reading, "dialect", document)
    return None if inner is None else read_dialect(inner, value)


def _direction(reading: Reading, document: dict[str, Any], default: str) -> str:
    if "tableDirection" not in document:
        return default
    return read_choice(reading, "tableDirection", document["tableDirection"], _DIRECTIONS, "auto")


def _notes(reading: Reading, document: dict[str, Any]) -> tuple[Any, ...]:
    """Return the notes of a description object, normalized."""
    if "notes" not in document:
        return ()
    kept: list[Any] = []
    for index, item in enumerate(read_array(reading, "notes", document["notes"])):
        inner = reading.inside(f"notes[{index}]")
        if isinstance(item, dict):
            kept.append(read_annotation(inner, item))
        else:
            inner.warning(f"{show(item)} is not an object")
    return tuple(kept)


def _transformations(reading: Reading, document: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the transformation definitions (section 5.10): they are checked and kept, never run."""
    kept: list[dict[str, Any]] = []
    if "transformations" not in document:
        return ()
    for index, item in enumerate(read_array(reading, "transformations", document["transformations"])):
        inner = reading.inside(f"transformations[{index}]")
        if not isinstance(item, dict):
            inner.warning(f"{show(item)} is not a transformation definition")
            continue
        warn_unknown(inner, item, _TRANSFORMATION)
        if "@type" in item:
            check_type(inner, item["@type"], "Template")
        if "@id" in item:
            read_id(inner, item["@id"])
        links = {
            name: read_link(inner, name, item[name]) for name in ("url", "scriptFormat", "targetFormat") if name in item
        }
        missing = [name for name in ("url", "scriptFormat", "targetFormat") if links.get(name) is None]
        if missing:
            inner.error(f"has no {' and no '.join(missing)}")
            continue
        source = item.get("source")
        if source not in (None, "json", "rdf"):
            inner.inside("source").warning(f"{show(source)} is neither json nor rdf")
            source = None
        titles = read_titles(inner, "titles", item["titles"]) if "titles" in item else {}
        read_annotations(inner, item)
        kept.append({**links, "source": source, "titles": titles})
    return tuple(kept)
