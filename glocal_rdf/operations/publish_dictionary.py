"""The part of a published site that explains its tables: each column with its datatype, examples and properties.

What it says is that of the descriptions (CSV on the Web) which the tables are converted with, those of other sources
included. The properties that a column feeds are read off the triples that were made from its cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import polars as pl

from glocal_rdf.csvw.values.cells import title_of
from glocal_rdf.i18n import message, pick, translatable
from glocal_rdf.namespaces import DCTERMS, RDFS, WELL_KNOWN, expand, local_name
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, File, MenuItem, Page, Site, name_file
from glocal_rdf.rdfa_context import RDFA_CONTEXT

if TYPE_CHECKING:
    from glocal_rdf import csvw
    from glocal_rdf.csvw.metadata.model import Column, Datatype, ForeignKey

__all__ = ["ColumnEntry", "TableEntry", "contribute", "list_tables"]

PAGE: Final = "data/dictionary"
_EXAMPLES: Final = 3
_LONGEST: Final = 60
_UNITS: Final = ("unitText", "unitCode", "unitMeasure", "unit")
"""The local names of the properties by which a description gives the unit of a column, the best first."""

_FACETS: Final = (
    ("length", translatable("{value} characters")),
    ("min_length", translatable("at least {value} characters")),
    ("max_length", translatable("at most {value} characters")),
    ("min_inclusive", translatable("from {value}")),
    ("max_inclusive", translatable("up to {value}")),
    ("min_exclusive", translatable("more than {value}")),
    ("max_exclusive", translatable("less than {value}")),
)


@dataclass(frozen=True)
class ColumnEntry:
    """A column, as the dictionary explains it.

    Attributes:
        name: What it is called in the file.
        titles: What it is called, by language.
        descriptions: What it means, by language.
        datatype: The name of its datatype.
        form: The format of its cells: a pattern, or the marks of numbers; empty where there is none.
        facets: The bounds of its values: pairs of a message and its value.
        unit: The unit of its values; empty where none is given.
        required: Whether each row has a value.
        key: Whether it is a part of the primary key.
        null: What stands for no value, besides the empty cell.
        separator: What parts the values in a cell; empty where a cell has one.
        default: The value of an empty cell.
        language: The language of its texts; empty where it is not known.
        refers: The tables and columns that its values are looked up in.
        predicates: The properties that it feeds, as terms.
        template: The template by which its values become IRIs; empty where they are literals.
        examples: Its first different values.
        virtual: Whether it is in no file: the description adds it to each row.
    """

    name: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    datatype: str
    form: str
    facets: Sequence[tuple[str, str]]
    unit: str
    required: bool
    key: bool
    null: Sequence[str]
    separator: str
    default: str
    language: str
    refers: Sequence[str]
    predicates: Sequence[str]
    template: str
    examples: Sequence[str]
    virtual: bool


@dataclass(frozen=True)
class TableEntry:
    """A table, as the dictionary explains it.

    Attributes:
        file: The name of its file, relative to the project.
        anchor: By what it is found on the page.
        titles: What it is called, by language; the name of the file where it has no title.
        descriptions: What it holds, by language.
        rows: How many rows it has.
        source: The term of the source graph that it makes; empty for the tables of the project itself.
        template: The template of the IRIs that its rows are about; empty where the columns differ or have none.
        columns: Its columns.
    """

    file: str
    anchor: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    rows: int
    source: str
    template: str
    columns: Sequence[ColumnEntry]


def contribute(site: Site) -> Contribution:
    """Return the dictionary of the tables of a site."""
    tables = list_tables(site)
    if not tables:
        return Contribution(write=lambda _site: ())
    return Contribution(
        write=partial(_write, tables=tables),
        menu=(MenuItem(PAGE, site.say(translatable("Tables")), order=72),),
        pages={"dictionary": PAGE},
    )


def list_tables(site: Site) -> list[TableEntry]:
    """Return what the descriptions of tables state: those of the project first, then those of other sources.

    Args:
        site: The site.
    """
    fed = _find_predicates(site.cells)
    found = list(_list_tables(site, site.built.conversion, "", fed))
    for source in site.built.source_graphs:
        cells = _list_cells(site, source.conversion)
        found += _list_tables(site, source.conversion, f"<{source.iri}>", _find_predicates(cells))
    return [replace(one, anchor=f"table-{number}") for number, one in enumerate(found, 1)]


def _list_cells(site: Site, conversion: csvw.Conversion) -> pl.DataFrame:
    root = site.built.project.root
    frames = [
        rows.index.list_cells().with_columns(file=pl.lit(name_file(rows.name, root))) for rows in conversion.tables
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(("file", "column", "predicate"), str))


def _find_predicates(cells: pl.DataFrame) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return the predicates of the triples that were made from each column, most frequent first, by file and column."""
    counted = cells.group_by("file", "column", "predicate").len()
    counted = counted.sort("file", "column", "len", "predicate", descending=[False, False, True, False])
    rows = counted.group_by("file", "column", maintain_order=True).agg("predicate").iter_rows()
    return {(file, column): predicates for file, column, predicates in rows}


def _list_tables(
    site: Site, conversion: csvw.Conversion, source: str, fed: Mapping[tuple[str, str], Sequence[str]]
) -> Iterator[TableEntry]:
    root = site.built.project.root
    for rows in conversion.tables:
        table = rows.table
        file = name_file(rows.name, root)
        abouts = {column.inherited.about_url or "" for column in table.schema.columns}
        yield TableEntry(
            file=file,
            anchor="",
            titles=_read_texts(table.annotations, f"{DCTERMS}title") or {"": Path(file).name},
            descriptions=_read_texts(table.annotations, f"{DCTERMS}description"),
            rows=rows.rows,
            source=source,
            template=abouts.pop() if len(abouts) == 1 else "",
            columns=[
                _read_column(site, rows, column, fed.get((file, title_of(column)), ()))
                for column in table.schema.columns
            ],
        )


def _read_column(site: Site, rows: csvw.TableRows, column: Column, fed: Sequence[str]) -> ColumnEntry:
    inherited, table = column.inherited, rows.table
    titles = _read_texts(column.annotations, f"{RDFS}label")
    titles = titles or {tag.replace("und", ""): texts[0] for tag, texts in column.titles.items() if texts}
    form, facets = _read_datatype(inherited.datatype)
    return ColumnEntry(
        name=title_of(column),
        titles=titles,
        descriptions=_read_texts(column.annotations, f"{DCTERMS}description"),
        datatype=inherited.datatype.base,
        form=form,
        facets=facets,
        unit=_find_unit(column.annotations),
        required=inherited.required,
        key=column.name in table.schema.primary_key,
        null=tuple(one for one in inherited.null if one),
        separator=inherited.separator or "",
        default=inherited.default,
        language="" if inherited.lang == "und" else inherited.lang,
        refers=tuple(
            _name_reference(one, column.name) for one in table.schema.foreign_keys if column.name in one.columns
        ),
        predicates=_choose_predicates(site, inherited.property_url or "", fed),
        template=inherited.value_url or "",
        examples=() if column.virtual else _find_examples(rows, column),
        virtual=column.virtual,
    )


def _choose_predicates(site: Site, template: str, fed: Sequence[str]) -> tuple[str, ...]:
    """Return the property that the description names, where it is not a template, and those that the cells feed."""
    prefixes = {**WELL_KNOWN, **RDFA_CONTEXT, **site.built.project.declared_prefixes}
    own = () if "{" in template or not template else (f"<{expand(template, prefixes) or template}>",)
    return tuple(dict.fromkeys((*own, *fed)))


def _read_datatype(datatype: Datatype) -> tuple[str, list[tuple[str, str]]]:
    """Return the format of a datatype, and its bounds."""
    form = datatype.format or ""
    if number := datatype.number:
        form = number.pattern or f"1{number.group_char or ''}234{number.decimal_char}5"
    facets = [(text, str(value)) for name, text in _FACETS if (value := getattr(datatype, name)) is not None]
    return form, facets


def _find_unit(annotations: Mapping[str, Any]) -> str:
    """Return the unit that the annotations of a column give, by whatever vocabulary."""
    for name in _UNITS:
        for iri, value in annotations.items():
            if local_name(iri) == name and (text := pick(_texts_of(value), "en")):
                return text
    return ""


def _name_reference(key: ForeignKey, column: str) -> str:
    place = key.columns.index(column)
    target = unquote(urlsplit(key.resource or key.schema or "").path).rpartition("/")[2]
    return f"{target}: {key.referenced[place]}"


def _find_examples(rows: csvw.TableRows, column: Column) -> tuple[str, ...]:
    """Return the first different values of a column that stand for one, shortened."""
    found: dict[str, None] = {}
    for batch in rows.batches:
        if column.number > batch.cells.width:
            continue
        values = batch.cells[str(column.number - 1)]
        values = values.filter(~values.is_in([*column.inherited.null, ""])).unique(maintain_order=True).head(_EXAMPLES)
        found |= dict.fromkeys(values)
        if len(found) >= _EXAMPLES:
            break
    return tuple(one if len(one) <= _LONGEST else f"{one[: _LONGEST - 1]}…" for one in [*found][:_EXAMPLES])


def _read_texts(annotations: Mapping[str, Any], iri: str) -> dict[str, str]:
    return _texts_of(annotations.get(iri, ()))


def _texts_of(value: Any) -> dict[str, str]:
    """Return the texts of an annotation, or the IRI that it is, by language."""
    found: dict[str, str] = {}
    for one in value if isinstance(value, list | tuple) else [value]:
        if isinstance(one, dict):
            text = one.get("@value", one.get("@id", ""))
            found.setdefault(str(one.get("@language", "")).replace("und", ""), str(text))
        elif one not in (None, ""):
            found.setdefault("", str(one))
    return found


def _write(site: Site, tables: Sequence[TableEntry]) -> Iterator[File]:
    page = Page(
        path=PAGE,
        titles=site.say(translatable("Tables and columns")),
        descriptions=site.say(translatable("The tables that the data are made of, column by column.")),
        kind="dictionary",
    )
    yield from Renderer(site).render(page, "dictionary.html", tables=tables, pick=pick, show_facets=_show_facets)


def _show_facets(column: ColumnEntry, lang: str) -> list[str]:
    return [message(lang, text, value=value) for text, value in column.facets]
