"""Words find what a person meant: by name in either script, by part, by text, and with a mistake."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf import Build
from glocal_rdf import find as find_in_build
from glocal_rdf.errors import QueryError
from glocal_rdf.search.fulltext import Found, search_things
from glocal_rdf.search.labels import normalize_name
from glocal_rdf.triples import Triples
from glocal_rdf.triples.terms import quote

GRAPH = Triples.parse(
    """@prefix : <https://example.org/id/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix dcterms: <http://purl.org/dc/terms/> . @prefix schema: <http://schema.org/> .
    :taipei a schema:Place ; skos:prefLabel "Taipei"@en , "臺北市"@zh-Hant ; skos:altLabel "台北"@zh-Hant .
    :taipei-county skos:prefLabel "Taipei County"@en , "臺北縣"@zh-Hant .
    :government skos:prefLabel "Taipei City Government"@en , "臺北市政府"@zh-Hant .
    :alliance skos:prefLabel "Cities Alliance"@en , "城市聯盟"@zh-Hant .
    :union skos:prefLabel "World Union of Cities"@en , "世界城市聯盟"@zh-Hant ;
      dcterms:description "Successor of IULA."@en .
    :uclg skos:prefLabel "United Cities and Local Governments"@en ; skos:altLabel "UCLG"@en ;
      skos:hiddenLabel "UCL G"@en .
    :energy skos:prefLabel "Energie-Cités"@fr , "Énergie"@fr .
    :theme skos:prefLabel "climate change"@en ;
      skos:definition "城市面對的氣候變遷"@zh-Hant , "a \\"hot\\" subject"@en .
    :sisters skos:prefLabel "國際姊妹市"@zh-Hant . :other schema:name "Taipei"@en . :mute skos:prefLabel "…"@en .
    :a schema:about :government . :b schema:about :government .
    :one skos:prefLabel "Springfield"@en . :two skos:prefLabel "Springfield"@en . :c schema:location :two .""",
    "turtle",
)


def find(words: str, limit: int = 10) -> list[Found]:
    return list(search_things(GRAPH, words, normalize_name, limit))


def told(words: str) -> list[tuple[str, str]]:
    return [(found.how, found.thing.rpartition("/")[2]) for found in find(words)]


def test_the_same_name_comes_before_its_beginning_before_its_part() -> None:
    assert told("Taipei") == [("exact", "taipei"), ("prefix", "taipei-county"), ("prefix", "government")]
    assert told("城市聯盟") == [("exact", "alliance"), ("part", "union")]
    assert told("Alliance") == [("part", "alliance")]


def test_names_come_before_texts() -> None:
    assert told("城市") == [("prefix", "alliance"), ("part", "union"), ("text", "theme")]


@pytest.mark.parametrize("words", ["台北市", "臺北市", "臺 北 市", "Ｔａｉｐｅｉ", "TAIPEI ", "臺北"])
def test_spellings_of_a_name_are_one(words: str) -> None:
    assert told(words)[0] == ("exact", "taipei")


@pytest.mark.parametrize("words", ["energie cites", "Energie-Cités", "ÉNERGIECITÉS"])
def test_accents_and_hyphens_are_let_go(words: str) -> None:
    assert told(words) == [("exact", "energy")]


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("Tapei", "taipei"),
        ("UCGL", "uclg"),
        ("untied cities", "uclg"),
        ("城市連盟", "alliance"),
        ("台比市", "taipei"),
        ("climat chnage", "theme"),
    ],
)
def test_mistakes_are_forgiven_where_nothing_else_fits(words: str, thing: str) -> None:
    first = find(words)[0]
    assert (first.how, first.thing.rpartition("/")[2]) == ("near", thing)
    assert 0.66 <= first.similarity < 1


@pytest.mark.parametrize(
    ("words", "as_if"),
    [
        ("城市联盟", "城市聯盟"),
        ("台北市", "臺北市"),
        ("城市面对的气候变迁", "城市面對的氣候變遷"),
        ("国际姐妹市", "國際姊妹市"),
    ],
)
def test_simplified_characters_find_what_traditional_ones_do(words: str, as_if: str) -> None:
    assert told(words) == told(as_if) != []


@pytest.mark.parametrize("words", ["网络", "網絡", "網路"])
def test_usage_of_taiwan_and_of_the_mainland_is_one(words: str) -> None:
    graph = Triples.parse(
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <x:internet> skos:prefLabel "網際網路"@zh-Hant . <x:network> skos:prefLabel "網絡關係"@zh-Hant .""",
        "turtle",
    )
    assert {found.thing for found in search_things(graph, words, normalize_name)} == {"x:internet", "x:network"}


def test_the_usage_that_was_asked_for_comes_first() -> None:
    names = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <x:a> skos:prefLabel "資訊社"@zh-Hant . <x:b> skos:prefLabel "信息社"@zh-Hant ."""
    graph = Triples.parse(names, "turtle")
    assert [found.thing for found in search_things(graph, "資訊", normalize_name)] == ["x:a", "x:b"]
    assert [found.thing for found in search_things(graph, "信息", normalize_name)] == ["x:b", "x:a"]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("Taipei counties", ("exact", "taipei-county")),
        ("city government", ("part", "government")),
        ("United City", ("prefix", "uclg")),
        ("world unions", ("prefix", "union")),
        ("climates changes", ("exact", "theme")),
    ],
)
def test_english_is_found_in_singular_and_plural(words: str, first: tuple[str, str]) -> None:
    assert told(words)[0] == first


@pytest.mark.parametrize("words", ["Taipei metro", "city of Taipei", "台北城"])
def test_a_name_that_is_half_of_the_words_is_found(words: str) -> None:
    assert told(words)[0] == ("within", "taipei")


def test_a_name_that_has_all_the_words_comes_before_one_within_them() -> None:
    names = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <x:alliance> skos:prefLabel "城市聯盟"@zh-Hant . <x:healthy> skos:prefLabel "臺灣健康城市聯盟"@zh-Hant ."""
    found = search_things(Triples.parse(names, "turtle"), "健康城市聯盟", normalize_name)
    assert [(one.how, one.thing) for one in found] == [("part", "x:healthy"), ("within", "x:alliance")]


@pytest.mark.parametrize("words", ["UCLG", "u.c.l.g.", "tcg", "TCG", "ca"])
def test_initials_find_a_name_of_several_words(words: str) -> None:
    expected = {"tcg": ("initials", "government"), "ca": ("initials", "alliance")}
    assert told(words)[0] == expected.get(words.lower(), ("exact", "uclg"))


def test_the_start_of_a_word_comes_before_its_middle() -> None:
    names = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <x:a> skos:prefLabel "reports"@en . <x:b> skos:prefLabel "a sister port"@en ."""
    found = search_things(Triples.parse(names, "turtle"), "port", normalize_name)
    assert [(one.how, one.thing) for one in found] == [("part", "x:b"), ("part", "x:a")]


def test_where_a_name_is_the_words_no_part_of_them_is_told() -> None:
    assert "within" not in [how for how, _ in told("Taipei County")]
    assert told("the Taipeians") == [("near", "taipei")]


@pytest.mark.parametrize(("words", "thing"), [("北市府", "government"), ("世联", "union"), ("臺府", "government")])
def test_chinese_names_are_found_by_what_they_are_shortened_to(words: str, thing: str) -> None:
    assert ("near", thing) in told(words)


def test_where_a_name_fits_what_is_only_like_it_is_not_told() -> None:
    assert "near" not in [how for how, _ in told("城市聯盟")]


def test_every_word_may_stand_elsewhere_of_a_thing() -> None:
    assert told("IULA 世界") == [("words", "union")]
    assert told("government taipei") == [("words", "government")]
    assert told("IULA 北京") == []


def test_what_matched_is_told_as_it_is_written() -> None:
    [found] = find("successor")
    assert (found.matched, found.property) == ("Successor of IULA.", "http://purl.org/dc/terms/description")
    assert found.names == {"en": "World Union of Cities", "zh-Hant": "世界城市聯盟"}
    assert (find("台北")[0].matched, find("台北")[0].classes) == ("台北", ("http://schema.org/Place",))


def test_of_equals_the_one_that_more_is_said_of_comes_first() -> None:
    assert told("Springfield") == [("exact", "two"), ("exact", "one")]


def test_one_letter_is_found_wherever_it_stands() -> None:
    assert {thing for _, thing in told("盟")} == {"alliance", "union"}
    assert told("縣") == [("part", "taipei-county")]


@pytest.mark.parametrize("words", ["", " ", "—。", "…", "\x00", "北京", "zzzz"])
def test_what_is_not_there_is_not_found(words: str) -> None:
    assert find(words) == []


@pytest.mark.parametrize(
    "words", ['"hot" OR name:*', "a' OR 1=1 --", "^ NEAR(x y)", "x" * 9999, "城市聯盟 " * 999, "\udc80"]
)
def test_words_are_never_a_query(words: str) -> None:
    assert all(found.how in {"words", "text", "part", "near"} for found in find(words))


@settings(deadline=None, max_examples=30)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), st.data())
def test_every_name_is_found_by_itself_and_by_any_part(name: str, data: st.DataObject) -> None:
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    graph = Triples.from_terms([("<https://example.org/x>", label, quote(name))])
    letters = [letter for letter in name if letter.isalnum()]
    found = search_things(graph, name, normalize_name)
    assert [one.how for one in found] == (["exact"] if letters else [])
    if letters:
        start = data.draw(st.integers(0, len(name) - 1))
        part = name[start : data.draw(st.integers(start + 1, len(name)))]
        if any(letter.isalnum() for letter in part):
            assert search_things(graph, part, str)


def test_the_limit_holds() -> None:
    assert [found.thing for found in find("Taipei", 2)] == [found.thing for found in find("Taipei")[:2]]
    assert find("Taipei", 0) == []


def test_a_python_without_full_text_search_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_: str, **_options: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("no such module: fts5")

    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(QueryError, match=r"no such module: fts5.*; use a Python whose SQLite has FTS5"):
        find("Taipei")


MEANT = """
    taipei: place/taipei | Taipei city: place/taipei | 台北: place/taipei | 臺北市: place/taipei
    Ｔａｉｐｅｉ: place/taipei | newyork: place/new-york-city | sao paulo: place/sao-paulo | 圣保罗: place/sao-paulo
    kaoshiung: place/kaohsiung | Barcelna: place/barcelona | Barceloan: place/barcelona | 巴賽隆納: place/barcelona
    韩国: place/south-korea | 台湾: place/taiwan | 意大利: place/italy | 卡塔尔: place/qatar
    washington dc: place/washington-dc | uclg: organization/uclg | u.c.l.g.: organization/uclg
    iclei: organization/iclei | who: organization/who | 世界卫生组织: organization/who | 世卫组织: organization/who
    世贸: organization/wto | wordl bank: organization/world-bank | 城市聯盟: organization/cities-alliance
    城市联盟: organization/cities-alliance | euro cities: organization/eurocities
    energie cites: organization/energie-cites | sister cities: organization/sci | 加拿大市政联盟: organization/fcm
    北市府: organization/taipei-city-government | taipei goverment: organization/taipei-city-government
    canadian municipalities: organization/fcm | 世界銀: organization/world-bank | clinton: person/bill-clinton
    克林顿: person/bill-clinton | wolfenson: person/james-d-wolfensohn | kun-i liu: person/liu-kun-i
    刘坤亿: person/liu-kun-i | Peirce Neal: person/neal-peirce | globalisation: theme/globalization
    全球化: theme/globalization | 全球在地化: theme/glocalization | sustainable cities: theme/sustainable-city
    slums: theme/slum | 贫民窟: theme/slum | 健康城市: theme/healthy-city | sister city: theme/sister-city-twin-town
    姊妹市: theme/sister-city-twin-town | 姐妹城市: theme/sister-city-twin-town
    国际组织: theme/international-organization | 气候变化: theme/climate-change | 氣候變化: theme/climate-change
    气候变迁: theme/climate-change | unemploment: theme/unemployment | 失业: theme/unemployment
    互联网: theme/internet | 城市外交: theme/city-diplomacy | 國際城市組識: theme/international-city-organization
    世界遗产: theme/world-heritage-site | 信息技术: trend/local-information-technology | 城市化: theme/urbanization
    网络: means/networks-and-partners | digital divide: impact/wider-digital-divide
    anti globalization: impact/anti-globalization-voices | 人口趋势: trend/population-trends
    rise of the local: trend/rise-of-the-local | doha round: trend/launch-of-the-doha-round
    Aalborg: agreement/aalborg-commitments | 阿尔堡公约: agreement/aalborg-commitments
    eu: organization/european-union | UN: organization/united-nations | US: place/united-states
    U.S.: place/united-states | LA: place/los-angeles | hk: place/hong-kong | nyc: place/new-york-city
    健康城市聯盟: organization/taiwan-alliance-for-healthy-cities | 欧盟: organization/european-union
    tsunami: event/phuket-tsunami | 海啸: event/phuket-tsunami | cold wars: event/cold-war
"""


@pytest.mark.parametrize(
    ("words", "thing"),
    [pair.strip().split(": ") for line in MEANT.split("\n") for pair in line.split(" | ") if pair.strip()],
)
def test_things_of_the_dataset_are_found_as_people_ask_for_them(built: Build, words: str, thing: str) -> None:
    assert thing in [found.thing.partition("/id/")[2] for found in find_in_build(built, words, 3)]
