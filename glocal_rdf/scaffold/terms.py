"""Finds the well-known term that a header plainly means, in English, Chinese, German, French, Spanish and others.

A term is offered only where the whole header, without units and language tags, is one of its words, and only where the
cells are of a datatype that it takes. Anything else becomes a term of the project's own ontology.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from glocal_rdf.scaffold.slugs import singular

__all__ = [
    "WellKnownTerm",
    "find_class",
    "find_term",
    "header_language",
    "normalize_header",
    "script_language",
    "strip_language",
    "well_known_terms",
]


@dataclass(frozen=True, slots=True)
class WellKnownTerm:
    """A term of a well-known vocabulary for a column.

    Attributes:
        iri: The term, as a compact IRI with a prefix that CSV on the Web knows.
        fit: What the cells must be (`columns.fits`).
        reason: Why it is the term, in a few words.
        words: The headers that mean it, by language.
        value_url: The template of the IRI that a cell stands for, if any.
    """

    iri: str
    fit: str
    reason: str
    words: Mapping[str, tuple[str, ...]]
    value_url: str = ""


_SUFFIX: Final = re.compile(
    r"(?i)[\s_.:@\[(/-]+(?:ar|bg|cs|da|de|el|en|es|et|fa|fi|fr|he|hi|hr|hu|id|it|ja|ko|lt|lv|nl|no|pl|pt|ro|ru|sk|sl|sv|th|tr|uk|vi|zh"
    r")(?:[-_][a-z]{2,4})?[)\]]?$"
)


_LANGUAGE: Final = re.compile(
    r"(?:english|chinese|japanese|french|german|spanish|in english|in chinese|英文|中文|日文|法文|德文)"
)
_LIST: Final = re.compile(
    r"(?:名冊|名册|名單|名单|清單|清单|列表|一覽表|一览表|一覽|資料表|資料|統計|總表)$"
    r"|^(?:list|register|directory|table) of |"
    r" (?:list|register|directory|table|data)$|verzeichnis$|liste$|^(?:liste|registre) des |^(?:lista|registro) de "
)


def normalize_header(header: str) -> str:
    """Return a header in the form in which words are compared.

    Examples:
        >>> normalize_header("  E-Mail: "), normalize_header("Opening_Hours"), normalize_header("openingHours")
        ('e-mail', 'opening hours', 'opening hours')
    """
    text = unicodedata.normalize("NFKC", header)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ").lower()
    return re.sub(r"\s+", " ", text).strip(" .:*#?")


def _read(name: str) -> list[list[str]]:
    text = (files("glocal_rdf.scaffold") / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line.strip()]


def strip_language(header: str) -> str:
    """Return a header without the tag of a language at its end.

    Examples:
        >>> strip_language("Name (zh-Hant)"), strip_language("name_en"), strip_language("Area")
        ('Name', 'name', 'Area')
    """
    return _SUFFIX.sub("", header.strip()) or header


@cache
def well_known_terms() -> tuple[WellKnownTerm, ...]:
    """Return the terms of `terms.tsv`, in the order in which they are tried."""
    (_, _, _, _, *langs), *rows = _read("terms.tsv")
    return tuple(
        WellKnownTerm(
            iri,
            fit,
            reason,
            {lang: tuple(text.split("; ")) for lang, text in zip(langs, texts, strict=False) if text},
            value_url,
        )
        for iri, fit, reason, value_url, *texts in rows
    )


@cache
def _by_word() -> dict[str, tuple[WellKnownTerm, ...]]:
    found: dict[str, tuple[WellKnownTerm, ...]] = {}
    for one in well_known_terms():
        for word in dict.fromkeys(word for words in one.words.values() for word in words):
            found[word] = (*found.get(word, ()), one)
    return found


def find_term(header: str) -> tuple[WellKnownTerm, ...]:
    """Return the terms that a header may mean, the likeliest first; none where it is not plain.

    Examples:
        >>> [term.iri for term in find_term("Gründungsjahr")], [term.iri for term in find_term("Name (zh)")]
        (['schema:foundingDate'], ['skos:prefLabel'])
        >>> find_term("Favourite colour")
        ()
    """
    text = normalize_header(header)
    known = _by_word()
    without = normalize_header(_SUFFIX.sub("", header.strip()))
    last = text.rpartition(" ")[2] if " " in text else ""
    if found := known.get(text) or known.get(without) or known.get(_LANGUAGE.sub("", text).strip()):
        return found
    if re.fullmatch(r"[\u3400-\u9fff]{1,8}名[稱称]", text):
        return known["名稱"]  # 組織名稱, 機關名稱
    # Headings over several columns come first: "Location Lat".
    return tuple(one for one in known.get(last, ()) if one.fit in {"latitude", "longitude"})


def find_class(title: str) -> str:
    """Return the well-known class that the rows of a table are a kind of, or the empty text.

    Examples:
        >>> find_class("Parks"), find_class("城市"), find_class("組織名冊"), find_class("Widgets")
        ('schema:Park', 'schema:City', 'org:Organization', '')
    """
    classes = {word: iri for iri, words in _read("classes.tsv")[1:] for word in words.split("; ")}
    text = normalize_header(title)
    shorter = _LIST.sub("", text).strip()
    return next((classes[t] for t in (text, singular(text), shorter, singular(shorter)) if t in classes), "")


def header_language(headers: Sequence[str]) -> str:
    """Return the language that most headers are written in, as far as well-known words tell; else the empty text.

    Examples:
        >>> header_language(["Name", "Adresse", "Gründungsjahr"]), header_language(["名稱"]), header_language(["foo"])
        ('de', 'zh', '')
    """
    counts: dict[str, float] = {}
    for header in headers:
        text = normalize_header(_SUFFIX.sub("", header.strip()))
        langs = {lang for one in well_known_terms() for lang, words in one.words.items() if text in words}
        for lang in langs:
            counts[lang] = counts.get(lang, 0.0) + 1 / len(langs)
    text = " ".join(headers)
    if re.search("[\u3040-\u30ff]", text):
        counts = {"ja": 1}
    elif re.search("[\uac00-\ud7af]", text):
        counts = {"ko": 1}
    elif len(re.findall("[\u3400-\u9fff]", text)) > 0.2 * len(text):
        counts = {"zh": 1}
    return max(counts, key=lambda lang: (counts[lang], lang == "en", lang), default="")


def script_language(text: str, lang: str) -> str:
    """Return the language of a text that should be in a language, but is in a script of its own: Chinese and its kind.

    Args:
        text: The text.
        lang: The language that it should be in.

    Examples:
        >>> script_language("名稱", "en"), script_language("机构", "en"), script_language("Name", "en")
        ('zh-Hant', 'zh-Hans', 'en')
        >>> script_language("名稱 (Name)", "en"), script_language("名稱", "ja"), script_language("人口", "de")
        ('en', 'ja', 'zh')
    """
    if lang.partition("-")[0] in {"zh", "ja", "ko"} or re.search(r"[A-Za-z\u00c0-\u024f]", text):
        return lang
    found = header_language([text])
    if found not in {"zh", "ja", "ko"} or not re.search("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", text):
        return lang
    if found != "zh":
        return found
    from opencc import OpenCC  # noqa: PLC0415 - slow to import

    if OpenCC("t2s").convert(text) != text:
        return "zh-Hant"
    return "zh-Hans" if OpenCC("s2t").convert(text) != text else "zh"
