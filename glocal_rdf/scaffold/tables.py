"""Plans tables: the class of their rows, the key and the slugs, the names of things, and the property of each column.

The key is the column that the user, the database or the guess chose, where its cells can end an IRI. Otherwise a column
of slugs is added, made of the names. A name is what a header says is one, or else the first column of unique texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from glocal_rdf.scaffold.columns import choose_language, choose_term, items_of, values_of
from glocal_rdf.scaffold.model import Column, Settings, SourceColumn, SourceTable, Table
from glocal_rdf.scaffold.slugs import camel_case, make_slug, make_slugs, pascal_case, singular, snake_case
from glocal_rdf.scaffold.terms import find_class, find_term

__all__ = ["Known", "name_properties", "plan_table"]

LABEL: Final = "skos:prefLabel"
IDENTIFIER: Final = "dc:identifier"
REPEATABLE: Final = {"skos:altLabel", "skos:note", "schema:sameAs", "schema:telephone", "schema:email"}
_KEY: Final = r"^[A-Za-z0-9][A-Za-z0-9._~-]*$"
MAX_KEY: Final = 64
MAX_LABEL: Final = 120
"""How long names are at most, on average: longer texts are prose."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a table from an earlier run.

    Attributes:
        class_name: The local name of its class.
        segment: The part of its things' IRIs.
        key: The name of the column that identifies the rows.
        names: The names of its columns, by header.
        retired: Slugs of things that are gone, which are not used again.
        slug_of: For each row of the new table, the slug of the thing that it is, or None for a new one.
    """

    class_name: str = ""
    segment: str = ""
    key: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    retired: frozenset[str] = frozenset()
    slug_of: tuple[str | None, ...] = ()


def plan_table(table: SourceTable, settings: Settings, number: int = 1, known: Known | None = None) -> Table:
    """Plan one table, without its references to others; the properties have no names of the project yet.

    Args:
        table: The table as it was found.
        settings: What holds for the project.
        number: The number of the table in the project, for a class that its title cannot name.
        known: What is known of it from an earlier run.
    """
    known = known or Known()
    lang = settings.lang
    superclass = find_class(table.title)
    one = singular(table.title) if not lang or lang.startswith("en") else table.title
    class_name = known.class_name or pascal_case(one, lang) or superclass.partition(":")[2] or f"Table{number}"
    segment = known.segment or make_slug(one, lang) or make_slug(superclass.partition(":")[2]) or f"table{number}"
    columns = _plan_columns(table, settings, known)
    cells = table.cells.rename({str(i): c.name for i, c in enumerate(columns)})
    columns = _find_label(columns, cells, table, settings)
    key, columns, cells, collisions = _find_key(columns, cells, table, settings, known)
    return Table(
        table.name,
        table.title,
        class_name,
        segment,
        key,
        tuple(columns),
        cells,
        table.notes,
        table.source,
        table.origin,
        superclass,
        collisions,
    )


def _plan_columns(table: SourceTable, settings: Settings, known: Known) -> list[Column]:
    """Return the columns with their names, and the well-known terms that their headers mean."""
    taken: set[str] = set(known.names.values())
    used: dict[str, list[str]] = {}
    columns = []
    for number, source in enumerate(table.columns, 1):
        found = source
        name = known.names.get(source.title, "")
        if not name:
            base = snake_case(source.title, settings.lang) or f"column{number}"
            name, again = base, 2
            while name in taken:
                name, again = f"{base}{again}", again + 1
            taken.add(name)
        cells = table.cells[str(number - 1)]
        term = choose_term(source, items_of(cells, source))
        property_, reason, value_url, lang = "", "", "", ""
        if term is not None:
            if term.fit == "date" and source.datatype == "integer":
                found = replace(source, datatype="gYear")
            lang = choose_language(source, term.iri, cells, settings, used.get(term.iri, ()))
            again_used = term.iri in used and (term.iri != LABEL or lang in used[term.iri])
            if not again_used or term.iri in REPEATABLE:
                property_, reason = term.iri, f"the header means {term.reason}"
                value_url = term.value_url.replace("{name}", f"{{{name}}}")
                used.setdefault(term.iri, []).append(lang)
        if not property_:
            lang = choose_language(source, "", cells, settings)
        columns.append(Column(name, source.title, found, "data", property_, reason, value_url, lang))
    return columns


def _find_label(columns: list[Column], cells: pl.DataFrame, table: SourceTable, settings: Settings) -> list[Column]:
    """Return columns with the role of names; where no header says so, the first column of unique texts has names."""
    if any(c.property == LABEL for c in columns):
        return [replace(c, role="name") if c.property == LABEL else c for c in columns]
    best: Column | None = None
    for column in columns:
        if column.source.base != "string" or column.source.separator is not None or column.source.null:
            continue
        values = values_of(cells[column.name], column.source)
        if values.is_empty() or float(values.str.len_chars().mean() or 0) > MAX_LABEL:  # type: ignore[arg-type]
            continue
        meant = [one.iri for one in find_term(column.title)]
        unique = values.len() == cells.height
        words = values.str.contains(r"\p{L}{2}").sum() >= 0.8 * values.len()
        coded = bool(values.str.contains("[0-9]").sum() > 0.5 * values.len())
        same = snake_case(singular(column.title)) == snake_case(singular(table.title)) != ""
        if unique and same and (words or not coded):
            best = column
            break
        if words and unique and not coded and not meant and best is None:
            best = column
    if best is None:
        return columns
    lang = choose_language(best.source, LABEL, cells[best.name], settings)
    reason = "its texts differ in every row, so they are taken as the names of the things"
    named = replace(best, role="name", property=LABEL, reason=reason, value_url="", lang=lang)
    return [named if c is best else c for c in columns]


def _is_key(column: Column, cells: pl.Series) -> bool:
    """Return whether the cells of a column are complete, unique, and can end an IRI as they are."""
    texts = cells.str.strip_chars()
    return bool(
        cells.len()
        and texts.str.contains(_KEY).all()
        and texts.n_unique() == texts.len()
        and int(texts.str.len_chars().max() or 0) <= MAX_KEY  # type: ignore[arg-type]
        and column.source.separator is None
    )


def _find_key(
    columns: list[Column], cells: pl.DataFrame, table: SourceTable, settings: Settings, known: Known
) -> tuple[str, list[Column], pl.DataFrame, dict[str, list[str]]]:
    """Return the name of the key, and columns and cells with the slugs where these are the key; and collisions."""
    chosen = columns[table.key] if table.key is not None else None
    if known.key and known.key in {c.name for c in columns} and not known.slug_of:
        chosen = next(c for c in columns if c.name == known.key)
    elif chosen is None:
        named = (c for c in columns if any(one.iri == IDENTIFIER for one in find_term(c.title)))
        chosen = next((c for c in named if _is_key(c, cells[c.name])), None)
    is_known = bool(chosen and chosen.name == known.key and not known.slug_of)
    is_name = chosen is not None and chosen.role == "name" and not table.key_given
    if (
        chosen is not None
        and not known.slug_of
        and (is_known or table.key_given or (not is_name and _is_key(chosen, cells[chosen.name])))
    ):
        # Another thing with the same identifier, as an item of Wikidata, is linked with it.
        kept = chosen.property if chosen.property in {LABEL, IDENTIFIER} or chosen.value_url else IDENTIFIER
        reason = "it identifies the rows"
        key = replace(chosen, role="key", property=kept, reason=reason, required=True, lang="")
        others = [
            replace(c, property="", reason="") if c.property == kept == IDENTIFIER and c is not chosen else c
            for c in columns
        ]
        return key.name, [key if c is chosen else c for c in others], cells, {}
    return _add_slugs(columns, cells, settings, known)


def _add_slugs(
    columns: list[Column], cells: pl.DataFrame, settings: Settings, known: Known
) -> tuple[str, list[Column], pl.DataFrame, dict[str, list[str]]]:
    """Return a key of slugs, and columns and cells with it as the first."""
    names = {c.name for c in columns}
    slug = known.key or next(
        n for n in ("id", "slug", "glocal_id", *(f"id{i}" for i in range(2, 99))) if n not in names
    )
    labels = [c for c in columns if c.role == "name"]
    written = [c for c in labels if _can_be_written(cells[c.name], c)] or labels
    texts = cells[written[0].name].str.strip_chars().to_list() if written else [""] * cells.height
    lang = (written[0].lang or settings.lang) if written else ""
    if known.slug_of:
        fresh = [i for i, one in enumerate(known.slug_of) if one is None]
        taken = {one for one in known.slug_of if one} | known.retired
        new, collisions = make_slugs([texts[i] for i in fresh], lang, taken=taken)
        found = list(known.slug_of)
        for i, one in zip(fresh, new, strict=True):
            found[i] = one
        made = [one or "" for one in found]
    else:
        made, collisions = make_slugs(texts, lang, taken=known.retired)
    source = SourceColumn(slug)
    column = Column(slug, slug, source, "slug", required=True, added=True)
    series = pl.Series(slug, made, dtype=pl.String)
    return slug, [column, *columns], cells.select(series, *cells.get_columns()), collisions


def _can_be_written(cells: pl.Series, column: Column) -> bool:
    values = values_of(cells, column.source).head(200).to_list()
    return bool(values) and sum(bool(make_slug(v, column.lang)) for v in values) >= 0.8 * len(values)


def name_properties(
    tables: Sequence[Table], settings: Settings, reserved: Mapping[str, str] | None = None
) -> list[Table]:
    """Return tables in which every column has a property, a term of the project where no other is known.

    Columns with the same header share a property where their cells are of one datatype, or refer to one table;
    otherwise the name of the class comes before it.

    Args:
        tables: The tables.
        settings: The project's settings.
        reserved: The local names that are taken, each with what it is for (`_kind_of`).
    """
    kinds: dict[str, str] = dict(reserved or {})
    out = []
    for table in tables:
        used: set[str] = {c.property for c in table.columns if c.property}
        columns = []
        for number, column in enumerate(table.columns, 1):
            if column.property or column.role in {"slug", "source"}:
                columns.append(column)
                continue
            title = re.sub(r"(?i)[\s_-]+(?:id|code|key|no)\.?$", "", column.title) if column.reference else column.title
            short = camel_case(title, settings.lang)
            prefix = table.class_name[:1].lower() + table.class_name[1:]
            longer = prefix + (short[:1].upper() + short[1:] if short else f"Column{number}")
            kind = _kind_of(column)
            candidates = [*([short] if short else []), longer, *(f"{longer}{i}" for i in range(2, 999))]
            local = next(n for n in candidates if kinds.get(n, kind) == kind and settings.ontology + n not in used)
            kinds[local] = kind
            used.add(settings.ontology + local)
            columns.append(replace(column, property=settings.ontology + local))
        out.append(replace(table, columns=tuple(columns)))
    return out


def _kind_of(column: Column) -> str:
    """Return what a property is for: the table that it refers to, or the datatype of its values."""
    return f"-> {column.reference.target}" if column.reference else column.source.base
