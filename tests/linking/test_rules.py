"""Each kind of error that was found by looking at links, as a case: what is linked, and what is left to a person."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from glocal_rdf.linking.candidates import find_candidates
from glocal_rdf.linking.countries import TERRITORIES, iso_codes
from glocal_rdf.linking.decisions import decide
from glocal_rdf.linking.names import compare_words, fold_names, guess_language
from glocal_rdf.linking.namesakes import find_namesakes
from glocal_rdf.linking.things import make_things, page_of

Record = dict[str, Any]


def thing(*names: str, aliases: tuple[str, ...] = (), lang: str = "", **known: Any) -> Record:
    every = [(name, lang, "label") for name in names] + [(name, lang, "alias") for name in aliases]
    return {"id": "Q1", "label": names[0], "names": every, **known}


def link(ours: Record, *theirs: Record) -> tuple[bool, str | None]:
    """Return whether the best candidate is linked, and why it is not."""
    one = make_things([ours])
    others = make_things([{**other, "id": f"Q{number}"} for number, other in enumerate(theirs, 1)])
    found = decide(one, find_candidates(one, [(others, [])])).frame
    return (found["link"][0], found["reason"][0]) if found.height else (False, "nothing")


LINKED = (True, None)
AU = {"sites": ["https://au.example/"], "countries": ["ET"]}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        # A longer form of a name, at the front page that nobody else has; but not a part of the other one.
        (thing("Institute of Global Change", sites=["iai.example"]),
         thing("Institute of Global Change in Practice", sites=["https://www.iai.example/en/"]), LINKED),
        (thing("Union for Global Change", sites=["iai.example"]),
         thing("Union for Global Change Committee", sites=["iai.example"]), (False, "part of a name")),
        (thing("Union for Global Change", sites=["iai.example"]),
         thing("Union for Global Change (Bangladesh)", sites=["iai.example"]), (False, "part of a name")),
        (thing("Union for Global Change", sites=["iai.example"]),
         thing("Union for Global Change (Bangladesh)", aliases=("Union for Global Change",), sites=["iai.example"]),
         (False, "part of a name")),
        # A name in another language says nothing: the front page and the country do.
        (thing("欧洲联盟委员会", **AU), thing("European Commission", **AU), LINKED),
        (thing("Europäische Kommission der Wälder", lang="de", **AU), thing("European Commission of Forests", **AU),
         LINKED),
        (thing("欧洲联盟委员会", sites=["au.example"]), thing("European Commission", **AU), (False, "names differ")),
        (thing("欧洲联盟委员会", **AU), thing("European Commission", "歐洲議會", **AU), (False, "names differ")),
        (thing("Department of Space", **AU), thing("Research Organisation of India", **AU), (False, "names differ")),
        (thing("欧洲联盟委员会", sites=["https://au.example/commission"], countries=["ET"]),
         thing("European Commission", **AU), (False, "names differ")),
        # Subdomains of languages are the same site, though not for sure.
        (thing("Union of Ports", sites=["https://ar.ports.example/"]), thing("Union of Ports", sites=["ports.example"]),
         LINKED),
        (thing("Union of Ports", sites=["old.ports.example"]), thing("Union of Ports", sites=["ports.example"]),
         (False, "name alone")),
        # A name of an international body of four words has no namesake in another country; a ministry has.
        (thing("European Molecular Biology Infrastructure", countries=["NL"]),
         thing("European Molecular Biology Infrastructure"), LINKED),
        (thing("Ministry of Higher Education and Scientific Research", countries=["NL"]),
         thing("Ministry of Higher Education and Scientific Research"), (False, "name alone")),
        # Of long names one word tells them apart, however alike they are as a whole.
        (thing("United States Department of Justice", countries=["US"]),
         thing("United States Department of State", countries=["US"]), (False, "names differ")),
        (thing("Japan Audiological Society", countries=["JP"]), thing("Japan Radiological Society", countries=["JP"]),
         (False, "names differ")),
        (thing("Pittsburgh", countries=["US"]), thing("Pittsburg", countries=["US"]), (False, "names differ")),
        # A long acronym is a name, a short one is not.
        (thing("CGIAR", countries=["FR"]), thing("Consultative Group", "CGIAR", countries=["FR"]), LINKED),
        (thing("CGI", countries=["FR"]), thing("Consultative Group", "CGI", countries=["FR"]),
         (False, "below threshold")),
        # A territory is in the country that it belongs to.
        (thing("Pacific Community", countries=["FR"]), thing("Pacific Community", countries=["NC"]), LINKED),
        (thing("Pacific Community", countries=["US"]), thing("Pacific Community", countries=["NC"]),
         (False, "nothing")),
        (thing("Plymouth", countries=["GB"]), thing("Plymouth", countries=["MS"]), (False, "name alone")),
        (thing("Saint-Denis", countries=["FR"]), thing("Saint-Denis", countries=["RE"], lat=-20.88, lon=55.45),
         (False, "name alone")),
        # Two pages of one portal are two sites.
        (thing("Ministry of Agriculture of the Republic", sites=["gov.example/agri"], countries=["KZ"]),
         thing("Ministry of Internal Affairs of the Republic", sites=["gov.example/affairs"], countries=["KZ"]),
         (False, "names differ")),
        # The code of a region is not a part of the name, and does not tell its namesakes apart.
        (thing("Charlottesville, VA", countries=["US"]), thing("Charlottesville", countries=["US"]), LINKED),
        (thing("Plymouth, UK", countries=["GB"]), thing("Plymouth", countries=["MS"]), (False, "name alone")),
        (thing("Bucheon", countries=["KR"]), thing("Bucheon-si", countries=["KR"]), LINKED),
        (thing("Columbia, MO", countries=["US"]), thing("Columbia", countries=["US"]), (False, "namesakes")),
        (thing("City of Columbia", countries=["US"]), thing("Columbia", countries=["US"]), (False, "namesakes")),
        # A word that their name has and ours lacks, or an article, may be a part of it.
        (thing("Real", countries=["ES"]), thing("Ciudad Real", countries=["ES"]), (False, "part of a name")),
        (thing("Reno", countries=["US"]), thing("El Reno", countries=["US"]), (False, "part of a name")),
        (thing("Zwolle City", countries=["NL"]), thing("Zwolle", countries=["NL"]), LINKED),
        (thing("Frankfurt", countries=["DE"]), thing("Frankfurt (Oder)", aliases=("Frankfurt",), countries=["DE"]),
         (False, "part of a name")),
        # A name that GeoNames has for several places of the country, wherever the other one is.
        (thing("Columbia", countries=["US"]), thing("Columbia", countries=["US"]), (False, "namesakes")),
        (thing("Columbia", countries=["CO"]), thing("Columbia", countries=["CO"]), LINKED),
        (thing("Columbia", countries=["US"], lat=34.0, lon=-81.03),
         thing("Columbia", countries=["US"], lat=34.0007, lon=-81.0348), LINKED),
        (thing("Imperatriz", countries=["BR"]), thing("Itapipoca", aliases=("Imperatriz",), countries=["BR"]),
         (False, "namesakes")),
        (thing("Imperatriz", countries=["BR"]), thing("Imperatriz", countries=["BR"]), LINKED),
        (thing("Palmas", countries=["BR"]), thing("Palmas", countries=["BR"], lat=-26.48, lon=-51.99),
         (False, "namesakes")),
        (thing("Palmas", countries=["BR"]), thing("Palmas", countries=["BR"], lat=-10.21, lon=-48.36), LINKED),
        (thing("Columbia", countries=["US"], types=["organization"]),
         thing("Columbia", countries=["US"], types=["organization"]), LINKED),
    ],
)  # fmt: skip
def test_a_kind_of_error(ours: Record, theirs: Record, expected: tuple[bool, str | None]) -> None:
    assert link(ours, theirs) == expected


def test_a_front_page_has_one_owner_though_the_host_has_many_pages() -> None:
    parent = thing("Food Organization of the World", sites=["https://fao.example/"])
    part = thing("Codex of Foods", sites=["https://fao.example/codex"])
    assert link(thing("Food Organization of the World Nations", sites=["fao.example"]), parent, part) == LINKED
    other = thing("Another Thing", sites=["fao.example/en"])
    assert link(thing("Food Organization of the World Nations", sites=["fao.example"]), parent, other)[0] is False


def test_things_of_ours_with_one_long_name_are_rivals() -> None:
    names = ("European Molecular Biology Laboratory",)
    ours = make_things([{**thing(*names, countries=[code]), "id": code} for code in ("DE", "FR")])
    theirs = make_things([thing(*names)])
    found = decide(ours, find_candidates(ours, [(theirs, [])])).frame
    assert found["link"].to_list() == [False, False]


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://www.unesco.org/en", "unesco.org"),
        ("http://Unesco.org/index.html#top", "unesco.org"),
        ("https://example.org/zh-tw/", "example.org"),
        ("https://example.org/en/about/", "example.org/about"),
        ("https://facebook.com/Harbour", "facebook.com/harbour"),
        ("https://example.org/?id=7", "example.org/?id=7"),
        ("nowhere", None),
    ],
)
def test_the_page_of_an_address(address: str, page: str | None) -> None:
    assert pl.DataFrame({"a": [address]}).select(page_of(pl.col("a"))).item() == page


@pytest.mark.parametrize(
    ("name", "tag", "language"),
    [
        ("聯合國", "en", "Hani"), ("Організація", "", "Cyrl"), ("Agence de la mer et des ports", "", "fr"),
        ("Society of Ports", "", "en"), ("Society of Ports", "zh-Hant", "zh"), ("Zwolle", "", None),
        ("Zwolle", "mul", None), ("Gesellschaft der Städte", "", "de"),
    ],
)  # fmt: skip
def test_the_language_of_a_name(name: str, tag: str, language: str | None) -> None:
    folded = fold_names(pl.Series([name])).with_columns(lang=pl.lit(tag))
    assert folded.select(guess_language(pl.col("key"), pl.col("lang"))).item() == language


@pytest.mark.parametrize(
    ("ours", "theirs", "how"),
    [
        ("food agriculture organization", "food agriculture organization united nations", "beginning"),
        ("research institute peace", "stockholm research institute peace", "within"),
        ("world health organization", "world health organization regional office europe", "part"),
        ("union conservation nature", "union conservation nature bangladesh", "part"),
        ("schaarbeek", "schaerbeek", "similar"),
        ("harbour league", "harbor league", "similar"),
        ("justice department states united", "state department states united", "words"),
    ],
)
def test_how_names_are_alike(ours: str, theirs: str, how: str) -> None:
    letters = [name.replace(" ", "") for name in (ours, theirs)]
    value, found = compare_words(ours, theirs, *letters)
    assert found == how
    assert 0 < value < 1
    assert compare_words(theirs, ours, *reversed(letters)) == (value, how)


def test_the_table_of_namesakes_is_read_whole() -> None:
    codes = {row["alpha_2"] for row in iso_codes()}
    assert set(TERRITORIES) | set(TERRITORIES.values()) <= codes
    pairs = pl.DataFrame(
        {"thing": [0, 1], "candidate": [0, 0], "place": [True, True], "name": [1.0, 1.0], "key": ["columbia", "x"],
         "main": [True, True], "at_lat": [None, None], "at_lon": [None, None], "countries": [["US"], ["US"]]},
        schema_overrides={"at_lat": pl.Float64, "at_lon": pl.Float64},
    )  # fmt: skip
    assert find_namesakes(pairs)["namesake"].to_list() == [True, False]
