"""Decides what the cells of a column can be: which terms they fit, and in which language they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from glocal_rdf.scaffold.model import Settings, SourceColumn
from glocal_rdf.scaffold.terms import WellKnownTerm, find_term, normalize_header, script_language

__all__ = ["choose_language", "choose_term", "fits", "is_year", "items_of", "match_language", "values_of"]

_DATES: Final = {"date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"}
_NUMBERS: Final = {"integer", "nonNegativeInteger", "decimal", "double", "number"}
_PATTERNS: Final = {
    "email": r"^(?:mailto:)?[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$",
    "country": r"^(?:[A-Z]{2}|[A-Z]{3})$",
    "currency": r"^[A-Z]{3}$",
    "wikidata": r"^Q[1-9][0-9]*$",
    "phone": r"^[+(]?[0-9][0-9 ()/.+–-]{3,}(?:\s?(?:ext|x|#|分機|轉)\.?\s?[0-9]+)?(?:\s*[;,/、].*)?$",
}
_LABELS: Final = {"skos:prefLabel", "skos:altLabel", "dc:description", "skos:note", "schema:keywords"}
_SCRIPTS: Final = {
    "zh": r"\p{Han}", "ja": r"[\p{Han}\p{Hiragana}\p{Katakana}]", "ko": r"\p{Hangul}", "ru": r"\p{Cyrillic}",
    "uk": r"\p{Cyrillic}", "bg": r"\p{Cyrillic}", "ar": r"\p{Arabic}", "fa": r"\p{Arabic}", "th": r"\p{Thai}",
    "el": r"\p{Greek}", "he": r"\p{Hebrew}", "hi": r"\p{Devanagari}",
}  # fmt: skip


_NAMED: Final = {
    "en": ("english", "英文", "englisch", "anglais", "inglés", "inglese", "英語"),
    "zh": ("chinese", "中文", "chinesisch", "chinois", "chino"),
    "ja": ("japanese", "日文", "日本語"),
    "fr": ("french", "法文", "französisch", "français"),
    "de": ("german", "德文", "deutsch", "allemand"),
    "es": ("spanish", "西班牙文", "español", "espagnol"),
}
"""The words for a language in headers."""


def values_of(cells: pl.Series, column: SourceColumn) -> pl.Series:
    """Return the distinct cells that are a value, without white space around them."""
    found = cells.str.strip_chars().unique(maintain_order=True)
    return found.filter((found != "") & ~found.is_in(list(column.null)))


def items_of(cells: pl.Series, column: SourceColumn) -> pl.Series:
    """Return the distinct values of a column, the items of its lists one by one."""
    values = values_of(cells, column)
    if column.separator is None:
        return values
    parts = (
        values.str.split(column.separator).explode(empty_as_null=False).str.strip_chars().unique(maintain_order=True)
    )
    return parts.filter(parts != "")


def fits(fit: str, column: SourceColumn, items: pl.Series) -> bool:
    """Return whether the values of a column are what a term takes.

    Args:
        fit: What they must be, as in `terms.tsv`.
        column: The column.
        items: Its distinct values.
    """
    base = column.base
    if items.is_empty():
        return False
    match fit:
        case "text":
            return base == "string"
        case "code":
            return base in {"string", "integer"} and column.separator is None
        case "address":
            return base == "anyURI"
        case "date":
            return base in _DATES or is_year(column, items)
        case "decimal":
            return base in _NUMBERS
        case "integer":
            return base in {"integer", "nonNegativeInteger"}
        case "latitude" | "longitude":
            limit = 90 if fit == "latitude" else 180
            numbers = items.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
            return base in _NUMBERS and not numbers.null_count() and bool((numbers.abs() <= limit).all())
        case "country":
            return (
                base == "string" and items.str.contains(_PATTERNS[fit]).all() and items.str.len_chars().n_unique() == 1
            )
        case "reference":
            return False
        case _:
            return base == "string" and bool(items.str.contains(_PATTERNS[fit]).all())


def is_year(column: SourceColumn, items: pl.Series) -> bool:
    """Return whether whole numbers may be years: they have four digits."""
    return column.datatype == "integer" and bool(items.str.contains("^[12][0-9]{3}$").all())


def choose_term(column: SourceColumn, items: pl.Series) -> WellKnownTerm | None:
    """Return the well-known term that a header plainly means and its cells fit, or None."""
    return next((one for one in find_term(column.title) if fits(one.fit, column, items)), None)


def match_language(tag: str, languages: Sequence[str]) -> str:
    """Return the language of a project that a tag stands for: `zh` stands for `zh-Hant` where that is the one.

    Examples:
        >>> match_language("zh", ["en", "zh-Hant"]), match_language("de", ["en"])
        ('zh-Hant', 'de')
    """
    primary = tag.partition("-")[0].lower()
    same = [one for one in languages if one.partition("-")[0].lower() == primary]
    return tag if tag in languages or len(same) != 1 else same[0]


def _named_language(title: str, values: pl.Series) -> str:
    """Return the language that a header names ("English name", 中文名稱), if the values can be in it."""
    header = normalize_header(title)
    for lang, words in _NAMED.items():
        if any(word in header for word in words):
            script = _SCRIPTS.get(lang, r"[A-Za-z\u00c0-\u024f]")
            return lang if values.str.contains(script).sum() > 0.8 * values.len() else ""
    return ""


def choose_language(
    column: SourceColumn, term: str, cells: pl.Series, settings: Settings, others: Sequence[str] = ()
) -> str:
    """Return the language of a column of names or prose, as far as it is known; else the empty text.

    Args:
        column: The column.
        term: Its property.
        cells: Its cells.
        settings: The project's languages.
        others: The languages of other columns with the same property.
    """
    if column.lang:
        return match_language(column.lang, settings.languages)
    if term not in _LABELS or column.base != "string":
        return ""
    values = values_of(cells, column).head(1000)
    if values.is_empty():
        return ""
    if named := _named_language(column.title, values):
        return match_language(named, settings.languages)
    written_in = script_language(column.title, settings.lang)
    own_script = _SCRIPTS.get(written_in.partition("-")[0]) if written_in != settings.lang else None
    if own_script and written_in not in others and values.str.contains(own_script).sum() > 0.8 * values.len():
        return match_language(written_in, settings.languages)  # header and names are in one script
    for lang in settings.languages if settings.languages_given else ():
        pattern = _SCRIPTS.get(lang.partition("-")[0])
        if pattern and lang not in others and values.str.contains(pattern).sum() > 0.8 * values.len():
            return lang
    if not settings.languages_given:
        # Headers of a script of their own, and names in it, are of one language.
        pattern = _SCRIPTS.get(settings.lang.partition("-")[0])
        return settings.lang if pattern and values.str.contains(pattern).sum() > 0.8 * values.len() else ""
    latin = [one for one in settings.languages if one.partition("-")[0] not in _SCRIPTS and one not in others]
    written = [p for one in settings.languages if (p := _SCRIPTS.get(one.partition("-")[0]))]
    foreign = any(values.str.contains(p).any() for p in written)
    if len(latin) == 1 and not foreign and bool(values.str.contains(r"[A-Za-z\u00c0-\u024f]").any()):
        return latin[0]
    return settings.languages[0] if len(settings.languages) == 1 else ""
