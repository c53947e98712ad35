"""A word finds what it denotes, whatever its script, width or spelling."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glocal_rdf import Build, forms
from glocal_rdf.errors import QueryError
from glocal_rdf.search.labels import normalize_name, preferred_labels, resolve_name, resolve_name_or_raise
from glocal_rdf.triples import Triples

GRAPH = Triples.parse(
    """
@prefix : <https://example.org/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://example.org/id/place/taipei> skos:prefLabel "Taipei"@en, "臺北市"@zh-Hant ; skos:altLabel "台北"@zh-Hant .
<https://example.org/id/organization/uclg> skos:prefLabel "United Cities and Local Governments"@en ;
  skos:altLabel "UCLG"@en .
<https://example.org/id/theme/cities-alliance> skos:prefLabel "cities alliance"@en, "城市聯盟"@zh-Hant .
<https://example.org/id/organization/cities-alliance> skos:prefLabel "Cities Alliance"@en, "城市聯盟"@zh-Hant .
<https://example.org/terms#seat> rdfs:label "seat"@en .
""",
    "turtle",
)
PREFIXES = {"ex": "https://example.org/id/"}
TAIPEI = "https://example.org/id/place/taipei"
UCLG = "https://example.org/id/organization/uclg"
ALLIANCE = ["https://example.org/id/organization/cities-alliance", "https://example.org/id/theme/cities-alliance"]


@pytest.mark.parametrize(
    ("word", "things"),
    [
        (TAIPEI, [TAIPEI]),
        (f"<{TAIPEI}>", [TAIPEI]),
        ("ex:place/taipei", [TAIPEI]),
        ("place/taipei", [TAIPEI]),
        ("taipei", [TAIPEI]),
        ("台北市", [TAIPEI]),
        ("台 北", [TAIPEI]),
        ("ＵＣＬＧ", [UCLG]),
        ("united cities and local  governments", [UCLG]),
        ("seat", ["https://example.org/terms#seat"]),
        ("城市聯盟", ALLIANCE),
        ("城市联盟", ALLIANCE),
        ("cities-alliance", ALLIANCE),
        ("ipei", []),
        ("", []),
        ("<script>", []),
        ("\x00", []),
    ],
)
def test_a_word_denotes(word: str, things: list[str]) -> None:
    assert resolve_name(GRAPH, word, PREFIXES) == things


def test_a_word_that_denotes_nothing_leads_to_the_nearest_name() -> None:
    with pytest.raises(QueryError, match=r"nothing in the data is called 'Taipeh'; did you mean 'Taipei'\?"):
        resolve_name_or_raise(GRAPH, "Taipeh", PREFIXES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("臺北", "台北"),
        ("姊妹市", "姐妹市"),
        ("Energie-cités", "ENERGIE CITÉS"),
        ("２１", "21"),
        ("城市聯盟", "城市联盟"),
        ("國際組織", "国际组织"),
        ("後里", "后里"),
        ("隨著", "随着"),
        ("瞭解", "了解"),
        ("憑藉", "凭借"),
        ("頭髮", "头发"),
        ("\U0002b5bc", "\U0002b5bc"),
    ],
)
def test_spellings_fold_together(one: str, other: str) -> None:
    assert normalize_name(one) == normalize_name(other)


@given(st.text(st.characters(codec="utf-8")))
def test_a_form_is_final(text: str) -> None:
    """Chinese is folded one character at a time, so that a part of a name folds to a part of the folded name."""
    assert normalize_name(text) == "".join(map(normalize_name, unicodedata.normalize("NFKC", text)))


def test_names_of_different_things_do_not_become_one_by_script(built: Build) -> None:
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    names = {text for text in built.stated.match(predicate=label).frame["object"] if text.endswith("@zh-Hant")}
    spelled: dict[str, set[str]] = {}
    for name in names:
        spelled.setdefault(normalize_name(name), set()).add(name.translate(str.maketrans("臺姊", "台姐")))
    assert [forms for forms in spelled.values() if len(forms) > 1] == []


@pytest.mark.parametrize("word", ["Taipei", "Energie Cités", "２１"])
def test_latin_words_load_no_dictionary_of_chinese(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opencc", None)
    monkeypatch.setattr(forms, "_FORMS", forms._Forms())
    forms._simplifier.cache_clear()
    resolve_name(GRAPH, word, PREFIXES)
    with pytest.raises(ImportError):
        resolve_name(GRAPH, "臺北", PREFIXES)


def test_a_thing_is_called_by_its_name_in_the_language_or_else_in_english() -> None:
    assert preferred_labels(GRAPH, "zh-Hant")[f"<{TAIPEI}>"] == "臺北市"
    assert preferred_labels(GRAPH, "zh-Hant")[f"<{UCLG}>"] == "United Cities and Local Governments"
    assert preferred_labels(GRAPH, "en")["<https://example.org/terms#seat>"] == "seat"
