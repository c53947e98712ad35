"""Writes the shapes of a project: what holds for its cells now, so that later slips are found.

A column without an empty cell is required; a column of single values has at most one; values are of their datatype,
refer to things of their class, come from the set that the column has, or follow the pattern of its codes. Violations
are what can hardly be right; what is only unlike the cells so far (a number ten times larger than any) is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from glocal_rdf.i18n import message, translatable
from glocal_rdf.namespaces import DCTERMS, SH, SKOS, WELL_KNOWN, WGS84, XSD
from glocal_rdf.rdfa_context import RDFA_CONTEXT
from glocal_rdf.scaffold.output.description import (
    class_of,
    language_of,
    open_columns,
    read_settings,
    tables_of,
    text_of,
)
from glocal_rdf.scaffold.output.ontology import DescribedColumn, base_of, columns_of
from glocal_rdf.scaffold.output.turtle import Namer, write_block, write_prefixes
from glocal_rdf.scaffold.slugs import camel_case, pascal_case, singular
from glocal_rdf.scaffold.terms import strip_language
from glocal_rdf.triples.terms import quote

__all__ = ["write_shapes"]

MIN_ROWS: Final = 3
"""How many rows a table must have for what they have in common to be required."""

MAX_SET: Final = 12
"""How many different values a closed set has at most."""

MIN_REPEATS: Final = 4
"""How often the values of a closed set occur on average, at least."""

_WHOLE: Final = {"integer", "nonNegativeInteger", "positiveInteger", "long", "int"}
_NUMBERS: Final = _WHOLE | {"decimal", "double", "number", "float"}
_EMAIL: Final = r"^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$"
_RANGE: Final = translatable("“{title}” is far from the values so far, which suggest {low} to {high}: is this right?")
_SET: Final = translatable("“{title}” is not one of the values so far: correct it, or add it to the list in shapes/")


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a column: how many rows have none, and the distinct items."""

    rows: int
    filled: int
    items: pl.Series
    count: int


def write_shapes(
    document: Mapping[str, Any], cells: Mapping[str, pl.DataFrame], prefixes: Mapping[str, str] | None = None
) -> str:
    """Return shapes for a metadata document and the cells of its tables, as Turtle.

    Args:
        document: The metadata document.
        cells: The cells of each table, as text, by its `url`; the columns are named as in the document.
        prefixes: Prefixes of the project that the document may use.
    """
    settings = read_settings(document)
    known = {**WELL_KNOWN, **RDFA_CONTEXT, "dc": DCTERMS, **(prefixes or {})}
    shapes = f"{settings.base}shapes#"
    namer = Namer({**known, settings.name: settings.ontology, "shapes": shapes}, settings.name)
    languages = ["en", *(["zh-Hant"] if any(one.startswith("zh") for one in settings.languages) else [])]
    columns = list(columns_of(document, prefixes))
    blocks = []
    shared: dict[str, set[str]] = {}
    for column in columns:
        shared.setdefault(column.predicate, set()).add(str(column.table.get("url")))
    for table in tables_of(document):
        url = str(table.get("url", ""))
        target = class_of(table, prefixes)
        if not target or url not in cells:
            continue
        own = pascal_case(target.rpartition("#")[2].rpartition("/")[2]) or "Table"
        grouped: dict[str, list[DescribedColumn]] = {}
        for column in columns:
            if column.table is table and column.name in cells[url].columns:
                grouped.setdefault(column.predicate, []).append(column)
        names: list[str] = []
        parts: list[str] = []
        for predicate, found in grouped.items():
            values = [_values_of(c, cells[url]) for c in found]
            local = camel_case(predicate.rpartition("#")[2].rpartition("/")[2]) or f"column{len(names) + 1}"
            name = f"{own}-{local}"
            name = name if name not in names else f"{name}{len(names) + 1}"
            for suffix, facts in _constraints(predicate, found, values, namer, languages):
                names.append(name + suffix)
                parts.append(write_block(f"shapes:{name}{suffix}", facts))
            if unique := _unique(found, values, len(shared[predicate]) == 1):
                parts.append(_write_unique(f"shapes:{name}-unique", predicate, unique, namer))
        head = [("a", "sh:NodeShape"), ("sh:targetClass", namer.name(target))]
        title = table.get("dc:title", "")
        head.append(("sh:name", quote(singular(text_of(title)), language_of(title) or None)))
        head += [("sh:property", f"shapes:{name}") for name in names]
        blocks += [write_block(f"shapes:{own}", head), *parts]
    used = namer.used | {"sh": SH, "shapes": shapes, "xsd": XSD}
    return write_prefixes(used) + "\n" + "\n".join(blocks)


def _values_of(column: DescribedColumn, cells: pl.DataFrame) -> _Values:
    """Return the values of a column, with the words for no value left out."""
    description = column.description
    null = description.get("null", [""])
    texts = cells[column.name].str.strip_chars()
    filled = texts.filter(~texts.is_in(["", *(null if isinstance(null, list) else [null])]))
    mark = description.get("separator")
    items = filled
    if mark:
        items = filled.str.split(mark).explode(empty_as_null=False).str.strip_chars()
        items = items.filter(items != "")
    return _Values(cells.height, filled.len(), items.unique(maintain_order=True), items.len())


def _constraints(
    predicate: str,
    columns: list[DescribedColumn],
    values: list[_Values],
    namer: Namer,
    languages: list[str],
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the facts of the property shapes of one property, with the ending of their names."""
    rows = max(v.rows for v in values)
    complete = sum(v.filled == v.rows for v in values) if rows >= MIN_ROWS else 0
    needed = max(complete, sum(bool(c.description.get("required")) for c in columns))
    several = any("separator" in c.description for c in columns)
    path = [("a", "sh:PropertyShape"), ("sh:path", namer.name(predicate))]
    label = [("sh:name", quote(strip_language(columns[0].title), _label_language(columns[0]) or None))]
    facts = [*path, *label]
    langs = [str(c.description.get("lang", "")) for c in columns]
    distinct = len(set(langs)) == len(langs)
    if needed and (len(columns) == 1 or distinct):
        facts.append(("sh:minCount", str(needed)))
    if any(c.name in open_columns(c.table) for c in columns):
        yield "", facts  # what the values are is not decided
        return
    if not several and (len(columns) == 1 or distinct):
        facts.append(("sh:maxCount", str(len(columns))))
    if all(langs) and len(langs) > 1 and not several:
        facts.append(("sh:uniqueLang", "true"))
    if all(langs) and not any(c.is_iri for c in columns):
        listed = " ".join(quote(lang) for lang in dict.fromkeys(langs))
        facts.append(("sh:languageIn", f"( {listed} )"))
    first, of = columns[0], values[0]
    if len(columns) == 1:
        facts += _kind_of_values(first, of, namer)
        facts += _closed_set(first, of, languages)
    yield "", facts
    if len(columns) == 1 and not first.is_iri and (found := _plausible(first, of)) is not None:
        low, high = found
        shown = {"title": first.title, "low": _bare(low), "high": _bare(high)}
        bounds = [(f"sh:{side}Inclusive", _short(bound)) for side, bound in (("min", low), ("max", high))]
        warn = [*path, ("sh:severity", "sh:Warning"), *label, *bounds]
        warn += [("sh:message", quote(message(lang, _RANGE, **shown), lang)) for lang in languages]
        yield "-range", warn


def _label_language(column: DescribedColumn) -> str:
    return language_of(column.description.get("rdfs:label", ""))


def _short(literal: str) -> str:
    return literal.replace(f"<{XSD}", "xsd:").removesuffix(">") if "^^" in literal else literal


def _bare(literal: str) -> str:
    return literal.partition("^^")[0].strip('"')


def _kind_of_values(column: DescribedColumn, values: _Values, namer: Namer) -> Iterator[tuple[str, str]]:
    """Yield the class, datatype, bounds and pattern of values."""
    if column.is_iri:
        yield "sh:nodeKind", "sh:IRI"
        if column.reference:
            yield "sh:class", namer.name(column.reference)
        return
    base = base_of(column.description)
    if column.datatype:
        yield "sh:datatype", namer.name(column.datatype)
    if base in _NUMBERS:
        limit = {f"{WGS84}lat": 90, f"{WGS84}long": 180}.get(column.predicate)
        if limit:
            yield "sh:minInclusive", f"{-limit}"
            yield "sh:maxInclusive", f"{limit}"
        elif (numbers := _numbers(column, values)) is not None and float(numbers.min() or 0) >= 0:  # type: ignore[arg-type]
            yield "sh:minInclusive", "0"
    elif base == "string" and column.predicate.endswith("email"):
        yield "sh:pattern", f'"{_EMAIL}"'
    elif base == "string" and (pattern := _pattern(values)):
        yield "sh:pattern", quote(pattern)


def _closed_set(column: DescribedColumn, values: _Values, languages: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the set of values of a column of few different texts in many rows."""
    description = column.description
    few = 1 < values.items.len() <= MAX_SET and values.count >= MIN_REPEATS * values.items.len()
    if not few or column.is_iri or base_of(description) != "string" or values.items.str.len_chars().max() > MAX_TEXT:  # type: ignore[operator]
        return
    if column.predicate.startswith(SKOS) or column.predicate == f"{DCTERMS}description":
        return
    listed = " ".join(quote(item, str(description.get("lang", "")) or None) for item in values.items.sort())
    yield "sh:in", f"( {listed} )"
    for lang in languages:
        yield "sh:message", quote(message(lang, _SET, title=column.title), lang)


MAX_TEXT: Final = 80
"""How long the texts of a closed set are at most."""


def _pattern(values: _Values) -> str:
    """Return the pattern of codes: the same number of letters, digits and marks in every value; else the empty text."""
    items = values.items
    enough = items.len() >= MIN_REPEATS or (values.count >= MIN_REPEATS and items.str.contains("^0[0-9]").any())
    if not enough or int(items.str.len_chars().max() or 0) > 40:  # type: ignore[arg-type]
        return ""
    shapes = items.str.replace_all("[0-9]", "0").str.replace_all("[A-Z]", "A").str.replace_all("[a-z]", "a").unique()
    if shapes.len() != 1 or not re.search("0", shapes[0]) or re.search(r"[^0Aa ./:_-]", shapes[0]):
        return ""
    classes = {"0": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}
    runs = re.findall(r"(0+|A+|a+|[^0Aa])", shapes[0])
    parts = [
        f"{classes[run[0]]}{{{len(run)}}}" if run[0] in classes and len(run) > 1 else classes.get(run, re.escape(run))
        for run in runs
    ]
    return "^" + "".join(parts).replace("\\ ", " ").replace("\\-", "-").replace("\\/", "/") + "$"


def _numbers(column: DescribedColumn, values: _Values) -> pl.Series | None:
    """Return the values as numbers, by the marks of their format; None where that is not certain."""
    datatype = column.description.get("datatype", {})
    form = datatype.get("format") if isinstance(datatype, dict) else None
    decimal, group = ".", ""
    if isinstance(form, dict):
        decimal, group = str(form.get("decimalChar", ".")), str(form.get("groupChar") or "")
    elif form is not None:
        return None
    texts = values.items.str.replace_all(group, "", literal=True) if group else values.items
    texts = texts.str.replace_all(decimal, ".", literal=True) if decimal != "." else texts
    if isinstance(form, dict) and "%" in str(form.get("pattern", "")):
        return None
    numbers = texts.cast(pl.Float64, strict=False)
    return None if numbers.null_count() or not numbers.len() or numbers.is_nan().any() else numbers


def _plausible(column: DescribedColumn, values: _Values) -> tuple[str, str] | None:
    """Return bounds, as literals, that later values of a column will hardly leave, or None."""
    base = base_of(column.description)
    if values.items.len() < MIN_REPEATS:
        return None
    if base in _NUMBERS and not column.predicate.startswith(WGS84):
        numbers = _numbers(column, values)
        if numbers is None:
            return None
        low, high = float(numbers.min() or 0), float(numbers.max() or 0)  # type: ignore[arg-type]
        if max(abs(low), abs(high)) >= MAX_NUMBER:
            return None
        # A bound of the same sign as all numbers is zero: smaller ones are as plausible.
        return _wider(min(low, 0.0)), _wider(max(high, 0.0))
    if base in {"gYear", "date", "dateTime"} and (years := _years(values)) is not None:
        low_year, high_year = years
        first, last = low_year // 100 * 100, (high_year // 10 + 2) * 10
        forms = {"gYear": "{:04d}", "date": "{:04d}-01-01", "dateTime": "{:04d}-01-01T00:00:00"}
        return tuple(quote(forms[base].format(y), datatype=XSD + base) for y in (first, last))  # type: ignore[return-value]
    return None


MAX_NUMBER: Final = 1e15
"""Numbers from here on are codes rather than quantities."""


def _wider(number: float) -> str:
    """Return a bound that is about ten times as far from zero as the farthest number so far, with one digit.

    Examples:
        >>> _wider(48.0), _wider(-3.4), _wider(0.0), _wider(0.02)
        ('500', '-40', '0', '0.2')
    """
    if number == 0:
        return "0"
    digits = f"{abs(number) * 10:e}"
    first, exponent = int(digits[0]) + (float(digits.partition("e")[0]) > int(digits[0])), int(digits.partition("e")[2])
    shown = f"{first * 10.0**exponent:.{max(-exponent, 0)}f}"
    return f"-{shown}" if number < 0 else shown


def _years(values: _Values) -> tuple[int, int] | None:
    years = values.items.str.extract(r"(?:^|[^0-9])([12][0-9]{3})(?:[^0-9]|$)").cast(pl.Int32)
    if years.null_count():
        years = values.items.str.extract("^([12][0-9]{3})").cast(pl.Int32)
    if years.null_count() or not years.len():
        return None
    return int(years.min() or 0), int(years.max() or 0)  # type: ignore[arg-type]


def _unique(columns: list[DescribedColumn], values: list[_Values], alone: bool) -> DescribedColumn | None:
    """Return the column whose values identify the rows, though they are not the key, or None."""
    [column, *others], of = columns, values[0]
    schema = column.table.get("tableSchema", {})
    codes = column.predicate == f"{DCTERMS}identifier" or bool(re.search(r"(?i)(?:code|number|nr|no)\b", column.title))
    unique = of.items.len() == of.count and of.filled >= MIN_ROWS and "separator" not in column.description
    is_key = schema.get("primaryKey") in (column.name, [column.name])
    if others or not alone or not codes or not unique or is_key or column.is_iri or column.description.get("lang"):
        return None
    return column if base_of(column.description) == "string" else None


def _write_unique(shape: str, predicate: str, column: DescribedColumn, namer: Namer) -> str:
    name = namer.name(predicate)
    return write_block(
        shape,
        [
            ("a", "sh:NodeShape"),
            ("sh:targetObjectsOf", name),
            ("sh:name", quote(column.title, _label_language(column) or None)),
            ("sh:property", f"[ sh:path [ sh:inversePath {name} ] ; sh:maxCount 1 ]"),
        ],
    )
